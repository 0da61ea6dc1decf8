"""What Saleor has of this app, brought to what this version of the app needs: webhooks by itself, permissions by staff.

A manifest reaches a shop only when the app is installed; later the app changes its own webhooks (contracts, saleor
§1.7). That may be repeated at will, and what is new is made before what is old is taken away. A node of an older
version leaves a newer version's webhooks alone, and a shop is worked on by one node at a time. Permissions only staff
can grant: a missing one is shown as a problem.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from saleor_amazonpay import __version__
from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.flows.problems import clear_problem, raise_problem
from saleor_amazonpay.saleor import manifest
from saleor_amazonpay.saleor.views import Installation, WebhookView
from saleor_amazonpay.store import installations
from saleor_amazonpay.store.installations import Compared
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_PATH = "/api/webhooks/saleor/"
_IDENTIFIERS_SINCE = (3, 23)
_FIRST_RETRY_MS = 30_000
_MAX_RETRY_MS = 6 * 3600_000
_RECHECK_MS = 6 * 3600_000
_PERMISSIONS, _WEBHOOKS = "installation:permissions", "installation:webhooks"


async def look_at_installation(deps: Deps, tenant: Tenant) -> None:
    """Compare a shop's installation soon: staff have changed it. Raises StoreUnavailableError."""
    now = deps.clock()
    await deps.store.write(lambda tx: installations.look_at(tx, tenant.id, now))


async def update_installations(deps: Deps) -> int:
    """Bring every shop up to date that was last compared with another manifest. Raises StoreUnavailableError."""
    wanted = fingerprint(deps.public_url)

    def due(tx: Tx, now: int) -> list[Compared]:
        found = installations.due(tx, deps.store.sealer, wanted, now)
        return [one for one in found if one.asked or not _newer(one.manifest)]

    return await drain(
        deps, due, installations.claim, lambda shop: _update(deps, shop), lambda shop: _put_off(deps, shop)
    )


@cache
def fingerprint(public_url: str) -> str:
    """This version of the app, and a digest of the webhooks it wants: `1.2.0 9f86d081…`."""
    wanted = manifest.render(public_url or "https://app.invalid")["webhooks"]
    digest = hashlib.sha256(repr(wanted).encode()).hexdigest()[:32]
    return f"{__version__} {digest}"


def _newer(compared_with: str) -> bool:
    """Whether a newer version than this one has been here: in a rolling update the old nodes run on for a while."""
    return _number(compared_with.partition(" ")[0]) > _number(__version__)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


async def _update(deps: Deps, shop: Compared) -> None:
    tenant = shop.tenant
    try:
        found = await deps.saleor.installation(tenant.api_url, tenant.token)
        if not _newer(shop.manifest):
            await _follow(deps, tenant, found)
    except SaleorError as error:
        deps.log.warning("webhooks not brought up to date", tenant=tenant.id, why=str(error))
        if not error.retryable:
            text = f"The app's webhooks could not be brought up to date ({error}). Install the app again."
            await deps.store.write(lambda tx: raise_problem(tx, deps, tenant.id, _WEBHOOKS, text, critical=True))
        await _put_off(deps, shop)
        return
    missing = sorted(manifest.permissions() - found.permissions)
    wanted = shop.manifest if _newer(shop.manifest) else fingerprint(deps.public_url)

    def unit(tx: Tx) -> None:
        clear_problem(tx, deps, tenant.id, _WEBHOOKS)
        if missing:
            raise_problem(
                tx, deps, tenant.id, _PERMISSIONS,
                f"The app has not the permission {' and '.join(missing)}, so that Saleor does not tell it what happens "
                "to payments and orders. Grant it on the app's page under Extensions, or install the app again.",
                critical=True,
            )  # fmt: skip
        else:
            clear_problem(tx, deps, tenant.id, _PERMISSIONS)
        installations.compared(tx, tenant.id, wanted, deps.clock() + _RECHECK_MS if missing else 0)

    await deps.store.write(unit)


async def _follow(deps: Deps, tenant: Tenant, found: Installation) -> None:
    """Make, change and delete until Saleor has exactly our webhooks. Raises SaleorError."""
    base = deps.public_url or _base_of(found.webhooks)
    if not base:
        return
    wanted = {_event(one): one for one in manifest.render(base)["webhooks"]}
    identified = found.schema_version >= _IDENTIFIERS_SINCE
    ours = [one for one in found.webhooks if _PATH in one.target_url]
    spare = [one for one in ours if not any(event in wanted for event in one.events)]
    for event, webhook in wanted.items():
        have = [one for one in ours if event in one.events]
        spare += have[1:]
        if not have:
            await deps.saleor.create_webhook(tenant.api_url, tenant.token, _input(webhook, identified=identified))
            deps.log.info("webhook made", tenant=tenant.id, webhook=event)
        elif _differs(have[0], webhook):
            await deps.saleor.update_webhook(tenant.api_url, tenant.token, have[0].id, _input(webhook))
            deps.log.info("webhook changed", tenant=tenant.id, webhook=event)
    for one in spare:
        await deps.saleor.delete_webhook(tenant.api_url, tenant.token, one.id)
        deps.log.info("webhook deleted", tenant=tenant.id, webhook=",".join(sorted(one.events)))


def _base_of(webhooks: Sequence[WebhookView]) -> str:
    """Where the app was reached when it was installed, if no setting says so."""
    return next((one.target_url.partition(_PATH)[0] for one in webhooks if _PATH in one.target_url), "")


def _event(webhook: Mapping[str, Any]) -> str:
    events: list[str] = webhook.get("syncEvents") or webhook["asyncEvents"]
    return events[0]


def _differs(have: WebhookView, wanted: Mapping[str, Any]) -> bool:
    """Whether it is active is for staff to say."""
    return (
        have.target_url != wanted["targetUrl"]
        or have.query.split() != str(wanted["query"]).split()
        or have.events != {_event(wanted)}
    )


def _input(webhook: Mapping[str, Any], *, identified: bool = False) -> dict[str, Any]:
    names = ("name", "targetUrl", "syncEvents", "asyncEvents", "query", *(("identifier",) if identified else ()))
    return {name: webhook[name] for name in names if name in webhook}


async def _put_off(deps: Deps, shop: Compared) -> None:
    pause = min(_FIRST_RETRY_MS * 2 ** min(shop.tries, 20), _MAX_RETRY_MS)
    await deps.store.write(lambda tx: installations.look_at(tx, shop.tenant.id, deps.clock() + pause))
