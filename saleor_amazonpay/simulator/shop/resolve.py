"""Selections held against the types, and objects read through them.

In: a parsed selection and a value (any object with a `typename` and the fields as attributes). Out: plain JSON. As in
Saleor a field that cannot be read becomes null, or takes what holds it with it if it must not be null, and one entry
is added to `errors` (contracts §2.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from saleor_amazonpay.simulator.shop.errors import permission_denied
from saleor_amazonpay.simulator.shop.ledger import UnreadableFieldError
from saleor_amazonpay.simulator.shop.selection import Document, FieldNode, Fragment, Selection
from saleor_amazonpay.simulator.shop.shapes import GUARDED, POSSIBLE, TYPES, Field


@dataclass(frozen=True, slots=True)
class Record:
    """An object without a class of its own, such as an event or a mutation's result; keys are the API's names."""

    typename: str
    values: Mapping[str, Any]


class _NullError(Exception):
    """A field that must not be null is; carried up to the next one that may be."""


def problems(document: Document, selections: Sequence[Selection], typename: str) -> list[str]:
    """What Saleor would refuse in a selection on a type, in its own manner of speaking; empty if nothing."""
    found: list[str] = []
    for selection in selections:
        if isinstance(selection, FieldNode):
            found += _field_problems(document, selection, typename)
            continue
        condition, inner = _target(document.fragments, selection, typename)
        if condition not in TYPES:
            found.append(f'Unknown type or fragment "{condition}".')
        elif not _overlap(condition, typename):
            found.append(f'Fragment cannot be spread here: "{typename}" can never be "{condition}".')
        else:
            found += problems(document, inner, condition)
    return found


def _field_problems(document: Document, node: FieldNode, typename: str) -> list[str]:
    if node.name == "__typename":
        return []
    known = TYPES[typename].get(node.name)
    if known is None:
        return [f'Cannot query field "{node.name}" on type "{typename}".']
    if known.type in TYPES:
        if not node.selections:
            return [f'Field "{node.name}" of type "{known.written}" must have a selection of subfields.']
        return problems(document, node.selections, known.type)
    return [f'Field "{node.name}" must not have a selection.'] if node.selections else []


def _target(fragments: Mapping[str, Fragment], selection: Selection, typename: str) -> tuple[str, Sequence[Selection]]:
    """The type a spread is for and what it selects; for a fragment that does not exist its name."""
    if isinstance(selection, FieldNode):
        raise TypeError("a field is no spread")
    if selection.fragment:
        named = fragments.get(selection.fragment)
        return (selection.fragment, ()) if named is None else (named.type_condition, named.selections)
    return selection.type_condition or typename, selection.selections


def _overlap(one: str, other: str) -> bool:
    return bool(POSSIBLE.get(one, frozenset({one})) & POSSIBLE.get(other, frozenset({other})))


@dataclass(slots=True)
class Reader:
    """Reads one value through a selection; `errors` fills with GraphQL errors on the way.

    `may` says whether the reader holds a permission; a webhook's payload is read without asking.
    """

    fragments: Mapping[str, Fragment]
    may: Callable[[str], bool] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)

    def read(self, value: Any, selections: Sequence[Selection], path: tuple[str | int, ...]) -> Any:
        """The object as JSON, or None if a required field of it could not be read."""
        try:
            return self._object(value, selections, path)
        except _NullError:
            return None

    def _object(self, value: Any, selections: Sequence[Selection], path: tuple[str | int, ...]) -> Any:
        result: dict[str, Any] = {}
        for node in self._flatten(selections, value.typename):
            if node.name == "__typename":
                result[node.alias] = value.typename
                continue
            known = TYPES[value.typename][node.name]
            place = (*path, node.alias)
            needed = GUARDED.get((value.typename, node.name), ())
            if self.may is not None and needed and not any(map(self.may, needed)):
                self._forbid(known, needed, node, place)
                result[node.alias] = None
            else:
                result[node.alias] = self._field(value, known, node, place)
        return result

    def _forbid(self, known: Field, needed: tuple[str, ...], node: FieldNode, path: tuple[str | int, ...]) -> None:
        refused = permission_denied(*needed)
        self.errors.append(self._error(refused.message, node, path, refused.code))
        if known.required:
            raise _NullError

    def _flatten(self, selections: Sequence[Selection], typename: str) -> Iterator[FieldNode]:
        """The fields that apply to a concrete type; several selections of one object are read as one."""
        merged: dict[str, FieldNode] = {}
        for node in self._applying(selections, typename):
            seen = merged.get(node.alias)
            if seen is not None:
                both = (*seen.selections, *node.selections)
                merged[node.alias] = FieldNode(seen.name, seen.alias, seen.arguments, both, seen.line, seen.column)
            else:
                merged[node.alias] = node
        yield from merged.values()

    def _applying(self, selections: Sequence[Selection], typename: str) -> Iterator[FieldNode]:
        for selection in selections:
            if isinstance(selection, FieldNode):
                yield selection
                continue
            condition, inner = _target(self.fragments, selection, typename)
            if typename == condition or typename in POSSIBLE.get(condition, ()):
                yield from self._applying(inner, typename)

    def _field(self, value: Any, known: Field, node: FieldNode, path: tuple[str | int, ...]) -> Any:
        try:
            return self._complete(_attribute(value, known), known, node, path)
        except UnreadableFieldError as error:
            self.errors.append(self._error(str(error), node, path))
        except _NullError:
            pass
        if known.required:
            raise _NullError
        return None

    def _complete(self, raw: Any, known: Field, node: FieldNode, path: tuple[str | int, ...]) -> Any:
        if raw is None:
            if known.required:
                message = f"Cannot return null for non-nullable field {_owner(known, node)}."
                self.errors.append(self._error(message, node, path))
                raise _NullError
            return None
        if known.is_list:
            return [self._item(item, known, node, (*path, at)) for at, item in enumerate(raw)]
        return self._item(raw, known, node, path)

    def _item(self, raw: Any, known: Field, node: FieldNode, path: tuple[str | int, ...]) -> Any:
        return self._object(raw, node.selections, path) if known.type in TYPES else _plain(raw)

    @staticmethod
    def _error(
        message: str, node: FieldNode, path: tuple[str | int, ...], code: str = "GraphQLError"
    ) -> dict[str, Any]:
        return {
            "message": message,
            "locations": [{"line": node.line, "column": node.column}],
            "path": list(path),
            "extensions": {"exception": {"code": code, "stacktrace": []}},
        }


def _owner(known: Field, node: FieldNode) -> str:
    owners = [name for name, fields in TYPES.items() if fields.get(node.name) is known]
    return f"{owners[0]}.{node.name}" if owners else node.name


def _attribute(value: Any, known: Field) -> Any:
    if isinstance(value, Record):
        return value.values.get(known.name)
    return getattr(value, known.attribute)


def _plain(raw: Any) -> Any:
    """A scalar as Saleor's JSON has it: amounts are floats, times carry their offset."""
    if isinstance(raw, Decimal):
        return float(raw)
    return raw.isoformat() if isinstance(raw, datetime) else raw
