"""Every request that a real Saleor sent, through our own doors: verified, understood, and answered with sense."""

from __future__ import annotations

import json

import pytest

from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.store import operations, tenants
from saleor_amazonpay.web.webhooks import EVENTS
from tests import asgi
from tests.flows.world import World
from tests.saleor import recorded

pytestmark = pytest.mark.anyio
API_URL = "http://127.0.0.1:8000/graphql/"


async def install(shop: World) -> None:
    jwks = recorded.jwks().decode()
    await shop.store.write(
        lambda tx: tenants.register(tx, shop.store.sealer, "real", API_URL, "QXBwOjQ=", "t" * 30, jwks, 1)
    )


async def deliver(shop: World, request: recorded.Recorded, body: bytes | None = None) -> HttpResponse:
    headers = {
        "saleor-event": request.event, "saleor-api-url": API_URL, "saleor-signature": request.signature,
        "content-type": "application/json",
    }  # fmt: skip
    url = f"http://app/api/webhooks/saleor/{request.event.replace('_', '-')}"
    return await asgi.call(shop.app, "POST", url, headers=headers, body=request.body if body is None else body)


def served() -> list[recorded.Recorded]:
    return [request for request in recorded.requests() if request.event.replace("_", "-") in EVENTS]


async def test_every_recorded_request_of_ours_is_verified_and_answered(shop: World) -> None:
    await install(shop)
    assert len(served()) == 15
    for request in served():
        answer = await deliver(shop, request)
        assert answer.status == 200, (request.name, answer.body)
        said = json.loads(answer.body)
        assert said.keys() & {"result", "data", "pspReference", "paymentMethods"}, request.name
    assert shop.amazon.calls == [], "nothing in them names an agreement or a payment of ours"


async def test_one_flipped_byte_in_any_of_them_is_refused(shop: World) -> None:
    await install(shop)
    for request in served():
        if not request.body:
            continue
        middle = len(request.body) // 2
        flipped = request.body[:middle] + bytes([request.body[middle] ^ 1]) + request.body[middle + 1 :]
        assert (await deliver(shop, request, flipped)).status == 401, request.name


def unanswered(key: str, shop: World) -> Operation:
    return Operation.new(
        id=key, tenant_id="real", op_key=key, kind=Kind.CAPTURE, profile_id="profile-1", wire="paper", account="a",
        transaction_id=key, amount=Money(4000, "USD"), parameters="{}", request_event_id="event", parent_id="p",
        now=shop.clock() - 20_000, due_at=0,
    )  # fmt: skip


@pytest.mark.parametrize(("known", "status"), [(0, 200), (1, 200), (2, 503)])
async def test_the_recorded_empty_retry_is_answered_from_the_ledger(shop: World, known: int, status: int) -> None:
    await install(shop)
    for number in range(known):
        await shop.store.write(lambda tx, n=number: operations.insert(tx, unanswered(f"op-{n}", shop)))
    answer = await deliver(shop, recorded.request(17))
    assert answer.status == status
    said = json.loads(answer.body)
    if known == 0:
        assert said["result"] == "CHARGE_FAILURE"
    if known == 1:
        assert said == {"pspReference": "op-0"}
    assert shop.amazon.calls == []
