"""Charge, refund, cancel and granted refunds (contracts §3.5 to §3.7, §4.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.http import HttpResponse, TransportError
from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.errors import RequestError
from saleor_amazonpay.simulator.shop.ledger import TransactionItem, UnreadableFieldError
from saleor_amazonpay.simulator.shop.people import InstalledApp
from saleor_amazonpay.simulator.shop.purchases import Order
from saleor_amazonpay.simulator.shop.reports import Report
from tests.simulator.shop.conftest import Naps
from tests.simulator.shop.fake_app import APP_ID, FakeApp

pytestmark = pytest.mark.anyio

_CHARGE = "TRANSACTION_CHARGE_REQUESTED"
_REFUND = "TRANSACTION_REFUND_REQUESTED"
_CANCEL = "TRANSACTION_CANCELATION_REQUESTED"
_NO_REFUND = "T3JkZXJHcmFudGVkUmVmdW5kOk5vbmU="


@pytest.fixture
async def paid(shop: Shop, app: FakeApp, installed: InstalledApp) -> TransactionItem:
    return await _order_with(shop, app, {"result": "CHARGE_SUCCESS", "pspReference": "C1"})


@pytest.fixture
async def authorized(shop: Shop, app: FakeApp, installed: InstalledApp) -> TransactionItem:
    return await _order_with(shop, app, {"result": "AUTHORIZATION_SUCCESS", "pspReference": "A1"})


async def _order_with(shop: Shop, app: FakeApp, answer: dict[str, Any]) -> TransactionItem:
    app.reply("TRANSACTION_INITIALIZE_SESSION", answer)
    checkout = shop.checkout_create(total="40")
    result = await shop.transaction_initialize(checkout.id, APP_ID)
    shop.checkout_complete(checkout.id)
    app.calls.clear()
    assert result.transaction is not None
    return result.transaction


def _order(transaction: TransactionItem) -> Order:
    assert transaction.order is not None
    return transaction.order


def _types(transaction: TransactionItem) -> list[str]:
    return [event.type for event in transaction.ledger]


async def test_a_charge_is_asked_for_in_the_background(shop: Shop, app: FakeApp, authorized: TransactionItem) -> None:
    app.reply(_CHARGE, {"result": "CHARGE_SUCCESS", "pspReference": "C1", "actions": ["REFUND"]})
    shop.transaction_request_action(authorized.id, "CHARGE", Decimal(15))
    assert not app.calls
    await shop.settled()
    (call,) = app.calls
    assert call.body["action"] == {"actionType": "CHARGE", "amount": 15.0, "currency": "USD"}
    assert call.body["issuingPrincipal"] is None
    request, success = authorized.ledger[-2:]
    assert (request.type, request.psp, request.counted, success.psp) == ("CHARGE_REQUEST", "C1", True, "C1")
    assert request.created_by is shop.staff
    assert (authorized.amounts.authorized, authorized.amounts.charged) == (Decimal(25), Decimal(15))
    assert (authorized.psp_reference, authorized.actions) == ("A1", ["REFUND"])


@pytest.mark.parametrize(("asked", "sent"), [(None, 40.0), (0, 40.0), (100, 40.0), (7, 7.0)])
async def test_the_amount_is_at_most_what_is_there(
    shop: Shop, app: FakeApp, authorized: TransactionItem, asked: int | None, sent: float
) -> None:
    shop.transaction_request_action(authorized.id, "CANCEL", None if asked is None else Decimal(asked))
    await shop.settled()
    assert app.received(_CANCEL)[0].body["action"]["amount"] == sent


async def test_an_action_over_nothing_is_asked_for_all_the_same(
    shop: Shop, app: FakeApp, authorized: TransactionItem
) -> None:
    shop.transaction_request_action(authorized.id, "REFUND", Decimal(5))
    await shop.settled()
    assert app.received(_REFUND)[0].body["action"]["amount"] == 0.0


async def test_a_pending_charge_takes_from_the_authorization_until_it_is_reported(
    shop: Shop, app: FakeApp, authorized: TransactionItem, installed: InstalledApp
) -> None:
    app.reply(_CHARGE, {"pspReference": "C1"})
    shop.transaction_request_action(authorized.id, "CHARGE")
    await shop.settled()
    assert (authorized.amounts.authorized, authorized.amounts.charge_pending) == (Decimal(0), Decimal(40))
    assert _order(authorized).authorize_status == "NONE"
    shop.transaction_event_report(authorized.id, Report("CHARGE_SUCCESS", "C1", Decimal(40)), installed)
    assert (authorized.amounts.charged, authorized.amounts.charge_pending) == (Decimal(40), Decimal(0))


async def test_actions_in_a_pending_answer_make_the_transaction_unreadable(
    shop: Shop, app: FakeApp, authorized: TransactionItem, installed: InstalledApp
) -> None:
    app.reply(_CHARGE, {"pspReference": "C1", "actions": ["REFUND"]})
    shop.transaction_request_action(authorized.id, "CHARGE")
    await shop.settled()
    with pytest.raises(UnreadableFieldError, match="REFUND"):
        _ = authorized.actions
    report = Report("CHARGE_SUCCESS", "C1", Decimal(40), actions=["REFUND"])
    shop.transaction_event_report(authorized.id, report, installed)
    assert authorized.actions == ["REFUND"]


async def test_a_5xx_is_repeated_with_an_empty_body_and_then_a_failure(
    shop: Shop, app: FakeApp, naps: Naps, paid: TransactionItem
) -> None:
    app.reply(_REFUND, HttpResponse(503, b'{"pspReference": "R1"}'))
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    await shop.settled()
    assert [bool(call.raw) for call in app.received(_REFUND)] == [True, False, False, False, False, False]
    assert naps.taken == [10, 20, 40, 80, 160]
    request, failure = paid.ledger[-2:]
    assert (failure.type, failure.counted, failure.psp) == ("REFUND_FAILURE", False, None)
    assert failure.message == "Failed to delivery request."
    assert (request.counted, request.psp) == (False, None)


async def test_the_answer_to_an_empty_retry_is_booked(
    shop: Shop, app: FakeApp, naps: Naps, paid: TransactionItem
) -> None:
    app.reply(_REFUND, HttpResponse(500, b""), {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    await shop.settled()
    assert naps.taken == [10]
    assert paid.amounts.refunded == 5


@pytest.mark.parametrize("status", [302, 400, 401, 409, 429])
async def test_the_body_of_a_3xx_or_4xx_is_booked(
    shop: Shop, app: FakeApp, naps: Naps, paid: TransactionItem, status: int
) -> None:
    app.reply(_REFUND, HttpResponse(status, b'{"pspReference": "R1"}'))
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    await shop.settled()
    assert (paid.amounts.refund_pending, naps.taken) == (Decimal(5), [])


@pytest.mark.parametrize(
    "answer",
    [
        TransportError("timeout", sent=True),
        HttpResponse(200, b""),
        HttpResponse(200, b"null"),
        HttpResponse(400, b'{"error": {"code": "x"}}'),
        {"result": "CHARGE_SUCCESS", "pspReference": "R1"},
    ],
)
async def test_no_or_a_wrong_answer_is_a_failure_at_once(
    shop: Shop, app: FakeApp, naps: Naps, paid: TransactionItem, answer: Any
) -> None:
    app.reply(_REFUND, answer)
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    await shop.settled()
    assert _types(paid)[-2:] == ["REFUND_REQUEST", "REFUND_FAILURE"]
    assert not paid.ledger[-1].counted
    assert naps.taken == []
    assert paid.amounts.charged == 40


async def test_a_lost_answer_lets_staff_refund_twice(shop: Shop, app: FakeApp, paid: TransactionItem) -> None:
    app.reply(_REFUND, {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    shop.faults.drop_answer(_REFUND)
    for _ in range(2):
        shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
        await shop.settled()
    first, second = app.received(_REFUND)
    open_requests = [
        event
        for event in second.body["transaction"]["events"]
        if event["type"] == "REFUND_REQUEST" and event["pspReference"] == ""
    ]
    assert len(first.body["transaction"]["events"]) == 3
    assert len(open_requests) == 2
    assert paid.amounts.refunded == 5


async def test_an_answer_that_breaks_saleor_leaves_the_request_open(
    shop: Shop, app: FakeApp, paid: TransactionItem
) -> None:
    app.reply(_REFUND, [])
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    await shop.settled()
    assert _types(paid)[-1] == "REFUND_REQUEST"
    assert len(shop.post.crashes) == 1


async def test_a_used_psp_reference_is_merged_or_fails(shop: Shop, app: FakeApp, paid: TransactionItem) -> None:
    app.reply(_REFUND, {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    for amount in (5, 5, 6):
        shop.transaction_request_action(paid.id, "REFUND", Decimal(amount))
        await shop.settled()
    assert _types(paid)[2:] == [
        "REFUND_REQUEST",
        "REFUND_SUCCESS",
        "REFUND_REQUEST",
        "REFUND_REQUEST",
        "REFUND_FAILURE",
    ]
    assert paid.amounts.refunded == 5


async def test_nothing_happens_if_the_app_is_gone_when_the_task_runs(
    shop: Shop, app: FakeApp, paid: TransactionItem, installed: InstalledApp
) -> None:
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    installed.is_active = False
    await shop.settled()
    assert _types(paid)[-1] == "REFUND_REQUEST"
    assert not app.calls


async def test_without_an_app_the_action_is_refused_and_a_failure_is_left(
    shop: Shop, paid: TransactionItem, installed: InstalledApp
) -> None:
    installed.is_active = False
    result = shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    assert result.errors[0].code == "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK"
    assert _types(paid)[-2:] == ["REFUND_REQUEST", "REFUND_FAILURE"]


async def test_after_a_reinstall_the_new_app_is_asked(
    shop: Shop, app: FakeApp, paid: TransactionItem, installed: InstalledApp
) -> None:
    app.reply(_REFUND, {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    again = await shop.reinstall(installed)
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    await shop.settled()
    assert paid.ledger[-1].created_by is again
    assert paid.amounts.refunded == 5


async def test_only_who_may_handle_payments_asks_for_actions(
    shop: Shop, paid: TransactionItem, installed: InstalledApp
) -> None:
    customer = shop.customer_create("c@example.com")
    installed.granted = frozenset()
    for requestor in (customer, installed):
        with pytest.raises(RequestError, match="HANDLE_PAYMENTS"):
            shop.transaction_request_action(paid.id, "REFUND", requestor=requestor)
    refused = shop.transaction_request_action(paid.id, "CHARGE", reason="damaged")
    assert refused.errors[0].code == "INVALID"


async def test_the_reason_of_a_refund_is_its_request_events_message(
    shop: Shop, app: FakeApp, paid: TransactionItem
) -> None:
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5), "damaged")
    await shop.settled()
    newest = app.received(_REFUND)[0].body["transaction"]["events"][0]
    assert (newest["type"], newest["message"]) == ("REFUND_REQUEST", "damaged")


async def test_a_granted_refund_goes_from_none_to_pending_to_success(
    shop: Shop, app: FakeApp, paid: TransactionItem
) -> None:
    app.reply(_REFUND, {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    granted = shop.order_grant_refund(_order(paid).id, paid.id, Decimal(12), "late").granted_refund
    assert granted is not None
    assert granted.status == "NONE"
    shop.transaction_request_refund_for_granted_refund(granted.id)
    assert granted.status == "PENDING"
    again = shop.transaction_request_refund_for_granted_refund(granted.id)
    assert again.errors[0].code == "REFUND_IS_PENDING"
    await shop.settled()
    sent = app.received(_REFUND)[0].body
    assert sent["grantedRefund"] == {"id": granted.id, "amount": {"amount": 12.0}, "status": "NONE"}
    assert (granted.status, paid.ledger[-1].granted_refund) == ("SUCCESS", granted)
    done = shop.transaction_request_refund_for_granted_refund(granted.id)
    assert done.errors[0].code == "REFUND_ALREADY_PROCESSED"
    assert _order(paid).owed == 28


async def test_a_granted_refund_can_be_asked_for_again_after_a_failure(
    shop: Shop, app: FakeApp, paid: TransactionItem
) -> None:
    app.reply(_REFUND, TransportError("lost", sent=True), {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    granted = shop.order_grant_refund(_order(paid).id, paid.id, Decimal(12)).granted_refund
    assert granted is not None
    for status in ("FAILURE", "SUCCESS"):
        shop.transaction_request_refund_for_granted_refund(granted.id)
        await shop.settled()
        assert granted.status == status


async def test_a_result_older_than_the_request_leaves_the_granted_refund_pending(
    shop: Shop, app: FakeApp, paid: TransactionItem
) -> None:
    app.reply(_REFUND, {"result": "REFUND_SUCCESS", "pspReference": "R1", "time": "2020-01-01T00:00:00Z"})
    granted = shop.order_grant_refund(_order(paid).id, paid.id, Decimal(12)).granted_refund
    assert granted is not None
    shop.transaction_request_refund_for_granted_refund(granted.id)
    await shop.settled()
    assert (granted.status, paid.amounts.refunded) == ("PENDING", Decimal(12))


async def test_a_refused_repetition_can_turn_a_granted_refund_into_a_failure(
    shop: Shop, app: FakeApp, paid: TransactionItem, installed: InstalledApp
) -> None:
    app.reply(_REFUND, {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    granted = shop.order_grant_refund(_order(paid).id, paid.id, Decimal(12)).granted_refund
    assert granted is not None
    shop.transaction_request_refund_for_granted_refund(granted.id)
    await shop.settled()
    refused = shop.transaction_event_report(paid.id, Report("REFUND_SUCCESS", "R1", Decimal(11)), installed)
    assert refused.errors[0].code == "INCORRECT_DETAILS"
    assert granted.status == "FAILURE"


async def test_no_more_is_granted_or_refunded_than_was_charged(
    shop: Shop, paid: TransactionItem, installed: InstalledApp
) -> None:
    order = _order(paid)
    too_much = shop.order_grant_refund(order.id, paid.id, Decimal(41))
    assert too_much.errors[0].code == "AMOUNT_GREATER_THAN_AVAILABLE"
    assert shop.order_grant_refund(order.id, paid.id, None).errors[0].code == "REQUIRED"
    other = shop.order_create()
    assert shop.order_grant_refund(other.id, paid.id, Decimal(1)).errors[0].code == "NOT_FOUND"
    granted = shop.order_grant_refund(order.id, paid.id, Decimal(30)).granted_refund
    assert granted is not None
    shop.transaction_event_report(paid.id, Report("REFUND_SUCCESS", "R9", Decimal(20)), installed)
    late = shop.transaction_request_refund_for_granted_refund(granted.id)
    assert late.errors[0].code == "AMOUNT_GREATER_THAN_AVAILABLE"


async def test_a_refund_that_was_not_granted_shows_a_granted_refund_of_none(
    shop: Shop, app: FakeApp, paid: TransactionItem
) -> None:
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    await shop.settled()
    body = app.received(_REFUND)[0].body
    assert body["grantedRefund"] is None
    assert body["errors"][0]["path"] == ["event", "grantedRefund", "amount"]


async def test_with_only_the_id_selected_the_granted_refund_of_none_has_one(shop: Shop, app: FakeApp) -> None:
    from tests.simulator.shop.fake_app import MANIFEST_URL, manifest, query, webhook

    hooks = [
        webhook("TRANSACTION_INITIALIZE_SESSION", query("TransactionInitializeSession", "data")),
        webhook(_REFUND, query("TransactionRefundRequested", "grantedRefund { id }")),
    ]
    app.manifest = manifest(webhooks=hooks)
    await shop.install(MANIFEST_URL)
    paid = await _order_with(shop, app, {"result": "CHARGE_SUCCESS", "pspReference": "C1"})
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5))
    await shop.settled()
    body = app.received(_REFUND)[0].body
    assert body["grantedRefund"] == {"id": _NO_REFUND}
    assert "errors" not in body
