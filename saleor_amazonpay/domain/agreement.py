"""An agreement: the buyer's standing consent to be charged. v1 calls it billing agreement, v2 charge permission."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from saleor_amazonpay.domain.money import Money


class AgreementState(StrEnum):
    """Where an agreement stands at Amazon (contracts §6.1)."""

    DRAFT = "draft"  # the buyer has opened it in the widgets; not yet confirmed
    OPEN = "open"  # may be charged
    SUSPENDED = "suspended"  # needs another payment method; captures and refunds of old payments go on
    CANCELED = "canceled"  # ended by Amazon, with everything open on it
    CLOSED = "closed"  # ended; open authorizations may still be captured


ENDED = frozenset({AgreementState.CANCELED, AgreementState.CLOSED})


@dataclass(frozen=True, slots=True)
class MonthlyLimit:
    """Amazon's own limit of authorizations per calendar month on one agreement (not our cap)."""

    limit: Money
    remaining: Money
    period_start: str
    period_end: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """A reason why Amazon would refuse to confirm: `code` is ours, `amazon_id` Amazon's ConstraintID."""

    code: str
    amazon_id: str
    description: str


@dataclass(frozen=True, slots=True)
class AgreementView:
    """What Amazon says of an agreement now. No buyer data is kept beyond what the flow needs."""

    amazon_id: str
    state: AgreementState
    reason: str = ""
    consent: bool | None = None
    constraints: tuple[Constraint, ...] = ()
    limit: MonthlyLimit | None = None
    buyer_id: str = ""  # Amazon's id of the buyer, where the wire tells it with the agreement
