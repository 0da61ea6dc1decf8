"""Amazon SNS as a signer with key pairs of our own: envelopes in both signature versions."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-433026a4050d206028891664da859041.pem"
TOPIC = "arn:aws:sns:us-east-1:598607868003:A35A4JO734ER04A08593053M41F7TQ7YR7W"
SELLER = "A08593053M41F7TQ7YR7W"


def hash_of(version: str) -> HashAlgorithm:
    return SHA1() if version == "1" else SHA256()  # noqa: S303 - SNS's own choice for version 1


@dataclass(frozen=True)
class Signing:
    """A signer with its certificate."""

    key: rsa.RSAPrivateKey
    pem: bytes

    @classmethod
    def made(
        cls,
        key: rsa.RSAPrivateKey,
        *,
        names: tuple[str, ...] = ("sns.amazonaws.com",),
        start: datetime = NOW - timedelta(days=1),
        end: datetime = NOW + timedelta(days=1),
    ) -> Signing:
        return cls(key, certificate(key, names, start, end))

    def signature(self, text: str, version: str) -> str:
        signed = self.key.sign(text.encode(), padding.PKCS1v15(), hash_of(version))
        return base64.b64encode(signed).decode()


def certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
    start: datetime,
    end: datetime,
) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(end)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def notification(signing: Signing, version: str = "1", **changes: str | None) -> dict[str, object]:
    """A Notification, its string to sign written out; a value of None leaves the field out."""
    fields = {
        "Type": "Notification",
        "MessageId": "83d848c9-7376-56f8-b5a7-1ae9be88a82a",
        "TopicArn": TOPIC,
        "Message": '{"NotificationType":"PaymentCapture","grüße":"ö\\n"}',
        "Timestamp": "2017-08-30T14:29:18.908Z",
        "SignatureVersion": version,
        "SigningCertURL": URL,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    } | {name: value for name, value in changes.items() if value is not None}
    subject = f"Subject\n{fields['Subject']}\n" if "Subject" in fields else ""
    text = (
        f"Message\n{fields['Message']}\nMessageId\n{fields['MessageId']}\n{subject}"
        f"Timestamp\n{fields['Timestamp']}\nTopicArn\n{fields['TopicArn']}\nType\n{fields['Type']}\n"
    )
    return {**fields, "Signature": signing.signature(text, version)}
