"""Amounts as Amazon sees them: a decimal and a currency, checked on the way in, written in Amazon's ways.

In come texts from a request; out come `Money` or a refusal. Amazon accepts no more decimals than the currency
has and no thousands separator (contracts §8 no. 8), so nothing here ever rounds what a caller sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from saleor_amazonpay.simulator.amazon.errors import MwsError, invalid

# What Amazon's own client lists as currencies (contracts §0); Canadian dollars are in no list of Amazon's.
CURRENCIES = frozenset({"USD", "EUR", "GBP", "JPY", "AUD", "ZAR", "CHF", "NOK", "DKK", "SEK", "NZD", "HKD"})
_WHOLE = frozenset({"JPY"})
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
_WHOLE_AMOUNT = re.compile(r"[0-9]{1,12}", re.ASCII)

# Per authorization, capture or refund (contracts §1.5). For yen nobody published one; a hundredfold is assumed.
_CEILING = Decimal(150_000)
_CEILING_YEN = Decimal(15_000_000)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units."""

    amount: Decimal
    currency: str

    @classmethod
    def read(cls, amount: str, currency: str, field: str) -> Money:
        """Check what a request names.

        Raises MwsError InvalidParameterValue, CurrencyUnsupported, TransactionAmountExceeded.
        """
        if currency not in CURRENCIES:
            raise MwsError("CurrencyUnsupported", f"The currency {currency} is not supported")
        pattern = _WHOLE_AMOUNT if currency in _WHOLE else _AMOUNT
        if pattern.fullmatch(amount) is None:
            raise invalid(f"{field}.Amount", amount)
        value = Decimal(amount)
        if not value:
            raise invalid(f"{field}.Amount", amount)
        if value > (_CEILING_YEN if currency in _WHOLE else _CEILING):
            raise MwsError("TransactionAmountExceeded", f"{field} of {amount} {currency} is more than is allowed")
        return cls(value, currency)

    def of(self, amount: Decimal) -> Money:
        """Another amount of the same currency."""
        return Money(amount, self.currency)

    @property
    def zero(self) -> Money:
        """Nothing, in the same currency."""
        return Money(Decimal(0), self.currency)

    @property
    def text(self) -> str:
        """As the API writes it: `5.00`, and `500` for yen."""
        return f"{self.amount:.0f}" if self.currency in _WHOLE else f"{self.amount:.2f}"

    @property
    def ipn_text(self) -> str:
        """As notifications write it: at least one decimal and no needless zero, `5.0` or `5.25`."""
        short = f"{self.amount:.2f}"
        return short.removesuffix("0")


def overage(captured: Money) -> Decimal:
    """What may be refunded beyond a capture: the lesser of 15 % and 75 (8,400 yen), contracts §1.5."""
    return min(captured.amount * 15 / 100, Decimal(8400 if captured.currency in _WHOLE else 75))
