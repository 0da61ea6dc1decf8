"""Stored payment methods and tokenization (contracts §3.9 to §3.12)."""

from __future__ import annotations

from typing import Any

import pytest

from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.errors import RefusedError, RequestError
from saleor_amazonpay.simulator.shop.methods import MethodResult
from saleor_amazonpay.simulator.shop.people import User
from tests.simulator.shop.fake_app import APP_ID, MANIFEST_URL, FakeApp, manifest, webhook
from tests.simulator.shop.material import recorded
from tests.simulator.shop.test_payloads import query_like, same_shape

pytestmark = pytest.mark.anyio

_LIST = "LIST_STORED_PAYMENT_METHODS"
_DELETE = "STORED_PAYMENT_METHOD_DELETE_REQUESTED"
_GATEWAY = "PAYMENT_GATEWAY_INITIALIZE_TOKENIZATION_SESSION"
_INITIALIZE = "PAYMENT_METHOD_INITIALIZE_TOKENIZATION_SESSION"
_PROCESS = "PAYMENT_METHOD_PROCESS_TOKENIZATION_SESSION"
_METHOD = f"app:{APP_ID}:M1"


@pytest.fixture
async def customer(shop: Shop, app: FakeApp) -> User:
    samples = [recorded(number) for number in (11, 12, 13, 15, 16)]
    app.manifest = manifest(webhooks=[webhook(sample.event, query_like(sample)) for sample in samples])
    await shop.install(MANIFEST_URL)
    return shop.customer_create("c@example.com")


async def _everything(shop: Shop, customer: User) -> list[MethodResult]:
    await shop.stored_payment_methods(customer)
    return [
        await shop.stored_payment_method_delete(customer, _METHOD),
        await shop.payment_gateway_initialize_tokenization(customer, APP_ID, {"a": 1}),
        await shop.payment_method_initialize_tokenization(customer, APP_ID, {"b": 2}),
        await shop.payment_method_process_tokenization(customer, _METHOD, {"sessionId": "cs"}),
    ]


@pytest.mark.parametrize("number", [11, 12, 13, 15, 16])
async def test_a_body_has_the_shape_of_the_one_saleor_sent(
    shop: Shop, app: FakeApp, customer: User, number: int
) -> None:
    await _everything(shop, customer)
    sample = recorded(number)
    (sent,) = app.received(sample.event)
    same_shape(sent, sample)
    for key in ("id", "paymentMethodId"):
        assert sent.body.get(key, "M1") == "M1"


async def test_valid_methods_are_listed_and_others_left_out(shop: Shop, app: FakeApp, customer: User) -> None:
    card = {"brand": "visa", "lastDigits": 1111, "expMonth": 1, "expYear": 2030}
    good = {"id": "M1", "type": "Amazon Pay", "name": "a…@x", "supportedPaymentFlows": ["INTERACTIVE"]}
    app.reply(
        _LIST,
        {
            "paymentMethods": [
                {**good, "creditCardInfo": card},
                {**good, "id": "M2", "creditCardInfo": {"brand": "visa"}, "supportedPaymentFlows": []},
                {**good, "id": 3},
                {**good, "supportedPaymentFlows": ["interactive"]},
                {"id": "M5"},
                "M6",
            ]
        },
    )
    first, second = await shop.stored_payment_methods(customer)
    assert (first.id, first.payment_method_id, first.flows) == (_METHOD, "M1", ("INTERACTIVE",))
    assert first.credit_card_info == {**card, "lastDigits": "1111", "firstDigits": None}
    assert second.credit_card_info is None


@pytest.mark.parametrize("answer", [{}, [], {"paymentMethods": None}, HttpResponse(500, b"{}")])
async def test_without_a_list_nothing_is_listed(shop: Shop, app: FakeApp, customer: User, answer: Any) -> None:
    app.reply(_LIST, answer)
    assert await shop.stored_payment_methods(customer) == []


async def test_results_are_taken_as_answered(shop: Shop, app: FakeApp, customer: User) -> None:
    app.reply(_DELETE, {"result": "SUCCESSFULLY_DELETED"})
    app.reply(_GATEWAY, {"result": "SUCCESSFULLY_INITIALIZED", "data": {"k": 1}})
    app.reply(_INITIALIZE, {"result": "ADDITIONAL_ACTION_REQUIRED", "id": "M1", "data": 5})
    app.reply(_PROCESS, {"result": "PENDING"})
    assert await _everything(shop, customer) == [
        MethodResult("SUCCESSFULLY_DELETED"),
        MethodResult("SUCCESSFULLY_INITIALIZED", data={"k": 1}),
        MethodResult("ADDITIONAL_ACTION_REQUIRED", data=5, id=_METHOD),
        MethodResult("PENDING"),
    ]


async def test_no_answer_is_not_delivered_and_a_wrong_one_a_failure(shop: Shop, app: FakeApp, customer: User) -> None:
    failed = ["FAILED_TO_DELETE", "FAILED_TO_INITIALIZE", "FAILED_TO_TOKENIZE", "FAILED_TO_TOKENIZE"]
    for answer in ({}, {"result": "successfully_tokenized"}, {"result": 1}):
        for event in (_DELETE, _GATEWAY, _INITIALIZE, _PROCESS):
            app.reply(event, answer)
        assert [entry.result for entry in await _everything(shop, customer)] == failed
    for incomplete in ({"result": "SUCCESSFULLY_TOKENIZED"}, {"result": "PENDING", "id": 5}):
        app.reply(_PROCESS, incomplete)
        result = await shop.payment_method_process_tokenization(customer, _METHOD)
        assert result.result == "FAILED_TO_TOKENIZE"
    shop.faults.drop_answer(times=5)
    assert {entry.result for entry in await _everything(shop, customer)} == {"FAILED_TO_DELIVER"}


async def test_what_is_addressed_to_nobody_is_refused(shop: Shop, app: FakeApp, customer: User) -> None:
    for method_id in ("M1", "app:M1", "app:nobody:M1"):
        with pytest.raises(RefusedError, match="NOT_FOUND"):
            await shop.stored_payment_method_delete(customer, method_id)
    with pytest.raises(RefusedError, match="NOT_FOUND"):
        await shop.payment_gateway_initialize_tokenization(customer, "nobody")
    app.reply(_DELETE, [])
    with pytest.raises(RequestError, match="Internal Server Error"):
        await shop.stored_payment_method_delete(customer, _METHOD)
