"""Installing and deleting the app: what Saleor's unsigned token POST and its signed APP_DELETED lead to.

Anybody may POST a token. It is believed only if the API URL is allowed, and that API, called back with that token,
says that it belongs to this app (contracts, saleor §1.5). A reinstall replaces app id and token; the tenant and its
payments stay.
"""

from __future__ import annotations

from uuid import uuid4

from saleor_amazonpay.domain.errors import AmazonPayError, SaleorError
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.saleor.guard import AllowList, UrlRefusedError
from saleor_amazonpay.saleor.payloads import AppNotice
from saleor_amazonpay.saleor.signature import KeyRing
from saleor_amazonpay.store import tenants
from saleor_amazonpay.store.tenants import Tenant


class RegistrationRefusedError(AmazonPayError):
    """The app was not installed. `message` is shown to staff by Saleor and says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


async def register(deps: Deps, allowed: AllowList, keys: KeyRing, api_url: str, token: str) -> Tenant:
    """Prove and store an installation. Raises RegistrationRefusedError, StoreUnavailableError."""
    try:
        url = allowed.admit(api_url)
    except UrlRefusedError as error:
        raise RegistrationRefusedError(
            "url_not_allowed", f"{error}. Add it to AMAZONPAY_ALLOWED_SALEOR_URLS and install again."
        ) from error
    try:
        identity = await deps.saleor.prove(url, token)
        jwks = await deps.saleor.fetch_jwks(url)
    except SaleorError as error:
        raise RegistrationRefusedError(
            "token_not_proven",
            f"{url} did not confirm the token ({error}). Check that this app reaches the API, and install again.",
        ) from error
    sealer, now = deps.store.sealer, deps.clock()
    tenant_id = await deps.store.write(
        lambda tx: tenants.register(
            tx, sealer, uuid4().hex, url, identity.app_id, token, jwks.decode("utf-8", "replace"), now
        )
    )
    keys.prime(url, jwks)
    deps.directory.forget()
    tenant = await deps.directory.tenant(url)
    if tenant is None:
        raise RegistrationRefusedError("not_stored", "The installation was not stored. Install again.")
    deps.log.info("installed", tenant=tenant_id, api_url=url, app=identity.app_id)
    return tenant


async def app_deleted(deps: Deps, tenant: Tenant, notice: AppNotice) -> bool:
    """Forget the token of a deleted app. A late notice of an earlier installation changes nothing (returns False)."""
    removed = await deps.store.write(lambda tx: tenants.remove(tx, tenant.id, notice.app_id, deps.clock()))
    deps.directory.forget()
    deps.log.info("deleted", tenant=tenant.id, app=notice.app_id, was_current=removed)
    return removed
