"""LIST_STORED_PAYMENT_METHODS and STORED_PAYMENT_METHOD_DELETE_REQUESTED: a customer's saved agreements.

Saleor does not check whose a stored method is, so it is checked here: an agreement that is not this customer's is
answered like an id that does not exist. Nothing here moves money. Closing comes first at Amazon and then in the store:
a process that dies in between leaves an agreement that Amazon's notice closes here, too, and closing may be repeated.
"""

from __future__ import annotations

import asyncio

from saleor_amazonpay.domain.agreement import ENDED, AgreementState, AgreementView
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.flows.wording import sentence
from saleor_amazonpay.saleor import method_answers
from saleor_amazonpay.saleor.method_answers import StoredMethod
from saleor_amazonpay.saleor.method_payloads import CustomerRequest
from saleor_amazonpay.store import agreements, operations
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.sql import Tx

_LOOK = 4.0  # seconds for Amazon to tell how they are now; then what the store knows is shown
_CLOSE = 9.0  # seconds for closing, within the budget of one webhook
_REASON = "The buyer removed it in the shop."


async def list_methods(deps: Deps, request: Request, asked: CustomerRequest) -> bytes:
    """Answer with the customer's agreements that can be charged in this channel. Raises StoreUnavailableError."""
    if not asked.by_the_customer:
        return method_answers.listed([])
    tenant_id = request.tenant.id
    known = await deps.store.read(lambda tx: agreements.of_user(tx, tenant_id, asked.user_id))
    snapshot = await deps.directory.current()
    usable = [
        (agreement, profile)
        for agreement in known
        if (profile := snapshot.profiles.get(agreement.profile_id)) is not None
        and profile.currency == asked.currency
        and profile.state is not ProfileState.CLOSED
    ]
    views = await asyncio.gather(*(_look(deps, agreement, profile) for agreement, profile in usable))
    shown = (method_of(deps, *each, view) for each, view in zip(usable, views, strict=True))
    return method_answers.listed([method for method in shown if method is not None])


async def delete_method(deps: Deps, request: Request, asked: CustomerRequest) -> bytes:
    """End an agreement of the customer's at Amazon. Raises StoreUnavailableError."""

    def find(tx: Tx) -> tuple[Agreement | None, bool]:
        agreement = agreements.of_tenant(tx, request.tenant.id, asked.method_id)
        return agreement, agreement is not None and operations.busy(tx, agreement.id)

    agreement, busy = await deps.store.read(find)
    if agreement is None or not _owns(asked, agreement):
        return method_answers.deleted(sentence("agreement_unknown"))
    if agreement.state in ENDED:
        return method_answers.deleted()
    if busy:
        # What an identical repeat of that call does on an ended agreement, nobody could tell from a refusal.
        return method_answers.deleted(sentence("payment_in_progress"))
    profile = (await deps.directory.current()).profiles[agreement.profile_id]
    try:
        account = await deps.directory.account(profile)
        view = await deps.wires[profile.wire].close(account, agreement.amazon_id, _REASON, _CLOSE)
    except (AmazonError, UnsealError) as error:
        deps.log.warning("agreement not closed", agreement=agreement.id, why=str(error))
        return method_answers.deleted(sentence("retry_removal"))
    await deps.store.write(lambda tx: agreements.update(tx, agreement.id, view.state, view.reason, deps.clock()))
    return method_answers.deleted()


def _owns(asked: CustomerRequest, agreement: Agreement) -> bool:
    """Only what was agreed to for later, by this very customer, is hers to see and to end here."""
    return asked.by_the_customer and agreement.recurring and agreement.user_id == asked.user_id


async def _look(deps: Deps, agreement: Agreement, profile: Profile) -> AgreementView | None:
    """The agreement at Amazon, noted; None if Amazon does not tell in time, which shows what was known."""
    try:
        async with asyncio.timeout(_LOOK):
            account = await deps.directory.account(profile)
            view = await deps.wires[profile.wire].read_agreement(account, agreement.amazon_id)
    except (AmazonError, UnsealError, TimeoutError) as error:
        deps.log.info("agreement not read", agreement=agreement.id, why=type(error).__name__)
        return None
    if view is not None and (view.state, view.reason) != (agreement.state, agreement.reason):
        await deps.store.write(lambda tx: agreements.update(tx, agreement.id, view.state, view.reason, deps.clock()))
    return view


def method_of(deps: Deps, agreement: Agreement, profile: Profile, view: AgreementView | None) -> StoredMethod | None:
    """What a storefront is told of an agreement; None for one that has ended, of which there is nothing to offer."""
    state = agreement.state if view is None else view.state
    if state in ENDED:
        return None
    limit = view.limit if view is not None else None
    account = deps.directory.opened(profile)
    data = {
        "state": "open" if state is AgreementState.OPEN else "suspended",
        "consent": True if view is None or view.consent is None else view.consent,
        "monthlyLimit": None if limit is None else _money(limit.limit),
        "remaining": None if limit is None else _money(limit.remaining),
        "manageUrl": deps.wires[profile.wire].wallet_of(account, agreement.amazon_id) if account is not None else None,
        "session": {"amazonBillingAgreementId": agreement.amazon_id},
        "support": profile.support,
    }
    return StoredMethod(agreement.amazon_id, f"Amazon Pay …{agreement.amazon_id[-4:]}", data)


def _money(money: Money) -> dict[str, object]:
    """As Saleor writes money, for the buyer to read."""
    return {"amount": float(money.decimal), "currency": money.currency}
