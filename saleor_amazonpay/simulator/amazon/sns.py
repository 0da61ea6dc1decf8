"""Signing as Amazon SNS does, with a key and a self-signed certificate of our own (contracts §3.2).

In comes an inner message, out comes the envelope's JSON. The certificate's address names Amazon's host, as in real
envelopes; the simulator serves it under the same path on its own origin. The key lives in this process only.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

SignatureVersion = Literal["1", "2"]

HOST = "https://sns.us-east-1.amazonaws.com"
COMMON_NAME = "sns.amazonaws.com"
_ACCOUNT = "arn:aws:sns:us-east-1:291180941288"
_SIGNED = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
_HASHES: Mapping[str, hashes.SHA1 | hashes.SHA256] = {
    "1": hashes.SHA1(),  # noqa: S303 - SNS's own choice
    "2": hashes.SHA256(),
}

# Wide enough for any clock a test may set.
_VALID_FROM = datetime(2000, 1, 1, tzinfo=UTC)
_VALID_TO = datetime(2100, 1, 1, tzinfo=UTC)


def topic_arn(marketplace_id: str, seller_id: str) -> str:
    """The topic of a seller, which Amazon owns."""
    return f"{_ACCOUNT}:{marketplace_id}{seller_id}"


def subscription_arn(topic: str) -> str:
    """The one subscription of a topic: the same each time."""
    digits = hashlib.sha256(topic.encode()).hexdigest()
    return f"{topic}:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


class SnsSigner:
    """A key, its certificate, and envelopes signed with them."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = _self_signed(self._key)
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        fingerprint = certificate.fingerprint(hashes.SHA256()).hex()[:32]
        self.path = f"/SimpleNotificationService-{fingerprint}.pem"

    @classmethod
    @functools.cache
    def shared(cls) -> SnsSigner:
        """One per process: a key costs a tenth of a second, and which one it is matters to nobody."""
        return cls()

    def envelope(self, message: str, message_id: str, topic: str, timestamp: str, version: SignatureVersion) -> bytes:
        """The JSON of a Notification, signed."""
        fields = {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": topic,
            "Message": message,
            "Timestamp": timestamp,
        }
        text = "".join(f"{name}\n{fields[name]}\n" for name in _SIGNED)
        signature = self._key.sign(text.encode(), padding.PKCS1v15(), _HASHES[version])
        fields |= {
            "SignatureVersion": version,
            "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": f"{HOST}{self.path}",
            "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe&SubscriptionArn={subscription_arn(topic)}",
        }
        return msgspec.json.encode(fields)


def _self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_TO)
        .sign(key, hashes.SHA256())
    )
