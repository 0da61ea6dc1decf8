"""Money as integer minor units with an ISO 4217 code.

Decimals exist only at the edges (JSON of Saleor, text of Amazon). Floats never do: Saleor sends JSON numbers, which
the JSON reader hands over as `Decimal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# Currencies an Amazon Pay merchant account can charge in (the official v1 SDK's currency list, and CAD, which
# sticky.io's gateway offers although no list of Amazon's has it), with their number of decimal places.
DIGITS = {
    "USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "CAD": 2, "AUD": 2, "ZAR": 2, "CHF": 2,
    "NOK": 2, "DKK": 2, "SEK": 2, "NZD": 2, "HKD": 2,
}  # fmt: skip

# Amazon takes at most 150,000.00 in one call; anything near the limits of BIGINT is not an amount.
MAX_MINOR = 10**15


class InvalidMoneyError(ValueError):
    """An amount that is not a finite number in the digits of its currency, or a currency Amazon Pay has not."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents, yen) of one currency; never negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in DIGITS:
            raise InvalidMoneyError(f"{self.currency!r} is not a currency of Amazon Pay")
        if not 0 <= self.minor <= MAX_MINOR:
            raise InvalidMoneyError(f"{self.minor} minor units are out of range")

    @classmethod
    def parse(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Read an exact decimal: `5`, `5.0` and `5.00` are the same, `5.001` USD and `5.5` JPY are refused.

        Raises InvalidMoneyError.
        """
        digits = DIGITS.get(currency)
        if digits is None:
            raise InvalidMoneyError(f"{currency!r} is not a currency of Amazon Pay")
        try:
            value = Decimal(amount)
        except (InvalidOperation, ValueError, TypeError) as error:
            raise InvalidMoneyError(f"{amount!r} is not an amount") from error
        if not value.is_finite() or abs(value) > MAX_MINOR:
            raise InvalidMoneyError(f"{amount!r} is not an amount")
        minor = value.scaleb(digits)
        if minor != minor.to_integral_value():
            raise InvalidMoneyError(f"{amount} has more decimals than {currency} ({digits})")
        return cls(int(minor), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount with exactly the currency's digits: 1000 USD minor units are `Decimal('10.00')`."""
        return Decimal(self.minor).scaleb(-DIGITS[self.currency])

    @property
    def text(self) -> str:
        """The amount as both Amazon wires want it: plain digits, a point, the currency's decimals."""
        return f"{self.decimal:f}"

    def __str__(self) -> str:
        return f"{self.text} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __bool__(self) -> bool:
        return self.minor > 0

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise InvalidMoneyError(f"{self.currency} and {other.currency} do not mix")
        return other.minor
