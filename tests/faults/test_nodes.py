"""Several nodes on one database: one acts, whoever dies is taken over, and who is asked to stop finishes first."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from saleor_amazonpay.flows.recover import sweep
from saleor_amazonpay.flows.report import deliver_reports
from saleor_amazonpay.saleor.manifest import APP_ID
from saleor_amazonpay.simulator.amazon import Fault
from tests.faults.checker import check
from tests.faults.house import House, house
from tests.faults.kill9 import street
from tests.faults.power import Doom
from tests.faults.storm import Squall, blow, written

pytestmark = [
    pytest.mark.anyio,
    # A writer that dies at a step ends by SystemExit, which Python lets pass and pytest reports.
    pytest.mark.filterwarnings("ignore:Exception in thread write:pytest.PytestUnhandledThreadExceptionWarning"),
]


@pytest.fixture
def two(request: pytest.FixtureRequest) -> str:
    """A database that two nodes may share."""
    url: str = request.getfixturevalue("postgres").create(f"t{uuid4().hex}")
    return url


async def _asked_of_amazon(made: House, action: str) -> int:
    return Counter(made.http.actions)[action]


# A refund as a fault, and as a counted request.
REFUND = {"mws": ("Refund", "Refund"), "v2": ("CreateRefund", "POST /v2/refunds")}


@pytest.mark.parametrize("wire", ["mws", "v2"])
async def test_two_nodes_sweep_at_once_and_one_acts(wire: str, two: str) -> None:
    action, request = REFUND[wire]
    async with house(two, nodes=2, wire=wire) as made:
        sale = await made.buy()
        await made.settle()
        made.amazon.faults.add(Fault("error", action=action, times=20))
        sale.asked.append(("REFUND", Decimal(10)))
        made.saleor.transaction_request_action(sale.transaction, "REFUND", Decimal(10), "because")
        await made.saleor.settled()
        made.amazon.faults.clear()
        made.amazon.advance(600)
        before = await _asked_of_amazon(made, request)
        await made.nodes.inside(sweep)
        for node in made.nodes.all:
            await node.deps.running.drain()
        assert await _asked_of_amazon(made, request) == before + 1
        await made.calm()
        assert check(made.saleor, made.amazon, made.sales).clean


async def test_reports_leave_once_though_two_nodes_send(two: str) -> None:
    async with house(two, nodes=2) as made:
        sale = await made.buy()
        await made.settle()
        await made.ask(sale, "REFUND", "10")
        made.amazon.advance(30)
        await made.amazon.deliver_due()
        for _ in range(3):
            await made.turn()
            made.amazon.advance(5)
            await made.nodes.inside(deliver_reports)
        told = [event.type for event in made.saleor.books()[sale.transaction].events]
        assert told.count("REFUND_SUCCESS") == 1


async def test_the_other_node_finishes_what_a_dead_one_began(two: str) -> None:
    async with house(two, nodes=2) as made:
        sale = await made.buy()
        await made.settle()
        made.power.arm()
        for node in made.nodes.all:  # whichever is asked
            made.power.doom[node.number] = Doom("after call", 1, "POST Refund")
        sale.asked.append(("REFUND", Decimal(10)))
        made.saleor.transaction_request_action(sale.transaction, "REFUND", Decimal(10), "because")
        await made.saleor.settled()
        made.power.doom.clear()
        assert len(made.nodes.alive) == 1, "one died, and stays dead"
        await made.settle()
        assert len(made.nodes.alive) == 1
        count = check(made.saleor, made.amazon, made.sales)
        assert count.clean, count.notes


async def test_sigterm_lets_a_call_that_is_out_come_back(tmp_path: Path) -> None:
    async with street(f"sqlite:///{tmp_path}/ledger.sqlite3") as (process, small, world):
        customer = small.customer_create("jane@example.com")
        await process.start()
        agreement, token = world.open_agreement()
        world.faults.add(Fault("late", action="AuthorizeOnBillingAgreement", seconds=1.0))
        checkout = small.checkout_create(total="100.00", user=customer)
        data = {"amazonBillingAgreementId": agreement.agreement_id, "accessToken": token.token}
        paying = asyncio.create_task(
            small.transaction_initialize(checkout.id, APP_ID, data, Decimal(100), "CHARGE", requestor=customer)
        )
        while not world.books.authorizations:
            await asyncio.sleep(0.02)
        os.kill(process.pid, signal.SIGTERM)
        paid = await paying
        assert paid.event is not None
        assert paid.event.type == "CHARGE_SUCCESS"
        assert await process.ended() in {0, -signal.SIGTERM}  # uvicorn ends by the signal once all is done


async def test_a_small_squall(two: str) -> None:
    weather = await blow(Squall(3, "postgresql", "mws", operations=25), two)
    assert weather.count.clean, weather.count.notes
    assert weather.operations.total() == 25


def test_the_plan_of_a_squall_is_written_by_its_seed() -> None:
    plan = list(written(7))
    assert plan == list(written(7))
    assert plan != list(written(8))
    assert sum(len(each.moves) for each in plan) == 100
    assert Squall.parse(str(Squall(7, "sqlite", "v2"))) == Squall(7, "sqlite", "v2")
