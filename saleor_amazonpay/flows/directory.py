"""Tenants, profiles and their opened credentials in memory, refreshed every few seconds.

Only what changes by a merchant's hand is kept here, and nothing that decides about a cent: caps, agreements and
operations are always read in the transaction that uses them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.log import veil
from saleor_amazonpay.store import profiles, tenants
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.store import Store
from saleor_amazonpay.store.tenants import Tenant

_FRESH_MS = 5_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Profiles and assignments as they were a moment ago."""

    profiles: dict[str, Profile]
    assignments: dict[tuple[str, str], list[Assignment]]

    def of_channel(self, tenant_id: str, channel: str) -> list[tuple[Assignment, Profile]]:
        """The profiles a channel may use, highest priority first."""
        return [
            (assignment, self.profiles[assignment.profile_id])
            for assignment in self.assignments.get((tenant_id, channel), [])
            if assignment.profile_id in self.profiles
        ]


class Directory:
    """Reads through to the store. `clock` gives milliseconds."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._tenants: dict[str, tuple[int, Tenant | None]] = {}
        self._snapshot: tuple[int, Snapshot] | None = None
        self._accounts: dict[str, Account] = {}

    def forget(self) -> None:
        """Read everything again at the next use: after a change made on this node."""
        self._tenants.clear()
        self._snapshot = None
        self._accounts.clear()

    async def tenant(self, api_url: str) -> Tenant | None:
        """The installed tenant of an API URL; None if it is unknown or the app was deleted there."""
        known = self._tenants.get(api_url)
        if known is None or self._clock() - known[0] > _FRESH_MS:
            found = await self._store.read(lambda tx: tenants.by_url(tx, self._store.sealer, api_url))
            if found is not None:
                veil(found.token)
            if len(self._tenants) > 10_000:  # noqa: PLR2004 - unknown URLs must not fill the memory
                self._tenants.clear()
            known = self._tenants[api_url] = (self._clock(), found)
        tenant = known[1]
        return tenant if tenant is not None and not tenant.removed_at else None

    async def current(self) -> Snapshot:
        """Profiles and assignments, at most five seconds old."""
        known = self._snapshot
        if known is None or self._clock() - known[0] > _FRESH_MS:
            known = self._snapshot = (self._clock(), await self._store.read(_load))
        return known[1]

    def known(self, profile_id: str) -> Profile | None:
        """A profile as it was read last, without reading."""
        return self._snapshot[1].profiles.get(profile_id) if self._snapshot else None

    def opened(self, profile: Profile) -> Account | None:
        """The credentials of a profile, if they were opened before."""
        return self._accounts.get(profile.id)

    async def account_of(self, profile_id: str) -> Account:
        """The opened credentials of the profile an operation keeps. Raises UnsealError, KeyError."""
        return await self.account((await self.current()).profiles[profile_id])

    async def account(self, profile: Profile) -> Account:
        """The opened credentials of a profile. Raises UnsealError."""
        known = self._accounts.get(profile.id)
        if known is None or known.version != profile.version:
            opened = await self._store.read(lambda tx: profiles.secrets(tx, self._store.sealer, profile.id))
            for secret in opened.values():
                veil(secret)
            known = self._accounts[profile.id] = Account(
                seller_id=profile.seller_id,
                region=profile.region,
                test_mode=profile.test_mode,
                credentials={**plain_credentials(profile), **opened},
                version=profile.version,
            )
        return known


def plain_credentials(profile: Profile) -> dict[str, str]:
    """The credentials of a profile that are no secrets."""
    plain = {name: getattr(profile, name) for name in ("access_key", "client_id", "public_key_id", "store_id")}
    return {name: value for name, value in plain.items() if value}


def _load(tx: Tx) -> Snapshot:
    by_channel: dict[tuple[str, str], list[Assignment]] = {}
    for assignment in profiles.all_assignments(tx):
        by_channel.setdefault((assignment.tenant_id, assignment.channel), []).append(assignment)
    return Snapshot({profile.id: profile for profile in profiles.all_profiles(tx)}, by_channel)
