"""The money call: everything in this file runs after the operation was committed and before Saleor hears of it.

If the process dies on any line here, the row says `calling`, and the sweep repeats the identical call: with the same
reference id and the same parameters Amazon moves the money once. No other file calls authorize, capture, refund or
release.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from saleor_amazonpay.amazon.port import AuthorizeCall, CaptureCall, RefundCall
from saleor_amazonpay.amazon.regions import wallet_page
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    RefusedError,
    WireGoneError,
)
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Retry, Verdict
from saleor_amazonpay.flows import trouble
from saleor_amazonpay.flows.deps import Deps, Settled
from saleor_amazonpay.flows.found import book_capture
from saleor_amazonpay.flows.lapse import look_for_lapse
from saleor_amazonpay.flows.ledger import settle
from saleor_amazonpay.flows.patience import next_attempt
from saleor_amazonpay.store import agreements, at_amazon, operations
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.sql import Tx


class ReleaseCall(msgspec.Struct, frozen=True):
    """The parameters of a release. `also` are further reservations of the payment: a release gives up all of them."""

    authorization_id: str
    reason: str
    also: tuple[str, ...] = ()


class AgreementCall(msgspec.Struct, frozen=True):
    """The parameters of an agreement for later charges with nothing to pay today: is it good?"""

    agreement_id: str


Call = AgreementCall | AuthorizeCall | CaptureCall | RefundCall | ReleaseCall
Conclude = Callable[[Tx, Operation], bytes]
_TYPES: dict[Kind, type[Call]] = {
    Kind.AGREEMENT: AgreementCall,
    Kind.AUTHORIZE: AuthorizeCall,
    Kind.CHARGE: AuthorizeCall,
    Kind.CAPTURE: CaptureCall,
    Kind.REFUND: RefundCall,
    Kind.CANCEL: ReleaseCall,
}
_ON_RESERVATION = frozenset({Kind.CAPTURE, Kind.CANCEL})
# Amazon took its time and has reserved the money: the identical repeat takes it.
CAPTURE_DUE = "capture_due"
_RETRY_UNKNOWN_MS = 15_000
_RETRY_CREDENTIALS_MS = 60_000
_RETRY_GONE_MS = 3_600_000


def parameters(call: Call) -> str:
    """The exact parameters, as they stand in the ledger."""
    return msgspec.json.encode(call).decode()


def stored_call(operation: Operation) -> Call:
    """The call as it was fixed before it was made for the first time."""
    return msgspec.json.decode(operation.parameters, type=_TYPES[operation.kind])


def purchase_of(operation: Operation) -> str:
    """What an authorization charges instead of its agreement, if there is that."""
    call = stored_call(operation)
    return call.purchase_id if isinstance(call, AuthorizeCall) else ""


@dataclass(frozen=True, slots=True)
class _Unsent:
    """The call certainly did not reach Amazon, and means this unless somebody else has made it meanwhile."""

    outcome: Outcome
    later: _Later


@dataclass(frozen=True, slots=True)
class _Later:
    """No result now: the operation waits, and the sweep takes it up."""

    error: AmazonError
    wait_ms: int


async def perform(
    deps: Deps, operation: Operation, call: Call | None = None, conclude: Conclude | None = None
) -> Settled:
    """Make, or identically repeat, the call of an operation and write what came of it.

    Returns the row as it is then (still `calling` if the outcome is unknown, which the sweep takes up) and what
    `conclude` made of it in the same transaction.
    """
    made = call or stored_call(operation)
    result = await _attempt(deps, operation, made)
    if isinstance(result, _Later):
        return await deps.store.write(lambda tx: _postpone(tx, deps, operation, result))

    def unit(tx: Tx) -> tuple[Settled, tuple[Operation, AuthorizeCall] | None]:
        outcome = result
        if isinstance(outcome, _Unsent):
            present = operations.by_id(tx, operation.id)
            if present is None or present.tries != operation.tries:
                return _postpone(tx, deps, operation, outcome.later), None
            outcome = outcome.outcome
        row = settle(tx, deps, operation, _released(outcome) if isinstance(made, ReleaseCall) else outcome)
        if row.code == "already_captured":
            book_capture(tx, deps, row, outcome)
        follows = next_attempt(tx, deps, row, made) if isinstance(made, AuthorizeCall) else None
        if isinstance(made, AuthorizeCall) and made.purchase_id and row.paid:
            agreements.look_at(tx, row.agreement_id, deps.clock())  # a one-time purchase that may be over
        present = follows[0] if follows else row
        return (row, conclude(tx, present) if conclude is not None else None), follows

    settled, follows = await deps.store.write(unit)
    if follows is not None:
        deps.running.start(follows[0].id, perform(deps, *follows))
    if operation.kind in _ON_RESERVATION and settled[0].failed:
        await _reservation_gone(deps, operation)
    return settled


async def _attempt(deps: Deps, operation: Operation, call: Call) -> Outcome | _Later | _Unsent:  # noqa: PLR0911 - one per error
    """What Amazon's answer, or its silence, means for the operation."""
    try:
        return await _call(deps, operation, call)
    except OutcomeUnknownError as error:
        return _Later(error, _RETRY_UNKNOWN_MS)
    except NotExecutedError as error:
        if operation.tries or not operation.buyer_waits:
            return _Later(error, _RETRY_UNKNOWN_MS)
        # Certainly nothing happened, and the buyer is still there: better a new try by hand than one in their back.
        outcome = Outcome(Verdict(Phase.REPAIRABLE, "not_executed", Retry.NEW_ATTEMPT), message=error.message)
        return _Unsent(outcome, _Later(error, _RETRY_UNKNOWN_MS))
    except UnsealError as error:
        return _Later(AmazonError(operation.kind.value, "unsealed", str(error)), _RETRY_CREDENTIALS_MS)
    except CredentialsRejectedError as error:
        # Wrong keys say nothing about the payment: it waits until the merchant has mended them (money.md §5).
        return _Later(error, _RETRY_CREDENTIALS_MS)
    except WireGoneError as error:
        if operation.tries:
            # An earlier try may have reached Amazon. Nobody can ask any more: staff must look (money.md §5).
            return _Later(error, _RETRY_GONE_MS)
        return _Unsent(
            Outcome(Verdict(Phase.DECLINED, "wire_gone"), message=error.message), _Later(error, _RETRY_GONE_MS)
        )
    except RefusedError as error:
        return Outcome(Verdict(Phase.DECLINED, "refused"), message=error.message, reason=error.code)


async def _reservation_gone(deps: Deps, operation: Operation) -> None:
    """A capture or release was refused: Amazon gave the reservation up, or somebody else has taken it."""
    call = stored_call(operation)
    held_id = call.authorization_id if isinstance(call, CaptureCall | ReleaseCall) else ""
    found = await deps.store.read(lambda tx: at_amazon.of_object(tx, operation.account, held_id))
    held = next((one for one in found if one.reserved), None)
    if held is None:
        return
    try:
        await look_for_lapse(deps, held)
    except AmazonError as error:
        deps.log.warning("reservation not read", operation=held.id, amazon_code=error.code)


async def _call(deps: Deps, operation: Operation, call: Call) -> Outcome:
    account = await deps.directory.account_of(operation.profile_id)
    wire = deps.wires[operation.wire]
    patience = deps.timing.patience
    if isinstance(call, AgreementCall):
        return await wire.validate(account, call.agreement_id, patience)
    if isinstance(call, AuthorizeCall):
        return _with_wallet(operation, call, await wire.authorize(account, call, patience))
    if isinstance(call, CaptureCall):
        return await wire.capture(account, call, patience)
    if isinstance(call, RefundCall):
        return await wire.refund(account, call, patience)
    outcome = Outcome(Verdict(Phase.DONE, "released", effect=Effect.RELEASED))  # in our books alone
    for authorization_id in (*call.also, call.authorization_id):
        if authorization_id and outcome.verdict.effect is Effect.RELEASED:
            outcome = await wire.release(account, authorization_id, call.reason, patience)
    return outcome


def _with_wallet(operation: Operation, call: AuthorizeCall, outcome: Outcome) -> Outcome:
    """Staff who collect a rest are told where its buyer chooses another payment method (money.md §5)."""
    if outcome.verdict.retry is not Retry.CHANGE_METHOD or not operation.parent_id or call.purchase_id:
        return outcome
    page = wallet_page(call.agreement_id)
    return replace(outcome, message=f"{outcome.message} {page}".strip())


def _released(outcome: Outcome) -> Outcome:
    """A release that found the money taken released nothing (money.md §5)."""
    if outcome.verdict.effect is Effect.CAPTURED:
        return Outcome(Verdict(Phase.DECLINED, "already_captured"), object_id=outcome.object_id, state=outcome.state)
    return outcome


def _postpone(tx: Tx, deps: Deps, operation: Operation, later: _Later) -> Settled:
    deps.log.warning(
        "money call without a result", operation=operation.id, kind=operation.kind.value,
        amazon_code=later.error.code, request_id=later.error.request_id,
    )  # fmt: skip
    trouble.waits(tx, deps, operation, later.error)
    now = deps.clock()
    operations.postpone(tx, operation.id, now + later.wait_ms * 2 ** min(operation.tries, 8), now)
    return operations.by_id(tx, operation.id) or operation, None
