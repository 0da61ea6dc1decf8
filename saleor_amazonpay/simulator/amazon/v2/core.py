"""What the parts of the simulated Checkout v2 share: v1's core, the books of v2, and v2's notifications."""

from __future__ import annotations

import msgspec

from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.ipn_documents import Inner
from saleor_amazonpay.simulator.amazon.v2.entities import Charge, Dispute, PayBooks, Permission, Refund, State

Subject = Permission | Charge | Refund


class PayCore:
    """Time, ids, cards and delays are v1's; `books` are v2's own."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.books = PayBooks()

    def now(self) -> float:
        """Simulated epoch seconds."""
        return self.core.now()

    def move(self, subject: Subject, to: State) -> None:
        """Give an object a new state and tell its merchant."""
        subject.state = to
        self.announce(subject)

    def announce(self, subject: Subject | Dispute, kind: str = "STATE_CHANGE") -> None:
        """Tell the merchant to look at an object (contracts §5.8): no state is in it."""
        name, object_id, permission = _named(subject)
        merchant: Merchant = permission.merchant
        if not merchant.ipn_url:
            return
        message = {
            "MerchantID": merchant.seller_id,
            "ObjectType": name,
            "ObjectId": object_id,
            "ChargePermissionId": permission.permission_id,
            "NotificationType": kind,
            "NotificationId": self.core.ids.uuid(),
            "NotificationVersion": "V2",
        }
        inner = Inner(name, "", object_id, kind)
        self.core.notifications.add(merchant, inner, msgspec.json.encode(message).decode())


def _named(subject: Subject | Dispute) -> tuple[str, str, Permission]:
    match subject:
        case Permission():
            return "CHARGE_PERMISSION", subject.permission_id, subject
        case Charge():
            return "CHARGE", subject.charge_id, subject.permission
        case Refund():
            return "REFUND", subject.refund_id, subject.charge.permission
        case Dispute():
            return "CHARGEBACK", subject.dispute_id, subject.charge.permission
