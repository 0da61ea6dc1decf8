from __future__ import annotations

import re
from typing import Any

import pytest
from graphql import parse
from graphql.language import FieldNode, OperationDefinitionNode

from saleor_amazonpay import __version__
from saleor_amazonpay.saleor import manifest
from tests.saleor.test_documents import full

BASE = "https://pay.example.com"


def rendered() -> dict[str, Any]:
    return manifest.render(BASE)


def test_the_app_is_the_gateway_storefronts_name() -> None:
    assert rendered()["id"] == manifest.APP_ID == "saleor.app.payment.amazonpay"


def test_it_asks_for_payments_and_for_the_orders_they_follow() -> None:
    assert rendered()["permissions"] == ["HANDLE_PAYMENTS", "MANAGE_ORDERS"]
    assert manifest.permissions() == {"HANDLE_PAYMENTS", "MANAGE_ORDERS"}


def test_webhooks_go_to_a_route_per_event_in_kebab_case() -> None:
    routes = {}
    for webhook in rendered()["webhooks"]:
        (event,) = webhook.get("syncEvents", []) + webhook.get("asyncEvents", [])
        routes[event] = webhook["targetUrl"]
    kebab = {event: f"{BASE}/api/webhooks/saleor/{event.lower().replace('_', '-')}" for event in routes}
    assert routes == kebab
    assert set(routes) == {
        "PAYMENT_GATEWAY_INITIALIZE_SESSION",
        "TRANSACTION_INITIALIZE_SESSION",
        "TRANSACTION_PROCESS_SESSION",
        "TRANSACTION_CHARGE_REQUESTED",
        "TRANSACTION_REFUND_REQUESTED",
        "TRANSACTION_CANCELATION_REQUESTED",
        "ORDER_CANCELLED",
        "FULFILLMENT_CREATED",
        "FULFILLMENT_APPROVED",
        "APP_UPDATED",
        "LIST_STORED_PAYMENT_METHODS",
        "STORED_PAYMENT_METHOD_DELETE_REQUESTED",
        "PAYMENT_GATEWAY_INITIALIZE_TOKENIZATION_SESSION",
        "PAYMENT_METHOD_INITIALIZE_TOKENIZATION_SESSION",
        "PAYMENT_METHOD_PROCESS_TOKENIZATION_SESSION",
        "APP_DELETED",
    }


def test_events_are_of_the_kind_saleor_knows_them_as() -> None:
    kinds = {
        kind: full().type_map[f"WebhookEventType{kind}Enum"].values  # type: ignore[attr-defined]
        for kind in ("Sync", "Async")
    }
    for webhook in rendered()["webhooks"]:
        assert all(event in kinds["Sync"] for event in webhook.get("syncEvents", []))
        assert all(event in kinds["Async"] for event in webhook.get("asyncEvents", []))


def test_each_query_subscribes_to_the_event_of_its_webhook() -> None:
    for webhook in rendered()["webhooks"]:
        (event,) = webhook.get("syncEvents", []) + webhook.get("asyncEvents", [])
        (definition,) = parse(webhook["query"]).definitions
        assert isinstance(definition, OperationDefinitionNode)
        (root,) = definition.selection_set.selections
        assert isinstance(root, FieldNode)
        assert root.name.value == "event"
        assert f"... on {event.title().replace('_', '')} {{" in webhook["query"]


def test_it_keeps_saleors_limits() -> None:
    found = rendered()
    assert ":" not in found["id"]
    assert len(found["name"]) <= 60
    assert len(found["version"]) <= 60
    assert found["author"].strip()
    assert len(found["author"]) <= 60
    identifiers = [webhook["identifier"] for webhook in found["webhooks"]]
    assert len(set(identifiers)) == len(identifiers)
    assert all(len(webhook["targetUrl"]) <= 255 for webhook in found["webhooks"])
    assert found["version"] == __version__


def test_nothing_is_null_and_no_placeholder_is_left() -> None:
    def leaves(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [leaf for item in value.values() for leaf in leaves(item)]
        if isinstance(value, list):
            return [leaf for item in value for leaf in leaves(item)]
        return [value]

    found = leaves(rendered())
    assert None not in found
    assert not [leaf for leaf in found if isinstance(leaf, str) and re.search(r"\{[a-z]+\}", leaf)]


def test_the_versions_let_in_are_3_21_and_later_with_their_prereleases() -> None:
    # This range is one that was seen to match 3.24.0-a.0; `^3.24` and `>=3.24.0` are not.
    assert rendered()["requiredSaleorVersion"] == ">=3.21 <4"


def test_a_base_url_may_have_a_path_and_a_slash_at_its_end() -> None:
    found = manifest.render("http://localhost:8000/amazonpay/")
    assert found["tokenTargetUrl"] == "http://localhost:8000/amazonpay/api/register"


@pytest.mark.parametrize(
    "base",
    [
        "",
        "pay.example.com",
        "ftp://pay.example.com",
        "https://",
        "https://a.example/?x=1",
        "https://a.example/#x",
    ],
)
def test_a_base_url_that_saleor_could_not_call_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="absolute"):
        manifest.render(base)


def test_a_base_url_too_long_for_saleor_is_refused() -> None:
    # Saleor stores 200 characters of a page's URL and 255 of a webhook's.
    with pytest.raises(ValueError, match="200"):
        manifest.render("https://pay.example.com/" + "x" * 200)


def test_the_page_and_the_widgets_are_served_by_the_app() -> None:
    found = rendered()
    assert found["appUrl"] == f"{BASE}/dashboard"  # the Dashboard appends paths to it: no slash at its end
    places = {each["mount"]: (each["target"], each["url"], each["options"]) for each in found["extensions"]}
    assert places == {
        "ORDER_DETAILS_WIDGETS": ("WIDGET", f"{BASE}/dashboard/widgets/order", {"widgetTarget": {"method": "GET"}}),
        "HOMEPAGE_WIDGETS": ("WIDGET", f"{BASE}/dashboard/widgets/home", {"homeWidgetTarget": {"method": "GET"}}),
    }
    assert all(set(each["permissions"]) <= set(found["permissions"]) for each in found["extensions"])


@pytest.mark.parametrize(
    ("version", "mounts"),
    [
        ("3.21", []),
        ("3.22", ["ORDER_DETAILS_WIDGETS"]),
        ("3.23", ["ORDER_DETAILS_WIDGETS", "HOMEPAGE_WIDGETS"]),
        ("3.24", ["ORDER_DETAILS_WIDGETS", "HOMEPAGE_WIDGETS"]),
        ("4.0", ["ORDER_DETAILS_WIDGETS", "HOMEPAGE_WIDGETS"]),
        ("", ["ORDER_DETAILS_WIDGETS", "HOMEPAGE_WIDGETS"]),
        ("next", ["ORDER_DETAILS_WIDGETS", "HOMEPAGE_WIDGETS"]),
    ],
)
def test_a_dashboard_gets_only_widgets_it_knows(version: str, mounts: list[str]) -> None:
    assert [each["mount"] for each in manifest.render(BASE, version)["extensions"]] == mounts


def test_one_rendering_leaves_no_trace_in_the_next() -> None:
    manifest.render("https://other.example.com")
    assert "other" not in str(rendered())
