"""Profiles from a shell: the same rules as the API's, secrets from anywhere but the command line, JSON for scripts."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from saleor_amazonpay.cli import app, profiles
from saleor_amazonpay.http import AioHttp, HttpResponse
from saleor_amazonpay.simulator import amazon
from saleor_amazonpay.store import tenants
from saleor_amazonpay.store.migrate import upgrade
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.store import Store
from tests import asgi, keys

SHOP, OTHER, AMAZON = "https://shop.example.com/graphql/", "https://other.example.com/graphql/", "http://127.0.0.1:9100"
SECRET = "a-secret-of-the-simulator-CANARY"
Invoke = Callable[..., Result]


class Outside:
    """Amazon's simulator and a Saleor with channels, without sockets."""

    def __init__(self, world: amazon.AmazonWorld) -> None:
        self._amazon = asgi.InProcess({AMAZON: amazon.create_app(world)})

    async def request(self, method: str, url: str, **more: Any) -> HttpResponse:
        if url.startswith(AMAZON):
            return await self._amazon.request(method, url, **more)
        rows = [{"id": "C1", "slug": "default-channel", "name": "Default", "currencyCode": "USD", "isActive": True}]
        return HttpResponse(200, json.dumps({"data": {"channels": rows}}).encode())

    async def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def world() -> amazon.AmazonWorld:
    made = amazon.AmazonWorld.demo(seed=1)
    made.merchant.secret_key = SECRET
    return made


@pytest.fixture
def invoke(tmp_path: Path, world: amazon.AmazonWorld, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    url, key = f"sqlite:///{tmp_path}/p.sqlite3", b"k" * 32
    store = Store.open(url, Sealer({"k": key}))
    upgrade(store.engine)

    def install(tx: Any) -> None:
        tenants.register(tx, store.sealer, "tenant-1", SHOP, "QXBwOjQ=", "t" * 30, keys.jwks().decode(), 1)

    asyncio.run(store.write(install))
    store.close()
    outside = Outside(world)
    monkeypatch.setattr(AioHttp, "request", lambda _self, method, url, **more: outside.request(method, url, **more))
    environment = {
        "AMAZONPAY_DATABASE_URL": url, "AMAZONPAY_SECRET_KEYS": f"k:{base64.b64encode(key).decode()}",
        "AMAZONPAY_AMAZON_ENDPOINT": AMAZON, "AMAZONPAY_PUBLIC_URL": "https://pay.example.com", "AMAZON_SECRET": SECRET,
    }  # fmt: skip

    def run(*words: str, **more: Any) -> Result:
        return CliRunner().invoke(app, list(words), env=environment, **more)

    return run


def fields(world: amazon.AmazonWorld, **changes: str) -> list[str]:
    merchant = world.merchant
    given = {
        "alias": "US shop", "wire": "mws", "region": "us", "test_mode": "true", "seller_id": merchant.seller_id,
        "access_key": merchant.access_key, "client_id": merchant.client_id, "secret_key": "@env:AMAZON_SECRET",
        "descriptor": "US SHOP", "customer_service_number": "+1 206 555 0100", "monthly_cap": "1000", **changes,
    }  # fmt: skip
    return [f"{name}={value}" for name, value in given.items()]


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_deployment_is_scripted(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    made = printed(invoke("profile", "add", *fields(world), "--json"))["profile"]
    assert made["monthly_cap"] == "1000.00"
    assert made["secrets"]["secret_key"] == "…NARY"
    assert made["ipn_url"] == f"https://pay.example.com/api/ipn/{made['id']}"
    changed = printed(invoke("profile", "update", "US shop", "monthly_cap=2000", "processing_percent=2.9", "--json"))
    assert changed["profile"]["processing_percent"] == "2.9"
    assigned = printed(invoke("profile", "assign", "US shop", "default-channel", "--json"))
    assert assigned["qualification"] == "qualifies"
    [cap] = printed(invoke("caps", "--json"))
    assert (cap["cap"], cap["booked"], cap["remaining"], len(cap["history"])) == ("2000.00", "0.00", "2000.00", 3)
    checks = printed(invoke("profile", "check", made["id"], "--json"))["checks"]
    assert [each["ok"] for each in checks] == [True, True]
    assert printed(invoke("profile", "unassign", "US shop", "default-channel", "--json"))["removed"]
    copy = printed(invoke("profile", "duplicate", "US shop", "Copy", "--json"))["profile"]
    assert copy["state"] == "paused"
    for command, state in (("pause", "paused"), ("close", "closed"), ("resume", "active")):
        assert printed(invoke("profile", command, "US shop", "--json"))["profile"]["state"] == state
    assert printed(invoke("profile", "delete", "Copy", "--json")) == {"deleted": copy["id"]}
    assert [each["alias"] for each in printed(invoke("profile", "list", "--json"))] == ["US shop"]


def test_what_show_prints_can_be_entered_again(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    invoke("profile", "add", *fields(world))
    shown = printed(invoke("profile", "show", "US shop", "--json"))
    skipped = {"id", "secrets", "ipn_url", "state", "state_reason", "version"}
    again = [
        f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in shown.items()
        if name not in skipped
    ]
    assert invoke("profile", "update", "US shop", *again).exit_code == 0
    after = printed(invoke("profile", "show", "US shop", "--json"))
    assert {**after, "version": 1} == {**shown, "version": 1}


def test_people_get_lines(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    added = invoke("profile", "add", *fields(world))
    assert "US shop  test mws us USD  active, cap 1000.00" in added.output
    assert "tried at Amazon: payments ok, account ok" in added.output
    assert "note: Amazon has announced the end of this API." in added.output
    assert "US shop" in invoke("profile", "list").output
    assert "secret_key:…NARY" in invoke("profile", "show", "US shop").output
    assert "0.00 of 1000.00 USD" in invoke("caps").output


def test_what_is_wrong_is_printed_with_how_to_mend_it(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    refused = invoke("profile", "add", *fields(world, descriptor="SEVENTEEN LETTERS", currency="XYZ"))
    assert refused.exit_code == 1
    assert "descriptor: It has 17 characters, 16 are allowed. Shorten it." in refused.stderr
    as_json = invoke("profile", "add", *fields(world, descriptor="SEVENTEEN LETTERS"), "--json")
    assert as_json.exit_code == 1
    assert [error["code"] for error in json.loads(as_json.stdout)["errors"]] == ["too_long"]
    wrong = invoke("profile", "add", *fields(world, access_key="AKIAWRONG"), "--json")
    assert [error["code"] for error in json.loads(wrong.stdout)["errors"]] == ["credentials_rejected"]
    assert invoke("profile", "show", "nobody").exit_code == 1


def test_a_secret_comes_from_anywhere_but_the_command_line(
    invoke: Invoke, world: amazon.AmazonWorld, tmp_path: Path
) -> None:
    plain = invoke("profile", "add", *fields(world, secret_key="in-plain-sight"))
    assert plain.exit_code == 2
    assert "others on this machine can read a command line" in plain.stderr
    assert "in-plain-sight" not in plain.output
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    for number, source in enumerate((f"@file:{file}", "@-")):
        made = invoke("profile", "add", *fields(world, alias=f"P{number}", secret_key=source), input=f"{SECRET}\n")
        assert made.exit_code == 0, made.output
    for source in ("@env:NOT_THERE", "@file:/not/there", "@vault:x"):
        assert invoke("profile", "add", *fields(world, alias="Q", secret_key=source)).exit_code == 2


def test_with_several_shops_one_has_to_be_named(invoke: Invoke, world: amazon.AmazonWorld, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/p.sqlite3", Sealer({"k": b"k" * 32}))

    def install(tx: Any) -> None:
        tenants.register(tx, store.sealer, "tenant-2", OTHER, "QXBwOjQ=", "t" * 30, keys.jwks().decode(), 2)

    asyncio.run(store.write(install))
    store.close()
    unclear = invoke("profile", "list")
    assert unclear.exit_code == 2
    assert SHOP in unclear.stderr
    assert OTHER in unclear.stderr
    assert printed(invoke("profile", "list", "--shop", OTHER, "--json")) == []
    assert invoke("profile", "list", "--shop", "https://third.example.com/graphql/").exit_code == 2


def test_no_output_of_any_command_holds_a_secret(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    said = ""
    for words in (
        ["profile", "add", *fields(world)], ["profile", "add", *fields(world, alias="Q", access_key="AKIAWRONG")],
        ["profile", "list"], ["profile", "list", "--json"], ["profile", "show", "US shop"],
        ["profile", "show", "US shop", "--json"], ["profile", "check", "US shop"], ["caps"], ["schema"],
    ):  # fmt: skip
        result = invoke(*words)
        said += result.output + result.stderr
    assert "CANARY" not in said
    assert "US shop" in said


def test_the_published_schema_is_printed(invoke: Invoke) -> None:
    from saleor_amazonpay import resources

    assert invoke("schema").stdout == resources.read("graphql/app.graphql")


def test_a_stale_version_is_refused(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    invoke("profile", "add", *fields(world))
    late = invoke("profile", "update", "US shop", "alias=Other", "--version", "7", "--json")
    assert [error["code"] for error in json.loads(late.stdout)["errors"]] == ["version_conflict"]


def test_words_that_are_no_fields(invoke: Invoke) -> None:
    assert invoke("profile", "add", "alias").exit_code == 2
    unknown = invoke("profile", "add", "colour=red", "--json")
    assert ("colour", "invalid") in [(error["field"], error["code"]) for error in json.loads(unknown.stdout)["errors"]]
    assert profiles.fields(["alias=a=b"], {}) == {"alias": "a=b"}


def test_what_is_left_to_do_for_a_profile_is_listed(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    assert invoke("profile", "add", *fields(world, alias="US")).exit_code == 0
    said = json.loads(invoke("profile", "setup", "US", "--json").stdout)
    states = {item["code"]: item["state"] for item in said}
    assert (states["keys"], states["channel"], states["ipn"]) == ("done", "todo", "todo")
    assert "TO DO" in invoke("profile", "setup", "US").stdout


def test_a_simulation_is_chosen_and_taken_back(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    assert invoke("profile", "add", *fields(world, alias="US")).exit_code == 0
    offered = json.loads(invoke("profile", "simulate", "US", "--json").stdout)
    assert not any(each["next"] for each in offered)
    first = next(each for each in offered if each["call"] == "refund")
    chosen = json.loads(invoke("profile", "simulate", "US", "refund", first["code"], "--json").stdout)
    assert [each["code"] for each in chosen if each["next"]] == [first["code"]]
    wrong = invoke("profile", "simulate", "US", "refund", "Nonsense")
    assert (wrong.exit_code, "Choose one" in wrong.stderr) == (1, True)
    back = json.loads(invoke("profile", "simulate", "US", "refund", "--json").stdout)
    assert not any(each["next"] for each in back)


def test_the_ipn_url_is_tried_from_here(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    assert invoke("profile", "add", *fields(world, alias="US")).exit_code == 0
    said = json.loads(invoke("profile", "test-ipn", "US", "--json").stdout)
    assert [check["ok"] for check in said["checks"]][-1] is False


def test_fees_are_shown_as_text_as_json_and_as_a_file(invoke: Invoke, world: amazon.AmazonWorld) -> None:
    assert invoke("profile", "add", *fields(world, alias="US")).exit_code == 0
    [month] = json.loads(invoke("fees", "--months", "1", "--json").stdout)
    assert (month["gross"], month["actual_fee"], month["sales"]) == ("0.00", None, 0)
    assert "expected fee 0.00" in invoke("fees", "--months", "1").stdout
    assert invoke("fees", "--csv", "--profile", "US").stdout.startswith("profile_id,alias,month,")
    assert invoke("fees", "--profile", "nobody").exit_code == 1
