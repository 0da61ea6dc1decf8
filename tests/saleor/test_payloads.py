from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from saleor_amazonpay.saleor import payloads
from saleor_amazonpay.saleor.payloads import ActionKind, GrantedRefund, PayloadError, Principal, SourceRef
from tests.saleor import recorded

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = "Q2hlY2tvdXQ6NzAxYWJkOWItMDQxNy00NGUxLWIzZTktODY3NDFhNjgzYzEw"
TRANSACTION = "VHJhbnNhY3Rpb25JdGVtOmJlNWMyNjhiLTE3YTQtNDEyOS05YjgyLWIyNzgxZjRhMTkzNg=="


def body(number: int, change: Callable[[dict[str, Any]], object] | None = None) -> bytes:
    """A recorded body, if asked for with a change that Saleor's schema allows."""
    raw = recorded.request(number).body
    if change is None:
        return raw
    payload = json.loads(raw)
    change(payload)
    return json.dumps(payload).encode()


def action(
    kind: ActionKind, number: int, change: Callable[[dict[str, Any]], object] | None = None
) -> payloads.ActionRequest:
    return payloads.action_request(kind, body(number, change))


def event(
    number: int, amount: float, psp: str = "", at: str = "2026-11-23T16:45:54+00:00", **more: Any
) -> dict[str, Any]:
    return {
        "id": b64encode(f"TransactionEvent:{number}".encode()).decode(),
        "type": "REFUND_REQUEST",
        "pspReference": psp,
        "createdAt": at,
        "message": "",
        "idempotencyKey": None,
        "amount": {"amount": amount, "currency": "USD"},
    } | more


def test_a_recorded_gateway_initialize_is_read() -> None:
    request = payloads.gateway_request(body(1))
    assert request.amount == Decimal("40.0")
    assert request.data == b"null"
    assert request.principal is None
    assert request.recipient_app_id == "QXBwOjQ="
    assert request.source == payloads.Source(
        "checkout", CHECKOUT, "default-channel", "USD", None, shipping_required=True, checkout_id=CHECKOUT
    )


def test_a_recorded_initialize_is_read() -> None:
    request = payloads.session_request("initialize", body(2))
    assert request.event == "initialize"
    assert request.action == "charge"
    assert str(request.amount) == "40.0"
    assert request.currency == "USD"
    assert request.transaction_id == TRANSACTION
    assert request.idempotency_key == "idem-a4ca91f7edac4ab3a0d186490832b719"
    assert json.loads(request.data)["nested"] == {"ü": [1, 2.5, None, True]}
    assert [(view.type, view.psp_reference) for view in request.events] == [("CHARGE_REQUEST", "")]
    assert request.issued_at == datetime(2026, 11, 23, 16, 45, 43, 631445, tzinfo=UTC)


def test_a_recorded_process_is_read_and_has_no_key_of_its_own() -> None:
    request = payloads.session_request("process", body(3))
    assert request.idempotency_key is None
    assert request.data == b'{"amazonCheckoutSessionId": "cs-main"}'
    assert [view.type for view in request.events] == ["CHARGE_ACTION_REQUIRED", "CHARGE_REQUEST"]


def test_a_recorded_charge_is_read() -> None:
    request = action("charge", 5)
    assert request.amount == request.authorized == Decimal(40)
    assert request.charged == 0
    assert request.psp_reference == "P01-charge-permission"
    assert request.source == SourceRef("order", "T3JkZXI6OWU0ZjA2ZTAtMjA4My00NzkzLTk4NjgtYjE1YmNhMTJkN2Q4")
    waiting = request.request_event()
    assert waiting is not None
    assert waiting.idempotency_key == "64486fd0-1ed2-491e-b512-fb617d3a8536"


def test_a_recorded_cancel_keeps_its_odd_cents_exact() -> None:
    request = action("cancel", 10)
    assert (str(request.amount), str(request.authorized), request.currency) == ("34.9", "34.9", "EUR")
    assert request.request_event() is not None


def test_a_recorded_partial_capture_is_read() -> None:
    request = action("charge", 9)
    assert request.amount == Decimal(10)
    assert request.authorized == Decimal("44.9")


def test_a_refund_with_errors_beside_it_is_read_as_one_without_a_granted_refund() -> None:
    assert b'"errors"' in body(7)
    request = action("refund", 7)
    assert request.granted_refund is None
    assert request.reason == "damaged"


def test_a_refund_for_a_granted_refund_names_it() -> None:
    assert action("refund", 8).granted_refund == GrantedRefund("T3JkZXJHcmFudGVkUmVmdW5kOjI=", Decimal(3))


def test_the_granted_refund_called_none_is_no_granted_refund() -> None:
    def bogus(payload: dict[str, Any]) -> None:
        payload["grantedRefund"] = {"id": "T3JkZXJHcmFudGVkUmVmdW5kOk5vbmU=", "amount": {"amount": 0.0}}

    assert action("refund", 7, bogus).granted_refund is None


def test_amounts_never_go_through_a_float() -> None:
    raw = body(5).replace(
        b'"actionType": "CHARGE", "amount": 40.0', b'"actionType": "CHARGE", "amount": 9007199254740993.01'
    )
    assert raw != body(5)
    assert payloads.action_request("charge", raw).amount == Decimal("9007199254740993.01")


def test_the_request_is_the_newest_event_of_its_kind_and_amount_without_a_psp_reference() -> None:
    def events(payload: dict[str, Any]) -> None:
        payload["transaction"]["events"] = [
            event(9, 5.0, at="2026-11-23T16:45:54+00:00"),
            event(12, 5.0, at="2026-11-23T16:45:56+00:00", message="the newest"),
            event(13, 7.0, at="2026-11-23T16:45:57+00:00"),
            event(14, 5.0, psp="R-1", at="2026-11-23T16:45:58+00:00"),
            event(15, 5.0, at="2026-11-23T16:45:59+00:00", type="CHARGE_REQUEST"),
            event(16, 5.0, at="2026-11-23T16:45:59+00:00", type=None),
            event(8, 5.00, at="2026-11-23T17:45:53+01:00"),
        ]

    request = action("refund", 7, events)
    assert [view.id for view in request.unanswered()] == [event(n, 0)["id"] for n in (8, 9, 12)]
    assert request.request_event() == request.unanswered()[-1]
    assert request.reason == "the newest"


def test_two_requests_of_the_same_moment_are_ordered_by_their_numbers() -> None:
    def events(payload: dict[str, Any]) -> None:
        payload["transaction"]["events"] = [event(100, 5.0), event(99, 5.0)]

    newest = action("refund", 7, events).request_event()
    assert newest is not None
    assert newest.id == event(100, 0)["id"]


def test_without_a_matching_event_there_is_no_request_event_and_no_reason() -> None:
    request = action("refund", 7, lambda payload: payload["transaction"].update(events=[]))
    assert (request.request_event(), request.unanswered(), request.reason) == (None, [], "")


def test_an_event_id_of_another_shape_still_sorts() -> None:
    def events(payload: dict[str, Any]) -> None:
        payload["transaction"]["events"] = [event(1, 5.0) | {"id": "???"}, event(2, 5.0)]

    newest = action("refund", 7, events).request_event()
    assert newest is not None
    assert newest.id == event(2, 0)["id"]


def test_a_transaction_may_have_neither_order_nor_checkout() -> None:
    assert action("charge", 5, lambda payload: payload["transaction"].update(order=None)).source is None


def test_a_checkout_stands_in_where_there_is_no_order() -> None:
    request = action("cancel", 10, lambda payload: payload["transaction"].update(order=None, checkout={"id": CHECKOUT}))
    assert request.source == SourceRef("checkout", CHECKOUT)


def test_an_action_may_ask_for_nothing() -> None:
    assert action("cancel", 10, lambda payload: payload["action"].update(amount=0)).amount == 0


def test_a_checkout_that_became_an_order_is_still_known_by_its_checkout() -> None:
    def ordered(payload: dict[str, Any]) -> None:
        payload["sourceObject"].update(
            __typename="Order", id="T3JkZXI6MQ==", checkoutId=CHECKOUT, user={"id": "VXNlcjox"}
        )

    source = payloads.session_request("process", body(3, ordered)).source
    assert (source.kind, source.user_id) == ("order", "VXNlcjox")
    assert source.ids == ("T3JkZXI6MQ==", CHECKOUT)


def test_an_order_that_never_was_a_checkout_is_known_by_itself_only() -> None:
    def drafted(payload: dict[str, Any]) -> None:
        payload["sourceObject"].update(__typename="Order", id="T3JkZXI6MQ==", checkoutId=None)

    assert payloads.session_request("process", body(3, drafted)).source.ids == ("T3JkZXI6MQ==",)


def test_a_checkout_has_one_id() -> None:
    assert payloads.gateway_request(body(1)).source.ids == (CHECKOUT,)


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (None, None),
        ({"__typename": "User", "id": "VXNlcjox"}, Principal("user", "VXNlcjox")),
        (
            {
                "__typename": "App",
                "id": "QXBwOjE=",
                "identifier": "my.app",
                "permissions": [{"code": "HANDLE_PAYMENTS"}],
            },
            Principal("app", "QXBwOjE=", "my.app", handles_payments=True),
        ),
        (
            {
                "__typename": "App",
                "id": "QXBwOjE=",
                "identifier": None,
                "permissions": [{"code": "MANAGE_ORDERS"}],
            },
            Principal("app", "QXBwOjE=", "", handles_payments=False),
        ),
        ({"__typename": "App", "id": "QXBwOjE=", "permissions": None}, Principal("app", "QXBwOjE=")),
    ],
)
def test_who_triggered_a_session_is_told(principal: dict[str, Any] | None, expected: Principal | None) -> None:
    request = payloads.session_request(
        "initialize", body(2, lambda payload: payload.update(issuingPrincipal=principal))
    )
    assert request.principal == expected


def test_an_authorization_is_asked_for_by_its_own_name() -> None:
    request = payloads.session_request(
        "initialize", body(2, lambda payload: payload["action"].update(actionType="AUTHORIZATION"))
    )
    assert request.action == "authorize"


def test_an_app_deletion_names_the_app() -> None:
    raw = b'{"__typename":"AppDeleted","issuedAt":null,"recipient":{"id":"QXBwOjQ="},"app":{"id":"QXBwOjM="}}'
    assert payloads.app_deleted(raw) == payloads.AppNotice("QXBwOjM=", "QXBwOjQ=")


def code(read: Callable[[bytes], object], raw: bytes) -> str:
    with pytest.raises(PayloadError) as caught:
        read(raw)
    return caught.value.code


def charge(raw: bytes) -> object:
    return payloads.action_request("charge", raw)


def initialize(raw: bytes) -> object:
    return payloads.session_request("initialize", raw)


def test_saleors_empty_retry_is_told_apart_from_a_broken_body() -> None:
    assert code(charge, body(17)) == "empty"


def test_a_body_signed_for_one_event_is_no_other_event() -> None:
    # The signature covers the body only: a refund request sent to the charge route must not charge.
    assert code(charge, body(7)) == "wrong_event"
    assert code(charge, body(10)) == "wrong_event"
    assert code(initialize, body(3)) == "wrong_event"
    assert code(payloads.gateway_request, body(5)) == "invalid"
    assert code(charge, body(5, lambda payload: payload["action"].update(actionType="REFUND"))) == "wrong_event"


@pytest.mark.parametrize("raw", [b"\xff", b"{", b"nonsense", b'{"a":NaN}', b'{"__typename":"\xff"}'])
def test_what_is_not_json_is_named_so(raw: bytes) -> None:
    assert code(charge, raw) == "not_json"


def test_data_nested_too_deeply_to_be_skipped_is_an_error_and_no_crash() -> None:
    raw = body(2).replace(b'"data": {', b'"data": ' + b"[" * 100_000 + b"]" * 100_000 + b', "was": {')
    assert code(initialize, raw) == "not_json"


@pytest.mark.parametrize("raw", [b"null", b"[]", b"1", b'"x"', b"{}", b'{"__typename":"TransactionChargeRequested"}'])
def test_json_of_another_shape_is_invalid(raw: bytes) -> None:
    assert code(charge, raw) == "invalid"


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: payload["action"].update(amount="NaN"),
        lambda payload: payload["action"].update(amount="Infinity"),
        lambda payload: payload["action"].update(amount=-1),
        lambda payload: payload["action"].update(amount=True),
        lambda payload: payload["action"].update(amount=None),
        lambda payload: payload["action"].update(actionType="VOID"),
        lambda payload: payload["transaction"].update(id=""),
        lambda payload: payload["transaction"].update(id=5),
        lambda payload: payload["transaction"].update(pspReference=None),
        lambda payload: payload["transaction"]["events"][0].update(createdAt="2026-11-23T16:45:44"),
        lambda payload: payload["transaction"]["events"][0]["amount"].update(amount="sNaN"),
        lambda payload: payload.update(transaction=None),
        lambda payload: payload.update(recipient=None),
    ],
)
def test_a_field_of_the_wrong_type_is_invalid(change: Callable[[dict[str, Any]], object]) -> None:
    assert code(charge, body(5, change)) == "invalid"


def test_the_message_names_the_field_and_not_its_value() -> None:
    with pytest.raises(PayloadError, match=r"\$\.transaction\.pspReference") as caught:
        charge(body(5, lambda payload: payload["transaction"].update(pspReference=4711)))
    assert "4711" not in str(caught.value)


def test_every_recorded_event_of_ours_is_read() -> None:
    readers: dict[str, Callable[[bytes], object]] = {
        "payment_gateway_initialize_session": payloads.gateway_request,
        "transaction_initialize_session": initialize,
        "transaction_process_session": lambda raw: payloads.session_request("process", raw),
        "transaction_charge_requested": charge,
        "transaction_refund_requested": lambda raw: payloads.action_request("refund", raw),
        "transaction_cancelation_requested": lambda raw: payloads.action_request("cancel", raw),
    }
    ours = [entry for entry in recorded.requests() if entry.event in readers and entry.body]
    assert len(ours) == 8
    for entry in ours:
        readers[entry.event](entry.body)
