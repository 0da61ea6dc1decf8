"""pay-api's door: one signed request in, one JSON answer out (contracts §5.1, §5.6).

Order of things: faults that come before acting, signature and throttling, the idempotency key, the call, faults that
come after. What was answered under a key is answered for ever: the same call again gets the saved answer, another body
is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.faults import Fault
from saleor_amazonpay.simulator.amazon.mws import after, before
from saleor_amazonpay.simulator.amazon.throttle import Quota
from saleor_amazonpay.simulator.amazon.v2.entities import Json
from saleor_amazonpay.simulator.amazon.v2.errors import PayError
from saleor_amazonpay.simulator.amazon.v2.operations import Call, Operation, named
from saleor_amazonpay.simulator.amazon.v2.signature import Sent, authenticated

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.v2.pay import Pay

_KEY = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_PATH = re.compile(r"(?:/(?P<environment>sandbox|live))?/v2(?P<rest>/.*)?\Z")

# Amazon's published limits, live and in the sandbox (contracts §5.6); the others are taken for the slowest.
QUOTAS: Mapping[str, tuple[Quota, Quota]] = {
    "CreateCheckoutSession": (Quota(40, 16), Quota(5, 1)),
    "GetCheckoutSession": (Quota(40, 8), Quota(10, 1)),
    "UpdateCheckoutSession": (Quota(20, 8), Quota(5, 1)),
    "CompleteCheckoutSession": (Quota(20, 4), Quota(2, 1)),
    "GetChargePermission": (Quota(20, 4), Quota(10, 1)),
    "UpdateChargePermission": (Quota(10, 2), Quota(5, 1)),
    "CloseChargePermission": (Quota(10, 2), Quota(2, 1)),
    "CreateCharge": (Quota(10, 4), Quota(2, 1)),
    "GetCharge": (Quota(20, 4), Quota(5, 1)),
    "CaptureCharge": (Quota(20, 4), Quota(2, 1)),
    "CancelCharge": (Quota(10, 2), Quota(2, 1)),
    "CreateRefund": (Quota(10, 4), Quota(2, 1)),
    "GetRefund": (Quota(20, 4), Quota(5, 1)),
}
_OTHERS = (Quota(10, 2), Quota(2, 1))


@dataclass(frozen=True, slots=True)
class _Saved:
    digest: bytes
    status: int
    body: bytes


@dataclass(slots=True)
class PayDoor:
    """The endpoint of every region and both environments."""

    pay: Pay
    saved: dict[tuple[str, str], _Saved] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        """Raises AnswerDroppedError where a fault wants the connection closed."""
        world = self.pay.world
        request_id = world.ids.uuid()
        fault: Fault | None = None
        try:
            sent, rest = await _sent(request)
            operation, object_id = named(sent.method, rest)
            fault = world.faults.take(operation.name)
            early = await _before(self.pay, fault)
            if early is not None:
                return early
            world.tick()
            status, body = self._answered(request, sent, operation, object_id)
        except PayError as error:
            status, body = error.status, _refusal(error)
        headers = {"x-amz-pay-request-id": request_id}
        response = Response(body, status, headers, media_type="application/json")
        return await after(world, fault, response)

    def _answered(self, request: Request, sent: Sent, operation: Operation, object_id: str) -> tuple[int, bytes]:
        world = self.pay.world
        merchant = authenticated(world, sent)
        self._admit(merchant, operation)
        key = sent.headers.get("x-amz-pay-idempotency-key", "")
        if operation.needs_key and not key:
            raise PayError("MissingHeader", "x-amz-pay-idempotency-key is required")
        if key and _KEY.match(key) is None:
            raise PayError("InvalidHeaderValue", f"The value '{key}' for x-amz-pay-idempotency-key is invalid")
        call = Call(
            self.pay, merchant, object_id, sent.body, sent.query,
            sent.headers.get("x-amz-pay-simulation-code", ""), key or world.ids.text(32), _origin(request),
        )  # fmt: skip
        if not key or sent.method != "POST":
            return _run(operation, call)
        digest = hashlib.sha256(f"{operation.name}\n{object_id}\n".encode() + sent.body).digest()
        known = self.saved.get((merchant.key, key))
        if known is None:
            known = _Saved(digest, *_run(operation, call))
            self.saved[merchant.key, key] = known
        if known.digest != digest:
            raise PayError("DuplicateIdempotencyKey", f"The key {key} was used for another request")
        return known.status, known.body

    def _admit(self, merchant: Merchant, operation: Operation) -> None:
        world = self.pay.world
        live, sandbox = QUOTAS.get(operation.name, _OTHERS)
        quota = sandbox if merchant.sandbox else live
        if world.throttling and not world.throttle.takes(merchant.key, f"v2:{operation.name}", quota, world.now()):
            raise PayError("TooManyRequests", "The request was throttled")
        if not merchant.active:
            raise PayError("InvalidAccountStatus", "The account is not active")


def _run(operation: Operation, call: Call) -> tuple[int, bytes]:
    try:
        status, body = operation.run(call)
    except PayError as error:
        return error.status, _refusal(error)
    return status, msgspec.json.encode(body)


def _refusal(error: PayError) -> bytes:
    told: Json = {"reasonCode": error.code, "message": error.message}
    return msgspec.json.encode(told)


async def _before(pay: Pay, fault: Fault | None) -> Response | None:
    """Faults before acting; those that speak are worded in pay-api's way."""
    if fault is not None and fault.kind in {"throttle", "refuse"}:
        if fault.seconds:
            await pay.world.sleep(fault.seconds)
        code = "TooManyRequests" if fault.kind == "throttle" else fault.code
        raise PayError(code, f"{code}, as ordered")
    return await before(pay.world, fault)


async def _sent(request: Request) -> tuple[Sent, str]:
    raw_path = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw_path.decode("latin-1").partition("?")[0].removeprefix(request.scope.get("root_path", ""))
    found = _PATH.match(request.scope["path"].removeprefix(request.scope.get("root_path", "")))
    environment = found["environment"] if found is not None else ""
    rest = found["rest"] if found is not None else ""
    query = request.scope.get("query_string", b"").decode("latin-1")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Sent(request.method, path, query, headers, await request.body(), environment or ""), rest or ""


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")
