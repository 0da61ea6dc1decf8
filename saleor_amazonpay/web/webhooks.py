"""`POST /api/webhooks/saleor/<event>`: is it from a Saleor we serve, for us, and what it says? Then one flow answers.

A request that is not verified gets a 4xx with a remedy, and nothing is written. A verified one is always answered 200
with a valid result, also when the database is away: a 5xx would lose an action for good, because Saleor repeats it
without its content (money.md §3).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Generic, Literal, TypeVar

import structlog
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from saleor_amazonpay.domain.money import InvalidMoneyError, Money
from saleor_amazonpay.domain.operation import Kind
from saleor_amazonpay.flows import speak
from saleor_amazonpay.flows.cancel import cancel
from saleor_amazonpay.flows.charge import charge
from saleor_amazonpay.flows.deps import Deadline, Deps
from saleor_amazonpay.flows.empty import AmbiguousRetryError, empty_retry
from saleor_amazonpay.flows.gateway import gateway_initialize, unavailable
from saleor_amazonpay.flows.initialize import initialize
from saleor_amazonpay.flows.installation import look_at_installation
from saleor_amazonpay.flows.methods import delete_method, list_methods
from saleor_amazonpay.flows.orders import receive_order_event
from saleor_amazonpay.flows.process import process
from saleor_amazonpay.flows.refund import refund
from saleor_amazonpay.flows.register import app_deleted
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.flows.tokenize import prepare_saving, save
from saleor_amazonpay.flows.wording import sentence
from saleor_amazonpay.saleor import method_answers, payloads
from saleor_amazonpay.saleor.guard import UrlRefusedError, normal_form
from saleor_amazonpay.saleor.method_payloads import CustomerEvent, CustomerRequest, customer_request
from saleor_amazonpay.saleor.payloads import (
    ActionKind,
    ActionRequest,
    AppNotice,
    GatewayRequest,
    OrderNotice,
    PayloadError,
    SessionRequest,
)
from saleor_amazonpay.saleor.signature import KeysUnavailableError, SignatureRefusedError
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.tenants import Tenant
from saleor_amazonpay.web.body import BodyTooLargeError, gone, read_body
from saleor_amazonpay.web.errors import answer, error, leaving
from saleor_amazonpay.web.state import Doors

MAX_BODY = 1024 * 1024
P = TypeVar("P", GatewayRequest, SessionRequest, ActionRequest, CustomerRequest, AppNotice, OrderNotice)
Answered = Callable[[Request], bytes]


@dataclass(frozen=True, slots=True)
class Event(Generic[P]):
    """One event of Saleor's: how it is read, who answers it, and what is said if nobody can."""

    name: str
    read: Callable[[bytes], P]
    flow: Callable[[Deps, Request, P], Awaitable[bytes]]
    nothing_happened: Callable[[Request, P], bytes]
    unreadable: Callable[[Request], bytes]
    action: ActionKind | None = None
    repeated: bool = False  # an async event, which Saleor sends again as it is after a 5xx: nothing must be lost


def _session(event: Literal["initialize", "process"]) -> Callable[[bytes], SessionRequest]:
    return lambda body: payloads.session_request(event, body)


def _action(kind: ActionKind) -> Callable[[bytes], ActionRequest]:
    return lambda body: payloads.action_request(kind, body)


async def _app_deleted(deps: Deps, request: Request, payload: AppNotice) -> bytes:
    await app_deleted(deps, request.tenant, payload)
    return b"{}"


async def _app_updated(deps: Deps, request: Request, _payload: AppNotice) -> bytes:
    await look_at_installation(deps, request.tenant)
    return b"{}"


async def _order_event(deps: Deps, request: Request, payload: OrderNotice) -> bytes:
    await receive_order_event(deps, request.tenant, payload)
    return b"{}"


def _money(payload: SessionRequest | ActionRequest) -> Money | None:
    try:
        return Money.parse(payload.amount, payload.currency)
    except InvalidMoneyError:
        return None


def _session_failed(request: Request, payload: SessionRequest) -> bytes:
    kind = Kind.CHARGE if payload.action == "charge" else Kind.AUTHORIZE
    return speak.session_refusal(kind, "retry", requested=_money(payload), psp_reference=request.refusal_id)


def _action_failed(request: Request, payload: ActionRequest) -> bytes:
    return speak.action_refusal(payload.kind, "internal", psp_reference=request.refusal_id, requested=_money(payload))


def _session_unreadable(request: Request) -> bytes:
    return speak.session_refusal(Kind.CHARGE, "unreadable", requested=None, psp_reference=request.refusal_id)


def _action_unreadable(kind: ActionKind) -> Callable[[Request], bytes]:
    return lambda request: speak.action_refusal(kind, "unreadable", psp_reference=request.refusal_id, requested=None)


def _gateway_failed(_request: Request, _payload: GatewayRequest) -> bytes:
    return unavailable("retry")


def _gateway_unreadable(_request: Request) -> bytes:
    return unavailable("unreadable")


def _customer(event: CustomerEvent) -> Callable[[bytes], CustomerRequest]:
    return lambda body: customer_request(event, body)


def _told_nothing(answer: Callable[[str], bytes]) -> tuple[Callable[[Request, CustomerRequest], bytes], Answered]:
    """What is said of a stored payment method if its flow failed, and if the request cannot be read."""
    return lambda _request, _asked: answer(sentence("internal")), lambda _request: answer(sentence("unreadable"))


_CUSTOMERS: tuple[
    tuple[str, CustomerEvent, Callable[[Deps, Request, CustomerRequest], Awaitable[bytes]], Callable[[str], bytes]], ...
] = (
    ("list_stored_payment_methods", "list", list_methods, lambda _why: method_answers.listed([])),
    ("stored_payment_method_delete_requested", "delete", delete_method, method_answers.deleted),
    (
        "payment_gateway_initialize_tokenization_session",
        "prepare",
        prepare_saving,
        lambda why: method_answers.prepared(None, why),
    ),
    (
        "payment_method_initialize_tokenization_session",
        "tokenize",
        save,
        lambda why: method_answers.not_tokenized(why, None),
    ),
    (
        "payment_method_process_tokenization_session",
        "go_on",
        save,
        lambda why: method_answers.not_tokenized(why, None),
    ),
)

_ACTIONS: tuple[tuple[str, ActionKind, Callable[[Deps, Request, ActionRequest], Awaitable[bytes]]], ...] = (
    ("charge", "charge", charge),
    ("refund", "refund", refund),
    ("cancelation", "cancel", cancel),
)

_ASYNC: tuple[tuple[str, Callable[[bytes], Any], Callable[[Deps, Request, Any], Awaitable[bytes]]], ...] = (
    ("order_cancelled", payloads.order_cancelled, _order_event),
    ("fulfillment_created", partial(payloads.fulfillment, "FulfillmentCreated"), _order_event),
    ("fulfillment_approved", partial(payloads.fulfillment, "FulfillmentApproved"), _order_event),
    ("app_updated", payloads.app_updated, _app_updated),
    ("app_deleted", payloads.app_deleted, _app_deleted),
)

_ALL: list[Event[Any]] = [
    Event(
        "payment_gateway_initialize_session",
        payloads.gateway_request,
        gateway_initialize,
        _gateway_failed,
        _gateway_unreadable,
    ),
    Event("transaction_initialize_session", _session("initialize"), initialize, _session_failed, _session_unreadable),
    Event("transaction_process_session", _session("process"), process, _session_failed, _session_unreadable),
    *(
        Event(f"transaction_{word}_requested", _action(kind), flow, _action_failed, _action_unreadable(kind), kind)
        for word, kind, flow in _ACTIONS
    ),
    *(Event(name, _customer(kind), flow, *_told_nothing(failed)) for name, kind, flow, failed in _CUSTOMERS),
    *(
        Event(name, read, flow, lambda _request, _payload: b"{}", lambda _request: b"{}", repeated=True)
        for name, read, flow in _ASYNC
    ),
]
EVENTS = {event.name.replace("_", "-"): event for event in _ALL}


# A handful of shops send all webhooks; their URLs need no new reading each time.
_normal_form = lru_cache(maxsize=1024)(normal_form)


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.response = error(status, code, message)
        self.code = code


async def webhook(request: HttpRequest) -> Response:
    """Answer one webhook of Saleor's."""
    doors: Doors = request.app.state.doors
    began = time.perf_counter()
    deadline = Deadline(doors.deps.timing.budget)
    event = EVENTS.get(request.path_params["event"])
    if event is None:
        doors.metrics.refused.labels("unknown_event").inc()
        return error(404, "unknown_event", "This app has no such webhook; install it again.")
    try:
        response = await _verified(doors, event, request, deadline)
    except _RefusedError as refused:
        doors.metrics.refused.labels(refused.code).inc()
        return refused.response
    except ClientDisconnect:
        return error(400, "disconnected", "The request ended before it was read.")
    doors.metrics.seconds[event.name].observe(time.perf_counter() - began)
    return leaving(response, event.name)


async def _verified(doors: Doors, event: Event[P], request: HttpRequest, deadline: Deadline) -> Response:
    try:
        body = await read_body(request, MAX_BODY)
    except BodyTooLargeError:
        raise _RefusedError(413, "too_large", f"The request is larger than {MAX_BODY} bytes.") from None
    if request.headers.get("saleor-event", "").lower() != event.name:
        raise _RefusedError(400, "wrong_event", "Saleor-Event does not name the event of this URL.")
    tenant = await _tenant(doors, request)
    await _check_signature(doors, tenant, request, body)
    asked = Request.of(deadline, tenant, event.name, body)
    if gone(request):
        # Saleor has given up while this process was not running: nothing is begun behind its back.
        raise _RefusedError(408, "gone", "The request was given up before it was read.")
    response = await _answer(doors, event, asked, body, tenant)
    if not gone(request):
        doors.deps.delivered.update(asked.answered)  # else the sweep reports what was decided
    return response


async def _answer(doors: Doors, event: Event[P], asked: Request, body: bytes, tenant: Tenant) -> Response:
    if not body and event.action is not None:
        return await _empty(doors, asked, event.action)
    try:
        payload = event.read(body)
    except PayloadError as unreadable:
        if unreadable.code == "wrong_event":
            raise _RefusedError(400, unreadable.code, unreadable.message) from unreadable
        # Signed by Saleor, but not in the shape of our subscription: nothing is done, and Saleor is told so.
        doors.deps.log.warning("webhook not readable", webhook=event.name, tenant=tenant.id, why=unreadable.message)
        return answer(event.unreadable(asked))
    if payload.recipient_app_id != tenant.app_id:
        raise _RefusedError(403, "wrong_recipient", "The event is for another installation of this app.")
    return answer(await _flow(doors, event, asked, payload))


async def _tenant(doors: Doors, request: HttpRequest) -> Tenant:
    try:
        api_url = _normal_form(request.headers.get("saleor-api-url", ""))
        tenant = await doors.deps.directory.tenant(api_url)
    except UrlRefusedError as refused:
        raise _RefusedError(401, "unknown_shop", f"Saleor-Api-Url: {refused}") from refused
    except StoreUnavailableError as away:
        raise _RefusedError(503, "store_unavailable", "The database is away; try again.") from away
    if tenant is None:
        # Webhooks may come before the token does (contracts, saleor §9): Saleor shall try again.
        raise _RefusedError(503, "unknown_shop", "This app is not installed in that Saleor, or not yet.")
    return tenant


async def _check_signature(doors: Doors, tenant: Tenant, request: HttpRequest, body: bytes) -> None:
    if not doors.keys.knows(tenant.api_url):
        # After a restart: the keys of the installation serve until a signature does not fit them.
        with suppress(KeysUnavailableError):
            doors.keys.prime(tenant.api_url, tenant.jwks.encode())
    try:
        await doors.keys.verify(tenant.api_url, body, request.headers.get("saleor-signature"))
    except SignatureRefusedError as refused:
        raise _RefusedError(401, "bad_signature", str(refused)) from refused
    except KeysUnavailableError as unavailable:
        raise _RefusedError(503, "keys_unavailable", str(unavailable)) from unavailable


async def _empty(doors: Doors, asked: Request, kind: ActionKind) -> Response:
    try:
        return answer(await empty_retry(doors.deps, asked, kind))
    except (AmbiguousRetryError, StoreUnavailableError) as unclear:
        raise _RefusedError(503, "ambiguous_retry", "Several operations could be meant; try again.") from unclear


async def _flow(doors: Doors, event: Event[P], asked: Request, payload: P) -> bytes:
    """Run the flow; whatever goes wrong in it, a verified request gets a valid answer."""
    try:
        body = await doors.copies.once(asked, lambda: event.flow(doors.deps, asked, payload))
    except Exception as failed:
        # Also an error of ours must not lose Saleor's request.
        doors.deps.log.exception("webhook failed", webhook=event.name, tenant=asked.tenant.id)
        if event.repeated:
            raise _RefusedError(503, "try_again", "The event could not be kept; send it again.") from failed
        return event.nothing_happened(asked, payload)
    _log(doors, event, asked, payload)
    return body


def _log(doors: Doors, event: Event[P], asked: Request, payload: P) -> None:
    log: structlog.typing.FilteringBoundLogger = doors.deps.log
    log.info(
        "webhook", webhook=event.name, tenant=asked.tenant.id, transaction=getattr(payload, "transaction_id", ""),
        operations=sorted(asked.answered), left=round(asked.deadline.left, 3),
    )  # fmt: skip
