"""Where calls of v2 go, their pace after a throttle, notices of both formats, ids and reports."""

from __future__ import annotations

import gzip
import json

import pytest

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.amazon.port import AuthorizeCall
from saleor_amazonpay.amazon.v2 import ids
from saleor_amazonpay.amazon.v2.endpoints import ENDPOINTS
from saleor_amazonpay.amazon.v2.pacing import Pacer
from saleor_amazonpay.amazon.v2.reports import SETTLEMENT
from saleor_amazonpay.amazon.v2.shapes import milliseconds
from saleor_amazonpay.amazon.v2.wire import V2Wire
from saleor_amazonpay.domain.errors import NotExecutedError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.http import HttpResponse
from tests.amazon.fakes import LOST, NOW, ScriptedHttp, Step
from tests.amazon.fakes_v2 import CHARGE_ID, PERMISSION, account, charge, error, permission, told

pytestmark = pytest.mark.anyio


def wire(*script: Step, endpoint: str = "") -> tuple[V2Wire, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return V2Wire(http, endpoint, lambda: NOW), http


@pytest.mark.parametrize(
    ("region", "host", "named"),
    [
        ("us", "pay-api.amazon.com", "na"),
        ("na", "pay-api.amazon.com", "na"),
        ("uk", "pay-api.amazon.eu", "eu"),
        ("de", "pay-api.amazon.eu", "eu"),
        ("jp", "pay-api.amazon.jp", "jp"),
    ],
)
async def test_an_account_is_called_in_its_region(region: str, host: str, named: str) -> None:
    v2, http = wire(permission("Chargeable"))
    await v2.read_agreement(account(region=region), PERMISSION)
    assert http.sent[0].url == f"https://{host}/v2/chargePermissions/{PERMISSION}"
    assert (http.sent[0].headers["x-amz-pay-host"], http.sent[0].headers["x-amz-pay-region"]) == (host, named)


async def test_an_override_is_for_test_accounts_only() -> None:
    v2, http = wire(permission("Chargeable"), permission("Chargeable"), endpoint="http://127.0.0.1:9100/amazon/")
    await v2.read_agreement(account(public_key_id="AE1"), PERMISSION)
    await v2.read_agreement(account(test_mode=False), PERMISSION)
    assert [each.url for each in http.sent] == [
        f"http://127.0.0.1:9100/amazon/sandbox/v2/chargePermissions/{PERMISSION}",
        f"https://pay-api.amazon.com/v2/chargePermissions/{PERMISSION}",
    ]
    assert http.sent[0].headers["x-amz-pay-host"] == "127.0.0.1:9100"


async def test_a_repeat_is_signed_anew_and_otherwise_the_same() -> None:
    http = ScriptedHttp([LOST, charge("Captured")])
    moments = iter((1000.0, 1002.0))
    v2 = V2Wire(http, clock=lambda: next(moments))
    call = AuthorizeCall(PERMISSION, "ref-1", Money(100, "USD"), capture_now=True, synchronous=True)
    await v2.authorize(account(), call, 5)
    first, second = http.sent
    assert (first.url, first.body) == (second.url, second.body)
    assert first.headers["x-amz-pay-date"] != second.headers["x-amz-pay-date"]
    assert first.headers["authorization"] != second.headers["authorization"]


async def test_an_id_cannot_leave_its_path() -> None:
    v2, http = wire(error(404, "ResourceNotFound"))
    await v2.read_agreement(account(), "../reports?x=1")
    assert http.sent[0].url == "https://pay-api.amazon.com/v2/chargePermissions/..%2Freports%3Fx%3D1"


def test_every_endpoint_of_the_contract_is_there_once() -> None:
    assert len(ENDPOINTS) == 19
    assert len({(each.method, each.path) for each in ENDPOINTS.values()}) == 19
    assert ENDPOINTS["CreateCharge"].quota(test_mode=True) == (2, 1)
    assert ENDPOINTS["CreateCharge"].quota(test_mode=False) == (10, 4)


# ---- pace


class Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


CHARGES = ENDPOINTS["CreateCharge"]


async def test_nothing_waits_before_amazon_has_throttled() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    for _ in range(50):
        await pacer.turn("A:live", CHARGES, test_mode=False, patience=0)
    assert time.slept == []


async def test_after_a_throttle_calls_leave_at_the_published_rate() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    pacer.throttled("A:live", CHARGES, test_mode=False)
    for _ in range(3):
        await pacer.turn("A:live", CHARGES, test_mode=False, patience=9)
    assert time.slept == [0.25, 0.25, 0.25]


async def test_a_turn_too_far_off_is_not_waited_for_and_nothing_is_sent() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    pacer.throttled("A:sandbox", CHARGES, test_mode=True)
    with pytest.raises(NotExecutedError):
        await pacer.turn("A:sandbox", CHARGES, test_mode=True, patience=0.5)
    assert time.slept == []


async def test_another_account_and_another_call_are_not_slowed() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    pacer.throttled("A:live", CHARGES, test_mode=False)
    await pacer.turn("B:live", CHARGES, test_mode=False, patience=0)
    await pacer.turn("A:live", ENDPOINTS["GetCharge"], test_mode=False, patience=0)


async def test_a_bucket_that_must_be_full_again_is_forgotten() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    pacer.throttled("A:live", CHARGES, test_mode=False)
    time.now += 2.6  # 10 at 4 per second
    await pacer.turn("A:live", CHARGES, test_mode=False, patience=0)
    await pacer.turn("A:live", CHARGES, test_mode=False, patience=0)
    assert time.slept == []


async def test_the_wire_tells_the_pacer_and_asks_it() -> None:
    time = Time()
    http = ScriptedHttp([error(429, "TooManyRequests"), charge("Captured")])
    v2 = V2Wire(http, clock=lambda: NOW, pacer=Pacer(time, time.sleep))
    call = AuthorizeCall(PERMISSION, "ref-1", Money(100, "USD"), capture_now=True, synchronous=True)
    await v2.authorize(account(), call, 9)
    assert time.slept == [1.0]
    assert len(http.sent) == 2


# ---- notices


def v2_message(**changes: object) -> str:
    return json.dumps(
        {
            "MerchantID": "A2MERCHANT",
            "ObjectType": "CHARGE",
            "ObjectId": CHARGE_ID,
            "ChargePermissionId": PERMISSION,
            "NotificationType": "STATE_CHANGE",
            "NotificationId": "n-1",
            "NotificationVersion": "V2",
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("object_type", "object_id", "subject"),
    [
        ("CHARGE_PERMISSION", PERMISSION, "agreement"),
        ("CHARGE", CHARGE_ID, "authorize"),
        ("REFUND", f"{PERMISSION}-R000001", "refund"),
        ("CHARGEBACK", "dispute-1", "chargeback"),
        ("SOMETHING_NEW", "x-1", "other"),
    ],
)
def test_a_notice_says_what_to_read(object_type: str, object_id: str, subject: str) -> None:
    notice = V2Wire(ScriptedHttp()).notice(v2_message(ObjectType=object_type, ObjectId=object_id))
    assert (notice.subject, notice.object_id, notice.seller_id) == (subject, object_id, "A2MERCHANT")
    assert (notice.agreement_id, notice.order_reference) == (PERMISSION, PERMISSION)
    assert (notice.test_mode, notice.notice_id, notice.state) == (True, "n-1", "")


def test_the_older_spelling_is_read_too() -> None:
    message = json.dumps({name[0].lower() + name[1:]: value for name, value in json.loads(v2_message()).items()})
    assert V2Wire(ScriptedHttp()).notice(message).object_id == CHARGE_ID


@pytest.mark.parametrize(("permission_id", "test_mode"), [("P01-1-1", None), ("B01-1234567-1234567", False)])
def test_the_environment_is_the_ids_or_unknown(permission_id: str, test_mode: bool | None) -> None:
    message = v2_message(ObjectType="CHARGEBACK", ObjectId="dispute-1", ChargePermissionId=permission_id)
    assert V2Wire(ScriptedHttp()).notice(message).test_mode is test_mode


def test_a_test_message_of_seller_central_is_a_sample() -> None:
    assert V2Wire(ScriptedHttp()).notice(v2_message(ObjectId="P01-0000000-0000000-C000000")).is_sample


V1 = json.dumps(
    {
        "NotificationType": "PaymentCapture",
        "SellerId": "A2MERCHANT",
        "ReleaseEnvironment": "Live",
        "NotificationReferenceId": "n-2",
        "NotificationData": "<CaptureNotification><CaptureDetails><AmazonCaptureId>P01-1234567-1234567-C000001"
        "</AmazonCaptureId></CaptureDetails></CaptureNotification>",
    }
)


@pytest.mark.parametrize("kind", [V2Wire, MwsWire])
def test_both_formats_are_read_whatever_wire_the_profile_has(kind: type[V2Wire | MwsWire]) -> None:
    reader = kind(ScriptedHttp())
    assert reader.notice(V1).object_id == "P01-1234567-1234567-C000001"
    assert reader.notice(v2_message()).object_id == CHARGE_ID


@pytest.mark.parametrize("message", ["", "{}", "[]", "<xml/>", '{"ObjectType":"CHARGE"}', v2_message(ObjectId=7)])
def test_what_is_no_notice_is_refused(message: str) -> None:
    with pytest.raises(ValueError, match="notification of Amazon Pay"):
        V2Wire(ScriptedHttp()).notice(message)


# ---- ids and moments


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("S01-5797829-1888777-A043451", "S01-5797829-1888777-C043451"),
        ("S01-5797829-1888777-C043451", "S01-5797829-1888777-C043451"),
        ("S01-5797829-1888777", "S01-5797829-1888777"),
        ("C01-1234567-1234567", "C01-1234567-1234567"),
        ("anything else", "anything else"),
    ],
)
def test_ids_of_v1_become_ids_of_v2(old: str, new: str) -> None:
    assert ids.charge_id(old) == new


def test_a_charge_names_the_authorization_it_was() -> None:
    assert ids.authorization_id("S01-5797829-1888777-C043451") == "S01-5797829-1888777-A043451"
    assert ids.authorization_id("S01-5797829-1888777-R043451") == ""


def test_a_child_key_is_short_and_always_the_same() -> None:
    made = ids.child_key("r" * 32, "capture")
    assert made == ids.child_key("r" * 32, "capture")
    assert len(made) == 32
    assert made != ids.child_key("r" * 32, "other")
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def test_moments_are_read_in_both_forms() -> None:
    assert milliseconds("20260101T000000Z") == milliseconds("2026-01-01T00:00:00.000Z") == 1_767_225_600_000
    assert milliseconds("yesterday") is None


# ---- reports


async def test_finished_reports_are_listed_page_by_page_and_read() -> None:
    text = "a\tb\n1\t2\n"
    v2, http = wire(
        told({"reports": [{"reportId": "1", "reportDocumentId": "d1"}, {"reportId": "2"}], "nextToken": "t"}),
        told({"reports": [{"reportId": "3", "reportDocumentId": "d3"}]}),
        told({"reportDocumentId": "d3", "url": "https://storage.example/d3", "compressionAlgorithm": "GZIP"}),
        HttpResponse(200, gzip.compress(text.encode())),
    )
    found = await v2.reports.finished(account(), SETTLEMENT, "20260101T000000Z")
    assert [each.report_id for each in found] == ["1", "3"]
    assert "reportTypes=_GET_FLAT_FILE_OFFAMAZONPAYMENTS_SETTLEMENT_DATA_" in http.sent[0].url
    assert http.sent[1].url.endswith("/v2/reports?nextToken=t")
    assert await v2.reports.text(account(), "d3") == text
    assert http.sent[3].headers == {}


@pytest.mark.parametrize("document", [LOST, HttpResponse(403, b"expired"), HttpResponse(200, b"no gzip")])
async def test_a_document_that_cannot_be_had_is_no_report(document: Step) -> None:
    v2, _ = wire(
        told({"reportDocumentId": "d", "url": "https://storage.example/d", "compressionAlgorithm": "GZIP"}), document
    )
    with pytest.raises(NotExecutedError):
        await v2.reports.text(account(), "d")
