"""Webhook bodies read into what flows work with.

In: the raw body of a request whose signature was verified. Out: frozen values with exact decimals.
What must never happen: a body signed for one event taken for another (the signature covers neither the URL
nor the `Saleor-Event` header, so the body itself has to say which event it is), or an amount that went
through a float.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from saleor_amazonpay.domain.errors import AmazonPayError
from saleor_amazonpay.saleor import shapes

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

SourceKind = Literal["checkout", "order"]
SessionEvent = Literal["initialize", "process"]
ActionKind = Literal["charge", "refund", "cancel"]

_T = TypeVar("_T", bound=shapes.Payload)

_SESSIONS: dict[SessionEvent, str] = {
    "initialize": "TransactionInitializeSession",
    "process": "TransactionProcessSession",
}
_ACTIONS: dict[ActionKind, tuple[str, str]] = {  # payload type and `action.actionType`
    "charge": ("TransactionChargeRequested", "CHARGE"),
    "refund": ("TransactionRefundRequested", "REFUND"),
    "cancel": ("TransactionCancelationRequested", "CANCEL"),
}

# What Saleor sends as the id of a granted refund where there is none: `OrderGrantedRefund:None` (contracts
# §3.5).
_NO_GRANTED_REFUND = "T3JkZXJHcmFudGVkUmVmdW5kOk5vbmU="

_GATEWAY = msgspec.json.Decoder(shapes.GatewayPayload)
_SESSION = msgspec.json.Decoder(shapes.SessionPayload)
_ACTION = msgspec.json.Decoder(shapes.ActionPayload)
_APP = msgspec.json.Decoder(shapes.AppPayload)
_ORDER = msgspec.json.Decoder(shapes.OrderPayload)
_FULFILLMENT = msgspec.json.Decoder(shapes.FulfillmentPayload)


class PayloadError(AmazonPayError):
    """A body that is not the event it was sent as. `code`: empty, not_json, invalid or wrong_event.

    `empty` is Saleor's own retry of an action event, which names nothing (contracts §3.7).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Principal:
    """Who triggered the event: a logged-in user, or an app. There is none for an anonymous buyer."""

    kind: Literal["user", "app"]
    id: str
    identifier: str = ""  # an app's id from its manifest
    handles_payments: bool = False  # an app that holds HANDLE_PAYMENTS


@dataclass(frozen=True, slots=True)
class Source:
    """The checkout or order that is paid for. A checkout may have become an order between two events."""

    kind: SourceKind
    id: str
    channel_slug: str
    currency: str
    user_id: str | None
    shipping_required: bool
    checkout_id: str | None  # the checkout itself, or the one the order was made from

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id under which this purchase may be known, its own first."""
        earlier = self.checkout_id
        return (self.id,) if earlier is None or earlier == self.id else (self.id, earlier)


@dataclass(frozen=True, slots=True)
class SourceRef:
    """The checkout or order of an action event."""

    kind: SourceKind
    id: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of a Saleor transaction; `psp_reference` and `type` are "" if there is none."""

    id: str
    type: str
    psp_reference: str
    amount: Decimal
    currency: str
    idempotency_key: str | None
    created_at: datetime
    message: str

    @property
    def age_key(self) -> tuple[datetime, int]:
        """Sorts events oldest first: by Saleor's time, then by the number in the id."""
        try:
            number = int(base64.b64decode(self.id, validate=True).rpartition(b":")[2])
        except (binascii.Error, ValueError):
            number = 0
        return self.created_at, number


@dataclass(frozen=True, slots=True)
class GatewayRequest:
    """PAYMENT_GATEWAY_INITIALIZE_SESSION: nothing exists yet, and nobody outside is called."""

    source: Source
    amount: Decimal
    data: bytes  # raw JSON of the storefront's `data`
    principal: Principal | None
    recipient_app_id: str
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """TRANSACTION_INITIALIZE_SESSION or TRANSACTION_PROCESS_SESSION."""

    event: SessionEvent
    transaction_id: str
    action: Literal["charge", "authorize"]
    amount: Decimal
    currency: str
    idempotency_key: str | None  # only INITIALIZE carries it; client input, never unique over shops
    source: Source
    principal: Principal | None
    data: bytes  # raw JSON of the storefront's `data`, for `session_data.read`
    events: tuple[EventView, ...]
    recipient_app_id: str
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrantedRefund:
    """The granted refund that a refund request is for."""

    id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """TRANSACTION_CHARGE_, _REFUND_ or _CANCELATION_REQUESTED. The amount may be 0 (contracts §3.5)."""

    kind: ActionKind
    transaction_id: str
    psp_reference: str  # the transaction's; "" if it has none
    amount: Decimal
    currency: str
    authorized: Decimal  # what Saleor holds as still to be collected, and as collected, before this request
    charged: Decimal
    events: tuple[EventView, ...]
    granted_refund: GrantedRefund | None
    source: SourceRef | None
    recipient_app_id: str
    issued_at: datetime | None

    def unanswered(self) -> list[EventView]:
        """Saleor's request events of this kind and amount that never got our psp reference, oldest first.

        More than one means that Saleor lost an answer, or that several were asked for at once (money §1).
        """
        wanted = f"{self.kind.upper()}_REQUEST"
        open_requests = [
            event
            for event in self.events
            if event.type == wanted and not event.psp_reference and event.amount == self.amount
        ]
        return sorted(open_requests, key=lambda event: event.age_key)

    def request_event(self) -> EventView | None:
        """The event this request is: the newest of `unanswered`; its id keys the operation (money §1)."""
        waiting = self.unanswered()
        return waiting[-1] if waiting else None

    @property
    def reason(self) -> str:
        """What staff wrote as the reason, "" if nothing: Saleor keeps it as the request event's message."""
        event = self.request_event()
        return event.message if event is not None else ""


@dataclass(frozen=True, slots=True)
class AppNotice:
    """APP_DELETED or APP_UPDATED: which installation it is about."""

    app_id: str
    recipient_app_id: str


@dataclass(frozen=True, slots=True)
class OrderNotice:
    """Something happened to an order. It says what to look at; the order, read then, is the truth.

    Ids are empty for what was deleted meanwhile.
    """

    event: Literal["cancelled", "fulfilled"]
    order_id: str
    subject_id: str  # the fulfillment, or the order itself
    recipient_app_id: str


def gateway_request(body: bytes) -> GatewayRequest:
    """Read PAYMENT_GATEWAY_INITIALIZE_SESSION. Raises PayloadError."""
    payload = decode(body, _GATEWAY, "PaymentGatewayInitializeSession")
    return GatewayRequest(
        source=_source(payload.source_object),
        amount=_requested(payload.amount),
        data=bytes(payload.data),
        principal=principal_of(payload.issuing_principal),
        recipient_app_id=payload.recipient.id,
        issued_at=payload.issued_at,
    )


def session_request(event: SessionEvent, body: bytes) -> SessionRequest:
    """Read TRANSACTION_INITIALIZE_SESSION or TRANSACTION_PROCESS_SESSION. Raises PayloadError."""
    payload = decode(body, _SESSION, _SESSIONS[event])
    return SessionRequest(
        event=event,
        transaction_id=payload.transaction.id,
        action="charge" if payload.action.action_type == "CHARGE" else "authorize",
        amount=_requested(payload.action.amount),
        currency=payload.action.currency,
        idempotency_key=payload.idempotency_key,
        source=_source(payload.source_object),
        principal=principal_of(payload.issuing_principal),
        data=bytes(payload.data),
        events=event_views(payload.transaction.events),
        recipient_app_id=payload.recipient.id,
        issued_at=payload.issued_at,
    )


def action_request(kind: ActionKind, body: bytes) -> ActionRequest:
    """Read TRANSACTION_CHARGE_, _REFUND_ or _CANCELATION_REQUESTED. Raises PayloadError."""
    typename, action_type = _ACTIONS[kind]
    payload = decode(body, _ACTION, typename)
    if payload.action.action_type != action_type:
        raise PayloadError("wrong_event", f"{typename} that asks for {payload.action.action_type}")
    transaction = payload.transaction
    return ActionRequest(
        kind=kind,
        transaction_id=transaction.id,
        psp_reference=transaction.psp_reference,
        amount=_requested(payload.action.amount),
        currency=payload.action.currency,
        authorized=_finite(transaction.authorized_amount.amount),
        charged=_finite(transaction.charged_amount.amount),
        events=event_views(transaction.events),
        granted_refund=_granted_refund(payload.granted_refund),
        source=_source_ref(transaction),
        recipient_app_id=payload.recipient.id,
        issued_at=payload.issued_at,
    )


def app_deleted(body: bytes) -> AppNotice:
    """Read APP_DELETED. Raises PayloadError."""
    payload = decode(body, _APP, "AppDeleted")
    return AppNotice(app_id=payload.app.id, recipient_app_id=payload.recipient.id)


def app_updated(body: bytes) -> AppNotice:
    """Read APP_UPDATED. Raises PayloadError."""
    payload = decode(body, _APP, "AppUpdated")
    return AppNotice(app_id=payload.app.id, recipient_app_id=payload.recipient.id)


def order_cancelled(body: bytes) -> OrderNotice:
    """Read ORDER_CANCELLED. Raises PayloadError."""
    payload = decode(body, _ORDER, "OrderCancelled")
    order_id = payload.order.id if payload.order is not None else ""
    return OrderNotice("cancelled", order_id, order_id, payload.recipient.id)


def fulfillment(typename: Literal["FulfillmentCreated", "FulfillmentApproved"], body: bytes) -> OrderNotice:
    """Read FULFILLMENT_CREATED or FULFILLMENT_APPROVED. Raises PayloadError."""
    payload = decode(body, _FULFILLMENT, typename)
    order_id = payload.order.id if payload.order is not None else ""
    subject_id = payload.fulfillment.id if payload.fulfillment is not None else ""
    return OrderNotice("fulfilled", order_id, subject_id, payload.recipient.id)


def event_views(events: list[shapes.Event]) -> tuple[EventView, ...]:
    """A transaction's events in the order in which Saleor lists them (newest first). Raises PayloadError."""
    return tuple(
        EventView(
            event.id,
            event.type or "",
            event.psp_reference,
            _finite(event.amount.amount),
            event.amount.currency,
            event.idempotency_key,
            event.created_at,
            event.message,
        )
        for event in events
    )


def decode(body: bytes, decoder: msgspec.json.Decoder[_T], typename: str) -> _T:
    """A body in the shape of its event. Raises PayloadError."""
    if not body:
        raise PayloadError("empty", "the request has no body")
    try:
        payload = decoder.decode(body)
    except msgspec.ValidationError as error:
        raise PayloadError("invalid", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PayloadError("not_json", str(error)) from error
    if payload.typename != typename:
        raise PayloadError("wrong_event", f"{payload.typename[:80]} where {typename} was expected")
    return payload


def _finite(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise PayloadError("invalid", f"{amount} is not an amount")
    return amount


def _requested(amount: Decimal) -> Decimal:
    if _finite(amount) < 0:
        raise PayloadError("invalid", f"{amount} is not an amount to ask for")
    return amount


def _source(shape: shapes.Source) -> Source:
    is_order = shape.typename == "Order"
    return Source(
        kind="order" if is_order else "checkout",
        id=shape.id,
        channel_slug=shape.channel.slug,
        currency=shape.channel.currency_code,
        user_id=shape.user.id if shape.user is not None else None,
        shipping_required=shape.is_shipping_required,
        checkout_id=(shape.checkout_id or None) if is_order else shape.id,
    )


def _source_ref(transaction: shapes.ActionTransaction) -> SourceRef | None:
    if transaction.order is not None:
        return SourceRef("order", transaction.order.id)
    return SourceRef("checkout", transaction.checkout.id) if transaction.checkout is not None else None


def principal_of(shape: shapes.Principal | None) -> Principal | None:
    """Who asks: a user, an app, or nobody who is known."""
    if shape is None:
        return None
    if shape.typename == "User":
        return Principal("user", shape.id)
    permissions = {permission.code for permission in shape.permissions or ()}
    return Principal("app", shape.id, shape.identifier or "", "HANDLE_PAYMENTS" in permissions)


def _granted_refund(shape: shapes.GrantedRefund | None) -> GrantedRefund | None:
    if shape is None or shape.id == _NO_GRANTED_REFUND:
        return None
    return GrantedRefund(shape.id, _finite(shape.amount.amount))
