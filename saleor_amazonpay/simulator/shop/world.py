"""The shop's state: channels, people, apps, checkouts, orders, transactions, granted refunds. All in memory.

In: what tests and flows create. Out: lookups by the API's ids. Time never stands still here: every call of `now` is
later than the one before, because the order of two events decides which of them counts.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from saleor_amazonpay.simulator.shop.catalogue import Catalogue
from saleor_amazonpay.simulator.shop.errors import RefusedError, RequestError
from saleor_amazonpay.simulator.shop.goods import (
    SAMPLE_ADDRESS,
    UNITED_STATES,
    CheckoutLine,
    CountryDisplay,
    Delivery,
    OrderLine,
    sample_variant,
    standard_delivery,
)
from saleor_amazonpay.simulator.shop.ids import BadIdError, global_id, split_id
from saleor_amazonpay.simulator.shop.ledger import GrantedRefund, TransactionEvent, TransactionItem
from saleor_amazonpay.simulator.shop.money import to_currency, untaxed
from saleor_amazonpay.simulator.shop.people import Channel, Flow, InstalledApp, Requestor, User
from saleor_amazonpay.simulator.shop.purchases import Checkout, Order, Purchase

MAX_TRANSACTIONS = 100  # per checkout or order, through sessions (contracts §6)

STAFF_TOKEN = "staff-token"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """Everything the shop knows. `clock` gives UTC times; it may be moved, it is never waited for."""

    def __init__(self, clock: Callable[[], datetime] = _utc_now) -> None:
        self._clock = clock
        self._last = datetime.min.replace(tzinfo=UTC)
        self._keys: Counter[str] = Counter()
        self.channels: dict[str, Channel] = {}
        self.users: list[User] = []
        self.apps: list[InstalledApp] = []
        self.checkouts: dict[str, Checkout] = {}
        self.orders: dict[str, Order] = {}
        self.transactions: dict[str, TransactionItem] = {}
        self.catalogue = Catalogue()
        self.granted_refunds: dict[int, GrantedRefund] = {}
        self.staff = self.user_create("staff@example.com", token=STAFF_TOKEN, is_staff=True)
        self.channel_create("default-channel", "USD")

    def now(self) -> datetime:
        """The clock's time, at least a microsecond later than the last answer."""
        self._last = max(self._clock(), self._last + timedelta(microseconds=1))
        return self._last

    def next_key(self, kind: str) -> int:
        """The next database key of a kind of object."""
        self._keys[kind] += 1
        return self._keys[kind]

    def channel_create(
        self, slug: str, currency: str, default_flow: Flow = "CHARGE", country: CountryDisplay = UNITED_STATES
    ) -> Channel:
        """A channel that sells in one currency."""
        key = self.next_key("Channel")
        self.channels[slug] = Channel(key, slug, f"Channel-{currency}", currency, country, default_flow)
        return self.channels[slug]

    def user_create(self, email: str, token: str | None = None, *, is_staff: bool = False) -> User:
        """A customer (or staff) with a token for the API."""
        user = User(self.next_key("User"), email, token or secrets.token_hex(15), is_staff=is_staff)
        self.users.append(user)
        return user

    def checkout_create(
        self,
        channel: str = "default-channel",
        total: Decimal | str | int = "40",
        user: User | None = None,
        email: str = "buyer@example.com",
        *,
        shipping_required: bool = True,
        lines: Sequence[tuple[int, Decimal | str]] = (),
    ) -> Checkout:
        """A checkout that costs `total`, in major units of the channel's currency.

        `lines` are quantities and prices of a whole line, the rest of the total is for sending them; without any it is
        one line over the total.
        """
        place, now, token = self.channels[channel], self.now(), str(uuid4())
        price = to_currency(Decimal(total), place.currency_code)
        checkout = Checkout(
            place,
            price,
            user,
            user.email if user is not None else email,
            shipping_required,
            now,
            now,
            token,
            SAMPLE_ADDRESS,
            SAMPLE_ADDRESS if shipping_required else None,
        )
        variant = sample_variant(shipping_required)
        for quantity, each in lines or [(1, price)]:
            cost = untaxed(to_currency(Decimal(each), place.currency_code), place.currency_code)
            unit = untaxed(to_currency(cost.gross.amount / quantity, place.currency_code), place.currency_code)
            key = global_id("CheckoutLine", uuid4())
            checkout.lines.append(CheckoutLine(key, quantity, unit, cost, cost.gross, shipping_required, variant))
        if shipping_required:
            method = standard_delivery(place.currency_code)
            checkout.shipping_methods = [method]
            checkout.delivery = Delivery(global_id("CheckoutDelivery", uuid4()), method)
        self.checkouts[token] = checkout
        return checkout

    def order_from(self, checkout: Checkout) -> Order:
        """Make the order: the transactions move to it and the checkout's row is gone (contracts §4.5)."""
        now, token = self.now(), str(uuid4())
        order = Order(
            checkout.channel,
            checkout.price,
            checkout.user,
            checkout.email,
            checkout.is_shipping_required,
            now,
            now,
            token,
            checkout.billing_address,
            checkout.shipping_address,
            transactions=list(checkout.transactions),
            number=str(self.next_key("Order")),
            checkout_id=checkout.id,
            lines=[
                OrderLine(global_id("OrderLine", uuid4()), line.variant.product.name, line.quantity, line.total_price)
                for line in checkout.lines
            ],
        )
        for transaction in order.transactions:
            transaction.checkout, transaction.order = None, order
        del self.checkouts[checkout.token]
        self.orders[token] = order
        return order

    def event_create(
        self,
        transaction: TransactionItem,
        kind: str,
        value: Decimal,
        *,
        created_at: datetime | None = None,
        psp: str | None = None,
        message: str = "",
        external_url: str = "",
        counted: bool = False,
        idempotency_key: str | None = None,
        created_by: Requestor = None,
        granted_refund: GrantedRefund | None = None,
    ) -> TransactionEvent:
        """Write one event to a transaction's ledger."""
        event = TransactionEvent(
            pk=self.next_key("TransactionEvent"),
            type=kind,
            value=value,
            currency=transaction.currency,
            created_at=created_at or self.now(),
            psp=psp,
            message=message,
            external_url=external_url,
            counted=counted,
            idempotency_key=idempotency_key,
            created_by=created_by,
            granted_refund=granted_refund,
        )
        transaction.ledger.append(event)
        return event

    def app(self, identifier: str) -> InstalledApp | None:
        """The installed, active app of that manifest id."""
        return next((app for app in self.apps if app.identifier == identifier and app.alive), None)

    def requestor(self, token: str) -> Requestor:
        """Who a bearer token belongs to; None, like anybody unknown, is anonymous (contracts §1.6)."""
        apps = (app for app in self.apps if app.alive and app.token == token)
        users = (user for user in self.users if user.token == token)
        return next(apps, None) or next(users, None)

    def source(self, purchase_id: str) -> Purchase:
        """The checkout or order a session is for. Raises RefusedError, RequestError."""
        try:
            typename, key = split_id(purchase_id)
        except BadIdError as error:
            raise RequestError(f"{error} Expected one of: Checkout, Order.") from error
        if typename not in ("Checkout", "Order"):
            message = f"Invalid ID: {purchase_id}. Expected one of: Checkout, Order, received: {typename}."
            raise RefusedError("id", "INVALID", message)
        found: Purchase | None = (self.checkouts if typename == "Checkout" else self.orders).get(key)
        if found is None:
            raise RefusedError("id", "NOT_FOUND", "`Order` or `Checkout` not found.")
        if len(found.transactions) >= MAX_TRANSACTIONS:
            limit = f"{typename} transactions limit of {MAX_TRANSACTIONS} reached."
            raise RefusedError("id", "INVALID", limit)
        return found

    def transaction(self, transaction_id: str) -> TransactionItem:
        """A transaction by its global id. Raises RefusedError, RequestError."""
        token = self._key(transaction_id, "TransactionItem")
        found = self.transactions.get(token)
        if found is None:
            raise RefusedError("id", "NOT_FOUND", f"Couldn't resolve to a node: {transaction_id}")
        return found

    def order(self, order_id: str) -> Order:
        """An order by its global id. Raises RefusedError, RequestError."""
        found = self.orders.get(self._key(order_id, "Order"))
        if found is None:
            raise RefusedError("id", "NOT_FOUND", f"Couldn't resolve to a node: {order_id}")
        return found

    def checkout(self, checkout_id: str) -> Checkout:
        """A checkout by its global id. Raises RefusedError, RequestError."""
        found = self.checkouts.get(self._key(checkout_id, "Checkout"))
        if found is None:
            raise RefusedError("id", "NOT_FOUND", f"Couldn't resolve to a node: {checkout_id}")
        return found

    def granted_refund(self, refund_id: str) -> GrantedRefund:
        """A granted refund by its global id. Raises RefusedError, RequestError."""
        key = self._key(refund_id, "OrderGrantedRefund")
        found = self.granted_refunds.get(int(key)) if key.isdigit() else None
        if found is None:
            raise RefusedError("grantedRefundId", "NOT_FOUND", f"Couldn't resolve to a node: {refund_id}")
        return found

    @staticmethod
    def _key(value: str, typename: str) -> str:
        try:
            found, key = split_id(value)
        except BadIdError as error:
            raise RequestError(f"{error} Expected: {typename}.") from error
        if found != typename:
            raise RequestError(f"Invalid ID: {value}. Expected: {typename}, received: {found}.")
        return key
