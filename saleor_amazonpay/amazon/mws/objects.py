"""Reading authorizations, captures and refunds, and finding one of them by our own reference id.

In come Amazon's ids, out come details with the request id of the answer. Only looks. MWS can be asked for an
order by our reference, but not for an authorization, capture or refund; each object lists what was made of it,
though, and each of those repeats its reference. "Not found" must never come of an answer that was not understood:
a charge may be given up because of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from saleor_amazonpay.amazon.mws import params
from saleor_amazonpay.amazon.mws.calls import MwsCalls
from saleor_amazonpay.amazon.mws.failures import Answer
from saleor_amazonpay.amazon.mws.shapes import AuthorizationDetails, CaptureDetails, OrderDetails, RefundDetails
from saleor_amazonpay.amazon.mws.xml import Node
from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.amazon.regions import region
from saleor_amazonpay.domain.errors import OutcomeUnknownError

# Seconds a read may be repeated in.
PATIENCE = 3.0

Details = TypeVar("Details", AuthorizationDetails, CaptureDetails, OrderDetails, RefundDetails)
Read = tuple[Details, str]  # with the request id


def order_in(answer: Answer) -> OrderDetails:
    """The order reference an answer is about. Raises OutcomeUnknownError if it has none."""
    return _details(answer, "OrderReferenceDetails", OrderDetails.of)


def authorization_in(answer: Answer) -> AuthorizationDetails:
    """The authorization an answer is about. Raises OutcomeUnknownError if it has none."""
    return _details(answer, "AuthorizationDetails", AuthorizationDetails.of)


def capture_in(answer: Answer) -> CaptureDetails:
    """The capture an answer is about. Raises OutcomeUnknownError if it has none."""
    return _details(answer, "CaptureDetails", CaptureDetails.of)


def refund_in(answer: Answer) -> RefundDetails:
    """The refund an answer is about. Raises OutcomeUnknownError if it has none."""
    return _details(answer, "RefundDetails", RefundDetails.of)


def _details(answer: Answer, name: str, of: Callable[[Node], Details]) -> Details:
    details = of(answer.require(name))
    if not details.amazon_id:
        # Amazon acted, and there is nothing the result could be stored under: the identical repeat will say.
        raise OutcomeUnknownError(answer.action, "UnreadableAnswer", f"no id in {name}", request_id=answer.request_id)
    return details


def _orders_in(answer: Answer) -> list[str]:
    """The order references of one page of a list. Raises OutcomeUnknownError if there is no list in it."""
    ids = [each.text("AmazonOrderReferenceId") for each in answer.require("OrderReferenceList").children()]
    if not all(ids):
        raise OutcomeUnknownError(
            answer.action, "UnreadableAnswer", "an order without an id", request_id=answer.request_id
        )
    return ids


class Objects:
    """The calls that only look: Get*Details and ListOrderReference. All raise AmazonError."""

    def __init__(self, calls: MwsCalls) -> None:
        self._calls = calls

    async def order(self, account: Account, object_id: str) -> OrderDetails:
        """GetOrderReferenceDetails."""
        return order_in(await self._get(account, "OrderReference", object_id))

    async def authorization(self, account: Account, object_id: str) -> Read[AuthorizationDetails]:
        """GetAuthorizationDetails."""
        answer = await self._get(account, "Authorization", object_id)
        return authorization_in(answer), answer.request_id

    async def capture(self, account: Account, object_id: str) -> Read[CaptureDetails]:
        """GetCaptureDetails."""
        answer = await self._get(account, "Capture", object_id)
        return capture_in(answer), answer.request_id

    async def refund(self, account: Account, object_id: str) -> Read[RefundDetails]:
        """GetRefundDetails."""
        answer = await self._get(account, "Refund", object_id)
        return refund_in(answer), answer.request_id

    async def find_authorization(
        self, account: Account, reference_id: str, order_id: str = ""
    ) -> Read[AuthorizationDetails] | None:
        """The authorization that carries our reference, of a known order or of those that have it as SellerOrderId."""
        if order_id:
            return await self._authorization_of(account, order_id, reference_id)
        answer = await self._orders_named(account, reference_id)
        seen: set[str] = set()
        # Read on only while nothing is found; the list ends where a page has nothing new, whatever token is on it.
        while fresh := [each for each in _orders_in(answer) if each not in seen]:
            for named in fresh:
                found = await self._authorization_of(account, named, reference_id)
                if found is not None:
                    return found
            seen.update(fresh)
            token = answer.result.text("NextPageToken")
            if not token:
                break
            answer = await self._calls.call(
                account, "ListOrderReferenceByNextToken", {"NextPageToken": token}, PATIENCE
            )
        return None

    async def find_order(self, account: Account, reference_id: str) -> OrderDetails | None:
        """The order reference whose SellerOrderId is our reference: there is at most one of a kind that we make."""
        named = _orders_in(await self._orders_named(account, reference_id))
        return await self.order(account, named[0]) if named else None

    async def find_capture(
        self, account: Account, parent: AuthorizationDetails, reference_id: str
    ) -> Read[CaptureDetails] | None:
        """The capture of an authorization that carries our reference, newest first."""
        for object_id in reversed(parent.capture_ids):
            read = await self.capture(account, object_id)
            if read[0].reference_id == reference_id:
                return read
        return None

    async def find_refund(
        self, account: Account, parent: CaptureDetails, reference_id: str
    ) -> Read[RefundDetails] | None:
        """The refund of a capture that carries our reference, newest first; there are at most ten."""
        for object_id in reversed(parent.refund_ids):
            read = await self.refund(account, object_id)
            if read[0].reference_id == reference_id:
                return read
        return None

    async def _orders_named(self, account: Account, reference_id: str) -> Answer:
        query = params.orders_named(reference_id, region(account.region).payment_domain)
        return await self._calls.call(account, "ListOrderReference", query, PATIENCE)

    async def _authorization_of(
        self, account: Account, order_id: str, reference_id: str
    ) -> Read[AuthorizationDetails] | None:
        order = await self.order(account, order_id)
        for object_id in reversed(order.authorization_ids):
            read = await self.authorization(account, object_id)
            if read[0].reference_id == reference_id:
                return read
        return None

    async def _get(self, account: Account, kind: str, object_id: str) -> Answer:
        return await self._calls.call(account, f"Get{kind}Details", {f"Amazon{kind}Id": object_id}, PATIENCE)
