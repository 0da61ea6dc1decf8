"""Every door through which money may move announces itself, and nobody has to remember to."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import aiohttp.web
import pytest

from saleor_amazonpay import steps
from saleor_amazonpay.app import Outside, announced
from saleor_amazonpay.http import AioHttp, Announced, TransportError
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.store import Store
from tests.journeys.stage import stage

pytestmark = [
    pytest.mark.anyio,
    # A writer that dies at a step ends by SystemExit, which Python lets pass and pytest reports.
    pytest.mark.filterwarnings("ignore:Exception in thread write:pytest.PytestUnhandledThreadExceptionWarning"),
]


@pytest.fixture
def seen() -> Iterator[list[tuple[str, str]]]:
    heard: list[tuple[str, str]] = []
    steps.observe(lambda kind, name: heard.append((kind, name)))
    yield heard
    steps.observe(None)


def _nothing(_tx: Tx) -> None:
    pass


async def test_a_commit_is_two_steps_and_a_read_is_none(tmp_path: Path, seen: list[tuple[str, str]]) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/steps.sqlite3", Sealer({"k": b"k" * 32}))
    await store.write(_nothing)
    assert seen == [("before commit", "_nothing"), ("after commit", "_nothing")]
    await store.read(_nothing)
    assert len(seen) == 2
    await asyncio.gather(*(store.write(_nothing) for _ in range(20)))
    assert len(seen) == 2 + 40, "units that share a commit are announced one by one"
    await asyncio.to_thread(store.close)


async def test_nothing_is_kept_of_a_unit_that_dies_before_its_commit(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/steps.sqlite3"
    store = Store.open(url, Sealer({"k": b"k" * 32}))

    def die(kind: steps.Kind, _name: str) -> None:
        if kind == "before commit":
            raise SystemExit

    steps.observe(die)
    waiting = asyncio.ensure_future(store.write(lambda tx: tx.connection.exec_driver_sql("CREATE TABLE lost (id)")))
    await asyncio.to_thread(store.close)
    steps.observe(None)
    waiting.cancel()
    again = Store.open(url, Sealer({"k": b"k" * 32}))
    assert not await again.read(lambda tx: tx.connection.exec_driver_sql("SELECT name FROM sqlite_master").all())
    await asyncio.to_thread(again.close)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"Action=Capture&AmazonAuthorizationId=P01", "POST Capture"),
        (b'{"query": "mutation Report($id: ID!) { x }"}', "POST Report"),
        (b"{}", "POST api"),
    ],
)
async def test_a_call_over_a_real_socket_is_two_steps_and_a_lost_one_is_one(
    seen: list[tuple[str, str]], body: bytes, name: str
) -> None:
    async def hello(_request: aiohttp.web.Request) -> aiohttp.web.Response:
        return aiohttp.web.Response(text="hello")

    runner = aiohttp.web.ServerRunner(aiohttp.web.Server(hello))
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    door = Announced(AioHttp())
    assert (await door.request("POST", url, headers={}, body=body)).body == b"hello"
    assert seen == [("before call", name), ("after call", name)]
    await runner.cleanup()
    with pytest.raises(TransportError):
        await door.request("POST", url, headers={}, body=body)
    assert seen[2:] == [("before call", name)]
    await door.close()


async def test_both_doors_out_are_announced() -> None:
    plain = AioHttp()
    doors = announced(Outside(plain, plain, lambda: 0))
    assert isinstance(doors.amazon, Announced)
    assert isinstance(doors.saleor, Announced)


async def test_a_sale_a_refund_and_its_notice_go_through_every_kind_of_step(
    tmp_path: Path, seen: list[tuple[str, str]]
) -> None:
    async with stage(f"sqlite:///{tmp_path}/ledger.sqlite3") as play:
        seen.clear()
        paid = await play.pay()
        answer = seen.index(("before answer", "transaction_initialize_session"))
        call = seen.index(("before call", "POST AuthorizeOnBillingAgreement"))
        assert any(kind == "after commit" for kind, _ in seen[:call]), "the intent is committed before the call"
        assert call < seen.index(("after call", "POST AuthorizeOnBillingAgreement")) < answer
        assert seen[answer + 1] == ("after answer", "transaction_initialize_session")
        play.saleor.transaction_request_action(paid.transaction.id, "REFUND", Decimal(1), "because")
        await play.settle()
    kinds = {kind for kind, _ in seen}
    assert kinds == {f"{when} {what}" for when in ("before", "after") for what in ("commit", "call", "answer")}
    assert ("before answer", "notice") in seen
    assert any(name.startswith("POST ") and "eport" in name for kind, name in seen if kind == "before call")


def test_a_process_with_a_plan_kills_itself_and_one_without_does_not() -> None:
    code = "import os; from saleor_amazonpay import steps; steps.die_as_planned(os.environ); [steps.step('before call', 'x') for _ in range(2)]; print('alive')"

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    assert run(**{steps.KILL_AT: "2"}).returncode == -signal.SIGKILL
    assert run(**{steps.KILL_AT: "3"}).stdout == "alive\n"
    assert run().stdout == "alive\n"
