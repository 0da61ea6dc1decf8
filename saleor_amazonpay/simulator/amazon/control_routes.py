"""How a deed becomes a route of the control API: JSON in, JSON out, or a form's fields and back to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from saleor_amazonpay.simulator.amazon import control_forms as forms
from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.v2.errors import PayError

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

Input = TypeVar("Input")


def get(world: AmazonWorld, path: str, read: Callable[[], object]) -> Route:
    """A route that only looks."""

    async def endpoint(_request: Request) -> Response:
        world.tick()
        return json(read())

    return Route(f"/control/{path}", endpoint, methods=["GET"])


def post(path: str, kind: type[Input], act: Callable[[str, Input], object]) -> Route:
    """A route that does something; `act` gets the id in the path and the input. Refusals are 400, unknown ids 404."""

    async def endpoint(request: Request) -> Response:
        form, body = forms.is_form(request), await request.body()
        try:
            given = forms.decoded(body, kind) if form else msgspec.json.decode(body or b"{}", type=kind)
            told, status = act(request.path_params.get("key", ""), given), 200
        except (MwsError, PayError) as error:
            told, status = {"error": error.code, "message": error.message}, 400
        except KeyError as error:
            told, status = {"error": "not_found", "message": f"{error} is not known"}, 404
        except ValueError as error:  # malformed JSON included
            told, status = {"error": "invalid", "message": str(error)}, 400
        return forms.back_to_page(request, told) if form else json(told, status)

    return Route(f"/control/{path}", endpoint, methods=["POST"])


def json(value: object, status: int = 200) -> Response:
    """An answer."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")
