"""What contracts §5.6 and §6 demand of the v2 wire, written out by hand. The code never imports this.

A line is (state, reason) → (phase, code, retry, effect) in plain words.
"""

from __future__ import annotations

Line = tuple[str, str, str, str]
Key = tuple[str, str]

RESERVED: Line = ("done", "ok", "never", "authorized")
TAKEN: Line = ("done", "ok", "never", "captured")
GIVEN_BACK: Line = ("done", "ok", "never", "refunded")
GIVEN_UP: Line = ("done", "released", "never", "released")
HALF: Line = ("done", "capture_failed", "never", "authorized")
OURS_TO_TAKE: Line = ("pending", "capture_due", "never", "none")
WAIT: Line = ("pending", "pending", "never", "none")
READ_AGAIN: Line = ("pending", "unknown_state", "never", "none")


def _gone(code: str) -> Line:
    return ("gone", code, "never", "none")


_DECLINES: dict[Key, Line] = {
    ("Declined", "SoftDeclined"): ("repairable", "soft_decline", "new_attempt", "none"),
    ("Declined", "HardDeclined"): ("repairable", "payment_method", "change_method", "none"),
    ("Declined", "AmazonRejected"): ("declined", "amazon_rejected", "never", "none"),
    ("Declined", "ProcessingFailure"): ("repairable", "processing_failure", "after_pause", "none"),
    ("Declined", "TransactionTimedOut"): ("repairable", "timed_out", "asynchronously", "none"),
    ("Declined", "SomethingNew"): ("declined", "declined", "never", "none"),
    ("Declined", ""): ("declined", "declined", "never", "none"),
}

_ENDS: dict[Key, Line] = {
    ("Canceled", "ExpiredUnused"): _gone("expired"),
    ("Canceled", "AmazonCanceled"): _gone("amazon_closed"),
    ("Canceled", "MerchantCanceled"): _gone("seller_closed"),
    ("Canceled", "ChargePermissionCanceled"): _gone("order_canceled"),
    ("Canceled", "BuyerCanceled"): _gone("buyer_canceled"),
    ("Canceled", "SomethingNew"): _gone("closed"),
    ("Canceled", ""): _gone("closed"),
    ("SomethingNew", ""): READ_AGAIN,
    ("", ""): READ_AGAIN,
}

AUTHORIZATION: dict[Key, Line] = {
    ("AuthorizationInitiated", ""): WAIT,
    ("Authorized", ""): RESERVED,
    ("CaptureInitiated", ""): RESERVED,
    ("Captured", ""): TAKEN,
    **_DECLINES,
    **_ENDS,
}

# Asked to charge and only reserved: the money is not failed, it can still be captured (money.md §3).
CHARGE: dict[Key, Line] = {
    ("AuthorizationInitiated", ""): WAIT,
    ("Authorized", ""): HALF,
    ("CaptureInitiated", ""): WAIT,
    ("Captured", ""): TAKEN,
    **_DECLINES,
    **_ENDS,
}

# v2 cannot capture by itself after a pending authorization.
SLOW_CHARGE: dict[Key, Line] = {**CHARGE, ("Authorized", ""): OURS_TO_TAKE}

RELEASE: dict[Key, Line] = {
    ("AuthorizationInitiated", ""): WAIT,
    ("Authorized", ""): WAIT,
    ("CaptureInitiated", ""): WAIT,
    ("Captured", ""): TAKEN,
    ("Declined", "AmazonRejected"): GIVEN_UP,
    ("Declined", "HardDeclined"): GIVEN_UP,
    ("Canceled", "MerchantCanceled"): GIVEN_UP,
    ("Canceled", "ExpiredUnused"): GIVEN_UP,
    ("Canceled", "AmazonCanceled"): GIVEN_UP,
    ("Canceled", "ChargePermissionCanceled"): GIVEN_UP,
    ("Canceled", ""): GIVEN_UP,
    ("SomethingNew", ""): READ_AGAIN,
}

CAPTURE: dict[Key, Line] = {
    ("AuthorizationInitiated", ""): WAIT,
    ("Authorized", ""): WAIT,
    ("CaptureInitiated", ""): WAIT,
    ("Captured", ""): TAKEN,
    ("Declined", "AmazonRejected"): ("declined", "amazon_rejected", "never", "none"),
    ("Declined", "ProcessingFailure"): ("declined", "processing_failure", "after_pause", "none"),
    ("Declined", "SomethingNew"): ("declined", "declined", "never", "none"),
    **_ENDS,
}

REFUND: dict[Key, Line] = {
    ("RefundInitiated", ""): WAIT,
    ("Refunded", ""): GIVEN_BACK,
    ("Declined", "AmazonRejected"): ("declined", "amazon_rejected", "never", "none"),
    ("Declined", "ProcessingFailure"): ("declined", "processing_failure", "after_pause", "none"),
    ("Declined", "SomethingNew"): ("declined", "declined", "never", "none"),
    ("SomethingNew", ""): READ_AGAIN,
}

# A session that was to pay and has no charge: after a cancellation the buyer may begin another one.
SESSION: dict[Key, Line] = {
    ("Open", ""): ("repairable", "authentication", "new_attempt", "none"),
    ("Canceled", "BuyerCanceled"): ("repairable", "buyer_canceled", "new_attempt", "none"),
    ("Canceled", "Declined"): ("repairable", "session_declined", "new_attempt", "none"),
    ("Canceled", "Expired"): ("repairable", "session_expired", "new_attempt", "none"),
    ("Canceled", "AmazonCanceled"): ("declined", "amazon_rejected", "never", "none"),
    ("Canceled", "SomethingNew"): ("repairable", "session_canceled", "new_attempt", "none"),
    ("SomethingNew", ""): READ_AGAIN,
}

# §6.1: state and reasons of a charge permission → our state
PERMISSIONS: dict[tuple[str, tuple[str, ...]], str | None] = {
    ("Chargeable", ()): "open",
    ("NonChargeable", ("PaymentMethodInvalid",)): "suspended",
    ("NonChargeable", ("PaymentMethodDeleted",)): "suspended",
    ("NonChargeable", ("PaymentMethodExpired",)): "suspended",
    ("NonChargeable", ("PaymentMethodNotAllowed",)): "suspended",
    ("NonChargeable", ("PaymentMethodNotSet",)): "suspended",
    ("NonChargeable", ("BillingAddressDeleted",)): "suspended",
    ("NonChargeable", ("MFAFailed",)): "suspended",
    ("NonChargeable", ("SomethingNew",)): "suspended",
    ("NonChargeable", ()): "suspended",
    ("NonChargeable", ("ChargeInProgress",)): "open",
    ("NonChargeable", ("ChargeInProgress", "PaymentMethodExpired")): "suspended",
    ("Closed", ("MerchantCanceled",)): "canceled",
    ("Closed", ("MerchantClosed",)): "closed",
    ("Closed", ("BuyerCanceled",)): "canceled",
    ("Closed", ("BuyerClosed",)): "closed",
    ("Closed", ("AmazonCanceled",)): "canceled",
    ("Closed", ("AmazonClosed",)): "closed",
    ("Closed", ("Expired",)): "closed",
    ("Closed", ()): "closed",
    ("SomethingNew", ()): None,
}

AGREEMENT_REFUSALS: dict[str, Line] = {
    "draft": ("repairable", "agreement_draft", "new_attempt", "none"),
    "open": ("repairable", "agreement_status", "new_attempt", "none"),
    "suspended": ("repairable", "payment_method", "change_method", "none"),
    "canceled": ("repairable", "agreement_ended", "new_agreement", "none"),
    "closed": ("repairable", "agreement_ended", "new_agreement", "none"),
}

CONSTRAINTS = {
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

# §5.6: reason codes that decide a payment, whatever the HTTP status
REFUSALS: dict[str, tuple[str, str, str]] = {
    "SoftDeclined": ("repairable", "soft_decline", "new_attempt"),
    "HardDeclined": ("repairable", "payment_method", "change_method"),
    "AmazonRejected": ("declined", "amazon_rejected", "never"),
    "Declined": ("declined", "declined", "never"),
    "ProcessingFailure": ("repairable", "processing_failure", "after_pause"),
    "TransactionTimedOut": ("repairable", "timed_out", "asynchronously"),
    "PaymentMethodNotAllowed": ("repairable", "payment_method", "change_method"),
    "BuyerCanceled": ("repairable", "buyer_canceled", "new_attempt"),
    "MFANotCompleted": ("repairable", "authentication", "new_attempt"),
    "AmountMismatch": ("repairable", "amount_mismatch", "new_attempt"),
    "CheckoutSessionCanceled": ("repairable", "session_canceled", "new_attempt"),
    "InvalidCheckoutSessionStatus": ("repairable", "authentication", "new_attempt"),
    "InvalidChargePermissionStatus": ("declined", "agreement_status", "never"),
    "ChargePermissionNotModifiable": ("declined", "agreement_status", "never"),
    "InvalidChargeStatus": ("declined", "authorization_status", "never"),
    "TransactionAmountExceeded": ("declined", "amount_exceeded", "never"),
    "TransactionCountExceeded": ("declined", "count_exceeded", "never"),
    "ResourceNotFound": ("declined", "unknown_object", "never"),
    "CurrencyMismatch": ("declined", "currency_mismatch", "never"),
    "UnsupportedOperation": ("declined", "refused", "never"),
    "RequestNotSupported": ("declined", "refused", "never"),
    "InvalidHeaderValue": ("declined", "invalid_parameter", "never"),
    "InvalidParameterCombination": ("declined", "invalid_parameter", "never"),
    "InvalidParameterValue": ("declined", "invalid_parameter", "never"),
    "InvalidRequest": ("declined", "invalid_parameter", "never"),
    "InvalidRequestFormat": ("declined", "invalid_parameter", "never"),
    "MissingHeader": ("declined", "invalid_parameter", "never"),
    "MissingHeaderValue": ("declined", "invalid_parameter", "never"),
    "MissingParameterValue": ("declined", "invalid_parameter", "never"),
    "UnrecognizedField": ("declined", "invalid_parameter", "never"),
    "InvalidSandboxSimulationSpecified": ("declined", "invalid_simulation", "never"),
}

UNRESOLVED = {"DuplicateIdempotencyKey"}
NOT_EXECUTED = {"TooManyRequests", "RequestThrottled"}
UNKNOWN_OUTCOME = {"InternalServerError", "ServiceUnavailable"}
CREDENTIALS = {"UnauthorizedAccess", "InvalidAccountStatus", "InvalidRequestSignature", "MissingAuthorizationHeader"}

# Every state and reason that §6.4 names, for the check that none was forgotten above.
NAMED = {
    "CHARGE": (
        {"AuthorizationInitiated", "Authorized", "CaptureInitiated", "Captured", "Declined", "Canceled"},
        {
            "SoftDeclined", "HardDeclined", "AmazonRejected", "ProcessingFailure", "TransactionTimedOut",
            "ExpiredUnused", "AmazonCanceled", "MerchantCanceled", "ChargePermissionCanceled", "BuyerCanceled",
        },
    ),
    "REFUND": ({"RefundInitiated", "Refunded", "Declined"}, {"AmazonRejected", "ProcessingFailure"}),
    "SESSION": ({"Open", "Canceled"}, {"BuyerCanceled", "Declined", "AmazonCanceled", "Expired"}),
}  # fmt: skip

# Every reason code that §5.6 names.
NAMED_CODES = {
    "InvalidHeaderValue", "InvalidRequest", "InvalidRequestFormat", "InvalidParameterValue", "MissingHeader",
    "MissingHeaderValue", "MissingParameterValue", "UnrecognizedField", "InvalidSandboxSimulationSpecified",
    "DuplicateIdempotencyKey", "InvalidParameterCombination", "CurrencyMismatch", "UnauthorizedAccess",
    "InvalidAccountStatus", "InvalidRequestSignature", "ResourceNotFound", "UnsupportedOperation",
    "RequestNotSupported", "InvalidChargePermissionStatus", "ChargePermissionNotModifiable", "InvalidChargeStatus",
    "InvalidCheckoutSessionStatus", "CheckoutSessionCanceled", "TransactionAmountExceeded", "TransactionCountExceeded",
    "AmountMismatch", "MFANotCompleted", "PaymentMethodNotAllowed", "SoftDeclined", "HardDeclined", "AmazonRejected",
    "Declined", "BuyerCanceled", "TransactionTimedOut", "ProcessingFailure", "TooManyRequests", "RequestThrottled",
    "InternalServerError", "ServiceUnavailable",
}  # fmt: skip
