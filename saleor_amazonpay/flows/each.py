"""Work through rows that are due, so that one that cannot be handled never holds up the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store.lane import StoreUnavailableError

Row = TypeVar("Row")


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
