"""Money is exact, has its currency's digits, and never mixes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_amazonpay.domain.money import DIGITS, MAX_MINOR, InvalidMoneyError, Money

currencies = st.sampled_from(sorted(DIGITS))


@given(st.integers(0, MAX_MINOR), currencies)
def test_every_amount_survives_the_way_out_and_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(money.text, currency) == money
    assert Money.parse(money.decimal, currency) == money


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("5", "USD", 500), ("5.0", "USD", 500), ("5.00", "EUR", 500), ("0", "GBP", 0), ("500", "JPY", 500), (Decimal("34.9"), "EUR", 3490)],
)  # fmt: skip
def test_amounts_are_read_exactly(amount: Decimal | str, currency: str, minor: int) -> None:
    assert Money.parse(amount, currency).minor == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("5.001", "USD"), ("5.5", "JPY"), ("-1", "USD"), ("abc", "USD"), ("NaN", "USD"), ("Infinity", "USD"), ("1e30", "USD"), ("1", "XXX"), ("", "USD")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(InvalidMoneyError):
        Money.parse(amount, currency)


def test_amazon_gets_exactly_the_digits_of_the_currency() -> None:
    assert Money(1000, "USD").text == "10.00"
    assert Money(1000, "JPY").text == "1000"
    assert Money(5, "EUR").text == "0.05"


def test_currencies_do_not_mix_and_nothing_is_negative() -> None:
    with pytest.raises(InvalidMoneyError):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(InvalidMoneyError):
        Money(1, "USD") - Money(2, "USD")
    assert Money(3, "USD") - Money(1, "USD") == Money(2, "USD")
    assert not Money(0, "USD")
