"""Signatures of Checkout v2 against what Amazon published, and against the public key."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from saleor_amazonpay.amazon.v2.signing import (
    ALGORITHM,
    SALTS,
    Signer,
    canonical_query,
    canonical_request,
    environment_of,
    string_to_sign,
    timestamp,
)
from saleor_amazonpay.domain.errors import CredentialsRejectedError
from tests.amazon.rsa_keys import key, private_pem
from tests.amazon.vectors_v2 import AS_SIGNED, BUTTON_DIGEST, BUTTON_PAYLOAD, HEADERS, VECTORS, Row

ORIGIN = "https://pay-api.amazon.eu"


def signer(public_key_id: str = "SANDBOX-AE1", *, test_mode: bool = True, pem: str = "") -> Signer:
    return Signer.of(ORIGIN, "eu", public_key_id, pem or private_pem(), test_mode=test_mode)


def verify(signature: str, text: bytes, salt: int = SALTS[ALGORITHM]) -> None:
    key().public_key().verify(base64.b64decode(signature), text, PSS(MGF1(SHA256()), salt), SHA256())


@pytest.mark.parametrize("algorithm", SALTS)
@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row[0])
def test_a_published_vector_comes_out(row: Row, algorithm: str) -> None:
    _name, method, path, query, digest = row
    request = canonical_request(method, AS_SIGNED.get(path, path), canonical_query(query), HEADERS, b"")
    assert string_to_sign(request.encode(), algorithm) == f"{algorithm}\n{digest}".encode()


def test_the_vectors_are_all_thirty_four() -> None:
    assert len(VECTORS) * len(SALTS) == 34
    assert len({row[0] for row in VECTORS}) == 17


def test_a_body_is_hashed_and_a_delete_may_have_one() -> None:
    body = b'{"closureReason":"done"}'
    request = canonical_request("DELETE", "/v2/chargePermissions/S01/close", "", HEADERS, body)
    assert request.startswith("DELETE\n/v2/chargePermissions/S01/close\n\naccept:application/json\n")
    assert request.endswith(f"x-amz-pay-region\n{hashlib.sha256(body).hexdigest()}")


def test_the_buttons_published_digest_comes_out() -> None:
    assert string_to_sign(BUTTON_PAYLOAD.encode()) == f"{ALGORITHM}\n{BUTTON_DIGEST}".encode()
    verify(signer().button(BUTTON_PAYLOAD), f"{ALGORITHM}\n{BUTTON_DIGEST}".encode())


@pytest.mark.parametrize("payload", ['{"a":"Zürich \\\\ \\"q\\""}', '{"note":"日本"}'])
def test_a_button_signature_is_over_exactly_the_text_of_the_page(payload: str) -> None:
    signature = signer().button(payload)
    verify(signature, string_to_sign(payload.encode()))
    with pytest.raises(InvalidSignature):
        verify(signature, string_to_sign(json.dumps(json.loads(payload), indent=1).encode()))


def test_a_request_carries_a_signature_over_what_it_sends() -> None:
    body = b'{"chargeId":"S01-1111111-1111111-C111111"}'
    headers = signer().headers("POST", "/v2/refunds", "", body, 1_527_201_430.9, "ref-1")
    assert headers["x-amz-pay-date"] == "20180524T223710Z"
    assert headers["x-amz-pay-host"] == "pay-api.amazon.eu"
    found = re.fullmatch(r"(\S+) PublicKeyId=(\S+), SignedHeaders=(\S+), Signature=(\S+)", headers["authorization"])
    assert found is not None
    algorithm, key_id, names, signature = found.groups()
    assert (algorithm, key_id) == ("AMZN-PAY-RSASSA-PSS-V2", "SANDBOX-AE1")
    signed = {name: headers[name] for name in names.split(";")}
    assert "x-amz-pay-idempotency-key" in signed
    verify(signature, string_to_sign(canonical_request("POST", "/v2/refunds", "", signed, body).encode()))


def test_only_posts_carry_an_idempotency_key() -> None:
    assert "x-amz-pay-idempotency-key" not in signer().headers("GET", "/v2/refunds/x", "", b"", 0)


@pytest.mark.parametrize(
    ("public_key_id", "test_mode", "path"),
    [
        ("SANDBOX-AE1", True, "/v2"),
        ("sandbox-ae1", True, "/v2"),
        ("LIVE-AE1", False, "/v2"),
        ("AE1", True, "/sandbox/v2"),
        ("AE1", False, "/live/v2"),
    ],
)
def test_the_environment_comes_from_the_keys_prefix(public_key_id: str, test_mode: bool, path: str) -> None:
    assert signer(public_key_id, test_mode=test_mode).path == path
    assert environment_of(public_key_id) in {None, test_mode}


@pytest.mark.parametrize(("public_key_id", "test_mode"), [("SANDBOX-AE1", False), ("LIVE-AE1", True)])
def test_a_key_of_the_other_environment_signs_nothing(public_key_id: str, test_mode: bool) -> None:
    with pytest.raises(CredentialsRejectedError) as caught:
        signer(public_key_id, test_mode=test_mode)
    assert caught.value.code == "WrongEnvironment"


def test_keys_that_cannot_sign_are_refused_with_what_is_wrong() -> None:
    elliptic = ec.generate_private_key(ec.SECP256R1())
    pem = elliptic.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    wrong = {
        "UnreadablePrivateKey": lambda: signer(pem="not a key"),
        "UnsuitablePrivateKey": lambda: signer(pem=pem),
        "MissingKeys": lambda: Signer.of(ORIGIN, "eu", "SANDBOX-1", "", test_mode=True),
    }
    for code, make in wrong.items():
        with pytest.raises(CredentialsRejectedError) as caught:
            make()
        assert caught.value.code == code
    with pytest.raises(CredentialsRejectedError):
        signer(pem=private_pem("short", 1024))


def test_a_signer_does_not_show_its_key() -> None:
    assert "PRIVATE" not in repr(signer())
    assert "key=" not in repr(signer())


def test_a_date_is_utc_in_whole_seconds() -> None:
    assert timestamp(0.9) == "19700101T000000Z"
