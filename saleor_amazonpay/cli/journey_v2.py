"""The demo's second part: Checkout v2, and a profile that moves there with its customers.

After the v1 part the profile is moved and the buyer's old agreement is charged on the new wire; alone, it begins with a
profile that is on Checkout v2 already.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from saleor_amazonpay.cli.journey import Done, Journey, JourneyError, expect, transaction_of
from saleor_amazonpay.cli.stage import SHOP
from saleor_amazonpay.flows.move import Wanted, move
from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.shop.results import SessionResult

_MONTHLY = {"frequency": {"unit": "Month", "value": "1"}}
_URLS = {"successUrl": f"{SHOP}/result", "failureUrl": f"{SHOP}/cart"}


@dataclass(slots=True)
class JourneyV2:
    """Goes on where a `Journey` stands: the same shop, customer and subscription app."""

    first: Journey
    permission: str = field(default="", init=False)
    first_payment: str = field(default="", init=False)  # its Saleor transaction

    async def steps(self) -> AsyncIterator[Done]:
        """Play it."""
        if self.first.agreement:
            yield await self._move()
            yield await self._old_agreement()
        async for step in self._first_payment():
            yield step
        for amount in ("15.50", "15.50", "9.99"):
            yield await self._later(amount)
        async for step in self._declines():
            yield step
        yield await self._closed()

    async def _move(self) -> Done:
        stage = self.first.stage
        found = await move(stage.doors.deps, stage.profile_id, Wanted(store_id=stage.amazon.merchant.store_id))
        taken = f"{len(found.agreements)} agreements and {len(found.reserved)} reservations go on"
        return Done("merchant", f"moves the profile from {found.profile.wire} to {found.to}", taken)

    async def _old_agreement(self) -> Done:
        order = self.first.saleor.order_create(total="15.50")
        data = {"chargePermissionId": self.first.agreement}
        paid = await self.first.pay(order.id, data, "CHARGE", self.first.subscription_app())
        expect(paid, "CHARGE_SUCCESS")
        return Done("subscription app", "charges the old billing agreement", "charged as a charge permission")

    async def _first_payment(self) -> AsyncIterator[Done]:
        stage, saleor = self.first.stage, self.first.saleor
        checkout = saleor.checkout_create(total="40.00", user=self.first.customer)
        page = {"returnUrl": f"{SHOP}/review", "recurring": _MONTHLY}
        found = await saleor.payment_gateway_initialize(checkout.id, {stage.gateway_id: page})
        told = found.configs[0].data if found.configs else None
        if not isinstance(told, dict) or not told.get("available"):
            raise JourneyError(f"the gateway is not available: {found}")
        session, _back = stage.amazon.pay.open_session(told["amazon"]["button"]["createCheckoutSessionConfig"])
        yield Done("buyer", "clicks the signed button and chooses at Amazon", "the signature fits, byte for byte")
        data = {"amazonCheckoutSessionId": session.session_id, "recurring": _MONTHLY, **_URLS}
        begun = await self.first.pay(checkout.id, data, "CHARGE", self.first.customer)
        expect(begun, "CHARGE_ACTION_REQUIRED")
        yield Done("shop", "says what is to be paid: 40.00, then monthly", f"next step: {begun.data['code']}")
        stage.amazon.pay.finish(session.session_id)
        transaction = transaction_of(begun)
        paid = await saleor.transaction_process(transaction, data, requestor=self.first.customer)
        expect(paid, "CHARGE_SUCCESS")
        if session.permission is None:
            raise JourneyError("the session became no charge permission")
        self.permission, self.first_payment = session.permission.permission_id, transaction
        yield Done("buyer", "confirms on Amazon's page and comes back", "charged, and agreed for later")

    async def _later(self, amount: str) -> Done:
        paid = await self._charged(amount)
        expect(paid, "CHARGE_SUCCESS")
        return Done("subscription app", f"charges {amount} without the buyer", "charged on the permission")

    async def _declines(self) -> AsyncIterator[Done]:
        world, saleor = self.first.stage.amazon, self.first.saleor
        data = {"chargePermissionId": self.permission}
        for behaviour, says in ((Behaviour.DECLINE_SOFT, "declines softly"), (Behaviour.DECLINE_HARD, "declines")):
            bad = world.add_card(world.buyer.buyer_id, behaviour)
            world.pay.change_method(self.permission, bad.card_id)
            declined = await self._charged("12.00")
            expect(declined, "CHARGE_ACTION_REQUIRED")
            transaction = transaction_of(declined)
            asked = await saleor.transaction_process(transaction, data, requestor=self.first.subscription_app())
            link = asked.data.get("amazonPayWalletUrl", "") if isinstance(asked.data, dict) else ""
            told = f"{declined.data['code']}" + (", with a link for the buyer" if link else "")
            yield Done("buyer's bank", f"{says} 12.00", told)
            world.pay.change_method(self.permission, world.add_card(world.buyer.buyer_id).card_id)
            paid = await saleor.transaction_process(transaction, data, requestor=self.first.subscription_app())
            expect(paid, "CHARGE_SUCCESS")
            yield Done("buyer", "chooses another card at Amazon", "charged, in the same transaction")

    async def _closed(self) -> Done:
        self.first.stage.amazon.pay.end(self.permission, "buyer")
        tried = await self._charged("15.50")
        code = tried.data.get("code") if isinstance(tried.data, dict) else ""
        if tried.event is None or tried.event.type == "CHARGE_SUCCESS":
            raise JourneyError(f"a closed permission was charged: {tried}")
        return Done("buyer", "ends the agreement at Amazon", f"nothing more is charged: {code}")

    async def _charged(self, amount: str) -> SessionResult:
        order = self.first.saleor.order_create(total=amount)
        data = {"chargePermissionId": self.permission}
        return await self.first.pay(order.id, data, "CHARGE", self.first.subscription_app())
