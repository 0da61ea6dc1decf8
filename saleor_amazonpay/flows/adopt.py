"""A payment that Saleor asks to act on and the ledger does not know: found at Amazon and taken over (money.md §5).

It was made by this app before its database was lost or restored. Saleor's events name what was told, Amazon has what
is true: every object that an event names is read over the tenant's profiles, with what it was made of and what was
made of it, and entered as if it had been made here. What Saleor was told already is not told again; what it was not
(a refund made in Seller Central meanwhile) is booked and reported like every other import. Only looks at Amazon, and
writes everything in one transaction, so that it may be cut short anywhere and done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from saleor_amazonpay.amazon.port import Sighting
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.adopted import Adopted, Found, enter_payment
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import ActionRequest, EventView
from saleor_amazonpay.store.sealed import UnsealError

UNKNOWN, NOT_NOW = "unknown_payment", "payment_not_read"
_MONEY = frozenset({"AUTHORIZATION", "CHARGE", "REFUND"})
_MOST_OBJECTS = 40  # ten refunds of a few captures; more than that is nobody's payment


async def adopt(deps: Deps, request: Request, asked: ActionRequest) -> str:
    """Take over the payment of an action event; empty, or the code of why it cannot be. Raises StoreUnavailableError.

    `unknown_payment`: Amazon does not know it on any of the tenant's profiles, or it is another transaction's.
    `payment_not_read`: Amazon could not be asked in time.
    """
    names = _names(asked)
    snapshot = await deps.directory.current()
    profiles = [each for each in snapshot.profiles.values() if each.tenant_id == request.tenant.id]
    if not names or not profiles or asked.source is None:
        return UNKNOWN
    search = _Search(deps, profiles)
    try:
        async with asyncio.timeout(max(0.0, request.deadline.left - deps.timing.money_call_minimum)):
            await search.look(names)
    except TimeoutError:
        return NOT_NOW
    if search.profile is None or search.error is not None:
        return NOT_NOW if search.error is not None else UNKNOWN
    payment = Adopted(
        tenant_id=request.tenant.id,
        transaction_id=asked.transaction_id,
        source_id=asked.source.id,
        profile=search.profile,
        events=tuple(_oldest_first(asked.events)),
        found=search.found,
    )
    done = await deps.store.write(lambda tx: enter_payment(tx, deps, payment))
    if done:
        deps.log.warning("payment adopted", transaction=asked.transaction_id, objects=len(search.found))
    return "" if done else UNKNOWN


def _oldest_first(events: Iterable[EventView]) -> list[EventView]:
    return sorted(events, key=lambda event: event.age_key)


def _names(asked: ActionRequest) -> list[tuple[str, bool]]:
    """What Saleor calls the payment's objects, oldest first: Amazon's ids, or our reference ids.

    With each, whether it may be looked for as a reference: no wire finds a refund by that.
    """
    words = [(each.psp_reference, each.type.partition("_")[0]) for each in _oldest_first(asked.events)]
    told = [name for name, word in words if word in _MONEY]
    paid = {asked.psp_reference} | {name for name, word in words if word in _MONEY - {"REFUND"}}
    names = [name for name in dict.fromkeys([*told, asked.psp_reference]) if name]
    return [(name, name in paid) for name in names[:_MOST_OBJECTS]]


@dataclass(slots=True)
class _Search:
    """Looks names up over profiles; the first profile that knows one is the payment's."""

    deps: Deps
    profiles: list[Profile]
    profile: Profile | None = None
    found: dict[str, Found] = field(default_factory=dict)  # by Amazon's id
    error: AmazonError | UnsealError | None = None

    async def look(self, names: list[tuple[str, bool]]) -> None:
        """Find the objects of all names, and everything that hangs together with them.

        Amazon answers few calls in a second: what is known by now is not asked again, and one account only once.
        """
        for name, by_reference in names:
            said_no: set[tuple[str, str]] = set()
            for profile in [self.profile] if self.profile else self.profiles:
                if self._known(name) or (profile.account, profile.wire) in said_no:
                    continue
                found = await self._named(profile, name, by_reference=by_reference)
                if found:
                    self._settle_on(profile)
                    break
                if found is not None:
                    said_no.add((profile.account, profile.wire))

    def _known(self, name: str) -> bool:
        return name in self.found or any(each.sighting.reference_id == name for each in self.found.values())

    def _settle_on(self, profile: Profile) -> None:
        """What kept other profiles from being read does not matter any more."""
        if self.profile is None:
            self.profile, self.error = profile, None

    async def _named(self, profile: Profile, name: str, *, by_reference: bool) -> bool | None:
        """Whether an account knows a name, an id of Amazon's or our reference id; None if it could not be asked."""
        try:
            account = await self.deps.directory.account(profile)
            wire = self.deps.wires[profile.wire]
            sighting = await wire.sight(account, name, list(self.found))
            object_id = name
            made = await wire.find(account, name, capture_now=True) if sighting is None and by_reference else None
            if made is not None:
                object_id = made.object_id
                sighting = await wire.sight(account, object_id, list(self.found))
            if sighting is None:
                return False
            await self._follow(profile, object_id, sighting)
        except (AmazonError, UnsealError) as error:
            self.deps.log.warning("payment not read", profile=profile.id, why=str(error))
            self.error = error
            return None
        return True

    async def _follow(self, profile: Profile, object_id: str, sighting: Sighting) -> None:
        """Keep an object, and read what it was made of and what was made of it."""
        if object_id in self.found or len(self.found) >= _MOST_OBJECTS:
            return
        self.found[object_id] = Found(object_id, sighting)
        account = await self.deps.directory.account(profile)
        for other in (sighting.parent_id, *sighting.made_of_it):
            if other and other not in self.found:
                more = await self.deps.wires[profile.wire].sight(account, other, list(self.found))
                if more is not None:
                    await self._follow(profile, other, more)
