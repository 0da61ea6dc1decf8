"""What has to be done before the first sale, here and in Seller Central: each item checked where it can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saleor_amazonpay.amazon.port import Step
from saleor_amazonpay.amazon.regions import region
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.domain.profile_fields import SECRETS
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.ipn_health import health, url_of
from saleor_amazonpay.store import profile_changes, profiles
from saleor_amazonpay.store.sql import Tx


@dataclass(frozen=True, slots=True)
class Item:
    """One thing. `state`: done, todo, or by_hand if nobody can read it from here; `values` are to be copied."""

    code: str
    state: str
    title: str
    message: str
    values: tuple[str, ...] = ()
    url: str = ""


async def of_profile(deps: Deps, public_url: str, profile: Profile) -> list[Item]:
    """The list of one profile, in the order in which things are done."""

    def unit(tx: Tx) -> tuple[list[profile_changes.Hint], bool]:
        hints = profile_changes.hints(tx, deps.store.sealer, profile.id)
        return hints, any(row.profile_id == profile.id for row in profiles.all_assignments(tx))

    hints, assigned = await deps.store.read(unit)
    wire = deps.wires.get(profile.wire)
    steps = wire.form.steps if wire is not None else ()
    console = f"https://{region(profile.region).seller_central}/"
    unreadable = [hint.name for hint in hints if hint.is_set and not hint.readable]
    missing = [
        name
        for name in (wire.form.required if wire is not None else ())
        if name in SECRETS and not any(hint.name == name and hint.is_set for hint in hints)
    ]
    keys = (
        f"Enter again: {', '.join(unreadable or missing)}."
        if unreadable or missing
        else "Amazon is asked whenever they are saved; check the connection to ask now."
    )
    return [
        Item("keys", "todo" if unreadable or missing else "done", "Keys of the merchant account", keys),
        *(_by_hand(step, profile, console) for step in steps),
        await _ipn(deps, public_url, profile, console),
        Item("channel", "done" if assigned else "todo", "Channel", _channel(assigned=assigned)),
        Item(
            "active", "done" if profile.state is ProfileState.ACTIVE else "todo", "Profile is active", _state(profile)
        ),
    ]


async def of_shop(deps: Deps, public_url: str, tenant_id: str) -> list[Item]:
    """The list of the whole installation, for the first visit."""

    def unit(tx: Tx) -> tuple[Sequence[Profile], set[str]]:
        own = profiles.of_tenant(tx, tenant_id)
        return own, {row.profile_id for row in profiles.all_assignments(tx) if row.tenant_id == tenant_id}

    own, assigned = await deps.store.read(unit)
    heard = [profile for profile in own if (await health(deps, profile.id)).last_received_at]
    secure = public_url.startswith("https://")
    address = (
        "Amazon and Saleor reach the app there."
        if secure
        else "Set AMAZONPAY_PUBLIC_URL to the https address at which Amazon and Saleor reach this app."
    )
    return [
        Item("installed", "done", "Installed in Saleor", "The app's token is proven."),
        Item("public_url", "done" if secure else "todo", "Public address", address, tuple(filter(None, (public_url,)))),
        Item("profile", "done" if own else "todo", "Gateway profile", "Add the merchant account's keys."),
        Item("channel", "done" if assigned else "todo", "Channel", _channel(assigned=bool(assigned))),
        Item(
            "ipn", "done" if heard else "todo", "Amazon's notifications",
            "Enter each profile's IPN URL in Seller Central, and send a test notification there.",
        ),
    ]  # fmt: skip


def _by_hand(step: Step, profile: Profile, console: str) -> Item:
    found = getattr(profile, step.values)
    values = tuple(found) if isinstance(found, tuple) else tuple(filter(None, (found,)))
    return Item(step.code, "by_hand" if values else "todo", step.title, step.message, values, console)


async def _ipn(deps: Deps, public_url: str, profile: Profile, console: str) -> Item:
    known = await health(deps, profile.id)
    url = url_of(public_url, profile.id)
    kind = "sandbox" if profile.test_mode else "live"
    if known.state == "refused":
        text = f"Requests were refused ({known.refusals[0].code}); check the URL, and which account sends to it."
    elif known.last_received_at:
        text = "Amazon's notifications arrive."
    else:
        text = (
            f"Seller Central, Integration Settings: enter it as the {kind} Merchant URL, then send a test from there."
        )
    done = known.state == "healthy"
    return Item("ipn", "done" if done else "todo", "IPN URL", text, (url,) if url else (), console)


def _channel(*, assigned: bool) -> str:
    return "Checkouts are routed to it." if assigned else "Assign the profile to the channels that shall use it."


def _state(profile: Profile) -> str:
    return "It takes payments." if profile.state is ProfileState.ACTIVE else "Resume it when it shall take payments."
