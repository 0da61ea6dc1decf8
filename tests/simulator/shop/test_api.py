"""The GraphQL door and the JWKS, as a storefront, staff, and the project's own Saleor client use them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.saleor.client import Report, SaleorApi
from saleor_amazonpay.saleor.events import Action, EventType
from saleor_amazonpay.saleor.signature import KeyRing
from saleor_amazonpay.simulator.shop import Shop, create_app
from saleor_amazonpay.simulator.shop.ledger import TransactionItem
from saleor_amazonpay.simulator.shop.people import InstalledApp
from tests.simulator.shop.door import Door
from tests.simulator.shop.fake_app import APP_ID, MANIFEST_URL, FakeApp, manifest

pytestmark = pytest.mark.anyio

_INITIALIZE = """mutation Begin($id: ID!, $gateway: PaymentGatewayToInitialize!, $amount: PositiveDecimal, $key: String) {
  transactionInitialize(id: $id, paymentGateway: $gateway, amount: $amount, idempotencyKey: $key) {
    data errors { field code } transaction { id actions chargedAmount { amount currency } }
    transactionEvent { type amount { amount } createdBy { __typename } }
  }
}"""
_CHARGED = {"result": "CHARGE_SUCCESS", "pspReference": "C1", "data": {"d": 1}, "actions": ["REFUND"]}


@pytest.fixture
def door(shop: Shop) -> Door:
    return Door(create_app(shop))


async def _ask(door: Door, query: str, token: str = "", /, **variables: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = json.dumps({"query": query, "variables": variables}).encode()
    response = await door.request("POST", "http://shop.test/graphql/", headers=headers, body=body)
    return json.loads(response.body)


async def _begun(shop: Shop, app: FakeApp, answer: dict[str, Any]) -> TransactionItem:
    app.reply("TRANSACTION_INITIALIZE_SESSION", answer)
    result = await shop.transaction_initialize(shop.checkout_create(total="40").id, APP_ID)
    assert result.transaction is not None
    return result.transaction


async def test_a_storefront_pays_and_completes(shop: Shop, app: FakeApp, installed: InstalledApp, door: Door) -> None:
    app.reply("TRANSACTION_INITIALIZE_SESSION", _CHARGED)
    app.reply("PAYMENT_GATEWAY_INITIALIZE_SESSION", {"data": {"ready": True}})
    checkout = shop.checkout_create(total="40")
    gateways = await _ask(
        door,
        "mutation($id: ID!) { paymentGatewayInitialize(id: $id) { gatewayConfigs { id data errors { code } } errors { code } } }",
        id=checkout.id,
    )
    configs = gateways["data"]["paymentGatewayInitialize"]["gatewayConfigs"]
    assert configs == [{"id": APP_ID, "data": {"ready": True}, "errors": []}]
    begun = await _ask(
        door, _INITIALIZE, id=checkout.id, gateway={"id": APP_ID, "data": {"x": 1}}, amount="40.00", key="k"
    )
    result = begun["data"]["transactionInitialize"]
    assert result["transaction"]["chargedAmount"] == {"amount": 40.0, "currency": "USD"}
    assert result["transaction"]["actions"] == ["REFUND"]
    assert result["transactionEvent"] == {
        "type": "CHARGE_SUCCESS",
        "amount": {"amount": 40.0},
        "createdBy": {"__typename": "App"},
    }
    assert (result["data"], result["errors"]) == ({"d": 1}, [])
    completed = await _ask(
        door,
        f'mutation {{ checkoutComplete(id: "{checkout.id}") {{ order {{ id chargeStatus authorizeStatus transactions {{ id }} }} errors {{ code }} }} }}',
        shop.staff.token,
    )
    order = completed["data"]["checkoutComplete"]["order"]
    assert (order["chargeStatus"], order["authorizeStatus"]) == ("FULL", "FULL")
    assert order["transactions"] == [{"id": result["transaction"]["id"]}]
    gone = await _ask(door, "query($id: ID!) { checkout(id: $id) { id } }", id=checkout.id)
    assert gone == {"data": {"checkout": None}}


async def test_a_mutations_own_errors_are_answered_in_it(
    shop: Shop, app: FakeApp, installed: InstalledApp, door: Door
) -> None:
    checkout = shop.checkout_create()
    answer = await _ask(door, _INITIALIZE, id=checkout.id, gateway={"id": "nobody"})
    result = answer["data"]["transactionInitialize"]
    assert result == {
        "data": None,
        "errors": [{"field": "paymentGateway", "code": "NOT_FOUND"}],
        "transaction": None,
        "transactionEvent": None,
    }
    refused = await _ask(
        door, "mutation($id: ID!) { checkoutComplete(id: $id) { order { id } errors { code } } }", id=checkout.id
    )
    assert refused["data"]["checkoutComplete"]["errors"] == [{"code": "CHECKOUT_NOT_FULLY_PAID"}]


async def test_only_a_payment_app_chooses_flow_and_address(
    shop: Shop, app: FakeApp, installed: InstalledApp, door: Door
) -> None:
    app.reply("TRANSACTION_INITIALIZE_SESSION", {"result": "AUTHORIZATION_FAILURE"})
    text = """mutation($id: ID!) { transactionInitialize(id: $id, action: AUTHORIZATION,
        paymentGateway: {id: "test.payments", data: {n: [1, 2.5, true, null, "s"]}}) { transactionEvent { type } } }"""
    checkout = shop.checkout_create()
    for token in ("", shop.staff.token):
        answer = await _ask(door, text, token, id=checkout.id)
        assert answer["data"] == {"transactionInitialize": None}
        assert answer["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    allowed = await _ask(door, text, installed.token, id=checkout.id)
    assert allowed["data"]["transactionInitialize"]["transactionEvent"] == {"type": "AUTHORIZATION_FAILURE"}
    body = app.received("TRANSACTION_INITIALIZE_SESSION")[0].body
    assert body["data"] == {"n": [1, 2.5, True, None, "s"]}


async def test_staff_acts_and_grants_refunds(shop: Shop, app: FakeApp, installed: InstalledApp, door: Door) -> None:
    app.reply("TRANSACTION_REFUND_REQUESTED", {"result": "REFUND_SUCCESS", "pspReference": "R1"})
    paid = await _begun(shop, app, _CHARGED)
    assert paid.checkout is not None
    order = shop.checkout_complete(paid.checkout.id).order
    assert order is not None
    grant = """mutation($id: ID!, $input: OrderGrantRefundCreateInput!) {
        orderGrantRefundCreate(id: $id, input: $input) { grantedRefund { id amount { amount } status } errors { code } } }"""
    given = {"amount": 3, "reason": "late", "transactionId": paid.id}
    answer = await _ask(door, grant, "staff-token", id=order.id, input=given)
    granted = answer["data"]["orderGrantRefundCreate"]["grantedRefund"]
    assert (granted["amount"], granted["status"]) == ({"amount": 3.0}, "NONE")
    ask = """mutation($granted: ID!, $id: ID!) {
        one: transactionRequestRefundForGrantedRefund(grantedRefundId: $granted) { errors { code } }
        two: transactionRequestAction(id: $id, actionType: REFUND, amount: 2) { transaction { id } errors { code } } }"""
    anonymous = await _ask(door, ask, granted=granted["id"], id=paid.id)
    assert anonymous["data"] == {"one": None, "two": None}
    await _ask(door, ask, "staff-token", granted=granted["id"], id=paid.id)
    await shop.settled()
    assert paid.amounts.refunded == 3


async def test_process_by_token_and_with_the_callers_address(shop: Shop, app: FakeApp, door: Door) -> None:
    hooks = manifest()["webhooks"]
    hooks[2]["query"] = hooks[2]["query"].replace("data", "data customerIpAddress")
    app.manifest = manifest(webhooks=hooks)
    installed = await shop.install(MANIFEST_URL)
    begun = await _begun(shop, app, {"result": "CHARGE_ACTION_REQUIRED"})
    app.reply("TRANSACTION_PROCESS_SESSION", {"result": "CHARGE_ACTION_REQUIRED"})
    text = "mutation($t: UUID, $ip: String) { transactionProcess(token: $t, customerIpAddress: $ip) { transaction { id } errors { code } } }"
    assert (await _ask(door, text, t=begun.token))["data"]["transactionProcess"]["transaction"] == {"id": begun.id}
    await _ask(door, text, installed.token, t=begun.token, ip="203.0.113.9")
    denied = await _ask(door, text, t=begun.token, ip="203.0.113.9")
    assert denied["data"]["transactionProcess"] is None
    addresses = [call.body["customerIpAddress"] for call in app.received("TRANSACTION_PROCESS_SESSION")]
    assert addresses == ["192.0.2.7", "203.0.113.9"]


async def test_an_app_reads_itself_and_reports_problems(shop: Shop, installed: InstalledApp, door: Door) -> None:
    create = """mutation($input: AppProblemCreateInput!) { appProblemCreate(input: $input) {
        appProblem { id key count isCritical dismissed { by } } errors { code } } }"""
    given = {"message": "Cap reached", "key": "cap", "criticalThreshold": 1}
    made = await _ask(door, create, installed.token, input=given)
    assert made["data"]["appProblemCreate"]["appProblem"]["isCritical"] is True
    await _ask(
        door,
        'mutation { appProblemDismiss(input: {byApp: {keys: ["cap"]}}) { errors { code } } }',
        installed.token,
    )
    read = await _ask(
        door,
        "{ app { id identifier permissions { code name } problems { key dismissed { by } } } shop { version } channels { slug } }",
        installed.token,
    )
    assert read["data"] == {
        "app": {
            "id": installed.id,
            "identifier": APP_ID,
            "permissions": [{"code": "HANDLE_PAYMENTS", "name": "Handle payments."}],
            "problems": [{"key": "cap", "dismissed": {"by": "APP"}}],
        },
        "shop": {"version": "3.24.0-a.0"},
        "channels": [{"slug": "default-channel"}],
    }
    denied = await _ask(door, create, "staff-token", input=given)
    assert denied["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    by_staff = await _ask(door, f'{{ app(id: "{installed.id}") {{ name }} }}', "staff-token")
    assert by_staff["data"] == {"app": {"name": "Test payments"}}


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("{ app { nonsense } }", 400, "nonsense"),
        ("{ nonsense { id } }", 400, "nonsense"),
        ("{ app { id }", 400, "too early"),
        ("", 400, "no operation"),
        (5, 400, "no operation"),
        ("subscription { event { issuedAt } }", 400, "webhooks"),
        ("query A { shop { version } } query B { shop { version } }", 400, "operation name"),
        ("{ order(number: 5) { id } }", 200, "Unknown argument"),
        ("{ order { id } }", 200, "required"),
        ('{ order(id: "nonsense") { id } }', 200, "Invalid ID"),
        ('{ order(id: "QXBwOjE=") { id } }', 200, "received: App"),
        ('{ transaction(id: "x") { id } }', 200, "HANDLE_PAYMENTS"),
    ],
)
async def test_what_is_not_understood_is_refused(door: Door, query: Any, status: int, message: str) -> None:
    body = json.dumps({"query": query}).encode()
    response = await door.request("POST", "http://shop.test/graphql/", headers={}, body=body)
    assert response.status == status
    assert message in json.loads(response.body)["errors"][0]["message"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('type: NONSENSE, pspReference: "P"', "enum value"),
        ("type: CHARGE_SUCCESS", "pspReference"),
        ("type: CHARGE_SUCCESS, pspReference: 5", "String"),
        ('type: CHARGE_SUCCESS, pspReference: "P", amount: -1', "PositiveDecimal"),
        ('type: CHARGE_SUCCESS, pspReference: "P", amount: true', "PositiveDecimal"),
        ('type: CHARGE_SUCCESS, pspReference: "P", amount: "x"', "PositiveDecimal"),
        ('type: CHARGE_SUCCESS, pspReference: "P", time: "yesterday"', "DateTime"),
        ('type: CHARGE_SUCCESS, pspReference: "P", availableActions: [VOID]', "enum value"),
        ('type: CHARGE_SUCCESS, pspReference: "P", token: "x"', "only one"),
    ],
)
async def test_a_report_of_the_wrong_form_is_refused_whole(
    shop: Shop, app: FakeApp, installed: InstalledApp, door: Door, arguments: str, message: str
) -> None:
    begun = await _begun(shop, app, {"result": "CHARGE_ACTION_REQUIRED"})
    text = f'mutation {{ transactionEventReport(id: "{begun.id}", {arguments}) {{ alreadyProcessed }} }}'
    answer = await _ask(door, text, installed.token)
    assert answer["data"] == {"transactionEventReport": None}
    assert message in answer["errors"][0]["message"]


async def test_the_api_can_be_down_and_too_large_a_body_is_refused(shop: Shop, door: Door) -> None:
    shop.faults.api_down(429, times=1)
    url = "http://shop.test/graphql/"
    statuses = [(await door.request("POST", url, headers={}, body=b"{}")).status for _ in range(2)]
    assert statuses == [429, 400]
    shop.faults.api_down()
    assert (await door.request("POST", url, headers={}, body=b"{}")).status == 503
    shop.faults.clear()
    assert (await door.request("POST", url, headers={}, body=b"[]")).status == 400
    assert (await door.request("POST", url, headers={}, body=b" " * 2_700_000)).status == 413


async def test_other_ways_to_send_a_token_work_too(shop: Shop, installed: InstalledApp, door: Door) -> None:
    body = json.dumps({"query": "{ app { id } }"}).encode()
    for headers in ({"Authorization": f"JWT {installed.token}"}, {"Authorization-Bearer": installed.token}):
        response = await door.request("POST", "http://shop.test/graphql/", headers=headers, body=body)
        assert json.loads(response.body) == {"data": {"app": {"id": installed.id}}}


async def test_the_projects_client_proves_reports_reads_and_verifies(shop: Shop, app: FakeApp, door: Door) -> None:
    app.manifest = manifest(id="saleor.app.payment.amazonpay")
    installed = await shop.install(MANIFEST_URL)
    app.reply("TRANSACTION_INITIALIZE_SESSION", {"result": "CHARGE_REQUEST", "pspReference": "C1"})
    result = await shop.transaction_initialize(shop.checkout_create(total="40").id, installed.identifier)
    assert result.transaction is not None
    client = SaleorApi(door)
    assert (await client.prove(shop.api_url, installed.token)).app_id == installed.id
    with pytest.raises(SaleorError):
        await client.prove(shop.api_url, "x" * 30)
    report = Report(
        result.transaction.id,
        EventType.CHARGE_SUCCESS,
        "C1",
        Money.parse("40", "USD"),
        available_actions=(Action.REFUND,),
    )
    taken = [await client.report(shop.api_url, installed.token, report) for _ in range(2)]
    assert [(entry.accepted, entry.already_processed) for entry in taken] == [(True, False), (True, True)]
    await client.update_transaction(shop.api_url, installed.token, result.transaction.id, name="Amazon Pay")
    assert result.transaction.name == "Amazon Pay"
    view = await client.transaction(shop.api_url, installed.token, result.transaction.id)
    assert view is not None
    keys = KeyRing(client.fetch_jwks, lambda: 0.0)
    call = app.received("TRANSACTION_INITIALIZE_SESSION")[0]
    await keys.verify(shop.api_url, call.raw, call.headers["Saleor-Signature"])
    shop.faults.api_down()
    with pytest.raises(SaleorError) as caught:
        await client.report(shop.api_url, installed.token, report)
    assert caught.value.code == "http_503"


_SHIP_TO = """mutation($id: ID!, $address: AddressInput!) {
  checkoutShippingAddressUpdate(id: $id, shippingAddress: $address) { errors { field code } }
}"""


@pytest.mark.parametrize(
    ("number", "errors"),
    [
        ("800-000-0000", [{"field": "phone", "code": "INVALID"}]),  # Amazon's sandbox has it; nobody can
        ("+1 206 555 0100", []),
        ("(206) 555-0100", []),
        ("", []),
    ],
)
async def test_an_address_needs_no_number_but_one_that_somebody_may_have(
    shop: Shop, door: Door, number: str, errors: list[dict[str, str]]
) -> None:
    address = {
        "firstName": "Jane", "lastName": "Doe", "streetAddress1": "10 Ditka Ave", "city": "Chicago",
        "postalCode": "60602", "country": "US", "countryArea": "IL", "phone": number,
    }  # fmt: skip
    checkout = shop.checkout_create(total="40")
    told = await _ask(door, _SHIP_TO, id=checkout.id, address=address)
    assert told["data"]["checkoutShippingAddressUpdate"]["errors"] == errors
