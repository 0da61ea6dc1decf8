"""Partial, later, back: one scenario for each sentence of the rules, ending with three books that agree to the cent.

Saleor is asked by its own staff and its own webhooks, Amazon by its buyers; everything between runs for real.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from saleor_amazonpay.simulator.amazon.money import Money as AmazonMoney
from saleor_amazonpay.simulator.shop.ledger import TransactionEvent
from saleor_amazonpay.simulator.shop.purchases import Order
from saleor_amazonpay.store import tables
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
DAY = 24 * 3600
D = Decimal


def events(play: Stage, transaction: str) -> list[TransactionEvent]:
    return list(play.saleor.books()[transaction].events)


def told(play: Stage, transaction: str, *, since: int = 0) -> list[tuple[str, Decimal]]:
    """What Saleor has heard, without the requests it wrote itself."""
    return [(event.type, event.value) for event in events(play, transaction)[since:] if event.psp_reference]


def amounts(play: Stage, transaction: str) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Authorized, charged, refunded, canceled."""
    found = play.saleor.books()[transaction].amounts
    return found.authorized, found.charged, found.refunded, found.canceled


def offered(play: Stage, transaction: str) -> list[str]:
    return sorted(action.upper() for action in play.saleor.transaction(transaction).available_actions)


def agreement_of(data: dict[str, Any]) -> str:
    return str(data["amazonBillingAgreementId"])


async def booked(play: Stage) -> int:
    """What is booked on the cap, whichever month counts it, in cents."""
    total = sa.select(sa.func.sum(tables.cap_months.c.booked))
    return int(await play.deps.store.read(lambda tx: tx.connection.execute(total).scalar()) or 0)


async def change_profile(play: Stage, **values: Any) -> None:
    change = sa.update(tables.profiles).where(tables.profiles.c.id == play.demo.profile_id).values(**values)
    await play.deps.store.write(lambda tx: tx.connection.execute(change))
    play.deps.directory.forget()


async def reserved(play: Stage, total: str = "100", **choice: Any) -> tuple[str, dict[str, Any]]:
    """A payment that is authorized; its transaction and what the buyer chose."""
    data = play.buyer_data(**choice)
    result = await play.pay(total=total, action="AUTHORIZATION", data=data)
    assert result.event.type == "AUTHORIZATION_SUCCESS", result
    return result.transaction.id, data


# --- the rest


async def test_after_a_partial_capture_the_rest_stays_while_the_agreement_is_open(play_on_both: Stage) -> None:
    play = play_on_both
    payment, _ = await reserved(play)
    assert await play.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS"
    await play.settle(2 * DAY)
    assert amounts(play, payment) == (70, 30, 0, 0)
    assert offered(play, payment) == ["CANCEL", "CHARGE", "REFUND"]
    assert await booked(play) == 10_000
    await play.books_agree()


async def test_after_an_expiry_the_rest_stays_and_an_info_event_says_that_amazon_no_longer_reserves_it(
    play: Stage,
) -> None:
    payment, _ = await reserved(play)
    await play.settle(3 * DAY)
    last = events(play, payment)[-1]
    assert (last.type, last.value) == ("INFO", 0)
    assert "no longer reserves" in last.message
    assert [event.type for event in events(play, payment)].count("INFO") == 1
    assert amounts(play, payment) == (100, 0, 0, 0)
    await play.books_agree()


async def test_a_charge_on_the_rest_authorizes_and_captures_in_one_call_under_an_id_of_its_own(play: Stage) -> None:
    payment, _ = await reserved(play)
    await play.act(payment, "CHARGE", "30")
    play.http.actions.clear()
    assert await play.act(payment, "CHARGE", "50") == "CHARGE_SUCCESS"
    assert play.http.actions == {"AuthorizeOnBillingAgreement": 1}
    references = {event.psp_reference for event in events(play, payment) if event.type == "CHARGE_SUCCESS"}
    assert len(references) == 2
    assert [kind for kind, _ in told(play, payment)].count("AUTHORIZATION_SUCCESS") == 1
    assert await play.act(payment, "CHARGE", "50") == "CHARGE_SUCCESS", "Saleor asks for the 20.00 that are left"
    assert amounts(play, payment) == (0, 100, 0, 0)
    await play.settle()
    await play.books_agree()


async def test_a_rest_that_is_declined_stays(play: Stage) -> None:
    payment, data = await reserved(play)
    await play.act(payment, "CHARGE", "30")
    buyer = play.amazon.buyer.buyer_id
    rejected, good = play.amazon.add_card(buyer, Behaviour.PROCESSING_FAILURE), play.amazon.add_card(buyer)
    play.amazon.change_payment_method(agreement_of(data), rejected.card_id, on_amazon=True)
    assert await play.act(payment, "CHARGE", "70") == "CHARGE_FAILURE"
    assert amounts(play, payment) == (70, 30, 0, 0)
    assert offered(play, payment) == ["CANCEL", "CHARGE", "REFUND"]
    assert await booked(play) == 10_000
    play.amazon.change_payment_method(agreement_of(data), good.card_id, on_amazon=True)
    assert await play.act(payment, "CHARGE", "70") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_there_is_one_capture_per_authorization_however_often_staff_capture(play: Stage) -> None:
    payment, _ = await reserved(play)
    for amount in ("10", "20", "30", "40"):
        assert await play.act(payment, "CHARGE", amount) == "CHARGE_SUCCESS"
    assert [len(each.captures) for each in play.amazon.books.authorizations.values()] == [1, 1, 1, 1]
    await play.settle()
    await play.books_agree()


# --- the agreement's end


@pytest.mark.parametrize("found", ["notice", "daily read"])
async def test_when_the_agreement_ends_the_rest_goes(play_on_both: Stage, found: str) -> None:
    play = play_on_both
    payment, data = await reserved(play)
    await play.act(payment, "CHARGE", "30")
    if found == "daily read":
        play.amazon.merchant.ipn_url = ""
    play.amazon.close_agreement(agreement_of(data))
    await play.settle(60 if found == "notice" else DAY)
    assert told(play, payment)[-1] == ("CANCEL_SUCCESS", 70)
    assert amounts(play, payment) == (0, 30, 0, 70)
    assert offered(play, payment) == ["REFUND"]
    assert await booked(play) == 3_000
    references = [event.psp_reference for event in events(play, payment)]
    assert references.count(references[-1]) == 1, "a psp reference of its own"
    await play.settle(DAY)
    assert len([kind for kind, _ in told(play, payment) if kind == "CANCEL_SUCCESS"]) == 1
    await play.books_agree()


async def test_a_refused_charge_finds_the_agreement_ended(play: Stage) -> None:
    payment, data = await reserved(play)
    await play.act(payment, "CHARGE", "30")
    play.amazon.merchant.ipn_url = ""
    play.amazon.close_agreement(agreement_of(data), by="amazon")
    assert await play.act(payment, "CHARGE", "70") == "CHARGE_FAILURE"
    assert "has ended" in events(play, payment)[-1].message
    await play.settle(10)
    assert amounts(play, payment) == (0, 30, 0, 70)
    await play.books_agree()


async def test_another_purchase_finds_the_agreement_ended(play: Stage) -> None:
    payment, data = await reserved(play)
    await play.act(payment, "CHARGE", "30")
    play.amazon.merchant.ipn_url = ""
    play.amazon.close_agreement(agreement_of(data))
    await play.pay(data=data)  # refused: what is charged is the agreement as Amazon has it
    await play.settle(10)
    assert amounts(play, payment) == (0, 30, 0, 70)
    await play.books_agree()


async def test_on_a_closed_agreement_open_authorizations_can_still_be_captured(play: Stage) -> None:
    payment, data = await reserved(play)
    play.amazon.close_agreement(agreement_of(data))
    await play.settle(60)
    assert amounts(play, payment) == (100, 0, 0, 0), "Amazon still reserves it"
    await play.books_agree()
    assert await play.act(payment, "CHARGE", "60") == "CHARGE_SUCCESS"
    await play.settle(60)
    assert amounts(play, payment) == (0, 60, 0, 40), "and what nobody reserves any more goes"
    await play.books_agree()


async def test_a_reservation_that_lapses_on_a_closed_agreement_goes(play: Stage) -> None:
    payment, data = await reserved(play)
    play.amazon.close_agreement(agreement_of(data))
    await play.settle(3 * DAY)
    assert told(play, payment)[-1] == ("CANCEL_SUCCESS", 100)
    assert "INFO" not in [event.type for event in events(play, payment)]
    assert await booked(play) == 0
    await play.books_agree()


@pytest.mark.parametrize("notices", [True, False])
async def test_a_canceled_agreement_takes_everything_open_along(play: Stage, notices: bool) -> None:
    whole, data = await reserved(play, "100")
    part = (await play.pay(total="50", action="AUTHORIZATION", data=data)).transaction.id
    await play.act(part, "CHARGE", "20")
    if not notices:
        play.amazon.merchant.ipn_url = ""
    play.amazon.cancel_agreement(agreement_of(data))
    await play.settle(DAY)
    assert amounts(play, whole) == (0, 0, 0, 100)
    assert amounts(play, part) == (0, 20, 0, 30)
    assert (offered(play, whole), offered(play, part)) == ([], ["REFUND"])
    assert await booked(play) == 2_000
    await play.books_agree()


async def test_a_suspended_agreement_keeps_the_rest_and_captures_and_refunds_go_on(play: Stage) -> None:
    whole, data = await reserved(play, "100")
    part = (await play.pay(total="50", action="AUTHORIZATION", data=data)).transaction.id
    await play.act(part, "CHARGE", "20")
    bad = play.amazon.add_card(play.amazon.buyer.buyer_id, Behaviour.DECLINE_HARD)
    play.amazon.change_payment_method(agreement_of(data), bad.card_id, on_amazon=True)
    for _ in range(2):  # the decline suspends it, and then it is suspended
        assert await play.act(part, "CHARGE", "30") == "CHARGE_FAILURE"
        message = events(play, part)[-1].message
        assert "payment method" in message
        assert f"https://payments.amazon.com/jr/your-account/ba/{agreement_of(data)}" in message
    await play.settle(60)
    assert amounts(play, part) == (30, 20, 0, 0)
    assert await play.act(whole, "CHARGE", "100") == "CHARGE_SUCCESS"
    await play.act(part, "REFUND", "5")
    await play.settle()
    assert amounts(play, part) == (30, 15, 5, 0)
    await play.books_agree()
    good = play.amazon.add_card(play.amazon.buyer.buyer_id)
    play.amazon.change_payment_method(agreement_of(data), good.card_id, on_amazon=True)
    await play.settle(60)
    assert await play.act(part, "CHARGE", "30") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


# --- refunds


async def test_a_refund_goes_to_the_newest_capture_that_can_carry_all_of_it(play: Stage) -> None:
    payment, _ = await reserved(play)
    for amount in ("50", "30", "20"):
        play.amazon.advance(1)
        await play.act(payment, "CHARGE", amount)
    await play.act(payment, "REFUND", "25")
    await play.settle()
    by_amount = {capture.amount.text: len(capture.refunds) for capture in play.amazon.books.captures.values()}
    assert by_amount == {"50.00": 0, "30.00": 1, "20.00": 0}
    await play.books_agree()


async def test_a_refund_no_capture_can_carry_is_split_newest_first_and_reported_once(play_on_both: Stage) -> None:
    play = play_on_both
    payment, _ = await reserved(play)
    for amount in ("50", "30", "20"):
        play.amazon.advance(1)
        await play.act(payment, "CHARGE", amount)
    since = len(events(play, payment))
    await play.act(payment, "REFUND", "60")
    await play.settle()
    given = {capture.amount.text: capture.refunded.text for capture in play.amazon.books.captures.values()}
    assert given == {"20.00": "20.00", "30.00": "30.00", "50.00": "10.00"}
    assert told(play, payment, since=since) == [("REFUND_REQUEST", 60), ("REFUND_SUCCESS", 60)]
    await play.books_agree()


async def test_the_sum_that_succeeded_closes_the_request_of_a_split_refund(play: Stage) -> None:
    payment, _ = await reserved(play)
    for amount in ("50", "30"):
        play.amazon.advance(1)
        await play.act(payment, "CHARGE", amount)
    play.amazon.refund_delay = 10**9
    await play.act(payment, "REFUND", "70")
    await play.deps.running.drain()
    first, second = play.amazon.books.refunds.values()
    play.amazon.settle_refund(first.refund_id)
    play.amazon.settle_refund(second.refund_id, "Declined", "AmazonRejected")
    await play.settle()
    assert told(play, payment)[-1] == ("REFUND_SUCCESS", first.amount.amount)
    assert play.saleor.books()[payment].amounts.refund_pending == 0
    await play.books_agree()


async def test_a_refund_is_never_more_than_what_is_left_although_amazon_allows_more(play: Stage) -> None:
    paid = await play.pay(total="40")
    payment = paid.transaction.id
    await play.act(payment, "REFUND", "30")
    await play.act(payment, "REFUND", "30")  # Saleor itself asks for the 10.00 that are left
    await play.settle()
    assert amounts(play, payment) == (0, 0, 40, 0)
    assert await play.act(payment, "REFUND", "5") == "REFUND_FAILURE"
    assert sum(refund.amount.amount for refund in play.amazon.books.refunds.values()) == 40
    await play.books_agree()


async def test_the_eleventh_refund_of_a_capture_fails_with_that_reason(play: Stage) -> None:
    payment = (await play.pay(total="40")).transaction.id
    for number in range(10):
        await play.act(payment, "REFUND", f"1.{number:02d}")
    await play.settle()
    assert await play.act(payment, "REFUND", "2") == "REFUND_FAILURE"
    assert "10 refunds" in events(play, payment)[-1].message
    await play.books_agree()


async def test_a_refund_amazon_rejects_is_reported_with_its_reason_and_the_amount_is_free_again(play: Stage) -> None:
    payment = (await play.pay(total="40")).transaction.id
    play.amazon.refund_delay = 10**9
    await play.act(payment, "REFUND", "15")
    (refund,) = play.amazon.books.refunds.values()
    play.amazon.settle_refund(refund.refund_id, "Declined", "AmazonRejected")
    await play.settle()
    assert told(play, payment)[-1][0] == "REFUND_FAILURE"
    assert "Seller Central" in events(play, payment)[-1].message
    assert amounts(play, payment) == (0, 40, 0, 0)
    assert offered(play, payment) == ["REFUND"]
    await play.books_agree()


async def test_the_reason_given_in_saleor_goes_to_the_buyer(play: Stage) -> None:
    payment = (await play.pay(total="40")).transaction.id
    await play.act(payment, "REFUND", "15")
    (refund,) = play.amazon.books.refunds.values()
    assert refund.note == "because"
    await play.settle()
    await play.books_agree()


# --- cancels


async def test_a_cancel_releases_the_rest_and_never_closes_the_agreement(play: Stage) -> None:
    payment, data = await reserved(play)
    assert await play.act(payment, "CANCEL", "100") == "CANCEL_SUCCESS"
    (authorization,) = play.amazon.books.authorizations.values()
    assert (authorization.status.state, authorization.status.reason) == ("Closed", "SellerClosed")
    assert play.amazon.books.agreements[agreement_of(data)].status.state == "Open"
    assert await booked(play) == 0
    await play.settle(DAY)
    await play.books_agree()


async def test_an_unreserved_rest_is_released_in_our_books_also_in_parts(play: Stage) -> None:
    payment, _ = await reserved(play)
    await play.act(payment, "CHARGE", "30")
    play.http.actions.clear()
    assert await play.act(payment, "CANCEL", "25") == "CANCEL_SUCCESS"
    assert amounts(play, payment) == (45, 30, 0, 25)
    await play.books_agree()
    assert await play.act(payment, "CANCEL", "45") == "CANCEL_SUCCESS"
    assert play.http.actions == {}
    assert await booked(play) == 3_000
    await play.settle()
    await play.books_agree()


async def test_a_lapsed_rest_can_be_cancelled(play: Stage) -> None:
    payment, _ = await reserved(play)
    await play.settle(3 * DAY)
    assert await play.act(payment, "CANCEL", "100") == "CANCEL_SUCCESS"
    assert amounts(play, payment) == (0, 0, 0, 100)
    await play.settle()
    await play.books_agree()


async def test_less_than_the_rest_is_not_released_while_amazon_holds_an_authorization(play: Stage) -> None:
    payment, _ = await reserved(play)
    play.http.actions.clear()
    assert await play.act(payment, "CANCEL", "40") == "CANCEL_FAILURE"
    assert "as a whole" in events(play, payment)[-1].message
    assert play.http.actions == {}
    assert amounts(play, payment) == (100, 0, 0, 0)
    await play.books_agree()


@pytest.mark.parametrize("action", ["CHARGE", "CANCEL", "REFUND"])
async def test_an_action_over_nothing_fails_and_amazon_is_never_called_with_0(play: Stage, action: str) -> None:
    payment, _ = await reserved(play)
    await play.act(payment, "CANCEL", "100")
    play.http.actions.clear()
    assert await play.act(payment, action, "0") == f"{action}_FAILURE"
    assert "nothing left" in events(play, payment)[-1].message
    assert play.http.actions == {}
    await play.settle()
    await play.books_agree()


async def pending_capture(play: Stage) -> str:
    card = play.amazon.add_card(play.amazon.buyer.buyer_id, Behaviour.ATYPICAL)
    play.amazon.capture_delay = 10 * DAY
    payment, _ = await reserved(play, card_id=card.card_id)
    assert await play.act(payment, "CHARGE", "40") == "CHARGE_REQUEST"
    return payment


async def test_a_capture_that_amazon_decides_later_is_pending_and_then_reported_under_the_same_reference(
    play: Stage,
) -> None:
    payment = await pending_capture(play)
    pending = events(play, payment)[-1]
    await play.books_agree()
    await play.settle(4 * DAY)
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", 40)
    assert events(play, payment)[-1].psp_reference == pending.psp_reference
    assert amounts(play, payment) == (60, 40, 0, 0)
    await play.books_agree()


async def test_nothing_is_released_while_a_capture_is_pending(play: Stage) -> None:
    payment = await pending_capture(play)
    play.http.actions.clear()
    assert await play.act(payment, "CANCEL", "60") == "CANCEL_FAILURE"
    assert play.http.actions == {}
    await play.settle(4 * DAY)
    assert await play.act(payment, "CANCEL", "60") == "CANCEL_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_a_capture_that_is_still_pending_cannot_be_refunded(play: Stage) -> None:
    payment = await pending_capture(play)
    assert await play.act(payment, "REFUND", "40") == "REFUND_FAILURE"
    assert play.amazon.books.refunds == {}
    await play.settle(4 * DAY)
    await play.act(payment, "REFUND", "40")
    await play.settle()
    assert amounts(play, payment) == (60, 0, 40, 0)
    await play.books_agree()


async def test_a_release_that_finds_the_money_taken_fails_and_the_capture_is_reported(play: Stage) -> None:
    payment, _ = await reserved(play)
    play.amazon.merchant.ipn_url = ""
    (authorization,) = play.amazon.books.authorizations.values()
    play.amazon.captures.capture(authorization, "in-seller-central", AmazonMoney(D(100), "USD"), "", "")
    assert await play.act(payment, "CANCEL", "100") == "CANCEL_FAILURE"
    assert "already taken" in events(play, payment)[-1].message
    await play.settle(10)
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", 100)
    assert offered(play, payment) == ["REFUND"]
    await play.books_agree()


# --- orders


async def ordered(play: Stage, total: str, lines: Iterable[tuple[int, str]], **choice: Any) -> tuple[Order, str]:
    """An order that is authorized in full."""
    checkout = play.saleor.checkout_create(total=total, user=play.customer, lines=list(lines))
    data = play.buyer_data(**choice)
    begun = await play.saleor.transaction_initialize(
        checkout.id, play.gateway, data, action="AUTHORIZATION", requestor=play.customer
    )
    assert begun.event is not None
    assert begun.event.type == "AUTHORIZATION_SUCCESS"
    order = play.saleor.checkout_complete(checkout.id, play.customer).order
    assert order is not None
    assert begun.transaction is not None
    return order, begun.transaction.id


async def test_a_cancelled_order_releases_the_open_rest(play_on_both: Stage) -> None:
    play = play_on_both
    order, payment = await ordered(play, "100", [(1, "100")])
    play.saleor.order_cancel(order)
    await play.settle(30)
    assert told(play, payment)[-1] == ("CANCEL_SUCCESS", 100)
    assert offered(play, payment) == []
    assert await booked(play) == 0
    await play.books_agree()


async def test_a_cancelled_order_never_gives_captured_money_back_by_itself(play: Stage) -> None:
    order, payment = await ordered(play, "100", [(1, "100")])
    await play.act(payment, "CHARGE", "40")
    play.saleor.order_cancel(order)
    await play.settle(DAY)
    assert amounts(play, payment) == (0, 40, 0, 60)
    assert play.amazon.books.refunds == {}
    await play.books_agree()


async def test_a_profile_may_keep_the_rest_of_cancelled_orders(play: Stage) -> None:
    await change_profile(play, release_when_cancelled=0)
    order, payment = await ordered(play, "100", [(1, "100")])
    play.saleor.order_cancel(order)
    await play.settle(30)
    assert amounts(play, payment) == (100, 0, 0, 0)
    await play.books_agree()


async def test_an_order_cancelled_twice_is_released_once(play_on_both: Stage) -> None:
    play = play_on_both
    order, payment = await ordered(play, "100", [(1, "100")])
    for _ in range(3):
        play.saleor.order_cancel(order)
    await play.settle(30)
    play.saleor.order_cancel(order)
    await play.settle(30)
    assert [kind for kind, _ in told(play, payment)].count("CANCEL_SUCCESS") == 1
    assert play.http.actions["CloseAuthorization"] == 1
    await play.books_agree()


async def test_the_release_of_a_cancelled_order_waits_for_a_pending_capture(play: Stage) -> None:
    play.amazon.capture_delay = 2 * DAY
    card = play.amazon.add_card(play.amazon.buyer.buyer_id, Behaviour.ATYPICAL)
    order, payment = await ordered(play, "100", [(1, "100")], card_id=card.card_id)
    assert await play.act(payment, "CHARGE", "40") == "CHARGE_REQUEST"
    play.saleor.order_cancel(order)
    await play.settle(30)
    assert "CloseAuthorization" not in play.http.actions
    await play.settle(DAY)
    await play.settle(600)
    assert amounts(play, payment) == (0, 40, 0, 60)
    await play.books_agree()


async def test_a_release_nobody_asked_for_is_finished_although_amazons_answers_are_lost(play: Stage) -> None:
    order, payment = await ordered(play, "100", [(1, "100")])
    play.amazon.faults.add(Fault("drop", action="CloseAuthorization", times=9))
    play.amazon.faults.add(Fault("error", action="GetAuthorizationDetails", times=9))
    play.saleor.order_cancel(order)
    await play.settle(1, rounds=1)
    play.amazon.faults.clear()
    await play.settle(300)
    heard = [event for event in events(play, payment) if event.type.startswith("CANCEL")]
    assert [event.type for event in heard] == ["CANCEL_REQUEST", "CANCEL_SUCCESS"]
    assert len({event.psp_reference for event in heard}) == 1, "request and success are of one operation"
    await play.books_agree()


async def test_capture_when_fulfilled_takes_each_parcel_and_the_last_takes_the_remainder(play_on_both: Stage) -> None:
    play = play_on_both
    await change_profile(play, capture_when_fulfilled=1)
    order, payment = await ordered(play, "59.99", [(3, "10.00"), (1, "25.00")])  # 24.99 for sending
    first, second = order.lines
    play.saleor.warehouse.send(order, {first.id: 1})
    await play.settle(30)
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", D("3.33"))
    play.saleor.warehouse.send(order, {first.id: 2})
    await play.settle(30)
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", D("6.67"))
    await play.books_agree()
    play.saleor.warehouse.send(order, {second.id: 1})
    await play.settle(30)
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", D("49.99"))
    assert amounts(play, payment) == (0, D("59.99"), 0, 0)
    await play.settle()
    await play.books_agree()


async def test_nothing_is_captured_when_fulfilled_unless_the_profile_says_so(play: Stage) -> None:
    order, payment = await ordered(play, "40", [(1, "40")])
    play.saleor.warehouse.send(order)
    await play.settle(30)
    assert amounts(play, payment) == (40, 0, 0, 0)
    await play.books_agree()


async def test_the_same_fulfillment_is_one_charge_however_often_saleor_tells_of_it(play_on_both: Stage) -> None:
    play = play_on_both
    await change_profile(play, capture_when_fulfilled=1)
    order, payment = await ordered(play, "40", [(1, "40")])
    play.saleor.faults.drop_answer("FULFILLMENT_CREATED")
    play.saleor.post.retry_delays = (0.0, 0.0)
    play.saleor.warehouse.send(order)  # and as approved, since it is the last
    await play.settle(30)
    assert [kind for kind, _ in told(play, payment)].count("CHARGE_SUCCESS") == 1
    assert play.http.actions["Capture"] == 1
    await play.books_agree()


async def test_a_fulfillment_that_waits_for_approval_is_charged_when_it_is_approved(play: Stage) -> None:
    await change_profile(play, capture_when_fulfilled=1)
    order, payment = await ordered(play, "40", [(2, "40")])
    waiting = play.saleor.warehouse.send(order, {order.lines[0].id: 1}, approved=False)
    await play.settle(30)
    assert amounts(play, payment) == (40, 0, 0, 0)
    play.saleor.warehouse.approve(order, waiting)
    await play.settle(30)
    assert amounts(play, payment) == (20, 20, 0, 0)
    await play.books_agree()


async def test_a_fulfillment_taken_back_refunds_nothing_and_sending_it_again_is_not_charged_twice(play: Stage) -> None:
    await change_profile(play, capture_when_fulfilled=1)
    order, payment = await ordered(play, "50", [(1, "20"), (1, "30")])
    first, second = order.lines
    sent = play.saleor.warehouse.send(order, {first.id: 1})
    await play.settle(30)
    play.saleor.warehouse.cancel(order, sent)
    await play.settle(30)
    assert amounts(play, payment) == (30, 20, 0, 0)
    play.saleor.warehouse.send(order, {first.id: 1})
    await play.settle(30)
    assert amounts(play, payment) == (30, 20, 0, 0), "paid with the first parcel"
    play.saleor.warehouse.send(order, {second.id: 1})
    await play.settle(30)
    assert amounts(play, payment) == (0, 50, 0, 0)
    await play.books_agree()


async def test_what_staff_captured_before_counts(play: Stage) -> None:
    await change_profile(play, capture_when_fulfilled=1)
    order, payment = await ordered(play, "50", [(1, "20"), (1, "30")])
    await play.act(payment, "CHARGE", "15")
    play.saleor.warehouse.send(order, {order.lines[0].id: 1})
    await play.settle(30)
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", 5)
    await play.books_agree()


async def test_several_payments_of_an_order_are_charged_newest_first_and_never_above_their_rest(play: Stage) -> None:
    await change_profile(play, capture_when_fulfilled=1)
    checkout = play.saleor.checkout_create(total="100", user=play.customer, lines=[(4, "100")])
    payments = []
    for amount in ("70", "30"):
        begun = await play.saleor.transaction_initialize(
            checkout.id, play.gateway, play.buyer_data(), D(amount), action="AUTHORIZATION", requestor=play.customer
        )
        assert begun.transaction is not None
        payments.append(begun.transaction.id)
        play.amazon.advance(1)
    order = play.saleor.checkout_complete(checkout.id, play.customer).order
    assert order is not None
    older, newer = payments
    play.saleor.warehouse.send(order, {order.lines[0].id: 2})
    await play.settle(30)
    assert (amounts(play, newer)[:2], amounts(play, older)[:2]) == ((0, 30), (50, 20))
    play.saleor.warehouse.send(order)
    await play.settle(30)
    assert (amounts(play, newer)[:2], amounts(play, older)[:2]) == ((0, 30), (0, 70))
    await play.books_agree()


async def test_a_charge_for_a_parcel_that_is_declined_is_reported_and_paid_with_the_next(play: Stage) -> None:
    await change_profile(play, capture_when_fulfilled=1)
    buyer = play.amazon.buyer.buyer_id
    order, payment = await ordered(play, "60", [(3, "60")])
    (agreement,) = (one for one in play.amazon.books.agreements.values())
    line = order.lines[0].id
    play.saleor.warehouse.send(order, {line: 1})
    await play.settle(30)
    failing, good = play.amazon.add_card(buyer, Behaviour.PROCESSING_FAILURE), play.amazon.add_card(buyer)
    play.amazon.change_payment_method(agreement.agreement_id, failing.card_id, on_amazon=True)
    play.saleor.warehouse.send(order, {line: 1})
    await play.settle(30)
    assert told(play, payment)[-1] == ("CHARGE_FAILURE", 20)
    assert amounts(play, payment) == (40, 20, 0, 0)
    play.amazon.change_payment_method(agreement.agreement_id, good.card_id, on_amazon=True)
    play.saleor.warehouse.send(order, {line: 1})
    await play.settle(30)
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", 40)
    await play.books_agree()


async def test_a_parcel_that_leaves_after_the_reservation_has_lapsed_is_charged_on_the_agreement(play: Stage) -> None:
    await change_profile(play, capture_when_fulfilled=1)
    order, payment = await ordered(play, "60", [(1, "60")])
    await play.settle(3 * DAY)
    play.saleor.warehouse.send(order)
    await play.settle(30)
    assert amounts(play, payment) == (0, 60, 0, 0)
    await play.books_agree()


async def test_without_room_under_the_cap_a_parcel_of_a_later_month_is_not_charged_and_saleor_is_told(
    play: Stage,
) -> None:
    await change_profile(play, capture_when_fulfilled=1)
    order, payment = await ordered(play, "60", [(1, "60")])
    await play.settle(11 * DAY)  # 33 days: into another month, and past the reservation
    await change_profile(play, monthly_cap=5_999)
    play.saleor.warehouse.send(order)
    await play.settle(30)
    last = events(play, payment)[-1]
    assert last.type == "CHARGE_FAILURE"
    assert amounts(play, payment) == (60, 0, 0, 0)
    await play.books_agree()


# --- Saleor's release-funds job


@pytest.mark.parametrize("order", [("CANCEL", "REFUND"), ("REFUND", "CANCEL")])
@pytest.mark.parametrize("fault", ["", "throttle", "drop"])
async def test_the_release_of_funds_asks_for_both_at_once_in_either_order(
    play: Stage, order: tuple[str, str], fault: str
) -> None:
    data = play.buyer_data()
    payment = (await play.pay(total="100", action="AUTHORIZATION", data=data)).transaction.id
    await play.act(payment, "CHARGE", "40")
    if fault:
        play.amazon.faults.add(Fault(fault, action="Refund", times=9))  # type: ignore[arg-type]
    for action in order:
        play.saleor.transaction_request_action(payment, action)
    await play.saleor.settled()
    play.amazon.faults.clear()
    kinds = [event.type for event in events(play, payment)]
    assert "REFUND_FAILURE" not in kinds, "a failure stops the job for good"
    assert "CANCEL_FAILURE" not in kinds
    await play.settle(300)
    assert amounts(play, payment) == (0, 0, 40, 60)
    await play.books_agree()


@pytest.mark.parametrize("fault", ["throttle", "error", "drop"])
async def test_a_release_amazon_cannot_make_now_is_answered_pending_and_finished(play: Stage, fault: str) -> None:
    payment, _ = await reserved(play)
    play.amazon.faults.add(Fault(fault, action="CloseAuthorization", times=9))  # type: ignore[arg-type]
    play.amazon.faults.add(Fault("error", action="GetAuthorizationDetails", times=9))
    assert await play.act(payment, "CANCEL", "100") == "CANCEL_REQUEST"
    play.amazon.faults.clear()
    await play.settle(300)
    assert told(play, payment)[-1] == ("CANCEL_SUCCESS", 100)
    await play.books_agree()


# --- profiles


async def test_a_paused_profile_takes_no_new_checkouts_and_everything_else_goes_on(play: Stage) -> None:
    payment, _ = await reserved(play)
    other, _ = await reserved(play, "20")
    await change_profile(play, state="paused")
    refused = await play.pay()
    assert refused.data["code"] == "profile_paused"
    assert await play.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS"
    assert await play.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS", "on the agreement, too"
    assert await play.act(other, "CANCEL", "20") == "CANCEL_SUCCESS"
    await play.act(payment, "REFUND", "10")
    await play.settle()
    assert amounts(play, payment) == (40, 50, 10, 0)
    await play.books_agree()


async def test_a_closed_profile_captures_what_is_open_refunds_and_cancels(play: Stage) -> None:
    payment, _ = await reserved(play)
    other, _ = await reserved(play, "20")
    await change_profile(play, state="closed")
    assert (await play.pay()).data["code"] == "profile_paused"
    assert await play.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS"
    play.http.actions.clear()
    assert await play.act(payment, "CHARGE", "30") == "CHARGE_FAILURE", "that would be a new authorization"
    assert "is closed" in events(play, payment)[-1].message
    assert play.http.actions == {}
    assert await play.act(other, "CANCEL", "20") == "CANCEL_SUCCESS"
    assert await play.act(payment, "CANCEL", "70") == "CANCEL_SUCCESS"
    await play.act(payment, "REFUND", "10")
    await play.settle()
    assert amounts(play, payment) == (0, 20, 10, 70)
    await play.books_agree()


async def test_rejected_keys_decline_nothing_and_the_capture_goes_on_when_they_are_right_again(play: Stage) -> None:
    payment, _ = await reserved(play)
    right, play.amazon.merchant.secret_key = play.amazon.merchant.secret_key, "another"
    assert await play.act(payment, "CHARGE", "100") == "CHARGE_REQUEST"
    await play.settle(3600)
    assert told(play, payment)[-1][0] == "CHARGE_REQUEST"
    play.amazon.merchant.secret_key = right
    await play.settle(12 * 3600)
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", 100)
    await play.books_agree()


async def test_what_amazon_cannot_be_asked_about_any_more_needs_attention_and_is_never_failed_by_itself(
    play: Stage,
) -> None:
    payment, _ = await reserved(play)
    play.amazon.faults.add(Fault("drop", action="Capture", times=9))
    play.amazon.faults.add(Fault("drop", action="GetAuthorizationDetails", times=9))
    assert await play.act(payment, "CHARGE", "100") == "CHARGE_REQUEST"
    play.amazon.faults.clear()
    play.amazon.merchant.ipn_url = ""
    for action in ("Capture", "GetAuthorizationDetails", "GetCaptureDetails"):
        play.amazon.faults.add(Fault("error", action=action, status=410, times=99))
    await play.settle(DAY)
    assert await attention(play) == ["wire_gone"]
    assert told(play, payment)[-1][0] == "CHARGE_REQUEST"
    play.amazon.faults.clear()
    await play.settle(30 * DAY)
    assert await attention(play) == []
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", 100)
    await play.books_agree()


async def attention(play: Stage) -> list[str]:
    """Why operations wait for staff."""
    noted = sa.select(tables.operations.c.attention).where(tables.operations.c.attention != "")
    return list(await play.deps.store.read(lambda tx: tx.connection.execute(noted).scalars().all()))


async def test_other_channels_and_a_new_installation_change_nothing_for_old_payments(play: Stage) -> None:
    payment, _ = await reserved(play)
    delete = sa.delete(tables.channel_profiles)
    await play.deps.store.write(lambda tx: tx.connection.execute(delete))
    play.deps.directory.forget()
    app = play.saleor.world.app(play.gateway)
    assert app is not None
    await play.saleor.reinstall(app)
    await play.saleor.settled()
    assert (await play.pay()).data["code"] == "no_profile"
    assert await play.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS"
    await play.act(payment, "REFUND", "10")
    await play.settle()
    assert amounts(play, payment) == (70, 20, 10, 0)
    await play.books_agree()
