from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_introspection_type,
    parse,
    validate,
)
from graphql.language import FieldNode, Visitor, visit
from graphql.utilities import TypeInfo, TypeInfoVisitor

from saleor_amazonpay import resources
from tests.saleor import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "graphql/saleor"
DOCUMENTS = [name for name in resources.names(FOLDER, ".graphql") if not name.endswith("/schema.graphql")]


@cache
def pruned() -> GraphQLSchema:
    return build_schema(resources.read(f"{FOLDER}/schema.graphql"))


@cache
def built(path: Path) -> GraphQLSchema:
    return build_schema(path.read_text(), assume_valid_sdl=True)


def full() -> GraphQLSchema:
    return built(recorded.shared("contracts/saleor-schema.graphql"))


def test_there_is_a_document_for_every_event_and_operation() -> None:
    assert len(DOCUMENTS) == 32


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_valid_against_the_pruned_schema(name: str) -> None:
    assert [error.message for error in validate(pruned(), parse(resources.read(name)))] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_valid_against_saleors_own_schema(name: str) -> None:
    assert [error.message for error in validate(full(), parse(resources.read(name)))] == []


def test_all_of_the_pruned_schema_stands_in_saleors_own_with_the_same_types() -> None:
    differences = [text for kind in own_types(pruned()) for text in differing(kind, full())]
    assert differences == []


def test_the_comparison_finds_what_saleor_does_not_have() -> None:
    wrong = build_schema("type Query { app(id: String): App } type App { id: ID, colour: Int }")
    found = [text for kind in own_types(wrong) for text in differing(kind, full())]
    assert found == [
        "Query.app(id): String is ID",
        "App.id: ID is ID!",
        "App.colour: Int is None",
    ]


def test_nothing_in_the_pruned_schema_is_unused() -> None:
    used: set[str] = set()
    for name in DOCUMENTS:
        used |= selected(name)
    kept = {
        f"{kind.name}.{field}"
        for kind in own_types(pruned())
        if isinstance(kind, GraphQLObjectType)
        for field in kind.fields
    }
    inherited = {f"{kind}.{field}" for kind, field in event_fields()}
    assert kept - used - inherited == set()


def test_actions_of_a_transaction_are_never_read() -> None:
    # Where they were once stored in the wrong case, reading them takes the transaction out of the payload.
    assert not any("TransactionItem.actions" in selected(name) for name in DOCUMENTS)


def test_reports_never_carry_a_time() -> None:
    assert "$time" not in resources.read(f"{FOLDER}/transaction_event_report.graphql")


def own_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    builtin = {"String", "Int", "Float", "Boolean", "ID"}
    return (kind for kind in schema.type_map.values() if not is_introspection_type(kind) and kind.name not in builtin)


def event_fields() -> Iterator[tuple[str, str]]:
    """What the subscription types have to repeat because their interface has it."""
    interface = pruned().type_map["Event"]
    assert isinstance(interface, GraphQLInterfaceType)
    for kind in pruned().get_possible_types(interface):
        for field in interface.fields:
            yield kind.name, field


def selected(name: str) -> set[str]:
    """`Type.field` of everything a document selects, with interfaces resolved to the type they are read on."""
    info, found = TypeInfo(pruned()), set[str]()

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = info.get_parent_type()
            if parent is not None:
                found.add(f"{parent.name}.{node.name.value}")

    visit(parse(resources.read(name)), TypeInfoVisitor(info, Collect()))
    return found


def differing(kind: GraphQLNamedType, schema: GraphQLSchema) -> list[str]:
    other = schema.type_map.get(kind.name)
    if other is None or type(other) is not type(kind):
        return [f"{kind.name} is {other!r}"]
    if isinstance(kind, GraphQLEnumType) and isinstance(other, GraphQLEnumType):
        return [f"{kind.name}.{value}" for value in kind.values if value not in other.values]
    if isinstance(kind, GraphQLUnionType) and isinstance(other, GraphQLUnionType):
        members = {member.name for member in other.types}
        return [f"{kind.name} | {member.name}" for member in kind.types if member.name not in members]
    if isinstance(kind, GraphQLInputObjectType) and isinstance(other, GraphQLInputObjectType):
        return [
            text
            for name, field in kind.fields.items()
            for text in unlike(f"{kind.name}.{name}", field.type, getattr(other.fields.get(name), "type", None))
        ]
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        assert isinstance(other, GraphQLObjectType | GraphQLInterfaceType)
        return list(unlike_fields(kind, other))
    return []


def unlike_fields(
    kind: GraphQLObjectType | GraphQLInterfaceType, other: GraphQLObjectType | GraphQLInterfaceType
) -> Iterator[str]:
    for name, field in kind.fields.items():
        theirs = other.fields.get(name)
        for argument, ours in field.args.items():
            there = theirs.args.get(argument) if theirs is not None else None
            yield from unlike(f"{kind.name}.{name}({argument})", ours.type, getattr(there, "type", None))
        yield from unlike(f"{kind.name}.{name}", field.type, getattr(theirs, "type", None))


def unlike(where: str, ours: object, theirs: object) -> list[str]:
    return [] if str(ours) == str(theirs) else [f"{where}: {ours} is {theirs}"]
