"""THE table of the v1 wire: (object, state, reason) and (refusal code) → Verdict (contracts §1.4, §6).

In come objects as Amazon described them, out come outcomes in our words. Two rules guard the money: a Closed
authorization is paid only when the reason is MaxCapturesProcessed (§8 no. 1 and 2), whatever CapturedAmount
says; and what this table has never heard of is either read again or declined, never taken for a success.

Of declined authorizations exactly those are REPAIRABLE after which a new attempt may follow on the same
agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from saleor_amazonpay.amazon.mws.shapes import (
    AuthorizationDetails,
    CaptureDetails,
    RefundDetails,
    Status,
    order_reference_of,
)
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import RefusedError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Retry, Verdict

ANY = "*"  # every reason that has no line of its own, none included
SOFT = "InvalidPaymentMethod+SoftDecline"  # not a reason of Amazon's: the reason with SoftDecline=true

Table = Mapping[tuple[str, str], Verdict]

PENDING = Verdict(Phase.PENDING, "pending")
UNKNOWN_STATE = Verdict(Phase.PENDING, "unknown_state")
CAPTURED = Verdict(Phase.DONE, "ok", effect=Effect.CAPTURED)
RELEASED = Verdict(Phase.DONE, "released", effect=Effect.RELEASED)
AGREEMENT_ENDED = Verdict(Phase.REPAIRABLE, "agreement_ended", Retry.NEW_AGREEMENT)
CHANGE_METHOD = Verdict(Phase.REPAIRABLE, "payment_method", Retry.CHANGE_METHOD)
_REJECTED = Verdict(Phase.DECLINED, "amazon_rejected")
_DECLINED = Verdict(Phase.DECLINED, "declined")

# Asked to reserve.
AUTHORIZATION: Table = {
    ("Pending", ANY): PENDING,
    ("Open", ANY): Verdict(Phase.DONE, "ok", effect=Effect.AUTHORIZED),
    ("Declined", "InvalidPaymentMethod"): CHANGE_METHOD,
    ("Declined", SOFT): Verdict(Phase.REPAIRABLE, "soft_decline", Retry.NEW_ATTEMPT),
    ("Declined", "AmazonRejected"): _REJECTED,
    ("Declined", "ProcessingFailure"): Verdict(Phase.REPAIRABLE, "processing_failure", Retry.AFTER_PAUSE),
    ("Declined", "TransactionTimedOut"): Verdict(Phase.REPAIRABLE, "timed_out", Retry.ASYNCHRONOUSLY),
    ("Declined", ANY): _DECLINED,
    ("Closed", "MaxCapturesProcessed"): CAPTURED,
    ("Closed", "ExpiredUnused"): Verdict(Phase.GONE, "expired"),
    ("Closed", "AmazonClosed"): Verdict(Phase.GONE, "amazon_closed"),
    ("Closed", "SellerClosed"): Verdict(Phase.GONE, "seller_closed"),
    ("Closed", "OrderReferenceCanceled"): Verdict(Phase.GONE, "order_canceled"),
    ("Closed", ANY): Verdict(Phase.GONE, "closed"),
}

# Asked to reserve and take: an open authorization did half of it, and reserved money is not failed.
CHARGE: Table = {
    **AUTHORIZATION,
    ("Open", ANY): Verdict(Phase.DONE, "capture_failed", effect=Effect.AUTHORIZED),
}

# Asked to give up: any end without a capture is what was wanted.
RELEASE: Table = {
    ("Pending", ANY): PENDING,
    ("Open", ANY): PENDING,
    ("Declined", ANY): RELEASED,
    ("Closed", "MaxCapturesProcessed"): CAPTURED,
    ("Closed", ANY): RELEASED,
}

# A capture is Closed only after it was Completed.
CAPTURE: Table = {
    ("Pending", ANY): PENDING,
    ("Completed", ANY): CAPTURED,
    ("Closed", ANY): CAPTURED,
    ("Declined", "AmazonRejected"): _REJECTED,
    ("Declined", "ProcessingFailure"): Verdict(Phase.DECLINED, "processing_failure", Retry.AFTER_PAUSE),
    ("Declined", ANY): _DECLINED,
}

# Why a capture that ended takes no further refund; any other reason has no words of its own.
CAPTURE_ENDS: Mapping[str, Verdict] = {
    "MaxAmountRefunded": Verdict(Phase.DECLINED, "amount_exceeded"),
    "MaxRefundsProcessed": Verdict(Phase.DECLINED, "count_exceeded"),
}

REFUND: Table = {
    ("Pending", ANY): PENDING,
    ("Completed", ANY): Verdict(Phase.DONE, "ok", effect=Effect.REFUNDED),
    ("Declined", "AmazonRejected"): _REJECTED,
    ("Declined", "ProcessingFailure"): Verdict(Phase.DECLINED, "processing_failure", Retry.AFTER_PAUSE),
    ("Declined", ANY): _DECLINED,
}

# ValidateBillingAgreement, by result and FailureReasonCode (contracts §1.8). A bad method suspends the agreement.
VALIDATION: Table = {
    ("Success", ANY): Verdict(Phase.DONE, "ok"),
    ("Failure", "InvalidPaymentMethod"): CHANGE_METHOD,
    ("Failure", "ValidationTimedOut"): Verdict(Phase.REPAIRABLE, "timed_out", Retry.NEW_ATTEMPT),
    ("Failure", ANY): _DECLINED,
}

# Why Amazon would not let an agreement be confirmed, in the order in which the buyer meets them on the page.
CONSTRAINTS: Mapping[str, str] = {
    "BuyerEqualsSeller": "buyer_is_seller",
    "ShippingAddressNotSet": "address_missing",
    "PaymentPlanNotSet": "payment_method",
    "PaymentMethodNotAllowed": "payment_method",
    "PaymentMethodDeleted": "payment_method",
    "PaymentMethodExpired": "payment_method",
    "InvalidPaymentPlan": "payment_method",
    "BillingAddressDeleted": "payment_method",
    "BuyerConsentNotSet": "consent_missing",
}
UNKNOWN_CONSTRAINT = "constraint"

AGREEMENT_STATES: Mapping[str, AgreementState] = {
    "Draft": AgreementState.DRAFT,
    "Open": AgreementState.OPEN,
    "Suspended": AgreementState.SUSPENDED,
    "Canceled": AgreementState.CANCELED,
    "Closed": AgreementState.CLOSED,
}

# What a refused charge means once the agreement, or the order reference of a one-time sale, has been read again.
AGREEMENT_REFUSALS: Mapping[AgreementState, Verdict] = {
    AgreementState.DRAFT: Verdict(Phase.REPAIRABLE, "agreement_draft", Retry.NEW_ATTEMPT),
    AgreementState.OPEN: Verdict(Phase.REPAIRABLE, "agreement_status", Retry.NEW_ATTEMPT),
    AgreementState.SUSPENDED: CHANGE_METHOD,
    AgreementState.CANCELED: AGREEMENT_ENDED,
    AgreementState.CLOSED: AGREEMENT_ENDED,
}

# Definite refusals of authorize, capture and refund. Nothing moved.
REFUSALS: Mapping[str, Verdict] = {
    "PeriodicAmountExceeded": Verdict(Phase.DECLINED, "monthly_limit"),
    "TransactionAmountExceeded": Verdict(Phase.DECLINED, "amount_exceeded"),
    "TransactionCountExceeded": Verdict(Phase.DECLINED, "count_exceeded"),
    "CaptureNotRefundable": Verdict(Phase.DECLINED, "not_refundable"),
    "InvalidBillingAgreementStatus": Verdict(Phase.DECLINED, "agreement_status"),
    "BillingAgreementConstraintsExist": Verdict(Phase.REPAIRABLE, "constraint", Retry.CHANGE_METHOD),
    "ConstraintsExist": Verdict(Phase.REPAIRABLE, "constraint", Retry.CHANGE_METHOD),
    "PaymentMethodNotUpdated": CHANGE_METHOD,
    "InvalidAuthorizationStatus": Verdict(Phase.DECLINED, "authorization_status"),
    "InvalidOrderReferenceStatus": Verdict(Phase.DECLINED, "order_status"),
    "InvalidBillingAgreementId": Verdict(Phase.DECLINED, "unknown_object"),
    "InvalidOrderReferenceId": Verdict(Phase.DECLINED, "unknown_object"),
    "InvalidTransactionId": Verdict(Phase.DECLINED, "unknown_object"),
    "CurrencyMismatch": Verdict(Phase.DECLINED, "currency_mismatch"),
    "CurrencyUnsupported": Verdict(Phase.DECLINED, "currency_unsupported"),
    "UnsupportedCurrency": Verdict(Phase.DECLINED, "currency_unsupported"),
    "BuyerEqualsSeller": Verdict(Phase.DECLINED, "buyer_is_seller"),
    "InvalidParameterValue": Verdict(Phase.DECLINED, "invalid_parameter"),
    "InvalidAddress": Verdict(Phase.DECLINED, "invalid_parameter"),
    "InvalidAuthorizationAmount": Verdict(Phase.DECLINED, "invalid_parameter"),
    "InvalidPaymentAction": Verdict(Phase.DECLINED, "invalid_parameter"),
    "InvalidSandboxSimulationSpecified": Verdict(Phase.DECLINED, "invalid_simulation"),
}
REFUSED = Verdict(Phase.DECLINED, "refused")

# Amazon has an object with our reference id and will not say which: money may have moved under it.
UNRESOLVED = frozenset({"DuplicateReferenceId", "DuplicateRequest"})


def verdict(table: Table, state: str, reason: str) -> Verdict:
    """The line for a state and reason; an unknown state stays pending, so that it is read again."""
    return table.get((state, reason)) or table.get((state, ANY), UNKNOWN_STATE)


def of_authorization(table: Table, details: AuthorizationDetails, request_id: str = "") -> Outcome:
    """The outcome of an authorization by AUTHORIZATION, CHARGE or RELEASE.

    The amount is what was captured once Amazon says so, else what was authorized: the answer to a successful
    CaptureNow still names 0 as captured.
    """
    reason = details.status.reason
    soft = details.soft_decline and reason == "InvalidPaymentMethod"
    line = verdict(table, details.status.state, SOFT if soft else reason)
    settled_id = details.capture_ids[-1] if line.effect is Effect.CAPTURED and details.capture_ids else ""
    amount = details.captured if line.effect is Effect.CAPTURED and details.captured else details.amount
    return _outcome(line, details.amazon_id, settled_id, amount, details.status, request_id)


def of_capture(details: CaptureDetails, request_id: str = "") -> Outcome:
    """The outcome of a capture."""
    line = verdict(CAPTURE, details.status.state, details.status.reason)
    return _outcome(line, details.amazon_id, details.amazon_id, details.amount, details.status, request_id)


def of_refund(details: RefundDetails, request_id: str = "") -> Outcome:
    """The outcome of a refund."""
    line = verdict(REFUND, details.status.state, details.status.reason)
    return _outcome(line, details.amazon_id, details.amazon_id, details.amount, details.status, request_id)


def of_validation(agreement_id: str, result: str, reason: str, request_id: str) -> Outcome:
    """The outcome of a validation; the agreement itself is the object that says so."""
    line = verdict(VALIDATION, result, reason)
    if line is UNKNOWN_STATE:
        line = _DECLINED
    return Outcome(line, object_id=agreement_id, state=result, reason=reason, request_id=request_id)


def of_refusal(error: RefusedError, line: Verdict | None = None) -> Outcome:
    """The outcome of a definite refusal, by its code or by a verdict that was found out about it."""
    return Outcome(
        line or REFUSALS.get(error.code, REFUSED),
        reason=error.code,
        message=error.message,
        request_id=error.request_id,
    )


def of_refused_charge(error: RefusedError, found: AgreementState | None) -> Outcome:
    """The outcome of a charge that Amazon refused for a state: what that state was found to be decides."""
    outcome = of_refusal(error, None if found is None else AGREEMENT_REFUSALS[found])
    return replace(outcome, agreement_state=found)


def _outcome(
    line: Verdict, object_id: str, settled_id: str, amount: Money | None, status: Status, request_id: str
) -> Outcome:
    return Outcome(
        line,
        object_id=object_id,
        settled_id=settled_id,
        order_reference=order_reference_of(object_id),
        amount=amount,
        state=status.state,
        reason=status.reason,
        message=status.description,
        updated_at=status.updated_at,
        request_id=request_id,
    )
