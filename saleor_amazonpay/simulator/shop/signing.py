"""The shop's key: detached signatures over webhook bodies, and the JWKS that verifies them (contracts §2.2).

In: the bytes that will be sent. Out: a compact JWS (RFC 7515) with unencoded, detached payload (RFC 7797). The very
bytes are signed, so an empty retry has a valid signature too.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@cache
def process_key() -> RSAPrivateKey:
    """The key of all shops of this process; making one takes longer than most tests."""
    return generate_private_key(public_exponent=65537, key_size=2048)


class Signer:
    """Signs with one RSA key whose `kid` is its RFC 7638 thumbprint."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key
        numbers = key.public_key().public_numbers()
        self._public = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
        canonical = json.dumps(self._public, separators=(",", ":"), sort_keys=True)
        self.kid = _base64url(hashlib.sha256(canonical.encode()).digest())
        header = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": self.kid, "typ": "JWT"}
        self._header = _base64url(json.dumps(header, separators=(",", ":")).encode())

    def sign(self, body: bytes) -> str:
        """The detached JWS over exactly these bytes."""
        signature = self._key.sign(f"{self._header}.".encode() + body, PKCS1v15(), SHA256())
        return f"{self._header}..{_base64url(signature)}"

    def token(self, claims: Mapping[str, Any]) -> str:
        """A JWT, such as the Dashboard hands to an app's page (contracts §5.1)."""
        header = json.dumps({"alg": "RS256", "kid": self.kid, "typ": "JWT"}, separators=(",", ":"))
        text = f"{_base64url(header.encode())}.{_base64url(json.dumps(claims, separators=(',', ':')).encode())}"
        return f"{text}.{_base64url(self._key.sign(text.encode(), PKCS1v15(), SHA256()))}"

    def jwks(self) -> dict[str, Any]:
        """The document at `/.well-known/jwks.json`: always exactly one key."""
        key = {**self._public, "key_ops": ["verify"], "use": "sig", "kid": self.kid, "alg": "RS256"}
        return {"keys": [key]}
