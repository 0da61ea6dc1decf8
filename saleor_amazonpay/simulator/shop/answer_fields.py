"""The single fields of an app's answer, accepted and refused as Saleor does (contracts §3.1).

In: JSON values. Out: what Saleor stores. Saleor reads these fields with pydantic, and what that library takes for a
number, a time or a URL is the contract, down to its corner cases; so the scalars are read with it here too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import HttpUrl, TypeAdapter, ValidationError

MAX_MESSAGE = 512
MAX_PSP_REFERENCE = 512  # the column; a longer one passes validation and then fails to be stored
MAX_URL = 200
MAX_WHOLE_DIGITS = 17  # of the 20 that the column has

_TEXT = TypeAdapter[str](str)
_NUMBER = TypeAdapter[Decimal](Decimal)
_WHOLE = TypeAdapter[int](int)
_TIME = TypeAdapter[datetime](datetime)
_URL = TypeAdapter[HttpUrl](HttpUrl)


class AnswerRefusedError(ValueError):
    """The answer breaks a rule: Saleor books a failure with this text, whatever happened to the money."""


class AnswerCrashError(Exception):
    """The answer breaks Saleor itself: an internal server error, or a background task that dies."""


def missing(name: str, body: Mapping[str, Any]) -> AnswerRefusedError:
    """A required field is not there."""
    return AnswerRefusedError(f"Missing value for field: {name}. Input: {body}.")


def wrong(name: str, value: Any, why: str) -> AnswerRefusedError:
    """A field has a value that is not taken."""
    return AnswerRefusedError(f"Incorrect value ({value}) for field: {name}. Error: {why}.")


def _scalar(adapter: TypeAdapter[Any], name: str, value: Any) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise wrong(name, value, error.errors()[0]["msg"]) from error


def psp_reference(body: Mapping[str, Any], *, required: bool) -> str | None:
    """A string, and no number; null only where it is optional. The empty one is taken (contracts §4.3)."""
    value = body.get("pspReference")
    if value is None and not required:
        return None
    if "pspReference" not in body:
        raise missing("pspReference", body)
    text: str = _scalar(_TEXT, "pspReference", value)
    return text


def amount(body: Mapping[str, Any], requested: Decimal) -> Decimal:
    """What the answer says, in three decimals; what was requested where it says nothing, or 0."""
    value = body.get("amount")
    if value is None:
        return requested
    number: Decimal = _scalar(_NUMBER, "amount", value)
    try:
        rounded = number.quantize(Decimal("0.001"))
    except InvalidOperation as error:
        raise AnswerCrashError(f"{number} cannot be rounded") from error
    return rounded or requested


def time(body: Mapping[str, Any]) -> datetime | None:
    """An ISO 8601 text, or a number since the epoch; UTC where it names no offset; None for now."""
    value = body.get("time")
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise wrong("time", value, "Expected ISO 8601 format") from error
    moment: datetime = _scalar(_TIME, "time", value)
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def external_url(body: Mapping[str, Any]) -> str:
    """An absolute http(s) URL in its normal form; "" only by leaving it out or null."""
    value = body.get("externalUrl")
    return "" if value is None else str(_scalar(_URL, "externalUrl", value))


def message(body: Mapping[str, Any]) -> str:
    """Anything, as text, cut to what the column holds."""
    return truncate(str(body.get("message") or ""))


def truncate(text: str) -> str:
    """At most 512 characters, the last one an ellipsis if cut, never between a letter and its accents."""
    text = unicodedata.normalize("NFC", text)
    if len(text) <= MAX_MESSAGE:
        return text
    end = MAX_MESSAGE - 1
    while end and unicodedata.combining(text[end]):
        end -= 1
    return f"{text[:end]}…"


def actions(body: Mapping[str, Any]) -> list[str] | None:
    """The known actions, upper case, each once; unknown ones are dropped, None keeps what there is."""
    value = body.get("actions")
    if value is None:
        return None
    if not isinstance(value, list):
        raise wrong("actions", value, "Input should be a valid list")
    known = [entry for entry in value if entry in ("CHARGE", "REFUND", "CANCEL")]
    return list(dict.fromkeys(known))


@dataclass(frozen=True, slots=True)
class PaymentMethodDetails:
    """How the buyer paid; `typename` says which kind, and what a kind does not have stays empty."""

    typename: str
    name: str
    brand: str | None = None
    first_digits: str | None = None
    last_digits: str | None = None
    last_chars: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None


_Reader = Callable[[str, Any], Any]


def _text(limit: int) -> _Reader:
    def read(name: str, value: Any) -> Any:
        text: str = _scalar(_TEXT, name, value)
        if len(text) > limit:
            raise wrong(name, value, f"String should have at most {limit} characters")
        return text

    return read


def _whole(low: int, high: int | None) -> _Reader:
    def read(name: str, value: Any) -> Any:
        number: int = _scalar(_WHOLE, name, value)
        if number < low or (high is not None and number > high):
            raise wrong(name, value, f"Input should be from {low} to {high or 'any year'}")
        return number

    return read


_OPTIONAL: Mapping[str, Mapping[str, tuple[str, _Reader]]] = {
    "OTHER": {},
    "CARD": {
        "brand": ("brand", _text(40)),
        "firstDigits": ("first_digits", _text(4)),
        "lastDigits": ("last_digits", _text(4)),
        "expMonth": ("exp_month", _whole(1, 12)),
        "expYear": ("exp_year", _whole(2000, None)),
    },
    "GIFT_CARD": {"brand": ("brand", _text(40)), "lastChars": ("last_chars", _text(4))},
}
_TYPENAMES = {
    "OTHER": "OtherPaymentMethodDetails",
    "CARD": "CardPaymentMethodDetails",
    "GIFT_CARD": "GiftCardPaymentMethodDetails",
}


def payment_method_details(body: Mapping[str, Any]) -> PaymentMethodDetails | None:
    """The details if they are flawless. Any flaw in them refuses the whole answer (contracts §3.1)."""
    value = body.get("paymentMethodDetails")
    if value is None:
        return None
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in _OPTIONAL:
        raise wrong("paymentMethodDetails", value, "Unable to find a known type in it")
    if "name" not in value:
        raise missing("paymentMethodDetails", value)
    read: dict[str, Any] = {"name": _text(256)("paymentMethodDetails", value["name"])}
    for key, (attribute, reader) in _OPTIONAL[kind].items():
        if value.get(key) is not None:
            read[attribute] = reader("paymentMethodDetails", value[key])
    return PaymentMethodDetails(_TYPENAMES[kind], **read)
