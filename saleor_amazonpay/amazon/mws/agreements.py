"""Billing agreements: reading one, and bringing it to where it may be charged (contracts §1.8, §1.10, §6.1).

In comes an agreement id the buyer's widgets made, out comes `Ready` or the one thing the buyer has to do
first. Nothing here moves money, and everything may be repeated: whatever Amazon refuses because of the state
is answered by reading the agreement again, so that two checkouts on one draft both end well.
"""

from __future__ import annotations

from saleor_amazonpay.amazon.mws import outcomes, params
from saleor_amazonpay.amazon.mws.calls import MwsCalls
from saleor_amazonpay.amazon.mws.failures import Answer
from saleor_amazonpay.amazon.mws.login import plain_token
from saleor_amazonpay.amazon.mws.outcomes import AGREEMENT_STATES, CONSTRAINTS, UNKNOWN_CONSTRAINT
from saleor_amazonpay.amazon.mws.shapes import AgreementDetails, postal_address
from saleor_amazonpay.amazon.port import Account, BuyerStep, Ready, Terms
from saleor_amazonpay.amazon.regions import region
from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.agreement import ENDED, AgreementState, AgreementView, Constraint
from saleor_amazonpay.domain.errors import (
    CredentialsRejectedError,
    OutcomeUnknownError,
    RefusedError,
    TokenRefusedError,
)
from saleor_amazonpay.domain.outcome import Outcome

# Seconds each call may be repeated in; up to four of them precede the money call in one webhook's budget.
PATIENCE = 3.0

_CLOSURE_REASON = 1024
_UNKNOWN_ID = frozenset({"InvalidBillingAgreementId", "InvalidTransactionId"})
_TOKEN_REFUSED = frozenset({"InvalidAddressConsentToken"})

_CONFIRMABLE = frozenset({AgreementState.DRAFT, AgreementState.SUSPENDED})

# A failed authentication ends it; a passed one that Amazon does not show yet is waited for. After an abandoned one, and
# without any word, the buyer is sent again.
_AFTER_THE_PAGE = {"Failure": "authentication_failed", "Success": "retry"}

# Refusals of Set and Confirm that say no more than "look again".
_STATE_MOVED_ON = frozenset(
    {
        "BillingAgreementNotModifiable",
        "BillingAgreementConstraintsExist",
        "InvalidBillingAgreementStatus",
        "PaymentMethodNotUpdated",
    }
)


class Agreements:
    """Reads and prepares billing agreements."""

    def __init__(self, calls: MwsCalls) -> None:
        self._calls = calls

    async def read(
        self, account: Account, agreement_id: str, access_token: str = "", patience: float = PATIENCE
    ) -> AgreementView | None:
        """The agreement as it is now; None if Amazon has none. Raises AmazonError, TokenRefusedError."""
        answer = await self._details(account, agreement_id, access_token, patience)
        return None if answer is None else _view(answer)

    async def shipping_address(self, account: Account, agreement_id: str, access_token: str) -> PostalAddress | None:
        """Where the buyer wants it sent. Raises AmazonError, TokenRefusedError; RefusedError for an unknown id."""
        answer = await self._details(account, agreement_id, access_token, PATIENCE)
        if answer is None:
            raise _unknown()
        node = answer.require("BillingAgreementDetails").child("Destination", "PhysicalDestination")
        return None if node is None else postal_address(node)

    async def _details(self, account: Account, agreement_id: str, access_token: str, patience: float) -> Answer | None:
        parameters = {"AmazonBillingAgreementId": agreement_id, "AccessToken": plain_token(access_token)}
        try:
            return await self._calls.call(account, "GetBillingAgreementDetails", parameters, patience)
        except RefusedError as error:
            if error.code in _UNKNOWN_ID:
                return None
            if access_token and error.code in _TOKEN_REFUSED:
                raise TokenRefusedError(error.message or error.code) from error
            raise

    async def prepare(self, account: Account, agreement_id: str, terms: Terms) -> Ready | BuyerStep:
        """Set and confirm where still to be done. Raises AmazonError; RefusedError for an unknown id.

        Where customers must authenticate, a confirmed agreement opens only after the buyer has passed Amazon's page;
        what she was sent there for is confirmed again, but never set again (contracts §1.10).
        """
        view = await self.known(account, agreement_id)
        if view.state is AgreementState.DRAFT and not terms.confirming:
            view = await self._set(account, agreement_id, terms)
        # A suspended agreement is confirmed again once the buyer has chosen another method (contracts §6.1).
        if view.state not in _CONFIRMABLE or view.constraints:
            return _verdict(view)
        held = held_back(account, terms, sent_before=terms.confirming)
        if held:
            return BuyerStep(held, view)
        view, confirmed = await self._confirm(account, agreement_id, terms)
        waits = confirmed and asks_buyer(account, terms) and view.state in _CONFIRMABLE and not view.constraints
        return BuyerStep("authentication", view) if waits else _verdict(view)

    async def validate(self, account: Account, agreement_id: str, patience: float) -> Outcome:
        """ValidateBillingAgreement: whether the payment method could be charged. Raises AmazonError."""
        parameters = {"AmazonBillingAgreementId": agreement_id}
        try:
            answer = await self._calls.call(account, "ValidateBillingAgreement", parameters, patience)
        except RefusedError as error:
            if error.code != "InvalidBillingAgreementStatus":
                raise
            view = await self.known(account, agreement_id)
            return outcomes.of_refused_charge(error, view.state)
        result, reason = answer.result.text("ValidationResult"), answer.result.text("FailureReasonCode")
        return outcomes.of_validation(agreement_id, result, reason, answer.request_id)

    async def close(self, account: Account, agreement_id: str, reason: str, patience: float) -> AgreementView:
        """End it; one that had ended before is told as it is. May be repeated. Raises AmazonError."""
        parameters = {"AmazonBillingAgreementId": agreement_id, "ClosureReason": reason[:_CLOSURE_REASON]}
        try:
            await self._calls.call(account, "CloseBillingAgreement", parameters, patience)
        except RefusedError as error:
            if isinstance(error, CredentialsRejectedError):
                raise
            view = await self.known(account, agreement_id)
            if view.state not in ENDED:
                raise
            return view
        return await self.known(account, agreement_id)

    async def _set(self, account: Account, agreement_id: str, terms: Terms) -> AgreementView:
        parameters = params.set_agreement(agreement_id, terms, sca=region(account.region).sca)
        try:
            answer = await self._calls.call(account, "SetBillingAgreementDetails", parameters, PATIENCE)
            return _view(answer)
        except OutcomeUnknownError as error:
            if error.code != "UnreadableAnswer":
                raise
        except RefusedError as error:
            _reraise_unless_state(error)
        return await self.known(account, agreement_id)

    async def _confirm(self, account: Account, agreement_id: str, terms: Terms) -> tuple[AgreementView, bool]:
        """The agreement afterwards, and whether Amazon took the confirmation."""
        parameters = params.confirm_agreement(agreement_id, terms)
        refusal = ""
        try:
            await self._calls.call(account, "ConfirmBillingAgreement", parameters, PATIENCE)
        except RefusedError as error:
            _reraise_unless_state(error)
            refusal = error.code
        view = await self.known(account, agreement_id)
        if refusal == "BillingAgreementConstraintsExist" and view.state is AgreementState.DRAFT:
            view = _constrained(view)
        return view, not refusal

    async def known(self, account: Account, agreement_id: str) -> AgreementView:
        """The agreement as it is now. Raises AmazonError; RefusedError for an unknown id."""
        view = await self.read(account, agreement_id)
        if view is None:
            raise _unknown()
        return view


def _unknown() -> RefusedError:
    return RefusedError("GetBillingAgreementDetails", "InvalidBillingAgreementId", "Amazon does not know it")


def asks_buyer(account: Account, terms: Terms) -> bool:
    """Whether a confirmation sends the buyer to a page of Amazon's first (contracts §1.10)."""
    return region(account.region).sca and terms.buyer_present


def held_back(account: Account, terms: Terms, *, sent_before: bool) -> str:
    """Why nothing is confirmed now although it could be: a code for the buyer or the shop, or nothing."""
    if not asks_buyer(account, terms):
        return ""
    if not (terms.success_url and terms.failure_url):
        return "return_urls_required"
    # What the return URL said is believed only of a buyer who was sent, and never against what Amazon shows.
    return _AFTER_THE_PAGE.get(terms.authentication, "") if sent_before else ""


def _view(answer: Answer) -> AgreementView:
    details = AgreementDetails.of(answer.require("BillingAgreementDetails"))
    state = AGREEMENT_STATES.get(details.status.state)
    reason = details.status.reason
    if state is None:
        # Neither chargeable nor given up: nothing is charged, and nothing is told to have ended.
        state, reason = AgreementState.SUSPENDED, f"unknown state {details.status.state!r}"
    return AgreementView(
        details.amazon_id,
        state,
        reason,
        details.consent,
        constraints_of(details.constraints),
        details.limit,
    )


def constraints_of(named: tuple[tuple[str, str], ...]) -> tuple[Constraint, ...]:
    """Amazon's constraints in our words."""
    return tuple(
        Constraint(CONSTRAINTS.get(amazon_id, UNKNOWN_CONSTRAINT), amazon_id, description)
        for amazon_id, description in named
    )


def _constrained(view: AgreementView) -> AgreementView:
    """The view with a constraint in it: Amazon spoke of one at Confirm, even if it no longer lists it."""
    if view.constraints:
        return view
    unnamed = Constraint(UNKNOWN_CONSTRAINT, "", "Amazon refused to confirm without naming a reason")
    return AgreementView(view.amazon_id, view.state, view.reason, view.consent, (unnamed,), view.limit)


def _verdict(view: AgreementView) -> Ready | BuyerStep:
    if view.state is AgreementState.OPEN:
        return Ready(view)
    if view.state in ENDED:
        return BuyerStep("agreement_ended", view)
    if view.constraints:
        return BuyerStep(first_obstacle(view.constraints), view, view.constraints)
    # Confirmed and no further: the method is bad, or the buyer is not through Amazon's confirmation page.
    return BuyerStep("payment_method" if view.state is AgreementState.SUSPENDED else "authentication", view)


def first_obstacle(constraints: tuple[Constraint, ...]) -> str:
    """The code of the constraint to deal with first: what cannot be mended, then as on the page."""
    order = list(CONSTRAINTS)
    known = [each for each in constraints if each.amazon_id in CONSTRAINTS]
    ranked = sorted(known, key=lambda each: order.index(each.amazon_id))
    return ranked[0].code if ranked else UNKNOWN_CONSTRAINT


def _reraise_unless_state(error: RefusedError) -> None:
    if isinstance(error, CredentialsRejectedError) or error.code not in _STATE_MOVED_ON:
        raise error
