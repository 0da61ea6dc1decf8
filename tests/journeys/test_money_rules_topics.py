"""money.md §6: anybody can own an SNS topic and name it after a seller. Whose notices are believed, on both wires.

Notices of Checkout v2 hold nothing that the buyer could not know: they never show whose they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from saleor_amazonpay.flows.topics import named_since
from saleor_amazonpay.simulator.amazon import notifications
from saleor_amazonpay.store import tables, topics
from tests.journeys.imported import events, heard, problems
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio

HOUR = 3600.0


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


async def test_a_new_topic_account_is_never_learned_from_notices_of_checkout_v2(
    play_v2_on_both: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is true of the refund is found without them."""
    play = play_v2_on_both
    paid = await play.pay()
    await play.settle()
    from_account(play, "123456789012", monkeypatch)
    await play.act(paid.transaction.id, "REFUND", "15")
    play.amazon.advance(120)
    await heard(play)
    assert events(play, paid.transaction.id)[-1] == "REFUND_REQUEST"
    await play.settle()
    assert await learned(play) == []
    assert events(play, paid.transaction.id)[-1] == "REFUND_SUCCESS", "it was read"
    assert any("123456789012" in message for message in problems(play))
    await play.settle(24 * HOUR)
    assert play.deps.handled["unproven"] >= 1
    await play.books_agree()


def spoil_newest(play: Stage) -> None:
    """The newest notice says what is not so; one of Checkout v2 says nothing of states."""
    forged = play.amazon.notifications.log[-1]
    forged.message = forged.message.replace("Completed", "Declined")


async def test_a_new_topic_account_that_says_what_is_not_so_is_never_believed(
    either: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody can own a topic, name it after a seller, and know an order's number; a chargeback cannot be read."""
    play = either
    paid = await play.pay()
    await play.settle()
    since = events(play, paid.transaction.id)
    from_account(play, "999999999999", monkeypatch)
    play.hands.charge_back("40")
    play.hands.forget_chargebacks()
    play.hands.announce(play.hands.last_capture())
    spoil_newest(play)
    for _ in range(3):
        await play.settle(12 * HOUR)
    assert await learned(play) == []
    assert events(play, paid.transaction.id) == since
    assert play.deps.handled["unproven"] == 2
    assert any("999999999999" in message and "AMAZONPAY_TOPIC_ACCOUNTS" in message for message in problems(play))
    await play.books_agree()


async def test_a_topic_account_that_the_operator_names_is_believed_and_no_problem_any_more(
    either: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = either
    paid = await play.pay()
    await play.settle()
    from_account(play, "999999999999", monkeypatch)
    play.hands.charge_back("40")
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
    play.hands.announce(play.hands.last_capture())
    await play.settle()
    assert await learned(play) == ["123456789012"]

    def known(account: str) -> Any:
        return play.deps.store.read(lambda tx: topics.known(tx, account, "123456789012"))

    assert await known(f"{play.amazon.merchant.seller_id}:sandbox")
    assert not await known(f"{play.amazon.merchant.seller_id}:live")
    assert not await known("ANOTHERSELLER:sandbox")
    await play.books_agree()


async def test_a_new_topic_account_cannot_fill_the_inbox(either: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    play = either
    await play.pay()
    await play.settle()
    from_account(play, "999999999999", monkeypatch)
    for _ in range(25):
        play.hands.announce(play.hands.last_capture())
        spoil_newest(play)
    await play.amazon.deliver_due()
    answers = [each.attempts[-1].status for each in list(play.amazon.notifications.log)[-25:]]
    assert (answers.count(200), answers.count(503)) == (20, 5)
    await play.settle()
    await play.books_agree()
