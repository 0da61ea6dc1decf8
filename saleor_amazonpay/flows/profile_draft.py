"""What a profile would be with what was entered: every flaw at once, and what one should know. Changes nothing.

API, pages and shell all come through here; none of them has a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from saleor_amazonpay.amazon.regions import REGIONS, Region
from saleor_amazonpay.amazon.regions import region as region_of
from saleor_amazonpay.amazon.wires import NEWEST
from saleor_amazonpay.domain.cap import month_in, with_time_zone, zone_in
from saleor_amazonpay.domain.flaws import Flaw, FlawCode, Note, NoteCode
from saleor_amazonpay.domain.money import DIGITS, Money
from saleor_amazonpay.domain.profile import UNLIMITED, Profile, ProfileState
from saleor_amazonpay.domain.profile_fields import SECRETS, THRESHOLDS, Read, read, read_money
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.log import veil
from saleor_amazonpay.store.profile_changes import Ties

_BLANK = Profile(
    id="", tenant_id="", alias="", wire="", region="", test_mode=False, currency="", ledger_currency="", seller_id="",
    store_id="", client_id="", access_key="", public_key_id="", descriptor="", customer_service_number="",
    customer_service_email="", customer_service_sender="", monthly_cap=0, time_zone="UTC", cap_thresholds=THRESHOLDS,
    refunds_give_cap_back=False, processing_bps=0, reserve_bps=0, transaction_fee=0, chargeback_fee=0,
    shop_origins=(), charging_apps=(), allow_one_time=True, allow_recurring=True, capture_when_fulfilled=False,
    release_when_cancelled=True, state=ProfileState.ACTIVE, state_reason="", version=1,
)  # fmt: skip
# In the order of the form. What a wire needs besides is the wire's.
_REQUIRED = (
    "alias", "wire", "region", "test_mode", "currency", "seller_id", "descriptor", "customer_service_number",
    "monthly_cap", "time_zone",
)  # fmt: skip
# Old payments are looked up where they were made: a profile with a history keeps its account.
_ACCOUNT = {"seller_id": "Seller or Merchant ID", "test_mode": "environment", "region": "region"}
# Amazon settles other currencies than the account's own only there (contracts, amazon §0).
_MULTI_CURRENCY = frozenset({"EUR", "GBP"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A profile as it would be, with the secrets that change ("" forgets one), and what was found."""

    profile: Profile
    secrets: Mapping[str, str]
    flaws: tuple[Flaw, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """A profile as it is, which secrets it has, what holds it, and what its month has booked."""

    profile: Profile
    secrets: frozenset[str]
    ties: Ties
    booked: int


def draft(deps: Deps, entered: Mapping[str, Any], present: Present | None = None) -> Draft:
    """Judge what was entered for a new profile, or as a change of one."""
    base = _BLANK if present is None else present.profile
    found = read(entered)
    for secret in found.secrets.values():
        veil(secret)
    _resolve(found, base)
    read_money(found, entered, found.values.get("currency", base.currency))
    flaws = _about_names(deps, found) + found.flaws
    profile = replace(base, **{name: value for name, value in found.values.items() if name in _FIELDS})
    if present is not None:  # a new time zone counts from the next month (money.md §7)
        kept = replace(profile, time_zone=base.time_zone)
        profile = with_time_zone(kept, profile.time_zone, deps.clock())
    secrets = {**dict.fromkeys(found.cleared, ""), **found.secrets}
    held = (present.secrets if present else frozenset()) - found.cleared | set(found.secrets)
    flaws += _missing(deps, profile, found, held, {flaw.field for flaw in flaws}, new=present is None)
    if not (profile.allow_one_time or profile.allow_recurring):
        text = "The profile allows neither one-time nor recurring payments."
        flaws.append(Flaw("allow_one_time", FlawCode.INVALID, text, "Allow at least one, or pause the profile."))
    if present is not None:
        flaws += _locked(present, profile)
    notes = standing_notes(deps, profile, held) + (
        _changes(profile, present, deps.clock()) if present is not None else []
    )
    return Draft(profile, secrets, tuple(flaws), tuple(notes))


_FIELDS = frozenset(Profile.__dataclass_fields__)


def _resolve(found: Read, base: Profile) -> None:
    """Fill in what follows from what was entered: a wire for a new profile, the region's currency."""
    if not base.wire:
        found.values.setdefault("wire", NEWEST)
    region = _region(found.values.get("region", base.region))
    if region is None:
        return
    found.values["region"] = region.name
    if not base.ledger_currency or "region" in found.values:
        if not base.currency:
            found.values.setdefault("currency", region.currency)
        if not base.ledger_currency or region.name != base.region:
            found.values.setdefault("ledger_currency", region.currency)


def _region(name: str) -> Region | None:
    try:
        return region_of(name)
    except ValueError:
        return None


def _about_names(deps: Deps, found: Read) -> list[Flaw]:
    flaws = []
    wire, region = found.values.get("wire"), found.values.get("region")
    if wire is not None and wire not in deps.wires:
        known = ", ".join(sorted(deps.wires))
        flaws.append(Flaw("wire", FlawCode.INVALID, "This version does not speak that API.", f"Choose one of {known}."))
    if region and _region(region) is None:
        known = ", ".join(sorted(REGIONS))
        flaws.append(Flaw("region", FlawCode.INVALID, "Amazon Pay has no such region.", f"Choose one of {known}."))
    return flaws


def _missing(
    deps: Deps, profile: Profile, found: Read, held: Iterable[str], already: set[str], *, new: bool
) -> list[Flaw]:
    wire = deps.wires.get(profile.wire)
    required = list(dict.fromkeys((*_REQUIRED, *(wire.form.required if wire else ()))))
    flaws = []
    for name in required:
        if name in already:
            continue
        if name in SECRETS:
            absent = name not in held
        elif name in {"monthly_cap", "test_mode"}:
            absent = new and name not in found.entered and name not in found.values
        else:
            absent = not getattr(profile, name)
        if absent:
            flaws.append(Flaw(name, FlawCode.REQUIRED, f"{_label(name)} is missing.", _REMEDIES.get(name, "Enter it.")))
    return flaws


_REMEDIES = {
    "monthly_cap": "Enter an amount, or choose unlimited; 0 closes the profile.",
    "test_mode": "Say whether the account is Amazon's sandbox (true) or live (false).",
    "descriptor": "Enter what the buyer's statement shall say, at most 16 characters.",
    "customer_service_number": "Enter the number that buyers call; it stands in every refusal they see.",
    "seller_id": "Copy it from Seller Central, Integration Central.",
    "store_id": "Copy it from Seller Central, Integration Central: the Store ID is the Client ID.",
    "private_key": "Paste the whole .pem file that Seller Central gave you once; else make a new key there.",
}
_LABELS = {
    "seller_id": "The Seller or Merchant ID", "test_mode": "The environment", "customer_service_number":
    "The customer service number", "monthly_cap": "The monthly cap", "time_zone": "The time zone",
    "public_key_id": "The public key ID", "store_id": "The Store ID", "client_id": "The Client ID",
}  # fmt: skip


def _label(name: str) -> str:
    return _LABELS.get(name, f"The {name.replace('_', ' ')}")


def _locked(present: Present, profile: Profile) -> list[Flaw]:
    """What cannot change any more, because payments were made with it."""
    before, flaws = present.profile, []
    if present.ties.booked and profile.currency != before.currency:
        text = f"The profile has payments in {before.currency}; its books are kept in that currency."
        flaws.append(Flaw("currency", FlawCode.CURRENCY_LOCKED, text, "Duplicate the profile for another currency."))
    for name, label in _ACCOUNT.items():
        if present.ties.used and getattr(profile, name) != getattr(before, name):
            text = f"The profile has payments; they are looked up with its {label}."
            flaws.append(Flaw(name, FlawCode.ACCOUNT_LOCKED, text, "Duplicate the profile for another account."))
    if present.ties.used and profile.wire != before.wire:
        text = "The profile has payments; they go with it only if it is moved with its keys and agreements tried."
        flaws.append(Flaw("wire", FlawCode.WIRE_LOCKED, text, "Move the profile to the other API instead."))
    return flaws


def standing_notes(deps: Deps, profile: Profile, held: Iterable[str] = ()) -> list[Note]:
    """What one should know of a profile as it is. `held` are the secrets it has."""
    notes = []
    region, wire = _region(profile.region), deps.wires.get(profile.wire)
    if profile.currency == "CAD":
        text = "No list of Amazon's has Canadian dollars, and no region for Canada."
        remedy = "Try a small charge first; if Amazon refuses the currency, choose the account's own."
        notes.append(Note("currency", NoteCode.CAD_UNLISTED, text, remedy))
    elif region and profile.currency in DIGITS and profile.currency != region.currency:
        own = region.currency
        text = f"The account settles in {own}, and this profile charges {profile.currency}."
        only = "Amazon allows it to accounts in EUR and GBP, for Visa and Mastercard."
        remedy = only if own in _MULTI_CURRENCY else f"{only} This one is in {own}: choose {own}."
        notes.append(Note("currency", NoteCode.CURRENCY_OF_REGION, text, remedy))
    if wire is not None:
        notes += [
            Note(name, NoteCode.UNUSED_SECRET, f"No call needs {_label(name).lower()}.", "It may stay empty.")
            for name in wire.form.unused
            if name in held
        ]
        if wire.form.ending:
            text = "Amazon has announced the end of this API."
            notes.append(
                Note("wire", NoteCode.WIRE_ENDING, text, "Make keys for the API that follows it, and move the profile.")
            )
    if profile.monthly_cap == 0:
        text = "A cap of 0 closes the profile for every payment."
        notes.append(Note("monthly_cap", NoteCode.CAP_CLOSED, text, "Enter an amount, or choose unlimited."))
    if not profile.shop_origins:
        text = "No shop origin is listed, so no shop may name a return URL."
        notes.append(Note("shop_origins", NoteCode.NO_SHOP_ORIGINS, text, "List such as https://shop.example.com."))
    return notes


def _changes(profile: Profile, present: Present, now: int) -> list[Note]:
    """What a change of a profile in use means."""
    before, notes = present.profile, []
    if profile.time_zone != before.time_zone:
        text = f"The running month still ends by the clocks of {zone_in(before, month_in(before, now))}."
        notes.append(Note("time_zone", NoteCode.TIME_ZONE_NEXT_MONTH, text, "The new zone counts from next month."))
    if UNLIMITED != profile.monthly_cap < present.booked and profile.currency in DIGITS:
        booked = Money(present.booked, profile.currency)
        text = f"This month has {booked} booked already, which is past the new cap."
        notes.append(Note("monthly_cap", NoteCode.CAP_BELOW_BOOKED, text, "It takes no payment before next month."))
    return notes
