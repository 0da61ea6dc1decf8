"""What Saleor shows of a payment, for work that no request of Saleor's has begun."""

from __future__ import annotations

from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.saleor.views import TransactionView
from saleor_amazonpay.store import tenants


async def seen_in_saleor(deps: Deps, operation: Operation) -> TransactionView | None:
    """The transaction of an operation; None if Saleor has none, refuses to show it, or has removed the app.

    Raises SaleorError, always a retryable one, if Saleor cannot be asked now.
    """
    tenant = await deps.store.read(lambda tx: tenants.by_id(tx, deps.store.sealer, operation.tenant_id))
    if not operation.transaction_id or tenant is None or tenant.removed_at:
        return None
    try:
        return await deps.saleor.transaction(tenant.api_url, tenant.token, operation.transaction_id)
    except SaleorError as error:
        if error.retryable:
            raise
        deps.log.warning("transaction not shown", transaction=operation.transaction_id, saleor_code=error.code)
        return None
