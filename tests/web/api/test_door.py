"""The door: what one request may be, what it may ask for at once, and what never gets out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from saleor_amazonpay.web.api import schema as schema_module
from saleor_amazonpay.web.api.door import schema
from tests import asgi
from tests.web.api.caller import URL, Api

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"query": 1}', {}, 400),
        (b'{"query": "{ __typename }"}', {"content-type": "text/plain"}, 415),
        (b'{"query": "{ __typename }"}', {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b'{"query": "' + b" " * 140_000 + b'{ __typename }"}', {}, 413),
        (b'[{"query": "{ __typename }"}]', {}, 400),
    ],
    ids=["no JSON", "a list", "no text", "text", "a form", "too large", "a batch"],
)
async def test_what_is_no_request_is_refused(api: Api, body: bytes, headers: dict[str, str], status: int) -> None:
    given = {"content-type": "application/json", **headers}
    answer = await asgi.call(api.world.app, "POST", URL, headers=given, body=body)
    assert answer.status == status
    assert {"code", "message"} == set(json.loads(answer.body)["error"])


async def test_only_post_is_served_and_graphiql_only_where_it_is_set(api: Api) -> None:
    answer = await asgi.call(api.world.app, "GET", URL)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    doors = api.world.app.state.doors
    api.world.app.state.doors = type(doors)(
        **{name: getattr(doors, name) for name in doors.__slots__} | {"graphiql": True}
    )
    page = await asgi.call(api.world.app, "GET", URL)
    assert page.status == 200
    assert b"graphiql" in page.body.lower()


def deep(levels: int) -> str:
    return (
        "{ amazonPayOperations { edges { node "
        + "{ payment { operations " * levels
        + "{ id }"
        + " } }" * levels
        + " } } }"
    )


@pytest.mark.parametrize(
    "query",
    [
        deep(6),
        "{ " + " ".join(f"a{n}: amazonPayViewer {{ id }}" for n in range(21)) + " }",
        "{ " + "amazonPayViewer { id } " * 500 + " }",
    ],
    ids=["depth", "aliases", "tokens"],
)
async def test_a_request_may_not_ask_for_too_much(api: Api, query: str) -> None:
    found = await api.ask(query)
    assert found["data"] is None
    assert found["errors"]


async def test_the_introspection_that_tools_send_passes_the_limits(api: Api) -> None:
    from graphql import get_introspection_query

    assert (await api.data(get_introspection_query(), token=""))["__schema"]


async def test_the_same_document_is_parsed_and_validated_once(api: Api) -> None:
    made: list[Any] = schema_module._LIMITS
    before = list(made)
    for _ in range(2):
        await api.data("{ amazonPayViewer { id } }")
    assert before == schema_module._LIMITS  # rules made per request would defeat the cache
    assert schema() is schema()


async def test_what_goes_wrong_inside_is_not_shown(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_args: Any) -> None:
        raise RuntimeError("postgresql://amazonpay:CANARY-PASSWORD@db/amazonpay")

    monkeypatch.setattr("saleor_amazonpay.flows.payments.payment", broken)
    found = await api.ask('{ amazonPayPayment(transactionId: "T1") { transactionId } }')
    assert "CANARY" not in json.dumps(found)
    assert found["errors"][0]["message"].startswith("Something went wrong")


async def test_answers_are_kept_by_nobody(api: Api) -> None:
    answer = await api.post(b'{"query": "{ __typename }"}')
    assert answer.headers["cache-control"] == "no-store"
