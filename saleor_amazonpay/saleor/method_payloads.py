"""The events about a customer's stored payment methods, read (contracts, Saleor §3.9-3.12).

In: the verified body. Out: one shape for all five, since all name a customer in a channel and differ in what they add.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from saleor_amazonpay.saleor import shapes
from saleor_amazonpay.saleor.payloads import decode, principal_of

if TYPE_CHECKING:
    from datetime import datetime

    from saleor_amazonpay.saleor.payloads import Principal

CustomerEvent = Literal["list", "delete", "prepare", "tokenize", "go_on"]

_CUSTOMER: dict[CustomerEvent, tuple[str, msgspec.json.Decoder[Any]]] = {
    "list": ("ListStoredPaymentMethods", msgspec.json.Decoder(shapes.ListPayload)),
    "delete": ("StoredPaymentMethodDeleteRequested", msgspec.json.Decoder(shapes.DeletePayload)),
    "prepare": ("PaymentGatewayInitializeTokenizationSession", msgspec.json.Decoder(shapes.PreparePayload)),
    "tokenize": ("PaymentMethodInitializeTokenizationSession", msgspec.json.Decoder(shapes.TokenizePayload)),
    "go_on": ("PaymentMethodProcessTokenizationSession", msgspec.json.Decoder(shapes.GoOnPayload)),
}


@dataclass(frozen=True, slots=True)
class CustomerRequest:
    """One of the events about a customer's stored payment methods. Saleor checks no ownership (contracts §3.10)."""

    event: CustomerEvent
    user_id: str
    channel_slug: str
    currency: str
    method_id: str  # of delete and go_on: the app's own id, as the storefront names it
    data: bytes  # raw JSON of the storefront's `data`, of the last three
    principal: Principal | None
    recipient_app_id: str
    issued_at: datetime | None

    @property
    def by_the_customer(self) -> bool:
        """Whether the customer herself asks."""
        return self.principal is not None and self.principal.kind == "user" and self.principal.id == self.user_id


def customer_request(event: CustomerEvent, body: bytes) -> CustomerRequest:
    """Read one of the events about stored payment methods. Raises PayloadError."""
    typename, decoder = _CUSTOMER[event]
    payload: shapes.CustomerPayload = decode(body, decoder, typename)
    return CustomerRequest(
        event=event,
        user_id=payload.user.id,
        channel_slug=payload.channel.slug,
        currency=payload.channel.currency_code,
        method_id=getattr(payload, "payment_method_id", "") or getattr(payload, "id", ""),
        data=bytes(getattr(payload, "data", b"")),
        principal=principal_of(payload.issuing_principal),
        recipient_app_id=payload.recipient.id,
        issued_at=payload.issued_at,
    )
