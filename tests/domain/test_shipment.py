"""What is owed for what was sent: every order of sending comes to the total, and never to more on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from saleor_amazonpay.domain.shipment import OrderedLine, owed_for

LINES = [OrderedLine("a", 3, 1000), OrderedLine("b", 1, 2500)]


def test_a_part_of_a_line_is_rounded_down_and_the_whole_of_it_is_exact() -> None:
    assert owed_for(4000, LINES, [{"a": 1}]) == 333
    assert owed_for(4000, LINES, [{"a": 1}, {"a": 1}]) == 666
    assert owed_for(4000, LINES, [{"a": 3}]) == 1000


def test_the_last_piece_brings_what_is_no_line() -> None:
    assert owed_for(4000, LINES, [{"a": 3}, {"b": 1}]) == 4000


def test_nothing_is_owed_for_nothing() -> None:
    assert owed_for(4000, LINES, []) == 0
    assert owed_for(4000, LINES, [{"unknown": 7}]) == 0
    assert owed_for(4000, [], []) == 0


def test_an_order_that_costs_less_than_its_lines_is_never_overcharged() -> None:
    assert owed_for(900, LINES, [{"a": 3}]) == 900


@given(
    lines=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10_000)), min_size=1, max_size=4),
    extra=st.integers(0, 3000),
    data=st.data(),
)
def test_the_parts_come_to_the_total_and_never_shrink(
    lines: list[tuple[int, int]], extra: int, data: st.DataObject
) -> None:
    ordered = [OrderedLine(str(number), quantity, total) for number, (quantity, total) in enumerate(lines)]
    total = sum(line.total for line in ordered) + extra
    pieces = [line.id for line in ordered for _ in range(line.quantity)]
    shuffled = data.draw(st.permutations(pieces))
    steps = [owed_for(total, ordered, [{piece: 1} for piece in shuffled[:number]]) for number in range(len(pieces) + 1)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, total)
