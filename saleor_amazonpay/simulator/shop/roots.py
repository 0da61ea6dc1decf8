"""The root fields of the API, one function each: arguments in, a record or an object out.

Each names the arguments it takes; any other is refused, as Saleor's own schema would refuse one it does not have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from saleor_amazonpay.simulator.shop.arguments import Arguments
from saleor_amazonpay.simulator.shop.errors import MutationError, RefusedError, RequestError, permission_denied
from saleor_amazonpay.simulator.shop.events import VERSION
from saleor_amazonpay.simulator.shop.ids import global_id
from saleor_amazonpay.simulator.shop.install import SCHEMA_VERSION
from saleor_amazonpay.simulator.shop.ledger import ACTIONS, EVENT_TYPES
from saleor_amazonpay.simulator.shop.people import HANDLE_PAYMENTS, Flow, InstalledApp, Requestor, User
from saleor_amazonpay.simulator.shop.reports import Report
from saleor_amazonpay.simulator.shop.resolve import Record
from saleor_amazonpay.simulator.shop.shop import Shop

_REPORT_ARGUMENTS = "id token type pspReference amount time externalUrl message availableActions"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and from where."""

    shop: Shop
    requestor: Requestor
    customer_ip: str | None
    nested: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # the fields asked for, with their arguments

    def may(self, permission: str) -> bool:
        """Whether the caller holds a permission."""
        return self.requestor is not None and self.requestor.may(permission)

    def customer(self) -> User:
        """The signed-in user. Raises RequestError."""
        if not isinstance(self.requestor, User):
            raise permission_denied("AUTHENTICATED_USER")
        return self.requestor

    def app(self) -> InstalledApp:
        """The calling app. Raises RequestError."""
        if not isinstance(self.requestor, InstalledApp):
            raise permission_denied("AUTHENTICATED_APP")
        return self.requestor

    def ip(self, arguments: Arguments) -> str | None:
        """The shopper's address; only a payment app may name another than its own. Raises RequestError."""
        named = arguments.text("customerIpAddress")
        if named is not None:
            self.payment_app()
        return named or self.customer_ip

    def payment_app(self) -> None:
        """Let only apps with HANDLE_PAYMENTS pass. Raises RequestError."""
        if not isinstance(self.requestor, InstalledApp) or not self.requestor.may(HANDLE_PAYMENTS):
            raise permission_denied(HANDLE_PAYMENTS)


Handler = Callable[[Caller, Arguments], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Root:
    """A root field: its handler and the arguments it takes."""

    handler: Handler
    arguments: tuple[str, ...]


def record(typename: str, errors: tuple[MutationError, ...], error_type: str = "", **values: Any) -> Record:
    """A mutation's result; its errors are of the type named after it unless said otherwise."""
    shown = [
        Record(error_type or f"{typename}Error", {"field": error.field, "code": error.code, "message": error.message})
        for error in errors
    ]
    return Record(typename, {**values, "errors": shown})


def _transaction_id(arguments: Arguments) -> str:
    given = [arguments.text("id"), arguments.text("token")]
    if (given[0] is None) == (given[1] is None):
        raise RequestError("At least one of arguments is required: 'id', 'token', and only one of them.")
    return given[0] or global_id("TransactionItem", given[1])


async def _app(caller: Caller, arguments: Arguments) -> Any:
    wanted = arguments.text("id")
    if isinstance(caller.requestor, InstalledApp) and wanted in (None, caller.requestor.id):
        return caller.requestor
    if caller.requestor is caller.shop.staff and wanted is not None:
        return next((app for app in caller.shop.world.apps if app.id == wanted), None)
    raise permission_denied("OWNER", "MANAGE_APPS")


async def _transaction(caller: Caller, arguments: Arguments) -> Any:
    if caller.requestor is None or not caller.requestor.may(HANDLE_PAYMENTS):
        raise permission_denied(HANDLE_PAYMENTS)
    return _found(lambda: caller.shop.world.transaction(_transaction_id(arguments)))


async def _order(caller: Caller, arguments: Arguments) -> Any:
    return _found(lambda: caller.shop.world.order(arguments.required("id")))


async def _checkout(caller: Caller, arguments: Arguments) -> Any:
    return _found(lambda: caller.shop.world.checkout(arguments.required("id")))


def _found(look: Callable[[], Any]) -> Any:
    """A query answers null where a mutation would name an error."""
    try:
        return look()
    except RefusedError:
        return None


async def _shop(caller: Caller, _arguments: Arguments) -> Any:
    number = ".".join(map(str, caller.shop.schema_version))
    version = VERSION if number == SCHEMA_VERSION else f"{number}.0"
    return Record("Shop", {"version": version, "schemaVersion": number, "name": "Small Saleor"})


async def _channels(caller: Caller, _arguments: Arguments) -> Any:
    if not isinstance(caller.requestor, InstalledApp) and not getattr(caller.requestor, "is_staff", False):
        raise permission_denied("AUTHENTICATED_APP", "AUTHENTICATED_STAFF_USER")
    return list(caller.shop.world.channels.values())


async def _gateway_initialize(caller: Caller, arguments: Arguments) -> Any:
    listed = arguments.inners("paymentGateways", ("id", "data"))
    gateways = {entry.required("id"): entry.any("data") for entry in listed} if listed is not None else None
    result = await caller.shop.payment_gateway_initialize(
        arguments.required("id"), gateways, arguments.amount("amount"), caller.requestor
    )
    configs = [
        record("PaymentGatewayConfig", config.errors, id=config.id, data=config.data) for config in result.configs
    ]
    return record("PaymentGatewayInitialize", result.errors, gatewayConfigs=configs)


async def _initialize(caller: Caller, arguments: Arguments) -> Any:
    gateway = arguments.inner("paymentGateway", ("id", "data"))
    action = arguments.one_of("action", ("CHARGE", "AUTHORIZATION"))
    if action is not None:
        caller.payment_app()
    result = await caller.shop.transaction_initialize(
        arguments.required("id"),
        gateway.required("id"),
        gateway.any("data"),
        arguments.amount("amount"),
        cast("Flow | None", action),
        arguments.text("idempotencyKey"),
        caller.ip(arguments),
        caller.requestor,
    )
    return record(
        "TransactionInitialize",
        result.errors,
        transaction=result.transaction,
        transactionEvent=result.event,
        data=result.data,
    )


async def _process(caller: Caller, arguments: Arguments) -> Any:
    result = await caller.shop.transaction_process(
        _transaction_id(arguments), arguments.any("data"), caller.ip(arguments), caller.requestor
    )
    return record(
        "TransactionProcess",
        result.errors,
        transaction=result.transaction,
        transactionEvent=result.event,
        data=result.data,
    )


async def _request_action(caller: Caller, arguments: Arguments) -> Any:
    action = arguments.one_of("actionType", ACTIONS) or arguments.required("actionType")
    _known(caller, HANDLE_PAYMENTS)
    result = caller.shop.transaction_request_action(
        _transaction_id(arguments),
        action,
        arguments.amount("amount"),
        arguments.text("refundReason"),
        caller.requestor,
    )
    return record("TransactionRequestAction", result.errors, transaction=result.transaction)


async def _request_granted(caller: Caller, arguments: Arguments) -> Any:
    _known(caller, HANDLE_PAYMENTS)
    granted = arguments.required("grantedRefundId")
    result = caller.shop.transaction_request_refund_for_granted_refund(granted, caller.requestor)
    return record("TransactionRequestRefundForGrantedRefund", result.errors, transaction=result.transaction)


async def _grant(caller: Caller, arguments: Arguments) -> Any:
    _known(caller, "MANAGE_ORDERS")
    given = arguments.inner("input", ("amount", "reason", "transactionId"))
    result = caller.shop.order_grant_refund(
        arguments.required("id"),
        given.required("transactionId"),
        given.amount("amount"),
        given.text("reason") or "",
        caller.requestor,
    )
    return record("OrderGrantRefundCreate", result.errors, order=result.order, grantedRefund=result.granted_refund)


def _known(caller: Caller, permission: str) -> None:
    """The shop's own methods take staff for granted; at this door nobody is."""
    if caller.requestor is None:
        raise permission_denied(permission)


async def _report(caller: Caller, arguments: Arguments) -> Any:
    report = Report(
        type=arguments.one_of("type", EVENT_TYPES) or arguments.required("type"),
        psp_reference=arguments.required("pspReference"),
        amount=arguments.amount("amount"),
        time=arguments.time("time"),
        external_url=arguments.text("externalUrl") or "",
        message=arguments.text("message") or "",
        actions=arguments.many_of("availableActions", ACTIONS),
    )
    result = caller.shop.transaction_event_report(_transaction_id(arguments), report, caller.requestor)
    return record(
        "TransactionEventReport",
        result.errors,
        alreadyProcessed=result.already_processed,
        transaction=result.transaction,
        transactionEvent=result.event,
    )


async def _update(caller: Caller, arguments: Arguments) -> Any:
    given = arguments.inner("transaction", ("name", "message", "externalUrl", "availableActions"))
    result = caller.shop.transaction_update(
        _transaction_id(arguments),
        caller.requestor,
        name=given.text("name"),
        message=given.text("message"),
        external_url=given.text("externalUrl"),
        actions=given.many_of("availableActions", ACTIONS),
    )
    return record("TransactionUpdate", result.errors, transaction=result.transaction)


async def _complete(caller: Caller, arguments: Arguments) -> Any:
    result = caller.shop.checkout_complete(arguments.required("id"), caller.requestor)
    return record("CheckoutComplete", result.errors, "CheckoutError", order=result.order, confirmationNeeded=False)


async def _problem(caller: Caller, arguments: Arguments) -> Any:
    given = arguments.inner("input", ("message", "key", "criticalThreshold", "aggregationPeriod"))
    period = given.whole("aggregationPeriod")
    result = caller.shop.app_problem_create(
        caller.app(),
        given.required("message"),
        given.required("key"),
        given.whole("criticalThreshold"),
        60 if period is None else period,
    )
    return record("AppProblemCreate", result.errors, appProblem=result.problem)


async def _dismiss(caller: Caller, arguments: Arguments) -> Any:
    by_app = arguments.inner("input", ("byApp",)).inner("byApp", ("ids", "keys"))
    result = caller.shop.app_problem_dismiss(caller.app(), by_app.many_of("ids"), by_app.many_of("keys"))
    return record("AppProblemDismiss", result.errors)


def root(handler: Handler, arguments: str = "") -> Root:
    """A root field; its arguments in one line."""
    return Root(handler, tuple(arguments.split()))


QUERIES: Mapping[str, Root] = {
    "app": root(_app, "id"),
    "transaction": root(_transaction, "id token"),
    "order": root(_order, "id"),
    "checkout": root(_checkout, "id"),
    "shop": root(_shop),
    "channels": root(_channels),
}
MUTATIONS: Mapping[str, Root] = {
    "paymentGatewayInitialize": root(_gateway_initialize, "id amount paymentGateways"),
    "transactionInitialize": root(_initialize, "id amount action paymentGateway idempotencyKey customerIpAddress"),
    "transactionProcess": root(_process, "id token data customerIpAddress"),
    "transactionRequestAction": root(_request_action, "id token actionType amount refundReason"),
    "transactionRequestRefundForGrantedRefund": root(_request_granted, "id token grantedRefundId"),
    "orderGrantRefundCreate": root(_grant, "id input"),
    "transactionEventReport": root(_report, _REPORT_ARGUMENTS),
    "transactionUpdate": root(_update, "id token transaction"),
    "checkoutComplete": root(_complete, "id"),
    "appProblemCreate": root(_problem, "input"),
    "appProblemDismiss": root(_dismiss, "input"),
}
