"""Initialize and process: one Amazon object per attempt, whatever arrives how often (money.md §1, §3, §4)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from saleor_amazonpay.amazon.port import BuyerStep, Ready
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import (
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    WireGoneError,
)
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.flows.deps import Timing
from saleor_amazonpay.store import agreements, caps, profiles
from saleor_amazonpay.store.agreements import Agreement
from tests.amazon.verdicts import AUTHORIZED, CAPTURED, HARD, PENDING, REJECTED, SOFT, TIMED_OUT
from tests.flows.world import AGREEMENT, APP, CONSENTED, USER, World, world
from tests.waiting import until

pytestmark = pytest.mark.anyio
SAVED = {"amazonBillingAgreementId": AGREEMENT}
ONCE = {"amazonBillingAgreementId": AGREEMENT, "accessToken": "token-1"}


async def test_a_first_sale_is_one_charge(shop: World) -> None:
    answer = await shop.pay()
    assert answer["result"] == "CHARGE_SUCCESS"
    assert answer["pspReference"] == "C-1", "Amazon's capture id says that the money moved"
    assert answer["actions"] == ["REFUND"]
    assert "amount" not in answer, "an amount is only named when it differs"
    assert answer["data"]["code"] == "paid"
    assert [kind for kind, _, _ in shop.amazon.moved] == ["authorize"]
    assert shop.amazon.calls == ["buyer_of", "read_agreement", "prepare", "authorize"]


async def test_the_owner_is_proven_before_anything_is_asked_about_the_agreement(shop: World) -> None:
    answer = await shop.pay(data={**CONSENTED, "accessToken": "forged"})
    assert answer["result"] == "CHARGE_ACTION_REQUIRED"
    assert answer["data"]["code"] == "access_token_invalid"
    assert shop.amazon.calls == ["buyer_of"]


async def test_asked_to_authorize_it_only_authorizes(shop: World) -> None:
    answer = await shop.pay(action="AUTHORIZATION")
    assert (answer["result"], answer["pspReference"]) == ("AUTHORIZATION_SUCCESS", "A-1")
    assert answer["actions"] == ["CHARGE", "CANCEL"]


async def test_reserved_money_is_not_failed_when_only_the_capture_did_not_happen(shop: World) -> None:
    shop.amazon.script.append(AUTHORIZED)
    answer = await shop.pay()
    assert (answer["result"], answer["pspReference"]) == ("AUTHORIZATION_SUCCESS", "A-1")


async def test_the_same_bytes_get_the_same_answer_and_one_charge(shop: World) -> None:
    body = shop.session(data=CONSENTED)
    event = "transaction-initialize-session"
    first = await shop.send(event, body)
    again = await asyncio.gather(*(shop.send(event, body) for _ in range(8)))
    assert {answer.body for answer in again} == {first.body}
    assert len(shop.amazon.made) == 1


async def test_the_same_bytes_eight_times_at_once_are_one_charge(shop: World) -> None:
    body = shop.session(data=CONSENTED)
    answers = await asyncio.gather(*(shop.send("transaction-initialize-session", body) for _ in range(8)))
    assert len({answer.body for answer in answers}) == 1
    assert len(shop.amazon.made) == 1


async def test_the_same_bytes_on_two_nodes_at_once_are_one_charge(shop: World) -> None:
    body = shop.session(data=CONSENTED)
    other = shop.another_node()
    nodes = [shop.app, other] * 2
    answers = await asyncio.gather(*(shop.send("transaction-initialize-session", body, node) for node in nodes))
    assert len({answer.body for answer in answers}) == 1
    assert len(shop.amazon.made) == 1


async def test_the_answer_of_the_same_bytes_stays_although_the_state_moved_on(shop: World) -> None:
    shop.amazon.script.append(PENDING)
    body = shop.session(data=CONSENTED)
    first = await shop.send("transaction-initialize-session", body)
    assert json.loads(first.body)["result"] == "CHARGE_REQUEST"
    shop.amazon.decide("A-1", AUTHORIZED)
    await shop.settle_down()
    assert (await shop.send("transaction-initialize-session", body)).body == first.body


async def test_eight_different_process_bodies_for_one_attempt_are_one_charge(shop: World) -> None:
    await shop.pay(data=None)
    bodies = [shop.session("process", data=CONSENTED) for _ in range(8)]
    assert len(set(bodies)) == 8
    answers = await asyncio.gather(*(shop.send("transaction-process-session", body) for body in bodies))
    results = [json.loads(answer.body) for answer in answers]
    assert {(result["result"], result["pspReference"]) for result in results} == {("CHARGE_SUCCESS", "C-1")}
    assert len(shop.amazon.made) == 1


async def test_a_returning_buyer_pays_with_one_call(shop: World) -> None:
    await shop.pay(principal=USER)
    shop.amazon.calls.clear()
    answer = await shop.pay(transaction="T2", source="checkout-2", principal=USER, data=SAVED)
    assert answer["result"] == "CHARGE_SUCCESS"
    assert shop.amazon.calls == ["authorize"]


async def test_a_listed_app_charges_without_the_buyer(shop: World) -> None:
    await shop.pay(principal=USER)
    answer = await shop.pay(transaction="T2", source="checkout-2", principal=APP, data=SAVED)
    assert answer["result"] == "CHARGE_SUCCESS"
    (operation,) = await shop.operations("T2")
    assert not operation.buyer_waits


STRANGERS = {
    "nobody": None,
    "another user": {"__typename": "User", "id": "VXNlcjoy"},
    "an app that is not listed": {**APP, "identifier": "other", "id": "other"},
    "a listed app without the permission": {**APP, "permissions": []},
}


@pytest.mark.parametrize("name", STRANGERS)
async def test_a_confirmed_agreement_is_an_unknown_id_to_everybody_else(shop: World, name: str) -> None:
    await shop.pay(principal=USER)
    unknown = await shop.pay(
        transaction="T3", source="checkout-3", principal=STRANGERS[name],
        data={"amazonBillingAgreementId": "C01-0000000-0000000", "accessToken": "token-1"},
    )  # fmt: skip
    shop.amazon.calls.clear()
    foreign = await shop.pay(transaction="T2", source="checkout-2", principal=STRANGERS[name], data=CONSENTED)
    assert foreign["result"] == "CHARGE_ACTION_REQUIRED"
    assert {**foreign["data"], "attempt": 0} == {**unknown["data"], "attempt": 0}
    assert shop.amazon.calls == []
    assert len(shop.amazon.made) == 1


async def test_a_draft_opened_by_one_buyer_is_unknown_to_the_holder_of_another_token(shop: World) -> None:
    shop.amazon.step = "consent_missing"
    await shop.pay()
    shop.amazon.step = ""
    shop.amazon.tokens["token-2"] = "buyer-2"
    answer = await shop.pay(transaction="T2", source="checkout-2", data={**CONSENTED, "accessToken": "token-2"})
    assert answer["data"]["code"] == "agreement_unknown"
    assert shop.amazon.made == {}


async def test_a_confirmed_agreement_that_was_never_seen_here_is_unknown(shop: World) -> None:
    view = shop.amazon.agreements[AGREEMENT]
    shop.amazon.agreements[AGREEMENT] = type(view)(AGREEMENT, AgreementState.OPEN)
    answer = await shop.pay()
    assert answer["data"]["code"] == "agreement_unknown"


async def test_a_guest_may_try_again_on_the_purchase_the_agreement_was_made_for(shop: World) -> None:
    shop.amazon.script.append(SOFT)
    first = await shop.pay()
    assert (first["result"], first["data"]["code"]) == ("CHARGE_ACTION_REQUIRED", "soft_decline")
    assert "pspReference" not in first
    second = await shop.pay("process", data={**SAVED, "attempt": first["data"]["attempt"]})
    assert second["result"] == "CHARGE_SUCCESS"
    assert [operation.phase for operation in await shop.operations()] == [Phase.REPAIRABLE, Phase.DONE]


@pytest.mark.parametrize("code", ["consent_missing", "payment_method", "address_missing"])
async def test_what_the_buyer_has_to_do_first_comes_back_as_the_next_step(shop: World, code: str) -> None:
    shop.amazon.step = code
    answer = await shop.pay()
    assert (answer["result"], answer["data"]["code"]) == ("CHARGE_ACTION_REQUIRED", code)
    assert answer["data"]["support"] == shop.profile.support
    shop.amazon.step = ""
    assert (await shop.pay("process"))["result"] == "CHARGE_SUCCESS"


async def test_after_a_hard_decline_the_agreement_is_confirmed_again_before_the_next_charge(shop: World) -> None:
    shop.amazon.script.append(HARD)
    first = await shop.pay()
    assert first["data"]["code"] == "payment_method"
    shop.amazon.calls.clear()
    second = await shop.pay("process", data=SAVED)
    assert second["result"] == "CHARGE_SUCCESS"
    assert shop.amazon.calls == ["prepare", "authorize"]


async def test_an_agreement_that_ends_while_it_is_prepared_stays_ended(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.amazon.script.append(HARD)
    await shop.pay()
    looked = shop.amazon.prepare

    async def prepare(*given: Any) -> Ready | BuyerStep:
        found = await looked(*given)  # open, as it was a moment ago
        ended = await bound(shop)
        await shop.store.write(lambda tx: agreements.update(tx, ended.id, AgreementState.CLOSED, "BuyerCanceled", 1))
        return found

    monkeypatch.setattr(shop.amazon, "prepare", prepare)
    await shop.pay("process", data=SAVED)
    assert (await bound(shop)).state is AgreementState.CLOSED


async def bound(shop: World) -> Agreement:
    found = await shop.store.read(lambda tx: agreements.of_tenant(tx, "tenant-1", AGREEMENT))
    assert found is not None
    return found


async def test_the_attempt_that_follows_by_itself_is_made_on_the_wire_the_profile_has_moved_to(shop: World) -> None:
    shop.amazon.gate = asyncio.Event()
    shop.amazon.script += [TIMED_OUT, PENDING]
    paying = asyncio.ensure_future(shop.pay())
    await until(lambda: "authorize" in shop.amazon.calls)
    await shop.store.write(lambda tx: profiles.switch(tx, shop.profile.id, "paper", "v2", "key", "store", 1))
    shop.deps.directory.forget()
    shop.amazon.gate.set()
    assert (await paying)["result"] == "CHARGE_REQUEST"
    assert [operation.wire for operation in await shop.operations()] == ["paper", "v2"]


async def test_three_attempts_are_all_a_transaction_gets(shop: World) -> None:
    shop.amazon.script += [SOFT, SOFT, SOFT]
    results = [(await shop.pay("process" if turn else "initialize"))["result"] for turn in range(5)]
    assert results == ["CHARGE_ACTION_REQUIRED", "CHARGE_ACTION_REQUIRED", *["CHARGE_FAILURE"] * 3]
    assert len(shop.amazon.made) == 3


async def test_a_decline_is_not_repaired_after_ten_minutes(shop: World) -> None:
    shop.amazon.script.append(SOFT)
    await shop.pay()
    shop.clock.advance(601)
    await shop.pay("process")
    assert len(shop.amazon.made) == 1


async def test_amazon_rejected_is_final_and_carries_whom_to_call(shop: World) -> None:
    shop.amazon.script.append(REJECTED)
    answer = await shop.pay()
    assert answer["result"] == "CHARGE_FAILURE"
    assert answer["data"]["code"] == "amazon_rejected"
    assert answer["data"]["support"]["phone"] in answer["message"]
    (operation,) = await shop.operations()
    assert answer["pspReference"] == operation.id
    assert (await shop.pay("process"))["result"] == "CHARGE_FAILURE"
    assert len(shop.amazon.made) == 1


async def test_a_process_that_names_an_earlier_attempt_gets_that_attempts_result(shop: World) -> None:
    shop.amazon.script.append(SOFT)
    await shop.pay()
    await shop.pay("process")
    named = await shop.pay("process", data={**SAVED, "attempt": 1})
    assert named["data"]["code"] == "soft_decline"
    assert len(shop.amazon.made) == 2


async def test_initialize_never_starts_a_second_attempt(shop: World) -> None:
    shop.amazon.script.append(SOFT)
    await shop.pay()
    again = await shop.pay()
    assert again["data"]["code"] == "soft_decline"
    assert len(shop.amazon.made) == 1


async def test_a_double_click_in_a_shop_without_idempotency_keys_pays_once(shop: World) -> None:
    await shop.pay(principal=USER)
    shop.amazon.gate = asyncio.Event()
    first = asyncio.ensure_future(shop.pay(transaction="T2", source="cart", principal=USER, data=SAVED))
    await until(lambda: "authorize" in shop.amazon.calls[4:])
    second = await shop.pay(transaction="T3", source="cart", principal=USER, data=SAVED)
    shop.amazon.gate.set()
    assert (await first)["result"] == "CHARGE_SUCCESS"
    assert (second["result"], second["data"]["code"]) == ("CHARGE_ACTION_REQUIRED", "payment_in_progress")
    assert len(shop.amazon.made) == 2


async def test_an_answer_in_time_although_amazon_is_silent_and_the_truth_reported_later(tmp_path: Path) -> None:
    async with world(tmp_path, Timing(budget=0.2, money_call_minimum=0.0)) as shop:
        shop.amazon.gate = asyncio.Event()
        answer = await shop.pay()
        (operation,) = await shop.operations()
        assert (answer["result"], answer["pspReference"]) == ("CHARGE_REQUEST", operation.id)
        shop.amazon.gate.set()
        await shop.settle_down()
        (report,) = shop.api.reports
        assert (report["type"], report["pspReference"]) == ("CHARGE_SUCCESS", operation.id)
        assert report["availableActions"] == ["REFUND"]
        assert "time" not in report
        assert len(shop.amazon.made) == 1


async def test_money_that_was_only_reserved_closes_the_open_request_under_its_own_reference(tmp_path: Path) -> None:
    async with world(tmp_path, Timing(budget=0.2, money_call_minimum=0.0)) as shop:
        shop.amazon.gate = asyncio.Event()
        shop.amazon.script.append(AUTHORIZED)
        await shop.pay()
        shop.amazon.gate.set()
        await shop.settle_down()
        told = [(report["type"], report["pspReference"]) for report in shop.api.reports]
        (operation,) = await shop.operations()
        assert told == [("CHARGE_FAILURE", operation.id), ("AUTHORIZATION_SUCCESS", "A-1")]


async def test_no_money_call_begins_with_too_little_time_left(tmp_path: Path) -> None:
    async with world(tmp_path, Timing(budget=5.0, money_call_minimum=9.0)) as shop:
        answer = await shop.pay()
        assert (answer["result"], answer["data"]["code"]) == ("CHARGE_ACTION_REQUIRED", "retry")
        assert shop.amazon.made == {}
        assert await shop.operations() == []


async def test_a_lost_answer_is_repeated_identically_while_the_buyer_may_still_wait(shop: World) -> None:
    shop.amazon.lost = 1
    answer = await shop.pay()
    assert answer["result"] == "CHARGE_REQUEST"
    await shop.settle_down()
    assert len(shop.amazon.made) == 1
    assert [report["type"] for report in shop.api.reports] == ["CHARGE_SUCCESS"]


async def test_a_lost_charge_is_never_repeated_after_ten_minutes(shop: World) -> None:
    shop.amazon.script.append(OutcomeUnknownError("authorize", "lost"))
    await shop.pay()
    await shop.settle_down(601)
    assert shop.amazon.made == {}
    assert shop.amazon.calls[-1] == "find"
    await shop.settle_down(24 * 3600)
    (operation,) = await shop.operations()
    assert (operation.phase, operation.code, operation.unresolved) == (Phase.GONE, "never_made", False)
    assert await shop.store.read(lambda tx: caps.booked(tx, shop.profile.id, "2026-11")) == 0
    assert [report["type"] for report in shop.api.reports] == ["CHARGE_FAILURE"]


async def test_a_charge_that_was_made_is_found_long_after_the_buyer_has_gone(shop: World) -> None:
    shop.amazon.lost = 1
    await shop.pay()
    await shop.settle_down(3600)
    assert shop.amazon.calls.count("authorize") == 1
    assert [report["type"] for report in shop.api.reports] == ["CHARGE_SUCCESS"]


async def test_a_lost_charge_is_not_repeated_once_something_else_pays_for_the_purchase(shop: World) -> None:
    shop.amazon.script.append(OutcomeUnknownError("authorize", "lost"))
    await shop.pay()
    shop.api.missing = "0"
    await shop.settle_down()
    assert shop.amazon.made == {}


async def test_a_throttled_call_moved_nothing_and_the_buyer_may_try_again(shop: World) -> None:
    shop.amazon.script.append(NotExecutedError("authorize", "RequestThrottled"))
    first = await shop.pay()
    assert (first["result"], first["data"]["code"]) == ("CHARGE_ACTION_REQUIRED", "not_executed")
    assert (await shop.pay("process"))["result"] == "CHARGE_SUCCESS"


async def test_rejected_credentials_invent_no_decline(shop: World) -> None:
    shop.amazon.script.append(CredentialsRejectedError("authorize", "InvalidAccessKeyId"))
    answer = await shop.pay()
    assert answer["result"] == "CHARGE_REQUEST"
    await shop.settle_down()
    assert [report["type"] for report in shop.api.reports] == ["CHARGE_SUCCESS"]


async def test_a_wire_that_amazon_switched_off_is_a_clear_failure(shop: World) -> None:
    shop.amazon.script.append(WireGoneError("authorize", "gone", "no such host"))
    answer = await shop.pay()
    assert (answer["result"], answer["data"]["code"]) == ("CHARGE_FAILURE", "wire_gone")


async def test_the_cap_refuses_before_amazon_is_called(tmp_path: Path) -> None:
    async with world(tmp_path, monthly_cap=1500) as shop:
        await shop.pay(principal=USER)
        shop.amazon.calls.clear()
        answer = await shop.pay(transaction="T2", source="cart-2", principal=USER, data=SAVED)
        assert (answer["result"], answer["data"]["code"]) == ("CHARGE_FAILURE", "monthly_cap_reached")
        assert shop.amazon.calls == []
        smaller = await shop.pay(transaction="T3", source="cart-3", principal=USER, data=SAVED, amount=5.0)
        assert smaller["result"] == "CHARGE_SUCCESS"


async def test_a_decline_gives_the_cap_back(tmp_path: Path) -> None:
    async with world(tmp_path, monthly_cap=1000) as shop:
        shop.amazon.script.append(SOFT)
        await shop.pay()
        assert (await shop.pay("process"))["result"] == "CHARGE_SUCCESS"


REFUSED = {
    "another currency": ({"currency": "EUR"}, "no_profile"),
    "nothing to pay": ({"amount": 0, "data": ONCE}, "already_paid"),
    "more decimals than the currency": ({"amount": 10.001}, "amount_invalid"),
    "no agreement": ({"data": None}, "agreement_required"),
    "a draft without a token": ({"data": SAVED}, "access_token_required"),
    "an unknown agreement": ({"data": {**CONSENTED, "amazonBillingAgreementId": "C01-9-9"}}, "agreement_unknown"),
    "data that is a list": ({"data": [1, 2]}, "data_invalid"),
    "data that is text": ({"data": "hello"}, "data_invalid"),
    "a token that is a number": ({"data": {**CONSENTED, "accessToken": 7}}, "data_invalid"),
    "an agreement that is an object": ({"data": {"amazonBillingAgreementId": {"$ne": ""}}}, "data_invalid"),
    "an agreement with a line break": ({"data": {"amazonBillingAgreementId": "C01\n"}}, "data_invalid"),
    "a return URL elsewhere": ({"data": {**CONSENTED, "successUrl": "https://evil.example/"}}, "data_invalid"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_done_says_so_and_writes_no_operation(shop: World, name: str) -> None:
    asked, code = REFUSED[name]
    answer = await shop.pay(**asked)  # type: ignore[arg-type]
    assert answer["data"]["code"] == code
    assert answer["result"] in {"CHARGE_ACTION_REQUIRED", "CHARGE_FAILURE"}
    assert ("pspReference" in answer) == answer["result"].endswith("FAILURE")
    assert await shop.operations() == []
    assert shop.amazon.made == {}


async def test_what_amazon_could_not_decide_in_time_is_asked_again_at_once_and_takes_its_time(shop: World) -> None:
    shop.amazon.script += [TIMED_OUT, PENDING]
    answer = await shop.pay()
    assert answer["result"] == "CHARGE_REQUEST"
    await shop.deps.running.drain()
    first, second = await shop.operations()
    assert (first.phase, second.phase, second.synchronous) == (Phase.REPAIRABLE, Phase.PENDING, False)
    assert answer["pspReference"] == second.psp_reference
    shop.amazon.decide("A-2", CAPTURED)
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("CHARGE_SUCCESS", second.psp_reference)]
    assert await shop.store.read(lambda tx: caps.booked(tx, shop.profile.id, "2026-11")) == 1000


async def test_a_second_time_out_is_a_decline(shop: World) -> None:
    shop.amazon.script += [TIMED_OUT, TIMED_OUT]
    assert (await shop.pay())["result"] == "CHARGE_REQUEST"
    await shop.settle_down()
    assert [report["type"] for report in shop.api.reports] == ["CHARGE_FAILURE"]
    assert len(shop.amazon.made) == 2
