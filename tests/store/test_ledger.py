"""Operations and deliveries on both databases: once each, forward only, first answer stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Retry, Verdict
from saleor_amazonpay.store import at_amazon, deliveries, operations, topics
from saleor_amazonpay.store.store import Store

pytestmark = pytest.mark.anyio
PAID = Outcome(Verdict(Phase.DONE, "ok", effect=Effect.CAPTURED), "A-1", "C-1", "P01-1", state="Closed")


def operation(key: str = "op-1", **changes: object) -> Operation:
    base = Operation.new(
        id=key, tenant_id="t", op_key=f"session:{key}", kind=Kind.CHARGE, profile_id="p", wire="mws", account="S:live",
        transaction_id="T1", source_id="checkout", agreement_id="ag", amount=Money(1000, "USD"), parameters="{}",
        buyer_waits=True, unresolved=True, cap_month="2026-11", cap_booked=1000, now=5, due_at=50,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


async def settle(store: Store, key: str, outcome: Outcome, psp: str) -> Operation | None:
    return await store.write(
        lambda tx: operations.settle(tx, key, outcome, psp_reference=psp, cap_booked=1000, due_at=9, now=7)
    )


async def test_an_operation_comes_back_as_it_was_written(store: Store) -> None:
    written = operation()
    assert await store.write(lambda tx: operations.insert(tx, written))
    assert await store.read(lambda tx: operations.by_id(tx, "op-1")) == written


async def test_the_same_operation_is_written_once(store: Store) -> None:
    results = await asyncio.gather(*(store.write(lambda tx: operations.insert(tx, operation())) for _ in range(8)))
    assert sorted(results) == [False] * 7 + [True]


async def test_a_second_unresolved_payment_of_a_purchase_on_one_agreement_is_not_written(store: Store) -> None:
    assert await store.write(lambda tx: operations.insert(tx, operation()))
    assert not await store.write(lambda tx: operations.insert(tx, operation("op-2")))
    assert await store.write(lambda tx: operations.insert(tx, operation("op-3", source_id="another")))
    await settle(store, "op-1", PAID, "C-1")
    assert await store.write(lambda tx: operations.insert(tx, operation("op-2")))


async def test_the_first_final_outcome_stays(store: Store) -> None:
    await store.write(lambda tx: operations.insert(tx, operation()))
    assert (await settle(store, "op-1", PAID, "C-1")) is not None
    declined = Outcome(Verdict(Phase.DECLINED, "declined", Retry.NEVER), state="Declined")
    assert (await settle(store, "op-1", declined, "other")) is None
    row = await store.read(lambda tx: operations.by_id(tx, "op-1"))
    assert row is not None
    assert (row.phase, row.psp_reference, row.settled_id, row.unresolved) == (Phase.DONE, "C-1", "C-1", False)


async def test_the_psp_reference_that_was_told_first_stays(store: Store) -> None:
    await store.write(lambda tx: operations.insert(tx, operation()))
    told = await store.write(lambda tx: operations.tell(tx, "op-1"))
    assert (told.psp_reference, told.told) == ("op-1", "pending")
    row = await settle(store, "op-1", PAID, "C-1")
    assert row is not None
    assert (row.psp_reference, row.told, row.phase) == ("op-1", "pending", Phase.DONE)


async def test_a_final_operation_is_not_told_as_pending(store: Store) -> None:
    await store.write(lambda tx: operations.insert(tx, operation()))
    await settle(store, "op-1", PAID, "C-1")
    told = await store.write(lambda tx: operations.tell(tx, "op-1"))
    assert (told.psp_reference, told.told) == ("C-1", "")


async def test_a_delivered_answer_takes_the_operation_off_the_sweep(store: Store) -> None:
    await store.write(lambda tx: operations.insert(tx, operation()))
    assert [row.id for row in await store.read(lambda tx: operations.due(tx, 50))] == ["op-1"]
    await store.write(lambda tx: operations.delivered(tx, "op-1"))
    assert len(await store.read(lambda tx: operations.due(tx, 50))) == 1, "not final yet: it must stay on the sweep"
    await settle(store, "op-1", PAID, "C-1")
    assert len(await store.read(lambda tx: operations.due(tx, 50))) == 1
    await store.write(lambda tx: operations.delivered(tx, "op-1"))
    assert await store.read(lambda tx: operations.due(tx, 50)) == []


async def test_an_object_is_found_over_all_profiles_of_an_account_and_not_beyond(store: Store) -> None:
    await store.write(lambda tx: operations.insert(tx, operation()))
    await settle(store, "op-1", PAID, "C-1")
    for amazon, reference in (("A-1", ""), ("C-1", ""), ("", "op-1")):
        found = await store.read(lambda tx, a=amazon, r=reference: at_amazon.on_account(tx, "S:live", a, r))
        assert found is not None, (amazon, reference)
    assert await store.read(lambda tx: at_amazon.on_account(tx, "S:sandbox", "A-1", "op-1")) is None
    assert await store.read(lambda tx: at_amazon.on_account(tx, "S:live", "", "")) is None
    assert len(await store.read(lambda tx: at_amazon.on_order(tx, "S:live", "P01-1"))) == 1


async def test_the_same_bytes_are_claimed_once_and_keep_their_first_answer(store: Store) -> None:
    claims = await asyncio.gather(
        *(store.write(lambda tx: deliveries.claim(tx, "t", b"digest", "event", 1)) for _ in range(8))
    )
    assert claims.count(None) == 1
    first = await store.write(lambda tx: deliveries.answer(tx, "t", b"digest", "op", b"one"))
    second = await store.write(lambda tx: deliveries.answer(tx, "t", b"digest", "op", b"two"))
    assert (first, second) == (b"one", b"one")
    assert await store.write(lambda tx: deliveries.claim(tx, "other tenant", b"digest", "event", 1)) is None


async def test_a_refund_that_becomes_a_whole_keeps_its_reference_and_is_carried_by_parts(store: Store) -> None:
    refund = operation(
        "op-1", kind=Kind.REFUND, parent_id="sale", object_id="R-1", psp_reference="R-1", unresolved=False
    )
    assert await store.write(lambda tx: operations.enter(tx, refund))
    assert await store.write(lambda tx: operations.becomes_whole(tx, "op-1", 77, 8))
    assert not await store.write(lambda tx: operations.becomes_whole(tx, "op-1", 77, 8)), "once"
    whole = await store.read(lambda tx: operations.by_id(tx, "op-1"))
    assert whole is not None
    assert (whole.whole, whole.object_id, whole.phase, whole.due_at) == (True, "", Phase.PENDING, 77)
    summed = await store.write(
        lambda tx: operations.sum_up(tx, "op-1", Phase.DONE, "refunded", "ok", "", moved=1000, now=9, due_at=0)
    )
    assert summed is not None
    assert (summed.psp_reference, summed.result) == ("R-1", Money(1000, "USD"))


async def test_what_was_decided_does_not_become_a_whole(store: Store) -> None:
    refund = operation("op-1", kind=Kind.REFUND, parent_id="sale", unresolved=False)
    await store.write(lambda tx: operations.enter(tx, refund))
    await settle(store, "op-1", PAID, "C-1")
    assert not await store.write(lambda tx: operations.becomes_whole(tx, "op-1", 77, 8))


async def test_an_object_that_was_found_twice_is_one_row(store: Store) -> None:
    found = Operation.found(
        amazon_id="R-9", kind=Kind.REFUND, owner=operation().owner, parent_id="sale", amount=Money(5, "USD"), now=5
    )
    results = await asyncio.gather(*(store.write(lambda tx: operations.enter(tx, found)) for _ in range(8)))
    assert sorted(results) == [False] * 7 + [True]
    assert [row.id for row in await store.read(lambda tx: at_amazon.of_object(tx, "S:live", "R-9"))] == [found.id]
    assert await store.read(lambda tx: at_amazon.of_object(tx, "S:sandbox", "R-9")) == []


async def test_of_several_rows_of_an_object_the_one_that_stands_for_it_comes_first(store: Store) -> None:
    rows = (
        operation("sale", unresolved=False, object_id="A-1", phase=Phase.DONE),
        operation("release", unresolved=False, object_id="A-1", kind=Kind.CANCEL, phase=Phase.DONE, created_at=9),
        operation("failed", unresolved=False, object_id="A-1", phase=Phase.DECLINED, created_at=8),
    )
    for row in rows:
        await store.write(lambda tx, row=row: operations.enter(tx, row))
    found = await store.read(lambda tx: at_amazon.of_object(tx, "S:live", "A-1"))
    assert [row.id for row in found] == ["sale", "failed", "release"]


async def test_a_topic_account_is_learned_once_and_for_one_merchant_account(store: Store) -> None:
    for number in (1, 2):
        await store.write(lambda tx, number=number: topics.learn(tx, "S:live", "123456789012", f"m-{number}", number))
    assert await store.read(lambda tx: topics.known(tx, "S:live", "123456789012"))
    assert not await store.read(lambda tx: topics.known(tx, "S:sandbox", "123456789012"))
