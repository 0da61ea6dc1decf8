"""Checkouts of the small Saleor on their way to being paid, for scenarios that look at one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from saleor_amazonpay.simulator.amazon import AmazonWorld
from saleor_amazonpay.simulator.amazon.entities import Merchant, OrderReference
from saleor_amazonpay.simulator.shop.people import User
from saleor_amazonpay.store import agreements, operations
from saleor_amazonpay.store.agreements import Agreement
from tests.journeys.stage import RECURRING, Stage

SHOP = "https://shop.example.com"
URLS = {"successUrl": f"{SHOP}/ok", "failureUrl": f"{SHOP}/no"}


@dataclass
class Cart:
    """One checkout, the agreement its buyer opened at Amazon, and the last answer of the transaction."""

    play: Stage
    total: str = "40.00"
    data: dict[str, Any] = field(default_factory=dict)
    by: Any = None
    channel: str = "default-channel"
    shipping: bool = True
    last: Any = None

    def __post_init__(self) -> None:
        self.checkout = self.play.saleor.checkout_create(
            self.channel,
            self.total,
            self.by if isinstance(self.by, User) else None,
            shipping_required=self.shipping,
        )

    async def begin(self, action: Any = "CHARGE", **changes: Any) -> str:
        """`transactionInitialize`, and Amazon's page where it comes next; returns the type of Saleor's event."""
        self.data = {**self.data, **changes}
        self.last = await self.play.saleor.transaction_initialize(
            self.checkout.id, self.play.gateway, self.data, action=action, requestor=self.by
        )
        await self._at_amazon(self.data)
        return self.event

    async def go_on(self, **changes: Any) -> str:
        """`transactionProcess` with the same data, but for what is named here (None: without it)."""
        data = {key: value for key, value in {**self.data, **changes}.items() if value is not None}
        self.last = await self.play.saleor.transaction_process(self.transaction, data, requestor=self.by)
        await self._at_amazon(data)
        return self.event

    async def _at_amazon(self, data: dict[str, Any]) -> None:
        """On Checkout v2 the buyer pays on Amazon's page and comes back."""
        if self.play.hands.v2 and isinstance(self.last.data, dict) and self.last.data.get("code") == "amazon_redirect":
            self.play.amazon.pay.finish(data["amazonCheckoutSessionId"])
            self.last = await self.play.saleor.transaction_process(self.transaction, data, requestor=self.by)

    async def staff(self, action: str, amount: str) -> str:
        return await self.play.act(self.transaction, action, amount)

    @property
    def transaction(self) -> str:
        return str(self.last.transaction.id)

    @property
    def event(self) -> str:
        return str(self.last.event.type)

    @property
    def code(self) -> str:
        return str(self.last.data["code"])

    @property
    def agreement_id(self) -> str:
        return next(iter(self.by_id.values()))

    @property
    def by_id(self) -> dict[str, Any]:
        """What names the agreement in a later purchase, without a proof that it is the caller's."""
        return self.play.hands.by_id(self.data)

    def later(self, by: Any = None, **more: Any) -> Cart:
        """Another purchase on the agreement, of the customer if nobody else is named."""
        return Cart(self.play, data=self.by_id, by=by or self.play.customer, **more)

    @property
    def orders(self) -> list[OrderReference]:
        """The order references Amazon has of this agreement."""
        return self.play.amazon.books.agreements[self.agreement_id].orders

    @property
    def order(self) -> OrderReference:
        (only,) = self.orders
        return only

    @property
    def amounts(self) -> Any:
        return self.play.saleor.books()[self.transaction].amounts

    @property
    def events(self) -> list[str]:
        """The types of Saleor's events, the requests of the session itself left out."""
        return [event.type for event in self.play.saleor.books()[self.transaction].events[1:]]

    def choose(self, behaviour: Any, object_id: str = "") -> None:
        """The buyer chooses another card in the Wallet that is shown for an agreement or order reference."""
        amazon: AmazonWorld = self.play.amazon
        card = amazon.add_card(amazon.books.agreements[self.agreement_id].buyer.buyer_id, behaviour)
        amazon.change_payment_method(object_id or self.agreement_id, card.card_id)

    async def bound(self) -> Agreement | None:
        """The agreement as the ledger has it."""
        tenant = await self.play.deps.directory.tenant(self.play.saleor.api_url)
        assert tenant is not None
        return await self.play.deps.store.read(lambda tx: agreements.of_tenant(tx, tenant.id, self.agreement_id))

    async def rows(self) -> list[operations.Operation]:
        """The ledger's operations of the transaction."""
        tenant = await self.play.deps.directory.tenant(self.play.saleor.api_url)
        assert tenant is not None
        return await self.play.deps.store.read(lambda tx: operations.of_transaction(tx, tenant.id, self.transaction))


def cart(play: Stage, *, recurring: bool = True, guest: bool = False, behaviour: Any = None, **more: Any) -> Cart:
    """A checkout whose buyer has signed in at Amazon and chosen a card; `more` goes to the cart or to the widgets."""
    about = {key: more.pop(key) for key in ("total", "channel", "shipping") if key in more}
    if behaviour is not None:
        more["card_id"] = play.amazon.add_card(play.amazon.buyer.buyer_id, behaviour).card_id
    data = play.buyer_data(**more)
    if not recurring:
        del data["recurring"]
    return Cart(play, data=data, by=None if guest else play.customer, **about)


def once(play: Stage, **more: Any) -> Cart:
    """A one-time sale: no consent is ticked, and none is asked for."""
    if not play.hands.v2:
        more["consent"] = False
    return cart(play, recurring=False, **more)


async def europe(play: Stage, region: str = "uk") -> Merchant:
    """A second merchant where customers must authenticate, with a profile and a channel of its own."""
    merchant = play.amazon.create_merchant(region=region)
    play.saleor.channel_create("europe", merchant.currency)
    play.demo.shop_url = SHOP
    await play.demo.seed_profile(merchant=merchant, channel="europe")
    return merchant


def european(play: Stage, merchant: Merchant, *, recurring: bool = True, **more: Any) -> Cart:
    """A checkout of the channel in Europe, with the addresses Amazon's confirmation page returns to."""
    made = cart(play, recurring=recurring, merchant=merchant, channel="europe", consent=recurring, **more)
    made.data |= URLS
    return made


def agreed(amount: str | None = None) -> dict[str, Any]:
    """What asks the buyer to agree to later charges."""
    return {"recurring": {**RECURRING, **({"amount": amount} if amount else {})}}
