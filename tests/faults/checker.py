"""Counts what went wrong, from outside: Amazon's books, Saleor's books, and what shoppers and staff did and saw.

The app's ledger is never asked, and nothing of the app is imported: what it believes cannot excuse it.
Amazon's objects are found through the agreement that the shopper chose, not through anything the app wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Self

from saleor_amazonpay.simulator.amazon import AmazonWorld
from saleor_amazonpay.simulator.amazon.entities import Authorization, Refund
from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.amounts import Amounts

ZERO = Decimal(0)
_TAKEN = frozenset({"Completed", "Closed"})
_GIVEN = frozenset({"Completed", "Pending"})


@dataclass
class Sale:
    """One payment as people know it: amounts in major units.

    `asked` holds each wish of staff once, however often they had to press. `shown` is what each of them saw.
    """

    transaction: str
    agreement: str
    purchase: str
    total: Decimal
    flow: str
    asked: list[tuple[str, Decimal]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    known: frozenset[str] | None = None  # Amazon's objects when the shopper had paid another way

    def wanted(self, action: str) -> Decimal:
        return sum((amount for word, amount in self.asked if word == action), ZERO)

    def gave_up(self, amazon: AmazonWorld) -> None:
        """The shopper was shown a failure and has paid otherwise: from now on nothing new may be taken for this."""
        self.known = frozenset(_objects(amazon, self))


@dataclass
class Count:
    """What must all be zero."""

    double_charges: int = 0
    double_refunds: int = 0
    charged_after_failure: int = 0
    lost_payments: int = 0
    unfinished: int = 0
    cents: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not any(self.numbers().values())

    def numbers(self) -> dict[str, int]:
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "notes"}

    def add(self, name: str, sale: Sale, why: str, by: int = 1) -> None:
        setattr(self, name, getattr(self, name) + by)
        self.notes.append(f"{name}: {why} (transaction {sale.transaction}, shown {sale.shown})")

    def __iadd__(self, other: Count) -> Self:
        for name, number in other.numbers().items():
            setattr(self, name, getattr(self, name) + number)
        self.notes += other.notes
        return self


def check(saleor: Shop, amazon: AmazonWorld, sales: Iterable[Sale]) -> Count:
    """Hold every sale against both books. To be called when the storm is over."""
    count = Count()
    sales = list(sales)
    for sale in sales:
        _check_sale(count, saleor, amazon, sale)
    for purchase in {sale.purchase for sale in sales}:
        mine = [sale for sale in sales if sale.purchase == purchase]
        if sum((_covered(amazon, sale) for sale in mine), ZERO) < mine[-1].total:
            count.add("unfinished", mine[-1], "a shopper who wanted to pay has not paid")
    agreements = {sale.agreement for sale in sales}
    for each in amazon.books.authorizations.values():
        if each.order.agreement is None or each.order.agreement.agreement_id not in agreements:
            count.add("double_charges", sales[-1], f"{each.authorization_id} was made for nobody")
    return count


@dataclass(frozen=True)
class _Facts:
    """One sale as Amazon has it, and as Saleor shows it."""

    captured: Decimal
    reserved: Decimal
    given: Decimal  # refunds, also those that are under way
    refund_open: bool
    saleor: Amounts

    @property
    def charged(self) -> Decimal:
        return self.captured - self.given


def _check_sale(count: Count, saleor: Shop, amazon: AmazonWorld, sale: Sale) -> None:
    made = _authorizations(amazon, sale)
    refunds = _refunds(made)
    facts = _Facts(
        captured=_captured(made),
        reserved=sum((each.amount.amount for each in made if each.status.state == "Open"), ZERO),
        given=sum((each.amount.amount for each in refunds if each.status.state in _GIVEN), ZERO),
        refund_open=any(each.status.state == "Pending" for each in refunds),
        saleor=saleor.books()[sale.transaction].amounts,
    )
    _twice(count, sale, facts)
    if sale.known is not None and (new := _objects(amazon, sale) - sale.known):
        count.add("charged_after_failure", sale, f"{sorted(new)} came after the shopper had paid otherwise")
    _difference(count, sale, facts)
    _unfinished(count, sale, facts)
    for granted in saleor.world.granted_refunds.values():
        if granted.transaction.id == sale.transaction and granted.status != "SUCCESS":
            count.add("unfinished", sale, f"the granted refund is {granted.status}")


def _twice(count: Count, sale: Sale, facts: _Facts) -> None:
    wanted = sale.total if sale.flow == "CHARGE" else sale.wanted("CHARGE")
    if facts.captured > wanted or facts.captured + facts.reserved > sale.total:
        count.add("double_charges", sale, f"captured {facts.captured}, reserved {facts.reserved}, asked {wanted}")
    if facts.given > sale.wanted("REFUND"):
        count.add("double_refunds", sale, f"refunded {facts.given}, asked {sale.wanted('REFUND')}")


def _difference(count: Count, sale: Sale, facts: _Facts) -> None:
    books = facts.saleor
    if books.charged + books.refund_pending != facts.charged:  # a refund under way is counted as unfinished
        count.add("lost_payments", sale, f"Amazon took {facts.charged}, Saleor shows {books.charged}")
    differences = [books.charged - facts.charged, books.refunded - facts.given]
    if facts.reserved or sale.wanted("CANCEL"):  # else Saleor's rest is what may still be asked of the agreement
        differences.append(books.authorized - facts.reserved)
    cents = int(sum(abs(each) for each in differences) * 100)
    if cents:
        count.add("cents", sale, f"Saleor's charged, refunded and authorized differ by {differences}", cents)


def _unfinished(count: Count, sale: Sale, facts: _Facts) -> None:
    books = facts.saleor
    waiting = books.authorize_pending + books.charge_pending + books.refund_pending + books.cancel_pending
    if waiting:
        count.add("unfinished", sale, f"Saleor still waits for {waiting}")
    if facts.refund_open:
        count.add("unfinished", sale, "a refund is still pending at Amazon")
    for action, done in (("CHARGE", facts.captured), ("REFUND", facts.given)):
        if done < sale.wanted(action):
            count.add("unfinished", sale, f"{action}: {done} of the {sale.wanted(action)} that staff asked for")
    if sale.wanted("CANCEL") and facts.reserved:
        count.add("unfinished", sale, f"{facts.reserved} is still reserved though staff released it")


def _authorizations(amazon: AmazonWorld, sale: Sale) -> list[Authorization]:
    orders = amazon.books.agreements[sale.agreement].orders
    return [each for order in orders for each in order.authorizations]


def _captured(made: list[Authorization]) -> Decimal:
    return sum((each.amount.amount for auth in made for each in auth.captures if each.status.state in _TAKEN), ZERO)


def _refunds(made: list[Authorization]) -> list[Refund]:
    return [refund for auth in made for capture in auth.captures for refund in capture.refunds]


def _covered(amazon: AmazonWorld, sale: Sale) -> Decimal:
    """What Amazon holds or has taken; a reservation that lapsed or was released was one."""
    made = _authorizations(amazon, sale)
    if sale.flow == "CHARGE":
        return _captured(made)
    return max((each.amount.amount for each in made if each.status.state != "Declined"), default=ZERO)


def _objects(amazon: AmazonWorld, sale: Sale) -> set[str]:
    """Everything that takes or holds money of this agreement."""
    made = [each for each in _authorizations(amazon, sale) if each.status.state != "Declined"]
    return {each.authorization_id for each in made} | {
        capture.capture_id for each in made for capture in each.captures if capture.status.state in _TAKEN
    }
