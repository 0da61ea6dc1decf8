"""Amazon's own v1 client for Python against the simulator: neither its signer nor its reader is ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import requests
from amazon_pay.client import AmazonPayClient

from saleor_amazonpay.simulator.amazon import AmazonWorld
from tests.simulator.amazon.serving import served

# The client was last released in 2021: it calls datetime.utcnow(), which newer Pythons deprecate.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.fixture(scope="module")
def origin_and_world() -> Iterator[tuple[str, AmazonWorld]]:
    world = AmazonWorld.demo(seed=3)
    with served(world) as origin:
        yield origin, world


@pytest.fixture
def origin(origin_and_world: tuple[str, AmazonWorld]) -> str:
    return origin_and_world[0]


@pytest.fixture
def client(origin_and_world: tuple[str, AmazonWorld]) -> Any:
    origin, world = origin_and_world
    merchant = world.merchant
    made = AmazonPayClient(
        mws_access_key=merchant.access_key,
        mws_secret_key=merchant.secret_key,
        merchant_id=merchant.seller_id,
        region="na",
        currency_code="USD",
        sandbox=True,
        handle_throttle=False,
    )
    made._mws_endpoint = f"{origin}/OffAmazonPayments_Sandbox/2013-01-01"
    return made


def _result(answer: Any, action: str) -> Any:
    assert answer.success, answer.to_xml()
    assert answer.request_id
    return msgspec.json.decode(answer.to_json())[f"{action}Response"][f"{action}Result"]


def _draft(origin: str) -> tuple[str, str]:
    answer = requests.post(f"{origin}/control/agreements", json={}, timeout=30)
    told = answer.json()
    return told["agreement_id"], told["access_token"]


def _open(client: Any, origin: str) -> str:
    agreement_id, _token = _draft(origin)
    _result(client.confirm_billing_agreement(agreement_id), "ConfirmBillingAgreement")
    return agreement_id


def test_an_agreement_from_draft_to_closed(client: Any, origin: str) -> None:
    agreement_id, token = _draft(origin)
    got = _result(
        client.get_billing_agreement_details(agreement_id, address_consent_token=token),
        "GetBillingAgreementDetails",
    )["BillingAgreementDetails"]
    assert got["BillingAgreementStatus"]["State"] == "Draft"
    assert got["Buyer"]["Name"] == "Jane Doe"
    assert got["Destination"]["PhysicalDestination"]["AddressLine1"]

    told = _result(
        client.set_billing_agreement_details(
            agreement_id,
            seller_note="Note with spaces, ümlauts & *stars* ~",
            seller_billing_agreement_id="sub-1",
            store_name="Tea House",
            custom_information="custom",
        ),
        "SetBillingAgreementDetails",
    )["BillingAgreementDetails"]
    assert told["SellerNote"] == "Note with spaces, ümlauts & *stars* ~"
    assert told["SellerBillingAgreementAttributes"]["StoreName"] == "Tea House"

    _result(client.confirm_billing_agreement(agreement_id), "ConfirmBillingAgreement")
    valid = _result(client.validate_billing_agreement(agreement_id), "ValidateBillingAgreement")
    assert valid["ValidationResult"] == "Success"
    _result(client.close_billing_agreement(agreement_id, closure_reason="Done"), "CloseBillingAgreement")
    got = _result(client.get_billing_agreement_details(agreement_id), "GetBillingAgreementDetails")
    assert got["BillingAgreementDetails"]["BillingAgreementStatus"]["ReasonCode"] == "SellerClosed"


def test_reserve_capture_and_refund(client: Any, origin: str) -> None:
    made = _result(
        client.authorize_on_billing_agreement(
            _open(client, origin),
            "sdk-auth-1",
            "12.34",
            seller_authorization_note="first of many",
            transaction_timeout=0,
            seller_order_id="order 1",
        ),
        "AuthorizeOnBillingAgreement",
    )
    authorization = made["AuthorizationDetails"]
    authorization_id = authorization["AmazonAuthorizationId"]
    assert authorization["AuthorizationStatus"]["State"] == "Open"
    assert authorization_id.startswith(made["AmazonOrderReferenceId"])

    got = _result(client.get_authorization_details(authorization_id), "GetAuthorizationDetails")
    assert got["AuthorizationDetails"]["AuthorizationAmount"] == {"Amount": "12.34", "CurrencyCode": "USD"}

    capture = _result(client.capture(authorization_id, "sdk-capture-1", "12.34"), "Capture")["CaptureDetails"]
    assert capture["CaptureStatus"]["State"] == "Completed"
    capture_id = capture["AmazonCaptureId"]
    got = _result(client.get_capture_details(capture_id), "GetCaptureDetails")["CaptureDetails"]
    assert got["CaptureReferenceId"] == "sdk-capture-1"

    refund = _result(client.refund(capture_id, "sdk-refund-1", "2.34", seller_refund_note="sorry"), "Refund")[
        "RefundDetails"
    ]
    assert refund["RefundStatus"]["State"] == "Pending"
    requests.post(f"{origin}/control/refunds/{refund['AmazonRefundId']}/settle", json={}, timeout=30)
    got = _result(client.get_refund_details(refund["AmazonRefundId"]), "GetRefundDetails")["RefundDetails"]
    assert got["RefundStatus"]["State"] == "Completed"


def test_charge_at_once(client: Any, origin: str) -> None:
    made = _result(
        client.authorize_on_billing_agreement(
            _open(client, origin),
            "sdk-charge-1",
            "5.00",
            transaction_timeout=0,
            capture_now=True,
            soft_descriptor="Tea House",
            inherit_shipping_address=False,
        ),
        "AuthorizeOnBillingAgreement",
    )["AuthorizationDetails"]
    assert made["AuthorizationStatus"]["ReasonCode"] == "MaxCapturesProcessed"
    assert made["CapturedAmount"]["Amount"] == "0"
    got = _result(client.get_capture_details(made["IdList"]["member"]), "GetCaptureDetails")["CaptureDetails"]
    assert got["CaptureAmount"]["Amount"] == "5.00"
    assert got["SoftDescriptor"] == "AMZ*Tea House"


def test_give_up_a_reservation(client: Any, origin: str) -> None:
    made = _result(
        client.authorize_on_billing_agreement(_open(client, origin), "sdk-void-1", "7.00", transaction_timeout=0),
        "AuthorizeOnBillingAgreement",
    )
    authorization_id = made["AuthorizationDetails"]["AmazonAuthorizationId"]
    _result(client.close_authorization(authorization_id, closure_reason="Sold out"), "CloseAuthorization")
    got = _result(client.get_authorization_details(authorization_id), "GetAuthorizationDetails")
    assert got["AuthorizationDetails"]["AuthorizationStatus"]["ReasonCode"] == "SellerClosed"


def test_orders_are_listed_and_made_under_an_agreement(client: Any, origin: str) -> None:
    made = _result(
        client.create_order_reference_for_id(
            _open(client, origin),
            "BillingAgreement",
            "20.00",
            confirm_now=True,
            seller_order_id="sdk-order-9",
        ),
        "CreateOrderReferenceForId",
    )["OrderReferenceDetails"]
    assert made["OrderReferenceStatus"]["State"] == "Open"
    listed = _result(client.list_order_reference("sdk-order-9", "SellerOrderId"), "ListOrderReference")
    assert listed["OrderReferenceList"]["OrderReference"]["AmazonOrderReferenceId"] == (made["AmazonOrderReferenceId"])


def test_account_and_service_status(client: Any) -> None:
    status = _result(client.get_merchant_account_status(), "GetMerchantAccountStatus")
    assert status["AccountStatus"] == "ACTIVE"
    assert _result(client.get_service_status(), "GetServiceStatus")["Status"] == "GREEN"


def test_the_client_understands_our_errors(client: Any) -> None:
    answer = client.get_billing_agreement_details("C01-0000000-0000000")
    assert not answer.success
    error = msgspec.json.decode(answer.to_json())["ErrorResponse"]["Error"]
    assert error["Code"] == "InvalidBillingAgreementId"


def test_a_client_with_another_secret_is_refused(client: Any) -> None:
    client.mws_secret_key = "not the secret"
    answer = client.get_merchant_account_status()
    assert not answer.success
    error = msgspec.json.decode(answer.to_json())["ErrorResponse"]
    assert error["Error"]["Code"] == "SignatureDoesNotMatch"
    assert error["RequestID"]
