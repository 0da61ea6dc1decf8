"""The parameters of each call, without the common ones the signer adds (contracts §1.8, §1.9).

In come the port's calls, out come mappings that depend on nothing else: a repeat has to be identical. Texts
are cut to Amazon's limits (§1.5) instead of being refused; amounts and ids are never touched. Empty values
are left out later.
"""

from __future__ import annotations

from saleor_amazonpay.amazon.port import AuthorizeCall, CaptureCall, RefundCall, Terms
from saleor_amazonpay.domain.money import Money

Parameters = dict[str, str]

_NOTE = 255
_SELLER_NOTE = 1024
_DESCRIPTOR = 16
_STORE_NAME = 50  # v1 publishes no maximum; payments fail above this in v2, where the agreement may go one day

# 0 lets Amazon decide now; otherwise minutes it may take, a day at most.
_SYNCHRONOUS = "0"
_ASYNCHRONOUS = "1440"


def set_agreement(agreement_id: str, terms: Terms, *, sca: bool) -> Parameters:
    """SetBillingAgreementDetails. Our reference id makes the agreement findable in Seller Central.

    The agreement type exists only where strong customer authentication does (contracts §1.10).
    """
    prefix = "BillingAgreementAttributes"
    seller = f"{prefix}.SellerBillingAgreementAttributes"
    kind = "CustomerInitiatedTransaction" if terms.customer_initiated else "MerchantInitiatedTransaction"
    return {
        "AmazonBillingAgreementId": agreement_id,
        f"{prefix}.SellerNote": terms.note[:_SELLER_NOTE],
        f"{prefix}.BillingAgreementType": kind if sca else "",
        **(_amount(f"{prefix}.SubscriptionAmount", terms.plan.amount) if sca and terms.plan else {}),
        f"{seller}.SellerBillingAgreementId": terms.reference_id,
        f"{seller}.StoreName": terms.store_name[:_STORE_NAME],
    }


def confirm_agreement(agreement_id: str, terms: Terms) -> Parameters:
    """ConfirmBillingAgreement."""
    return {
        "AmazonBillingAgreementId": agreement_id,
        "SuccessUrl": terms.success_url,
        "FailureUrl": terms.failure_url,
    }


def create_order(agreement_id: str, terms: Terms, *, confirm_now: bool) -> Parameters:
    """CreateOrderReferenceForId. Our reference as SellerOrderId is how the order is found after a crash."""
    return {
        "Id": agreement_id,
        "IdType": "BillingAgreement",
        "InheritShippingAddress": _flag(terms.inherit_shipping),
        "ConfirmNow": _flag(confirm_now),
        **_order_attributes(terms),
    }


def set_order(order_id: str, terms: Terms) -> Parameters:
    """SetOrderReferenceDetails."""
    return {"AmazonOrderReferenceId": order_id, **_order_attributes(terms)}


def confirm_order(order_id: str, terms: Terms) -> Parameters:
    """ConfirmOrderReference. Amazon closes an order on which no authorization follows within an hour."""
    return {
        "AmazonOrderReferenceId": order_id,
        "SuccessUrl": terms.success_url,
        "FailureUrl": terms.failure_url,
        "ExpectImmediateAuthorization": _flag(value=True),
    }


def close_order(order_id: str, reason: str) -> Parameters:
    """CloseOrderReference."""
    return {"AmazonOrderReferenceId": order_id, "ClosureReason": reason[:_NOTE]}


def _order_attributes(terms: Terms) -> Parameters:
    prefix = "OrderReferenceAttributes"
    return {
        **_amount(f"{prefix}.OrderTotal", terms.amount),
        f"{prefix}.SellerNote": terms.note[:_SELLER_NOTE],
        f"{prefix}.SellerOrderAttributes.SellerOrderId": terms.reference_id,
        f"{prefix}.SellerOrderAttributes.StoreName": terms.store_name[:_STORE_NAME],
    }


def authorize(call: AuthorizeCall, *, test_mode: bool) -> Parameters:
    """AuthorizeOnBillingAgreement, or Authorize on the order reference of a one-time sale.

    InheritShippingAddress is always sent: the default refuses goods that are not shipped (contracts §8 no.
    15). SellerOrderId falls back to the reference id, under which Amazon can list the order; an order reference
    has had its own since it was made.
    """
    common = {
        "AuthorizationReferenceId": call.reference_id,
        **_amount("AuthorizationAmount", call.amount),
        "SellerAuthorizationNote": _note(call.note, call.simulation, test_mode=test_mode),
        "TransactionTimeout": _SYNCHRONOUS if call.synchronous else _ASYNCHRONOUS,
        "CaptureNow": _flag(call.capture_now),
        "SoftDescriptor": call.descriptor[:_DESCRIPTOR] if call.capture_now else "",
    }
    if call.purchase_id:
        return {"AmazonOrderReferenceId": call.purchase_id, **common}
    return {
        "AmazonBillingAgreementId": call.agreement_id,
        **common,
        "InheritShippingAddress": _flag(call.inherit_shipping),
        "SellerOrderAttributes.SellerOrderId": call.order_name or call.reference_id,
        "SellerOrderAttributes.StoreName": call.store_name[:_STORE_NAME],
    }


def capture(call: CaptureCall, *, test_mode: bool) -> Parameters:
    """Capture."""
    return {
        "AmazonAuthorizationId": call.authorization_id,
        "CaptureReferenceId": call.reference_id,
        **_amount("CaptureAmount", call.amount),
        "SellerCaptureNote": _note(call.note, call.simulation, test_mode=test_mode),
        "SoftDescriptor": call.descriptor[:_DESCRIPTOR],
    }


def refund(call: RefundCall, *, test_mode: bool) -> Parameters:
    """Refund, of a capture id: an authorization id is refused (contracts §8 no. 11)."""
    return {
        "AmazonCaptureId": call.capture_id,
        "RefundReferenceId": call.reference_id,
        **_amount("RefundAmount", call.amount),
        "SellerRefundNote": _note(call.note, call.simulation, test_mode=test_mode),
        "SoftDescriptor": call.descriptor[:_DESCRIPTOR],
    }


def release(authorization_id: str, reason: str) -> Parameters:
    """CloseAuthorization."""
    return {"AmazonAuthorizationId": authorization_id, "ClosureReason": reason[:_NOTE]}


def orders_named(reference_id: str, payment_domain: str) -> Parameters:
    """ListOrderReference, by the SellerOrderId that `authorize` sets."""
    return {"QueryId": reference_id, "QueryIdType": "SellerOrderId", "PaymentDomain": payment_domain}


def _amount(name: str, amount: Money | None) -> Parameters:
    return {} if amount is None else {f"{name}.Amount": amount.text, f"{name}.CurrencyCode": amount.currency}


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _note(note: str, simulation: str, *, test_mode: bool) -> str:
    """The note, or in the sandbox the simulation in its place; outside it Amazon refuses them."""
    return simulation if simulation and test_mode else note[:_NOTE]
