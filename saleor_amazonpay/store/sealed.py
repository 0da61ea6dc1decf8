"""Secrets at rest: AES-256-GCM, bound to their place, with the key's id in front.

A sealed value moved to another row or column does not open: the table, row and column are authenticated with it.
Rotation: the newest key seals, older ones only open; `stale` says what `rotate-keys` still has to seal again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class UnsealError(Exception):
    """A sealed value does not open: the key is missing from AMAZONPAY_SECRET_KEYS, or the value was moved."""


class Sealer:
    """Seals and opens. `keys`: id → 32 bytes, newest first."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self._current = next(iter(keys))
        self._marks = hashlib.sha256(b"mark\x1f" + keys[self._current]).digest()

    def seal(self, plain: str, *place: str) -> bytes:
        """Seal a text for a place such as `("profiles", profile_id, "secret_key")`; empty stays empty."""
        if not plain:
            return b""
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self._current].encrypt(nonce, plain.encode(), _aad(place))
        return b"v1." + self._current.encode() + b"." + nonce + sealed

    def open(self, sealed: bytes, *place: str) -> str:
        """Open a text at its place. Raises UnsealError, which names the key and never the text."""
        if not sealed:
            return ""
        name, blob = _split(bytes(sealed))
        key = self._keys.get(name)
        if key is None:
            raise UnsealError(f"the key {name!r} is not in AMAZONPAY_SECRET_KEYS: add it behind the newest one")
        try:
            return key.decrypt(blob[:_NONCE], blob[_NONCE:], _aad(place)).decode()
        except InvalidTag as error:
            raise UnsealError(f"{'/'.join(place)} does not open with the key {name!r}") from error

    def mark(self, *place: str) -> str:
        """A text that only a holder of the newest key can make for a place; it opens nothing and seals nothing."""
        return hmac.new(self._marks, _aad(place), hashlib.sha256).hexdigest()

    def stale(self, sealed: bytes) -> bool:
        """Whether a value was sealed with an older key."""
        return bool(sealed) and _split(bytes(sealed))[0] != self._current


def _aad(place: tuple[str, ...]) -> bytes:
    return "\x1f".join(place).encode()


def _split(sealed: bytes) -> tuple[str, bytes]:
    version, _, rest = sealed.partition(b".")
    name, _, blob = rest.partition(b".")
    if version != b"v1":
        raise UnsealError("a sealed value has an unknown form")
    return name.decode(), blob
