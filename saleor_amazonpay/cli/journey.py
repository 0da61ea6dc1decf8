"""The demo's story: what a merchant, a buyer, a subscription app and staff do, one step after the other.

Each step says what was done and what Saleor made of it; a step that ends otherwise than it should raises
`JourneyError`. Saleor is only driven by what its own users can do, Amazon by what buyers can.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from saleor_amazonpay.cli.stage import CUSTOMER, SUBSCRIPTIONS, Stage
from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.shop.people import HANDLE_PAYMENTS, Flow, InstalledApp, Requestor, User
from saleor_amazonpay.simulator.shop.results import SessionResult

_PATIENCE = 30.0
_DAY = 24 * 3600
_CONSENT = {"recurring": {"frequency": {"unit": "Month", "value": "1"}}}


class JourneyError(Exception):
    """A step did not end as it should."""


@dataclass(frozen=True, slots=True)
class Done:
    """One finished step: who did what, and what came of it."""

    who: str
    what: str
    outcome: str


class Journey:
    """One buyer's way through the shop. `steps` plays it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.saleor = stage.saleor
        self.customer: User = stage.saleor.customer_create(CUSTOMER)
        self.agreement = ""
        self.first_sale = ""  # its Saleor transaction
        self._token = ""

    async def steps(self) -> AsyncIterator[Done]:
        """Play the whole story on v1."""
        yield await self.install()
        yield await self._gateway()
        charge, order = "", ""
        async for step, transaction in self._first_sale():
            charge = transaction
            yield step
        yield await self._repeat_charge()
        async for step in self._authorize_and_capture():
            yield step
        order = charge
        async for step in self._refund(order):
            yield step
        async for step in self._cancel():
            yield step
        async for step in self._soft_decline():
            yield step
        async for step in self._in_parts():
            yield step
        self.first_sale = charge

    async def install(self, wire: str = "mws") -> Done:
        """The merchant installs the app and has a profile on one of the wires, and one for Europe."""
        app = await self.saleor.install(f"{self.stage.app_url}/api/manifest")
        profile = await self.stage.seed_profiles(wire)
        return Done("merchant", "installs the app and has a gateway profile", f"{app.identifier}, {profile.alias}")

    async def _gateway(self) -> Done:
        checkout = self.saleor.checkout_create(total="40.00")
        found = await self.saleor.payment_gateway_initialize(checkout.id, {self.stage.gateway_id: None})
        data = found.configs[0].data if found.configs else None
        if not isinstance(data, dict) or not data.get("available"):
            raise JourneyError(f"the gateway is not available: {found}")
        return Done("shop page", "asks how to show Amazon Pay", f"{data['amazon']['widgetsUrl'].rsplit('/', 1)[-1]}")

    async def _first_sale(self) -> AsyncIterator[tuple[Done, str]]:
        agreement, token = self.stage.amazon.open_agreement(consent=False)
        self.agreement, self._token = agreement.agreement_id, token.token
        checkout = self.saleor.checkout_create(total="40.00", user=self.customer)
        data = {"amazonBillingAgreementId": self.agreement, "accessToken": self._token, **_CONSENT}
        begun = await self.pay(checkout.id, data, "CHARGE", self.customer)
        expect(begun, "CHARGE_ACTION_REQUIRED")
        transaction = transaction_of(begun)
        step = Done("buyer", "signs in, forgets the consent box", f"next step: {begun.data['code']}")
        yield step, transaction
        self.stage.amazon.tick_consent(self.agreement)
        paid = await self.saleor.transaction_process(transaction, data, requestor=self.customer)
        expect(paid, "CHARGE_SUCCESS")
        yield Done("buyer", "ticks it and pays 40.00", "charged on the billing agreement"), transaction
        completed = self.saleor.checkout_complete(checkout.id, self.customer)
        if completed.order is None:
            raise JourneyError(f"no order: {completed.errors}")
        yield Done("shop", "completes the checkout", f"order {completed.order.number}"), transaction

    async def _repeat_charge(self) -> Done:
        app = self.subscription_app()
        order = self.saleor.order_create(total="15.50")
        data = {"amazonBillingAgreementId": self.agreement}
        paid = await self.pay(order.id, data, "CHARGE", app)
        expect(paid, "CHARGE_SUCCESS")
        return Done("subscription app", "charges 15.50 without the buyer", "charged on the same agreement")

    async def _authorize_and_capture(self) -> AsyncIterator[Done]:
        checkout = self.saleor.checkout_create(total="25.00", user=self.customer)
        data = {"amazonBillingAgreementId": self.agreement}
        reserved = await self.pay(checkout.id, data, "AUTHORIZATION", self.customer)
        expect(reserved, "AUTHORIZATION_SUCCESS")
        yield Done("returning buyer", "authorizes 25.00 in one call", "reserved at Amazon")
        await self._act(transaction_of(reserved), "CHARGE", "25.00")
        yield Done("staff", "captures 25.00", "charged")

    async def _refund(self, transaction: str) -> AsyncIterator[Done]:
        self.saleor.transaction_request_action(transaction, "REFUND", Decimal("12.34"), "one shirt too many")
        await self.saleor.settled()
        books = self.saleor.books()[transaction]
        if books.amounts.refund_pending != Decimal("12.34"):
            raise JourneyError(f"the refund is not pending: {books.amounts}")
        yield Done("staff", "refunds 12.34", "pending: Amazon decides later")
        await self.until(lambda: self.saleor.books()[transaction].amounts.refunded == Decimal("12.34"))
        yield Done("Amazon", "settles it and sends a signed notice", "reported to Saleor: refunded")

    async def _cancel(self) -> AsyncIterator[Done]:
        checkout = self.saleor.checkout_create(total="9.99", user=self.customer)
        data = {"amazonBillingAgreementId": self.agreement}
        reserved = await self.pay(checkout.id, data, "AUTHORIZATION", self.customer)
        expect(reserved, "AUTHORIZATION_SUCCESS")
        yield Done("returning buyer", "authorizes 9.99", "reserved at Amazon")
        await self._act(transaction_of(reserved), "CANCEL", "9.99")
        yield Done("staff", "cancels it", "released; the agreement stays open")

    async def _soft_decline(self) -> AsyncIterator[Done]:
        world = self.stage.amazon
        card = world.add_card(world.buyer.buyer_id, Behaviour.DECLINE_SOFT)
        agreement, token = world.open_agreement(card_id=card.card_id)
        checkout = self.saleor.checkout_create(total="30.00", user=self.customer)
        data = {"amazonBillingAgreementId": agreement.agreement_id, "accessToken": token.token, **_CONSENT}
        declined = await self.pay(checkout.id, data, "CHARGE", self.customer)
        expect(declined, "CHARGE_ACTION_REQUIRED")
        yield Done("another agreement", "pays 30.00 with a card the bank declines softly", f"{declined.data['code']}")
        world.change_payment_method(agreement.agreement_id, world.add_card(world.buyer.buyer_id).card_id)
        paid = await self.saleor.transaction_process(transaction_of(declined), data, requestor=self.customer)
        expect(paid, "CHARGE_SUCCESS")
        yield Done("buyer", "chooses another card in the Wallet and tries again", "charged, in the same transaction")

    async def _in_parts(self) -> AsyncIterator[Done]:
        checkout = self.saleor.checkout_create(total="60.00", user=self.customer)
        data = {"amazonBillingAgreementId": self.agreement}
        reserved = await self.pay(checkout.id, data, "AUTHORIZATION", self.customer)
        expect(reserved, "AUTHORIZATION_SUCCESS")
        transaction = transaction_of(reserved)
        await self._act(transaction, "CHARGE", "25.00")
        yield Done("staff", "captures 25.00 of 60.00", "charged; 35.00 may still be collected")
        later = self.saleor.checkout_create(total="18.00", user=self.customer)
        waiting = await self.pay(later.id, data, "AUTHORIZATION", self.customer)
        expect(waiting, "AUTHORIZATION_SUCCESS")
        self.stage.amazon.advance(3 * _DAY)
        await self.until(lambda: self.saleor.books()[transaction_of(waiting)].events[-1].type == "INFO")
        yield Done("time", "passes: three days, and a reservation of 18.00 lapses", "Saleor is told; still agreed to")
        await self._act(transaction_of(waiting), "CHARGE", "18.00")
        await self._act(transaction, "CHARGE", "35.00")
        yield Done("staff", "captures the 18.00 and the other 35.00", "authorized and taken again, on the agreement")
        self.saleor.transaction_request_action(transaction, "REFUND", Decimal("50.00"), "sent back")
        await self.until(lambda: self.saleor.books()[transaction].amounts.refunded == Decimal("50.00"))
        yield Done("staff", "refunds 50.00, more than either capture", "split over both, reported once")

    async def pay(self, source: str, data: Mapping[str, object], action: Flow, by: Requestor) -> SessionResult:
        """Begin a transaction."""
        return await self.saleor.transaction_initialize(
            source, self.stage.gateway_id, data, action=action, requestor=by
        )

    async def _act(self, transaction: str, action: str, amount: str) -> None:
        self.saleor.transaction_request_action(transaction, action, Decimal(amount))
        await self.saleor.settled()
        last = self.saleor.books()[transaction].events[-1]
        if last.type != f"{action}_SUCCESS":
            raise JourneyError(f"{action} of {amount} ended as {last.type}: {last.message}")

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait for what comes by itself. Raises TimeoutError."""
        async with asyncio.timeout(_PATIENCE):
            while not reached():  # noqa: ASYNC110 - Amazon's notice comes over HTTP, whenever it comes
                await asyncio.sleep(0.1)

    def subscription_app(self) -> InstalledApp:
        """The app that may charge without the buyer; installed once."""
        world = self.saleor.world
        known = next((each for each in world.apps if each.identifier == SUBSCRIPTIONS), None)
        if known is not None:
            return known
        app = InstalledApp(
            world.next_key("App"), SUBSCRIPTIONS, "Subscriptions", "1.0", "", "s" * 30, frozenset({HANDLE_PAYMENTS})
        )
        world.apps.append(app)
        return app


def transaction_of(result: SessionResult) -> str:
    """The id of a result's transaction. Raises JourneyError."""
    if result.transaction is None:
        raise JourneyError(f"no transaction: {result.errors}")
    return result.transaction.id


def expect(result: SessionResult, event: str) -> None:
    """Raises JourneyError if Saleor has another event."""
    found = result.event.type if result.event is not None else f"errors {result.errors}"
    if found != event:
        message = result.event.message if result.event is not None else ""
        raise JourneyError(f"expected {event}, Saleor has {found}: {message}")
