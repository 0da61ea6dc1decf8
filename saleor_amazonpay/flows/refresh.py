"""Look at a payment again because a person asks: read at Amazon what is open there, and move the ledger forward.

Does what the sweep does, now instead of at its time, and nothing beyond it: no charge is made behind a buyer's back.
"""

from __future__ import annotations

from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.flaws import Flaw, FlawCode, FlawedError
from saleor_amazonpay.flows import chargebacks, payments
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.lapse import look_for_lapse
from saleor_amazonpay.flows.payments import Payment
from saleor_amazonpay.flows.recover import look
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.tenants import Tenant


def unknown_payment() -> FlawedError:
    """What is said of a transaction that this shop's ledger does not have."""
    text = "The ledger has no such payment."
    return FlawedError([Flaw("transaction_id", FlawCode.NOT_FOUND, text, "Look it up in the list of operations.")])


async def refresh(deps: Deps, tenant_id: str, transaction_id: str) -> Payment:
    """The payment as Amazon has it now. Raises FlawedError if Amazon cannot be asked, StoreUnavailableError."""
    found = await payments.payment(deps, tenant_id, transaction_id)
    if found is None:
        raise unknown_payment()
    try:
        for operation in found.operations:
            if operation.reserved:
                await look_for_lapse(deps, operation)
            elif not operation.final:
                await look(deps, operation)
    except AmazonError as error:
        text = f"Amazon could not be asked ({error.code})."
        raise FlawedError([Flaw("", FlawCode.AMAZON_UNREACHABLE, text, "Try again in a moment.")]) from None
    except UnsealError:
        text = "The secrets of the profile do not open."
        remedy = "Check AMAZONPAY_SECRET_KEYS, or enter the secrets again."
        raise FlawedError([Flaw("", FlawCode.CREDENTIALS_REJECTED, text, remedy)]) from None
    return await payments.payment(deps, tenant_id, transaction_id) or found


async def chargeback_won(deps: Deps, tenant: Tenant, operation_id: str) -> Payment | None:
    """Staff heard from Amazon that a chargeback was won; its payment then.

    May be repeated. Raises FlawedError if there is no such chargeback in this shop, StoreUnavailableError.
    """
    won = await chargebacks.chargeback_won(deps, tenant, operation_id)
    return await payments.payment_of(deps, won)
