"""Bring a buyer's agreement to where it may be charged: prove the owner, read it, set and confirm it.

Nothing here moves money, and everything may be repeated at will: a process that dies on any line leaves at most an
agreement that the buyer has confirmed already. The order matters: the buyer's token is checked with Login with Amazon
before Amazon Pay is asked anything about the agreement, so that an id alone teaches nobody anything (money.md §4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

from saleor_amazonpay.amazon.port import Account, BuyerStep, Plan, Terms, Wire
from saleor_amazonpay.domain.agreement import AgreementState, AgreementView
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    RefusedError,
    TokenRefusedError,
    WireGoneError,
)
from saleor_amazonpay.domain.money import InvalidMoneyError, Money
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.ownership import charging_app, needs_token, user_of
from saleor_amazonpay.flows.trouble import keys_rejected
from saleor_amazonpay.saleor.payloads import Principal, Source
from saleor_amazonpay.saleor.session_data import Recurring, SessionData
from saleor_amazonpay.store import agreement_limits, agreements
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx

# How long Amazon keeps a draft that nobody confirms.
DRAFT_LIFE_MS = 3 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request becomes no operation: nothing was charged. `detail` is for staff and shop developers.

    `object_id` is what Amazon's widgets and its confirmation page have to be shown for, if the buyer has to see them;
    `data` is what else the wire has to tell the storefront.
    """

    code: str
    detail: str = ""
    object_id: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An agreement that may be charged, or the purchase that is charged in its place."""

    agreement: Agreement
    purchase_id: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """Who wants to pay what, with which agreement of Amazon's."""

    tenant_id: str
    profile: Profile
    source: Source
    principal: Principal | None
    data: SessionData
    agreement_id: str
    amount: Money
    reference_id: str
    payment_reference: str
    capture_now: bool
    buyer_returned: bool


class _RefusedRequestError(Exception):
    def __init__(self, code: str, detail: str = "", object_id: str = "", data: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, detail, object_id, data or {})


async def prepare(deps: Deps, purchase: Purchase, known: Agreement | None) -> Prepared | Refusal:
    """The agreement, open and bound to its owner; or what stands in the way. Raises UnsealError only."""
    account = await deps.directory.account(purchase.profile)
    wire = deps.wires[purchase.profile.wire]
    try:
        buyer_id = await _prove_buyer(wire, account, purchase, known)
        agreement = known or await _bind(deps, wire, account, purchase, buyer_id)
        return await _make_ready(deps, wire, account, purchase, agreement)
    except _RefusedRequestError as error:
        return error.refusal
    except TokenRefusedError:
        return Refusal("access_token_invalid")
    except WireGoneError as error:
        deps.log.warning("the wire of a profile is gone", profile=purchase.profile.id, amazon_code=error.code)
        return Refusal("wire_gone")
    except AmazonError as error:
        # Only looked or confirmed so far: the buyer may simply press again.
        deps.log.warning(
            "agreement not prepared",
            operation=error.operation,
            amazon_code=error.code,
            request_id=error.request_id,
        )
        if isinstance(error, CredentialsRejectedError):
            code = error.code
            await deps.store.write(lambda tx: keys_rejected(tx, deps, purchase.profile, code))
        return Refusal("refused", error.message) if type(error) is RefusedError else Refusal("retry")


async def _prove_buyer(wire: Wire, account: Account, purchase: Purchase, known: Agreement | None) -> str:
    if not needs_token(known) or charging_app(purchase.profile, purchase.principal):
        return known.buyer_id if known is not None else ""
    if not wire.draft_needs_token:
        if known is not None and not wire.is_secret(known.amazon_id):
            raise _RefusedRequestError("agreement_unknown")  # a draft of the wire before: nothing proves whose it is
        return known.buyer_id if known is not None else ""  # who it is will be read with the draft itself
    if not purchase.data.access_token:
        raise _RefusedRequestError("access_token_required")
    buyer_id = await wire.buyer_of(account, purchase.data.access_token)
    if known is not None and known.buyer_id != buyer_id:
        raise _RefusedRequestError("agreement_unknown")
    return buyer_id


async def _bind(deps: Deps, wire: Wire, account: Account, purchase: Purchase, buyer_id: str) -> Agreement:
    try:
        view = await wire.read_agreement(account, purchase.agreement_id, purchase.data.access_token or "")
    except RefusedError as error:
        if type(error) is not RefusedError:
            raise
        raise _RefusedRequestError("agreement_unknown") from error
    if view is None:
        raise _RefusedRequestError("agreement_unknown")
    buyer_id = buyer_id or view.buyer_id
    if not _may_be_bound(view, purchase):
        # Not a draft any more: a click a moment earlier may have bound and confirmed it for the same buyer, and a
        # session that was completed goes on under the id of what it became.
        return _owned(
            await deps.store.read(lambda tx: agreements.on_account(tx, purchase.profile.account, view.amazon_id)),
            purchase,
            buyer_id,
        )
    new = Agreement(
        id=uuid4().hex,
        tenant_id=purchase.tenant_id,
        profile_id=purchase.profile.id,
        account=purchase.profile.account,
        amazon_id=purchase.agreement_id,
        state=view.state,
        reason=view.reason,
        recurring=_for_later_charges(purchase, None),
        buyer_id=buyer_id,
        user_id=user_of(purchase.principal),
        source_id=purchase.source.ids[-1],
    )
    return _owned(await deps.store.write(lambda tx: agreements.bind(tx, new, deps.clock())), purchase, buyer_id)


def _owned(bound: Agreement | None, purchase: Purchase, buyer_id: str) -> Agreement:
    """The first binding counts: an agreement of another shop, profile or buyer is an unknown id."""
    owner = None if bound is None else (bound.tenant_id, bound.profile_id, bound.buyer_id)
    if bound is None or owner != (purchase.tenant_id, purchase.profile.id, buyer_id):
        raise _RefusedRequestError("agreement_unknown")
    return bound


def _may_be_bound(view: AgreementView, purchase: Purchase) -> bool:
    """At first sight an agreement must be a draft. A confirmed one that we never saw belongs to somebody else."""
    return view.state is AgreementState.DRAFT or charging_app(purchase.profile, purchase.principal)


async def _make_ready(deps: Deps, wire: Wire, account: Account, purchase: Purchase, known: Agreement) -> Prepared:
    recurring = _for_later_charges(purchase, known)
    other = purchase.data.recurring is not None or known.source_id not in purchase.source.ids
    if not recurring and other:
        raise _RefusedRequestError("agreement_unknown")  # the buyer agreed to one purchase, and this is not it
    step = await wire.prepare(account, purchase.agreement_id, _terms(purchase, known, recurring=recurring))
    agreement = replace(
        known,
        state=step.agreement.state,
        reason=step.agreement.reason,
        recurring=recurring,
        purchase_id=step.purchase_id,
        confirming=isinstance(step, BuyerStep) and (known.confirming or step.code == "authentication"),
    )
    now = deps.clock()
    # A purchase that is not paid by then will not be: the agreement it was made on is gone (contracts, Amazon §1.5).
    due_at = now + DRAFT_LIFE_MS if step.purchase_id and not recurring else 0
    became = "" if isinstance(step, BuyerStep) or step.purchase_id else step.agreement.amazon_id
    limit = step.agreement.limit

    def unit(tx: Tx) -> None:
        if agreement.amazon_id != purchase.agreement_id:
            return  # it goes on under another id than the session's, and the ledger knows more of it than that
        agreements.prepared(tx, agreement, due_at, now)
        agreement_limits.read(tx, agreement.id, limit, now)
        if became:  # a session that was completed without a payment is an agreement by now
            agreements.becomes(tx, agreement.id, became, now)

    await deps.store.write(unit)
    if isinstance(step, BuyerStep):
        why = "; ".join(constraint.description for constraint in step.constraints)
        raise _RefusedRequestError(step.code, why, step.purchase_id or purchase.agreement_id, step.data)
    return Prepared(replace(agreement, amazon_id=became or agreement.amazon_id), step.purchase_id)


def _for_later_charges(purchase: Purchase, known: Agreement | None) -> bool:
    """What the buyer agrees to: a confirmed agreement stays what it is; a draft becomes what this request asks for."""
    if known is not None and not needs_token(known):
        return known.recurring
    # An app that the profile lists brings agreements which buyers confirmed elsewhere, for later charges.
    return purchase.data.recurring is not None or charging_app(purchase.profile, purchase.principal)


def _terms(purchase: Purchase, known: Agreement, *, recurring: bool) -> Terms:
    data, profile = purchase.data, purchase.profile
    return Terms(
        reference_id=purchase.reference_id,
        amount=purchase.amount,
        recurring=recurring,
        store_name=profile.customer_service_sender or profile.alias,
        note=profile.buyer_note,
        # Later charges are the shop's, without the buyer; a one-time purchase is the buyer's own.
        customer_initiated=not recurring,
        plan=plan_of(data.recurring, purchase.amount.currency) if recurring else None,
        inherit_shipping=purchase.source.shipping_required,
        buyer_present=not charging_app(profile, purchase.principal),
        success_url=_permitted(data.success_url, profile),
        failure_url=_permitted(data.failure_url, profile),
        purchase_id="" if recurring else known.purchase_id,
        confirming=known.confirming,
        authentication=data.authentication_status or "",
        payment_reference=purchase.payment_reference,
        capture_now=purchase.capture_now,
        may_pend=data.may_pend,
        buyer_returned=purchase.buyer_returned,
        descriptor=profile.descriptor,
    )


def plan_of(recurring: Recurring | None, currency: str) -> Plan | None:
    """How often later charges come, and what each comes to if the storefront says that it is always the same.

    An amount that the currency does not have is left out: it only tells the buyer what to expect.
    """
    if recurring is None:
        return None
    unit, value = recurring.frequency.unit, recurring.frequency.value
    if not recurring.amount or unit == "Variable":
        return Plan(unit, value)
    try:
        return Plan(unit, value, Money.parse(recurring.amount, currency))
    except InvalidMoneyError:
        return Plan(unit, value)


def permitted(url: str, profile: Profile) -> bool:
    """Whether a return URL lies on one of the profile's shop origins."""
    return any(url == origin or url.startswith(origin.rstrip("/") + "/") for origin in profile.shop_origins)


def _permitted(url: str | None, profile: Profile) -> str:
    """A return URL, if it lies on one of the profile's shop origins; anything else is refused, not dropped."""
    if not url:
        return ""
    if permitted(url, profile):
        return url
    raise _RefusedRequestError("data_invalid", "the return URL is not on one of the profile's shop origins")
