"""Key pairs of Checkout v2: the demo merchant's own, and checking a signature with a merchant's public key.

In come texts and signatures, out comes whether they fit. A private key is held for the demo merchant only, so that the
page can show what a shop has to be configured with.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

SALTS = {"AMZN-PAY-RSASSA-PSS": 20, "AMZN-PAY-RSASSA-PSS-V2": 32}


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves as PEM."""

    private: str
    public: str

    @classmethod
    @functools.cache
    def shared(cls) -> KeyPair:
        """One per process: a key costs a tenth of a second."""
        key = rsa.generate_private_key(65537, 2048)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return cls(private, public)


@functools.lru_cache(maxsize=64)
def parsed(pem: str) -> rsa.RSAPublicKey:
    """A public key. Raises ValueError for what is none of RSA with 2048 bits."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != 2048:
        raise ValueError("not an RSA key of 2048 bits")
    return key


def fits(pem: str, algorithm: str, text: bytes, signature: str) -> bool:
    """Whether a signature is this key's over a canonical request or payload."""
    signed = f"{algorithm}\n{hashlib.sha256(text).hexdigest()}".encode()
    scheme = padding.PSS(padding.MGF1(SHA256()), SALTS[algorithm])
    try:
        parsed(pem).verify(base64.b64decode(signature, validate=True), signed, scheme, SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True
