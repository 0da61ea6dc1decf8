"""money.md §7, the cap: one scenario for each sentence, ending with books that agree to the cent.

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
| a new time zone counts from the next month | a_new_time_zone… |
| the currency of a profile with bookings cannot change | the_currency_of… |
| a move between wires changes nothing | a_move_to_checkout_v2… |
| at the cap the profile is skipped; with none left monthly_cap_reached before Amazon is called | at_the_cap… |
| the choice of gateway-initialize is kept; no room by then | the_choice… (two) |
| thresholds raise a Problem once; the month's turn or a raised cap clears it | a_threshold… (three) |
| history and forecast | past_months_keep…, the_status_says… |
| Amazon's own monthly limit beside ours | amazons_own_limit… |

Parallel buyers are in tests/flows/test_cap_rush.py, any order of everything in tests/flows/test_cap_machine.py.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from saleor_amazonpay.domain.flaws import FlawCode, FlawedError, NoteCode
from saleor_amazonpay.flows.cap_watch import watch_caps
from saleor_amazonpay.flows.caps import CapStatus, amazon_limit, cap_history, cap_status
from saleor_amazonpay.flows.move import Wanted, move
from saleor_amazonpay.flows.problems import deliver_problems
from saleor_amazonpay.flows.profiles import update
from saleor_amazonpay.flows.watch import watch_agreements
from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.store import tables
from tests.journeys.carts import agreed, cart
from tests.journeys.known import saved
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
DAY = 24 * 3600


# --- how


def mid_month(play: Stage) -> Stage:
    """Whenever the tests run, they begin in the middle of a month, and time stands still but for what they do."""
    play.amazon.clock.freeze()
    at(play, f"{next_month(play)}-10 12:00:00")
    return play


@pytest.fixture(name="play")
def begins(play: Stage) -> Stage:
    return mid_month(play)


@pytest.fixture(name="either")
def begins_on_either(either: Stage) -> Stage:
    return mid_month(either)


@pytest.fixture(name="either_on_both")
def begins_on_both(either_on_both: Stage) -> Stage:
    return mid_month(either_on_both)


async def change(play: Stage, profile_id: str = "", **values: Any) -> None:
    key = profile_id or play.demo.profile_id
    update = sa.update(tables.profiles).where(tables.profiles.c.id == key).values(**values)
    await play.deps.store.write(lambda tx: tx.connection.execute(update))
    play.deps.directory.forget()


async def cap(play: Stage, minor: int) -> None:
    await change(play, monthly_cap=minor)


async def booked(play: Stage) -> dict[str, int]:
    """What stands in each month, in cents; months in which nothing stands are left out."""
    columns = tables.cap_months.c
    months = sa.select(columns.month, sa.func.sum(columns.booked)).group_by(columns.month)
    rows = await play.deps.store.read(lambda tx: tx.connection.execute(months).all())
    return {month: int(amount) for month, amount in rows if amount}


async def books_agree(play: Stage) -> None:
    """Saleor, Amazon and the ledger agree, and the cap's books are the sum over the ledger."""
    await play.books_agree()
    columns = tables.operations.c
    summed = sa.select(columns.cap_month, sa.func.sum(columns.cap_booked)).group_by(columns.cap_month)
    rows = await play.deps.store.read(lambda tx: tx.connection.execute(summed).all())
    assert {month: int(amount) for month, amount in rows if amount} == await booked(play)


def at(play: Stage, moment: str, zone: str = "UTC", less: float = 0) -> None:
    """Move every clock to a moment on a wall, or some seconds before it."""
    wanted = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).timestamp() - less
    assert wanted >= play.amazon.now(), "time only goes forward"
    play.amazon.advance(wanted - play.amazon.now())


def this_month(play: Stage) -> str:
    return datetime.fromtimestamp(play.amazon.now(), ZoneInfo("UTC")).strftime("%Y-%m")


def next_month(play: Stage) -> str:
    year, number = map(int, this_month(play).split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


async def status(play: Stage) -> CapStatus:
    return await cap_status(play.deps, play.demo.profile_id)


def told(play: Stage, transaction: str) -> str:
    return str(play.saleor.books()[transaction].events[-1].message)


async def part_taken(play: Stage, total: str = "100", taken: str = "40") -> str:
    """A payment of which a part was captured: the rest is Amazon's no more, but may be collected."""
    paid = await play.pay(total=total, action="AUTHORIZATION")
    assert await play.act(paid.transaction.id, "CHARGE", taken) == "CHARGE_SUCCESS"
    return str(paid.transaction.id)


def problems(play: Stage) -> list[tuple[str, bool]]:
    app = next(app for app in play.saleor.world.apps if app.identifier == play.gateway)
    return [(one.key, one.is_critical) for one in app.problems if one.dismissed is None]


async def watch(play: Stage) -> None:
    await watch_caps(play.deps)
    await deliver_problems(play.deps)


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


# --- what does not change the books


async def test_a_new_time_zone_counts_from_the_next_month(either: Stage) -> None:
    play = either
    month, after = this_month(play), next_month(play)
    at(play, f"{after}-01 00:00:00", less=3600)
    profile = (await play.deps.directory.current()).profiles[play.demo.profile_id]
    saved = await update(play.deps, profile.tenant_id, profile.id, profile.version, {"time_zone": "Asia/Tokyo"})
    assert [note.code for note in saved.notes if note.field == "time_zone"] == [NoteCode.TIME_ZONE_NEXT_MONTH]
    found = await status(play)
    assert (found.month, found.time_zone, found.next_time_zone) == (month, "UTC", "Asia/Tokyo")
    await play.pay(total="20")  # in Tokyo it is the next month already
    play.amazon.advance(3600)
    await play.pay(total="30")
    assert await booked(play) == {month: 2_000, after: 3_000}
    assert (await status(play)).time_zone == "Asia/Tokyo"
    await play.settle(60)
    await books_agree(play)


async def test_the_currency_of_a_profile_with_bookings_cannot_change(either: Stage) -> None:
    play = either
    held = await play.pay(total="20", action="AUTHORIZATION")
    assert await play.act(held.transaction.id, "CANCEL", "20") == "CANCEL_SUCCESS"
    assert await booked(play) == {}, "what was given back was booked all the same"
    profile = (await play.deps.directory.current()).profiles[play.demo.profile_id]
    with pytest.raises(FlawedError) as refused:
        await update(play.deps, profile.tenant_id, profile.id, profile.version, {"currency": "EUR"})
    assert FlawCode.CURRENCY_LOCKED in [flaw.code for flaw in refused.value.flaws]
    await books_agree(play)


async def test_a_move_to_checkout_v2_changes_nothing(play: Stage) -> None:
    month = this_month(play)
    payment = await part_taken(play)
    before = await booked(play)
    await move(play.deps, play.demo.profile_id, Wanted("", play.amazon.merchant.store_id))
    assert await booked(play) == before == {month: 10_000}
    assert await play.act(payment, "CHARGE", "60") == "CHARGE_SUCCESS"
    assert await booked(play) == before
    await play.settle(60)
    await books_agree(play)


# --- at the cap


async def test_at_the_cap_the_profile_is_skipped_and_with_none_left_amazon_is_not_called(either: Stage) -> None:
    play = either
    second = await play.demo.seed_profile(profile_id="demo-second", priority=0, wire=play.wire)
    await cap(play, 4_000)
    await change(play, second.id, monthly_cap=3_000)

    async def by_whom(total: str) -> str:
        sale = cart(play, total=total)
        assert await sale.begin() == "CHARGE_SUCCESS"
        (row,) = await sale.rows()
        return row.profile_id

    order = [await by_whom("30"), await by_whom("30")]
    assert sorted(order) == sorted([play.demo.profile_id, second.id])
    play.http.actions.clear()
    sale = cart(play, total="30")
    assert await sale.begin() == "CHARGE_FAILURE"
    assert sale.code == "monthly_cap_reached"
    assert sum(play.http.actions.values()) == 0
    await play.settle(60)
    await books_agree(play)


async def test_the_choice_of_gateway_initialize_has_no_room_any_more_before_there_is_an_agreement(
    either: Stage,
) -> None:
    play = either
    sale = cart(play, total="30")
    (config,) = (await play.saleor.payment_gateway_initialize(sale.checkout.id)).configs
    assert config.data["available"] is True
    await cap(play, 2_999)
    play.http.actions.clear()
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "choose_again"
    assert sum(play.http.actions.values()) == 0
    (config,) = (await play.saleor.payment_gateway_initialize(sale.checkout.id)).configs
    assert (config.data["available"], config.data["code"]) == (False, "monthly_cap_reached")


async def test_the_choice_is_an_agreements_for_good_and_without_room_the_answer_is_final(either: Stage) -> None:
    play = either
    data = play.buyer_data()
    assert (await play.pay(total="30", data=data)).event.type == "CHARGE_SUCCESS"
    await play.demo.seed_profile(profile_id="demo-second", priority=0, wire=play.wire)
    await cap(play, 5_999)
    play.http.actions.clear()
    refused = await play.pay(total="30", data=play.hands.by_id(data))
    assert (refused.event.type, refused.data["code"]) == ("CHARGE_FAILURE", "monthly_cap_reached")
    assert play.hands.asked("charge") == 0
    await play.settle(60)
    await books_agree(play)


# --- who hears of it


async def test_a_threshold_is_raised_once(either_on_both: Stage) -> None:
    play = either_on_both
    await cap(play, 10_000)
    key = f"cap:{play.demo.profile_id}"
    await play.pay(total="49.99")
    await watch(play)
    assert problems(play) == []
    await play.pay(total="0.01")
    for _ in range(3):
        await watch(play)
    assert problems(play) == [(f"{key}:50", False)]
    await play.pay(total="50")
    await watch(play)
    assert sorted(problems(play)) == [
        (f"{key}:100", True),
        (f"{key}:50", False),
        (f"{key}:80", False),
        (f"{key}:90", False),
    ]
    app = next(app for app in play.saleor.world.apps if app.identifier == play.gateway)
    assert {problem.count for problem in app.problems} == {1}
    (month, *_) = await cap_history(play.deps, play.demo.profile_id)
    assert [alert.threshold for alert in month.alerts] == [50, 80, 90, 100]
    await play.settle(60)
    await books_agree(play)


async def test_a_threshold_is_cleared_when_the_month_turns_and_raised_anew_in_the_next(either: Stage) -> None:
    play = either
    await cap(play, 10_000)
    after = next_month(play)
    await play.pay(total="60")
    await watch(play)
    assert problems(play) == [(f"cap:{play.demo.profile_id}:50", False)]
    at(play, f"{after}-01 00:00:01")
    await watch(play)
    assert problems(play) == []
    await play.pay(total="60")
    await watch(play)
    assert problems(play) == [(f"cap:{play.demo.profile_id}:50", False)]
    newest, older = await cap_history(play.deps, play.demo.profile_id, 2)
    assert (newest.month, newest.booked, older.booked) == (after, 6_000, 6_000)
    assert [len(newest.alerts), len(older.alerts)] == [1, 1]


async def test_a_threshold_is_cleared_when_the_cap_is_raised_not_when_something_is_given_back(either: Stage) -> None:
    play = either
    await cap(play, 10_000)
    held = await play.pay(total="60", action="AUTHORIZATION")
    await watch(play)
    assert await play.act(held.transaction.id, "CANCEL", "60") == "CANCEL_SUCCESS"
    await watch(play)
    assert problems(play) == [(f"cap:{play.demo.profile_id}:50", False)]
    await cap(play, 10_001)
    await watch(play)
    assert problems(play) == []
    await play.pay(total="60")
    await watch(play)
    assert problems(play) == [(f"cap:{play.demo.profile_id}:50", False)]


async def test_past_months_keep_the_terms_they_had(either: Stage) -> None:
    play = either
    await cap(play, 10_000)
    after = next_month(play)
    await play.pay(total="60")
    await watch(play)
    at(play, f"{after}-02 00:00:00")
    await cap(play, 20_000)
    await watch(play)
    newest, older = await cap_history(play.deps, play.demo.profile_id, 2)
    assert (newest.cap, newest.percent, older.cap, older.percent) == (20_000, Decimal("0.0"), 10_000, Decimal("60.0"))


async def test_the_status_says_what_is_left_and_when_the_cap_will_be_reached(either: Stage) -> None:
    play = either
    await cap(play, 10_000)
    month, after = this_month(play), next_month(play)
    at(play, f"{after}-11 00:00:00")
    await play.pay(total="50")
    found = await status(play)
    assert (found.month, found.booked, found.remaining, found.percent) == (after, 5_000, 5_000, Decimal("50.0"))
    assert [(each.percent, each.amount, each.reached) for each in found.thresholds] == [
        (50, 5_000, True), (80, 8_000, False), (90, 9_000, False), (100, 10_000, False),
    ]  # fmt: skip
    # Ten days for the first half: the second is over after ten more.
    assert found.forecast_at == found.begins_at + 20 * DAY * 1000
    months = await cap_history(play.deps, play.demo.profile_id, 3)
    assert [(each.month, each.booked, each.cap) for each in months[:2]] == [(after, 5_000, 10_000), (month, 0, None)]
    await play.settle(60)
    await books_agree(play)


async def test_amazons_own_limit_of_an_agreement_stands_beside_ours(either: Stage) -> None:
    play = either
    sale = cart(play, total="40")
    assert await sale.begin() == "CHARGE_SUCCESS"
    agreement = await sale.bound()
    assert agreement is not None
    limit = await amazon_limit(play.deps, agreement.id)
    if play.hands.v2:
        assert limit is None, "a completed session does not say it: the daily look is the first read of the permission"
    else:
        assert limit is not None, "it was read when the agreement was made ready"
        assert (limit.known.limit.remaining.minor, limit.attempted_since) == (limit.known.limit.limit.minor, 4_000)
    play.amazon.advance(2 * DAY)
    await play.settle(60)
    held = await play.pay(total="10", action="AUTHORIZATION", data=sale.by_id)
    assert held.event.type == "AUTHORIZATION_SUCCESS"
    play.amazon.advance(2 * DAY)
    await watch_agreements(play.deps)
    later = await amazon_limit(play.deps, agreement.id)
    assert later is not None
    assert later.known.limit.limit.minor - later.known.limit.remaining.minor >= 1_000
    assert later.attempted_since == 0
    assert [each.agreement_id for each in (await status(play)).tightest] == [agreement.id]
