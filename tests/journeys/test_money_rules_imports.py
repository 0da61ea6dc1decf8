"""What was done at Amazon behind our back is booked to the payment it belongs to, on each wire.

Each scenario ends with three books that agree to the cent.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.flows import booking, imports
from saleor_amazonpay.simulator.amazon.entities import Capture
from saleor_amazonpay.store import caps
from tests.journeys.imported import an_hour_later, events, problems, rows
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
HOUR = 3600.0


def last_capture(play: Stage) -> Capture:
    return list(play.amazon.books.captures.values())[-1]


async def test_a_refund_made_in_seller_central_is_booked_to_its_transaction(either_on_both: Stage) -> None:
    play = either_on_both
    paid = await play.pay()
    made = play.hands.refund_in_seller_central("15.00")
    await an_hour_later(play)
    books = play.saleor.books()[paid.transaction.id]
    last = books.events[-1]
    assert (last.type, last.psp_reference, last.value) == ("REFUND_SUCCESS", made, Decimal(15))
    assert (books.amounts.charged, books.amounts.refunded) == (Decimal(25), Decimal(15))
    assert play.saleor.world.transaction(paid.transaction.id).actions == ["REFUND"]
    await play.books_agree()


async def test_before_the_hour_is_over_nothing_is_imported(either: Stage) -> None:
    play = either
    paid = await play.pay()
    play.hands.refund_in_seller_central("15.00")
    await play.settle(600, rounds=4)
    assert events(play, paid.transaction.id)[-1] == "CHARGE_SUCCESS"
    await an_hour_later(play)
    assert events(play, paid.transaction.id)[-1] == "REFUND_SUCCESS"
    await play.books_agree()


async def test_a_refund_that_is_still_pending_when_it_is_imported_is_told_as_pending_first(either: Stage) -> None:
    play = either
    play.amazon.refund_delay = 3 * HOUR
    paid = await play.pay()
    made = play.hands.refund_in_seller_central("15.00")
    play.hands.announce(made)  # nothing is decided, and a notice says so
    await an_hour_later(play)
    assert events(play, paid.transaction.id)[-1] == "REFUND_REQUEST"
    await play.books_agree()
    assert await play.act(paid.transaction.id, "REFUND", "40") == "REFUND_REQUEST"
    assert play.saleor.books()[paid.transaction.id].events[-1].value == Decimal(25), "15 of it are on their way already"
    await play.settle(3 * HOUR)
    assert events(play, paid.transaction.id).count("REFUND_SUCCESS") == 2
    await play.books_agree()


async def test_a_refund_made_in_seller_central_that_fails_leaves_no_trace(either: Stage) -> None:
    play = either
    paid = await play.pay()
    made = play.hands.refund_in_seller_central("15.00")
    play.hands.settle_refund(made, "Declined", "AmazonRejected")
    await an_hour_later(play)
    assert events(play, paid.transaction.id)[-1] == "CHARGE_SUCCESS"
    await play.books_agree()


async def test_a_capture_made_in_seller_central_is_booked_to_its_transaction(either_on_both: Stage) -> None:
    play = either_on_both
    reserved = await play.pay(action="AUTHORIZATION")
    made = play.hands.take_in_seller_central("40.00")
    await an_hour_later(play)
    books = play.saleor.books()[reserved.transaction.id]
    last = books.events[-1]
    assert (last.type, last.psp_reference) == ("CHARGE_SUCCESS", made)
    assert (books.amounts.authorized, books.amounts.charged) == (Decimal(0), Decimal(40))
    await play.books_agree()
    assert await play.act(reserved.transaction.id, "REFUND", "40") == "REFUND_REQUEST", "it is refunded like any other"
    await play.settle()
    await play.books_agree()


async def test_a_refund_of_a_capture_nobody_heard_of_brings_both_in(either: Stage) -> None:
    play = either
    reserved = await play.pay(action="AUTHORIZATION")
    await play.settle()
    play.amazon.notifications.options.drop = 9
    play.hands.take_in_seller_central("40")
    play.amazon.notifications.options.drop = 0
    play.hands.refund_in_seller_central("15")
    await an_hour_later(play)
    assert events(play, reserved.transaction.id)[-2:] == ["CHARGE_SUCCESS", "REFUND_SUCCESS"]
    await play.books_agree()


async def test_after_a_capture_in_seller_central_the_rest_is_collected_on_the_agreement(either: Stage) -> None:
    play = either
    reserved = await play.pay(total="100", action="AUTHORIZATION")
    play.hands.take_in_seller_central("60")
    await an_hour_later(play)
    assert await play.act(reserved.transaction.id, "CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()
    assert play.saleor.books()[reserved.transaction.id].amounts.charged == Decimal(100)


@pytest.mark.parametrize("taken", ["40", "25"])
async def test_staff_captures_what_was_captured_in_seller_central_already(either: Stage, taken: str) -> None:
    """Refused, and what happened at Amazon is booked at once: Amazon was read, so nobody waits for an hour."""
    play = either
    reserved = await play.pay(action="AUTHORIZATION")
    play.amazon.notifications.options.drop = 9
    play.hands.take_in_seller_central(taken)
    told = await play.act(reserved.transaction.id, "CHARGE", "40")
    # On v2 that is one object: taken as it was asked for, nobody can say that it was not by us.
    assert told == ("CHARGE_SUCCESS" if play.hands.v2 and taken == "40" else "CHARGE_FAILURE")
    await play.settle()
    assert events(play, reserved.transaction.id)[-1] == "CHARGE_SUCCESS"
    assert play.saleor.books()[reserved.transaction.id].amounts.charged == Decimal(taken)
    assert play.hands.captures() == 1
    await play.books_agree()


async def test_a_release_that_finds_the_money_taken_fails_and_the_capture_is_reported(either: Stage) -> None:
    play = either
    reserved = await play.pay(action="AUTHORIZATION")
    play.amazon.notifications.options.drop = 9
    play.hands.take_in_seller_central("40")
    assert await play.act(reserved.transaction.id, "CANCEL", "40") == "CANCEL_FAILURE"
    await play.settle()
    assert events(play, reserved.transaction.id)[-1] == "CHARGE_SUCCESS"
    await play.books_agree()


async def test_surplus_refunds_are_only_imported(either: Stage) -> None:
    """Amazon lets a seller give back 15 % more than was taken; we never do."""
    play = either
    paid = await play.pay(total="40")
    assert await play.act(paid.transaction.id, "REFUND", "30") == "REFUND_REQUEST"
    await play.settle()
    play.hands.refund_in_seller_central("16")
    await an_hour_later(play)
    books = play.saleor.books()[paid.transaction.id]
    assert (books.amounts.charged, books.amounts.refunded) == (Decimal(-6), Decimal(46))
    assert play.saleor.world.transaction(paid.transaction.id).actions == []
    assert any("above what was taken" in message for message in problems(play))
    await play.books_agree()


@pytest.mark.parametrize("kind", ["BuyerCanceled", "AmazonA-ZRefund"])
async def test_refunds_that_amazon_makes_itself_are_imported(play: Stage, kind: str) -> None:
    paid = await play.pay()
    play.amazon.refund_in_seller_central(last_capture(play).capture_id, Decimal(40), kind)
    await an_hour_later(play)
    assert play.saleor.books()[paid.transaction.id].amounts.refunded == Decimal(40)
    await play.books_agree()


async def test_a_refund_whose_notice_was_lost_is_found_when_the_capture_is_heard_of(either: Stage) -> None:
    """The notice about the capture lists its refunds: a later read brings in what no notice told."""
    play = either
    paid = await play.pay()
    play.hands.refund_in_seller_central("10")
    play.amazon.notifications.options.drop = 1
    await play.settle()
    play.hands.announce(play.hands.last_capture())
    await an_hour_later(play)
    assert play.saleor.books()[paid.transaction.id].amounts.refunded == Decimal(10)
    await play.books_agree()


async def test_a_refund_of_ours_whose_answer_is_lost_for_hours_is_not_imported_beside_itself(
    either_on_both: Stage,
) -> None:
    """On Checkout v2 nothing on a refund says that it is ours: only the identical repeat tells."""
    play = either_on_both
    payment = (await play.pay()).transaction.id
    play.hands.fault("drop", "refund", times=9)
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    play.amazon.faults.clear()
    play.hands.fault("error", "refund", times=0)
    await play.settle(HOUR, rounds=5)
    assert events(play, payment).count("REFUND_SUCCESS") <= 1
    play.amazon.faults.clear()
    await play.settle(HOUR, rounds=4)
    assert events(play, payment).count("REFUND_SUCCESS") == 1
    assert len(play.hands.refunds()) == 1
    amounts = play.saleor.books()[payment].amounts
    assert (amounts.charged, amounts.refunded) == (Decimal(25), Decimal(15))
    await play.books_agree()


async def test_a_refund_of_ours_that_is_decided_while_its_notice_is_handled_is_not_imported(
    either: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another node gets the answer after this one has looked for the object in the ledger."""
    play = either
    payment = (await play.pay()).transaction.id
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    await play.settle()
    (made,) = play.hands.refunds()
    real, early = booking.own, [None]
    monkeypatch.setattr(imports, "own", lambda *_: None)
    monkeypatch.setattr(booking, "own", lambda *about: early.pop() if early else real(*about))
    ours = (await rows(play, payment))[-1]
    named = booking.Named(ours.account, ours.profile_id, made, ours.order_reference)
    assert await imports.bring_in(play.deps, named) == "known"
    assert early == [], "the first look was to find nothing"
    await play.settle()
    assert events(play, payment).count("REFUND_SUCCESS") == 1
    await play.books_agree()


async def test_a_refund_like_one_of_ours_that_was_never_made_is_imported_once_ours_is_decided(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    play.hands.fault("error", "refund", times=0)
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    made = play.hands.refund_in_seller_central("15.00")
    await play.settle(HOUR, rounds=3)
    play.amazon.faults.clear()
    await play.settle(HOUR, rounds=4)
    told = [event.psp_reference for event in play.saleor.books()[payment].events if event.type == "REFUND_SUCCESS"]
    assert (len(told), made in told) == (2, True)
    assert play.saleor.books()[payment].amounts.refunded == Decimal(30)
    await play.books_agree()


async def test_an_import_by_two_notices_and_a_read_is_one(either_on_both: Stage) -> None:
    play = either_on_both
    play.amazon.notifications.options.copies = 3
    paid = await play.pay()
    made = play.hands.refund_in_seller_central("10")
    await play.settle()
    for subject in (made, play.hands.last_capture(), made):
        play.hands.announce(subject)
    await an_hour_later(play)
    assert events(play, paid.transaction.id).count("REFUND_SUCCESS") == 1
    assert len([row for row in await rows(play, paid.transaction.id) if row.kind == "refund"]) == 1
    await play.books_agree()


async def test_a_charge_nobody_in_saleor_asked_for_is_booked_and_raised(either_on_both: Stage) -> None:
    play = either_on_both
    data = play.buyer_data()
    await play.pay(data=data)
    play.hands.charge_elsewhere(data, "7.00")
    await an_hour_later(play)
    (row,) = await rows(play, "")
    assert (row.amount, row.effect, row.object_id) == (700, "captured", play.hands.last_capture())
    assert any("no Saleor transaction asked" in message for message in problems(play))
    await play.books_agree()


async def test_what_is_imported_counts_on_the_cap_even_past_it(either: Stage) -> None:
    play = either
    data = play.buyer_data()
    await play.pay(data=data)
    play.hands.charge_elsewhere(data, "900")

    async def booked() -> int:
        return await play.deps.store.read(lambda tx: caps.booked(tx, play.demo.profile_id, row.cap_month))

    row = (await rows(play, next(iter(play.saleor.books()))))[0]
    before = await booked()
    store = play.deps.store
    await store.write(lambda tx: tx.connection.exec_driver_sql("UPDATE profiles SET monthly_cap = 5000") and None)
    await an_hour_later(play)
    assert await booked() == before + 90_000
    await play.books_agree()
    refused = await play.pay()
    assert refused.data["code"] == "monthly_cap_reached"


async def test_a_refund_of_a_charge_nobody_asked_for_follows_it(either: Stage) -> None:
    play = either
    data = play.buyer_data()
    await play.pay(data=data)
    play.hands.charge_elsewhere(data, "7")
    play.hands.refund_in_seller_central("3")
    await an_hour_later(play)
    assert sorted((row.kind, row.amount) for row in await rows(play, "")) == [("capture", 700), ("refund", 300)]
    await play.books_agree()
