"""Whose token it is, as every door that takes one asks: with the keys of the Saleor in question at hand."""

from __future__ import annotations

from contextlib import suppress

from saleor_amazonpay.saleor.signature import KeysUnavailableError
from saleor_amazonpay.saleor.views import CallerView
from saleor_amazonpay.store.tenants import Tenant
from saleor_amazonpay.web.state import Doors


async def recognize(doors: Doors, tenant: Tenant, token: str) -> CallerView:
    """The caller behind a token of this shop's. Raises CallerRefusedError."""
    if not doors.keys.knows(tenant.api_url):
        with suppress(KeysUnavailableError):
            doors.keys.prime(tenant.api_url, tenant.jwks.encode())
    return await doors.callers.recognize(tenant.api_url, tenant.app_id, token)
