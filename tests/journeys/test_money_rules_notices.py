"""money.md §6: whose a notice is, what comes of it, and that nothing in it is believed; on both wires.

Every scenario ends with three equal books: the small Saleor's, the simulator's and the ledger's. Imports are in
`test_money_rules_imports.py`, AWS accounts in `test_money_rules_topics.py`, chargebacks in
`test_money_rules_chargebacks.py`; forged, foreign and oversized notices at the door in `tests/web/test_ipn.py`.

| rule | scenario |
| --- | --- |
| the profile in the URL only says which account and environment to expect | test_the_address_a_notice_came_to_… (four) |
| looked for over all profiles of the seller and environment, in every tenant | test_the_address_a_notice_came_to_… |
| matched by stored Amazon id | test_a_refund_is_settled_by_its_notice_alone |
| matched by v1 reference id, v2 permission and merchantReferenceId | test_a_charge_whose_answer_was_lost_… |
| every type of notice | test_every_type_of_notice_is_taken |
| truly unknown: 200, counted | test_a_notice_of_another_systems_payment_… |
| store not writable: 503 | test_while_the_store_cannot_be_written_amazon_is_asked_to_come_again |
| notices say what to read | test_an_old_notice_changes_nothing |
| states move forward per object | test_notices_may_come_twice_and_in_any_order |
| what Amazon does not answer about | test_a_notice_amazon_cannot_be_asked_about_is_given_up_after_two_weeks |
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from saleor_amazonpay.flows.move import Wanted, move
from saleor_amazonpay.store import tables, tenants
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.sql import Tx
from tests.journeys.imported import an_hour_later, events, heard, problems, rows
from tests.journeys.stage import APP, Stage

pytestmark = pytest.mark.anyio

HOUR = 3600.0


async def test_a_refund_is_settled_by_its_notice_alone(either_on_both: Stage) -> None:
    play = either_on_both
    paid = await play.pay()
    await play.act(paid.transaction.id, "REFUND", "15")
    play.amazon.advance(120)
    await heard(play)
    assert events(play, paid.transaction.id)[-1] == "REFUND_SUCCESS"
    await play.books_agree()


async def another_profile(play: Stage) -> Any:
    """Another profile on the same merchant account, whose address is the one that Amazon knows."""
    made = await play.demo.seed_profile(channel="another-channel", profile_id="another", wire=play.wire)
    play.amazon.merchant.ipn_url = f"{APP}/api/ipn/another"
    return made


async def test_the_address_a_notice_came_to_need_not_be_its_own_profiles(either: Stage) -> None:
    play = either
    paid = await play.pay()
    await another_profile(play)
    await play.act(paid.transaction.id, "REFUND", "15")
    play.amazon.advance(120)
    await heard(play)
    assert events(play, paid.transaction.id)[-1] == "REFUND_SUCCESS"
    await play.books_agree()


async def test_the_address_a_notice_came_to_may_be_another_shops(either: Stage) -> None:
    """Two shops on one merchant account: Amazon knows one address only."""
    play = either
    paid = await play.pay()
    profile = await another_profile(play)
    store, now = play.deps.store, play.deps.clock()

    def unit(tx: Tx) -> None:
        shop = "https://another.example/graphql/"
        key = tenants.register(tx, store.sealer, "another-shop", shop, "QXBwOjE=", "token", "{}", now)
        tx.connection.execute(
            sa.update(tables.profiles).where(tables.profiles.c.id == profile.id).values(tenant_id=key)
        )

    await store.write(unit)
    play.deps.directory.forget()
    made = play.hands.refund_in_seller_central("15")
    await an_hour_later(play)
    books = play.saleor.books()[paid.transaction.id]
    assert (books.events[-1].type, books.events[-1].psp_reference) == ("REFUND_SUCCESS", made)
    await play.books_agree()


async def test_the_address_a_notice_came_to_may_be_of_a_profile_that_was_deleted_since(either: Stage) -> None:
    play = either
    paid = await play.pay()
    await play.settle()
    await another_profile(play)
    made = play.hands.refund_in_seller_central("15")
    await play.settle()
    gone = sa.delete(tables.profiles).where(tables.profiles.c.id == "another")
    await play.deps.store.write(lambda tx: tx.connection.execute(gone))
    play.deps.directory.forget()
    await an_hour_later(play)
    assert play.saleor.books()[paid.transaction.id].events[-1].psp_reference == made
    await play.books_agree()


async def test_the_address_a_notice_came_to_expects_its_own_merchant_account(either: Stage) -> None:
    play = either
    await play.pay()
    other = play.hands.another_merchant()
    await play.demo.seed_profile(other, channel="another-channel", profile_id="another", wire=play.wire)
    await play.settle()
    play.amazon.merchant.ipn_url = f"{APP}/api/ipn/another"
    play.hands.announce(play.hands.last_capture())
    await heard(play)
    assert play.amazon.notifications.log[-1].state == "refused"
    assert [attempt.status for attempt in play.amazon.notifications.log[-1].attempts] == [403]
    await play.books_agree()


async def test_a_charge_whose_answer_was_lost_is_settled_by_a_notice_with_our_reference(either_on_both: Stage) -> None:
    """On Checkout v2 by the reference on the object, which the notice makes us read."""
    play = either_on_both
    data = play.buyer_data()
    await play.pay(data=data)
    await play.settle()
    play.hands.fault("drop", "charge", times=0)
    later = await play.pay(total="20", data=play.hands.by_id(data), by=play.subscriptions)
    assert events(play, later.transaction.id)[-1] == "CHARGE_REQUEST"
    await heard(play)
    assert events(play, later.transaction.id)[-1] == "CHARGE_SUCCESS"
    play.amazon.faults.clear()
    await play.settle()
    assert play.hands.captures() == 2
    await play.books_agree()


async def test_a_notice_of_another_systems_payment_is_answered_200_and_counted(either: Stage) -> None:
    play = either
    paid = await play.pay()
    await play.settle()
    before = events(play, paid.transaction.id)
    play.deps.handled.clear()
    play.hands.sell_elsewhere("7")
    play.hands.refund_in_seller_central("3")
    await an_hour_later(play)
    assert {notification.state for notification in play.amazon.notifications.log} == {"delivered"}
    assert set(play.deps.handled) <= {"unknown", "noted"}
    assert play.deps.handled["unknown"] >= 2, "the capture and the refund"
    assert events(play, paid.transaction.id) == before
    assert await rows(play, "") == []
    assert problems(play) == []
    await play.books_agree(foreign=True)


async def test_while_the_store_cannot_be_written_amazon_is_asked_to_come_again(
    either: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = either
    paid = await play.pay()
    await play.settle()
    play.hands.refund_in_seller_central("15")
    play.amazon.advance(120)

    async def away(_unit: Any) -> None:
        raise StoreUnavailableError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(type(play.deps.store), "write", lambda _self, unit: away(unit))
        await play.amazon.deliver_due()
    first = play.amazon.notifications.log[-1]
    assert ([attempt.status for attempt in first.attempts], first.state) == ([503], "waiting")
    play.amazon.notifications.options.retry_every = 60
    play.amazon.advance(HOUR)
    await an_hour_later(play)
    assert events(play, paid.transaction.id)[-1] == "REFUND_SUCCESS"
    await play.books_agree()


async def test_an_old_notice_changes_nothing(either_on_both: Stage) -> None:
    """A notice says what to read; what it says of it may be hours old."""
    play = either_on_both
    paid = await play.pay()
    await play.act(paid.transaction.id, "REFUND", "15")
    pending = play.amazon.notifications.log[-1]
    await play.settle()
    known = events(play, paid.transaction.id)
    for old in [pending, *list(play.amazon.notifications.log)[:4]]:
        play.amazon.notifications.add(old.merchant, old.inner, old.message)
    await an_hour_later(play)
    assert events(play, paid.transaction.id) == known
    await play.books_agree()


async def test_notices_may_come_twice_and_in_any_order(either: Stage) -> None:
    play = either
    options = play.amazon.notifications.options
    options.copies, options.shuffle, options.hold = 3, True, True
    paid = await play.pay(total="100", action="AUTHORIZATION")
    await play.act(paid.transaction.id, "CHARGE", "60")
    await play.act(paid.transaction.id, "REFUND", "15")
    play.amazon.advance(600)
    options.hold = False
    await an_hour_later(play)
    assert events(play, paid.transaction.id).count("REFUND_SUCCESS") == 1
    assert events(play, paid.transaction.id).count("CHARGE_SUCCESS") == 1
    await play.books_agree()


TYPES = {
    "mws": {
        "BillingAgreementNotification", "OrderReferenceNotification", "PaymentAuthorize", "PaymentCapture",
        "PaymentRefund", "Chargeback Detailed Notification",
    },
    "v2": {"CHARGE_PERMISSION", "CHARGE", "REFUND", "CHARGEBACK"},
}  # fmt: skip
OTHERS = ("ProviderCredit", "ProviderCreditReversal", "SolutionProviderEvent", "SomethingNewOfAmazons")


async def test_every_type_of_notice_is_taken(either: Stage) -> None:
    play = either
    data = play.buyer_data()
    paid = await play.pay(data=data)
    await play.act(paid.transaction.id, "REFUND", "15")
    await play.settle()
    play.hands.charge_back("5")
    play.hands.announce_all(data)
    for kind in OTHERS:
        play.hands.notice_of_another_type(kind)
    await an_hour_later(play)
    assert {each.inner.type for each in play.amazon.notifications.log} == {*TYPES[play.wire], *OTHERS}
    assert {each.state for each in play.amazon.notifications.log} == {"delivered"}
    assert set(play.deps.handled) <= {"settled", "known", "noted", "imported"}
    assert play.deps.handled["noted"] >= len(OTHERS)
    assert events(play, paid.transaction.id)[-1] == "CHARGE_BACK"
    await play.books_agree()


async def test_a_notice_amazon_cannot_be_asked_about_is_given_up_after_two_weeks(either: Stage) -> None:
    play = either
    paid = await play.pay()
    await play.settle()
    made = play.hands.refund_in_seller_central("15")
    play.hands.fault("error", "read refund", times=0)
    for _ in range(13):
        await play.settle(24 * HOUR, rounds=1)
    assert not play.deps.handled["given_up"]
    for _ in range(3):
        await play.settle(24 * HOUR, rounds=1)
    told = [each for each in play.amazon.notifications.log if each.inner.object_id == made]
    assert play.deps.handled["given_up"] == len(told), "on Checkout v2 another when it was made"
    play.amazon.faults.clear()
    # Whatever is heard of the capture later brings it in on v1; a charge of Checkout v2 does not name its refunds.
    play.hands.announce(made if play.hands.v2 else play.hands.last_capture())
    await an_hour_later(play)
    assert play.saleor.books()[paid.transaction.id].events[-1].psp_reference == made
    await play.books_agree()


async def test_what_comes_back_of_v1_payments_after_the_profile_moved_is_booked_as_before(play: Stage) -> None:
    """Amazon goes on sending v1's notices for them; the new wire reads the old ids (contracts, amazon §0)."""
    paid = await play.pay()
    reserved = await play.pay(action="AUTHORIZATION")
    held = list(play.amazon.books.authorizations.values())[-1]
    await play.settle()
    await move(play.deps, play.demo.profile_id, Wanted(store_id=play.amazon.merchant.store_id))
    captured = next(iter(play.amazon.books.captures))
    made = play.amazon.refund_in_seller_central(captured, Decimal(15))
    play.amazon.charge_back(captured, Decimal(20))
    taken = play.amazon.capture_in_seller_central(held.authorization_id, Decimal(40))
    await an_hour_later(play)
    told = {event.psp_reference: event.type for event in play.saleor.books()[paid.transaction.id].events}
    assert told[made.refund_id] == "REFUND_SUCCESS"
    assert events(play, paid.transaction.id).count("CHARGE_BACK") == 1
    assert play.saleor.books()[paid.transaction.id].amounts.charged == Decimal(5)
    assert events(play, reserved.transaction.id)[-1] == "CHARGE_SUCCESS"
    assert taken.capture_id == play.saleor.books()[reserved.transaction.id].events[-1].psp_reference
    await play.books_agree()
