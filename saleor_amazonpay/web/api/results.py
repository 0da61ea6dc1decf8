"""What mutations answer: what came of it, and typed errors instead of exceptions."""

from __future__ import annotations

import strawberry
from graphql import GraphQLError

from saleor_amazonpay.domain.flaws import FlawedError
from saleor_amazonpay.web.api.common import ErrorType, WarningType
from saleor_amazonpay.web.api.enums import ChargeResult, Wire
from saleor_amazonpay.web.api.payment_types import PaymentType
from saleor_amazonpay.web.api.profile_types import AssignmentType, CheckType, ProfileType


@strawberry.type(name="AmazonPayProfileResult", description="With errors, nothing was changed.")
class ProfileResult:
    """Of the mutations of one profile."""

    profile: ProfileType | None = None
    checks: list[CheckType] = strawberry.field(default_factory=list, description="What was tried at Amazon.")
    warnings: list[WarningType] = strawberry.field(default_factory=list)
    errors: list[ErrorType] = strawberry.field(default_factory=list)


@strawberry.type(name="AmazonPayMoveResult", description="With errors, or a dry run, the profile was not moved.")
class MoveResult:
    """Of moving a profile to the API that follows its own."""

    profile: ProfileType | None = None
    to: Wire | None = None
    agreements: int = strawberry.field(default=0, description="Go on under the same ids.")
    reserved: int = strawberry.field(default=0, description="Reservations, captured or released on the new API.")
    under_way: int = strawberry.field(default=0, description="Operations that are finished where they began.")
    public_key: str | None = strawberry.field(
        default=None, description="To be entered in Seller Central by hand, if it was asked for."
    )
    errors: list[ErrorType] = strawberry.field(default_factory=list)


@strawberry.type(name="AmazonPayValidation", description="What saving would say. Nothing was changed.")
class Validation:
    """Of fields that are not saved yet."""

    checks: list[CheckType] = strawberry.field(default_factory=list)
    warnings: list[WarningType] = strawberry.field(default_factory=list)
    errors: list[ErrorType] = strawberry.field(default_factory=list)


@strawberry.type(name="AmazonPayProfileDeletion", description="With errors, nothing was deleted.")
class ProfileDeletion:
    """Of a profile."""

    deleted_id: strawberry.ID | None = None
    errors: list[ErrorType] = strawberry.field(default_factory=list)


@strawberry.type(name="AmazonPayChecks", description="What was tried, each by itself.")
class Checks:
    """Of a profile's connection, or its IPN URL."""

    checks: list[CheckType] = strawberry.field(default_factory=list)
    warnings: list[WarningType] = strawberry.field(default_factory=list)
    errors: list[ErrorType] = strawberry.field(default_factory=list)


@strawberry.type(name="AmazonPayAssignmentResult", description="With errors, or a dry run, nothing was changed.")
class AssignmentResult:
    """Of an assignment."""

    assignment: AssignmentType | None = None
    warnings: list[WarningType] = strawberry.field(default_factory=list)
    errors: list[ErrorType] = strawberry.field(default_factory=list)


@strawberry.type(name="AmazonPayUnassignmentResult", description="With errors, or a dry run, nothing was changed.")
class UnassignmentResult:
    """Of taking an assignment away."""

    removed: bool = False
    warnings: list[WarningType] = strawberry.field(default_factory=list)
    errors: list[ErrorType] = strawberry.field(default_factory=list)


@strawberry.type(name="AmazonPayPaymentResult")
class PaymentResult:
    """Of what was done with a payment."""

    payment: PaymentType | None = None
    errors: list[ErrorType] = strawberry.field(default_factory=list)


@strawberry.type(name="AmazonPayChargeResult", description="What came of charging an agreement.")
class AgreementCharge:
    """Of a charge without the buyer."""

    result: ChargeResult | None = None
    transaction_id: strawberry.ID | None = None
    code: str = strawberry.field(default="", description="The session answer's code, as in docs/session-data.md.")
    message: str = ""
    payment: PaymentType | None = None
    errors: list[ErrorType] = strawberry.field(default_factory=list)


def refused_as_error(error: FlawedError) -> GraphQLError:
    """For queries, which have no place for typed errors: the first flaw as a GraphQL error."""
    flaw = error.flaws[0]
    return GraphQLError(f"{flaw.message} {flaw.remedy}", extensions={"code": flaw.code.value.upper()})
