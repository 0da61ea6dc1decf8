"""What contracts §1.4 and §6 demand of the v1 wire, written out by hand. The code never imports this.

A line is (state, reason, SoftDecline) → (phase, code, retry, effect) in plain words.
"""

from __future__ import annotations

Line = tuple[str, str, str, str]
Key = tuple[str, str, str]

DONE_RESERVED: Line = ("done", "ok", "never", "authorized")
DONE_TAKEN: Line = ("done", "ok", "never", "captured")
DONE_REFUNDED: Line = ("done", "ok", "never", "refunded")
DONE_RELEASED: Line = ("done", "released", "never", "released")
WAIT: Line = ("pending", "pending", "never", "none")
READ_AGAIN: Line = ("pending", "unknown_state", "never", "none")

# What an authorization says apart from Open, whether or not it was asked to capture as well (§6.3).
_AUTHORIZATION: dict[Key, Line] = {
    ("Pending", "", ""): WAIT,
    ("Pending", "StopShipmentAtypicalAuth", ""): WAIT,
    ("Declined", "InvalidPaymentMethod", ""): ("repairable", "payment_method", "change_method", "none"),
    ("Declined", "InvalidPaymentMethod", "false"): ("repairable", "payment_method", "change_method", "none"),
    ("Declined", "InvalidPaymentMethod", "true"): ("repairable", "soft_decline", "new_attempt", "none"),
    ("Declined", "AmazonRejected", ""): ("declined", "amazon_rejected", "never", "none"),
    ("Declined", "AmazonRejected", "true"): ("declined", "amazon_rejected", "never", "none"),
    ("Declined", "ProcessingFailure", ""): ("repairable", "processing_failure", "after_pause", "none"),
    ("Declined", "TransactionTimedOut", ""): ("repairable", "timed_out", "asynchronously", "none"),
    ("Declined", "SomethingNew", ""): ("declined", "declined", "never", "none"),
    ("Declined", "", ""): ("declined", "declined", "never", "none"),
    ("Closed", "MaxCapturesProcessed", ""): DONE_TAKEN,
    ("Closed", "ExpiredUnused", ""): ("gone", "expired", "never", "none"),
    ("Closed", "AmazonClosed", ""): ("gone", "amazon_closed", "never", "none"),
    ("Closed", "SellerClosed", ""): ("gone", "seller_closed", "never", "none"),
    ("Closed", "OrderReferenceCanceled", ""): ("gone", "order_canceled", "never", "none"),
    ("Closed", "SomethingNew", ""): ("gone", "closed", "never", "none"),
    ("Closed", "", ""): ("gone", "closed", "never", "none"),
    ("SomethingNew", "", ""): READ_AGAIN,
    ("", "", ""): READ_AGAIN,
}

AUTHORIZATION: dict[Key, Line] = {**_AUTHORIZATION, ("Open", "", ""): DONE_RESERVED}

# Asked to charge and only reserved: the money is not failed, it can still be captured (money.md §3).
CHARGE: dict[Key, Line] = {
    **_AUTHORIZATION,
    ("Open", "", ""): ("done", "capture_failed", "never", "authorized"),
}

# After CloseAuthorization: any end but a capture is what was wanted.
RELEASE: dict[Key, Line] = {
    ("Open", "", ""): WAIT,
    ("Pending", "", ""): WAIT,
    ("Declined", "AmazonRejected", ""): DONE_RELEASED,
    ("Closed", "SellerClosed", ""): DONE_RELEASED,
    ("Closed", "ExpiredUnused", ""): DONE_RELEASED,
    ("Closed", "AmazonClosed", ""): DONE_RELEASED,
    ("Closed", "OrderReferenceCanceled", ""): DONE_RELEASED,
    ("Closed", "", ""): DONE_RELEASED,
    ("Closed", "MaxCapturesProcessed", ""): DONE_TAKEN,
    ("SomethingNew", "", ""): READ_AGAIN,
}

# §6.4
CAPTURE: dict[Key, Line] = {
    ("Pending", "", ""): WAIT,
    ("Pending", "StopShipmentAtypicalAuth", ""): WAIT,
    ("Completed", "", ""): DONE_TAKEN,
    ("Closed", "MaxAmountRefunded", ""): DONE_TAKEN,
    ("Closed", "MaxRefundsProcessed", ""): DONE_TAKEN,
    ("Closed", "AmazonClosed", ""): DONE_TAKEN,
    ("Closed", "SomethingNew", ""): DONE_TAKEN,
    ("Declined", "AmazonRejected", ""): ("declined", "amazon_rejected", "never", "none"),
    ("Declined", "ProcessingFailure", ""): ("declined", "processing_failure", "after_pause", "none"),
    ("Declined", "SomethingNew", ""): ("declined", "declined", "never", "none"),
    ("SomethingNew", "", ""): READ_AGAIN,
}

REFUND: dict[Key, Line] = {
    ("Pending", "", ""): WAIT,
    ("Completed", "", ""): DONE_REFUNDED,
    ("Completed", "AmazonA-ZRefund", ""): DONE_REFUNDED,
    ("Completed", "BuyerCanceled", ""): DONE_REFUNDED,
    ("Declined", "AmazonRejected", ""): ("declined", "amazon_rejected", "never", "none"),
    ("Declined", "ProcessingFailure", ""): ("declined", "processing_failure", "after_pause", "none"),
    ("Declined", "SomethingNew", ""): ("declined", "declined", "never", "none"),
    ("SomethingNew", "", ""): READ_AGAIN,
}

# §6.1
AGREEMENT_STATES = {
    "Draft": "draft",
    "Open": "open",
    "Suspended": "suspended",
    "Canceled": "canceled",
    "Closed": "closed",
}

# What a charge that Amazon refused for the agreement's state means, by the state that is then read.
AGREEMENT_REFUSALS: dict[str, Line] = {
    "draft": ("repairable", "agreement_draft", "new_attempt", "none"),
    "open": ("repairable", "agreement_status", "new_attempt", "none"),
    "suspended": ("repairable", "payment_method", "change_method", "none"),
    "canceled": ("repairable", "agreement_ended", "new_agreement", "none"),
    "closed": ("repairable", "agreement_ended", "new_agreement", "none"),
}

CONSTRAINTS = {
    "BuyerConsentNotSet": "consent_missing",
    "BuyerEqualsSeller": "buyer_is_seller",
    "PaymentPlanNotSet": "payment_method",
    "ShippingAddressNotSet": "address_missing",
    "PaymentMethodNotAllowed": "payment_method",
    "BillingAddressDeleted": "payment_method",
    "InvalidPaymentPlan": "payment_method",
    "PaymentMethodDeleted": "payment_method",
    "PaymentMethodExpired": "payment_method",
}

# §1.4: what Amazon can refuse a money call with, and what the payment then is.
REFUSALS: dict[str, tuple[str, str, str]] = {
    "InvalidParameterValue": ("declined", "invalid_parameter", "never"),
    "InvalidAddress": ("declined", "invalid_parameter", "never"),
    "InvalidAuthorizationAmount": ("declined", "invalid_parameter", "never"),
    "InvalidPaymentAction": ("declined", "invalid_parameter", "never"),
    "BillingAgreementConstraintsExist": ("repairable", "constraint", "change_method"),
    "ConstraintsExist": ("repairable", "constraint", "change_method"),
    "CurrencyMismatch": ("declined", "currency_mismatch", "never"),
    "CurrencyUnsupported": ("declined", "currency_unsupported", "never"),
    "UnsupportedCurrency": ("declined", "currency_unsupported", "never"),
    "CaptureNotRefundable": ("declined", "not_refundable", "never"),
    "PeriodicAmountExceeded": ("declined", "monthly_limit", "never"),
    "TransactionAmountExceeded": ("declined", "amount_exceeded", "never"),
    "TransactionCountExceeded": ("declined", "count_exceeded", "never"),
    "InvalidOrderReferenceId": ("declined", "unknown_object", "never"),
    "InvalidBillingAgreementId": ("declined", "unknown_object", "never"),
    "InvalidTransactionId": ("declined", "unknown_object", "never"),
    "InvalidBillingAgreementStatus": ("declined", "agreement_status", "never"),
    "InvalidOrderReferenceStatus": ("declined", "order_status", "never"),
    "InvalidAuthorizationStatus": ("declined", "authorization_status", "never"),
    "PaymentMethodNotUpdated": ("repairable", "payment_method", "change_method"),
    "InvalidSandboxSimulationSpecified": ("declined", "invalid_simulation", "never"),
    "BuyerEqualsSeller": ("declined", "buyer_is_seller", "never"),
}

# The other codes of §1.4: no line of their own, Amazon's message says what it was.
UNLISTED_REFUSALS = {
    "AmbiguousToken",
    "BillingAgreementNotModifiable",
    "InvalidAddressConsentToken",
    "InvalidCancelAttempt",
    "InvalidCloseAttempt",
    "OrderReferenceCountExceeded",
    "OrderReferenceNotModifiable",
    "UnsupportedCountryOfEstablishment",
    "SomethingNew",
}

# A used reference: money may have moved under it, so it is neither declined nor done.
UNRESOLVED = {"DuplicateReferenceId", "DuplicateRequest"}

# About the merchant's keys: nothing may be declined because of them.
CREDENTIALS = {
    "InvalidAccountStatus",
    "UnauthorizedAccess",
    "AccessDenied",
    "UnauthorizedSolutionProvider",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "InvalidSellerId",
    "ProviderNotAuthorized",
    "MissingAuthenticationToken",
}

# Every state and reason that §6.3 and §6.4 name, for the check that none was forgotten above.
NAMED = {
    "AUTHORIZATION": (
        {"Pending", "Open", "Declined", "Closed"},
        {
            "StopShipmentAtypicalAuth",
            "InvalidPaymentMethod",
            "AmazonRejected",
            "ProcessingFailure",
            "TransactionTimedOut",
            "MaxCapturesProcessed",
            "ExpiredUnused",
            "AmazonClosed",
            "OrderReferenceCanceled",
            "SellerClosed",
        },
    ),
    "CAPTURE": (
        {"Pending", "Completed", "Declined", "Closed"},
        {
            "StopShipmentAtypicalAuth",
            "AmazonRejected",
            "ProcessingFailure",
            "MaxAmountRefunded",
            "MaxRefundsProcessed",
            "AmazonClosed",
        },
    ),
    "REFUND": (
        {"Pending", "Completed", "Declined"},
        {"AmazonA-ZRefund", "BuyerCanceled", "AmazonRejected", "ProcessingFailure"},
    ),
}
