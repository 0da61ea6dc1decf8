"""The parts of Amazon's XML trees that are used, as frozen dataclasses (contracts §1.7).

In comes a node of an answer or a notification, out comes a value. Absent elements are empty values, never
errors; only a missing id of the object itself makes an answer unreadable, because nothing could be stored
under it.
"""

from __future__ import annotations

from dataclasses import dataclass

from saleor_amazonpay.amazon.mws.xml import Node, milliseconds
from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.agreement import MonthlyLimit
from saleor_amazonpay.domain.money import Money

ORDER_REFERENCE_LENGTH = 19  # P01-1234567-1234567, what every id of a payment begins with


def order_reference_of(object_id: str) -> str:
    """The order reference an authorization, capture or refund belongs to; empty if the id is too short."""
    return object_id[:ORDER_REFERENCE_LENGTH] if len(object_id) >= ORDER_REFERENCE_LENGTH else ""


@dataclass(frozen=True, slots=True)
class Status:
    """State of an object in Amazon's words; `updated_at` in milliseconds UTC."""

    state: str = ""
    reason: str = ""
    description: str = ""
    updated_at: int | None = None

    @classmethod
    def of(cls, node: Node | None) -> Status:
        """Read a status element; test notifications write the missing reason as `None`."""
        if node is None:
            return cls()
        reason = node.text("ReasonCode")
        return cls(
            node.text("State"),
            "" if reason == "None" else reason,
            node.text("ReasonDescription"),
            # Agreements in the API say Updated, everything else says Update.
            milliseconds(node.any_text("LastUpdateTimestamp", "LastUpdatedTimestamp")),
        )


@dataclass(frozen=True, slots=True)
class AgreementDetails:
    """BillingAgreementDetails; `constraints` are pairs of ConstraintID and description."""

    amazon_id: str
    status: Status
    consent: bool | None
    constraints: tuple[tuple[str, str], ...]
    limit: MonthlyLimit | None

    @classmethod
    def of(cls, node: Node) -> AgreementDetails:
        """Read a BillingAgreementDetails element."""
        return cls(
            node.text("AmazonBillingAgreementId"),
            Status.of(node.child("BillingAgreementStatus")),
            node.flag("BillingAgreementConsent"),
            _constraints(node),
            _limit(node.child("BillingAgreementLimits")),
        )


def _constraints(node: Node) -> tuple[tuple[str, str], ...]:
    constraints = node.child("Constraints")
    if constraints is None:
        return ()
    return tuple(
        (each.any_text("ConstraintID", "ConstraintId"), each.text("Description"))
        for each in constraints.children("Constraint")
    )


def postal_address(node: Node) -> PostalAddress:
    """A PhysicalDestination. County and district are both finer than a city."""
    return PostalAddress(
        name=node.text("Name"),
        lines=tuple(node.text(f"AddressLine{number}") for number in (1, 2, 3)),
        city=node.text("City"),
        district=node.any_text("District", "County"),
        state=node.text("StateOrRegion"),
        postal_code=node.text("PostalCode"),
        country=node.text("CountryCode"),
        phone=node.text("Phone"),
    )


def _limit(node: Node | None) -> MonthlyLimit | None:
    if node is None:
        return None
    limit = node.money("AmountLimitPerTimePeriod")
    remaining = node.money("CurrentRemainingBalance")
    if limit is None or remaining is None:
        return None
    return MonthlyLimit(limit, remaining, node.text("TimePeriodStartDate"), node.text("TimePeriodEndDate"))


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """OrderReferenceDetails. `confirming`: the buyer has Amazon's confirmation page still before her."""

    amazon_id: str
    status: Status
    total: Money | None
    confirming: bool
    constraints: tuple[tuple[str, str], ...]
    authorization_ids: tuple[str, ...]
    agreement_id: str  # the billing agreement it was made on, if it was made on one

    @classmethod
    def of(cls, node: Node) -> OrderDetails:
        """Read an OrderReferenceDetails element."""
        parent = node.child("ParentDetails")
        on_agreement = parent is not None and parent.text("Type") == "BillingAgreement"
        return cls(
            node.text("AmazonOrderReferenceId"),
            Status.of(node.child("OrderReferenceStatus")),
            node.money("OrderTotal"),
            node.text("PaymentAuthenticationStatus", "State").upper() == "REQUIRED",
            _constraints(node),
            node.ids(),
            parent.text("Id") if parent is not None and on_agreement else "",
        )


@dataclass(frozen=True, slots=True)
class AuthorizationDetails:
    """AuthorizationDetails. `captured` is 0 in the answer to a CaptureNow that did take the money."""

    amazon_id: str
    reference_id: str
    amount: Money | None
    captured: Money | None
    capture_ids: tuple[str, ...]
    status: Status
    soft_decline: bool

    @classmethod
    def of(cls, node: Node) -> AuthorizationDetails:
        """Read an AuthorizationDetails element."""
        return cls(
            node.text("AmazonAuthorizationId"),
            node.text("AuthorizationReferenceId"),
            node.money("AuthorizationAmount"),
            node.money("CapturedAmount"),
            node.ids(),
            Status.of(node.child("AuthorizationStatus")),
            bool(node.flag("SoftDecline")),
        )


@dataclass(frozen=True, slots=True)
class CaptureDetails:
    """CaptureDetails, with the ids of the refunds made of it."""

    amazon_id: str
    reference_id: str
    amount: Money | None
    refund_ids: tuple[str, ...]
    status: Status

    @classmethod
    def of(cls, node: Node) -> CaptureDetails:
        """Read a CaptureDetails element."""
        return cls(
            node.text("AmazonCaptureId"),
            node.text("CaptureReferenceId"),
            node.money("CaptureAmount"),
            node.ids(),
            Status.of(node.child("CaptureStatus")),
        )


@dataclass(frozen=True, slots=True)
class RefundDetails:
    """RefundDetails: names neither its capture nor its order."""

    amazon_id: str
    reference_id: str
    amount: Money | None
    status: Status

    @classmethod
    def of(cls, node: Node) -> RefundDetails:
        """Read a RefundDetails element."""
        return cls(
            node.text("AmazonRefundId"),
            node.text("RefundReferenceId"),
            node.money("RefundAmount"),
            Status.of(node.child("RefundStatus")),
        )
