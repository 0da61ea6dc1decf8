"""Reference ids: a repeat is the first result, anything else under the same id is refused."""

from __future__ import annotations

import re

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.simulator.amazon.shop import Shop, text

pytestmark = pytest.mark.anyio


def _without_request_id(body: bytes) -> bytes:
    return re.sub(rb"<RequestId>.*?</RequestId>", b"", body)


async def _twice(shop: Shop, action: str, values: dict[str, str]) -> None:
    first = await shop.raw(action, values)
    second = await shop.raw(action, values)
    assert first.status == second.status == 200
    assert first.body != second.body
    assert _without_request_id(first.body) == _without_request_id(second.body)


async def test_a_repeated_charge_charges_once(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement(), CaptureNow="true")
    await _twice(shop, "AuthorizeOnBillingAgreement", values)
    assert len(shop.world.books.captures) == 1


async def test_a_repeat_is_answered_even_after_the_agreement_ended(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    values = shop.charge_values(agreement_id)
    await shop.ok("AuthorizeOnBillingAgreement", values)
    await shop.ok("CloseBillingAgreement", {"AmazonBillingAgreementId": agreement_id})
    await _twice(shop, "AuthorizeOnBillingAgreement", values)


async def test_a_declined_result_stays_declined(shop: Shop) -> None:
    bad = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.PROCESSING_FAILURE)
    agreement_id = await shop.open_agreement(card_id=bad.card_id)
    values = shop.charge_values(agreement_id)
    await shop.ok("AuthorizeOnBillingAgreement", values)
    shop.world.change_payment_method(agreement_id, next(iter(shop.world.buyer.cards)))
    again = await shop.ok("AuthorizeOnBillingAgreement", values)
    assert text(again, "ReasonCode") == "ProcessingFailure"


async def test_a_repeated_capture_captures_once(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement())
    await _twice(shop, "Capture", shop.capture_values(text(made, "AmazonAuthorizationId")))
    assert len(shop.world.books.captures) == 1


async def test_a_repeated_refund_refunds_once_and_tells_the_first_result(shop: Shop) -> None:
    values = shop.refund_values(await shop.captured(), "4.00")
    first = await shop.ok("Refund", values)
    shop.world.advance(60)
    again = await shop.ok("Refund", values)
    assert text(again, "RefundStatus/State") == "Pending"
    assert text(again, "AmazonRefundId") == text(first, "AmazonRefundId")
    assert len(shop.world.books.refunds) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"AuthorizationAmount.Amount": "11.00"},
        {"CaptureNow": "true"},
        {"SellerAuthorizationNote": "another"},
        {"TransactionTimeout": "5"},
    ],
)
async def test_other_parameters_under_the_same_id_are_refused(shop: Shop, change: dict[str, str]) -> None:
    values = shop.charge_values(await shop.open_agreement())
    await shop.ok("AuthorizeOnBillingAgreement", values)
    wrong = await shop.refused("AuthorizeOnBillingAgreement", {**values, **change})
    assert (wrong.status, wrong.code) == (400, "DuplicateReferenceId")
    assert len(shop.world.books.authorizations) == 1


async def test_the_id_of_a_capture_now_is_taken_for_captures_and_refunds_too(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    used = text(await shop.charge(agreement_id, CaptureNow="true"), "AuthorizationReferenceId")
    open_id = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    wrong = await shop.refused("Capture", shop.capture_values(open_id, CaptureReferenceId=used))
    assert wrong.code == "DuplicateReferenceId"
    wrong = await shop.refused("Refund", shop.refund_values(await shop.captured(), RefundReferenceId=used))
    assert wrong.code == "DuplicateReferenceId"


async def test_a_refused_request_uses_up_no_id(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    values = shop.charge_values(agreement_id, "5000.00")
    assert (await shop.refused("AuthorizeOnBillingAgreement", values)).code == "PeriodicAmountExceeded"
    await shop.ok("AuthorizeOnBillingAgreement", {**values, "AuthorizationAmount.Amount": "5.00"})


async def test_merchants_and_environments_share_no_ids(shop: Shop, live: Shop) -> None:
    mine = shop.charge_values(await shop.open_agreement())
    theirs = live.charge_values(await live.open_agreement())
    assert mine["AuthorizationReferenceId"] == theirs["AuthorizationReferenceId"]
    await shop.ok("AuthorizeOnBillingAgreement", mine)
    await live.ok("AuthorizeOnBillingAgreement", theirs)
