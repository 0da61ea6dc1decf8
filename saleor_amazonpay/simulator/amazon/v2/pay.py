"""The simulated Checkout v2: its rules, and what buyers, Amazon itself and test authors do behind the API.

`AmazonWorld.pay` is one of these. In come the deeds that no merchant's API call can do, out come changed books.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import msgspec

from saleor_amazonpay.simulator.amazon.entities import Card, Merchant
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.v2.charges import Charges
from saleor_amazonpay.simulator.amazon.v2.core import PayCore
from saleor_amazonpay.simulator.amazon.v2.entities import (
    Charge,
    Decision,
    Dispute,
    Json,
    PayBooks,
    Permission,
    Refund,
    Session,
)
from saleor_amazonpay.simulator.amazon.v2.errors import PayError, not_found
from saleor_amazonpay.simulator.amazon.v2.keys import SALTS, fits
from saleor_amazonpay.simulator.amazon.v2.legacy import Legacy
from saleor_amazonpay.simulator.amazon.v2.permissions import Permissions
from saleor_amazonpay.simulator.amazon.v2.refunds import Refunds
from saleor_amazonpay.simulator.amazon.v2.sessions import Sessions

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld


class ForgedButtonError(ValueError):
    """A button's payload whose signature is not the merchant's."""


class Pay:
    """Checkout v2 in one world."""

    def __init__(self, world: AmazonWorld) -> None:
        self.world = world
        self.core = PayCore(world)
        self.permissions = Permissions(self.core)
        self.charges = Charges(self.core, self.permissions)
        self.refunds = Refunds(self.core)
        self.sessions = Sessions(self.core, self.permissions, self.charges)
        self.legacy = Legacy(self.core, world)
        self.disputes_visible = True  # whether merchants may read disputes; not every one may

    @property
    def books(self) -> PayBooks:
        """Every object."""
        return self.core.books

    # ---- finding

    def find_permission(self, merchant: Merchant, permission_id: str) -> Permission:
        """A merchant's own permission, or what v1 made under that id. Raises ResourceNotFound."""
        found = self.legacy.permission(merchant, permission_id) or self.books.permissions.get(permission_id)
        if found is None or found.merchant is not merchant:
            raise not_found("charge permission", permission_id)
        return found

    def find_charge(self, merchant: Merchant, charge_id: str) -> Charge:
        """A merchant's own charge, or what v1 made under that id. Raises ResourceNotFound."""
        found = self.legacy.charge(merchant, charge_id) or self.books.charges.get(charge_id)
        if found is None or found.permission.merchant is not merchant:
            raise not_found("charge", charge_id)
        return found

    def find_refund(self, merchant: Merchant, refund_id: str) -> Refund:
        """A merchant's own refund. Raises ResourceNotFound."""
        found = self.legacy.refund(merchant, refund_id) or self.books.refunds.get(refund_id)
        if found is None or found.charge.permission.merchant is not merchant:
            raise not_found("refund", refund_id)
        return found

    def find_dispute(self, merchant: Merchant, dispute_id: str) -> Dispute:
        """A merchant's own dispute. Raises ResourceNotFound, UnauthorizedAccess."""
        if not self.disputes_visible:
            raise PayError("UnauthorizedAccess", "The merchant may not use dispute APIs")
        found = self.books.disputes.get(dispute_id)
        if found is None or found.charge.permission.merchant is not merchant:
            raise not_found("dispute", dispute_id)
        return found

    # ---- acting on a charge, whichever interface made it

    def capture(self, charge: Charge, money: Money, descriptor: str, code: str, reference: str) -> Charge:
        """CaptureCharge."""
        if charge.old is None:
            return self.charges.capture(charge, money, descriptor, code)
        if charge.state.name != "Authorized":
            raise PayError("InvalidChargeStatus", f"{charge.charge_id} is in state {charge.state.name}")
        if money.amount > charge.amount.amount or money.currency != charge.amount.currency:
            raise PayError("TransactionAmountExceeded", f"{charge.charge_id} is for {charge.amount.text}")
        self.world.captures.capture(charge.old, reference, money, "", descriptor)
        return self.find_charge(charge.permission.merchant, charge.charge_id)

    def cancel(self, charge: Charge, reason: str) -> Charge:
        """CancelCharge."""
        if charge.old is None:
            return self.charges.cancel(charge, reason)
        if charge.state.name not in {"Authorized", "AuthorizationInitiated"}:
            raise PayError("InvalidChargeStatus", f"{charge.charge_id} is in state {charge.state.name}")
        self.world.authorizations.close(charge.old, reason)
        return self.find_charge(charge.permission.merchant, charge.charge_id)

    def refund(self, charge: Charge, money: Money, descriptor: str, code: str, reference: str) -> Refund:
        """CreateRefund."""
        taken = [each for each in charge.old.captures if each.status.state == "Completed"] if charge.old else []
        if not taken:
            return self.refunds.create(charge, money, descriptor, code)
        self.refunds._admit(charge, money)  # noqa: SLF001 - the same limits, on v1's capture
        old = self.world.refunds.refund(taken[-1], reference, money, "", descriptor)
        return self.find_refund(charge.permission.merchant, old.refund_id)

    def close(self, permission: Permission, reason: str, *, cancel_pending: bool) -> None:
        """CloseChargePermission."""
        now = self.core.now()
        for each in permission.charges if cancel_pending else ():
            self.charges.end(each, "ChargePermissionCanceled", now)
        if permission.agreement is not None:
            if permission.agreement.status.state in {"Open", "Suspended"}:
                self.world.agreements.close(permission.agreement, "SellerClosed", reason)
        elif permission.order is not None:
            self.world.orders.end(permission.order, now, "SellerClosed")
        self.permissions.close(permission, "MerchantCanceled" if cancel_pending else "MerchantClosed", reason)

    # ---- what buyers do

    def open_session(
        self,
        button: Mapping[str, str] | None = None,
        buyer_id: str = "",
        merchant: Merchant | None = None,
        *,
        card_id: str | None = "",
        product: Literal["PayAndShip", "PayOnly"] = "PayAndShip",
    ) -> tuple[Session, str]:
        """Click the button, sign in and choose: a session, and the address the buyer comes back to.

        `button` is the page's createCheckoutSessionConfig: its payload has to be signed by the merchant, byte for byte.
        Without one the shop is taken to have made it well. Raises ForgedButtonError.
        """
        world = self.world
        world.tick()
        seller = merchant or world.merchant
        if button is None:
            body: Json = {"webCheckoutDetails": {"checkoutReviewReturnUrl": "https://shop.example/review"}}
        else:
            body = verified(seller, button)
        session = self.sessions.create(seller, str(body.get("storeId") or seller.store_id), body)
        session.product = product
        buyer = world.books.buyers[buyer_id] if buyer_id else world.buyer
        self.sessions.sign_in(session, buyer, _card(buyer.cards, card_id))
        return session, session.review_url

    def choose(self, session_id: str, buyer_id: str = "", card_id: str | None = "") -> Session:
        """Choose another card, or who pays, on Amazon's page."""
        session = self.books.sessions[session_id]
        buyer = self.world.books.buyers[buyer_id] if buyer_id else session.buyer or self.world.buyer
        if session.state.name == "Open":
            self.sessions.sign_in(session, buyer, _card(buyer.cards, card_id))
        return session

    def finish(self, session_id: str, decision: Decision = "complete") -> str:
        """Leave the page behind `amazonPayRedirectUrl`; returns where the buyer is sent. Raises PayError."""
        self.world.tick()
        return self.sessions.leave(self.books.sessions[session_id], decision)

    def change_method(self, permission_id: str, card_id: str) -> Permission:
        """Choose another card for a permission on Amazon's own pages."""
        self.world.tick()
        permission = self.books.permissions[permission_id]
        self.permissions.change_method(permission, permission.buyer.cards[card_id])
        return permission

    def end(self, permission_id: str, by: Literal["buyer", "amazon"] = "buyer") -> Permission:
        """End a permission on Amazon's side; its open charges go too."""
        self.world.tick()
        permission = self.books.permissions[permission_id]
        for each in permission.charges:
            self.charges.end(each, "ChargePermissionCanceled", self.core.now())
        self.permissions.close(permission, "BuyerCanceled" if by == "buyer" else "AmazonCanceled")
        return permission

    # ---- what Amazon and Seller Central do

    def settle_refund(self, refund_id: str, state: str = "Refunded", reason: str = "") -> Refund:
        """Decide a refund now."""
        self.world.tick()
        refund = self.books.refunds[refund_id]
        self.refunds.settle(refund, state, reason, self.core.now())
        return refund

    def settle_capture(self, charge_id: str, state: str = "Captured", reason: str = "") -> Charge:
        """Decide a capture that is under way."""
        self.world.tick()
        charge = self.books.charges[charge_id]
        self.charges.settle_capture(charge, state, reason, self.core.now())
        return charge

    def cancel_by_amazon(self, charge_id: str) -> Charge:
        """AmazonCanceled: what was reserved is free again."""
        self.world.tick()
        charge = self.books.charges[charge_id]
        self.charges.end(charge, "AmazonCanceled", self.core.now())
        return charge

    def refund_in_seller_central(self, charge_id: str, amount: Decimal | None = None) -> Refund:
        """A refund staff made at Amazon; all that is left if no amount is given."""
        self.world.tick()
        charge = self.books.charges[charge_id]
        taken = charge.captured or charge.amount.zero
        left = taken.amount - charge.promised.amount
        return self.refunds.create(charge, charge.amount.of(left if amount is None else amount), "", "")

    def dispute(self, charge_id: str, amount: Decimal | None = None, reason: str = "ProductNotReceived") -> Dispute:
        """A buyer wants money back."""
        self.world.tick()
        charge = self.books.charges[charge_id]
        whole = (charge.captured or charge.amount).amount
        return self.refunds.dispute(charge, charge.amount.of(whole if amount is None else amount), reason)

    def resolve(self, dispute_id: str, resolution: str = "MerchantWon") -> Dispute:
        """Amazon decides a dispute."""
        self.world.tick()
        dispute = self.books.disputes[dispute_id]
        self.refunds.resolve(dispute, resolution)
        return dispute


def verified(merchant: Merchant, button: Mapping[str, str]) -> Json:
    """The payload of a button that this merchant has signed. Raises ForgedButtonError."""
    payload, key_id = button.get("payloadJSON", ""), button.get("publicKeyId", "")
    algorithm = button.get("algorithm") or "AMZN-PAY-RSASSA-PSS"
    pem = merchant.public_keys.get(key_id)
    if pem is None or algorithm not in SALTS:
        raise ForgedButtonError(f"the key {key_id!r} or the algorithm {algorithm!r} is not known")
    if not fits(pem, algorithm, payload.encode(), button.get("signature", "")):
        raise ForgedButtonError("the signature does not fit the payload")
    try:
        body: Json = msgspec.json.decode(payload, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise ForgedButtonError("the payload is no JSON object") from error
    if body.get("storeId") != merchant.store_id:
        raise ForgedButtonError("the store is not the merchant's")
    return body


def _card(cards: Mapping[str, Card], card_id: str | None) -> Card | None:
    """`""` is the first card, None is no choice."""
    if card_id == "":
        card_id = next(iter(cards), None)
    return None if card_id is None else cards[card_id]
