"""Agreements for somebody who looks: a page of them, a customer's, one; and Amazon's own limit on it, read there."""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.agreement import AgreementView
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.flows.caps import AmazonLimit, amazon_limit
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.payments import MAX_PAGE
from saleor_amazonpay.store import agreement_limits, agreement_pages
from saleor_amazonpay.store.agreement_pages import Listed, Wanted
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sealed import UnsealError


async def list_agreements(
    deps: Deps, tenant_id: str, wanted: Wanted, after: tuple[int, str] | None, limit: int
) -> tuple[Sequence[Listed], bool]:
    """One page, newest first, and whether there are more."""
    count = max(1, min(limit, MAX_PAGE))
    rows = await deps.store.read(lambda tx: agreement_pages.page(tx, tenant_id, wanted, after, count + 1))
    return rows[:count], len(rows) > count


async def of_user(deps: Deps, tenant_id: str, user_id: str) -> Sequence[Listed]:
    """The agreements of a customer of this shop, newest first."""
    return await deps.store.read(lambda tx: agreement_pages.of_user(tx, tenant_id, user_id))


async def monthly_limit(deps: Deps, agreement: Agreement) -> AmazonLimit | None:
    """What Amazon still allows on an agreement this month, read there now; if it does not answer, as it was read last.

    None if Amazon has never named a limit of it.
    """
    view = await _read(deps, agreement)
    if view is not None:
        await deps.store.write(lambda tx: agreement_limits.read(tx, agreement.id, view.limit, deps.clock()))
    return await amazon_limit(deps, agreement.id)


async def _read(deps: Deps, agreement: Agreement) -> AgreementView | None:
    snapshot = await deps.directory.current()
    profile = snapshot.profiles.get(agreement.profile_id)
    wire = deps.wires.get(profile.wire) if profile is not None else None
    if profile is None or wire is None:
        return None
    try:
        return await wire.read_agreement(await deps.directory.account(profile), agreement.amazon_id)
    except (AmazonError, UnsealError) as error:
        deps.log.warning("limit of an agreement not read", agreement=agreement.id, why=type(error).__name__)
        return None
