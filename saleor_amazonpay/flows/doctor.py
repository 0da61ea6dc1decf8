"""Look at everything a payment needs and say what to mend: the database's schema, and each profile's keys at Amazon."""

from __future__ import annotations

from collections.abc import Collection

from saleor_amazonpay.amazon.port import Check
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store.sealed import UnsealError


async def examine(deps: Deps, tenant_ids: Collection[str] | None = None) -> list[tuple[str, Check]]:
    """What was looked at, by subject, of these shops or of all. Touches nothing. Raises StoreUnavailableError."""
    snapshot = await deps.directory.current()
    own = [each for each in snapshot.profiles.values() if tenant_ids is None or each.tenant_id in tenant_ids]
    found: list[tuple[str, Check]] = []
    if not own:
        found.append(("profiles", Check("any", ok=False, message="There is no gateway profile yet.")))
    assigned = {row.profile_id for rows in snapshot.assignments.values() for row in rows}
    for profile in own:
        name = f"profile {profile.alias}"
        channels = Check("channel", ok=True) if profile.id in assigned else _unassigned()
        found += [(name, channels), *((name, check) for check in await check_profile(deps, profile))]
    return found


async def check_profile(deps: Deps, profile: Profile) -> list[Check]:
    """Try a profile's credentials at Amazon without touching anything."""
    wire = deps.wires.get(profile.wire)
    if wire is None:
        return [Check("wire", ok=False, message=f"This version has no wire {profile.wire!r}.")]
    try:
        return await wire.check(await deps.directory.account(profile))
    except UnsealError as error:
        return [Check("secrets", ok=False, message=str(error))]
    except AmazonError as error:
        return [Check("amazon", ok=False, message=f"{error.code} {error.message}".strip())]


def _unassigned() -> Check:
    return Check("channel", ok=False, message="No channel is assigned to it.")
