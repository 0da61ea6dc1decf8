"""The money calls of v1, and reading what became of them (contracts §1.6, §1.8, §1.9).

In come the port's calls with reference ids fixed beforehand, out come outcomes. Money moves in `authorize`
(with CaptureNow), `capture` and `refund` alone. A refusal that an earlier attempt of ours could have caused
is believed only after looking whether Amazon has an object with our reference: the answer to that attempt may
have been lost.
"""

from __future__ import annotations

from dataclasses import replace

from saleor_amazonpay.amazon.mws import outcomes, params
from saleor_amazonpay.amazon.mws.agreements import Agreements
from saleor_amazonpay.amazon.mws.calls import MwsCalls
from saleor_amazonpay.amazon.mws.objects import Objects, authorization_in, capture_in, refund_in
from saleor_amazonpay.amazon.mws.orders import Orders
from saleor_amazonpay.amazon.mws.outcomes import AUTHORIZATION, CHARGE, RELEASE, Table
from saleor_amazonpay.amazon.mws.shapes import AuthorizationDetails
from saleor_amazonpay.amazon.port import Account, AuthorizeCall, CaptureCall, RefundCall
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    OutcomeUnknownError,
    RefusedError,
)
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome

# Refusals of a capture or refund that an unanswered attempt of the same call would cause for the next one.
_MAYBE_OURS = outcomes.UNRESOLVED | {
    "CaptureNotRefundable",
    "InvalidAuthorizationStatus",
    "TransactionAmountExceeded",
    "TransactionCountExceeded",
}


class Payments:
    """Authorizations, captures and refunds; the methods are those of `Wire`."""

    def __init__(self, calls: MwsCalls, agreements: Agreements, orders: Orders) -> None:
        self._calls = calls
        self._agreements = agreements
        self._orders = orders
        self._objects = Objects(calls)

    async def authorize(self, account: Account, call: AuthorizeCall, patience: float) -> Outcome:
        """AuthorizeOnBillingAgreement, or Authorize on the order reference of a one-time sale."""
        parameters = params.authorize(call, test_mode=account.test_mode)
        action = "Authorize" if call.purchase_id else "AuthorizeOnBillingAgreement"
        try:
            answer = await self._calls.call(account, action, parameters, patience)
        except RefusedError as error:
            return await self._refused_charge(account, call, error)
        table = CHARGE if call.capture_now else AUTHORIZATION
        outcome = await self._judged(account, authorization_in(answer), answer.request_id, table)
        order_reference = answer.result.text("AmazonOrderReferenceId")
        return replace(outcome, order_reference=order_reference or outcome.order_reference)

    async def capture(self, account: Account, call: CaptureCall, patience: float) -> Outcome:
        """Capture."""
        parameters = params.capture(call, test_mode=account.test_mode)
        try:
            answer = await self._calls.call(account, "Capture", parameters, patience)
        except RefusedError as error:
            return await self._refused_capture(account, call, error)
        return outcomes.of_capture(capture_in(answer), answer.request_id)

    async def refund(self, account: Account, call: RefundCall, patience: float) -> Outcome:
        """Refund."""
        parameters = params.refund(call, test_mode=account.test_mode)
        try:
            answer = await self._calls.call(account, "Refund", parameters, patience)
        except RefusedError as error:
            return await self._refused_refund(account, call, error)
        return outcomes.of_refund(refund_in(answer), answer.request_id)

    async def release(self, account: Account, authorization_id: str, reason: str, patience: float) -> Outcome:
        """CloseAuthorization, then the authorization as it is: that counts, not the answer to the call."""
        parameters = params.release(authorization_id, reason)
        refusal: RefusedError | None = None
        try:
            await self._calls.call(account, "CloseAuthorization", parameters, patience)
        except CredentialsRejectedError:
            raise
        except RefusedError as error:
            refusal = error
        try:
            details, request_id = await self._objects.authorization(account, authorization_id)
            outcome = await self._judged(account, details, request_id, RELEASE)
        except AmazonError as error:
            if refusal is not None and _definite(error):
                return outcomes.of_refusal(refusal)
            raise _unknown("CloseAuthorization", error) from error
        if refusal is not None and outcome.state in {"Open", "Pending"} and outcome.phase is Phase.PENDING:
            return outcomes.of_refusal(refusal)  # still reserved, and Amazon will not let go of it
        return outcome

    async def read_authorization(self, account: Account, object_id: str, *, capture_now: bool) -> Outcome:
        """GetAuthorizationDetails."""
        details, request_id = await self._objects.authorization(account, object_id)
        return await self._judged(account, details, request_id, CHARGE if capture_now else AUTHORIZATION)

    async def find(self, account: Account, reference_id: str, order_id: str, *, capture_now: bool) -> Outcome | None:
        """The order, or what ListOrderReference lists, then its authorizations; judged as `read_authorization` does."""
        found = await self._objects.find_authorization(account, reference_id, order_id)
        return None if found is None else await self._judged(account, *found, CHARGE if capture_now else AUTHORIZATION)

    async def read_capture(self, account: Account, object_id: str) -> Outcome:
        """GetCaptureDetails."""
        return outcomes.of_capture(*await self._objects.capture(account, object_id))

    async def read_refund(self, account: Account, object_id: str) -> Outcome:
        """GetRefundDetails."""
        return outcomes.of_refund(*await self._objects.refund(account, object_id))

    async def _judged(self, account: Account, details: AuthorizationDetails, request_id: str, table: Table) -> Outcome:
        """The outcome by the table, or by the capture where the authorization names one without being paid.

        Such a capture is pending (contracts §8 no. 21) or declined, or Amazon's two objects are not in step
        yet: money may be on its way, so the capture decides. A plain reservation that is open stays one.
        """
        outcome = outcomes.of_authorization(table, details, request_id)
        if not details.capture_ids or outcome.verdict.effect is Effect.CAPTURED:
            return outcome
        if table is AUTHORIZATION and outcome.verdict.effect is Effect.AUTHORIZED:
            return outcome
        capture_id = details.capture_ids[-1]
        try:
            capture = await self.read_capture(account, capture_id)
        except AmazonError:
            # The authorization exists: this must not look like a call that was never executed.
            return replace(outcome, verdict=outcomes.PENDING, settled_id=capture_id)
        if capture.phase not in {Phase.DONE, Phase.PENDING}:
            return outcome
        amount = capture.amount or outcome.amount
        return replace(outcome, verdict=capture.verdict, settled_id=capture_id, amount=amount)

    async def _refused_charge(self, account: Account, call: AuthorizeCall, error: RefusedError) -> Outcome:
        if error.code not in {"InvalidBillingAgreementStatus", "InvalidOrderReferenceStatus"}:
            return _believed(error)
        try:
            found = await self._state_of_charged(account, call)
        except AmazonError:
            found = None  # the refusal stands either way; only its finer meaning is lost
        return outcomes.of_refused_charge(error, found)

    async def _state_of_charged(self, account: Account, call: AuthorizeCall) -> AgreementState | None:
        if call.purchase_id:
            return await self._orders.read(account, call.purchase_id)
        view = await self._agreements.read(account, call.agreement_id)
        return None if view is None else view.state

    async def _refused_capture(self, account: Account, call: CaptureCall, error: RefusedError) -> Outcome:
        if error.code not in _MAYBE_OURS:
            return _believed(error)
        try:
            parent, _ = await self._objects.authorization(account, call.authorization_id)
            found = await self._objects.find_capture(account, parent, call.reference_id)
        except AmazonError as doubt:
            return _unread(error, doubt)
        if found is not None:
            return outcomes.of_capture(*found)
        ended = outcomes.of_authorization(AUTHORIZATION, parent).verdict
        if error.code == "InvalidAuthorizationStatus" and ended.phase is Phase.GONE:
            return outcomes.of_refusal(error, ended)  # expired or closed: a new authorization may follow
        return _believed(error)

    async def _refused_refund(self, account: Account, call: RefundCall, error: RefusedError) -> Outcome:
        if error.code not in _MAYBE_OURS:
            return _believed(error)
        try:
            parent, _ = await self._objects.capture(account, call.capture_id)
            found = await self._objects.find_refund(account, parent, call.reference_id)
        except AmazonError as doubt:
            return _unread(error, doubt)
        if found is not None:
            return outcomes.of_refund(*found)
        ended = outcomes.CAPTURE_ENDS.get(parent.status.reason) if error.code == "CaptureNotRefundable" else None
        return outcomes.of_refusal(error, ended) if ended is not None else _believed(error)


def _believed(error: RefusedError) -> Outcome:
    """A refusal as an outcome. Raises for bad keys and for used references, which may have moved money."""
    if isinstance(error, CredentialsRejectedError):
        raise error
    if error.code in outcomes.UNRESOLVED:
        raise _unknown(error.operation, error) from error
    return outcomes.of_refusal(error)


def _unread(refusal: RefusedError, error: AmazonError) -> Outcome:
    """What a refusal is worth if our object could not be looked for: nothing, unless it has no parent."""
    if _definite(error):
        return _believed(refusal)
    raise _unknown(refusal.operation, error) from error


def _definite(error: AmazonError) -> bool:
    return isinstance(error, RefusedError) and not isinstance(error, CredentialsRejectedError)


def _unknown(operation: str, error: AmazonError) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        operation, error.code, error.message, http_status=error.http_status, request_id=error.request_id
    )
