"""A postal address as Amazon gives it: one name, up to three lines. Read for its buyer, never kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class PostalAddress:
    """What a buyer chose to be sent to. Absent parts are empty; `country` is an ISO 3166 code of two letters."""

    name: str
    lines: tuple[str, ...]
    city: str
    district: str
    state: str
    postal_code: str
    country: str
    phone: str

    def __repr__(self) -> str:
        """Names nobody: an address must not reach a log."""
        return f"PostalAddress({self.country})"
