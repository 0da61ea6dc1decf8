"""Whole sales on Checkout v2 between the small Saleor and Amazon's simulator; each ends with three equal books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.store import agreements
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


def permission_of(play: Stage) -> str:
    return next(iter(play.amazon.pay.books.permissions))


def one_time(play: Stage, **choice: Any) -> dict[str, Any]:
    return {name: value for name, value in play.buyer_data(**choice).items() if name != "recurring"}


async def test_a_recurring_first_payment_and_three_later_charges(play_v2_on_both: Stage) -> None:
    play = play_v2_on_both
    first = await play.pay()
    assert first.event.type == "CHARGE_SUCCESS"
    charge = next(iter(play.amazon.pay.books.charges.values()))
    assert first.event.psp_reference == charge.charge_id
    permission = permission_of(play)
    for total in ("15.50", "15.50", "9.99"):
        order = play.saleor.order_create(total=total)
        later = await play.saleor.transaction_initialize(
            order.id, play.gateway, {"chargePermissionId": permission}, action="CHARGE", requestor=play.subscriptions
        )
        assert later.event.type == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()
    assert len(play.amazon.pay.books.charges) == 4


async def test_the_buyer_pays_again_without_another_checkout(play_v2: Stage) -> None:
    await play_v2.pay()
    again = await play_v2.pay(total="12.00", data={"chargePermissionId": permission_of(play_v2)})
    assert again.event.type == "CHARGE_SUCCESS"
    await play_v2.books_agree()


async def test_somebody_elses_permission_is_an_unknown_id(play_v2: Stage) -> None:
    await play_v2.pay()
    stranger = play_v2.saleor.customer_create("eve@example.com")
    for by in (stranger, None):
        checkout = play_v2.saleor.checkout_create(total="12.00")
        data = {"chargePermissionId": permission_of(play_v2)}
        tried = await play_v2.saleor.transaction_initialize(
            checkout.id, play_v2.gateway, data, action="CHARGE", requestor=by
        )
        assert tried.data["code"] == "agreement_unknown"
    assert len(play_v2.amazon.pay.books.charges) == 1


async def test_a_one_time_sale_is_no_agreement_for_later(play_v2: Stage) -> None:
    paid = await play_v2.pay(data=one_time(play_v2))
    assert paid.event.type == "CHARGE_SUCCESS"
    assert play_v2.amazon.pay.books.permissions[permission_of(play_v2)].kind == "OneTime"
    again = await play_v2.pay(total="1.00", data={"chargePermissionId": permission_of(play_v2)})
    assert again.data["code"] == "agreement_unknown"
    await play_v2.books_agree()


async def test_nothing_to_pay_today_makes_the_agreement_alone(play_v2_on_both: Stage) -> None:
    play = play_v2_on_both
    data = play.buyer_data()
    data["recurring"] = {**data["recurring"], "amount": "9.99"}
    trial = await play.pay(total="0", data=data)
    permission = permission_of(play)
    assert (trial.event.type, trial.event.psp_reference) == ("AUTHORIZATION_SUCCESS", permission)
    assert (trial.data["code"], trial.transaction.available_actions) == ("agreed", [])
    assert play.amazon.pay.books.charges == {}
    order = play.saleor.order_create(total="9.99")
    later = await play.saleor.transaction_initialize(
        order.id, play.gateway, {"chargePermissionId": permission}, action="CHARGE", requestor=play.subscriptions
    )
    assert later.event.type == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()
    assert play.amazon.pay.books.permissions[permission].state.name == "Chargeable", "it is kept for later charges"


async def test_a_one_time_permission_is_closed_with_its_last_operation(play_v2: Stage) -> None:
    play = play_v2
    held = await play.pay(action="AUTHORIZATION", data=one_time(play))
    await play.settle()
    permission = play.amazon.pay.books.permissions[permission_of(play)]
    assert permission.state.name == "Chargeable", "what is reserved may still be taken"
    await play.act(held.transaction.id, "CANCEL", "40")
    await play.settle()
    assert permission.state.name == "Closed"
    await play.books_agree()


async def test_an_agreement_for_later_charges_is_never_closed_with_its_first_purchase(play_v2_on_both: Stage) -> None:
    play = play_v2_on_both
    held = await play.pay(action="AUTHORIZATION")
    await play.act(held.transaction.id, "CHARGE", "25")
    await play.act(held.transaction.id, "CANCEL", "15")
    await play.settle(40 * DAY)
    permission = play.amazon.pay.books.permissions[permission_of(play)]
    assert (permission.kind, permission.state.name) == ("Recurring", "Chargeable")
    again = await play.pay(total="12.00", data={"chargePermissionId": permission.permission_id})
    assert again.event.type == "CHARGE_SUCCESS"
    await play.books_agree()


async def later_charge(play: Stage, total: str = "15.50") -> Any:
    order = play.saleor.order_create(total=total)
    return await play.saleor.transaction_initialize(
        order.id,
        play.gateway,
        {"chargePermissionId": permission_of(play)},
        action="CHARGE",
        requestor=play.subscriptions,
    )


async def test_a_soft_decline_of_a_later_charge_then_success(play_v2: Stage) -> None:
    await play_v2.pay()
    soft = play_v2.amazon.add_card(play_v2.amazon.buyer.buyer_id, Behaviour.DECLINE_SOFT)
    play_v2.amazon.pay.change_method(permission_of(play_v2), soft.card_id)
    declined = await later_charge(play_v2)
    assert (declined.event.type, declined.data["code"]) == ("CHARGE_ACTION_REQUIRED", "soft_decline")
    good = play_v2.amazon.add_card(play_v2.amazon.buyer.buyer_id)
    play_v2.amazon.pay.change_method(permission_of(play_v2), good.card_id)
    data = {"chargePermissionId": permission_of(play_v2)}
    paid = await play_v2.saleor.transaction_process(declined.transaction.id, data, requestor=play_v2.subscriptions)
    assert paid.event.type == "CHARGE_SUCCESS"
    await play_v2.settle()
    await play_v2.books_agree()


async def test_a_hard_decline_names_the_page_where_the_buyer_mends_it(play_v2: Stage) -> None:
    await play_v2.pay()
    permission = permission_of(play_v2)
    bad = play_v2.amazon.add_card(play_v2.amazon.buyer.buyer_id, Behaviour.DECLINE_HARD)
    play_v2.amazon.pay.change_method(permission, bad.card_id)
    declined = await later_charge(play_v2)
    assert declined.data["code"] == "payment_method"
    data = {"chargePermissionId": permission}
    stubborn = await play_v2.saleor.transaction_process(declined.transaction.id, data, requestor=play_v2.subscriptions)
    assert stubborn.data["code"] == "payment_method"
    assert stubborn.data["amazonPayWalletUrl"] == f"https://payments.amazon.com/jr/your-account/ba/{permission}"
    good = play_v2.amazon.add_card(play_v2.amazon.buyer.buyer_id)
    play_v2.amazon.pay.change_method(permission, good.card_id)
    await play_v2.settle(1)
    paid = await play_v2.saleor.transaction_process(declined.transaction.id, data, requestor=play_v2.subscriptions)
    assert paid.event.type == "CHARGE_SUCCESS"
    await play_v2.books_agree()


async def test_a_permission_the_buyer_closed_at_amazon_is_charged_no_more(play_v2: Stage) -> None:
    await play_v2.pay()
    play_v2.amazon.pay.end(permission_of(play_v2), "buyer")
    await play_v2.settle()
    tried = await later_charge(play_v2)
    assert tried.data["code"] == "agreement_ended"
    await play_v2.books_agree()


LOST = {
    "the answer of a completion": ("CompleteCheckoutSession", "drop"),
    "a completion before it was made": ("CompleteCheckoutSession", "error"),
    "a garbled answer": ("CompleteCheckoutSession", "garbage"),
    "a throttled completion": ("CompleteCheckoutSession", "throttle"),
    "the charge that is read after it": ("GetCharge", "error"),
}


@pytest.mark.parametrize("name", LOST)
async def test_a_first_payment_survives_the_loss_of(play_v2_on_both: Stage, name: str) -> None:
    play = play_v2_on_both
    action, kind = LOST[name]
    play.amazon.faults.add(Fault(kind, action=action, times=9))  # type: ignore[arg-type]
    data = play.buyer_data()
    result = await play.pay(data=data)
    assert result.event.type in {"CHARGE_REQUEST", "CHARGE_ACTION_REQUIRED"}
    play.amazon.faults.clear()
    if result.event.type == "CHARGE_ACTION_REQUIRED":
        again = await play.saleor.transaction_process(result.transaction.id, data, requestor=play.customer)
        result = await play.confirmed(again, data)
    await play.settle()
    await play.books_agree()
    assert play.saleor.books()[result.transaction.id].amounts.charged == Decimal(40)
    assert len(play.amazon.pay.books.charges) == 1


@pytest.mark.parametrize("kind", ["drop", "error", "garbage"])
async def test_a_later_charge_survives_a_lost_answer(play_v2: Stage, kind: str) -> None:
    await play_v2.pay()
    play_v2.amazon.faults.add(Fault(kind, action="CreateCharge", times=9))  # type: ignore[arg-type]
    later = await later_charge(play_v2)
    assert later.event.type == "CHARGE_REQUEST"
    play_v2.amazon.faults.clear()
    await play_v2.settle()
    await play_v2.books_agree()
    assert len(play_v2.amazon.pay.books.charges) == 2


async def test_a_one_time_permission_captured_in_three_parts_is_closed(play_v2_on_both: Stage) -> None:
    play = play_v2_on_both
    reserved = await play.pay(total="100", action="AUTHORIZATION", data=one_time(play))
    transaction = reserved.transaction.id
    for amount in ("30", "50", "20"):
        assert await play.act(transaction, "CHARGE", amount) == "CHARGE_SUCCESS"
    amounts = play.saleor.books()[transaction].amounts
    assert (amounts.authorized, amounts.charged) == (Decimal(0), Decimal(100))
    await play.settle()
    await play.books_agree()
    assert len(play.amazon.pay.books.charges) == 3
    assert play.amazon.pay.books.permissions[permission_of(play)].state.name == "Closed"


async def test_a_capture_after_eight_days_is_pending_first(play_v2: Stage) -> None:
    reserved = await play_v2.pay(action="AUTHORIZATION")
    play_v2.amazon.advance(8 * DAY)
    assert await play_v2.act(reserved.transaction.id, "CHARGE", "40") == "CHARGE_REQUEST"
    await play_v2.settle()
    await play_v2.books_agree()
    assert play_v2.saleor.books()[reserved.transaction.id].amounts.charged == Decimal(40)


@pytest.mark.parametrize("action", ["CHARGE", "AUTHORIZATION"])
async def test_amazon_may_take_its_time_and_one_reference_is_kept(play_v2_on_both: Stage, action: str) -> None:
    play = play_v2_on_both
    slow = play.amazon.add_card(play.amazon.buyer.buyer_id, Behaviour.TIMED_OUT)
    data = {**play.buyer_data(card_id=slow.card_id), "mayPend": True}
    begun = await play.pay(data=data, action=action)
    assert begun.event.type == f"{action}_REQUEST"
    charge = next(iter(play.amazon.pay.books.charges.values()))
    assert begun.event.psp_reference == charge.charge_id
    await play.settle()
    await play.books_agree()
    books = play.saleor.books()[begun.transaction.id]
    assert (books.amounts.charged, books.amounts.authorized) == (
        (Decimal(40), Decimal(0)) if action == "CHARGE" else (Decimal(0), Decimal(40))
    )
    assert {event.psp_reference for event in books.events if event.psp_reference} == {charge.charge_id}


async def test_a_capture_of_ours_that_was_lost_is_made_again_and_once(play_v2: Stage) -> None:
    slow = play_v2.amazon.add_card(play_v2.amazon.buyer.buyer_id, Behaviour.TIMED_OUT)
    begun = await play_v2.pay(data={**play_v2.buyer_data(card_id=slow.card_id), "mayPend": True})
    play_v2.amazon.faults.add(Fault("drop", action="CaptureCharge", times=9))
    await play_v2.settle()
    play_v2.amazon.faults.clear()
    await play_v2.settle(300)
    await play_v2.books_agree()
    assert play_v2.saleor.books()[begun.transaction.id].amounts.charged == Decimal(40)
    assert len(play_v2.amazon.pay.books.charges) == 1


async def test_what_amazon_declines_after_taking_its_time_is_a_failure(play_v2: Stage) -> None:
    bad = play_v2.amazon.add_card(play_v2.amazon.buyer.buyer_id, Behaviour.DECLINE_HARD)
    begun = await play_v2.pay(data={**play_v2.buyer_data(card_id=bad.card_id), "mayPend": True})
    assert begun.event.type == "CHARGE_REQUEST"
    await play_v2.settle()
    await play_v2.books_agree()
    assert play_v2.saleor.books()[begun.transaction.id].events[-1].type == "CHARGE_FAILURE"


async def test_the_agreement_goes_on_under_the_permissions_id(play_v2: Stage) -> None:
    data = play_v2.buyer_data()
    await play_v2.pay(data=data)
    account = f"{play_v2.amazon.merchant.seller_id}:sandbox"
    session, permission = data["amazonCheckoutSessionId"], permission_of(play_v2)
    known = await play_v2.deps.store.read(lambda tx: agreements.on_account(tx, account, permission))
    assert known is not None
    assert (known.state, known.buyer_id) == ("open", play_v2.amazon.buyer.buyer_id)
    assert await play_v2.deps.store.read(lambda tx: agreements.on_account(tx, account, session)) is None


async def test_a_profile_with_a_key_of_the_other_environment_calls_nobody(play_v2: Stage) -> None:
    merchant = play_v2.amazon.merchant
    merchant.public_keys = {"LIVE-KEY": next(iter(merchant.public_keys.values()))}
    await play_v2.deps.store.write(lambda tx: tx._cursor.execute("UPDATE profiles SET public_key_id='LIVE-KEY'"))  # type: ignore[attr-defined]
    play_v2.deps.directory.forget()
    before = sum(play_v2.http.actions.values())
    result = await play_v2.pay()
    assert result.event.type == "CHARGE_ACTION_REQUIRED"
    assert sum(play_v2.http.actions.values()) == before


async def test_a_later_charge_nobody_may_repeat_is_found_by_its_notice(play_v2: Stage) -> None:
    """Its answer was lost, and the buyer has long gone: only the notice, and our reference on the charge, tell."""
    await play_v2.pay()
    play_v2.amazon.notifications.options.hold = True
    play_v2.amazon.faults.add(Fault("drop", action="CreateCharge", times=0))
    lost = await play_v2.pay(total="12.00", data={"chargePermissionId": permission_of(play_v2)})
    assert lost.event.type == "CHARGE_REQUEST"
    asked = play_v2.http.actions["POST /v2/charges"]
    play_v2.amazon.advance(1200)  # past the time in which it may be repeated
    await play_v2.settle(60)
    assert play_v2.saleor.books()[lost.transaction.id].amounts.charged == Decimal(0)
    play_v2.amazon.notifications.options.hold = False
    await play_v2.settle(60)
    await play_v2.books_agree()
    assert play_v2.saleor.books()[lost.transaction.id].amounts.charged == Decimal(12)
    assert play_v2.http.actions["POST /v2/charges"] == asked, "it was never asked for again"
    assert len(play_v2.amazon.pay.books.charges) == 2


async def test_amazons_count_of_charges_on_a_one_time_permission_is_a_failure_and_the_rest_stays(
    play_v2: Stage,
) -> None:
    """25 charges, and what is given back is not to be charged again."""
    held = await play_v2.pay(total="100", action="AUTHORIZATION", data=one_time(play_v2))
    payment = held.transaction.id
    for number in range(25):
        assert await play_v2.act(payment, "CHARGE", f"1.{number:02d}") == "CHARGE_SUCCESS"
    await play_v2.act(payment, "REFUND", "1.00")
    await play_v2.settle()
    assert await play_v2.act(payment, "CHARGE", "2") == "CHARGE_FAILURE"
    amounts = play_v2.saleor.books()[payment].amounts
    assert (amounts.authorized, amounts.charged, amounts.refunded) == (Decimal(72), Decimal(27), Decimal(1))
    assert len(play_v2.amazon.pay.books.charges) == 25
    assert await play_v2.act(payment, "CANCEL", "72") == "CANCEL_SUCCESS"
    await play_v2.settle()
    await play_v2.books_agree()
