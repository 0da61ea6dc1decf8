"""Amazon SNS envelopes, and whether they are really Amazon's (contracts §3.1, §3.2).

In come raw bytes from the internet, out comes an `Envelope` whose signature was verified, or an error that
tells the door what to answer: malformed and forged are refused for good, unavailable means "send it again". A
verified envelope proves that *some* SNS topic sent it; whether the topic is Amazon Pay's is asked with
`topic_belongs` and `topic_account`, since anybody can own a topic. Messages are never refused by age: SNS
repeats them for 14 days.
"""

from __future__ import annotations

import base64
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509.oid import NameOID

from saleor_amazonpay.http import Http, TransportError

MAX_BYTES = 256 * 1024
SIGNER = "sns.amazonaws.com"

# The AWS accounts whose topics have sent Amazon Pay notifications (contracts §3.2).
AMAZON_TOPIC_ACCOUNTS = frozenset({"291180941288", "598607868003"})

_TOPIC = re.compile(r"arn:aws(-cn)?:sns:[a-z0-9-]+:(?P<account>[0-9]{12}):(?P<name>[A-Za-z0-9_-]+)\Z")

# One path segment, no query: SNS's own API lives on these hosts, and its answers are no certificates.
_CERTIFICATE = re.compile(r"https://sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?/[A-Za-z0-9_-]+\.pem\Z")
_CERTIFICATES_KEPT = 32
_FETCH_TIMEOUT = 5.0

_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
_OPTIONAL = frozenset({"Subject"})
_HASHES: Mapping[str, type[HashAlgorithm]] = {"1": SHA1, "2": SHA256}
_LAMBDA_SPELLING = {
    "SigningCertUrl": "SigningCertURL",
    "SubscribeUrl": "SubscribeURL",
    "UnsubscribeUrl": "UnsubscribeURL",
}


class SnsError(Exception):
    """Base of what can be wrong with an envelope."""


class SnsMalformedError(SnsError):
    """Not an SNS envelope: no JSON, too large, or without the fields of its type."""


class SnsForgedError(SnsError):
    """An envelope whose signature, certificate or certificate address is not Amazon's."""


class SnsUnavailableError(SnsError):
    """The certificate cannot be had right now, so nothing is known of the message: it has to come again."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A verified message. `timestamp` is the text Amazon signed; `message` is the inner document."""

    type: str  # Notification, SubscriptionConfirmation, UnsubscribeConfirmation
    message_id: str  # by which duplicates are known
    topic_arn: str
    message: str
    timestamp: str
    subject: str = ""


def topic_account(arn: str) -> str:
    """The AWS account that owns a topic; empty if the text is no topic's ARN."""
    match = _TOPIC.match(arn)
    return "" if match is None else match["account"]


def topic_belongs(arn: str, seller_id: str) -> bool:
    """Whether a topic is named for this seller (marketplace id, seller id); says nothing of its owner."""
    match = _TOPIC.match(arn)
    return match is not None and seller_id != "" and match["name"].endswith(seller_id)


class SnsVerifier:
    """Verifies envelopes, keeping the few certificates SNS signs with.

    Args:
        http: the door out; it follows no redirects.
        endpoint: where certificates of test-mode messages come from instead of Amazon.
        clock: epoch seconds, against which the certificate's validity is checked.
    """

    def __init__(self, http: Http, endpoint: str = "", clock: Callable[[], float] = time.time) -> None:
        self._http = http
        self._endpoint = endpoint
        self._clock = clock
        # By the address it was really fetched from: a certificate of the override never meets a live message.
        self._certificates: OrderedDict[str, x509.Certificate] = OrderedDict()

    async def verify(self, raw: bytes, *, test_mode: bool) -> Envelope:
        """The envelope in a request body. Raises SnsMalformedError, SnsForgedError, SnsUnavailableError."""
        fields = _fields(raw)
        algorithm = _HASHES.get(fields["SignatureVersion"])
        if algorithm is None:
            raise SnsForgedError(f"signature version {fields['SignatureVersion']!r} is not known")
        certificate = await self._certificate(fields["SigningCertURL"], test_mode=test_mode)
        self._check(certificate)
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise SnsForgedError("the certificate has no RSA key")
        try:
            signature = base64.b64decode(fields["Signature"], validate=True)
            # SHA1 is Amazon's choice: SignatureVersion 1 is all that Amazon Pay has ever been seen to send.
            key.verify(signature, _string_to_sign(fields), PKCS1v15(), algorithm())
        except (InvalidSignature, ValueError) as error:
            raise SnsForgedError("the signature does not fit the message") from error
        return Envelope(
            type=fields["Type"],
            message_id=fields["MessageId"],
            topic_arn=fields["TopicArn"],
            message=fields["Message"],
            timestamp=fields["Timestamp"],
            subject=fields.get("Subject", ""),
        )

    def _check(self, certificate: x509.Certificate) -> None:
        names = [each.value for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        if names != [SIGNER]:
            raise SnsForgedError(f"the certificate is not for {SIGNER}")
        now = datetime.fromtimestamp(self._clock(), UTC)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise SnsForgedError("the certificate is not valid now")

    async def _certificate(self, url: str, *, test_mode: bool) -> x509.Certificate:
        if _CERTIFICATE.match(url) is None:
            raise SnsForgedError("the certificate's address is not one of Amazon's")
        source = url
        if test_mode and self._endpoint:
            source = self._endpoint.rstrip("/") + urlsplit(url).path
        found = self._certificates.get(source)
        if found is None:
            found = await self._fetched(source)
            self._certificates[source] = found
            if len(self._certificates) > _CERTIFICATES_KEPT:
                self._certificates.popitem(last=False)
        return found

    async def _fetched(self, source: str) -> x509.Certificate:
        try:
            response = await self._http.request("GET", source, headers={}, timeout=_FETCH_TIMEOUT)
        except TransportError as error:
            raise SnsUnavailableError(f"no certificate: {error}") from error
        if response.status != 200:  # noqa: PLR2004
            raise SnsUnavailableError(f"no certificate: HTTP {response.status}")
        try:
            return x509.load_pem_x509_certificate(response.body)
        except ValueError as error:
            # Only Amazon answers at this address, so something stands between us: not the sender's fault.
            raise SnsUnavailableError("what came is not a certificate") from error


def _fields(raw: bytes) -> dict[str, str]:
    """The texts of an envelope, in SNS's own spelling. Raises SnsMalformedError."""
    if len(raw) > MAX_BYTES:
        raise SnsMalformedError(f"more than {MAX_BYTES} bytes")
    try:
        document = msgspec.json.decode(raw, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise SnsMalformedError("not a JSON object") from error
    fields = {_LAMBDA_SPELLING.get(name, name): value for name, value in document.items() if isinstance(value, str)}
    signed = _SIGNED.get(fields.get("Type", ""))
    if signed is None:
        raise SnsMalformedError("no message type of SNS")
    needed = {*signed, "SignatureVersion", "Signature", "SigningCertURL"} - _OPTIONAL
    missing = sorted(needed - fields.keys())
    if missing:
        raise SnsMalformedError(f"without {', '.join(missing)}")
    return fields


def _string_to_sign(fields: Mapping[str, str]) -> bytes:
    """Name and value, each on a line, in SNS's order; what the type does not sign is not in it."""
    return "".join(f"{name}\n{fields[name]}\n" for name in _SIGNED[fields["Type"]] if name in fields).encode()
