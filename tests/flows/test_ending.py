"""The end of an agreement takes the rest along that nobody can collect any more (money.md §5)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import NotExecutedError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Phase
from saleor_amazonpay.domain.outcome import Outcome, Retry, Verdict
from saleor_amazonpay.flows.ledger import give_up_rest
from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.flows.watch import watch_agreements
from saleor_amazonpay.store import agreements, caps
from tests.amazon.verdicts import CAPTURED, PENDING
from tests.flows.world import AGREEMENT, World, world

pytestmark = pytest.mark.anyio
ENDED = Verdict(Phase.DECLINED, "agreement_ended")
GONE = Verdict(Phase.GONE, "order_canceled")


def ends(shop: World, state: AgreementState = AgreementState.CLOSED) -> None:
    """At Amazon; nobody tells us."""
    shop.amazon.agreements[AGREEMENT] = replace(shop.amazon.agreements[AGREEMENT], state=state)


async def booked(shop: World) -> int:
    return await shop.store.read(lambda tx: caps.booked(tx, shop.profile.id, "2026-11"))


def said(shop: World) -> list[tuple[str, str, list[str]]]:
    return [(one["type"], one["amount"], one["availableActions"]) for one in shop.api.reports]


async def part_taken(shop: World) -> None:
    """10.00 reserved, 4.00 of it taken."""
    await shop.pay(action="AUTHORIZATION")
    assert (await shop.act("charge", 4.0, 1))["result"] == "CHARGE_SUCCESS"


async def test_the_unreserved_rest_goes_with_an_agreement_found_closed_by_the_daily_look(shop: World) -> None:
    await part_taken(shop)
    ends(shop)
    await shop.settle_down(3600)
    assert shop.api.reports == [], "an agreement that may still be charged is read once a day"
    await shop.settle_down(24 * 3600)
    assert said(shop) == [("CANCEL_SUCCESS", "6.00", ["REFUND"])]
    *_, release = await shop.operations()
    assert (release.kind, release.amount, release.psp_reference) == (Kind.CANCEL, 600, release.id)
    assert await booked(shop) == 400


async def test_giving_up_twice_is_once(shop: World) -> None:
    await part_taken(shop)
    ends(shop)
    await shop.settle_down(25 * 3600)
    (session, *_) = await shop.operations()
    again = [shop.store.write(lambda tx: give_up_rest(tx, shop.deps, session)) for _ in range(4)]
    assert await asyncio.gather(*again) == [False] * 4
    await shop.settle_down(25 * 3600)
    assert len(shop.api.reports) == 1
    assert await booked(shop) == 400


async def test_a_charge_that_amazon_refuses_finds_it_ended(shop: World) -> None:
    await part_taken(shop)
    ends(shop)
    shop.amazon.script.append(ENDED)
    assert (await shop.act("charge", 6.0, 2))["result"] == "CHARGE_FAILURE"
    await shop.settle_down(1)
    assert said(shop) == [("CANCEL_SUCCESS", "6.00", ["REFUND"])]


async def test_a_closed_agreement_leaves_the_open_reservation_and_its_capture_takes_the_rest_along(
    shop: World,
) -> None:
    await shop.pay(action="AUTHORIZATION")
    ends(shop)
    await shop.settle_down(25 * 3600)
    assert shop.api.reports == []
    answer = await shop.act("charge", 4.0, 1)
    assert (answer["result"], answer["actions"]) == ("CHARGE_SUCCESS", ["REFUND"])
    await shop.settle_down(1)
    assert said(shop) == [("CANCEL_SUCCESS", "6.00", ["REFUND"])]
    assert await booked(shop) == 400


async def test_a_canceled_agreement_takes_its_reservation_along_which_is_read_first(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    ends(shop, AgreementState.CANCELED)
    await shop.settle_down(25 * 3600)
    assert shop.api.reports == [], "Amazon still says that it is open"
    shop.amazon.decide("A-1", GONE)
    await shop.settle_down(660)
    assert said(shop) == [("CANCEL_SUCCESS", "10.00", [])]
    assert await booked(shop) == 0
    assert [row.effect for row in await shop.operations()] == ["lapsed", "released"]


async def test_a_reservation_that_lapses_reads_the_agreement_and_is_given_up_if_that_has_ended(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    ends(shop)
    shop.amazon.decide("A-1", Verdict(Phase.GONE, "expired"))
    await shop.settle_down(25 * 3600)
    assert [kind for kind, *_ in said(shop)] == ["CANCEL_SUCCESS"], "no word of collecting it later"


async def test_a_capture_under_way_is_waited_for(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    shop.amazon.script.append(PENDING)
    pending = await shop.act("charge", 4.0, 1)
    ends(shop)
    await shop.settle_down(25 * 3600)
    assert shop.api.reports == []
    shop.amazon.objects[pending["pspReference"]] = replace(
        shop.amazon.objects[pending["pspReference"]], verdict=CAPTURED
    )
    await shop.settle_down(3700)
    told = [(kind, amount) for kind, amount, _ in said(shop)]
    assert told == [("CHARGE_SUCCESS", "4.00"), ("CANCEL_SUCCESS", "6.00")]


async def test_an_agreement_that_has_ended_never_opens_again(shop: World) -> None:
    await part_taken(shop)
    known = await shop.store.read(lambda tx: agreements.of_tenant(tx, "tenant-1", AGREEMENT))
    assert known is not None
    for state in (AgreementState.CLOSED, AgreementState.OPEN, AgreementState.SUSPENDED):
        await shop.store.write(lambda tx, state=state: agreements.update(tx, known.id, state, "", 1))
    late = await shop.store.read(lambda tx: agreements.by_id(tx, known.id))
    assert late is not None
    assert late.state is AgreementState.CLOSED


async def test_while_amazon_is_away_the_rest_stays_and_is_looked_at_again(shop: World) -> None:
    await part_taken(shop)
    ends(shop)
    real, away = shop.amazon.read_agreement, True

    async def read(*arguments: object, **more: object) -> object:
        if away:
            raise NotExecutedError("read", "throttled")
        return await real(*arguments, **more)  # type: ignore[arg-type]

    shop.amazon.read_agreement = read  # type: ignore[assignment, method-assign]
    await shop.settle_down(25 * 3600)
    assert shop.api.reports == []
    away = False
    await shop.settle_down(660)
    assert len(shop.api.reports) == 1


async def test_a_suspended_agreement_keeps_the_rest_and_staff_are_told_where_its_buyer_mends_it(shop: World) -> None:
    await part_taken(shop)
    shop.amazon.script.append(Verdict(Phase.REPAIRABLE, "payment_method", Retry.CHANGE_METHOD))
    answer = await shop.act("charge", 6.0, 2)
    assert (answer["result"], answer["actions"]) == ("CHARGE_FAILURE", ["CHARGE", "REFUND", "CANCEL"])
    assert f"https://payments.amazon.com/jr/your-account/ba/{AGREEMENT}" in answer["message"]
    ends(shop, AgreementState.SUSPENDED)
    await shop.settle_down(25 * 3600)
    assert shop.api.reports == []
    assert await booked(shop) == 1000


async def test_nothing_is_read_any_more_once_nothing_is_left(shop: World) -> None:
    await part_taken(shop)
    await shop.act("cancel", 6.0, 2)
    await shop.settle_down(25 * 3600)
    shop.amazon.calls.clear()
    shop.clock.advance(100 * 24 * 3600)
    assert await watch_agreements(shop.deps) == 0
    assert await handle_notices(shop.deps) == 0
    assert shop.amazon.calls == []


async def test_a_rest_that_nobody_reserves_may_be_given_up_in_parts(tmp_path: Path) -> None:
    async with world(tmp_path, monthly_cap=1000) as shop:
        await part_taken(shop)
        shop.amazon.calls.clear()
        first = await shop.act("cancel", 2.5, 2)
        assert (first["result"], first["actions"]) == ("CANCEL_SUCCESS", ["CHARGE", "REFUND", "CANCEL"])
        heard = [shop.request("cancel", 2.5, 2, psp=first["pspReference"])]
        second = await shop.act("cancel", 3.5, 3, events=heard)
        assert (second["result"], second["actions"]) == ("CANCEL_SUCCESS", ["REFUND"])
        assert shop.amazon.calls == []
        assert await booked(shop) == 400


async def test_what_amazon_still_holds_is_released_as_a_whole_or_not_at_all(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    shop.amazon.calls.clear()
    for amount in (4.0, 0.0, 11.0):
        answer = await shop.act("cancel", amount, int(amount) + 1)
        assert (answer["result"], answer["actions"]) == ("CANCEL_FAILURE", ["CHARGE", "CANCEL"]), amount
    assert shop.amazon.calls == []


async def test_a_release_that_finds_the_money_taken_fails_and_the_capture_is_booked_and_reported(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")

    async def taken(*_: object) -> Outcome:
        known = shop.amazon.objects["A-1"]
        return replace(known, verdict=CAPTURED, settled_id="C-77", amount=Money(700, "USD"))

    shop.amazon.release = taken  # type: ignore[assignment, method-assign]
    answer = await shop.act("cancel", 10.0, 1)
    assert (answer["result"], answer["actions"]) == ("CANCEL_FAILURE", ["CHARGE", "REFUND", "CANCEL"])
    await shop.settle_down()
    (report,) = shop.api.reports
    assert (report["type"], report["pspReference"], report["amount"]) == ("CHARGE_SUCCESS", "C-77", "7.00")
    rows = {row.kind: row for row in await shop.operations()}
    capture = rows[Kind.CAPTURE]
    assert (capture.amount, capture.parent_id, capture.settled_id) == (700, rows[Kind.AUTHORIZE].id, "C-77")
