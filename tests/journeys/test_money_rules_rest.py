"""The rest of a payment and the end of its agreement, on each wire: a scenario for every sentence of the rules.

Each ends with three books that agree to the cent.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.clock import DAY
from tests.journeys.seen import amounts, booked, events, offered, reserved, told
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
D = Decimal


async def test_after_a_partial_capture_the_rest_stays_while_the_agreement_is_open(either_on_both: Stage) -> None:
    both = either_on_both
    payment, _ = await reserved(both)
    assert await both.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS"
    await both.settle(2 * DAY)
    assert amounts(both, payment) == (70, 30, 0, 0)
    assert offered(both, payment) == ["CANCEL", "CHARGE", "REFUND"]
    assert await booked(both) == 10_000
    await both.books_agree()


async def test_after_an_expiry_the_rest_stays_and_an_info_event_says_that_amazon_no_longer_reserves_it(
    either: Stage,
) -> None:
    payment, _ = await reserved(either)
    await either.settle(either.hands.lapse)
    last = events(either, payment)[-1]
    assert (last.type, last.value) == ("INFO", 0)
    assert "no longer reserves" in last.message
    assert [event.type for event in events(either, payment)].count("INFO") == 1
    assert amounts(either, payment) == (100, 0, 0, 0)
    await either.books_agree()


async def test_a_charge_on_the_rest_authorizes_and_captures_in_one_call_under_an_id_of_its_own(either: Stage) -> None:
    payment, _ = await reserved(either)
    await either.act(payment, "CHARGE", "30")
    either.http.actions.clear()
    assert await either.act(payment, "CHARGE", "50") == "CHARGE_SUCCESS"
    assert (either.hands.asked("charge"), sum(either.http.actions.values())) == (1, 1)
    references = {event.psp_reference for event in events(either, payment) if event.type == "CHARGE_SUCCESS"}
    assert len(references) == 2
    assert [kind for kind, _ in told(either, payment)].count("AUTHORIZATION_SUCCESS") == 1
    assert await either.act(payment, "CHARGE", "50") == "CHARGE_SUCCESS", "Saleor asks for the 20.00 that are left"
    assert amounts(either, payment) == (0, 100, 0, 0)
    await either.settle()
    await either.books_agree()


async def test_a_rest_that_is_declined_stays(either: Stage) -> None:
    payment, data = await reserved(either)
    await either.act(payment, "CHARGE", "30")
    either.hands.choose(data, Behaviour.PROCESSING_FAILURE)
    assert await either.act(payment, "CHARGE", "70") == "CHARGE_FAILURE"
    assert amounts(either, payment) == (70, 30, 0, 0)
    assert offered(either, payment) == ["CANCEL", "CHARGE", "REFUND"]
    assert await booked(either) == 10_000
    either.hands.choose(data)
    assert await either.act(payment, "CHARGE", "70") == "CHARGE_SUCCESS"
    await either.settle()
    await either.books_agree()


async def test_there_is_one_capture_per_authorization_however_often_staff_capture(either: Stage) -> None:
    payment, _ = await reserved(either)
    for amount in ("10", "20", "30", "40"):
        assert await either.act(payment, "CHARGE", amount) == "CHARGE_SUCCESS"
    assert (either.hands.charges(), either.hands.captures()) == (4, 4)
    await either.settle()
    await either.books_agree()


@pytest.mark.parametrize("found", ["notice", "daily read"])
async def test_when_the_agreement_ends_the_rest_goes(either_on_both: Stage, found: str) -> None:
    both = either_on_both
    payment, data = await reserved(both)
    await both.act(payment, "CHARGE", "30")
    if found == "daily read":
        both.amazon.merchant.ipn_url = ""
    both.hands.close(data)
    await both.settle(60 if found == "notice" else DAY)
    assert told(both, payment)[-1] == ("CANCEL_SUCCESS", 70)
    assert amounts(both, payment) == (0, 30, 0, 70)
    assert offered(both, payment) == ["REFUND"]
    assert await booked(both) == 3_000
    references = [event.psp_reference for event in events(both, payment)]
    assert references.count(references[-1]) == 1, "a psp reference of its own"
    await both.settle(DAY)
    assert len([kind for kind, _ in told(both, payment) if kind == "CANCEL_SUCCESS"]) == 1
    await both.books_agree()


async def test_a_refused_charge_finds_the_agreement_ended(either: Stage) -> None:
    payment, data = await reserved(either)
    await either.act(payment, "CHARGE", "30")
    either.amazon.merchant.ipn_url = ""
    either.hands.close(data, by="amazon")
    assert await either.act(payment, "CHARGE", "70") == "CHARGE_FAILURE"
    assert "has ended" in events(either, payment)[-1].message
    await either.settle(10)
    assert amounts(either, payment) == (0, 30, 0, 70)
    await either.books_agree()


async def test_another_purchase_finds_the_agreement_ended(either: Stage) -> None:
    payment, data = await reserved(either)
    await either.act(payment, "CHARGE", "30")
    either.amazon.merchant.ipn_url = ""
    either.hands.close(data)
    await either.pay(data=either.hands.by_id(data))  # refused: what is charged is the agreement as Amazon has it
    await either.settle(10)
    assert amounts(either, payment) == (0, 30, 0, 70)
    await either.books_agree()


async def test_on_a_closed_agreement_open_authorizations_can_still_be_captured(either: Stage) -> None:
    """As the shop closes it at Amazon."""
    play = either
    payment, data = await reserved(play)
    play.hands.close_in_seller_central(data)
    await play.settle(60)
    assert amounts(play, payment) == (100, 0, 0, 0), "Amazon still reserves it"
    await play.books_agree()
    assert await play.act(payment, "CHARGE", "60") == "CHARGE_SUCCESS"
    await play.settle(60)
    assert amounts(play, payment) == (0, 60, 0, 40), "and what nobody reserves any more goes"
    assert await booked(play) == 6_000
    await play.books_agree()


async def test_a_reservation_that_lapses_on_a_closed_agreement_goes(either: Stage) -> None:
    play = either
    payment, data = await reserved(play)
    play.hands.close_in_seller_central(data)
    await play.settle(play.hands.lapse)
    assert told(play, payment)[-1] == ("CANCEL_SUCCESS", 100)
    assert "INFO" not in [event.type for event in events(play, payment)]
    assert await booked(play) == 0
    await play.books_agree()


@pytest.mark.parametrize("notices", [True, False])
async def test_a_canceled_agreement_takes_everything_open_along(either: Stage, notices: bool) -> None:
    whole, data = await reserved(either, "100")
    part = (await either.pay(total="50", action="AUTHORIZATION", data=either.hands.by_id(data))).transaction.id
    await either.act(part, "CHARGE", "20")
    if not notices:
        either.amazon.merchant.ipn_url = ""
    either.hands.cancel(data)
    await either.settle(DAY)
    assert amounts(either, whole) == (0, 0, 0, 100)
    assert amounts(either, part) == (0, 20, 0, 30)
    assert (offered(either, whole), offered(either, part)) == ([], ["REFUND"])
    assert await booked(either) == 2_000
    await either.books_agree()


async def test_a_suspended_agreement_keeps_the_rest_and_captures_and_refunds_go_on(either: Stage) -> None:
    whole, data = await reserved(either, "100")
    part = (await either.pay(total="50", action="AUTHORIZATION", data=either.hands.by_id(data))).transaction.id
    await either.act(part, "CHARGE", "20")
    either.hands.choose(data, Behaviour.DECLINE_HARD)
    for _ in range(2):  # the decline suspends it, and then it is suspended
        assert await either.act(part, "CHARGE", "30") == "CHARGE_FAILURE"
        message = events(either, part)[-1].message
        assert "payment method" in message
        assert f"https://payments.amazon.com/jr/your-account/ba/{either.hands.agreement(data)}" in message
    await either.settle(60)
    assert amounts(either, part) == (30, 20, 0, 0)
    assert await either.act(whole, "CHARGE", "100") == "CHARGE_SUCCESS"
    await either.act(part, "REFUND", "5")
    await either.settle()
    assert amounts(either, part) == (30, 15, 5, 0)
    await either.books_agree()
    either.hands.choose(data)
    await either.settle(60)
    assert await either.act(part, "CHARGE", "30") == "CHARGE_SUCCESS"
    await either.settle()
    await either.books_agree()
