"""The billing-agreement operations (contracts §1.8).

Each takes a `Call` and gives the inside of its result element, or raises MwsError. Nothing is changed before
everything about the request has been checked.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.authorizations import Ask
from saleor_amazonpay.simulator.amazon.calls import Call, repeatable
from saleor_amazonpay.simulator.amazon.documents import (
    agreement_details,
    authorization_details,
    order_details,
    status,
)
from saleor_amazonpay.simulator.amazon.entities import (
    CUSTOMER_INITIATED,
    MERCHANT_INITIATED,
    Agreement,
    Attributes,
)
from saleor_amazonpay.simulator.amazon.errors import MwsError, invalid
from saleor_amazonpay.simulator.amazon.orders import constraints_exist, in_ledger_currency
from saleor_amazonpay.simulator.amazon.simulations import CLOSE, constraint, simulation
from saleor_amazonpay.simulator.amazon.xml import leaf

_NOTE = 1024
_TYPES = frozenset({MERCHANT_INITIATED, CUSTOMER_INITIATED})
_SETTABLE = "BillingAgreementAttributes"


def get_billing_agreement_details(call: Call) -> str:
    """Buyer and whole address only after Confirm or with the buyer's token."""
    agreement = _agreement(call)
    token = call.consent_token(agreement.buyer.buyer_id)
    return _details(call, agreement, personal=token or agreement.status.state != "Draft")


def set_billing_agreement_details(call: Call) -> str:
    """Draft only."""
    agreement = _agreement(call)
    params = call.params
    if not params.has(f"{_SETTABLE}."):
        raise MwsError("InvalidParameterValue", f"'{_SETTABLE}' is required")
    note = params.text(f"{_SETTABLE}.SellerNote", _NOTE)
    call.world.agreements.set_details(
        agreement,
        call.attributes(_SETTABLE, "SellerBillingAgreementAttributes.SellerBillingAgreementId"),
        params.one_of(f"{_SETTABLE}.BillingAgreementType", _TYPES),
        params.optional_money(f"{_SETTABLE}.SubscriptionAmount"),
        constraint(note, sandbox=call.merchant.sandbox) if note else None,
    )
    return _details(call, agreement, personal=False)


def confirm_billing_agreement(call: Call) -> str:
    """Open, if no constraints exist and no confirmation page has to be passed first."""
    call.world.agreements.confirm(_agreement(call), call.confirmation())
    return ""


def validate_billing_agreement(call: Call) -> str:
    """Whether the payment method could be charged."""
    agreement = _agreement(call)
    result, reason = call.world.agreements.validate(agreement)
    return (
        leaf("ValidationResult", result)
        + leaf("FailureReasonCode", reason)
        + status("BillingAgreementStatus", agreement.status, call.turn, "LastUpdatedTimestamp")
    )


@repeatable("AuthorizationReferenceId")
def authorize_on_billing_agreement(call: Call) -> str:
    """The charge: one order reference, one authorization and, with CaptureNow, one capture."""
    agreement = _agreement(call)
    made = call.world.authorizations.on_agreement(
        agreement,
        ask(call),
        Attributes(
            seller_id_text=call.params.text("SellerOrderAttributes.SellerOrderId"),
            store_name=call.params.text("SellerOrderAttributes.StoreName"),
            custom_information=call.params.text("SellerOrderAttributes.CustomInformation"),
            seller_note=call.params.text("SellerNote", _NOTE),
            platform_id=call.platform_id("PlatformId"),
        ),
        inherit_address=call.params.flag("InheritShippingAddress", default=True),
    )
    details = authorization_details(made, call.turn, first=True)
    order_id = leaf("AmazonOrderReferenceId", made.order.order_id)
    return details + order_id if call.turn % 2 else order_id + details


def close_billing_agreement(call: Call) -> str:
    """Closed/SellerClosed, or AmazonClosed if the sandbox is asked to."""
    agreement = _agreement(call)
    reason = call.params.text("ClosureReason", _NOTE)
    wanted = simulation(reason, CLOSE, sandbox=call.merchant.sandbox)
    call.world.agreements.close(agreement, wanted.reason if wanted else "SellerClosed", reason)
    return ""


def create_order_reference_for_id(call: Call) -> str:
    """An order reference under an agreement, confirmed at once if asked."""
    params, world = call.params, call.world
    agreement = world.agreements.find(call.merchant, params.need("Id"))
    if params.need("IdType") != "BillingAgreement":
        raise invalid("IdType", params.need("IdType"))
    confirm_now = params.flag("ConfirmNow", default=False)
    inherit = params.flag("InheritShippingAddress", default=True)
    prefix = "OrderReferenceAttributes"
    total = params.money(f"{prefix}.OrderTotal") if confirm_now else params.optional_money(f"{prefix}.OrderTotal")
    attributes = call.attributes(prefix, "SellerOrderAttributes.SellerOrderId")
    in_ledger_currency(call.merchant, total)
    if confirm_now:
        world.agreements.must_be_open(agreement)
        if inherit and agreement.address is None:
            raise constraints_exist(agreement.agreement_id, ["ShippingAddressNotSet"])
    order = world.orders.for_agreement(agreement, inherit_address=inherit)
    world.orders.set_details(order, total, attributes, None)
    if confirm_now:
        world.orders.confirm(order)
    return order_details(order, world.orders.constraints(order), call.turn, personal=confirm_now)


def ask(call: Call) -> Ask:
    """What every authorization is asked with."""
    params = call.params
    return Ask(
        reference_id=params.reference("AuthorizationReferenceId"),
        money=params.money("AuthorizationAmount"),
        note=params.text("SellerAuthorizationNote", 255),
        soft_descriptor=params.text("SoftDescriptor", 16),
        capture_now=params.flag("CaptureNow", default=False),
        timeout=params.timeout(),
    )


def _agreement(call: Call) -> Agreement:
    return call.world.agreements.find(call.merchant, call.params.need("AmazonBillingAgreementId"))


def _details(call: Call, agreement: Agreement, *, personal: bool) -> str:
    constraints = call.world.agreements.constraints(agreement)
    return agreement_details(agreement, constraints, call.world.now(), call.turn, personal=personal)
