"""`support-bundle`: what helps is in it, on both databases, and nothing that must not leave."""

from __future__ import annotations

import asyncio
import base64
import json
import stat
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from saleor_amazonpay.cli import app, bundle
from saleor_amazonpay.flows.ipn_health import RefusalCounter
from saleor_amazonpay.flows.problems import raise_problem
from saleor_amazonpay.http import AioHttp, HttpResponse, TransportError
from saleor_amazonpay.store import tables, tenants
from tests import keys
from tests.flows.world import API_URL, CONSENTED, World
from tests.web.api.test_canaries import APP_TOKEN, BUYER_TOKEN, CANARY, assert_none

OTHER = "https://other.example.com/graphql/"
DATABASE_PASSWORD = "canary-database-password-0007"
BUYER = ("canary.buyer@example.com", "+1 206 555 0199", "canary-address-line-0008", "Carla Canary-0009")
METRICS = 'amazonpay_notices_total{result="settled"} 3.0\npassword_of_another_program 1\n'
Invoke = Callable[..., Result]


class Outside:
    """Amazon, which repeats every secret in what it refuses, or is away; and the running app's metrics."""

    def __init__(self) -> None:
        self.away = False
        self.metrics = METRICS

    async def request(self, method: str, url: str, **_more: Any) -> HttpResponse:
        if self.away:
            raise TransportError(f"nobody at {url}", sent=False)
        if url.endswith("/metrics"):
            return HttpResponse(200, self.metrics.encode())
        said = " ".join([*CANARY.values(), APP_TOKEN, BUYER_TOKEN, *BUYER[:2]])
        return HttpResponse(403, json.dumps({"reasonCode": "InvalidSignature", "message": said}).encode())


async def prepare(folder: Path, url: str, fill: Callable[[World], Awaitable[None]]) -> None:
    world = World(folder, database_url=url, store_id="amzn1.store", public_key_id="SANDBOX-CANARY-KEY-ID-1234")
    await world.install()
    await fill(world)
    await world.settle_down()
    world.store.close()


async def a_sale(world: World) -> None:
    """A charge and a refund, canaries wherever a secret or a buyer could stand, a problem, refused notices."""
    world.amazon.tokens[BUYER_TOKEN] = "buyer-1"
    data = {**CONSENTED, "accessToken": BUYER_TOKEN, "email": BUYER[0], "shippingAddress": {"name": BUYER[3]}}
    paid = await world.pay(transaction="T1", data=data)
    assert paid["result"] == "CHARGE_SUCCESS", paid
    await world.settle_down()
    refunded = await world.act("refund", 4.0)
    assert "pspReference" in refunded, refunded
    await RefusalCounter().note(world.deps, "profile-1", "bad_signature", f"signed by {BUYER[0]}")

    def plant(tx: Any) -> None:
        seal = world.store.sealer
        tenants.register(tx, seal, "tenant-1", API_URL, "QXBwOjQ=", APP_TOKEN, keys.jwks().decode(), 1)
        for name, secret in CANARY.items():
            sealed = seal.seal(secret, "profiles", "profile-1", name)
            tx.connection.execute(sa.update(tables.profiles).values({name: sealed}))
        text = f"Amazon said {CANARY['secret_key']} and {APP_TOKEN} to {BUYER[0]}, {BUYER[1]}."
        raise_problem(tx, world.deps, "tenant-1", "attention:1", text, critical=True)
        # What Amazon wrote, in the ledger and in what Saleor was told; and what stays in the ledger.
        said = f"Amazon refused {BUYER_TOKEN} of {BUYER[0]} with {CANARY['client_secret']}"
        tx.connection.execute(sa.update(tables.operations).values(message=said, parameters=BUYER[2]))
        tx.connection.execute(sa.update(tables.reports).values(message=f"told {APP_TOKEN} and {BUYER[1]}"))
        tx.connection.execute(sa.update(tables.notices).values(message=f"{BUYER[2]} {BUYER[3]}"))

    await world.store.write(plant)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    made = Outside()
    monkeypatch.setattr(AioHttp, "request", lambda _self, method, url, **more: made.request(method, url, **more))
    return made


@pytest.fixture
def invoke(outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.chdir(tmp_path)

    def run(url: str, *words: str, keys: bytes = b"k" * 32) -> Result:
        environment = {
            "AMAZONPAY_DATABASE_URL": url, "AMAZONPAY_SECRET_KEYS": f"k:{base64.b64encode(keys).decode()}",
            "AMAZONPAY_PUBLIC_URL": f"https://staff:{DATABASE_PASSWORD}@pay.example.com",
        }  # fmt: skip
        return CliRunner().invoke(app, ["support-bundle", *words], env=environment)

    return run


def opened(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        found = {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}
    return {name: json.loads(text) if name.endswith(".json") else text for name, text in found.items()}


def test_what_helps_is_in_it_and_no_canary_is(
    invoke: Invoke, outside: Outside, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wait in ("objects.PATIENCE", "wire.PATIENCE"):
        monkeypatch.setattr(f"saleor_amazonpay.amazon.mws.{wait}", 0.0)
    asyncio.run(prepare(tmp_path, database_url, a_sale))
    move = _wire_of(database_url, tmp_path)
    asyncio.run(move("v2"))
    result = invoke(database_url, "--to", "b.zip", "--transaction", "T1")
    assert result.exit_code == 0, result.output + result.stderr
    found = opened(tmp_path / "b.zip")
    everything = json.dumps(found) + result.output + result.stderr
    assert_none(everything, "the bundle")
    for word in (*BUYER, DATABASE_PASSWORD, "Q2hlY2tvdXQ6MQ==", base64.b64encode(b"k" * 32).decode()):
        assert word not in everything, word

    assert found["versions.json"]["database"]["schema"] == found["versions.json"]["database"]["schema of this version"]
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    assert found["versions.json"]["database"]["server"].startswith(f"{kind} ")
    settings = found["configuration.json"]
    assert settings["AMAZONPAY_SECRET_KEYS"] == {"from": "environment", "value": {"keys": ["k"]}}
    assert settings["AMAZONPAY_PUBLIC_URL"]["value"] == "https://***@pay.example.com"
    assert settings["AMAZONPAY_BUDGET"] == {"from": "default", "value": 15.0}
    doctor = found["doctor.json"]["found"]
    assert not all(line["ok"] for line in doctor)
    assert found["doctor.json"]["secrets that do not open"] == []
    [profile] = found["profiles.json"]
    assert profile["secrets"]["secret_key"] == "…/x+y"
    assert (profile["public_key_id"], profile["customer_service_number"]) == ("…1234", "set")
    assert profile["cap"]["booked"] == "10.00 USD"
    [assignment] = found["assignments.json"]
    assert (assignment["shop"], assignment["channel"], assignment["profile"]) == (
        API_URL,
        "default-channel",
        "profile-1",
    )
    assert (profile["shop"], [shop["api_url"] for shop in found["shops.json"]]) == (API_URL, [API_URL])
    queues = {(row["queue"], row["state"]): row for row in found["queues.json"]}
    assert queues["operations", "done"]["rows"] == 1
    waiting = queues["operations", "pending"]  # the refund, as Amazon answers one
    assert (waiting["rows"], waiting["waiting"]) == (1, 1)
    assert waiting["oldest_at"] <= waiting["next_due_at"]
    assert queues["App Problems", "open"]["rows"] == 1
    assert queues["App Problems", "open"]["waiting"] == 1
    [problem] = found["problems.json"]
    assert (problem["key"], problem["critical"], "***" in problem["message"]) == ("attention:1", True, True)
    [health] = found["notices.json"]
    assert [refusal["code"] for refusal in health["refusals"]] == ["bad_signature"]
    assert found["metrics.txt"] == 'amazonpay_notices_total{result="settled"} 3.0\n'
    payment = found["transactions/1.json"]
    assert (payment["transaction"], payment["captured"], payment["refundable"]) == ("T1", "10.00 USD", "6.00 USD")
    assert [(row["kind"], row["amount"]) for row in payment["operations"]] == [
        ("charge", "10.00 USD"),
        ("refund", "4.00 USD"),
    ]
    assert {"request", "answer"} <= {entry["kind"] for entry in payment["timeline"]}
    assert [entry["at"] for entry in payment["timeline"]] == sorted(entry["at"] for entry in payment["timeline"])
    for name in found:
        assert name == "README.txt" or name in result.output, name
    assert "Before you send it" in " ".join(result.output.split())
    assert "Before you send it" in found["README.txt"]
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600


def _wire_of(url: str, folder: Path) -> Callable[[str], Awaitable[None]]:
    """The paper wire's profile, on one that the command line knows."""

    async def change(wire: str) -> None:
        world = World(folder, database_url=url)
        await world.store.write(lambda tx: tx.connection.execute(sa.update(tables.profiles).values(wire=wire)))
        world.store.close()

    return change


async def nothing(_world: World) -> None:
    """A shop that has not sold yet."""


def test_it_is_written_while_amazon_and_saleor_are_away(invoke: Invoke, outside: Outside, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/l.sqlite3"
    asyncio.run(prepare(tmp_path, url, nothing))
    outside.away = True
    result = invoke(url)
    assert result.exit_code == 0, result.output + result.stderr
    [written] = tmp_path.glob("amazonpay-support-*.zip")
    found = opened(written)
    assert found["metrics.txt"].startswith("Nothing answers at http://127.0.0.1:8090/metrics.")
    assert [profile["id"] for profile in found["profiles.json"]] == ["profile-1"]
    outside.away, outside.metrics = False, "<html>another program</html>"
    assert invoke(url, "--to", "two.zip").exit_code == 0
    assert "is not this app" in opened(tmp_path / "two.zip")["metrics.txt"]


def test_without_the_database_it_says_so_and_holds_what_is_known(invoke: Invoke, tmp_path: Path) -> None:
    away = f"postgresql://app:{DATABASE_PASSWORD}@127.0.0.1:1/ledger?sslpassword={DATABASE_PASSWORD}"
    for number, (url, code) in enumerate(
        (
            (away, "store_unavailable"),
            (f"postgresql://app:{DATABASE_PASSWORD}@host:port/ledger", "database_url_invalid"),
            ("sqlite:///not-there.sqlite3", "database_missing"),
        )
    ):
        result = invoke(url, "--to", f"{number}.zip")
        assert result.exit_code == 1
        assert result.stderr.startswith(f"{code}: "), result.stderr
        found = opened(tmp_path / f"{number}.zip")
        assert set(found) == {"README.txt", "versions.json", "configuration.json", "database.txt"}
        assert code in found["database.txt"]
        assert DATABASE_PASSWORD not in json.dumps(found) + result.output + result.stderr
    assert found["configuration.json"]["AMAZONPAY_DATABASE_URL"]["value"]["database"] == "not-there.sqlite3"
    assert not (tmp_path / "not-there.sqlite3").exists()


def test_another_versions_schema_is_left_as_it_is(invoke: Invoke, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/l.sqlite3"

    async def older(world: World) -> None:
        await world.store.write(
            lambda tx: tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        )

    asyncio.run(prepare(tmp_path, url, older))
    result = invoke(url, "--to", "b.zip")
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, "schema_outdated")
    assert opened(tmp_path / "b.zip")["versions.json"]["database"]["schema"] == "0001"


def test_what_does_not_open_is_named_and_the_rest_is_told(invoke: Invoke, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/l.sqlite3"
    asyncio.run(prepare(tmp_path, url, nothing))
    result = invoke(url, "--to", "b.zip", keys=b"x" * 32)
    assert result.exit_code == 0, result.output + result.stderr
    closed = opened(tmp_path / "b.zip")["doctor.json"]["secrets that do not open"]
    assert [line.split(":")[0] for line in closed] == ["the token of https", "the secrets of the profile US shop"]


def test_bad_input_writes_nothing(invoke: Invoke, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/l.sqlite3"
    asyncio.run(prepare(tmp_path, url, nothing))
    (tmp_path / "kept.zip").write_text("kept")
    for words, code in (
        (["--transaction", "T9"], "unknown_transaction"), (["--shop", OTHER], "unknown_shop"),
        (["--to", "nowhere/b.zip"], "folder_missing"), (["--to", "kept.zip"], "file_exists"),
    ):  # fmt: skip
        result = invoke(url, *words)
        assert (result.exit_code, result.stderr.split(":")[0]) == (1, code)
    assert [file.name for file in tmp_path.glob("*.zip")] == ["kept.zip"]
    assert (tmp_path / "kept.zip").read_text() == "kept"


def test_one_shop_alone_is_told_of(invoke: Invoke, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/l.sqlite3"

    async def two(world: World) -> None:
        def unit(tx: Any) -> None:
            tenants.register(tx, world.store.sealer, "tenant-2", OTHER, "QXBwOjQ=", "u" * 30, "{}", 2)

        await world.store.write(unit)

    asyncio.run(prepare(tmp_path, url, two))
    assert invoke(url, "--to", "b.zip", "--shop", OTHER).exit_code == 0
    found = opened(tmp_path / "b.zip")
    assert [shop["api_url"] for shop in found["shops.json"]] == [OTHER]
    assert (found["profiles.json"], found["assignments.json"], found["notices.json"]) == ([], [], [])
    assert "shop.example.com" not in json.dumps(found)


@pytest.mark.parametrize(
    "word",
    [
        CANARY["private_key"],
        CANARY["mws_auth_token"],
        BUYER_TOKEN,
        BUYER[0],
        BUYER[1],
        "Bearer abc.def",
        "eyJhbGci.e30.c2ln",
    ],
)
def test_what_nobody_opened_is_known_by_its_form(word: str) -> None:
    cleaned = bundle.clean({"a": [f"before {word} after", 7, None]})
    assert word not in json.dumps(cleaned, ensure_ascii=False)
    assert cleaned["a"][0].startswith("before ***")
    assert cleaned["a"][1:] == [7, None]


@pytest.mark.parametrize("word", ["S01-1234567-1234567-C000001", "2026-11-28T01:02:03+00:00", "B02-1234567-1234567"])
def test_what_helps_is_not_taken_for_a_secret(word: str) -> None:
    assert bundle.clean(word) == word
