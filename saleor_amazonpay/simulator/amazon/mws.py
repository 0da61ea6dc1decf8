"""The API's door: one signed request in, one XML document out (contracts §1.2 to §1.4, §1.7).

Order of things: faults that come before acting, throttling and signature, the operation, faults that come after.
Whatever an operation refuses becomes an error document with Amazon's code and status; a defect of the simulator
itself is not dressed up as one of Amazon's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from saleor_amazonpay.simulator.amazon.calls import Call
from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.errors import AnswerDroppedError, HostGoneError, MwsError, invalid
from saleor_amazonpay.simulator.amazon.faults import Fault
from saleor_amazonpay.simulator.amazon.operations_account import OPERATIONS, WITHOUT_RESULT
from saleor_amazonpay.simulator.amazon.params import Params
from saleor_amazonpay.simulator.amazon.signature import Sent, authenticated
from saleor_amazonpay.simulator.amazon.xml import API_NAMESPACE, leaf, tree

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

VERSION = "2013-01-01"
LIVE_PATH = f"/OffAmazonPayments/{VERSION}"
SANDBOX_PATH = f"/OffAmazonPayments_Sandbox/{VERSION}"
_FORM = frozenset({"application/x-www-form-urlencoded", "x-www-form-urlencoded"})
_ALIVE_WITHOUT_ACCOUNT = frozenset({"GetMerchantAccountStatus", "GetServiceStatus"})


@dataclass(frozen=True, slots=True)
class MwsDoor:
    """The endpoint of one environment."""

    world: AmazonWorld
    sandbox: bool

    async def answer(self, request: Request) -> Response:
        """Raises AnswerDroppedError where a fault wants the connection closed."""
        world = self.world
        request_id = world.ids.uuid()
        raw = request.url.query if request.method == "GET" else (await request.body()).decode("utf-8", "replace")
        pairs = parse_qsl(raw, keep_blank_values=True)
        fault = world.faults.take(dict(pairs).get("Action", ""))
        try:
            early = await before(world, fault)
            if early is not None:
                return early
            world.tick()
            action, result = self._run(request, pairs)
            response = _document(_answer(action, result, request_id), 200, request_id)
        except MwsError as error:
            response = _document(_error(error, request_id), error.status, request_id)
        return await after(world, fault, response)

    def _run(self, request: Request, pairs: list[tuple[str, str]]) -> tuple[str, str]:
        world = self.world
        values = _values(request, pairs)
        action = values.get("Action", "")
        operation = OPERATIONS.get(action)
        if operation is None:
            raise invalid("Action", action)
        scope = request.scope
        sent = Sent(
            request.method,
            request.headers.get("host", ""),
            scope["path"],
            scope.get("root_path", ""),
            self.sandbox,
        )
        merchant = authenticated(world, sent, values)
        self._admit(merchant, action)
        world.turn += 1
        return action, operation(Call(world, merchant, action, Params(values), world.turn))

    def _admit(self, merchant: Merchant, action: str) -> None:
        world = self.world
        if world.throttling and not world.throttle.admits(merchant.key, action, world.now(), sandbox=self.sandbox):
            raise throttled()
        if not merchant.active and action not in _ALIVE_WITHOUT_ACCOUNT:
            raise MwsError("InvalidAccountStatus", "The account is not active")


def throttled() -> MwsError:
    """Too many requests, in Amazon's words."""
    return MwsError("RequestThrottled", "Request is throttled")


async def before(world: AmazonWorld, fault: Fault | None) -> Response | None:
    """Play a fault that comes before acting; None if the request goes on."""
    if fault is None:
        return None
    if fault.seconds and fault.kind != "late":
        await world.sleep(fault.seconds)
    match fault.kind:
        case "error":
            return Response("Service Unavailable", fault.status, media_type="text/plain")
        case "throttle":
            raise throttled()
        case "refuse":
            raise MwsError(fault.code, f"{fault.code}, as ordered")
        case "gone":
            return Response("Gone", 410, media_type="text/plain")
        case "host_gone":
            raise HostGoneError("the host is gone")
        case "delay" | "late" | "drop" | "garbage":
            return None


async def after(world: AmazonWorld, fault: Fault | None, response: Response) -> Response:
    """Play a fault that comes after acting."""
    if fault is not None and fault.kind == "late":
        await world.sleep(fault.seconds)
    if fault is not None and fault.kind == "drop":
        raise AnswerDroppedError("acted, and the answer was dropped")
    if fault is not None and fault.kind == "garbage":
        return Response("<html><body>\x00 not what you asked for", 200, media_type="text/html")
    return response


def _values(request: Request, pairs: list[tuple[str, str]]) -> dict[str, str]:
    if request.method == "POST":
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in _FORM:
            raise invalid("Content-Type", media_type)
    values = dict(pairs)
    if len(values) != len(pairs):
        raise MwsError("InvalidParameterValue", "A parameter was sent more than once")
    for name, value in pairs:
        if not value:
            raise invalid(name, value)
    return values


def _answer(action: str, result: str, request_id: str) -> str:
    body = f"<{action}Result>{result}</{action}Result>" if result else f"<{action}Result/>"
    if action in WITHOUT_RESULT:
        body = ""
    metadata = tree("ResponseMetadata", leaf("RequestId", request_id))
    return f'<{action}Response xmlns="{API_NAMESPACE}">{body}{metadata}</{action}Response>'


def _error(error: MwsError, request_id: str) -> str:
    inner = f"<Type>{error.type}</Type>{leaf('Code', error.code)}{leaf('Message', error.message)}"
    request = leaf(error.request_id_tag, request_id)
    return f'<ErrorResponse xmlns="{API_NAMESPACE}"><Error>{inner}</Error>{request}</ErrorResponse>'


def _document(text: str, status: int, request_id: str) -> Response:
    return Response(
        f'<?xml version="1.0"?>\n{text}\n',
        status,
        {"x-mws-request-id": request_id},
        media_type="text/xml",
    )
