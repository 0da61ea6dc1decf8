"""Gateway profiles: plain columns as `Profile`, secrets sealed and opened only where a call needs them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import channel_profiles, profiles

SECRETS = ("secret_key", "client_secret", "private_key", "mws_auth_token")
NAMES = tuple(field.name for field in dataclasses.fields(Profile))
_FLAGS = (
    "test_mode", "refunds_give_cap_back", "allow_one_time", "allow_recurring", "capture_when_fulfilled",
    "release_when_cancelled",
)  # fmt: skip
_LISTS = ("shop_origins", "charging_apps")


def _profile(*row: str | int) -> Profile:
    values: dict[str, object] = dict(zip(NAMES, row, strict=True))
    for name in _FLAGS:
        values[name] = bool(values[name])
    for name in _LISTS:
        values[name] = tuple(part for part in str(values[name]).split(",") if part)
    values["cap_thresholds"] = tuple(int(part) for part in str(values["cap_thresholds"]).split(",") if part)
    former = (part.split(" ", 1) for part in str(values["former_zones"]).split(",") if part)
    values["former_zones"] = tuple((until, zone) for until, zone in former)
    values["state"] = ProfileState(str(values["state"]))
    return Profile(**values)  # type: ignore[arg-type]


_select = sa.select(*(profiles.c[name] for name in NAMES))
_ALL = Statement(_select.order_by(profiles.c.created_at, profiles.c.id), _profile)
_BY_ID = Statement(_select.where(profiles.c.id == sa.bindparam("key")), _profile)
_SECRETS = Statement(
    sa.select(*(profiles.c[name] for name in SECRETS)).where(profiles.c.id == sa.bindparam("key")),
    lambda *values: tuple(bytes(value) for value in values),
)
_INSERT = command(lambda insert: insert(profiles), (*NAMES, *SECRETS, "created_at", "updated_at"))


def _assign(insert: Callable[..., Any]) -> sa.Executable:
    new = insert(channel_profiles)
    statement: sa.Executable = new.on_conflict_do_update(
        index_elements=["tenant_id", "channel", "profile_id"],
        set_={"priority": new.excluded.priority, "weight": new.excluded.weight},
    )
    return statement


_ASSIGN = command(_assign, ("tenant_id", "channel", "profile_id", "priority", "weight"))
_UNASSIGN = command(
    sa.delete(channel_profiles).where(
        channel_profiles.c.tenant_id == sa.bindparam("tenant"),
        channel_profiles.c.channel == sa.bindparam("slug"),
        channel_profiles.c.profile_id == sa.bindparam("profile"),
    )
)
_OF_TENANT = Statement(
    _select.where(profiles.c.tenant_id == sa.bindparam("tenant")).order_by(profiles.c.created_at, profiles.c.id),
    _profile,
)
_ONE = Statement(
    _select.where(profiles.c.tenant_id == sa.bindparam("tenant"), profiles.c.id == sa.bindparam("key")), _profile
)
_SET_CAP = command(
    sa.update(profiles)
    .where(profiles.c.id == sa.bindparam("key"))
    .values(monthly_cap=sa.bindparam("cap"), version=profiles.c.version + 1, updated_at=sa.bindparam("now"))
)
_KEEP_KEY = command(
    sa.update(profiles)
    .where(profiles.c.id == sa.bindparam("key"))
    .values(private_key=sa.bindparam("sealed"), version=profiles.c.version + 1, updated_at=sa.bindparam("now"))
)
_SWITCH = command(
    sa.update(profiles)
    .where(profiles.c.id == sa.bindparam("key"), profiles.c.wire == sa.bindparam("from_wire"))
    .values(
        wire=sa.bindparam("to_wire"),
        public_key_id=sa.bindparam("public_key"),
        store_id=sa.bindparam("store"),
        version=profiles.c.version + 1,
        updated_at=sa.bindparam("now"),
    )
)


@dataclasses.dataclass(frozen=True, slots=True)
class Assignment:
    """A profile that a channel may use. Higher priority first; weights share within one priority."""

    tenant_id: str
    channel: str
    profile_id: str
    priority: int
    weight: int


_ASSIGNMENTS = Statement(
    sa.select(*(channel_profiles.c[field.name] for field in dataclasses.fields(Assignment))).order_by(
        channel_profiles.c.priority.desc(), channel_profiles.c.profile_id
    ),
    Assignment,
)


def all_profiles(tx: Tx) -> list[Profile]:
    """Every profile of every tenant, oldest first."""
    return tx.all(_ALL)


def by_id(tx: Tx, profile_id: str) -> Profile | None:
    """A profile as it is in this transaction."""
    return tx.one(_BY_ID, key=profile_id)


def all_assignments(tx: Tx) -> list[Assignment]:
    """Every channel assignment, highest priority first."""
    return tx.all(_ASSIGNMENTS)


def of_tenant(tx: Tx, tenant_id: str) -> list[Profile]:
    """The profiles of one shop, oldest first."""
    return tx.all(_OF_TENANT, tenant=tenant_id)


def one(tx: Tx, tenant_id: str, profile_id: str) -> Profile | None:
    """A profile of this shop; None also for another shop's."""
    return tx.one(_ONE, tenant=tenant_id, key=profile_id)


def secrets(tx: Tx, sealer: Sealer, profile_id: str) -> dict[str, str]:
    """The opened secrets of a profile; empty ones are left out. Raises UnsealError."""
    sealed = tx.one(_SECRETS, key=profile_id)
    if sealed is None:
        return {}
    opened = {
        name: sealer.open(value, "profiles", profile_id, name) for name, value in zip(SECRETS, sealed, strict=True)
    }
    return {name: value for name, value in opened.items() if value}


def insert(tx: Tx, sealer: Sealer, profile: Profile, secret: dict[str, str], now: int) -> None:
    """Add a profile; `secret` holds the plain texts of `SECRETS`, which are sealed here."""
    values = plain(profile)
    for name in SECRETS:
        values[name] = sealer.seal(secret.get(name, ""), "profiles", profile.id, name)
    tx.run(_INSERT, **values, created_at=now, updated_at=now)


def plain(profile: Profile) -> dict[str, object]:
    """The columns of a profile as the driver takes them."""
    values: dict[str, object] = {name: getattr(profile, name) for name in NAMES}
    for name in _FLAGS:
        values[name] = int(bool(values[name]))
    for name in (*_LISTS, "cap_thresholds"):
        values[name] = ",".join(str(part) for part in getattr(profile, name))
    values["former_zones"] = _former(profile)
    values["state"] = profile.state.value
    return values


def set_cap(tx: Tx, profile_id: str, cap: int, now: int) -> None:
    """Change the monthly cap (minor units, -1 unlimited); counts at once."""
    tx.run(_SET_CAP, key=profile_id, cap=cap, now=now)


def _former(profile: Profile) -> str:
    return ",".join(f"{until} {zone}" for until, zone in profile.former_zones)


def assign(tx: Tx, assignment: Assignment) -> None:
    """Let a channel use a profile, or change how."""
    tx.run(_ASSIGN, **dataclasses.asdict(assignment))


def keep_private_key(tx: Tx, sealer: Sealer, profile_id: str, private_key: str, now: int) -> None:
    """Seal a private key into a profile; nothing else of it changes."""
    tx.run(_KEEP_KEY, key=profile_id, sealed=sealer.seal(private_key, "profiles", profile_id, "private_key"), now=now)


def switch(tx: Tx, profile_id: str, from_wire: str, to_wire: str, public_key_id: str, store_id: str, now: int) -> bool:
    """Let a profile use another wire from now on; False if it was not on `from_wire` any more."""
    params = {"key": profile_id, "from_wire": from_wire, "to_wire": to_wire, "now": now}
    return tx.run(_SWITCH, **params, public_key=public_key_id, store=store_id) == 1


def unassign(tx: Tx, tenant_id: str, channel: str, profile_id: str) -> bool:
    """Take a profile from a channel; False if it had it not."""
    return tx.run(_UNASSIGN, tenant=tenant_id, slug=channel, profile=profile_id) == 1
