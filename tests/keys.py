"""A Saleor's signing key for tests, made once per run, and the detached JWS it signs webhooks with."""

from __future__ import annotations

import base64
import functools
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@functools.cache
def _key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def jwks(name: str = "shop") -> bytes:
    """The JWKS document of a shop."""
    numbers = _key(name).public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    key = {
        "kty": "RSA",
        "key_ops": ["verify"],
        "n": _b64(modulus),
        "e": "AQAB",
        "use": "sig",
        "kid": name,
        "alg": "RS256",
    }
    return json.dumps({"keys": [key]}).encode()


def sign(body: bytes, name: str = "shop") -> str:
    """The `Saleor-Signature` of a body."""
    header = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": name, "typ": "JWT"}
    encoded = _b64(json.dumps(header).encode())
    signature = _key(name).sign(f"{encoded}.".encode() + body, padding.PKCS1v15(), hashes.SHA256())
    return f"{encoded}..{_b64(signature)}"
