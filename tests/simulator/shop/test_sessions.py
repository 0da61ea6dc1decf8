"""Paying from the storefront (contracts §3.2 to §3.4)."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.http import HttpResponse, TransportError
from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.errors import RequestError
from saleor_amazonpay.simulator.shop.people import InstalledApp
from saleor_amazonpay.simulator.shop.results import SessionResult
from tests.simulator.shop.fake_app import APP_ID, FakeApp

pytestmark = pytest.mark.anyio

_INITIALIZE = "TRANSACTION_INITIALIZE_SESSION"
_PROCESS = "TRANSACTION_PROCESS_SESSION"
_GATEWAY = "PAYMENT_GATEWAY_INITIALIZE_SESSION"


def _charged(psp: str = "C1", **more: Any) -> dict[str, Any]:
    return {"result": "CHARGE_SUCCESS", "pspReference": psp, **more}


async def _pay(shop: Shop, checkout_id: str, **more: Any) -> SessionResult:
    return await shop.transaction_initialize(checkout_id, APP_ID, **more)


def _codes(result: Any) -> list[str]:
    return [error.code for error in result.errors]


async def test_a_charge_is_booked_and_data_reaches_the_storefront(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, _charged(data={"a": 1}, actions=["REFUND"], message="thanks"))
    checkout = shop.checkout_create(total="40")
    result = await _pay(shop, checkout.id, data={"x": [1]}, idempotency_key="k")
    sent = app.received(_INITIALIZE)[0].body
    assert (sent["data"], sent["idempotencyKey"], sent["action"]["amount"]) == ({"x": [1]}, "k", 40.0)
    assert [event["type"] for event in sent["transaction"]["events"]] == ["CHARGE_REQUEST"]
    assert result.transaction is not None
    assert result.transaction.amounts.charged == 40
    assert (result.transaction.psp_reference, result.transaction.actions) == ("C1", ["REFUND"])
    assert result.data == {"a": 1}
    request, success = result.transaction.ledger
    assert (request.psp, request.counted, success.counted) == ("C1", False, True)
    assert (checkout.charge_status, checkout.authorize_status) == ("FULL", "FULL")


async def test_a_pending_answer_overwrites_the_request_and_counts_for_the_checkout(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, {"result": "CHARGE_REQUEST", "pspReference": "C1", "amount": 30})
    checkout = shop.checkout_create(total="40")
    result = await _pay(shop, checkout.id)
    assert result.transaction is not None
    (event,) = result.transaction.ledger
    assert (event.type, event.value, event.psp, event.counted) == ("CHARGE_REQUEST", Decimal(30), "C1", True)
    assert result.transaction.amounts.charge_pending == 30
    assert checkout.charge_status == "PARTIAL"


async def test_another_result_than_the_one_asked_for_is_fine(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    app.reply(_INITIALIZE, {"result": "AUTHORIZATION_SUCCESS", "pspReference": "A1"})
    result = await _pay(shop, shop.checkout_create().id, action="CHARGE")
    assert result.transaction is not None
    assert result.transaction.amounts.authorized == 40


async def test_action_required_ignores_actions_and_can_be_processed_again(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, {"result": "CHARGE_ACTION_REQUIRED", "actions": ["REFUND"], "data": {"step": 1}})
    app.reply(_PROCESS, {"result": "CHARGE_ACTION_REQUIRED"}, _charged())
    first = await _pay(shop, shop.checkout_create().id)
    assert first.transaction is not None
    assert first.transaction.actions == []
    again = await shop.transaction_process(first.transaction.id, {"y": 2})
    done = await shop.transaction_process(first.transaction.id, "no object")
    assert (again.event and again.event.type, done.event and done.event.type) == (
        "CHARGE_ACTION_REQUIRED",
        "CHARGE_SUCCESS",
    )
    assert [call.body["data"] for call in app.received(_PROCESS)] == [{"y": 2}, None]


@pytest.mark.parametrize(
    "answer",
    [
        {"result": "CHARGE_REQUEST", "pspReference": "C1"},
        {"result": "CHARGE_FAILURE", "pspReference": "C1"},
        {"result": "AUTHORIZATION_SUCCESS", "pspReference": "C1"},
    ],
)
async def test_a_decided_transaction_is_processed_without_calling_the_app(
    shop: Shop, app: FakeApp, installed: InstalledApp, answer: dict[str, Any]
) -> None:
    app.reply(_INITIALIZE, {**answer, "data": 1})
    first = await _pay(shop, shop.checkout_create().id)
    assert first.transaction is not None
    again = await shop.transaction_process(first.transaction.id)
    assert again.event is first.event
    assert again.data is None
    assert not app.received(_PROCESS)


@pytest.mark.parametrize(
    "answer",
    [
        TransportError("timeout", sent=True),
        HttpResponse(500, b'{"result": "CHARGE_SUCCESS", "pspReference": "P"}'),
        HttpResponse(302, b'{"result": "CHARGE_SUCCESS", "pspReference": "P"}'),
        HttpResponse(200, b""),
        HttpResponse(204, b""),
        HttpResponse(200, b"null"),
        _charged(externalUrl=""),
        _charged(psp=5),  # type: ignore[arg-type]
        {},
    ],
)
async def test_a_failure_that_saleor_makes_is_not_final(
    shop: Shop, app: FakeApp, installed: InstalledApp, answer: Any
) -> None:
    app.reply(_INITIALIZE, answer)
    app.reply(_PROCESS, _charged())
    checkout = shop.checkout_create()
    failed = await _pay(shop, checkout.id)
    assert failed.transaction is not None
    assert failed.event is not None
    assert (failed.event.type, failed.event.counted, failed.event.psp) == ("CHARGE_FAILURE", False, None)
    assert failed.event.created_by is None
    assert failed.errors == ()
    done = await shop.transaction_process(failed.transaction.id)
    assert done.event is not None
    assert done.event.type == "CHARGE_SUCCESS"


async def test_data_reaches_the_storefront_even_if_the_rest_was_refused(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, _charged(time="", data=[1]))
    result = await _pay(shop, shop.checkout_create().id)
    assert result.event is not None
    assert (result.event.type, result.data) == ("CHARGE_FAILURE", [1])
    assert "time" in result.event.message


@pytest.mark.parametrize(
    "answer", [[], "text", _charged(externalUrl=f"https://x.example/{'a' * 200}"), _charged("p" * 513)]
)
async def test_an_answer_that_breaks_saleor_books_nothing(
    shop: Shop, app: FakeApp, installed: InstalledApp, answer: Any
) -> None:
    app.reply(_INITIALIZE, answer)
    checkout = shop.checkout_create()
    with pytest.raises(RequestError, match="Internal Server Error"):
        await _pay(shop, checkout.id)
    assert [event.type for event in checkout.transactions[0].ledger] == ["CHARGE_REQUEST"]


async def test_the_same_key_is_the_same_transaction_and_the_app_is_called_again(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, _charged())
    checkout = shop.checkout_create()
    first = await _pay(shop, checkout.id, amount=Decimal(10), idempotency_key="k")
    again = await _pay(shop, checkout.id, amount=Decimal(10), idempotency_key="k")
    assert again.transaction is first.transaction
    assert again.event is first.event
    assert len(app.received(_INITIALIZE)) == 2
    assert first.transaction is not None
    assert first.transaction.amounts.charged == 10


async def test_a_second_charge_under_the_same_key_doubles_the_money(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, _charged("C1"), _charged("C2"))
    checkout = shop.checkout_create()
    for _ in range(2):
        await _pay(shop, checkout.id, amount=Decimal(10), idempotency_key="k")
    assert checkout.transactions[0].amounts.charged == 20


async def test_a_key_is_refused_for_another_amount_flow_or_object(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, {"result": "CHARGE_ACTION_REQUIRED"})
    checkout, other = shop.checkout_create(), shop.checkout_create()
    await _pay(shop, checkout.id, amount=Decimal(10), idempotency_key="k")
    for where, amount, action in (
        (checkout, 11, "CHARGE"),
        (checkout, 10, "AUTHORIZATION"),
        (other, 10, "CHARGE"),
    ):
        result = await _pay(shop, where.id, amount=Decimal(amount), action=action, idempotency_key="k")
        assert _codes(result) == ["UNIQUE"]
    assert len(app.received(_INITIALIZE)) == 1
    assert _codes(await _pay(shop, checkout.id, idempotency_key="")) == ["INVALID"]


async def test_two_failures_without_psp_reference_are_one(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    app.reply(_INITIALIZE, {"result": "AUTHORIZATION_ACTION_REQUIRED"})
    app.reply(_PROCESS, TransportError("lost", sent=True), {"result": "CHARGE_FAILURE"})
    first = await _pay(shop, shop.checkout_create().id)
    assert first.transaction is not None
    saleors = await shop.transaction_process(first.transaction.id)
    apps = await shop.transaction_process(first.transaction.id)
    assert apps.event is saleors.event


async def test_the_same_reference_with_another_amount_is_a_failure(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, _charged(amount=10), _charged(amount=11))
    checkout = shop.checkout_create()
    await _pay(shop, checkout.id, idempotency_key="k", amount=Decimal(10))
    result = await _pay(shop, checkout.id, idempotency_key="k", amount=Decimal(10))
    assert result.event is not None
    assert (result.event.type, result.event.counted) == ("CHARGE_FAILURE", False)
    assert "different amount" in result.event.message


async def test_a_second_authorization_is_a_failure(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    app.reply(_INITIALIZE, *({"result": "AUTHORIZATION_SUCCESS", "pspReference": psp} for psp in ("A1", "A2")))
    checkout = shop.checkout_create()
    await _pay(shop, checkout.id, idempotency_key="k", amount=Decimal(10))
    result = await _pay(shop, checkout.id, idempotency_key="k", amount=Decimal(10))
    assert result.event is not None
    assert result.event.type == "CHARGE_FAILURE"
    assert "AUTHORIZATION_ADJUSTMENT" in result.event.message


async def test_without_an_amount_the_rest_is_asked_for(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    app.reply(_INITIALIZE, _charged("C1"), {"result": "AUTHORIZATION_REQUEST", "pspReference": "A"}, _charged("C3"))
    checkout = shop.checkout_create(total="40")
    await _pay(shop, checkout.id, amount=Decimal("15.005"))
    await _pay(shop, checkout.id, amount=Decimal(5))
    await _pay(shop, checkout.id)
    assert [call.body["action"]["amount"] for call in app.received(_INITIALIZE)] == [15.0, 5.0, 20.0]


async def test_what_cannot_be_paid_is_refused(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    checkout = shop.checkout_create()
    assert _codes(await shop.transaction_initialize(checkout.id, "nobody")) == ["NOT_FOUND"]
    assert _codes(await _pay(shop, shop.staff.id)) == ["INVALID"]
    gone = shop.checkout_create()
    del shop.world.checkouts[gone.token]
    assert _codes(await _pay(shop, gone.id)) == ["NOT_FOUND"]
    with pytest.raises(RequestError, match="Invalid ID"):
        await _pay(shop, "nonsense")
    shop.world.app(APP_ID).webhooks.clear()  # type: ignore[union-attr]
    without_webhook = await _pay(shop, checkout.id)
    assert without_webhook.event is not None
    assert without_webhook.event.type == "CHARGE_FAILURE"


async def test_a_checkout_takes_at_most_a_hundred_transactions(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, {"result": "CHARGE_FAILURE"})
    checkout = shop.checkout_create()
    for _ in range(100):
        await _pay(shop, checkout.id)
    assert _codes(await _pay(shop, checkout.id)) == ["INVALID"]


async def test_process_needs_an_open_request_and_a_living_app(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, {"result": "CHARGE_ACTION_REQUIRED"})
    first = await _pay(shop, shop.checkout_create().id)
    assert first.transaction is not None
    shop.delete(installed)
    assert _codes(await shop.transaction_process(first.transaction.id)) == ["MISSING_PAYMENT_APP"]
    first.transaction.ledger.clear()
    assert _codes(await shop.transaction_process(first.transaction.id)) == ["INVALID"]
    await shop.settled()


async def test_the_checkout_may_become_an_order_while_the_app_thinks(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    checkout = shop.checkout_create()

    def answer(_body: Any) -> dict[str, Any]:
        shop.world.order_from(checkout)
        return _charged()

    app.reply(_INITIALIZE, answer)
    result = await _pay(shop, checkout.id)
    assert result.transaction is not None
    assert result.transaction.checkout is None
    assert result.transaction.order is not None
    assert result.transaction.order.charge_status == "FULL"


async def test_an_order_does_not_count_what_is_pending(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    app.reply(_INITIALIZE, {"result": "CHARGE_REQUEST", "pspReference": "C1"})
    checkout = shop.checkout_create()
    assert _codes(shop.checkout_complete(checkout.id)) == ["CHECKOUT_NOT_FULLY_PAID"]
    await _pay(shop, checkout.id)
    order = shop.checkout_complete(checkout.id).order
    assert order is not None
    assert (order.charge_status, order.authorize_status, order.checkout_id) == ("NONE", "NONE", checkout.id)
    assert checkout.token not in shop.world.checkouts


async def test_the_principal_is_the_user_the_app_or_nobody(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    app.reply(_INITIALIZE, {"result": "CHARGE_FAILURE"})
    customer = shop.customer_create("c@example.com")
    checkout = shop.checkout_create(user=customer)
    for requestor in (None, customer, installed):
        await _pay(shop, checkout.id, requestor=requestor)
    principals = [call.body["issuingPrincipal"] for call in app.received(_INITIALIZE)]
    assert principals == [
        None,
        {"__typename": "User", "id": customer.id},
        {"__typename": "App", "id": installed.id, "identifier": APP_ID},
    ]


@pytest.mark.parametrize(
    ("answer", "data", "codes"),
    [
        ({"data": {"a": 1}, "more": 2}, {"a": 1}, []),
        ({"data": None}, None, []),
        ({}, None, []),
        ({"result": 1}, None, ["INVALID"]),
        (HttpResponse(500, b"{}"), None, ["INVALID"]),
    ],
)
async def test_a_gateway_says_what_the_storefront_needs(
    shop: Shop, app: FakeApp, installed: InstalledApp, answer: Any, data: Any, codes: list[str]
) -> None:
    app.reply(_GATEWAY, answer)
    result = await shop.payment_gateway_initialize(shop.checkout_create(total="12").id)
    (config,) = result.configs
    assert (config.id, config.data, [error.code for error in config.errors]) == (APP_ID, data, codes)
    assert app.received(_GATEWAY)[0].body["amount"] == 12.0


async def test_a_gateway_that_is_not_there_is_not_found(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    app.reply(_GATEWAY, {"data": 1})
    result = await shop.payment_gateway_initialize(shop.checkout_create().id, {"nobody": None, APP_ID: {"q": 1}})
    assert [[error.code for error in config.errors] for config in result.configs] == [["NOT_FOUND"], []]
    assert app.received(_GATEWAY)[0].body["data"] == {"q": 1}
    assert _codes(await shop.payment_gateway_initialize(shop.staff.id)) == ["INVALID"]


async def test_an_app_without_permission_is_silently_not_called(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    installed.granted = frozenset()
    result = await _pay(shop, shop.checkout_create().id)
    assert result.event is not None
    assert result.event.type == "CHARGE_FAILURE"
    assert not app.calls


async def test_a_dropped_answer_was_given_and_a_late_one_is_still_to_come(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply(_INITIALIZE, _charged())
    shop.faults.drop_answer(_INITIALIZE)
    shop.faults.late_answer(_INITIALIZE)
    shop.faults.unreachable(_INITIALIZE)
    seen = []
    for _ in range(4):
        result = await _pay(shop, shop.checkout_create().id)
        assert result.event is not None
        seen.append((result.event.type, len(app.calls)))
        await shop.settled()
    assert seen == [("CHARGE_FAILURE", 1), ("CHARGE_FAILURE", 1), ("CHARGE_FAILURE", 2), ("CHARGE_SUCCESS", 3)]


async def test_two_processes_at_once_both_reach_the_app(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    app.reply(_INITIALIZE, {"result": "CHARGE_ACTION_REQUIRED"})
    app.reply(_PROCESS, _charged("C1"), _charged("C2"))
    first = await _pay(shop, shop.checkout_create().id)
    assert first.transaction is not None
    waiting = asyncio.Event()
    plain = app.request

    async def held(*args: Any, **more: Any) -> HttpResponse:
        answer = await plain(*args, **more)
        if len(app.received(_PROCESS)) == 2:
            waiting.set()
        await waiting.wait()
        return answer

    app.request = held  # type: ignore[method-assign]
    await asyncio.gather(*(shop.transaction_process(first.transaction.id) for _ in range(2)))
    assert first.transaction.amounts.charged == 80
