"""Who may see and change what: every kind of caller against every root field and every guarded one, by table."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, is_object_type

from saleor_amazonpay.web.api.door import schema
from saleor_amazonpay.web.api.guard import Guard, Need
from tests.web.api.caller import Api

pytestmark = pytest.mark.anyio

ID = '"profile-1"'
# One line per field: what it needs, and how it is asked. `Order` and `User` are reached as a gateway reaches them.
FIELDS: dict[str, tuple[Need, str]] = {
    "Query.amazonPayViewer": (Need.ANYBODY_INSIDE, "{ amazonPayViewer { id } }"),
    "Query.amazonPayOptions": (Need.ANYBODY_INSIDE, "{ amazonPayOptions { descriptorLength } }"),
    "Query.amazonPayProfiles": (Need.SEE_SETTINGS, "{ amazonPayProfiles { id } }"),
    "Query.amazonPayProfile": (Need.SEE_SETTINGS, f"{{ amazonPayProfile(id: {ID}) {{ id }} }}"),
    "Query.amazonPayChannels": (Need.SEE_SETTINGS, "{ amazonPayChannels { slug } }"),
    "Query.amazonPaySetup": (Need.SEE_SETTINGS, "{ amazonPaySetup { code } }"),
    "Query.amazonPayProblems": (Need.SEE_SETTINGS, "{ amazonPayProblems { key } }"),
    "Query.amazonPayOperations": (Need.SEE_PAYMENTS, "{ amazonPayOperations { edges { cursor } } }"),
    "Query.amazonPayOperation": (Need.SEE_PAYMENTS, '{ amazonPayOperation(id: "x") { id } }'),
    "Query.amazonPayPayment": (Need.SEE_PAYMENTS, '{ amazonPayPayment(transactionId: "x") { transactionId } }'),
    "Query.amazonPayOrderPayments": (Need.SEE_PAYMENTS, '{ amazonPayOrderPayments(orderId: "x") { transactionId } }'),
    "Query.amazonPayAgreements": (Need.SEE_PAYMENTS, "{ amazonPayAgreements { edges { cursor } } }"),
    "Query.amazonPayAgreement": (Need.SEE_PAYMENTS, '{ amazonPayAgreement(id: "x") { id } }'),
    "Query.amazonPayFees": (Need.SEE_PAYMENTS, "{ amazonPayFees { month } }"),
    "Query.amazonPayFeesCsv": (Need.SEE_PAYMENTS, "{ amazonPayFeesCsv }"),
    "AmazonPayProfile.fees": (Need.SEE_PAYMENTS, f"{{ amazonPayProfile(id: {ID}) {{ fees {{ month }} }} }}"),
    "Order.amazonPayPayments": (Need.SEE_PAYMENTS, '{ _entities(representations: [{__typename: "Order", id: "x"}]) { ... on Order { amazonPayPayments { transactionId } } } }'),
    "User.amazonPayAgreements": (Need.SEE_PAYMENTS, '{ _entities(representations: [{__typename: "User", id: "x"}]) { ... on User { amazonPayAgreements { id } } } }'),
    "Mutation.amazonPayProfileValidate": (Need.CHANGE_SETTINGS, "mutation { amazonPayProfileValidate(input: {}) { errors { code } } }"),
    "Mutation.amazonPayProfileCreate": (Need.CHANGE_SETTINGS, "mutation { amazonPayProfileCreate(input: {}) { errors { code } } }"),
    "Mutation.amazonPayProfileUpdate": (Need.CHANGE_SETTINGS, 'mutation { amazonPayProfileUpdate(id: "x", version: 1, input: {}) { errors { code } } }'),
    "Mutation.amazonPayProfileDuplicate": (Need.CHANGE_SETTINGS, 'mutation { amazonPayProfileDuplicate(id: "x", alias: "y") { errors { code } } }'),
    "Mutation.amazonPayProfilePause": (Need.CHANGE_SETTINGS, 'mutation { amazonPayProfilePause(id: "x", version: 1) { errors { code } } }'),
    "Mutation.amazonPayProfileResume": (Need.CHANGE_SETTINGS, 'mutation { amazonPayProfileResume(id: "x", version: 1) { errors { code } } }'),
    "Mutation.amazonPayProfileClose": (Need.CHANGE_SETTINGS, 'mutation { amazonPayProfileClose(id: "x", version: 1) { errors { code } } }'),
    "Mutation.amazonPayProfileMove": (Need.CHANGE_SETTINGS, 'mutation { amazonPayProfileMove(id: "x") { errors { code } } }'),
    "Mutation.amazonPayProfileDelete": (Need.CHANGE_SETTINGS, 'mutation { amazonPayProfileDelete(id: "x", version: 1) { errors { code } } }'),
    "Mutation.amazonPayProfileCheck": (Need.CHANGE_SETTINGS, 'mutation { amazonPayProfileCheck(id: "x") { errors { code } } }'),
    "Mutation.amazonPayIpnSelfTest": (Need.CHANGE_SETTINGS, 'mutation { amazonPayIpnSelfTest(profileId: "x") { errors { code } } }'),
    "Mutation.amazonPayAssign": (Need.CHANGE_SETTINGS, 'mutation { amazonPayAssign(channel: "x", profileId: "y") { errors { code } } }'),
    "Mutation.amazonPayUnassign": (Need.CHANGE_SETTINGS, 'mutation { amazonPayUnassign(channel: "x", profileId: "y") { errors { code } } }'),
    "Mutation.amazonPaySimulateNext": (Need.CHANGE_SETTINGS, 'mutation { amazonPaySimulateNext(profileId: "x", call: REFUND) { errors { code } } }'),
    "Mutation.amazonPayPaymentRefresh": (Need.ACT_ON_PAYMENTS, 'mutation { amazonPayPaymentRefresh(transactionId: "x") { errors { code } } }'),
    "Mutation.amazonPayAgreementCharge": (Need.ACT_ON_PAYMENTS, 'mutation { amazonPayAgreementCharge(id: "x", orderId: "y") { errors { code } } }'),
}  # fmt: skip

# What each need asks for, written down a second time: a change there has to be meant here.
NEEDS: dict[Need, set[str]] = {
    Need.ANYBODY_INSIDE: set(),
    Need.SEE_SETTINGS: {"HANDLE_PAYMENTS", "MANAGE_APPS"},
    Need.CHANGE_SETTINGS: {"MANAGE_APPS"},
    Need.SEE_PAYMENTS: {"HANDLE_PAYMENTS"},
    Need.ACT_ON_PAYMENTS: {"HANDLE_PAYMENTS"},
}
PERMISSIONS = ("HANDLE_PAYMENTS", "MANAGE_APPS", "MANAGE_ORDERS")
STAFF = [subset for size in range(4) for subset in itertools.combinations(PERMISSIONS, size)]


def guarded_fields() -> dict[str, Need]:
    found: dict[str, Need] = {}
    for kind in schema()._schema.type_map.values():
        if not is_object_type(kind) or kind.name.startswith("__"):
            continue
        for field in definition(kind):
            for extension in field.extensions:
                if isinstance(extension, Guard):
                    found[f"{kind.name}.{schema().config.name_converter.get_graphql_name(field)}"] = extension.need
    return found


def definition(kind: GraphQLObjectType) -> list[Any]:
    made = (kind.extensions or {}).get("strawberry-definition")
    return list(made.fields) if made is not None else []


def test_every_root_field_and_every_entity_has_a_need_and_stands_in_the_table() -> None:
    assert guarded_fields() == {name: need for name, (need, _) in FIELDS.items()}
    roots = schema()._schema
    own = {f"Query.{name}" for name in roots.query_type.fields if not name.startswith("_")}  # type: ignore[union-attr]
    own |= {f"Mutation.{name}" for name in roots.mutation_type.fields}  # type: ignore[union-attr]
    own |= {f"{kind}.{name}" for kind in ("Order", "User") for name in roots.type_map[kind].fields if name != "id"}  # type: ignore[attr-defined]
    assert own <= set(FIELDS)
    assert {need: set(need.permissions) for need in Need} == NEEDS


def refused(found: dict[str, Any]) -> str:
    return next((error["extensions"]["code"] for error in found.get("errors", []) if error.get("extensions")), "")


@pytest.mark.parametrize("permissions", STAFF, ids=lambda given: "+".join(given) or "no permission")
async def test_staff_see_and_change_what_their_permissions_allow_and_nothing_else(
    api: Api, permissions: tuple[str, ...]
) -> None:
    token = api.token(*permissions)
    for name, (need, query) in FIELDS.items():
        allowed = (not NEEDS[need] or bool(NEEDS[need] & set(permissions))) and not (
            name == "AmazonPayProfile.fees" and not set(permissions) & NEEDS[Need.SEE_SETTINGS]
        )
        code = refused(await api.ask(query, token=token))
        assert (code == "PERMISSION_DENIED") is not allowed, (name, permissions, code)


@pytest.mark.parametrize(("token", "permissions"), [("app-payments-token", {"HANDLE_PAYMENTS"}), ("app-orders-token", {"MANAGE_ORDERS"})])  # fmt: skip
async def test_apps_are_judged_the_same_way(api: Api, token: str, permissions: set[str]) -> None:
    for name, (need, query) in FIELDS.items():
        allowed = not NEEDS[need] or bool(NEEDS[need] & permissions)
        code = refused(await api.ask(query, token=token))
        assert (code == "PERMISSION_DENIED") is not allowed, (name, code)


@pytest.mark.parametrize("token", ["", "made-up"])
async def test_nobody_else_gets_in_anywhere(api: Api, token: str) -> None:
    for name, (_need, query) in FIELDS.items():
        assert refused(await api.ask(query, token=token)) == "UNAUTHENTICATED", name


def test_the_table_in_the_documents_is_this_one() -> None:
    text = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    for name, (need, _) in FIELDS.items():
        wanted = " or ".join(need.permissions) or "any staff, any app"
        assert f"| `{name}` | {wanted} |" in text, name
