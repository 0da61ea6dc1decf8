"""What a storefront sends as `data` with a session event.

In: the raw JSON of `data`, written by anybody (contracts §7 C35). Out: `SessionData`, or one clear error that
names the key. Known keys are typed and bounded, unknown keys are ignored, nothing at all is the same as no
data. Nothing in here is trusted: ids are looked up, tokens are checked with Amazon, URLs are held against the
profile's shop origins.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

import msgspec

from saleor_amazonpay.domain.errors import AmazonPayError

# Ids, a token and two URLs fit many times over; more is no storefront of ours.
MAX_BYTES = 16 * 1024

_AmazonId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]
_Token = Annotated[str, msgspec.Meta(min_length=1, max_length=4096, pattern=r"^[!-~]+\Z")]
_Url = Annotated[str, msgspec.Meta(max_length=2048, pattern=r"^https?://[!-~]+\Z")]
_Attempt = Annotated[int, msgspec.Meta(ge=1, le=99)]
_Amount = Annotated[Decimal, msgspec.Meta(description="a JSON number, or its text")]
_Count = Annotated[str, msgspec.Meta(max_length=3, pattern=r"^[0-9]+\Z")]

Read = TypeVar("Read")

_KEY = re.compile(r"`\$\.?([^`]*)`\Z")


class SessionDataError(AmazonPayError):
    """The storefront's `data` can not be used; nothing was done. `message` repeats no value, only the key."""

    code = "data_invalid"

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key
        self.message = message


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    pass


class Frequency(_Data, frozen=True):
    """How often a recurring payment comes, in Amazon's words: `{"unit": "Month", "value": "1"}`."""

    unit: Literal["Year", "Month", "Week", "Day", "Variable"]
    value: _Count


class Recurring(_Data, frozen=True):
    """The buyer is asked to agree to later charges. `amount` is in the currency of the transaction."""

    frequency: Frequency
    amount: _Amount | None = None


class SessionData(_Data, frozen=True):
    """The keys a storefront may send; every one is optional."""

    amazon_billing_agreement_id: Annotated[
        _AmazonId | None, msgspec.Meta(description="v1: the agreement the buyer opened in the widgets, or a saved one")
    ] = None
    access_token: Annotated[
        _Token | None,
        msgspec.Meta(description="the buyer's Login with Amazon token; needed until the agreement was confirmed"),
    ] = None
    recurring: Annotated[
        Recurring | None,
        msgspec.Meta(description="the buyer agrees to later charges; without it this one purchase is paid"),
    ] = None
    attempt: Annotated[
        _Attempt | None,
        msgspec.Meta(description="the attempt this transactionProcess is for: the number that the last answer gave"),
    ] = None
    success_url: Annotated[
        _Url | None,
        msgspec.Meta(
            description="where Amazon's confirmation page returns to (Checkout v2; v1 in the EU and the UK); on one of"
            " the profile's shop origins"
        ),
    ] = None
    failure_url: Annotated[
        _Url | None, msgspec.Meta(description="the same, for a buyer who did not pass or left the page")
    ] = None
    authentication_status: Annotated[
        Literal["Success", "Failure", "Abandoned"] | None,
        msgspec.Meta(
            description="the AuthenticationStatus that Amazon's page put on the return URL; a hint, Amazon is asked"
        ),
    ] = None
    amazon_checkout_session_id: Annotated[
        _AmazonId | None,
        msgspec.Meta(description="Checkout v2: the session the buyer comes back with, for a first payment"),
    ] = None
    charge_permission_id: Annotated[
        _AmazonId | None, msgspec.Meta(description="Checkout v2: a saved agreement, for every later payment")
    ] = None
    may_pend: Annotated[
        bool,
        msgspec.Meta(
            description="the shop can wait up to a day for Amazon's decision; without it Amazon decides at once"
        ),
    ] = False

    def __repr__(self) -> str:
        """Names the keys that are there, and no value: the access token must not reach a log."""
        present = [name for name in self.__struct_fields__ if getattr(self, name) not in {None, False}]
        return f"SessionData({', '.join(present)})"


class Delivery(_Data, frozen=True):
    """Where the shop delivers to, for Amazon's address page."""

    countries: Annotated[list[Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}\Z")]], msgspec.Meta(max_length=250)] = []
    po_boxes: bool = True
    packstations: bool = True


class PageData(_Data, frozen=True):
    """What a shop page sends as `data` with paymentGatewayInitialize; every key is optional."""

    return_url: Annotated[
        _Url | None,
        msgspec.Meta(
            description="Checkout v2: where the buyer comes back to after choosing at Amazon; on one of the profile's"
            " shop origins"
        ),
    ] = None
    cancel_url: Annotated[_Url | None, msgspec.Meta(description="the same, for a buyer who chose nothing")] = None
    shipping: Annotated[
        bool | None,
        msgspec.Meta(description="whether Amazon asks for an address; the checkout's own need if it is left out"),
    ] = None
    recurring: Annotated[Recurring | None, msgspec.Meta(description="the buyer is asked to agree to later charges")] = (
        None
    )
    delivery: Annotated[Delivery | None, msgspec.Meta(description="addresses that Amazon does not offer")] = None


_DECODER = msgspec.json.Decoder(SessionData | None)
_PAGE_DECODER = msgspec.json.Decoder(PageData | None)


def read(raw: bytes) -> SessionData:
    """Read the JSON text of `data`; null, `{}` and nothing at all are data without any key.

    Raises SessionDataError.
    """
    data = _decoded(raw, _DECODER) or SessionData()
    _check(data.recurring)
    return data


def read_page(raw: bytes) -> PageData:
    """Read the `data` of a paymentGatewayInitialize in the same way. Raises SessionDataError."""
    data = _decoded(raw, _PAGE_DECODER) or PageData()
    _check(data.recurring)
    return data


def _decoded(raw: bytes, decoder: msgspec.json.Decoder[Read]) -> Read | None:
    if len(raw) > MAX_BYTES:
        raise SessionDataError("data", f"data is larger than {MAX_BYTES} bytes")
    if not raw:
        return None
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _named(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SessionDataError("data", "data is no JSON that can be read") from error


def _check(recurring: Recurring | None) -> None:
    amount = recurring.amount if recurring is not None else None
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise SessionDataError("data.recurring.amount", "data.recurring.amount: expected an amount of 0 or more")


def _named(error: msgspec.ValidationError) -> SessionDataError:
    """Put the key first where msgspec says "Expected `str`, got `int` - at `$.accessToken`"."""
    text = str(error)
    found = _KEY.search(text)
    path = found.group(1) if found is not None else ""
    key = f"data.{path}" if path else "data"
    return SessionDataError(key, f"{key}: {text.partition(' - at ')[0]}")
