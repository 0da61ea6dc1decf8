"""Calls of our GraphQL API as the Dashboard, an app or a stranger makes them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from saleor_amazonpay.http import HttpResponse
from tests import asgi, keys
from tests.flows.world import API_URL, SaleorApiOnPaper, World

URL = "https://pay.example.com/graphql/"
APP_ID = "QXBwOjQ="
EVERYTHING = ("HANDLE_PAYMENTS", "MANAGE_APPS", "MANAGE_ORDERS")
APP_TOKENS = {"app-payments-token": ["HANDLE_PAYMENTS"], "app-orders-token": ["MANAGE_ORDERS"]}
OTHER_URL = "https://other.example.com/graphql/"


def jwt(claims: dict[str, Any], name: str = "shop", header: dict[str, Any] | None = None) -> str:
    """A token signed with a shop's key."""

    def encoded(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    text = f"{encoded(header or {'alg': 'RS256', 'kid': name, 'typ': 'JWT'})}.{encoded(claims)}"
    signature = keys._key(name).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


class SaleorThatKnowsTokens(SaleorApiOnPaper):
    """Saleor's API with channels, orders, and whose token it is."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.channels = [("default-channel", "USD"), ("euro", "EUR")]
        self.orders: dict[str, list[str]] = {}
        self.begun: list[dict[str, Any]] = []
        self.answer_to_begin: dict[str, Any] | None = None

    async def request(
        self, method: str, url: str, *, headers: Any, body: bytes = b"", timeout: float = 30.0
    ) -> HttpResponse:
        if self.away or not body:
            return await super().request(method, url, headers=headers, body=body, timeout=timeout)
        query, token = json.loads(body)["query"], headers["Authorization"].removeprefix("Bearer ")
        name = query.split("(")[0].split("{")[0].split()[1]
        self.asked.append(name)
        answer = self._answer(name, token, json.loads(body).get("variables") or {})
        if answer is None:
            return await super().request(method, url, headers=headers, body=body, timeout=timeout)
        return HttpResponse(200, json.dumps({"data": answer}).encode())

    def _answer(self, name: str, token: str, variables: dict[str, Any]) -> dict[str, Any] | None:
        if name == "CallerApp":
            codes = APP_TOKENS.get(token)
            found = {"id": "QXBwOjk=", "identifier": "subscriptions", "permissions": [{"code": c} for c in codes or ()]}
            return {"app": found if codes else None}
        if name == "CallerUser":
            staff = token.endswith(".staff")
            me = {"id": "VXNlcjoy", "email": "s@example.com", "isStaff": staff, "userPermissions": [{"code": "HANDLE_PAYMENTS"}]}  # fmt: skip
            return {"me": me if token.endswith((".staff", ".buyer")) else None}
        if name == "Channels":
            rows = [{"id": f"C{n}", "slug": s, "name": s.title(), "currencyCode": c, "isActive": True} for n, (s, c) in enumerate(self.channels)]  # fmt: skip
            return {"channels": rows}
        if name == "OrderTransactions":
            found = self.orders.get(variables["id"])
            return {
                "order": None if found is None else {"id": variables["id"], "transactions": [{"id": k} for k in found]}
            }
        if name == "TransactionInitialize":
            self.begun.append(variables)
            return {"transactionInitialize": self.answer_to_begin}
        return None


class Api:
    """The world, and who calls it."""

    def __init__(self, world: World, saleor: SaleorThatKnowsTokens) -> None:
        self.world = world
        self.saleor = saleor

    @property
    def now(self) -> int:
        return self.world.clock() // 1000

    def token(self, *permissions: str, key: str = "shop", **claims: Any) -> str:
        """A Dashboard token of staff with these permissions."""
        made = {
            "iat": self.now, "owner": "saleor", "iss": API_URL, "exp": self.now + 300, "token": "k", "email": "s@x.example",
            "type": "thirdparty", "user_id": "VXNlcjox", "is_staff": True, "app": APP_ID, "permissions": [],
            "user_permissions": list(permissions), **claims,
        }  # fmt: skip
        return jwt({name: value for name, value in made.items() if value is not None}, key)

    async def post(self, body: bytes, **headers: str) -> HttpResponse:
        given = {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await asgi.call(self.world.app, "POST", URL, headers=given, body=body)

    async def ask(
        self, query: str, variables: dict[str, Any] | None = None, *, token: str | None = None, **headers: str
    ) -> dict[str, Any]:
        """The whole answer; by default as staff who may do everything."""
        shown = self.token(*EVERYTHING) if token is None else token
        sent = {"authorization_bearer": shown, "saleor_api_url": API_URL, **headers} if shown else headers
        response = await self.post(json.dumps({"query": query, "variables": variables or {}}).encode(), **sent)
        assert response.status == 200, response.body
        return json.loads(response.body)  # type: ignore[no-any-return]

    async def data(self, query: str, variables: dict[str, Any] | None = None, **more: Any) -> Any:
        """The data of an answer without errors."""
        found = await self.ask(query, variables, **more)
        assert "errors" not in found, found["errors"]
        return found["data"]

    async def code(self, query: str, variables: dict[str, Any] | None = None, **more: Any) -> str:
        """The code of the only error."""
        [error] = (await self.ask(query, variables, **more))["errors"]
        return str(error["extensions"]["code"])

    async def create(self, **fields: Any) -> dict[str, Any]:
        """The result of creating a profile."""
        return (await self.data(CREATE, {"input": {**FIELDS, **fields}}))["amazonPayProfileCreate"]  # type: ignore[no-any-return]


FIELDS: dict[str, Any] = {
    "alias": "EU shop", "wire": "MWS", "region": "EU", "testMode": True, "sellerId": "A3URCZVLDMDI45",
    "accessKey": "AKIAEXAMPLE", "secretKey": "very-secret-key-CANARY-1", "clientId": "amzn1.client",
    "descriptor": "EU SHOP", "customerServiceNumber": "+49 30 1234567", "monthlyCap": "1000.00", "timeZone": "Europe/Berlin",
}  # fmt: skip
ERRORS = "errors { field code message remedy }"
WARNINGS = "warnings { field code message remedy }"
CREATE = f"""mutation($input: AmazonPayProfileInput!) {{ amazonPayProfileCreate(input: $input) {{
  profile {{ id version alias currency ledgerCurrency monthlyCap {{ amount currency }} secrets {{ name isSet lastFour readable }} }}
  checks {{ name state message }} {WARNINGS} {ERRORS} }} }}"""


def codes(found: Iterable[dict[str, Any]]) -> list[tuple[str | None, str]]:
    return [(each["field"], each["code"]) for each in found]


@asynccontextmanager
async def api_world(folder: Path, **changes: object) -> AsyncIterator[Api]:
    """A shop with one test-mode profile in USD on its channel."""
    saleor = SaleorThatKnowsTokens()
    made = World(folder, api=saleor, **{"wire": "mws", **changes})
    await made.install()
    try:
        yield Api(made, saleor)
    finally:
        await made.deps.running.drain()
        made.store.close()
