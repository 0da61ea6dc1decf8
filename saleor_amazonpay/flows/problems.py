"""What staff should know, shown in the Dashboard as App Problems of Saleor's, and cleared when it is over.

Raised and cleared in the transaction that found out, told to Saleor by a job. A problem is never the only trace of
money: it points at a row of the ledger.
"""

from __future__ import annotations

from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.store import problems, tenants
from saleor_amazonpay.store.problems import Problem
from saleor_amazonpay.store.sql import Tx

_FIRST_RETRY_MS = 5_000
_MAX_RETRY_MS = 3_600_000


def raise_problem(tx: Tx, deps: Deps, tenant_id: str, key: str, message: str, *, critical: bool = False) -> None:
    """Let staff see a problem. The same key and words again change nothing; other words replace the old ones.

    `key` has 3 to 128 characters and names the kind and its subject, e.g. `credentials:<profile id>`; `message` is one
    or two sentences that end with what to do, without secrets and buyers' data.
    """
    problems.put(tx, tenant_id, key, message, critical, deps.clock())


def clear_problem(tx: Tx, deps: Deps, tenant_id: str, key: str) -> None:
    """It is over; nothing happens if it was not raised."""
    problems.close(tx, tenant_id, key, deps.clock())


async def deliver_problems(deps: Deps) -> int:
    """Tell Saleor what has changed; returns how many rows were tried. Raises StoreUnavailableError."""
    return await drain(
        deps, problems.due, problems.claim, lambda problem: _tell(deps, problem), lambda row: _put_off(deps, row)
    )


async def _tell(deps: Deps, problem: Problem) -> None:
    tenant = await deps.store.read(lambda tx: tenants.by_id(tx, deps.store.sealer, problem.tenant_id))
    if tenant is not None and not tenant.removed_at:
        try:
            if problem.open:
                await deps.saleor.raise_problem(
                    tenant.api_url, tenant.token, problem.key, problem.message, critical=problem.critical
                )
            else:
                await deps.saleor.dismiss_problem(tenant.api_url, tenant.token, problem.key)
        except SaleorError as error:
            if error.retryable:
                await _put_off(deps, problem)
                return
            # A Saleor older than 3.22 has no App Problems: ours are still seen in the API, the page and the log.
            deps.log.warning("problem not shown in Saleor", key=problem.key, why=str(error))
    await deps.store.write(lambda tx: problems.told(tx, problem))


async def _put_off(deps: Deps, problem: Problem) -> None:
    pause = min(_FIRST_RETRY_MS * 2 ** min(problem.tries, 20), _MAX_RETRY_MS)
    await deps.store.write(lambda tx: problems.told(tx, problem, deps.clock() + pause))
