"""Saleor never got an answer, shows a failure, and staff press again: what they ask for is the operation of before."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["mws", "v2"])
async def reserved(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Stage]:
    async with stage(database_url, request.param) as made:
        yield made


@pytest.mark.parametrize("rounds", [0, 3], ids=["at once", "after a while"])
async def test_a_capture_is_made_once_whose_answer_was_lost(reserved: Stage, rounds: int) -> None:
    """On v2 it has the reference of its reservation, whose answer Saleor did get."""
    sale = (await reserved.pay("100.00", "AUTHORIZATION")).transaction.id
    await reserved.settle()
    reserved.saleor.faults.drop_answer("TRANSACTION_CHARGE_REQUESTED")
    assert await reserved.act(sale, "CHARGE", "30") == "CHARGE_FAILURE"
    await reserved.settle(rounds=rounds)
    amounts = reserved.saleor.books()[sale].amounts
    assert amounts.charged == (30 if rounds else 0)
    if not rounds:
        assert await reserved.act(sale, "CHARGE", "30") == "CHARGE_SUCCESS"
    await reserved.settle()
    assert reserved.saleor.books()[sale].amounts.charged == 30
    await reserved.books_agree()


@pytest.mark.parametrize("action", ["REFUND", "CANCEL"])
async def test_a_refund_and_a_release_are_made_once_whose_answer_was_lost(reserved: Stage, action: str) -> None:
    sale = (await reserved.pay("100.00", "CHARGE" if action == "REFUND" else "AUTHORIZATION")).transaction.id
    await reserved.settle()
    amount = "30" if action == "REFUND" else "100"
    reserved.saleor.faults.drop_answer(f"TRANSACTION_{'REFUND' if action == 'REFUND' else 'CANCELATION'}_REQUESTED")
    assert await reserved.act(sale, action, amount) == f"{action}_FAILURE"
    assert await reserved.act(sale, action, amount) in {f"{action}_SUCCESS", f"{action}_REQUEST"}
    await reserved.settle()
    books = reserved.saleor.books()[sale].amounts
    assert (books.refunded, books.canceled) == ((30, 0) if action == "REFUND" else (0, 100))
    await reserved.books_agree()
