"""The XML trees of API answers (contracts §1.7).

In come objects, out come their `…Details` elements. `turn` changes the order of children from answer to answer, since
callers must not rely on one. Absent values leave no element.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.entities import (
    Address,
    Agreement,
    Authorization,
    Buyer,
    Capture,
    OrderReference,
    Refund,
    Status,
)
from saleor_amazonpay.simulator.amazon.life import limits, order_expiry
from saleor_amazonpay.simulator.amazon.xml import flag, ids, leaf, money, tree, turned

Constraints = list[tuple[str, str]]


def status(name: str, value: Status, turn: int, updated: str = "LastUpdateTimestamp") -> str:
    """A status; agreements spell its moment LastUpdatedTimestamp."""
    return turned(
        name,
        turn,
        leaf(updated, iso(value.at)),
        leaf("State", value.state),
        leaf("ReasonCode", value.reason),
        leaf("ReasonDescription", value.description),
    )


def agreement_details(agreement: Agreement, constraints: Constraints, now: float, turn: int, *, personal: bool) -> str:
    """`personal`: with the buyer and the whole address."""
    attributes = agreement.attributes
    return turned(
        "BillingAgreementDetails",
        turn,
        leaf("AmazonBillingAgreementId", agreement.agreement_id),
        status("BillingAgreementStatus", agreement.status, turn, "LastUpdatedTimestamp"),
        leaf("BillingAgreementConsent", flag(agreement.consent)),
        _limits(agreement, now),
        _buyer(agreement.buyer, personal=personal),
        _destination(agreement.address, personal=personal),
        _attributes("SellerBillingAgreementAttributes", "SellerBillingAgreementId", agreement)
        or "<SellerBillingAgreementAttributes/>",
        leaf("SellerNote", attributes.seller_note),
        leaf("PlatformId", attributes.platform_id),
        leaf("ReleaseEnvironment", agreement.merchant.environment),
        leaf("CreationTimestamp", iso(agreement.created_at)),
        _constraints(constraints),
        leaf("BillingAgreementType", agreement.kind),
        money("SubscriptionAmount", agreement.subscription_amount),
    )


def order_details(order: OrderReference, constraints: Constraints, turn: int, *, personal: bool) -> str:
    """`personal`: with the buyer and the whole address."""
    return turned(
        "OrderReferenceDetails",
        turn,
        leaf("AmazonOrderReferenceId", order.order_id),
        status("OrderReferenceStatus", order.status, turn),
        money("OrderTotal", order.total),
        _buyer(order.buyer, personal=personal),
        _destination(order.address, personal=personal),
        _attributes("SellerOrderAttributes", "SellerOrderId", order),
        leaf("SellerNote", order.attributes.seller_note),
        leaf("PlatformId", order.attributes.platform_id),
        leaf("ReleaseEnvironment", order.merchant.environment),
        leaf("CreationTimestamp", iso(order.created_at)),
        leaf("ExpirationTimestamp", iso(order_expiry(order))),
        ids("member", (each.authorization_id for each in order.authorizations)),
        _parent(order.agreement),
        _constraints(constraints),
        leaf("RequestPaymentAuthorization", flag(order.request_authorization)),
        tree("PaymentAuthenticationStatus", leaf("State", order.authentication)),
    )


def order_summary(order: OrderReference, turn: int) -> str:
    """An order reference in a list."""
    return turned(
        "OrderReference",
        turn,
        leaf("ReleaseEnvironment", order.merchant.environment),
        status("OrderReferenceStatus", order.status, turn),
        leaf("AmazonOrderReferenceId", order.order_id),
        leaf("CreationTimestamp", iso(order.created_at)),
        _attributes("SellerOrderAttributes", "SellerOrderId", order),
        money("OrderTotal", order.total),
    )


def authorization_details(authorization: Authorization, turn: int, *, first: bool = False) -> str:
    """`first`: the answer to the request that made it, which never shows what it captured (contracts §8 no. 1)."""
    amount = authorization.amount
    captured = "0" if first else authorization.captured.text
    return turned(
        "AuthorizationDetails",
        turn,
        money("AuthorizationAmount", amount),
        f"<CapturedAmount><CurrencyCode>{amount.currency}</CurrencyCode><Amount>{captured}</Amount></CapturedAmount>",
        leaf("SoftDescriptor", authorization.soft_descriptor),
        leaf("ExpirationTimestamp", iso(authorization.expires_at)),
        ids("member", (each.capture_id for each in authorization.captures)),
        status("AuthorizationStatus", authorization.status, turn),
        leaf("SoftDecline", authorization.soft_decline),
        money("AuthorizationFee", amount.zero),
        leaf("CaptureNow", flag(authorization.capture_now)),
        leaf("CreationTimestamp", iso(authorization.created_at)),
        leaf("SellerAuthorizationNote", authorization.note),
        leaf("AmazonAuthorizationId", authorization.authorization_id),
        leaf("AuthorizationReferenceId", authorization.reference_id),
    )


def capture_details(capture: Capture, turn: int) -> str:
    """A capture."""
    return turned(
        "CaptureDetails",
        turn,
        leaf("AmazonCaptureId", capture.capture_id),
        leaf("CaptureReferenceId", capture.reference_id),
        leaf("SellerCaptureNote", capture.note),
        money("CaptureAmount", capture.amount),
        money("RefundedAmount", capture.refunded),
        money("CaptureFee", capture.amount.zero),
        ids("member", (each.refund_id for each in capture.refunds)),
        leaf("CreationTimestamp", iso(capture.created_at)),
        status("CaptureStatus", capture.status, turn),
        leaf("SoftDescriptor", capture.soft_descriptor),
    )


def refund_details(refund: Refund, turn: int) -> str:
    """A refund."""
    return turned(
        "RefundDetails",
        turn,
        leaf("AmazonRefundId", refund.refund_id),
        leaf("RefundReferenceId", refund.reference_id),
        leaf("SellerRefundNote", refund.note),
        leaf("RefundType", refund.type),
        money("RefundAmount", refund.amount),
        money("FeeRefunded", refund.amount.zero),
        leaf("CreationTimestamp", iso(refund.created_at)),
        status("RefundStatus", refund.status, turn),
        leaf("SoftDescriptor", refund.soft_descriptor),
    )


def _limits(agreement: Agreement, now: float) -> str:
    used = limits(agreement, now)
    return tree(
        "BillingAgreementLimits",
        leaf("TimePeriodStartDate", _whole(used.start)),
        money("CurrentRemainingBalance", used.remaining),
        money("AmountLimitPerTimePeriod", agreement.limit),
        leaf("TimePeriodEndDate", _whole(used.end)),
    )


def _whole(moment: float) -> str:
    return iso(moment).replace(".000Z", "Z")


def _buyer(buyer: Buyer, *, personal: bool) -> str:
    if not personal:
        return ""
    return tree("Buyer", leaf("Name", buyer.name), leaf("Email", buyer.email), leaf("Phone", buyer.address.phone))


def _destination(address: Address | None, *, personal: bool) -> str:
    if address is None:
        return ""
    public = (
        leaf("StateOrRegion", address.state),
        leaf("City", address.city),
        leaf("CountryCode", address.country),
        leaf("PostalCode", address.postal_code),
    )
    private = (
        leaf("Name", address.name),
        leaf("AddressLine1", address.line1),
        leaf("AddressLine2", address.line2),
        leaf("AddressLine3", address.line3),
        leaf("Phone", address.phone),
    )
    return tree(
        "Destination",
        leaf("DestinationType", "Physical"),
        tree("PhysicalDestination", *public, *(private if personal else ())),
    )


def _attributes(name: str, id_name: str, of: Agreement | OrderReference) -> str:
    return tree(
        name,
        leaf("StoreName", of.attributes.store_name),
        leaf("CustomInformation", of.attributes.custom_information),
        leaf(id_name, of.attributes.seller_id_text),
    )


def _parent(agreement: Agreement | None) -> str:
    if agreement is None:
        return ""
    return tree("ParentDetails", leaf("Id", agreement.agreement_id), leaf("Type", "BillingAgreement"))


def _constraints(constraints: Constraints) -> str:
    return tree(
        "Constraints",
        *(tree("Constraint", leaf("ConstraintID", name), leaf("Description", text)) for name, text in constraints),
    )
