"""Reading the parameters of a request, strictly.

In come the decoded names and values, out come typed values or InvalidParameterValue. An optional parameter must be
left out; one that is sent empty is refused, as Amazon does (contracts §1.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from saleor_amazonpay.simulator.amazon.errors import MwsError, invalid
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.references import checked


class Params:
    """One request's parameters."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def need(self, name: str) -> str:
        """A required text."""
        value = self.values.get(name, "")
        if not value:
            raise MwsError("InvalidParameterValue", f"The parameter '{name}' is required")
        return value

    def text(self, name: str, longest: int = 0) -> str:
        """An optional text, at most `longest` characters (0: no published limit)."""
        value = self.values.get(name, "")
        if longest and len(value) > longest:
            raise MwsError("InvalidParameterValue", f"'{name}' is longer than {longest} characters")
        return value

    def has(self, prefix: str) -> bool:
        """Whether any parameter begins so."""
        return any(name.startswith(prefix) for name in self.values)

    def flag(self, name: str, *, default: bool) -> bool:
        """A boolean: `true` or `false`, nothing else."""
        value = self.values.get(name)
        if value is None:
            return default
        if value not in {"true", "false"}:
            raise invalid(name, value)
        return value == "true"

    def reference(self, name: str) -> str:
        """A required reference id."""
        return checked(self.need(name), name)

    def money(self, name: str) -> Money:
        """A required amount with its currency."""
        return Money.read(self.need(f"{name}.Amount"), self.need(f"{name}.CurrencyCode"), name)

    def optional_money(self, name: str) -> Money | None:
        """An amount, if either of its halves was sent."""
        return self.money(name) if self.has(f"{name}.") else None

    def timeout(self) -> int:
        """TransactionTimeout in minutes: 0, or a multiple of 5 up to 1440, the default (contracts §1.8)."""
        value = self.values.get("TransactionTimeout", "1440")
        if not value.isascii() or not value.isdecimal() or int(value) % 5 or int(value) > 1440:
            raise invalid("TransactionTimeout", value)
        return int(value)

    def moment(self, name: str) -> float | None:
        """An optional ISO 8601 moment."""
        value = self.values.get(name)
        if value is None:
            return None
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError as error:
            raise invalid(name, value) from error

    def numbered(self, prefix: str) -> list[str]:
        """The values of `prefix.1`, `prefix.2` and so on."""
        found: list[str] = []
        while f"{prefix}.{len(found) + 1}" in self.values:
            found.append(self.values[f"{prefix}.{len(found) + 1}"])
        return found

    def one_of(self, name: str, allowed: frozenset[str]) -> str:
        """An optional word out of a list."""
        value = self.text(name)
        if value and value not in allowed:
            raise invalid(name, value)
        return value
