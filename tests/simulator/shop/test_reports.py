"""transactionEventReport and transactionUpdate (contracts §4.1, §4.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.errors import RequestError
from saleor_amazonpay.simulator.shop.ledger import TransactionItem
from saleor_amazonpay.simulator.shop.people import InstalledApp
from saleor_amazonpay.simulator.shop.reports import Report
from tests.simulator.shop.fake_app import APP_ID, MANIFEST_URL, FakeApp, manifest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def begun(shop: Shop, app: FakeApp, installed: InstalledApp) -> TransactionItem:
    app.reply("TRANSACTION_INITIALIZE_SESSION", {"result": "CHARGE_ACTION_REQUIRED"})
    result = await shop.transaction_initialize(shop.checkout_create(total="40").id, APP_ID)
    assert result.transaction is not None
    return result.transaction


async def test_a_report_is_booked_and_sets_psp_reference_and_actions(
    shop: Shop, begun: TransactionItem, installed: InstalledApp
) -> None:
    report = Report("CHARGE_SUCCESS", "C1", Decimal("10.004"), message="m" * 600, actions=["REFUND", "REFUND"])
    result = shop.transaction_event_report(begun.id, report, installed)
    assert result.already_processed is False
    assert result.event is not None
    assert (result.event.value, result.event.counted, len(result.event.message)) == (Decimal("10.00"), True, 512)
    assert (begun.amounts.charged, begun.psp_reference, begun.actions) == (Decimal(10), "C1", ["REFUND"])


async def test_the_first_psp_reference_stays(shop: Shop, begun: TransactionItem, installed: InstalledApp) -> None:
    for psp in ("C1", "C2"):
        shop.transaction_event_report(begun.id, Report("CHARGE_SUCCESS", psp, Decimal(5)), installed)
    assert (begun.psp_reference, begun.amounts.charged) == ("C1", Decimal(10))


async def test_a_repeated_report_changes_the_actions_and_nothing_else(
    shop: Shop, begun: TransactionItem, installed: InstalledApp
) -> None:
    first = shop.transaction_event_report(begun.id, Report("CHARGE_SUCCESS", "C1", Decimal(5)), installed)
    again = Report("CHARGE_SUCCESS", "C1", Decimal(5), message="new", actions=["CANCEL"])
    repeated = shop.transaction_event_report(begun.id, again, installed)
    assert repeated.already_processed is True
    assert repeated.event is first.event
    assert first.event is not None
    assert (first.event.message, begun.actions, begun.amounts.charged) == ("", ["CANCEL"], Decimal(5))


async def test_a_contradicting_report_is_refused_and_leaves_a_failure_each_time(
    shop: Shop, begun: TransactionItem, installed: InstalledApp
) -> None:
    shop.transaction_event_report(begun.id, Report("CHARGE_SUCCESS", "C1", Decimal(5)), installed)
    for _ in range(2):
        result = shop.transaction_event_report(begun.id, Report("CHARGE_SUCCESS", "C1", Decimal(6)), installed)
        assert (result.errors[0].code, result.errors[0].field) == ("INCORRECT_DETAILS", "pspReference")
    failures = begun.ledger[-2:]
    assert [(event.type, event.counted, event.psp) for event in failures] == [("CHARGE_FAILURE", False, "C1")] * 2
    assert begun.amounts.charged == 5


async def test_a_second_authorization_is_refused_and_leaves_a_failure(
    shop: Shop, begun: TransactionItem, installed: InstalledApp
) -> None:
    shop.transaction_event_report(begun.id, Report("AUTHORIZATION_SUCCESS", "A1", Decimal(5)), installed)
    result = shop.transaction_event_report(begun.id, Report("AUTHORIZATION_SUCCESS", "A2", Decimal(5)), installed)
    assert result.errors[0].code == "ALREADY_EXISTS"
    assert begun.ledger[-1].type == "AUTHORIZATION_FAILURE"
    assert begun.amounts.authorized == 5


async def test_info_and_action_required_are_never_repetitions(
    shop: Shop, begun: TransactionItem, installed: InstalledApp
) -> None:
    before = len(begun.ledger)
    for report in (Report("INFO", "I1"), Report("INFO", "I1"), Report("CHARGE_ACTION_REQUIRED", "", Decimal(1))):
        assert shop.transaction_event_report(begun.id, report, installed).already_processed is False
    assert len(begun.ledger) == before + 3


async def test_an_amount_is_deduced_where_it_may_be_left_out(
    shop: Shop, begun: TransactionItem, installed: InstalledApp
) -> None:
    shop.transaction_event_report(begun.id, Report("CHARGE_SUCCESS", "C1", Decimal(7)), installed)
    back = shop.transaction_event_report(begun.id, Report("CHARGE_BACK", "C1"), installed)
    assert back.event is not None
    assert back.event.value == 7
    for report in (Report("AUTHORIZATION_FAILURE", "new"), Report("CHARGE_SUCCESS", "C2")):
        assert shop.transaction_event_report(begun.id, report, installed).errors[0].code == "REQUIRED"


async def test_a_time_in_the_past_decides_which_event_counts(
    shop: Shop, begun: TransactionItem, installed: InstalledApp
) -> None:
    early = datetime(2020, 1, 1, tzinfo=UTC)
    shop.transaction_event_report(begun.id, Report("CHARGE_FAILURE", "C1", Decimal(7), early), installed)
    shop.transaction_event_report(begun.id, Report("CHARGE_SUCCESS", "C1", Decimal(7)), installed)
    assert begun.amounts.charged == 7
    assert begun.events[-1].type == "CHARGE_FAILURE"


@pytest.mark.parametrize(
    "report",
    [
        Report("CHARGE_SUCCESS", "p" * 513, Decimal(1)),
        Report("CHARGE_SUCCESS", "C1", Decimal(1), external_url="no url"),
        Report("CHARGE_SUCCESS", "C1", Decimal(1), external_url="https://x.example/" + "a" * 200),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    shop: Shop, begun: TransactionItem, installed: InstalledApp, report: Report
) -> None:
    before = len(begun.ledger)
    assert shop.transaction_event_report(begun.id, report, installed).errors[0].code == "INVALID"
    assert len(begun.ledger) == before


async def test_only_the_owning_app_reports_and_a_reinstalled_one_still_does(
    shop: Shop, app: FakeApp, begun: TransactionItem, installed: InstalledApp
) -> None:
    again = await shop.reinstall(installed)
    app.manifest = manifest(id="other.payments")
    other = await shop.install(MANIFEST_URL)
    report = Report("CHARGE_SUCCESS", "C1", Decimal(1))
    for stranger in (None, shop.staff, shop.customer_create("c@example.com"), other):
        with pytest.raises(RequestError, match="permissions"):
            shop.transaction_event_report(begun.id, report, stranger)
    assert shop.transaction_event_report(begun.id, report, again).errors == ()
    await shop.settled()


async def test_a_report_after_a_failure_of_saleors_own_counts(
    shop: Shop, app: FakeApp, installed: InstalledApp
) -> None:
    app.reply("TRANSACTION_INITIALIZE_SESSION", {"result": "CHARGE_SUCCESS", "pspReference": "C1"})
    shop.faults.drop_answer()
    checkout = shop.checkout_create(total="40")
    result = await shop.transaction_initialize(checkout.id, APP_ID)
    assert result.transaction is not None
    assert checkout.charge_status == "NONE"
    shop.transaction_event_report(result.transaction.id, Report("CHARGE_SUCCESS", "C1", Decimal(40)), installed)
    assert checkout.charge_status == "FULL"


async def test_an_update_sets_what_the_card_shows(shop: Shop, begun: TransactionItem, installed: InstalledApp) -> None:
    shop.transaction_update(
        begun.id, installed, name="Pay", message="m", external_url="https://x.example/1", actions=["CANCEL"]
    )
    assert (begun.name, begun.message, begun.external_url, begun.actions) == (
        "Pay",
        "m",
        "https://x.example/1",
        ["CANCEL"],
    )
    assert shop.transaction_update(begun.id, installed, external_url="nothing").errors[0].code == "INVALID"
    assert shop.transaction_update(begun.id, installed, actions=["VOID"]).errors[0].code == "INVALID"
    assert begun.name == "Pay"
    with pytest.raises(RequestError, match="OWNER"):
        shop.transaction_update(begun.id, shop.staff, name="mine")


async def test_the_books_hold_what_the_shop_believes(
    shop: Shop, begun: TransactionItem, installed: InstalledApp
) -> None:
    shop.transaction_event_report(begun.id, Report("AUTHORIZATION_SUCCESS", "A1", Decimal(40)), installed)
    shop.transaction_event_report(begun.id, Report("CHARGE_REQUEST", "C1", Decimal(15)), installed)
    books = shop.books()[begun.id]
    assert (books.amounts.authorized, books.amounts.charge_pending, books.currency) == (Decimal(25), Decimal(15), "USD")
    assert [event.type for event in books.events][-1] == "CHARGE_REQUEST"
