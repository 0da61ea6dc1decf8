"""What an HTTP answer of MWS means: a result, or one of `domain.errors` (contracts §1.3, §1.4).

The question behind every line is the same: can money have moved? Only what says so for certain counts as "not
executed" or "refused"; anything that could also be half of a success is `OutcomeUnknownError`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from saleor_amazonpay.amazon.mws.outcomes import REFUSALS, UNRESOLVED
from saleor_amazonpay.amazon.mws.xml import Node, XmlRefusedError, parse
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    RefusedError,
    WireGoneError,
)
from saleor_amazonpay.http import HttpResponse, TransportError

# Refused before the operation was looked at. `RequestExpired` is a clock that is off or a request that was
# held up: the keys may be right, and a repeat carries a new timestamp.
NOT_EXECUTED = frozenset({"RequestThrottled", "RequestExpired"})

# About the profile, not about the payment: no decline may be made of them.
CREDENTIALS = frozenset(
    {
        "AccessDenied",
        "InvalidAccessKeyId",
        "InvalidAccountStatus",
        "InvalidSellerId",
        "MissingAuthenticationToken",
        "ProviderNotAuthorized",
        "SignatureDoesNotMatch",
        "UnauthorizedAccess",
        "UnauthorizedSolutionProvider",
    }
)

# How an API says that it has been switched off; nobody has seen Amazon's wording yet, so it is matched
# broadly, but only where the sentence is about the interface and not about a payment.
_GONE_CODES = frozenset({"NoSuchVersion", "ServiceDiscontinued", "ApiDiscontinued"})
_GONE_WORDS = re.compile(
    r"\b(API|MWS|OffAmazonPayments|endpoint|version|Checkout v1|CV1)\b.{0,80}"
    r"\b(discontinued|deprecated|decommissioned|retired|sunset|shut down|no longer (available|supported))\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A result that was read whole: the `{Action}Result` element, or the root where there is none."""

    action: str
    result: Node
    request_id: str

    def require(self, name: str) -> Node:
        """A part of the result without which the answer says nothing. Raises OutcomeUnknownError."""
        found = self.result.child(name)
        if found is None:
            raise OutcomeUnknownError(
                self.action, "UnreadableAnswer", f"no {name} in the answer", request_id=self.request_id
            )
        return found


def answer_of(action: str, response: HttpResponse) -> Answer:
    """The result in a response. Raises AmazonError."""
    try:
        root = parse(response.body)
    except XmlRefusedError:
        root = None
    if 200 <= response.status < 300:  # noqa: PLR2004 - HTTP's own class of successes
        if root is None or root.name != f"{action}Response":
            # Amazon said yes to something: it may have acted, whatever the body looks like.
            raise OutcomeUnknownError(action, "UnreadableAnswer", "not an answer of MWS", http_status=response.status)
        request_id = root.text("ResponseMetadata", "RequestId") or root.text("ResponseMetadata", "RequestID")
        return Answer(action, root.child(f"{action}Result") or root, request_id)
    raise _failure(action, response.status, root)


def unsent(action: str, error: TransportError) -> AmazonError:
    """The error for an exchange that gave no answer at all."""
    if error.unresolved:
        return WireGoneError(action, "HostGone", str(error))
    if not error.sent:
        return NotExecutedError(action, "NotConnected", str(error))
    return OutcomeUnknownError(action, "NoAnswer", str(error))


def _failure(action: str, status: int, root: Node | None) -> AmazonError:
    error = None if root is None or root.name != "ErrorResponse" else root.child("Error")
    code = "" if error is None else error.text("Code")
    if root is None or not code:
        return _kind_without_code(status)(action, f"http_{status}", http_status=status)
    message = error.text("Message") if error is not None else ""
    request_id = root.any_text("RequestId", "RequestID")
    kind = _kind(status, code, message)
    return kind(action, code, message, http_status=status, request_id=request_id)


def _kind(status: int, code: str, message: str) -> type[AmazonError]:
    """Which error an error document of MWS is."""
    if code in NOT_EXECUTED:
        return NotExecutedError
    if code in CREDENTIALS:
        return CredentialsRejectedError
    if not 400 <= status < 500:  # noqa: PLR2004 - HTTP's own class of client errors
        return OutcomeUnknownError
    if code in REFUSALS or code in UNRESOLVED:
        return RefusedError
    if status == 410 or code in _GONE_CODES or _GONE_WORDS.search(message):  # noqa: PLR2004
        return WireGoneError
    return CredentialsRejectedError if status in (401, 403) else RefusedError


def _kind_without_code(status: int) -> type[AmazonError]:
    """Which error a body is that MWS did not write."""
    match status:
        case 404 | 410:  # of unknown objects MWS says so in an error document: this is not MWS any more
            return WireGoneError
        case 401 | 403:
            return CredentialsRejectedError
        case 429:
            return NotExecutedError
        case _ if 400 <= status < 500 and status != 408:  # noqa: PLR2004
            return RefusedError
        case _:  # 5xx, a request timeout, a redirect: something between us and Amazon may have passed it on
            return OutcomeUnknownError
