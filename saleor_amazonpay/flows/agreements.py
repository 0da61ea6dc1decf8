"""Agreements for somebody who looks: a page of them, a customer's, one; and Amazon's own limit on it, read there."""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.agreement import MonthlyLimit
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.payments import MAX_PAGE
from saleor_amazonpay.store import agreement_pages
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


async def monthly_limit(deps: Deps, agreement: Agreement) -> MonthlyLimit | None:
    """What Amazon still allows on an agreement this month; None if it names no limit, or does not answer."""
    snapshot = await deps.directory.current()
    profile = snapshot.profiles.get(agreement.profile_id)
    wire = deps.wires.get(profile.wire) if profile is not None else None
    if profile is None or wire is None:
        return None
    try:
        view = await wire.read_agreement(await deps.directory.account(profile), agreement.amazon_id)
    except (AmazonError, UnsealError) as error:
        deps.log.warning("limit of an agreement not read", agreement=agreement.id, why=type(error).__name__)
        return None
    return None if view is None else view.limit
