"""Chargebacks, received and won, on both wires; and money that Amazon moved after the ledger had it as failed.

Every scenario ends with three equal books: the small Saleor's, the simulator's and the ledger's.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from saleor_amazonpay.domain.flaws import FlawedError
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows.chargebacks import chargeback_won, fee_of
from saleor_amazonpay.flows.fees import fee_months
from saleor_amazonpay.simulator.amazon import Fault
from saleor_amazonpay.simulator.amazon.entities import Status
from saleor_amazonpay.store import operations, tables
from saleor_amazonpay.store.tenants import Tenant
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
HOUR = 3600.0
DAY = 24 * HOUR


async def tenant_of(play: Stage) -> Tenant:
    found = await play.deps.directory.tenant(play.saleor.api_url)
    assert found is not None
    return found


async def rows(play: Stage, transaction: str, kind: Kind | None = None) -> list[Operation]:
    tenant = await tenant_of(play)
    found = await play.deps.store.read(lambda tx: operations.of_transaction(tx, tenant.id, transaction))
    return [row for row in found if kind in {None, row.kind}]


def told(play: Stage, transaction: str) -> list[tuple[str, str, Decimal]]:
    events = play.saleor.books()[transaction].events
    return [(event.type, event.psp_reference, event.value) for event in events if event.psp_reference]


def problems(play: Stage) -> list[str]:
    app = next(app for app in play.saleor.world.apps if app.identifier == play.gateway)
    return [problem.message for problem in app.problems if problem.dismissed is None]


def capture_id(play: Stage) -> str:
    return list(play.amazon.books.captures)[-1]


def charge_id(play: Stage) -> str:
    return list(play.amazon.pay.books.charges)[-1]


async def booked(play: Stage) -> int:
    total = sa.select(sa.func.sum(tables.cap_months.c.booked))
    return int(await play.deps.store.read(lambda tx: tx.connection.execute(total).scalar()) or 0)


async def won(play: Stage, transaction: str) -> Operation:
    (chargeback,) = await rows(play, transaction, Kind.CHARGEBACK)
    return await chargeback_won(play.deps, await tenant_of(play), chargeback.id)


async def test_a_chargeback_is_booked_under_amazons_id_with_the_amount_of_the_notice(play_on_both: Stage) -> None:
    play = play_on_both
    payment = (await play.pay()).transaction.id
    cap = await booked(play)
    made = play.amazon.charge_back(capture_id(play), Decimal("12.34"))
    await play.settle()
    assert told(play, payment)[-1] == ("CHARGE_BACK", made.chargeback_id, Decimal("12.34"))
    assert play.saleor.books()[payment].amounts.charged == Decimal("27.66")
    assert await booked(play) == cap, "a chargeback never gives cap back"
    assert problems(play) == [], "everything is known of it"
    await play.books_agree()


async def test_the_profiles_fee_is_booked_with_a_chargeback_as_it_was_then(play: Stage) -> None:
    payment = (await play.pay()).transaction.id
    play.amazon.charge_back(capture_id(play))
    await play.settle()
    (profile,) = (await play.deps.directory.current()).profiles.values()
    (before,) = await fee_months(play.deps, profile.tenant_id, [profile.id], 1)
    change = sa.update(tables.profiles).values(chargeback_fee=9_999)
    await play.deps.store.write(lambda tx: tx.connection.execute(change))
    (chargeback,) = await rows(play, payment, Kind.CHARGEBACK)
    assert fee_of(chargeback.parameters) == 2_000
    (after,) = await fee_months(play.deps, profile.tenant_id, [profile.id], 1)
    assert after == before, "what it cost does not change with the terms"
    percentage = (before.gross * profile.processing_bps + 5_000) // 10_000
    assert before.expected_fee == percentage + profile.transaction_fee + 2_000
    await play.books_agree()


async def test_a_chargeback_whose_notice_comes_three_times_is_one(play_on_both: Stage) -> None:
    play = play_on_both
    payment = (await play.pay()).transaction.id
    play.amazon.notifications.options.copies = 3
    made = play.amazon.charge_back(capture_id(play), Decimal(10))
    play.amazon.announce(made)
    await play.settle()
    assert [event for event, _, _ in told(play, payment)].count("CHARGE_BACK") == 1
    await play.books_agree()


async def test_what_was_charged_back_is_not_refunded_as_well(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    play.hands.charge_back("30")
    await play.settle()
    assert await play.act(payment, "REFUND", "10") == "REFUND_REQUEST"
    await play.settle()
    assert play.saleor.world.transaction(payment).actions == []
    await play.books_agree()


async def test_a_chargeback_of_one_of_several_captures_is_booked_to_that_one(either: Stage) -> None:
    play = either
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    for amount in ("60", "40"):
        play.amazon.advance(1)
        await play.act(payment, "CHARGE", amount)
    first = next(iter(play.amazon.pay.books.charges if play.hands.v2 else play.amazon.books.captures))
    play.hands.charge_back("50", first)
    await play.settle()
    (chargeback,) = await rows(play, payment, Kind.CHARGEBACK)
    captured = {row.id: row.amount for row in await rows(play, payment) if row.paid}
    assert captured[chargeback.parent_id] == 6_000
    assert await play.act(payment, "REFUND", "50") == "REFUND_REQUEST", "40 of the one, 10 of the other"
    await play.settle()
    await play.books_agree()


async def test_a_won_chargeback_gives_the_money_back_under_an_id_of_its_own(play_on_both: Stage) -> None:
    play = play_on_both
    payment = (await play.pay()).transaction.id
    made = play.amazon.charge_back(capture_id(play), Decimal(30))
    await play.settle()
    play.amazon.win_charge_back(made.chargeback_id)
    for _ in range(2):
        await won(play, payment)
    await play.settle()
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", f"{made.chargeback_id}-won", Decimal(30))
    assert play.saleor.books()[payment].amounts.charged == 40
    assert "AUTHORIZATION_ADJUSTMENT" not in [event for event, _, _ in told(play, payment)], "no rest to put right"
    await play.books_agree()
    assert await play.act(payment, "REFUND", "40") == "REFUND_REQUEST", "it is refunded like any other money"
    await play.settle()
    await play.books_agree()


async def test_a_won_chargeback_takes_nothing_of_the_rest(play: Stage) -> None:
    """In Saleor a CHARGE_SUCCESS eats what is authorized: the adjustment is the old total and the amount."""
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    await play.act(payment, "CHARGE", "60")
    made = play.amazon.charge_back(capture_id(play), Decimal(25))
    await play.settle()
    play.amazon.win_charge_back(made.chargeback_id)
    row = await won(play, payment)
    await play.settle()
    assert told(play, payment)[-2:] == [
        ("CHARGE_SUCCESS", f"{made.chargeback_id}-won", Decimal(25)),
        ("AUTHORIZATION_ADJUSTMENT", row.id, Decimal(125)),
    ]
    amounts = play.saleor.books()[payment].amounts
    assert (amounts.authorized, amounts.charged) == (40, 60)
    await play.books_agree()
    assert await play.act(payment, "CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_two_chargebacks_won_one_after_the_other_leave_the_rest_as_it_was(play: Stage) -> None:
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    await play.act(payment, "CHARGE", "60")
    for amount in (10, 20):
        made = play.amazon.charge_back(capture_id(play), Decimal(amount))
        await play.settle()
        play.amazon.win_charge_back(made.chargeback_id)
        newest = (await rows(play, payment, Kind.CHARGEBACK))[-1]
        await chargeback_won(play.deps, await tenant_of(play), newest.id)
        await play.settle()
        amounts = play.saleor.books()[payment].amounts
        assert (amounts.authorized, amounts.charged) == (40, 60)
        await play.books_agree()


async def test_staff_can_only_win_a_chargeback_of_their_own_shop(play: Stage) -> None:
    payment = (await play.pay()).transaction.id
    play.amazon.charge_back(capture_id(play))
    await play.settle()
    tenant = await tenant_of(play)
    (chargeback,) = await rows(play, payment, Kind.CHARGEBACK)
    (sale,) = await rows(play, payment, Kind.CHARGE)
    for operation_id in (sale.id, "nothing"):
        with pytest.raises(FlawedError):
            await chargeback_won(play.deps, tenant, operation_id)
    other = replace(tenant, id="another")
    with pytest.raises(FlawedError):
        await chargeback_won(play.deps, other, chargeback.id)
    await play.settle()
    await play.books_agree()


async def test_a_chargeback_of_a_capture_made_in_seller_central_waits_for_it(play: Stage) -> None:
    payment = (await play.pay(action="AUTHORIZATION")).transaction.id
    held = next(iter(play.amazon.books.authorizations))
    made = play.amazon.capture_in_seller_central(held)
    play.amazon.charge_back(made.capture_id, Decimal(15))
    await play.settle()
    await play.settle(HOUR)
    assert [event for event, _, _ in told(play, payment)][-2:] == ["CHARGE_SUCCESS", "CHARGE_BACK"]
    await play.books_agree()


async def test_a_chargeback_of_a_payment_of_another_system_is_counted_and_changes_nothing(play: Stage) -> None:
    paid = (await play.pay()).transaction.id
    made = play.amazon.charge_back(capture_id(play), Decimal(5))
    play.amazon.books.chargebacks.clear()  # it is another system's, on an order nobody here knows
    message = play.amazon.notifications.log[-1].message
    known = made.capture.authorization.order.order_id
    play.amazon.notifications.log[-1].message = message.replace(known, "S09-9999999-9999999")
    await play.settle()
    assert play.deps.handled["unknown"] == 1
    assert told(play, paid)[-1][0] == "CHARGE_SUCCESS"
    await play.books_agree()


async def test_on_checkout_v2_the_dispute_is_read(play_v2_on_both: Stage) -> None:
    play = play_v2_on_both
    payment = (await play.pay()).transaction.id
    cap = await booked(play)
    made = play.amazon.pay.dispute(charge_id(play), Decimal("12.34"))
    await play.settle()
    assert told(play, payment)[-1] == ("CHARGE_BACK", made.dispute_id, Decimal("12.34"))
    assert await booked(play) == cap
    await play.books_agree()


async def test_on_checkout_v2_a_won_dispute_comes_back_by_itself(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    await play.act(payment, "CHARGE", "60")
    made = play.amazon.pay.dispute(charge_id(play), Decimal(25))
    await play.settle()
    play.amazon.pay.resolve(made.dispute_id)
    await play.settle()
    events = told(play, payment)
    assert events[-2] == ("CHARGE_SUCCESS", f"{made.dispute_id}-won", Decimal(25))
    assert (events[-1][0], events[-1][2]) == ("AUTHORIZATION_ADJUSTMENT", Decimal(125))
    await play.books_agree()
    play.amazon.pay.core.announce(made)
    await play.settle()
    assert len(told(play, payment)) == len(events), "won once, however often it is said"
    await play.books_agree()


async def test_on_checkout_v2_a_lost_dispute_stays_charged_back(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    made = play.amazon.pay.dispute(charge_id(play), Decimal(25))
    await play.settle()
    play.amazon.pay.resolve(made.dispute_id, "BuyerWon")
    await play.settle()
    assert [event for event, _, _ in told(play, payment)].count("CHARGE_BACK") == 1
    await play.books_agree()


async def test_where_disputes_may_not_be_read_the_uncovered_amount_is_booked_and_staff_are_told(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    await play.act(payment, "REFUND", "15")
    await play.settle()
    play.amazon.pay.disputes_visible = False
    made = play.amazon.pay.dispute(charge_id(play), Decimal(25))
    await play.settle()
    assert told(play, payment)[-1] == ("CHARGE_BACK", made.dispute_id, Decimal(25))
    assert any("did not say how much it was" in message for message in problems(play))
    await play.books_agree()


async def lost_charge(play: Stage, checkout: str) -> tuple[str, dict[str, Any]]:
    """A buyer's charge whose answer is lost, and which Amazon shows to nobody for a day: it counts as never made."""
    play.amazon.notifications.options.drop = 9
    play.amazon.faults.add(Fault("drop", "AuthorizeOnBillingAgreement", times=0))
    data, by = play.buyer_data(), play.customer
    paid = await play.saleor.transaction_initialize(checkout, play.gateway, data, action="CHARGE", requestor=by)
    books = play.amazon.books
    hidden = {name: dict(getattr(books, name)) for name in ("orders", "authorizations", "captures")}
    for name in hidden:
        getattr(books, name).clear()
    play.amazon.faults.clear()
    for _ in range(3):
        await play.settle(DAY / 2)
    play.amazon.notifications.options.drop = 0
    return paid.transaction.id, hidden


async def appears(play: Stage, hidden: dict[str, Any]) -> None:
    for name, objects in hidden.items():
        getattr(play.amazon.books, name).update(objects)
    (authorization,) = hidden["authorizations"].values()
    play.amazon.announce(authorization)
    await play.settle()


async def test_money_that_moved_after_all_is_reported_booked_on_the_cap_and_raised(play: Stage) -> None:
    checkout = play.saleor.checkout_create(total="40", user=play.customer)
    payment, hidden = await lost_charge(play, checkout.id)
    assert told(play, payment)[-1][0] == "CHARGE_FAILURE"
    assert await booked(play) == 0
    await appears(play, hidden)
    event, psp, value = told(play, payment)[-1]
    assert (event, psp, value) == ("CHARGE_SUCCESS", next(iter(hidden["captures"])), Decimal(40))
    assert await booked(play) == 4_000
    assert any("after this had been told as failed" in message for message in problems(play))
    await appears(play, hidden)
    assert [event for event, _, _ in told(play, payment)].count("CHARGE_SUCCESS") == 1
    await play.books_agree()
    assert await play.act(payment, "REFUND", "40") == "REFUND_REQUEST"
    await play.settle()
    await play.books_agree()


async def test_a_purchase_that_was_paid_otherwise_meanwhile_is_paid_twice_and_staff_are_offered_the_refund(
    play: Stage,
) -> None:
    checkout = play.saleor.checkout_create(total="40", user=play.customer)
    payment, hidden = await lost_charge(play, checkout.id)
    again = await play.saleor.transaction_initialize(
        checkout.id, play.gateway, play.buyer_data(), action="CHARGE", requestor=play.customer
    )
    assert told(play, again.transaction.id)[-1][0] == "CHARGE_SUCCESS"
    await appears(play, hidden)
    assert told(play, payment)[-1][0] == "CHARGE_SUCCESS", "the truth is reported"
    (twice,) = [message for message in problems(play) if "paid twice" in message]
    assert payment in twice
    await play.books_agree()
    assert await play.act(payment, "REFUND", "40") == "REFUND_REQUEST"
    await play.settle()
    await play.books_agree()


async def test_a_declined_refund_that_amazon_completes_is_a_new_operation(play: Stage) -> None:
    payment = (await play.pay()).transaction.id
    play.amazon.refund_delay = 10**9
    await play.act(payment, "REFUND", "15")
    (made,) = play.amazon.books.refunds.values()
    play.amazon.settle_refund(made.refund_id, "Declined", "AmazonRejected")
    await play.settle()
    assert told(play, payment)[-1][0] == "REFUND_FAILURE"
    made.status = Status("Completed", play.amazon.now())
    play.amazon.announce(made)
    await play.settle()
    event, psp, value = told(play, payment)[-1]
    assert (event, value) == ("REFUND_SUCCESS", Decimal(15))
    assert psp not in {reference for _, reference, _ in told(play, payment)[:-1]}, "the failed reference is used up"
    assert any("gave back" in message for message in problems(play))
    await play.books_agree()
