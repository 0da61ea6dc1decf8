"""Saved agreements: seen, used and ended by their customer, and by nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from saleor_amazonpay.domain.agreement import AgreementState, MonthlyLimit
from saleor_amazonpay.domain.errors import NotExecutedError, OutcomeUnknownError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.profile import ProfileState
from saleor_amazonpay.store import agreements, profiles
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sql import Tx
from tests.flows.world import AGREEMENT, APP, CONSENTED, USER, World, world
from tests.waiting import until

pytestmark = pytest.mark.anyio
EVE = {"__typename": "User", "id": "VXNlcjo2NjY="}


async def saved(shop: World) -> None:
    """The customer buys something and agrees to later charges."""
    assert (await shop.pay(principal=USER))["result"] == "CHARGE_SUCCESS"
    shop.amazon.calls.clear()


async def state_of(shop: World) -> AgreementState:
    found = await shop.store.read(lambda tx: agreements.of_tenant(tx, "tenant-1", AGREEMENT))
    assert found is not None
    return found.state


async def test_a_customer_sees_her_agreement_with_what_is_left_of_amazons_limit(shop: World) -> None:
    await saved(shop)
    limit = MonthlyLimit(Money(100_000, "USD"), Money(99_000, "USD"), "", "")
    shop.amazon.agreements[AGREEMENT] = replace(shop.amazon.agreements[AGREEMENT], limit=limit)
    (method,) = (await shop.stored("list"))["paymentMethods"]
    assert (method["id"], method["type"], method["supportedPaymentFlows"]) == (AGREEMENT, "amazon_pay", ["INTERACTIVE"])
    assert method["name"] == "Amazon Pay …4567"
    assert method["data"]["state"] == "open"
    assert method["data"]["consent"] is True
    assert method["data"]["remaining"] == {"amount": 990.0, "currency": "USD"}
    assert method["data"]["manageUrl"].endswith(AGREEMENT)


async def test_what_the_list_says_to_send_pays(shop: World) -> None:
    await saved(shop)
    (method,) = (await shop.stored("list"))["paymentMethods"]
    again = await shop.pay(transaction="T2", data=method["data"]["session"], principal=USER, source="Q2hlY2tvdXQ6Mg==")
    assert again["result"] == "CHARGE_SUCCESS"
    assert len(shop.amazon.moved) == 2


OTHERS: dict[str, dict[str, Any]] = {
    "another customer": {"user": EVE},
    "another customer who names the owner": {"principal": EVE},
    "nobody": {"principal": None},
    "an app": {"principal": APP},
}


@pytest.mark.parametrize("who", OTHERS)
async def test_nobody_else_sees_or_ends_it(shop: World, who: str) -> None:
    await saved(shop)
    assert (await shop.stored("list", **OTHERS[who]))["paymentMethods"] == []
    refused = await shop.stored("delete", paymentMethodId=AGREEMENT, **OTHERS[who])
    unknown = await shop.stored("delete", paymentMethodId="C01-0000000-0000000", **OTHERS[who])
    assert refused == unknown
    assert refused["result"] == "FAILED_TO_DELETE"
    assert shop.amazon.calls == []
    assert await state_of(shop) is AgreementState.OPEN


async def test_nobody_else_pays_with_it(shop: World) -> None:
    await saved(shop)
    data = {"amazonBillingAgreementId": AGREEMENT}
    for principal in (EVE, None):
        tried = await shop.pay(transaction="T2", data=data, principal=principal, source="Q2hlY2tvdXQ6Mg==")
        assert tried["data"]["code"] == "agreement_unknown"
    assert len(shop.amazon.moved) == 1


async def test_a_guests_agreement_is_on_no_list(shop: World) -> None:
    assert (await shop.pay())["result"] == "CHARGE_SUCCESS"
    assert (await shop.stored("list"))["paymentMethods"] == []


async def test_an_agreement_in_another_currency_is_not_shown(shop: World) -> None:
    await saved(shop)
    assert (await shop.stored("list", currency="EUR"))["paymentMethods"] == []


async def test_a_closed_profile_shows_nothing(tmp_path: Any) -> None:
    async with world(tmp_path) as shop:
        await saved(shop)
        closed = replace(shop.profile, state=ProfileState.CLOSED)
        snapshot = await shop.deps.directory.current()
        snapshot.profiles[closed.id] = closed
        assert (await shop.stored("list"))["paymentMethods"] == []


async def test_a_suspended_agreement_says_so_and_where_to_mend_it(shop: World) -> None:
    await saved(shop)
    shop.amazon.agreements[AGREEMENT] = replace(shop.amazon.agreements[AGREEMENT], state=AgreementState.SUSPENDED)
    (method,) = (await shop.stored("list"))["paymentMethods"]
    assert method["data"]["state"] == "suspended"
    assert await state_of(shop) is AgreementState.SUSPENDED


async def test_what_ended_at_amazon_is_shown_no_more(shop: World) -> None:
    await saved(shop)
    shop.amazon.agreements[AGREEMENT] = replace(shop.amazon.agreements[AGREEMENT], state=AgreementState.CLOSED)
    assert (await shop.stored("list"))["paymentMethods"] == []
    assert await state_of(shop) is AgreementState.CLOSED
    shop.amazon.calls.clear()
    assert (await shop.stored("list"))["paymentMethods"] == []
    assert shop.amazon.calls == []


async def test_amazon_away_shows_what_is_known(shop: World) -> None:
    await saved(shop)
    shop.amazon.looks = [OutcomeUnknownError("read", "away")]
    (method,) = (await shop.stored("list"))["paymentMethods"]
    assert (method["data"]["state"], method["data"]["remaining"]) == ("open", None)


async def test_removing_ends_it_at_amazon_and_for_later_charges(shop: World) -> None:
    await saved(shop)
    assert await shop.stored("delete", paymentMethodId=AGREEMENT) == {"result": "SUCCESSFULLY_DELETED"}
    assert shop.amazon.calls == ["close"]
    assert await state_of(shop) is AgreementState.CLOSED
    tried = await shop.pay(transaction="T2", data={"amazonBillingAgreementId": AGREEMENT}, principal=USER)
    assert tried["result"] != "CHARGE_SUCCESS"
    assert len(shop.amazon.moved) == 1


async def test_removing_twice_is_done_once(shop: World) -> None:
    await saved(shop)
    for _ in range(2):
        assert (await shop.stored("delete", paymentMethodId=AGREEMENT))["result"] == "SUCCESSFULLY_DELETED"
    assert shop.amazon.calls == ["close"]


async def test_amazon_away_removes_nothing_and_says_what_to_do(shop: World) -> None:
    await saved(shop)
    shop.amazon.script = [NotExecutedError("close", "away")]
    answer = await shop.stored("delete", paymentMethodId=AGREEMENT)
    assert (answer["result"], answer["error"]) == (
        "FAILED_TO_DELETE",
        "Amazon Pay did not answer in time. Remove the agreement again.",
    )
    assert await state_of(shop) is AgreementState.OPEN


async def test_it_is_not_removed_under_a_charge_that_is_out(shop: World) -> None:
    await saved(shop)
    shop.amazon.gate = asyncio.Event()
    session = {"amazonBillingAgreementId": AGREEMENT}
    paying = asyncio.ensure_future(shop.pay(transaction="T2", data=session, principal=USER, source="Q2hlY2tvdXQ6Mg=="))
    await until(lambda: "authorize" in shop.amazon.calls)
    answer = await shop.stored("delete", paymentMethodId=AGREEMENT)
    assert answer["result"] == "FAILED_TO_DELETE"
    assert "close" not in shop.amazon.calls
    shop.amazon.gate.set()
    assert (await paying)["result"] == "CHARGE_SUCCESS"


async def test_it_is_not_removed_while_nobody_knows_what_became_of_a_rest(shop: World) -> None:
    await shop.pay(principal=USER, action="AUTHORIZATION")
    taken = await shop.act("charge", 4.0, 1)
    shop.amazon.lost = 1
    heard = [shop.request("charge", 4.0, 1, psp=taken["pspReference"])]
    assert "result" not in await shop.act("charge", 6.0, 2, events=heard), "its answer was lost"
    shop.amazon.calls.clear()
    answer = await shop.stored("delete", paymentMethodId=AGREEMENT)
    assert (answer["result"], shop.amazon.calls) == ("FAILED_TO_DELETE", [])
    await shop.settle_down()
    assert (await shop.stored("delete", paymentMethodId=AGREEMENT))["result"] == "SUCCESSFULLY_DELETED"


async def test_saving_without_buying(shop: World) -> None:
    prepared = await shop.stored("prepare", data=None)
    assert prepared["result"] == "SUCCESSFULLY_INITIALIZED"
    assert prepared["data"]["amazon"] == {"sellerId": shop.profile.seller_id}
    answer = await shop.stored("tokenize", data=CONSENTED, paymentFlowToSupport="INTERACTIVE")
    assert (answer["result"], answer["id"]) == ("SUCCESSFULLY_TOKENIZED", AGREEMENT)
    assert shop.amazon.moved == []
    assert [method["id"] for method in (await shop.stored("list"))["paymentMethods"]] == [AGREEMENT]
    paid = await shop.pay(data=answer["data"]["session"], principal=USER)
    assert paid["result"] == "CHARGE_SUCCESS"


async def test_saving_goes_on_after_what_was_missing_is_there(shop: World) -> None:
    shop.amazon.step = "consent_missing"
    answer = await shop.stored("tokenize", data=CONSENTED, paymentFlowToSupport="INTERACTIVE")
    assert (answer["result"], answer["data"]["code"]) == ("ADDITIONAL_ACTION_REQUIRED", "consent_missing")
    shop.amazon.step = ""
    answer = await shop.stored("go_on", id=answer["id"], data={"accessToken": "token-1"})
    assert (answer["result"], answer["id"]) == ("SUCCESSFULLY_TOKENIZED", AGREEMENT)


async def test_saving_twice_asks_amazon_once(shop: World) -> None:
    for _ in range(2):
        answer = await shop.stored("tokenize", data=CONSENTED, paymentFlowToSupport="INTERACTIVE")
        assert answer["result"] == "SUCCESSFULLY_TOKENIZED"
    assert shop.amazon.calls.count("prepare") == 1


NOT_SAVED: dict[str, tuple[dict[str, Any], str]] = {
    "a draft without its buyer's token": ({"data": {"amazonBillingAgreementId": AGREEMENT}}, "access_token_required"),
    "a token of nobody": ({"data": CONSENTED | {"accessToken": "forged"}}, "access_token_invalid"),
    "nothing": ({"data": None}, "agreement_required"),
    "what is no data": ({"data": {"accessToken": 7}}, "data_invalid"),
    "an unknown id": ({"data": CONSENTED | {"amazonBillingAgreementId": "C01-0-0"}}, "agreement_unknown"),
}


@pytest.mark.parametrize("what", NOT_SAVED)
async def test_what_is_not_proven_is_not_saved(shop: World, what: str) -> None:
    given, code = NOT_SAVED[what]
    answer = await shop.stored("tokenize", paymentFlowToSupport="INTERACTIVE", **given)
    assert (answer["result"], answer["data"]["code"]) == ("ADDITIONAL_ACTION_REQUIRED", code)
    assert (await shop.stored("list"))["paymentMethods"] == []


async def test_another_customers_agreement_is_not_saved_a_second_time(shop: World) -> None:
    await saved(shop)
    answer = await shop.stored("tokenize", user=EVE, data=CONSENTED, paymentFlowToSupport="INTERACTIVE")
    assert answer["data"]["code"] == "agreement_unknown"
    assert (await shop.stored("list", user=EVE))["paymentMethods"] == []


async def test_a_shop_that_takes_nothing_recurring_saves_nothing(tmp_path: Any) -> None:
    async with world(tmp_path, allow_recurring=False) as shop:
        prepared = await shop.stored("prepare", data=None)
        assert (prepared["result"], prepared["data"]["code"]) == ("FAILED_TO_INITIALIZE", "recurring_not_allowed")
        answer = await shop.stored("tokenize", data=CONSENTED, paymentFlowToSupport="INTERACTIVE")
        assert answer["result"] == "FAILED_TO_TOKENIZE"


async def test_a_draft_that_somebody_else_began_is_not_saved_as_hers(shop: World) -> None:
    """It would be on nobody's list, although the shopper was told that it is saved."""
    shop.amazon.step = "consent_missing"
    await shop.pay()  # a guest's
    shop.amazon.step = ""
    answer = await shop.stored("tokenize", data=CONSENTED, paymentFlowToSupport="INTERACTIVE")
    assert (answer["result"], answer["data"]["code"]) == ("ADDITIONAL_ACTION_REQUIRED", "agreement_unknown")
    assert (await shop.stored("list"))["paymentMethods"] == []
    assert shop.amazon.agreements[AGREEMENT].state is AgreementState.DRAFT


async def test_an_agreement_in_another_currency_is_not_saved_here(shop: World) -> None:
    euros = replace(shop.profile, id="profile-eur", currency="EUR", alias="Euros")

    def unit(tx: Tx) -> None:
        profiles.insert(tx, shop.store.sealer, euros, {"secret_key": "s"}, 1)
        profiles.assign(tx, Assignment("tenant-1", "default-channel", euros.id, 1, 2))

    await shop.store.write(unit)
    await saved(shop)
    session = {"amazonBillingAgreementId": AGREEMENT}
    answer = await shop.stored("tokenize", currency="EUR", data=session, paymentFlowToSupport="INTERACTIVE")
    assert (answer["result"], answer["data"]["code"]) == ("ADDITIONAL_ACTION_REQUIRED", "agreement_unknown")
    assert (await shop.stored("list", currency="EUR"))["paymentMethods"] == []
    again = await shop.stored("tokenize", data=session, paymentFlowToSupport="INTERACTIVE")
    assert again["result"] == "SUCCESSFULLY_TOKENIZED"
