"""What a session event comes to, before anything outside is asked."""

from __future__ import annotations

from dataclasses import dataclass

from saleor_amazonpay.amazon.port import AuthorizeCall
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.money_call import AgreementCall
from saleor_amazonpay.flows.prepare import Refusal
from saleor_amazonpay.store.agreements import Agreement


@dataclass(frozen=True, slots=True)
class Join:
    """The event is about an operation that exists."""

    operation: Operation


@dataclass(frozen=True, slots=True)
class Prepare:
    """A new attempt whose agreement needs the buyer's proof or Amazon's confirmation first."""

    attempt: int
    profile: Profile
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class Begun:
    """A new operation was committed: its money call is ours to make, now."""

    operation: Operation
    call: AuthorizeCall | AgreementCall


@dataclass(frozen=True, slots=True)
class Refused:
    """No operation; the profile, if one was found, says whom the shopper may call."""

    refusal: Refusal
    attempt: int = 1
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """A new attempt after a decline: the shopper saw it fail, and may have paid otherwise meanwhile."""

    last: Operation


Plan = Join | Prepare | Begun | Refused | Again
