"""The small Saleor: one object with what a storefront, staff and a payment app do to a Saleor.

In: calls of these methods, or the same through the GraphQL door (`app.py`). Out: results as Saleor gives them; apps are
called through the injected `Http`. Sessions are answered when the app has answered; actions and async events go on in
the background until `settled`. Everything is in memory and in one process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from saleor_amazonpay.http import Http
from saleor_amazonpay.simulator.shop import actions, health, install, methods, reports, sessions, statuses
from saleor_amazonpay.simulator.shop.dashboard import claims_of
from saleor_amazonpay.simulator.shop.errors import RefusedError, permission_denied
from saleor_amazonpay.simulator.shop.faults import Faults
from saleor_amazonpay.simulator.shop.fulfillments import Warehouse
from saleor_amazonpay.simulator.shop.ledger import Books, TransactionItem
from saleor_amazonpay.simulator.shop.people import (
    HANDLE_PAYMENTS,
    MANAGE_ORDERS,
    Channel,
    Flow,
    InstalledApp,
    Requestor,
    User,
)
from saleor_amazonpay.simulator.shop.purchases import Checkout, Order
from saleor_amazonpay.simulator.shop.reports import Report
from saleor_amazonpay.simulator.shop.results import (
    CompleteResult,
    GatewayResult,
    GrantResult,
    ProblemResult,
    ReportResult,
    SessionResult,
    TransactionResult,
)
from saleor_amazonpay.simulator.shop.signing import Signer, process_key
from saleor_amazonpay.simulator.shop.transport import Post, Sleep
from saleor_amazonpay.simulator.shop.world import World

DEFAULT_API_URL = "http://127.0.0.1:8000/graphql/"


class Shop:
    """A Saleor for demos and tests.

    Args:
        http: the way to apps; the shop calls nobody else.
        api_url: the shop's own GraphQL URL, sent to apps as `Saleor-Api-Url`.
        clock: UTC now. Every event of the shop gets a later time than the one before.
        sleep: waits between retries of webhooks (`shop.post.retry_delays`, seconds).
        key: the RSA key of the signatures; by default one per process.
        schema_version: of the Saleor this one stands for; an older one knows less.

    `world` is the state, `post` the sending of webhooks, `faults` what goes wrong on demand.
    """

    def __init__(
        self,
        http: Http,
        api_url: str = DEFAULT_API_URL,
        clock: Callable[[], datetime] | None = None,
        sleep: Sleep = asyncio.sleep,
        key: RSAPrivateKey | None = None,
        schema_version: tuple[int, int] = (3, 24),
    ) -> None:
        self._http = http
        self.schema_version = schema_version
        self.faults = Faults()
        self.signer = Signer(key or process_key())
        self.world = World(clock) if clock is not None else World()
        self.post = Post(http, api_url, self.signer, self.faults, sleep)

    @property
    def api_url(self) -> str:
        """The shop's GraphQL URL."""
        return self.post.api_url

    @property
    def staff(self) -> User:
        """A member of staff with every permission; the token is `staff-token`."""
        return self.world.staff

    def dashboard_token(self, app: InstalledApp, user: User | None = None, **claims: Any) -> str:
        """The Dashboard's token for a member of staff; `claims` replace or add, None leaves one out."""
        now = int(self.world.now().timestamp())
        return self.signer.token(claims_of(self.api_url, app, user or self.staff, now, claims))

    async def settled(self) -> None:
        """Wait for everything that goes on in the background: actions, async events, late answers."""
        await self.post.settled()

    def books(self) -> dict[str, Books]:
        """What the shop believes about every transaction, by global id."""
        return {
            item.id: Books(item.id, item.currency, item.psp_reference, item.amounts, tuple(item.ledger))
            for item in self.world.transactions.values()
        }

    # --- the shop itself

    def channel_create(self, slug: str, currency: str, default_flow: Flow = "CHARGE") -> Channel:
        """A channel; `default-channel` in USD is there from the start."""
        return self.world.channel_create(slug, currency, default_flow)

    def customer_create(self, email: str) -> User:
        """A customer, with a token for the GraphQL door."""
        return self.world.user_create(email)

    def checkout_create(
        self,
        channel: str = "default-channel",
        total: Decimal | str | int = "40",
        user: User | None = None,
        email: str = "buyer@example.com",
        *,
        shipping_required: bool = True,
        lines: Sequence[tuple[int, Decimal | str]] = (),
    ) -> Checkout:
        """A checkout over `total` in major units; `lines` are quantities and prices of a whole line."""
        return self.world.checkout_create(channel, total, user, email, shipping_required=shipping_required, lines=lines)

    def order_create(self, channel: str = "default-channel", total: Decimal | str | int = "40") -> Order:
        """An unpaid order."""
        return self.world.order_from(self.world.checkout_create(channel, total))

    def checkout_complete(self, checkout_id: str, requestor: Requestor = None) -> CompleteResult:
        """Turn a checkout into an order, if it is fully authorized, be it by pending money."""
        try:
            checkout = self.world.checkout(checkout_id)
            return CompleteResult(statuses.complete(self.world, self.post, checkout, requestor))
        except RefusedError as refused:
            return CompleteResult(errors=refused.errors)

    def order_cancel(self, order: Order) -> None:
        """Cancel an order: nothing happens to its payments, apps are told."""
        statuses.cancel(self.world, self.post, order, self.staff)

    @property
    def warehouse(self) -> Warehouse:
        """Where staff send orders from."""
        return Warehouse(self.world, self.post, self.staff)

    # --- apps

    def app_update(self, app: InstalledApp, permissions: Iterable[str]) -> None:
        """Staff give an app other permissions."""
        app.granted = frozenset(permissions)
        statuses.tell(self.world, self.post, app, "APP_UPDATED", self.staff, {"app": app})

    async def install(self, manifest_url: str, *, activate: bool = True) -> InstalledApp:
        """Install an app. Raises InstallError."""
        headers = self.post.headers()
        return await install.install(self.world, self._http, headers, manifest_url, activate=activate)

    def delete(self, app: InstalledApp) -> None:
        """Delete an app: its token is dead at once, APP_DELETED goes out, payments stay."""
        app.removed, app.is_active = True, False
        statuses.tell(self.world, self.post, app, "APP_DELETED", self.staff, {"app": app})

    async def reinstall(self, app: InstalledApp) -> InstalledApp:
        """Delete and install again: another id, another token. Raises InstallError."""
        self.delete(app)
        return await self.install(app.manifest_url)

    def app_problem_create(
        self,
        app: InstalledApp,
        message: str,
        key: str,
        critical_threshold: int | None = None,
        aggregation_period: int = 60,
    ) -> ProblemResult:
        """An app reports a problem; the period is in minutes."""
        try:
            made = health.create_problem(self.world, app, message, key, critical_threshold, aggregation_period)
        except RefusedError as refused:
            return ProblemResult(errors=refused.errors)
        return ProblemResult(made)

    def app_problem_dismiss(
        self, app: InstalledApp, ids: Sequence[str] | None = None, keys: Sequence[str] | None = None
    ) -> ProblemResult:
        """An app takes its problems back, by ids or by keys."""
        try:
            health.dismiss_problems(app, ids, keys)
        except RefusedError as refused:
            return ProblemResult(errors=refused.errors)
        return ProblemResult()

    # --- the storefront

    async def payment_gateway_initialize(
        self,
        source_id: str,
        gateways: Mapping[str, Any] | None = None,
        amount: Decimal | None = None,
        requestor: Requestor = None,
    ) -> GatewayResult:
        """Ask payment apps (identifier → data; None asks all) what the storefront needs. Raises RequestError."""
        listed = dict(gateways) if gateways is not None else None
        try:
            return await sessions.gateway_initialize(self.world, self.post, source_id, listed, amount, requestor)
        except RefusedError as refused:
            return GatewayResult(errors=refused.errors)

    async def transaction_initialize(
        self,
        source_id: str,
        gateway_id: str,
        data: Any = None,
        amount: Decimal | None = None,
        action: Flow | None = None,
        idempotency_key: str | None = None,
        customer_ip: str | None = "127.0.0.1",
        requestor: Requestor = None,
    ) -> SessionResult:
        """Begin a payment over `amount` (major units; None is what is left to pay).

        `action` None is the channel's flow. Through the GraphQL door only an app may choose it; here anybody may, as
        if the channel were set so. Raises RequestError.
        """
        try:
            flow = action or self.world.source(source_id).channel.default_flow
            return await sessions.initialize(
                self.world,
                self.post,
                source_id,
                gateway_id,
                data,
                amount,
                flow,
                idempotency_key,
                customer_ip,
                requestor,
            )
        except RefusedError as refused:
            return SessionResult(errors=refused.errors)

    async def transaction_process(
        self,
        transaction_id: str,
        data: Any = None,
        customer_ip: str | None = "127.0.0.1",
        requestor: Requestor = None,
    ) -> SessionResult:
        """Continue a payment. Raises RequestError."""
        try:
            transaction = self.world.transaction(transaction_id)
            return await sessions.process(self.world, self.post, transaction, data, customer_ip, requestor)
        except RefusedError as refused:
            return SessionResult(errors=refused.errors)

    # --- a logged-in customer's stored payment methods (RefusedError, RequestError as Saleor's refusals)

    async def stored_payment_methods(self, user: User, channel: str = "default-channel") -> list[methods.StoredMethod]:
        """What apps have stored for the customer."""
        return await methods.list_methods(self.world, self.post, user, self.world.channels[channel])

    async def stored_payment_method_delete(
        self, user: User, method_id: str, channel: str = "default-channel"
    ) -> methods.MethodResult:
        """Ask for a stored method (`app:<identifier>:<id>`) to be forgotten."""
        place = self.world.channels[channel]
        return await methods.delete_method(self.world, self.post, user, place, method_id)

    async def payment_gateway_initialize_tokenization(
        self, user: User, gateway_id: str, data: Any = None, channel: str = "default-channel"
    ) -> methods.MethodResult:
        """Prepare storing a payment method."""
        place = self.world.channels[channel]
        return await methods.initialize_gateway(self.world, self.post, user, place, gateway_id, data)

    async def payment_method_initialize_tokenization(
        self, user: User, gateway_id: str, data: Any = None, channel: str = "default-channel"
    ) -> methods.MethodResult:
        """Begin to store a payment method."""
        place = self.world.channels[channel]
        return await methods.initialize_method(self.world, self.post, user, place, gateway_id, data)

    async def payment_method_process_tokenization(
        self, user: User, method_id: str, data: Any = None, channel: str = "default-channel"
    ) -> methods.MethodResult:
        """Go on storing a payment method."""
        place = self.world.channels[channel]
        return await methods.process_method(self.world, self.post, user, place, method_id, data)

    # --- staff

    def transaction_request_action(
        self,
        transaction_id: str,
        action: str,
        amount: Decimal | None = None,
        reason: str | None = None,
        requestor: Requestor = None,
    ) -> TransactionResult:
        """Ask for CHARGE, REFUND or CANCEL, by staff unless said otherwise; the app is asked in the background.

        Raises RequestError.
        """
        by = _permitted(requestor or self.staff, HANDLE_PAYMENTS)
        try:
            transaction = self.world.transaction(transaction_id)
            return actions.request_action(self.world, self.post, transaction, action, amount, reason, by)
        except RefusedError as refused:
            return TransactionResult(errors=refused.errors)

    def order_grant_refund(
        self,
        order_id: str,
        transaction_id: str,
        amount: Decimal | None,
        reason: str = "",
        requestor: Requestor = None,
    ) -> GrantResult:
        """Grant a refund, which does not yet ask for it. Raises RequestError."""
        by = _permitted(requestor or self.staff, MANAGE_ORDERS)
        try:
            order, transaction = self.world.order(order_id), self.world.transaction(transaction_id)
            made = actions.grant_refund(self.world, order, transaction, amount, reason, by)
        except RefusedError as refused:
            return GrantResult(errors=refused.errors)
        return GrantResult(order, made)

    def transaction_request_refund_for_granted_refund(
        self, granted_refund_id: str, requestor: Requestor = None
    ) -> TransactionResult:
        """Ask for a granted refund; the app is asked in the background. Raises RequestError."""
        _permitted(requestor or self.staff, HANDLE_PAYMENTS)
        try:
            granted = self.world.granted_refund(granted_refund_id)
            return actions.request_granted_refund(self.world, self.post, granted)
        except RefusedError as refused:
            return TransactionResult(errors=refused.errors)

    # --- the payment app

    def transaction_event_report(self, transaction_id: str, report: Report, requestor: Requestor) -> ReportResult:
        """An app reports what happened. Raises RequestError."""
        try:
            transaction = self.world.transaction(transaction_id)
            with statuses.watched(self.world, self.post, transaction):
                return reports.report_event(self.world, transaction, report, requestor)
        except RefusedError as refused:
            return ReportResult(errors=refused.errors)

    def transaction_update(
        self,
        transaction_id: str,
        requestor: Requestor,
        *,
        name: str | None = None,
        message: str | None = None,
        external_url: str | None = None,
        actions: Sequence[str] | None = None,
    ) -> TransactionResult:
        """An app sets what the transaction's card shows. Raises RequestError."""
        try:
            transaction = self.world.transaction(transaction_id)
            reports.update(
                self.world,
                transaction,
                requestor,
                name=name,
                message=message,
                external_url=external_url,
                actions=actions,
            )
        except RefusedError as refused:
            return TransactionResult(errors=refused.errors)
        return TransactionResult(transaction)

    def transaction(self, transaction_id: str) -> TransactionItem:
        """A transaction by its global id. Raises RefusedError, RequestError."""
        return self.world.transaction(transaction_id)


def _permitted(requestor: Requestor, permission: str) -> Requestor:
    if requestor is None or not requestor.may(permission):
        raise permission_denied(permission)
    return requestor
