"""Reports: the settlement of a period, as a flat file (contracts §5.4).

In come a merchant's books of both interfaces, out comes one line for each capture, refund and chargeback with Amazon's
fees, which a shop can reconcile its own with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.v2.entities import Report
from saleor_amazonpay.simulator.amazon.v2.errors import invalid

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.v2.pay import Pay

SETTLEMENT = "_GET_FLAT_FILE_OFFAMAZONPAYMENTS_SETTLEMENT_DATA_"
KINDS = frozenset({SETTLEMENT})
COLUMNS = (
    "TransactionPostedDate", "SettlementId", "AmazonTransactionId", "SellerReferenceId", "TransactionType",
    "AmazonOrderReferenceId", "SellerOrderId", "StoreName", "CurrencyCode", "TransactionDescription",
    "TransactionAmount", "TransactionPercentageFee", "TransactionFixedFee", "TotalTransactionFee",
    "NetTransactionAmount",
)  # fmt: skip
PERCENT = Decimal("0.029")
FIXED = Decimal("0.30")
CHARGEBACK_FEE = Decimal("20.00")


@dataclass(frozen=True, slots=True)
class _Movement:
    at: float
    object_id: str
    reference: str
    kind: str  # Capture, Refund, Chargeback
    amount: Money


def make(pay: Pay, merchant: Merchant, kind: str, start: str, end: str) -> Report:
    """Make a report of a period; it is finished at once. Raises PayError."""
    if kind not in KINDS:
        raise invalid("reportType", kind)
    now = pay.core.now()
    first, last = (moment_of(start) if start else 0.0), (moment_of(end) if end else now)
    draw = pay.world.ids
    report_id = draw.uuid()
    found = [each for each in _movements(pay, merchant) if first <= each.at <= last]
    text = _written(report_id, sorted(found, key=lambda each: each.at))
    made = Report(report_id, merchant, kind, first, last, now, draw.uuid(), text)
    pay.books.reports[report_id] = made
    return made


def moment_of(text: str) -> float:
    """ISO 8601, with or without punctuation, as epoch seconds. Raises PayError."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise invalid("time", text) from error


def _movements(pay: Pay, merchant: Merchant) -> Iterator[_Movement]:
    yield from _captures(pay, merchant)
    yield from _refunds(pay, merchant)
    for dispute in pay.books.disputes.values():
        if dispute.charge.permission.merchant is merchant:
            yield _Movement(dispute.created_at, dispute.dispute_id, "", "Chargeback", dispute.amount)
    for back in pay.world.books.chargebacks.values():
        if back.capture.authorization.order.merchant is merchant:
            yield _Movement(back.created_at, back.chargeback_id, "", "Chargeback", back.amount)


def _captures(pay: Pay, merchant: Merchant) -> Iterator[_Movement]:
    for charge in pay.books.charges.values():
        own = charge.permission.merchant is merchant and charge.old is None
        if own and charge.state.name == "Captured" and charge.captured is not None:
            reference = str(charge.metadata.get("merchantReferenceId") or "")
            yield _Movement(charge.state.at, charge.charge_id, reference, "Capture", charge.captured)
    for capture in pay.world.books.captures.values():
        if capture.authorization.order.merchant is merchant and capture.status.state in {"Completed", "Closed"}:
            yield _Movement(capture.status.at, capture.capture_id, capture.reference_id, "Capture", capture.amount)


def _refunds(pay: Pay, merchant: Merchant) -> Iterator[_Movement]:
    for refund in pay.books.refunds.values():
        charge = refund.charge
        if charge.permission.merchant is merchant and refund.old is None and refund.state.name == "Refunded":
            reference = str(charge.metadata.get("merchantReferenceId") or "")
            yield _Movement(refund.state.at, refund.refund_id, reference, "Refund", refund.amount)
    for old in pay.world.books.refunds.values():
        if old.capture.authorization.order.merchant is merchant and old.status.state == "Completed":
            yield _Movement(old.status.at, old.refund_id, old.reference_id, "Refund", old.amount)


def _written(report_id: str, movements: list[_Movement]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in movements:
        writer.writerow(_line(report_id, each))
    return out.getvalue()


def _line(report_id: str, each: _Movement) -> tuple[str, ...]:
    digits = Decimal(1) if each.amount.currency == "JPY" else Decimal("0.01")
    sign = 1 if each.kind == "Capture" else -1
    amount = sign * each.amount.amount
    percent = -(amount * PERCENT).quantize(digits, ROUND_HALF_UP) if each.kind != "Chargeback" else Decimal(0)
    fixed = {"Capture": -FIXED, "Refund": Decimal(0), "Chargeback": -CHARGEBACK_FEE}[each.kind].quantize(digits)
    total = percent + fixed
    posted = datetime.fromtimestamp(each.at).astimezone().isoformat(timespec="seconds")
    return (
        posted, report_id, each.object_id, each.reference, each.kind, each.object_id[:19], each.reference, "",
        each.amount.currency, "", str(amount), str(percent), str(fixed), str(total), str(amount + total),
    )  # fmt: skip
