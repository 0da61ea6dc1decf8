"""Objects as pay-api writes them (contracts §5.4): every field there is, null where there is nothing.

In come records, out come JSON values. Moments are `20261110T153000Z`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from saleor_amazonpay.simulator.amazon.entities import Address, Buyer, Merchant
from saleor_amazonpay.simulator.amazon.v2.entities import (
    Charge,
    Dispute,
    Json,
    Permission,
    Refund,
    Report,
    Session,
    State,
)
from saleor_amazonpay.simulator.amazon.v2.params import written


def moment(at: float) -> str:
    """As pay-api writes a moment."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def session(each: Session, constraints: list[tuple[str, str]], expires_at: float) -> Json:
    """A checkout session."""
    web_names = ("checkoutReviewReturnUrl", "checkoutResultReturnUrl", "checkoutCancelUrl", "checkoutMode")
    pay_names = (
        "paymentIntent", "canHandlePendingAuthorization", "chargeAmount", "totalOrderAmount", "softDescriptor",
        "presentmentCurrency", "allowOvercharge", "extendExpiration",
    )  # fmt: skip
    return {
        "checkoutSessionId": each.session_id,
        "webCheckoutDetails": {
            **{name: each.web.get(name) for name in web_names},
            "amazonPayRedirectUrl": each.redirect or None,
        },
        "productType": each.product,
        "paymentDetails": {name: each.payment.get(name) for name in pay_names},
        "chargePermissionType": each.kind,
        "orderType": None,
        "recurringMetadata": each.recurring,
        "paymentMethodOnFileMetadata": None,
        "merchantMetadata": _metadata(each.metadata),
        "supplementaryData": None,
        "buyer": _buyer(each.buyer),
        "billingAddress": _address(each.address),
        "paymentPreferences": [{"paymentDescriptor": "Visa ****1111 (Amazon Pay)"}] if each.card else [None],
        "statusDetails": _status(each.state),
        "shippingAddress": _address(each.address) if each.product == "PayAndShip" else None,
        "platformId": None,
        "chargePermissionId": each.permission.permission_id if each.permission else None,
        "chargeId": each.charge.charge_id if each.charge else None,
        "constraints": [{"constraintId": name, "description": words} for name, words in constraints],
        "creationTimestamp": moment(each.created_at),
        "expirationTimestamp": moment(expires_at),
        "storeId": each.store_id,
        "providerMetadata": {"providerReferenceId": None},
        "releaseEnvironment": each.merchant.environment,
        "deliverySpecifications": each.delivery,
    }


def permission(each: Permission, balance: Decimal) -> Json:
    """A charge permission."""
    return {
        "chargePermissionId": each.permission_id,
        "chargePermissionReferenceId": None,
        "chargePermissionType": each.kind,
        "buyer": _buyer(each.buyer),
        "billingAddress": _address(each.address),
        "shippingAddress": _address(each.address),
        "paymentPreferences": [{"paymentDescriptor": "Visa ****1111 (Amazon Pay)"}] if each.card else [None],
        "statusDetails": {
            "state": each.state.name,
            "reasons": [
                {"reasonCode": reason, "reasonDescription": each.state.description} for reason in each.state.reasons
            ]
            or None,
            "lastUpdatedTimestamp": moment(each.state.at),
        },
        "creationTimestamp": moment(each.created_at),
        "expirationTimestamp": moment(each.expires_at),
        "merchantMetadata": _metadata(each.metadata),
        "recurringMetadata": each.recurring,
        "platformId": None,
        "limits": {"amountLimit": written(each.limit), "amountBalance": written(each.limit.of(balance))},
        "presentmentCurrency": each.limit.currency,
        "releaseEnvironment": each.merchant.environment,
    }


def charge(each: Charge) -> Json:
    """A charge."""
    return {
        "chargeId": each.charge_id,
        "chargePermissionId": each.permission.permission_id,
        "chargeAmount": written(each.amount),
        "captureAmount": written(each.captured),
        "refundedAmount": written(each.refunded) if each.refunds else None,
        "convertedAmount": None,
        "conversionRate": None,
        "softDescriptor": each.soft_descriptor or None,
        "captureNow": each.capture_now,
        "canHandlePendingAuthorization": each.may_pend,
        "merchantMetadata": _metadata(each.metadata),
        "providerMetadata": {"providerReferenceId": None},
        "platformId": None,
        "statusDetails": _status(each.state),
        "creationTimestamp": moment(each.created_at),
        "expirationTimestamp": moment(each.expires_at),
        "releaseEnvironment": each.permission.merchant.environment,
    }


def refund(each: Refund) -> Json:
    """A refund."""
    return {
        "refundId": each.refund_id,
        "chargeId": each.charge.charge_id,
        "refundAmount": written(each.amount),
        "softDescriptor": each.soft_descriptor or None,
        "statusDetails": _status(each.state),
        "creationTimestamp": moment(each.created_at),
        "releaseEnvironment": each.charge.permission.merchant.environment,
    }


def dispute(each: Dispute) -> Json:
    """A dispute."""
    return {
        "disputeId": each.dispute_id,
        "chargeId": each.charge.charge_id,
        "chargePermissionId": each.charge.permission.permission_id,
        "disputeAmount": written(each.amount),
        "filingReason": each.reason,
        "resolution": each.resolution or None,
        "statusDetails": {**_status(each.state), "resolution": each.resolution or None},
        "filingTimestamp": moment(each.created_at),
        "creationTimestamp": moment(each.created_at),
    }


def report(each: Report) -> Json:
    """A report."""
    return {
        "reportId": each.report_id,
        "reportType": each.kind,
        "startTime": moment(each.start),
        "endTime": moment(each.end),
        "createdTime": moment(each.created_at),
        "processingStatus": "COMPLETED",
        "processingStartTime": moment(each.created_at),
        "processingEndTime": moment(each.created_at),
        "reportDocumentId": each.document_id,
    }


def _status(state: State) -> Json:
    return {
        "state": state.name,
        "reasonCode": state.reason or None,
        "reasonDescription": state.description or None,
        "lastUpdatedTimestamp": moment(state.at),
    }


def _metadata(given: Json) -> Json:
    names = ("merchantReferenceId", "merchantStoreName", "noteToBuyer", "customInformation")
    return {name: given.get(name) for name in names}


def _buyer(buyer: Buyer | None) -> Json | None:
    if buyer is None:
        return None
    return {"buyerId": buyer.buyer_id, "name": buyer.name, "email": buyer.email, "phoneNumber": None}


def person(buyer: Buyer, merchant: Merchant) -> Json:
    """What GetBuyer tells."""
    address = _address(buyer.address)
    return {
        **(_buyer(buyer) or {}),
        "postalCode": buyer.address.postal_code,
        "countryCode": buyer.address.country,
        "shippingAddress": address,
        "billingAddress": address,
        "primeMembershipTypes": None,
        "releaseEnvironment": merchant.environment,
    }


def _address(address: Address | None) -> Json | None:
    if address is None:
        return None
    return {
        "name": address.name,
        "addressLine1": address.line1,
        "addressLine2": address.line2 or None,
        "addressLine3": address.line3 or None,
        "city": address.city,
        "county": None,
        "district": None,
        "stateOrRegion": address.state or None,
        "postalCode": address.postal_code,
        "countryCode": address.country,
        "phoneNumber": address.phone or None,
    }
