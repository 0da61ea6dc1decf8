"""The rest of an authorization: collected on the agreement, part by part, or given up (money.md §5, §7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from saleor_amazonpay.domain.operation import Kind
from saleor_amazonpay.store import caps, profiles
from tests.amazon.verdicts import AUTHORIZED, HARD, SOFT
from tests.flows.world import World, world

pytestmark = pytest.mark.anyio
MONTH_MS = 31 * 24 * 3600 * 1000


async def capture(shop: World, amount: float, number: int, answered: list[dict[str, object]]) -> dict[str, object]:
    answer = await shop.act("charge", amount, number, events=list(answered))
    answered.append(shop.request("charge", amount, number, psp=str(answer.get("pspReference"))))
    return answer


async def booked(shop: World, month: str) -> int:
    return await shop.store.read(lambda tx: caps.booked(tx, shop.profile.id, month))


async def test_the_rest_after_a_capture_is_collected_on_the_agreement_part_by_part(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    heard: list[dict[str, object]] = []
    first = await capture(shop, 4.0, 1, heard)
    assert first["actions"] == ["CHARGE", "REFUND", "CANCEL"]
    second = await capture(shop, 3.0, 2, heard)
    third = await capture(shop, 3.0, 3, heard)
    assert [answer["result"] for answer in (first, second, third)] == ["CHARGE_SUCCESS"] * 3
    assert len({answer["pspReference"] for answer in (first, second, third)}) == 3
    assert third["actions"] == ["REFUND"]
    assert [kind for kind, _, _ in shop.amazon.moved] == ["authorize", "capture", "authorize", "authorize"]
    assert (await capture(shop, 0.01, 4, heard))["result"] == "CHARGE_FAILURE"
    assert sum(row.amount for row in await shop.operations() if row.paid) == 1000


async def test_a_rest_that_is_declined_stays(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    heard: list[dict[str, object]] = []
    await capture(shop, 4.0, 1, heard)
    shop.amazon.script.append(SOFT)
    declined = await capture(shop, 6.0, 2, heard)
    assert (declined["result"], declined["actions"]) == ("CHARGE_FAILURE", ["CHARGE", "REFUND", "CANCEL"])
    assert (await capture(shop, 6.0, 3, heard))["result"] == "CHARGE_SUCCESS"


async def test_a_rest_on_an_agreement_without_a_valid_method_names_the_reason(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    heard: list[dict[str, object]] = []
    await capture(shop, 4.0, 1, heard)
    shop.amazon.script.append(HARD)
    answer = await capture(shop, 6.0, 2, heard)
    assert "payment method" in str(answer["message"])


async def test_a_rest_that_amazon_only_reserved_took_nothing_and_is_captured_next(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    heard: list[dict[str, object]] = []
    await capture(shop, 4.0, 1, heard)
    shop.amazon.script.append(AUTHORIZED)
    failed = await capture(shop, 6.0, 2, heard)
    assert (failed["result"], failed["actions"]) == ("CHARGE_FAILURE", ["CHARGE", "REFUND", "CANCEL"])
    taken = await capture(shop, 6.0, 3, heard)
    assert taken["result"] == "CHARGE_SUCCESS"
    assert (await shop.operations())[-1].kind is Kind.CAPTURE
    assert taken["actions"] == ["REFUND"]


async def test_the_rest_without_a_reservation_is_released_in_our_books_alone(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    heard: list[dict[str, object]] = []
    await capture(shop, 4.0, 1, heard)
    shop.amazon.calls.clear()
    answer = await shop.act("cancel", 6.0, 2)
    assert (answer["result"], answer["actions"]) == ("CANCEL_SUCCESS", ["REFUND"])
    assert shop.amazon.calls == []
    assert await booked(shop, "2026-11") == 400


async def test_within_a_month_the_rest_needs_no_new_room_under_the_cap(tmp_path: Path) -> None:
    async with world(tmp_path, monthly_cap=1000) as shop:
        await shop.pay(action="AUTHORIZATION")
        heard: list[dict[str, object]] = []
        await capture(shop, 4.0, 1, heard)
        assert (await capture(shop, 6.0, 2, heard))["result"] == "CHARGE_SUCCESS"
        assert await booked(shop, "2026-11") == 1000


async def test_a_rest_collected_in_a_later_month_moves_its_reservation(tmp_path: Path) -> None:
    async with world(tmp_path, monthly_cap=1000) as shop:
        await shop.pay(action="AUTHORIZATION")
        heard: list[dict[str, object]] = []
        await capture(shop, 4.0, 1, heard)
        shop.clock.now += MONTH_MS
        assert (await capture(shop, 6.0, 2, heard))["result"] == "CHARGE_SUCCESS"
        assert (await booked(shop, "2026-11"), await booked(shop, "2026-12")) == (400, 600)


async def test_without_room_in_the_later_month_the_rest_stays_and_amazon_is_not_called(tmp_path: Path) -> None:
    async with world(tmp_path, monthly_cap=1000) as shop:
        await shop.pay(action="AUTHORIZATION")
        heard: list[dict[str, object]] = []
        await capture(shop, 4.0, 1, heard)
        shop.clock.now += MONTH_MS
        await shop.store.write(lambda tx: profiles.set_cap(tx, shop.profile.id, 599, 1))
        shop.amazon.calls.clear()
        answer = await capture(shop, 6.0, 2, heard)
        assert answer["result"] == "CHARGE_FAILURE"
        assert shop.amazon.calls == []
        assert (await booked(shop, "2026-11"), await booked(shop, "2026-12")) == (1000, 0)


async def test_a_declined_rest_gives_its_reservation_back_to_the_month_it_came_from(tmp_path: Path) -> None:
    async with world(tmp_path, monthly_cap=1000) as shop:
        await shop.pay(action="AUTHORIZATION")
        heard: list[dict[str, object]] = []
        await capture(shop, 4.0, 1, heard)
        shop.clock.now += MONTH_MS
        shop.amazon.script.append(SOFT)
        await capture(shop, 6.0, 2, heard)
        assert (await booked(shop, "2026-11"), await booked(shop, "2026-12")) == (1000, 0)
