"""The eight amounts of a transaction, derived from its events as Saleor derives them (contracts §4.2, §4.3).

In: the counted events of one transaction. Out: amounts in major units. Nothing is ever added to an earlier result: the
amounts are made anew from the whole ledger, so that type, psp reference, amount and time of the events decide alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from saleor_amazonpay.simulator.shop.money import ZERO


@dataclass(frozen=True, slots=True)
class Entry:
    """What the amounts depend on in an event: Saleor's upper-case type, psp reference, major units, time."""

    type: str
    psp_reference: str | None
    amount: Decimal
    created_at: datetime


@dataclass(slots=True)
class Amounts:
    """A transaction's amounts in major units. Only the authorized ones are kept from going below zero."""

    authorized: Decimal = ZERO
    authorize_pending: Decimal = ZERO
    charged: Decimal = ZERO
    charge_pending: Decimal = ZERO
    refunded: Decimal = ZERO
    refund_pending: Decimal = ZERO
    canceled: Decimal = ZERO
    cancel_pending: Decimal = ZERO

    def add(self, column: str, amount: Decimal) -> None:
        """Add to the amount of that name."""
        setattr(self, column, getattr(self, column) + amount)


@dataclass(frozen=True, slots=True)
class _Kind:
    settled: str
    pending: str
    source: str | None  # where settled and pending money of this kind is taken from


_KINDS = {
    "AUTHORIZATION": _Kind("authorized", "authorize_pending", None),
    "CHARGE": _Kind("charged", "charge_pending", "authorized"),
    "REFUND": _Kind("refunded", "refund_pending", "charged"),
    "CANCEL": _Kind("canceled", "cancel_pending", "authorized"),
}
_ROLES = {"REQUEST", "SUCCESS", "FAILURE", "ADJUSTMENT", "BACK", "REVERSE"}


def amounts_of(events: Iterable[Entry]) -> Amounts:
    """Derive the amounts. Events of equal time keep the order in which they are given."""
    totals = Amounts()
    groups: dict[str, dict[str, dict[str, Entry]]] = {kind: {} for kind in _KINDS}
    for event in _since_adjustment(sorted(events, key=lambda event: event.created_at)):
        kind, role = _kind_and_role(event)
        if not event.psp_reference:
            _add_manual(totals, event)
        elif kind in groups and role in _ROLES:
            # Of several events of one type under one reference only the last is looked at.
            groups[kind].setdefault(event.psp_reference, {})[role] = event
    for kind, references in groups.items():
        for roles in references.values():
            _add_group(totals, _KINDS[kind], roles)
    totals.authorized = max(totals.authorized, ZERO)
    totals.authorize_pending = max(totals.authorize_pending, ZERO)
    return totals


def _kind_and_role(event: Entry) -> tuple[str, str]:
    kind, _, role = event.type.partition("_")
    return kind, role


def _since_adjustment(events: list[Entry]) -> list[Entry]:
    """The events without the authorization events that are older than the last adjustment, which replaces them.

    Authorization events come first in the result: an adjustment sets what all others then change.
    """
    authorizations = [event for event in events if _kind_and_role(event)[0] == "AUTHORIZATION"]
    others = [event for event in events if _kind_and_role(event)[0] != "AUTHORIZATION"]
    for index in range(len(authorizations) - 1, -1, -1):
        if authorizations[index].type == "AUTHORIZATION_ADJUSTMENT":
            return authorizations[index:] + others
    return authorizations + others


def _add_manual(totals: Amounts, event: Entry) -> None:
    """An event without psp reference changes its own amount and takes nothing from where the money came from."""
    kind, role = _kind_and_role(event)
    if role == "SUCCESS":
        totals.add(_KINDS[kind].settled, event.amount)
    elif role == "ADJUSTMENT":
        totals.authorized = event.amount
    elif role == "BACK":
        totals.charged -= event.amount
    elif role == "REVERSE":
        totals.charged += event.amount


def _add_group(totals: Amounts, kind: _Kind, roles: dict[str, Entry]) -> None:
    """The events of one kind that share a psp reference are one operation at the payment provider."""
    if "ADJUSTMENT" in roles:
        totals.authorized = roles["ADJUSTMENT"].amount
    if "BACK" in roles:
        totals.charged -= roles["BACK"].amount
    if "REVERSE" in roles:
        totals.charged += roles["REVERSE"].amount
        totals.refunded -= roles["REVERSE"].amount
    request, success, failure = roles.get("REQUEST"), roles.get("SUCCESS"), roles.get("FAILURE")
    if success is not None and (failure is None or success.created_at > failure.created_at):
        _take(totals, kind, kind.settled, success.amount)
    elif request is not None and success is None and failure is None:
        _take(totals, kind, kind.pending, request.amount)


def _take(totals: Amounts, kind: _Kind, column: str, amount: Decimal) -> None:
    totals.add(column, amount)
    if kind.source is not None:
        totals.add(kind.source, -amount)
