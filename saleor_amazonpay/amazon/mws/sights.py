"""Objects that no call of ours need have made: what an id names, what it was made of, and what a notice claims.

In come ids that a notice or Saleor named, out come sightings. Only looks. v1 says of no capture which authorization,
and of no refund which capture it was made of, but each object lists what was made of it: the parent is the one of the
same order whose list has the id (contracts §1.7, §3.4).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence

from saleor_amazonpay.amazon.mws import outcomes
from saleor_amazonpay.amazon.mws.objects import Objects
from saleor_amazonpay.amazon.mws.outcomes import AUTHORIZATION
from saleor_amazonpay.amazon.mws.shapes import (
    AuthorizationDetails,
    CaptureDetails,
    RefundDetails,
    order_reference_of,
)
from saleor_amazonpay.amazon.port import Account, Dispute, Notice, Sighting
from saleor_amazonpay.domain.errors import RefusedError

_AUTHORIZATION, _CAPTURE, _REFUND = "A", "C", "R"
_OBJECT = re.compile(r"[A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}-([A-Z])[0-9]+\Z")
_UNKNOWN = frozenset({"InvalidTransactionId", "InvalidOrderReferenceId"})


def _letter(object_id: str) -> str:
    """What kind of object an id names: the letter after the order reference and a dash; empty if it is no id."""
    found = _OBJECT.match(object_id)
    return found[1] if found is not None else ""


def _of_kind(ids: Iterable[str], letter: str, order_reference: str) -> list[str]:
    """The ids of one kind on one order, each once, newest first."""
    mine = [each for each in dict.fromkeys(ids) if _letter(each) == letter and each.startswith(order_reference)]
    return mine[::-1]


class Sights:
    """`Wire.sight`, `Wire.dispute` and `Wire.confirms`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def sight(self, account: Account, object_id: str, among: Sequence[str]) -> Sighting | None:
        """The object an id names. Raises AmazonError."""
        readers = {_AUTHORIZATION: self._authorization, _CAPTURE: self._capture, _REFUND: self._refund}
        reader = readers.get(_letter(object_id))
        try:
            return None if reader is None else await reader(account, object_id, among)
        except RefusedError as error:
            if error.code in _UNKNOWN:
                return None
            raise

    async def dispute(self, account: Account, notice: Notice, among: Sequence[str]) -> Dispute:
        """A chargeback cannot be read in v1: its notice is the evidence (contracts §3.4).

        The capture it names by the reference of whoever made it; only the capture itself tells which that is.
        """
        found = notice.reference_id if notice.reference_id in among else ""
        for capture_id in _of_kind(among, _CAPTURE, notice.order_reference):
            if found or not notice.reference_id:
                break
            details, _ = await self._objects.capture(account, capture_id)
            found = capture_id if details.reference_id == notice.reference_id else ""
        return Dispute(notice.object_id, notice.amount, found, notice.reason)

    async def confirms(self, account: Account, notice: Notice) -> bool:
        """Reference, state and amount, and the millisecond of the last change, all as Amazon has them."""
        if notice.subject not in {"authorize", "capture", "refund"} or notice.updated_at is None:
            return False
        try:
            details = await self._details(account, notice.object_id)
        except RefusedError as error:
            if error.code in _UNKNOWN:
                return False
            raise
        said = (notice.reference_id, notice.amount, notice.state, notice.updated_at)
        status = details.status
        return said == (details.reference_id, details.amount, status.state, status.updated_at)

    async def _details(self, account: Account, object_id: str) -> AuthorizationDetails | CaptureDetails | RefundDetails:
        letter = _letter(object_id)
        if letter == _AUTHORIZATION:
            return (await self._objects.authorization(account, object_id))[0]
        if letter == _CAPTURE:
            return (await self._objects.capture(account, object_id))[0]
        return (await self._objects.refund(account, object_id))[0]

    async def _authorization(self, account: Account, object_id: str, among: Sequence[str]) -> Sighting:
        details, request_id = await self._objects.authorization(account, object_id)
        known = any(each.startswith(order_reference_of(object_id)) for each in among)
        order = None if known else await self._objects.order(account, order_reference_of(object_id))
        return Sighting(
            "authorize",
            outcomes.of_authorization(AUTHORIZATION, details, request_id),
            details.amount,
            details.reference_id,
            made_of_it=details.capture_ids,
            agreement_id=order.agreement_id if order else "",
        )

    async def _capture(self, account: Account, object_id: str, among: Sequence[str]) -> Sighting:
        details, request_id = await self._objects.capture(account, object_id)
        parent, agreement_id = "", ""
        async for authorization_id, on_agreement in self._authorizations(account, object_id, among):
            read, _ = await self._objects.authorization(account, authorization_id)
            if object_id in read.capture_ids:
                parent, agreement_id = authorization_id, on_agreement
                break
        return Sighting(
            "capture",
            outcomes.of_capture(details, request_id),
            details.amount,
            details.reference_id,
            parent,
            details.refund_ids,
            agreement_id,
        )

    async def _refund(self, account: Account, object_id: str, among: Sequence[str]) -> Sighting:
        details, request_id = await self._objects.refund(account, object_id)
        parent = ""
        async for capture_id in self._captures(account, object_id, among):
            read, _ = await self._objects.capture(account, capture_id)
            if object_id in read.refund_ids:
                parent = capture_id
                break
        return Sighting("refund", outcomes.of_refund(details, request_id), details.amount, details.reference_id, parent)

    async def _authorizations(
        self, account: Account, object_id: str, among: Sequence[str]
    ) -> AsyncIterator[tuple[str, str]]:
        """The authorizations of an object's order with the agreement of the order: first the known ones."""
        order_reference = order_reference_of(object_id)
        known = _of_kind(among, _AUTHORIZATION, order_reference)
        for authorization_id in known:
            yield authorization_id, ""
        order = await self._objects.order(account, order_reference)
        for authorization_id in _of_kind(order.authorization_ids, _AUTHORIZATION, order_reference):
            if authorization_id not in known:
                yield authorization_id, order.agreement_id

    async def _captures(self, account: Account, object_id: str, among: Sequence[str]) -> AsyncIterator[str]:
        """The captures of an object's order: first the known ones."""
        known = _of_kind(among, _CAPTURE, order_reference_of(object_id))
        for capture_id in known:
            yield capture_id
        async for authorization_id, _ in self._authorizations(account, object_id, ()):
            read, _ = await self._objects.authorization(account, authorization_id)
            for capture_id in reversed(read.capture_ids):
                if capture_id not in known:
                    yield capture_id
