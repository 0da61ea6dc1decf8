"""Notifications: what they say, how they are signed, when they come again."""

from __future__ import annotations

import base64
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from saleor_amazonpay.simulator.amazon import AmazonWorld, Behaviour
from tests.simulator.amazon.mailbox import URL, Mailbox
from tests.simulator.amazon.shop import Shop, exact, text

pytestmark = pytest.mark.anyio
IPN = "{https://mws.amazonservices.com/ipn/OffAmazonPayments/2013-01-01}"


@pytest.fixture
def mailbox(world: AmazonWorld) -> Mailbox:
    return Mailbox.of(world)


def _shape(element: ET.Element) -> Any:
    children = [_shape(each) for each in element]
    return {element.tag: children} if children else element.tag


MONEY = ["Amount", "CurrencyCode"]


async def test_nothing_is_made_for_a_merchant_without_a_url(shop: Shop) -> None:
    await shop.captured()
    assert not shop.world.notifications.log


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])  # noqa: S303 - SNS's version 1
async def test_the_envelope_is_signed_by_the_served_certificate(
    shop: Shop, mailbox: Mailbox, version: Any, algorithm: hashes.HashAlgorithm
) -> None:
    shop.world.notifications.options.signature_version = version
    await shop.open_agreement()
    await shop.world.deliver_due()
    envelope = mailbox.posts[0][1]
    assert envelope["SignatureVersion"] == version
    origin, _slash, path = envelope["SigningCertURL"].rpartition("/")
    assert origin == "https://sns.us-east-1.amazonaws.com"
    served = await shop.http.request("GET", f"http://127.0.0.1/{path}", headers={})
    certificate = x509.load_pem_x509_certificate(served.body)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert [each.value for each in names] == ["sns.amazonaws.com"]
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signed = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    text_signed = "".join(f"{name}\n{envelope[name]}\n" for name in signed)
    key.verify(base64.b64decode(envelope["Signature"]), text_signed.encode(), padding.PKCS1v15(), algorithm)


async def test_there_is_no_other_certificate(shop: Shop) -> None:
    path = f"/SimpleNotificationService-{'0' * 32}.pem"
    assert (await shop.http.request("GET", f"http://127.0.0.1{path}", headers={})).status == 404


async def test_headers_and_envelope_are_those_of_sns(shop: Shop, mailbox: Mailbox) -> None:
    await shop.open_agreement()
    await shop.world.deliver_due()
    headers, envelope = mailbox.posts[0]
    topic = f"arn:aws:sns:us-east-1:291180941288:A3BXB0YN3XH17H{shop.merchant.seller_id}"
    assert envelope["TopicArn"] == headers["x-amz-sns-topic-arn"] == topic
    assert headers["x-amz-sns-subscription-arn"].startswith(f"{topic}:")
    assert headers["x-amz-sns-message-type"] == envelope["Type"] == "Notification"
    assert headers["x-amz-sns-message-id"] == envelope["MessageId"]
    assert headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert headers["User-Agent"] == "Amazon Simple Notification Service Agent"
    assert envelope["Timestamp"] == "2026-11-10T15:30:00.000Z"
    assert envelope["UnsubscribeURL"].startswith("https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe")


async def test_the_inner_document_has_a_12_hour_clock_and_a_number_for_a_marketplace(
    shop: Shop, mailbox: Mailbox
) -> None:
    agreement_id = await shop.open_agreement()
    await shop.world.deliver_due()
    inner = mailbox.inner(0)
    assert inner["Timestamp"] == "2026-11-10T03:30:00Z"
    assert inner["MarketplaceID"].isdecimal()
    assert inner["SellerId"] == shop.merchant.seller_id
    assert inner["ReleaseEnvironment"] == "Sandbox"
    assert inner["Version"] == "2013-01-01"
    assert inner["NotificationType"] == "BillingAgreementNotification"
    assert inner["EventType"] == "BillingAgreementStatusUpdated"
    assert inner["NotificationReferenceId"]
    root = exact(inner["NotificationData"])
    assert root.tag == f"{IPN}BillingAgreementNotification"
    assert root.findtext(f".//{IPN}AmazonBillingAgreementId") == agreement_id


async def test_an_agreements_tree(shop: Shop, mailbox: Mailbox) -> None:
    agreement_id = await shop.open_agreement()
    values = {"AmazonBillingAgreementId": agreement_id, "ClosureReason": "Bye"}
    await shop.ok("CloseBillingAgreement", values)
    await shop.world.deliver_due()
    tree = mailbox.trees("BillingAgreementNotification")[-1]
    assert _shape(tree[0]) == {
        "BillingAgreement": [
            "AmazonBillingAgreementId",
            {"SellerBillingAgreementAttributes": ["SellerId"]},
            {"BillingAgreementStatus": ["State", "LastUpdateTimestamp", "ReasonCode", "ReasonDescription"]},
            "CreationTimestamp",
            {
                "BillingAgreementLimits": [
                    {"AmountLimitPerTimePeriod": MONEY},
                    "TimePeriodStartDate",
                    "TimePeriodEndDate",
                    {"CurrentRemainingBalance": MONEY},
                ]
            },
            "BillingAgreementConsent",
        ]
    }
    assert text(tree, "AmountLimitPerTimePeriod/Amount") == "1000.0"
    assert text(tree, "ReasonCode") == "SellerClosed"


async def test_a_charge_tells_of_authorization_capture_and_order(shop: Shop, mailbox: Mailbox) -> None:
    made = await shop.charge(await shop.open_agreement(), "5.00", CaptureNow="true")
    await shop.world.deliver_due()
    assert sorted(mailbox.types()[1:]) == ["OrderReferenceNotification", "PaymentAuthorize", "PaymentCapture"]
    authorization = mailbox.trees("PaymentAuthorize")[0]
    assert _shape(authorization[0]) == {
        "AuthorizationDetails": [
            "AmazonAuthorizationId",
            "AuthorizationReferenceId",
            {"AuthorizationAmount": MONEY},
            {"CapturedAmount": MONEY},
            {"AuthorizationFee": MONEY},
            {"IdList": ["Id"]},
            "CreationTimestamp",
            "ExpirationTimestamp",
            {"AuthorizationStatus": ["State", "LastUpdateTimestamp", "ReasonCode"]},
            "OrderItemCategories",
            "CaptureNow",
            "SoftDescriptor",
        ]
    }
    assert text(authorization, "CapturedAmount/Amount") == "5.0"
    assert text(authorization, "IdList/Id") == text(made, "IdList/member")
    capture = mailbox.trees("PaymentCapture")[0]
    assert _shape(capture[0]) == {
        "CaptureDetails": [
            "AmazonCaptureId",
            "CaptureReferenceId",
            {"CaptureAmount": MONEY},
            {"RefundedAmount": MONEY},
            {"CaptureFee": MONEY},
            "IdList",
            "CreationTimestamp",
            {"CaptureStatus": ["State", "LastUpdateTimestamp"]},
            "SoftDescriptor",
        ]
    }
    assert text(capture, "CaptureReferenceId") == text(made, "AuthorizationReferenceId")
    order = mailbox.trees("OrderReferenceNotification")[0]
    assert text(order, "AmazonOrderReferenceId") == text(made, "AmazonOrderReferenceId")
    assert text(order, "OrderTotal/Amount") == "5.0"
    assert text(order, "State") == "Closed"


async def test_a_refunds_tree_names_neither_capture_nor_order(shop: Shop, mailbox: Mailbox) -> None:
    values = shop.refund_values(await shop.captured(), "4.25", SellerRefundNote="secret")
    await shop.ok("Refund", values)
    shop.world.advance(60)
    await shop.world.deliver_due()
    tree = mailbox.trees("PaymentRefund")[0]
    assert _shape(tree[0]) == {
        "RefundDetails": [
            "AmazonRefundId",
            "RefundReferenceId",
            "RefundType",
            {"RefundAmount": MONEY},
            {"FeeRefunded": MONEY},
            "CreationTimestamp",
            {"RefundStatus": ["State", "LastUpdateTimestamp"]},
            "SoftDescriptor",
        ]
    }
    assert text(tree, "RefundAmount/Amount") == "4.25"
    assert text(tree, "FeeRefunded/Amount") == "0.0"
    assert text(tree, "State") == "Completed"


async def test_a_chargebacks_tree_and_its_odd_type(shop: Shop, mailbox: Mailbox) -> None:
    capture_id = await shop.captured()
    shop.world.charge_back(capture_id)
    await shop.world.deliver_due()
    tree = mailbox.trees("Chargeback Detailed Notification")[0]
    assert tree.tag == "ChargebackNotification"
    assert _shape(tree[0]) == {
        "ChargebackDetails": [
            "AmazonChargebackId",
            "AmazonOrderReferenceId",
            "AmazonCaptureReferenceId",
            "CreationTimestamp",
            {"ChargebackAmount": MONEY},
            "ChargebackState",
            "ChargebackReason",
        ]
    }
    assert text(tree, "AmazonOrderReferenceId") == capture_id[:19]
    assert text(tree, "ChargebackState") == "RECEIVED"


async def test_later_decisions_and_changed_methods_are_told(shop: Shop, mailbox: Mailbox) -> None:
    bad = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.DECLINE_HARD)
    agreement_id = await shop.open_agreement(card_id=bad.card_id)
    await shop.charge(agreement_id, TransactionTimeout="5")
    shop.world.advance(60)
    shop.world.change_payment_method(agreement_id, next(iter(shop.world.buyer.cards)), on_amazon=True)
    shop.world.change_address(agreement_id, None)
    await shop.world.deliver_due()
    assert text(mailbox.trees("PaymentAuthorize")[0], "ReasonCode") == "InvalidPaymentMethod"
    told = [mailbox.inner(number) for number in range(len(mailbox.posts))]
    events = [each["EventType"] for each in told if each["NotificationType"] == "BillingAgreementNotification"]
    assert events == [
        "BillingAgreementStatusUpdated",
        "BillingAgreementStatusUpdated",
        "PaymentMethodUpdated",
        "AddressUpdated",
    ]
    states = [text(each, "State") for each in mailbox.trees("BillingAgreementNotification")]
    assert states == ["Open", "Suspended", "Open", "Open"]


# ---- delivery


@pytest.mark.parametrize("status", [500, 503, 302])
async def test_an_odd_answer_brings_the_same_message_again_after_an_hour(
    shop: Shop, mailbox: Mailbox, status: int
) -> None:
    mailbox.answers = [status]
    await shop.open_agreement()
    assert await shop.world.deliver_due() == 1
    assert await shop.world.deliver_due() == 0
    shop.world.advance(3600)
    assert await shop.world.deliver_due() == 1
    assert mailbox.posts[0][1] == mailbox.posts[1][1]
    shop.world.advance(3600)
    assert await shop.world.deliver_due() == 0
    record = shop.world.notifications.log[0]
    assert record.state == "delivered"
    assert [each.status for each in record.attempts] == [status, 200]


async def test_after_14_days_sns_gives_up(shop: Shop, mailbox: Mailbox) -> None:
    mailbox.answers = [500] * 1000
    await shop.open_agreement()
    posts = 0
    for _ in range(15 * 24):
        posts += await shop.world.deliver_due()
        shop.world.advance(3600)
    assert posts == 14 * 24 + 1
    assert shop.world.notifications.log[0].state == "lost"


@pytest.mark.parametrize(("status", "end"), [(400, "refused"), (404, "refused"), (0, "lost")])
async def test_a_refusal_or_no_server_ends_it(shop: Shop, mailbox: Mailbox, status: int, end: str) -> None:
    mailbox.answers = [status]
    await shop.open_agreement()
    await shop.world.deliver_due()
    shop.world.advance(86400)
    assert await shop.world.deliver_due() == 0
    assert shop.world.notifications.log[0].state == end


async def test_an_unreachable_server_can_be_tried_again_if_wanted(shop: Shop, mailbox: Mailbox) -> None:
    shop.world.notifications.options.retry_unreachable = True
    mailbox.answers = [0]
    await shop.open_agreement()
    await shop.world.deliver_due()
    shop.world.advance(3600)
    assert await shop.world.deliver_due() == 1


async def test_notifications_can_be_held_and_released(shop: Shop, mailbox: Mailbox) -> None:
    shop.world.notifications.options.hold = True
    await shop.open_agreement()
    assert await shop.world.deliver_due() == 0
    assert shop.world.notifications.waiting == 1
    shop.world.notifications.options.hold = False
    assert await shop.world.deliver_due() == 1


async def test_notifications_can_come_twice(shop: Shop, mailbox: Mailbox) -> None:
    shop.world.notifications.options.copies = 2
    await shop.open_agreement()
    assert await shop.world.deliver_due() == 2
    assert mailbox.posts[0][1]["MessageId"] == mailbox.posts[1][1]["MessageId"]


async def test_notifications_can_come_in_another_order(shop: Shop, mailbox: Mailbox) -> None:
    shop.world.notifications.options.shuffle = True
    agreement_id = await shop.open_agreement()
    for _ in range(5):
        await shop.charge(agreement_id)
    await shop.world.deliver_due()
    sent = [envelope["MessageId"] for _headers, envelope in mailbox.posts]
    made = [each.message_id for each in shop.world.notifications.log]
    assert sent != made
    assert sorted(sent) == sorted(made)


async def test_notifications_can_get_lost(shop: Shop, mailbox: Mailbox) -> None:
    shop.world.notifications.options.drop = 1
    agreement_id = await shop.open_agreement()
    await shop.ok("CloseBillingAgreement", {"AmazonBillingAgreementId": agreement_id})
    assert await shop.world.deliver_due() == 1
    assert [each.state for each in shop.world.notifications.log] == ["dropped", "delivered"]


# ---- registering the address


async def test_the_shop_registers_its_address_itself(shop: Shop, mailbox: Mailbox) -> None:
    shop.merchant.ipn_url = ""
    prefix = "NotificationConfigurationList.NotificationConfiguration.1"
    values = {f"{prefix}.NotificationUrl": URL, f"{prefix}.EventTypes.EventTypeList.1": "ALL"}
    await shop.ok("SetMerchantNotificationConfiguration", values)
    await shop.open_agreement()
    assert await shop.world.deliver_due() == 1


@pytest.mark.parametrize(("url", "event"), [("http://shop.example/", "ALL"), (URL, "EVERYTHING")])
async def test_bad_addresses_and_events_are_refused(shop: Shop, url: str, event: str) -> None:
    prefix = "NotificationConfigurationList.NotificationConfiguration.1"
    values = {f"{prefix}.NotificationUrl": url, f"{prefix}.EventTypes.EventTypeList.1": event}
    wrong = await shop.refused("SetMerchantNotificationConfiguration", values)
    assert wrong.code == "InvalidParameterValue"
