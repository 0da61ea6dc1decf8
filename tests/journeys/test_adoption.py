"""An action event for a payment the ledger does not know: found at Amazon over the tenant's profiles, and taken over.

The ledger loses its operations, as it does when a database is restored from before the payment; Saleor and Amazon have
lost nothing. Every scenario ends with three equal books.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from saleor_amazonpay.store import operations, tables
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
HOUR = 3600.0


async def forget(play: Stage) -> None:
    """The ledger is empty; profiles and the installation are still there."""
    await play.settle()

    def unit(tx: operations.Tx) -> None:
        for table in (tables.operations, tables.agreements, tables.cap_months, tables.notices):
            tx.connection.execute(sa.delete(table))

    await play.deps.store.write(unit)


async def kinds(play: Stage, transaction: str) -> list[tuple[str, int, str]]:
    tenant = await play.deps.directory.tenant(play.saleor.api_url)
    assert tenant is not None
    rows = await play.deps.store.read(lambda tx: operations.of_transaction(tx, tenant.id, transaction))
    return sorted((row.kind.value, row.amount, row.effect) for row in rows)


def last(play: Stage, transaction: str) -> tuple[str, str]:
    event = play.saleor.books()[transaction].events[-1]
    return event.type, event.message


async def test_a_refund_of_a_payment_the_ledger_lost(either_on_both: Stage) -> None:
    play = either_on_both
    payment = (await play.pay()).transaction.id
    await forget(play)
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    await play.settle()
    assert last(play, payment)[0] == "REFUND_SUCCESS"
    assert await kinds(play, payment) == [("charge", 4000, "captured"), ("refund", 1500, "refunded")]
    await play.books_agree()


async def test_a_payment_in_pieces_goes_on_with_its_rest(either: Stage) -> None:
    play = either
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    for amount in ("20", "30"):
        play.amazon.advance(1)
        assert await play.act(payment, "CHARGE", amount) == "CHARGE_SUCCESS"
    await play.act(payment, "REFUND", "25")
    await forget(play)
    before = len(play.saleor.books()[payment].events)
    assert await play.act(payment, "CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    assert len(play.saleor.books()[payment].events) == before + 2, "what Saleor was told is not told again"
    await play.books_agree()
    assert await play.act(payment, "CANCEL", "10") == "CANCEL_SUCCESS"
    assert await play.act(payment, "REFUND", "65") == "REFUND_REQUEST"
    await play.settle()
    amounts = play.saleor.books()[payment].amounts
    assert (amounts.charged, amounts.refunded, amounts.canceled) == (0, 90, 10)
    await play.books_agree()


async def test_a_reservation_the_ledger_lost_is_captured(either: Stage) -> None:
    play = either
    payment = (await play.pay(action="AUTHORIZATION")).transaction.id
    await forget(play)
    assert await play.act(payment, "CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_a_reservation_that_lapsed_unseen_is_collected_on_its_agreement(either: Stage) -> None:
    play = either
    payment = (await play.pay(action="AUTHORIZATION")).transaction.id
    await forget(play)
    play.amazon.merchant.ipn_url = ""
    play.amazon.advance(31 * 24 * HOUR)
    assert await play.act(payment, "CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_what_was_released_before_stays_released(either: Stage) -> None:
    play = either
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    await play.act(payment, "CHARGE", "60")
    await play.act(payment, "CANCEL", "40")
    await forget(play)
    await play.act(payment, "REFUND", "10")
    await play.settle()
    assert play.saleor.world.transaction(payment).actions == ["REFUND"]
    await play.books_agree()


async def test_a_refund_made_in_seller_central_meanwhile_is_reported_and_counts(play: Stage) -> None:
    payment = (await play.pay()).transaction.id
    await forget(play)
    play.amazon.notifications.options.drop = 9
    play.hands.refund_in_seller_central("15")
    play.amazon.advance(HOUR)
    assert await play.act(payment, "REFUND", "40") == "REFUND_FAILURE", "15 of it were given back already"
    await play.settle()
    assert await play.act(payment, "REFUND", "25") == "REFUND_REQUEST"
    await play.settle()
    assert play.saleor.books()[payment].amounts.refunded == 40
    await play.books_agree()


async def test_a_chargeback_saleor_was_told_of_still_counts(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    play.hands.charge_back("30")
    await forget(play)
    assert await play.act(payment, "REFUND", "10") == "REFUND_REQUEST"
    await play.settle()
    assert play.saleor.world.transaction(payment).actions == []
    await play.books_agree()


async def test_what_amazon_does_not_know_is_an_unknown_payment(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    await forget(play)
    hidden = play.hands.hide_last_charge()
    assert await play.act(payment, "REFUND", "40") == "REFUND_FAILURE"
    assert "no record of the payment" in last(play, payment)[1]
    assert await kinds(play, payment) == []
    hidden.appear()
    await play.settle()
    assert await play.act(payment, "REFUND", "40") == "REFUND_REQUEST", "now Amazon shows it"
    await play.settle()
    await play.books_agree()


async def test_while_amazon_cannot_be_asked_nothing_is_adopted_and_pressing_again_is_enough(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    await forget(play)
    play.hands.fault("error", "read capture", times=0)
    assert await play.act(payment, "REFUND", "40") == "REFUND_FAILURE"
    assert "could not ask Amazon" in last(play, payment)[1]
    assert await kinds(play, payment) == []
    play.amazon.faults.clear()
    assert await play.act(payment, "REFUND", "40") == "REFUND_REQUEST"
    await play.settle()
    await play.books_agree()


async def test_a_charge_saleor_knows_by_our_reference_is_found_by_it(play: Stage) -> None:
    """Its answer was lost, so Saleor was told our reference id, and Amazon has that as the shop's order id."""
    play.hands.fault("drop", "charge", times=3)
    payment = (await play.pay()).transaction.id
    await forget(play)
    capture = play.hands.last_capture()
    references = {event.psp_reference for event in play.saleor.books()[payment].events}
    assert capture not in references
    before = len(play.saleor.books()[payment].events)
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    await play.settle()
    assert len(play.saleor.books()[payment].events) == before + 2, "request and success: the charge is known"
    await play.books_agree()


async def test_on_checkout_v2_a_charge_saleor_knows_by_our_reference_alone_is_an_unknown_payment(
    play_v2: Stage,
) -> None:
    """Nothing at Amazon finds a charge by our reference: it is refused, and nothing moves."""
    play = play_v2
    data = play.buyer_data()
    await play.pay(data=data)
    play.hands.fault("drop", "charge", times=3)
    payment = (await play.pay(data=play.hands.by_id(data))).transaction.id
    await forget(play)
    assert last(play, payment)[0] == "CHARGE_SUCCESS"
    assert play.hands.last_capture() not in {event.psp_reference for event in play.saleor.books()[payment].events}
    assert await play.act(payment, "REFUND", "15") == "REFUND_FAILURE"
    assert "no record of the payment" in last(play, payment)[1]
    assert (await kinds(play, payment), play.hands.refunds()) == ([], {})


async def test_a_refund_saleor_knows_by_our_reference_is_not_told_again(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    play.hands.fault("drop", "refund", times=3)
    await play.act(payment, "REFUND", "15")
    await forget(play)
    refund = next(iter(play.hands.refunds()))
    told = [event.psp_reference for event in play.saleor.books()[payment].events if event.type == "REFUND_SUCCESS"]
    assert refund not in told
    assert len(told) == 1
    await play.act(payment, "REFUND", "5")
    await play.settle()
    assert play.saleor.books()[payment].amounts.refunded == 20
    await play.books_agree()


async def test_a_split_refund_that_saleor_was_told_of_as_a_whole_is_not_told_again(either: Stage) -> None:
    play = either
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    for amount in ("60", "40"):
        play.amazon.advance(1)
        await play.act(payment, "CHARGE", amount)
    await play.act(payment, "REFUND", "70")
    await forget(play)
    assert play.saleor.books()[payment].amounts.refunded == 70
    await play.act(payment, "REFUND", "10")
    await play.settle()
    assert play.saleor.books()[payment].amounts.refunded == 80
    await play.books_agree()


async def test_another_shops_payment_is_never_adopted(either: Stage) -> None:
    """Two shops on one merchant account: the ledger knows whose it is, whatever references staff bring."""
    play = either
    payment = (await play.pay()).transaction.id
    await play.settle()
    theirs = sa.update(tables.operations).values(tenant_id="another-shop")
    await play.deps.store.write(lambda tx: tx.connection.execute(theirs))
    assert await play.act(payment, "REFUND", "40") == "REFUND_FAILURE"
    assert "no record of the payment" in last(play, payment)[1]
    assert await kinds(play, payment) == []
    assert not play.hands.refunds()


async def test_a_payment_with_many_lost_answers_is_read_although_amazon_throttles(play: Stage) -> None:
    """No list has a refund by our reference, and Amazon answers two lists at once: asked for each, it never ends."""
    payment = (await play.pay()).transaction.id
    await play.settle()
    for _ in range(4):
        play.hands.fault("drop", "refund", times=3)
        assert await play.act(payment, "REFUND", "1") == "REFUND_REQUEST"
        play.amazon.faults.clear()
        await play.settle()
    for number in range(3):  # on the same merchant account
        await play.demo.seed_profile(channel="widgets", profile_id=f"another-{number}")
    await forget(play)
    play.amazon.throttling = True
    play.http.actions.clear()
    assert await play.act(payment, "REFUND", "2") == "REFUND_REQUEST"
    assert play.http.actions["ListOrderReference"] == 0
    play.amazon.throttling = False
    await play.settle()
    await play.books_agree()


async def test_a_reference_that_nobody_knows_is_looked_for_once_on_an_account(play: Stage) -> None:
    play.hands.fault("drop", "charge", times=3)
    payment = (await play.pay()).transaction.id
    play.amazon.faults.clear()
    await play.settle()
    for number in range(3):
        await play.demo.seed_profile(channel="widgets", profile_id=f"another-{number}")
    await forget(play)
    hidden = play.hands.hide_last_charge()
    play.http.actions.clear()
    assert await play.act(payment, "REFUND", "2") == "REFUND_FAILURE"
    assert play.http.actions["ListOrderReference"] == 1
    hidden.appear()
    assert await play.act(payment, "REFUND", "2") == "REFUND_REQUEST"
    await play.settle()
    await play.books_agree()
