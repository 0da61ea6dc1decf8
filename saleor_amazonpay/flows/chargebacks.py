"""Chargebacks: the buyer's bank takes money back, and sometimes the shop wins it again (money.md §5).

Nobody asks for one: Amazon's notice tells of it, and in v1 the notice is all the evidence there is. It is booked under
Amazon's id, once, with the profile's fee; it gives nothing back of the cap, and what it took can no longer be refunded.
A won one is a charge of its own in Saleor's books, which would also take it from what is still authorized: there an
adjustment puts that right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from saleor_amazonpay.amazon.port import Dispute
from saleor_amazonpay.domain.balance import balance, captures, granted, refundable
from saleor_amazonpay.domain.flaws import Flaw, FlawCode, FlawedError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Verdict
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.ledger import add_adjustment, settle
from saleor_amazonpay.flows.problems import raise_problem
from saleor_amazonpay.store import at_amazon, operations
from saleor_amazonpay.store.notices import StoredNotice
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_CHARGED_BACK = Verdict(Phase.DONE, "charged_back", effect=Effect.CHARGED_BACK)
_RETURNED = Verdict(Phase.DONE, "chargeback_won", effect=Effect.RETURNED)


class Terms(msgspec.Struct, frozen=True):
    """What a chargeback costs beside its amount: the profile's fee at that moment, minor units."""

    fee: int


def fee_of(parameters: str) -> int:
    """The fee that was booked with a chargeback, minor units, of the parameters it was booked with."""
    return msgspec.json.decode(parameters, type=Terms).fee


async def received(deps: Deps, notice: StoredNotice, *, last: bool) -> str:
    """Book a chargeback that a notice tells of: imported, known, unmatched or unknown. Raises AmazonError.

    Unmatched: the payment is known, its capture not yet. With `last` it is booked to the payment all the same, or staff
    are told that nobody can say to which.
    """
    profile = (await deps.directory.current()).profiles[notice.profile_id]
    told = deps.wires[profile.wire].notice(notice.message)
    family = await deps.store.read(
        lambda tx: at_amazon.of_payment(tx, notice.account, notice.order_reference, told.agreement_id)
    )
    if not family:
        return "unknown"
    profile = (await deps.directory.current()).profiles[family[0].profile_id]
    account = await deps.directory.account(profile)
    taken = {each.settled_id or each.object_id: each for each in captures(family)}
    dispute = await deps.wires[profile.wire].dispute(account, told, list(taken))

    def unit(tx: Tx) -> str:
        named = operations.by_id(tx, told.reference_id) if told.reference_id else None
        ours = named is not None and named.paid and named.account == notice.account
        capture = named if ours else taken.get(dispute.capture_id)
        if capture is None and not last:
            return "unmatched"
        return _book(tx, deps, profile, capture or _payment(family), capture, dispute)

    return await deps.store.write(unit)


def _payment(family: Sequence[Operation]) -> Operation:
    """The payment that a chargeback of no known capture is about, as far as that can be said."""
    if len({each.transaction_id for each in family}) == 1:
        return (captures(family) or family)[0]
    return replace(family[0], transaction_id="", source_id="")


async def chargeback_won(deps: Deps, tenant: Tenant, operation_id: str) -> Operation:
    """Staff heard from Amazon that a chargeback was won: the money is the shop's again. May be repeated.

    `operation_id` is the chargeback's id in the ledger. Returns the operation that gave the money back. Raises
    FlawedError if the tenant has no such chargeback, StoreUnavailableError.
    """

    def unit(tx: Tx) -> Operation:
        chargeback = operations.by_id(tx, operation_id)
        if chargeback is None or chargeback.tenant_id != tenant.id or chargeback.kind is not Kind.CHARGEBACK:
            text = "There is no chargeback with this id."
            raise FlawedError(
                [
                    Flaw(
                        "operation_id",
                        FlawCode.NOT_FOUND,
                        text,
                        "Give the id of an operation whose kind is CHARGEBACK.",
                    )
                ]
            )
        return _win(tx, deps, chargeback)[0]

    return await deps.store.write(unit)


def _book(tx: Tx, deps: Deps, profile: Profile, payment: Operation, capture: Operation | None, dispute: Dispute) -> str:
    tx.serialize(payment.tenant_id, payment.transaction_id)
    siblings = operations.of_transaction(tx, payment.tenant_id, payment.transaction_id)
    amount = dispute.amount
    if amount is None:  # nobody says how much: all that is left of the capture
        left = refundable(capture, siblings) if capture is not None else balance(siblings).refundable
        amount = Money(left, payment.currency)
    row = Operation.found(
        amazon_id=dispute.object_id,
        kind=Kind.CHARGEBACK,
        owner=payment.owner,
        parent_id=capture.id if capture is not None else "",
        amount=amount,
        order_reference=payment.order_reference,
        parameters=msgspec.json.encode(Terms(profile.chargeback_fee)).decode(),
        now=deps.clock(),
    )
    if not amount and operations.by_id(tx, row.id) is None:
        _tell_unbooked(tx, deps, row, dispute)
        return "unmatched"
    booked = bool(amount) and operations.enter(tx, replace(row, told="pending"))
    if booked:
        settle(tx, deps, row, Outcome(_CHARGED_BACK, dispute.object_id, message=dispute.reason))
        _tell_staff(tx, deps, row, capture, dispute)
    if dispute.won:
        known = operations.by_id(tx, row.id)
        booked = known is not None and _win(tx, deps, known)[1]
    return "imported" if booked else "known"


def _win(tx: Tx, deps: Deps, chargeback: Operation) -> tuple[Operation, bool]:
    """The operation that gives a chargeback's money back, and whether it is new."""
    tx.serialize(chargeback.tenant_id, chargeback.transaction_id)
    won_id = f"{chargeback.object_id}-won"
    siblings = operations.of_transaction(tx, chargeback.tenant_id, chargeback.transaction_id)
    row = Operation.found(
        amazon_id=won_id,
        kind=Kind.CHARGEBACK_WON,
        owner=chargeback.owner,
        parent_id=chargeback.id,
        amount=chargeback.money,
        order_reference=chargeback.order_reference,
        now=deps.clock(),
    )
    new = operations.enter(tx, replace(row, told="pending"))
    if new:
        settle(tx, deps, row, Outcome(_RETURNED, won_id))
        total = _authorized_total(siblings)
        if total is not None:
            add_adjustment(tx, deps, row, Money(total + row.amount, row.currency))
    return operations.by_id(tx, row.id) or row, new


def _authorized_total(operations_: Sequence[Operation]) -> int | None:
    """What Saleor holds as authorized before it subtracts what was taken; None if nothing is left of it.

    An adjustment is absolute, and each won chargeback so far has raised it (contracts, saleor §4.2). What is under way
    may come back, so it counts as left.
    """
    session = granted(operations_)
    decided = [one for one in operations_ if one.final]
    if session is None or not balance(decided).authorized:
        return None
    return session.amount + sum(one.amount for one in operations_ if one.kind is Kind.CHARGEBACK_WON)


def _tell_staff(tx: Tx, deps: Deps, row: Operation, capture: Operation | None, dispute: Dispute) -> None:
    """What a program cannot decide: how much it was, or of which capture."""
    if dispute.amount is not None and capture is not None and row.transaction_id:
        return
    where = f"on the Saleor transaction {row.transaction_id}" if row.transaction_id else "on no Saleor transaction"
    text = (
        f"A chargeback ({dispute.object_id}) is booked with {row.money} {where}, but Amazon did not say "
        f"{'how much it was' if dispute.amount is None else 'which of its captures it is about'}. "
        "Compare it with Seller Central."
    )
    raise_problem(tx, deps, row.tenant_id, f"chargeback:{row.id}", text)


def _tell_unbooked(tx: Tx, deps: Deps, row: Operation, dispute: Dispute) -> None:
    """Money was taken back, and there is no payment or no amount that it could be booked with."""
    where = (
        f"the Saleor transaction {row.transaction_id}" if row.transaction_id else "an agreement with several payments"
    )
    text = (
        f"There is a chargeback ({dispute.object_id}) on {where}, and Amazon did not say how much it was"
        f"{'' if row.transaction_id else ' nor of which of them'}. It is in no books here. Look it up in Seller "
        "Central, and correct the payment in Saleor."
    )
    raise_problem(tx, deps, row.tenant_id, f"chargeback:{row.id}", text)
