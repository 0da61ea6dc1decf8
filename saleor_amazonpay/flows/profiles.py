"""Gateway profiles by a merchant's hand: validate, create, change, duplicate, pause, resume, close, delete.

Every change names the version it was made on, so that two people at one profile do not undo each other. Nothing here
moves money, and nothing takes money's way from it: a profile with payments under way can be closed, never deleted.
Raises FlawedError with every flaw at once, and StoreUnavailableError; then nothing was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from saleor_amazonpay.amazon.port import Check
from saleor_amazonpay.domain.cap import month_in
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.flaws import Flaw, FlawCode, FlawedError, Note, NoteCode
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.domain.profile_fields import SECRETS
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.move import Inventory, MoveError, Wanted, public_key, survey
from saleor_amazonpay.flows.move import move as move_on
from saleor_amazonpay.flows.profile_draft import Draft, Present, draft
from saleor_amazonpay.flows.profile_trial import Trial, attempt
from saleor_amazonpay.store import caps, profile_changes, profiles
from saleor_amazonpay.store.profile_changes import Ties
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.sql import Tx

_MAX_REASON = 200
# What decides whether Amazon has to be asked again before a change is saved.
_TRIED = ("wire", "region", "test_mode", "seller_id", "store_id", "client_id", "access_key", "public_key_id")
_RELOAD = "Load the profile again, and make the change on what it is now."


@dataclass(frozen=True, slots=True)
class Saved:
    """A profile as it is now (or would be), what was tried at Amazon, and what one should know."""

    profile: Profile
    checks: tuple[Check, ...] = ()
    notes: tuple[Note, ...] = ()


async def validate(
    deps: Deps, tenant_id: str, entered: Mapping[str, Any], profile_id: str = "", *, connect: bool = False
) -> tuple[Draft, Trial]:
    """Judge fields without saving; with `connect` also try them at Amazon, if they could be saved."""
    present = await _present(deps, tenant_id, profile_id) if profile_id else None
    found = draft(deps, entered, present)
    found = replace(found, flaws=found.flaws + await _alias_taken(deps, tenant_id, found.profile))
    if found.flaws or not connect:
        return found, Trial(())
    return found, await attempt(deps, found.profile, await _opened(deps, found, present))


async def create(deps: Deps, tenant_id: str, entered: Mapping[str, Any]) -> Saved:
    """Add a profile, after Amazon has accepted its keys (or did not answer)."""
    found, trial = await validate(deps, tenant_id, entered, connect=True)
    _refuse(found.flaws + trial.flaws)
    profile = replace(found.profile, id=uuid4().hex, tenant_id=tenant_id)

    def unit(tx: Tx) -> None:
        _refuse(_taken(tx, profile))
        profiles.insert(tx, deps.store.sealer, profile, dict(found.secrets), deps.clock())

    await _write(deps, unit)
    deps.log.info("profile added", profile=profile.id, tenant=tenant_id)
    return Saved(profile, trial.checks, found.notes + trial.notes)


async def update(deps: Deps, tenant_id: str, profile_id: str, version: int, entered: Mapping[str, Any]) -> Saved:
    """Change a profile that is at `version`. Its keys are tried again if anything about them changes."""
    present = await _present(deps, tenant_id, profile_id)
    _refuse(_outdated(present.profile, version))
    found = draft(deps, entered, present)
    _refuse(found.flaws)
    trial = Trial(())
    if found.secrets or any(getattr(found.profile, name) != getattr(present.profile, name) for name in _TRIED):
        trial = await attempt(deps, found.profile, await _opened(deps, found, present))
    _refuse(trial.flaws)

    def unit(tx: Tx) -> None:
        _refuse(_taken(tx, found.profile))
        # Payments may have been made while Amazon was asked: what cannot change is judged again where it is written.
        again = draft(deps, entered, _look(tx, deps, present.profile))
        _refuse(again.flaws)
        _save(tx, deps, again.profile, version)
        profile_changes.seal(tx, deps.store.sealer, profile_id, found.secrets)

    await _write(deps, unit)
    deps.log.info("profile changed", profile=profile_id, tenant=tenant_id)
    return Saved(replace(found.profile, version=version + 1), trial.checks, found.notes + trial.notes)


async def duplicate(deps: Deps, tenant_id: str, profile_id: str, alias: str) -> Saved:
    """Copy a profile, secrets included, under another alias; paused, and on no channel, until somebody decides."""
    present = await _present(deps, tenant_id, profile_id)
    found = draft(deps, {"alias": alias}, replace(present, ties=Ties(0, 0, booked=False, used=False)))
    _refuse(tuple(flaw for flaw in found.flaws if flaw.field == "alias") or _missing_alias(alias))
    copy = replace(
        found.profile,
        id=uuid4().hex,
        version=1,
        state=ProfileState.PAUSED,
        state_reason="A copy, not yet in use.",
        former_zones=(),
    )

    def unit(tx: Tx) -> None:
        _refuse(_taken(tx, copy))
        profiles.insert(tx, deps.store.sealer, copy, _secrets(tx, deps, profile_id), deps.clock())

    await _write(deps, unit)
    deps.log.info("profile added", profile=copy.id, tenant=tenant_id, copied_from=profile_id)
    return Saved(copy)


async def pause(deps: Deps, tenant_id: str, profile_id: str, version: int, reason: str = "") -> Saved:
    """Take no new checkouts; everything that was begun goes on (money.md §5)."""
    return await _set_state(deps, tenant_id, profile_id, version, ProfileState.PAUSED, reason)


async def resume(deps: Deps, tenant_id: str, profile_id: str, version: int) -> Saved:
    """Take new checkouts again. A closed profile may be opened again, too: it has only been resting."""
    return await _set_state(deps, tenant_id, profile_id, version, ProfileState.ACTIVE, "")


async def close(deps: Deps, tenant_id: str, profile_id: str, version: int, reason: str = "") -> Saved:
    """Take nothing new, also not on agreements: only captures of what is open, refunds and cancels (money.md §5)."""
    return await _set_state(deps, tenant_id, profile_id, version, ProfileState.CLOSED, reason)


async def delete(deps: Deps, tenant_id: str, profile_id: str, version: int) -> None:
    """Delete a profile that no payment and no agreement has ever used. Any other can only be closed."""
    present = await _present(deps, tenant_id, profile_id)
    _refuse(_outdated(present.profile, version))

    def unit(tx: Tx) -> None:
        _refuse(_held(profile_changes.ties(tx, profile_id)))
        if not profile_changes.delete(tx, profile_id, version):
            _refuse(_conflict())

    await _write(deps, unit)
    deps.log.info("profile deleted", profile=profile_id, tenant=tenant_id)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move concerns, and the new public key if it was asked for."""

    inventory: Inventory
    public_key: str


async def move(
    deps: Deps, tenant_id: str, profile_id: str, wanted: Wanted, *, dry_run: bool = False, show_key: bool = False
) -> Moved:
    """Move a profile to the wire that follows its own (flows/move.py); a dry run only says what it concerns."""
    await _present(deps, tenant_id, profile_id)
    try:
        key = await public_key(deps, profile_id) if show_key else ""
        return Moved(await (survey(deps, profile_id) if dry_run else move_on(deps, profile_id, wanted)), key)
    except MoveError as error:
        raise FlawedError([Flaw("", FlawCode.NOT_MOVED, error.message, error.remedy)]) from None
    except AmazonError as error:
        text = f"Amazon could not be asked ({error.code})."
        raise FlawedError([Flaw("", FlawCode.AMAZON_UNREACHABLE, text, "Try again in a moment.")]) from None
    except UnsealError as error:
        raise FlawedError([_unreadable(error)]) from None


async def check(deps: Deps, tenant_id: str, profile_id: str) -> Trial:
    """Try a stored profile's keys at Amazon."""
    present = await _present(deps, tenant_id, profile_id)
    if present.profile.wire not in deps.wires:
        _refuse((Flaw("wire", FlawCode.INVALID, "This version does not speak that API.", "Choose another."),))
    opened = await deps.store.read(lambda tx: _secrets(tx, deps, profile_id))
    return await attempt(deps, present.profile, opened)


async def _set_state(
    deps: Deps, tenant_id: str, profile_id: str, version: int, state: ProfileState, reason: str
) -> Saved:
    present = await _present(deps, tenant_id, profile_id)
    _refuse(_outdated(present.profile, version))
    said = " ".join(reason.split())
    if len(said) > _MAX_REASON:
        text = f"The reason has {len(said)} characters, {_MAX_REASON} are allowed."
        _refuse((Flaw("reason", FlawCode.TOO_LONG, text, "Shorten it."),))
    changed = replace(present.profile, state=state, state_reason=said)
    await _write(deps, lambda tx: _save(tx, deps, changed, version))
    deps.log.info("profile state", profile=profile_id, tenant=tenant_id, state=state.value)
    return Saved(replace(changed, version=version + 1), notes=_of_state(state, present.ties))


def _of_state(state: ProfileState, ties: Ties) -> tuple[Note, ...]:
    notes = []
    if state is not ProfileState.ACTIVE and ties.open_operations:
        text = f"{ties.open_operations} payments are under way; they are finished."
        notes.append(Note("", NoteCode.OPEN_PAYMENTS_STAY, text, "Nothing has to be done."))
    if state is ProfileState.CLOSED and ties.open_agreements:
        text = f"{ties.open_agreements} open agreements cannot be charged while it is closed."
        remedy = "Pause it instead, if subscriptions shall go on."
        notes.append(Note("", NoteCode.AGREEMENTS_STAY, text, remedy))
    return tuple(notes)


def _held(ties: Ties) -> tuple[Flaw, ...]:
    if not ties.used:
        return ()
    many = f"{ties.open_operations} payments under way" if ties.open_operations else "payments or agreements"
    text = f"The profile has {many}; without it they could neither be finished nor refunded."
    return (Flaw("", FlawCode.OPEN_OPERATIONS, text, "Close it instead."),)


async def _present(deps: Deps, tenant_id: str, profile_id: str) -> Present:
    def unit(tx: Tx) -> Present | None:
        profile = profiles.one(tx, tenant_id, profile_id)
        return None if profile is None else _look(tx, deps, profile)

    found = await deps.store.read(unit)
    if found is None:
        raise FlawedError([not_found()])
    return found


def not_found() -> Flaw:
    """What is said of an id that this shop does not have, whoever else may have it."""
    return Flaw("id", FlawCode.NOT_FOUND, "There is no such profile.", "Load the list of profiles again.")


def _look(tx: Tx, deps: Deps, profile: Profile) -> Present:
    hints = profile_changes.hints(tx, deps.store.sealer, profile.id)
    return Present(
        profile=profile,
        secrets=frozenset(hint.name for hint in hints if hint.is_set),
        ties=profile_changes.ties(tx, profile.id),
        booked=caps.booked(tx, profile.id, month_in(profile, deps.clock())),
    )


async def _opened(deps: Deps, found: Draft, present: Present | None) -> dict[str, str]:
    """All secrets as they would be: kept ones are opened. Raises FlawedError if a kept one does not open."""
    if present is None:
        return dict(found.secrets)
    try:
        kept = await deps.store.read(lambda tx: profiles.secrets(tx, deps.store.sealer, present.profile.id))
    except UnsealError as error:
        if not all(name in found.secrets for name in present.secrets):
            raise FlawedError([_unreadable(error)]) from None
        kept = {}
    return {**kept, **found.secrets}


def _unreadable(error: UnsealError) -> Flaw:
    remedy = "Add the key to AMAZONPAY_SECRET_KEYS, or enter every secret again."
    return Flaw(SECRETS[0], FlawCode.INVALID, f"A stored secret cannot be opened: {error}.", remedy)


def _secrets(tx: Tx, deps: Deps, profile_id: str) -> dict[str, str]:
    try:
        return profiles.secrets(tx, deps.store.sealer, profile_id)
    except UnsealError as error:
        raise FlawedError([_unreadable(error)]) from None


def _save(tx: Tx, deps: Deps, profile: Profile, seen: int) -> None:
    if not profile_changes.update(tx, profile, seen, deps.clock()):
        _refuse(_conflict())


async def _write(deps: Deps, unit: Callable[[Tx], None]) -> None:
    """Commit a change, and let this node see it at once; others read profiles anew every five seconds."""
    await deps.store.write(unit)
    deps.directory.forget()


async def _alias_taken(deps: Deps, tenant_id: str, profile: Profile) -> tuple[Flaw, ...]:
    return await deps.store.read(lambda tx: _taken(tx, replace(profile, tenant_id=tenant_id)))


def _taken(tx: Tx, profile: Profile) -> tuple[Flaw, ...]:
    other = profile_changes.named(tx, profile.tenant_id, profile.alias)
    if other in {None, profile.id}:
        return ()
    return (Flaw("alias", FlawCode.NOT_UNIQUE, "Another profile has this alias.", "Choose another one."),)


def _missing_alias(alias: str) -> tuple[Flaw, ...]:
    missing = Flaw("alias", FlawCode.REQUIRED, "The alias is missing.", "Enter one for the copy.")
    return () if alias.strip() else (missing,)


def _outdated(profile: Profile, version: int) -> tuple[Flaw, ...]:
    return () if profile.version == version else _conflict()


def _conflict() -> tuple[Flaw, ...]:
    text = "Somebody else has changed the profile meanwhile."
    return (Flaw("version", FlawCode.VERSION_CONFLICT, text, _RELOAD),)


def _refuse(flaws: tuple[Flaw, ...]) -> None:
    if flaws:
        raise FlawedError(flaws)
