"""Everything that can go wrong, as a tree.

AmazonPayError
 ├─ AmazonError                 a call to Amazon gave no usable result
 │   ├─ OutcomeUnknownError     no answer, or a 5xx: money may have moved; repeat the identical call
 │   ├─ NotExecutedError        certainly not executed (throttled, never connected): may be repeated
 │   ├─ RefusedError            a definite 4xx that has no meaning of its own for the operation
 │   │   └─ CredentialsRejectedError   the keys of the profile are not accepted: wait, raise a problem, decline nothing
 │   └─ WireGoneError           this API, or its host, does not exist any more: permanent
 ├─ TokenRefusedError           a buyer's access token is not one of this login client, or has ended
 └─ SaleorError                 Saleor's API could not be called, or answered with errors
"""

from __future__ import annotations


class AmazonPayError(Exception):
    """Base of all errors of this project."""


class AmazonError(AmazonPayError):
    """A call to Amazon without a usable result. Carries what support needs, and never a secret."""

    def __init__(
        self, operation: str, code: str, message: str = "", *, http_status: int = 0, request_id: str = ""
    ) -> None:
        super().__init__(f"{operation}: {code} {message}".strip())
        self.operation = operation
        self.code = code
        self.message = message
        self.http_status = http_status
        self.request_id = request_id


class OutcomeUnknownError(AmazonError):
    """Amazon may or may not have acted: only an identical repeat, with the same reference id, may follow."""


class NotExecutedError(AmazonError):
    """Amazon has certainly not acted: throttled, or never connected. The identical call may be repeated later."""


class RefusedError(AmazonError):
    """Amazon refused the call for good, and nothing happened."""


class CredentialsRejectedError(RefusedError):
    """Amazon does not accept the profile's keys. Operations wait; no decline is invented from this."""


class WireGoneError(AmazonError):
    """Amazon has switched this API off, or its host is gone. Permanent: an operator has to move the profile."""


class TokenRefusedError(AmazonPayError):
    """The buyer's access token is unknown, expired, or was issued to another login client."""


class SaleorError(AmazonPayError):
    """Saleor's API was not reachable, refused the call, or answered with `errors`."""

    def __init__(self, operation: str, message: str, *, code: str = "", retryable: bool = False) -> None:
        super().__init__(f"{operation}: {message}")
        self.operation = operation
        self.code = code
        self.retryable = retryable
