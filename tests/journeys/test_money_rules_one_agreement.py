"""Several payments on one agreement, on each wire: what is done to one of them never touches another.

On v1 each charge has an order reference of its own; on Checkout v2 all share the permission, which is all that some
notices name. Each scenario ends with three equal books.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from saleor_amazonpay.store import tables
from saleor_amazonpay.store.sql import Tx
from tests.journeys.imported import an_hour_later, problems
from tests.journeys.seen import amounts, booked, reserved
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
HOUR = 3600.0


async def two_reserved(play: Stage) -> tuple[str, str]:
    """100 and 50 reserved."""
    first, data = await reserved(play, "100")
    await play.settle(60)
    second = await play.pay(total="50", action="AUTHORIZATION", data=play.hands.by_id(data))
    assert second.event.type == "AUTHORIZATION_SUCCESS"
    await play.settle(60)
    return first, second.transaction.id


async def two_paid(play: Stage) -> tuple[str, str]:
    """40 and 40 taken."""
    data = play.buyer_data()
    first = (await play.pay(data=data)).transaction.id
    await play.settle(60)
    second = (await play.pay(data=play.hands.by_id(data))).transaction.id
    await play.settle(60)
    return first, second


@pytest.mark.parametrize("place", [0, 1])
async def test_what_staff_take_at_amazon_is_the_payments_whose_reservation_it_was(either: Stage, place: int) -> None:
    play = either
    payments = await two_reserved(play)
    play.hands.take_in_seller_central("30", place)
    await an_hour_later(play)
    held = [(70, 30), (20, 30)][place]
    assert amounts(play, payments[place])[:2] == held
    assert amounts(play, payments[1 - place])[:2] == ((50, 0) if place == 0 else (100, 0))
    await play.books_agree()
    for payment, rest in zip(payments, ("70", "50") if place == 0 else ("100", "20"), strict=True):
        assert await play.act(payment, "CHARGE", rest) == "CHARGE_SUCCESS"
    await play.settle()
    assert (await booked(play), problems(play)) == (15_000, [])
    await play.books_agree()


@pytest.mark.parametrize("place", [0, 1])
async def test_what_staff_give_back_at_amazon_is_the_payments_whose_capture_it_was(either: Stage, place: int) -> None:
    play = either
    payments = await two_paid(play)
    capture = list(play.amazon.pay.books.charges if play.hands.v2 else play.amazon.books.captures)[place]
    if play.hands.v2:
        play.amazon.pay.refund_in_seller_central(capture)
    else:
        play.amazon.refund_in_seller_central(capture)
    await an_hour_later(play)
    assert amounts(play, payments[place])[1:3] == (0, 40)
    assert amounts(play, payments[1 - place])[1:3] == (40, 0)
    await play.books_agree()


async def test_refunds_of_one_amount_whose_answers_are_lost_for_hours_stay_with_their_payments(either: Stage) -> None:
    play = either
    payments = await two_paid(play)
    play.hands.fault("drop", "refund", times=18)
    for payment in payments:
        assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    play.amazon.faults.clear()
    play.hands.fault("error", "refund", times=0)
    await play.settle(HOUR, rounds=4)
    play.amazon.faults.clear()
    await play.settle(HOUR, rounds=4)
    assert [amounts(play, payment)[1:3] for payment in payments] == [(25, 15), (25, 15)]
    assert len(play.hands.refunds()) == 2
    await play.books_agree()


async def test_payments_the_ledger_lost_are_adopted_one_by_one(either: Stage) -> None:
    play = either
    payments = await two_paid(play)
    await play.settle()

    def forget(tx: Tx) -> None:
        for table in (tables.operations, tables.agreements, tables.cap_months, tables.notices):
            tx.connection.execute(sa.delete(table))

    await play.deps.store.write(forget)
    for payment, amount in zip(payments[::-1], ("15", "40"), strict=True):
        assert await play.act(payment, "REFUND", amount) == "REFUND_REQUEST"
        await play.settle()
    assert [amounts(play, payment)[1:3] for payment in payments] == [(0, 40), (25, 15)]
    assert await booked(play) == 8_000
    await play.books_agree()


async def test_a_charge_of_another_system_is_none_of_them(either: Stage) -> None:
    play = either
    first, data = await reserved(play, "100")
    await play.settle(60)
    second = (await play.pay(data=play.hands.by_id(data))).transaction.id
    await play.settle(60)
    play.hands.charge_elsewhere(data, "7")
    await an_hour_later(play)
    assert amounts(play, first)[:2] == (100, 0)
    assert amounts(play, second)[:2] == (0, 40)
    assert any("no Saleor transaction asked" in message for message in problems(play))
    assert await booked(play) == 14_700
    assert await play.act(first, "CHARGE", "100") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_the_end_of_the_agreement_gives_up_the_rest_of_each(either: Stage) -> None:
    play = either
    first, data = await reserved(play, "100")
    await play.settle(60)
    second = (await play.pay(total="50", action="AUTHORIZATION", data=play.hands.by_id(data))).transaction.id
    await play.act(first, "CHARGE", "60")
    await play.act(second, "CHARGE", "20")
    play.hands.close(data)
    await play.settle(24 * HOUR)
    assert amounts(play, first) == (0, 60, 0, 40)
    assert amounts(play, second) == (0, 20, 0, 30)
    assert await booked(play) == 8_000
    await play.books_agree()
