"""A refund that no single capture can carry: split, newest first, and reported once (money.md §5)."""

from __future__ import annotations

import asyncio

import pytest

from saleor_amazonpay.domain.errors import OutcomeUnknownError
from tests.amazon.verdicts import PROCESSING_FAILURE, REFUNDED, REJECTED
from tests.flows.world import World

pytestmark = pytest.mark.anyio


async def captured_in_two(shop: World) -> None:
    """3.00 and 7.00 of one authorization."""
    await shop.pay(action="AUTHORIZATION")
    first = await shop.act("charge", 3.0, 1)
    shop.clock.advance(1)
    await shop.act("charge", 7.0, 2, events=[shop.request("charge", 3.0, 1, psp=first["pspReference"])])


def refunds(shop: World) -> list[tuple[str, int]]:
    return [
        (key, made.amount.minor) for key, made in shop.amazon.objects.items() if key.startswith("R") and made.amount
    ]


async def test_a_refund_that_one_capture_can_carry_is_not_split(shop: World) -> None:
    await captured_in_two(shop)
    await shop.act("refund", 7.0, 9)
    assert [amount for _, amount in refunds(shop)] == [700]


async def test_a_larger_one_goes_to_several_captures_newest_first_and_is_reported_once(shop: World) -> None:
    await captured_in_two(shop)
    answer = await shop.act("refund", 8.0, 9)
    assert [amount for _, amount in refunds(shop)] == [700, 100]
    for key, _ in refunds(shop):
        shop.amazon.decide(key, REFUNDED)
    await shop.settle_down()
    (report,) = shop.api.reports
    assert (report["type"], report["pspReference"], report["amount"]) == (
        "REFUND_SUCCESS",
        answer["pspReference"],
        "8.00",
    )
    assert report["availableActions"] == ["REFUND"]


async def test_what_is_decided_at_once_is_answered_at_once(shop: World) -> None:
    await captured_in_two(shop)
    shop.amazon.script += [REFUNDED, REFUNDED]
    answer = await shop.act("refund", 10.0, 9)
    assert (answer["result"], answer["actions"]) == ("REFUND_SUCCESS", [])
    assert "amount" not in answer
    await shop.settle_down()
    assert shop.api.reports == []


async def test_if_only_a_part_succeeds_saleor_hears_the_sum_that_did(shop: World) -> None:
    await captured_in_two(shop)
    shop.amazon.script += [REFUNDED, REJECTED]
    answer = await shop.act("refund", 10.0, 9)
    assert (answer["result"], answer["amount"]) == ("REFUND_SUCCESS", "7.00")
    assert answer["actions"] == ["REFUND"]


async def test_if_no_part_succeeds_it_is_a_failure(shop: World) -> None:
    await captured_in_two(shop)
    shop.amazon.script += [REJECTED, REJECTED]
    answer = await shop.act("refund", 10.0, 9)
    assert answer["result"] == "REFUND_FAILURE"
    assert answer["actions"] == ["REFUND"]


async def test_no_report_before_the_last_part_is_decided(shop: World) -> None:
    await captured_in_two(shop)
    shop.amazon.script.append(REFUNDED)
    await shop.act("refund", 10.0, 9)
    await shop.settle_down()
    assert shop.api.reports == []
    shop.amazon.decide(refunds(shop)[-1][0], REFUNDED)
    await shop.settle_down()
    assert [report["amount"] for report in shop.api.reports] == ["10.00"]


async def test_pressing_again_after_a_lost_answer_splits_once(shop: World) -> None:
    await captured_in_two(shop)
    shop.amazon.script += [OutcomeUnknownError("refund", "lost")]
    first = await shop.act("refund", 10.0, 9)
    again = await asyncio.gather(*(shop.act("refund", 10.0, *range(9, 10 + more)) for more in range(1, 6)))
    assert {answer["pspReference"] for answer in again} == {first["pspReference"]}
    await shop.settle_down(600)
    assert sorted(amount for _, amount in refunds(shop)) == [300, 700]


async def test_what_amazon_could_not_process_is_tried_three_times_and_told_once(shop: World) -> None:
    await shop.pay()
    pending = await shop.act("refund", 4.0, 9)
    shop.amazon.decide(refunds(shop)[-1][0], PROCESSING_FAILURE)
    await shop.settle_down(40)
    assert len(refunds(shop)) == 1, "the first pause is a minute"
    await shop.settle_down(90)
    assert len(refunds(shop)) == 2
    assert shop.api.reports == []
    shop.amazon.decide(refunds(shop)[-1][0], PROCESSING_FAILURE)
    for _ in range(2):
        await shop.settle_down(700)
    shop.amazon.decide(refunds(shop)[-1][0], REFUNDED)
    await shop.settle_down(700)
    assert [amount for _, amount in refunds(shop)] == [400, 400, 400]
    (report,) = shop.api.reports
    assert (report["type"], report["pspReference"]) == ("REFUND_SUCCESS", pending["pspReference"])


async def test_after_the_third_failure_the_refund_has_failed(shop: World) -> None:
    await shop.pay()
    shop.amazon.script += [PROCESSING_FAILURE] * 3
    pending = await shop.act("refund", 4.0, 9)
    assert set(pending) == {"pspReference"}
    for seconds in (90, 700, 700, 700):
        await shop.settle_down(seconds)
    assert len(refunds(shop)) == 3
    (report,) = shop.api.reports
    assert (report["type"], report["pspReference"]) == ("REFUND_FAILURE", pending["pspReference"])
    assert report["availableActions"] == ["REFUND"]


async def test_while_it_is_tried_again_its_money_is_not_refunded_otherwise(shop: World) -> None:
    await shop.pay()
    shop.amazon.script += [PROCESSING_FAILURE]
    await shop.act("refund", 10.0, 9)
    other = await shop.act("refund", 10.0, 9, 10)
    assert other.get("result") != "REFUND_SUCCESS"
    for seconds in (90, 90):
        await shop.settle_down(seconds)
    assert len(refunds(shop)) == 2


async def test_a_part_of_a_split_refund_is_tried_again_by_itself(shop: World) -> None:
    await captured_in_two(shop)
    shop.amazon.script += [REFUNDED, PROCESSING_FAILURE]
    pending = await shop.act("refund", 10.0, 9)
    assert set(pending) == {"pspReference"}
    await shop.settle_down(90)
    assert [amount for _, amount in refunds(shop)] == [700, 300, 300]
    shop.amazon.decide(refunds(shop)[-1][0], REFUNDED)
    await shop.settle_down(700)
    assert [(report["type"], report["amount"]) for report in shop.api.reports] == [("REFUND_SUCCESS", "10.00")]
