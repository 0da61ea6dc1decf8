"""The three tokenization sessions: a signed-in customer saves an agreement without buying anything.

Prepare says how to show Amazon Pay, tokenize and go-on confirm the agreement the buyer made there. No money moves, no
operation is written, no cap is booked; everything may be repeated. The agreement is bound to the customer who asks,
exactly as at a purchase (money.md §4): a draft needs its buyer's token, and what somebody else owns is an unknown id.
"""

from __future__ import annotations

import asyncio

import msgspec

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.money import InvalidMoneyError, Money
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.gateway import configuration, page_of, route
from saleor_amazonpay.flows.methods import method_of
from saleor_amazonpay.flows.ownership import needs_token
from saleor_amazonpay.flows.prepare import Purchase, Refusal, prepare
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.flows.session_codes import mendable
from saleor_amazonpay.flows.wording import sentence
from saleor_amazonpay.saleor import method_answers, session_data
from saleor_amazonpay.saleor.method_payloads import CustomerRequest
from saleor_amazonpay.saleor.payloads import Source
from saleor_amazonpay.saleor.session_data import Frequency, Recurring, SessionData, SessionDataError
from saleor_amazonpay.store import agreements, routes
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx

# Saving an agreement says nothing of when it will be charged.
_WHENEVER = Recurring(Frequency("Variable", "0"))


async def prepare_saving(deps: Deps, request: Request, asked: CustomerRequest) -> bytes:
    """Answer with the configuration of the profile an agreement is saved on. Raises StoreUnavailableError."""
    found = await _profile(deps, request, asked, anew=True)
    if isinstance(found, Refusal):
        return _not_prepared(found)
    try:
        data = session_data.read_page(asked.data)
    except SessionDataError as error:
        return _not_prepared(Refusal("data_invalid", error.message))
    page = page_of(data, shipping=False, amount=Money(0, found.currency), profile=found)
    if isinstance(page, Refusal):
        return _not_prepared(page)
    account = await deps.directory.account(found)
    shown = configuration(deps, found, account, page)
    return _not_prepared(shown) if isinstance(shown, Refusal) else method_answers.prepared(shown)


def _not_prepared(refusal: Refusal) -> bytes:
    return method_answers.prepared(_told(refusal), sentence(refusal.code, refusal.detail))


async def save(deps: Deps, request: Request, asked: CustomerRequest) -> bytes:
    """Save the agreement that `data` names, or that an earlier answer named. Raises StoreUnavailableError."""
    try:
        data = session_data.read(asked.data)
    except SessionDataError as error:
        return _refused("", Refusal("data_invalid", error.message))
    named = (
        data.amazon_billing_agreement_id
        or data.charge_permission_id
        or data.amazon_checkout_session_id
        or asked.method_id
    )
    found = await _profile(deps, request, asked, anew=False)
    if isinstance(found, Refusal):
        return _refused(named, found)
    if not named:
        return _refused("", Refusal("agreement_required"))
    result = await _saved(deps, request, asked, found, data, named)
    if isinstance(result, Refusal):
        return _refused(named, result)
    method = method_of(deps, result, (await deps.directory.current()).profiles[result.profile_id], None)
    return method_answers.tokenized(result.amazon_id, method.data if method is not None else None)


async def _saved(
    deps: Deps, request: Request, asked: CustomerRequest, profile: Profile, data: SessionData, named: str
) -> Agreement | Refusal:
    """The agreement, open and the customer's; or what stands in the way."""
    tenant_id = request.tenant.id
    known = await deps.store.read(lambda tx: agreements.of_tenant(tx, tenant_id, named))
    if known is not None:
        profile = (await deps.directory.current()).profiles[known.profile_id]
    if known is not None and not _hers(known, asked, profile):
        return Refusal("agreement_unknown")
    if known is not None and not needs_token(known):
        if not known.recurring:
            return Refusal("agreement_unknown")
        if known.state is AgreementState.OPEN:
            return known
    purchase = Purchase(
        tenant_id=tenant_id,
        profile=profile,
        source=_no_purchase(asked),
        principal=asked.principal,
        data=data if data.recurring is not None else msgspec.structs.replace(data, recurring=_WHENEVER),
        agreement_id=named,
        amount=Money(0, profile.currency),
        reference_id=request.operation_id(f"agreement:{named}"),
        payment_reference=request.operation_id(f"saving:{named}"),
        capture_now=False,
        buyer_returned=asked.event == "go_on",
    )
    work = asyncio.ensure_future(prepare(deps, purchase, known))
    done, _ = await asyncio.wait({work}, timeout=request.deadline.left)
    if not done:  # it only looks and confirms; the next try finds what it achieved
        work.add_done_callback(lambda task: task.exception())
        return Refusal("retry")
    ready = work.result()
    if isinstance(ready, Refusal):
        return ready
    return ready.agreement if _hers(ready.agreement, asked, profile) else Refusal("agreement_unknown")


def _hers(agreement: Agreement, asked: CustomerRequest, profile: Profile) -> bool:
    """Whether an agreement would be on this customer's list in this channel: one that a guest began never is."""
    here = profile.currency == asked.currency and profile.state is not ProfileState.CLOSED
    return here and agreement.user_id == asked.user_id


async def _profile(deps: Deps, request: Request, asked: CustomerRequest, *, anew: bool) -> Profile | Refusal:
    """The profile of a customer's saved agreements in this channel: what prepare chose, for a day."""
    snapshot, source = await deps.directory.current(), _no_purchase(asked)
    if not asked.by_the_customer:
        return Refusal("no_profile")
    try:
        nothing = Money(0, asked.currency)
    except InvalidMoneyError:
        return Refusal("currency_unsupported")

    def unit(tx: Tx) -> tuple[str, str]:
        now = deps.clock()
        chosen = None if anew else routes.chosen(tx, request.tenant.id, source.id, now)
        if chosen is not None and chosen in snapshot.profiles:
            return chosen, ""
        routed, why = route(tx, snapshot, request.tenant.id, source, nothing, now)
        return (routed.id, "") if routed is not None else ("", why)

    profile_id, why = await deps.store.write(unit)
    if not profile_id:
        return Refusal(why)
    profile = snapshot.profiles[profile_id]
    return profile if profile.allow_recurring else Refusal("recurring_not_allowed")


def _no_purchase(asked: CustomerRequest) -> Source:
    """What stands for the checkout where there is none: the customer in her channel."""
    key = f"saving:{asked.user_id}:{asked.channel_slug}"
    return Source("checkout", key, asked.channel_slug, asked.currency, asked.user_id, False, key)


def _refused(named: str, refusal: Refusal) -> bytes:
    """What the buyer can mend keeps the session open, under the agreement's id or a word for none."""
    if mendable(refusal.code):
        return method_answers.action_required(named or "new", _told(refusal))
    return method_answers.not_tokenized(sentence(refusal.code, refusal.detail), _told(refusal))


def _told(refusal: Refusal) -> dict[str, object]:
    text = sentence(refusal.code, refusal.detail)
    told: dict[str, object] = {"available": False, "code": refusal.code, "message": text, **refusal.data}
    if refusal.object_id:
        told["amazonObjectId"] = refusal.object_id
    return told
