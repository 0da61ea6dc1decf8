"""Request and button signatures of Checkout v2 (contracts §5.2, §5.3).

In comes what is sent, out comes the Authorization header over exactly that. RSASSA-PSS is randomized: two signatures
over the same text differ, and both are right. A private key never leaves this module again; a key of one environment
signs nothing for the other, so such a request cannot leave the process.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from saleor_amazonpay.domain.errors import CredentialsRejectedError

# Algorithm names and the length of their salt. The newer one is what every README of Amazon's recommends.
SALTS = {"AMZN-PAY-RSASSA-PSS": 20, "AMZN-PAY-RSASSA-PSS-V2": 32}
ALGORITHM = "AMZN-PAY-RSASSA-PSS-V2"

VERSION = "v2"
_MIN_KEY_BITS = 2048

Query = Iterable[tuple[str, str]]


def canonical_query(query: Query) -> str:
    """Encoded as RFC 3986 says and sorted by name, then value; a name may come more than once."""
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def canonical_request(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> str:
    """What is hashed and signed. `headers` are all signed ones with lower-case names; `query` is canonical."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    where = quote(path, safe="/-_.~%") or "/"
    return f"{method}\n{where}\n{query}\n{lines}\n{';'.join(names)}\n{hashlib.sha256(body).hexdigest()}"


def string_to_sign(text: bytes, algorithm: str = ALGORITHM) -> bytes:
    """The algorithm's name and the hash of a canonical request or of a button's payload."""
    return f"{algorithm}\n{hashlib.sha256(text).hexdigest()}".encode()


def timestamp(now: float) -> str:
    """Epoch seconds as `x-amz-pay-date` wants them."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))


def environment_of(public_key_id: str) -> bool | None:
    """Whether a key is the sandbox's, by its prefix; None for older keys, which serve both."""
    name = public_key_id.upper()
    return True if name.startswith("SANDBOX") else False if name.startswith("LIVE") else None


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs the calls and button payloads of one account.

    `path` is what every call's path begins with; `host` is part of what is signed, so a request is worth nothing
    anywhere else.
    """

    public_key_id: str
    origin: str  # scheme and host
    host: str
    path: str
    region: str
    key: RSAPrivateKey = field(repr=False)

    @classmethod
    def of(cls, origin: str, region: str, public_key_id: str, private_key: str, *, test_mode: bool) -> Signer:
        """Prepare what is the same in every call. Raises CredentialsRejectedError for keys that cannot be used."""
        sandbox = environment_of(public_key_id)
        if not (public_key_id and private_key):
            raise _rejected("MissingKeys", "the profile has no public key id and private key")
        if sandbox is not None and sandbox is not test_mode:
            ours, theirs = ("sandbox", "live") if test_mode else ("live", "sandbox")
            raise _rejected("WrongEnvironment", f"the key {public_key_id[:12]}… is a {theirs} key in a {ours} profile")
        environment = "" if sandbox is not None else "/sandbox" if test_mode else "/live"
        parts = urlsplit(origin)
        return cls(
            public_key_id,
            f"{parts.scheme}://{parts.netloc}",
            parts.netloc,
            f"{parts.path.rstrip('/')}{environment}/{VERSION}",
            region,
            _parsed(private_key),
        )

    def headers(
        self, method: str, path: str, query: str, body: bytes, now: float, idempotency_key: str = ""
    ) -> dict[str, str]:
        """The signed headers of one attempt; `now` in epoch seconds, since Amazon refuses dates of the future."""
        signed = {
            "accept": "application/json",
            "content-type": "application/json",
            "x-amz-pay-date": timestamp(now),
            "x-amz-pay-host": self.host,
            "x-amz-pay-region": self.region,
        }
        if idempotency_key:
            signed["x-amz-pay-idempotency-key"] = idempotency_key
        request = canonical_request(method, path, query, signed, body)
        signature = self._signed(request.encode())
        names = ";".join(sorted(signed))
        authorization = f"{ALGORITHM} PublicKeyId={self.public_key_id}, SignedHeaders={names}, Signature={signature}"
        return {**signed, "authorization": authorization}

    def button(self, payload: str) -> str:
        """The signature of a button's payload: the page must show exactly this text, byte for byte."""
        return self._signed(payload.encode())

    def _signed(self, text: bytes) -> str:
        padding = PSS(MGF1(SHA256()), SALTS[ALGORITHM])
        return base64.b64encode(self.key.sign(string_to_sign(text), padding, SHA256())).decode()


def public_pem(private_key: str) -> str:
    """The public half of a private key. Raises CredentialsRejectedError."""
    key = _parsed(private_key).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _parsed(private_key: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(private_key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _rejected("UnreadablePrivateKey", "the private key is not a PEM without password") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < _MIN_KEY_BITS:
        raise _rejected("UnsuitablePrivateKey", f"the private key is not RSA of {_MIN_KEY_BITS} bits or more")
    return key


def _rejected(code: str, message: str) -> CredentialsRejectedError:
    return CredentialsRejectedError("sign", code, message)
