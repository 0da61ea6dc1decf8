"""Whose reservation stands for what of the rest, and which parts go first."""

from __future__ import annotations

from dataclasses import replace

from saleor_amazonpay.domain import holding
from saleor_amazonpay.domain.holding import Part
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase

OCTOBER, NOVEMBER, DECEMBER = "2026-10", "2026-11", "2026-12"


def row(
    key: str, kind: Kind, amount: int, month: str = "", booked: int = 0, *, effect: str = "none", parent: str = ""
) -> Operation:
    made = Operation.new(
        id=key, tenant_id="t", op_key=key, kind=kind, profile_id="p", wire="paper", account="a", transaction_id="T",
        amount=Money(amount, "USD"), parameters="{}", now=1, due_at=0, parent_id=parent, cap_month=month,
        cap_booked=booked,
    )  # fmt: skip
    return replace(made, phase=Phase.DONE, effect=effect)


def session(amount: int = 100, month: str = OCTOBER, *, effect: str = "authorized") -> Operation:
    return row("session", Kind.AUTHORIZE, amount, month, amount, effect=effect)


def reserved_again(amount: int, month: str, *, effect: str = "authorized") -> Operation:
    """A collection of which Amazon only reserved the money."""
    return row("again", Kind.CHARGE, amount, month, amount, effect=effect, parent="session")


def test_what_is_captured_or_being_captured_stands_for_the_rest_no_more() -> None:
    held = session()
    taken = row("capture", Kind.CAPTURE, 40, effect="captured", parent="session")
    assert holding.idle([held]) == [Part("session", OCTOBER, 100, held=True)]
    assert holding.idle([held, taken]) == [Part("session", OCTOBER, 60)]
    assert holding.idle([held, replace(taken, phase=Phase.PENDING, effect="none")]) == [Part("session", OCTOBER, 60)]
    assert holding.idle([held, replace(taken, phase=Phase.DECLINED)]) == holding.idle([held])


def test_a_collection_takes_of_its_own_month_first_and_what_amazon_holds_last() -> None:
    rows = [session(100, effect="lapsed"), reserved_again(50, NOVEMBER, effect="lapsed")]
    assert [part.operation_id for part in holding.takeover(rows, 60, NOVEMBER).parts] == ["again", "session"]
    assert holding.takeover(rows, 60, NOVEMBER).fresh == 10
    assert [part.operation_id for part in holding.takeover(rows, 60, DECEMBER).parts] == ["session"], "the oldest"
    assert holding.takeover(rows, 60, DECEMBER).fresh == 60
    held = [rows[0], reserved_again(50, NOVEMBER)]
    assert [part.operation_id for part in holding.takeover(held, 100, NOVEMBER).parts] == ["session"]


def test_money_that_moved_without_us_takes_over_only_what_was_of_the_rest() -> None:
    known = [session(100, effect="lapsed")]
    charge = row("found", Kind.CHARGE, 250, parent="session")
    takeover = holding.moved(charge, known, OCTOBER)
    assert (takeover.amount, takeover.fresh) == (250, 150)
    assert takeover.on(charge).cap_from == "session:100"
    assert holding.moved(charge, known, NOVEMBER).fresh == 250, "the rest is moved to the month in which it was taken"
    assert holding.moved(row("found", Kind.CHARGE, 250), known, OCTOBER).parts == (), "of nothing that was agreed"


def test_a_capture_made_elsewhere_counts_only_what_its_reservation_does_not_stand_for() -> None:
    held, capture = session(100), row("found", Kind.CAPTURE, 80, parent="session")
    assert holding.moved(capture, [held], NOVEMBER).amount == 0
    assert holding.moved(capture, [held], NOVEMBER).on(capture) == capture
    assert holding.moved(capture, [replace(held, cap_booked=30)], NOVEMBER).fresh == 50


def test_a_release_gives_up_what_amazon_does_not_hold_first_and_of_that_the_oldest() -> None:
    rows = [session(100), reserved_again(50, NOVEMBER, effect="lapsed")]
    assert [part.operation_id for part in holding.given_up(rows, 50)] == ["again"], "though it is younger"
    rows = [session(100, effect="lapsed"), reserved_again(50, NOVEMBER, effect="lapsed")]
    assert holding.given_up(rows, 120) == [Part("session", OCTOBER, 100), Part("again", NOVEMBER, 20)]


def test_an_authorization_can_be_captured_only_as_far_as_its_reservation_stands() -> None:
    held = replace(reserved_again(50, NOVEMBER), cap_booked=20)  # a collection took over 30 of it
    assert holding.standing(held, [session(100, effect="lapsed"), held]) == 20
    assert holding.standing(replace(held, cap_booked=0), [replace(held, cap_booked=0)]) == 0
    assert holding.standing(replace(held, cap_month=""), []) == 50, "one that never reserved is not bounded by it"


def test_what_was_taken_over_can_be_read_back() -> None:
    takeover = holding.takeover([session(100, effect="lapsed")], 60, NOVEMBER)
    collected = takeover.on(reserved_again(60, NOVEMBER))
    assert holding.taken_over(collected) == [("session", 60)]
    assert holding.taken_over(session()) == []
