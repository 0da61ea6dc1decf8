"""The money calls of v2, and reading what became of them (contracts §5.4 to §5.6).

In come the port's calls with reference ids fixed beforehand, which are their idempotency keys; out come outcomes. Money
moves in `authorize`, `capture` and `refund` alone. A first payment completes the checkout session that the buyer
confirmed; whatever Amazon answers to that, the session and its charge, read again, decide.
"""

from __future__ import annotations

from dataclasses import replace

from saleor_amazonpay.amazon.port import Account, AuthorizeCall, CaptureCall, RefundCall
from saleor_amazonpay.amazon.v2 import outcomes, sessions
from saleor_amazonpay.amazon.v2.agreements import Agreements
from saleor_amazonpay.amazon.v2.calls import V2Calls
from saleor_amazonpay.amazon.v2.ids import charge_id, child_key, order_of
from saleor_amazonpay.amazon.v2.objects import Objects
from saleor_amazonpay.amazon.v2.outcomes import AUTHORIZATION, CAPTURE, CHARGE, RELEASE, SLOW_CHARGE, Table
from saleor_amazonpay.amazon.v2.shapes import Charge, Refund, Session, money, price
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    OutcomeUnknownError,
    RefusedError,
)
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Outcome, Retry, Verdict

# Refusals of a capture that an unanswered attempt of the same call would cause for the next one.
_MAYBE_TAKEN = outcomes.UNRESOLVED | {"InvalidChargeStatus", "TransactionAmountExceeded", "TransactionCountExceeded"}

# Refusals of a completion that say no more than the canceled session itself.
_SAID_BY_THE_SESSION = frozenset(
    {"BuyerCanceled", "CheckoutSessionCanceled", "Declined", "InvalidCheckoutSessionStatus"}
)


class Payments:
    """Charges, captures and refunds; the methods are those of `Wire`."""

    def __init__(self, calls: V2Calls, agreements: Agreements) -> None:
        self._calls = calls
        self._agreements = agreements
        self._objects = Objects(calls)

    async def authorize(self, account: Account, call: AuthorizeCall, patience: float) -> Outcome:
        """CompleteCheckoutSession or CreateCharge; then the capture that Amazon leaves to us, if it is due.

        The identical repeat goes on where the first attempt stopped: every step has an idempotency key of its own,
        derived from the reference id.
        """
        made = await (self._complete if call.purchase_id else self._charge)(account, call, patience)
        if made.verdict is not outcomes.CAPTURE_DUE:
            return made
        return await self._take(account, call, made, patience)

    async def capture(self, account: Account, call: CaptureCall, patience: float) -> Outcome:
        """CaptureCharge."""
        return await self._captured(
            account,
            charge_id(call.authorization_id),
            call.amount,
            key=call.reference_id,
            descriptor=call.descriptor,
            simulation=call.simulation,
            patience=patience,
        )

    async def refund(self, account: Account, call: RefundCall, patience: float) -> Outcome:
        """CreateRefund. It takes no note: the reason given in Saleor stays there."""
        body: dict[str, object] = {"chargeId": charge_id(call.capture_id), "refundAmount": price(call.amount)}
        if call.descriptor:
            body["softDescriptor"] = call.descriptor[: sessions.DESCRIPTOR]
        try:
            answer = await self._calls.call(
                account, "CreateRefund", body=body, key=call.reference_id, simulation=call.simulation, patience=patience
            )
        except RefusedError as error:
            return _refund_refused(error)
        return outcomes.of_refund(answer.read(Refund), answer.request_id)

    async def release(self, account: Account, authorization_id: str, reason: str, patience: float) -> Outcome:
        """CancelCharge, then the charge as it is: that counts, not the answer to the call."""
        body = {"cancellationReason": reason[:255] or "released"}
        refusal: RefusedError | None = None
        try:
            await self._calls.call(account, "CancelCharge", charge_id(authorization_id), body, patience=patience)
        except CredentialsRejectedError:
            raise
        except RefusedError as error:
            refusal = error
        try:
            outcome = outcomes.of_charge(RELEASE, *await self._objects.charge(account, authorization_id))
        except AmazonError as error:
            if refusal is not None and _definite(error):
                return outcomes.of_refusal(refusal)
            raise _unknown("CancelCharge", error) from error
        if refusal is not None and outcome.state in {"Authorized", "AuthorizationInitiated"}:
            return outcomes.of_refusal(refusal)  # still reserved, and Amazon will not let go of it
        return outcome

    async def read_authorization(self, account: Account, object_id: str, *, capture_now: bool) -> Outcome:
        """GetCharge."""
        charge, request_id = await self._objects.charge(account, object_id)
        return outcomes.of_charge(_table(charge, capture_now=capture_now), charge, request_id)

    async def find(self, account: Account, reference_id: str, *, capture_now: bool, purchase_id: str) -> Outcome | None:
        """GetCheckoutSession, and its charge.

        A later charge cannot be looked for: nothing lists charges. A notice that carries our reference finds it.
        """
        if not purchase_id:
            return None
        try:
            session, request_id = await self._objects.session(account, purchase_id)
        except RefusedError as error:
            if error.code == "ResourceNotFound":
                return None  # kept for 30 days (contracts §5.5); what was never heard of by then was never made
            raise
        if session.status_details.name == "Open" or session.reference_id != reference_id:
            return None
        if session.status_details.name != "Completed":
            return outcomes.of_session(session, request_id)
        return await self._of_session(account, session, capture_now=capture_now)

    async def read_capture(self, account: Account, object_id: str) -> Outcome:
        """GetCharge, asked whether it was captured."""
        return outcomes.of_charge(CAPTURE, *await self._objects.charge(account, object_id))

    async def read_refund(self, account: Account, object_id: str) -> Outcome:
        """GetRefund."""
        return outcomes.of_refund(*await self._objects.refund(account, object_id))

    # ---- a first payment

    async def _complete(self, account: Account, call: AuthorizeCall, patience: float) -> Outcome:
        try:
            answer = await self._calls.call(
                account,
                "CompleteCheckoutSession",
                call.purchase_id,
                sessions.complete(call.amount),
                key=call.reference_id,
                simulation=call.simulation,
                patience=patience,
            )
        except CredentialsRejectedError:
            raise
        except RefusedError as error:
            return await self._completed_otherwise(account, call, error)
        return await self._of_session(account, answer.read(Session), capture_now=call.capture_now)

    async def _completed_otherwise(self, account: Account, call: AuthorizeCall, error: RefusedError) -> Outcome:
        """Complete was refused: an earlier attempt of ours may have completed it. The session says (money.md §4)."""
        try:
            session, request_id = await self._objects.session(account, call.purchase_id)
        except AmazonError as doubt:
            if _definite(doubt) and error.code not in outcomes.UNRESOLVED:
                return outcomes.of_refusal(error)
            raise _unknown("CompleteCheckoutSession", doubt) from doubt
        match session.status_details.name:
            case "Completed" if session.reference_id == call.reference_id and session.amount == call.amount:
                return await self._of_session(account, session, capture_now=call.capture_now)
            case "Completed":
                return outcomes.of_refusal(error, outcomes.SESSION_USED)
            case "Canceled":
                canceled = outcomes.of_session(session, request_id)
                # What Amazon said of the decline itself is more exact than that the session ended by it.
                exact = outcomes.REFUSALS.get(error.code)
                vague = error.code in _SAID_BY_THE_SESSION
                return canceled if exact is None or vague else outcomes.of_refusal(error, _anew(exact))
        if error.code in outcomes.UNRESOLVED:
            raise _unknown(error.operation, error) from error
        return outcomes.of_refusal(error)

    async def _of_session(self, account: Account, session: Session, *, capture_now: bool) -> Outcome:
        """The outcome of a completed session: its charge decides."""
        permission_id = session.charge_permission_id or ""
        if not session.charge_id:
            raise OutcomeUnknownError(
                "CompleteCheckoutSession", "UnreadableAnswer", "a completed session has no charge"
            )
        try:
            outcome = await self.read_authorization(account, session.charge_id, capture_now=capture_now)
        except AmazonError:
            # The charge exists: this must not look like a call that was never executed.
            outcome = Outcome(
                outcomes.PENDING,
                object_id=session.charge_id,
                settled_id=session.charge_id if capture_now else "",
                order_reference=order_of(session.charge_id),
                amount=session.amount,
            )
        return replace(outcome, agreement_id=outcome.agreement_id or permission_id)

    # ---- a later payment

    async def _charge(self, account: Account, call: AuthorizeCall, patience: float) -> Outcome:
        try:
            answer = await self._calls.call(
                account,
                "CreateCharge",
                body=_charge_body(call),
                key=call.reference_id,
                simulation=call.simulation,
                patience=patience,
            )
        except RefusedError as error:
            return await self._refused_charge(account, call, error)
        charge = answer.read(Charge)
        outcome = outcomes.of_charge(_table(charge, capture_now=call.capture_now), charge, answer.request_id)
        # A repeat is answered with the first answer, however old: what Amazon had not decided then is read.
        return await self._refreshed(account, outcome, call) if outcome.phase is Phase.PENDING else outcome

    async def _refreshed(self, account: Account, outcome: Outcome, call: AuthorizeCall) -> Outcome:
        try:
            return await self.read_authorization(account, outcome.object_id, capture_now=call.capture_now)
        except AmazonError:
            return outcome

    async def _refused_charge(self, account: Account, call: AuthorizeCall, error: RefusedError) -> Outcome:
        if error.code != "InvalidChargePermissionStatus":
            return _believed(error)
        try:
            view = await self._agreements.read(account, call.agreement_id)
        except AmazonError:
            view = None  # the refusal stands either way; only its finer meaning is lost
        if view is None:
            return outcomes.of_refusal(error)
        return replace(outcomes.of_refusal(error, outcomes.AGREEMENT_REFUSALS[view.state]), agreement_state=view.state)

    # ---- taking what is reserved

    async def _take(self, account: Account, call: AuthorizeCall, made: Outcome, patience: float) -> Outcome:
        """The capture of a charge that Amazon took its time to authorize: part of the same payment.

        Without an answer it stays due: the charge exists, so this must not look like a call that was never executed,
        and the identical repeat captures it under the same key.
        """
        try:
            taken = await self._captured(
                account,
                made.object_id,
                call.amount,
                key=child_key(call.reference_id, "capture"),
                descriptor=call.descriptor,
                simulation="",
                patience=patience,
            )
        except AmazonError as error:
            return replace(made, message=error.message or error.code)
        if taken.phase is Phase.DONE or (taken.phase is Phase.PENDING and taken.state != "Authorized"):
            return replace(taken, settled_id=made.object_id, agreement_id=made.agreement_id)
        # Not taken, and the money is still reserved: that is not a failed payment (money.md §3).
        return replace(made, verdict=outcomes.CAPTURE_FAILED, settled_id="", reason=taken.reason, message=taken.message)

    async def _captured(
        self,
        account: Account,
        charge: str,
        amount: Money,
        *,
        key: str,
        descriptor: str,
        simulation: str,
        patience: float,
    ) -> Outcome:
        body: dict[str, object] = {"captureAmount": price(amount)}
        if descriptor:
            body["softDescriptor"] = descriptor[: sessions.DESCRIPTOR]
        try:
            answer = await self._calls.call(
                account, "CaptureCharge", charge, body, key=key, simulation=simulation, patience=patience
            )
        except RefusedError as error:
            return await self._refused_capture(account, charge, amount, error)
        return outcomes.of_charge(CAPTURE, answer.read(Charge), answer.request_id)

    async def _refused_capture(self, account: Account, charge: str, amount: Money, error: RefusedError) -> Outcome:
        """A charge is captured once: if it is, with our amount, then an earlier attempt of ours did it."""
        if error.code not in _MAYBE_TAKEN:
            return _believed(error)
        try:
            read, request_id = await self._objects.charge(account, charge)
        except AmazonError as doubt:
            if _definite(doubt):
                return _believed(error)
            raise _unknown(error.operation, doubt) from doubt
        outcome = outcomes.of_charge(CAPTURE, read, request_id)
        state = read.status_details.name
        if state == "CaptureInitiated" or (state == "Captured" and money(read.capture_amount) == amount):
            return outcome
        if outcome.phase is Phase.GONE:
            return outcomes.of_refusal(error, outcome.verdict)  # expired or canceled: a new charge may follow
        return _believed(error)


def _charge_body(call: AuthorizeCall) -> dict[str, object]:
    """CreateCharge. Amazon captures at once only what it decides at once."""
    capture_now = call.capture_now and call.synchronous
    body: dict[str, object] = {
        "chargePermissionId": call.agreement_id,
        "chargeAmount": price(call.amount),
        "captureNow": capture_now,
        "canHandlePendingAuthorization": not call.synchronous,
        "merchantMetadata": {
            "merchantReferenceId": call.reference_id,
            **({"merchantStoreName": call.store_name[: sessions.STORE_NAME]} if call.store_name else {}),
            **({"noteToBuyer": call.note[:255]} if call.note else {}),
        },
    }
    if call.descriptor and capture_now:
        body["softDescriptor"] = call.descriptor[: sessions.DESCRIPTOR]
    return body


def _table(charge: Charge, *, capture_now: bool) -> Table:
    if not capture_now:
        return AUTHORIZATION
    return CHARGE if charge.capture_now else SLOW_CHARGE


def _anew(line: Verdict) -> Verdict:
    """A decline that ended its session: another method means another session, and no agreement is suspended."""
    if line.phase is not Phase.REPAIRABLE:
        return line
    return replace(line, retry=Retry.NEW_ATTEMPT)


def _refund_refused(error: RefusedError) -> Outcome:
    """A refund answers with few codes: a charge that is not captured, or has nothing left, cannot be refunded."""
    if error.code == "InvalidChargeStatus":
        return outcomes.of_refusal(error, outcomes.NOT_REFUNDABLE)
    return _believed(error)


def _believed(error: RefusedError) -> Outcome:
    """A refusal as an outcome. Raises for bad keys and for used idempotency keys, which may have moved money."""
    if isinstance(error, CredentialsRejectedError):
        raise error
    if error.code in outcomes.UNRESOLVED:
        raise _unknown(error.operation, error) from error
    return outcomes.of_refusal(error)


def _definite(error: AmazonError) -> bool:
    return isinstance(error, RefusedError) and not isinstance(error, CredentialsRejectedError)


def _unknown(operation: str, error: AmazonError) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        operation, error.code, error.message, http_status=error.http_status, request_id=error.request_id
    )
