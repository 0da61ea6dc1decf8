"""How a payment that was found again enters the ledger: its session, captures, refunds, releases and chargebacks.

Amazon's objects give the amounts; Saleor's events say what was told of them, and are the only trace of what Amazon
has no object for, or none that can be found: a rest that was given up, a chargeback of v1, and a refund that Saleor
knows by our reference on a wire that neither lists refunds nor looks them up. Part of one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import msgspec

from saleor_amazonpay.amazon.port import AuthorizeCall, Sighting
from saleor_amazonpay.domain import holding
from saleor_amazonpay.domain.cap import month_in
from saleor_amazonpay.domain.holding import Takeover
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import FAILED, Kind, Operation, Owner, Phase, reference_id
from saleor_amazonpay.domain.outcome import Effect, Outcome, Verdict
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows import reservation
from saleor_amazonpay.flows.chargebacks import Terms
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.ledger import settle
from saleor_amazonpay.saleor.payloads import EventView
from saleor_amazonpay.store import at_amazon, operations
from saleor_amazonpay.store.sql import Tx

_RESERVED = Verdict(Phase.DONE, "ok", effect=Effect.AUTHORIZED)
_RELEASED = Verdict(Phase.DONE, "released", effect=Effect.RELEASED)
_REFUNDED = Verdict(Phase.DONE, "ok", effect=Effect.REFUNDED)
_CHARGED_BACK = Verdict(Phase.DONE, "charged_back", effect=Effect.CHARGED_BACK)
_RETURNED = Verdict(Phase.DONE, "chargeback_won", effect=Effect.RETURNED)
_WON = "-won"
_MOST_PARTS = 10  # of refunds that may be parts of another; all sums of them are tried
_WORDS = {Kind.AUTHORIZE: "AUTHORIZATION", Kind.CHARGE: "CHARGE", Kind.CAPTURE: "CHARGE", Kind.REFUND: "REFUND"}


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the payment, as it is at Amazon."""

    object_id: str
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class Adopted:
    """Everything that is known of a payment outside the ledger."""

    tenant_id: str
    transaction_id: str
    source_id: str
    profile: Profile
    events: tuple[EventView, ...]  # Saleor's, oldest first
    found: dict[str, Found]

    @property
    def owner(self) -> Owner:
        """To whom its operations belong. Its agreement's owner is not known, so it has none."""
        profile = self.profile
        account = profile.account
        return Owner(self.tenant_id, profile.id, profile.wire, account, self.transaction_id, self.source_id)

    def of(self, subject: str) -> list[Found]:
        """Its objects of one kind, in the order in which they were told or found."""
        return [each for each in self.found.values() if each.sighting.subject == subject]

    def name_of(self, found: Found, word: str) -> str:
        """Under which reference Saleor was told of an object as AUTHORIZATION, CHARGE or REFUND; empty if not."""
        told = {event.psp_reference for event in self.events if event.type.startswith(word)}
        return next((name for name in (found.object_id, found.sighting.reference_id) if name and name in told), "")

    def told(self, event: str) -> list[EventView]:
        """Saleor's events of one type that carry a reference."""
        return [each for each in self.events if each.type == event and each.psp_reference]


def enter_payment(tx: Tx, deps: Deps, payment: Adopted) -> bool:
    """Write the rows of a payment; False if it is another transaction's, or no payment at all."""
    tx.serialize(payment.tenant_id, payment.transaction_id)
    if operations.of_transaction(tx, payment.tenant_id, payment.transaction_id):
        return True  # another request was faster
    account = payment.profile.account
    if any(at_amazon.of_object(tx, account, object_id) for object_id in payment.found):
        return False
    session = _session(tx, deps, payment)
    if session is None:
        return False
    captures = {session.settled_id or session.object_id: session} if session.paid else {}
    for found in payment.of("capture"):
        if found.object_id not in captures:
            captures[found.object_id] = _capture(tx, deps, payment, session, found)
    parts, nowhere = _told_as_one(payment)
    for found in payment.of("refund"):
        capture = captures.get(found.sighting.parent_id) or next(iter(captures.values()), None)
        told = any(each.psp_reference == payment.name_of(found, "REFUND") for each in payment.told("REFUND_SUCCESS"))
        if capture is None or (_failed(found) and told):
            continue  # a failed attempt of a refund that another one made: that one stands for it
        row = _row(payment, found, Kind.REFUND, capture.id)
        if found.object_id in parts:
            _write(tx, deps, replace(row, answer_left=True), found.sighting.outcome)
        else:
            _enter(tx, deps, payment, found, row)
    for row, outcome in _only_told(payment, session, captures, nowhere):
        _write(tx, deps, replace(row, answer_left=True), outcome)
    return True


def _session(tx: Tx, deps: Deps, payment: Adopted) -> Operation | None:
    """The row of what the buyer paid or agreed to: a reservation if Saleor was told of one, else the first capture."""
    granted = {event.psp_reference for event in payment.told("AUTHORIZATION_SUCCESS")}
    objects = [one for one in payment.found.values() if one.sighting.subject != "refund"]
    held = next((one for one in objects if payment.name_of(one, "AUTHORIZATION") in granted), None)
    first = held or next(iter(payment.of("capture")), None)
    if first is None:
        return None
    row = _row(payment, first, Kind.CHARGE if held is None else Kind.AUTHORIZE, "")
    sighting = first.sighting
    if held is not None and sighting.amount is not None:
        row = replace(row, amount=sighting.amount.minor)
    key = f"adopted:{first.object_id}"  # on v2 a reservation and its capture have one id
    row = replace(row, id=reference_id(row.account, key), op_key=key, parameters=_agreed(sighting, row.money))
    takeover = holding.moved(row, (), _month(deps, payment, first))
    made = sighting.outcome if held is None else replace(sighting.outcome, verdict=_RESERVED, settled_id="")
    session = _write(tx, deps, replace(row, answer_left=True), made, takeover)
    outcome = sighting.outcome
    unseen = outcome.verdict.effect is Effect.CAPTURED and not _of_it(payment, first)
    if held is not None and (outcome.phase is Phase.GONE or unseen):
        operations.lapse(tx, session.id, outcome.state, outcome.reason, deps.clock())
    return operations.by_id(tx, session.id)


def _of_it(payment: Adopted, reservation: Found) -> bool:
    """Whether a capture of a reservation was found: one that v1 made is not known as such on v2."""
    return any(one.sighting.parent_id == reservation.object_id for one in payment.of("capture"))


def _agreed(sighting: Sighting, amount: Money) -> str:
    """On which agreement a rest of it may be collected, where Amazon says so."""
    call = AuthorizeCall(
        agreement_id=sighting.agreement_id,
        reference_id=sighting.reference_id,
        amount=amount,
        capture_now=False,
        synchronous=True,
    )
    return msgspec.json.encode(call).decode()


def _capture(tx: Tx, deps: Deps, payment: Adopted, session: Operation, found: Found) -> Operation:
    """A capture of the session's reservation, or a rest that was collected in one call."""
    of_reservation = found.sighting.parent_id == session.object_id and session.kind is Kind.AUTHORIZE
    kind = Kind.CAPTURE if of_reservation else Kind.CHARGE
    row = _row(payment, found, kind, session.id)
    siblings = operations.of_transaction(tx, row.tenant_id, row.transaction_id)
    return _enter(tx, deps, payment, found, row, holding.moved(row, siblings, _month(deps, payment, found)))


def _month(deps: Deps, payment: Adopted, found: Found) -> str:
    """The month in which an object counts."""
    return month_in(payment.profile, found.sighting.outcome.updated_at or deps.clock())


def _row(payment: Adopted, found: Found, kind: Kind, parent_id: str) -> Operation:
    sighting = found.sighting
    amount = sighting.outcome.amount or sighting.amount or Money(0, payment.profile.currency)
    return Operation.found(
        amazon_id=found.object_id,
        kind=kind,
        owner=payment.owner,
        parent_id=parent_id,
        amount=amount,
        psp_reference=payment.name_of(found, _WORDS[kind]),
        order_reference=sighting.outcome.order_reference,
        now=sighting.outcome.updated_at or 0,
    )


def _enter(
    tx: Tx, deps: Deps, payment: Adopted, found: Found, row: Operation, takeover: Takeover | None = None
) -> Operation:
    """Write a row; Saleor is told of it unless it was already, of what was pending in the end."""
    word, outcome = _WORDS[row.kind], found.sighting.outcome
    name = payment.name_of(found, word)
    told = {each.type for each in payment.events if each.psp_reference == name and each.type.startswith(word)}
    decided = bool(name) and told != {f"{word}_REQUEST"}
    waits = not decided and (bool(name) or outcome.phase is not Phase.PENDING)
    return _write(tx, deps, replace(row, answer_left=decided, told="pending" if waits else ""), outcome, takeover)


def _only_told(
    payment: Adopted, session: Operation, captures: dict[str, Operation], refunds: list[EventView]
) -> Iterator[tuple[Operation, Outcome]]:
    """What Saleor was told and Amazon has no readable object for."""
    newest = next(reversed(captures.values()), session)
    for event in payment.told("CANCEL_SUCCESS"):
        yield _told(payment, event, Kind.CANCEL, session.id), Outcome(_RELEASED)
    for event in refunds:
        yield _told(payment, event, Kind.REFUND, newest.id), Outcome(_REFUNDED)
    lost: dict[str, Operation] = {}
    for event in payment.told("CHARGE_BACK"):
        row = _told(payment, event, Kind.CHARGEBACK, newest.id)
        terms = msgspec.json.encode(Terms(payment.profile.chargeback_fee)).decode()
        lost[event.psp_reference] = replace(row, parameters=terms)
        yield lost[event.psp_reference], Outcome(_CHARGED_BACK, event.psp_reference)
    for event in payment.told("CHARGE_SUCCESS"):
        chargeback = lost.get(event.psp_reference.removesuffix(_WON))
        if event.psp_reference.endswith(_WON) and chargeback is not None:
            row = _told(payment, event, Kind.CHARGEBACK_WON, chargeback.id)
            yield row, Outcome(_RETURNED, event.psp_reference)


def _told(payment: Adopted, event: EventView, kind: Kind, parent_id: str) -> Operation:
    row = Operation.found(
        amazon_id=event.psp_reference,
        kind=kind,
        owner=payment.owner,
        parent_id=parent_id,
        amount=Money.parse(event.amount, event.currency),
        now=int(event.created_at.timestamp() * 1000),
    )
    return replace(row, object_id="") if kind in {Kind.CANCEL, Kind.REFUND} else row


def _told_as_one(payment: Adopted) -> tuple[set[str], list[EventView]]:
    """Ids of refunds that Saleor was told of as parts of one, and refunds it was told of that are nowhere to be found.

    The whole of a split refund has a reference that no object has; its parts are those that were never told and make up
    its sum. What is nowhere is entered as Saleor has it, so that it is not given back again, unless a refund remains
    that it may be.
    """
    # Taken back, it was told again under a reference that no object has.
    reversed_ = {event.psp_reference for event in payment.told("REFUND_REVERSE")}
    # What failed is not what was told as done: another attempt under the same reference was.
    names = {each.object_id: payment.name_of(each, "REFUND") for each in payment.of("refund") if not _failed(each)}
    untold = [each for each in payment.of("refund") if names.get(each.object_id) in {"", *reversed_}][:_MOST_PARTS]
    known = set(names.values())
    known |= {event.psp_reference for event in payment.told("REFUND_REVERSE")}
    parts: set[str] = set()
    nowhere: list[EventView] = []
    for event in payment.told("REFUND_SUCCESS"):
        if event.psp_reference in known:
            continue
        left = [each for each in untold if each.object_id not in parts and _given_back(each)]
        some = (each for size in range(1, len(left) + 1) for each in combinations(left, size))
        total = Money.parse(event.amount, event.currency).minor
        made_of = next((each for each in some if sum(map(_given_back, each)) == total), ())
        parts |= {each.object_id for each in made_of}
        if not made_of:
            nowhere.append(event)
    return parts, nowhere if len(parts) == len(untold) else []


def _failed(found: Found) -> bool:
    return found.sighting.outcome.phase in FAILED


def _given_back(found: Found) -> int:
    """What a refund gave back, in minor units; 0 if it did not, or not yet."""
    amount = found.sighting.outcome.amount or found.sighting.amount
    done = found.sighting.outcome.verdict.effect is Effect.REFUNDED
    return amount.minor if done and amount is not None else 0


def _write(tx: Tx, deps: Deps, row: Operation, outcome: Outcome, takeover: Takeover | None = None) -> Operation:
    if takeover is not None:
        row = takeover.on(row)
    operations.enter(tx, row)
    if takeover is not None:  # the money has moved: it counts even past the cap
        reservation.take_over(tx, row.profile_id, takeover, moved=True)
    return settle(tx, deps, row, outcome)
