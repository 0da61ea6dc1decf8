"""Sending an order, whole or in parts: what staff do, what the order then is, and which apps hear of it.

In: an order and how many of which line. Out: a fulfillment in Saleor's states. Like in Saleor, nothing here touches a
payment, and one that waits for approval is announced only when it is approved.
"""

from __future__ import annotations

from collections.abc import Mapping

from saleor_amazonpay.simulator.shop.errors import RefusedError
from saleor_amazonpay.simulator.shop.goods import Fulfillment, FulfillmentLine
from saleor_amazonpay.simulator.shop.people import Requestor
from saleor_amazonpay.simulator.shop.purchases import Order
from saleor_amazonpay.simulator.shop.statuses import announce
from saleor_amazonpay.simulator.shop.transport import Post
from saleor_amazonpay.simulator.shop.world import World


def create(
    world: World, post: Post, order: Order, quantities: Mapping[str, int] | None, by: Requestor, *, approved: bool
) -> Fulfillment:
    """Send quantities by line id, or all that is left. Raises RefusedError."""
    left = _left(order)
    wanted = {key: number for key, number in (left if quantities is None else quantities).items() if number}
    for key, number in wanted.items():
        if number > left.get(key, 0):
            message = f"Only {left.get(key, 0)} items remaining to fulfill."
            raise RefusedError("orderLineId", "FULFILL_ORDER_LINE", message)
    if not wanted or order.status == "CANCELED":
        raise RefusedError("lines", "ZERO_QUANTITY", "Total quantity must be larger than 0.")
    lines = {line.id: line for line in order.lines}
    made = Fulfillment(
        world.next_key("Fulfillment"),
        "FULFILLED" if approved else "WAITING_FOR_APPROVAL",
        world.now(),
        [FulfillmentLine(world.next_key("FulfillmentLine"), number, lines[key]) for key, number in wanted.items()],
    )
    order.fulfillments.append(made)
    if approved:
        _update(world, order)
        announce(world, post, "FULFILLMENT_CREATED", by, {"fulfillment": made, "order": order})
        if order.status == "FULFILLED":
            announce(world, post, "FULFILLMENT_APPROVED", by, {"fulfillment": made, "order": order})
    return made


def approve(world: World, post: Post, order: Order, fulfillment: Fulfillment, by: Requestor) -> None:
    """Let a waiting one go. Raises RefusedError."""
    if fulfillment.status != "WAITING_FOR_APPROVAL":
        raise RefusedError("status", "INVALID", "Invalid fulfillment status, only WAITING_FOR_APPROVAL is accepted.")
    fulfillment.status = "FULFILLED"
    _update(world, order)
    announce(world, post, "FULFILLMENT_APPROVED", by, {"fulfillment": fulfillment, "order": order})


def cancel(world: World, order: Order, fulfillment: Fulfillment) -> None:
    """Take it back: what was in it is to be sent again."""
    fulfillment.status = "CANCELED"
    _update(world, order)


def return_all(world: World, order: Order, fulfillment: Fulfillment) -> None:
    """Everything in it comes back; no money does."""
    fulfillment.status = "RETURNED"
    _update(world, order)


def _left(order: Order) -> dict[str, int]:
    left = {line.id: line.quantity for line in order.lines}
    for fulfillment in order.fulfillments:
        if fulfillment.status != "CANCELED":
            for line in fulfillment.lines:
                left[line.order_line.id] -= line.quantity
    return left


def _update(world: World, order: Order) -> None:
    sent = sum(line.quantity for each in order.fulfillments if each.status == "FULFILLED" for line in each.lines)
    returned = sum(line.quantity for each in order.fulfillments if each.status == "RETURNED" for line in each.lines)
    total = sum(line.quantity for line in order.lines)
    if returned:
        order.status = "RETURNED" if returned == total else "PARTIALLY_RETURNED"
    elif sent:
        order.status = "FULFILLED" if sent == total else "PARTIALLY_FULFILLED"
    else:
        order.status = "UNFULFILLED"
    order.updated_at = world.now()
