"""An installed app brings its webhooks up to date by itself; permissions only staff can give it (contracts §1.7)."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from saleor_amazonpay.flows import installation
from saleor_amazonpay.flows.installation import update_installations
from saleor_amazonpay.flows.problems import deliver_problems
from saleor_amazonpay.saleor import manifest
from saleor_amazonpay.simulator.shop.people import HANDLE_PAYMENTS, InstalledApp, Webhook
from tests.journeys.stage import APP, Stage

pytestmark = pytest.mark.anyio
WANTED = {
    (webhook.get("syncEvents") or webhook["asyncEvents"])[0]: (webhook["targetUrl"], webhook["query"])
    for webhook in manifest.render(APP)["webhooks"]
}


def app_of(play: Stage) -> InstalledApp:
    app = play.saleor.world.app(play.gateway)
    assert app is not None
    return app


def webhooks(play: Stage) -> dict[str, tuple[str, str]]:
    return {
        event: (webhook.target_url, webhook.subscription_query)
        for webhook in app_of(play).webhooks
        for event in webhook.events
    }


def webhook(play: Stage, event: str) -> Webhook:
    return next(one for one in app_of(play).webhooks if event in one.events)


def shown(play: Stage) -> list[str]:
    return [problem.message for problem in app_of(play).problems if problem.dismissed is None]


async def update(play: Stage) -> int:
    done = await update_installations(play.deps)
    await deliver_problems(play.deps)
    return done


async def test_a_new_installation_is_compared_once_and_changed_in_nothing(play_on_both: Stage) -> None:
    play = play_on_both
    before = [webhook.id for webhook in app_of(play).webhooks]
    assert await update(play) == 1
    assert await update(play) == 0
    assert [webhook.id for webhook in app_of(play).webhooks] == before
    assert webhooks(play) == WANTED
    assert shown(play) == []


@pytest.mark.parametrize("version", [(3, 21), (3, 22), (3, 24)])
async def test_an_installation_of_an_older_manifest_gets_what_is_new_changed_and_gone(
    play: Stage, version: tuple[int, int]
) -> None:
    play.saleor.schema_version = version
    app = app_of(play)
    app.webhooks = [one for one in app.webhooks if not one.events & {"ORDER_CANCELLED", "APP_UPDATED"}]
    webhook(play, "TRANSACTION_REFUND_REQUESTED").subscription_query = "subscription { event { issuedAt } }"
    webhook(
        play, "TRANSACTION_CHARGE_REQUESTED"
    ).target_url = "http://old.example/api/webhooks/saleor/transaction-charge"
    old = webhook(play, "APP_DELETED")
    gone = Webhook(
        "old", f"{APP}/api/webhooks/saleor/order-created", frozenset({"ORDER_CREATED"}), old.query, {}, pk=77
    )
    double = Webhook("twice", old.target_url, old.events, old.query, {}, pk=78)
    foreign = Webhook("staff's", "https://elsewhere.example/", frozenset({"ORDER_CREATED"}), old.query, {}, pk=79)
    app.webhooks += [gone, double, foreign]
    assert await update(play) == 1
    assert foreign in app.webhooks, "what is not ours is left alone"
    app.webhooks.remove(foreign)
    assert webhooks(play) == WANTED
    assert len(app.webhooks) == len(WANTED)
    identifiers = {one.identifier for one in app.webhooks if one.events & {"ORDER_CANCELLED", "APP_UPDATED"}}
    assert identifiers == ({"order-cancelled", "app-updated"} if version >= (3, 23) else {""})


async def test_a_webhook_that_staff_switched_off_stays_off(play: Stage) -> None:
    off = webhook(play, "ORDER_CANCELLED")
    off.is_active = False
    off.target_url = "http://old.example/api/webhooks/saleor/order-cancelled"
    await update(play)
    assert (off.is_active, off.target_url) == (False, WANTED["ORDER_CANCELLED"][0])


async def test_a_missing_permission_is_shown_until_staff_have_given_it(play_on_both: Stage) -> None:
    play = play_on_both
    app = app_of(play)
    app.granted = frozenset({HANDLE_PAYMENTS})
    await update(play)
    (message,) = shown(play)
    assert "MANAGE_ORDERS" in message
    assert await update(play) == 0
    play.saleor.app_update(app, {HANDLE_PAYMENTS, "MANAGE_ORDERS"})
    await play.saleor.settled()
    assert await update(play) == 1
    assert shown(play) == []
    assert await update(play) == 0


async def test_where_saleor_tells_nobody_of_a_permission_it_is_looked_at_again(play: Stage) -> None:
    app = app_of(play)
    app.granted = frozenset({HANDLE_PAYMENTS})
    await update(play)
    app.granted = frozenset({HANDLE_PAYMENTS, "MANAGE_ORDERS"})
    play.amazon.advance(6 * 3600 + 1)
    assert await update(play) == 1
    assert shown(play) == []


async def test_while_saleor_is_away_it_is_tried_again(play: Stage) -> None:
    play.saleor.faults.api_down(503)
    assert await update(play) == 1
    assert await update(play) == 0
    play.saleor.faults.clear()
    play.amazon.advance(60)
    assert await update(play) == 1
    assert webhooks(play) == WANTED


async def test_two_nodes_at_once_make_each_webhook_once(play_on_both: Stage) -> None:
    play = play_on_both
    play.saleor.schema_version = (3, 22)
    app = app_of(play)
    app.webhooks = [one for one in app.webhooks if "ORDER_CANCELLED" not in one.events]
    done = await asyncio.gather(*(update_installations(play.deps) for _ in range(4)))
    assert sum(done) == 1
    assert len(app.webhooks) == len(WANTED)


async def test_a_node_of_an_older_version_leaves_newer_webhooks_alone(
    play: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "__version__", "99.1")
    installation.fingerprint.cache_clear()
    await update(play)
    monkeypatch.undo()
    installation.fingerprint.cache_clear()
    webhook(play, "APP_DELETED").target_url = "https://newer.example/api/webhooks/saleor/app-deleted"
    assert await update(play) == 0
    assert webhook(play, "APP_DELETED").target_url.startswith("https://newer.example")


async def test_a_reinstallation_is_compared_anew(play: Stage) -> None:
    await update(play)
    await play.saleor.reinstall(app_of(play))
    await play.saleor.settled()
    app_of(play).webhooks.pop()
    assert await update(play) == 1
    assert webhooks(play) == WANTED


async def test_what_saleor_refuses_for_good_is_shown(play: Stage) -> None:
    webhook(play, "APP_DELETED").target_url = "https://old.example/api/webhooks/saleor/app-deleted"
    app_of(play).token = "another token that is not known"
    await update_installations(play.deps)
    app_of(play).token = (await play.deps.directory.tenant(play.saleor.api_url)).token  # type: ignore[union-attr]
    await deliver_problems(play.deps)
    assert any("Install the app again" in message for message in shown(play))


async def test_an_updated_installation_is_told_of_a_cancelled_order(play: Stage) -> None:
    app = app_of(play)
    app.webhooks = [one for one in app.webhooks if "ORDER_CANCELLED" not in one.events]
    await update(play)
    checkout = play.saleor.checkout_create(total="40", user=play.customer)
    begun = await play.saleor.transaction_initialize(
        checkout.id, play.gateway, play.buyer_data(), action="AUTHORIZATION", requestor=play.customer
    )
    order = play.saleor.checkout_complete(checkout.id, play.customer).order
    assert order is not None
    assert begun.transaction is not None
    play.saleor.order_cancel(order)
    await play.settle(30)
    assert play.saleor.books()[begun.transaction.id].amounts.canceled == Decimal(40)
    await play.books_agree()
