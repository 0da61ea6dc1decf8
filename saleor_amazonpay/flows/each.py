"""Work through rows that are due, so that one that cannot be handled never holds up the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.sql import Tx

Row = TypeVar("Row")
_CLAIM_MS = 60_000


async def for_each(
    deps: Deps,
    rows: Iterable[Row],
    work: Callable[[Row], Awaitable[object]],
    again: Callable[[Row], Awaitable[object]],
) -> None:
    """Do `work` for each row; whatever it raises is logged, and `again` puts that row off.

    Raises StoreUnavailableError only: without the database there is no next row.
    """
    for row in rows:
        try:
            await work(row)
        except StoreUnavailableError:
            raise
        except Exception:
            # Secrets that do not open, a wire this version has not, an answer nobody foresaw: the row waits for it.
            deps.log.exception("row put off", row=type(row).__name__)
            await again(row)


async def drain(
    deps: Deps,
    due: Callable[[Tx, int], list[Row]],
    claim: Callable[[Tx, Row, int], bool],
    work: Callable[[Row], Awaitable[object]],
    again: Callable[[Row], Awaitable[object]],
) -> int:
    """Do `work` for everything in an inbox or outbox that is due; returns how many rows were taken.

    Each row is claimed right before it is worked on, so that two nodes do not do it at once; a node that takes one and
    dies holds it for a minute. Raises StoreUnavailableError.
    """
    done = 0
    while waiting := await deps.store.read(lambda tx: due(tx, deps.clock())):
        before = done
        for row in waiting:
            if await _claimed(deps, claim, row):
                await for_each(deps, [row], work, again)
                done += 1
        if done == before:
            break
    return done


async def _claimed(deps: Deps, claim: Callable[[Tx, Row, int], bool], row: Row) -> bool:
    return await deps.store.write(lambda tx: claim(tx, row, deps.clock() + _CLAIM_MS))
