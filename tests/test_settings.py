"""Settings that are refused at start rather than believed later."""

from __future__ import annotations

import base64

import pytest
from pydantic import SecretStr, ValidationError

from saleor_amazonpay.settings import Settings

KEYS = SecretStr("k:" + base64.b64encode(b"k" * 32).decode())


@pytest.mark.parametrize(
    ("given", "trusted"),
    [
        ("", set()),
        ("123456789012", {"123456789012"}),
        (" 123456789012 ,, 210987654321", {"123456789012", "210987654321"}),
    ],
)
def test_topic_accounts_are_aws_account_numbers(given: str, trusted: set[str]) -> None:
    assert Settings(secret_keys=KEYS, topic_accounts=given).trusted_topics == trusted


@pytest.mark.parametrize(
    "given", ["amazon", "12345", "123456789012;210987654321", "arn:aws:sns:us-east-1:123456789012:x"]
)
def test_what_is_no_account_number_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="12 digits"):
        Settings(secret_keys=KEYS, topic_accounts=given)
