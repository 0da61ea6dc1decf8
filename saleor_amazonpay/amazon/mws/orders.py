"""The order reference of a one-time sale, on an agreement that stays a Draft (contracts §1.8, §1.9).

In comes an agreement id the buyer's widgets made, out comes an order reference that may be charged, or the one thing
the buyer has to do first. On a Draft Amazon makes one order reference and no second, and the answer that names it may
be lost: it carries our reference as its SellerOrderId and is found by that. Nothing here moves money; everything may
be repeated.
"""

from __future__ import annotations

from saleor_amazonpay.amazon.mws import params
from saleor_amazonpay.amazon.mws.agreements import (
    PATIENCE,
    Agreements,
    asks_buyer,
    constraints_of,
    first_obstacle,
    held_back,
)
from saleor_amazonpay.amazon.mws.calls import MwsCalls
from saleor_amazonpay.amazon.mws.objects import Objects, order_in
from saleor_amazonpay.amazon.mws.outcomes import AGREEMENT_STATES, UNKNOWN_CONSTRAINT
from saleor_amazonpay.amazon.mws.shapes import OrderDetails
from saleor_amazonpay.amazon.port import Account, BuyerStep, Ready, Terms
from saleor_amazonpay.domain.agreement import ENDED, AgreementState, AgreementView, Constraint
from saleor_amazonpay.domain.errors import CredentialsRejectedError, RefusedError

_UNCONFIRMED = frozenset({AgreementState.DRAFT, AgreementState.SUSPENDED})

# Amazon would not confirm at once: the order reference is then made first, and confirmed by a call of its own.
_NOT_AT_ONCE = frozenset(
    {
        "BillingAgreementConstraintsExist",
        "ConstraintsExist",
        "InvalidBillingAgreementStatus",
        "InvalidOrderReferenceStatus",
    }
)
_MADE_BEFORE = "OrderReferenceCountExceeded"

# Refusals of Set and Confirm that say no more than "look again".
_STATE_MOVED_ON = frozenset(
    {"ConstraintsExist", "InvalidOrderReferenceStatus", "OrderReferenceNotModifiable", "PaymentMethodNotUpdated"}
)
_CONSENT = "consent_missing"


class Orders:
    """Makes, confirms, reads and closes the order references of one-time sales."""

    def __init__(self, calls: MwsCalls, agreements: Agreements) -> None:
        self._calls = calls
        self._agreements = agreements
        self._objects = Objects(calls)

    async def prepare(self, account: Account, agreement_id: str, terms: Terms) -> Ready | BuyerStep:
        """Bring the one order reference of a Draft to where it may be charged. Raises AmazonError."""
        if terms.purchase_id:
            return await self._finish(
                account, agreement_id, await self._objects.order(account, terms.purchase_id), terms
            )
        view = await self._agreements.known(account, agreement_id)
        if view.state is AgreementState.OPEN:
            return Ready(view)  # confirmed for later charges meanwhile: it is charged itself
        if view.state in ENDED:
            return BuyerStep("agreement_ended", view)
        # The order inherits what the buyer has chosen, so she has to have chosen it. Consent is for later charges.
        missing = tuple(each for each in view.constraints if each.code != _CONSENT)
        if missing:
            return BuyerStep(first_obstacle(missing), view, missing)
        order = await self._made(account, agreement_id, terms)
        if order is None:
            # Amazon has one that is not ours: this agreement can carry no purchase any more.
            return BuyerStep("agreement_draft", view)
        return await self._finish(account, agreement_id, order, terms)

    async def read(self, account: Account, order_id: str) -> AgreementState:
        """Where an order reference stands. Raises AmazonError."""
        return state_of(await self._objects.order(account, order_id))

    async def close(self, account: Account, order_id: str, reason: str, patience: float) -> AgreementState:
        """CloseOrderReference, if it is open; returns where it stands then. Raises AmazonError.

        Amazon ends by itself what was paid in full, and what stayed a Draft.
        """
        state = await self.read(account, order_id)
        if state is AgreementState.DRAFT or state in ENDED:
            return state
        try:
            await self._calls.call(account, "CloseOrderReference", params.close_order(order_id, reason), patience)
        except CredentialsRejectedError:
            raise
        except RefusedError:
            return await self.read(account, order_id)
        return AgreementState.CLOSED

    async def _made(self, account: Account, agreement_id: str, terms: Terms) -> OrderDetails | None:
        """The order reference, made now or before; None if Amazon has one that does not carry our reference."""
        for confirm_now in (False,) if asks_buyer(account, terms) else (True, False):
            parameters = params.create_order(agreement_id, terms, confirm_now=confirm_now)
            try:
                return order_in(await self._calls.call(account, "CreateOrderReferenceForId", parameters, PATIENCE))
            except CredentialsRejectedError:
                raise
            except RefusedError as error:
                if error.code == _MADE_BEFORE:
                    break
                if not confirm_now or error.code not in _NOT_AT_ONCE:
                    raise
        return await self._objects.find_order(account, terms.reference_id)

    async def _finish(
        self, account: Account, agreement_id: str, order: OrderDetails, terms: Terms
    ) -> Ready | BuyerStep:
        """Set and confirm what is still to be set and confirmed."""
        if state_of(order) is AgreementState.DRAFT and not order.confirming and order.total != terms.amount:
            order = await self._set(account, order, terms)
        view = _view(agreement_id, order)
        if view.state not in _UNCONFIRMED or view.constraints:
            return _verdict(view, order, terms)
        held = held_back(account, terms, sent_before=order.confirming)
        if held or not _covers(order, terms):
            return BuyerStep(held or "amount_changed", view, purchase_id=order.amazon_id)
        order, refusal = await self._confirm(account, order, terms)
        view = _view(agreement_id, order)
        if view.state not in _UNCONFIRMED or view.constraints:
            return _verdict(view, order, terms)
        waits = asks_buyer(account, terms) and not refusal
        code = "authentication" if waits else _UNMENDED.get(refusal, "payment_method")
        return BuyerStep(code, view, purchase_id=order.amazon_id)

    async def _set(self, account: Account, order: OrderDetails, terms: Terms) -> OrderDetails:
        parameters = params.set_order(order.amazon_id, terms)
        try:
            return order_in(await self._calls.call(account, "SetOrderReferenceDetails", parameters, PATIENCE))
        except RefusedError as error:
            _reraise_unless_state(error)
        return await self._objects.order(account, order.amazon_id)

    async def _confirm(self, account: Account, order: OrderDetails, terms: Terms) -> tuple[OrderDetails, str]:
        """The order afterwards, and the code Amazon refused the confirmation with, if it did."""
        refusal = ""
        try:
            parameters = params.confirm_order(order.amazon_id, terms)
            await self._calls.call(account, "ConfirmOrderReference", parameters, PATIENCE)
        except RefusedError as error:
            _reraise_unless_state(error)
            refusal = error.code
        return await self._objects.order(account, order.amazon_id), refusal


# Refused, and Amazon lists no constraint that says why.
_UNMENDED = {"ConstraintsExist": UNKNOWN_CONSTRAINT, "InvalidOrderReferenceStatus": "agreement_status"}


def state_of(order: OrderDetails) -> AgreementState:
    """Where it stands; a state nobody knows is neither chargeable nor given up."""
    return AGREEMENT_STATES.get(order.status.state, AgreementState.SUSPENDED)


def _view(agreement_id: str, order: OrderDetails) -> AgreementView:
    constraints = constraints_of(order.constraints)
    return AgreementView(agreement_id, state_of(order), order.status.reason, constraints=constraints)


def _verdict(view: AgreementView, order: OrderDetails, terms: Terms) -> Ready | BuyerStep:
    """What an order means that is confirmed, has ended, or lacks something."""
    if view.state in ENDED:
        return BuyerStep("agreement_ended", view, purchase_id=order.amazon_id)
    if view.state is not AgreementState.OPEN:
        found: tuple[Constraint, ...] = view.constraints
        return BuyerStep(first_obstacle(found), view, found, purchase_id=order.amazon_id)
    if not _covers(order, terms):
        return BuyerStep("amount_changed", view, purchase_id=order.amazon_id)
    return Ready(view, order.amazon_id)


def _covers(order: OrderDetails, terms: Terms) -> bool:
    """Whether the total that the buyer confirms is enough: it stays as it is, and nothing is taken above it."""
    total = order.total
    return total is not None and total.currency == terms.amount.currency and terms.amount <= total


def _reraise_unless_state(error: RefusedError) -> None:
    if isinstance(error, CredentialsRejectedError) or error.code not in _STATE_MOVED_ON:
        raise error
