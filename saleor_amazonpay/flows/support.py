"""What somebody who helps from afar has to know of the ledger: queues, problems, notices, and whole payments.

Only reads, and everything by the flows that answer the same questions in the API. What comes out is plain values for
JSON: ids, states, amounts and times. Nothing of a buyer's is read here, nor a checkout's id, which in Saleor is enough
to read its addresses, nor what was sent to Amazon word for word.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from saleor_amazonpay.domain.money import DIGITS
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows import caps, ipn_health, payments
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.payments import Entry, Payment
from saleor_amazonpay.log import veil
from saleor_amazonpay.store import backlog, problems, tenants
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Shop

_TIMES = frozenset({"at", "oldest_at", "next_due_at", "raised_at", "last_at", "last_received_at"})


def moment(ms: int) -> str | None:
    """A time as people read it: ISO 8601, UTC; None for never."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds") if ms else None


def money(minor: int, currency: str) -> str:
    """Minor units as an amount with its currency; may be negative."""
    return f"{Decimal(minor).scaleb(-DIGITS[currency]):f} {currency}"


async def veil_everything(deps: Deps, shops: Iterable[Shop], own: Iterable[Profile]) -> list[str]:
    """Open every secret of these shops, so that no text can carry one out; returns what does not open, and why."""
    closed = []
    for shop in shops:
        try:
            await _veil_token(deps, shop)
        except UnsealError as error:
            closed.append(f"the token of {shop.api_url}: {error}")
    for profile in own:
        try:
            await deps.directory.account(profile)
        except UnsealError as error:
            closed.append(f"the secrets of the profile {profile.alias}: {error}")
    return closed


async def _veil_token(deps: Deps, shop: Shop) -> None:
    tenant = await deps.store.read(lambda tx: tenants.by_id(tx, deps.store.sealer, shop.id))
    if tenant is not None:
        veil(tenant.token)


async def queues(deps: Deps) -> list[dict[str, Any]]:
    """Counts per queue and state, what waits longest, and how often it was tried. Over all shops."""
    return [_plain(found) for found in await deps.store.read(backlog.backlogs)]


async def open_problems(deps: Deps, shops: Sequence[Shop]) -> list[dict[str, Any]]:
    """What staff of these shops were told is wrong, and still is."""

    def unit(tx: Tx) -> list[dict[str, Any]]:
        return [
            {
                "shop": shop.api_url, "key": found.key, "critical": found.critical, "message": found.message,
                "since": moment(found.raised_at), "told_to_saleor": not found.due_at, "tries": found.tries,
            }
            for shop in shops
            for found in problems.open_of(tx, shop.id)
        ]  # fmt: skip

    return await deps.store.read(unit)


async def notices(deps: Deps, own: Sequence[Profile]) -> list[dict[str, Any]]:
    """Whether Amazon's notices arrive, by profile."""
    return [
        {"profile": profile.id, "alias": profile.alias, **_plain(await ipn_health.health(deps, profile.id))}
        for profile in own
    ]


async def cap_of(deps: Deps, profile: Profile) -> dict[str, Any]:
    """How much of a profile's monthly cap is booked."""
    status = await caps.cap_status(deps, profile.id)
    return {
        "month": status.month, "time_zone": status.time_zone, "booked": money(status.booked, status.currency),
        "percent": None if status.percent is None else str(status.percent),
    }  # fmt: skip


async def whole_payment(deps: Deps, shops: Sequence[Shop], transaction_id: str) -> dict[str, Any] | None:
    """A payment with its operations and its timeline, in whichever of these shops it is; None if in none."""
    for shop in shops:
        found = await payments.payment(deps, shop.id, transaction_id)
        if found is not None:
            history = await payments.history(deps, shop.id, found.operations)
            return {"shop": shop.api_url, **_payment(found), "timeline": [_entry(entry) for entry in history]}
    return None


def _payment(found: Payment) -> dict[str, Any]:
    currency, balance = found.first.currency, found.balance
    return {
        "transaction": found.transaction_id, "authorized": money(balance.authorized, currency),
        "captured": money(balance.captured, currency), "refunded": money(found.refunded, currency),
        "refundable": money(balance.refundable, currency), "charged_back": money(balance.charged_back, currency),
        "busy": balance.busy, "actions": list(found.actions), "needs_attention": found.needs_attention,
        "operations": [_operation(row) for row in found.operations],
    }  # fmt: skip


def _operation(row: Operation) -> dict[str, Any]:
    named = (
        "id", "kind", "phase", "wire", "profile_id", "agreement_id", "parent_id", "group_id", "attempt", "tries",
        "code", "message", "state", "reason", "object_id", "settled_id", "order_reference", "psp_reference", "told",
        "cap_month",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in named},
        "amount": money(row.amount, row.currency),
        "moved": money(row.moved, row.currency) if row.moved else None,
        "created": moment(row.created_at),
        "updated": moment(row.updated_at),
        "next_look": moment(row.due_at),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    plain = _plain(entry)
    del plain["currency"]
    return {**plain, "amount": None if entry.amount is None else money(entry.amount, entry.currency)}


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass by its fields' names, with times that can be read."""
    found: dict[str, Any] = {}
    for name, each in dataclasses.asdict(value).items():
        if isinstance(each, tuple):
            found[name] = [_plain(part) for part in getattr(value, name)]
        else:
            found[name] = moment(each) if name in _TIMES else each
    return found
