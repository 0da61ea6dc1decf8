"""The API's door: one GraphQL request in, one answer out, in Saleor's form.

In: query text, variables, who calls. Out: status and JSON. A document that is not valid is answered 400 and nothing is
run; an error while running empties that root field and is listed in `errors` with the class of Saleor's exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from saleor_amazonpay.simulator.shop import roots, roots_app, roots_storefront
from saleor_amazonpay.simulator.shop.arguments import Arguments
from saleor_amazonpay.simulator.shop.errors import RequestError
from saleor_amazonpay.simulator.shop.resolve import Reader, problems
from saleor_amazonpay.simulator.shop.roots import Caller, Root
from saleor_amazonpay.simulator.shop.selection import (
    Document,
    DocumentError,
    FieldNode,
    Operation,
    Variable,
    parse,
)

QUERIES = {**roots.QUERIES, **roots_storefront.QUERIES}
MUTATIONS = {**roots.MUTATIONS, **roots_storefront.MUTATIONS, **roots_app.MUTATIONS}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the JSON to send with it."""

    status: int
    body: Mapping[str, Any]


async def execute(caller: Caller, query: Any, variables: Mapping[str, Any], operation_name: str | None) -> Answer:
    """Run one request. Never raises for what a caller may send."""
    try:
        document = parse(query if isinstance(query, str) else "")
        operation = _chosen(document, operation_name)
    except DocumentError as error:
        return Answer(400, {"errors": [_error(str(error), "GraphQLError")]})
    fields = MUTATIONS if operation.kind == "mutation" else QUERIES
    reader = Reader(document.fragments, caller.may)
    data: dict[str, Any] = {}
    for node in operation.selections:
        if isinstance(node, FieldNode):
            data[node.alias] = await _run(caller, fields, node, variables, reader)
    return Answer(200, {"data": data, **({"errors": reader.errors} if reader.errors else {})})


def _chosen(document: Document, name: str | None) -> Operation:
    named = [operation for operation in document.operations if name in (None, "", operation.name)]
    if len(named) != 1:
        raise DocumentError("Must provide operation name if query contains multiple operations.")
    operation = named[0]
    if operation.kind == "subscription":
        raise DocumentError("Subscriptions are for webhooks.")
    if any(not isinstance(node, FieldNode) or node.name == "__typename" for node in operation.selections):
        raise DocumentError("This shop takes root fields only by their names.")
    if found := problems(document, operation.selections, operation.kind.capitalize()):
        raise DocumentError(" ".join(found))
    return operation


async def _run(
    caller: Caller, fields: Mapping[str, Root], node: FieldNode, variables: Mapping[str, Any], reader: Reader
) -> Any:
    root = fields[node.name]
    path = (node.alias,)
    try:
        arguments = Arguments(node.name, _filled(node.arguments, variables), root.arguments)
        inner = (child for child in node.selections if isinstance(child, FieldNode))
        nested = {child.name: _filled(child.arguments, variables) for child in inner}
        value = await root.handler(replace(caller, nested=nested), arguments)
    except RequestError as error:
        reader.errors.append({**_error(error.message, error.code), "path": list(path)})
        return None
    if value is None:
        return None
    if isinstance(value, list):
        return [reader.read(item, node.selections, (*path, at)) for at, item in enumerate(value)]
    return reader.read(value, node.selections, path)


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """The value with its variables put in; a variable that was not given is as if it had not been written."""
    if isinstance(value, Variable):
        return variables.get(value.name)
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    if isinstance(value, Mapping):
        return {name: _filled(item, variables) for name, item in value.items()}
    return value


def _error(message: str, code: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"exception": {"code": code, "stacktrace": []}}}
