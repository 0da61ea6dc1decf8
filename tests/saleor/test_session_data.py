from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saleor_amazonpay.saleor import session_data
from saleor_amazonpay.saleor.session_data import Frequency, Recurring, SessionData, SessionDataError

FULL = {
    "amazonBillingAgreementId": "B01-1234567-1234567",
    "accessToken": "Atza|IwEBIJ-secret",
    "chargePermissionId": "B01-1234567-1234567",
    "amazonCheckoutSessionId": "3e2a1f0c-8f6b-4a37-9f11-0d1f0c2b7a55",
    "attempt": 2,
    "recurring": {"frequency": {"unit": "Month", "value": "1"}, "amount": 19.99},
    "successUrl": "https://shop.example.com/done?x=1",
    "failureUrl": "https://shop.example.com/again",
}


def read(value: Any) -> SessionData:
    return session_data.read(json.dumps(value).encode())


def error(value: Any) -> SessionDataError:
    with pytest.raises(SessionDataError) as caught:
        read(value)
    return caught.value


@pytest.mark.parametrize("raw", [b"", b"null", b"{}", b" {} ", b'{"somethingElse":[1,{"a":null}]}'])
def test_nothing_known_is_data_without_any_key(raw: bytes) -> None:
    assert session_data.read(raw) == SessionData()


def test_every_known_key_is_read() -> None:
    data = read(FULL)
    assert data.amazon_billing_agreement_id == "B01-1234567-1234567"
    assert data.access_token == "Atza|IwEBIJ-secret"
    assert data.charge_permission_id == "B01-1234567-1234567"
    assert data.amazon_checkout_session_id == "3e2a1f0c-8f6b-4a37-9f11-0d1f0c2b7a55"
    assert data.attempt == 2
    assert data.recurring == Recurring(Frequency("Month", "1"), Decimal("19.99"))
    assert data.success_url == "https://shop.example.com/done?x=1"
    assert data.failure_url == "https://shop.example.com/again"


def test_a_recurring_amount_may_be_text_and_is_exact() -> None:
    data = read({"recurring": {"frequency": {"unit": "Variable", "value": "0"}, "amount": "0.10"}})
    assert data.recurring is not None
    assert str(data.recurring.amount) == "0.10"


@pytest.mark.parametrize("key", FULL)
def test_null_is_the_same_as_leaving_a_key_out(key: str) -> None:
    assert read({key: None}) == SessionData()


@pytest.mark.parametrize("key", FULL)
@pytest.mark.parametrize("value", [True, 1.5, [], [1], {"a": 1}, "", "x" * 5000, "a\nb", "\u0000"])
def test_a_wrong_value_is_refused_by_the_name_of_its_key(key: str, value: Any) -> None:
    refusal = error({key: value})
    assert refusal.code == "data_invalid"
    assert refusal.key.startswith(f"data.{key}")
    assert refusal.message.startswith(f"data.{key}")


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"recurring": {}}, "data.recurring"),
        ({"recurring": {"frequency": {"unit": "Month"}}}, "data.recurring.frequency"),
        ({"recurring": {"frequency": {"unit": "Fortnight", "value": "1"}}}, "data.recurring.frequency.unit"),
        ({"recurring": {"frequency": {"unit": "Month", "value": 1}}}, "data.recurring.frequency.value"),
        (
            {"recurring": {"frequency": {"unit": "Month", "value": "1"}, "amount": -1}},
            "data.recurring.amount",
        ),
        (
            {"recurring": {"frequency": {"unit": "Month", "value": "1"}, "amount": "NaN"}},
            "data.recurring.amount",
        ),
        ({"attempt": 0}, "data.attempt"),
        ({"attempt": "1"}, "data.attempt"),
        ({"attempt": 100}, "data.attempt"),
        ({"successUrl": "javascript:alert(1)"}, "data.successUrl"),
        ({"successUrl": "/done"}, "data.successUrl"),
        ({"amazonBillingAgreementId": "B01\n"}, "data.amazonBillingAgreementId"),
        ("text", "data"),
        ([{"accessToken": "x"}], "data"),
        (7, "data"),
        (False, "data"),
    ],
)
def test_the_key_at_fault_is_named(value: Any, key: str) -> None:
    assert error(value).key == key


def test_an_error_never_repeats_what_was_sent() -> None:
    refusal = error({"accessToken": {"secret": "Atza"}})
    assert "Atza" not in str(refusal)


def test_the_access_token_is_in_no_representation() -> None:
    assert "secret" not in f"{read(FULL)} {read(FULL)!r}"
    assert "access_token" in repr(read(FULL))


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b"{",
        b"\xff",
        b'{"accessToken":"\xff"}',
        b'{"x":"\\ud800"}',
    ],
)
def test_what_cannot_be_read_is_an_error_and_no_crash(raw: bytes) -> None:
    with pytest.raises(SessionDataError) as caught:
        session_data.read(raw)
    assert caught.value.code == "data_invalid"


def test_deep_nesting_below_an_unknown_key_is_ignored_or_refused() -> None:
    """How deep a reader gets differs between Python versions; neither outcome may be anything else."""
    with suppress(SessionDataError):
        assert session_data.read(b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}") == session_data.SessionData()


def test_data_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(SessionDataError, match="larger than"):
        read({"x": "y" * session_data.MAX_BYTES})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from([*FULL, "frequency", "unit"]), inner),
    max_leaves=12,
)


def outcome(raw: bytes) -> SessionData | SessionDataError:
    try:
        return session_data.read(raw)
    except SessionDataError as refusal:
        return refusal


@settings(deadline=None)
@given(JSON | st.dictionaries(st.sampled_from(list(FULL)), JSON))
def test_any_json_is_either_read_or_refused_with_a_key(value: Any) -> None:
    found = outcome(json.dumps(value).encode())
    assert isinstance(found, SessionData) or (found.key.startswith("data") and found.message)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_either_read_or_refused(raw: bytes) -> None:
    found = outcome(raw)
    assert isinstance(found, SessionData) or found.code == "data_invalid"


# ---- what a shop page sends before a button is shown


def test_a_page_says_where_the_buyer_comes_back_to_and_where_the_shop_delivers() -> None:
    given_ = {
        "returnUrl": "https://shop.example.com/review",
        "cancelUrl": "https://shop.example.com/cart",
        "shipping": True,
        "recurring": {"frequency": {"unit": "Month", "value": "1"}, "amount": 5},
        "delivery": {"countries": ["DE", "AT"], "poBoxes": False},
    }
    page = session_data.read_page(json.dumps(given_).encode())
    assert page.return_url == "https://shop.example.com/review"
    assert page.recurring == Recurring(Frequency("Month", "1"), Decimal(5))
    assert page.delivery is not None
    assert (page.delivery.countries, page.delivery.po_boxes, page.delivery.packstations) == (["DE", "AT"], False, True)
    assert session_data.read_page(b"") == session_data.PageData()
    assert session_data.read_page(b'{"somethingElse": 1}') == session_data.PageData()


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"returnUrl": "javascript:alert(1)"}, "data.returnUrl"),
        ({"shipping": "yes"}, "data.shipping"),
        ({"delivery": {"countries": ["Germany"]}}, "data.delivery.countries[0]"),
        ({"delivery": {"countries": ["DE"] * 251}}, "data.delivery.countries"),
        ({"recurring": {"frequency": {"unit": "Month", "value": "1"}, "amount": -1}}, "data.recurring.amount"),
    ],
)
def test_a_pages_mistake_is_named(value: Any, key: str) -> None:
    with pytest.raises(SessionDataError) as caught:
        session_data.read_page(json.dumps(value).encode())
    assert caught.value.key == key


def test_may_pend_is_a_boolean_and_shows_only_if_it_is_said() -> None:
    assert read({"mayPend": True}).may_pend
    assert "may_pend" in repr(read({"mayPend": True}))
    assert "may_pend" not in repr(read({}))
    assert error({"mayPend": "true"}).key == "data.mayPend"
