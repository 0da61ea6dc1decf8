"""The checker is worth what it catches: bugs that real payment apps have, planted one at a time, are each counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from saleor_amazonpay.amazon.port import AuthorizeCall, RefundCall
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Outcome, Verdict
from saleor_amazonpay.flows import action, ledger, money_call, recover
from saleor_amazonpay.flows.conclude import Conclusion
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.flows.report import deliver_reports
from saleor_amazonpay.store.sql import Tx
from tests.faults.house import House
from tests.faults.matrix import Plan, Prepare, deaths, play

pytestmark = [
    pytest.mark.anyio,
    # A writer that dies at a step ends by SystemExit, which Python lets pass and pytest reports.
    pytest.mark.filterwarnings("ignore:Exception in thread write:pytest.PytestUnhandledThreadExceptionWarning"),
]
REFUND = "refund without notices"


def _no_notices(house: House) -> None:
    """A notice would tell the truth in time."""
    house.amazon.merchant.ipn_url = ""


async def _counted(name: str, story: str, folder: Path, prepare: Prepare | None = None) -> bool:
    """Whether the checker counts this, with a death at some step of the story or with none."""
    whole = await play(Plan(story), f"sqlite:///{folder}/whole.sqlite3", prepare)
    if whole.count.numbers()[name]:
        return True
    # Most of them show where a call has been made and nobody knows of it yet: there it is looked for first.
    plans = sorted(deaths(whole), key=lambda plan: plan.doom is not None and plan.doom.kind != "after call")
    for number, plan in enumerate(plans):
        done = await play(replace(plan, mood=0), f"sqlite:///{folder}/{number}.sqlite3", prepare)
        if done.count.numbers()[name]:
            return True
    return False


async def test_no_intent_row(tmp_path: Path) -> None:
    """As if the operation were written only together with its outcome: what was out when the app died is forgotten."""

    def unit(tx: Tx) -> None:
        tx.connection.execute(sa.text("DELETE FROM operations WHERE phase = 'calling'"))

    async def forget(deps: Deps) -> None:
        await deps.store.write(unit)

    def prepare(house: House) -> None:
        house.nodes.on_restart = forget

    assert await _counted("double_refunds", REFUND, tmp_path, prepare)


@pytest.mark.parametrize(("name", "story"), [("double_refunds", REFUND), ("double_charges", "collect a rest")])
async def test_a_random_reference_id(name: str, story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = money_call.stored_call

    def random(operation: Any) -> Any:
        call = real(operation)
        assert isinstance(call, RefundCall | AuthorizeCall)
        return replace(call, reference_id=uuid4().hex)

    monkeypatch.setattr(money_call, "stored_call", random)
    assert await _counted(name, story, tmp_path, _no_notices)


async def test_no_adoption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "_same_operation", lambda *_: None)
    assert await _counted("double_refunds", REFUND, tmp_path)


async def test_a_psp_reference_that_changes_when_it_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ledger._add

    def changed(tx: Tx, operation: Any, event: str, _psp: str, *more: Any) -> None:
        real(tx, operation, event, uuid4().hex, *more)

    monkeypatch.setattr(ledger, "_add", changed)
    assert await _counted("unfinished", REFUND, tmp_path)


async def test_a_report_before_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    houses: list[House] = []
    real = Conclusion.within_budget

    async def late(self: Conclusion, operation: Any) -> bytes:
        body = await real(self, operation)
        if operation.kind == "refund":  # the answer is ready, and does not leave before the report
            (house,) = houses
            house.amazon.advance(60)
            await house.amazon.deliver_due()
            await handle_notices(house.deps)
            house.amazon.advance(5)
            await deliver_reports(house.deps)
        return body

    monkeypatch.setattr(Conclusion, "within_budget", late)
    done = await play(Plan("granted refund"), f"sqlite:///{tmp_path}/ledger.sqlite3", houses.append)
    assert done.count.unfinished


async def test_a_charge_made_behind_the_back_of_a_buyer_who_paid_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always(*_: Any) -> bool:
        return True

    monkeypatch.setattr(recover, "_still_wanted", always)
    assert await _counted("charged_after_failure", "initialize charge", tmp_path)


async def test_a_crash_taken_for_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def give_up(deps: Deps, operation: Any) -> None:
        outcome = Outcome(Verdict(Phase.GONE, "never_made"))
        await deps.store.write(lambda tx: ledger.settle(tx, deps, operation, outcome))

    monkeypatch.setattr(recover, "_repeat", give_up)
    assert await _counted("lost_payments", "capture", tmp_path, _no_notices)


async def test_an_amount_that_is_a_cent_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., None] = ledger._add

    def off(tx: Tx, operation: Any, *more: Any) -> None:
        real(tx, replace(operation, amount=operation.amount - 1, moved=None), *more)

    monkeypatch.setattr(ledger, "_add", off)
    assert await _counted("cents", REFUND, tmp_path)
