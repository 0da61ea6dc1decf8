"""Checkouts and orders: what is paid for, and how far it is paid (contracts §4.5).

The two differ where it matters: money that is only asked for counts for a checkout and does not for an order. So an
order can be made on a pending payment and then show itself unpaid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from saleor_amazonpay.simulator.shop.goods import (
    Address,
    CheckoutLine,
    Delivery,
    Fulfillment,
    OrderLine,
    ShippingMethod,
)
from saleor_amazonpay.simulator.shop.ids import global_id
from saleor_amazonpay.simulator.shop.ledger import GrantedRefund, TransactionItem
from saleor_amazonpay.simulator.shop.money import ZERO, Money, TaxedMoney, to_currency, untaxed
from saleor_amazonpay.simulator.shop.people import Channel, MetadataItem, User


def charge_status(charged: Decimal, total: Decimal, *, free: bool) -> str:
    """NONE, PARTIAL, FULL or OVERCHARGED; a purchase that costs nothing is FULL."""
    if charged <= ZERO:
        return "FULL" if free else "NONE"
    if charged < total:
        return "PARTIAL"
    return "FULL" if charged == total else "OVERCHARGED"


def authorize_status(covered: Decimal, total: Decimal, *, free: bool) -> str:
    """NONE, PARTIAL or FULL; charged money covers as well as authorized money."""
    if free:
        return "FULL"
    if covered == ZERO:
        return "NONE"
    if covered >= total:
        return "FULL"
    return "PARTIAL" if covered > ZERO else "NONE"


@dataclass(slots=True, eq=False)
class _Purchase:
    """What checkouts and orders have in common."""

    channel: Channel
    price: Decimal
    user: User | None
    email: str
    is_shipping_required: bool
    created: datetime
    updated_at: datetime
    token: str
    billing_address: Address | None
    shipping_address: Address | None
    transactions: list[TransactionItem] = field(default_factory=list)
    metadata: list[MetadataItem] = field(default_factory=list)
    language_code: str = "EN_US"
    voucher_code: str | None = None

    @property
    def currency(self) -> str:
        """The channel's currency."""
        return self.channel.currency_code

    @property
    def uncovered(self) -> Decimal:
        """What is left to pay when no amount is named: total less what each transaction holds or waits for."""
        left = self.price
        for transaction in self.transactions:
            held = transaction.amounts
            left -= max(held.authorized, held.charged) + held.authorize_pending + held.charge_pending
        return to_currency(left, self.currency) if left >= ZERO else ZERO

    def charged(self) -> Decimal:
        """The sum charged over all transactions."""
        return sum((item.amounts.charged for item in self.transactions), ZERO)

    @property
    def total_balance(self) -> Money:
        """Charged less total: negative while something is owed."""
        return Money(self.charged() - self.price, self.currency)

    @property
    def discount(self) -> Money:
        """None is ever given."""
        return Money(ZERO, self.currency)


@dataclass(slots=True, eq=False)
class Checkout(_Purchase):
    """A checkout. Its row is gone once it has become an order."""

    typename: ClassVar[str] = "Checkout"
    lines: list[CheckoutLine] = field(default_factory=list)
    delivery: Delivery | None = None
    shipping_methods: list[ShippingMethod] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.token)

    @property
    def delivery_method(self) -> ShippingMethod | None:
        """How it is sent, if it is."""
        return self.delivery.shipping_method if self.delivery is not None else None

    @property
    def total_price(self) -> TaxedMoney:
        """What is to be paid."""
        return untaxed(self.price, self.currency)

    @property
    def subtotal_price(self) -> TaxedMoney:
        """The lines."""
        return untaxed(self.price, self.currency)

    @property
    def shipping_price(self) -> TaxedMoney:
        """Sending is free."""
        return untaxed(ZERO, self.currency)

    def _charged_or_pending(self) -> Decimal:
        pending = (item.amounts.charge_pending for item in self.transactions)
        return self.charged() + sum(pending, ZERO)

    @property
    def charge_status(self) -> str:
        """Pending charges count."""
        charged = self._charged_or_pending()
        return charge_status(charged, self.price, free=self.price <= ZERO and bool(self.lines))

    @property
    def authorize_status(self) -> str:
        """Pending authorizations and charges count."""
        held = (item.amounts.authorized + item.amounts.authorize_pending for item in self.transactions)
        covered = self._charged_or_pending() + sum(held, ZERO)
        return authorize_status(covered, self.price, free=self.price <= ZERO and bool(self.lines))


@dataclass(slots=True, eq=False)
class Order(_Purchase):
    """An order. `checkout_id` is the global id of the checkout it was made from."""

    typename: ClassVar[str] = "Order"
    number: str = ""
    checkout_id: str | None = None
    status: str = "UNFULFILLED"
    granted_refunds: list[GrantedRefund] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)
    fulfillments: list[Fulfillment] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.token)

    @property
    def user_email(self) -> str:
        """The buyer's mail address."""
        return self.email

    @property
    def total(self) -> TaxedMoney:
        """What is to be paid."""
        return untaxed(self.price, self.currency)

    @property
    def owed(self) -> Decimal:
        """The total less what was granted as refunds."""
        return max(self.price - sum((refund.value for refund in self.granted_refunds), ZERO), ZERO)

    @property
    def charge_status(self) -> str:
        """Only what was charged counts."""
        charged = self.charged()
        return charge_status(charged, self.owed, free=charged == ZERO and self.price == ZERO)

    @property
    def authorize_status(self) -> str:
        """Only what was authorized or charged counts."""
        covered = self.charged() + sum((item.amounts.authorized for item in self.transactions), ZERO)
        return authorize_status(covered, self.owed, free=covered == ZERO and self.price == ZERO)

    @property
    def total_authorized(self) -> Money:
        """The sum authorized over all transactions."""
        return Money(sum((item.amounts.authorized for item in self.transactions), ZERO), self.currency)

    @property
    def total_charged(self) -> Money:
        """The sum charged over all transactions."""
        return Money(self.charged(), self.currency)


Purchase = Checkout | Order
