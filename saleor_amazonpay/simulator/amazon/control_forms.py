"""The control API for HTML forms without script: the same deeds, asked by a page and answered by going back to it.

In comes a form's body, out come the deed's input and a redirect that carries one sentence for the page. A field left
empty counts as not given; of a field sent twice the last counts, so a hidden `false` before a box makes it a boolean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

Input = TypeVar("Input")

_TYPE = "application/x-www-form-urlencoded"
_TOLD = ("agreement_id", "order_reference_id", "access_token", "redirect", "id", "state", "reason", "now")


def is_form(request: Request) -> bool:
    """Whether a browser asks. A program's JSON may come under a form's content type, as curl names it."""
    wants_page = "text/html" in request.headers.get("accept", "")
    return wants_page and request.headers.get("content-type", "").partition(";")[0] == _TYPE


def decoded(body: bytes, kind: type[Input]) -> Input:
    """The input a form's fields stand for; one that says `null` is none. Raises ValueError."""
    fields = {name: None if value == "null" else value for name, value in parse_qsl(body.decode("utf-8", "replace"))}
    return msgspec.convert(fields, type=kind, strict=False)


def back_to_page(request: Request, told: object) -> Response:
    """To the page, which shows what became of it."""
    values = told if isinstance(told, Mapping) else {}
    if "error" in values:
        query = {"refused": f"{values['error']}: {values['message']}"}
    else:
        query = {"done": ", ".join(f"{name} {values[name]}" for name in _TOLD if values.get(name)) or "Done"}
    return RedirectResponse(f"{request.scope.get('root_path', '')}/?{urlencode(query)}", 303)
