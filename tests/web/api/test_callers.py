"""Who calls: tokens of the Dashboard's judged claim by claim, tokens of Saleor's own shown to that Saleor."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.flows.world import API_URL
from tests.web.api.caller import APP_ID, OTHER_URL, Api, jwt

pytestmark = pytest.mark.anyio
VIEWER = (
    "{ amazonPayViewer { id kind name saleorApiUrl maySeeSettings mayChangeSettings maySeePayments mayActOnPayments } }"
)


async def test_staff_are_known_by_the_dashboards_token(api: Api) -> None:
    viewer = (await api.data(VIEWER, token=api.token("HANDLE_PAYMENTS")))["amazonPayViewer"]
    assert viewer == {
        "id": "VXNlcjox", "kind": "STAFF", "name": "s@x.example", "saleorApiUrl": API_URL, "maySeeSettings": True,
        "mayChangeSettings": False, "maySeePayments": True, "mayActOnPayments": True,
    }  # fmt: skip
    assert api.saleor.asked == []  # judged here, with the keys of the installation


async def test_all_of_the_users_permissions_count_not_the_share_of_the_app(api: Api) -> None:
    token = api.token("MANAGE_APPS", permissions=[])
    assert (await api.data(VIEWER, token=token))["amazonPayViewer"]["mayChangeSettings"]
    token = api.token(permissions=["MANAGE_APPS"])
    assert not (await api.data(VIEWER, token=token))["amazonPayViewer"]["mayChangeSettings"]


CLAIMS: dict[str, dict[str, Any]] = {
    "another shop's": {"iss": OTHER_URL},
    "no issuer": {"iss": None},
    "another app's": {"app": "QXBwOjU="},
    "an app that was installed before": {"app": "QXBwOjM="},
    "no app": {"app": None},
    "a customer's": {"is_staff": False},
    "not said to be staff": {"is_staff": None},
    "staff by text": {"is_staff": "true"},
    "a login token": {"type": "access"},
    "no type": {"type": None},
    "no end": {"exp": None},
    "for an audience": {"aud": "somebody"},
    "no permissions": {"user_permissions": None},
    "permissions as text": {"user_permissions": "MANAGE_APPS"},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
async def test_a_token_with_a_wrong_claim_opens_nothing(api: Api, claims: dict[str, Any]) -> None:
    code = await api.code(VIEWER, token=api.token("MANAGE_APPS", **claims))
    assert code == "UNAUTHENTICATED"


async def test_an_old_token_says_so_since_a_new_one_is_on_its_way(api: Api) -> None:
    token = api.token("MANAGE_APPS")
    api.world.clock.advance(299)
    assert (await api.data(VIEWER, token=token))["amazonPayViewer"]
    api.world.clock.advance(10)
    assert await api.code(VIEWER, token=token) == "EXPIRED"


def unsigned(api: Api) -> str:
    claims = api.token("MANAGE_APPS").split(".")[1]
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"shop"}').rstrip(b"=").decode()
    return f"{header}.{claims}."


def altered(api: Api) -> str:
    header, claims, signature = api.token("HANDLE_PAYMENTS").split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    said["user_permissions"] = ["MANAGE_APPS"]
    return f"{header}.{base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b'=').decode()}.{signature}"


def other_algorithm(api: Api) -> str:
    claims = json.loads(base64.urlsafe_b64decode(api.token("MANAGE_APPS").split(".")[1] + "=="))
    return jwt(claims, header={"alg": "HS256", "kid": "shop", "typ": "JWT"})


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        altered,
        other_algorithm,
        lambda api: api.token("MANAGE_APPS", key="somebody-else"),
        lambda _api: "a.b.c",
    ],
    ids=["alg none", "altered claims", "HS256", "a foreign key", "no JWT"],
)
async def test_what_the_shop_did_not_sign_opens_nothing(api: Api, forge: Any) -> None:
    assert await api.code(VIEWER, token=forge(api)) == "UNAUTHENTICATED"


async def test_an_app_is_what_saleor_says_it_is_and_is_asked_about_once_a_minute(api: Api) -> None:
    for _ in range(3):
        viewer = (await api.data(VIEWER, token="app-payments-token"))["amazonPayViewer"]
    assert (viewer["kind"], viewer["name"], viewer["maySeePayments"]) == ("APP", "subscriptions", True)
    assert not viewer["mayChangeSettings"]
    assert api.saleor.asked == ["CallerApp"]
    api.world.clock.advance(61)
    await api.data(VIEWER, token="app-payments-token")
    assert api.saleor.asked == ["CallerApp", "CallerApp"]


async def test_a_token_that_saleor_does_not_know_is_not_asked_about_again_at_once(api: Api) -> None:
    for _ in range(3):
        assert await api.code(VIEWER, token="made-up") == "UNAUTHENTICATED"
    assert api.saleor.asked == ["CallerApp"]


async def test_staff_may_use_their_login_token_and_customers_may_not(api: Api) -> None:
    viewer = (await api.data(VIEWER, token="x.y.staff"))["amazonPayViewer"]
    assert (viewer["kind"], viewer["id"], viewer["maySeePayments"]) == ("STAFF", "VXNlcjoy", True)
    assert await api.code(VIEWER, token="x.y.buyer") == "UNAUTHENTICATED"


async def test_a_saleor_that_is_away_refuses_nobody_for_good(api: Api) -> None:
    api.saleor.away = True
    assert await api.code(VIEWER, token="app-payments-token") == "UNAVAILABLE"
    api.saleor.away = False
    assert (await api.data(VIEWER, token="app-payments-token"))["amazonPayViewer"]


async def test_without_a_token_only_the_schema_can_be_read(api: Api) -> None:
    assert await api.code(VIEWER, token="") == "UNAUTHENTICATED"
    assert "type AmazonPayProfile" in (await api.data("{ _service { sdl } }", token=""))["_service"]["sdl"]


async def test_the_tokens_own_word_on_its_shop_comes_before_the_header(api: Api) -> None:
    """The Dashboard may know its Saleor by another URL than Saleor itself does."""
    found = await api.ask(VIEWER, saleor_api_url="http://localhost:8000/graphql/")
    assert found["data"]["amazonPayViewer"]["saleorApiUrl"] == API_URL
    code = await api.code(VIEWER, token="app-payments-token", saleor_api_url=OTHER_URL)
    assert code == "UNAUTHENTICATED"


async def test_the_usual_authorization_header_works_too(api: Api) -> None:
    body = json.dumps({"query": VIEWER}).encode()
    answer = await api.post(body, authorization=f"Bearer {api.token('MANAGE_APPS', app=APP_ID)}")
    assert b"VXNlcjox" in answer.body
