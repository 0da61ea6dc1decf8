"""What v1's sandbox plays when a note field asks for it (contracts §2)."""

from __future__ import annotations

import json

from saleor_amazonpay.amazon.port import Simulation


def _simulation(call: str, code: str, title: str, **wanted: object) -> Simulation:
    return Simulation(call, code, title, json.dumps({"SandboxSimulation": wanted}, separators=(",", ":")))


_INVALID = {"State": "Declined", "ReasonCode": "InvalidPaymentMethod"}
_REJECTED = {"State": "Declined", "ReasonCode": "AmazonRejected"}
_CLOSED = {"State": "Closed", "ReasonCode": "AmazonClosed"}

SIMULATIONS: tuple[Simulation, ...] = (
    _simulation("authorize", "hard_decline", "The payment method is declined", **_INVALID, SoftDecline="false"),
    _simulation("authorize", "soft_decline", "The bank does not approve this time", **_INVALID, SoftDecline="true"),
    _simulation(
        "authorize", "method_updated", "Declined; five minutes later the buyer has chosen another method",
        **_INVALID, PaymentMethodUpdateTimeInMins=5,
    ),
    _simulation("authorize", "amazon_rejected", "Amazon rejects the payment", **_REJECTED),
    _simulation(
        "authorize", "timed_out", "Amazon cannot decide in time", State="Declined", ReasonCode="TransactionTimedOut"
    ),
    _simulation(
        "authorize", "expires", "Reserved, and expired unused after a minute",
        State="Closed", ReasonCode="ExpiredUnused", ExpirationTimeInMins=1,
    ),
    _simulation("authorize", "amazon_closed", "Amazon closes the reservation", **_CLOSED),
    _simulation("capture", "pending", "The capture is pending, and completed later", State="Pending"),
    _simulation("capture", "amazon_rejected", "Amazon rejects the capture", **_REJECTED),
    _simulation("capture", "amazon_closed", "Amazon closes the capture", **_CLOSED),
    _simulation("refund", "amazon_rejected", "Amazon rejects the refund", **_REJECTED),
)  # fmt: skip
