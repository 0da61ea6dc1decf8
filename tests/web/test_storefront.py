"""`/storefront/…`: the drop-in's files, and the address of a signed-in buyer for a page of the shop alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from saleor_amazonpay.cli.stage import SHOP
from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.store import tables
from tests import asgi
from tests.journeys.stage import APP, Stage, stage

pytestmark = pytest.mark.anyio


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(f"sqlite:///{tmp_path}/ledger.sqlite3") as made:
        yield made


async def purchase(play: Stage) -> dict[str, Any]:
    """A checkout that gateway-initialize chose a profile for, and its buyer's question."""
    checkout = play.saleor.checkout_create(total="40.00", user=play.customer)
    await play.saleor.payment_gateway_initialize(checkout.id, {play.gateway: {}})
    chosen = play.buyer_data()
    return {
        "saleorApiUrl": play.saleor.api_url,
        "purchaseId": checkout.id,
        "agreement": chosen["amazonBillingAgreementId"],
        "token": chosen["accessToken"],
    }


async def ask(play: Stage, question: Any, origin: str = SHOP, method: str = "POST") -> HttpResponse:
    body = question if isinstance(question, bytes) else json.dumps(question).encode()
    return await asgi.call(play.app, method, f"{APP}/storefront/address", headers={"origin": origin}, body=body)


async def test_a_buyer_who_is_signed_in_gets_her_address_on_a_page_of_the_shop(play: Stage) -> None:
    told = await ask(play, await purchase(play))
    assert told.status == 200
    assert told.headers["access-control-allow-origin"] == SHOP
    assert told.headers["cache-control"] == "no-store"
    assert json.loads(told.body)["address"]["city"] == "Chicago"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"token": ""}, 422, "access_token_required"),
        ({"token": "Atza|forged"}, 422, "access_token_invalid"),
        ({"agreement": "C01-0000000-0000000"}, 422, "agreement_unknown"),
        ({"agreement": "no id at all!"}, 400, "data_invalid"),
        ({"purchaseId": "Q2hlY2tvdXQ6OTk="}, 404, "choose_again"),
        ({"saleorApiUrl": "https://other.example.com/graphql/"}, 404, "choose_again"),
        ({"saleorApiUrl": "not a url"}, 400, "data_invalid"),
    ],
)
async def test_a_refusal_has_a_code_and_the_page_may_read_it(
    play: Stage, change: dict[str, str], status: int, code: str
) -> None:
    told = await ask(play, await purchase(play) | change)
    assert (told.status, json.loads(told.body)["error"]["code"]) == (status, code)
    assert told.headers["access-control-allow-origin"] == SHOP
    assert b"Ditka" not in told.body


async def test_another_page_is_told_nothing(play: Stage) -> None:
    question = await purchase(play)
    for method in ("POST", "OPTIONS"):
        told = await ask(play, question, "https://evil.example.com", method)
        assert told.status == 403
        assert "access-control-allow-origin" not in told.headers


async def test_what_is_no_question_is_refused(play: Stage) -> None:
    await purchase(play)
    assert (await ask(play, b"{")).status == 400
    assert (await ask(play, b"x" * 9000)).status == 413


async def test_secrets_that_do_not_open_are_no_error_of_the_buyers(play: Stage) -> None:
    question = await purchase(play)
    spoil = sa.update(tables.profiles).values(secret_key=b"k:AAAA")
    await play.deps.store.write(lambda tx: tx.connection.execute(spoil))
    play.deps.directory.forget()
    told = await ask(play, question)
    assert (told.status, json.loads(told.body)["error"]["code"]) == (422, "retry")
    assert told.headers["access-control-allow-origin"] == SHOP


async def test_the_drop_in_is_served_and_not_sent_twice(play: Stage) -> None:
    url = f"{APP}/storefront/amazonpay.js"
    first = await asgi.call(play.app, "GET", url)
    if first.status == 404:
        assert json.loads(first.body)["error"]["code"] == "storefront_not_built"
        pytest.skip("the drop-in was not built: `make storefront` (needs Node 20 or newer)")
    assert first.headers["content-type"].startswith("text/javascript")
    again = await asgi.call(play.app, "GET", url, headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert (await asgi.call(play.app, "GET", f"{APP}/storefront/other.js")).status == 404
