"""A verified request on its way through a flow: whose it is, its bytes, its time, and how copies of it are answered.

The same bytes get the same answer (money.md §1). Copies in this process wait for the first one; copies on another
node read its answer from the store, and at their own deadline say what the ledger knows.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from saleor_amazonpay.domain.operation import reference_id
from saleor_amazonpay.flows.deps import Deadline, Deps
from saleor_amazonpay.store import deliveries
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

# A first copy that has not answered by then never will: its process is gone.
ABANDONED_MS = 20_000
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Request:
    """One verified delivery."""

    tenant: Tenant
    event: str
    digest: bytes
    deadline: Deadline
    # Operations whose answer this request carries: noted as told once the answer was handed to a living connection.
    answered: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, deadline: Deadline, tenant: Tenant, event: str, body: bytes) -> Request:
        """A request whose time runs since it came in."""
        return cls(tenant, event, hashlib.sha256(body).digest(), deadline)

    def operation_id(self, key: str) -> str:
        """The reference id of an operation of this tenant."""
        return reference_id(self.tenant.api_url, key)

    @property
    def refusal_id(self) -> str:
        """The psp reference of a refusal: it names no operation, and no other request has it."""
        return self.operation_id(f"refused:{self.digest.hex()}")

    def claim(self, tx: Tx, now: int) -> bytes | bool:
        """The answer these bytes already have; True if they are ours to answer, False if a copy works on them."""
        seen = deliveries.claim(tx, self.tenant.id, self.digest, self.event, now)
        if seen is None:
            return True
        if seen.answer is not None:
            return seen.answer
        return now - seen.received_at > ABANDONED_MS

    def answer(self, tx: Tx, body: bytes, operation_id: str = "") -> bytes:
        """Fix the answer of these bytes; returns the one that counts."""
        return deliveries.answer(tx, self.tenant.id, self.digest, operation_id, body)


class Copies:
    """Requests with the same bytes that are in this process at the same time: one works, the others wait."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, bytes], asyncio.Future[bytes]] = {}

    async def once(self, request: Request, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """The answer of the first copy. If that fails, every copy fails alike."""
        key = (request.tenant.id, request.digest)
        waiting = self._first.get(key)
        if waiting is not None:
            return await asyncio.shield(waiting)
        future = self._first[key] = asyncio.get_running_loop().create_future()
        try:
            body = await work()
        except BaseException as error:
            future.set_exception(error if isinstance(error, Exception) else RuntimeError("the first copy was stopped"))
            future.exception()  # seen: without copies nobody else would look
            raise
        else:
            future.set_result(body)
            return body
        finally:
            del self._first[key]


async def answer_of_copy(deps: Deps, request: Request) -> bytes | None:
    """What another node answers to the same bytes, within this request's own deadline; None if nothing came."""
    while request.deadline.left > _POLL_SECONDS:
        await asyncio.sleep(_POLL_SECONDS)
        seen = await deps.store.read(lambda tx: deliveries.find(tx, request.tenant.id, request.digest))
        if seen is None or seen.answer is not None:
            return None if seen is None else seen.answer
    return None
