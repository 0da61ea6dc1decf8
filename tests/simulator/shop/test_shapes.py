"""The shop's types against Saleor's published schema, and the project's own documents against the shop's types."""

from __future__ import annotations

from functools import cache
from typing import cast

import pytest
from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType
from graphql import build_schema as build

from saleor_amazonpay import resources
from saleor_amazonpay.simulator.shop import install, ledger
from saleor_amazonpay.simulator.shop.events import KINDS
from saleor_amazonpay.simulator.shop.graphql import MUTATIONS, QUERIES
from saleor_amazonpay.simulator.shop.payload import subscription
from saleor_amazonpay.simulator.shop.selection import DocumentError
from saleor_amazonpay.simulator.shop.shapes import POSSIBLE, TYPES
from tests.simulator.shop.material import shared


@cache
def _schema() -> GraphQLSchema:
    return build(shared("contracts/saleor-schema.graphql").read_text(), assume_valid=True)


def _fielded(name: str) -> GraphQLObjectType | GraphQLInterfaceType:
    return cast("GraphQLObjectType | GraphQLInterfaceType", _schema().type_map[name])


def test_every_field_has_the_name_and_type_it_has_in_saleor() -> None:
    for name, fields in TYPES.items():
        for field in fields.values():
            assert str(_fielded(name).fields[field.name].type) == field.written, f"{name}.{field.name}"


def test_abstract_types_turn_out_to_be_what_they_may_be_in_saleor() -> None:
    for name, types in POSSIBLE.items():
        abstract = cast("GraphQLInterfaceType | GraphQLUnionType", _schema().type_map[name])
        assert types <= {found.name for found in _schema().get_possible_types(abstract)}, name


def test_every_argument_of_a_root_field_exists_in_saleor() -> None:
    for owner, roots in (("Query", QUERIES), ("Mutation", MUTATIONS)):
        for name, root in roots.items():
            assert set(root.arguments) <= set(_fielded(owner).fields[name].args), name


def test_event_types_actions_and_permissions_are_saleors() -> None:
    def values(name: str) -> set[str]:
        return set(cast("GraphQLEnumType", _schema().type_map[name]).values)

    assert values("TransactionEventTypeEnum") == ledger.EVENT_TYPES
    assert values("TransactionActionEnum") == set(ledger.ACTIONS)
    assert values("PermissionEnum") - {"MANAGE_APPS"} == install.PERMISSIONS
    known = {True: values("WebhookEventTypeSyncEnum"), False: values("WebhookEventTypeAsyncEnum")}
    assert all(event in known[kind.sync] for event, kind in KINDS.items())


def test_the_projects_own_subscriptions_are_valid_here() -> None:
    names = [name for name in resources.names("graphql/saleor", ".graphql") if "schema" not in name]
    texts = [resources.read(name) for name in names]
    subscriptions = [text for text in texts if "\nsubscription " in f"\n{text}"]
    assert len(subscriptions) >= 7
    for text in subscriptions:
        subscription(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("subscription { event { ... on TransactionInitializeSession { nonsense } } }", "nonsense"),
        ("subscription { event { ... on Nothing { id } } }", "Nothing"),
        ("subscription { event { ...Missing } }", "Missing"),
        ("subscription { event { ... on AppDeleted { app } } }", "selection"),
        ("subscription { event { ... on AppDeleted { issuedAt { x } } } }", "must not"),
        ("subscription { event { ... on Checkout { id } } }", "can never be"),
        ("subscription { orderUpdated { __typename } }", "event"),
        ("query { shop { version } }", "subscription"),
        ("subscription { event { issuedAt @include(if: true) } }", "@"),
        ("subscription { event { issuedAt }", "ends too early"),
        ("subscription { event { } }", "empty"),
    ],
)
def test_a_subscription_that_saleor_refuses_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        subscription(text)


def test_fragments_named_and_inline_are_followed() -> None:
    text = """
    # the transaction, by name
    fragment Item on TransactionItem { id events { ...Line } }
    fragment Line on TransactionEvent { type }
    subscription Named($unused: [ID!]) { event { ... { issuedAt } ... on Event { version }
        ... on TransactionProcessSession { transaction { ...Item } } } }
    """
    assert subscription(text).fragments.keys() == {"Item", "Line"}
