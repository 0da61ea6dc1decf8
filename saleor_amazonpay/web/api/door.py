"""`/graphql/`: one operation a request, as JSON. Who asks is found out first; what they may do, field by field.

In: `{"query", "variables", "operationName"}` and a token (`Authorization-Bearer` or `Authorization: Bearer`), with
`Saleor-Api-Url` for tokens that do not say where they come from. Out: a GraphQL answer, with 200 also for errors in
fields. No cookies are read, so that no page but one that holds a token can ask anything.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from strawberry import federation
from strawberry.http.ides import get_graphql_ide_html

from saleor_amazonpay.saleor.guard import UrlRefusedError, normal_form
from saleor_amazonpay.saleor.staff import CallerRefusedError, issuer
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.tenants import Tenant
from saleor_amazonpay.web.api.context import Context
from saleor_amazonpay.web.api.schema import make_schema
from saleor_amazonpay.web.body import BodyTooLargeError, read_body
from saleor_amazonpay.web.callers import recognize
from saleor_amazonpay.web.errors import answer, error
from saleor_amazonpay.web.state import Doors

MAX_BODY = 128 * 1024


class _Asked(msgspec.Struct, rename={"operation_name": "operationName"}):
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


_DECODER = msgspec.json.Decoder(_Asked)
_schema = cache(make_schema)


def schema() -> federation.Schema:
    """The schema of this process, made at the first request."""
    return _schema()


async def graphql(request: Request) -> Response:  # noqa: PLR0911 - one per refusal
    """Answer one request."""
    doors: Doors = request.app.state.doors
    if request.method != "POST":
        if doors.graphiql and request.method == "GET":
            return HTMLResponse(get_graphql_ide_html(graphql_ide="graphiql"))
        refused = error(405, "method_not_allowed", "POST a GraphQL request as JSON.")
        refused.headers["allow"] = "POST"
        return refused
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return error(415, "not_json", "Send application/json.")  # nothing that a form of a foreign page could send
    try:
        asked = _DECODER.decode(await read_body(request, MAX_BODY))
        context = await _context(doors, request)
    except BodyTooLargeError:
        return error(413, "too_large", f"A request is at most {MAX_BODY} bytes.")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return error(400, "not_json", 'The body must be {"query": "…", "variables": {…}}.')
    except ClientDisconnect:
        return error(400, "disconnected", "The request ended before it was read.")
    except StoreUnavailableError:
        return error(503, "store_unavailable", "The database is away; try again.")
    result = await schema().execute(
        asked.query, variable_values=asked.variables, context_value=context, operation_name=asked.operation_name
    )
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [each.formatted for each in result.errors]
    response = answer(msgspec.json.encode(body))
    response.headers["cache-control"] = "no-store"
    return response


async def _context(doors: Doors, request: Request) -> Context:
    """Who asks. A token that opens nothing is an anonymous request that knows why."""
    context = Context(doors, doors.public_url)
    token = request.headers.get("authorization-bearer", "")
    if not token:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip() if kind.lower() in {"bearer", "jwt"} else ""
    if not token:
        return context
    try:
        tenant = await _tenant(doors, request, token)
        context.caller_ = await recognize(doors, tenant, token)
        context.tenant_ = tenant
    except CallerRefusedError as refused:
        context.refusal = refused
    return context


async def _tenant(doors: Doors, request: Request, token: str) -> Tenant:
    """The shop that a token is for: as the token says, which its signature proves later; else as the header says.

    The Dashboard may know its Saleor by another URL than Saleor itself does (contracts, saleor §5.2), so that the
    token's word comes first.
    """
    claimed, _kind = issuer(token)
    named = request.headers.get("saleor-api-url", "")
    for url in (claimed, named):
        try:
            tenant = await doors.deps.directory.tenant(normal_form(url)) if url else None
        except UrlRefusedError:
            tenant = None
        if tenant is not None:
            return tenant
    raise CallerRefusedError("unauthenticated", "Send Saleor-Api-Url of a Saleor in which this app is installed.")
