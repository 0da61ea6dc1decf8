"""Charge a buyer's agreement for an order, because staff or a subscription app asks for it through our API.

The charge goes the way of every other: this app begins a transaction in Saleor, Saleor calls our own webhook, and
there, and only there, the operation is committed, the cap reserved and Amazon called. So Saleor's books hold it from
the first moment, and a process that dies here leaves nothing behind that the webhook's own recovery does not finish.
The idempotency key makes a repeat of this request the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import uuid4

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.flaws import Flaw, FlawCode, FlawedError
from saleor_amazonpay.domain.money import InvalidMoneyError, Money
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.flows import payments
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.payments import Payment
from saleor_amazonpay.store import agreement_pages, profiles
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_MAX_KEY = 64
Result = Literal["charged", "pending", "failed"]


@dataclass(frozen=True, slots=True)
class Charged:
    """What came of it. `code` is the session answer's; the payment is None where none was begun."""

    result: Result
    transaction_id: str
    code: str
    message: str
    payment: Payment | None


def chargeable(agreement: Agreement, profile: Profile) -> bool:
    """Whether an agreement can be charged without its buyer now."""
    return agreement.recurring and agreement.state is AgreementState.OPEN and profile.state is not ProfileState.CLOSED


async def charge_agreement(
    deps: Deps, tenant: Tenant, agreement_id: str, order_id: str, amount: Decimal | None, key: str
) -> Charged:
    """Charge an agreement for an order; amount None is what is left to pay. Raises FlawedError, StoreUnavailableError.

    `key` names this charge: the same key again is the same charge. Without one each request is a charge of its own.
    """

    def look(tx: Tx) -> tuple[Agreement, Profile] | None:
        found = agreement_pages.one(tx, tenant.id, agreement_id)
        profile = found and profiles.one(tx, tenant.id, found.agreement.profile_id)
        return (found.agreement, profile) if found and profile else None

    found = await deps.store.read(look)
    if found is None:
        raise _flaw("id", FlawCode.NOT_FOUND, "There is no such agreement.", "Load the list of agreements again.")
    agreement, profile = found
    if not chargeable(agreement, profile):
        raise _not_chargeable(agreement, profile)
    if len(key) > _MAX_KEY:
        raise _flaw("idempotency_key", FlawCode.TOO_LONG, f"The key is longer than {_MAX_KEY}.", "Shorten it.")
    money = _money(amount, profile.currency)
    data = {"amazonBillingAgreementId": agreement.amazon_id}
    named = key or uuid4().hex
    try:
        begun = await deps.saleor.begin_charge(
            tenant.api_url, tenant.token, order_id, money, data, f"rebill:{agreement.id}:{named}"
        )
    except SaleorError as error:
        raise _not_begun(error, named) from None
    deps.log.info("agreement charged", agreement=agreement.id, transaction=begun.transaction_id, result=begun.event)
    payment = await payments.payment(deps, tenant.id, begun.transaction_id)
    return Charged(_result(begun.event), begun.transaction_id, begun.code, begun.message, payment)


def _result(event: str) -> Result:
    if event == "CHARGE_SUCCESS":
        return "charged"
    return "pending" if event == "CHARGE_REQUEST" else "failed"


def _money(amount: Decimal | None, currency: str) -> Money | None:
    if amount is None:
        return None
    try:
        money = Money.parse(amount, currency)
    except InvalidMoneyError:
        money = None
    if not money:
        raise _flaw("amount", FlawCode.INVALID, f"{amount} is no amount in {currency}.", "Enter more than 0, rounded.")
    return money


def _not_chargeable(agreement: Agreement, profile: Profile) -> FlawedError:
    if profile.state is ProfileState.CLOSED:
        return _flaw("id", FlawCode.PROFILE_CLOSED, "The agreement's profile is closed.", "Pause it instead.")
    if not agreement.recurring:
        text = "The buyer agreed to one purchase only."
        return _flaw("id", FlawCode.NOT_CHARGEABLE, text, "Ask the buyer to agree to later charges in the shop.")
    text = f"The agreement is {agreement.state.value}."
    return _flaw("id", FlawCode.NOT_CHARGEABLE, text, "Ask the buyer to choose a payment method in Amazon Pay again.")


def _not_begun(error: SaleorError, key: str) -> FlawedError:
    if error.retryable:
        text = "Saleor gave no answer, so the charge may have been made."
        remedy = f"Look at the order first; a repeat with the idempotency key {key} is the same charge."
        return _flaw("", FlawCode.SALEOR_UNREACHABLE, text, remedy)
    text = f"Saleor did not begin the charge ({error.code or 'refused'})."
    return _flaw("order_id", FlawCode.SALEOR_REFUSED, text, "Check that the order exists and is not paid already.")


def _flaw(field: str, code: FlawCode, message: str, remedy: str) -> FlawedError:
    return FlawedError([Flaw(field, code, message, remedy)])
