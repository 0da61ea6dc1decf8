"""Which profiles a channel may use: read the shop's channels, assign, take away; and what that means for payments.

An assignment decides about new checkouts only. An operation keeps its profile for ever and an agreement too, so
changing assignments with payments under way is safe; the notes say so, and what else one should know before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saleor_amazonpay.domain.cap import month_in
from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.flaws import Flaw, FlawCode, FlawedError, Note, NoteCode
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.profiles import not_found
from saleor_amazonpay.saleor.views import ChannelView
from saleor_amazonpay.store import caps, profile_changes, profiles
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_MAX = 1000  # of priority and weight: enough to say anything, and far from any limit


@dataclass(frozen=True, slots=True)
class Route:
    """An assignment with its profile, and whether a new payment could go there now: `qualifies`, or why not."""

    assignment: Assignment
    profile: Profile
    qualification: str


@dataclass(frozen=True, slots=True)
class ChannelRoutes:
    """A channel of the shop, and the profiles it may use in the order they are tried."""

    channel: ChannelView
    routes: tuple[Route, ...]


async def channels(deps: Deps, tenant: Tenant) -> list[ChannelRoutes]:
    """All channels of the shop, read from Saleor. Raises FlawedError if Saleor does not answer."""
    found = await _shop_channels(deps, tenant)
    routes = await _routes(deps, tenant, found)
    return [
        ChannelRoutes(channel, tuple(route for route in routes if route.assignment.channel == channel.slug))
        for channel in found
    ]


async def of_profile(deps: Deps, tenant: Tenant, profile_id: str) -> list[Route]:
    """The assignments of one profile; judged without their channels' currencies if Saleor does not answer."""
    try:
        known: Sequence[ChannelView] = await _shop_channels(deps, tenant)
    except FlawedError:
        known = ()
    return [route for route in await _routes(deps, tenant, known) if route.profile.id == profile_id]


async def assign(
    deps: Deps, tenant: Tenant, channel: str, profile_id: str, priority: int, weight: int, *, dry_run: bool
) -> tuple[Route, list[Note]]:
    """Let a channel use a profile, or change priority and weight. A dry run only says what would follow."""
    flaws = [
        Flaw(name, FlawCode.INVALID, f"The {name} lies between 0 and {_MAX}.", "Enter such as 1.")
        for name, value in (("priority", priority), ("weight", weight))
        if not 0 <= value <= _MAX
    ]
    found = await _channel(deps, tenant, channel)
    wanted = Assignment(tenant.id, channel, profile_id, priority, weight)

    def look(tx: Tx) -> tuple[Route, list[Note]]:
        profile = profiles.one(tx, tenant.id, profile_id)
        if profile is None:
            raise FlawedError([not_found(), *flaws])
        if flaws:
            raise FlawedError(flaws)
        others = [row for row in _assigned(tx, tenant.id, channel) if row[1].id != profile_id]
        return Route(wanted, profile, _judge(tx, deps, profile, found)), _notes(profile, found, others)

    if dry_run:
        return await deps.store.read(look)

    def unit(tx: Tx) -> tuple[Route, list[Note]]:
        result = look(tx)
        profiles.assign(tx, wanted)
        return result

    result = await deps.store.write(unit)
    deps.directory.forget()
    deps.log.info("profile assigned", profile=profile_id, tenant=tenant.id, channel=channel)
    return result


async def unassign(
    deps: Deps, tenant: Tenant, channel: str, profile_id: str, *, dry_run: bool
) -> tuple[bool, list[Note]]:
    """Take a profile from a channel. Payments and agreements on it stay with it."""

    def look(tx: Tx) -> list[Note]:
        profile = profiles.one(tx, tenant.id, profile_id)
        if profile is None:
            raise FlawedError([not_found()])
        left = [row for _, row in _assigned(tx, tenant.id, channel) if row.id != profile_id]
        notes = _staying(tx, profile)
        if not any(row.state is ProfileState.ACTIVE for row in left):
            text = f"No active profile is left for {channel}."
            remedy = "Amazon Pay is not offered there until one is assigned."
            notes.append(Note("channel", NoteCode.CHANNEL_LEFT_WITHOUT, text, remedy))
        return notes

    if dry_run:
        return False, await deps.store.read(look)

    def unit(tx: Tx) -> tuple[bool, list[Note]]:
        notes = look(tx)
        return profiles.unassign(tx, tenant.id, channel, profile_id), notes

    removed, notes = await deps.store.write(unit)
    deps.directory.forget()
    deps.log.info("profile unassigned", profile=profile_id, tenant=tenant.id, channel=channel)
    if not removed:
        text = f"The profile is not assigned to {channel}."
        raise FlawedError([Flaw("channel", FlawCode.NOT_FOUND, text, "Load the channels again.")])
    return removed, notes


async def _shop_channels(deps: Deps, tenant: Tenant) -> list[ChannelView]:
    try:
        return await deps.saleor.channels(tenant.api_url, tenant.token)
    except SaleorError as error:
        text = f"Saleor did not tell its channels ({error.code or 'no answer'})."
        raise FlawedError([Flaw("channel", FlawCode.SALEOR_UNREACHABLE, text, "Try again in a moment.")]) from None


async def _channel(deps: Deps, tenant: Tenant, slug: str) -> ChannelView:
    for channel in await _shop_channels(deps, tenant):
        if channel.slug == slug:
            return channel
    text = "The shop has no such channel."
    raise FlawedError([Flaw("channel", FlawCode.NOT_FOUND, text, "Enter the slug of a channel of the shop.")])


async def _routes(deps: Deps, tenant: Tenant, known: Sequence[ChannelView]) -> list[Route]:
    by_slug = {channel.slug: channel for channel in known}

    def unit(tx: Tx) -> list[Route]:
        own = {profile.id: profile for profile in profiles.of_tenant(tx, tenant.id)}
        rows = [row for row in profiles.all_assignments(tx) if row.tenant_id == tenant.id and row.profile_id in own]
        return [
            Route(row, own[row.profile_id], _judge(tx, deps, own[row.profile_id], by_slug.get(row.channel)))
            for row in rows
        ]

    return await deps.store.read(unit)


def _assigned(tx: Tx, tenant_id: str, channel: str) -> list[tuple[Assignment, Profile]]:
    own = {profile.id: profile for profile in profiles.of_tenant(tx, tenant_id)}
    return [
        (row, own[row.profile_id])
        for row in profiles.all_assignments(tx)
        if (row.tenant_id, row.channel) == (tenant_id, channel) and row.profile_id in own
    ]


def _judge(tx: Tx, deps: Deps, profile: Profile, channel: ChannelView | None) -> str:
    """Whether a new payment could go there now. The room is judged for the smallest amount."""
    if profile.state is not ProfileState.ACTIVE:
        return profile.state.value
    if channel is not None and channel.currency_code != profile.currency:
        return "currency_mismatch"
    if not caps.has_room(tx, profile.id, month_in(profile, deps.clock()), 1):
        return "no_room"
    return "qualifies"


def _notes(profile: Profile, channel: ChannelView, others: Sequence[tuple[Assignment, Profile]]) -> list[Note]:
    notes = []
    if channel.currency_code != profile.currency:
        text = f"The channel sells in {channel.currency_code}, the profile charges {profile.currency}."
        remedy = "It will never be chosen there; assign a profile of the channel's currency."
        notes.append(Note("channel", NoteCode.CURRENCY_NEVER_MATCHES, text, remedy))
    if profile.state is not ProfileState.ACTIVE:
        text = f"The profile is {profile.state.value} and takes no new checkouts."
        notes.append(Note("profile_id", NoteCode.PROFILE_NOT_ACTIVE, text, "Resume it when it shall be used."))
    different = [other.alias for _, other in others if other.test_mode != profile.test_mode]
    if different:
        ours, theirs = ("test", "live") if profile.test_mode else ("live", "test")
        text = f"{', '.join(different)} on this channel is a {theirs} profile, this one is a {ours} profile."
        live = "Buyers who are sent to the test account pay nothing, and their orders look paid."
        remedy = live if profile.test_mode else f"{live} Take the test profile away."
        notes.append(Note("profile_id", NoteCode.ENVIRONMENT_FLIP, text, remedy))
    return notes


def _staying(tx: Tx, profile: Profile) -> list[Note]:
    ties, notes = profile_changes.ties(tx, profile.id), []
    if ties.open_operations:
        text = f"{ties.open_operations} payments under way stay with the profile and are finished there."
        notes.append(Note("profile_id", NoteCode.OPEN_PAYMENTS_STAY, text, "Nothing has to be done."))
    if ties.open_agreements:
        text = f"{ties.open_agreements} open agreements stay with the profile and can still be charged."
        notes.append(Note("profile_id", NoteCode.AGREEMENTS_STAY, text, "Nothing has to be done."))
    return notes
