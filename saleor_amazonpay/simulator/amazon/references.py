"""Reference ids: what makes a repeated Authorize, Capture or Refund one effect (contracts §1.6).

In come a merchant, a reference id and the parameters of a request; out comes the first result if the request is a
repeat. A reference id that meets other parameters or another kind of request is refused: two effects must never
share one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from saleor_amazonpay.simulator.amazon.errors import MwsError, invalid

_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)

# What differs between a request and its repeat, or says who asks and not what for.
_NOT_COMPARED = frozenset(
    {
        "AWSAccessKeyId",
        "MWSAuthToken",
        "Signature",
        "SignatureMethod",
        "SignatureVersion",
        "Timestamp",
        "Version",
    }
)


@dataclass(frozen=True, slots=True)
class _First:
    parameters: frozenset[tuple[str, str]]
    result: str


class References:
    """Every reference id that led to a result, per merchant account."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], _First] = {}

    def result(self, merchant_key: str, reference_id: str, parameters: Mapping[str, str]) -> str | None:
        """The result of the request this one repeats; None if the id is new. Raises DuplicateReferenceId."""
        first = self._first.get((merchant_key, reference_id))
        if first is None:
            return None
        if first.parameters != _compared(parameters):
            raise MwsError(
                "DuplicateReferenceId",
                f"The reference id '{reference_id}' has already been used in another request",
            )
        return first.result

    def keep(self, merchant_key: str, reference_id: str, parameters: Mapping[str, str], result: str) -> None:
        """Remember a result; a declined one is a result too."""
        self._first[merchant_key, reference_id] = _First(_compared(parameters), result)


def checked(reference_id: str, field: str) -> str:
    """The id, if Amazon takes it: 1 to 32 of `A-Za-z0-9_-`. Raises InvalidParameterValue."""
    if _REFERENCE.fullmatch(reference_id) is None:
        raise invalid(field, reference_id)
    return reference_id


def _compared(parameters: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(item for item in parameters.items() if item[0] not in _NOT_COMPARED)
