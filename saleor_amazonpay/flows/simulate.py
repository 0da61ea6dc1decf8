"""Let Amazon's sandbox play a result with the next call of a kind, to see what a shop makes of it.

The choice waits in the store. The operation that uses it takes it in the transaction that commits its intent, so that
the simulation is one of the exact parameters: an identical repeat plays the same, and it is used once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from saleor_amazonpay.amazon.port import AuthorizeCall, CaptureCall, RefundCall, Simulation
from saleor_amazonpay.domain.flaws import Flaw, FlawCode, FlawedError
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.money_call import Call
from saleor_amazonpay.flows.profiles import not_found
from saleor_amazonpay.store import profiles, simulations
from saleor_amazonpay.store.sql import Tx

_CALLS: dict[type[object], str] = {AuthorizeCall: "authorize", CaptureCall: "capture", RefundCall: "refund"}
C = TypeVar("C", bound=Call)


def offered(deps: Deps, profile: Profile) -> tuple[Simulation, ...]:
    """What a profile's wire can be asked to play; nothing for a live profile."""
    wire = deps.wires.get(profile.wire)
    return wire.simulations if wire is not None and profile.test_mode else ()


async def waiting(deps: Deps, profile: Profile) -> list[Simulation]:
    """What was chosen and not used yet."""
    if not profile.test_mode:
        return []
    chosen = await deps.store.read(lambda tx: simulations.chosen(tx, profile.id))
    return [each for each in offered(deps, profile) if (each.call, each.code) in chosen]


async def choose(deps: Deps, tenant_id: str, profile_id: str, call: str, code: str) -> Profile:
    """Let the next call of a kind play `code`; empty takes the choice back. Raises FlawedError."""

    def unit(tx: Tx) -> Profile:
        profile = profiles.one(tx, tenant_id, profile_id)
        if profile is None:
            raise FlawedError([not_found()])
        if not profile.test_mode:
            text = "Live payments are never simulated."
            raise FlawedError([Flaw("profile_id", FlawCode.TEST_MODE_ONLY, text, "Choose a test-mode profile.")])
        if code and not any((each.call, each.code) == (call, code) for each in offered(deps, profile)):
            text = f"Amazon's sandbox plays no {code[:40]!r} with {call}."
            raise FlawedError([Flaw("code", FlawCode.INVALID, text, "Choose one of the profile's simulations.")])
        simulations.choose(tx, profile_id, call, code, deps.clock())
        return profile

    return await deps.store.write(unit)


def played(tx: Tx, deps: Deps, profile: Profile, call: C) -> C:
    """The call with the simulation that waits for it, which is thereby used; costs live payments nothing."""
    kind = _CALLS.get(type(call))
    if not profile.test_mode or kind is None:
        return call
    code = simulations.take(tx, profile.id, kind)
    found = next((each for each in offered(deps, profile) if (each.call, each.code) == (kind, code)), None)
    return call if found is None else replace(call, simulation=found.value)  # type: ignore[arg-type]
