"""What a checkout session is set to before its buyer confirms it (contracts §5.4, §5.5).

In come the terms of a payment, out come the bodies of UpdateCheckoutSession and CompleteCheckoutSession, the same each
time. Texts are cut to Amazon's limits instead of being refused; amounts and ids are never touched.
"""

from __future__ import annotations

from saleor_amazonpay.amazon.port import Plan, Terms
from saleor_amazonpay.amazon.v2.shapes import Session, price
from saleor_amazonpay.domain.money import Money

Body = dict[str, object]

STORE_NAME = 50  # a longer one fails the payment (contracts §8 no. 9)
DESCRIPTOR = 16
_NOTE = 255


def intent(terms: Terms) -> str:
    """What Amazon does when the session is completed.

    Amazon never captures by itself what it may take a day to authorize, so that is reserved and taken by us.
    """
    if not terms.amount:
        return "Confirm"
    return "AuthorizeWithCapture" if terms.capture_now and not terms.may_pend else "Authorize"


def charge_amount(terms: Terms) -> Money | None:
    """The amount the session names. Without a first payment it is what later ones are, and nothing is charged."""
    return terms.amount or (terms.plan.amount if terms.plan is not None else None)


def update(terms: Terms) -> Body:
    """The body of UpdateCheckoutSession."""
    wanted, amount = intent(terms), charge_amount(terms)
    details: Body = {"paymentIntent": wanted}
    if amount is not None:
        details["chargeAmount"] = price(amount)
    if wanted != "Confirm":
        details["canHandlePendingAuthorization"] = terms.may_pend
    if terms.descriptor and wanted == "AuthorizeWithCapture":
        details["softDescriptor"] = terms.descriptor[:DESCRIPTOR]
    body: Body = {
        "webCheckoutDetails": _filled(
            {"checkoutResultReturnUrl": terms.success_url, "checkoutCancelUrl": terms.failure_url}
        ),
        "paymentDetails": details,
        "merchantMetadata": _filled(
            {
                "merchantReferenceId": terms.payment_reference,
                "merchantStoreName": terms.store_name[:STORE_NAME],
                "noteToBuyer": terms.note[:_NOTE],
                "customInformation": terms.reference_id,
            }
        ),
        "chargePermissionType": "Recurring" if terms.recurring else "OneTime",
    }
    if terms.recurring and terms.plan is not None:
        body["recurringMetadata"] = recurring_metadata(terms.plan)
    return body


def recurring_metadata(plan: Plan) -> Body:
    """How often later charges come. The value is a text: a number fails the payment (contracts §8 no. 9)."""
    metadata: Body = {"frequency": {"unit": plan.unit, "value": plan.value}}
    if plan.amount is not None:
        metadata["amount"] = price(plan.amount)
    return metadata


def complete(amount: Money) -> Body:
    """The body of CompleteCheckoutSession: Amazon refuses another amount than the buyer confirmed."""
    return {"chargeAmount": price(amount)}


def is_set(session: Session, terms: Terms) -> bool:
    """Whether the session says already what these terms ask for: the buyer may have confirmed exactly that."""
    details = session.payment_details
    return (
        details is not None
        and details.payment_intent == intent(terms)
        and session.amount == charge_amount(terms)
        and bool(details.can_handle_pending_authorization) is (terms.may_pend and bool(terms.amount))
        and session.reference_id == terms.payment_reference
        and (session.charge_permission_type == "Recurring") is terms.recurring
    )


def _filled(values: dict[str, str]) -> Body:
    """Without what is empty: optional fields are left out."""
    return {name: value for name, value in values.items() if value}
