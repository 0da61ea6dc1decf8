"""The order-reference operations (contracts §1.9) and the list that finds orders by the seller's own id.

Each takes a `Call` and gives the inside of its result element, or raises MwsError.
"""

from __future__ import annotations

from dataclasses import replace

from saleor_amazonpay.simulator.amazon.calls import Call
from saleor_amazonpay.simulator.amazon.documents import order_details, order_summary
from saleor_amazonpay.simulator.amazon.entities import PAYMENT_DOMAIN, OrderReference
from saleor_amazonpay.simulator.amazon.errors import MwsError, invalid
from saleor_amazonpay.simulator.amazon.simulations import CLOSE, constraint, simulation
from saleor_amazonpay.simulator.amazon.xml import leaf, tree

_NOTE = 1024
_SETTABLE = "OrderReferenceAttributes"
_STATES = frozenset({"Draft", "Open", "Suspended", "Canceled", "Closed"})
_LONGEST_PAGE = 100


def get_order_reference_details(call: Call) -> str:
    """Buyer and whole address only after Confirm or with the buyer's token."""
    order = _order(call)
    token = call.consent_token(order.buyer.buyer_id)
    return _details(call, order, personal=token or order.status.state != "Draft")


def set_order_reference_details(call: Call) -> str:
    """Draft only."""
    order = _order(call)
    if not call.params.has(f"{_SETTABLE}."):
        raise MwsError("InvalidParameterValue", f"'{_SETTABLE}' is required")
    note = call.params.text(f"{_SETTABLE}.SellerNote", _NOTE)
    asked = call.params.flag(f"{_SETTABLE}.RequestPaymentAuthorization", default=order.request_authorization)
    call.world.orders.set_details(
        order,
        call.params.optional_money(f"{_SETTABLE}.OrderTotal"),
        call.attributes(_SETTABLE, "SellerOrderAttributes.SellerOrderId"),
        constraint(note, sandbox=call.merchant.sandbox) if note else None,
    )
    order.request_authorization = asked
    return _details(call, order, personal=False)


def set_order_attributes(call: Call) -> str:
    """Anything in a Draft; on a confirmed order only what is still missing."""
    order = _order(call)
    prefix, params = "OrderAttributes", call.params
    if not params.has(f"{prefix}."):
        raise MwsError("InvalidParameterValue", f"'{prefix}' is required")
    asked = params.flag(f"{prefix}.RequestPaymentAuthorization", default=order.request_authorization)
    total = params.optional_money(f"{prefix}.OrderTotal")
    call.world.orders.add_attributes(order, total, call.attributes(prefix, "SellerOrderAttributes.SellerOrderId"))
    order.request_authorization = asked
    return _details(call, order, personal=order.status.state != "Draft")


def confirm_order_reference(call: Call) -> str:
    """Open, if no constraints exist and no confirmation page has to be passed first."""
    expected = call.params.flag("ExpectImmediateAuthorization", default=False)
    page = call.confirmation()
    if page is not None:
        page = replace(page, expect_authorization=expected)
    call.world.orders.confirm(_order(call), page, expect_authorization=expected)
    return ""


def cancel_order_reference(call: Call) -> str:
    """Canceled with its authorizations; the parameter is spelled with one l, as Amazon does."""
    order = _order(call)
    call.world.orders.cancel(order, call.params.text("CancelationReason", _NOTE))
    return ""


def close_order_reference(call: Call) -> str:
    """Closed/SellerClosed, or AmazonClosed if the sandbox is asked to."""
    order = _order(call)
    reason = call.params.text("ClosureReason", _NOTE)
    wanted = simulation(reason, CLOSE, sandbox=call.merchant.sandbox)
    call.world.orders.close(order, wanted.reason if wanted else "SellerClosed", reason)
    return ""


def list_order_reference(call: Call) -> str:
    """Order references with the seller's own order id, newest first, with a token if there are more."""
    params = call.params
    if params.need("QueryIdType") != "SellerOrderId":
        raise invalid("QueryIdType", params.need("QueryIdType"))
    if params.need("PaymentDomain") != PAYMENT_DOMAIN[call.merchant.region]:
        raise invalid("PaymentDomain", params.need("PaymentDomain"))
    return _page(call, _found(call), _page_size(call))


def list_order_reference_by_next_token(call: Call) -> str:
    """The rest of a list; a token works once."""
    token = call.params.need("NextPageToken")
    rest = call.world.pages.pop((call.merchant.key, token), None)
    if rest is None:
        raise invalid("NextPageToken", token)
    orders, size = rest
    return _page(call, orders, size)


def _order(call: Call) -> OrderReference:
    return call.world.orders.find(call.merchant, call.params.need("AmazonOrderReferenceId"))


def _details(call: Call, order: OrderReference, *, personal: bool) -> str:
    return order_details(order, call.world.orders.constraints(order), call.turn, personal=personal)


def _found(call: Call) -> list[OrderReference]:
    params = call.params
    wanted = params.need("QueryId")
    start, end = params.moment("CreatedTimeRange.StartTime"), params.moment("CreatedTimeRange.EndTime")
    states = params.numbered("OrderReferenceStatusListFilter.OrderReferenceStatus")
    for state in states:
        if state not in _STATES:
            raise invalid("OrderReferenceStatusListFilter", state)
    ascending = params.one_of("SortOrder", frozenset({"Ascending", "Descending"})) == "Ascending"
    found = [
        order
        for order in call.world.books.orders.values()
        if order.merchant is call.merchant
        and order.attributes.seller_id_text == wanted
        and (start is None or order.created_at >= start)
        and (end is None or order.created_at <= end)
        and (not states or order.status.state in states)
    ]
    return found if ascending else found[::-1]


def _page_size(call: Call) -> int:
    text = call.params.text("PageSize") or "10"
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= _LONGEST_PAGE:
        raise invalid("PageSize", text)
    return int(text)


def _page(call: Call, orders: list[OrderReference], size: int) -> str:
    listed = tree("OrderReferenceList", *(order_summary(each, call.turn) for each in orders[:size]))
    if len(orders) <= size:
        return listed or "<OrderReferenceList/>"
    token = call.world.ids.uuid()
    call.world.pages[call.merchant.key, token] = (orders[size:], size)
    return listed + leaf("NextPageToken", token)
