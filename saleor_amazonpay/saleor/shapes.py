"""The JSON of Saleor's webhooks as it arrives: exactly the fields our subscriptions select, amounts exact.

These structs live for one decoding; flows only ever see the dataclasses of `payloads`. Unknown keys are
ignored, so that a body with more in it (an older subscription, `errors` beside the event) is read all the
same.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

Aware = Annotated[datetime, msgspec.Meta(tz=True)]
Exact = Annotated[Decimal, msgspec.Meta(description="a JSON number, never read through a float")]
Id = Annotated[str, msgspec.Meta(min_length=1)]


class Shape(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Base of all shapes: camelCase outside, snake_case inside."""


class Ref(Shape, frozen=True):
    """An object of which only the id is selected."""

    id: Id


class Amount(Shape, frozen=True):
    """Saleor's Money, where the currency is known from elsewhere."""

    amount: Exact


class MoneyShape(Shape, frozen=True):
    """Saleor's Money."""

    amount: Exact
    currency: str


class Channel(Shape, frozen=True):
    """The channel of a checkout or order."""

    slug: str
    currency_code: str


class Permission(Shape, frozen=True):
    """A permission an app holds."""

    code: str


class Principal(Shape, frozen=True):
    """Who triggered the event; the last two fields are an app's only."""

    typename: Literal["User", "App"] = msgspec.field(name="__typename")
    id: Id
    identifier: str | None = None
    permissions: list[Permission] | None = None


class Source(Shape, frozen=True):
    """The checkout or order that is paid for."""

    typename: Literal["Checkout", "Order"] = msgspec.field(name="__typename")
    id: Id
    channel: Channel
    is_shipping_required: bool
    user: Ref | None = None
    checkout_id: str | None = None


class Event(Shape, frozen=True):
    """One event of a transaction; `type` is nullable in Saleor's schema."""

    id: Id
    psp_reference: str
    created_at: Aware
    amount: MoneyShape
    type: str | None = None
    idempotency_key: str | None = None
    message: str = ""


class SessionTransaction(Shape, frozen=True):
    """The transaction of a session event."""

    id: Id
    events: list[Event]


class ActionTransaction(Shape, frozen=True):
    """The transaction of an action event; order and checkout may both be null (contracts §7 C21)."""

    id: Id
    psp_reference: str
    authorized_amount: Amount
    charged_amount: Amount
    events: list[Event]
    order: Ref | None = None
    checkout: Ref | None = None


class SessionAction(Shape, frozen=True):
    """What a session is asked to do."""

    action_type: Literal["AUTHORIZATION", "CHARGE"]
    amount: Exact
    currency: str


class RequestedAction(Shape, frozen=True):
    """What an action event asks for."""

    action_type: Literal["CHARGE", "REFUND", "CANCEL"]
    amount: Exact
    currency: str


class GrantedRefund(Shape, frozen=True):
    """The granted refund behind a refund request."""

    id: Id
    amount: Amount


class Payload(Shape, frozen=True):
    """What every event carries."""

    typename: str = msgspec.field(name="__typename")
    recipient: Ref
    issued_at: Aware | None = None


class GatewayPayload(Payload, frozen=True, kw_only=True):
    """PAYMENT_GATEWAY_INITIALIZE_SESSION."""

    source_object: Source
    amount: Exact
    data: msgspec.Raw = msgspec.Raw(b"null")
    issuing_principal: Principal | None = None


class SessionPayload(Payload, frozen=True, kw_only=True):
    """TRANSACTION_INITIALIZE_SESSION and TRANSACTION_PROCESS_SESSION."""

    source_object: Source
    action: SessionAction
    transaction: SessionTransaction
    data: msgspec.Raw = msgspec.Raw(b"null")
    idempotency_key: str | None = None
    issuing_principal: Principal | None = None


class ActionPayload(Payload, frozen=True, kw_only=True):
    """TRANSACTION_CHARGE_, _REFUND_ and _CANCELATION_REQUESTED."""

    action: RequestedAction
    transaction: ActionTransaction
    granted_refund: GrantedRefund | None = None


class CustomerPayload(Payload, frozen=True, kw_only=True):
    """What the events about a customer's stored payment methods have in common."""

    user: Ref
    channel: Channel
    issuing_principal: Principal | None = None


class ListPayload(CustomerPayload, frozen=True, kw_only=True):
    """LIST_STORED_PAYMENT_METHODS."""


class DeletePayload(CustomerPayload, frozen=True, kw_only=True):
    """STORED_PAYMENT_METHOD_DELETE_REQUESTED."""

    payment_method_id: str


class PreparePayload(CustomerPayload, frozen=True, kw_only=True):
    """PAYMENT_GATEWAY_INITIALIZE_TOKENIZATION_SESSION."""

    data: msgspec.Raw = msgspec.Raw(b"null")


class TokenizePayload(PreparePayload, frozen=True, kw_only=True):
    """PAYMENT_METHOD_INITIALIZE_TOKENIZATION_SESSION."""

    payment_flow_to_support: Literal["INTERACTIVE"]


class GoOnPayload(PreparePayload, frozen=True, kw_only=True):
    """PAYMENT_METHOD_PROCESS_TOKENIZATION_SESSION."""

    id: str


class AppPayload(Payload, frozen=True, kw_only=True):
    """APP_DELETED and APP_UPDATED."""

    app: Ref


class OrderPayload(Payload, frozen=True, kw_only=True):
    """ORDER_CANCELLED; the order is gone if it was deleted meanwhile."""

    order: Ref | None = None


class FulfillmentPayload(OrderPayload, frozen=True, kw_only=True):
    """FULFILLMENT_CREATED and FULFILLMENT_APPROVED; a fulfillment that waits can be deleted, too."""

    fulfillment: Ref | None = None
