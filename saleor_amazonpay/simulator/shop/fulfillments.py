"""Sending an order, whole or in parts: what staff do, what the order then is, and which apps hear of it.

In: an order and how many of which line. Out: a fulfillment in Saleor's states. Like in Saleor, nothing here touches a
payment, and one that waits for approval is announced only when it is approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from saleor_amazonpay.simulator.shop.errors import RefusedError
from saleor_amazonpay.simulator.shop.goods import Fulfillment, FulfillmentLine
from saleor_amazonpay.simulator.shop.people import Requestor
from saleor_amazonpay.simulator.shop.purchases import Order
from saleor_amazonpay.simulator.shop.statuses import announce
from saleor_amazonpay.simulator.shop.transport import Post
from saleor_amazonpay.simulator.shop.world import World


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Where orders are sent from, by members of staff. Every call raises RefusedError like Saleor's mutations."""

    world: World
    post: Post
    staff: Requestor

    def send(self, order: Order, quantities: Mapping[str, int] | None = None, *, approved: bool = True) -> Fulfillment:
        """Send quantities by line id, or all that is left."""
        left = _left(order)
        wanted = {key: number for key, number in (left if quantities is None else quantities).items() if number}
        for key, number in wanted.items():
            if number > left.get(key, 0):
                message = f"Only {left.get(key, 0)} items remaining to fulfill."
                raise RefusedError("orderLineId", "FULFILL_ORDER_LINE", message)
        if not wanted or order.status == "CANCELED":
            raise RefusedError("lines", "ZERO_QUANTITY", "Total quantity must be larger than 0.")
        lines = {line.id: line for line in order.lines}
        sent = [
            FulfillmentLine(self.world.next_key("FulfillmentLine"), number, lines[key])
            for key, number in wanted.items()
        ]
        made = Fulfillment(
            self.world.next_key("Fulfillment"),
            "FULFILLED" if approved else "WAITING_FOR_APPROVAL",
            self.world.now(),
            sent,
        )
        order.fulfillments.append(made)
        if approved:
            _update(self.world, order)
            self._tell("FULFILLMENT_CREATED", order, made)
            if order.status == "FULFILLED":
                self._tell("FULFILLMENT_APPROVED", order, made)
        return made

    def approve(self, order: Order, fulfillment: Fulfillment) -> None:
        """Let a waiting one go."""
        if fulfillment.status != "WAITING_FOR_APPROVAL":
            raise RefusedError(
                "status", "INVALID", "Invalid fulfillment status, only WAITING_FOR_APPROVAL is accepted."
            )
        fulfillment.status = "FULFILLED"
        _update(self.world, order)
        self._tell("FULFILLMENT_APPROVED", order, fulfillment)

    def cancel(self, order: Order, fulfillment: Fulfillment) -> None:
        """Take it back: what was in it is to be sent again."""
        fulfillment.status = "CANCELED"
        _update(self.world, order)

    def take_back(self, order: Order, fulfillment: Fulfillment) -> None:
        """Everything in it comes back; no money does."""
        fulfillment.status = "RETURNED"
        _update(self.world, order)

    def _tell(self, event: str, order: Order, fulfillment: Fulfillment) -> None:
        announce(self.world, self.post, event, self.staff, {"fulfillment": fulfillment, "order": order})


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
