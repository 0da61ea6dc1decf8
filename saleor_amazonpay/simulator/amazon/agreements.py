"""Billing agreements: their states, what stops them, and their monthly limit (contracts §1.5, §6.1).

In come what sellers and buyers do, out come changed records or refusals. A Draft that nobody confirms for three hours
is gone; Closed and Canceled are final; only an Open agreement may be charged.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import (
    Address,
    Agreement,
    Attributes,
    Behaviour,
    Buyer,
    Card,
    Chargeable,
    Confirmation,
    Merchant,
    Status,
)
from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.life import DRAFT_LIFE, FINAL_AGREEMENT, limits, month_key
from saleor_amazonpay.simulator.amazon.money import Money

_CONSTRAINTS = {
    "BuyerEqualsSeller": "The buyer and seller are the same Amazon account.",
    "PaymentPlanNotSet": "The buyer has not been able to select a payment method for the given order reference.",
    "PaymentMethodNotAllowed": "The payment method selected by the buyer is not allowed for this order reference.",
    "ShippingAddressNotSet": "The buyer has not selected a shipping address.",
    "BuyerConsentNotSet": "The buyer has not given consent for this billing agreement.",
    "AmountNotSet": "The seller has not set the amount for the order reference.",
    "PaymentMethodDeleted": "The payment method was deleted by the buyer.",
    "PaymentMethodExpired": "The payment method has expired.",
    "BillingAddressDeleted": "The billing address of the payment method was deleted by the buyer.",
    "InvalidPaymentPlan": "The payment plan is not valid.",
}


def described(name: str) -> tuple[str, str]:
    """A constraint and its description."""
    return name, _CONSTRAINTS[name]


def common_constraints(of: Chargeable) -> list[str]:
    """What stops an agreement or an order reference alike."""
    found = []
    if of.merchant.shared_account == of.buyer.buyer_id:
        found.append("BuyerEqualsSeller")
    if of.card is None:
        found.append("PaymentPlanNotSet")
    elif of.card.constraint:
        found.append(of.card.constraint)
    elif not of.card.allowed or of.simulated_constraint == "PaymentMethodNotAllowed":
        found.append("PaymentMethodNotAllowed")
    if of.needs_address and of.address is None:
        found.append("ShippingAddressNotSet")
    return found


class Agreements:
    """The rules of billing agreements."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def open(
        self,
        merchant: Merchant,
        buyer: Buyer,
        card: Card | None,
        address: Address | None,
        *,
        consent: bool,
        needs_address: bool,
    ) -> Agreement:
        """A Draft, as the widgets make when a buyer has signed in."""
        core = self._core
        now = core.now()
        agreement = Agreement(
            merchant,
            buyer,
            now,
            Status("Draft", now),
            card,
            address,
            needs_address,
            agreement_id=core.ids.agreement(merchant.region, core.books.agreements, sandbox=merchant.sandbox),
            limit=Money(merchant.monthly_limit, merchant.currency),
            consent=consent,
        )
        core.books.agreements[agreement.agreement_id] = agreement
        core.agenda.at(now + DRAFT_LIFE, lambda at: self._stale(agreement, at))
        return agreement

    def find(self, merchant: Merchant, agreement_id: str) -> Agreement:
        """A merchant's own agreement. Raises InvalidBillingAgreementId."""
        agreement = self._core.books.agreements.get(agreement_id)
        if agreement is None or agreement.merchant is not merchant:
            raise MwsError("InvalidBillingAgreementId", f"BillingAgreementId {agreement_id} is invalid")
        return agreement

    def constraints(self, agreement: Agreement) -> list[tuple[str, str]]:
        """Why it cannot be confirmed: names and descriptions."""
        names = common_constraints(agreement)
        if not agreement.consent:
            names.append("BuyerConsentNotSet")
        return [described(name) for name in names]

    def set_details(
        self,
        agreement: Agreement,
        attributes: Attributes,
        type_: str,
        subscription: Money | None,
        simulated_constraint: str | None,
    ) -> None:
        """Write the seller's attributes, in a Draft only. None for a constraint: no note was sent.

        What the buyer is asked to confirm at Amazon is frozen already.
        """
        if agreement.status.state != "Draft" or agreement.authentication:
            raise MwsError(
                "BillingAgreementNotModifiable",
                f"BillingAgreement {agreement.agreement_id} is not in draft state and cannot be modified",
            )
        merge(agreement.attributes, attributes)
        agreement.type = type_ or agreement.type
        agreement.subscription_amount = subscription or agreement.subscription_amount
        if simulated_constraint is not None:
            agreement.simulated_constraint = simulated_constraint

    def confirm(self, agreement: Agreement, confirmation: Confirmation | None = None) -> None:
        """Draft or Suspended becomes Open; an Open one stays so. Refused while constraints exist.

        With a `confirmation` it stays what it is, and cannot be charged, until the buyer has passed Amazon's page.
        """
        if agreement.status.state in FINAL_AGREEMENT:
            raise wrong_state(agreement)
        found = self.constraints(agreement)
        if found:
            raise MwsError(
                "BillingAgreementConstraintsExist",
                f"BillingAgreement {agreement.agreement_id} has constraints and cannot be confirmed: "
                + ", ".join(name for name, _text in found),
            )
        if agreement.method_failed:
            raise MwsError(
                "PaymentMethodNotUpdated",
                f"The buyer has not updated the payment method of {agreement.agreement_id}",
            )
        if agreement.status.state != "Open" and not asked_for(agreement, confirmation):
            self._core.move(agreement, Status("Open", self._core.now()))

    def pass_confirmation(self, agreement: Agreement) -> None:
        """The buyer passed Amazon's page. Raises InvalidBillingAgreementStatus if the agreement ended meanwhile."""
        if agreement.status.state in FINAL_AGREEMENT:
            raise wrong_state(agreement)
        agreement.authentication = ""
        self._core.move(agreement, Status("Open", self._core.now()))

    def validate(self, agreement: Agreement) -> tuple[str, str]:
        """ValidationResult and FailureReasonCode; a bad method suspends the agreement."""
        self.must_be_open(agreement)
        behaviour = agreement.card.behaviour if agreement.card else Behaviour.DECLINE_HARD
        if behaviour is Behaviour.DECLINE_HARD:
            self.suspend(agreement, self._core.now())
            return "Failure", "InvalidPaymentMethod"
        if behaviour is Behaviour.TIMED_OUT:
            return "Failure", "ValidationTimedOut"
        return "Success", ""

    def must_be_open(self, agreement: Agreement) -> None:
        """Raises InvalidBillingAgreementStatus."""
        if agreement.status.state != "Open":
            raise wrong_state(agreement)

    def suspend(self, agreement: Agreement, at: float) -> None:
        """After InvalidPaymentMethod: nothing more until the buyer chose another method."""
        agreement.method_failed = True
        if agreement.status.state == "Open":
            self._core.move(agreement, Status("Suspended", at, "InvalidPaymentMethod"))

    def change_method(self, agreement: Agreement, card: Card | None, at: float, *, on_amazon: bool) -> None:
        """The buyer chose another method: on Amazon's own pages it reopens by itself, in a widget Confirm does."""
        agreement.card = card
        agreement.method_failed = False
        if not on_amazon or agreement.status.state in FINAL_AGREEMENT | {"Draft"}:
            return
        if agreement.status.state == "Suspended":
            agreement.status = Status("Open", at)
        self._core.announce(agreement, "PaymentMethodUpdated")

    def change_address(self, agreement: Agreement, address: Address | None) -> None:
        """The buyer chose another address."""
        agreement.address = address
        if agreement.status.state in {"Open", "Suspended"}:
            self._core.announce(agreement, "AddressUpdated")

    def close(self, agreement: Agreement, reason: str, description: str = "") -> None:
        """Closed for good; open authorizations can still be captured. Repeatable by the one who closed it."""
        if agreement.status.state == "Closed" and agreement.status.reason == reason:
            return
        if agreement.status.state not in {"Open", "Suspended"}:
            raise wrong_state(agreement)
        self._core.move(agreement, Status("Closed", self._core.now(), reason, description))

    def cancel(self, agreement: Agreement, at: float, reason: str) -> None:
        """Canceled by Amazon, for good."""
        if agreement.status.state not in FINAL_AGREEMENT:
            self._core.move(agreement, Status("Canceled", at, reason))

    def reserve(self, agreement: Agreement, money: Money) -> str:
        """Count an authorization against this month; returns the month. Raises PeriodicAmountExceeded."""
        if money.currency != agreement.limit.currency:
            raise MwsError("CurrencyMismatch", f"{agreement.agreement_id} is charged in {agreement.limit.currency}")
        now = self._core.now()
        used = limits(agreement, now)
        if money.amount > used.remaining.amount:
            raise MwsError(
                "PeriodicAmountExceeded",
                f"BillingAgreement {agreement.agreement_id} has already been authorized for amount "
                f"{used.authorized.text} in time period {iso(used.start)} - {iso(used.end)}. A new authorization "
                f"with amount {money.text} cannot be accepted as the total authorization amount cannot exceed "
                f"{agreement.limit.text}.",
            )
        month = month_key(now)
        agreement.authorized[month] = used.authorized.amount + money.amount
        return month

    def give_back(self, agreement: Agreement, month: str, money: Money) -> None:
        """A declined authorization reserves nothing."""
        agreement.authorized[month] -= money.amount

    def _stale(self, agreement: Agreement, at: float) -> None:
        if agreement.status.state == "Draft":
            self.cancel(agreement, at, "Stale")


def asked_for(of: Chargeable, confirmation: Confirmation | None) -> bool:
    """Whether the buyer has to pass Amazon's page first; without one an earlier demand is dropped."""
    of.confirmation = confirmation
    of.authentication = "REQUIRED" if confirmation else ""
    return confirmation is not None


def merge(into: Attributes, given: Attributes) -> None:
    """Overwrite what was given."""
    into.seller_id_text = given.seller_id_text or into.seller_id_text
    into.store_name = given.store_name or into.store_name
    into.custom_information = given.custom_information or into.custom_information
    into.seller_note = given.seller_note or into.seller_note
    into.platform_id = given.platform_id or into.platform_id


def wrong_state(agreement: Agreement) -> MwsError:
    """The agreement's state does not allow it."""
    return MwsError(
        "InvalidBillingAgreementStatus",
        f"BillingAgreement {agreement.agreement_id} is in state {agreement.status.state}",
    )
