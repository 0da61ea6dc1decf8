"""The webhook door: only what its Saleor signed for this installation gets in, and what gets in is answered 200."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from saleor_amazonpay.flows.deps import Running
from saleor_amazonpay.flows.imports import settle_again
from saleor_amazonpay.store import tenants
from saleor_amazonpay.store.lane import StoreUnavailableError
from tests import asgi, keys
from tests.amazon.verdicts import SOFT
from tests.flows.world import API_URL, CONSENTED, USER, World
from tests.waiting import until

pytestmark = pytest.mark.anyio
INITIALIZE = "transaction-initialize-session"


async def rows(shop: World) -> int:
    """Everything a request may have written."""
    with shop.store.engine.connect() as connection:
        tables = ("operations", "deliveries", "agreements", "reports", "routes", "cap_months", "notices")
        return sum(int(connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0) for table in tables)  # noqa: S608


async def test_one_flipped_byte_is_refused_and_writes_nothing(shop: World) -> None:
    body = shop.session(data=CONSENTED)
    signature = keys.sign(body)
    for position in (0, len(body) // 2, len(body) - 1):
        flipped = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
        answer = await shop.send(INITIALIZE, flipped, **{"saleor-signature": signature})
        assert answer.status == 401
        assert json.loads(answer.body)["error"]["code"] == "bad_signature"
    assert await rows(shop) == 0
    assert shop.amazon.calls == []


UNVERIFIED: dict[str, tuple[dict[str, str], int, str]] = {
    "no signature": ({"saleor-signature": ""}, 401, "bad_signature"),
    "another shop's key": ({"saleor-signature": "foreign"}, 401, "bad_signature"),
    "an unknown shop": ({"saleor-api-url": "https://other.example.com/graphql/"}, 503, "unknown_shop"),
    "no shop": ({"saleor-api-url": ""}, 401, "unknown_shop"),
    "a shop that is no URL": ({"saleor-api-url": "javascript:alert(1)"}, 401, "unknown_shop"),
    "another event": ({"saleor-event": "transaction_process_session"}, 400, "wrong_event"),
    "no event": ({"saleor-event": ""}, 400, "wrong_event"),
}


@pytest.mark.parametrize("name", UNVERIFIED)
async def test_what_is_not_verified_is_refused_with_a_remedy_and_writes_nothing(shop: World, name: str) -> None:
    headers, status, code = UNVERIFIED[name]
    body = shop.session(data=CONSENTED)
    if headers.get("saleor-signature") == "foreign":
        headers = {"saleor-signature": keys.sign(body, "somebody else")}
    answer = await shop.send(INITIALIZE, body, **headers)
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert len(error["message"]) > 10
    assert await rows(shop) == 0


async def test_an_event_for_an_earlier_installation_is_refused(shop: World) -> None:
    body = shop.session(data=CONSENTED).replace(b"QXBwOjQ=", b"QXBwOjM=")
    answer = await shop.send(INITIALIZE, body)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (403, "wrong_recipient")
    assert await rows(shop) == 0


async def test_a_body_signed_for_one_event_is_not_taken_for_another(shop: World) -> None:
    answer = await shop.send("transaction-process-session", shop.session("initialize", data=CONSENTED))
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, "wrong_event")
    assert await rows(shop) == 0


async def test_an_unknown_event_is_not_found(shop: World) -> None:
    answer = await shop.send("order-created", b"{}")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, "unknown_event")


async def test_a_huge_body_is_refused_before_it_is_read_whole(shop: World) -> None:
    answer = await shop.send(INITIALIZE, b" " * (1024 * 1024 + 1))
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (413, "too_large")
    assert await rows(shop) == 0


UNREADABLE = {
    "no JSON": b"{",
    "not UTF-8": b'{"__typename": "\xff"}',
    "a list": b"[]",
    "a number": b"7",
    "no transaction": b'{"__typename": "TransactionInitializeSession", "recipient": {"id": "QXBwOjQ="}}',
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_a_signed_body_of_another_shape_is_answered_with_a_failure(shop: World, name: str) -> None:
    answer = await shop.send(INITIALIZE, UNREADABLE[name])
    said = json.loads(answer.body)
    assert (answer.status, said["result"]) == (200, "CHARGE_FAILURE")
    assert said["pspReference"]
    assert await rows(shop) == 0


@pytest.mark.parametrize("field", ["amount", "currency", "actionType"])
@pytest.mark.parametrize("value", [None, [], {}, True, "x" * 5000, -1])
async def test_wrong_types_never_reach_amazon(shop: World, field: str, value: Any) -> None:
    payload = json.loads(shop.session(data=CONSENTED))
    payload["action"][field] = value
    answer = await shop.send(INITIALIZE, json.dumps(payload).encode())
    assert answer.status == 200
    assert json.loads(answer.body)["result"].endswith(("FAILURE", "ACTION_REQUIRED"))
    assert shop.amazon.made == {}


async def test_after_a_restart_the_keys_of_the_installation_serve(shop: World) -> None:
    shop.api.away = True
    answer = await shop.send(INITIALIZE, shop.session(data=CONSENTED), shop.another_node())
    assert answer.status == 200


async def test_a_deleted_app_is_forgotten_and_its_payments_stay(shop: World) -> None:
    await shop.pay()
    body = json.dumps({"__typename": "AppDeleted", **shop.stamp(), "app": {"id": "QXBwOjQ="}}).encode()
    assert (await shop.send("app-deleted", body)).status == 200
    assert (await shop.send(INITIALIZE, shop.session(data=CONSENTED))).status == 503
    tenant = await shop.store.read(lambda tx: tenants.by_url(tx, shop.store.sealer, API_URL))
    assert tenant is not None
    assert tenant.token == ""
    assert len(await shop.operations()) == 1


class BrokenStore:
    """A database that is away for writing."""

    def __init__(self, shop: World) -> None:
        self.real = shop.store.write
        self.failing = 0

    async def __call__(self, unit: Any) -> Any:
        if self.failing:
            self.failing -= 1
            raise StoreUnavailableError("the database is not available: OperationalError")
        return await self.real(unit)


async def test_with_the_database_away_a_session_is_told_to_try_again(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = BrokenStore(shop)
    monkeypatch.setattr(shop.store, "write", broken)
    broken.failing = 9
    answer = await shop.pay()
    assert (answer["result"], answer["data"]["code"]) == ("CHARGE_ACTION_REQUIRED", "retry")
    assert shop.amazon.made == {}


async def test_with_the_database_away_an_action_fails_with_its_own_reference(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.pay()
    broken = BrokenStore(shop)
    monkeypatch.setattr(shop.store, "write", broken)
    broken.failing = 9
    answer = await shop.act("refund", 10.0)
    assert answer["result"] == "REFUND_FAILURE"
    assert answer["pspReference"]
    assert len(shop.amazon.made) == 1


async def test_a_database_that_goes_away_after_the_intent_leaves_a_pending_answer_that_stays_true(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.pay(principal=USER)
    broken = BrokenStore(shop)
    monkeypatch.setattr(shop.store, "write", broken)
    shop.amazon.gate = asyncio.Event()
    saved = {"amazonBillingAgreementId": CONSENTED["amazonBillingAgreementId"]}
    paying = asyncio.ensure_future(shop.pay(transaction="T2", source="cart-2", principal=USER, data=saved))
    await until(lambda: "authorize" in shop.amazon.calls[4:])
    broken.failing = 2  # the outcome, and the answer
    shop.amazon.gate.set()
    answer = await paying
    (operation,) = await shop.operations("T2")
    assert (answer["result"], answer["pspReference"]) == ("CHARGE_REQUEST", operation.id)
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("CHARGE_SUCCESS", operation.id)]
    assert len(shop.amazon.made) == 2


async def told_and_forgotten(shop: World, monkeypatch: pytest.MonkeyPatch, **session: Any) -> dict[str, Any]:
    """A payment that is answered while the database is away, by a process that ends before it is back."""
    broken = BrokenStore(shop)
    shop.amazon.gate = asyncio.Event()
    shop.amazon.calls.clear()
    monkeypatch.setattr(shop.store, "write", broken)
    paying = asyncio.ensure_future(shop.pay(**session))
    await until(lambda: "authorize" in shop.amazon.calls)
    broken.failing = 2  # the outcome, and the answer
    shop.amazon.gate.set()
    answer = await paying
    await shop.deps.running.drain()
    shop.deps = replace(shop.deps, running=Running(), delivered=set(), owed=set())
    return answer


@pytest.mark.parametrize("found_by", ["the sweep", "a notice"])
async def test_what_was_told_without_the_database_stays_true_if_the_process_ends(
    shop: World, monkeypatch: pytest.MonkeyPatch, found_by: str
) -> None:
    answer = await told_and_forgotten(shop, monkeypatch)
    (operation,) = await shop.operations()
    assert (answer["result"], answer["pspReference"]) == ("CHARGE_REQUEST", operation.id)
    if found_by == "a notice":
        await settle_again(shop.deps, operation, "A-1", "authorize")
    await shop.settle_down()
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("CHARGE_SUCCESS", operation.id)]
    assert len(shop.amazon.made) == 1


async def test_a_decline_that_saleor_waits_for_is_reported_although_nobody_noted_that(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.amazon.script.append(SOFT)
    answer = await told_and_forgotten(shop, monkeypatch)
    (operation,) = await shop.operations()
    assert (answer["result"], answer["pspReference"]) == ("CHARGE_REQUEST", operation.id)
    shop.api.events = [shop.request("charge", 10.0, 1, operation.id)]
    await shop.settle_down()
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("CHARGE_FAILURE", operation.id)]


async def test_the_gateway_is_initialized_from_the_store_alone(shop: World) -> None:
    payload = {
        "__typename": "PaymentGatewayInitializeSession", **shop.stamp(), "issuingPrincipal": None, "data": None,
        "amount": 10.0,
        "sourceObject": {
            "__typename": "Checkout", "id": "c", "isShippingRequired": True, "user": None,
            "channel": {"slug": "default-channel", "currencyCode": "USD"},
        },
    }  # fmt: skip
    answer = await shop.send("payment-gateway-initialize-session", json.dumps(payload).encode())
    data = json.loads(answer.body)["data"]
    assert (data["available"], data["profile"]) == (True, shop.profile.id)
    assert data["amazon"] == {"sellerId": shop.profile.seller_id}
    assert shop.amazon.calls == []
    payload["sourceObject"]["channel"]["slug"] = "elsewhere"  # type: ignore[index]
    answer = await shop.send("payment-gateway-initialize-session", json.dumps(payload).encode())
    assert json.loads(answer.body)["data"]["code"] == "no_profile"


async def test_health_and_metrics_answer(shop: World) -> None:
    await shop.pay()
    for path, word in (("healthz", b"alive"), ("readyz", b"ready"), ("metrics", b"amazonpay_webhook_seconds")):
        answer = await asgi.call(shop.app, "GET", f"http://app/{path}")
        assert answer.status == 200
        assert word in answer.body
