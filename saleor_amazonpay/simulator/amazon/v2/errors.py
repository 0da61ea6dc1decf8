"""Refusals as pay-api words them: a reason code, its HTTP status, a message (contracts §5.6).

In comes a code, out comes an exception the door turns into JSON. Where no source names a code's status, codes about
states and declines are 422, unknown ids 404, operations an object does not have 405.
"""

from __future__ import annotations

_STATUS = {
    "InvalidHeaderValue": 400,
    "InvalidRequest": 400,
    "InvalidRequestFormat": 400,
    "InvalidParameterValue": 400,
    "InvalidParameterCombination": 400,
    "MissingHeader": 400,
    "MissingHeaderValue": 400,
    "MissingParameterValue": 400,
    "UnrecognizedField": 400,
    "InvalidSandboxSimulationSpecified": 400,
    "DuplicateIdempotencyKey": 400,
    "CurrencyMismatch": 400,
    "UnauthorizedAccess": 401,
    "InvalidAccountStatus": 403,
    "InvalidRequestSignature": 403,
    "ResourceNotFound": 404,
    "UnsupportedOperation": 405,
    "RequestNotSupported": 405,
    "InvalidChargePermissionStatus": 422,
    "ChargePermissionNotModifiable": 422,
    "InvalidChargeStatus": 422,
    "InvalidCheckoutSessionStatus": 422,
    "CheckoutSessionCanceled": 422,
    "TransactionAmountExceeded": 422,
    "TransactionCountExceeded": 422,
    "AmountMismatch": 422,
    "MFANotCompleted": 422,
    "PaymentMethodNotAllowed": 422,
    "SoftDeclined": 422,
    "HardDeclined": 422,
    "AmazonRejected": 422,
    "Declined": 422,
    "BuyerCanceled": 422,
    "TransactionTimedOut": 422,
    "ProcessingFailure": 422,
    "TooManyRequests": 429,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
}
CODES = frozenset(_STATUS)


class PayError(Exception):
    """A refusal."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = _STATUS[code]


def invalid(field: str, value: object) -> PayError:
    """A value Amazon does not accept."""
    return PayError("InvalidParameterValue", f"The value '{value}' provided for '{field}' is invalid")


def missing(field: str) -> PayError:
    """A value Amazon needs."""
    return PayError("MissingParameterValue", f"The parameter '{field}' is required")


def not_found(kind: str, object_id: str) -> PayError:
    """An id that nothing of this merchant has."""
    return PayError("ResourceNotFound", f"The {kind} '{object_id}' does not exist")
