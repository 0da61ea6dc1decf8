"""Captures and refunds: how much, how often, when."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio


async def _authorized(shop: Shop, amount: str = "10.00") -> str:
    return text(await shop.charge(await shop.open_agreement(), amount), "AmazonAuthorizationId")


async def _refund(shop: Shop, capture_id: str, amount: str) -> str:
    made = await shop.ok("Refund", shop.refund_values(capture_id, amount))
    assert state(made, "RefundStatus") == ("Pending", "")
    return text(made, "AmazonRefundId")


# ---- captures


async def test_a_capture_completes_and_closes_its_authorization(shop: Shop) -> None:
    authorization_id = await _authorized(shop)
    made = await shop.ok("Capture", shop.capture_values(authorization_id, "7.00", SoftDescriptor="Tea"))
    assert state(made, "CaptureStatus") == ("Completed", "")
    assert text(made, "CaptureAmount/Amount") == "7.00"
    assert text(made, "SoftDescriptor") == "AMZ*Tea"
    later = await shop.ok("GetAuthorizationDetails", {"AmazonAuthorizationId": authorization_id})
    assert state(later, "AuthorizationStatus") == ("Closed", "MaxCapturesProcessed")
    assert text(later, "CapturedAmount/Amount") == "7.00"
    assert text(later, "IdList/member") == text(made, "AmazonCaptureId")


async def test_an_authorization_is_captured_once(shop: Shop) -> None:
    authorization_id = await _authorized(shop)
    await shop.ok("Capture", shop.capture_values(authorization_id, "3.00"))
    wrong = await shop.refused("Capture", shop.capture_values(authorization_id, "3.00"))
    assert (wrong.status, wrong.code) == (405, "InvalidAuthorizationStatus")


async def test_no_more_is_captured_than_was_authorized(shop: Shop) -> None:
    wrong = await shop.refused("Capture", shop.capture_values(await _authorized(shop), "10.01"))
    assert wrong.code == "TransactionAmountExceeded"


async def test_a_capture_in_another_currency_is_refused(shop: Shop) -> None:
    values = shop.capture_values(await _authorized(shop), **{"CaptureAmount.CurrencyCode": "EUR"})
    assert (await shop.refused("Capture", values)).code == "CurrencyMismatch"


async def test_after_seven_days_a_capture_is_pending_first(live: Shop) -> None:
    authorization_id = await _authorized(live)
    live.world.advance(7 * 86400 + 1)
    values = live.capture_values(authorization_id)
    made = await live.ok("Capture", values)
    assert state(made, "CaptureStatus") == ("Pending", "")
    wrong = await live.refused("Capture", live.capture_values(authorization_id))
    assert wrong.code == "TransactionCountExceeded"
    capture_id = text(made, "AmazonCaptureId")
    refused = await live.refused("Refund", live.refund_values(capture_id))
    assert (refused.status, refused.code) == (405, "CaptureNotRefundable")
    live.world.advance(60)
    assert await live.state("Capture", capture_id) == ("Completed", "")
    assert await live.state("Authorization", authorization_id) == ("Closed", "MaxCapturesProcessed")


async def test_within_seven_days_it_completes_at_once(live: Shop) -> None:
    authorization_id = await _authorized(live)
    live.world.advance(7 * 86400 - 1)
    made = await live.ok("Capture", live.capture_values(authorization_id))
    assert state(made, "CaptureStatus") == ("Completed", "")


async def test_a_declined_capture_leaves_the_authorization_open(live: Shop) -> None:
    authorization_id = await _authorized(live)
    live.world.advance(8 * 86400)
    first = text(await live.ok("Capture", live.capture_values(authorization_id)), "AmazonCaptureId")
    live.world.settle_capture(first, "Declined", "ProcessingFailure")
    assert await live.state("Capture", first) == ("Declined", "ProcessingFailure")
    second = text(await live.ok("Capture", live.capture_values(authorization_id)), "AmazonCaptureId")
    assert second != first
    live.world.advance(60)
    assert await live.state("Capture", first) == ("Declined", "ProcessingFailure")
    assert await live.state("Capture", second) == ("Completed", "")


# ---- refunds


async def test_a_refund_is_pending_until_its_delay_has_passed(shop: Shop) -> None:
    capture_id = await shop.captured()
    refund_id = await _refund(shop, capture_id, "4.00")
    assert refund_id[:19] == capture_id[:19]
    assert refund_id[19:21] == "-R"
    shop.world.advance(shop.world.refund_delay)
    root = await shop.ok("GetRefundDetails", {"AmazonRefundId": refund_id})
    assert state(root, "RefundStatus") == ("Completed", "")
    assert text(root, "RefundType") == "SellerInitiated"
    capture = await shop.ok("GetCaptureDetails", {"AmazonCaptureId": capture_id})
    assert text(capture, "RefundedAmount/Amount") == "4.00"
    assert text(capture, "IdList/member") == refund_id
    assert state(capture, "CaptureStatus") == ("Completed", "")


async def test_a_refund_can_be_settled_by_hand(shop: Shop) -> None:
    capture_id = await shop.captured()
    shop.world.refund_delay = 86400
    done, failed = [await _refund(shop, capture_id, "2.00") for _ in range(2)]
    shop.world.settle_refund(done)
    shop.world.settle_refund(failed, "Declined", "AmazonRejected")
    shop.world.advance(2 * 86400)
    assert await shop.state("Refund", done) == ("Completed", "")
    assert await shop.state("Refund", failed) == ("Declined", "AmazonRejected")


async def test_a_capture_that_went_back_wholly_is_closed(shop: Shop) -> None:
    capture_id = await shop.captured()
    for amount in ("4.00", "6.00"):
        await _refund(shop, capture_id, amount)
        shop.world.advance(60)
    assert await shop.state("Capture", capture_id) == ("Closed", "MaxAmountRefunded")
    wrong = await shop.refused("Refund", shop.refund_values(capture_id, "0.01"))
    assert (wrong.status, wrong.code) == (405, "CaptureNotRefundable")


@pytest.mark.parametrize(("captured", "most"), [("100.00", Decimal("115.00")), ("900.00", Decimal("975.00"))])
async def test_refunds_may_exceed_the_capture_by_15_percent_or_75(shop: Shop, captured: str, most: Decimal) -> None:
    capture_id = await shop.captured(captured)
    await _refund(shop, capture_id, "50.00")
    too_much = shop.refund_values(capture_id, str(most - Decimal("49.99")))
    assert (await shop.refused("Refund", too_much)).code == "TransactionAmountExceeded"
    await _refund(shop, capture_id, str(most - Decimal("50.00")))


async def test_there_are_at_most_ten_refunds(shop: Shop) -> None:
    capture_id = await shop.captured("100.00")
    for _ in range(10):
        await _refund(shop, capture_id, "1.00")
    wrong = await shop.refused("Refund", shop.refund_values(capture_id, "1.00"))
    assert wrong.code == "TransactionCountExceeded"
    shop.world.advance(60)
    assert await shop.state("Capture", capture_id) == ("Closed", "MaxRefundsProcessed")


async def test_a_declined_refund_frees_its_amount(shop: Shop) -> None:
    capture_id = await shop.captured()
    refund_id = await _refund(shop, capture_id, "11.00")
    assert (await shop.refused("Refund", shop.refund_values(capture_id, "1.00"))).code == ("TransactionAmountExceeded")
    shop.world.settle_refund(refund_id, "Declined", "ProcessingFailure")
    await _refund(shop, capture_id, "10.00")


async def test_a_refund_in_another_currency_is_refused(shop: Shop) -> None:
    values = shop.refund_values(await shop.captured(), **{"RefundAmount.CurrencyCode": "EUR"})
    assert (await shop.refused("Refund", values)).code == "CurrencyMismatch"


async def test_a_refund_of_seller_central_has_a_reference_of_its_own(shop: Shop) -> None:
    capture_id = await shop.captured()
    made = shop.world.refund_in_seller_central(capture_id, Decimal("2.50"))
    root = await shop.ok("GetRefundDetails", {"AmazonRefundId": made.refund_id})
    assert text(root, "RefundAmount/Amount") == "2.50"
    assert not text(root, "RefundReferenceId").startswith("ref-")


# ---- ids of the wrong kind


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ("GetAuthorizationDetails", "AmazonAuthorizationId"),
        ("GetCaptureDetails", "AmazonCaptureId"),
        ("GetRefundDetails", "AmazonRefundId"),
        ("CloseAuthorization", "AmazonAuthorizationId"),
    ],
)
async def test_ids_of_another_kind_are_no_transactions(shop: Shop, action: str, field: str) -> None:
    order_id = (await shop.captured())[:19]
    wrong = await shop.refused(action, {field: order_id})
    assert (wrong.status, wrong.code) == (404, "InvalidTransactionId")


async def test_a_refund_needs_the_captures_id(shop: Shop) -> None:
    authorization_id = (await shop.captured()).replace("-C", "-A")
    wrong = await shop.refused("Refund", shop.refund_values(authorization_id))
    assert (wrong.status, wrong.code) == (404, "InvalidTransactionId")


async def test_a_capture_needs_the_authorizations_id(shop: Shop) -> None:
    wrong = await shop.refused("Capture", shop.capture_values(await shop.captured()))
    assert (wrong.status, wrong.code) == (404, "InvalidTransactionId")


async def test_an_agreement_is_no_order_reference_and_the_reverse(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    wrong = await shop.refused("GetOrderReferenceDetails", {"AmazonOrderReferenceId": agreement_id})
    assert (wrong.status, wrong.code) == (404, "InvalidOrderReferenceId")
    order_id = text(await shop.charge(agreement_id), "AmazonOrderReferenceId")
    wrong = await shop.refused("GetBillingAgreementDetails", {"AmazonBillingAgreementId": order_id})
    assert (wrong.status, wrong.code) == (404, "InvalidBillingAgreementId")


async def test_another_merchants_money_cannot_be_touched(shop: Shop) -> None:
    other = Shop(shop.world, shop.world.create_merchant())
    wrong = await other.refused("Refund", other.refund_values(await shop.captured()))
    assert wrong.code == "InvalidTransactionId"
