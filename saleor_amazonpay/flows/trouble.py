"""What keeps operations waiting, shown to staff as App Problems: rejected keys, sealed secrets, an API that is gone.

Nothing here decides about a payment: no decline is invented from it, the operation waits (money.md §5). Problems about
a profile's keys clear themselves once Amazon takes the keys; those about one operation, once it is decided.
"""

from __future__ import annotations

from saleor_amazonpay.domain.errors import AmazonError, CredentialsRejectedError, WireGoneError
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.problems import clear_problem, raise_problem
from saleor_amazonpay.store import operations, problems
from saleor_amazonpay.store.problems import Problem
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.sql import Tx

_TAKES = frozenset({Kind.CHARGE, Kind.CAPTURE})
_CREDENTIALS = "credentials:"
# What nobody can decide for so long is shown to staff.
LONG_MS = 24 * 3600_000


def keys_rejected(tx: Tx, deps: Deps, profile: Profile, code: str) -> None:
    """Amazon does not accept a profile's keys, or they do not open here."""
    text = (
        f"Amazon does not accept the keys of the profile {profile.alias!r} ({code}). Payments on it wait. "
        "Enter the keys of its Seller Central account again."
        if code != "unsealed"
        else f"The secrets of the profile {profile.alias!r} do not open with AMAZONPAY_SECRET_KEYS. Payments on it "
        "wait. Put the key they were sealed with back, or enter them again."
    )
    raise_problem(tx, deps, profile.tenant_id, f"{_CREDENTIALS}{profile.id}", text, critical=True)


def waits(tx: Tx, deps: Deps, operation: Operation, error: AmazonError) -> None:
    """An operation goes on waiting because of an error that somebody has to mend; others pass by themselves."""
    profile = deps.directory.known(operation.profile_id)
    if profile is None:
        return
    if isinstance(error, CredentialsRejectedError) or error.code == "unsealed":
        keys_rejected(tx, deps, profile, error.code)
    elif isinstance(error, WireGoneError):
        operations.needs_attention(tx, operation.id, "wire_gone")
        text = (
            f"Amazon's API of the profile {profile.alias!r} is gone, and nobody can say what became of "
            f"{operation.kind.value} of {operation.money} on {operation.transaction_id} (reference {operation.id}). "
            "Look it up in Seller Central, and move the profile to the API that follows."
        )
        raise_problem(tx, deps, operation.tenant_id, f"attention:{operation.id}", text, critical=True)
    elif deps.clock() - operation.created_at > LONG_MS:
        text = (
            f"For a day Amazon has not said what became of {operation.kind.value} of {operation.money} on "
            f"{operation.transaction_id} (reference {operation.id}; its last answer was {error.code or 'none'}). The "
            "same request is repeated, and moves money once at most. Look it up in Seller Central."
        )
        raise_problem(tx, deps, operation.tenant_id, f"attention:{operation.id}", text)


def late(tx: Tx, deps: Deps, operation: Operation) -> None:
    """Amazon moved money for an operation that had failed in the ledger, and in Saleor."""
    done = "gave back" if operation.kind is Kind.REFUND else "took" if operation.kind in _TAKES else "reserved"
    text = (
        f"Amazon {done} {operation.money} ({operation.object_id}) after this had been told as failed. It is booked on "
        f"the Saleor transaction {operation.transaction_id} now. If the purchase was paid or the refund was made in "
        "another way meanwhile, put it right there."
    )
    raise_problem(tx, deps, operation.tenant_id, f"late:{operation.id}", text, critical=True)


def in_doubt(tx: Tx, deps: Deps, family: Operation, object_id: str) -> None:
    """For long nobody could say whether a refund at Amazon is one of ours that Amazon has not answered."""
    text = (
        f"Amazon has a refund ({object_id}), and for a day nobody could say whether it is the one that was asked for "
        f"on {family.transaction_id}. It is in no books until then. Look it up in Seller Central."
    )
    raise_problem(tx, deps, family.tenant_id, f"in_doubt:{object_id}", text)


def not_in_doubt(tx: Tx, deps: Deps, family: Operation, object_id: str) -> None:
    """It is decided whose that refund is."""
    clear_problem(tx, deps, family.tenant_id, f"in_doubt:{object_id}")


def decided(tx: Tx, deps: Deps, operation: Operation) -> None:
    """An operation that had to wait has a result."""
    if operation.tries:
        clear_problem(tx, deps, operation.tenant_id, f"attention:{operation.id}")


async def try_keys_again(deps: Deps) -> int:
    """Try the keys of profiles that were rejected; returns how many are accepted now. Raises StoreUnavailableError."""
    rejected = await deps.store.read(lambda tx: problems.open_named(tx, _CREDENTIALS))
    return sum([await _accepted(deps, problem) for problem in rejected])


async def _accepted(deps: Deps, problem: Problem) -> bool:
    profile = (await deps.directory.current()).profiles.get(problem.key.removeprefix(_CREDENTIALS))
    if profile is not None:
        try:
            account = await deps.directory.account(profile)
            checks = await deps.wires[profile.wire].check(account)
        except (AmazonError, UnsealError):
            return False
        if not all(check.ok for check in checks):
            return False
    await deps.store.write(lambda tx: clear_problem(tx, deps, problem.tenant_id, problem.key))
    return True
