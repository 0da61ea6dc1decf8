"""THE table of the v2 wire: (object, state, reason) and (reason code) → Verdict (contracts §5.6, §6.1, §6.4).

In come objects as Amazon described them, out come outcomes in our words. A charge is paid in one state only, Captured;
what this table has never heard of is either read again or declined, never taken for a success.

Of declined charges exactly those are REPAIRABLE after which a new attempt may follow on the same agreement or with a
new checkout session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from saleor_amazonpay.amazon.v2.ids import order_of
from saleor_amazonpay.amazon.v2.shapes import Charge, Refund, Session, Status, money
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import RefusedError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Retry, Verdict

ANY = "*"  # every reason that has no line of its own, none included

Table = Mapping[tuple[str, str], Verdict]

PENDING = Verdict(Phase.PENDING, "pending")
UNKNOWN_STATE = Verdict(Phase.PENDING, "unknown_state")
# Asked to charge where Amazon may take its time: it has reserved the money, and taking it is up to us.
CAPTURE_DUE = Verdict(Phase.PENDING, "capture_due")
AUTHORIZED = Verdict(Phase.DONE, "ok", effect=Effect.AUTHORIZED)
CAPTURE_FAILED = Verdict(Phase.DONE, "capture_failed", effect=Effect.AUTHORIZED)
CAPTURED = Verdict(Phase.DONE, "ok", effect=Effect.CAPTURED)
RELEASED = Verdict(Phase.DONE, "released", effect=Effect.RELEASED)
AGREED = Verdict(Phase.DONE, "ok")
AGREEMENT_ENDED = Verdict(Phase.REPAIRABLE, "agreement_ended", Retry.NEW_AGREEMENT)
CHANGE_METHOD = Verdict(Phase.REPAIRABLE, "payment_method", Retry.CHANGE_METHOD)
SESSION_USED = Verdict(Phase.DECLINED, "session_used")
NOT_REFUNDABLE = Verdict(Phase.DECLINED, "not_refundable")
_SOFT = Verdict(Phase.REPAIRABLE, "soft_decline", Retry.NEW_ATTEMPT)
_REJECTED = Verdict(Phase.DECLINED, "amazon_rejected")
_DECLINED = Verdict(Phase.DECLINED, "declined")
_LATER = Verdict(Phase.REPAIRABLE, "processing_failure", Retry.AFTER_PAUSE)
_SLOWLY = Verdict(Phase.REPAIRABLE, "timed_out", Retry.ASYNCHRONOUSLY)
_NOT_NOW = Verdict(Phase.DECLINED, "processing_failure", Retry.AFTER_PAUSE)

_ENDS: Table = {
    ("Canceled", "ExpiredUnused"): Verdict(Phase.GONE, "expired"),
    ("Canceled", "AmazonCanceled"): Verdict(Phase.GONE, "amazon_closed"),
    ("Canceled", "MerchantCanceled"): Verdict(Phase.GONE, "seller_closed"),
    ("Canceled", "ChargePermissionCanceled"): Verdict(Phase.GONE, "order_canceled"),
    ("Canceled", "BuyerCanceled"): Verdict(Phase.GONE, "buyer_canceled"),
    ("Canceled", ANY): Verdict(Phase.GONE, "closed"),
}

# A charge that was asked to reserve; a capture of it that is under way leaves the reservation what it is.
AUTHORIZATION: Table = {
    ("AuthorizationInitiated", ANY): PENDING,
    ("Authorized", ANY): AUTHORIZED,
    ("CaptureInitiated", ANY): AUTHORIZED,
    ("Captured", ANY): CAPTURED,
    ("Declined", "SoftDeclined"): _SOFT,
    ("Declined", "HardDeclined"): CHANGE_METHOD,
    ("Declined", "AmazonRejected"): _REJECTED,
    ("Declined", "ProcessingFailure"): _LATER,
    ("Declined", "TransactionTimedOut"): _SLOWLY,
    ("Declined", ANY): _DECLINED,
    **_ENDS,
}

# Asked to reserve and take: only reserved is half of it, and reserved money is not failed.
CHARGE: Table = {**AUTHORIZATION, ("Authorized", ANY): CAPTURE_FAILED, ("CaptureInitiated", ANY): PENDING}

# The same where Amazon was let take its time, which it can only be without capturing.
SLOW_CHARGE: Table = {**CHARGE, ("Authorized", ANY): CAPTURE_DUE}

# Asked to give up: any end without a capture is what was wanted.
RELEASE: Table = {
    ("AuthorizationInitiated", ANY): PENDING,
    ("Authorized", ANY): PENDING,
    ("CaptureInitiated", ANY): PENDING,
    ("Captured", ANY): CAPTURED,
    ("Declined", ANY): RELEASED,
    ("Canceled", ANY): RELEASED,
}

# A charge that was asked to be captured. Still Authorized: Amazon has not begun, or let go of it again; reading on
# costs nothing, while "declined" could come before the money.
CAPTURE: Table = {
    ("AuthorizationInitiated", ANY): PENDING,
    ("Authorized", ANY): PENDING,
    ("CaptureInitiated", ANY): PENDING,
    ("Captured", ANY): CAPTURED,
    ("Declined", "AmazonRejected"): _REJECTED,
    ("Declined", "ProcessingFailure"): _NOT_NOW,
    ("Declined", ANY): _DECLINED,
    **_ENDS,
}

REFUND: Table = {
    ("RefundInitiated", ANY): PENDING,
    ("Refunded", ANY): Verdict(Phase.DONE, "ok", effect=Effect.REFUNDED),
    ("Declined", "AmazonRejected"): _REJECTED,
    ("Declined", "ProcessingFailure"): _NOT_NOW,
    ("Declined", ANY): _DECLINED,
}

# A checkout session that was to pay; Completed is judged by its charge. After a cancellation the buyer may begin anew.
SESSION: Table = {
    ("Open", ANY): Verdict(Phase.REPAIRABLE, "authentication", Retry.NEW_ATTEMPT),
    ("Canceled", "BuyerCanceled"): Verdict(Phase.REPAIRABLE, "buyer_canceled", Retry.NEW_ATTEMPT),
    ("Canceled", "Declined"): Verdict(Phase.REPAIRABLE, "session_declined", Retry.NEW_ATTEMPT),
    ("Canceled", "Expired"): Verdict(Phase.REPAIRABLE, "session_expired", Retry.NEW_ATTEMPT),
    ("Canceled", "AmazonCanceled"): _REJECTED,
    ("Canceled", ANY): Verdict(Phase.REPAIRABLE, "session_canceled", Retry.NEW_ATTEMPT),
}

# Why a session cannot go on, in the order in which the buyer meets them. What a shop sets by updating the session
# (amount, intent, return URL) is no obstacle of the buyer's.
CONSTRAINTS: Mapping[str, str] = {
    "BuyerEqualsSeller": "buyer_is_seller",
    "BuyerNotAssociated": "session_sign_in",
    "ShippingAddressNotSet": "address_missing",
    "PaymentMethodNotSet": "payment_method",
    "PaymentMethodNotAllowed": "payment_method",
    "PaymentMethodDeleted": "payment_method",
    "PaymentMethodExpired": "payment_method",
    "InvalidPaymentPlan": "payment_method",
    "BillingAddressDeleted": "payment_method",
}
UNKNOWN_CONSTRAINT = "constraint"

_CANCELED = frozenset({"AmazonCanceled", "BuyerCanceled", "MerchantCanceled"})

# What a refused charge means once the charge permission has been read again.
AGREEMENT_REFUSALS: Mapping[AgreementState, Verdict] = {
    AgreementState.DRAFT: Verdict(Phase.REPAIRABLE, "agreement_draft", Retry.NEW_ATTEMPT),
    AgreementState.OPEN: Verdict(Phase.REPAIRABLE, "agreement_status", Retry.NEW_ATTEMPT),
    AgreementState.SUSPENDED: CHANGE_METHOD,
    AgreementState.CANCELED: AGREEMENT_ENDED,
    AgreementState.CLOSED: AGREEMENT_ENDED,
}

_INVALID = Verdict(Phase.DECLINED, "invalid_parameter")

# Reason codes that are definite: nothing moved, whatever HTTP status they come with.
REFUSALS: Mapping[str, Verdict] = {
    # a synchronous charge is declined by an error (contracts §5.6)
    "SoftDeclined": _SOFT,
    "HardDeclined": CHANGE_METHOD,
    "AmazonRejected": _REJECTED,
    "Declined": _DECLINED,
    "ProcessingFailure": _LATER,
    "TransactionTimedOut": _SLOWLY,
    "PaymentMethodNotAllowed": CHANGE_METHOD,
    "BuyerCanceled": Verdict(Phase.REPAIRABLE, "buyer_canceled", Retry.NEW_ATTEMPT),
    "MFANotCompleted": Verdict(Phase.REPAIRABLE, "authentication", Retry.NEW_ATTEMPT),
    # what was asked for does not fit the object
    "AmountMismatch": Verdict(Phase.REPAIRABLE, "amount_mismatch", Retry.NEW_ATTEMPT),
    "CheckoutSessionCanceled": Verdict(Phase.REPAIRABLE, "session_canceled", Retry.NEW_ATTEMPT),
    "InvalidCheckoutSessionStatus": Verdict(Phase.REPAIRABLE, "authentication", Retry.NEW_ATTEMPT),
    "InvalidChargePermissionStatus": Verdict(Phase.DECLINED, "agreement_status"),
    "ChargePermissionNotModifiable": Verdict(Phase.DECLINED, "agreement_status"),
    "InvalidChargeStatus": Verdict(Phase.DECLINED, "authorization_status"),
    "TransactionAmountExceeded": Verdict(Phase.DECLINED, "amount_exceeded"),
    "TransactionCountExceeded": Verdict(Phase.DECLINED, "count_exceeded"),
    "ResourceNotFound": Verdict(Phase.DECLINED, "unknown_object"),
    "CurrencyMismatch": Verdict(Phase.DECLINED, "currency_mismatch"),
    "UnsupportedOperation": Verdict(Phase.DECLINED, "refused"),
    "RequestNotSupported": Verdict(Phase.DECLINED, "refused"),
    # what was sent is not well formed
    "InvalidHeaderValue": _INVALID,
    "InvalidParameterCombination": _INVALID,
    "InvalidParameterValue": _INVALID,
    "InvalidRequest": _INVALID,
    "InvalidRequestFormat": _INVALID,
    "MissingHeader": _INVALID,
    "MissingHeaderValue": _INVALID,
    "MissingParameterValue": _INVALID,
    "UnrecognizedField": _INVALID,
    "InvalidSandboxSimulationSpecified": Verdict(Phase.DECLINED, "invalid_simulation"),
}
REFUSED = Verdict(Phase.DECLINED, "refused")

# Amazon has an answer under our key and will not repeat it: money may have moved under it.
UNRESOLVED = frozenset({"DuplicateIdempotencyKey"})


def verdict(table: Table, state: str, reason: str) -> Verdict:
    """The line for a state and reason; an unknown state stays pending, so that it is read again."""
    return table.get((state, reason)) or table.get((state, ANY), UNKNOWN_STATE)


def agreement_state(status: Status) -> AgreementState | None:
    """What a charge permission's state is in our words; None for one we do not know.

    A charge in progress passes by itself: the permission is as good as before.
    """
    match status.name:
        case "Chargeable":
            return AgreementState.OPEN
        case "NonChargeable":
            return AgreementState.OPEN if set(status.codes) == {"ChargeInProgress"} else AgreementState.SUSPENDED
        case "Closed":
            return AgreementState.CANCELED if set(status.codes) & _CANCELED else AgreementState.CLOSED
    return None


def of_charge(table: Table, charge: Charge, request_id: str = "") -> Outcome:
    """The outcome of a charge by AUTHORIZATION, CHARGE, SLOW_CHARGE, RELEASE or CAPTURE.

    `settled_id` is the charge where the money moved or is to move: it is the payment's reference from the first answer
    to the last (money.md §3).
    """
    line = verdict(table, charge.status_details.name, charge.status_details.reason)
    taking = line.effect is Effect.CAPTURED or (line.phase is Phase.PENDING and table is not AUTHORIZATION)
    taken = money(charge.capture_amount) if line.effect is Effect.CAPTURED else None
    outcome = _outcome(
        line,
        charge.charge_id,
        charge.charge_id if taking else "",
        taken or money(charge.charge_amount),
        charge.status_details,
        request_id,
        charge.charge_permission_id or "",
    )
    return replace(outcome, reference_id=charge.reference_id)


def of_refund(refund: Refund, request_id: str = "") -> Outcome:
    """The outcome of a refund."""
    line = verdict(REFUND, refund.status_details.name, refund.status_details.reason)
    amount = money(refund.refund_amount)
    return _outcome(line, refund.refund_id, refund.refund_id, amount, refund.status_details, request_id)


def of_session(session: Session, request_id: str = "") -> Outcome:
    """The outcome of a payment whose checkout session has no charge."""
    status = session.status_details
    return _outcome(verdict(SESSION, status.name, status.reason), "", "", None, status, request_id)


def of_refusal(error: RefusedError, line: Verdict | None = None) -> Outcome:
    """The outcome of a definite refusal, by its code or by a verdict that was found out about it."""
    return Outcome(
        line or REFUSALS.get(error.code, REFUSED),
        reason=error.code,
        message=error.message,
        request_id=error.request_id,
    )


def _outcome(
    line: Verdict,
    object_id: str,
    settled_id: str,
    amount: Money | None,
    status: Status,
    request_id: str,
    agreement_id: str = "",
) -> Outcome:
    return Outcome(
        line,
        object_id=object_id,
        settled_id=settled_id,
        order_reference=order_of(object_id),
        amount=amount,
        state=status.name,
        reason=status.reason,
        message=status.reason_description or "",
        updated_at=status.updated_at,
        request_id=request_id,
        agreement_id=agreement_id,
    )
