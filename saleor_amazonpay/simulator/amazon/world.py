"""The simulated Amazon: its rules, and what buyers, Amazon itself and test authors do behind the API.

In come the deeds that no merchant's API call can do (signing in, ticking consent, closing an agreement at Amazon,
moving the clock ...), out come changed books and due notifications. One event loop uses one world.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import Literal

from saleor_amazonpay.http import Http
from saleor_amazonpay.simulator.amazon.agreements import Agreements
from saleor_amazonpay.simulator.amazon.authorizations import Authorizations
from saleor_amazonpay.simulator.amazon.captures import Captures
from saleor_amazonpay.simulator.amazon.clock import SimClock
from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import (
    LEDGER,
    Address,
    Agreement,
    Authorization,
    Behaviour,
    Buyer,
    Capture,
    Card,
    CardConstraint,
    Chargeback,
    Merchant,
    OrderReference,
    Outcome,
    Refund,
    Token,
)
from saleor_amazonpay.simulator.amazon.faults import Faults
from saleor_amazonpay.simulator.amazon.life import FINAL_ORDER
from saleor_amazonpay.simulator.amazon.orders import Orders, wrong_state
from saleor_amazonpay.simulator.amazon.references import References
from saleor_amazonpay.simulator.amazon.refunds import Refunds
from saleor_amazonpay.simulator.amazon.seller_central import SellerCentral
from saleor_amazonpay.simulator.amazon.sns import SnsSigner
from saleor_amazonpay.simulator.amazon.throttle import Throttle
from saleor_amazonpay.simulator.amazon.v2.keys import KeyPair
from saleor_amazonpay.simulator.amazon.v2.pay import Pay

Sleep = Callable[[float], Awaitable[None]]
TOKEN_LIFE = 3600.0


class NoConfirmationError(ValueError):
    """The buyer has no confirmation page before her."""


class AmazonWorld(Core):
    """Amazon Pay on this machine.

    Args:
        clock: the simulated time; real time if None.
        http: the way notifications leave; without one `deliver_due` sends nothing.
        seed: makes the ids the same each time.
        signer: the SNS key; the process's own if None.
        sleep: how delay faults wait.
    """

    def __init__(
        self,
        clock: SimClock | None = None,
        http: Http | None = None,
        *,
        seed: int | None = None,
        signer: SnsSigner | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(clock, seed=seed, signer=signer)
        self.http = http
        self.sleep = sleep
        self.throttling = False
        self.throttle = Throttle()
        self.faults = Faults()
        self.references = References()
        self.pages: dict[tuple[str, str], tuple[list[OrderReference], int]] = {}
        self.turn = 0  # requests answered; varies the order of answers' children
        self.agreements = Agreements(self)
        self.orders = Orders(self)
        self.captures = Captures(self, self.orders)
        self.refunds = Refunds(self)
        self.authorizations = Authorizations(self, self.agreements, self.orders, self.captures)
        self.seller_central = SellerCentral(self, self.authorizations, self.captures, self.refunds)
        self.pay = Pay(self)

    @classmethod
    def demo(
        cls, *, ipn_url: str = "", clock: SimClock | None = None, http: Http | None = None, seed: int | None = None
    ) -> AmazonWorld:
        """A world with one US sandbox merchant and one buyer who has a card of every behaviour."""
        world = cls(clock, http, seed=seed)
        merchant = world.create_merchant(
            seller_id="A2DEMOSELLER01",
            access_key="AKIADEMOACCESSKEY001",
            secret_key="demo-secret-key-of-the-simulator-0000001",
            client_id="amzn1.application-oa2-client.demo",
            ipn_url=ipn_url,
        )
        pair = KeyPair.shared()
        merchant.public_keys["SANDBOX-DEMOKEY0000000000001"] = pair.public
        merchant.private_key = pair.private
        world.create_buyer(buyer_id="amzn1.account.DEMOBUYER", cards=Behaviour)
        return world

    # ---- who there is

    @property
    def merchant(self) -> Merchant:
        """The first merchant."""
        return self.books.merchants[0]

    @property
    def buyer(self) -> Buyer:
        """The first buyer."""
        return next(iter(self.books.buyers.values()))

    def create_merchant(
        self,
        *,
        seller_id: str = "",
        access_key: str = "",
        secret_key: str = "",
        client_id: str = "",
        mws_auth_token: str = "",
        region: str = "us",
        sandbox: bool = True,
        name: str = "Demo Shop",
        ipn_url: str = "",
        monthly_limit: Decimal | None = None,
    ) -> Merchant:
        """A seller in one environment; what is left out is drawn. Raises ValueError if it exists already."""
        draw = self.ids.text
        merchant = Merchant(
            seller_id=seller_id or draw(14),
            access_key=access_key or f"AKIA{draw(16)}",
            secret_key=secret_key or draw(40),
            client_id=client_id or f"amzn1.application-oa2-client.{draw(32).lower()}",
            region=region,
            sandbox=sandbox,
            mws_auth_token=mws_auth_token or f"amzn.mws.{self.ids.uuid()}",
            name=name,
            ipn_url=ipn_url,
            store_id=f"amzn1.application-oa2-client.{draw(32).lower()}",
        )
        if region not in LEDGER:
            raise ValueError(f"{region!r} is no region")
        if self.find_merchant(merchant.seller_id, sandbox=sandbox) is not None:
            raise ValueError(f"{merchant.key} exists already")
        default = Decimal(100_000) if merchant.currency == "JPY" else merchant.monthly_limit
        merchant.monthly_limit = default if monthly_limit is None else monthly_limit
        self.books.merchants.append(merchant)
        return merchant

    def find_merchant(self, seller_id: str, *, sandbox: bool) -> Merchant | None:
        """By seller id and environment."""
        return next(
            (each for each in self.books.merchants if each.seller_id == seller_id and each.sandbox is sandbox), None
        )

    def merchant_by_key(self, access_key: str, *, sandbox: bool) -> Merchant | None:
        """By access key and environment."""
        return next(
            (each for each in self.books.merchants if each.access_key == access_key and each.sandbox is sandbox), None
        )

    def create_buyer(
        self,
        *,
        buyer_id: str = "",
        name: str = "Jane Doe",
        email: str = "jane.doe@example.com",
        address: Address | None = None,
        cards: Iterable[Behaviour] = (Behaviour.OK,),
    ) -> Buyer:
        """A person with cards in the given order; the first is the one she pays with."""
        drawn = buyer_id or f"amzn1.account.{self.ids.text(28)}"
        buyer = Buyer(drawn, name, email, address or Address(name=name))
        self.books.buyers[drawn] = buyer
        for each in cards:
            self.add_card(drawn, each)
        return buyer

    def add_card(self, buyer_id: str, behaviour: Behaviour = Behaviour.OK, *, allowed: bool = True) -> Card:
        """Put a card into a wallet."""
        card = Card(f"card-{self.ids.text(8).lower()}", behaviour, allowed)
        self.books.buyers[buyer_id].cards[card.card_id] = card
        return card

    def issue_token(self, buyer_id: str, merchant: Merchant, life: float = TOKEN_LIFE) -> Token:
        """What the browser gets when a buyer signs in at a merchant's page."""
        now = self.now()
        token = Token(f"Atza|{self.ids.text(64)}", buyer_id, merchant.client_id, now, now + life)
        self.books.tokens[token.token] = token
        return token

    def token(self, text: str) -> Token | None:
        """A token that is still alive."""
        found = self.books.tokens.get(text)
        return found if found is not None and self.now() < found.expires_at else None

    # ---- what buyers do

    def open_agreement(
        self,
        buyer_id: str = "",
        merchant: Merchant | None = None,
        *,
        card_id: str | None = "",
        consent: bool = True,
        address: bool = True,
        needs_address: bool = True,
    ) -> tuple[Agreement, Token]:
        """Sign in and choose in the widgets: a Draft agreement and the access token.

        A `card_id` of "" is the buyer's first card, None is no choice. `needs_address`: the page has an AddressBook.
        """
        seller, buyer, card = self._choice(buyer_id, merchant, card_id)
        agreement = self.agreements.open(
            seller,
            buyer,
            card,
            buyer.address if address else None,
            consent=consent,
            needs_address=needs_address,
        )
        return agreement, self.issue_token(buyer.buyer_id, seller)

    def open_order(
        self,
        buyer_id: str = "",
        merchant: Merchant | None = None,
        *,
        card_id: str | None = "",
        address: bool = True,
        needs_address: bool = True,
    ) -> tuple[OrderReference, Token]:
        """The same for a one-time order reference."""
        seller, buyer, card = self._choice(buyer_id, merchant, card_id)
        order = self.orders.open(seller, buyer, card, buyer.address if address else None, needs_address=needs_address)
        return order, self.issue_token(buyer.buyer_id, seller)

    def tick_consent(self, agreement_id: str, *, consent: bool = True) -> None:
        """Tick, or untick, the box in the Consent widget."""
        self.books.agreements[agreement_id].consent = consent

    def change_payment_method(self, object_id: str, card_id: str, *, on_amazon: bool = False) -> None:
        """Choose another card for an agreement or order: in the shop's Wallet widget, or on Amazon's own pages."""
        self.tick()
        agreement = self.books.agreements.get(object_id)
        if agreement is not None:
            card = agreement.buyer.cards[card_id]
            self.agreements.change_method(agreement, card, self.now(), on_amazon=on_amazon)
            return
        order = self.books.orders[object_id]
        order.card = order.buyer.cards[card_id]
        order.method_failed = False

    def change_address(self, agreement_id: str, address: Address | None) -> None:
        """Choose another shipping address, or none."""
        self.tick()
        self.agreements.change_address(self.books.agreements[agreement_id], address)

    def close_agreement(self, agreement_id: str, by: Literal["buyer", "amazon"] = "buyer") -> None:
        """End an agreement on Amazon's side. Raises MwsError if it is not Open or Suspended."""
        self.tick()
        reason = "BuyerClosed" if by == "buyer" else "AmazonClosed"
        self.agreements.close(self.books.agreements[agreement_id], reason)

    def finish_confirmation(self, object_id: str, outcome: Outcome) -> str:
        """The buyer leaves Amazon's page (contracts §1.10); returns where she is sent.

        `object_id` is an agreement's or order's. Only Success opens it; after Failure or Abandoned the seller may
        confirm again. Raises ValueError if no page is open, MwsError if the object ended meanwhile.
        """
        self.tick()
        subject = self.books.agreements.get(object_id) or self.books.orders[object_id]
        page = subject.confirmation
        if page is None:
            raise NoConfirmationError(f"no confirmation of {object_id} is under way")
        if outcome == "Success":
            if isinstance(subject, Agreement):
                self.agreements.pass_confirmation(subject)
            else:
                self.orders.pass_confirmation(subject, expect_authorization=page.expect_authorization)
        subject.confirmation = None
        url = page.success_url if outcome == "Success" else page.failure_url
        return f"{url}{'&' if '?' in url else '?'}AuthenticationStatus={outcome}"

    # ---- what Amazon does

    def spoil_card(self, buyer_id: str, card_id: str, constraint: CardConstraint) -> None:
        """A card expired, was deleted ...: Open agreements that are paid with it are Suspended (contracts §6.1)."""
        self.tick()
        card = self.books.buyers[buyer_id].cards[card_id]
        card.constraint = constraint
        for each in self.books.agreements.values():
            if each.card is card:
                self.agreements.suspend(each, self.now())
        self.pay.permissions.spoiled(card, self.now())

    def cancel_agreement(self, agreement_id: str) -> None:
        """AmazonCanceled: its orders and open authorizations go too."""
        self.tick()
        agreement = self.books.agreements[agreement_id]
        self.agreements.cancel(agreement, self.now(), "AmazonCanceled")
        self.orders.cancel_all(agreement, self.now())

    def cancel_order_reference(self, order_id: str) -> None:
        """AmazonCanceled: its open authorizations go too. Raises MwsError if it is over."""
        self.tick()
        order = self.books.orders[order_id]
        if order.status.state in FINAL_ORDER:
            raise wrong_state(order)
        self.orders.undo(order, self.now(), "AmazonCanceled")

    def close_capture(self, capture_id: str) -> None:
        """AmazonClosed: nothing can be refunded any more. Raises MwsError if it is not Completed."""
        self.tick()
        self.captures.close(self.books.captures[capture_id])

    def settle_refund(self, refund_id: str, state: str = "Completed", reason: str = "") -> Refund:
        """Decide a Pending refund now."""
        self.tick()
        refund = self.books.refunds[refund_id]
        self.refunds.settle(refund, state, reason, self.now())
        return refund

    def settle_capture(self, capture_id: str, state: str = "Completed", reason: str = "") -> Capture:
        """Decide a Pending capture now."""
        self.tick()
        capture = self.books.captures[capture_id]
        self.captures.settle(capture, state, reason, self.now())
        return capture

    def refund_in_seller_central(
        self, capture_id: str, amount: Decimal | None = None, type_: str = "SellerInitiated"
    ) -> Refund:
        """A refund staff made at Amazon: no reference id of the shop's. All that is left if no amount is given."""
        self.tick()
        return self.seller_central.refund(capture_id, amount, type_)

    def capture_in_seller_central(self, authorization_id: str, amount: Decimal | None = None) -> Capture:
        """A capture staff made at Amazon. Raises MwsError if the authorization is not Open."""
        self.tick()
        return self.seller_central.capture(authorization_id, amount)

    def charge_elsewhere(self, agreement_id: str, amount: Decimal) -> Authorization:
        """Another system of the seller's charges an agreement. Raises MwsError if it is not Open."""
        self.tick()
        return self.seller_central.charge(agreement_id, amount)

    def charge_back(
        self, capture_id: str, amount: Decimal | None = None, reason: str = "Generic Service Chargeback"
    ) -> Chargeback:
        """A chargeback, of the whole capture if no amount is given."""
        self.tick()
        return self.seller_central.charge_back(capture_id, amount, reason)

    def win_charge_back(self, chargeback_id: str) -> Chargeback:
        """A chargeback ends for the seller."""
        self.tick()
        return self.seller_central.win(chargeback_id)

    # ---- time and notifications

    def tick(self) -> None:
        """Let everything happen that is due by now."""
        self.agenda.run(self.now())

    def advance(self, seconds: float) -> None:
        """Move the clock and let everything happen that became due."""
        self.clock.advance(seconds)
        self.tick()

    async def deliver_due(self) -> int:
        """Post the notifications that are due; how many posts were made."""
        self.tick()
        return 0 if self.http is None else await self.notifications.deliver_due(self.http)

    def _choice(
        self, buyer_id: str, merchant: Merchant | None, card_id: str | None
    ) -> tuple[Merchant, Buyer, Card | None]:
        self.tick()
        buyer = self.books.buyers[buyer_id] if buyer_id else self.buyer
        if card_id == "":
            card_id = next(iter(buyer.cards), None)
        return merchant or self.merchant, buyer, None if card_id is None else buyer.cards[card_id]
