"""What two nodes, two clicks, or a call, a notice and the sweep may do at the same moment; on both databases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from saleor_amazonpay.domain.errors import NotExecutedError
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.directory import Directory
from saleor_amazonpay.flows.ledger import settle
from saleor_amazonpay.flows.recover import sweep
from saleor_amazonpay.flows.report import note_delivered
from saleor_amazonpay.store import profiles
from tests.amazon.verdicts import PENDING, REFUNDED
from tests.flows.world import AGREEMENT, CONSENTED, USER, World, world
from tests.waiting import until

pytestmark = pytest.mark.anyio
SAVED = {"amazonBillingAgreementId": AGREEMENT}


@pytest.fixture
async def both(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, database_url=database_url) as made:
        yield made


async def press(shop: World, amounts: list[float], transaction: str) -> None:
    """Refunds asked for at the same moment on two nodes: each body lists its own request and the older ones."""
    nodes = [shop.app, shop.another_node()]
    bodies = [
        shop.action("refund", amount, [shop.request("refund", a, m) for m, a in enumerate(amounts[:n], 1)], transaction)
        for n, amount in enumerate(amounts, 1)
    ]
    await asyncio.gather(
        *(shop.send("transaction-refund-requested", body, nodes[n % 2]) for n, body in enumerate(bodies))
    )
    await shop.deps.running.drain()


@pytest.mark.parametrize("amounts", [[4.0, 4.0], [6.0, 5.0], [10.0, 10.0, 10.0]])
async def test_refunds_asked_for_together_never_give_back_twice_or_too_much(both: World, amounts: list[float]) -> None:
    for number in range(6):
        key = f"T{number}"
        both.amazon.draft(f"C01-{number}", token=f"token-{number}")
        data = {**CONSENTED, "amazonBillingAgreementId": f"C01-{number}", "accessToken": f"token-{number}"}
        await both.pay(transaction=key, source=f"cart-{number}", data=data)
        both.amazon.script = [REFUNDED] * 3
        await press(both, amounts, key)
        refunds = [row for row in await both.operations(key) if row.kind == "refund" and not row.failed]
        assert len(refunds) == 1, [row.amount for row in refunds]
        both.amazon.script.clear()


async def test_a_throttled_node_fails_nothing_that_another_node_has_tried(shop: World) -> None:
    await shop.pay(principal=USER)
    other = Deps(
        store=shop.store, directory=Directory(shop.store, shop.clock), wires=shop.deps.wires,
        saleor=shop.deps.saleor, clock=shop.clock, timing=shop.deps.timing,
    )  # fmt: skip
    real, calls = shop.amazon.authorize, 0
    throttled, second, go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def authorize(account: Any, call: Any, patience: float) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            await throttled.wait()
            raise NotExecutedError("authorize", "RequestThrottled")
        second.set()
        await go.wait()
        return await real(account, call, patience)

    shop.amazon.authorize = authorize  # type: ignore[method-assign]
    paying = asyncio.ensure_future(shop.pay(transaction="T2", source="cart-2", principal=USER, data=SAVED))
    await until(lambda: calls > 0)
    shop.clock.advance(91)
    await sweep(other)
    await second.wait()
    throttled.set()
    assert (await paying)["result"] == "CHARGE_REQUEST", "another node may be charging: nothing is declined"
    go.set()
    await other.running.drain()
    (row,) = await shop.operations("T2")
    assert row.phase is Phase.DONE
    assert len(shop.amazon.moved) == 2


async def test_a_poll_that_crosses_a_notice_puts_nothing_off(shop: World) -> None:
    await shop.pay()
    await shop.act("refund", 10.0)
    await note_delivered(shop.deps)
    shop.clock.advance(60)
    started, go = asyncio.Event(), asyncio.Event()
    real = shop.amazon.read_refund

    async def slow(account: Any, object_id: str) -> Any:
        seen = shop.amazon.objects[object_id]
        started.set()
        await go.wait()
        return seen

    shop.amazon.read_refund = slow  # type: ignore[method-assign]
    sweeping = asyncio.ensure_future(sweep(shop.deps))
    await started.wait()
    shop.amazon.read_refund = real  # type: ignore[method-assign]
    shop.amazon.decide("R-2", REFUNDED)
    (_, row) = await shop.operations()
    await shop.store.write(lambda tx: settle(tx, shop.deps, row, shop.amazon.objects["R-2"]))
    go.set()
    await sweeping
    (_, row) = await shop.operations()
    assert (row.phase, row.due_at) == (Phase.DONE, 0)


async def test_a_profile_that_cannot_be_opened_holds_nobody_else_up(shop: World) -> None:
    await shop.pay()
    await shop.act("refund", 4.0)
    (sale, _) = await shop.operations()
    broken = replace(shop.profile, id="broken", alias="broken")

    def spoil(tx: Any) -> None:
        profiles.insert(tx, shop.store.sealer, broken, {"secret_key": "s"}, 1)
        tx._cursor.execute("UPDATE profiles SET secret_key = 'x' WHERE id = 'broken'")
        tx._cursor.execute(
            "UPDATE operations SET profile_id = 'broken', phase = 'pending', due_at = 1 WHERE id = :id", {"id": sale.id}
        )

    await shop.store.write(spoil)
    shop.deps.directory.forget()
    shop.amazon.decide("R-2", REFUNDED)
    await shop.settle_down()
    assert "REFUND_SUCCESS" in [report["type"] for report in shop.api.reports]


async def test_the_loser_of_a_double_click_does_not_pay_again_by_pressing_on(shop: World) -> None:
    await shop.pay(principal=USER)
    asked = shop.request("charge", 10.0, 1)  # Saleor fixed the amount when the purchase was still unpaid
    shop.clock.now = 1_795_500_000_000

    def body(transaction: str, event: str) -> bytes:
        sent = json.loads(shop.session(event, transaction, data=SAVED, principal=USER, source="cart-2"))
        sent["transaction"]["events"] = [asked]
        return json.dumps(sent).encode()

    paid = json.loads((await shop.send("transaction-initialize-session", body("T2", "initialize"))).body)
    assert paid["result"] == "CHARGE_SUCCESS"
    for event in ("initialize", "process"):
        lost = json.loads((await shop.send(f"transaction-{event}-session", body("T3", event))).body)
        assert (lost["result"], lost["data"]["code"]) == ("CHARGE_FAILURE", "already_paid")
    assert len(shop.amazon.moved) == 2


async def test_a_granted_refund_told_unlinked_is_linked_and_not_made_again(shop: World) -> None:
    await shop.pay()
    shop.amazon.script.append(REFUNDED)
    shop.amazon.lost = 1
    first = await shop.act("refund", 4.0, 1)  # Saleor never got this answer
    shop.deps.delivered.clear()
    await shop.settle_down()
    told = {**shop.request("refund", 4.0, 8, psp=first["pspReference"]), "type": "REFUND_SUCCESS"}
    events = [shop.request("refund", 4.0, 1), told, shop.request("refund", 4.0, 9)]
    sent = json.loads(shop.action("refund", 4.0, events))
    sent["grantedRefund"] = {"id": "T3JkZXJHcmFudGVkUmVmdW5kOjE=", "amount": {"amount": 4.0}}
    answer = json.loads((await shop.send("transaction-refund-requested", json.dumps(sent).encode())).body)
    assert answer["result"] == "REFUND_SUCCESS"
    assert answer["pspReference"] != first["pspReference"]
    await shop.settle_down()
    assert shop.api.reports[-1]["type"] == "REFUND_REVERSE"
    assert shop.api.reports[-1]["pspReference"] == first["pspReference"]
    assert len([made for made in shop.amazon.made.values() if made.object_id.startswith("R")]) == 1


async def test_pending_at_amazon_after_a_crash_is_told_as_pending(shop: World) -> None:
    await shop.pay()
    shop.amazon.script.append(PENDING)
    await shop.act("refund", 4.0)
    shop.deps.delivered.clear()
    await shop.store.write(
        lambda tx: tx._cursor.execute("UPDATE operations SET told = '', psp_reference = '' WHERE kind = 'refund'")
    )
    await shop.settle_down()
    assert "REFUND_REQUEST" in [report["type"] for report in shop.api.reports]
