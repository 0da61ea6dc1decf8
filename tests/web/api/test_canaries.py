"""No secret gets out: canaries are planted wherever one could be, and everything that leaves the app is searched."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from saleor_amazonpay import log
from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.amazon.v2.wire import V2Wire
from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.store import profiles, tenants
from saleor_amazonpay.web.api.schema import sdl
from tests import keys
from tests.flows.world import API_URL, CONSENTED, USER
from tests.web.api.caller import CREATE, FIELDS, Api, api_world
from tests.web.api.test_access import FIELDS as EVERY_FIELD

pytestmark = pytest.mark.anyio


def pem() -> str:
    key = rsa.generate_private_key(65537, 2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


CANARY = {
    "secret_key": "canary-secret-key-0001/x+y=",
    "client_secret": "canary-client-secret-0002",
    "mws_auth_token": "amzn.mws.canary-auth-token-0003",
    "private_key": pem(),
}
APP_TOKEN, BUYER_TOKEN, ENTERED = (
    "canary-app-token-0004-abcdefgh",
    "Atza|canary-buyer-token-0005",
    "canary-entered-key-0006",
)
WORDS = [
    *CANARY["private_key"].splitlines()[1:-1],
    *(value for name, value in CANARY.items() if name != "private_key"),
    APP_TOKEN, BUYER_TOKEN, ENTERED,
]  # fmt: skip


class TalkativeAmazon:
    """Amazon, repeating every secret it could know of in what it refuses."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        self.said: list[str] = []
        self.knows = list(CANARY.values())

    async def request(self, method: str, url: str, *, headers: Any, body: bytes = b"", timeout: float = 30.0) -> HttpResponse:  # fmt: skip
        text = " ".join([*self.knows, *(f"{name}={value}" for name, value in headers.items() if "auth" not in name)])  # fmt: skip
        self.said.append(text)
        if "pay-api" in url:
            return HttpResponse(self.status, json.dumps({"reasonCode": self.code, "message": text}).encode())
        message = text.replace("&", "&amp;").replace("<", "&lt;")
        document = f"<ErrorResponse><Error><Type>Sender</Type><Code>{self.code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"  # fmt: skip
        return HttpResponse(self.status, document.encode())

    async def close(self) -> None:
        """Nothing is held."""


class Repr:
    def __repr__(self) -> str:
        return f"Account({CANARY['secret_key']}, {CANARY['private_key']})"


@pytest.fixture
def printed() -> io.BytesIO:
    return io.BytesIO()


@pytest.fixture
async def planted(tmp_path: Path, printed: io.BytesIO) -> AsyncIterator[Api]:
    log.configure("debug", printed)
    try:
        async with api_world(tmp_path) as api:
            store = api.world.store

            def plant(tx: Any) -> None:
                tenants.register(tx, store.sealer, "tenant-1", API_URL, "QXBwOjQ=", APP_TOKEN, keys.jwks().decode(), 1)
                for key, wire in (("profile-v1", "mws"), ("profile-v2", "v2")):
                    made = replace(
                        api.world.profile,
                        id=key,
                        alias=key,
                        wire=wire,
                        store_id="amzn1.store",
                        public_key_id="SANDBOX-1",
                    )
                    profiles.insert(tx, store.sealer, made, CANARY, 1)
                for name, secret in CANARY.items():
                    sealed = store.sealer.seal(secret, "profiles", "profile-1", name)
                    tx.connection.exec_driver_sql(f"UPDATE profiles SET {name} = ? WHERE id = 'profile-1'", (sealed,))  # noqa: S608

            await store.write(plant)
            api.world.deps.directory.forget()
            api.world.amazon.tokens[BUYER_TOKEN] = "buyer-1"
            yield api
    finally:
        structlog.reset_defaults()


def assert_none(text: str, where: str) -> None:
    found = [word for word in WORDS if word in text or json.dumps(word)[1:-1] in text]
    assert not found, (where, found, re.sub(r"\s+", " ", text)[:500])


async def everything_asked(api: Api) -> str:
    """The answers to every field and mutation there is, for every profile, as staff who may do everything."""
    said = ""
    for name, (_need, query) in EVERY_FIELD.items():
        for key in ("profile-1", "profile-v1", "profile-v2"):
            asked = query.replace('"x"', f'"{key}"').replace('"profile-1"', f'"{key}"')
            said += name + json.dumps(await api.ask(asked))
    return said


WHOLE = """{ amazonPayProfiles { id alias accessKey clientId secrets { name isSet lastFour readable } warnings { message }
  cap { booked { amount } } ipn { refusals { message } } setup { message values } assignments { channel } }
  amazonPayOperations { edges { node { id code message amazonState amazonReason timeline { title detail } } } }
  amazonPayAgreements { edges { node { amazonId monthlyLimit { period: periodStart } } } } amazonPayProblems { message } }"""


async def test_no_secret_leaves_whatever_amazon_says_and_whatever_breaks(
    planted: Api, printed: io.BytesIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, said = planted, sdl()
    data = {**CONSENTED, "accessToken": BUYER_TOKEN}
    said += json.dumps(await api.world.pay(principal=USER, data=data))
    said += json.dumps(await api.world.pay(transaction="T9", source="x", data={**data, "accessToken": 7}))
    said += json.dumps(await api.world.act("refund", 1.0))
    for status, code in ((403, "SignatureDoesNotMatch"), (400, "InvalidParameterValue"), (500, "InternalServerError"), (503, "RequestThrottled")):  # fmt: skip
        amazon = TalkativeAmazon(status, code)
        api.world.deps.wires["mws"], api.world.deps.wires["v2"] = MwsWire(amazon), V2Wire(amazon)  # type: ignore[index]
        monkeypatch.setattr("saleor_amazonpay.amazon.mws.objects.PATIENCE", 0.0)
        monkeypatch.setattr("saleor_amazonpay.amazon.mws.wire.PATIENCE", 0.0)
        for number, key in enumerate(("profile-1", "profile-v1", "profile-v2")):
            checked = await api.data(f'mutation {{ amazonPayProfileCheck(id: "{key}") {{ checks {{ message }} errors {{ message remedy }} warnings {{ message }} }} }}')  # fmt: skip
            said += json.dumps(checked)
            amazon.knows = [ENTERED]
            said += json.dumps(
                await api.ask(CREATE, {"input": {**FIELDS, "alias": f"{status}{number}", "secretKey": ENTERED}})
            )
            amazon.knows = list(CANARY.values())
        known = {"amazonBillingAgreementId": CONSENTED["amazonBillingAgreementId"]}
        if status != 500:  # an unknown outcome is repeated for a while
            paid = await api.world.pay(transaction=f"T-{status}", source=f"s-{status}", principal=USER, data=known)
            said += json.dumps(paid)
        said += await everything_asked(api)
        said += json.dumps(await api.ask(WHOLE))
        assert any(CANARY["secret_key"] in text for text in amazon.said)
    await api.world.settle_down()
    said += json.dumps(api.world.api.reports)

    async def broken(*_args: Any, **_more: Any) -> None:
        raise RuntimeError(CANARY["secret_key"], Repr(), f"token {APP_TOKEN} and {CANARY['private_key']}")

    for place in ("payments.payment", "profiles.check", "routing.channels", "setup_list.of_shop"):
        monkeypatch.setattr(f"saleor_amazonpay.flows.{place}", broken)
    said += await everything_asked(api)
    monkeypatch.setattr("saleor_amazonpay.web.webhooks.EVENTS", {})  # and the doors' own errors
    said += repr(await api.world.deps.directory.current()) + repr(
        await api.world.deps.directory.account(api.world.profile)
    )
    lines = printed.getvalue().decode()
    assert "graphql failed" in lines  # what broke was logged
    assert "RuntimeError" in lines
    assert_none(said, "an answer")
    assert_none(lines, "a log line")


async def test_the_search_would_find_one(planted: Api) -> None:
    for word in WORDS:
        with pytest.raises(AssertionError):
            assert_none(f"… {json.dumps(word)} …", "here")
