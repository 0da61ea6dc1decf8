from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import HttpUrl, TypeAdapter, ValidationError

from saleor_amazonpay.domain.money import DIGITS, Money
from saleor_amazonpay.saleor import answers, fields
from saleor_amazonpay.saleor.events import ACTION_RESULTS, SESSION_RESULTS, Action, EventType
from saleor_amazonpay.saleor.fields import UnsendableError

TEN = Money(1000, "USD")
SIX = Money(600, "USD")
NOTHING = Money(0, "USD")

# Contracts §3.1 and §3.3, written down once more and apart from the code under test.
PSP_REQUIRED = {"AUTHORIZATION_SUCCESS", "CHARGE_SUCCESS", "AUTHORIZATION_REQUEST", "CHARGE_REQUEST"}
PSP_OPTIONAL = {
    "AUTHORIZATION_ACTION_REQUIRED",
    "CHARGE_ACTION_REQUIRED",
    "AUTHORIZATION_FAILURE",
    "CHARGE_FAILURE",
}
FINAL_ACTIONS = {f"{kind}_{end}" for kind in ("CHARGE", "REFUND", "CANCEL") for end in ("SUCCESS", "FAILURE")}
URL = TypeAdapter(HttpUrl)  # what Saleor itself checks `externalUrl` with


def judged(body: bytes, results: set[str]) -> dict[str, Any]:
    """Saleor's judgement of an answer: the answer, or an AssertionError for what it would reject or misread."""
    answer: dict[str, Any] = json.loads(body)
    assert answer["result"] in results
    if answer["result"] not in PSP_OPTIONAL or "pspReference" in answer:
        assert isinstance(answer["pspReference"], str)
        assert 0 < len(answer["pspReference"]) <= 512
    if "amount" in answer:
        assert isinstance(answer["amount"], str)
        assert Decimal(answer["amount"]) > 0
        assert Decimal(answer["amount"]) == Decimal(answer["amount"]).quantize(Decimal("0.001"))
    if "externalUrl" in answer:
        assert len(str(URL.validate_python(answer["externalUrl"]))) <= 200
    if "message" in answer:
        assert isinstance(answer["message"], str)
        assert 0 < len(answer["message"]) <= 512
        assert "\x00" not in answer["message"]
    if "actions" in answer:
        assert isinstance(answer["actions"], list)
        assert set(answer["actions"]) <= {"CHARGE", "REFUND", "CANCEL"}
    if "paymentMethodDetails" in answer:
        assert set(answer["paymentMethodDetails"]) == {"type", "name"}
        assert answer["paymentMethodDetails"]["type"] == "OTHER"
        assert 0 < len(answer["paymentMethodDetails"]["name"]) <= 256
    assert "time" not in answer
    assert None not in [value for key, value in answer.items() if key != "data"]
    return answer


def session(result: EventType = EventType.CHARGE_SUCCESS, **more: Any) -> dict[str, Any]:
    given_: dict[str, Any] = {"psp_reference": "P-1", "requested": TEN} | more
    return judged(answers.session(result, **given_), PSP_REQUIRED | PSP_OPTIONAL)


def action(result: EventType = EventType.REFUND_SUCCESS, **more: Any) -> dict[str, Any]:
    given_: dict[str, Any] = {"psp_reference": "P-1", "requested": TEN} | more
    return judged(answers.action(result, **given_), FINAL_ACTIONS)


def test_the_smallest_success_says_result_reference_and_payment_method() -> None:
    assert session() == {
        "result": "CHARGE_SUCCESS",
        "pspReference": "P-1",
        "paymentMethodDetails": {"type": "OTHER", "name": "amazon"},
    }


def test_an_action_required_says_what_to_do_and_nothing_of_money() -> None:
    data = {"code": "payment_method", "attempt": 1}
    answer = session(EventType.CHARGE_ACTION_REQUIRED, psp_reference=None, data=data, actions=[Action.REFUND])
    assert answer == {"result": "CHARGE_ACTION_REQUIRED", "data": data}


def test_a_failure_has_a_psp_reference_and_no_actions() -> None:
    answer = session(EventType.AUTHORIZATION_FAILURE, message="declined", actions=[Action.CHARGE])
    assert answer == {"result": "AUTHORIZATION_FAILURE", "pspReference": "P-1", "message": "declined"}


def test_a_failure_can_be_answered_to_what_was_no_amount_of_amazon_pay() -> None:
    assert session(EventType.CHARGE_FAILURE, requested=None)["result"] == "CHARGE_FAILURE"


@pytest.mark.parametrize("answer", [session, action])
@pytest.mark.parametrize(
    ("requested", "amount", "said"),
    [
        (TEN, None, None),
        (TEN, TEN, None),
        (TEN, SIX, "6.00"),
        (TEN, Money(1001, "USD"), "10.01"),
        (NOTHING, NOTHING, None),
        (NOTHING, SIX, "6.00"),
        (Money(1999, "JPY"), Money(1998, "JPY"), "1998"),
    ],
)
def test_the_amount_is_said_only_where_it_differs(
    answer: Any, requested: Money, amount: Money | None, said: str | None
) -> None:
    assert answer(requested=requested, amount=amount).get("amount") == said


@pytest.mark.parametrize("answer", [answers.session, answers.action])
@pytest.mark.parametrize(
    ("requested", "amount"), [(TEN, NOTHING), (TEN, Money(600, "EUR")), (None, SIX), (None, NOTHING)]
)
def test_an_amount_that_saleor_would_misread_is_never_said(answer: Any, requested: Money | None, amount: Money) -> None:
    with pytest.raises(UnsendableError):
        answer(EventType.CHARGE_SUCCESS, psp_reference="P", requested=requested, amount=amount)


@pytest.mark.parametrize("reference", ["", " ", "a b", "é", "P\n", "P" * 513, "\x00"])
def test_a_psp_reference_saleor_would_miscount_is_our_own_mistake(reference: str) -> None:
    with pytest.raises(UnsendableError):
        answers.session(EventType.CHARGE_SUCCESS, psp_reference=reference, requested=TEN)
    with pytest.raises(UnsendableError):
        answers.action(EventType.CHARGE_SUCCESS, psp_reference=reference, requested=TEN)
    with pytest.raises(UnsendableError):
        answers.action_pending(reference)


@pytest.mark.parametrize("result", sorted(SESSION_RESULTS))
def test_every_session_result_but_action_required_needs_a_psp_reference(result: EventType) -> None:
    acts = result.endswith("ACTION_REQUIRED")
    session(result, psp_reference=None if acts else "P")
    with pytest.raises(UnsendableError):
        session(result, psp_reference="P" if acts else None)


@pytest.mark.parametrize("result", sorted(set(EventType) - SESSION_RESULTS))
def test_what_is_no_session_result_is_refused(result: EventType) -> None:
    with pytest.raises(UnsendableError):
        session(result)


@pytest.mark.parametrize("result", sorted(set(EventType) - ACTION_RESULTS))
def test_what_is_no_action_result_is_refused(result: EventType) -> None:
    with pytest.raises(UnsendableError):
        action(result)


@pytest.mark.parametrize("result", sorted(ACTION_RESULTS))
def test_every_action_result_can_be_answered(result: EventType) -> None:
    assert action(result) == {"result": result.value, "pspReference": "P-1"}


def test_a_pending_action_says_its_psp_reference_and_nothing_else() -> None:
    assert json.loads(answers.action_pending("P-1")) == {"pspReference": "P-1"}


def test_actions_come_in_saleors_order_and_may_be_cleared() -> None:
    assert action(actions={Action.CANCEL, Action.CHARGE})["actions"] == ["CHARGE", "CANCEL"]
    assert session(actions=[])["actions"] == []
    assert action(actions=[])["actions"] == []
    assert "actions" not in session(actions=None)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/relative",
        "sellercentral.amazon.com/x",
        "ftp://a.example/x",
        "https:///x",
        "https://a.example/" + "x" * 183,
        "https://a.example/ü",
        "https://a.example/a b",
        "https://user:secret@a.example/",
        "https://a.example:99999/",
        "https://a..example/",
        "https://-a.example/",
        "https://xn--a.example/",
        "https://1.2.3.999/",
        "https://a.example/\x00",
        "https://a.example/\n",
    ],
)
def test_a_bad_link_is_left_out_and_the_money_is_still_told(url: str) -> None:
    assert session(external_url=url) == session()


@pytest.mark.parametrize(
    "url",
    [
        "https://sellercentral.amazon.com/external-payments/pmd/payment-details?orderReferenceId=S01-1#x",
        "http://127.0.0.1:8080/simulator/",
        "https://a.example/" + "x" * 182,
    ],
)
def test_a_good_link_is_told(url: str) -> None:
    assert session(external_url=url)["externalUrl"] == url


def test_a_long_message_is_cut_and_an_empty_one_left_out() -> None:
    assert session(message="m" * 600)["message"] == "m" * 512
    assert "message" not in session(message=" \x00 ")


def test_a_message_the_database_could_not_store_is_mended() -> None:
    assert session(message="a\x00b\ud800c")["message"] == "ab?c"


@pytest.mark.parametrize("name", ["", "\x00", "n" * 257])
def test_a_bad_payment_method_is_left_out(name: str) -> None:
    assert session(payment_method_name=name) == {"result": "CHARGE_SUCCESS", "pspReference": "P-1"}


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize("data", [object(), {(1, 2): 3}, "\ud800", deep()], ids=["object", "keys", "surrogate", "deep"])
def test_data_that_is_no_json_is_left_out_and_the_money_is_still_told(data: Any) -> None:
    assert session(data=data) == session()
    assert json.loads(answers.gateway(data)) == {"data": None}


@pytest.mark.parametrize("data", [None, {}, [], {"profile": {"merchantId": "M"}}, "x", 0, False])
def test_a_gateway_answer_always_has_its_key(data: Any) -> None:
    assert json.loads(answers.gateway(data)) == {"data": data}


def money(currency: str) -> st.SearchStrategy[Money]:
    return st.integers(0, 15_000_000).map(lambda minor: Money(minor, currency))


AMOUNTS = st.sampled_from(sorted(DIGITS)).flatmap(
    lambda currency: st.tuples(money(currency), st.none() | money(currency))
)
TEXT = st.text(st.characters() | st.sampled_from("\x00\ud800\n"), max_size=700)
LINKS = (
    st.none()
    | TEXT
    | TEXT.map(lambda path: f"https://seller.example.com/{path}")
    | st.from_regex(r"https?://[a-z0-9.:%-]{1,30}/[!-~]{0,200}", fullmatch=True)
)
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | TEXT, st.lists, max_leaves=4)


@settings(deadline=None)
@given(
    st.sampled_from(sorted(SESSION_RESULTS)),
    st.from_regex(r"[!-~]{1,512}", fullmatch=True),
    AMOUNTS,
    st.none() | VALUES,
    st.none() | TEXT,
    st.none() | st.lists(st.sampled_from(Action)),
    LINKS,
    TEXT,
)
def test_whatever_a_session_is_answered_passes_saleors_rules(
    result: EventType,
    reference: str,
    amounts: tuple[Money, Money | None],
    data: Any,
    message: str | None,
    actions: list[Action] | None,
    link: str | None,
    name: str,
) -> None:
    requested, amount = amounts
    if amount == Money(0, requested.currency):
        amount = None
    acts = result.endswith("ACTION_REQUIRED")
    answer = session(
        result,
        psp_reference=None if acts else reference,
        requested=requested,
        amount=amount,
        data=data,
        message=message,
        actions=actions,
        external_url=link,
        payment_method_name=name,
    )
    told = Decimal(answer["amount"]) if "amount" in answer else requested.decimal
    assert told == (amount or requested).decimal
    if isinstance(data, float) and not math.isfinite(data):
        assert answer.get("data") is None


@settings(deadline=None)
@given(LINKS)
def test_no_link_passes_that_saleor_would_reject_or_lengthen(link: str | None) -> None:
    kept = fields.external_url(link)
    if kept is None:
        return
    try:
        assert len(str(URL.validate_python(kept))) <= fields.MAX_URL
    except ValidationError as error:
        raise AssertionError(kept) from error
