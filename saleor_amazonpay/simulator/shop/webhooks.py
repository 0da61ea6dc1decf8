"""An app's own webhooks, made, changed and deleted through the API (contracts §1.4, §1.7).

In: the calling app and an input object. Out: the webhook, or Saleor's refusal. What a manifest may not say, a mutation
may not say either.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.shop.arguments import Arguments
from saleor_amazonpay.simulator.shop.errors import RefusedError
from saleor_amazonpay.simulator.shop.events import KINDS
from saleor_amazonpay.simulator.shop.ids import BadIdError, split_id
from saleor_amazonpay.simulator.shop.install import MAX_TARGET_URL
from saleor_amazonpay.simulator.shop.payload import subscription
from saleor_amazonpay.simulator.shop.people import InstalledApp, Webhook
from saleor_amazonpay.simulator.shop.selection import DocumentError
from saleor_amazonpay.simulator.shop.world import World

INPUT = ("name", "targetUrl", "syncEvents", "asyncEvents", "query", "isActive", "identifier")


def create(world: World, app: InstalledApp, given: Arguments) -> Webhook:
    """Another webhook of the app. Raises RefusedError, RequestError."""
    text, target = given.text("query") or "", _target(given)
    if not target:
        raise RefusedError("targetUrl", "REQUIRED", "This field is required.")
    try:
        query = subscription(text)
    except DocumentError as error:
        raise RefusedError("query", "SYNTAX", str(error)) from error
    identifier = _identifier(app, given, None)
    made = Webhook(
        given.text("name") or "",
        target,
        _events(given) or frozenset(),
        query,
        {},
        given.any("isActive") is not False,
        world.next_key("Webhook"),
        identifier,
        text,
    )
    app.webhooks.append(made)
    return made


def update(app: InstalledApp, webhook_id: str, given: Arguments) -> Webhook:
    """Change what is given of one webhook. Raises RefusedError, RequestError."""
    webhook = find(app, webhook_id)
    text = given.text("query")
    if text is not None:
        try:
            webhook.query = subscription(text)
        except DocumentError as error:
            raise RefusedError("query", "SYNTAX", str(error)) from error
        webhook.subscription_query = text
    webhook.identifier = _identifier(app, given, webhook)
    webhook.name = given.text("name") or webhook.name
    webhook.target_url = _target(given) or webhook.target_url
    webhook.events = _events(given) or webhook.events
    active = given.any("isActive")
    webhook.is_active = webhook.is_active if active is None else bool(active)
    return webhook


def delete(app: InstalledApp, webhook_id: str) -> Webhook:
    """Take one away. Raises RefusedError."""
    webhook = find(app, webhook_id)
    app.webhooks.remove(webhook)
    return webhook


def find(app: InstalledApp, webhook_id: str) -> Webhook:
    """One of the app's own webhooks by its global id. Raises RefusedError."""
    try:
        typename, key = split_id(webhook_id)
    except BadIdError as error:
        raise RefusedError("id", "GRAPHQL_ERROR", str(error)) from error
    found = next((one for one in app.webhooks if typename == "Webhook" and str(one.pk) == key), None)
    if found is None:
        raise RefusedError("id", "NOT_FOUND", f"Couldn't resolve to a node: {webhook_id}")
    return found


def _target(given: Arguments) -> str:
    target = given.text("targetUrl") or ""
    if target and (not target.startswith(("http://", "https://")) or len(target) > MAX_TARGET_URL):
        raise RefusedError("targetUrl", "INVALID", "Enter a valid URL.")
    return target


def _events(given: Arguments) -> frozenset[str] | None:
    sync = given.many_of("syncEvents", {name for name, kind in KINDS.items() if kind.sync})
    other = given.many_of("asyncEvents", {name for name, kind in KINDS.items() if not kind.sync})
    return None if sync is None and other is None else frozenset([*(sync or ()), *(other or ())])


def _identifier(app: InstalledApp, given: Arguments, mine: Webhook | None) -> str:
    identifier = given.text("identifier")
    if identifier is None:
        return mine.identifier if mine is not None else ""
    if identifier and any(one.identifier == identifier for one in app.webhooks if one is not mine):
        raise RefusedError("identifier", "UNIQUE", "Webhook with this Identifier already exists.")
    return identifier
