"""Arguments of a root field, checked as Saleor's scalars and inputs check them.

In: JSON from variables or literals. Out: Python values. What GraphQL itself refuses (a wrong type, a missing required
value, an unknown key) is a RequestError for the whole request, not an entry in the mutation's `errors`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from saleor_amazonpay.simulator.shop.errors import RequestError


class Arguments:
    """The given arguments of one field or input object; explicit nulls count as not given."""

    def __init__(self, owner: str, given: Mapping[str, Any], known: Collection[str]) -> None:
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise RequestError(f'Unknown argument "{unknown[0]}" on "{owner}".')
        self._owner = owner
        self._given = {name: value for name, value in given.items() if value is not None}

    def any(self, name: str) -> Any:
        """JSON of any kind, or None."""
        return self._given.get(name)

    def text(self, name: str) -> str | None:
        """A string, or None."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, value, "String")
        return value

    def required(self, name: str) -> str:
        """A string that has to be there."""
        value = self.text(name)
        if value is None:
            raise RequestError(f'Argument "{name}" of "{self._owner}" is required but not provided.')
        return value

    def one_of(self, name: str, allowed: Collection[str]) -> str | None:
        """A member of an enum, or None."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise self._wrong(name, value, "enum value")
        return value

    def many_of(self, name: str, allowed: Collection[str] | None = None) -> list[str] | None:
        """A list of strings, of an enum if `allowed` is given, or None. A single value is a list of one."""
        value = self._given.get(name)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, str) or (allowed is not None and item not in allowed):
                raise self._wrong(name, item, "enum value" if allowed is not None else "String")
        return items

    def whole(self, name: str) -> int | None:
        """An integer from 0 on, or None."""
        value = self._given.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise self._wrong(name, value, "PositiveInt")
        return value

    def amount(self, name: str) -> Decimal | None:
        """A PositiveDecimal, 0 included, from a number or text; or None."""
        value = self._given.get(name)
        if value is None:
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation as error:
            raise self._wrong(name, value, "PositiveDecimal") from error
        if isinstance(value, bool) or not number.is_finite() or number < 0:
            raise self._wrong(name, value, "PositiveDecimal")
        return number

    def time(self, name: str) -> datetime | None:
        """A DateTime, or None; UTC where it names no offset."""
        value = self.text(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise self._wrong(name, value, "DateTime") from error
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

    def inner(self, name: str, known: Collection[str]) -> Arguments:
        """An input object; an empty one if it is not given."""
        value = self._given.get(name, {})
        if not isinstance(value, dict):
            raise self._wrong(name, value, "input object")
        return Arguments(f"{self._owner}.{name}", value, known)

    def inners(self, name: str, known: Collection[str]) -> list[Arguments] | None:
        """A list of input objects, or None."""
        value = self._given.get(name)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in items):
            raise self._wrong(name, value, "list of input objects")
        return [Arguments(f"{self._owner}.{name}", item, known) for item in items]

    def _wrong(self, name: str, value: Any, kind: str) -> RequestError:
        return RequestError(f'Argument "{name}" of "{self._owner}" has invalid value {value!r}: expected {kind}.')
