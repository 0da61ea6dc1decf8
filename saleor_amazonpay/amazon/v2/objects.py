"""Reading sessions, permissions, charges, refunds and disputes. All raise AmazonError; nothing here moves anything."""

from __future__ import annotations

from typing import TypeVar

from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.amazon.v2 import ids
from saleor_amazonpay.amazon.v2.calls import PATIENCE, V2Calls
from saleor_amazonpay.amazon.v2.shapes import Charge, Dispute, Permission, Refund, Session

Shape = TypeVar("Shape", Session, Permission, Charge, Refund, Dispute)
Read = tuple[Shape, str]  # with the request id


class Objects:
    """The calls that only look, by Amazon's ids; ids of v1 are read as what they are called here."""

    def __init__(self, calls: V2Calls) -> None:
        self._calls = calls

    async def session(self, account: Account, session_id: str, patience: float = PATIENCE) -> Read[Session]:
        """GetCheckoutSession."""
        return await self._get(account, "GetCheckoutSession", session_id, Session, patience)

    async def permission(self, account: Account, permission_id: str, patience: float = PATIENCE) -> Read[Permission]:
        """GetChargePermission."""
        return await self._get(account, "GetChargePermission", permission_id, Permission, patience)

    async def charge(self, account: Account, object_id: str) -> Read[Charge]:
        """GetCharge."""
        return await self._get(account, "GetCharge", ids.charge_id(object_id), Charge)

    async def refund(self, account: Account, object_id: str) -> Read[Refund]:
        """GetRefund."""
        return await self._get(account, "GetRefund", object_id, Refund)

    async def dispute(self, account: Account, object_id: str) -> Read[Dispute]:
        """GetDispute; not every merchant may."""
        return await self._get(account, "GetDispute", object_id, Dispute)

    async def _get(
        self, account: Account, action: str, object_id: str, kind: type[Shape], patience: float = PATIENCE
    ) -> Read[Shape]:
        answer = await self._calls.call(account, action, object_id, patience=patience)
        return answer.read(kind), answer.request_id
