"""What a transaction still holds, and which buttons Saleor may show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saleor_amazonpay.domain.balance import (
    available_actions,
    balance,
    captures,
    open_authorization,
    open_authorizations,
    refundable,
    unreserved,
)
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase

EFFECTS = {Kind.AUTHORIZE: "authorized", Kind.CHARGE: "captured", Kind.CAPTURE: "captured", Kind.REFUND: "refunded", Kind.CANCEL: "released"}  # fmt: skip


def op(key: str, kind: Kind, amount: int, parent: str = "", phase: Phase = Phase.DONE, effect: str = "") -> Operation:
    base = Operation.new(
        id=key, tenant_id="t", op_key=key, kind=kind, profile_id="p", wire="w", account="a", transaction_id="T",
        amount=Money(amount, "USD"), parameters="{}", now=1, due_at=1, parent_id=parent,
    )  # fmt: skip
    return replace(base, phase=phase, effect=effect or (EFFECTS[kind] if phase is Phase.DONE else "none"))


AUTHORIZED = op("a", Kind.AUTHORIZE, 100)
CASES = {
    "charged at once": ([op("c", Kind.CHARGE, 100)], (0, 100, 100), ("REFUND",)),
    "authorized": ([AUTHORIZED], (100, 0, 0), ("CHARGE", "CANCEL")),
    "asked to charge, only authorized": ([op("c", Kind.CHARGE, 100, effect="authorized")], (100, 0, 0), ("CHARGE", "CANCEL")),
    "captured whole": ([AUTHORIZED, op("c", Kind.CAPTURE, 100, "a")], (0, 100, 100), ("REFUND",)),
    "captured in part": ([AUTHORIZED, op("c", Kind.CAPTURE, 30, "a")], (70, 30, 30), ("CHARGE", "CANCEL", "REFUND")),
    "capture under way": ([AUTHORIZED, op("c", Kind.CAPTURE, 30, "a", Phase.PENDING)], (70, 0, 0), ()),
    "capture declined": ([AUTHORIZED, op("c", Kind.CAPTURE, 30, "a", Phase.DECLINED)], (100, 0, 0), ("CHARGE", "CANCEL")),
    "released": ([AUTHORIZED, op("x", Kind.CANCEL, 100, "a")], (0, 0, 0), ()),
    "refunded in part": ([op("c", Kind.CHARGE, 100), op("r", Kind.REFUND, 30, "c")], (0, 100, 70), ("REFUND",)),
    "refund under way": ([op("c", Kind.CHARGE, 100), op("r", Kind.REFUND, 100, "c", Phase.CALLING)], (0, 100, 0), ()),
    "refund declined": ([op("c", Kind.CHARGE, 100), op("r", Kind.REFUND, 100, "c", Phase.DECLINED)], (0, 100, 100), ("REFUND",)),
    "declined": ([op("c", Kind.CHARGE, 100, phase=Phase.DECLINED)], (0, 0, 0), ()),
    "nothing yet": ([op("c", Kind.CHARGE, 100, phase=Phase.CALLING)], (0, 0, 0), ()),
}  # fmt: skip


RESERVED_AGAIN = op("x", Kind.CHARGE, 70, "a", effect="authorized")
CASES |= {
    "the rest collected on the agreement": (
        [AUTHORIZED, op("c", Kind.CAPTURE, 30, "a"), op("d", Kind.CHARGE, 70, "a")], (0, 100, 100), ("REFUND",),
    ),
    "the rest only reserved again": (
        [AUTHORIZED, op("c", Kind.CAPTURE, 30, "a"), RESERVED_AGAIN], (70, 30, 30), ("CHARGE", "CANCEL", "REFUND"),
    ),
    "that one captured": (
        [AUTHORIZED, op("c", Kind.CAPTURE, 30, "a"), RESERVED_AGAIN, op("e", Kind.CAPTURE, 70, "x")], (0, 100, 100),
        ("REFUND",),
    ),
    "lapsed at Amazon": ([op("a", Kind.AUTHORIZE, 100, effect="lapsed")], (100, 0, 0), ("CHARGE", "CANCEL")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_balance_of_a_transaction(name: str) -> None:
    operations, expected, actions = CASES[name]
    present = balance(operations)
    assert (present.authorized, present.captured, present.refundable) == expected
    assert available_actions(operations) == actions


def test_an_authorization_is_open_until_it_was_captured_or_released() -> None:
    assert open_authorization([AUTHORIZED]) is AUTHORIZED
    assert open_authorization([AUTHORIZED, op("c", Kind.CAPTURE, 30, "a")]) is None
    assert open_authorization([AUTHORIZED, op("c", Kind.CAPTURE, 30, "a", Phase.DECLINED)]) is AUTHORIZED
    assert open_authorization([AUTHORIZED, op("x", Kind.CANCEL, 100, "a", Phase.CALLING)]) is None


def test_refunds_are_taken_from_the_newest_capture_first() -> None:
    first, second = op("c1", Kind.CAPTURE, 30, "a"), op("c2", Kind.CAPTURE, 50, "b")
    operations = [first, second, op("r", Kind.REFUND, 20, "c2")]
    assert captures(operations) == [second, first]
    assert (refundable(second, operations), refundable(first, operations)) == (30, 30)


def test_what_amazon_does_not_reserve_of_the_rest() -> None:
    captured, lapsed = op("c", Kind.CAPTURE, 30, "a"), op("a", Kind.AUTHORIZE, 100, effect="lapsed")
    assert unreserved([AUTHORIZED]) == 0
    assert unreserved([AUTHORIZED, captured]) == 70
    assert unreserved([lapsed]) == 100
    assert unreserved([lapsed, op("x", Kind.CHARGE, 40, "a", effect="authorized")]) == 60
    assert unreserved([AUTHORIZED, captured, op("e", Kind.CANCEL, 70, "a")]) == 0


def test_several_reservations_may_be_open_at_once() -> None:
    lapsed = op("a", Kind.AUTHORIZE, 100, effect="lapsed")
    first, second = (op(key, Kind.CHARGE, 50, "a", effect="authorized") for key in "xy")
    assert open_authorizations([lapsed, first, second]) == [first, second]
    assert open_authorization([lapsed, first, second]) == second
