"""The transaction's card is written when nobody else writes the transaction, because Saleor writes the whole row back.

A real Saleor lost a charge of its amounts to this mutation, which had read the row a moment before the charge's answer
was written.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from saleor_amazonpay.flows.recover import sweep
from saleor_amazonpay.flows.report import deliver_reports, note_delivered
from saleor_amazonpay.http import HttpResponse
from tests.amazon.verdicts import REFUNDED
from tests.flows.world import SaleorApiOnPaper, World

pytestmark = pytest.mark.anyio


async def reported(shop: World) -> None:
    await note_delivered(shop.deps)
    await deliver_reports(shop.deps)


async def test_it_waits_until_saleor_has_written_the_last_answer(shop: World) -> None:
    await shop.pay(action="AUTHORIZATION")
    await reported(shop)
    shop.clock.advance(2)
    await shop.act("charge", 3.0, 1)
    shop.clock.advance(4)
    await reported(shop)
    assert shop.api.cards == [], "the payment's own three seconds are over, the charge's ten are not"
    shop.clock.advance(7)
    await deliver_reports(shop.deps)
    assert len(shop.api.cards) == 1


class Meanwhile(SaleorApiOnPaper):
    """Staff capture in the very moment in which Saleor writes the card."""

    shop: World
    asked = False

    async def request(
        self, method: str, url: str, *, headers: Any, body: bytes = b"", timeout: float = 30.0
    ) -> HttpResponse:
        if b"transactionUpdate" in body and not self.asked:
            self.asked = True
            answer = await self.shop.act("charge", 3.0, 1)
            assert answer["result"] == "CHARGE_SUCCESS"
        return await super().request(method, url, headers=headers, body=body, timeout=timeout)


async def test_what_was_asked_while_it_was_written_is_added_up_again(tmp_path: Any) -> None:
    api = Meanwhile()
    shop = World(tmp_path, api=api)
    api.shop = shop
    await shop.install()
    await shop.pay(action="AUTHORIZATION")
    await reported(shop)
    shop.clock.advance(4)
    await reported(shop)
    assert api.asked
    assert "INFO" not in [report["type"] for report in api.reports], "Saleor may still be writing the charge"
    shop.clock.advance(11)
    await reported(shop)
    assert [(each["type"], each["amount"]) for each in api.reports if each["type"] == "INFO"] == [("INFO", "0.00")]
    assert len({json.dumps(card) for card in api.cards}) == 1
    shop.store.close()


async def test_a_quiet_payment_is_not_added_up_again(shop: World) -> None:
    await shop.pay()
    await shop.settle_down()
    assert (len(shop.api.cards), shop.api.reports) == (1, [])


async def test_events_do_not_wait_for_a_card_that_sleeps(shop: World) -> None:
    await shop.pay()
    await reported(shop)
    shop.clock.advance(2)
    await shop.act("refund", 4.0, 1)
    shop.clock.advance(2)
    await reported(shop)
    shop.amazon.decide((await shop.operations())[-1].object_id, REFUNDED)
    shop.clock.advance(31)
    await sweep(shop.deps)
    await shop.deps.running.drain()
    shop.clock.advance(4)
    await reported(shop)
    assert [report["type"] for report in shop.api.reports] == ["REFUND_SUCCESS"]
    assert shop.api.cards == []
    shop.clock.advance(7)
    await reported(shop)
    assert len(shop.api.cards) == 1
