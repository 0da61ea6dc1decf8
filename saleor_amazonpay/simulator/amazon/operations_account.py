"""The operations about the account and the service, and the table of all operations.

Each takes a `Call` and gives the inside of its result element, or raises MwsError.
"""

from __future__ import annotations

from collections.abc import Mapping

from saleor_amazonpay.simulator.amazon import operations_agreements as agreements
from saleor_amazonpay.simulator.amazon import operations_orders as orders
from saleor_amazonpay.simulator.amazon import operations_payments as payments
from saleor_amazonpay.simulator.amazon.calls import Call, Operation
from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.errors import invalid
from saleor_amazonpay.simulator.amazon.xml import leaf

_LIST = "NotificationConfigurationList.NotificationConfiguration"
_EVENTS = frozenset(
    {
        "ALL",
        "ORDER_REFERENCE",
        "PAYMENT_AUTHORIZE",
        "PAYMENT_CAPTURE",
        "PAYMENT_REFUND",
        "BILLING_AGREEMENT",
        "CHARGEBACK_DETAILED",
    }
)


def get_merchant_account_status(call: Call) -> str:
    """ACTIVE or INACTIVE."""
    return leaf("AccountStatus", "ACTIVE" if call.merchant.active else "INACTIVE")


def get_service_status(call: Call) -> str:
    """GREEN, always: what is broken is broken by faults."""
    return leaf("Status", "GREEN") + leaf("Timestamp", iso(call.world.now()))


def set_merchant_notification_configuration(call: Call) -> str:
    """Register where notifications go. One URL per account is kept, the first; it must be https, or loopback."""
    url = call.params.need(f"{_LIST}.1.NotificationUrl")
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise invalid("NotificationUrl", url)
    events = call.params.numbered(f"{_LIST}.1.EventTypes.EventTypeList")
    for event in events or [""]:
        if event not in _EVENTS:
            raise invalid("EventTypes", event)
    call.merchant.ipn_url = url
    return ""


OPERATIONS: Mapping[str, Operation] = {
    "GetBillingAgreementDetails": agreements.get_billing_agreement_details,
    "SetBillingAgreementDetails": agreements.set_billing_agreement_details,
    "ConfirmBillingAgreement": agreements.confirm_billing_agreement,
    "ValidateBillingAgreement": agreements.validate_billing_agreement,
    "AuthorizeOnBillingAgreement": agreements.authorize_on_billing_agreement,
    "CloseBillingAgreement": agreements.close_billing_agreement,
    "CreateOrderReferenceForId": agreements.create_order_reference_for_id,
    "GetOrderReferenceDetails": orders.get_order_reference_details,
    "SetOrderReferenceDetails": orders.set_order_reference_details,
    "SetOrderAttributes": orders.set_order_attributes,
    "ConfirmOrderReference": orders.confirm_order_reference,
    "CancelOrderReference": orders.cancel_order_reference,
    "CloseOrderReference": orders.close_order_reference,
    "ListOrderReference": orders.list_order_reference,
    "ListOrderReferenceByNextToken": orders.list_order_reference_by_next_token,
    "Authorize": payments.authorize,
    "GetAuthorizationDetails": payments.get_authorization_details,
    "CloseAuthorization": payments.close_authorization,
    "Capture": payments.capture,
    "GetCaptureDetails": payments.get_capture_details,
    "Refund": payments.refund,
    "GetRefundDetails": payments.get_refund_details,
    "GetMerchantAccountStatus": get_merchant_account_status,
    "GetServiceStatus": get_service_status,
    "SetMerchantNotificationConfiguration": set_merchant_notification_configuration,
}

# Its real answers lack the result element altogether (contracts §1.7).
WITHOUT_RESULT = frozenset({"ConfirmOrderReference"})
