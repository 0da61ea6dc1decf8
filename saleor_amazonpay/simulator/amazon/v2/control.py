"""What the control API can be told about Checkout v2; the rest of it is in `simulator.amazon.control`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import msgspec
from starlette.routing import Route

from saleor_amazonpay.simulator.amazon.control_inputs import Nothing, Part, Seller
from saleor_amazonpay.simulator.amazon.control_routes import post
from saleor_amazonpay.simulator.amazon.v2 import snapshot
from saleor_amazonpay.simulator.amazon.v2.entities import Decision

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.v2.pay import Pay


class _Input(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of all inputs."""


class OpenSession(Seller):
    """See Pay.open_session; `button` is the page's createCheckoutSessionConfig."""

    button: dict[str, str] | None = None
    buyer_id: str = ""
    card_id: str | None = ""
    product: Literal["PayAndShip", "PayOnly"] = "PayAndShip"


class Finish(_Input):
    """How the buyer leaves Amazon's page, with another card if one is named."""

    decision: Decision = "complete"
    card_id: str = ""


class Close(_Input):
    """Who ends a permission at Amazon."""

    by: Literal["buyer", "amazon"] = "buyer"


class ChooseCard(_Input):
    """Another card, on Amazon's own pages."""

    card_id: str


class SettleCapture(_Input):
    """How a capture under way ends."""

    state: Literal["Captured", "Declined"] = "Captured"
    reason: str = ""


class SettleRefund(_Input):
    """How a refund ends."""

    state: Literal["Refunded", "Declined"] = "Refunded"
    reason: str = ""


class NewDispute(_Input):
    """See Pay.dispute."""

    amount: Decimal | None = None
    reason: str = "ProductNotReceived"


class Resolve(_Input):
    """How Amazon decides a dispute."""

    resolution: Literal["MerchantWon", "BuyerWon", "NoFault"] = "MerchantWon"


class DisputeAccess(_Input):
    """Whether merchants may read disputes."""

    visible: bool = True


@dataclass(frozen=True, slots=True)
class PayControl:
    """The deeds behind the routes; `key` is the id in the path."""

    pay: Pay

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            post("checkout-sessions", OpenSession, self._open),
            post("checkout-sessions/{key}/finish", Finish, self._finish),
            post("charge-permissions/{key}/close", Close, self._close),
            post("charge-permissions/{key}/payment-method", ChooseCard, self._choose),
            post("charges/{key}/settle", SettleCapture, self._settle_capture),
            post("charges/{key}/cancel", Nothing, self._cancel),
            post("charges/{key}/refunds", Part, self._seller_central),
            post("charges/{key}/disputes", NewDispute, self._dispute),
            post("charge-refunds/{key}/settle", SettleRefund, self._settle_refund),
            post("disputes/{key}/resolve", Resolve, self._resolve),
            post("dispute-access", DisputeAccess, self._access),
        ]

    def _open(self, _key: str, given: OpenSession) -> object:
        world = self.pay.world
        merchant = world.find_merchant(given.seller_id, sandbox=given.sandbox) if given.seller_id else world.merchant
        if merchant is None:
            raise ValueError(f"{given.seller_id} is no merchant of that environment")
        session, back = self.pay.open_session(
            given.button, given.buyer_id, merchant, card_id=given.card_id, product=given.product
        )
        return {"checkout_session_id": session.session_id, "redirect": back}

    def _finish(self, key: str, given: Finish) -> object:
        if given.card_id:
            self.pay.choose(key, card_id=given.card_id)
        return {"redirect": self.pay.finish(key, given.decision), **snapshot.session(self.pay.books.sessions[key])}

    def _close(self, key: str, given: Close) -> object:
        return snapshot.permission(self.pay, self.pay.end(key, given.by))

    def _choose(self, key: str, given: ChooseCard) -> object:
        return snapshot.permission(self.pay, self.pay.change_method(key, given.card_id))

    def _settle_capture(self, key: str, given: SettleCapture) -> object:
        return snapshot.charge(self.pay.settle_capture(key, given.state, given.reason))

    def _cancel(self, key: str, _given: Nothing) -> object:
        return snapshot.charge(self.pay.cancel_by_amazon(key))

    def _seller_central(self, key: str, given: Part) -> object:
        return snapshot.refund(self.pay.refund_in_seller_central(key, given.amount))

    def _dispute(self, key: str, given: NewDispute) -> object:
        return snapshot.dispute(self.pay.dispute(key, given.amount, given.reason))

    def _settle_refund(self, key: str, given: SettleRefund) -> object:
        return snapshot.refund(self.pay.settle_refund(key, given.state, given.reason))

    def _resolve(self, key: str, given: Resolve) -> object:
        return snapshot.dispute(self.pay.resolve(key, given.resolution))

    def _access(self, _key: str, given: DisputeAccess) -> object:
        self.pay.disputes_visible = given.visible
        return {"visible": given.visible}
