"""What is done at Amazon to a decided payment, and whose notice never arrives, is found without anybody asking."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from saleor_amazonpay.flows.second_look import look_once_more
from saleor_amazonpay.flows.settlements import read_settlements
from saleor_amazonpay.simulator.amazon.v2 import reports
from saleor_amazonpay.simulator.shop.reports import Report
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.anyio
DAY = 86_400


@pytest.fixture
async def deaf(database_url: str) -> AsyncIterator[Stage]:
    """A shop on v1 to which Amazon's notices never come."""
    async with stage(database_url) as made:
        made.amazon.merchant.ipn_url = ""
        yield made


@pytest.fixture(params=["mws", "v2"])
async def deaf_either(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with stage(database_url, request.param) as made:
        made.amazon.merchant.ipn_url = ""
        yield made


@pytest.fixture
async def deaf_v2(database_url: str) -> AsyncIterator[Stage]:
    async with stage(database_url, "v2") as made:
        made.amazon.merchant.ipn_url = ""
        yield made


async def days(play: Stage, count: int) -> None:
    """Days in which nothing happens but what the app does by itself."""
    for _ in range(count):
        play.amazon.advance(DAY)
        await look_once_more(play.deps)
        await play.settle(1, rounds=1)


def shown(play: Stage) -> list[str]:
    return [problem.message for problem in play.installed.problems if problem.dismissed is None]


def told_by_hand(play: Stage, sale: str, kind: str, amount: str) -> None:
    """Somebody else than the app tells Saleor of a payment."""
    report = Report(kind, "by-hand", Decimal(amount))
    assert not play.saleor.transaction_event_report(sale, report, play.installed).errors


async def paid_in_full(play: Stage) -> str:
    sale: str = (await play.pay()).transaction.id
    await play.settle()
    return sale


@pytest.mark.parametrize("kind", ["SellerInitiated", "BuyerCanceled"])
async def test_a_refund_made_at_amazon_is_booked_after_a_day(deaf: Stage, kind: str) -> None:
    sale = await paid_in_full(deaf)
    (capture,) = deaf.amazon.books.captures
    made = deaf.amazon.refund_in_seller_central(capture, Decimal(15), kind)
    await deaf.settle(3600)
    assert deaf.saleor.books()[sale].amounts.refunded == 0, "nobody has told of it"
    await days(deaf, 1)
    last = deaf.saleor.books()[sale].events[-1]
    assert (last.type, last.psp_reference, last.value) == ("REFUND_SUCCESS", made.refund_id, Decimal(15))
    await deaf.books_agree()


async def test_a_refund_made_weeks_later_is_booked_at_the_last_look(deaf: Stage) -> None:
    sale = await paid_in_full(deaf)
    await days(deaf, 10)
    deaf.amazon.refund_in_seller_central(next(iter(deaf.amazon.books.captures)), Decimal(40))
    await days(deaf, 19)
    assert deaf.saleor.books()[sale].amounts.refunded == 0
    await days(deaf, 1)
    assert deaf.saleor.books()[sale].amounts.refunded == 40
    await deaf.books_agree()


async def test_a_payment_is_looked_at_twice_in_its_life(deaf: Stage) -> None:
    await paid_in_full(deaf)
    before = Counter(deaf.http.actions)
    await days(deaf, 90)
    asked = deaf.http.actions - before
    assert asked == {"GetCaptureDetails": 2, "GetAuthorizationDetails": 2}


async def test_two_nodes_look_once(deaf_either: Stage) -> None:
    await paid_in_full(deaf_either)
    before = deaf_either.hands.asked("read capture")
    deaf_either.amazon.advance(DAY)
    deps = deaf_either.deps
    assert sum(await asyncio.gather(look_once_more(deps), look_once_more(deps))) == 1
    assert deaf_either.hands.asked("read capture") == before + 1


async def test_while_amazon_is_away_the_look_waits(deaf_either: Stage) -> None:
    play = deaf_either
    sale = await paid_in_full(play)
    play.hands.refund_in_seller_central("15")
    play.hands.fault("error", "read capture", times=0)
    await days(play, 1)
    assert play.saleor.books()[sale].amounts.refunded == 0
    assert shown(play) == []
    play.amazon.faults.clear()
    await days(play, 1)
    if play.hands.v2:
        assert any("15.00" in message for message in shown(play)), "a charge does not say by which refund"
        return
    assert play.saleor.books()[sale].amounts.refunded == 15
    await play.books_agree()


async def test_what_is_believed_to_be_taken_and_is_not_is_raised_until_it_is(deaf_either: Stage) -> None:
    """As when Amazon holds a capture back although its authorization reads as used, and declines it."""
    play = deaf_either
    sale = await paid_in_full(play)
    if not play.hands.v2:  # there a charge that was Captured is one object, which never goes back
        play.hands.capture_reads("Pending")
        await days(play, 1)
        assert shown(play) == [], "Amazon has not decided"
    play.hands.capture_reads("Declined", "ProcessingFailure")
    await days(play, 2)
    (told,) = shown(play)
    assert "it is Declined ProcessingFailure" in told
    assert sale in told
    play.hands.capture_reads("Completed")
    await days(play, 1)
    assert shown(play) == []
    await play.books_agree()


async def test_on_checkout_v2_a_refund_nobody_named_is_raised_and_then_found_by_a_report(deaf_v2: Stage) -> None:
    """A charge says how much of it was given back, not by which refund."""
    sale = await paid_in_full(deaf_v2)
    deaf_v2.amazon.pay.refund_in_seller_central(next(iter(deaf_v2.amazon.pay.books.charges)), Decimal(15))
    await days(deaf_v2, 1)
    (told,) = shown(deaf_v2)
    assert "15.00" in told
    assert sale in told
    reports.make(deaf_v2.amazon.pay, deaf_v2.amazon.merchant, reports.SETTLEMENT, "", "")
    assert await read_settlements(deaf_v2.deps) == 1
    await deaf_v2.settle(3600)
    await days(deaf_v2, 1)
    assert shown(deaf_v2) == []
    assert deaf_v2.saleor.books()[sale].amounts.refunded == 15
    await deaf_v2.books_agree()


async def test_on_checkout_v2_our_own_refunds_are_no_reason(deaf_v2: Stage) -> None:
    sale = await paid_in_full(deaf_v2)
    for amount in ("10", "30"):
        await deaf_v2.act(sale, "REFUND", amount)
        await deaf_v2.settle()
    before = Counter(deaf_v2.http.actions)
    await days(deaf_v2, 60)
    assert shown(deaf_v2) == []
    charge = next(iter(deaf_v2.amazon.pay.books.charges))
    assert sum(number for name, number in (deaf_v2.http.actions - before).items() if name.endswith(charge)) == 2


def spoil(play: Stage, sale: str, by: str) -> None:
    """Saleor has added up without one of its events, as it does when two are written in the same milliseconds."""
    item = play.saleor.world.transaction(sale)
    item.amounts = replace(item.amounts, charged=item.amounts.charged + Decimal(by))


async def test_an_amount_that_saleor_lost_is_added_up_again_after_a_day(either_on_both: Stage) -> None:
    play = either_on_both
    sale = await paid_in_full(play)
    assert await play.act(sale, "REFUND", "30") == "REFUND_REQUEST"
    await play.settle()
    spoil(play, sale, "30")
    await days(play, 1)
    last = play.saleor.books()[sale].events[-1]
    assert (last.type, last.value) == ("INFO", Decimal(0))
    assert play.saleor.books()[sale].amounts.charged == Decimal(10)
    before = len(play.saleor.books()[sale].events)
    await days(play, 31)
    assert shown(play) == []
    assert len(play.saleor.books()[sale].events) == before, "what agrees is left alone"
    await play.books_agree()


async def test_an_amount_that_saleor_does_not_add_up_is_shown_until_it_agrees(either: Stage) -> None:
    play = either
    sale = await paid_in_full(play)
    # A script of the shop's own tells of a refund that nobody made.
    told_by_hand(play, sale, "REFUND_SUCCESS", "12")
    await days(play, 1)
    assert shown(play) == [], "Saleor may only have to add up"
    await days(play, 1)
    (told,) = shown(play)
    assert "Saleor shows 28.00 USD as charged" in told
    assert "Amazon has 40.00 USD" in told
    told_by_hand(play, sale, "REFUND_REVERSE", "12")
    await days(play, 1)
    assert shown(play) == []


async def test_amounts_are_not_compared_while_saleor_is_away_or_a_report_waits(either: Stage) -> None:
    play = either
    sale = await paid_in_full(play)
    spoil(play, sale, "-1")
    play.saleor.faults.api_down(503)
    await days(play, 1)
    play.saleor.faults.clear()
    await days(play, 28)
    assert play.saleor.books()[sale].events[-1].type == "CHARGE_SUCCESS", "it is asked again at the last look"
    await days(play, 1)
    await play.books_agree()


async def test_more_given_back_than_was_taken_is_looked_at_as_everything_else(either: Stage) -> None:
    """A refund, and the buyer's bank takes the same money back as well: below nothing, and raised where it was found."""
    play = either
    sale = await paid_in_full(play)
    assert await play.act(sale, "REFUND", "40") == "REFUND_REQUEST"
    await play.settle()
    play.hands.charge_back("40")
    await play.settle()
    await days(play, 1)
    before = play.hands.asked("read capture")
    await days(play, 10)
    assert play.hands.asked("read capture") == before, "the next look is the last"
    await play.books_agree()


async def test_what_the_last_look_finds_is_cleared_once_a_report_brings_the_refund_in(deaf_v2: Stage) -> None:
    sale = await paid_in_full(deaf_v2)
    await days(deaf_v2, 29)
    deaf_v2.amazon.pay.refund_in_seller_central(next(iter(deaf_v2.amazon.pay.books.charges)), Decimal(15))
    await days(deaf_v2, 1)
    (told,) = shown(deaf_v2)
    assert "15.00" in told
    await days(deaf_v2, 20)
    assert shown(deaf_v2) == [told], "it stands as long as it is so"
    reports.make(deaf_v2.amazon.pay, deaf_v2.amazon.merchant, reports.SETTLEMENT, "", "")
    assert await read_settlements(deaf_v2.deps) == 1
    await deaf_v2.settle(3600)
    await days(deaf_v2, 7)
    assert shown(deaf_v2) == []
    assert deaf_v2.saleor.books()[sale].amounts.refunded == 15
    await deaf_v2.books_agree()
    before = deaf_v2.hands.asked("read capture")
    await days(deaf_v2, 20)
    assert deaf_v2.hands.asked("read capture") == before, "what agrees is read no more"


async def test_what_is_not_taken_at_the_last_look_is_cleared_once_it_is(deaf_either: Stage) -> None:
    play = deaf_either
    await paid_in_full(play)
    await days(play, 29)
    play.hands.capture_reads("Declined", "ProcessingFailure")
    await days(play, 1)
    assert len(shown(play)) == 1
    before = play.hands.asked("read capture")
    await days(play, 28)
    assert play.hands.asked("read capture") == before + 4, "once a week"
    play.hands.capture_reads("Completed")
    await days(play, 7)
    assert shown(play) == []
    await play.books_agree()


async def test_an_amount_found_wrong_at_the_last_look_is_added_up_shown_and_cleared(either: Stage) -> None:
    play = either
    sale = await paid_in_full(play)
    await days(play, 29)
    told_by_hand(play, sale, "REFUND_SUCCESS", "12")
    await days(play, 8)
    (told,) = shown(play)
    assert "Saleor shows 28.00 USD as charged" in told
    told_by_hand(play, sale, "REFUND_REVERSE", "12")
    await days(play, 7)
    assert shown(play) == []


async def test_what_staff_corrected_in_saleor_is_no_problem_any_more(deaf_v2: Stage) -> None:
    """As they were told to: then Saleor shows what Amazon has, though no row here says why."""
    play = deaf_v2
    sale = await paid_in_full(play)
    play.amazon.pay.refund_in_seller_central(next(iter(play.amazon.pay.books.charges)), Decimal(15))
    await days(play, 1)
    assert len(shown(play)) == 1
    told_by_hand(play, sale, "REFUND_SUCCESS", "15")
    await days(play, 1)
    assert shown(play) == []
    await days(play, 40)
    assert shown(play) == [], "neither this nor that the ledger has more"


async def test_what_staff_took_out_of_saleor_since_amazon_never_took_it_is_no_problem_any_more(
    deaf_either: Stage,
) -> None:
    play = deaf_either
    sale = await paid_in_full(play)
    play.hands.capture_reads("Declined", "ProcessingFailure")
    await days(play, 1)
    assert len(shown(play)) == 1
    told_by_hand(play, sale, "REFUND_SUCCESS", "40")
    await days(play, 1)
    assert shown(play) == []


async def test_what_stands_is_asked_about_however_long_amazon_is_away(deaf_either: Stage) -> None:
    play = deaf_either
    await paid_in_full(play)
    await days(play, 29)
    play.hands.capture_reads("Declined", "ProcessingFailure")
    await days(play, 1)
    play.hands.fault("error", "read capture", times=0)
    await days(play, 15)
    play.amazon.faults.clear()
    play.hands.capture_reads("Completed")
    await days(play, 8)
    assert shown(play) == []
