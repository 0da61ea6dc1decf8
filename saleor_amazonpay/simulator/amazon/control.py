"""The control API: what `AmazonWorld` can be told, as JSON under `/control/` (no authentication, loopback only).

In come JSON objects with typed fields, out come JSON objects. Unknown ids are 404, bad input and refusals 400 with a
sentence. The page's HTML forms post to the same routes and are sent back to it. Nothing here is part of Amazon Pay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from saleor_amazonpay.simulator.amazon import control_inputs as inputs
from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.control_routes import get, json, post
from saleor_amazonpay.simulator.amazon.entities import Capture, Merchant
from saleor_amazonpay.simulator.amazon.faults import Fault
from saleor_amazonpay.simulator.amazon.snapshot import (
    agreement,
    chargeback,
    notification,
    order,
    refund,
    snapshot,
)
from saleor_amazonpay.simulator.amazon.v2.snapshot import pay_snapshot

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld


class UnknownMerchantError(ValueError):
    """No such seller in that environment."""


@dataclass(frozen=True, slots=True)
class Control:
    """The deeds behind the routes; `key` is the id in the path."""

    world: AmazonWorld

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            self._get("books", self._books),
            self._get("merchants", self._merchants),
            self._get("buyers", self._buyers),
            self._get("notifications", self._notifications),
            self._get("faults", self._faults),
            post("merchants", inputs.NewMerchant, self._create_merchant),
            post("buyers", inputs.NewBuyer, self._create_buyer),
            post("buyers/{key}/cards", inputs.NewCard, self._add_card),
            post("buyers/{key}/spoiled-cards", inputs.Spoil, self._spoil_card),
            post("tokens", inputs.NewToken, self._issue_token),
            post("agreements", inputs.OpenAgreement, self._open_agreement),
            post("agreements/{key}/consent", inputs.Consent, self._consent),
            post("agreements/{key}/close", inputs.Close, self._close),
            post("agreements/{key}/cancel", inputs.Nothing, self._cancel),
            post("agreements/{key}/address", inputs.ChooseAddress, self._address),
            post("confirmations/{key}", inputs.FinishConfirmation, self._finish_confirmation),
            post("order-references", inputs.OpenOrder, self._open_order),
            post("order-references/{key}/cancel", inputs.Nothing, self._cancel_order),
            post("payment-method/{key}", inputs.ChooseCard, self._choose_card),
            post("captures/{key}/settle", inputs.Settle, self._settle_capture),
            post("captures/{key}/close", inputs.Nothing, self._close_capture),
            post("captures/{key}/refunds", inputs.SellerRefund, self._seller_central),
            post("authorizations/{key}/captures", inputs.Part, self._seller_capture),
            post("agreements/{key}/charges", inputs.Elsewhere, self._charge_elsewhere),
            post("captures/{key}/chargebacks", inputs.ChargeBack, self._charge_back),
            post("chargebacks/{key}/win", inputs.Nothing, self._win),
            post("refunds/{key}/settle", inputs.Settle, self._settle_refund),
            post("clock", inputs.Clock, self._clock),
            post("settings", inputs.Settings, self._settings),
            post("ipn-url", inputs.IpnUrl, self._ipn_url),
            post("notifications/options", inputs.NotificationOptions, self._options),
            post("faults", Fault, self._add_fault),
            post("faults/clear", inputs.Nothing, self._clear),
            Route("/control/faults", self._clear_faults, methods=["DELETE"]),
            Route("/control/notifications/deliver", self._deliver, methods=["POST"]),
        ]

    def _get(self, path: str, read: Callable[[], object]) -> Route:
        return get(self.world, path, read)

    # ---- reading

    def _books(self) -> object:
        return {**snapshot(self.world.books, self.world.now()), **pay_snapshot(self.world.pay)}

    def _merchants(self) -> object:
        return self.world.books.merchants

    def _buyers(self) -> object:
        return list(self.world.books.buyers.values())

    def _notifications(self) -> object:
        return [notification(each) for each in self.world.notifications.log]

    def _faults(self) -> object:
        return self.world.faults.rules

    # ---- who there is

    def _create_merchant(self, _key: str, given: inputs.NewMerchant) -> object:
        return self.world.create_merchant(**msgspec.structs.asdict(given))

    def _create_buyer(self, _key: str, given: inputs.NewBuyer) -> object:
        return self.world.create_buyer(**msgspec.structs.asdict(given))

    def _add_card(self, key: str, given: inputs.NewCard) -> object:
        return self.world.add_card(key, given.behaviour, allowed=given.allowed)

    def _issue_token(self, _key: str, given: inputs.NewToken) -> object:
        buyer = self.world.books.buyers[given.buyer_id] if given.buyer_id else self.world.buyer
        return self.world.issue_token(buyer.buyer_id, self._merchant(given), given.life)

    # ---- what buyers do

    def _open_agreement(self, _key: str, given: inputs.OpenAgreement) -> object:
        made, token = self.world.open_agreement(
            given.buyer_id,
            self._merchant(given),
            card_id=given.card_id,
            consent=given.consent,
            address=given.address,
            needs_address=given.needs_address,
        )
        return {"agreement_id": made.agreement_id, "access_token": token.token}

    def _open_order(self, _key: str, given: inputs.OpenOrder) -> object:
        made, token = self.world.open_order(
            given.buyer_id,
            self._merchant(given),
            card_id=given.card_id,
            address=given.address,
            needs_address=given.needs_address,
        )
        return {"order_reference_id": made.order_id, "access_token": token.token}

    def _consent(self, key: str, given: inputs.Consent) -> object:
        self.world.tick_consent(key, consent=given.consent)
        return self._agreement(key)

    def _choose_card(self, key: str, given: inputs.ChooseCard) -> object:
        self.world.change_payment_method(key, given.card_id, on_amazon=given.on_amazon)
        orders = self.world.books.orders
        return order(orders[key]) if key in orders else self._agreement(key)

    def _finish_confirmation(self, key: str, given: inputs.FinishConfirmation) -> object:
        return {"redirect": self.world.finish_confirmation(key, given.outcome)}

    def _spoil_card(self, key: str, given: inputs.Spoil) -> object:
        self.world.spoil_card(key, given.card_id, given.constraint)
        return self.world.books.buyers[key]

    def _address(self, key: str, given: inputs.ChooseAddress) -> object:
        self.world.change_address(key, given.address)
        return self._agreement(key)

    def _close(self, key: str, given: inputs.Close) -> object:
        self.world.close_agreement(key, given.by)
        return self._agreement(key)

    # ---- what Amazon does

    def _cancel(self, key: str, _given: inputs.Nothing) -> object:
        self.world.cancel_agreement(key)
        return self._agreement(key)

    def _cancel_order(self, key: str, _given: inputs.Nothing) -> object:
        self.world.cancel_order_reference(key)
        return order(self.world.books.orders[key])

    def _close_capture(self, key: str, _given: inputs.Nothing) -> object:
        self.world.close_capture(key)
        return _brief(self.world.books.captures[key])

    def _settle_capture(self, key: str, given: inputs.Settle) -> object:
        return _brief(self.world.settle_capture(key, given.state, given.reason))

    def _settle_refund(self, key: str, given: inputs.Settle) -> object:
        return refund(self.world.settle_refund(key, given.state, given.reason))

    def _seller_central(self, key: str, given: inputs.SellerRefund) -> object:
        return refund(self.world.refund_in_seller_central(key, given.amount, given.type))

    def _seller_capture(self, key: str, given: inputs.Part) -> object:
        return _brief(self.world.capture_in_seller_central(key, given.amount))

    def _charge_elsewhere(self, key: str, given: inputs.Elsewhere) -> object:
        return order(self.world.charge_elsewhere(key, given.amount).order)

    def _win(self, key: str, _given: inputs.Nothing) -> object:
        return chargeback(self.world.win_charge_back(key))

    def _charge_back(self, key: str, given: inputs.ChargeBack) -> object:
        return chargeback(self.world.charge_back(key, given.amount, given.reason))

    # ---- time, settings, notifications, faults

    def _clock(self, _key: str, given: inputs.Clock) -> object:
        clock = self.world.clock
        if given.frozen is not None and given.frozen is not clock.frozen:
            (clock.freeze if given.frozen else clock.thaw)()
        self.world.advance(given.advance)
        return {"now": iso(self.world.now()), "frozen": clock.frozen}

    def _settings(self, _key: str, given: inputs.Settings) -> object:
        for name, value in msgspec.structs.asdict(given).items():
            if value is not None:
                setattr(self.world, name, value)
        return {name: getattr(self.world, name) for name in inputs.Settings.__struct_fields__}

    def _ipn_url(self, _key: str, given: inputs.IpnUrl) -> object:
        merchant = self._merchant(given)
        merchant.ipn_url = given.url
        return merchant

    def _options(self, _key: str, given: inputs.NotificationOptions) -> object:
        options = self.world.notifications.options
        for name, value in msgspec.structs.asdict(given).items():
            if value is not None:
                setattr(options, name, value)
        return options

    def _add_fault(self, _key: str, given: Fault) -> object:
        self.world.faults.add(given)
        return self.world.faults.rules

    def _clear(self, _key: str, _given: inputs.Nothing) -> object:
        self.world.faults.clear()
        return self.world.faults.rules

    async def _clear_faults(self, _request: Request) -> Response:
        return json(self._clear("", inputs.Nothing()))

    async def _deliver(self, _request: Request) -> Response:
        return json({"posts": await self.world.deliver_due()})

    def _agreement(self, key: str) -> object:
        return agreement(self.world.books.agreements[key], self.world.now())

    def _merchant(self, given: inputs.Seller) -> Merchant:
        seller_id, sandbox = given.seller_id, given.sandbox
        if given.account:
            seller_id, _colon, environment = given.account.partition(":")
            sandbox = environment == "Sandbox"
        if not seller_id:
            return self.world.merchant
        found = self.world.find_merchant(seller_id, sandbox=sandbox)
        if found is None:
            raise UnknownMerchantError(f"{seller_id} is no merchant of that environment")
        return found


def _brief(made: Capture) -> dict[str, str]:
    return {"id": made.capture_id, "state": made.status.state, "reason": made.status.reason}
