"""Reading the JSON body of a request, strictly (contracts §5.4, §8 no. 8 and 9).

In comes what was sent, out come checked values or a refusal with Amazon's code. A field that the call does not have is
refused, an amount is a text with no more decimals than its currency, a frequency's value is a text.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.v2.entities import Json
from saleor_amazonpay.simulator.amazon.v2.errors import PayError, invalid, missing

_UNITS = frozenset({"Year", "Month", "Week", "Day", "Variable"})


def body_of(raw: bytes, allowed: Iterable[str]) -> Json:
    """The object that was sent. Raises PayError."""
    try:
        body = msgspec.json.decode(raw or b"{}", type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PayError("InvalidRequestFormat", "The body is no JSON object") from error
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        raise PayError("UnrecognizedField", f"The field '{unknown[0]}' is not recognized")
    return {name: value for name, value in body.items() if value is not None}


def part(body: Json, name: str, allowed: Iterable[str] = ()) -> Json:
    """A nested object; empty if it is not there."""
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise invalid(name, value)
    unknown = sorted(set(value) - set(allowed)) if allowed else []
    if unknown:
        raise PayError("UnrecognizedField", f"The field '{name}.{unknown[0]}' is not recognized")
    return {key: each for key, each in value.items() if each is not None}


def text(body: Json, name: str, longest: int = 0, *, needed: bool = False) -> str:
    """A text."""
    value = body.get(name, "")
    if not isinstance(value, str) or (longest and len(value) > longest):
        raise invalid(name, value)
    if needed and not value:
        raise missing(name)
    return value


def flag(body: Json, name: str, *, default: bool = False) -> bool:
    """A boolean."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise invalid(name, value)
    return value


def money(body: Json, name: str, *, currency: str = "") -> Money | None:
    """An amount, if it is there. Raises PayError InvalidParameterValue, CurrencyMismatch."""
    if name not in body:
        return None
    value = part(body, name, ("amount", "currencyCode"))
    amount, code = value.get("amount"), value.get("currencyCode")
    if not isinstance(amount, str):
        raise invalid(f"{name}.amount", amount)
    if not isinstance(code, str):
        raise missing(f"{name}.currencyCode")
    try:
        read = Money.read(amount, code, name)
    except MwsError as error:
        # The rules of amounts are v1's; their codes are not.
        code_ = error.code if error.code == "TransactionAmountExceeded" else "InvalidParameterValue"
        raise PayError(code_, error.message) from error
    if currency and read.currency != currency:
        raise PayError("CurrencyMismatch", f"The currency of {name} has to be {currency}")
    return read


def needed_money(body: Json, name: str, *, currency: str = "") -> Money:
    """An amount that has to be there."""
    found = money(body, name, currency=currency)
    if found is None:
        raise missing(name)
    return found


def written(amount: Money | None) -> Json | None:
    """An amount in an answer."""
    return None if amount is None else {"amount": amount.text, "currencyCode": amount.currency}


def recurring(body: Json) -> Json | None:
    """RecurringMetadata as it was sent, if it is sound."""
    if "recurringMetadata" not in body:
        return None
    metadata = part(body, "recurringMetadata", ("frequency", "amount"))
    frequency = part(metadata, "frequency", ("unit", "value"))
    if frequency.get("unit") not in _UNITS:
        raise invalid("recurringMetadata.frequency.unit", frequency.get("unit"))
    value = frequency.get("value")
    if not isinstance(value, str) or not value.isdecimal():
        raise invalid("recurringMetadata.frequency.value", value)
    return {"frequency": frequency, "amount": written(money(metadata, "amount"))}
