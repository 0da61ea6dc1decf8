"""Charge, refund and cancel: one effect per request, lost answers found again (money.md §1, §3, §5)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from saleor_amazonpay.domain.errors import OutcomeUnknownError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Verdict
from saleor_amazonpay.flows.deps import Timing
from saleor_amazonpay.store import caps, operations
from tests.amazon.verdicts import CAPTURED, PENDING, REFUNDED, REJECTED
from tests.flows.world import World, world

pytestmark = pytest.mark.anyio
RELEASED_ALREADY = Verdict(Phase.DONE, "ok", effect=Effect.CAPTURED)


async def refunds(shop: World) -> list[str]:
    return [reference for reference, made in shop.amazon.made.items() if made.object_id.startswith("R")]


async def test_a_capture_takes_what_was_reserved(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    answer = await shop.act("charge", 10.0)
    assert (answer["result"], answer["pspReference"]) == ("CHARGE_SUCCESS", "C-2")
    assert answer["actions"] == ["REFUND"]


async def test_a_refund_is_pending_first_and_reported_when_amazon_has_decided(shop: World) -> None:
    await shop.pay()
    answer = await shop.act("refund", 4.0)
    assert answer == {"pspReference": "R-2"}, "nothing else: `actions` here would break the transaction in Saleor"
    shop.amazon.decide("R-2", REFUNDED)
    await shop.settle_down()
    (report,) = shop.api.reports
    assert (report["type"], report["pspReference"], report["amount"]) == ("REFUND_SUCCESS", "R-2", "4.00")
    assert report["availableActions"] == ["REFUND"]


async def test_a_refund_that_amazon_declines_is_reported_as_a_failure_of_the_same_request(shop: World) -> None:
    await shop.pay()
    await shop.act("refund", 4.0)
    shop.amazon.decide("R-2", REJECTED)
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("REFUND_FAILURE", "R-2")]
    assert (await shop.act("refund", 10.0, 2))["pspReference"] == "R-3", "the amount is free again"


async def test_a_cancel_releases_the_reservation_and_gives_the_cap_back(tmp_path: Path) -> None:
    async with world(tmp_path, monthly_cap=1000) as shop:
        await shop.pay(action="AUTHORIZATION")
        answer = await shop.act("cancel", 10.0)
        assert answer["result"] == "CANCEL_SUCCESS"
        (_, release) = await shop.operations()
        assert answer["pspReference"] == release.id, "a cancel has a reference of its own"
        assert answer["actions"] == []
        assert await shop.store.read(lambda tx: caps.booked(tx, shop.profile.id, "2026-11")) == 0


async def test_a_cancel_that_finds_the_money_taken_fails(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    shop.amazon.script.append(RELEASED_ALREADY)
    answer = await shop.act("cancel", 10.0)
    assert answer["result"] == "CANCEL_FAILURE"
    assert "already taken" in answer["message"]


@pytest.mark.parametrize("kind", ["charge", "refund", "cancel"])
async def test_the_same_bytes_eight_times_at_once_are_one_effect(shop: World, kind: str) -> None:
    await shop.pay(action="CHARGE" if kind == "refund" else "AUTHORIZATION")
    body = shop.action(kind, 10.0, [shop.request(kind, 10.0, 1)])
    event = f"transaction-{'cancelation' if kind == 'cancel' else kind}-requested"
    answers = await asyncio.gather(*(shop.send(event, body) for _ in range(8)))
    assert len({answer.body for answer in answers}) == 1
    assert len(await shop.operations()) == 2
    calls = {"charge": "capture", "refund": "refund", "cancel": "release"}
    assert shop.amazon.calls.count(calls[kind]) == 1


async def test_staff_who_press_again_after_a_lost_answer_refund_once(shop: World) -> None:
    await shop.pay()
    shop.amazon.lost = 1
    first = await shop.act("refund", 10.0, 1)
    assert set(first) == {"pspReference"}
    second = await shop.act("refund", 10.0, 1, 2)
    assert second == first
    await shop.settle_down()
    assert len(await refunds(shop)) == 1


async def test_eight_requests_after_a_lost_answer_are_one_refund(shop: World) -> None:
    await shop.pay()
    shop.amazon.lost = 1
    await shop.act("refund", 10.0, 1)
    pressed = [shop.act("refund", 10.0, *range(1, number + 1)) for number in range(2, 10)]
    answers = await asyncio.gather(*pressed)
    assert len({answer["pspReference"] for answer in answers}) == 1
    assert len(await refunds(shop)) == 1
    assert len(await shop.operations()) == 2


async def test_eight_requests_at_once_in_any_order_are_one_refund(shop: World) -> None:
    await shop.pay()
    pressed = [shop.act("refund", 10.0, *range(1, number + 1)) for number in (5, 2, 8, 1, 7, 3, 6, 4)]
    answers = await asyncio.gather(*pressed)
    assert len({answer["pspReference"] for answer in answers}) == 1
    assert len(await refunds(shop)) == 1


async def test_a_second_refund_of_the_same_amount_is_one_once_saleor_has_heard_of_the_first(shop: World) -> None:
    await shop.pay()
    shop.amazon.script += [REFUNDED, REFUNDED]
    first = await shop.act("refund", 4.0, 1)
    answered = shop.request("refund", 4.0, 1, psp=first["pspReference"])
    second = await shop.act("refund", 4.0, 2, events=[answered])
    assert second["pspReference"] != first["pspReference"]
    assert len(await refunds(shop)) == 2


async def test_another_amount_is_another_refund(shop: World) -> None:
    await shop.pay()
    shop.amazon.lost = 1
    first = await shop.act("refund", 4.0, 1)
    events = [shop.request("refund", 4.0, 1)]
    second = await shop.act("refund", 5.0, 2, events=events)
    assert first["pspReference"] != second["pspReference"]
    assert len(await refunds(shop)) == 2


async def test_a_failed_refund_is_not_adopted(shop: World) -> None:
    await shop.pay()
    shop.amazon.script.append(REJECTED)
    first = await shop.act("refund", 10.0, 1)
    assert first["result"] == "REFUND_FAILURE"
    second = await shop.act("refund", 10.0, 1, 2)
    assert set(second) == {"pspReference"}
    assert len(await refunds(shop)) == 2


async def test_new_bytes_for_a_known_operation_get_its_present_state_under_the_same_reference(shop: World) -> None:
    await shop.pay()
    first = await shop.act("refund", 10.0, 1)
    shop.amazon.decide(first["pspReference"], REFUNDED)
    await shop.settle_down()
    second = await shop.act("refund", 10.0, 1)
    assert (second["result"], second["pspReference"]) == ("REFUND_SUCCESS", first["pspReference"])


async def test_what_staff_asked_for_is_finished_after_a_crash(shop: World) -> None:
    await shop.pay()
    shop.amazon.script.append(OutcomeUnknownError("refund", "lost"))
    answer = await shop.act("refund", 10.0)
    assert len(await refunds(shop)) == 0
    await shop.settle_down(3600)
    assert await refunds(shop) == [(await shop.operations())[1].id]
    (_, operation) = await shop.operations()
    assert answer["pspReference"] == operation.psp_reference == operation.id


async def test_a_slow_refund_is_answered_in_time_and_its_result_reported(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.pay()
        slow = replace(shop.deps.timing, budget=0.2)
        shop.app.state.doors = replace(shop.app.state.doors, deps=replace(shop.deps, timing=slow))
        shop.amazon.gate = asyncio.Event()
        shop.amazon.script.append(REFUNDED)
        answer = await shop.act("refund", 10.0)
        (_, operation) = await shop.operations()
        assert answer == {"pspReference": operation.id}
        shop.amazon.gate.set()
        await shop.settle_down()
        assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("REFUND_SUCCESS", operation.id)]


async def test_a_report_never_overtakes_the_answer(tmp_path: Path) -> None:
    async with world(tmp_path, Timing()) as shop:
        await shop.pay()
        await shop.act("refund", 10.0)
        shop.amazon.decide("R-2", REFUNDED)
        shop.clock.advance(40)
        from saleor_amazonpay.flows.recover import sweep
        from saleor_amazonpay.flows.report import deliver_reports, note_delivered

        await note_delivered(shop.deps)
        await sweep(shop.deps)
        assert await deliver_reports(shop.deps) == 0
        shop.clock.advance(3)
        await deliver_reports(shop.deps)
        assert [report["type"] for report in shop.api.reports] == ["REFUND_SUCCESS"]


async def test_reports_wait_for_saleor_and_keep_their_order(shop: World) -> None:
    await shop.pay()
    shop.amazon.script += [PENDING, PENDING]
    await shop.act("refund", 4.0, 1)
    await shop.act("refund", 5.0, 2, events=[shop.request("refund", 4.0, 1, psp="R-2")])
    shop.amazon.decide("R-3", REFUNDED)
    shop.api.away = True
    await shop.settle_down()
    shop.amazon.decide("R-2", REFUNDED)
    await shop.settle_down()
    assert shop.api.reports == []
    shop.api.away = False
    await shop.settle_down(3600)
    await shop.settle_down(3600)
    assert [report["pspReference"] for report in shop.api.reports] == ["R-3", "R-2"]


async def test_a_report_that_saleor_refuses_is_not_repeated(shop: World) -> None:
    await shop.pay()
    await shop.act("refund", 10.0)
    shop.amazon.decide("R-2", REFUNDED)
    shop.api.refuse = "INCORRECT_DETAILS"
    await shop.settle_down()
    await shop.settle_down(3600)
    assert len(shop.api.reports) == 1


async def test_an_answer_that_may_not_have_left_is_reported(shop: World) -> None:
    await shop.pay()
    shop.deps.delivered.clear()  # as if the process had died with the answer in its hands
    shop.api.heard.clear()
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("CHARGE_SUCCESS", "C-1")]


@pytest.mark.parametrize("read", [True, False])
async def test_what_staff_asked_for_is_reported_since_an_answer_that_left_may_be_lost(shop: World, read: bool) -> None:
    await shop.pay(action="AUTHORIZATION")
    answer = await shop.act("charge", 10.0)
    assert answer["result"] == "CHARGE_SUCCESS"
    if not read:
        shop.api.heard.clear()  # nothing here can know
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == (
        [] if read else [("CHARGE_SUCCESS", answer["pspReference"])]
    )


REFUSED = {
    "a charge of what was never reserved": ("CHARGE", "charge", 10.0, "nothing left to charge"),
    "more than the rest": ("AUTHORIZATION", "charge", 10.01, "More than the rest"),
    "a charge of 0": ("AUTHORIZATION", "charge", 0, "nothing left to charge"),
    "a refund of what was never taken": ("AUTHORIZATION", "refund", 10.0, "nothing left to refund"),
    "more than was taken": ("CHARGE", "refund", 10.01, "More was asked for than is left"),
    "a refund of 0": ("CHARGE", "refund", 0, "nothing left to refund"),
    "a cancel of money that was taken": ("CHARGE", "cancel", 10.0, "nothing left to cancel"),
    "a cancel of a part": ("AUTHORIZATION", "cancel", 4.0, "only as a whole"),
    "a cancel of 0": ("AUTHORIZATION", "cancel", 0, "nothing left to cancel"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_done_fails_with_a_reason_and_leaves_amazon_alone(shop: World, name: str) -> None:
    paid, kind, amount, words = REFUSED[name]
    await shop.pay(action=paid)
    shop.amazon.calls.clear()
    answer = await shop.act(kind, amount)
    assert answer["result"] == f"{kind.upper()}_FAILURE"
    assert words in answer["message"]
    assert shop.amazon.calls == []
    assert len(await shop.operations()) == 1


async def test_a_second_capture_waits_for_the_first(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    shop.amazon.script.append(PENDING)
    await shop.act("charge", 4.0, 1)
    events = [shop.request("charge", 4.0, 1, psp="C-2")]
    assert (await shop.act("charge", 6.0, 2, events=events))["result"] == "CHARGE_FAILURE"
    assert (await shop.act("cancel", 6.0, 3))["result"] == "CANCEL_FAILURE"
    shop.amazon.decide("C-2", CAPTURED)
    await shop.settle_down()
    assert [report["type"] for report in shop.api.reports] == ["CHARGE_SUCCESS"]


async def test_a_payment_that_neither_the_ledger_nor_amazon_knows_is_refused(shop: World) -> None:
    answer = await shop.act("refund", 10.0, transaction="unknown")
    assert answer["result"] == "REFUND_FAILURE"
    assert set(shop.amazon.calls) <= {"sight", "find"}, "Amazon is only asked"


async def test_refused_requests_have_references_of_their_own(shop: World) -> None:
    one = await shop.act("refund", 10.0, 1, transaction="unknown")
    two = await shop.act("refund", 10.0, 2, transaction="unknown")
    assert one["pspReference"] != two["pspReference"]


async def empty(shop: World, kind: str) -> tuple[int, dict[str, object]]:
    name = "cancelation" if kind == "cancel" else kind
    sent = await shop.send(f"transaction-{name}-requested", b"")
    return sent.status, json.loads(sent.body)


async def unanswered_capture(shop: World, transaction: str, source: str) -> None:
    """A capture whose answer never left: the process died before it could say anything."""
    shop.amazon.draft(f"C01-{source}", token=f"token-{source}")
    data = {"amazonBillingAgreementId": f"C01-{source}", "accessToken": f"token-{source}"}
    await shop.pay(action="AUTHORIZATION", transaction=transaction, source=source, data=data)
    await shop.act("charge", 10.0, transaction=transaction)
    shop.deps.delivered.clear()


@pytest.mark.parametrize("kind", ["charge", "refund", "cancel"])
async def test_an_empty_retry_without_an_unanswered_operation_says_that_nothing_was_done(
    shop: World, kind: str
) -> None:
    status, first = await empty(shop, kind)
    shop.clock.advance(10)
    _, second = await empty(shop, kind)
    assert status == 200
    assert first["result"] == f"{kind.upper()}_FAILURE"
    assert "without its content" in str(first["message"])
    assert first["pspReference"] != second["pspReference"]
    assert shop.amazon.calls == []


async def test_an_empty_retry_with_one_unanswered_operation_gets_its_answer(shop: World) -> None:
    await unanswered_capture(shop, "T1", "1")
    shop.clock.advance(20)
    calls = len(shop.amazon.calls)
    status, answer = await empty(shop, "charge")
    assert (status, answer["result"], answer["pspReference"]) == (200, "CHARGE_SUCCESS", "C-2")
    assert len(shop.amazon.calls) == calls
    status, other = await empty(shop, "refund")
    assert other["result"] == "REFUND_FAILURE", "another kind is not meant"


async def test_an_empty_retry_with_two_unanswered_operations_is_asked_to_come_again(shop: World) -> None:
    await unanswered_capture(shop, "T1", "1")
    await unanswered_capture(shop, "T2", "2")
    shop.clock.advance(20)
    status, _ = await empty(shop, "charge")
    assert status == 503


@pytest.mark.parametrize("seconds", [5, 361])
async def test_an_empty_retry_means_only_operations_of_the_last_minutes(shop: World, seconds: int) -> None:
    await unanswered_capture(shop, "T1", "1")
    shop.clock.advance(seconds)
    _, answer = await empty(shop, "charge")
    assert answer["result"] == "CHARGE_FAILURE"


async def test_the_books_never_show_more_given_back_than_taken(shop: World) -> None:
    await shop.pay()
    shop.amazon.script += [REFUNDED] * 5
    heard: list[dict[str, object]] = []
    for number in range(1, 6):
        answer = await shop.act("refund", 3.0, number, events=list(heard))
        heard.append(shop.request("refund", 3.0, number, psp=answer["pspReference"]))
    given = sum(amount.minor for kind, _, amount in shop.amazon.moved if kind == "refund")
    assert given == 900
    rows = await shop.store.read(lambda tx: operations.of_transaction(tx, "tenant-1", "T1"))
    assert [row.money for row in rows] == [Money(1000, "USD"), *[Money(300, "USD")] * 3]
