"""Faults, in process and over a socket."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import pytest

from saleor_amazonpay.http import AioHttp, TransportError
from saleor_amazonpay.simulator.amazon import AmazonWorld, AnswerDroppedError, Fault
from tests.simulator.amazon.serving import served
from tests.simulator.amazon.shop import FORM, Shop, refusal, state

pytestmark = pytest.mark.anyio
CHARGE = "AuthorizeOnBillingAgreement"


async def test_an_error_comes_before_acting(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement())
    shop.world.faults.add(Fault("error", CHARGE, status=502))
    assert (await shop.raw(CHARGE, values)).status == 502
    assert not shop.world.books.authorizations
    await shop.ok(CHARGE, values)


async def test_a_dropped_answer_was_acted_on_and_the_repeat_finds_it(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement(), CaptureNow="true")
    shop.world.faults.add(Fault("drop", CHARGE))
    with pytest.raises(TransportError) as lost:
        await shop.raw(CHARGE, values)
    assert lost.value.sent
    assert isinstance(lost.value.__cause__, AnswerDroppedError)
    assert len(shop.world.books.captures) == 1
    again = await shop.ok(CHARGE, values)
    assert state(again, "AuthorizationStatus") == ("Closed", "MaxCapturesProcessed")
    assert len(shop.world.books.captures) == 1


async def test_garbage_comes_after_acting(shop: Shop) -> None:
    shop.world.faults.add(Fault("garbage", CHARGE))
    answer = await shop.raw(CHARGE, shop.charge_values(await shop.open_agreement()))
    assert answer.status == 200
    assert b"<AuthorizeOnBillingAgreement" not in answer.body
    assert len(shop.world.books.authorizations) == 1


async def test_throttling_can_be_ordered(shop: Shop) -> None:
    shop.world.faults.add(Fault("throttle"))
    wrong = refusal(await shop.raw("GetServiceStatus", {}))
    assert (wrong.status, wrong.code) == (503, "RequestThrottled")


async def test_the_api_can_be_gone_and_its_host_too(shop: Shop) -> None:
    shop.world.faults.add(Fault("gone"))
    assert (await shop.raw("GetServiceStatus", {})).status == 410
    shop.world.faults.add(Fault("host_gone"))
    with pytest.raises(TransportError) as lost:
        await shop.raw("GetServiceStatus", {})
    assert lost.value.unresolved
    assert not lost.value.sent


async def test_a_delay_waits_and_then_answers() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    world = AmazonWorld(seed=1, sleep=sleep)
    shop = Shop(world, world.create_merchant())
    world.faults.add(Fault("delay", seconds=20.0))
    await shop.ok("GetServiceStatus", {})
    assert waited == [20.0]


async def test_who_stops_waiting_does_not_stop_amazon() -> None:
    """A request that timed out at the caller is acted on all the same, as behind a socket."""
    on = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await on.wait()

    world = AmazonWorld.demo(seed=1)
    world.sleep = sleep
    shop = Shop(world, world.merchant)
    values = shop.signed(CHARGE, shop.charge_values(await shop.open_agreement()))
    world.faults.add(Fault("delay", CHARGE, seconds=40.0))
    with pytest.raises(TransportError) as lost:
        await shop.http.request(
            "POST", f"https://{shop.host}{shop.path}", headers=FORM, body=urlencode(values).encode(), timeout=0.0
        )
    assert lost.value.sent
    on.set()
    await shop.http.close()
    assert len(world.books.authorizations) == 1


async def test_rules_count_and_match_by_action(shop: Shop) -> None:
    shop.world.faults.add(Fault("error", "GetServiceStatus", after=1, times=2))
    statuses = [(await shop.raw("GetServiceStatus", {})).status for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    shop.world.faults.add(Fault("error", "Capture", times=0))
    assert (await shop.raw("GetServiceStatus", {})).status == 200
    assert [(await shop.raw("Capture", {})).status for _ in range(3)] == [500] * 3
    shop.world.faults.clear()
    assert (await shop.raw("Capture", {})).status == 400


async def test_login_has_faults_as_well(shop: Shop) -> None:
    shop.world.faults.add(Fault("throttle", "tokeninfo"))
    answer = await shop.http.request("GET", "https://api.amazon.com/auth/o2/tokeninfo", headers={})
    assert answer.status == 503
    shop.world.faults.add(Fault("error", "profile", status=500))
    answer = await shop.http.request("GET", "https://api.amazon.com/user/profile", headers={})
    assert answer.status == 500


@pytest.mark.parametrize("kind", ["drop", "host_gone"])
async def test_over_a_socket_the_connection_just_ends(shop: Shop, kind: str) -> None:
    values = shop.charge_values(await shop.open_agreement(), CaptureNow="true")
    shop.world.faults.add(Fault(kind, CHARGE))  # type: ignore[arg-type]
    http = AioHttp()
    with served(shop.world) as origin:
        shop.host = origin.removeprefix("http://")
        url = f"{origin}{shop.path}"
        with pytest.raises(TransportError):
            await http.request("POST", url, headers=FORM, body=_body(shop, values))
        acted = len(shop.world.books.captures)
        answer = await http.request("POST", url, headers=FORM, body=_body(shop, values))
        await http.close()
    assert acted == (1 if kind == "drop" else 0)
    assert answer.status == 200
    assert len(shop.world.books.captures) == 1


def _body(shop: Shop, values: dict[str, str]) -> bytes:
    return urlencode(shop.signed(CHARGE, values)).encode()
