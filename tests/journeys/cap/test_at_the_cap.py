"""money.md §7, what holds when there is no room, what never changes the books, and who hears of it.

| rule | scenario |
| --- | --- |
| a new time zone counts from the next month | a_new_time_zone… |
| the currency of a profile with bookings cannot change | the_currency_of… |
| a move between wires changes nothing | a_move_to_checkout_v2… |
| at the cap the profile is skipped; with none left monthly_cap_reached before Amazon is called | at_the_cap… |
| the choice of gateway-initialize is kept; no room by then | the_choice… (two) |
| thresholds raise a Problem once; the month's turn or a raised cap clears it | a_threshold… (three) |
| history and forecast | past_months_keep…, the_status_says… |
| Amazon's own monthly limit beside ours | amazons_own_limit… |
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.domain.flaws import FlawCode, FlawedError, NoteCode
from saleor_amazonpay.flows.caps import amazon_limit, cap_history
from saleor_amazonpay.flows.move import Wanted, move
from saleor_amazonpay.flows.profiles import update
from saleor_amazonpay.flows.watch import watch_agreements
from tests.journeys.cap.books import (
    at,
    booked,
    books_agree,
    cap,
    change,
    next_month,
    part_taken,
    problems,
    status,
    this_month,
    watch,
)
from tests.journeys.carts import agreed, cart
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
DAY = 24 * 3600

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


async def test_past_the_cap_a_buyer_still_agrees_to_later_charges(either: Stage) -> None:
    """It moves nothing and is not booked; whether a later charge has room is that charge's."""
    play = either
    await play.pay(total="40")
    await cap(play, 2_000)
    trial = cart(play, total="0")
    trial.data |= agreed("9.99")
    assert await trial.begin() == "AUTHORIZATION_SUCCESS"
    later = trial.later(total="1")
    assert (await later.begin(), later.code) == ("CHARGE_FAILURE", "monthly_cap_reached")
    assert await booked(play) == {this_month(play): 4_000}
    await play.settle(60)
    await books_agree(play)


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
    assert {problem.count for problem in play.installed.problems} == {1}
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
