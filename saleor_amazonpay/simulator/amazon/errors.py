"""Refusals as MWS words them: a code, its HTTP status, a message (contracts §1.4).

In comes a code, out comes an exception the door turns into an error document. Where no source names a code's
status, state errors are 405 like those whose status is known, bad values are 400, unknown ids 404.
"""

from __future__ import annotations

_STATUS = {
    "InvalidParameterValue": 400,
    "InvalidAddress": 400,
    "DuplicateRequest": 400,
    "InvalidAddressConsentToken": 400,
    "AmbiguousToken": 400,
    "DuplicateReferenceId": 400,
    "BillingAgreementConstraintsExist": 400,
    "ConstraintsExist": 400,
    "CurrencyMismatch": 400,
    "CurrencyUnsupported": 400,
    "InvalidSandboxSimulationSpecified": 400,
    "PeriodicAmountExceeded": 400,
    "TransactionAmountExceeded": 400,
    "TransactionCountExceeded": 400,
    "PaymentMethodNotUpdated": 400,
    "RequestExpired": 400,
    "AccessDenied": 401,
    "UnauthorizedAccess": 401,
    "InvalidAccountStatus": 403,
    "InvalidAccessKeyId": 403,
    "MissingAuthenticationToken": 403,
    "SignatureDoesNotMatch": 403,
    "UnauthorizedSolutionProvider": 403,
    "InvalidBillingAgreementId": 404,
    "InvalidOrderReferenceId": 404,
    "InvalidTransactionId": 404,
    "BillingAgreementNotModifiable": 405,
    "OrderReferenceNotModifiable": 405,
    "OrderReferenceCountExceeded": 405,
    "CaptureNotRefundable": 405,
    "InvalidBillingAgreementStatus": 405,
    "InvalidOrderReferenceStatus": 405,
    "InvalidAuthorizationStatus": 405,
    "InvalidCloseAttempt": 405,
    "InvalidCancelAttempt": 405,
    # Of the Alexa interface over the same agreements.
    "InvalidSellerId": 400,
    "BuyerEqualsSeller": 400,
    "UnsupportedCurrency": 400,
    "UnsupportedCountryOfEstablishment": 400,
    "ProviderNotAuthorized": 400,
    "InvalidAuthorizationAmount": 400,
    "InvalidPaymentAction": 400,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
    "RequestThrottled": 503,
}

# Answered by the gateway in front of Amazon Pay, which spells the request id otherwise.
_GATEWAY = frozenset(
    {
        "AccessDenied",
        "InvalidAccessKeyId",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "RequestExpired",
        "RequestThrottled",
    }
)
CODES = frozenset(_STATUS)


class MwsError(Exception):
    """A refusal. `type` is Sender or Receiver; throttled answers leave it empty."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = _STATUS[code]
        self.type = "" if code == "RequestThrottled" else ("Sender" if self.status < 500 else "Receiver")
        self.request_id_tag = "RequestID" if code in _GATEWAY else "RequestId"


class AnswerDroppedError(Exception):
    """The connection ends without an answer; whether anything was done before is the fault's secret.

    Over a socket the connection is closed; an in-process caller gets this exception itself, whatever the
    application may have sent before it.
    """


class HostGoneError(AnswerDroppedError):
    """As if the host's name no longer existed: certainly nothing was done."""


def invalid(field: str, value: str) -> MwsError:
    """A value Amazon does not accept."""
    return MwsError("InvalidParameterValue", f"The value '{value}' provided for '{field}' is invalid")
