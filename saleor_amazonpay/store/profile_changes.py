"""Changes of profiles by a merchant's hand, each on the version that was seen; and what stands in their way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.store.profiles import NAMES, SECRETS, plain
from saleor_amazonpay.store.sealed import Sealer, UnsealError
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import agreements, cap_months, channel_profiles, operations, profiles

_key = profiles.c.id == sa.bindparam("key")
_CHANGED = tuple(name for name in NAMES if name not in {"id", "tenant_id", "version"})
_UPDATE = command(
    sa.update(profiles)
    .where(_key, profiles.c.version == sa.bindparam("seen"))
    .values(
        **{name: sa.bindparam(f"new_{name}") for name in _CHANGED},
        version=profiles.c.version + 1,
        updated_at=sa.bindparam("now"),
    )
)
_SEAL = {
    name: command(sa.update(profiles).where(_key).values({name: sa.bindparam("sealed", type_=sa.LargeBinary)}))
    for name in SECRETS
}
_SEALED = Statement(
    sa.select(*(profiles.c[name] for name in SECRETS)).where(_key),
    lambda *values: dict(zip(SECRETS, map(bytes, values), strict=True)),
)
_TIMES: Statement[tuple[int, int]] = Statement(
    sa.select(profiles.c.created_at, profiles.c.updated_at).where(_key), lambda *values: values
)
_ALIAS: Statement[str] = Statement(
    sa.select(profiles.c.id).where(
        profiles.c.tenant_id == sa.bindparam("tenant"), profiles.c.alias == sa.bindparam("named")
    ),
    str,
)
_DELETE = command(sa.delete(profiles).where(_key, profiles.c.version == sa.bindparam("seen")))
_UNASSIGN_ALL = command(sa.delete(channel_profiles).where(channel_profiles.c.profile_id == sa.bindparam("key")))
_NO_MONTHS = command(sa.delete(cap_months).where(cap_months.c.profile_id == sa.bindparam("key")))
_OPEN: Statement[int] = Statement(
    sa.select(sa.func.count()).select_from(operations).where(
        operations.c.profile_id == sa.bindparam("key"), operations.c.due_at > 0
    ),
    int,
)  # fmt: skip
_ANY: Statement[bool] = Statement(
    sa.select(
        sa.exists(sa.select(1).where(operations.c.profile_id == sa.bindparam("key")))
        | sa.exists(sa.select(1).where(agreements.c.profile_id == sa.bindparam("key")))
    ),
    bool,
)
_BOOKED: Statement[bool] = Statement(
    sa.select(
        sa.exists(sa.select(1).where(operations.c.profile_id == sa.bindparam("key")))
        | sa.exists(
            sa.select(1).where(
                cap_months.c.profile_id == sa.bindparam("key"),
                sa.or_(cap_months.c.booked > 0, cap_months.c.given_back > 0),
            )
        )
    ),
    bool,
)
_AGREEMENTS: Statement[int] = Statement(
    sa.select(sa.func.count()).select_from(agreements).where(
        agreements.c.profile_id == sa.bindparam("key"), agreements.c.recurring == 1, agreements.c.state == "open"
    ),
    int,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hint:
    """What may be shown of a secret. `readable` is False if the key that sealed it is missing."""

    name: str
    is_set: bool
    last_four: str
    readable: bool


@dataclass(frozen=True, slots=True)
class Ties:
    """What holds a profile: operations that are not final, open recurring agreements, and any history at all."""

    open_operations: int
    open_agreements: int
    booked: bool
    used: bool


def update(tx: Tx, profile: Profile, seen: int, now: int) -> bool:
    """Write all fields of a profile; False if it is not at the version that was seen any more."""
    values = {f"new_{name}": value for name, value in plain(profile).items() if name in _CHANGED}
    return tx.run(_UPDATE, key=profile.id, seen=seen, now=now, **values) == 1


def seal(tx: Tx, sealer: Sealer, profile_id: str, secrets: Mapping[str, str]) -> None:
    """Replace secrets; an empty one is forgotten."""
    for name, text in secrets.items():
        tx.run(_SEAL[name], key=profile_id, sealed=sealer.seal(text, "profiles", profile_id, name))


def hints(tx: Tx, sealer: Sealer, profile_id: str) -> list[Hint]:
    """What may be shown of a profile's secrets."""
    sealed = tx.one(_SEALED, key=profile_id) or {}
    return [_hint(sealer, profile_id, name, value) for name, value in sealed.items()]


def _hint(sealer: Sealer, profile_id: str, name: str, sealed: bytes) -> Hint:
    try:
        text = sealer.open(sealed, "profiles", profile_id, name)
    except UnsealError:
        return Hint(name, is_set=True, last_four="", readable=False)
    return Hint(name, is_set=bool(text), last_four=last_four(text), readable=True)


def last_four(secret: str) -> str:
    """The last four characters, of a secret long enough that they give nothing away; PEM's last line is none."""
    text = "".join(line for line in secret.split("\n") if not line.startswith("-----")).rstrip("=")
    return text[-_SHOWN:] if len(text) >= _LONG_ENOUGH else ""


_SHOWN = 4
_LONG_ENOUGH = 16


def times(tx: Tx, profile_id: str) -> tuple[int, int]:
    """When it was made and changed last (ms)."""
    return tx.one(_TIMES, key=profile_id) or (0, 0)


def named(tx: Tx, tenant_id: str, alias: str) -> str | None:
    """The id of a shop's profile of this alias."""
    return tx.one(_ALIAS, tenant=tenant_id, named=alias)


def ties(tx: Tx, profile_id: str) -> Ties:
    """What holds a profile now."""
    return Ties(
        open_operations=tx.one(_OPEN, key=profile_id) or 0,
        open_agreements=tx.one(_AGREEMENTS, key=profile_id) or 0,
        booked=tx.one(_BOOKED, key=profile_id) is True,
        used=tx.one(_ANY, key=profile_id) is True,
    )


def delete(tx: Tx, profile_id: str, seen: int) -> bool:
    """Delete a profile with its assignments; False if it is not at the version that was seen any more."""
    if tx.run(_DELETE, key=profile_id, seen=seen) != 1:
        return False
    tx.run(_UNASSIGN_ALL, key=profile_id)
    tx.run(_NO_MONTHS, key=profile_id)  # nothing is booked in them, or it could not be deleted
    return True
