"""Read what Amazon paid out, so that its fees stand beside those the merchant was promised.

Once an hour, for each merchant account whose wire can: the settlement reports not read yet. A line is kept once however
many reports name it. An object that the ledger has never heard of (made in Seller Central, or its notice was lost) is
put where Amazon's notices are, as one that says to read it: so there is one way in for what is found, and nothing here
moves money or books a payment. A process that dies in the middle reads the report again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from saleor_amazonpay.amazon.port import Settling
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.domain.settlement import SettledLine, Settlement
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.notify import receive
from saleor_amazonpay.store import settlements
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.sql import Tx

_DAY_MS = 24 * 3600 * 1000
_LOOK_BACK_MS = 90 * _DAY_MS
_BATCH = 200  # lines in one unit of work, so that payments never wait for a report
_PACE_MS = 2_000  # between reads of what a report names and nobody told us of


async def read_settlements(deps: Deps) -> int:
    """Read the reports that are new; returns how many. Raises StoreUnavailableError."""
    accounts: dict[str, Profile] = {}
    for profile in (await deps.directory.current()).profiles.values():
        if isinstance(deps.wires.get(profile.wire), Settling):
            accounts.setdefault(profile.account, profile)
    return sum([await _read(deps, profile) for profile in accounts.values()])


async def _read(deps: Deps, profile: Profile) -> int:
    wire, since = deps.wires[profile.wire], deps.clock() - _LOOK_BACK_MS
    known = await deps.store.read(lambda tx: settlements.known(tx, profile.account))
    try:
        if not isinstance(wire, Settling):
            return 0
        account = await deps.directory.account(profile)
        found = await wire.settlements(account, since, known)
    except (AmazonError, UnsealError) as error:
        # Rejected keys are told of by payments and checks; reports come again in an hour.
        deps.log.warning("settlements not read", profile=profile.id, why=type(error).__name__)
        return 0
    for settlement in found:
        await _keep(deps, profile, settlement)
    await deps.store.write(lambda tx: settlements.find_owners(tx, profile.account, since))
    return len(found)


async def _keep(deps: Deps, profile: Profile, settlement: Settlement) -> None:
    count = len(settlement.lines)
    for first in range(0, count, _BATCH):
        await _ask(deps, profile, await _add(deps, profile, settlement.lines[first : first + _BATCH]), first)

    def unit(tx: Tx) -> None:
        settlements.mark_read(tx, profile.account, settlement.settlement_id, deps.clock(), count, settlement.unreadable)

    await deps.store.write(unit)
    deps.log.info("settlement", profile=profile.id, settlement=settlement.settlement_id, lines=count,
                  unreadable=settlement.unreadable)  # fmt: skip


async def _add(deps: Deps, profile: Profile, lines: Sequence[SettledLine]) -> list[SettledLine]:
    return await deps.store.write(lambda tx: settlements.add(tx, profile.account, lines))


async def _ask(deps: Deps, profile: Profile, strangers: Sequence[SettledLine], before: int) -> None:
    """Have objects read that nobody told us of; once, however often a report names them.

    One after the other: the first report of an account may name thousands of another system's, and what Amazon tells of
    now must not wait behind them.
    """
    for number, line in enumerate(strangers, before):
        notice = deps.wires[profile.wire].notice(line.message)
        if notice.test_mode is None:
            notice = replace(notice, test_mode=profile.test_mode)
        await receive(
            deps,
            profile,
            f"settlement:{profile.account}:{line.object_id}",
            notice,
            line.message,
            wait=number * _PACE_MS,
        )
