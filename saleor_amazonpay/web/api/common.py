"""What all types of the API share: money, pages, errors, warnings.

Names begin with AmazonPay, because a gateway puts them beside Saleor's own; only `PageInfo` and `DateTime` mean the
same thing there.
"""

from __future__ import annotations

import base64
import decimal
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from saleor_amazonpay.domain import flaws
from saleor_amazonpay.domain.money import DIGITS, Money
from saleor_amazonpay.web.api.enums import ErrorCode, WarningCode


def _decimal(value: Any) -> decimal.Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError('write the number as text, such as "12.34"')  # noqa: TRY004 - what the library catches
    try:
        number = decimal.Decimal(value)
    except decimal.InvalidOperation as error:
        raise ValueError(f"{value!r} is not a decimal number") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a decimal number")
    return number


DecimalText = strawberry.scalar(
    name="AmazonPayDecimal",
    description='An exact decimal number as text, such as "12.34". Never a float.',
    serialize=lambda value: f"{value:f}",
    parse_value=_decimal,
)


Decimal = NewType("Decimal", decimal.Decimal)  # the Python side of `AmazonPayDecimal`

SCALARS: dict[object, ScalarDefinition] = {Decimal: DecimalText}


@strawberry.type(name="AmazonPayMoney", description="An amount in the currency's own digits.")
class MoneyType:
    """`Money` as the API shows it."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, minor: int, currency: str) -> MoneyType:
        """From minor units, which may be negative in balances."""
        return cls(amount=Decimal(decimal.Decimal(minor).scaleb(-DIGITS[currency])), currency=currency)

    @classmethod
    def of_money(cls, money: Money) -> MoneyType:
        """From a domain amount."""
        return cls.of(money.minor, money.currency)


@strawberry.federation.type(shareable=True)
class PageInfo:
    """As Saleor's. Pages go forward only: `hasPreviousPage` says whether the page began after a cursor."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(name="AmazonPayError", description="Why nothing was changed, and how to mend it.")
class ErrorType:
    """`Flaw` as the API shows it."""

    field: str | None = strawberry.field(description="The input field it is about; null if it is none.")
    code: ErrorCode
    message: str = strawberry.field(description="What is wrong. One sentence, fit to be shown.")
    remedy: str = strawberry.field(description="What to do about it. One sentence, fit to be shown.")


@strawberry.type(name="AmazonPayWarning", description="Something to know; it holds nothing up.")
class WarningType:
    """`Note` as the API shows it."""

    field: str | None
    code: WarningCode
    message: str
    remedy: str


def errors_of(found: Iterable[flaws.Flaw]) -> list[ErrorType]:
    """What a flow found wrong."""
    return [ErrorType(field=_camel(f.field), code=ErrorCode(f.code), message=f.message, remedy=f.remedy) for f in found]


def warnings_of(found: Iterable[flaws.Note]) -> list[WarningType]:
    """What a flow wants to be known."""
    return [
        WarningType(field=_camel(f.field), code=WarningCode(f.code), message=f.message, remedy=f.remedy) for f in found
    ]


def _camel(name: str) -> str | None:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest) if name else None


def moment(milliseconds: int) -> datetime:
    """Milliseconds UTC as the API's DateTime."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def moment_or_none(milliseconds: int) -> datetime | None:
    """The same; 0 means never."""
    return moment(milliseconds) if milliseconds else None


Position = tuple[int, str]


def cursor(position: Position) -> str:
    """A row's place in a list, as an opaque text."""
    return base64.urlsafe_b64encode(f"{position[0]}:{position[1]}".encode()).decode().rstrip("=")


def position(text: str | None) -> Position | None:
    """The place that a cursor names. Raises GraphQLError for a text that is none."""
    if not text:
        return None
    try:
        at, _, key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
        return int(at), key
    except ValueError:
        raise GraphQLError("`after` is not a cursor of this list.", extensions={"code": "BAD_CURSOR"}) from None


def page_info(cursors: Sequence[str], after: str | None, *, more: bool) -> PageInfo:
    """The PageInfo of a page."""
    return PageInfo(
        has_next_page=more,
        has_previous_page=bool(after),
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
