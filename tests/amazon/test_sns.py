"""SNS envelopes signed with key pairs of our own, in both signature versions, and everything forged about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from saleor_amazonpay.amazon.sns import (
    AMAZON_TOPIC_ACCOUNTS,
    MAX_BYTES,
    Envelope,
    SnsForgedError,
    SnsMalformedError,
    SnsUnavailableError,
    SnsVerifier,
    topic_account,
    topic_belongs,
)
from saleor_amazonpay.http import HttpResponse, TransportError
from tests.amazon.fakes import ScriptedHttp, Step
from tests.amazon.sns_signer import NOW, SELLER, TOPIC, URL, Signing, certificate, notification

pytestmark = pytest.mark.anyio

ENDPOINT = "http://127.0.0.1:9000"


@pytest.fixture(scope="module")
def keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    return rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)


@pytest.fixture
def amazon(keys: tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]) -> Signing:
    return Signing.made(keys[0])


@pytest.fixture
def stranger(keys: tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]) -> Signing:
    return Signing.made(keys[1])


def confirmation(signing: Signing, kind: str) -> dict[str, object]:
    fields = {
        "Type": kind,
        "MessageId": "m-1",
        "Token": "token",
        "TopicArn": TOPIC,
        "Message": "You have chosen to subscribe",
        "SubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
        "Timestamp": "2017-08-30T14:29:18.908Z",
        "SignatureVersion": "2",
        "SigningCertURL": URL,
    }
    text = (
        f"Message\n{fields['Message']}\nMessageId\nm-1\nSubscribeURL\n{fields['SubscribeURL']}\n"
        f"Timestamp\n{fields['Timestamp']}\nToken\ntoken\nTopicArn\n{TOPIC}\nType\n{kind}\n"
    )
    return {**fields, "Signature": signing.signature(text, "2")}


def verifier(*script: Step, endpoint: str = "", now: datetime = NOW) -> tuple[SnsVerifier, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return SnsVerifier(http, endpoint, now.timestamp), http


def served(signing: Signing) -> HttpResponse:
    return HttpResponse(200, signing.pem)


async def verified(document: dict[str, object], signing: Signing) -> Envelope:
    return await verifier(served(signing))[0].verify(json.dumps(document).encode(), test_mode=False)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_signed_notification_is_verified(amazon: Signing, version: str) -> None:
    document = notification(amazon, version)
    assert await verified(document, amazon) == Envelope(
        type="Notification",
        message_id="83d848c9-7376-56f8-b5a7-1ae9be88a82a",
        topic_arn=TOPIC,
        message=str(document["Message"]),
        timestamp="2017-08-30T14:29:18.908Z",
    )


async def test_a_subject_is_part_of_what_is_signed(amazon: Signing) -> None:
    envelope = await verified(notification(amazon, Subject="hello"), amazon)
    assert envelope.subject == "hello"


async def test_a_subject_of_null_is_no_subject(amazon: Signing) -> None:
    assert (await verified({**notification(amazon), "Subject": None}, amazon)).subject == ""


@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
async def test_confirmations_are_verified_by_their_own_text(amazon: Signing, kind: str) -> None:
    assert (await verified(confirmation(amazon, kind), amazon)).type == kind


async def test_lambdas_spelling_is_accepted(amazon: Signing) -> None:
    document = confirmation(amazon, "SubscriptionConfirmation")
    document["SigningCertUrl"] = document.pop("SigningCertURL")
    document["SubscribeUrl"] = document.pop("SubscribeURL")
    assert (await verified(document, amazon)).message_id == "m-1"


async def test_an_old_message_is_not_refused_for_its_age(amazon: Signing) -> None:
    envelope = await verified(notification(amazon, Timestamp="2012-01-01T00:00:00.000Z"), amazon)
    assert envelope.timestamp.startswith("2012")


TAMPER: dict[str, Callable[[dict[str, object]], object]] = {
    "the message": lambda d: d.update(Message=str(d["Message"]).replace("Capture", "Refund")),
    "the topic": lambda d: d.update(TopicArn=TOPIC.replace("598607868003", "111111111111")),
    "the message id": lambda d: d.update(MessageId="another"),
    "the timestamp": lambda d: d.update(Timestamp="2030-01-01T00:00:00.000Z"),
    "a subject from nowhere": lambda d: d.update(Subject="x"),
    "the signature's text": lambda d: d.update(Signature="not base64!"),
    "a signature outside ASCII": lambda d: d.update(Signature="ü"),
    "no signature to speak of": lambda d: d.update(Signature=""),
    "a cut signature": lambda d: d.update(Signature=str(d["Signature"])[4:]),
    "version 2 claimed for a version 1 signature": lambda d: d.update(SignatureVersion="2"),
    "a version nobody knows": lambda d: d.update(SignatureVersion="3"),
}


@pytest.mark.parametrize("tamper", TAMPER.values(), ids=TAMPER.keys())
async def test_a_tampered_message_is_forged(amazon: Signing, tamper: Callable[[dict[str, object]], object]) -> None:
    document = notification(amazon)
    tamper(document)
    with pytest.raises(SnsForgedError):
        await verified(document, amazon)


async def test_a_strangers_signature_is_forged(amazon: Signing, stranger: Signing) -> None:
    with pytest.raises(SnsForgedError):
        await verified(notification(stranger), amazon)


HOSTILE_URLS = [
    "http://sns.us-east-1.amazonaws.com/cert.pem",
    "https://sns.us-east-1.amazonaws.com.evil.example/cert.pem",
    "https://evil.example/sns.us-east-1.amazonaws.com/cert.pem",
    "https://sns.us-east-1.amazonaws.com@evil.example/cert.pem",
    "https://user:secret@sns.us-east-1.amazonaws.com/cert.pem",
    "https://sns.us-east-1.amazonaws.com:8443/cert.pem",
    "https://sns.us-east-1.amazonaws.com/?Action=GetEndpointAttributes&x=.pem",
    "https://sns.us-east-1.amazonaws.com/cert.pem?x=1",
    "https://sns.us-east-1.amazonaws.com/cert.pem#x",
    "https://sns.us-east-1.amazonaws.com/cert.pem\n",
    "https://sns.us-east-1.amazonaws.com/cert.txt",
    "https://sns.us-east-1.amazonaws.com/bucket/../cert.pem",
    "https://bucket.s3.amazonaws.com/cert.pem",
    "https://snsXus-east-1.amazonaws.com/cert.pem",
    "https://sns..amazonaws.com/cert.pem",
    "//sns.us-east-1.amazonaws.com/cert.pem",
    "",
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
@pytest.mark.parametrize("endpoint", ["", ENDPOINT])
async def test_a_certificate_from_elsewhere_is_never_fetched(stranger: Signing, url: str, endpoint: str) -> None:
    check, http = verifier(served(stranger), endpoint=endpoint)
    raw = json.dumps(notification(stranger, SigningCertURL=url)).encode()
    with pytest.raises(SnsForgedError):
        await check.verify(raw, test_mode=True)
    assert not http.sent


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-bb750dd426d95ee9390147a5624348ee.pem",
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem",
    ],
)
async def test_amazons_own_addresses_are_fetched(amazon: Signing, url: str) -> None:
    check, http = verifier(served(amazon))
    await check.verify(json.dumps(notification(amazon, SigningCertURL=url)).encode(), test_mode=False)
    assert [(each.method, each.url) for each in http.sent] == [("GET", url)]


async def test_a_certificate_is_fetched_once(amazon: Signing) -> None:
    check, http = verifier(served(amazon))
    for number in range(3):
        raw = json.dumps(notification(amazon, MessageId=str(number))).encode()
        assert (await check.verify(raw, test_mode=False)).message_id == str(number)
    assert len(http.sent) == 1


async def test_kept_certificates_are_bounded(amazon: Signing) -> None:
    check, http = verifier(*[served(amazon)] * 41)
    for number in [*range(40), 0]:
        url = URL.replace("433026a4", f"{number:08d}")
        await check.verify(json.dumps(notification(amazon, SigningCertURL=url)).encode(), test_mode=False)
    assert len(http.sent) == 41


async def test_a_test_certificate_comes_from_the_endpoint_and_never_verifies_a_live_message(
    amazon: Signing, stranger: Signing
) -> None:
    check, http = verifier(served(stranger), served(amazon), endpoint=ENDPOINT)
    raw = json.dumps(notification(stranger)).encode()
    assert (await check.verify(raw, test_mode=True)).topic_arn == TOPIC
    with pytest.raises(SnsForgedError):
        await check.verify(raw, test_mode=False)
    assert [each.url for each in http.sent] == [
        f"{ENDPOINT}/SimpleNotificationService-433026a4050d206028891664da859041.pem",
        URL,
    ]


@pytest.mark.parametrize("names", [("evil.example",), ("sns.amazonaws.com", "evil.example"), ()])
async def test_a_certificate_for_another_name_is_forged(amazon: Signing, names: tuple[str, ...]) -> None:
    other = Signing.made(amazon.key, names=names)
    with pytest.raises(SnsForgedError, match="is not for"):
        await verified(notification(other), other)


@pytest.mark.parametrize("days", [-2, 2])
async def test_a_certificate_out_of_its_time_is_forged(amazon: Signing, days: int) -> None:
    check, _ = verifier(served(amazon), now=NOW + timedelta(days=days))
    with pytest.raises(SnsForgedError, match="not valid now"):
        await check.verify(json.dumps(notification(amazon)).encode(), test_mode=False)


async def test_a_certificate_without_an_rsa_key_is_forged(amazon: Signing) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = certificate(key, ("sns.amazonaws.com",), NOW - timedelta(days=1), NOW + timedelta(days=1))
    check, _ = verifier(HttpResponse(200, pem))
    with pytest.raises(SnsForgedError, match="RSA"):
        await check.verify(json.dumps(notification(amazon)).encode(), test_mode=False)


@pytest.mark.parametrize(
    "step",
    [
        TransportError("timeout", sent=True),
        TransportError("refused", sent=False),
        HttpResponse(503, b""),
        HttpResponse(302, b""),
        HttpResponse(200, b"<html>sign in to this network</html>"),
    ],
)
async def test_without_the_certificate_nothing_is_known_and_the_next_try_succeeds(amazon: Signing, step: Step) -> None:
    check, _ = verifier(step, served(amazon))
    raw = json.dumps(notification(amazon)).encode()
    with pytest.raises(SnsUnavailableError):
        await check.verify(raw, test_mode=False)
    assert (await check.verify(raw, test_mode=False)).topic_arn == TOPIC


MISSING = ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL"]


@pytest.mark.parametrize("name", MISSING)
@pytest.mark.parametrize("value", [..., None, 7])
async def test_a_message_without_a_field_is_malformed(amazon: Signing, name: str, value: object) -> None:
    document = notification(amazon)
    del document[name]
    if value is not ...:
        document[name] = value
    with pytest.raises(SnsMalformedError):
        await verified(document, amazon)


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"{", b"hello", b"\xff\xfe", b"{}", b'{"Type": "Other"}'])
async def test_what_is_no_envelope_is_malformed(raw: bytes) -> None:
    with pytest.raises(SnsMalformedError):
        await verifier()[0].verify(raw, test_mode=False)


async def test_a_message_over_the_cap_is_malformed_before_it_is_read(amazon: Signing) -> None:
    raw = json.dumps(notification(amazon)).encode()
    check, _ = verifier(served(amazon))
    assert (await check.verify(raw.ljust(MAX_BYTES), test_mode=False)).topic_arn == TOPIC
    with pytest.raises(SnsMalformedError):
        await check.verify(raw.ljust(MAX_BYTES + 1), test_mode=False)


async def test_without_a_clock_of_its_own_the_verifier_uses_the_present(amazon: Signing) -> None:
    today = datetime.now(UTC)
    current = Signing.made(amazon.key, start=today - timedelta(days=1), end=today + timedelta(days=1))
    check = SnsVerifier(ScriptedHttp([served(current)]))
    envelope = await check.verify(json.dumps(notification(current)).encode(), test_mode=False)
    assert envelope.topic_arn == TOPIC


def test_a_topic_names_its_account_and_its_seller() -> None:
    assert topic_account(TOPIC) == "598607868003"
    assert {"291180941288", "598607868003"} == AMAZON_TOPIC_ACCOUNTS
    assert topic_belongs(TOPIC, SELLER)


@pytest.mark.parametrize(
    ("arn", "seller"),
    [
        (TOPIC, "A08593053M41F7TQ7YR7X"),
        (TOPIC, ""),
        (TOPIC + "\n", SELLER),
        (TOPIC + ":7b2a", SELLER),
        (TOPIC.replace(":sns:", ":sqs:"), SELLER),
        ("arn:aws:sns:us-east-1:59860786800:" + SELLER, SELLER),
        (SELLER, SELLER),
        ("", SELLER),
    ],
)
def test_another_topic_does_not_belong(arn: str, seller: str) -> None:
    assert not topic_belongs(arn, seller)


@pytest.mark.parametrize("arn", ["", "arn:aws:sns:us-east-1:abc:x", TOPIC + "\n", "x" + TOPIC])
def test_what_is_no_topic_has_no_account(arn: str) -> None:
    assert topic_account(arn) == ""
