"""The notice door: only Amazon's signed notices for this account get in, each once, and none is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa

from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.store.lane import StoreUnavailableError
from tests import asgi
from tests.amazon.sns_signer import Signing, notification
from tests.amazon.verdicts import REFUNDED, REJECTED
from tests.flows.world import World, world

pytestmark = pytest.mark.anyio
SELLER = "A3URCZVLDMDI45"
TOPIC = f"arn:aws:sns:us-east-1:291180941288:A3BXB0YN3XH17H{SELLER}"


@pytest.fixture(scope="module")
def signing() -> Signing:
    now = datetime.fromtimestamp(1_795_000_000, UTC)
    return Signing.made(
        rsa.generate_private_key(65537, 2048), start=now - timedelta(days=9), end=now + timedelta(days=36500)
    )


@pytest.fixture
async def shop(tmp_path: Path, signing: Signing) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        made.api.certificate = signing.pem
        yield made


def notice(signing: Signing, message: str, number: int = 1, version: str = "1", topic: str = TOPIC) -> bytes:
    document = notification(signing, version, Message=message, MessageId=f"message-{number}", TopicArn=topic)
    return json.dumps(document).encode()


async def post(shop: World, body: bytes, profile: str = "profile-1") -> HttpResponse:
    return await asgi.call(shop.app, "POST", f"http://app/api/ipn/{profile}", body=body)


async def kept(shop: World) -> int:
    with shop.store.engine.connect() as connection:
        return int(connection.scalar(sa.text("SELECT count(*) FROM notices")) or 0)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_refund_settled_by_a_signed_notice_reaches_saleor(shop: World, signing: Signing, version: str) -> None:
    await shop.pay()
    pending = await shop.act("refund", 10.0)
    shop.amazon.decide("R-2", REFUNDED)
    answer = await post(shop, notice(signing, f"refund R-2 {SELLER}", version=version))
    assert answer.status == 200
    assert await handle_notices(shop.deps) == 1
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("REFUND_SUCCESS", pending["pspReference"])]


async def test_a_refund_that_failed_at_amazon_reaches_saleor(shop: World, signing: Signing) -> None:
    await shop.pay()
    await shop.act("refund", 10.0)
    shop.amazon.decide("R-2", REJECTED)
    await post(shop, notice(signing, f"refund R-2 {SELLER}"))
    await handle_notices(shop.deps)
    await shop.settle_down()
    assert [report["type"] for report in shop.api.reports] == ["REFUND_FAILURE"]


async def test_a_notice_says_what_to_read_and_is_not_believed_beyond(shop: World, signing: Signing) -> None:
    await shop.pay()
    await shop.act("refund", 10.0)
    await post(shop, notice(signing, f"refund R-2 {SELLER}"))
    await handle_notices(shop.deps)
    (_, refund) = await shop.operations()
    assert refund.phase == "pending", "Amazon still says pending when it is asked"
    await shop.settle_down()
    assert shop.api.reports == []


async def test_a_notice_sent_ten_times_is_kept_and_handled_once(shop: World, signing: Signing) -> None:
    await shop.pay()
    await shop.act("refund", 10.0)
    body = notice(signing, f"refund R-2 {SELLER}")
    answers = await asyncio.gather(*(post(shop, body) for _ in range(10)))
    assert {answer.status for answer in answers} == {200}
    assert await kept(shop) == 1
    assert await handle_notices(shop.deps) == 1
    assert await handle_notices(shop.deps) == 0


async def test_a_notice_that_comes_before_the_answer_is_stored_finds_the_operation(
    shop: World, signing: Signing
) -> None:
    await shop.pay()
    shop.amazon.lost = 1
    await shop.act("refund", 10.0)
    (_, lost) = await shop.operations()
    assert lost.object_id == "", "the answer that named Amazon's object was lost"
    shop.amazon.decide("R-2", REFUNDED)
    await post(shop, notice(signing, f"refund {lost.id} {SELLER}"))
    await handle_notices(shop.deps)
    await shop.settle_down()
    assert [(r["type"], r["pspReference"]) for r in shop.api.reports] == [("REFUND_SUCCESS", lost.id)]
    assert len([made for made in shop.amazon.made.values() if made.object_id.startswith("R")]) == 1


async def test_an_unknown_object_is_answered_200_and_changes_nothing(shop: World, signing: Signing) -> None:
    await shop.pay()
    before = await shop.operations()
    assert (await post(shop, notice(signing, f"refund R-99 {SELLER}"))).status == 200
    await handle_notices(shop.deps)
    assert await shop.operations() == before


async def test_a_closed_agreement_is_noted_and_not_charged_again(shop: World, signing: Signing) -> None:
    from saleor_amazonpay.domain.agreement import AgreementState, AgreementView
    from tests.flows.world import AGREEMENT, USER

    await shop.pay(principal=USER)
    shop.amazon.agreements[AGREEMENT] = AgreementView(AGREEMENT, AgreementState.CLOSED, "SellerClosed")
    shop.amazon.step = "agreement_ended"
    await post(shop, notice(signing, f"agreement {AGREEMENT} {SELLER}"))
    await handle_notices(shop.deps)
    saved = {"amazonBillingAgreementId": AGREEMENT}
    answer = await shop.pay(transaction="T2", source="cart-2", principal=USER, data=saved)
    assert answer["data"]["code"] == "agreement_ended"
    assert len(shop.amazon.made) == 1


FORGED = {
    "another message": lambda d: {**d, "Message": f"refund R-3 {SELLER}"},
    "another topic": lambda d: {**d, "TopicArn": TOPIC[:-1] + "6"},
    "another certificate": lambda d: {**d, "SigningCertURL": "https://sns.us-east-1.amazonaws.com.evil.example/x.pem"},
    "no signature": lambda d: {**d, "Signature": ""},
    "an unknown signature version": lambda d: {**d, "SignatureVersion": "3"},
    "no message": lambda d: {name: value for name, value in d.items() if name != "Message"},
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_notice_is_refused_and_not_kept(shop: World, signing: Signing, name: str) -> None:
    document = FORGED[name](json.loads(notice(signing, f"refund R-2 {SELLER}")))
    answer = await post(shop, json.dumps(document).encode())
    assert answer.status == 403
    assert json.loads(answer.body)["error"]["code"] == "not_verified"
    assert await kept(shop) == 0


FOREIGN_TOPICS = {
    "no topic at all": "arn:aws:sqs:us-east-1:291180941288:A3BXB0YN3XH17H" + SELLER,
    "another seller": "arn:aws:sns:us-east-1:291180941288:A3BXB0YN3XH17HA0THERSELLER",
}


@pytest.mark.parametrize("name", FOREIGN_TOPICS)
async def test_a_topic_that_is_not_named_for_this_seller_is_refused(shop: World, signing: Signing, name: str) -> None:
    answer = await post(shop, notice(signing, f"refund R-2 {SELLER}", topic=FOREIGN_TOPICS[name]))
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (403, "foreign_topic")
    assert await kept(shop) == 0


async def test_a_notice_for_another_seller_is_refused(shop: World, signing: Signing) -> None:
    assert (await post(shop, notice(signing, "refund R-2 A0THERSELLER"))).status == 403
    assert await kept(shop) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"{}" + b" " * 300])
async def test_what_is_no_notice_is_refused(shop: World, body: bytes) -> None:
    assert (await post(shop, body)).status == 403
    assert await kept(shop) == 0


async def test_a_huge_notice_and_an_unknown_profile_are_refused(shop: World, signing: Signing) -> None:
    assert (await post(shop, b" " * (256 * 1024 + 1))).status == 413
    assert (await post(shop, notice(signing, f"refund R-2 {SELLER}"), profile="nobody")).status == 403
    assert await kept(shop) == 0


async def test_a_signed_notice_that_cannot_be_read_is_answered_200(shop: World, signing: Signing) -> None:
    assert (await post(shop, notice(signing, "gibberish"))).status == 200
    assert await kept(shop) == 0


async def test_without_the_certificate_or_the_database_amazon_is_asked_to_come_again(
    shop: World, signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = notice(signing, f"refund R-2 {SELLER}")
    shop.api.certificate = None
    assert (await post(shop, body)).status == 503
    shop.api.certificate = signing.pem

    async def away(unit: object) -> None:
        raise StoreUnavailableError("away")

    monkeypatch.setattr(shop.store, "write", away)
    assert (await post(shop, body)).status == 503
