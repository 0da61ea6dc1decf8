"""What the shop tells apps when the books change, and when checkouts become orders (contracts §3.13, §4.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from saleor_amazonpay.simulator.shop import baskets, payload
from saleor_amazonpay.simulator.shop.errors import RefusedError
from saleor_amazonpay.simulator.shop.events import KINDS, Issue
from saleor_amazonpay.simulator.shop.ledger import TransactionItem
from saleor_amazonpay.simulator.shop.people import InstalledApp, Requestor
from saleor_amazonpay.simulator.shop.purchases import Checkout, Order
from saleor_amazonpay.simulator.shop.transport import Post
from saleor_amazonpay.simulator.shop.world import World

_PAID = ("FULL", "OVERCHARGED")


def announce(world: World, post: Post, event: str, principal: Requestor, values: Mapping[str, object]) -> None:
    """Send an async event to every app that is subscribed and permitted."""
    for app in world.apps:
        if app.alive and (not KINDS[event].permission or app.may(KINDS[event].permission)):
            tell(world, post, app, event, principal, values)


def tell(
    world: World,
    post: Post,
    app: InstalledApp,
    event: str,
    principal: Requestor,
    values: Mapping[str, object],
) -> None:
    """Send an async event to the webhooks of one app, in whatever state the app is."""
    record = Issue(app, world.now(), principal).record(event, values)
    for webhook in app.subscribed(event):
        body = payload.body(webhook.query, record)
        if body is not None:
            post.background(post.deliver(webhook, event, body))


@contextmanager
def watched(world: World, post: Post, transaction: TransactionItem) -> Iterator[None]:
    """Announce it if what happens inside makes the transaction's checkout fully authorized or fully paid."""
    checkout = transaction.checkout
    if checkout is None:
        yield
        return
    before = checkout.authorize_status, checkout.charge_status
    yield
    checkout.updated_at = world.now()
    if checkout.charge_status in _PAID and before[1] not in _PAID:
        announce(world, post, "CHECKOUT_FULLY_PAID", None, {"checkout": checkout})
    if checkout.authorize_status == "FULL" and before[0] != "FULL":
        announce(world, post, "CHECKOUT_FULLY_AUTHORIZED", None, {"checkout": checkout})


def complete(world: World, post: Post, checkout: Checkout, principal: Requestor) -> Order:
    """Make the order. Money that is only asked for is enough. Raises RefusedError."""
    lacking = baskets.missing(checkout)
    if lacking is not None:
        raise lacking
    if checkout.authorize_status != "FULL":
        message = "The authorized amount doesn't cover the checkout's total amount."
        raise RefusedError(None, "CHECKOUT_NOT_FULLY_PAID", message)
    order = world.order_from(checkout)
    announce(world, post, "ORDER_CREATED", principal, {"order": order})
    return order


def cancel(world: World, post: Post, order: Order, principal: Requestor) -> None:
    """Cancel an order; its transactions stay as they are (contracts §3.5)."""
    order.status, order.updated_at = "CANCELED", world.now()
    announce(world, post, "ORDER_CANCELLED", principal, {"order": order})
