"""money.md §6, and of §5 what comes back: refunds, imports, and what Amazon could not process.

Every scenario ends with three equal books: the small Saleor's, the simulator's and the ledger's. Chargebacks, and money
that moved after it had failed, are in `test_money_rules_chargebacks.py`; payments the ledger does not know in
`test_adoption.py`; forged, foreign and oversized notices at the door in `tests/web/test_ipn.py`.

| rule | scenario |
| --- | --- |
| the profile in the URL only says which account and environment to expect | test_the_address_a_notice_came_to_… (three) |
| looked for over all profiles of the seller and environment, in every tenant | test_the_address_a_notice_came_to_… |
| matched by stored Amazon id | test_a_refund_is_settled_by_its_notice_alone |
| matched by v1 reference id, v2 permission and merchantReferenceId | test_a_charge_whose_answer_was_lost_… (two) |
| matched by the order reference | test_a_refund_made_in_seller_central_… |
| every type of notice | test_every_type_of_notice_is_taken |
| kept, looked up again for an hour, then imported | test_before_the_hour_is_over_nothing_is_imported |
| a refund or capture made in Seller Central is booked to its transaction | test_a_refund_made_…, test_a_capture_made_… |
| a charge on a known agreement without a transaction is booked and raised | test_a_charge_nobody_in_saleor_asked_for_… |
| truly unknown: 200, counted | test_a_notice_of_another_systems_payment_… |
| store not writable: 503 | test_while_the_store_cannot_be_written_amazon_is_asked_to_come_again |
| a new account is learned only after a read-back confirmed its first notice | test_a_new_topic_account_… (four) |
| notices say what to read | test_an_old_notice_changes_nothing |
| states move forward per object | test_notices_may_come_twice_and_in_any_order |
| a new object on a decided payment is a new operation | test_a_refund_made_in_seller_central_… |
| ProcessingFailure: three attempts | test_a_refund_amazon_could_not_process_… (two) |
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from saleor_amazonpay.flows.move import Wanted, move
from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.flows.report import deliver_reports
from saleor_amazonpay.flows.topics import named_since
from saleor_amazonpay.simulator.amazon import Fault, notifications
from saleor_amazonpay.simulator.amazon.entities import Capture
from saleor_amazonpay.simulator.amazon.ipn_documents import Inner
from saleor_amazonpay.store import tables, tenants, topics
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.sql import Tx
from tests.journeys.imported import an_hour_later, events, problems, rows
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.anyio

HOUR = 3600.0


def last_capture(play: Stage) -> Capture:
    return list(play.amazon.books.captures.values())[-1]


async def results(play: Stage) -> list[str]:
    return sorted(play.deps.handled.elements())


APP = "http://127.0.0.1:8090"


async def heard(play: Stage) -> None:
    """Only notices, and what they make Saleor hear: no sweep reads anything meanwhile."""
    for _ in range(2):
        play.amazon.advance(30)
        await play.amazon.deliver_due()
        await handle_notices(play.deps)
        play.amazon.advance(5)
        await deliver_reports(play.deps)


async def test_a_refund_is_settled_by_its_notice_alone(play_on_both: Stage) -> None:
    play = play_on_both
    paid = await play.pay()
    await play.act(paid.transaction.id, "REFUND", "15")
    play.amazon.advance(120)
    await heard(play)
    assert events(play, paid.transaction.id)[-1] == "REFUND_SUCCESS"
    await play.books_agree()


async def test_the_address_a_notice_came_to_need_not_be_its_own_profiles(play: Stage) -> None:
    paid = await play.pay()
    await play.demo.seed_profile(channel="another-channel", profile_id="another")
    play.amazon.merchant.ipn_url = f"{APP}/api/ipn/another"
    await play.act(paid.transaction.id, "REFUND", "15")
    play.amazon.advance(120)
    await heard(play)
    assert events(play, paid.transaction.id)[-1] == "REFUND_SUCCESS"
    await play.books_agree()


async def test_the_address_a_notice_came_to_may_be_another_shops(play: Stage) -> None:
    """Two shops on one merchant account: Amazon knows one address only."""
    paid = await play.pay()
    profile = await play.demo.seed_profile(channel="another-channel", profile_id="another")
    store, now = play.deps.store, play.deps.clock()

    def unit(tx: Tx) -> None:
        shop = "https://another.example/graphql/"
        key = tenants.register(tx, store.sealer, "another-shop", shop, "QXBwOjE=", "token", "{}", now)
        tx.connection.execute(
            sa.update(tables.profiles).where(tables.profiles.c.id == profile.id).values(tenant_id=key)
        )

    await store.write(unit)
    play.deps.directory.forget()
    play.amazon.merchant.ipn_url = f"{APP}/api/ipn/another"
    made = play.amazon.refund_in_seller_central(last_capture(play).capture_id, Decimal(15))
    await an_hour_later(play)
    books = play.saleor.books()[paid.transaction.id]
    assert (books.events[-1].type, books.events[-1].psp_reference) == ("REFUND_SUCCESS", made.refund_id)
    await play.books_agree()


async def test_the_address_a_notice_came_to_may_be_of_a_profile_that_was_deleted_since(play: Stage) -> None:
    paid = await play.pay()
    await play.settle()
    await play.demo.seed_profile(channel="another-channel", profile_id="another")
    play.amazon.merchant.ipn_url = f"{APP}/api/ipn/another"
    made = play.amazon.refund_in_seller_central(last_capture(play).capture_id, Decimal(15))
    await play.settle()
    gone = sa.delete(tables.profiles).where(tables.profiles.c.id == "another")
    await play.deps.store.write(lambda tx: tx.connection.execute(gone))
    play.deps.directory.forget()
    await an_hour_later(play)
    assert play.saleor.books()[paid.transaction.id].events[-1].psp_reference == made.refund_id
    await play.books_agree()


async def test_the_address_a_notice_came_to_expects_its_own_merchant_account(play: Stage) -> None:
    await play.pay()
    other = play.amazon.create_merchant(name="Another", ipn_url="")
    await play.demo.seed_profile(other, channel="another-channel", profile_id="another")
    await play.settle()
    play.amazon.merchant.ipn_url = f"{APP}/api/ipn/another"
    play.amazon.announce(last_capture(play))
    await heard(play)
    assert play.amazon.notifications.log[-1].state == "refused"
    assert [attempt.status for attempt in play.amazon.notifications.log[-1].attempts] == [403]
    await play.books_agree()


async def test_a_charge_whose_answer_was_lost_is_settled_by_a_notice_with_our_reference(play_on_both: Stage) -> None:
    play = play_on_both
    play.amazon.faults.add(Fault("drop", "AuthorizeOnBillingAgreement", times=0))
    paid = await play.pay()
    assert events(play, paid.transaction.id)[-1] == "CHARGE_REQUEST"
    await heard(play)
    assert events(play, paid.transaction.id)[-1] == "CHARGE_SUCCESS"
    play.amazon.faults.clear()
    await play.settle()
    await play.books_agree()


async def test_a_charge_whose_answer_was_lost_is_found_by_the_reference_on_it_on_checkout_v2(play_v2: Stage) -> None:
    play = play_v2
    await play.pay()
    await play.settle()
    permission = next(iter(play.amazon.pay.books.permissions))
    play.amazon.faults.add(Fault("drop", "CreateCharge", times=0))
    later = await play.pay(total="20", data={"amazonBillingAgreementId": permission}, by=play.subscriptions)
    assert events(play, later.transaction.id)[-1] == "CHARGE_REQUEST"
    await heard(play)
    assert events(play, later.transaction.id)[-1] == "CHARGE_SUCCESS"
    play.amazon.faults.clear()
    await play.settle()
    await play.books_agree()


async def test_a_refund_made_in_seller_central_is_booked_to_its_transaction_on_checkout_v2(
    play_v2_on_both: Stage,
) -> None:
    play = play_v2_on_both
    paid = await play.pay()
    charge = list(play.amazon.pay.books.charges)[-1]
    made = play.amazon.pay.refund_in_seller_central(charge, Decimal(15))
    await an_hour_later(play)
    books = play.saleor.books()[paid.transaction.id]
    assert (books.events[-1].type, books.events[-1].psp_reference) == ("REFUND_SUCCESS", made.refund_id)
    await play.books_agree()


async def test_a_capture_made_in_seller_central_is_booked_to_its_transaction_on_checkout_v2(
    play_v2_on_both: Stage,
) -> None:
    play = play_v2_on_both
    reserved = await play.pay(action="AUTHORIZATION")
    charge = list(play.amazon.pay.books.charges.values())[-1]
    play.amazon.pay.charges.capture(charge, charge.amount.of(Decimal(25)), "", "")
    play.amazon.pay.core.announce(charge)
    await an_hour_later(play)
    books = play.saleor.books()[reserved.transaction.id]
    assert (books.events[-1].type, books.events[-1].psp_reference) == ("CHARGE_SUCCESS", charge.charge_id)
    assert (books.amounts.authorized, books.amounts.charged) == (Decimal(15), Decimal(25))
    await play.books_agree()
    assert await play.act(reserved.transaction.id, "CHARGE", "15") == "CHARGE_SUCCESS", "the rest stays collectable"
    await play.settle()
    await play.books_agree()


async def test_a_notice_of_another_systems_payment_is_answered_200_and_counted(play: Stage) -> None:
    paid = await play.pay()
    await play.settle()
    before = events(play, paid.transaction.id)
    agreement, _ = play.amazon.open_agreement()
    play.amazon.tick_consent(agreement.agreement_id)
    play.amazon.agreements.confirm(agreement)
    play.amazon.charge_elsewhere(agreement.agreement_id, Decimal(7))
    play.amazon.refund_in_seller_central(last_capture(play).capture_id, Decimal(3))
    play.deps.handled.clear()
    await an_hour_later(play)
    assert {notification.state for notification in play.amazon.notifications.log} == {"delivered"}
    assert set(play.deps.handled) == {"unknown", "noted"}
    assert play.deps.handled["unknown"] >= 3, "the agreement, the capture, the refund"
    assert events(play, paid.transaction.id) == before
    assert await rows(play, "") == []
    assert problems(play) == []
    await play.books_agree(foreign=True)


async def test_while_the_store_cannot_be_written_amazon_is_asked_to_come_again(
    play: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = await play.pay()
    await play.settle()
    play.amazon.refund_in_seller_central(last_capture(play).capture_id, Decimal(15))
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


def from_account(play: Stage, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = f"arn:aws:sns:us-east-1:{account}:A3BXB0YN3XH17H{play.amazon.merchant.seller_id}"
    monkeypatch.setattr(notifications, "topic_arn", lambda _marketplace, _seller: arn)


async def learned(play: Stage) -> list[str]:
    return await play.deps.store.read(
        lambda tx: list(tx.connection.execute(sa.select(tables.topic_accounts.c.topic_account)).scalars())
    )


async def test_a_new_topic_account_is_learned_after_amazon_confirmed_its_first_notice(
    play_on_both: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = play_on_both
    paid = await play.pay()
    await play.settle()
    from_account(play, "123456789012", monkeypatch)
    await play.act(paid.transaction.id, "REFUND", "15")
    play.amazon.advance(120)
    await heard(play)
    assert await learned(play) == ["123456789012"]
    assert events(play, paid.transaction.id)[-1] == "REFUND_SUCCESS"
    await play.settle()
    assert problems(play) == []
    await play.books_agree()


async def test_a_new_topic_account_that_says_what_is_not_so_is_never_believed(
    play: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody can own a topic, name it after a seller, and know an order's number; a chargeback cannot be read."""
    paid = await play.pay()
    await play.settle()
    since = events(play, paid.transaction.id)
    from_account(play, "999999999999", monkeypatch)
    capture = last_capture(play)
    play.amazon.charge_back(capture.capture_id, Decimal(40))
    play.amazon.books.chargebacks.clear()
    play.amazon.announce(capture)
    forged = play.amazon.notifications.log[-1]
    forged.message = forged.message.replace("Completed", "Declined")
    for _ in range(3):
        await play.settle(12 * HOUR)
    assert await learned(play) == []
    assert events(play, paid.transaction.id) == since
    assert play.deps.handled["unproven"] == 2
    assert any("999999999999" in message and "AMAZONPAY_TOPIC_ACCOUNTS" in message for message in problems(play))
    await play.books_agree()


async def test_a_topic_account_that_the_operator_names_is_believed_and_no_problem_any_more(
    play: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = await play.pay()
    await play.settle()
    from_account(play, "999999999999", monkeypatch)
    play.amazon.charge_back(last_capture(play).capture_id, Decimal(40))
    await play.settle(HOUR)
    assert any("999999999999" in message for message in problems(play))
    named = replace(play.deps, topic_accounts=frozenset({"999999999999"}))
    play.demo.app.state.doors = replace(play.demo.doors, deps=named)
    await play.settle(HOUR)
    await named_since(play.deps)
    await play.settle(60)
    assert events(play, paid.transaction.id)[-1] == "CHARGE_BACK"
    assert problems(play) == []
    await play.books_agree()


async def test_a_new_topic_account_proves_nothing_for_another_merchant_account(
    play: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await play.pay()
    await play.settle()
    from_account(play, "123456789012", monkeypatch)
    play.amazon.announce(last_capture(play))
    await play.settle()
    assert await learned(play) == ["123456789012"]

    def known(account: str) -> Any:
        return play.deps.store.read(lambda tx: topics.known(tx, account, "123456789012"))

    assert await known(f"{play.amazon.merchant.seller_id}:sandbox")
    assert not await known(f"{play.amazon.merchant.seller_id}:live")
    assert not await known("ANOTHERSELLER:sandbox")
    await play.books_agree()


async def test_a_new_topic_account_cannot_fill_the_inbox(play: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await play.pay()
    await play.settle()
    from_account(play, "999999999999", monkeypatch)
    for _ in range(25):
        play.amazon.announce(last_capture(play))
        forged = play.amazon.notifications.log[-1]
        forged.message = forged.message.replace("Completed", "Declined")
    await play.amazon.deliver_due()
    answers = [each.attempts[-1].status for each in list(play.amazon.notifications.log)[-25:]]
    assert (answers.count(200), answers.count(503)) == (20, 5)
    await play.settle()
    await play.books_agree()


async def test_an_old_notice_changes_nothing(play_on_both: Stage) -> None:
    """A notice says what to read; what it says of it may be hours old."""
    play = play_on_both
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


@pytest.fixture(params=["mws", "v2"])
async def on_each_wire(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with stage(f"sqlite:///{tmp_path}/ledger.sqlite3", request.param) as made:
        yield made


async def test_notices_may_come_twice_and_in_any_order(on_each_wire: Stage) -> None:
    play = on_each_wire
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


OTHERS = ("ProviderCredit", "ProviderCreditReversal", "SolutionProviderEvent", "SomethingNewOfAmazons")


async def test_every_type_of_notice_is_taken(play: Stage) -> None:
    data = play.buyer_data()
    paid = await play.pay(data=data)
    await play.act(paid.transaction.id, "REFUND", "15")
    agreement = play.amazon.books.agreements[data["amazonBillingAgreementId"]]
    capture = last_capture(play)
    await play.settle()
    play.amazon.charge_back(capture.capture_id, Decimal(5))
    updates = ("StatusUpdated", "PaymentMethodUpdated", "AddressUpdated", "AddressAndPaymentMethodUpdated")
    for event in updates:
        play.amazon.announce(agreement, f"BillingAgreement{event}" if event == "StatusUpdated" else event)
    for subject in (capture.authorization.order, capture.authorization, capture, *capture.refunds):
        play.amazon.announce(subject)
    for kind in OTHERS:
        play.amazon.notifications.add(play.amazon.merchant, Inner(kind, "<a/>", "x"))
    await an_hour_later(play)
    assert {each.inner.type for each in play.amazon.notifications.log} == {
        "BillingAgreementNotification", "OrderReferenceNotification", "PaymentAuthorize", "PaymentCapture",
        "PaymentRefund", "Chargeback Detailed Notification", *OTHERS,
    }  # fmt: skip
    assert {each.state for each in play.amazon.notifications.log} == {"delivered"}
    assert set(play.deps.handled) <= {"settled", "known", "noted", "imported"}
    assert play.deps.handled["noted"] >= len(OTHERS)
    assert events(play, paid.transaction.id)[-1] == "CHARGE_BACK"
    await play.books_agree()


async def test_a_refund_amazon_could_not_process_is_tried_again_and_told_once(on_each_wire: Stage) -> None:
    play = on_each_wire
    play.amazon.refund_delay = 10**9
    payment = (await play.pay()).transaction.id
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    reference = play.saleor.books()[payment].events[-1].psp_reference
    for _ in range(2):
        decide_newest_refund(play, "ProcessingFailure")
        await play.settle(900)
    decide_newest_refund(play)
    await play.settle()
    books = play.saleor.books()[payment]
    assert [event.type for event in books.events if event.type.startswith("REFUND")].count("REFUND_SUCCESS") == 1
    assert (books.events[-1].type, books.events[-1].psp_reference) == ("REFUND_SUCCESS", reference)
    await play.books_agree()


async def test_a_refund_amazon_could_not_process_three_times_has_failed(on_each_wire: Stage) -> None:
    play = on_each_wire
    play.amazon.refund_delay = 10**9
    payment = (await play.pay()).transaction.id
    await play.act(payment, "REFUND", "15")
    for _ in range(3):
        assert events(play, payment)[-1] == "REFUND_REQUEST"
        decide_newest_refund(play, "ProcessingFailure")
        await play.settle(900)
    assert events(play, payment)[-1] == "REFUND_FAILURE"
    assert len(play.amazon.pay.books.refunds if play.wire == "v2" else play.amazon.books.refunds) == 3
    await play.books_agree()
    assert await play.act(payment, "REFUND", "40") == "REFUND_REQUEST", "all of it is free again"


def decide_newest_refund(play: Stage, failure: str = "") -> None:
    if play.wire == "v2":
        newest = list(play.amazon.pay.books.refunds)[-1]
        play.amazon.pay.settle_refund(newest, "Declined" if failure else "Refunded", failure)
    else:
        newest = list(play.amazon.books.refunds)[-1]
        play.amazon.settle_refund(newest, "Declined" if failure else "Completed", failure)


async def test_a_notice_amazon_cannot_be_asked_about_is_given_up_after_two_weeks(play: Stage) -> None:
    await play.pay()
    await play.settle()
    play.amazon.refund_in_seller_central(last_capture(play).capture_id, Decimal(15))
    play.amazon.faults.add(Fault("error", "GetRefundDetails", times=0))
    for _ in range(13):
        await play.settle(24 * HOUR, rounds=1)
    assert not play.deps.handled["given_up"]
    for _ in range(3):
        await play.settle(24 * HOUR, rounds=1)
    assert play.deps.handled["given_up"] == 1
    play.amazon.faults.clear()
    play.amazon.announce(last_capture(play))  # whatever is heard of the capture later brings it in
    await an_hour_later(play)
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
