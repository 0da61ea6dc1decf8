"""Inner messages of v1 notifications, written by hand in Amazon's shapes (contracts §3.3, §3.4)."""

from __future__ import annotations

import json

import pytest

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.amazon.port import Notice
from saleor_amazonpay.domain.money import Money
from tests.amazon.fakes import ScriptedHttp, money, status

NS = "https://mws.amazonservices.com/ipn/OffAmazonPayments/2013-01-01"
ORDER = "P01-1234567-1234567"
CHANGED = 1_451_606_399_123  # 2015-12-31T23:59:59.123Z, as every status here says


def message(kind: str, xml: str, **changes: object) -> str:
    inner = {
        "NotificationReferenceId": "n-1",
        "MarketplaceID": "165570",
        "NotificationType": kind,
        "SellerId": "A08593053M41F7TQ7YR7W",
        "ReleaseEnvironment": "Live",
        "Version": "2013-01-01",
        "NotificationData": f'<?xml version="1.0" encoding="UTF-8"?>{xml}',
        "Timestamp": "2017-08-30T03:29:18.833Z",
        **changes,
    }
    return json.dumps(inner)


def tree(root: str, details: str, inner: str) -> str:
    return f'<{root} xmlns="{NS}">\n  <{details}>{inner}</{details}>\n</{root}>'


AGREEMENT = tree(
    "BillingAgreementNotification",
    "BillingAgreement",
    "<AmazonBillingAgreementId>B01-1234567-1234567</AmazonBillingAgreementId>"
    "<SellerBillingAgreementAttributes><SellerId>A0</SellerId></SellerBillingAgreementAttributes>"
    + status("BillingAgreementStatus", "Suspended", "InvalidPaymentMethod"),
)
ORDERED = tree(
    "OrderReferenceNotification",
    "OrderReference",
    f"<AmazonOrderReferenceId>{ORDER}</AmazonOrderReferenceId>"
    + money("OrderTotal", "5.0")
    + status("OrderReferenceStatus", "Closed", "MaxAuthorizationsProcessed"),
)
AUTHORIZED = tree(
    "AuthorizationNotification",
    "AuthorizationDetails",
    f"<AmazonAuthorizationId>{ORDER}-A000001</AmazonAuthorizationId>"
    "<AuthorizationReferenceId>ref-1</AuthorizationReferenceId>"
    + money("AuthorizationAmount", "5.0")
    + f"<IdList><Id>{ORDER}-C000001</Id></IdList>"
    + status("AuthorizationStatus", "Closed", "MaxCapturesProcessed"),
)
CAPTURED = tree(
    "CaptureNotification",
    "CaptureDetails",
    f"<AmazonCaptureId>{ORDER}-C000001</AmazonCaptureId><CaptureReferenceId>ref-1</CaptureReferenceId>"
    + money("CaptureAmount", "5.00")
    + status("CaptureStatus", "Completed", "None"),
)
REFUNDED = tree(
    "RefundNotification",
    "RefundDetails",
    f"<AmazonRefundId>{ORDER}-R000001</AmazonRefundId><RefundReferenceId>theirs</RefundReferenceId>"
    "<RefundType>SellerInitiated</RefundType>" + money("RefundAmount", "2.5") + status("RefundStatus", "Completed"),
)
CHARGED_BACK = tree(
    "ChargebackNotification",
    "ChargebackDetails",
    "<AmazonChargebackId>C9KORZRXQ655G</AmazonChargebackId>"
    f"<AmazonOrderReferenceId>{ORDER}</AmazonOrderReferenceId>"
    "<AmazonCaptureReferenceId>CaptureReference6282176</AmazonCaptureReferenceId>"
    "<CreationTimestamp>2017-08-23T12:20:56.061Z</CreationTimestamp>"
    + money("ChargebackAmount", "100.0")
    + "<ChargebackState>RECEIVED</ChargebackState>"
    "<ChargebackReason>Generic Service Chargeback</ChargebackReason>",
)


def notice_of(text: str) -> Notice:
    return MwsWire(ScriptedHttp()).notice(text)


def expected(subject: str, object_id: str, **fields: object) -> Notice:
    fields = {"updated_at": CHANGED, **fields}
    return Notice("n-1", "A08593053M41F7TQ7YR7W", False, subject, object_id, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "xml", "read"),
    [
        (
            "BillingAgreementNotification",
            AGREEMENT,
            expected("agreement", "B01-1234567-1234567", state="Suspended", reason="InvalidPaymentMethod"),
        ),
        (
            "OrderReferenceNotification",
            ORDERED,
            expected(
                "other",  # a payment has used it up: every charge on an agreement ends its order like this
                ORDER,
                order_reference=ORDER,
                amount=Money(500, "USD"),
                state="Closed",
                reason="MaxAuthorizationsProcessed",
            ),
        ),
        (
            "PaymentAuthorize",
            AUTHORIZED,
            expected(
                "authorize",
                f"{ORDER}-A000001",
                order_reference=ORDER,
                reference_id="ref-1",
                amount=Money(500, "USD"),
                state="Closed",
                reason="MaxCapturesProcessed",
                made_of_it=(f"{ORDER}-C000001",),
            ),
        ),
        (
            "PaymentCapture",
            CAPTURED,
            expected(
                "capture",
                f"{ORDER}-C000001",
                order_reference=ORDER,
                reference_id="ref-1",
                amount=Money(500, "USD"),
                state="Completed",
            ),
        ),
        (
            "PaymentRefund",
            REFUNDED,
            expected(
                "refund",
                f"{ORDER}-R000001",
                order_reference=ORDER,
                reference_id="theirs",
                amount=Money(250, "USD"),
                state="Completed",
            ),
        ),
        *[
            (
                kind,
                CHARGED_BACK,
                expected(
                    "chargeback",
                    "C9KORZRXQ655G",
                    order_reference=ORDER,
                    reference_id="CaptureReference6282176",
                    amount=Money(10000, "USD"),
                    state="RECEIVED",
                    reason="Generic Service Chargeback",
                    updated_at=None,
                ),
            )
            for kind in ("Chargeback Detailed Notification", "ChargebackDetailedNotification")
        ],
    ],
)
def test_a_notification_says_what_to_read(kind: str, xml: str, read: Notice) -> None:
    assert notice_of(message(kind, xml)) == read


def test_the_environment_is_told_apart() -> None:
    assert notice_of(message("PaymentCapture", CAPTURED, ReleaseEnvironment="Sandbox")).test_mode is True
    assert notice_of(message("PaymentCapture", CAPTURED, ReleaseEnvironment="Live")).test_mode is False


@pytest.mark.parametrize("kind", ["ProviderCredit", "ProviderCreditReversal", "SolutionProviderEvent", "New"])
def test_other_types_are_passed_on_as_other(kind: str) -> None:
    read = notice_of(message(kind, "<Whatever/>"))
    assert (read.subject, read.object_id, read.notice_id) == ("other", "", "n-1")


def test_a_known_type_without_its_details_is_other_too() -> None:
    assert notice_of(message("PaymentCapture", "<CaptureNotification/>")).subject == "other"


@pytest.mark.parametrize("flag", [True, "true"])
def test_seller_centrals_test_message_is_a_sample(flag: object) -> None:
    assert notice_of(message("PaymentCapture", CAPTURED, IsSample=flag)).is_sample is True


@pytest.mark.parametrize("zero", ["P01-0000000-0000000-000000", "P01-0000000-0000000", "S01-0000000-0000000-C000000"])
def test_an_id_of_zeros_is_a_sample(zero: str) -> None:
    sample = CAPTURED.replace(f"{ORDER}-C000001", zero)
    read = notice_of(message("PaymentCapture", sample, MarketplaceID="A3BXB0YN3XH17H"))
    assert read.is_sample is True
    assert read.reason == ""


def test_a_real_message_is_no_sample() -> None:
    assert notice_of(message("PaymentCapture", CAPTURED, IsSample=False)).is_sample is False


def test_a_marketplace_that_is_a_number_is_read() -> None:
    assert notice_of(message("PaymentCapture", CAPTURED, MarketplaceID=165570)).subject == "capture"


V2 = {"NotificationVersion": "V2", "NotificationType": "STATE_CHANGE", "ChargePermissionId": "P01-1", "MerchantID": "A"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "not json",
        json.dumps(V2),
        message("PaymentCapture", "<Capture"),
        message("PaymentCapture", "<!DOCTYPE a><CaptureNotification/>"),
        message("PaymentCapture", CAPTURED, SellerId=None),
        message("PaymentCapture", CAPTURED, NotificationData=None),
    ],
)
def test_what_is_no_v1_notification_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        notice_of(text)
