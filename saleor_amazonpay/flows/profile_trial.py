"""Try a profile's credentials at Amazon before they are saved: are they right, and of the right environment?

Nothing is touched there. An Amazon that does not answer says nothing about the keys: then saving is allowed, with a
warning. Keys that are rejected, or belong to the other environment, are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from saleor_amazonpay.amazon.port import Account, Check, Wire
from saleor_amazonpay.amazon.scrub import scrub
from saleor_amazonpay.domain.errors import AmazonError, CredentialsRejectedError
from saleor_amazonpay.domain.flaws import Flaw, FlawCode, Note, NoteCode
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.domain.profile_fields import SECRETS
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.directory import plain_credentials


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying: each permission by itself, what is refused for it, and what one should know.

    `reached` is False if Amazon gave no answer at all.
    """

    checks: tuple[Check, ...]
    flaws: tuple[Flaw, ...] = ()
    notes: tuple[Note, ...] = ()
    reached: bool = True


async def attempt(deps: Deps, profile: Profile, secrets: Mapping[str, str]) -> Trial:
    """Try a profile with opened secrets."""
    wire = deps.wires[profile.wire]
    account = Account(
        seller_id=profile.seller_id,
        region=profile.region,
        test_mode=profile.test_mode,
        credentials={**plain_credentials(profile), **{name: text for name, text in secrets.items() if text}},
    )
    theirs = wire.environment_of(account)
    if theirs is not None and theirs != account.test_mode:
        return Trial((), (_mixed_up(account),))
    try:
        checks = await _check(wire, account)
    except AmazonError as error:
        text = f"Amazon did not answer ({error.code}), so the keys were not tried."
        note = Note("", NoteCode.AMAZON_UNREACHABLE, text, "Check the connection again later.")
        return Trial((), notes=(note,), reached=False)
    if any(check.rejected for check in checks):
        return Trial(tuple(checks), (await _why_rejected(wire, account, checks),))
    notes = tuple(
        Note("", NoteCode.CHECK_FAILED, f"{check.name}: {check.message}", "Look at the account in Seller Central.")
        for check in checks
        if not check.ok
    )
    return Trial(tuple(checks), notes=notes)


async def _check(wire: Wire, account: Account) -> list[Check]:
    try:
        checks = await wire.check(account)
    except CredentialsRejectedError as error:
        # Before any call: a key that cannot sign.
        checks = [Check("keys", ok=False, message=f"{error.code}: {error.message}", rejected=True)]
    return [replace(check, message=scrub(check.message, account.credentials)) for check in checks]


async def _why_rejected(wire: Wire, account: Account, checks: list[Check]) -> Flaw:
    """Wrong keys, or right keys in the wrong environment: where only Amazon can tell, the other one is asked."""
    other = wire.elsewhere(account)
    if other is not None:
        try:
            if not any(check.rejected for check in await wire.check(other)):
                return _mixed_up(account)
        except AmazonError:
            pass  # no answer there proves nothing
    field = next((name for name in wire.form.required if name in SECRETS), "")
    words = next((check.message for check in checks if check.rejected), "")
    environment = _name(test_mode=account.test_mode)
    tried = " nor in the other environment" if other is not None else ""
    text = f"Amazon does not accept these keys in its {environment} environment{tried} ({words})."
    remedy = "Copy the keys again from Seller Central, all from the same page, and check seller id and region."
    return Flaw(field, FlawCode.CREDENTIALS_REJECTED, text, remedy)


def _mixed_up(account: Account) -> Flaw:
    ours, theirs = _name(test_mode=account.test_mode), _name(test_mode=not account.test_mode)
    text = f"These are {theirs} keys in a {ours} profile."
    remedy = f"Enter the {ours} keys, or make it a {theirs} profile."
    return Flaw("test_mode", FlawCode.WRONG_ENVIRONMENT, text, remedy)


def _name(*, test_mode: bool) -> str:
    return "sandbox" if test_mode else "live"
