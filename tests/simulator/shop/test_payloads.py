"""Bodies against those a real Saleor sent: same keys, same kinds of values, same headers and signature."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.people import User
from saleor_amazonpay.simulator.shop.shapes import POSSIBLE, TYPES
from tests.simulator.shop.fake_app import APP_ID, MANIFEST_URL, Call, FakeApp, manifest, webhook
from tests.simulator.shop.material import Recorded, recorded

pytestmark = pytest.mark.anyio

_CHARGE = "TRANSACTION_CHARGE_REQUESTED"
_REFUND = "TRANSACTION_REFUND_REQUESTED"
_CANCEL = "TRANSACTION_CANCELATION_REQUESTED"


def _selection(values: list[Any], typename: str) -> str:
    """A selection that asks for exactly what these objects of one type have."""
    objects = [value for value in values if value is not None]
    if not objects:
        return "__typename" if typename in POSSIBLE else next(iter(TYPES[typename]))
    by_type: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for value in objects:
        for key, inner in value.items():
            by_type[value.get("__typename", typename)][key].append(inner)
    return " ".join(f"... on {name} {{ {_fields(fields, name)} }}" for name, fields in by_type.items())


def _fields(fields: dict[str, list[Any]], typename: str) -> str:
    written = []
    for name, values in fields.items():
        known = TYPES[typename].get(name)
        if name == "errors" and known is None:
            continue
        if known is None or known.type not in TYPES:
            written.append(name)
            continue
        flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
        written.append(f"{name} {{ {_selection(flat, known.type)} }}")
    return " ".join(written)


def query_like(sample: Recorded) -> str:
    typename = sample.body["__typename"]
    return f"subscription {{ event {{ {_selection([sample.body], typename)} }} }}"


def _kinds(value: Any, path: str = "", found: dict[str, set[str]] | None = None) -> dict[str, set[str]]:
    """Every path in a JSON value with the kinds of values found there; what the app itself chose is not looked into."""
    found = defaultdict(set) if found is None else found
    found[path].add(type(value).__name__)
    if path in (".data", ".errors[].path[]", ".errors[].extensions.exception.stacktrace"):
        return found
    if isinstance(value, dict):
        for key, inner in value.items():
            _kinds(inner, f"{path}.{key}", found)
    if isinstance(value, list):
        for inner in value:
            _kinds(inner, f"{path}[]", found)
    return found


async def _installed(shop: Shop, app: FakeApp, number: int) -> Recorded:
    """Install an app whose webhook asks for what the recorded body has; the other events get small queries."""
    sample = recorded(number)
    small = {hook["name"]: hook for hook in manifest()["webhooks"]}
    # What is null in a body does not show what was asked of it: there the amount was, which made it null.
    text = query_like(sample).replace("grantedRefund { id }", "grantedRefund { id amount { amount } }")
    small[sample.event] = webhook(sample.event, text)
    permissions = ["HANDLE_PAYMENTS", "MANAGE_ORDERS", "MANAGE_CHECKOUTS"]
    app.manifest = manifest(permissions=permissions, webhooks=list(small.values()))
    await shop.install(MANIFEST_URL)
    return sample


async def _whole_story(shop: Shop, app: FakeApp) -> None:
    """Gateway, initialize, process, order, charge, refund, granted refund."""
    app.reply(
        "TRANSACTION_INITIALIZE_SESSION",
        {"result": "CHARGE_ACTION_REQUIRED", "pspReference": "cs", "message": "redirect"},
    )
    app.reply(
        "TRANSACTION_PROCESS_SESSION",
        {
            "result": "AUTHORIZATION_SUCCESS",
            "pspReference": "A1",
            "actions": ["CANCEL", "CHARGE"],
            "externalUrl": "https://x.example/A1",
        },
    )
    app.reply(_CHARGE, {"result": "CHARGE_SUCCESS", "pspReference": "C1", "actions": ["REFUND"]})
    app.reply(_REFUND, {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    checkout = shop.checkout_create(total="40")
    await shop.payment_gateway_initialize(checkout.id)
    data = {"nested": {"ü": [1, 2.5, None, True]}}
    begun = await shop.transaction_initialize(checkout.id, APP_ID, data, idempotency_key="idem")
    assert begun.transaction is not None
    paid = begun.transaction
    await shop.transaction_process(paid.id, {"session": "cs"})
    order = shop.checkout_complete(checkout.id).order
    assert order is not None
    shop.transaction_request_action(paid.id, "CHARGE")
    await shop.settled()
    shop.transaction_request_action(paid.id, "REFUND", Decimal(5), "damaged")
    await shop.settled()
    granted = shop.order_grant_refund(order.id, paid.id, Decimal(3), "goodwill").granted_refund
    assert granted is not None
    shop.transaction_request_refund_for_granted_refund(granted.id)
    await shop.settled()


async def _euro_story(shop: Shop, app: FakeApp) -> None:
    """An authorization by an app, a part captured, a failure, the rest released."""
    shop.channel_create("channel-eur", "EUR")
    app.reply("TRANSACTION_INITIALIZE_SESSION", {"result": "AUTHORIZATION_ACTION_REQUIRED", "pspReference": "cs"})
    app.reply("TRANSACTION_PROCESS_SESSION", {"result": "AUTHORIZATION_REQUEST", "pspReference": "A1"})
    app.reply(_CHARGE, {"pspReference": "C1"}, {"result": "CHARGE_FAILURE", "message": "declined"})
    checkout = shop.checkout_create("channel-eur", "44.90")
    begun = await shop.transaction_initialize(checkout.id, APP_ID, action="AUTHORIZATION")
    assert begun.transaction is not None
    paid = begun.transaction
    await shop.transaction_process(paid.id)
    from saleor_amazonpay.simulator.shop.reports import Report

    owner = shop.world.app(APP_ID)
    report = Report("AUTHORIZATION_SUCCESS", "A1", Decimal("44.9"), actions=["CANCEL", "CHARGE"])
    shop.transaction_event_report(paid.id, report, owner)
    shop.checkout_complete(checkout.id)
    for amount in (10, 1):
        shop.transaction_request_action(paid.id, "CHARGE", Decimal(amount))
        await shop.settled()
    shop.transaction_event_report(paid.id, Report("CHARGE_SUCCESS", "C1", Decimal(10)), owner)
    shop.transaction_request_action(paid.id, "CANCEL")
    await shop.settled()


@pytest.mark.parametrize(
    ("number", "nth", "story"),
    [
        (1, 0, _whole_story),
        (2, 0, _whole_story),
        (3, 0, _whole_story),
        (4, 0, _whole_story),
        (5, 0, _whole_story),
        (6, 0, _whole_story),
        (7, 0, _whole_story),
        (8, 1, _whole_story),
        (9, 0, _euro_story),
        (10, 0, _euro_story),
    ],
)
async def test_a_body_has_the_shape_of_the_one_saleor_sent(
    shop: Shop, app: FakeApp, number: int, nth: int, story: Any
) -> None:
    sample = await _installed(shop, app, number)
    await story(shop, app)
    sent = app.received(sample.event)[nth]
    same_shape(sent, sample)


def same_shape(sent: Call, sample: Recorded) -> None:
    ours, theirs = _kinds(sent.body), _kinds(sample.body)
    assert set(ours) == set(theirs)
    for path, kinds in ours.items():
        assert kinds <= theirs[path], path
    assert list(sent.body) == list(sample.body)
    unsigned = {"Host", "Content-Length"}
    assert set(sample.headers) - unsigned <= set(sent.headers)
    for name in ("Saleor-Event", "Content-Type", "User-Agent", "Saleor-Api-Url", "Saleor-Domain"):
        assert sent.headers[name] == sample.headers[name]


async def test_a_body_is_ascii_json_with_spaces_and_float_amounts(shop: Shop, app: FakeApp) -> None:
    await _installed(shop, app, 2)
    await _whole_story(shop, app)
    raw = app.received("TRANSACTION_INITIALIZE_SESSION")[0].raw
    assert raw.isascii()
    assert b'"action": {"amount": 40.0, "currency": "USD", "actionType": "CHARGE"}' in raw
    assert raw == json.dumps(json.loads(raw)).encode()


async def test_the_signature_is_saleors_and_verifies_with_the_served_key(shop: Shop, app: FakeApp) -> None:
    sample = await _installed(shop, app, 2)
    await _whole_story(shop, app)
    keys = KeySet.import_key_set(shop.signer.jwks())  # type: ignore[arg-type]
    assert keys.keys[0].thumbprint() == shop.signer.kid
    registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    for call in app.calls[2:]:
        token = call.headers["Saleor-Signature"]
        assert jws.deserialize_compact(token, keys, registry=registry, payload=call.raw).payload == call.raw
        with pytest.raises(Exception, match="bad_signature"):
            jws.deserialize_compact(token, keys, registry=registry, payload=call.raw + b" ")
    assert _header(app.calls[-1].headers["Saleor-Signature"]) == {
        **_header(sample.headers["Saleor-Signature"]),
        "kid": shop.signer.kid,
    }


def _header(token: str) -> dict[str, Any]:
    return dict(jws.extract_compact(token.encode()).headers())


async def test_the_jwks_has_the_form_of_saleors(shop: Shop) -> None:
    from tests.simulator.shop.material import shared

    theirs = json.loads(shared("recorded/jwks.json").read_text())
    assert _kinds(shop.signer.jwks()) == _kinds(theirs)


async def test_what_cannot_be_read_empties_what_holds_it_and_is_listed(shop: Shop, app: FakeApp) -> None:
    sample = await _installed(shop, app, 5)
    app.reply("TRANSACTION_INITIALIZE_SESSION", {"result": "AUTHORIZATION_SUCCESS", "pspReference": "A1"})
    app.reply(_CHARGE, {"pspReference": "C1", "actions": ["REFUND"]})
    begun = await shop.transaction_initialize(shop.checkout_create().id, APP_ID)
    assert begun.transaction is not None
    for _ in range(2):
        shop.transaction_request_action(begun.transaction.id, "CHARGE", Decimal(5))
        await shop.settled()
    broken = app.received(sample.event)[1].body
    assert broken["transaction"] is None
    assert broken["errors"][0]["path"] == ["event", "transaction", "actions"]
    assert "TransactionActionEnum" in broken["errors"][0]["message"]


async def test_a_customer_is_shown_as_the_buyer(shop: Shop, app: FakeApp) -> None:
    customer: User = shop.customer_create("c@example.com")
    await _installed(shop, app, 1)
    await shop.payment_gateway_initialize(shop.checkout_create(user=customer).id, requestor=customer)
    body = app.received("PAYMENT_GATEWAY_INITIALIZE_SESSION")[0].body
    assert body["sourceObject"]["user"] == {"id": customer.id}
    assert body["issuingPrincipal"]["__typename"] == "User"
