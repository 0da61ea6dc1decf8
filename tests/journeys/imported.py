"""What scenarios about notices wait for and look at."""

from __future__ import annotations

from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.flows.report import deliver_reports
from saleor_amazonpay.store import operations
from tests.journeys.stage import Stage

HOUR = 3600.0


async def an_hour_later(play: Stage) -> None:
    """What is looked up again for an hour is brought in then."""
    await play.settle()
    await play.settle(HOUR, rounds=1)
    await play.settle()


async def heard(play: Stage) -> None:
    """Only notices, and what they make Saleor hear: no sweep reads anything meanwhile."""
    for _ in range(2):
        play.amazon.advance(30)
        await play.amazon.deliver_due()
        await handle_notices(play.deps)
        play.amazon.advance(5)
        await deliver_reports(play.deps)


def events(play: Stage, transaction: str) -> list[str]:
    return [event.type for event in play.saleor.books()[transaction].events]


async def rows(play: Stage, transaction: str) -> list[operations.Operation]:
    tenant = await play.deps.directory.tenant(play.saleor.api_url)
    assert tenant is not None
    return await play.deps.store.read(lambda tx: operations.of_transaction(tx, tenant.id, transaction))


def problems(play: Stage) -> list[str]:
    return [problem.message for problem in play.installed.problems if problem.dismissed is None]


async def refunded_at_the_second_try(play: Stage) -> tuple[str, str]:
    """A payment of which 15 were given back after a first attempt that Amazon could not process; and that one's id."""
    payment = (await play.pay()).transaction.id
    play.amazon.refund_delay = 10**9
    await play.act(payment, "REFUND", "15")
    (made,) = play.hands.refunds()
    play.hands.settle_refund(made, "Declined", "ProcessingFailure")
    await heard(play)
    play.amazon.refund_delay = 10
    await play.settle(700)
    await play.settle()
    assert len(play.hands.refunds()) == 2
    assert play.saleor.books()[payment].amounts.refunded == 15
    return payment, made
