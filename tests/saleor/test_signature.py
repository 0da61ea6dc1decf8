from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc.jwk import RSAKey

from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.saleor.signature import (
    FAILED_FETCH_PAUSE,
    FETCH_PAUSE,
    KeyRing,
    KeysUnavailableError,
    SignatureRefusedError,
)
from tests.saleor import recorded

pytestmark = pytest.mark.anyio

API = "https://shop.example.com/graphql/"
HEADER = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": "one", "typ": "JWT"}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Jwks:
    """A Saleor's key document: counts who asks, and can be rotated, be down, or wait to be let go."""

    def __init__(self, document: bytes) -> None:
        self.document = document
        self.down = False
        self.calls: list[str] = []
        self.gate: asyncio.Event | None = None

    async def __call__(self, api_url: str) -> bytes:
        self.calls.append(api_url)
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise SaleorError("jwks", "HTTP 503", retryable=True)
        return self.document


class Signer:
    """Signs as Saleor does, with `cryptography` alone: nothing of the code under test, nor its library."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, body: bytes, **changes: Any) -> str:
        header = {name: value for name, value in (HEADER | {"kid": self.kid} | changes).items() if value is not ...}
        first = encode(json.dumps(header, separators=(",", ":")).encode())
        signature = self.key.sign(first.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
        return f"{first}..{encode(signature)}"

    def document(self) -> bytes:
        public = RSAKey.import_key(self.key.public_key()).as_dict()
        return json.dumps({"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}).encode()


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def old() -> Signer:
    return Signer("one")


@pytest.fixture(scope="module")
def new() -> Signer:
    return Signer("two")


def ring(jwks: Jwks, clock: Clock | None = None) -> KeyRing:
    return KeyRing(jwks, clock or Clock())


async def refused(keys: KeyRing, body: bytes, signature: str | None) -> bool:
    try:
        await keys.verify(API, body, signature)
    except SignatureRefusedError:
        return True
    return False


def recorded_ring() -> KeyRing:
    keys = ring(Jwks(recorded.jwks()))
    keys.prime(API, recorded.jwks())
    return keys


async def test_every_recorded_request_is_accepted() -> None:
    keys = recorded_ring()
    entries = recorded.requests()
    assert len(entries) == 17
    for entry in entries:
        await keys.verify(API, entry.body, entry.signature)


async def test_saleors_retry_with_an_empty_body_is_accepted_as_signed() -> None:
    entry = recorded.request(17)
    assert entry.body == b""
    await recorded_ring().verify(API, entry.body, entry.signature)


async def test_a_flipped_byte_anywhere_in_body_or_signature_is_refused() -> None:
    keys = recorded_ring()
    entry = recorded.request(2)
    for position in (0, 1, len(entry.body) // 2, len(entry.body) - 1):
        body = bytearray(entry.body)
        body[position] ^= 1
        assert await refused(keys, bytes(body), entry.signature), position
    for position in range(0, len(entry.signature), 7):
        assert await refused(keys, entry.body, flipped(entry.signature, position)), position


async def test_the_spare_bits_of_the_last_signature_character_are_no_second_spelling() -> None:
    entry = recorded.request(2)
    keys = recorded_ring()
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        other = entry.signature[:-1] + letter
        assert await refused(keys, entry.body, other) == (other != entry.signature)


async def test_a_longer_or_shorter_body_is_refused() -> None:
    keys = recorded_ring()
    entry = recorded.request(5)
    for body in (entry.body + b" ", entry.body[:-1], b"", entry.body * 2):
        assert await refused(keys, body, entry.signature)


def flipped(text: str, position: int) -> str:
    return text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1 :]


async def test_a_signature_as_saleor_makes_it_is_accepted(old: Signer) -> None:
    keys = ring(Jwks(old.document()))
    await keys.verify(API, b'{"a":1.0}', old.sign(b'{"a":1.0}'))
    await keys.verify(API, b"{}", old.sign(b"{}", iss="https://shop.example.com"))


async def test_a_transaction_with_a_long_history_is_accepted(old: Signer) -> None:
    body = b'{"events":"' + b"x" * 300_000 + b'"}'
    await ring(Jwks(old.document())).verify(API, body, old.sign(body))


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "PS256"},
        {"alg": "RS512"},
        {"alg": ["RS256"]},
        {"alg": ...},
        {"crit": ...},
        {"crit": []},
        {"crit": ["b64", "exp"], "exp": 1},
        {"crit": "b64"},
        {"b64": True},
        {"b64": ...},
        {"b64": ..., "crit": ...},
        {"kid": ...},
        {"kid": 5},
    ],
)
async def test_a_header_that_is_not_saleors_is_refused_without_fetching_keys(
    old: Signer, changes: dict[str, Any]
) -> None:
    jwks = Jwks(old.document())
    assert await refused(ring(jwks), b"{}", old.sign(b"{}", **changes))
    assert jwks.calls == []


async def test_an_hmac_with_the_public_key_as_secret_is_refused(old: Signer) -> None:
    pem = old.key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    first = encode(json.dumps(HEADER | {"alg": "HS256"}).encode())
    mac = hmac.new(pem, first.encode() + b".{}", hashlib.sha256).digest()
    assert await refused(ring(Jwks(old.document())), b"{}", f"{first}..{encode(mac)}")


async def test_an_unsigned_token_is_refused(old: Signer) -> None:
    first = encode(json.dumps(HEADER | {"alg": "none"}).encode())
    assert await refused(ring(Jwks(old.document())), b"{}", f"{first}..")


async def test_a_legacy_hmac_signature_is_refused(old: Signer) -> None:
    assert await refused(ring(Jwks(old.document())), b"{}", hmac.new(b"s", b"{}", hashlib.sha256).hexdigest())


async def test_a_payload_inside_the_token_never_stands_in_for_the_body(old: Signer) -> None:
    # A genuine signature over "{}", moved into the token: the library alone would verify "{}" and ignore the body.
    first, _, last = old.sign(b"{}").split(".")
    keys = ring(Jwks(old.document()))
    assert await refused(keys, b'{"amount":1}', f"{first}.{{}}.{last}")
    assert await refused(keys, b"{}", f"{first}.{{}}.{last}")


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        ".",
        "..",
        "...",
        "a..b",
        "é..é",
        "e30..e30",
        "W10..AAAA",
        "bnVsbA..AAAA",
        "NQ..AAAA",
        "x" * 5000,
    ],
)
async def test_what_is_no_signature_at_all_is_refused_without_fetching_keys(old: Signer, signature: str | None) -> None:
    jwks = Jwks(old.document())
    assert await refused(ring(jwks), b"{}", signature)
    assert jwks.calls == []


async def test_a_deeply_nested_header_is_refused(old: Signer) -> None:
    nested = encode(b'{"x":' + b"[" * 1400 + b"]" * 1400 + b"}")
    assert await refused(ring(Jwks(old.document())), b"{}", f"{nested}..AAAA")


async def test_a_rotated_key_is_fetched_once_and_replaces_the_old_one(old: Signer, new: Signer) -> None:
    jwks = Jwks(new.document())
    keys = ring(jwks)
    keys.prime(API, old.document())
    await keys.verify(API, b"{}", new.sign(b"{}"))
    await keys.verify(API, b"[]", new.sign(b"[]"))
    assert jwks.calls == [API]
    assert await refused(keys, b"{}", old.sign(b"{}"))


async def test_a_key_replaced_under_the_same_kid_is_fetched(old: Signer) -> None:
    again = Signer("one")
    jwks = Jwks(again.document())
    keys = ring(jwks)
    keys.prime(API, old.document())
    await keys.verify(API, b"{}", again.sign(b"{}"))
    assert jwks.calls == [API]


async def test_bad_signatures_cause_at_most_one_fetch_a_minute(old: Signer, new: Signer) -> None:
    clock, jwks = Clock(), Jwks(old.document())
    keys = ring(jwks, clock)
    for _ in range(20):
        assert await refused(keys, b"{}", new.sign(b"{}"))
    assert len(jwks.calls) == 1
    clock.now += FETCH_PAUSE - 1
    assert await refused(keys, b"{}", new.sign(b"{}"))
    assert len(jwks.calls) == 1
    clock.now += 1
    assert await refused(keys, b"{}", new.sign(b"{}"))
    assert len(jwks.calls) == 2


async def test_good_signatures_pass_while_bad_ones_keep_the_ring_quiet(old: Signer, new: Signer) -> None:
    jwks = Jwks(old.document())
    keys = ring(jwks)
    assert await refused(keys, b"{}", new.sign(b"{}"))
    await keys.verify(API, b"{}", old.sign(b"{}"))
    assert len(jwks.calls) == 1


async def test_one_tenants_keys_and_pauses_are_not_anothers(old: Signer, new: Signer) -> None:
    jwks = Jwks(old.document())
    keys = ring(jwks)
    await keys.verify(API, b"{}", old.sign(b"{}"))
    jwks.document = new.document()
    other = "https://other.example.com/graphql/"
    with pytest.raises(SignatureRefusedError):
        await keys.verify(other, b"{}", old.sign(b"{}"))
    await keys.verify(other, b"{}", new.sign(b"{}"))
    assert jwks.calls == [API, other]


async def test_an_unreachable_saleor_is_no_refusal_and_is_asked_again_after_a_short_pause(
    old: Signer,
) -> None:
    clock, jwks = Clock(), Jwks(old.document())
    jwks.down = True
    keys = ring(jwks, clock)
    for _ in range(3):
        with pytest.raises(KeysUnavailableError):
            await keys.verify(API, b"{}", old.sign(b"{}"))
    assert len(jwks.calls) == 1
    jwks.down = False
    clock.now += FAILED_FETCH_PAUSE
    await keys.verify(API, b"{}", old.sign(b"{}"))
    assert len(jwks.calls) == 2


async def test_a_doubtful_signature_is_not_called_bad_while_the_keys_cannot_be_read(old: Signer, new: Signer) -> None:
    jwks = Jwks(b"")
    jwks.down = True
    keys = ring(jwks)
    keys.prime(API, old.document())
    with pytest.raises(KeysUnavailableError):
        await keys.verify(API, b"{}", new.sign(b"{}"))
    await keys.verify(API, b"{}", old.sign(b"{}"))


async def test_concurrent_requests_share_one_fetch(old: Signer) -> None:
    jwks = Jwks(old.document())
    jwks.gate = asyncio.Event()
    keys = ring(jwks)
    waiting = [asyncio.create_task(keys.verify(API, b"{}", old.sign(b"{}"))) for _ in range(10)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    jwks.gate.set()
    await asyncio.gather(*waiting)
    assert jwks.calls == [API]


async def test_a_caller_that_gives_up_does_not_take_the_fetch_from_the_others(old: Signer) -> None:
    jwks = Jwks(old.document())
    jwks.gate = asyncio.Event()
    keys = ring(jwks)
    first = asyncio.create_task(keys.verify(API, b"{}", old.sign(b"{}")))
    second = asyncio.create_task(keys.verify(API, b"{}", old.sign(b"{}")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    jwks.gate.set()
    await second
    assert first.cancelled()
    assert jwks.calls == [API]


async def test_with_a_cached_key_verifying_never_waits(old: Signer) -> None:
    keys = ring(Jwks(old.document()))
    keys.prime(API, old.document())
    step = keys.verify(API, b"{}", old.sign(b"{}"))
    with pytest.raises(StopIteration):
        step.send(None)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"[]",
        b'{"keys":[]}',
        b'{"keys":[{"kty":"EC","kid":"x"}]}',
        b'{"keys":[{"kty":"RSA","kid":"x","n":"AQAB","e":"AQAB"}]}',
        b'{"keys":[{"kty":"RSA","kid":"x","n":"' + b"!" * 342 + b'","e":"AQAB"}]}',
        b'{"keys":' + b"[" * 5000,
        b" " * 70_000,
    ],
)
async def test_a_document_without_a_usable_key_is_an_outage(old: Signer, document: bytes) -> None:
    with pytest.raises(KeysUnavailableError):
        await ring(Jwks(document)).verify(API, b"{}", old.sign(b"{}"))
    with pytest.raises(KeysUnavailableError):
        ring(Jwks(document)).prime(API, document)


async def test_keys_of_other_kinds_beside_saleors_do_no_harm(old: Signer) -> None:
    document = json.loads(old.document())
    document["keys"][:0] = [{"kty": "EC", "kid": "ec", "crv": "P-256"}, {"kty": "OKP"}]
    await ring(Jwks(json.dumps(document).encode())).verify(API, b"{}", old.sign(b"{}"))


async def test_an_encryption_key_signs_nothing(old: Signer) -> None:
    document = json.loads(old.document())
    document["keys"][0]["use"] = "enc"
    with pytest.raises(KeysUnavailableError):
        await ring(Jwks(json.dumps(document).encode())).verify(API, b"{}", old.sign(b"{}"))
