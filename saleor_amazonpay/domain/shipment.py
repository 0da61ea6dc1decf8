"""What a buyer owes once parts of an order have left (money.md §5): the lines that were sent, in the end everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of an order. `total` is what all of it costs, in minor units, with taxes and discounts."""

    id: str
    quantity: int
    total: int


def owed_for(total: int, lines: Sequence[OrderedLine], sent: Sequence[Mapping[str, int]]) -> int:
    """What is owed for all that has been sent, in minor units; never more than the order.

    Sending and everything else that is no line is owed with the last piece, and so is what rounding has left over: the
    part of a line is rounded down, the whole of it is exact.

    Args:
        total: the order's, in minor units.
        lines: its lines.
        sent: quantities by line id, one entry for each shipment.
    """
    quantities = {line.id: sum(shipment.get(line.id, 0) for shipment in sent) for line in lines}
    if all(quantities[line.id] >= line.quantity for line in lines):
        return total if any(quantities.values()) else 0
    return min(total, sum(_part(line, quantities[line.id]) for line in lines))


def _part(line: OrderedLine, quantity: int) -> int:
    if quantity >= line.quantity:
        return line.total
    return line.total * quantity // line.quantity
