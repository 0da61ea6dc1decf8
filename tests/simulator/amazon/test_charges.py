"""AuthorizeOnBillingAgreement: success, every decline, now or later."""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
STATUS = "AuthorizationStatus"

DECLINES = {
    Behaviour.DECLINE_HARD: ("InvalidPaymentMethod", "false", "Suspended"),
    Behaviour.DECLINE_SOFT: ("InvalidPaymentMethod", "true", "Open"),
    Behaviour.REJECTED: ("AmazonRejected", "", "Open"),
    Behaviour.PROCESSING_FAILURE: ("ProcessingFailure", "", "Open"),
    Behaviour.TIMED_OUT: ("TransactionTimedOut", "", "Open"),
}


async def _with_card(shop: Shop, behaviour: Behaviour) -> str:
    card = shop.world.add_card(shop.world.buyer.buyer_id, behaviour)
    return await shop.open_agreement(card_id=card.card_id)


async def test_a_reservation_is_open_and_lists_its_ids(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement(), "12.50")
    order_id = text(made, "AmazonOrderReferenceId")
    authorization_id = text(made, "AmazonAuthorizationId")
    assert order_id.startswith("S01-")
    assert authorization_id[:19] == order_id
    assert authorization_id[19:21] == "-A"
    assert len(authorization_id) == 27
    assert state(made, STATUS) == ("Open", "")
    assert text(made, "AuthorizationAmount/Amount") == "12.50"
    assert text(made, "CaptureNow") == "false"
    assert made.find(".//IdList") is None
    result = made.find("AuthorizeOnBillingAgreementResult")
    assert result is not None
    assert {each.tag for each in result} == {"AuthorizationDetails", "AmazonOrderReferenceId"}


async def test_a_paid_capture_now_answers_closed_with_nothing_captured(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement(), CaptureNow="true")
    assert state(made, STATUS) == ("Closed", "MaxCapturesProcessed")
    assert text(made, "CapturedAmount/Amount") == "0"
    capture_id = text(made, "IdList/member")
    authorization_id = text(made, "AmazonAuthorizationId")
    assert capture_id == authorization_id.replace("-A", "-C")

    later = await shop.ok("GetAuthorizationDetails", {"AmazonAuthorizationId": authorization_id})
    assert text(later, "CapturedAmount/Amount") == "10.00"
    capture = await shop.ok("GetCaptureDetails", {"AmazonCaptureId": capture_id})
    assert state(capture, "CaptureStatus") == ("Completed", "")
    assert text(capture, "CaptureReferenceId") == text(made, "AuthorizationReferenceId")


async def test_its_order_reference_is_closed_and_names_the_agreement(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    made = await shop.charge(
        agreement_id,
        **{"SellerOrderAttributes.SellerOrderId": "order-7", "SellerNote": "Call 123 for help"},
    )
    order_id = text(made, "AmazonOrderReferenceId")
    order = await shop.ok("GetOrderReferenceDetails", {"AmazonOrderReferenceId": order_id})
    assert state(order, "OrderReferenceStatus")[0] == "Closed"
    assert text(order, "ParentDetails/Id") == agreement_id
    assert text(order, "SellerOrderId") == "order-7"
    assert text(order, "IdList/member") == text(made, "AmazonAuthorizationId")


@pytest.mark.parametrize("behaviour", DECLINES)
@pytest.mark.parametrize("capture_now", ["true", "false"])
async def test_a_decline_is_a_result_and_only_a_bad_method_suspends(
    shop: Shop, behaviour: Behaviour, capture_now: str
) -> None:
    agreement_id = await _with_card(shop, behaviour)
    made = await shop.charge(agreement_id, CaptureNow=capture_now)
    reason, soft, agreement_state = DECLINES[behaviour]
    assert state(made, STATUS) == ("Declined", reason)
    assert text(made, "SoftDecline") == soft
    assert made.find(".//IdList") is None
    assert (await shop.state("BillingAgreement", agreement_id))[0] == agreement_state


async def test_asynchronously_everything_is_pending_first(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    made = await shop.charge(agreement_id, TransactionTimeout="1440", CaptureNow="true")
    assert state(made, STATUS) == ("Pending", "")
    authorization_id = text(made, "AmazonAuthorizationId")
    assert await shop.state("Authorization", authorization_id) == ("Pending", "")
    shop.world.advance(shop.world.authorization_delay)
    assert await shop.state("Authorization", authorization_id) == ("Closed", "MaxCapturesProcessed")


async def test_asynchronously_is_what_amazon_does_by_default(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement())
    del values["TransactionTimeout"]
    made = await shop.ok("AuthorizeOnBillingAgreement", values)
    assert state(made, STATUS) == ("Pending", "")
    shop.world.advance(60)
    assert (await shop.state("Authorization", text(made, "AmazonAuthorizationId")))[0] == "Open"


async def test_what_times_out_at_once_is_authorized_given_time(shop: Shop) -> None:
    made = await shop.charge(await _with_card(shop, Behaviour.TIMED_OUT), TransactionTimeout="5")
    shop.world.advance(60)
    assert (await shop.state("Authorization", text(made, "AmazonAuthorizationId")))[0] == "Open"


async def test_a_later_decline_suspends_too(shop: Shop) -> None:
    agreement_id = await _with_card(shop, Behaviour.DECLINE_HARD)
    made = await shop.charge(agreement_id, TransactionTimeout="60")
    shop.world.advance(60)
    authorization_id = text(made, "AmazonAuthorizationId")
    assert await shop.state("Authorization", authorization_id) == ("Declined", "InvalidPaymentMethod")
    assert (await shop.state("BillingAgreement", agreement_id))[0] == "Suspended"


@pytest.mark.parametrize("timeout", ["3", "1445", "-5", "five", "7.5"])
async def test_odd_timeouts_are_refused(shop: Shop, timeout: str) -> None:
    values = shop.charge_values(await shop.open_agreement(), TransactionTimeout=timeout)
    assert (await shop.refused("AuthorizeOnBillingAgreement", values)).code == "InvalidParameterValue"


async def test_only_an_open_agreement_can_be_charged(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    wrong = await shop.refused("AuthorizeOnBillingAgreement", shop.charge_values(agreement.agreement_id))
    assert (wrong.status, wrong.code) == (405, "InvalidBillingAgreementStatus")


async def test_without_an_address_nothing_can_be_inherited(shop: Shop) -> None:
    agreement_id = await shop.open_agreement(address=False, needs_address=False)
    wrong = await shop.refused("AuthorizeOnBillingAgreement", shop.charge_values(agreement_id))
    assert (wrong.status, wrong.code) == (400, "ConstraintsExist")
    await shop.charge(agreement_id, InheritShippingAddress="false")


@pytest.mark.parametrize(
    "changes",
    [
        {"AuthorizationReferenceId": ""},
        {"AuthorizationReferenceId": "x" * 33},
        {"AuthorizationReferenceId": "a b"},
        {"AuthorizationReferenceId": "ä"},
        {"AuthorizationReferenceId": "a\n"},
        {"AuthorizationAmount.Amount": "1.005"},
        {"AuthorizationAmount.Amount": "1,000.00"},
        {"AuthorizationAmount.Amount": "0.00"},
        {"AuthorizationAmount.Amount": "-1.00"},
        {"AuthorizationAmount.Amount": "1e2"},
        {"AuthorizationAmount.Amount": "NaN"},
        {"CaptureNow": "True"},
        {"SellerAuthorizationNote": "x" * 256},
        {"SellerNote": "x" * 1025},
        {"SoftDescriptor": "x" * 17},
        {"PlatformId": "A2DEMOSELLER01"},
    ],
)
async def test_bad_values_are_refused_and_charge_nothing(shop: Shop, changes: dict[str, str]) -> None:
    values = {**shop.charge_values(await shop.open_agreement()), **changes}
    wrong = await shop.refused("AuthorizeOnBillingAgreement", values)
    assert (wrong.status, wrong.code) == (400, "InvalidParameterValue")
    assert not shop.world.books.authorizations


@pytest.mark.parametrize(
    ("currency", "code"), [("CAD", "CurrencyUnsupported"), ("XXX", "CurrencyUnsupported"), ("EUR", "CurrencyMismatch")]
)
async def test_other_currencies_are_refused(shop: Shop, currency: str, code: str) -> None:
    values = shop.charge_values(await shop.open_agreement(), **{"AuthorizationAmount.CurrencyCode": currency})
    wrong = await shop.refused("AuthorizeOnBillingAgreement", values)
    assert (wrong.status, wrong.code) == (400, code)


async def test_yen_have_no_decimals(shop: Shop) -> None:
    japan = Shop(shop.world, shop.world.create_merchant(region="jp"))
    agreement_id = await japan.open_agreement()
    wrong = await japan.refused("AuthorizeOnBillingAgreement", japan.charge_values(agreement_id, "500.00"))
    assert wrong.code == "InvalidParameterValue"
    made = await japan.charge(agreement_id, "500")
    assert text(made, "AuthorizationAmount/Amount") == "500"
    assert text(made, "AmazonOrderReferenceId").startswith("S03-")


async def test_no_transaction_is_above_150000(shop: Shop) -> None:
    wrong = await shop.refused(
        "AuthorizeOnBillingAgreement", shop.charge_values(await shop.open_agreement(), "150000.01")
    )
    assert wrong.code == "TransactionAmountExceeded"


@pytest.mark.parametrize(("account", "days"), [("shop", 2), ("live", 30)])
async def test_an_unused_authorization_expires(account: str, days: int, request: pytest.FixtureRequest) -> None:
    shop: Shop = request.getfixturevalue(account)
    made = await shop.charge(await shop.open_agreement())
    authorization_id = text(made, "AmazonAuthorizationId")
    shop.world.advance(days * 86400 - 1)
    assert await shop.state("Authorization", authorization_id) == ("Open", "")
    shop.world.advance(1)
    assert await shop.state("Authorization", authorization_id) == ("Closed", "ExpiredUnused")


async def test_live_ids_begin_with_p(live: Shop) -> None:
    made = await live.charge(await live.open_agreement())
    assert text(made, "AmazonAuthorizationId").startswith("P01-")


# ---- giving up


async def test_an_authorization_can_be_given_up_once_and_again(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement())
    authorization_id = text(made, "AmazonAuthorizationId")
    values = {"AmazonAuthorizationId": authorization_id, "ClosureReason": "Sold out"}
    for _ in range(2):
        await shop.ok("CloseAuthorization", values)
    assert await shop.state("Authorization", authorization_id) == ("Closed", "SellerClosed")
    wrong = await shop.refused("Capture", shop.capture_values(authorization_id))
    assert (wrong.status, wrong.code) == (405, "InvalidAuthorizationStatus")


async def test_a_pending_authorization_that_was_given_up_stays_so(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement(), TransactionTimeout="5")
    authorization_id = text(made, "AmazonAuthorizationId")
    await shop.ok("CloseAuthorization", {"AmazonAuthorizationId": authorization_id})
    shop.world.advance(3600)
    assert await shop.state("Authorization", authorization_id) == ("Closed", "SellerClosed")


@pytest.mark.parametrize("behaviour", [Behaviour.OK, Behaviour.REJECTED])
async def test_a_paid_or_declined_authorization_cannot_be_given_up(shop: Shop, behaviour: Behaviour) -> None:
    made = await shop.charge(await _with_card(shop, behaviour), CaptureNow="true")
    values = {"AmazonAuthorizationId": text(made, "AmazonAuthorizationId")}
    wrong = await shop.refused("CloseAuthorization", values)
    assert (wrong.status, wrong.code) == (405, "InvalidCloseAttempt")


async def test_a_closure_reason_is_at_most_255_characters(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement())
    values = {"AmazonAuthorizationId": text(made, "AmazonAuthorizationId"), "ClosureReason": "x" * 256}
    assert (await shop.refused("CloseAuthorization", values)).code == "InvalidParameterValue"


# ---- the monthly limit


async def _left(shop: Shop, agreement_id: str) -> str:
    root = await shop.ok("GetBillingAgreementDetails", {"AmazonBillingAgreementId": agreement_id})
    return text(root, "CurrentRemainingBalance/Amount")


async def test_the_monthly_limit_counts_authorizations_in_amazons_words(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    await shop.charge(agreement_id, "600.00")
    assert await _left(shop, agreement_id) == "400.00"
    wrong = await shop.refused("AuthorizeOnBillingAgreement", shop.charge_values(agreement_id, "400.01"))
    assert wrong.code == "PeriodicAmountExceeded"
    assert wrong.message == (
        f"BillingAgreement {agreement_id} has already been authorized for amount 600.00 in time period "
        "2026-11-01T00:00:00.000Z - 2026-12-01T00:00:00.000Z. A new authorization with amount 400.01 cannot be "
        "accepted as the total authorization amount cannot exceed 1000.00."
    )
    await shop.charge(agreement_id, "400.00")
    assert await _left(shop, agreement_id) == "0.00"


async def test_a_new_month_begins_anew(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    await shop.charge(agreement_id, "1000.00")
    shop.world.advance(21 * 86400)  # the first of December
    await shop.charge(agreement_id, "1000.00")
    root = await shop.ok("GetBillingAgreementDetails", {"AmazonBillingAgreementId": agreement_id})
    assert text(root, "TimePeriodStartDate") == "2026-12-01T00:00:00Z"
    assert text(root, "TimePeriodEndDate") == "2027-01-01T00:00:00Z"
    assert text(root, "AmountLimitPerTimePeriod/Amount") == "1000.00"


async def test_declined_authorizations_do_not_count(shop: Shop) -> None:
    agreement_id = await _with_card(shop, Behaviour.REJECTED)
    await shop.charge(agreement_id, "900.00")
    assert await _left(shop, agreement_id) == "1000.00"


async def test_given_up_authorizations_still_count(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    made = await shop.charge(agreement_id, "900.00")
    await shop.ok("CloseAuthorization", {"AmazonAuthorizationId": text(made, "AmazonAuthorizationId")})
    assert await _left(shop, agreement_id) == "100.00"
