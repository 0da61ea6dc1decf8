"""`saleor-amazonpay profile …`: gateway profiles from a shell, by the same flows as the API.

Fields are written `name=value`, as `profile show` prints them. A secret is never written on the command line, where
every user of the machine could read it: its value is `@env:NAME`, `@file:PATH` or `@-` for standard input. Nothing is
judged here; what a flow refuses is printed with how to mend it, and the exit is 1.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import structlog
from rich.console import Console

from saleor_amazonpay.app import make_deps, real_outside
from saleor_amazonpay.domain.flaws import Flaw, FlawedError, Note
from saleor_amazonpay.domain.money import DIGITS
from saleor_amazonpay.domain.profile import UNLIMITED, Profile
from saleor_amazonpay.domain.profile_fields import SECRETS
from saleor_amazonpay.flows import ipn_health, profiles, routing
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.profiles import Saved
from saleor_amazonpay.http import Http
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.store import profile_changes, tenants
from saleor_amazonpay.store import profiles as stored
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_MONEY = ("monthly_cap", "transaction_fee", "chargeback_fee")
_PERCENT = {"processing_bps": "processing_percent", "reserve_bps": "reserve_percent"}


class UsageError(Exception):
    """What was typed cannot be meant; the message says what to type instead."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shell:
    """One command: whose profiles, and how it prints."""

    deps: Deps
    tenant: Tenant
    public_url: str
    as_json: bool
    console: Console
    http: Http

    def show(self, value: Any, lines: Callable[[], Sequence[str]]) -> None:
        """Print a result: as JSON, or as lines for people."""
        if self.as_json:
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
        else:
            for line in lines():
                self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    async def find(self, name: str) -> Profile:
        """A profile by its id or alias."""
        own = await self.deps.store.read(lambda tx: stored.of_tenant(tx, self.tenant.id))
        found = next((profile for profile in own if name in {profile.id, profile.alias}), None)
        if found is None:
            raise FlawedError([profiles.not_found()])
        return found


Action = Callable[[Shell], Awaitable[None]]


def run(settings: Settings, shop: str, action: Action, *, as_json: bool) -> int:
    """Run a command; returns the exit code."""
    return asyncio.run(_run(settings, shop, action, as_json=as_json))


async def _run(settings: Settings, shop: str, action: Action, *, as_json: bool) -> int:
    console, errors = Console(), Console(stderr=True)
    outside = real_outside(settings)
    try:
        made = await asyncio.to_thread(make_deps, settings, outside)
        deps = dataclasses.replace(made, log=quiet_log())  # standard output is the command's result
        try:
            tenant = await deps.store.read(lambda tx: _tenant(tx, deps, shop))
            await action(Shell(deps, tenant, settings.public_url, as_json, console, outside.amazon))
        finally:
            await asyncio.to_thread(deps.store.close)
    except FlawedError as refused:
        _print_flaws(refused.flaws, errors, as_json=as_json)
        return 1
    except UsageError as error:
        errors.print(str(error), markup=False)
        return 2
    except (StoreUnavailableError, UnsealError, OSError) as error:
        errors.print(f"database: {error}", markup=False)
        return 1
    finally:
        await outside.amazon.close()
        await outside.saleor.close()
    return 0


def quiet_log() -> Any:
    """Warnings on standard error: standard output is a command's result."""
    wrapper = structlog.make_filtering_bound_logger(logging.WARNING)
    return structlog.wrap_logger(structlog.PrintLogger(sys.stderr), wrapper_class=wrapper)


def _tenant(tx: Tx, deps: Deps, shop: str) -> Tenant:
    known = tenants.installed(tx, deps.store.sealer)
    if shop:
        found = next((tenant for tenant in known if tenant.api_url == shop), None)
        if found is None:
            raise UsageError(f"The app is not installed in {shop}; it is in: {_urls(known)}")
        return found
    if len(known) != 1:
        raise UsageError(f"Say which shop with --shop URL; the app is installed in: {_urls(known)}")
    return known[0]


def _urls(known: Sequence[Tenant]) -> str:
    return ", ".join(tenant.api_url for tenant in known) or "no Saleor yet"


def _print_flaws(flaws: Sequence[Flaw], errors: Console, *, as_json: bool) -> None:
    if as_json:
        said = {"errors": [{**dataclasses.asdict(flaw), "code": flaw.code.value} for flaw in flaws]}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(said), indent=2).decode() + "\n")
        return
    for flaw in flaws:
        errors.print(f"{flaw.field or 'profile'}: {flaw.message} {flaw.remedy}", markup=False, highlight=False)


def fields(given: Sequence[str], environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """`name=value` as what was entered. Raises UsageError for what is none, and for a secret in plain sight."""
    entered: dict[str, Any] = {}
    for part in given:
        name, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"{name!r} is not name=value.")
        if name in SECRETS and value and not value.startswith("@"):
            raise UsageError(
                f"{name}: others on this machine can read a command line. Write {name}=@env:NAME, {name}=@file:PATH or "
                f"{name}=@- for standard input."
            )
        entered[name] = _value(name, value, environment) if name in SECRETS else value
    return entered


def _value(name: str, value: str, environment: Mapping[str, str]) -> str:
    kind, _, where = value.removeprefix("@").partition(":")
    if not value or value == "@-":
        return sys.stdin.read().strip() if value else ""
    if kind == "env":
        if where not in environment:
            raise UsageError(f"{name}: the environment has no {where}.")
        return environment[where]
    if kind == "file":
        try:
            return Path(where).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{name}: {where} cannot be read ({type(error).__name__}).") from None
    raise UsageError(f"{name}: write @env:NAME, @file:PATH or @-.")


def add(entered: Mapping[str, Any]) -> Action:
    """Add a profile."""

    async def action(shell: Shell) -> None:
        await _saved(shell, await profiles.create(shell.deps, shell.tenant.id, entered))

    return action


def update(name: str, version: int | None, entered: Mapping[str, Any]) -> Action:
    """Change a profile."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        seen = found.version if version is None else version
        await _saved(shell, await profiles.update(shell.deps, shell.tenant.id, found.id, seen, entered))

    return action


def duplicate(name: str, alias: str) -> Action:
    """Copy a profile."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        await _saved(shell, await profiles.duplicate(shell.deps, shell.tenant.id, found.id, alias))

    return action


def set_state(name: str, state: str, reason: str) -> Action:
    """Pause, resume or close a profile."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        deps, tenant_id = shell.deps, shell.tenant.id
        if state == "resume":
            await _saved(shell, await profiles.resume(deps, tenant_id, found.id, found.version))
        else:
            change = {"pause": profiles.pause, "close": profiles.close}[state]
            await _saved(shell, await change(deps, tenant_id, found.id, found.version, reason))

    return action


def delete(name: str) -> Action:
    """Delete a profile."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        await profiles.delete(shell.deps, shell.tenant.id, found.id, found.version)
        shell.show({"deleted": found.id}, lambda: [f"{found.alias} is deleted."])

    return action


def show_all() -> Action:
    """List the profiles."""

    async def action(shell: Shell) -> None:
        own = await shell.deps.store.read(lambda tx: stored.of_tenant(tx, shell.tenant.id))
        described = [await fields_of(shell.deps, shell.public_url, profile) for profile in own]
        shell.show(described, lambda: [_line(profile) for profile in own] or ["There is no profile yet."])

    return action


def show(name: str) -> Action:
    """Show one profile."""

    async def action(shell: Shell) -> None:
        described = await fields_of(shell.deps, shell.public_url, await shell.find(name))
        shell.show(described, lambda: [f"{key}={_text(value)}" for key, value in described.items()])

    return action


def check(name: str) -> Action:
    """Try a profile's keys at Amazon."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        trial = await profiles.check(shell.deps, shell.tenant.id, found.id)
        said = [{"name": each.name, "ok": each.ok, "message": each.message} for each in trial.checks]
        shell.show(
            {"checks": said, "warnings": _notes(trial.notes), "errors": []},
            lambda: (
                [f"{'ok  ' if each['ok'] else 'mend'} {each['name']} {each['message']}".rstrip() for each in said]
                + _note_lines(trial.notes)
            ),
        )
        if trial.flaws:
            raise FlawedError(trial.flaws)

    return action


def assign(name: str, channel: str, priority: int, weight: int, *, dry_run: bool) -> Action:
    """Let a channel use a profile."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        route, notes = await routing.assign(
            shell.deps, shell.tenant, channel, found.id, priority, weight, dry_run=dry_run
        )
        said = {
            "channel": channel,
            "profile": found.id,
            "qualification": route.qualification,
            "warnings": _notes(notes),
        }
        done = "would be" if dry_run else "is"
        first = f"{found.alias} {done} assigned to {channel}; now: {route.qualification}."
        shell.show(said, lambda: [first, *_note_lines(notes)])

    return action


def unassign(name: str, channel: str, *, dry_run: bool) -> Action:
    """Take a profile from a channel."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        removed, notes = await routing.unassign(shell.deps, shell.tenant, channel, found.id, dry_run=dry_run)
        said = {"channel": channel, "profile": found.id, "removed": removed, "warnings": _notes(notes)}
        first = f"{found.alias} {'would be' if dry_run else 'is'} taken from {channel}."
        shell.show(said, lambda: [first, *_note_lines(notes)])

    return action


async def _saved(shell: Shell, saved: Saved) -> None:
    described = await fields_of(shell.deps, shell.public_url, saved.profile)
    tried = ", ".join(f"{each.name} {'ok' if each.ok else each.message}" for each in saved.checks)
    lines = [_line(saved.profile), *([f"tried at Amazon: {tried}"] if tried else []), *_note_lines(saved.notes)]
    shell.show({"profile": described, "warnings": _notes(saved.notes)}, lambda: lines)


async def fields_of(deps: Deps, public_url: str, profile: Profile) -> dict[str, Any]:
    """All fields by the names they are entered with; of secrets, what may be shown."""
    store = deps.store
    hints = await store.read(lambda tx: profile_changes.hints(tx, store.sealer, profile.id))
    found: dict[str, Any] = {}
    for field in dataclasses.fields(Profile):
        value = getattr(profile, field.name)
        if field.name in _MONEY:
            value = shown(profile, value)
        elif field.name in _PERCENT:
            value = str(Decimal(value) / 100)
        found[_PERCENT.get(field.name, field.name)] = list(value) if isinstance(value, tuple) else value
    del found["tenant_id"], found["former_zones"]  # the one follows from the shop, the other from what was entered
    found["state"] = profile.state.value
    found["secrets"] = {hint.name: f"…{hint.last_four}" if hint.is_set else None for hint in hints}
    found["ipn_url"] = ipn_health.url_of(public_url, profile.id)
    return found


def shown(profile: Profile, minor: int) -> str:
    """An amount of a profile as it is typed."""
    return "unlimited" if minor == UNLIMITED else f"{Decimal(minor).scaleb(-DIGITS[profile.currency]):f}"


def _line(profile: Profile) -> str:
    kind = "test" if profile.test_mode else "live"
    cap = shown(profile, profile.monthly_cap)
    return f"{profile.id}  {profile.alias}  {kind} {profile.wire} {profile.region} {profile.currency}  {profile.state.value}, cap {cap}"  # noqa: E501


def _notes(notes: Sequence[Note]) -> list[dict[str, str]]:
    return [{**dataclasses.asdict(note), "code": note.code.value} for note in notes]


def _note_lines(notes: Sequence[Note]) -> list[str]:
    return [f"note: {note.message} {note.remedy}" for note in notes]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}:{text or '-'}" for name, text in value.items())
    return (
        ",".join(map(str, value))
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
