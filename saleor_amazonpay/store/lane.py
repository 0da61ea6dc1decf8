"""Where units of work run: threads with one connection each, and one commit for all that wait together.

A unit is a synchronous function of a `Tx`. Everything waiting when a thread becomes free goes into one transaction
(SQLite: BEGIN IMMEDIATE), so that buyers who pay at the same moment share one fsync. If any unit of such a group
fails, the group is rolled back and each unit runs again alone: a unit must therefore have no effect outside its
transaction. A caller that stops waiting does not undo its unit.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from saleor_amazonpay.steps import step, watched
from saleor_amazonpay.store.sql import Tx

T = TypeVar("T")
Unit = Callable[[Tx], T]

_GROUP = 64  # units that share a commit at most, so that nobody waits for a long queue to be worked off
_TRIES = 4  # for one unit that lost a race with another node (deadlock, unique key)


class StoreUnavailableError(Exception):
    """The database could not be reached or did not commit. What a unit wrote is not there, or not known to be."""


class Lane:
    """`threads` workers on one engine.

    Args:
        engine: connections are taken from it, one per worker, for as long as they work.
        threads: how many. SQLite has one writer.
        name: for thread names.
        writes: whether a commit of this lane changes anything, and is a step (see steps.py).
    """

    def __init__(self, engine: sa.Engine, threads: int, name: str, *, writes: bool = True) -> None:
        self._engine = engine
        self._writes = writes
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self.threads = tuple(
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(threads)
        )
        self.commits = 0
        self.units = 0
        self._closed = False
        for thread in self.threads:
            thread.start()

    async def run(self, unit: Unit[T]) -> T:
        """Run a unit and return its result after the commit. Raises what it raised, or StoreUnavailableError."""
        if self._closed:
            raise StoreUnavailableError("the store was closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Item(unit, future, loop))
        return await future

    def close(self) -> None:
        """Finish what waits, then stop. Blocks until the workers have gone. What comes later raises."""
        self._closed = True
        for _ in self.threads:
            self._queue.put(None)
        for thread in self.threads:
            thread.join()
        # Whoever came in while the workers left must not wait for ever.
        left = []
        while not self._queue.empty():
            item = self._queue.get_nowait()
            left += [item] if item is not None else []
        if left:
            _hand_over(left, [(None, StoreUnavailableError("the store was closed"))] * len(left))

    def _work(self) -> None:
        connection: sa.Connection | None = None
        try:
            while group := self._take():
                try:
                    connection = connection or self._engine.connect()
                    done = self._together(connection, group) if len(group) > 1 else None
                    done = done or [self._alone(connection, item) for item in group]
                except (sa.exc.SQLAlchemyError, StoreUnavailableError, OSError) as error:
                    failure = StoreUnavailableError(f"the database is not available: {type(error).__name__}")
                    failure.__cause__ = error
                    done = [(None, failure)] * len(group)
                if connection is not None and any(isinstance(error, StoreUnavailableError) for _, error in done):
                    connection.invalidate()
                    connection.close()
                    connection = None
                _hand_over(group, done)
        finally:
            if connection is not None:
                connection.close()

    def _take(self) -> list[_Item]:
        first = self._queue.get()
        if first is None:
            return []
        group = [first]
        while len(group) < _GROUP:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:  # closing: another worker, or this one in its next turn, takes the hint
                self._queue.put(None)
                break
            group.append(item)
        return group

    def _together(self, connection: sa.Connection, group: list[_Item]) -> list[_Done] | None:
        """All units in one transaction, or None if any of them failed and nothing was kept."""
        try:
            with connection.begin():
                tx = Tx(connection)
                results: list[_Done] = [(item.unit(tx), None) for item in group]
                tx.close()
                self._announce("before commit", group)
        except Exception:  # noqa: BLE001 - whichever unit failed, the others deserve their own try
            return None
        self._announce("after commit", group)
        self.commits += 1
        self.units += len(group)
        return results

    def _alone(self, connection: sa.Connection, item: _Item) -> _Done:
        dbapi = self._engine.dialect.loaded_dbapi
        for turn in range(_TRIES):
            try:
                with connection.begin():
                    tx = Tx(connection)
                    result = item.unit(tx)
                    tx.close()
                    self._announce("before commit", [item])
            except dbapi.IntegrityError as error:
                if turn == _TRIES - 1:
                    return None, error
            except (dbapi.OperationalError, dbapi.InterfaceError) as error:
                if turn == _TRIES - 1 or not _lost_a_race(error):
                    return None, _unavailable(error)
            except sa.exc.DBAPIError as error:
                return None, _unavailable(error)
            except Exception as error:  # noqa: BLE001 - the unit's own error belongs to its caller
                return None, error
            else:
                self._announce("after commit", [item])
                self.commits += 1
                self.units += 1
                return result, None
        raise AssertionError("unreachable")

    def _announce(self, kind: Literal["before commit", "after commit"], group: list[_Item]) -> None:
        if self._writes and watched():
            for item in group:
                step(kind, getattr(item.unit, "__qualname__", "a unit").replace(".<locals>", ""))


_Done = tuple[Any, BaseException | None]


class _Item:
    __slots__ = ("future", "loop", "unit")

    def __init__(self, unit: Unit[Any], future: asyncio.Future[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.unit = unit
        self.future = future
        self.loop = loop


def _lost_a_race(error: Exception) -> bool:
    """Deadlock and serialization failures undo the transaction and may be tried again."""
    return getattr(error, "sqlstate", None) in {"40001", "40P01"}


def _unavailable(error: Exception) -> StoreUnavailableError:
    failure = StoreUnavailableError(f"the database is not available: {type(error).__name__}")
    failure.__cause__ = error
    return failure


def _hand_over(group: list[_Item], done: list[_Done]) -> None:
    """Give the results to their loops, one wake-up per loop and group."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], _Done]]] = {}
    for item, result in zip(group, done, strict=True):
        by_loop.setdefault(item.loop, []).append((item.future, result))
    for loop, results in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, results)


def _resolve(results: list[tuple[asyncio.Future[Any], _Done]]) -> None:
    for future, (value, error) in results:
        if future.done():
            continue
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)
