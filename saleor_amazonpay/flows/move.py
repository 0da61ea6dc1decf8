"""Moving a profile to the wire that succeeds its own: new keys, the same merchant account, the same agreements.

The order makes every stop harmless. The key pair is kept, sealed, before anybody is told its public half; Amazon gives
the same id for the same key; the new keys are tried, and one old agreement is read with them, before the profile is
switched by one conditional update. Until that update nothing has changed for a payment; whoever starts again goes on
where it stopped. What is under way keeps its wire; what follows uses the new one, which knows the old ids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from saleor_amazonpay.amazon.port import Account, KeyPair, Successor, Wire
from saleor_amazonpay.domain.agreement import ENDED, AgreementState
from saleor_amazonpay.domain.errors import AmazonError, AmazonPayError
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store import agreements, operations, profiles
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx

# A draft that nobody confirmed is nothing that another wire would know.
_NOT_CHARGEABLE = ENDED | {AgreementState.DRAFT}


class MoveError(AmazonPayError):
    """The profile was not moved, and nothing has changed for a payment. `remedy` says what to do."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{code}: {message} {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator gives: the key's id if it was entered in Seller Central by hand, and the store's id."""

    public_key_id: str = ""
    store_id: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a move concerns."""

    profile: Profile
    to: str
    agreements: tuple[Agreement, ...]  # that can still be charged
    reserved: tuple[Operation, ...]  # money Amazon holds: captured and released on the new wire from then on
    unsettled: tuple[Operation, ...]  # under way: they keep their wire
    has_keys: bool


async def survey(deps: Deps, profile_id: str) -> Inventory:
    """What a move would concern. Only looks. Raises MoveError."""
    profile = (await deps.directory.current()).profiles.get(profile_id)
    if profile is None:
        raise MoveError("unknown_profile", f"There is no profile {profile_id!r}.", "See the profiles with doctor.")
    to = deps.wires[profile.wire].successor
    if not to:
        raise MoveError("nothing_to_move", f"The profile is on {profile.wire!r} already.", "Nothing has to be done.")

    def read(tx: Tx) -> tuple[list[Agreement], list[Operation], dict[str, str]]:
        return (
            agreements.of_profile(tx, profile_id),
            operations.of_profile(tx, profile_id),
            profiles.secrets(tx, deps.store.sealer, profile_id),
        )

    held, open_operations, secrets = await deps.store.read(read)
    return Inventory(
        profile,
        to,
        tuple(each for each in held if each.state not in _NOT_CHARGEABLE),
        tuple(each for each in open_operations if each.reserved),
        tuple(each for each in open_operations if not each.final),
        bool(secrets.get("private_key")),
    )


async def move(deps: Deps, profile_id: str, wanted: Wanted) -> Inventory:
    """Move a profile, or go on where an earlier try stopped. Raises MoveError, AmazonError, UnsealError."""
    found = await survey(deps, profile_id)
    successor = deps.wires[found.to]
    if not isinstance(successor, Successor):
        raise MoveError("no_successor", f"The wire {found.to!r} takes nothing over.", "Report this.")
    store_id = wanted.store_id or found.profile.store_id
    if not store_id:
        raise MoveError("store_missing", "Amazon needs a store id.", "Copy it from Seller Central; give --store-id.")
    pair = await _keys(deps, found.profile, successor)
    account = await deps.directory.account(found.profile)
    public_key_id = wanted.public_key_id or found.profile.public_key_id or await _exchanged(successor, account, pair)
    credentials = {
        **account.credentials,
        "private_key": pair.private,
        "public_key_id": public_key_id,
        "store_id": store_id,
    }
    await _tried(successor, replace(account, credentials=credentials), found)
    await _switch(deps, found, public_key_id, store_id)
    return found


async def public_key(deps: Deps, profile_id: str) -> str:
    """The public half of the profile's new keys, made and kept now if there are none. Raises MoveError."""
    found = await survey(deps, profile_id)
    successor = deps.wires[found.to]
    if not isinstance(successor, Successor):
        raise MoveError("no_successor", f"The wire {found.to!r} takes nothing over.", "Report this.")
    return (await _keys(deps, found.profile, successor)).public


async def _keys(deps: Deps, profile: Profile, successor: Successor) -> KeyPair:
    """The key pair of this move: kept before it is used, so that a second try has the same one."""
    sealer, made = deps.store.sealer, successor.new_key_pair()

    def unit(tx: Tx) -> str:
        known = profiles.secrets(tx, sealer, profile.id).get("private_key", "")
        if not known:
            profiles.keep_private_key(tx, sealer, profile.id, made.private, deps.clock())
        return known or made.private

    kept = await deps.store.write(unit)
    deps.directory.forget()
    return successor.pair_of(kept)


async def _exchanged(successor: Successor, account: Account, pair: KeyPair) -> str:
    try:
        return await successor.exchange_key(account, pair.public)
    except AmazonError as error:
        raise MoveError(
            "key_not_exchanged",
            f"Amazon did not exchange the key: {error}.",
            "Enter the public key in Seller Central by hand (--show-key prints it) and give --public-key-id.",
        ) from error


async def _tried(successor: Wire, account: Account, found: Inventory) -> None:
    """The new keys have to be right, and an old agreement readable with them."""
    wrong = [check for check in await successor.check(account) if not check.ok]
    if wrong:
        text = "; ".join(f"{check.name}: {check.message}" for check in wrong)
        raise MoveError(
            "keys_refused", f"Amazon does not take the new keys: {text}.", "Check key id, region and store."
        )
    for agreement in found.agreements[:1]:
        if await successor.read_agreement(account, agreement.amazon_id, purchase_id=agreement.one_time) is None:
            raise MoveError(
                "agreement_unknown",
                f"The new keys do not find the agreement {agreement.amazon_id}.",
                "They belong to another merchant account or environment.",
            )


async def _switch(deps: Deps, found: Inventory, public_key_id: str, store_id: str) -> None:
    profile = found.profile

    def unit(tx: Tx) -> bool:
        return profiles.switch(tx, profile.id, profile.wire, found.to, public_key_id, store_id, deps.clock())

    moved = await deps.store.write(unit)
    deps.directory.forget()
    deps.log.info("profile moved", profile=profile.id, wire=found.to, by_this_call=moved)
