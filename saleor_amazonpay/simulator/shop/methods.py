"""Stored payment methods and tokenization, for a logged-in customer (contracts §3.9 to §3.12).

In: a customer, a channel and what the storefront sends. Out: what the app answered, checked as Saleor checks it. The
shop stores none of it, and asks anew each time where Saleor would remember a list for five minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from saleor_amazonpay.simulator.shop.errors import RefusedError, server_error
from saleor_amazonpay.simulator.shop.events import KINDS, Issue
from saleor_amazonpay.simulator.shop.people import Channel, InstalledApp, User
from saleor_amazonpay.simulator.shop.sessions import ask_app, json_input
from saleor_amazonpay.simulator.shop.transport import Post
from saleor_amazonpay.simulator.shop.world import World

LIST = "LIST_STORED_PAYMENT_METHODS"
DELETE = "STORED_PAYMENT_METHOD_DELETE_REQUESTED"
GATEWAY = "PAYMENT_GATEWAY_INITIALIZE_TOKENIZATION_SESSION"
INITIALIZE = "PAYMENT_METHOD_INITIALIZE_TOKENIZATION_SESSION"
PROCESS = "PAYMENT_METHOD_PROCESS_TOKENIZATION_SESSION"

_NOT_DELIVERED = "Failed to delivery request."
_FLOWS = ("INTERACTIVE",)

# For each event the results an app may answer, each with whether it has to name the payment method.
_RESULTS: Mapping[str, Mapping[str, bool]] = {
    DELETE: dict.fromkeys(("SUCCESSFULLY_DELETED", "FAILED_TO_DELETE", "FAILED_TO_DELIVER"), False),
    GATEWAY: dict.fromkeys(("SUCCESSFULLY_INITIALIZED", "FAILED_TO_INITIALIZE", "FAILED_TO_DELIVER"), False),
    INITIALIZE: {
        "SUCCESSFULLY_TOKENIZED": True,
        "ADDITIONAL_ACTION_REQUIRED": True,
        "PENDING": False,
        "FAILED_TO_TOKENIZE": False,
        "FAILED_TO_DELIVER": False,
    },
}
_INVALID = {DELETE: "FAILED_TO_DELETE", GATEWAY: "FAILED_TO_INITIALIZE", INITIALIZE: "FAILED_TO_TOKENIZE"}


@dataclass(frozen=True, slots=True)
class StoredMethod:
    """A stored payment method: `id` names the app too, `payment_method_id` is the app's own id."""

    id: str
    payment_method_id: str
    type: str
    name: str | None
    flows: tuple[str, ...]
    data: Any
    credit_card_info: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class MethodResult:
    """The outcome of a tokenization or deletion; `id` is the method's, with the app in it, if there is one."""

    result: str
    error: str | None = None
    data: Any = None
    id: str | None = None


async def list_methods(world: World, post: Post, user: User, channel: Channel) -> list[StoredMethod]:
    """What every subscribed app has stored for this customer; what is not valid is left out."""
    found: list[StoredMethod] = []
    for app in world.apps:
        if app.webhook_for(LIST, KINDS[LIST].permission) is None:
            continue
        answer = await _ask(world, post, app, LIST, user, {"user": user, "channel": channel})
        listed = answer.get("paymentMethods") if isinstance(answer, dict) else None
        for entry in listed if isinstance(listed, list) else ():
            method = _method(app, entry)
            if method is not None:
                found.append(method)
    return found


async def delete_method(world: World, post: Post, user: User, channel: Channel, method_id: str) -> MethodResult:
    """Ask the app to forget a method. Whose it is, only the app can tell. Raises RefusedError."""
    app, own_id = _addressed(world, method_id, DELETE)
    values = {"user": user, "channel": channel, "paymentMethodId": own_id}
    return _outcome(DELETE, app, await _ask(world, post, app, DELETE, user, values))


async def initialize_gateway(
    world: World, post: Post, user: User, channel: Channel, gateway_id: str, data: Any
) -> MethodResult:
    """Prepare storing a payment method. Raises RefusedError."""
    app = _subscribed(world, gateway_id, GATEWAY)
    values = {"user": user, "channel": channel, "data": json_input(data)}
    return _outcome(GATEWAY, app, await _ask(world, post, app, GATEWAY, user, values))


async def initialize_method(
    world: World, post: Post, user: User, channel: Channel, gateway_id: str, data: Any
) -> MethodResult:
    """Begin to store a payment method. Raises RefusedError."""
    app = _subscribed(world, gateway_id, INITIALIZE)
    values = {"user": user, "channel": channel, "data": json_input(data), "paymentFlowToSupport": _FLOWS[0]}
    return _outcome(INITIALIZE, app, await _ask(world, post, app, INITIALIZE, user, values))


async def process_method(
    world: World, post: Post, user: User, channel: Channel, method_id: str, data: Any
) -> MethodResult:
    """Go on storing a payment method. Raises RefusedError."""
    app, own_id = _addressed(world, method_id, PROCESS)
    values = {"user": user, "channel": channel, "data": json_input(data), "id": own_id}
    return _outcome(INITIALIZE, app, await _ask(world, post, app, PROCESS, user, values))


async def _ask(world: World, post: Post, app: InstalledApp, event: str, user: User, values: Mapping[str, Any]) -> Any:
    return await ask_app(post, app, event, Issue(app, world.now(), user).record(event, values))


def _subscribed(world: World, identifier: str, event: str) -> InstalledApp:
    app = world.app(identifier)
    if app is None or app.webhook_for(event, KINDS[event].permission) is None:
        raise RefusedError("id", "NOT_FOUND", "No app is subscribed for this.")
    return app


def _addressed(world: World, method_id: str, event: str) -> tuple[InstalledApp, str]:
    """The app in `app:<identifier>:<id>`, and the id the app gave."""
    prefix, _, rest = method_id.partition(":")
    identifier, colon, own_id = rest.partition(":")
    if prefix != "app" or not colon:
        raise RefusedError("id", "NOT_FOUND", f"{method_id} names no app.")
    return _subscribed(world, identifier, event), own_id


def _outcome(event: str, app: InstalledApp, answer: Any) -> MethodResult:
    """The answer, or why it is none. An answer that is no object breaks Saleor. Raises RequestError."""
    if answer is None:
        return MethodResult("FAILED_TO_DELIVER", _NOT_DELIVERED)
    if not isinstance(answer, dict):
        raise server_error(f"'{type(answer).__name__}' object has no attribute 'get'")
    result, own_id, error = answer.get("result"), answer.get("id"), answer.get("error")
    known = _RESULTS[event]
    if not isinstance(result, str) or result not in known:
        return MethodResult(_INVALID[event], f"Missing or invalid value for `result`: {result}.")
    if own_id is None and known[result]:
        return MethodResult(_INVALID[event], f"Missing value for field: id. Input: {answer}.")
    named = own_id is not None and "FAILED" not in result and event == INITIALIZE
    if (named and not isinstance(own_id, str)) or not isinstance(error, str | None):
        return MethodResult(_INVALID[event], f"Incorrect value in {answer}: a string is expected.")
    return MethodResult(result, error, answer.get("data"), f"app:{app.identifier}:{own_id}" if named else None)


def _method(app: InstalledApp, entry: Any) -> StoredMethod | None:
    if not isinstance(entry, dict):
        return None
    own_id, kind, name = entry.get("id"), entry.get("type"), entry.get("name")
    flows = entry.get("supportedPaymentFlows") or []
    if not isinstance(own_id, str) or not isinstance(kind, str) or not isinstance(name, str | None):
        return None
    if not isinstance(flows, list) or any(flow not in _FLOWS for flow in flows):
        return None
    card = _card(entry.get("creditCardInfo"))
    return StoredMethod(f"app:{app.identifier}:{own_id}", own_id, kind, name, tuple(flows), entry.get("data"), card)


def _card(info: Any) -> Mapping[str, Any] | None:
    """The card, or None if anything about it is wrong: that does not cost the method."""
    if not isinstance(info, dict) or not isinstance(info.get("brand"), str):
        return None
    if info.get("lastDigits") is None or not all(isinstance(info.get(key), int) for key in ("expMonth", "expYear")):
        return None
    first = info.get("firstDigits")
    return {
        "brand": info["brand"],
        "lastDigits": str(info["lastDigits"]),
        "expMonth": info["expMonth"],
        "expYear": info["expYear"],
        "firstDigits": None if first is None else str(first),
    }
