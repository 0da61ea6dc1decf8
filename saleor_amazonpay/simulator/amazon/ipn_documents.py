"""The XML inside notifications (contracts §3.4): like the API's, and different in every detail that bites.

In comes an object, out come NotificationType, EventType and the document. Amounts are `5.0`, lists have `<Id>`, an
agreement's status has LastUpdateTimestamp, a refund names neither its capture nor its order.
"""

from __future__ import annotations

from dataclasses import dataclass

from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.entities import (
    Agreement,
    Authorization,
    Capture,
    Chargeback,
    OrderReference,
    Refund,
    Status,
)
from saleor_amazonpay.simulator.amazon.life import limits, order_expiry
from saleor_amazonpay.simulator.amazon.xml import IPN_NAMESPACE, flag, ids, ipn_money, leaf, tree

Subject = Agreement | OrderReference | Authorization | Capture | Refund | Chargeback


@dataclass(frozen=True, slots=True)
class Inner:
    """What a notification says, before it is wrapped."""

    type: str
    document: str
    object_id: str
    event: str = ""  # of billing agreements only


def inner_of(subject: Subject, event: str, now: float) -> Inner:
    """The notification about an object as it is now."""
    match subject:
        case Agreement():
            return _agreement(subject, event, now)
        case OrderReference():
            return _order(subject)
        case Authorization():
            return _authorization(subject)
        case Capture():
            return _capture(subject)
        case Refund():
            return _refund(subject)
        case Chargeback():
            return _chargeback(subject)


def _document(root: str, element: str, *children: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{IPN_NAMESPACE}">\n    '
        f"{tree(element, *children)}\n</{root}>"
    )


def _status(name: str, status: Status) -> str:
    return tree(
        name,
        leaf("State", status.state),
        leaf("LastUpdateTimestamp", iso(status.at)),
        leaf("ReasonCode", status.reason),
        leaf("ReasonDescription", status.description),
    )


def _agreement(agreement: Agreement, event: str, now: float) -> Inner:
    used = limits(agreement, now)
    document = _document(
        "BillingAgreementNotification",
        "BillingAgreement",
        leaf("AmazonBillingAgreementId", agreement.agreement_id),
        tree(
            "SellerBillingAgreementAttributes",
            leaf("SellerId", agreement.merchant.seller_id),
            leaf("SellerBillingAgreementId", agreement.attributes.seller_id_text),
        ),
        _status("BillingAgreementStatus", agreement.status),
        leaf("CreationTimestamp", iso(agreement.created_at)),
        tree(
            "BillingAgreementLimits",
            ipn_money("AmountLimitPerTimePeriod", agreement.limit),
            leaf("TimePeriodStartDate", iso(used.start)),
            leaf("TimePeriodEndDate", iso(used.end)),
            ipn_money("CurrentRemainingBalance", used.remaining),
        ),
        leaf("BillingAgreementConsent", flag(agreement.consent)),
    )
    return Inner("BillingAgreementNotification", document, agreement.agreement_id, event)


def _order(order: OrderReference) -> Inner:
    attributes = tree("SellerOrderAttributes", leaf("SellerOrderId", order.attributes.seller_id_text))
    document = _document(
        "OrderReferenceNotification",
        "OrderReference",
        leaf("AmazonOrderReferenceId", order.order_id),
        ipn_money("OrderTotal", order.total) if order.total else "",
        attributes or "<SellerOrderAttributes />",
        _status("OrderReferenceStatus", order.status),
        leaf("CreationTimestamp", iso(order.created_at)),
        leaf("ExpirationTimestamp", iso(order_expiry(order))),
    )
    return Inner("OrderReferenceNotification", document, order.order_id)


def _authorization(authorization: Authorization) -> Inner:
    document = _document(
        "AuthorizationNotification",
        "AuthorizationDetails",
        leaf("AmazonAuthorizationId", authorization.authorization_id),
        leaf("AuthorizationReferenceId", authorization.reference_id),
        ipn_money("AuthorizationAmount", authorization.amount),
        ipn_money("CapturedAmount", authorization.captured),
        ipn_money("AuthorizationFee", authorization.amount.zero),
        ids("Id", (each.capture_id for each in authorization.captures)) or "<IdList/>",
        leaf("CreationTimestamp", iso(authorization.created_at)),
        leaf("ExpirationTimestamp", iso(authorization.expires_at)),
        _status("AuthorizationStatus", authorization.status),
        "<OrderItemCategories/>",
        leaf("CaptureNow", flag(authorization.capture_now)),
        leaf("SoftDescriptor", authorization.soft_descriptor),
    )
    return Inner("PaymentAuthorize", document, authorization.authorization_id)


def _capture(capture: Capture) -> Inner:
    document = _document(
        "CaptureNotification",
        "CaptureDetails",
        leaf("AmazonCaptureId", capture.capture_id),
        leaf("CaptureReferenceId", capture.reference_id),
        ipn_money("CaptureAmount", capture.amount),
        ipn_money("RefundedAmount", capture.refunded),
        ipn_money("CaptureFee", capture.amount.zero),
        ids("Id", (each.refund_id for each in capture.refunds)) or "<IdList/>",
        leaf("CreationTimestamp", iso(capture.created_at)),
        _status("CaptureStatus", capture.status),
        leaf("SoftDescriptor", capture.soft_descriptor),
    )
    return Inner("PaymentCapture", document, capture.capture_id)


def _refund(refund: Refund) -> Inner:
    document = _document(
        "RefundNotification",
        "RefundDetails",
        leaf("AmazonRefundId", refund.refund_id),
        leaf("RefundReferenceId", refund.reference_id),
        leaf("RefundType", refund.type),
        ipn_money("RefundAmount", refund.amount),
        ipn_money("FeeRefunded", refund.amount.zero),
        leaf("CreationTimestamp", iso(refund.created_at)),
        _status("RefundStatus", refund.status),
        leaf("SoftDescriptor", refund.soft_descriptor),
    )
    return Inner("PaymentRefund", document, refund.refund_id)


def _chargeback(chargeback: Chargeback) -> Inner:
    capture = chargeback.capture
    document = _document(
        "ChargebackNotification",
        "ChargebackDetails",
        leaf("AmazonChargebackId", chargeback.chargeback_id),
        leaf("AmazonOrderReferenceId", capture.authorization.order.order_id),
        leaf("AmazonCaptureReferenceId", capture.reference_id),
        leaf("CreationTimestamp", iso(chargeback.created_at)),
        ipn_money("ChargebackAmount", chargeback.amount),
        leaf("ChargebackState", chargeback.state),
        leaf("ChargebackReason", chargeback.reason),
    )
    return Inner("Chargeback Detailed Notification", document, chargeback.chargeback_id)
