"""Login with Amazon."""

from __future__ import annotations

import msgspec
import pytest

from saleor_amazonpay.http import HttpResponse
from tests.simulator.amazon.shop import Shop

pytestmark = pytest.mark.anyio


async def _ask(shop: Shop, path: str, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await shop.http.request("GET", f"https://api.sandbox.amazon.com{path}", headers=named)


async def test_tokeninfo_names_client_buyer_and_seconds_left(shop: Shop) -> None:
    agreement, token = shop.world.open_agreement()
    shop.world.advance(100)
    answer = await _ask(shop, "/auth/o2/tokeninfo", x_amz_access_token=token.token)
    info = msgspec.json.decode(answer.body)
    assert answer.status == 200
    assert set(info) == {"aud", "user_id", "iss", "exp", "app_id", "iat"}
    assert info["aud"] == shop.merchant.client_id
    assert info["user_id"] == agreement.buyer.buyer_id
    assert info["exp"] == 3500


async def test_the_profile_tells_who_the_buyer_is(shop: Shop) -> None:
    _agreement, token = shop.world.open_agreement()
    for headers in ({"x_amz_access_token": token.token}, {"authorization": f"bearer {token.token}"}):
        answer = await _ask(shop, "/user/profile", **headers)
        assert msgspec.json.decode(answer.body) == {
            "user_id": shop.world.buyer.buyer_id,
            "name": "Jane Doe",
            "email": "jane.doe@example.com",
            "postal_code": "60602",
        }


async def test_the_token_may_stand_in_the_query(shop: Shop) -> None:
    _agreement, token = shop.world.open_agreement()
    answer = await _ask(shop, f"/auth/o2/tokeninfo?access_token={token.token.replace('|', '%7C')}")
    assert answer.status == 200


@pytest.mark.parametrize("path", ["/auth/o2/tokeninfo", "/user/profile"])
async def test_unknown_expired_and_missing_tokens_are_refused(shop: Shop, path: str) -> None:
    _agreement, token = shop.world.open_agreement()
    shop.world.advance(3600)
    for given, error in ((token.token, "invalid_token"), ("Atza|x", "invalid_token"), ("", "invalid_request")):
        answer = await _ask(shop, path, x_amz_access_token=given)
        told = msgspec.json.decode(answer.body)
        assert (answer.status, told["error"]) == (400, error)
        assert told["error_description"]
