"""What Amazon's settlement reports say stands beside what the profile's terms make of the sales."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.domain.flaws import FlawedError
from saleor_amazonpay.domain.operation import Kind
from saleor_amazonpay.flows import payments, profiles
from saleor_amazonpay.flows.fees import FeeMonth, as_csv, fee_months
from saleor_amazonpay.flows.refresh import chargeback_won
from saleor_amazonpay.flows.settlements import read_settlements
from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.simulator.amazon.v2 import reports
from saleor_amazonpay.store.notices import due
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


def report(play: Stage, start: str = "", end: str = "") -> Any:
    return reports.make(play.amazon.pay, play.amazon.merchant, reports.SETTLEMENT, start, end)


def rewrite(play: Stage, made: Any, text: str) -> None:
    play.amazon.pay.books.reports[made.report_id] = replace(made, text=text)


async def months(play: Stage, count: int = 1) -> list[FeeMonth]:
    found = (await play.deps.directory.current()).profiles.values()
    [profile] = found
    return await fee_months(play.deps, profile.tenant_id, [profile.id], count)


async def test_expected_and_actual_stand_side_by_side_and_the_difference_is_of_the_same_sales(
    play_v2_on_both: Stage,
) -> None:
    play = play_v2_on_both
    first = await play.pay("40.00")
    await play.pay("10.00")
    await play.act(first.transaction.id, "REFUND", "4.00")
    await play.settle()
    [before] = await months(play)
    assert (before.sales, before.gross, before.refunds, before.settled_gross) == (2, 5000, 400, 0)
    assert (before.actual_fee, before.difference) == (None, None)
    profile = next(iter((await play.deps.directory.current()).profiles.values()))
    fee = (5000 * profile.processing_bps + 5000) // 10_000 + 2 * profile.transaction_fee
    assert before.expected_fee == fee
    assert before.expected_net == 5000 - 400 - fee - before.expected_reserve

    report(play)
    assert await read_settlements(play.deps) == 1
    [after] = await months(play)
    assert (after.settled_gross, after.settled_refunds) == (5000, 400)
    # The simulated Amazon keeps 2.9 % and 0.30 a sale, and gives the percentage of a refund back: 2.05 - 0.12.
    assert after.actual_fee == 116 + 29 + 60 - 12
    assert after.difference == after.actual_fee - fee
    assert after.expected_net == before.expected_net


async def test_a_movement_counts_once_however_many_reports_name_it_and_however_often_they_are_read(
    play_v2: Stage,
) -> None:
    await play_v2.pay("40.00")
    await play_v2.settle()
    report(play_v2)
    report(play_v2)
    assert await read_settlements(play_v2.deps) == 2
    assert await read_settlements(play_v2.deps) == 0
    [month] = await months(play_v2)
    assert (month.settled_gross, month.actual_fee) == (4000, 146)


async def test_a_notice_of_today_does_not_wait_behind_what_a_first_report_names(play_v2: Stage) -> None:
    data = play_v2.buyer_data()
    await play_v2.pay("40.00", data=data)
    await play_v2.settle()
    play_v2.amazon.notifications.options.hold = True
    for _ in range(3):
        play_v2.hands.charge_elsewhere(data, "20")  # by another system, and nobody told us of it
    report(play_v2)
    await read_settlements(play_v2.deps)
    play_v2.amazon.advance(1)
    now = play_v2.deps.clock()
    waiting = await play_v2.deps.store.read(lambda tx: due(tx, now + 60_000))
    assert [each.due_at > now for each in waiting] == [False, True, True]


async def test_what_only_a_report_names_is_read_at_amazon_and_finds_its_profile_once_it_is_known(
    play_v2: Stage,
) -> None:
    paid = await play_v2.pay("40.00")
    await play_v2.settle()
    charge = next(iter(play_v2.amazon.pay.books.charges.values()))
    made = report(play_v2)
    stranger = charge.charge_id[:-6] + "999999"
    rewrite(play_v2, made, made.text.replace(charge.charge_id, stranger))
    await read_settlements(play_v2.deps)
    [month] = await months(play_v2)
    assert (month.settled_gross, month.actual_fee) == (0, None)  # nobody's yet
    [asked] = await play_v2.deps.store.read(lambda tx: due(tx, play_v2.deps.clock()))
    assert (asked.subject, asked.object_id, asked.account) == ("authorize", stranger, month_account(play_v2))
    # It becomes known, as an import would make it.
    await play_v2.deps.store.write(
        lambda tx: tx.connection.exec_driver_sql(
            f"UPDATE operations SET settled_id = '{stranger}' WHERE transaction_id = '{paid.transaction.id}'"  # noqa: S608
        )
    )
    await read_settlements(play_v2.deps)
    [month] = await months(play_v2)
    assert (month.settled_gross, month.actual_fee) == (4000, 146)


def month_account(play: Stage) -> str:
    return f"{play.amazon.merchant.seller_id}:sandbox"


async def test_a_report_that_cannot_be_read_costs_nothing_and_bad_lines_are_left_out(play_v2: Stage) -> None:
    await play_v2.pay("40.00")
    await play_v2.settle()
    good = report(play_v2)
    header, line = good.text.splitlines()[:2]
    preamble = "SettlementStartDate\t2026-11-01\n"
    broken = line.replace(",40.00,", ",forty,")
    transfer = line.replace("Capture", "Transfer")
    rewrite(play_v2, good, preamble + f"{header}\n{broken}\n{transfer}\n{line}\n".replace(",", "\t"))
    await read_settlements(play_v2.deps)
    [month] = await months(play_v2)
    assert month.settled_gross == 4000
    rewrite(play_v2, report(play_v2), "no columns at all\n")
    assert await read_settlements(play_v2.deps) == 0
    assert (await months(play_v2)) == [month]


async def test_v1_has_no_reports(play: Stage) -> None:
    await play.pay("40.00")
    assert await read_settlements(play.deps) == 0
    [month] = await months(play)
    assert (month.gross, month.actual_fee) == (4000, None)


async def test_the_table_as_a_file_opens_in_a_spreadsheet_and_runs_nothing_there(play: Stage) -> None:
    await play.pay("40.00")
    rows = await months(play, 2)
    read = list(csv.DictReader(io.StringIO(as_csv(rows))))
    assert [row["month"] for row in read] == [row.month for row in rows]
    assert Decimal(read[0]["gross"]) == Decimal("40.00")
    assert read[0]["actual_fee"] == ""
    [evil] = csv.DictReader(io.StringIO(as_csv([replace(rows[0], alias='=cmd|"/c calc"!A1')])))
    assert evil["alias"] == '\'=cmd|"/c calc"!A1'


async def test_a_chargeback_costs_its_fee_and_one_that_was_won_gives_the_amount_back(play_v2: Stage) -> None:
    paid = await play_v2.pay("40.00")
    await play_v2.settle()
    [before] = await months(play_v2)
    charge = next(iter(play_v2.amazon.pay.books.charges.values()))
    play_v2.amazon.pay.dispute(charge.charge_id)
    await play_v2.settle()
    [lost] = await months(play_v2)
    assert lost.chargebacks == 4000
    assert lost.expected_fee == before.expected_fee + 2000
    assert lost.expected_net == before.expected_net - 4000 - 2000
    tenant = await play_v2.deps.directory.tenant(play_v2.saleor.api_url)
    assert tenant is not None
    found = await payments.payment(play_v2.deps, tenant.id, paid.transaction.id)
    assert found is not None
    [chargeback] = [row for row in found.operations if row.kind is Kind.CHARGEBACK]
    told = await payments.history(play_v2.deps, tenant.id, found.operations)
    assert "Chargeback found at Amazon" in [entry.title for entry in told]
    assert "Chargeback requested" not in [entry.title for entry in told]

    won = await chargeback_won(play_v2.deps, tenant, chargeback.id)
    assert won is not None
    assert won.balance.charged_back == 0
    [after] = await months(play_v2)
    assert (after.chargebacks, after.expected_fee) == (0, lost.expected_fee)  # what it cost was paid
    with pytest.raises(FlawedError):
        await chargeback_won(play_v2.deps, tenant, found.first.id)


async def test_a_month_keeps_the_terms_it_had(play_v2: Stage) -> None:
    await play_v2.pay("40.00")
    await play_v2.settle()
    [before] = await months(play_v2)
    play_v2.amazon.advance(35 * DAY)
    profile = next(iter((await play_v2.deps.directory.current()).profiles.values()))
    await profiles.update(play_v2.deps, profile.tenant_id, profile.id, profile.version, {"processing_percent": "10"})
    play_v2.deps.directory.forget()
    paid = await play_v2.pay("40.00")
    assert paid.event.type == "CHARGE_SUCCESS"
    now, *past = await months(play_v2, 4)
    assert before in past
    assert now.expected_fee == 400 + profile.transaction_fee
