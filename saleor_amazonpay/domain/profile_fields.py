"""Read and judge the fields of a profile, one by one, however they were typed in: by a page, an app or a shell.

In come texts, numbers, flags and lists; out come the values that a `Profile` holds, and every flaw that was found, so
that a form can show them all at once. What depends on a wire or on what is in the store is judged by the flow.
A flaw repeats what was entered only for fields that are no secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from saleor_amazonpay.domain.flaws import Flaw, FlawCode
from saleor_amazonpay.domain.money import DIGITS, InvalidMoneyError, Money
from saleor_amazonpay.domain.profile import UNLIMITED

SECRETS = ("secret_key", "client_secret", "private_key", "mws_auth_token")
DESCRIPTOR_LENGTH = 16
THRESHOLDS = (50, 80, 90, 100)

_WHOLE = 100  # per cent
_MAX_THRESHOLDS = 10
_MAX_LIST = 50
_MAX_SECRET = 8192

# Amazon publishes the length and no character set (contracts, amazon §1.5); these are on every card's statement.
_DESCRIPTOR = re.compile(r"[A-Za-z0-9 .,&*'/+-]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,30}[0-9]")
_EMAIL = re.compile(r"[^\s@,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ORIGIN_HOST = re.compile(r"(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?")
_APP = re.compile(r"[A-Za-z0-9._:=/-]{1,256}")
_PLAIN = re.compile(r"[!-~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


class _BadError(Exception):
    """One value is not what its field takes: what is wrong, and how to mend it."""

    def __init__(self, message: str, remedy: str, code: FlawCode = FlawCode.INVALID) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code


@dataclass(slots=True)
class Read:
    """What could be read of what was entered: values as a `Profile` holds them, new secrets, secrets to forget."""

    entered: frozenset[str] = frozenset()
    values: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    cleared: frozenset[str] = frozenset()
    flaws: list[Flaw] = field(default_factory=list)


def _text(limit: int) -> Callable[[Any], str]:
    def read(given: Any) -> str:
        if not isinstance(given, str):
            raise _BadError("This is not text.", "Enter text.")
        text = given.strip()
        if len(text) > limit:
            raise _BadError(f"It has {len(text)} characters, {limit} are allowed.", "Shorten it.", FlawCode.TOO_LONG)
        if _CONTROL.search(text):
            raise _BadError("It contains a line break or another control character.", "Enter it in one line.")
        return text

    return read


def _matching(pattern: re.Pattern[str], limit: int, wrong: str, remedy: str) -> Callable[[Any], str]:
    read = _text(limit)

    def checked(given: Any) -> str:
        text = read(given)
        if text and not pattern.fullmatch(text):
            raise _BadError(wrong, remedy)
        return text

    return checked


def _flag(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise _BadError("It is neither yes nor no.", "Enter true or false.")


def _decimal(given: Any) -> Decimal:
    if isinstance(given, bool | float) or not isinstance(given, str | int | Decimal):
        raise _BadError("This is not an exact number.", "Write it as text, such as 12.34.")
    try:
        number = Decimal(given.strip() if isinstance(given, str) else given)
    except InvalidOperation:
        raise _BadError("This is not a number.", "Write it with a point, such as 12.34.") from None
    if not number.is_finite():
        raise _BadError("This is not a number.", "Write it with a point, such as 12.34.")
    return number


def _basis_points(given: Any) -> int:
    number = _decimal(given)
    points = number * _WHOLE
    if not 0 <= number <= _WHOLE:
        raise _BadError("A percentage lies between 0 and 100.", "Enter 2.9 for 2.9 %.")
    if points != points.to_integral_value():
        raise _BadError("A percentage has at most two decimals.", "Round it, such as 2.95.")
    return int(points)


def _listed(given: Any) -> list[str]:
    parts: Iterable[Any] = given.split(",") if isinstance(given, str) else given
    found = list(dict.fromkeys(str(part).strip() for part in parts))
    if len(found) > _MAX_LIST:
        raise _BadError(f"There are more than {_MAX_LIST} entries.", "Remove some.", FlawCode.TOO_LONG)
    return [part for part in found if part]


def _thresholds(given: Any) -> tuple[int, ...]:
    try:
        found = sorted({int(part) for part in _listed(given)})
    except ValueError:
        raise _BadError("A threshold is a whole number of per cent.", "Enter such as 50, 80, 100.") from None
    if len(found) > _MAX_THRESHOLDS or not all(1 <= percent <= _WHOLE for percent in found):
        raise _BadError(
            f"Thresholds are at most {_MAX_THRESHOLDS} numbers from 1 to 100.", "Enter such as 50, 80, 100."
        )
    return tuple(found)


def _origin(text: str) -> str:
    parts = urlsplit(text.lower())
    plain = not (parts.query or parts.fragment or parts.username) and parts.path in {"", "/"}
    if parts.scheme not in {"http", "https"} or not plain or not _ORIGIN_HOST.fullmatch(parts.netloc):
        raise _BadError(f"{text!r} is not an origin.", "Enter scheme and host only, such as https://shop.example.com.")
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme == "http" and not local:
        raise _BadError(f"{text!r} is not encrypted.", "Use https; http is for localhost only.")
    return f"{parts.scheme}://{parts.netloc}"


def _origins(given: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_origin(text) for text in _listed(given)))


def _apps(given: Any) -> tuple[str, ...]:
    found = _listed(given)
    for name in found:
        if not _APP.fullmatch(name):
            raise _BadError(f"{name!r} is not an app's identifier.", "Enter what Saleor shows as the app's identifier.")
    return tuple(found)


def _currency(given: Any) -> str:
    code = str(given).strip().upper()
    if code not in DIGITS:
        raise _BadError(
            f"{str(given)[:8]!r} is not a currency of Amazon Pay.", f"Choose one of {', '.join(sorted(DIGITS))}."
        )
    return code


def _time_zone(given: Any) -> str:
    name = str(given).strip()
    if name not in available_timezones():
        raise _BadError(
            f"{name[:40]!r} is not a time zone.", "Enter an IANA name, such as Europe/Berlin or America/New_York."
        )
    return name


_PHONE_REMEDY = "Enter digits, with + and the country code in front: +1 206 555 0100."
_DESCRIPTOR_REMEDY = "Use letters, digits, spaces and . , & * ' / + - only."
_SELLER = _matching(
    re.compile(r"[A-Z0-9]{8,24}"), 24, "A Seller or Merchant ID is 8 to 24 capital letters and digits.",
    "Copy it from Seller Central, Integration Central.",
)  # fmt: skip
_KEY = _matching(_PLAIN, 256, "It contains a space or a character no key has.", "Copy it again, whole and alone.")

READERS: Mapping[str, Callable[[Any], Any]] = {
    "alias": _text(64),
    "wire": _text(16),
    "region": lambda given: _text(8)(given).lower(),
    "test_mode": _flag,
    "currency": _currency,
    "ledger_currency": _currency,
    "seller_id": _SELLER,
    "store_id": _KEY,
    "client_id": _KEY,
    "access_key": _KEY,
    "public_key_id": _KEY,
    "descriptor": _matching(
        _DESCRIPTOR, DESCRIPTOR_LENGTH, "It has a character that does not print everywhere.", _DESCRIPTOR_REMEDY
    ),
    "customer_service_number": _matching(_PHONE, 32, "This is not a telephone number.", _PHONE_REMEDY),
    "customer_service_email": _matching(
        _EMAIL, 254, "This is not an e-mail address.", "Enter such as help@example.com."
    ),
    "customer_service_sender": _text(50),  # Amazon refuses store names of more than 50 characters (contracts §8 no. 9)
    "time_zone": _time_zone,
    "cap_thresholds": _thresholds,
    "refunds_give_cap_back": _flag,
    "processing_percent": _basis_points,
    "reserve_percent": _basis_points,
    "shop_origins": _origins,
    "charging_apps": _apps,
    "allow_one_time": _flag,
    "allow_recurring": _flag,
    "capture_when_fulfilled": _flag,
    "release_when_cancelled": _flag,
}
_STORED_AS = {"processing_percent": "processing_bps", "reserve_percent": "reserve_bps"}
_MONEY = ("monthly_cap", "transaction_fee", "chargeback_fee")
_OTHERS = frozenset({*_MONEY, "unlimited", "clear_secrets", *SECRETS})
FIELDS = (*READERS, *_MONEY, "unlimited", *SECRETS, "clear_secrets")


def read(entered: Mapping[str, Any]) -> Read:
    """Read what was entered by field name, but for money; None means "not entered"."""
    found = Read(entered=frozenset(name for name, given in entered.items() if given is not None))
    for name, given in entered.items():
        if given is None:
            continue
        if name not in READERS:
            if name not in _OTHERS:
                found.flaws.append(Flaw(name, FlawCode.INVALID, "A profile has no such field.", "Leave it out."))
            continue
        _take(found, _STORED_AS.get(name, name), name, READERS[name], given)
    _read_secrets(found, entered)
    return found


def _take(found: Read, stored_as: str, name: str, reader: Callable[[Any], Any], given: Any) -> None:
    try:
        found.values[stored_as] = reader(given)
    except _BadError as bad:
        found.flaws.append(Flaw(name, bad.code, bad.message, bad.remedy))


def read_money(found: Read, entered: Mapping[str, Any], currency: str) -> None:
    """Read the amounts among what was entered, in a currency; without one ("") they are left for the next try."""

    def minor(given: Any) -> int:
        number = _decimal(given)
        if number < 0:
            raise _BadError("An amount is never negative.", "Enter 0 or more.")
        try:
            return Money.parse(number, currency).minor
        except InvalidMoneyError:
            raise _BadError(
                f"{number} is no amount in {currency}.", f"{currency} has {DIGITS[currency]} decimals; round it."
            ) from None

    unlimited = entered.get("unlimited")
    if unlimited is not None:
        _take(found, "unlimited", "unlimited", _flag, unlimited)
        if found.values.pop("unlimited", False):
            found.values["monthly_cap"] = UNLIMITED
            if entered.get("monthly_cap") is not None:
                text = "A cap and unlimited exclude each other."
                found.flaws.append(Flaw("unlimited", FlawCode.INVALID, text, "Enter one of the two."))
            entered = {name: value for name, value in entered.items() if name != "monthly_cap"}
        elif entered.get("monthly_cap") is None:
            text = "Without unlimited there has to be a cap."
            found.flaws.append(Flaw("monthly_cap", FlawCode.REQUIRED, text, "Enter an amount; 0 closes the profile."))
    for name in _MONEY:
        if entered.get(name) is not None and currency in DIGITS:
            _take(found, name, name, minor, entered[name])


def _read_secrets(found: Read, entered: Mapping[str, Any]) -> None:
    for name in SECRETS:
        given = entered.get(name)
        text = given.strip() if isinstance(given, str) else ""
        if given is not None and not isinstance(given, str):
            found.flaws.append(Flaw(name, FlawCode.INVALID, "This is not text.", "Enter it again."))
        elif len(text) > _MAX_SECRET:
            found.flaws.append(Flaw(name, FlawCode.TOO_LONG, "It is longer than any key.", "Copy it again."))
        elif text and name != "private_key" and not _PLAIN.fullmatch(text):
            message = "It contains a space, a line break or a character no key has."
            found.flaws.append(Flaw(name, FlawCode.INVALID, message, "Copy it again, whole and alone."))
        elif text:
            found.secrets[name] = text.replace("\r\n", "\n")
    try:
        cleared = frozenset(_listed(entered.get("clear_secrets") or ()))
    except _BadError:
        cleared = frozenset({"?"})
    if cleared - set(SECRETS):
        remedy = f"Name one of {', '.join(SECRETS)}."
        found.flaws.append(Flaw("clear_secrets", FlawCode.INVALID, "There is no such secret.", remedy))
    found.cleared = cleared & set(SECRETS) - set(found.secrets)
