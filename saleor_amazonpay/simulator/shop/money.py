"""Money as Saleor shows and rounds it: decimals inside, JSON floats outside.

In and out: decimals in major units. Rounding is half-even, to the currency for what the API is given, to three decimals
for what an app answers to a webhook (contracts §3.1, §4.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

ZERO = Decimal(0)

_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units of a currency."""

    typename: ClassVar[str] = "Money"
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class TaxedMoney:
    """A price; this shop's prices carry no tax."""

    typename: ClassVar[str] = "TaxedMoney"
    gross: Money
    net: Money
    tax: Money


def untaxed(amount: Decimal, currency: str) -> TaxedMoney:
    """A price without tax."""
    money = Money(amount, currency)
    return TaxedMoney(money, money, Money(ZERO, currency))


def to_currency(amount: Decimal, currency: str) -> Decimal:
    """The amount in the digits of its currency. Raises decimal.InvalidOperation beyond 28 digits."""
    return amount.quantize(Decimal(1).scaleb(-_DIGITS.get(currency, 2)))
