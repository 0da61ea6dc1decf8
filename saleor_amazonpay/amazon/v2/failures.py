"""What an HTTP answer of pay-api means: a result, or one of `domain.errors` (contracts §5.6).

The reason code decides, then the class of the HTTP status; a code nobody has heard of is a refusal or a doubt, never a
failure of ours. The question behind every line is the same: can money have moved? Only what says so for certain counts
as "not executed" or "refused".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from saleor_amazonpay.amazon.v2.outcomes import REFUSALS, UNRESOLVED
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    RefusedError,
    WireGoneError,
)
from saleor_amazonpay.http import HttpResponse, TransportError

Shape = TypeVar("Shape")

# Refused before the operation was looked at.
NOT_EXECUTED = frozenset({"TooManyRequests", "RequestThrottled"})

# About the profile, not about the payment: no decline may be made of them.
CREDENTIALS = frozenset(
    {
        "InvalidAccountStatus",
        "InvalidRequestSignature",
        "MissingAuthorizationHeader",
        "UnauthorizedAccess",
    }
)

# Amazon's own troubles: the call may have been carried out.
_TROUBLES = frozenset({"InternalServerError", "ServiceUnavailable"})

_GONE_CODES = frozenset({"ApiDiscontinued", "ServiceDiscontinued"})


class _Error(msgspec.Struct, rename="camel"):
    reason_code: str = ""
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A success. `status` tells 200 from 202, where Amazon still has to decide."""

    action: str
    status: int
    body: bytes = field(repr=False)
    request_id: str = ""

    def read(self, kind: type[Shape]) -> Shape:
        """The object in it. Raises OutcomeUnknownError: Amazon said yes, and we cannot read to what."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise OutcomeUnknownError(
                self.action, "UnreadableAnswer", str(error), http_status=self.status, request_id=self.request_id
            ) from error


def answer_of(action: str, response: HttpResponse) -> Answer:
    """The result in a response. Raises AmazonError."""
    request_id = _header(response.headers, "x-amz-pay-request-id")
    if 200 <= response.status < 300:  # noqa: PLR2004 - HTTP's own class of successes
        return Answer(action, response.status, response.body, request_id)
    try:
        told = msgspec.json.decode(response.body, type=_Error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        told = _Error()
    kind = _kind(response.status, told) if told.reason_code else _kind_without_code(response.status)
    code = told.reason_code or f"http_{response.status}"
    raise kind(action, code, told.message or "", http_status=response.status, request_id=request_id)


def unsent(action: str, error: TransportError) -> AmazonError:
    """The error for an exchange that gave no answer at all."""
    if error.unresolved:
        return WireGoneError(action, "HostGone", str(error))
    if not error.sent:
        return NotExecutedError(action, "NotConnected", str(error))
    return OutcomeUnknownError(action, "NoAnswer", str(error))


def _kind(status: int, told: _Error) -> type[AmazonError]:
    """Which error a body of Amazon's is."""
    code = told.reason_code
    if code in NOT_EXECUTED or (code == "InvalidHeaderValue" and "x-amz-pay-date" in (told.message or "")):
        return NotExecutedError  # a clock that is off: the repeat carries a new date
    if code in CREDENTIALS:
        return CredentialsRejectedError
    if code in REFUSALS or code in UNRESOLVED:
        return RefusedError  # a decline is one whatever status it comes with
    if code in _GONE_CODES or status == 410:  # noqa: PLR2004
        return WireGoneError
    if code in _TROUBLES:
        return OutcomeUnknownError
    return _kind_of_class(status)


def _kind_of_class(status: int) -> type[AmazonError]:
    match status:
        case 429:
            return NotExecutedError
        case 401 | 403:
            return CredentialsRejectedError
        case 408 | 425:
            return OutcomeUnknownError
        case _ if 400 <= status < 500:  # noqa: PLR2004
            return RefusedError
        case _:
            return OutcomeUnknownError


def _kind_without_code(status: int) -> type[AmazonError]:
    """Which error a body is that pay-api did not write: of unknown objects it says so with a reason code."""
    return WireGoneError if status in {404, 410} else _kind_of_class(status)


def _header(headers: Mapping[str, str], name: str) -> str:
    found = headers.get(name)
    if found is not None:
        return found
    return next((value for key, value in headers.items() if key.lower() == name), "")
