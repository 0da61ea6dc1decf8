"""A shop that calls pay-api through the simulator's HTTP door, with a signer of its own."""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.simulator.amazon import AmazonWorld, InProcessHttp, create_app
from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.v2.keys import KeyPair

V1, V2 = "AMZN-PAY-RSASSA-PSS", "AMZN-PAY-RSASSA-PSS-V2"
SALT = {V1: 20, V2: 32}
HOSTS = {"us": "pay-api.amazon.com", "uk": "pay-api.amazon.eu", "de": "pay-api.amazon.eu", "jp": "pay-api.amazon.jp"}
REGIONS = {"us": "na", "uk": "eu", "de": "eu", "jp": "jp"}
RESULT = "https://shop.example/result"
MONTHLY = {"frequency": {"unit": "Month", "value": "1"}, "amount": {"amount": "10.00", "currencyCode": "USD"}}


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


@functools.cache
def loaded(private: str) -> Any:
    return load_pem_private_key(private.encode(), None)


def sign(private: str, algorithm: str, text: bytes, salt: int = 0) -> str:
    signed = f"{algorithm}\n{digest(text)}".encode()
    return base64.b64encode(
        loaded(private).sign(signed, PSS(MGF1(SHA256()), salt or SALT[algorithm]), SHA256())
    ).decode()


@dataclass
class PayShop:
    world: AmazonWorld
    merchant: Merchant
    private: str = field(default_factory=lambda: KeyPair.shared().private)
    key_id: str = ""
    algorithm: str = V2
    host: str = ""
    prefix: str = "/v2"
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.host = self.host or HOSTS[self.merchant.region]
        self.key_id = self.key_id or next(iter(self.merchant.public_keys))
        self.http = InProcessHttp(create_app(self.world))

    def signed(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str] = {},
        *,
        query: str = "",
        unsigned: Mapping[str, str] = {},
        salt: int = 0,
        date: str = "",
    ) -> dict[str, str]:
        known = {
            "accept": "application/json",
            "content-type": "application/json",
            "x-amz-pay-date": date or datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
            "x-amz-pay-host": self.host,
            "x-amz-pay-region": REGIONS[self.merchant.region],
            **headers,
        }
        names = sorted(known)
        canonical = (
            f"{method}\n{path}\n{'&'.join(sorted(filter(None, query.split('&'))))}\n"
            + "".join(f"{name}:{known[name]}\n" for name in names)
            + f"\n{';'.join(names)}\n{digest(body)}"
        )
        signature = sign(self.private, self.algorithm, canonical.encode(), salt)
        known["authorization"] = (
            f"{self.algorithm} PublicKeyId={self.key_id}, SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        return {**known, **unsigned}

    async def raw(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, code: str = "", **more: Any
    ) -> HttpResponse:
        raw = b"" if body is None else json.dumps(body).encode()
        place, _, query = f"{self.prefix}{path}".partition("?")
        headers = dict(more.pop("headers", {}))
        if method == "POST" and key != "":
            headers["x-amz-pay-idempotency-key"] = key or f"key-{next(self.numbers)}"
        unsigned = {"x-amz-pay-simulation-code": code} if code else {}
        signed = self.signed(method, quote(place, safe="/-_.~%"), raw, headers, query=query, unsigned=unsigned, **more)
        url = f"https://{self.host}{place}{f'?{query}' if query else ''}"
        return await self.http.request(method, url, headers=signed, body=raw)

    async def ok(self, method: str, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        answer = await self.raw(method, path, body, **more)
        assert answer.status == status, (answer.status, answer.body)
        return json.loads(answer.body)

    async def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
        answer = await self.raw(method, path, body, **more)
        told = json.loads(answer.body)
        assert set(told) == {"reasonCode", "message"}, told
        return answer.status, told["reasonCode"]

    # ---- whole steps

    def money(self, amount: str) -> dict[str, str]:
        return {"amount": amount, "currencyCode": self.merchant.currency}

    def setting(self, amount: str = "10.00", intent: str = "AuthorizeWithCapture", **payment: Any) -> dict[str, Any]:
        return {
            "webCheckoutDetails": {"checkoutResultReturnUrl": RESULT},
            "paymentDetails": {"paymentIntent": intent, "chargeAmount": self.money(amount), **payment},
            "merchantMetadata": {"merchantReferenceId": "ref-1"},
        }

    async def opened(
        self,
        amount: str = "10.00",
        intent: str = "AuthorizeWithCapture",
        *,
        more: Any = None,
        card: str = "",
        **payment: Any,
    ) -> str:
        """A session that its buyer chose for and the shop has set."""
        session, _back = self.world.pay.open_session(merchant=self.merchant, card_id=card or "")
        body = {**self.setting(amount, intent, **payment), **(more or {})}
        await self.ok("PATCH", f"/checkoutSessions/{session.session_id}", body)
        return session.session_id

    async def confirmed(self, amount: str = "10.00", intent: str = "AuthorizeWithCapture", **more: Any) -> str:
        session_id = await self.opened(amount, intent, **more)
        self.world.pay.finish(session_id)
        return session_id

    async def complete(self, session_id: str, amount: str = "10.00", status: int = 200, **more: Any) -> Any:
        body = {"chargeAmount": self.money(amount)}
        return await self.ok("POST", f"/checkoutSessions/{session_id}/complete", body, status=status, **more)

    async def permission(self, kind: str = "Recurring", amount: str = "10.00", intent: str = "Confirm") -> str:
        more: dict[str, Any] = {"chargePermissionType": kind}
        if kind == "Recurring":
            plan = {**MONTHLY, "amount": self.money("10.00")} if self.merchant.currency != "JPY" else None
            more["recurringMetadata"] = plan or {"frequency": MONTHLY["frequency"]}
        done = await self.complete(await self.confirmed(amount, intent, more=more), amount)
        return str(done["chargePermissionId"])

    def charge_body(self, permission_id: str, amount: str = "10.00", **more: Any) -> dict[str, Any]:
        return {"chargePermissionId": permission_id, "chargeAmount": self.money(amount), "captureNow": True, **more}

    async def charge(
        self, permission_id: str, amount: str = "10.00", *, code: str = "", key: str | None = None, **more: Any
    ) -> Any:
        body = self.charge_body(permission_id, amount, **more)
        return await self.ok("POST", "/charges", body, status=201, code=code, key=key)

    async def state(self, path: str) -> tuple[str, str]:
        status = (await self.ok("GET", path))["statusDetails"]
        reasons = status.get("reasons")
        reason = reasons[0]["reasonCode"] if reasons else status.get("reasonCode")
        return status["state"], reason or ""

    def card(self, behaviour: Any, **more: Any) -> str:
        return self.world.add_card(self.world.buyer.buyer_id, behaviour, **more).card_id
