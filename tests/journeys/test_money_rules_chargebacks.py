"""Chargebacks, received, lost and won, on both wires.

Every scenario ends with three equal books: the small Saleor's, the simulator's and the ledger's.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from saleor_amazonpay.domain.flaws import FlawedError
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows.chargebacks import chargeback_won, fee_of
from saleor_amazonpay.flows.fees import fee_months
from saleor_amazonpay.store import operations, tables
from saleor_amazonpay.store.tenants import Tenant
from tests.journeys.imported import problems
from tests.journeys.seen import booked
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
HOUR = 3600.0


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


async def won(play: Stage, transaction: str) -> Operation:
    """Staff say that it was won; on Checkout v2 Amazon says so too."""
    (chargeback,) = await rows(play, transaction, Kind.CHARGEBACK)
    return await chargeback_won(play.deps, await tenant_of(play), chargeback.id)


async def test_a_chargeback_is_booked_under_amazons_id_with_its_amount(either_on_both: Stage) -> None:
    """On v1 that of the notice, which nothing else says; on Checkout v2 the dispute is read."""
    play = either_on_both
    payment = (await play.pay()).transaction.id
    cap = await booked(play)
    made = play.hands.charge_back("12.34")
    await play.settle()
    assert told(play, payment)[-1] == ("CHARGE_BACK", made, Decimal("12.34"))
    assert play.saleor.books()[payment].amounts.charged == Decimal("27.66")
    assert await booked(play) == cap, "a chargeback never gives cap back"
    assert problems(play) == [], "everything is known of it"
    await play.books_agree()


async def test_the_profiles_fee_is_booked_with_a_chargeback_as_it_was_then(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    play.hands.charge_back("40")
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


async def test_a_chargeback_whose_notice_comes_three_times_is_one(either_on_both: Stage) -> None:
    play = either_on_both
    payment = (await play.pay()).transaction.id
    play.amazon.notifications.options.copies = 3
    made = play.hands.charge_back("10")
    play.hands.announce(made)
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


async def two_purchases(play: Stage) -> tuple[str, str]:
    """On one agreement."""
    data = play.buyer_data()
    first = (await play.pay(data=data)).transaction.id
    await play.settle()
    second = (await play.pay(total="25", data=play.hands.by_id(data))).transaction.id
    await play.settle()
    return first, second


async def test_a_chargeback_of_the_second_purchase_on_an_agreement_is_booked_to_that_one(either: Stage) -> None:
    play = either
    first, second = await two_purchases(play)
    made = play.hands.charge_back("10")
    await play.settle()
    assert told(play, second)[-1] == ("CHARGE_BACK", made, Decimal(10))
    assert "CHARGE_BACK" not in [event for event, _, _ in told(play, first)]
    await play.books_agree()


async def test_two_chargebacks_of_purchases_on_one_agreement_one_lost_and_one_won(either: Stage) -> None:
    play = either
    first, second = await two_purchases(play)
    captures = list(play.amazon.pay.books.charges if play.hands.v2 else play.amazon.books.captures)
    play.hands.charge_back("40", captures[0])
    made = play.hands.charge_back("25", captures[1])
    await play.settle()
    play.hands.win(made)
    await won(play, second)
    await play.settle()
    charged = [play.saleor.books()[payment].amounts.charged for payment in (first, second)]
    assert charged == [0, 25]
    assert await play.act(second, "REFUND", "25") == "REFUND_REQUEST"
    await play.settle()
    await play.books_agree()


async def test_where_disputes_may_not_be_read_and_nobody_can_say_of_which_payment_staff_are_told(
    play_v2: Stage,
) -> None:
    """The notice names a permission with two payments, and no amount: it is in no books, and must not be silent."""
    play = play_v2
    first, second = await two_purchases(play)
    play.amazon.pay.disputes_visible = False
    made = play.hands.charge_back("25")
    play.hands.announce(made)
    await play.settle()
    assert problems(play) == [], "the payment may still be on its way into the ledger"
    await play.settle(HOUR)
    (said,) = problems(play)
    assert made in said
    assert "nor of which of them" in said
    for payment in (first, second):
        assert "CHARGE_BACK" not in [event for event, _, _ in told(play, payment)]


async def test_where_disputes_may_not_be_read_one_of_what_was_given_back_already_is_told_to_staff(
    play_v2: Stage,
) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    await play.act(payment, "REFUND", "40")
    await play.settle()
    play.amazon.pay.disputes_visible = False
    made = play.hands.charge_back("40")
    await play.settle()
    assert "CHARGE_BACK" not in [event for event, _, _ in told(play, payment)], "nothing is uncovered"
    (said,) = problems(play)
    assert made in said
    assert payment in said


async def test_a_won_chargeback_gives_the_money_back_under_an_id_of_its_own(either_on_both: Stage) -> None:
    play = either_on_both
    payment = (await play.pay()).transaction.id
    cap = await booked(play)
    made = play.hands.charge_back("30")
    await play.settle()
    play.hands.win(made)
    for _ in range(2):
        await won(play, payment)
    await play.settle()
    assert told(play, payment)[-1] == ("CHARGE_SUCCESS", f"{made}-won", Decimal(30))
    assert [psp for _, psp, _ in told(play, payment)].count(f"{made}-won") == 1, "whoever says it, and however often"
    assert play.saleor.books()[payment].amounts.charged == 40
    assert "AUTHORIZATION_ADJUSTMENT" not in [event for event, _, _ in told(play, payment)], "no rest to put right"
    assert await booked(play) == cap, "neither changes the cap"
    await play.books_agree()
    assert await play.act(payment, "REFUND", "40") == "REFUND_REQUEST", "it is refunded like any other money"
    await play.settle()
    await play.books_agree()


async def test_a_won_chargeback_takes_nothing_of_the_rest(either: Stage) -> None:
    """In Saleor a CHARGE_SUCCESS eats what is authorized: the adjustment is the old total and the amount."""
    play = either
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    await play.act(payment, "CHARGE", "60")
    made = play.hands.charge_back("25")
    await play.settle()
    play.hands.win(made)
    row = await won(play, payment)
    await play.settle()
    assert told(play, payment)[-2:] == [
        ("CHARGE_SUCCESS", f"{made}-won", Decimal(25)),
        ("AUTHORIZATION_ADJUSTMENT", row.id, Decimal(125)),
    ]
    amounts = play.saleor.books()[payment].amounts
    assert (amounts.authorized, amounts.charged) == (40, 60)
    await play.books_agree()
    assert await play.act(payment, "CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_two_chargebacks_won_one_after_the_other_leave_the_rest_as_it_was(either: Stage) -> None:
    play = either
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    await play.act(payment, "CHARGE", "60")
    for amount in ("10", "20"):
        made = play.hands.charge_back(amount)
        await play.settle()
        play.hands.win(made)
        newest = (await rows(play, payment, Kind.CHARGEBACK))[-1]
        await chargeback_won(play.deps, await tenant_of(play), newest.id)
        await play.settle()
        amounts = play.saleor.books()[payment].amounts
        assert (amounts.authorized, amounts.charged) == (40, 60)
        await play.books_agree()


async def test_staff_can_only_win_a_chargeback_of_their_own_shop(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    play.hands.charge_back("40")
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


async def test_a_chargeback_of_a_capture_made_in_seller_central_waits_for_it(either: Stage) -> None:
    play = either
    payment = (await play.pay(action="AUTHORIZATION")).transaction.id
    taken = play.hands.take_in_seller_central("40")
    play.hands.charge_back("15", taken)
    await play.settle()
    await play.settle(HOUR)
    assert [event for event, _, _ in told(play, payment)][-2:] == ["CHARGE_SUCCESS", "CHARGE_BACK"]
    await play.books_agree()


async def test_a_chargeback_of_a_payment_of_another_system_is_counted_and_changes_nothing(either: Stage) -> None:
    play = either
    paid = (await play.pay()).transaction.id
    play.hands.sell_elsewhere("7")
    await play.settle()
    play.deps.handled.clear()
    play.hands.charge_back("5")
    await play.settle()
    assert play.deps.handled == {"unknown": 1}
    assert told(play, paid)[-1][0] == "CHARGE_SUCCESS"
    await play.books_agree(foreign=True)


async def test_on_checkout_v2_a_won_dispute_comes_back_by_itself(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay(total="100", action="AUTHORIZATION")).transaction.id
    await play.act(payment, "CHARGE", "60")
    made = play.hands.charge_back("25")
    await play.settle()
    play.amazon.pay.resolve(made)
    await play.settle()
    events = told(play, payment)
    assert events[-2] == ("CHARGE_SUCCESS", f"{made}-won", Decimal(25))
    assert (events[-1][0], events[-1][2]) == ("AUTHORIZATION_ADJUSTMENT", Decimal(125))
    await play.books_agree()
    play.hands.announce(made)
    await play.settle()
    assert len(told(play, payment)) == len(events), "won once, however often it is said"
    await play.books_agree()


async def test_on_checkout_v2_a_lost_dispute_stays_charged_back(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    made = play.hands.charge_back("25")
    await play.settle()
    play.amazon.pay.resolve(made, "BuyerWon")
    await play.settle()
    assert [event for event, _, _ in told(play, payment)].count("CHARGE_BACK") == 1
    await play.books_agree()


async def test_where_disputes_may_not_be_read_the_uncovered_amount_is_booked_and_staff_are_told(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    await play.act(payment, "REFUND", "15")
    await play.settle()
    play.amazon.pay.disputes_visible = False
    made = play.hands.charge_back("25")
    await play.settle()
    assert told(play, payment)[-1] == ("CHARGE_BACK", made, Decimal(25))
    assert any("did not say how much it was" in message for message in problems(play))
    await play.books_agree()
