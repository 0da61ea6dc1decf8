"""Charge, refund and cancel, asked for by staff or an app, and granted refunds (contracts §3.5, §3.7, §4.6).

In: a transaction and an action. Out: a request event in the ledger at once; the app is asked in the background. Nothing
checks whether the action is available, or whether the same one is already on its way: an amount may be 0, and two
clicks are two requests.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from saleor_amazonpay.simulator.shop import payload, settle
from saleor_amazonpay.simulator.shop.errors import RefusedError
from saleor_amazonpay.simulator.shop.events import ACTION_EVENTS, KINDS, Issue, transaction_action
from saleor_amazonpay.simulator.shop.ledger import GrantedRefund, TransactionEvent, TransactionItem
from saleor_amazonpay.simulator.shop.money import to_currency
from saleor_amazonpay.simulator.shop.people import InstalledApp, Requestor, User
from saleor_amazonpay.simulator.shop.purchases import Order
from saleor_amazonpay.simulator.shop.results import TransactionResult
from saleor_amazonpay.simulator.shop.statuses import watched
from saleor_amazonpay.simulator.shop.transport import Post
from saleor_amazonpay.simulator.shop.world import World

NO_WEBHOOK = "No app or plugin is configured to handle payment action requests."


def request_action(
    world: World,
    post: Post,
    transaction: TransactionItem,
    action: str,
    amount: Decimal | None,
    reason: str | None,
    principal: Requestor,
) -> TransactionResult:
    """Ask for an action over at most what is there for it; None or 0 asks for all of it. Raises RefusedError."""
    if reason and action != "REFUND":
        raise RefusedError("refundReason", "INVALID", "Reason can be set only for REFUND action.")
    held = transaction.amounts.charged if action == "REFUND" else transaction.amounts.authorized
    wanted = to_currency(amount, transaction.currency) if amount is not None else None
    request = _requested(world, transaction, action, min(wanted or held, held), principal, reason or "")
    _send(world, post, transaction, request, None)
    return TransactionResult(transaction)


def request_granted_refund(world: World, post: Post, granted: GrantedRefund) -> TransactionResult:
    """Ask for the refund that was granted, again after a failure. Raises RefusedError."""
    transaction = granted.transaction
    if granted.status == "PENDING":
        raise RefusedError("grantedRefundId", "REFUND_IS_PENDING", "The refund request is already in progress.")
    if granted.status == "SUCCESS":
        code = "REFUND_ALREADY_PROCESSED"
        raise RefusedError("grantedRefundId", code, "The granted refund is already processed.")
    charged = transaction.amounts.charged
    if charged < granted.value:
        message = f"The granted refund amount {granted.value} is greater than the charged amount ({charged})."
        raise RefusedError("grantedRefundId", "AMOUNT_GREATER_THAN_AVAILABLE", message)
    # Saleor names neither who asked nor why in this request event.
    request = _requested(world, transaction, "REFUND", min(granted.value or charged, charged), None, "", granted)
    try:
        _send(world, post, transaction, request, granted)
    finally:
        granted.refresh()
    return TransactionResult(transaction)


def grant_refund(
    world: World,
    order: Order,
    transaction: TransactionItem,
    amount: Decimal | None,
    reason: str,
    principal: Requestor,
) -> GrantedRefund:
    """Grant a refund on an order's transaction; without an amount nothing could be granted. Raises RefusedError."""
    if amount is None:
        message = "You must provide at least one of `amount`, `lines`, `grantRefundForShipping`."
        raise RefusedError("amount", "REQUIRED", message)
    if transaction.order is not order:
        raise RefusedError("transactionId", "NOT_FOUND", f"Couldn't resolve to a node: {transaction.id}")
    if amount > transaction.amounts.charged:
        message = "Amount cannot be greater than the charged amount of provided transaction."
        raise RefusedError("amount", "AMOUNT_GREATER_THAN_AVAILABLE", message)
    now, key = world.now(), world.next_key("OrderGrantedRefund")
    user = principal if isinstance(principal, User) else None
    app = principal if isinstance(principal, InstalledApp) else None
    granted = GrantedRefund(key, order, transaction, amount, reason, now, now, user, app)
    order.granted_refunds.append(granted)
    world.granted_refunds[key] = granted
    return granted


def _requested(
    world: World,
    transaction: TransactionItem,
    action: str,
    value: Decimal,
    principal: Requestor,
    message: str,
    granted: GrantedRefund | None = None,
) -> TransactionEvent:
    return world.event_create(
        transaction,
        f"{action}_REQUEST",
        value,
        message=message,
        idempotency_key=str(uuid4()),
        created_by=principal,
        granted_refund=granted,
    )


def _send(
    world: World,
    post: Post,
    transaction: TransactionItem,
    request: TransactionEvent,
    granted: GrantedRefund | None,
) -> None:
    """Ask the app that owns the transaction; the body is made now, its answer is booked when it comes."""
    name = ACTION_EVENTS[request.type.removesuffix("_REQUEST")]
    app = _owner(world, transaction)
    webhook = app.webhook_for(name, KINDS[name].permission) if app is not None else None
    if app is None or webhook is None:
        settle.fail_request(world, transaction, request, NO_WEBHOOK)
        raise RefusedError(None, "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK", NO_WEBHOOK)
    record = transaction_action(Issue(app, world.now()), transaction, request, granted)
    body = payload.body(webhook.query, record)
    if body is None:
        settle.fail_request(world, transaction, request, "Cannot generate a payload for the action.")
        return

    def book(answer: Any) -> None:
        with watched(world, post, transaction):
            settle.settle_action(world, transaction, request, app, answer)

    post.background(post.request_action(app, webhook, name, body, book))


def _owner(world: World, transaction: TransactionItem) -> InstalledApp | None:
    """The installation that made it or, after a reinstall, the one with the same identifier (contracts §1.7)."""
    if transaction.app is not None and transaction.app.alive:
        return transaction.app
    return world.app(transaction.app_identifier) if transaction.app_identifier else None
