"""Reading authorizations, captures and refunds, and finding one of them by our own reference id.

In come Amazon's ids, out come details with the request id of the answer. Only looks. MWS cannot be asked for
a capture or refund by our reference, but each object lists what was made of it, and each of those repeats its
reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from saleor_amazonpay.amazon.mws.calls import MwsCalls
from saleor_amazonpay.amazon.mws.failures import Answer
from saleor_amazonpay.amazon.mws.shapes import AuthorizationDetails, CaptureDetails, RefundDetails
from saleor_amazonpay.amazon.mws.xml import Node
from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.domain.errors import OutcomeUnknownError

# Seconds a read may be repeated in.
PATIENCE = 3.0

Details = TypeVar("Details", AuthorizationDetails, CaptureDetails, RefundDetails)
Read = tuple[Details, str]  # with the request id


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


class Objects:
    """The Get*Details calls. All raise AmazonError."""

    def __init__(self, calls: MwsCalls) -> None:
        self._calls = calls

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

    async def _get(self, account: Account, kind: str, object_id: str) -> Answer:
        return await self._calls.call(account, f"Get{kind}Details", {f"Amazon{kind}Id": object_id}, PATIENCE)
