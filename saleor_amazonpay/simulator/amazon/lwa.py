"""Login with Amazon: whose token this is, and who that is (contracts §1.11).

In comes an access token in the header `x-amz-access-token`, as bearer or in the query; out comes JSON about it or
about its buyer, or Amazon's error. A token is only told of while it lives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from saleor_amazonpay.simulator.amazon.entities import Token
from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.mws import after, before

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld


Tell = Callable[[Token], dict[str, object]]


@dataclass(frozen=True, slots=True)
class LoginDoor:
    """The two endpoints. Faults name them `tokeninfo` and `profile`."""

    world: AmazonWorld

    async def tokeninfo(self, request: Request) -> Response:
        """For which client a token was issued and which buyer it stands for."""
        return await self._answer(request, "tokeninfo", self._info)

    async def profile(self, request: Request) -> Response:
        """Name and mail of the buyer."""
        return await self._answer(request, "profile", self._profile)

    async def _answer(self, request: Request, name: str, tell: Tell) -> Response:
        fault = self.world.faults.take(name)
        try:
            early = await before(self.world, fault)
        except MwsError as error:  # a throttle or refuse fault, which this service words in JSON
            wording = "throttled" if error.code == "RequestThrottled" else error.code
            return _refused(error.status, wording, error.message)
        if early is not None:
            return early
        given = _given(request)
        token = self.world.token(given)
        if not given:
            response = _refused(400, "invalid_request", "The request is missing a required parameter : access_token")
        elif token is None:
            response = _refused(400, "invalid_token", "The request has an invalid parameter : access_token")
        else:
            response = JSONResponse(tell(token))
        return await after(self.world, fault, response)

    def _info(self, token: Token) -> dict[str, object]:
        return {
            "aud": token.client_id,
            "user_id": token.buyer_id,
            "iss": "https://www.amazon.com",
            "exp": int(token.expires_at - self.world.now()),  # seconds left, not a moment
            "app_id": token.client_id.replace("application-oa2-client", "application"),
            "iat": int(token.issued_at),
        }

    def _profile(self, token: Token) -> dict[str, object]:
        buyer = self.world.books.buyers[token.buyer_id]
        return {
            "user_id": buyer.buyer_id,
            "name": buyer.name,
            "email": buyer.email,
            "postal_code": buyer.address.postal_code,
        }


def _given(request: Request) -> str:
    header = request.headers.get("x-amz-access-token", "")
    scheme, _space, bearer = request.headers.get("authorization", "").partition(" ")
    return header or request.query_params.get("access_token", "") or (bearer if scheme.lower() == "bearer" else "")


def _refused(status: int, error: str, description: str) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status)
