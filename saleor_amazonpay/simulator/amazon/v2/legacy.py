"""What v1 made, as Checkout v2 shows it (contracts §0): agreements, order references, authorizations and captures.

In come mapped ids, out come records of v2 whose state is v1's at that moment. Acting on them acts on v1's own objects,
so both interfaces always say the same; v1's notifications go on telling of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import (
    Agreement,
    Authorization,
    Merchant,
    OrderReference,
    Status,
)
from saleor_amazonpay.simulator.amazon.entities import Refund as OldRefund
from saleor_amazonpay.simulator.amazon.life import order_expiry
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.v2.core import PayCore
from saleor_amazonpay.simulator.amazon.v2.entities import Charge, Permission, Refund, State
from saleor_amazonpay.simulator.amazon.v2.permissions import RECURRING_LIFE

_PERMISSION_STATES = {
    "Open": "Chargeable",
    "Suspended": "NonChargeable",
    "Closed": "Closed",
    "Canceled": "Closed",
}
_PERMISSION_REASONS = {
    "InvalidPaymentMethod": "PaymentMethodInvalid",
    "SellerClosed": "MerchantClosed",
    "SellerCanceled": "MerchantCanceled",
    "BuyerClosed": "BuyerClosed",
    "AmazonClosed": "AmazonClosed",
    "AmazonCanceled": "AmazonCanceled",
    "Expired": "Expired",
}
_DECLINES = {
    "AmazonRejected": "AmazonRejected",
    "ProcessingFailure": "ProcessingFailure",
    "TransactionTimedOut": "TransactionTimedOut",
}
_ENDS = {
    "ExpiredUnused": "ExpiredUnused",
    "AmazonClosed": "AmazonCanceled",
    "SellerClosed": "MerchantCanceled",
    "OrderReferenceCanceled": "ChargePermissionCanceled",
}
_REFUND_STATES: Mapping[str, str] = {"Pending": "RefundInitiated", "Completed": "Refunded", "Declined": "Declined"}


class Legacy:
    """Finds v1's objects by their ids of v2, and keeps one record of v2 for each."""

    def __init__(self, pay: PayCore, core: Core) -> None:
        self._pay = pay
        self._core = core

    def permission(self, merchant: Merchant, permission_id: str) -> Permission | None:
        """A billing agreement or order reference; None if there is none, or it is a draft."""
        books = self._core.books
        source = books.agreements.get(permission_id) or books.orders.get(permission_id)
        if source is None or source.merchant is not merchant or source.status.state == "Draft":
            return None
        known = self._pay.books.permissions.get(permission_id) or self._adopted(permission_id, source)
        known.card = source.card
        if known.state.name != "Closed" or source.status.state in {"Closed", "Canceled"}:
            known.state = _permission_state(source.status, known.state)
        return known

    def charge(self, merchant: Merchant, charge_id: str) -> Charge | None:
        """The authorization whose id it is with C for A, or the one its capture belongs to."""
        books = self._core.books
        capture = books.captures.get(charge_id)
        old = capture.authorization if capture is not None else books.authorizations.get(charge_id.replace("-C", "-A"))
        if old is None or old.order.merchant is not merchant:
            return None
        parent = old.order.agreement.agreement_id if old.order.agreement else old.order.order_id
        permission = self.permission(merchant, parent)
        if permission is None:
            return None
        known = self._pay.books.charges.get(charge_id)
        if known is None:
            known = Charge(
                charge_id, permission, old.amount, old.capture_now, may_pend=False, created_at=old.created_at,
                expires_at=old.expires_at, state=State("Authorized", old.created_at), card=old.card,
                soft_descriptor=old.soft_descriptor, metadata={"merchantReferenceId": old.reference_id}, old=old,
            )  # fmt: skip
            self._pay.books.charges[charge_id] = known
        self._refresh(known, old)
        return known

    def refund(self, merchant: Merchant, refund_id: str) -> Refund | None:
        """A refund of a capture."""
        old = self._core.books.refunds.get(refund_id)
        if old is None or old.capture.authorization.order.merchant is not merchant:
            return None
        charge = self.charge(merchant, old.capture.capture_id)
        return None if charge is None else self._refund(charge, old)

    def _refund(self, charge: Charge, old: OldRefund) -> Refund:
        known = self._pay.books.refunds.get(old.refund_id)
        if known is None:
            known = Refund(
                old.refund_id, charge, old.amount, old.soft_descriptor, old.created_at,
                State("RefundInitiated", old.created_at), old,
            )  # fmt: skip
            charge.refunds.append(known)
            self._pay.books.refunds[old.refund_id] = known
        reason = (old.status.reason,) if old.status.reason else ()
        known.state = State(_REFUND_STATES[old.status.state], old.status.at, reason)
        return known

    def _adopted(self, permission_id: str, source: Agreement | OrderReference) -> Permission:
        agreement = source if isinstance(source, Agreement) else None
        order = source if isinstance(source, OrderReference) else None
        total = order.total if order is not None and order.total is not None else None
        made = Permission(
            permission_id=permission_id,
            merchant=source.merchant,
            kind="Recurring" if agreement is not None else "OneTime",
            buyer=source.buyer,
            card=source.card,
            address=source.address,
            limit=agreement.limit if agreement is not None else total or Money.read("1", source.merchant.currency, ""),
            created_at=source.created_at,
            expires_at=order_expiry(order) if order is not None else source.created_at + RECURRING_LIFE,
            state=State("Chargeable", source.status.at),
            metadata={"merchantReferenceId": source.attributes.seller_id_text},
            agreement=agreement,
            order=order,
        )
        self._pay.books.permissions[permission_id] = made
        return made

    def _refresh(self, charge: Charge, old: Authorization) -> None:
        taken = [each for each in old.captures if each.status.state in {"Completed", "Closed"}]
        under_way = [each for each in old.captures if each.status.state == "Pending"]
        captures = taken or under_way
        charge.captured = captures[-1].amount if captures else None
        charge.state = _charge_state(old, taken=bool(taken), under_way=bool(under_way))
        for each in (refund for capture in taken for refund in capture.refunds):
            self._refund(charge, each)


def _permission_state(status: Status, known: State) -> State:
    name = _PERMISSION_STATES[status.state]
    if name == "Chargeable" and known.name == "NonChargeable":
        return known  # v2 found the method bad; the buyer has not chosen another
    reason = _PERMISSION_REASONS.get(status.reason, status.reason)
    return State(name, status.at, (reason,) if reason and name != "Chargeable" else (), status.description)


def _charge_state(old: Authorization, *, taken: bool, under_way: bool) -> State:
    status = old.status
    if taken:
        return State("Captured", status.at)
    if under_way:
        return State("CaptureInitiated", status.at)
    match status.state:
        case "Pending":
            return State("AuthorizationInitiated", status.at)
        case "Open":
            return State("Authorized", status.at)
        case "Declined":
            soft = "SoftDeclined" if old.soft_decline == "true" else "HardDeclined"
            return State("Declined", status.at, (_DECLINES.get(status.reason, soft),))
    return State("Canceled", status.at, (_ENDS.get(status.reason, "AmazonCanceled"),))
