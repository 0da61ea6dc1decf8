"""The operations on authorizations, captures and refunds (contracts §1.9).

Each takes a `Call` and gives the inside of its result element, or raises MwsError. Those that move money are
`repeatable` by their reference id.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.calls import Call, repeatable
from saleor_amazonpay.simulator.amazon.documents import (
    authorization_details,
    capture_details,
    refund_details,
)
from saleor_amazonpay.simulator.amazon.operations_agreements import ask

_NOTE = 255
_DESCRIPTOR = 16


@repeatable("AuthorizationReferenceId")
def authorize(call: Call) -> str:
    """Reserve money on an order reference."""
    order = call.world.orders.find(call.merchant, call.params.need("AmazonOrderReferenceId"))
    made = call.world.authorizations.on_order(order, ask(call))
    return authorization_details(made, call.turn, first=True)


def get_authorization_details(call: Call) -> str:
    """An authorization as it is now."""
    found = call.world.authorizations.find(call.merchant, call.params.need("AmazonAuthorizationId"))
    return authorization_details(found, call.turn)


def close_authorization(call: Call) -> str:
    """Give up what was reserved."""
    found = call.world.authorizations.find(call.merchant, call.params.need("AmazonAuthorizationId"))
    call.world.authorizations.close(found, call.params.text("ClosureReason", _NOTE))
    return ""


@repeatable("CaptureReferenceId")
def capture(call: Call) -> str:
    """Take reserved money."""
    params = call.params
    found = call.world.authorizations.find(call.merchant, params.need("AmazonAuthorizationId"))
    made = call.world.captures.capture(
        found,
        params.reference("CaptureReferenceId"),
        params.money("CaptureAmount"),
        params.text("SellerCaptureNote", _NOTE),
        params.text("SoftDescriptor", _DESCRIPTOR),
    )
    return capture_details(made, call.turn)


def get_capture_details(call: Call) -> str:
    """A capture as it is now."""
    found = call.world.captures.find(call.merchant, call.params.need("AmazonCaptureId"))
    return capture_details(found, call.turn)


@repeatable("RefundReferenceId")
def refund(call: Call) -> str:
    """Give money back; needs the capture's id."""
    params = call.params
    found = call.world.captures.find(call.merchant, params.need("AmazonCaptureId"))
    made = call.world.refunds.refund(
        found,
        params.reference("RefundReferenceId"),
        params.money("RefundAmount"),
        params.text("SellerRefundNote", _NOTE),
        params.text("SoftDescriptor", _DESCRIPTOR),
    )
    return refund_details(made, call.turn)


def get_refund_details(call: Call) -> str:
    """A refund as it is now."""
    found = call.world.refunds.find(call.merchant, call.params.need("AmazonRefundId"))
    return refund_details(found, call.turn)
