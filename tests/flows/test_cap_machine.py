"""Whatever happens in whatever order, the cap's books are the sum over the ledger, and attempts never pass the cap.

A state machine drives the app through its doors on a paper wire: two profiles in two time zones on one Amazon account,
months that turn between a reservation and its answer, caps that change. What the books must say comes from
cap_model.py, which knows amounts and months only. On SQLite and PostgreSQL. `CAP_ORDERS=500` plays that many orders of
events, and others each time.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from saleor_amazonpay.amazon.port import Sighting
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.balance import open_authorization
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Outcome, Verdict
from saleor_amazonpay.flows import booking
from saleor_amazonpay.flows.booking import Named
from saleor_amazonpay.flows.lapse import look_for_lapse
from saleor_amazonpay.flows.ledger import settle
from saleor_amazonpay.flows.recover import sweep
from saleor_amazonpay.flows.watch import watch_agreements
from saleor_amazonpay.store import agreements, profiles
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tables import cap_months, metadata
from saleor_amazonpay.store.tables import operations as ledger
from tests.amazon.verdicts import AUTHORIZED, CAPTURED, PENDING, REFUNDED, REJECTED, SOFT, TIMED_OUT
from tests.flows.cap_model import Payment, Purse, Take
from tests.flows.world import CONSENTED, World
from tests.samples import profile

ORDERS = int(os.environ.get("CAP_ORDERS", "0"))
DAY = 24 * 3600
GONE = Verdict(Phase.GONE, "expired")
DECLINED = Verdict(Phase.DECLINED, "declined")
CHANNELS = {"profile-1": "default-channel", "profile-2": "other-channel"}
amounts = st.integers(1, 500)
shares = st.integers(1, 100)  # per cent of what there is
any_of = st.integers(0, 1000)


@dataclass
class Waiting:
    """Something that Amazon has not decided yet, and what the model makes of the decision."""

    transaction: str
    good: Verdict
    bad: Verdict
    decided: Callable[[bool], None]
    lost: bool = False  # Amazon has done it, and its answer got lost


class CapMachine(RuleBasedStateMachine):
    """The app and the model side by side, on one database."""

    url = ""
    folder = Path()

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.shop = World(self.folder, database_url=self.url, monthly_cap=2000, time_zone="UTC")
        with self.shop.store.engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
        self.purses = (Purse("profile-1", "UTC", 2000, False), Purse("profile-2", "America/Los_Angeles", 1500, True))
        self.payments: list[Payment] = []
        self.waiting: list[Waiting] = []
        self.declined: list[tuple[Payment, str, int, str]] = []
        self.heard: dict[str, list[dict[str, object]]] = {}
        self.numbers = 0
        self.run(self.install())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def install(self) -> None:
        await self.shop.install()
        second = profile(
            wire="paper",
            id="profile-2",
            alias="Second",
            monthly_cap=1500,
            time_zone="America/Los_Angeles",
            refunds_give_cap_back=True,
        )

        def unit(tx: Tx) -> None:
            profiles.insert(tx, self.shop.store.sealer, second, {"secret_key": "s"}, 2)
            profiles.assign(tx, Assignment("tenant-1", CHANNELS[second.id], second.id, 1, 1))

        await self.shop.store.write(unit)

    def teardown(self) -> None:
        self.run(self.shop.deps.running.drain())
        self.runner.close()
        self.shop.store.close()

    # What the buyer does -----------------------------------------------------------------------------------------

    @initialize(first=st.lists(amounts, min_size=2, max_size=4))
    def some_have_bought(self, first: list[int]) -> None:
        """There is something to collect from the beginning."""
        for number, amount in enumerate(first):
            self.buy_now(number % 2, amount, "AUTHORIZATION", "done")

    @rule(
        purse=st.integers(0, 1),
        amount=amounts,
        action=st.sampled_from(["AUTHORIZATION", "AUTHORIZATION", "CHARGE"]),
        fate=st.sampled_from(
            ["done", "done", "done", "pending", "lost", "declined", "rejected", "timed out", "reserved"]
        ),
    )
    def buy(self, purse: int, amount: int, action: str, fate: str) -> None:
        """Reserve the cap, then authorize or charge."""
        self.buy_now(purse, amount, action, fate)

    def buy_now(self, purse: int, amount: int, action: str, fate: str) -> None:
        self.numbers += 1
        payment = Payment(self.numbers, self.purses[purse])
        month = payment.purse.month(self.shop.clock())
        room = payment.purse.attempt(month, amount)
        scripted = {"declined": SOFT, "rejected": REJECTED, "pending": PENDING, "timed out": TIMED_OUT, "reserved": AUTHORIZED}  # fmt: skip
        self.play(scripted.get(fate), lost=fate == "lost")
        answer = self.run(self.pay(payment, amount, action))
        if not room:
            assert answer["data"]["code"] == "monthly_cap_reached", answer
            assert self.untouched
            return
        self.payments.append(payment)
        good = CAPTURED if action == "CHARGE" and fate != "reserved" else AUTHORIZED

        def decided(well: bool) -> None:
            if not well:
                payment.purse.booked[month] -= amount
                self.declined.append((payment, month, amount, action))
            else:
                payment.gain(month, amount, taken=good is CAPTURED)

        if fate in {"pending", "lost"}:
            self.wait(payment, good, SOFT, decided, lost=fate == "lost")
        else:
            decided(fate not in {"declined", "rejected"})

    async def pay(self, payment: Payment, amount: int, action: str) -> dict[str, Any]:
        key = str(payment.number)
        self.shop.amazon.order = f"ORDER-{key}"
        self.shop.amazon.draft(f"C01-{key}", buyer=f"buyer-{key}", token=f"token-{key}")
        data = {**CONSENTED, "amazonBillingAgreementId": f"C01-{key}", "accessToken": f"token-{key}"}
        body = json.loads(
            self.shop.session(transaction=key, amount=amount / 100, data=data, action=action, source=f"cart-{key}")
        )
        body["sourceObject"]["channel"]["slug"] = CHANNELS[payment.purse.name]
        sent = await self.shop.send("transaction-initialize-session", json.dumps(body).encode())
        await self.shop.deps.running.drain()
        return json.loads(sent.body)  # type: ignore[no-any-return]

    # What staff does ---------------------------------------------------------------------------------------------

    @precondition(lambda self: any(one.rest and not one.busy for one in self.payments))
    @rule(
        which=any_of,
        share=shares,
        fate=st.sampled_from(["done", "done", "done", "pending", "lost", "declined"]),
    )
    def capture(self, which: int, share: int, fate: str) -> None:
        """Take a part of what Amazon holds, or of a rest that it does not."""
        payment = self.pick(which, lambda one: one.rest > 0 and not one.busy)
        self.charge(payment, max(1, payment.rest * share // 100), fate)

    @precondition(lambda self: any(one.collectable for one in self.payments))
    @rule(
        which=any_of,
        share=shares,
        fate=st.sampled_from(["done", "done", "reserved", "declined", "pending", "lost"]),
    )
    def collect(self, which: int, share: int, fate: str) -> None:
        """Collect of a rest that Amazon does not hold, perhaps in a later month."""
        payment = self.pick(which, lambda one: one.collectable)
        low = payment.held.amount + 1 if payment.held else 1
        self.charge(payment, max(low, payment.rest * share // 100), fate)

    def charge(self, payment: Payment, amount: int, fate: str) -> None:
        held = payment.held
        if held is not None and amount <= held.amount:
            undo, month = payment.capture(held, amount), held.month
            fate = "done" if fate == "reserved" else fate  # it is reserved already
        else:
            month = payment.purse.month(self.shop.clock())
            collected = payment.collect(month, amount)
            if collected is None:
                self.play(None)
                assert self.act(payment, "charge", amount)["result"] == "CHARGE_FAILURE"
                assert self.untouched
                return
            undo = collected.undo

        def decided(well: bool) -> None:
            if well:
                payment.takes.append(Take(month, amount))
            else:
                undo()
            payment.tidy()

        self.play({"declined": SOFT, "pending": PENDING, "reserved": AUTHORIZED}.get(fate), lost=fate == "lost")
        answer = self.act(payment, "charge", amount)
        if fate in {"pending", "lost"}:
            assert "result" not in answer, answer
            self.wait(payment, CAPTURED, SOFT, decided, lost=fate == "lost")
        elif fate == "reserved":
            payment.gain(month, amount, taken=False)
        else:
            assert answer["result"] == ("CHARGE_FAILURE" if fate == "declined" else "CHARGE_SUCCESS"), answer
            decided(fate != "declined")

    @precondition(lambda self: any(one.rest and not one.busy for one in self.payments))
    @rule(which=any_of, share=shares, works=st.sampled_from([True, True, False]))
    def cancel(self, which: int, share: int, works: bool) -> None:
        """Release the rest: all of it, or a part of what Amazon does not hold."""
        payment = self.pick(which, lambda one: one.rest > 0 and not one.busy)
        amount = payment.rest if payment.held else max(1, payment.rest * share // 100)
        self.play(None if works or not payment.held else DECLINED)
        works = works or not payment.held
        assert self.act(payment, "cancel", amount)["result"] == ("CANCEL_SUCCESS" if works else "CANCEL_FAILURE")
        if works:
            payment.release(amount)
            for part in payment.parts:
                part.held = False
        payment.tidy()

    @precondition(lambda self: any(one.refundable for one in self.payments))
    @rule(which=any_of, share=shares, fate=st.sampled_from(["done", "done", "pending", "failed"]))
    def refund(self, which: int, share: int, fate: str) -> None:
        """Give back a part of the newest capture that has something left."""
        payment = self.pick(which, lambda one: one.refundable is not None)
        take = payment.refundable
        assert take is not None
        amount = max(1, take.left * share // 100)
        take.asked_back += amount

        def decided(well: bool) -> None:
            if well:
                payment.give_back(take, amount, self.shop.clock())
            else:
                take.asked_back -= amount

        self.play({"done": REFUNDED, "failed": DECLINED}.get(fate))
        self.act(payment, "refund", amount)
        if fate == "pending":
            self.wait(payment, REFUNDED, DECLINED, decided, busy=False)
        else:
            decided(fate == "done")

    # What Amazon does --------------------------------------------------------------------------------------------

    @precondition(lambda self: self.waiting)
    @rule(which=any_of, well=st.booleans(), after=st.sampled_from([120, 4000, 3 * DAY, 31 * DAY]))
    def decide(self, which: int, well: bool, after: int) -> None:
        """What was pending is decided, perhaps in another month than it was asked for in."""
        chosen = self.waiting[which % len(self.waiting)]
        if not chosen.lost:
            pending = [row for row in self.rows(chosen.transaction) if row.phase is Phase.PENDING]
            row = next(row for row in pending if (row.kind is Kind.REFUND) == (chosen.good is REFUNDED))
            self.shop.amazon.decide(row.object_id, chosen.good if well else chosen.bad)
        self.shop.clock.advance(after)
        self.run(self.look())
        # Whatever got lost is found at the same time.
        for one in [one for one in self.waiting if one.lost or one is chosen]:
            self.waiting.remove(one)
            one.decided(well or one.lost)

    async def look(self) -> None:
        await sweep(self.shop.deps)
        await self.shop.deps.running.drain()

    @precondition(lambda self: any(one.held and not one.busy for one in self.payments))
    @rule(which=any_of)
    def expire(self, which: int) -> None:
        """Amazon gives up the newest reservation of a payment."""
        payment = self.pick(which, lambda one: one.held is not None and not one.busy)
        held = open_authorization(self.rows(str(payment.number)))
        assert held is not None
        self.shop.amazon.decide(held.object_id, GONE)
        assert self.run(look_for_lapse(self.shop.deps, held))
        assert payment.held is not None
        payment.held.held = False
        payment.tidy()

    @precondition(lambda self: any(not one.ended and not one.busy for one in self.payments))
    @rule(which=any_of)
    def end(self, which: int) -> None:
        """The buyer ends the agreement: what Amazon does not hold cannot be collected any more."""
        payment = self.pick(which, lambda one: not one.ended and not one.busy)
        views, key = self.shop.amazon.agreements, f"C01-{payment.number}"
        views[key] = replace(views[key], state=AgreementState.CLOSED)

        def due(tx: Tx) -> None:
            known = agreements.of_tenant(tx, "tenant-1", key)
            assert known is not None
            agreements.check(tx, known.id, self.shop.clock())

        self.run(self.shop.store.write(due))
        self.run(watch_agreements(self.shop.deps))
        payment.ended = True
        payment.tidy()

    @precondition(lambda self: any(not one.busy for one in self.payments))
    @rule(which=any_of, amount=amounts)
    def imported(self, which: int, amount: int) -> None:
        """Somebody charges the agreement at Amazon without us: it counts, even past the cap."""
        payment = self.pick(which, lambda one: not one.busy)
        month = payment.purse.month(self.shop.clock())
        rows = self.rows(str(payment.number))
        if sum(row.effect in {"authorized", "lapsed"} for row in rows) == 1:
            # Of a payment's only reservation it would be the capture: this one says that it is the agreement's.
            self.bring_in(payment, amount, agreement=f"C01-{payment.number}")
            payment.purse.booked[month] += amount
            return
        self.bring_in(payment, amount)
        payment.collect(month, amount, covered=min(amount, payment.rest), moved=True)
        payment.takes.append(Take(month, amount))
        payment.tidy()

    @precondition(lambda self: any(one.held and one.held.amount and not one.busy for one in self.payments))
    @rule(which=any_of, share=shares)
    def captured_elsewhere(self, which: int, share: int) -> None:
        """Somebody captures in Seller Central what Amazon holds: its month stays."""
        payment = self.pick(which, lambda one: one.held is not None and one.held.amount > 0 and not one.busy)
        held = payment.held
        assert held is not None
        amount = max(1, held.amount * share // 100)
        authorization = open_authorization(self.rows(str(payment.number)))
        assert authorization is not None
        self.bring_in(payment, amount, authorization.object_id)
        payment.capture(held, amount)
        payment.takes.append(Take(held.month, amount))
        payment.tidy()

    def bring_in(self, payment: Payment, amount: int, authorization: str = "", agreement: str = "") -> None:
        self.numbers += 1
        key = f"S-{self.numbers}"
        order = agreement or f"ORDER-{payment.number}"
        named = Named(self.shop.profile.account, payment.purse.name, key, order)
        outcome = Outcome(CAPTURED, key, key, named.order_reference, Money(amount, "USD"))
        sighting = Sighting("capture", outcome, outcome.amount, parent_id=authorization, agreement_id=agreement)
        snapshot = self.run(self.shop.deps.directory.current())
        profile = snapshot.profiles[payment.purse.name]
        entered = self.run(
            self.shop.store.write(lambda tx: booking.enter(tx, self.shop.deps, named, profile, sighting))
        )
        assert entered == "imported"

    @precondition(lambda self: self.declined)
    @rule(which=any_of, verdict=st.sampled_from([CAPTURED, AUTHORIZED]))
    def moved_after_all(self, which: int, verdict: Verdict) -> None:
        """Amazon took the money of what was declined: it counts where it was reserved, even past the cap.

        What was asked for as a reservation stays one, also if Amazon says that it was captured: that capture is
        something of its own (captured_elsewhere).
        """
        payment, month, amount, action = self.declined.pop(which % len(self.declined))
        row = next(row for row in self.rows(str(payment.number)) if row.failed)
        outcome = Outcome(verdict, f"L-{payment.number}", f"L-{payment.number}", amount=row.money)
        self.shop.amazon.objects[outcome.object_id] = outcome
        self.run(self.shop.store.write(lambda tx: settle(tx, self.shop.deps, row, outcome)))
        payment.purse.booked[month] += amount
        payment.gain(month, amount, taken=action == "CHARGE" and verdict is CAPTURED)

    # What time and the merchant do -------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 8, 31]))
    def days_pass(self, days: int) -> None:
        self.shop.clock.advance(days * DAY)

    @rule(purse=st.integers(0, 1), seconds=st.sampled_from([-1, 0, 1]))
    def the_month_turns(self, purse: int, seconds: int) -> None:
        """The clock stands around the end of a profile's month: 23:59:59, or the first moment of the next."""
        zone, now = ZoneInfo(self.purses[purse].zone), self.shop.clock()
        here = datetime.fromtimestamp(now / 1000, zone)
        first = datetime(here.year + here.month // 12, here.month % 12 + 1, 1, tzinfo=zone)
        self.shop.clock.now = max(now, int(first.timestamp() + seconds) * 1000)

    @rule(purse=st.integers(0, 1), cap=st.one_of(st.just(-1), st.integers(0, 3000)))
    def the_cap_changes(self, purse: int, cap: int) -> None:
        name = self.purses[purse].name
        self.run(self.shop.store.write(lambda tx: profiles.set_cap(tx, name, cap, self.shop.clock())))
        self.purses[purse].cap = cap

    # What must be so ---------------------------------------------------------------------------------------------

    @invariant()
    def the_books_are_the_models_and_the_sum_over_the_ledger(self) -> None:
        summed = sa.select(ledger.c.profile_id, ledger.c.cap_month, sa.func.sum(ledger.c.cap_booked))
        summed = summed.group_by(ledger.c.profile_id, ledger.c.cap_month)
        with self.shop.store.engine.connect() as connection:
            books = {
                (name, month): booked
                for name, month, booked in connection.execute(
                    sa.select(cap_months.c.profile_id, cap_months.c.month, cap_months.c.booked)
                )
                if booked
            }
            rows = {(name, month): int(total) for name, month, total in connection.execute(summed) if total}
        model = {
            (purse.name, month): booked for purse in self.purses for month, booked in purse.booked.items() if booked
        }
        assert books == rows
        assert books == model

    # How -----------------------------------------------------------------------------------------------------------

    def pick(self, which: int, fits: Callable[[Payment], bool]) -> Payment:
        fitting = [one for one in self.payments if fits(one)]
        return fitting[which % len(fitting)]

    def play(self, verdict: Verdict | None, *, lost: bool = False) -> None:
        """What Amazon answers next."""
        self.shop.amazon.script = [] if verdict is None else [verdict]
        self.shop.amazon.lost = int(lost)
        self.shop.amazon.calls.clear()

    @property
    def untouched(self) -> bool:
        """Nothing was asked of Amazon that could move money."""
        return not {"authorize", "capture", "refund", "release"} & set(self.shop.amazon.calls)

    def act(self, payment: Payment, kind: str, amount: int) -> dict[str, Any]:
        self.numbers += 1
        key, number = str(payment.number), self.numbers
        self.shop.amazon.order = f"ORDER-{key}"
        heard = self.heard.setdefault(key, [])
        answer: dict[str, Any] = self.run(
            self.shop.act(kind, amount / 100, number, events=list(heard), transaction=key)
        )
        self.run(self.shop.deps.running.drain())
        heard.append(self.shop.request(kind, amount / 100, number, psp=str(answer.get("pspReference"))))
        return answer

    def rows(self, transaction: str) -> list[Operation]:
        return self.run(self.shop.operations(transaction))  # type: ignore[no-any-return]

    def wait(
        self, payment: Payment, good: Verdict, bad: Verdict, decided: Callable[[bool], None],
        *, busy: bool = True, lost: bool = False,
    ) -> None:  # fmt: skip
        payment.busy = payment.busy or busy

        def then(well: bool) -> None:
            payment.busy = payment.busy and not busy
            decided(well)

        self.waiting.append(Waiting(str(payment.number), good, bad, then, lost))


def test_the_books_hold_in_any_order(database_url: str, tmp_path: Path) -> None:
    class OnThisDatabase(CapMachine):
        url = database_url
        folder = tmp_path

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OnThisDatabase,
        settings=settings(
            max_examples=ORDERS or 30,
            derandomize=not ORDERS,
            database=None,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
