"""What v2's sandbox plays when a header asks for it (contracts §5.7); for refunds nobody has published any."""

from __future__ import annotations

from saleor_amazonpay.amazon.port import Simulation

SIMULATIONS: tuple[Simulation, ...] = tuple(
    Simulation(call, code, title, value)
    for call, code, title, value in (
        ("authorize", "soft_decline", "The bank does not approve this time", "SoftDeclined"),
        ("authorize", "hard_decline", "The payment method is declined", "HardDeclined"),
        ("authorize", "amazon_rejected", "Amazon rejects the payment", "AmazonRejected"),
        ("authorize", "timed_out", "Amazon cannot decide in time", "TransactionTimedOut"),
        ("authorize", "pending", "The capture is pending, and completed later", "CaptureInitiated"),
        ("capture", "pending", "The capture is pending, and completed later", "CaptureInitiated"),
        ("capture", "amazon_rejected", "Amazon rejects the capture", "AmazonRejected"),
    )
)
