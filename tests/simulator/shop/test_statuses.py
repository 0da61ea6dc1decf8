"""What apps are told when checkouts are paid and orders are made or cancelled (contracts §3.13, §4.5)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.people import InstalledApp
from saleor_amazonpay.simulator.shop.purchases import authorize_status, charge_status
from saleor_amazonpay.simulator.shop.reports import Report
from tests.simulator.shop.fake_app import APP_ID, MANIFEST_URL, FakeApp, manifest, query, webhook

pytestmark = pytest.mark.anyio

_TOLD = {
    "CHECKOUT_FULLY_AUTHORIZED": query("CheckoutFullyAuthorized", "checkout { id }"),
    "CHECKOUT_FULLY_PAID": query("CheckoutFullyPaid", "checkout { id }"),
    "ORDER_CREATED": query("OrderCreated", "order { id status }"),
    "ORDER_CANCELLED": query("OrderCancelled", "order { id status }"),
}
_PERMISSIONS = ["HANDLE_PAYMENTS", "MANAGE_ORDERS", "MANAGE_CHECKOUTS"]


@pytest.fixture
async def listener(shop: Shop, app: FakeApp) -> InstalledApp:
    hooks = [*manifest()["webhooks"], *(webhook(event, text) for event, text in _TOLD.items())]
    app.manifest = manifest(permissions=_PERMISSIONS, webhooks=hooks)
    return await shop.install(MANIFEST_URL)


async def _story(shop: Shop, app: FakeApp, listener: InstalledApp) -> list[tuple[str, list[str]]]:
    """Authorize, report two pending charges, order, cancel: what was told after each step."""
    app.reply("TRANSACTION_INITIALIZE_SESSION", {"result": "AUTHORIZATION_SUCCESS", "pspReference": "A1"})
    checkout = shop.checkout_create(total="40")
    told: list[tuple[str, list[str]]] = []

    async def heard(step: str) -> None:
        await shop.settled()
        told.append((step, sorted(call.event for call in app.calls if call.event in _TOLD)))
        app.calls.clear()

    result = await shop.transaction_initialize(checkout.id, APP_ID)
    assert result.transaction is not None
    await heard("authorized")
    for psp in ("C1", "C2"):
        report = Report("CHARGE_REQUEST", psp, Decimal(40))
        shop.transaction_event_report(result.transaction.id, report, listener)
        await heard("charge pending")
    order = shop.checkout_complete(checkout.id).order
    assert order is not None
    await heard("ordered")
    shop.order_cancel(order)
    await heard("cancelled")
    assert (order.status, result.transaction.amounts.charge_pending) == ("CANCELED", Decimal(80))
    return told


async def test_apps_are_told_of_transitions_and_pending_money_counts(
    shop: Shop, app: FakeApp, listener: InstalledApp
) -> None:
    assert await _story(shop, app, listener) == [
        ("authorized", ["CHECKOUT_FULLY_AUTHORIZED"]),
        ("charge pending", ["CHECKOUT_FULLY_PAID"]),
        ("charge pending", []),
        ("ordered", ["ORDER_CREATED"]),
        ("cancelled", ["ORDER_CANCELLED"]),
    ]


async def test_an_app_without_the_permission_is_told_nothing(shop: Shop, app: FakeApp, listener: InstalledApp) -> None:
    listener.granted = frozenset({"HANDLE_PAYMENTS"})
    assert {len(events) for _, events in await _story(shop, app, listener)} == {0}


@pytest.mark.parametrize(
    ("charged", "status"), [(-1, "NONE"), (0, "NONE"), (39, "PARTIAL"), (40, "FULL"), (41, "OVERCHARGED")]
)
def test_the_charge_status_compares_with_the_total(charged: int, status: str) -> None:
    assert charge_status(Decimal(charged), Decimal(40), free=False) == status


@pytest.mark.parametrize(
    ("covered", "status"), [(-1, "NONE"), (0, "NONE"), (39, "PARTIAL"), (40, "FULL"), (99, "FULL")]
)
def test_the_authorize_status_compares_with_the_total(covered: int, status: str) -> None:
    assert authorize_status(Decimal(covered), Decimal(40), free=False) == status


async def test_what_costs_nothing_is_paid(shop: Shop) -> None:
    checkout = shop.checkout_create(total=0)
    assert (checkout.charge_status, checkout.authorize_status) == ("FULL", "FULL")
    order = shop.checkout_complete(checkout.id).order
    assert order is not None
    assert (order.charge_status, order.authorize_status) == ("FULL", "FULL")
