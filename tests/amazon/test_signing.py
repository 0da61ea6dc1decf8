"""Signature Version 2 against the signatures Amazon published (contracts §7.1)."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from saleor_amazonpay.amazon.mws.signing import Signer, canonical, encoded, pairs, signature, timestamp

URL = "https://mws.amazonservices.com/OffAmazonPayments_Sandbox/2013-01-01"
NOW = 1_451_606_398.0
ORDER = {"AmazonOrderReferenceId": "AMAZON_ORDER_REFERENCE_ID"}
CONFIRM = {
    **ORDER,
    "SuccessUrl": "https://pay.amazon.com/success.html",
    "AuthorizationAmount.Amount": "0.01",
}

OWN = ("TEST_MERCHANT_ID", "")
OVERRIDE = ("OVERRIDE_SELLER_ID", "TEST_MWS_AUTH_TOKEN")

PUBLISHED = [
    (OWN, "GetOrderReferenceDetails", ORDER, "cpkDC72d5lMIbo5ET2dvERTw4F2cGQJL3eQPzUe2pAE="),
    (OVERRIDE, "GetOrderReferenceDetails", ORDER, "MelQJXDdQJ85Z7aB85s7eYWm5TdGv6xYAQt/joOhXCo="),
    (
        OWN,
        "SetOrderReferenceDetails",
        {
            **ORDER,
            "OrderReferenceAttributes.OrderTotal.Amount": "2",
            "OrderReferenceAttributes.OrderTotal.CurrencyCode": "USD",
        },
        "i51MSGv9O2G2LHIlhCXLigA3ZKaZRoc7Mb5A1VX2QTA=",
    ),
    (OVERRIDE, "ConfirmOrderReference", ORDER, "mbJBrZKC4Jz8J+rhRqyfYsY6TkSapWOvCTlC+UDUTok="),
    (
        OVERRIDE,
        "ConfirmOrderReference",
        {
            **CONFIRM,
            "FailureUrl": "https://pay.amazon.com/failure.html",
            "AuthorizationAmount.CurrencyCode": "EUR",
        },
        "KeZbecFqPMxhR4g35iFWsdLmq1rAgwdn4B2WTIFMTHg=",
    ),
    (
        OVERRIDE,
        "ConfirmOrderReference",
        {**CONFIRM, "AuthorizationAmount.CurrencyCode": "USD"},
        "vGiWtNsdtNKx3QGB+cNNq8tLisqwOeg2a5aIy3p6exw=",
    ),
]


@pytest.mark.parametrize(("seller", "action", "parameters", "expected"), PUBLISHED)
def test_a_published_signature_comes_out(
    seller: tuple[str, str], action: str, parameters: dict[str, str], expected: str
) -> None:
    signer = Signer.of(URL, seller[0], "TEST_ACCESS_KEY", "TEST_SECRET_KEY", seller[1])
    body = signer.body(action, pairs(parameters), NOW).decode()
    form = dict(parse_qsl(body, strict_parsing=True))
    assert form["Signature"] == expected
    assert form["Timestamp"] == "2015-12-31T23:59:58Z"
    assert form["Action"] == action
    assert ("MWSAuthToken" in form) is bool(seller[1])


def test_the_python_sdks_published_hmac_comes_out() -> None:
    assert signature("mws_secret_key", "my_test_string") == "JQZYxe8EFlLE3XCAWotsn329rpZF7OFYhA8oo7rUV2E="


def test_encoding_is_rfc_3986_in_utf_8() -> None:
    assert encoded("A-z_0.9~") == "A-z_0.9~"
    assert encoded(" *+/:ü") == "%20%2A%2B%2F%3A%C3%BC"


def test_parameters_are_sorted_in_byte_order_and_empty_ones_left_out() -> None:
    query = canonical(pairs({"b": "2", "a.b": "1", "Z": "0", "aB": "3", "empty": "", "a": "4"}))
    assert query == "Z=0&a=4&a.b=1&aB=3&b=2"


def test_the_port_is_part_of_the_signed_host() -> None:
    keys = ("M", "A", "S")
    bare = Signer.of("http://127.0.0.1/p", *keys).body("X", [], NOW)
    port = Signer.of("http://127.0.0.1:9000/p", *keys).body("X", [], NOW)
    assert bare != port


def test_a_timestamp_is_utc_in_whole_seconds() -> None:
    assert timestamp(0.9) == "1970-01-01T00:00:00Z"


def test_a_signer_does_not_show_its_keys() -> None:
    shown = repr(Signer.of(URL, "M", "ACCESS", "SECRET"))
    assert "SECRET" not in shown
    assert "ACCESS" not in shown
