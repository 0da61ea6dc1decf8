from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.http import HttpResponse, TransportError
from saleor_amazonpay.saleor.client import AppIdentity, Report, ReportResult, SaleorApi
from saleor_amazonpay.saleor.events import Action, EventType
from saleor_amazonpay.saleor.fields import UnsendableError

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.anyio

API = "https://shop.example.com/graphql/"
TOKEN = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5"
REPORT = Report("VHJhbg==", EventType.CHARGE_SUCCESS, "P-1", Money(1050, "USD"))


@dataclasses.dataclass
class Saleor:
    """Answers every request alike and remembers what was asked."""

    status: int = 200
    body: Any = None
    error: TransportError | None = None
    asked: list[tuple[str, str, Mapping[str, str], bytes]] = dataclasses.field(default_factory=list)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,
    ) -> HttpResponse:
        self.asked.append((method, url, headers, body))
        if self.error is not None:
            raise self.error
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return HttpResponse(self.status, raw)

    async def close(self) -> None:
        return

    @property
    def variables(self) -> dict[str, Any]:
        variables: dict[str, Any] = json.loads(self.asked[-1][3])["variables"]
        return variables


def data(**value: Any) -> Saleor:
    return Saleor(body={"data": value})


def failed(code: str, message: str = "no", status: int = 200) -> Saleor:
    error = {"message": message, "extensions": {"exception": {"code": code}}}
    return Saleor(status, {"data": None, "errors": [error]} if status == 200 else {"errors": [error]})


async def error_of(saleor: Saleor) -> SaleorError:
    with pytest.raises(SaleorError) as caught:
        await SaleorApi(saleor).report(API, TOKEN, REPORT)
    assert TOKEN not in str(caught.value)
    return caught.value


async def test_a_token_is_proven_by_asking_the_api_who_it_is() -> None:
    saleor = data(app={"id": "QXBwOjQ=", "identifier": "saleor.app.payment.amazonpay"})
    assert await SaleorApi(saleor).prove(API, TOKEN) == AppIdentity("QXBwOjQ=")
    ((method, url, headers, _),) = saleor.asked
    assert (method, url, headers["Authorization"]) == ("POST", API, f"Bearer {TOKEN}")


@pytest.mark.parametrize(
    "app", [None, {"id": "QXBwOjQ=", "identifier": "other.app"}, {"id": "QXBwOjQ=", "identifier": None}]
)
async def test_a_token_of_another_app_proves_nothing(app: dict[str, Any] | None) -> None:
    with pytest.raises(SaleorError) as caught:
        await SaleorApi(data(app=app)).prove(API, TOKEN)
    assert (caught.value.code, caught.value.retryable) == ("foreign_token", False)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Header: 1", "é", "x" * 600])
async def test_a_token_that_is_none_is_never_sent(token: str) -> None:
    saleor = data(app=None)
    with pytest.raises(SaleorError) as caught:
        await SaleorApi(saleor).prove(API, token)
    assert caught.value.code == "invalid_token"
    assert saleor.asked == []


async def test_keys_are_read_at_the_origin_and_without_a_token() -> None:
    saleor = Saleor(body=b'{"keys":[]}')
    assert await SaleorApi(saleor).fetch_jwks(API) == b'{"keys":[]}'
    ((method, url, headers, body),) = saleor.asked
    assert (method, url, body) == ("GET", "https://shop.example.com/.well-known/jwks.json", b"")
    assert "Authorization" not in headers


@pytest.mark.parametrize(("status", "retryable"), [(404, False), (302, False), (503, True), (429, True)])
async def test_keys_that_are_not_there_are_an_error(status: int, retryable: bool) -> None:
    with pytest.raises(SaleorError) as caught:
        await SaleorApi(Saleor(status, b"")).fetch_jwks(API)
    assert caught.value.retryable is retryable


async def test_a_report_says_type_reference_and_exact_amount_and_no_time() -> None:
    saleor = data(transactionEventReport={"alreadyProcessed": False, "errors": []})
    assert await SaleorApi(saleor).report(API, TOKEN, REPORT) == ReportResult(already_processed=False)
    assert saleor.variables == {
        "id": "VHJhbg==",
        "type": "CHARGE_SUCCESS",
        "pspReference": "P-1",
        "amount": "10.50",
    }


async def test_a_report_can_say_everything_else_too() -> None:
    saleor = data(transactionEventReport={"alreadyProcessed": True, "errors": []})
    report = dataclasses.replace(
        REPORT,
        message="m" * 600,
        external_url="https://sellercentral.amazon.com/x",
        available_actions=(Action.REFUND,),
    )
    assert (await SaleorApi(saleor).report(API, TOKEN, report)).already_processed
    assert saleor.variables["message"] == "m" * 512
    assert saleor.variables["externalUrl"] == "https://sellercentral.amazon.com/x"
    assert saleor.variables["availableActions"] == ["REFUND"]


async def test_no_actions_left_clears_them_and_a_bad_link_is_left_out() -> None:
    saleor = data(transactionEventReport={"alreadyProcessed": None, "errors": []})
    report = dataclasses.replace(REPORT, external_url="nonsense", available_actions=())
    result = await SaleorApi(saleor).report(API, TOKEN, report)
    assert result.accepted
    assert not result.already_processed
    assert saleor.variables["availableActions"] == []
    assert "externalUrl" not in saleor.variables


async def test_a_refused_report_is_a_result_and_no_exception() -> None:
    error = {"field": "pspReference", "code": "INCORRECT_DETAILS", "message": "exists with different amount"}
    saleor = data(transactionEventReport={"alreadyProcessed": False, "errors": [error]})
    result = await SaleorApi(saleor).report(API, TOKEN, REPORT)
    assert not result.accepted
    assert (result.code, result.message) == (
        "INCORRECT_DETAILS",
        "pspReference: exists with different amount",
    )


@pytest.mark.parametrize("reference", ["", "a b", "P" * 513])
def test_a_report_with_a_reference_saleor_would_miscount_cannot_be_made(reference: str) -> None:
    with pytest.raises(UnsendableError):
        dataclasses.replace(REPORT, psp_reference=reference)


@pytest.mark.parametrize("kind", sorted(set(EventType) - {EventType.INFO}))
def test_a_report_never_lets_saleor_guess_the_amount(kind: EventType) -> None:
    with pytest.raises(UnsendableError):
        Report("VHJhbg==", kind, "P-1", None)


def test_an_info_needs_no_amount() -> None:
    assert "amount" not in Report("VHJhbg==", EventType.INFO, "P-1", None).variables()


@pytest.mark.parametrize(
    ("saleor", "code", "retryable"),
    [
        (Saleor(error=TransportError("no answer", sent=True)), "unreachable", True),
        (Saleor(error=TransportError("cannot connect", sent=False)), "unreachable", True),
        (Saleor(500, b"oops"), "http_500", True),
        (Saleor(502, b""), "http_502", True),
        (Saleor(429, b""), "http_429", True),
        (Saleor(408, b""), "http_408", True),
        (Saleor(401, b""), "http_401", False),
        (Saleor(403, b""), "http_403", False),
        (Saleor(413, b""), "http_413", False),
        (Saleor(302, b""), "http_302", False),
        (Saleor(200, b"<html>"), "unreadable", True),
        (Saleor(200, b"\xff"), "unreadable", True),
        (Saleor(200, b'{"data":' + b"[" * 5000), "unreadable", True),
        (Saleor(200, b"[]"), "unreadable", True),
        (Saleor(200, b"{}"), "unreadable", True),
        (Saleor(body={"data": None}), "unreadable", True),
        (data(transactionEventReport=None), "", True),
        (data(transactionEventReport={"errors": "x"}), "unreadable", True),
        (failed("PermissionDenied"), "PermissionDenied", False),
        (failed("GraphQLError"), "GraphQLError", False),
        (failed("OperationalError", "Internal Server Error"), "OperationalError", True),
        (failed("Anything", status=400), "Anything", False),
        (Saleor(body={"errors": [{"message": "no extensions"}]}), "", True),
    ],
)
async def test_every_failure_is_one_error_that_says_whether_to_try_again(
    saleor: Saleor, code: str, retryable: bool
) -> None:
    error = await error_of(saleor)
    assert (error.code, error.retryable) == (code, retryable)


async def test_an_answer_with_data_and_errors_is_not_trusted() -> None:
    saleor = Saleor(body={"data": {"transactionEventReport": {"errors": []}}, "errors": [{"message": "cut"}]})
    assert "cut" in str(await error_of(saleor))


def amount(value: float) -> dict[str, float]:
    return {"amount": value}


def sibling(name: str, authorized: float, charged: float, pending: float = 0.0) -> dict[str, Any]:
    return {
        "id": name,
        "authorizedAmount": amount(authorized),
        "authorizePendingAmount": amount(0.0),
        "chargedAmount": amount(charged),
        "chargePendingAmount": amount(pending),
    }


def transaction(**more: Any) -> dict[str, Any]:
    pending = ("authorizePendingAmount", "chargePendingAmount", "refundPendingAmount", "cancelPendingAmount")
    return {
        "id": "T-1",
        "pspReference": "P-1",
        "authorizedAmount": {"amount": 34.9, "currency": "EUR"},
        "chargedAmount": amount(10.0),
        "refundedAmount": amount(2.5),
        "canceledAmount": amount(0.0),
        **{name: amount(0.0) for name in pending},
        "events": [
            {
                "id": "RQ==",
                "type": "CHARGE_SUCCESS",
                "pspReference": "P-1",
                "message": "",
                "createdAt": "2026-11-23T12:01:00+00:00",
                "idempotencyKey": None,
                "amount": {"amount": 10.0, "currency": "EUR"},
            }
        ],
        "order": None,
        "checkout": None,
    } | more


async def test_a_transaction_is_read_with_exact_amounts_and_its_events() -> None:
    saleor = data(transaction=transaction())
    view = await SaleorApi(saleor).transaction(API, TOKEN, "T-1")
    assert view is not None
    assert (view.authorized, view.charged, view.refunded) == (Decimal("34.9"), Decimal(10), Decimal("2.5"))
    assert (view.currency, view.coverage) == ("EUR", None)
    assert [event.type for event in view.events] == ["CHARGE_SUCCESS"]
    assert saleor.variables == {"id": "T-1"}


async def test_an_unknown_transaction_is_none() -> None:
    assert await SaleorApi(data(transaction=None)).transaction(API, TOKEN, "T-1") is None


async def test_what_other_transactions_pay_of_an_order_is_added_up() -> None:
    order = {
        "id": "O-1",
        "total": {"gross": amount(100.0)},
        "transactions": [
            sibling("T-1", 34.9, 10.0),
            sibling("T-2", 0.0, 30.0, pending=5.5),
            sibling("T-3", 4.0, 0.0),
            sibling("T-4", 0.0, -20.0),  # refunded beyond what it charged
        ],
    }
    view = await SaleorApi(data(transaction=transaction(order=order))).transaction(API, TOKEN, "T-1")
    assert view is not None
    assert view.coverage is not None
    assert (view.coverage.kind, view.coverage.id) == ("order", "O-1")
    assert view.coverage.by_others == Decimal("39.5")
    assert view.coverage.missing == Decimal("60.5")


@pytest.mark.parametrize(("others", "missing"), [(None, "40.0"), ([], "40.0"), ([sibling("T-2", 0.0, 55.0)], "0")])
async def test_a_checkout_paid_by_others_has_nothing_missing(others: list[Any] | None, missing: str) -> None:
    checkout = {"id": "C-1", "totalPrice": {"gross": amount(40.0)}, "transactions": others}
    view = await SaleorApi(data(transaction=transaction(checkout=checkout))).transaction(API, TOKEN, "T-1")
    assert view is not None
    assert view.coverage is not None
    assert view.coverage.missing == Decimal(missing)


async def test_a_transaction_that_makes_no_sense_is_an_error() -> None:
    broken = transaction()
    broken["events"][0]["amount"]["amount"] = "NaN"
    with pytest.raises(SaleorError) as caught:
        await SaleorApi(data(transaction=broken)).transaction(API, TOKEN, "T-1")
    assert caught.value.code == "unreadable"


async def test_a_transaction_gets_its_name_and_link() -> None:
    saleor = data(transactionUpdate={"errors": [], "transaction": {"pspReference": "S01-A1"}})
    heard = await SaleorApi(saleor).update_transaction(
        API, TOKEN, "T-1", name="Amazon Pay · S01", external_url="https://a.example/x"
    )
    assert heard == "S01-A1"
    assert saleor.variables == {
        "id": "T-1",
        "transaction": {"name": "Amazon Pay · S01", "externalUrl": "https://a.example/x"},
    }


async def test_a_bad_link_does_not_keep_the_name_from_being_set() -> None:
    saleor = data(transactionUpdate={"errors": []})
    heard = await SaleorApi(saleor).update_transaction(API, TOKEN, "T-1", name="Amazon Pay", external_url="x")
    assert heard is None, "Saleor did not say"
    assert saleor.variables["transaction"] == {"name": "Amazon Pay"}


@pytest.mark.parametrize(
    ("update", "code", "retryable"),
    [
        (None, "", True),
        ({"errors": [{"field": None, "code": "NOT_FOUND", "message": "gone"}]}, "NOT_FOUND", False),
    ],
)
async def test_an_update_that_was_not_made_is_an_error(update: Any, code: str, retryable: bool) -> None:
    with pytest.raises(SaleorError) as caught:
        await SaleorApi(data(transactionUpdate=update)).update_transaction(API, TOKEN, "T-1", name="x")
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
