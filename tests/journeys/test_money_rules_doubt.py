"""What Amazon has and nobody can assign yet, or not decide: it is told once, or shown to staff, and never dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from saleor_amazonpay.amazon.port import RefundCall
from saleor_amazonpay.domain.operation import Kind
from saleor_amazonpay.flows import booking
from saleor_amazonpay.flows.ledger import settle
from saleor_amazonpay.flows.money_call import stored_call
from saleor_amazonpay.flows.second_look import look_once_more
from saleor_amazonpay.simulator.amazon import Fault
from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.store.engine import make_engine
from saleor_amazonpay.store.sql import Tx
from tests.journeys.imported import HOUR, an_hour_later, events, problems, refunded_at_the_second_try, rows
from tests.journeys.stage import Stage, stage
from tests.postgres import Cluster

pytestmark = pytest.mark.anyio


@pytest.fixture
async def two_nodes(postgres: Cluster) -> AsyncIterator[tuple[Stage, str]]:
    url = postgres.create("two_nodes")
    async with stage(url, "v2") as made:
        yield made, url


async def test_a_refund_that_is_decided_while_its_notice_is_looked_at_is_told_once(
    two_nodes: tuple[Stage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    play, url = two_nodes
    payment = (await play.pay()).transaction.id
    play.hands.fault("drop", "refund", times=9)
    await play.act(payment, "REFUND", "15")
    play.amazon.faults.clear()
    play.hands.fault("error", "refund", times=0)
    await play.settle(HOUR, rounds=3)  # its notice is in doubt
    play.amazon.faults.clear()
    (refund,) = [row for row in await rows(play, payment) if row.kind is Kind.REFUND]
    call = stored_call(refund)
    assert isinstance(call, RefundCall)
    account = await play.deps.directory.account_of(refund.profile_id)
    outcome = await play.deps.wires["v2"].refund(account, call, 1)  # the other node's identical repeat
    engine, own = make_engine(url), booking.own
    others: list[str] = []

    def own_and_then_the_other_node_commits(*args: object) -> object:
        found = own(*args)  # type: ignore[arg-type]
        if found is None and not others:
            others.append("commits")
            with engine.begin() as connection:
                settle(Tx(connection), play.deps, refund, outcome)
        return found

    monkeypatch.setattr(booking, "own", own_and_then_the_other_node_commits)
    await play.settle(HOUR, rounds=3)
    engine.dispose()
    assert others
    assert list(play.hands.refunds().values()) == [Decimal(15)]
    assert events(play, payment).count("REFUND_SUCCESS") == 1


async def test_a_refund_in_doubt_for_two_weeks_is_told_to_staff(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    await play.settle()
    play.hands.fault("error", "refund", times=0)
    await play.act(payment, "REFUND", "15")
    play.hands.refund_in_seller_central("15")
    await play.settle(HOUR, rounds=3)
    await play.settle(DAY, rounds=16)
    assert problems(play)


async def test_a_refund_in_doubt_for_two_weeks_is_booked_when_ours_is_decided(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    await play.settle()
    await play.settle(31 * DAY, rounds=1)
    play.hands.fault("error", "refund", times=0)
    await play.act(payment, "REFUND", "15")
    play.hands.refund_in_seller_central("15")
    await play.settle(DAY, rounds=16)
    assert any("nobody could say whether" in told for told in problems(play))
    play.amazon.faults.clear()
    await play.settle(DAY, rounds=4)
    await play.books_agree()
    assert problems(play) == []


async def test_a_refund_whose_key_amazon_says_it_knows_is_told_to_staff(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    await play.settle()
    play.hands.fault("refuse", "refund", times=0, code="DuplicateIdempotencyKey", status=400)
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    await play.settle(DAY, rounds=30)
    assert problems(play)


async def test_a_first_attempt_that_amazon_completes_after_all_is_booked_by_its_notice(either: Stage) -> None:
    play = either
    payment, made = await refunded_at_the_second_try(play)
    play.hands.complete_after_all(made)
    await play.settle(HOUR)
    assert play.saleor.books()[payment].amounts.refunded == 30


async def test_of_two_refunds_a_capture_names_the_first_is_imported_though_the_second_was_declined(play: Stage) -> None:
    payment = (await play.pay()).transaction.id
    await play.settle()
    await play.settle(31 * DAY, rounds=1)
    url, play.amazon.merchant.ipn_url = play.amazon.merchant.ipn_url, ""
    play.hands.refund_in_seller_central("15")
    play.amazon.advance(60)
    second = play.hands.refund_in_seller_central("5")
    play.hands.settle_refund(second, "Declined", "AmazonRejected")
    await play.settle()
    play.amazon.merchant.ipn_url = url
    play.hands.announce(play.hands.last_capture())
    await play.settle(HOUR, rounds=3)
    assert play.saleor.books()[payment].amounts.refunded == 15


async def test_a_card_that_waits_for_something_under_way_holds_no_event_back(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    play.hands.fault("drop", "refund", times=9)
    await play.act(payment, "REFUND", "5")  # under way, for as long as nobody can say what became of it
    play.amazon.faults.clear()
    await play.act(payment, "REFUND", "7")
    play.hands.fault("error", "refund", times=0)
    await play.settle(DAY, rounds=5)
    assert [(row.amount, row.final) for row in await rows(play, payment)] == [(4000, True), (500, False), (700, True)]
    assert "REFUND_SUCCESS" in events(play, payment)


async def test_a_reservation_that_turned_up_late_and_is_taken_in_seller_central_is_booked(play_v2: Stage) -> None:
    play = play_v2
    data = play.buyer_data()
    await play.pay(data=data)
    await play.settle()
    play.amazon.notifications.options.drop = 9
    play.hands.fault("drop", "charge", times=0)
    later = await play.pay(total="30", action="AUTHORIZATION", data=play.hands.by_id(data))
    sale = later.transaction.id
    hidden = play.hands.hide_last_charge()
    play.amazon.faults.clear()
    for _ in range(3):
        await play.settle(DAY / 2)
    play.amazon.notifications.options.drop = 0
    assert events(play, sale)[-1] == "AUTHORIZATION_FAILURE"
    hidden.appear()
    await play.settle()
    assert events(play, sale)[-1] == "AUTHORIZATION_SUCCESS"
    charge = play.amazon.pay.books.charges[hidden.capture_id]
    play.amazon.pay.capture(charge, play.hands._money("30"), "", "", "in-seller-central")
    await an_hour_later(play)
    await play.settle(DAY, rounds=2)
    await look_once_more(play.deps)
    await play.settle()
    assert events(play, sale)[-1] == "CHARGE_SUCCESS"
    await play.books_agree()


async def test_a_chargeback_of_which_nothing_is_left_is_told_to_staff(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    await play.act(payment, "REFUND", "40")
    await play.settle()
    play.amazon.faults.add(Fault("refuse", action="GetDispute", times=0, code="UnauthorizedAccess", status=403))
    play.hands.charge_back("40")
    await play.settle(HOUR)
    assert problems(play)


async def test_a_chargeback_of_another_systems_charge_is_told_to_staff(either: Stage) -> None:
    play = either
    data = play.buyer_data()
    await play.pay(data=data)
    await play.settle()
    play.hands.charge_elsewhere(data, "20")
    await an_hour_later(play)
    before = problems(play)
    assert before
    play.hands.charge_back("20")
    await an_hour_later(play)
    assert len(problems(play)) > len(before)
