"""Amazon's own Checkout v2 client for Node against the simulator and our signer: neither signs nor reads as we do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from saleor_amazonpay.amazon.v2.signing import SALTS, Signer, canonical_query, canonical_request, string_to_sign
from saleor_amazonpay.simulator.amazon import AmazonWorld
from saleor_amazonpay.simulator.amazon.v2.keys import KeyPair, fits
from tests.simulator.amazon.serving import served

HERE = Path(__file__).parent / "sdk"
PACKAGES = Path(__file__).resolve().parents[4] / ".tmp" / "pay-sdk"
ALGORITHMS = tuple(SALTS)


def _installed() -> Path:
    """The client's folder, installed once; a missing Node skips, except in CI."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        reason = f"{' and '.join(missing)} not installed: Amazon's client for Node cannot run"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    wanted = (HERE / "package.json").read_text()
    stamp = PACKAGES / "package.json"
    if not (stamp.exists() and stamp.read_text() == wanted and (PACKAGES / "node_modules").exists()):
        PACKAGES.mkdir(parents=True, exist_ok=True)
        stamp.write_text(wanted)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"],
            cwd=PACKAGES, check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    shutil.copy(HERE / "client.cjs", PACKAGES / "client.cjs")
    return PACKAGES


def _certificate(folder: Path) -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")


@dataclass
class Client:
    """The running client. `algorithm` "" is what it does when nothing is said."""

    process: subprocess.Popen[str]
    world: AmazonWorld
    host: str
    algorithm: str = ""

    @property
    def config(self) -> dict[str, Any]:
        config = {
            "publicKeyId": next(iter(self.world.merchant.public_keys)),
            "privateKey": self.world.merchant.private_key,
            "region": "us",
            "sandbox": True,
            "overrideServiceUrl": self.host,
        }
        return {**config, **({"algorithm": self.algorithm} if self.algorithm else {})}

    def call(self, name: str, *args: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"config": self.config, "call": name, "args": args}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def ok(self, name: str, *args: Any, status: int = 200) -> Any:
        answer = self.call(name, *args)
        assert answer.get("status") == status, answer
        return answer["data"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    packages = _installed()
    world = AmazonWorld.demo(seed=5)
    with served(world, *_certificate(tmp_path_factory.mktemp("tls"))) as origin:
        process = subprocess.Popen(
            ["node", "client.cjs"], cwd=packages, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], "NODE_NO_WARNINGS": "1"},
        )  # fmt: skip
        try:
            yield Client(process, world, origin.removeprefix("https://"))
        finally:
            process.stdin.close()  # type: ignore[union-attr]
            process.wait(10)
            process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture(params=ALGORITHMS)
def client(running: Client, request: pytest.FixtureRequest) -> Client:
    running.algorithm = request.param
    return running


def key() -> dict[str, str]:
    return {"x-amz-pay-idempotency-key": uuid.uuid4().hex}


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "USD"}


SETTING = {
    "webCheckoutDetails": {"checkoutResultReturnUrl": "https://shop.example/result"},
    "paymentDetails": {
        "paymentIntent": "Authorize",
        "canHandlePendingAuthorization": False,
        "chargeAmount": money("20.00"),
    },
    "merchantMetadata": {"merchantReferenceId": "sdk-1", "noteToBuyer": "Grüße"},
    "chargePermissionType": "Recurring",
    "recurringMetadata": {"frequency": {"unit": "Month", "value": "1"}, "amount": money("20.00")},
}


def test_a_session_from_created_to_a_closed_permission(client: Client) -> None:
    payload = {
        "webCheckoutDetails": {"checkoutReviewReturnUrl": "https://shop.example/review"},
        "storeId": client.world.merchant.store_id,
    }
    made = client.ok("createCheckoutSession", payload, key(), status=201)
    session_id = made["checkoutSessionId"]
    session = client.world.pay.choose(session_id)  # the buyer signs in on Amazon's page
    assert client.ok("getCheckoutSession", session_id, {})["buyer"]["buyerId"] == session.buyer.buyer_id  # type: ignore[union-attr]
    told = client.ok("updateCheckoutSession", session_id, SETTING)
    assert told["constraints"] == []
    assert told["webCheckoutDetails"]["amazonPayRedirectUrl"] == f"https://{client.host}/checkout/{session_id}"
    client.world.pay.finish(session_id)
    done = client.ok("completeCheckoutSession", session_id, {"chargeAmount": money("20.00")})
    first, permission = done["chargeId"], done["chargePermissionId"]

    assert client.ok("getCharge", first, {})["statusDetails"]["state"] == "Authorized"
    client.ok("captureCharge", first, {"captureAmount": money("20.00"), "softDescriptor": "AMZN"}, key())
    body = {"chargePermissionId": permission, "chargeAmount": money("15.00"), "captureNow": True}
    later = client.ok("createCharge", body, key(), status=201)["chargeId"]
    refund = client.ok("createRefund", {"chargeId": later, "refundAmount": money("5.00")}, key(), status=201)
    client.world.pay.settle_refund(refund["refundId"])
    assert client.ok("getRefund", refund["refundId"], {})["statusDetails"]["state"] == "Refunded"

    held = client.ok("createCharge", {**body, "captureNow": False}, key(), status=201)["chargeId"]
    canceled = client.ok("cancelCharge", held, {"cancellationReason": "Sold out"})
    assert canceled["statusDetails"]["reasonCode"] == "MerchantCanceled"
    client.ok("updateChargePermission", permission, {"merchantMetadata": {"customInformation": "Über"}})
    assert client.ok("getChargePermission", permission, {})["merchantMetadata"]["customInformation"] == "Über"
    closing = {"closureReason": "All done", "cancelPendingCharges": False}
    assert client.ok("closeChargePermission", permission, closing)["statusDetails"]["state"] == "Closed"


def test_a_session_that_is_finalized_on_the_shops_page(client: Client) -> None:
    session, _back = client.world.pay.open_session()
    client.ok("updateCheckoutSession", session.session_id, {**SETTING, "chargePermissionType": "OneTime"})
    body = {"paymentIntent": "AuthorizeWithCapture", "chargeAmount": money("20.00")}
    done = client.ok("finalizeCheckoutSession", session.session_id, body, key())
    assert client.ok("getCharge", done["chargeId"], {})["captureAmount"] == money("20.00")


def test_reports_and_the_buyer(client: Client) -> None:
    kind = "_GET_FLAT_FILE_OFFAMAZONPAYMENTS_SETTLEMENT_DATA_"
    made = client.ok("createReport", {"reportType": kind}, key(), status=201)
    assert client.ok("getReportById", made["reportId"], {})["reportType"] == kind
    listed = client.ok("getReports", {"reportTypes": kind, "processingStatuses": "COMPLETED"}, {})
    assert made["reportId"] in {each["reportId"] for each in listed["reports"]}
    document = client.ok("getReportDocument", listed["reports"][0]["reportDocumentId"], {})
    assert document["url"].startswith(f"https://{client.host}/report-storage/")
    token = client.world.issue_token(client.world.buyer.buyer_id, client.world.merchant).token.replace("|", "-")
    assert client.call("getBuyer", token, {})["status"] == 404


def test_the_client_understands_our_errors(client: Client) -> None:
    answer = client.call("getCharge", "S01-0000000-0000000-C000000", {})
    assert (answer["status"], answer["data"]["reasonCode"]) == (404, "ResourceNotFound")
    answer = client.call("createCharge", {}, {})
    assert (answer["status"], answer["data"]["reasonCode"]) == (400, "MissingHeader")


def test_a_button_payload_of_the_client_is_verified_and_one_of_ours_too(client: Client) -> None:
    world = client.world
    payload = json.dumps({"storeId": world.merchant.store_id, "note": 'Zürich \\ "q"'})
    theirs = client.call("generateButtonSignature", payload)["data"]
    public = KeyPair.shared().public
    assert fits(public, client.algorithm, payload.encode(), theirs)
    key_id = next(iter(world.merchant.public_keys))
    config = {"payloadJSON": payload, "signature": theirs, "algorithm": client.algorithm, "publicKeyId": key_id}
    assert world.pay.open_session(config)[0].store_id == world.merchant.store_id
    ours = Signer.of("https://pay-api.amazon.com", "na", key_id, world.merchant.private_key, test_mode=True)
    salt = SALTS["AMZN-PAY-RSASSA-PSS-V2"]
    question = {"publicKey": public, "signature": ours.button(payload), "saltLength": salt}
    assert client.call("verify", {**question, "text": string_to_sign(payload.encode()).decode()})["data"]
    assert not client.call("verify", {**question, "text": string_to_sign(payload.encode() + b" ").decode()})["data"]


REQUESTS = [
    {"method": "GET", "urlFragment": "charges/S01-1234567-1234567-C123456", "headers": {}},
    {"method": "GET", "urlFragment": "reports", "queryParams": {"reportTypes": "A,B", "b": "x y", "a": "ü&="}},
    {"method": "POST", "urlFragment": "charges", "payload": '{"note":"Größe"}', "headers": {"x-amz-pay-idempotency-key": "k-1"}},
    {"method": "DELETE", "urlFragment": "chargePermissions/S01/close", "payload": '{"closureReason":"done"}'},
    {"method": "PATCH", "urlFragment": "checkoutSessions/1", "payload": "{}"},
]  # fmt: skip


@pytest.mark.parametrize("options", REQUESTS, ids=lambda each: each["method"] + " " + each["urlFragment"][:8])
def test_what_the_client_signs_is_our_canonical_request(client: Client, options: dict[str, Any]) -> None:
    # Without a body the client would sign the text "undefined".
    headers = client.call("getSignedHeaders", {"payload": "", **options})["data"]
    found = re.fullmatch(r"(\S+) PublicKeyId=\S+, SignedHeaders=(\S+), Signature=(\S+)", headers["authorization"])
    assert found is not None
    algorithm, names, signature = found.groups()
    signed = {name: headers[name] for name in names.split(";")}
    query = canonical_query(options.get("queryParams", {}).items())
    body = options.get("payload", "").encode()
    request = canonical_request(options["method"], f"/v2/{options['urlFragment']}", query, signed, body)
    assert algorithm == client.algorithm
    assert fits(KeyPair.shared().public, algorithm, request.encode(), signature)


def test_what_we_sign_verifies_in_the_clients_manner(running: Client) -> None:
    key_id = next(iter(running.world.merchant.public_keys))
    signer = Signer.of("https://pay-api.amazon.com", "na", key_id, running.world.merchant.private_key, test_mode=True)
    body = '{"note":"Größe"}'.encode()
    headers = signer.headers("POST", "/v2/charges", "", body, 1_700_000_000.0, "k-1")
    signature = headers["authorization"].rpartition("Signature=")[2]
    signed = {name: value for name, value in headers.items() if name != "authorization"}
    text = string_to_sign(canonical_request("POST", "/v2/charges", "", signed, body).encode()).decode()
    question = {"publicKey": KeyPair.shared().public, "signature": signature, "saltLength": 32, "text": text}
    assert running.call("verify", question)["data"]
