"""money.md §7, what the cap counts, in which month, and what is given back: one scenario for each sentence.

| rule | scenario |
| --- | --- |
| the calendar month of the profile's time zone; 23:59:59; daylight saving | a_charge_at_23_59_59…, the_month_ends_by_the_clock… |
| "unlimited" is explicit, 0 is closed | an_unlimited_profile…, a_cap_of_0… |
| counts what is attempted, gross, right before the money call | what_is_attempted_counts_gross, only_looking_counts_nothing |
| given back: decline, cancel, rest released, the agreement's end | what_saleor_hears_will_not_come… (four) |
| in the month of the reservation, whenever the answer comes | an_answer_in_the_next_month… |
| a rest collected in a later month moves its reservation | a_rest_collected_in_a_later_month… |
| no room there: CHARGE_FAILURE monthly_cap_reached | a_rest_without_room_in_the_later_month… |
| a rest that could not be collected stands where it stood | a_rest_declined_in_a_later_month… |
| within one month it is the same reservation and cannot fail | within_the_month_a_rest_needs_no_room |
| refunds give nothing back, unless the profile says so, while the sale's month is open | a_refund… (three) |

Parallel buyers are in tests/flows/test_cap_rush.py, any order of everything in tests/flows/test_cap_machine.py.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.flows.caps import cap_history
from saleor_amazonpay.simulator.amazon import Behaviour
from tests.journeys.cap.books import (
    at,
    booked,
    books_agree,
    cap,
    change,
    next_month,
    part_taken,
    status,
    this_month,
    told,
)
from tests.journeys.carts import agreed, cart
from tests.journeys.known import saved
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
DAY = 24 * 3600

# --- the month


async def test_a_charge_at_23_59_59_counts_in_the_month_that_ends(either_on_both: Stage) -> None:
    play, zone = either_on_both, "Europe/Berlin"
    await change(play, time_zone=zone)
    month, after = this_month(play), next_month(play)
    at(play, f"{after}-01 00:00:00", zone, less=1)
    await play.pay(total="20")
    play.amazon.advance(1)
    assert this_month(play) == month, "in London it is not over yet"
    await play.pay(total="30")
    assert await booked(play) == {month: 2000, after: 3000}
    await play.settle()
    await books_agree(play)


async def test_an_answer_in_the_next_month_changes_the_month_of_the_reservation(either: Stage) -> None:
    play = either
    month, after = this_month(play), next_month(play)
    at(play, f"{after}-01 00:00:00", less=30)
    kept = cart(play, behaviour=Behaviour.ATYPICAL, total="50")
    gone = cart(play, behaviour=Behaviour.ATYPICAL, total="70")
    for each in (kept, gone):
        assert await each.begin(mayPend=True) == "CHARGE_REQUEST"
    assert await booked(play) == {month: 12000}
    play.hands.close(gone.data, by="amazon")
    await play.settle(DAY)
    assert this_month(play) == after
    rows = [*await kept.rows(), *await gone.rows()]
    assert {row.cap_month for row in rows} == {month}
    assert await booked(play) == {month: sum(row.amount for row in rows if row.paid)}
    await books_agree(play)


# --- what it counts


async def test_what_is_attempted_counts_gross(either: Stage) -> None:
    play = either
    await play.pay(total="20")
    await play.pay(total="30", action="AUTHORIZATION")
    assert await booked(play) == {this_month(play): 5000}
    await play.settle(60)
    await books_agree(play)


async def test_only_looking_counts_nothing(either: Stage) -> None:
    """Neither a purchase whose buyer is still at Amazon, nor an agreement alone, which is not money."""
    play = either
    sale = cart(play) if play.hands.v2 else cart(play, consent=False)
    begun = await play.saleor.transaction_initialize(
        sale.checkout.id, play.gateway, sale.data, action="CHARGE", requestor=play.customer
    )
    assert begun.event.type == "CHARGE_ACTION_REQUIRED"
    assert begun.data["code"] == ("amazon_redirect" if play.hands.v2 else "consent_missing")
    assert await booked(play) == {}
    trial = cart(play, total="0.00")
    trial.data |= agreed("9.99")
    assert await trial.begin("AUTHORIZATION") == "AUTHORIZATION_SUCCESS"
    assert await booked(play) == {}
    await play.settle(60)
    await books_agree(play)


async def test_an_unlimited_profile_counts_and_refuses_nothing(either: Stage) -> None:
    play = either
    await cap(play, -1)
    for _ in range(2):
        assert (await play.pay(total="999")).event.type == "CHARGE_SUCCESS"
    found = await status(play)
    assert (found.unlimited, found.booked, found.remaining, found.thresholds) == (True, 199_800, None, ())
    await play.settle(60)
    await books_agree(play)


async def test_a_cap_of_0_takes_nothing_new_and_finishes_what_is_open(either: Stage) -> None:
    play = either
    held = await play.pay(total="40", action="AUTHORIZATION")
    await cap(play, 0)
    assert (await status(play)).closed
    refused = await play.pay(total="0.01")
    assert (refused.event.type, refused.data["code"]) == ("CHARGE_FAILURE", "monthly_cap_reached")
    assert await play.act(held.transaction.id, "CHARGE", "40") == "CHARGE_SUCCESS"
    assert await play.act(held.transaction.id, "REFUND", "10") == "REFUND_REQUEST"
    await play.settle()
    assert await booked(play) == {this_month(play): 4000}
    await books_agree(play)


# --- given back


@pytest.mark.parametrize("behaviour", [Behaviour.DECLINE_HARD, Behaviour.REJECTED])
async def test_what_saleor_hears_will_not_come_is_given_back_after_a_decline(
    either: Stage, behaviour: Behaviour
) -> None:
    play = either
    sale = await saved(play, behaviour)  # a first payment of 40.00 made the agreement
    assert await sale.begin() in {"CHARGE_ACTION_REQUIRED", "CHARGE_FAILURE"}
    assert await booked(play) == {this_month(play): 4000}
    (history, *_) = await cap_history(play.deps, play.demo.profile_id, 1)
    assert (history.booked, history.given_back, history.attempted) == (4000, 4000, 8000)
    await play.settle(60)
    await books_agree(play)


async def test_what_saleor_hears_will_not_come_is_given_back_after_a_cancel(either: Stage) -> None:
    play = either
    held = await play.pay(total="40", action="AUTHORIZATION")
    assert await play.act(held.transaction.id, "CANCEL", "40") == "CANCEL_SUCCESS"
    assert await booked(play) == {}
    await books_agree(play)


async def test_what_saleor_hears_will_not_come_is_given_back_with_the_rest_that_is_released(
    either_on_both: Stage,
) -> None:
    play, month = either_on_both, this_month(either_on_both)
    payment = await part_taken(play)
    assert await booked(play) == {month: 10_000}
    assert await play.act(payment, "CANCEL", "25") == "CANCEL_SUCCESS"
    assert await booked(play) == {month: 7_500}
    assert await play.act(payment, "CANCEL", "35") == "CANCEL_SUCCESS"
    assert await booked(play) == {month: 4_000}
    await books_agree(play)


async def test_what_saleor_hears_will_not_come_is_given_back_when_the_agreement_ends(either: Stage) -> None:
    play = either
    data = play.buyer_data()
    paid = await play.pay(total="100", action="AUTHORIZATION", data=data)
    assert await play.act(paid.transaction.id, "CHARGE", "40") == "CHARGE_SUCCESS"
    play.hands.close(data)
    await play.settle(60)
    assert await booked(play) == {this_month(play): 4_000}
    await books_agree(play)


# --- the rest


async def test_within_the_month_a_rest_needs_no_room(either: Stage) -> None:
    play = either
    month = this_month(play)
    payment = await part_taken(play)
    await cap(play, 1)  # there is no room for anything
    assert await play.act(payment, "CHARGE", "25") == "CHARGE_SUCCESS"
    assert await play.act(payment, "CHARGE", "35") == "CHARGE_SUCCESS"
    assert await booked(play) == {month: 10_000}
    await play.settle(60)
    await books_agree(play)


async def test_a_rest_collected_in_a_later_month_moves_its_reservation(either_on_both: Stage) -> None:
    play = either_on_both
    month, after = this_month(play), next_month(play)
    payment = await part_taken(play)
    at(play, f"{after}-03 12:00:00")
    assert await play.act(payment, "CHARGE", "25") == "CHARGE_SUCCESS"
    assert await booked(play) == {month: 7_500, after: 2_500}
    assert await play.act(payment, "CHARGE", "35") == "CHARGE_SUCCESS"
    assert await booked(play) == {month: 4_000, after: 6_000}
    await play.settle(60)
    await books_agree(play)


async def test_a_rest_without_room_in_the_later_month_is_refused_and_stays(either: Stage) -> None:
    play = either
    month, after = this_month(play), next_month(play)
    payment = await part_taken(play)
    at(play, f"{after}-03 12:00:00")
    await cap(play, 5_999)
    play.http.actions.clear()
    assert await play.act(payment, "CHARGE", "60") == "CHARGE_FAILURE"
    assert "cap" in told(play, payment)
    assert sum(play.http.actions.values()) == 0, "Amazon was not asked"
    assert await booked(play) == {month: 10_000}
    assert await play.act(payment, "CHARGE", "59.99") == "CHARGE_SUCCESS"
    assert await booked(play) == {month: 4_001, after: 5_999}
    await play.settle(60)
    await books_agree(play)


async def test_a_rest_declined_in_a_later_month_stands_where_it_stood(either: Stage) -> None:
    play = either
    sale = cart(play, total="100")
    month, after = this_month(play), next_month(play)
    assert await sale.begin("AUTHORIZATION") == "AUTHORIZATION_SUCCESS"
    assert await sale.staff("CHARGE", "40") == "CHARGE_SUCCESS"
    at(play, f"{after}-03 12:00:00")
    play.hands.choose(sale.data, Behaviour.DECLINE_SOFT)
    assert await sale.staff("CHARGE", "60") == "CHARGE_FAILURE"
    assert await booked(play) == {month: 10_000}
    assert sale.amounts.authorized == Decimal(60), "it may be tried again"
    play.hands.choose(sale.data)
    assert await sale.staff("CHARGE", "60") == "CHARGE_SUCCESS"
    assert await booked(play) == {month: 4_000, after: 6_000}
    await play.settle(60)
    await books_agree(play)


async def test_an_import_counts_by_the_clock_of_its_own_profile_whoevers_keys_read_it(either: Stage) -> None:
    play = either
    await play.demo.seed_profile(
        channel="widgets", wire=play.wire, profile_id="tokyo"
    )  # Amazon's notices come to its address
    await change(play, "tokyo", time_zone="Asia/Tokyo")
    data = play.buyer_data()
    month, after = this_month(play), next_month(play)
    assert (await play.pay(total="10", data=data)).event.type == "CHARGE_SUCCESS"
    at(play, f"{after}-01 00:00:00", less=7200)
    play.hands.charge_elsewhere(data, "25")
    await play.settle(3600)
    assert await booked(play) == {month: 3_500}, "in Tokyo it was the next month already"


# --- refunds


async def refunded(play: Stage) -> str:
    paid = await play.pay(total="40")
    assert await play.act(paid.transaction.id, "REFUND", "15") == "REFUND_REQUEST"
    return str(paid.transaction.id)


async def test_a_refund_gives_nothing_back(either: Stage) -> None:
    play = either
    await refunded(play)
    await play.settle()
    assert await booked(play) == {this_month(play): 4_000}
    await books_agree(play)


async def test_a_refund_gives_back_where_the_profile_says_so(either_on_both: Stage) -> None:
    play = either_on_both
    await change(play, refunds_give_cap_back=1)
    await refunded(play)
    await play.settle()
    assert await booked(play) == {this_month(play): 2_500}
    await books_agree(play)


async def test_a_refund_that_is_final_after_the_sales_month_gives_nothing_back(either: Stage) -> None:
    play = either
    month, after = this_month(play), next_month(play)
    await change(play, refunds_give_cap_back=1)
    payment = await refunded(play)
    at(play, f"{after}-01 00:00:01")
    await play.settle()
    assert play.saleor.books()[payment].amounts.refunded == Decimal(15)
    assert await booked(play) == {month: 4_000}
    await books_agree(play)
