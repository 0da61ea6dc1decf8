"""Objects that no call of ours need have made: what an id names, what it was made of, and what a notice claims.

In come ids that a notice or Saleor named, out come sightings. Only looks. A charge is reserved and taken under one id,
so a captured charge is a capture whose authorization has the same id, or the one it had in v1; an authorization of v1
stays one when it was captured, since that capture has an id of its own. A refund names its charge; no charge lists its
refunds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from saleor_amazonpay.amazon.port import Account, Dispute, Notice, Sighting
from saleor_amazonpay.amazon.v2 import ids, outcomes
from saleor_amazonpay.amazon.v2.objects import Objects
from saleor_amazonpay.amazon.v2.outcomes import AUTHORIZATION, CAPTURE
from saleor_amazonpay.amazon.v2.shapes import money
from saleor_amazonpay.domain.errors import CredentialsRejectedError, RefusedError
from saleor_amazonpay.domain.outcome import Effect

_REFUND = re.compile(r".{19}-R[0-9]{6}\Z")
_CHARGE = re.compile(r".{19}-[AC][0-9]{6}\Z")
_UNKNOWN = frozenset({"ResourceNotFound", "InvalidParameterValue"})
_WON = "MerchantWon"


class Sights:
    """`Wire.sight`, `Wire.dispute` and `Wire.confirms`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def sight(self, account: Account, object_id: str, among: Sequence[str]) -> Sighting | None:
        """The charge or refund an id names. Raises AmazonError."""
        try:
            if _REFUND.match(object_id):
                return await self._refund(account, object_id, among)
            return await self._charge(account, object_id, among) if _CHARGE.match(object_id) else None
        except RefusedError as error:
            if error.code in _UNKNOWN:
                return None
            raise

    async def dispute(self, account: Account, notice: Notice, among: Sequence[str]) -> Dispute:
        """GetDispute; where that is refused, the notice says only that there is one (contracts §5.4, §5.8)."""
        try:
            read, _ = await self._objects.dispute(account, notice.object_id)
        except CredentialsRejectedError:
            # Not every merchant may read disputes. If the keys are right, the agreement can be read.
            if not notice.agreement_id:
                raise
            await self._objects.permission(account, notice.agreement_id)
        except RefusedError:
            pass
        else:
            charge = _known(read.charge_id or "", among)
            won = read.resolution == _WON
            return Dispute(notice.object_id, money(read.dispute_amount), charge, read.filing_reason or "", won=won)
        # Of an old payment v1's notice still comes, and that does name reference and amount.
        named = notice.reference_id if notice.reference_id in among else ""
        alone = among[0] if len(among) == 1 else ""
        return Dispute(notice.object_id, notice.amount, named or alone, notice.reason)

    async def confirms(self, account: Account, notice: Notice) -> bool:  # noqa: ARG002 - as the port has it
        """Never: a notice of this format says nothing that its buyer could not know."""
        return False

    async def _charge(self, account: Account, object_id: str, among: Sequence[str]) -> Sighting:
        charge, request_id = await self._objects.charge(account, object_id)
        taken = outcomes.of_charge(CAPTURE, charge, request_id)
        captured = taken.verdict.effect is Effect.CAPTURED and ids.charge_id(object_id) == object_id
        return Sighting(
            "capture" if captured else "authorize",
            taken if captured else outcomes.of_charge(AUTHORIZATION, charge, request_id),
            money(charge.charge_amount),
            charge.reference_id,
            parent_id=_known(charge.charge_id, among) if captured else "",
            agreement_id=charge.charge_permission_id or "",
            refunded=money(charge.refunded_amount) if captured else None,
        )

    async def _refund(self, account: Account, object_id: str, among: Sequence[str]) -> Sighting:
        refund, request_id = await self._objects.refund(account, object_id)
        outcome = outcomes.of_refund(refund, request_id)
        return Sighting("refund", outcome, outcome.amount, parent_id=_known(refund.charge_id or "", among))


def _known(charge_id: str, among: Sequence[str]) -> str:
    """The id under which a charge is known: its own, or the one of the authorization it was in v1."""
    before = ids.authorization_id(charge_id)
    return before if before in among and charge_id not in among else charge_id
