"""Paying from the storefront: gateway initialize, transaction initialize and process (contracts §3.2 to §3.4).

In: what a storefront may send, which is anything. Out: the transaction, the event that tells the outcome, and the app's
`data`. The app is called while the storefront waits, once, and may be called again with the same transaction: whether
that moves money twice is the app's affair alone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor_amazonpay.simulator.shop import payload, settle
from saleor_amazonpay.simulator.shop.answers import AnswerCrashError
from saleor_amazonpay.simulator.shop.errors import MutationError, RefusedError, server_error
from saleor_amazonpay.simulator.shop.events import KINDS, Issue, gateway_session, transaction_session
from saleor_amazonpay.simulator.shop.ledger import SESSION_FINAL, TransactionEvent, TransactionItem
from saleor_amazonpay.simulator.shop.money import to_currency
from saleor_amazonpay.simulator.shop.people import Flow, InstalledApp, Requestor
from saleor_amazonpay.simulator.shop.purchases import Checkout, Order, Purchase
from saleor_amazonpay.simulator.shop.resolve import Record
from saleor_amazonpay.simulator.shop.results import GatewayConfig, GatewayResult, SessionResult
from saleor_amazonpay.simulator.shop.statuses import watched
from saleor_amazonpay.simulator.shop.transport import Post
from saleor_amazonpay.simulator.shop.world import World

GATEWAY_INITIALIZE = "PAYMENT_GATEWAY_INITIALIZE_SESSION"
INITIALIZE = "TRANSACTION_INITIALIZE_SESSION"
PROCESS = "TRANSACTION_PROCESS_SESSION"

_NO_APP = "Active app with `HANDLE_PAYMENT` permissions or app webhook not found."
_NO_ANSWER = "Unable to process a payment gateway response."
_REQUESTS = ("AUTHORIZATION_REQUEST", "CHARGE_REQUEST")


def json_input(data: Any) -> Any:
    """What Saleor lets through of a storefront's `data`: objects and lists, anything else becomes null (§4.6)."""
    return data if isinstance(data, (dict, list)) else None


async def ask_app(post: Post, app: InstalledApp, event: str, record: Record) -> Any:
    """Send a session event: the answer's JSON, or None if there is no webhook, nothing to send or no answer."""
    webhook = app.webhook_for(event, KINDS[event].permission)
    body = payload.body(webhook.query, record) if webhook is not None else None
    if webhook is None or body is None:
        return None
    return await post.ask(webhook, event, body)


async def gateway_initialize(
    world: World,
    post: Post,
    source_id: str,
    gateways: dict[str, Any] | None,
    amount: Decimal | None,
    principal: Requestor,
) -> GatewayResult:
    """Ask payment apps what a storefront needs; `gateways` maps app identifiers to data, None asks all."""
    source = world.source(source_id)
    asked = to_currency(amount, source.currency) if amount is not None else source.uncovered
    listed = gateways or {app.identifier: None for app in world.apps if _answers_gateway(app)}
    configs = []
    for identifier, data in listed.items():
        app = world.app(identifier)
        if app is None or not _answers_gateway(app):
            configs.append(GatewayConfig(identifier, None, (MutationError("id", "NOT_FOUND", _NO_APP),)))
            continue
        record = gateway_session(Issue(app, world.now(), principal), source, asked, json_input(data))
        configs.append(_config(identifier, await ask_app(post, app, GATEWAY_INITIALIZE, record)))
    return GatewayResult(tuple(configs))


def _answers_gateway(app: InstalledApp) -> bool:
    return app.webhook_for(GATEWAY_INITIALIZE, KINDS[GATEWAY_INITIALIZE].permission) is not None


def _config(identifier: str, answer: Any) -> GatewayConfig:
    if answer is None:
        return GatewayConfig(identifier, None, (MutationError("id", "INVALID", _NO_ANSWER),))
    if not answer:
        return GatewayConfig(identifier, None)  # an empty answer is not looked at any closer
    if not isinstance(answer, dict) or "data" not in answer:
        message = f"Missing value for field: data. Input: {answer}."
        return GatewayConfig(identifier, None, (MutationError("id", "INVALID", message),))
    return GatewayConfig(identifier, answer["data"])


async def initialize(
    world: World,
    post: Post,
    source_id: str,
    gateway_id: str,
    data: Any,
    amount: Decimal | None,
    action: Flow,
    idempotency_key: str | None,
    customer_ip: str | None,
    principal: Requestor,
) -> SessionResult:
    """Begin, or with a known key continue, a transaction. Raises RefusedError, RequestError."""
    source = world.source(source_id)
    if idempotency_key == "":
        raise RefusedError("idempotencyKey", "INVALID", "Cannot be provided as an empty string.")
    key = idempotency_key or str(uuid4())
    asked = to_currency(amount, source.currency) if amount is not None else source.uncovered
    app = world.app(gateway_id)
    if app is None:
        raise RefusedError("paymentGateway", "NOT_FOUND", "App with provided identifier not found.")
    transaction, request = _opened(world, source, app, key, f"{action}_REQUEST", asked)
    return await _session(world, post, INITIALIZE, app, transaction, request, data, customer_ip, principal)


def _opened(
    world: World, source: Purchase, app: InstalledApp, key: str, kind: str, asked: Decimal
) -> tuple[TransactionItem, TransactionEvent]:
    """The transaction and request event of this key, made or found again; anything else about it has to be equal."""
    transaction = next((item for item in source.transactions if item.idempotency_key == key), None)
    if transaction is None:
        used = (item for item in world.transactions.values() if item.idempotency_key == key)
        if any(item.app_identifier == app.identifier for item in used):
            raise _not_unique()
        transaction = _created(world, source, app, key)
    known = next((event for event in transaction.ledger if event.idempotency_key == key), None)
    if known is None:
        return transaction, world.event_create(transaction, kind, asked, idempotency_key=key)
    if (known.type, known.value) != (kind, asked):
        raise _not_unique()
    return transaction, known


def _not_unique() -> RefusedError:
    message = "Different transaction with provided idempotency key already exists."
    return RefusedError("idempotencyKey", "UNIQUE", message)


def _created(world: World, source: Purchase, app: InstalledApp, key: str) -> TransactionItem:
    now = world.now()
    transaction = TransactionItem(
        token=str(uuid4()),
        currency=source.currency,
        created_at=now,
        modified_at=now,
        idempotency_key=key,
        app=app,
        app_identifier=app.identifier,
        checkout=source if isinstance(source, Checkout) else None,
        order=source if isinstance(source, Order) else None,
    )
    source.transactions.append(transaction)
    world.transactions[transaction.token] = transaction
    return transaction


async def process(
    world: World, post: Post, transaction: TransactionItem, data: Any, customer_ip: str | None, principal: Requestor
) -> SessionResult:
    """Continue a transaction; a decided one is answered without calling the app. Raises RefusedError, RequestError."""
    for event in transaction.ledger:
        if event.counted and event.type in SESSION_FINAL:
            return SessionResult(transaction, event)
    open_requests = (event for event in transaction.ledger if event.type in _REQUESTS and not event.counted)
    request = next(open_requests, None)
    if request is None:
        raise RefusedError("id", "INVALID", "Missing call of `transactionInitialize` mutation.")
    if not transaction.app_identifier:
        message = "Transaction doesn't have attached app that could process the request."
        raise RefusedError("id", "MISSING_PAYMENT_APP_RELATION", message)
    app = world.app(transaction.app_identifier)
    if app is None:
        message = "Payment app attached to the transaction, doesn't exist."
        raise RefusedError("id", "MISSING_PAYMENT_APP", message)
    return await _session(world, post, PROCESS, app, transaction, request, data, customer_ip, principal)


async def _session(
    world: World,
    post: Post,
    event: str,
    app: InstalledApp,
    transaction: TransactionItem,
    request: TransactionEvent,
    data: Any,
    customer_ip: str | None,
    principal: Requestor,
) -> SessionResult:
    issue = Issue(app, world.now(), principal)
    record = transaction_session(issue, event, transaction, request, json_input(data), customer_ip)
    answer = await ask_app(post, app, event, record)
    try:
        with watched(world, post, transaction):
            outcome = settle.settle_session(world, transaction, request, app, answer)
    except AnswerCrashError as crash:
        raise server_error(str(crash)) from crash
    # The storefront gets `data` even from an answer whose rest was refused.
    shown = answer.get("data") if isinstance(answer, dict) else None
    return SessionResult(transaction, outcome, shown)
