"""`/healthz`: this process lives. `/readyz`: it can take payments. `/metrics`: how it does."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.migrate import is_current
from saleor_amazonpay.web.errors import answer, error
from saleor_amazonpay.web.state import Doors

_PATIENCE = 3.0


async def healthz(_request: Request) -> Response:
    """Alive, whatever else is away."""
    return answer(b'{"status":"alive"}')


async def readyz(request: Request) -> Response:
    """Ready once the database answers and has the schema of this version."""
    doors: Doors = request.app.state.doors
    try:
        current = await asyncio.wait_for(doors.deps.store.read(lambda tx: is_current(tx.connection)), _PATIENCE)
    except (StoreUnavailableError, TimeoutError):
        return error(503, "store_unavailable", "The database does not answer.")
    if not current:
        return error(503, "schema_outdated", "Run `saleor-amazonpay migrate`.")
    return answer(b'{"status":"ready"}')


async def metrics(request: Request) -> Response:
    """Prometheus' exposition format."""
    doors: Doors = request.app.state.doors
    return Response(doors.metrics.text(), media_type="text/plain; version=0.0.4")
