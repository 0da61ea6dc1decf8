"""Operations, payments, agreements and orders through the API: pages, filters, timelines, and what can be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Verdict
from saleor_amazonpay.flows import ledger
from saleor_amazonpay.store import operations, profiles, tenants
from tests import keys
from tests.amazon.verdicts import HARD, REFUNDED
from tests.flows.world import APP, CONSENTED, USER
from tests.web.api.caller import ERRORS, OTHER_URL, Api, codes

pytestmark = pytest.mark.anyio
NODE = "id kind phase amount { amount currency } transactionId code needsAttention createdAt"
PAGE = f"""query($filter: AmazonPayOperationFilter, $first: Int! = 25, $after: String) {{
  amazonPayOperations(filter: $filter, first: $first, after: $after) {{
    edges {{ cursor node {{ {NODE} }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
PAYMENT = """query($id: ID!) { amazonPayPayment(transactionId: $id) { transactionId authorized { amount } captured { amount }
  refunded { amount } refundable { amount } busy actions needsAttention sellerCentralUrl
  profile { alias } agreement { amazonId state chargeable user { id } profile { id } }
  operations { kind phase } timeline { actor kind title detail code amount { amount } operationId } } }"""


async def page(api: Api, first: int = 25, after: str | None = None, **wanted: Any) -> Any:
    return (await api.data(PAGE, {"filter": wanted, "first": first, "after": after}))["amazonPayOperations"]


def kinds(found: Any) -> list[str]:
    return [edge["node"]["kind"] for edge in found["edges"]]


async def sell(api: Api, count: int = 1, **session: Any) -> None:
    """Charges on one agreement, each for a purchase of its own."""
    for number in range(1, count + 1):
        data = CONSENTED if number == 1 else {"amazonBillingAgreementId": CONSENTED["amazonBillingAgreementId"]}
        given = {"principal": USER, "data": data, "source": f"Q2hlY2tvdXQ6{number}", **session}
        answer = await api.world.pay(transaction=f"T{number}", **given)
        assert answer["result"].endswith("_SUCCESS"), answer
        api.world.clock.advance(1)


async def test_pages_go_from_new_to_old_without_gap_or_repeat(api: Api) -> None:
    await sell(api, 5)
    seen, after = [], None
    for _ in range(3):
        found = await page(api, 2, after)
        seen += [edge["node"]["transactionId"] for edge in found["edges"]]
        assert found["pageInfo"]["hasPreviousPage"] is bool(after)
        after = found["pageInfo"]["endCursor"]
    assert seen == ["T5", "T4", "T3", "T2", "T1"]
    assert not found["pageInfo"]["hasNextPage"]


async def test_rows_of_the_same_moment_are_paged_too(api: Api) -> None:
    await sell(api, 3)

    def same_moment(tx: Any) -> None:
        tx.connection.exec_driver_sql("UPDATE operations SET created_at = 1")

    await api.world.store.write(same_moment)
    seen, after = [], None
    for _ in range(3):
        found = await page(api, 1, after)
        seen += [edge["node"]["transactionId"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
    assert sorted(seen) == ["T1", "T2", "T3"]


async def test_a_cursor_that_is_none_is_refused(api: Api) -> None:
    assert await api.code(PAGE, {"after": "!"}) == "BAD_CURSOR"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["REFUND", "CHARGE", "CHARGE"]),
        ({"kinds": ["REFUND"]}, ["REFUND"]),
        ({"kinds": ["REFUND", "CHARGE"]}, ["REFUND", "CHARGE", "CHARGE"]),
        ({"phases": ["PENDING"]}, ["REFUND"]),
        ({"phases": ["REPAIRABLE", "DECLINED"]}, ["CHARGE"]),
        ({"phases": ["DONE"]}, ["CHARGE"]),
        ({"phases": ["DONE", "PENDING"]}, ["REFUND", "CHARGE"]),
        ({"profileIds": ["profile-1"], "kinds": ["CHARGE"], "phases": ["DONE"]}, ["CHARGE"]),
        ({"profileIds": ["another"]}, []),
        ({"profileIds": ["profile-1", "another"]}, ["REFUND", "CHARGE", "CHARGE"]),
        ({"transactionId": "T2"}, ["CHARGE"]),
        ({"search": "T1"}, ["REFUND", "CHARGE"]),
        ({"search": "A-1"}, ["CHARGE"]),
        ({"search": "C-1"}, ["CHARGE"]),
        ({"search": "C01-1234567-1234567"}, ["REFUND", "CHARGE", "CHARGE"]),
        ({"search": "A-1", "kinds": ["REFUND"]}, []),
        ({"search": "nothing"}, []),
        ({"needsAttention": True}, []),
        ({"createdFrom": "2026-11-18T11:06:42Z"}, ["CHARGE"]),
        ({"createdUntil": "2026-11-18T11:06:42Z"}, ["REFUND", "CHARGE"]),
    ],
    ids=lambda given: repr(given)[:50],
)
async def test_filters_hold_together(api: Api, wanted: dict[str, Any], expected: list[str]) -> None:
    await sell(api)
    await api.world.act("refund", 4.0)
    api.world.amazon.script = [HARD]
    api.world.clock.advance(1)
    await api.world.pay(transaction="T2", source="Q2hlY2tvdXQ6Mg==", principal=USER, data={"amazonBillingAgreementId": "C01-1234567-1234567"})  # fmt: skip
    assert sorted(kinds(await page(api, **wanted))) == sorted(expected)


async def test_an_operation_that_gets_no_answer_asks_for_attention(api: Api) -> None:
    await sell(api)
    api.world.amazon.lost = 99
    await api.world.act("refund", 4.0)
    operation = (await api.world.operations())[-1]
    for _ in range(3):
        await api.world.store.write(lambda tx: operations.postpone(tx, operation.id, 1, 1))
    found = await page(api, needsAttention=True)
    assert kinds(found) == ["REFUND"]
    payment = (await api.data(PAYMENT, {"id": "T1"}))["amazonPayPayment"]
    assert payment["needsAttention"]
    assert "No answer from Amazon yet" in " ".join(entry["title"] for entry in payment["timeline"])


async def test_one_payment_with_its_balance_its_agreement_and_what_happened(api: Api) -> None:
    await sell(api)
    await api.world.act("refund", 4.0)
    refund = (await api.world.operations())[-1]
    api.world.amazon.decide(refund.object_id, REFUNDED)
    await api.world.settle_down()
    payment = (await api.data(PAYMENT, {"id": "T1"}))["amazonPayPayment"]
    amounts = {name: payment[name]["amount"] for name in ("authorized", "captured", "refunded", "refundable")}
    assert amounts == {"authorized": "0.00", "captured": "10.00", "refunded": "4.00", "refundable": "6.00"}
    assert payment["actions"] == ["REFUND"]
    assert payment["agreement"] == {"amazonId": "C01-1234567-1234567", "state": "OPEN", "chargeable": True, "user": {"id": USER["id"]}, "profile": {"id": "profile-1"}}  # fmt: skip
    assert payment["sellerCentralUrl"] == "https://sellercentral.example.com/C-1"
    told = [(entry["actor"], entry["kind"], entry["title"]) for entry in payment["timeline"]]
    assert told == [
        ("SALEOR", "REQUEST", "Charge requested"),
        ("AMAZON", "ANSWER", "Charge done"),
        ("SALEOR", "REQUEST", "Refund requested"),
        ("AMAZON", "ANSWER", "Refund done"),
        ("APP", "REPORT", "Reported to Saleor: REFUND_SUCCESS"),
    ]


async def test_a_payment_is_read_again_on_request(api: Api) -> None:
    await sell(api)
    await api.world.act("refund", 4.0)
    refund = (await api.world.operations())[-1]
    api.world.amazon.decide(refund.object_id, REFUNDED)
    query = f'mutation {{ amazonPayPaymentRefresh(transactionId: "T1") {{ payment {{ refunded {{ amount }} }} {ERRORS} }} }}'
    found = (await api.data(query))["amazonPayPaymentRefresh"]
    assert found["payment"]["refunded"]["amount"] == "4.00"
    missing = (await api.data(query.replace("T1", "T9")))["amazonPayPaymentRefresh"]
    assert codes(missing["errors"]) == [("transactionId", "NOT_FOUND")]


async def charged_back(api: Api, amount: int) -> str:
    """A chargeback of the one sale there is, as its notice is booked."""
    (sale,) = await api.world.operations()
    row = Operation.found(
        amazon_id="CB-1", kind=Kind.CHARGEBACK, owner=sale.owner, parent_id=sale.id, amount=Money(amount, "USD"),
        parameters='{"fee": 2000}', now=api.world.clock(),
    )  # fmt: skip
    done = Outcome(Verdict(Phase.DONE, "charged_back", effect=Effect.CHARGED_BACK), "CB-1")

    def unit(tx: Any) -> None:
        operations.enter(tx, row)
        ledger.settle(tx, api.world.deps, row, done)

    await api.world.store.write(unit)
    return row.id


async def test_a_chargeback_is_shown_and_staff_who_won_it_say_so(api: Api) -> None:
    await sell(api)
    key = await charged_back(api, 400)
    query = """{ amazonPayPayment(transactionId: "T1") { chargedBack { amount } refundable { amount }
      timeline { kind title } } }"""
    shown = (await api.data(query))["amazonPayPayment"]
    assert (shown["chargedBack"]["amount"], shown["refundable"]["amount"]) == ("4.00", "6.00")
    assert {"kind": "ANSWER", "title": "Chargeback found at Amazon"} in shown["timeline"]
    fees = "{ amazonPayFees(months: 1) { chargebacks { amount } expectedFee { amount } expectedNet { amount } } }"
    month = (await api.data(fees))["amazonPayFees"][0]
    assert {name: value["amount"] for name, value in month.items()} == {
        "chargebacks": "4.00", "expectedFee": "20.59", "expectedNet": "-14.59",
    }  # fmt: skip
    win = f'mutation {{ amazonPayChargebackWon(operationId: "{key}") {{ payment {{ chargedBack {{ amount }} }} {ERRORS} }} }}'
    for _ in range(2):
        won = (await api.data(win))["amazonPayChargebackWon"]
        assert (won["payment"]["chargedBack"]["amount"], won["errors"]) == ("0.00", [])
    month = (await api.data(fees))["amazonPayFees"][0]
    assert (month["chargebacks"]["amount"], month["expectedFee"]["amount"]) == ("0.00", "20.59")
    missing = (await api.data(win.replace(key, "nothing")))["amazonPayChargebackWon"]
    assert codes(missing["errors"]) == [("operationId", "NOT_FOUND")]


async def test_a_gateway_finds_an_orders_payments_and_a_customers_agreements(api: Api) -> None:
    await sell(api)
    api.saleor.orders["T3JkZXI6MQ=="] = ["T1", "T8"]
    query = """query($r: [_Any!]!) { _entities(representations: $r) {
      ... on Order { id amazonPayPayments { transactionId captured { amount } } }
      ... on User { id amazonPayAgreements { amazonId recurring } } } }"""
    asked = [
        {"__typename": "Order", "id": "T3JkZXI6MQ=="},
        {"__typename": "User", "id": USER["id"]},
        {"__typename": "Order", "id": "T3JkZXI6Mg=="},
    ]
    found = (await api.data(query, {"r": asked}))["_entities"]
    assert found[0] == {"id": "T3JkZXI6MQ==", "amazonPayPayments": [{"transactionId": "T1", "captured": {"amount": "10.00"}}]}  # fmt: skip
    assert found[1]["amazonPayAgreements"] == [{"amazonId": "C01-1234567-1234567", "recurring": True}]
    assert found[2]["amazonPayPayments"] == []
    api.saleor.away = True
    token = api.token("HANDLE_PAYMENTS")
    assert (await api.data('{ amazonPayOrderPayments(orderId: "T3JkZXI6MQ==") { transactionId } }', token=token))["amazonPayOrderPayments"] == []  # fmt: skip


AGREEMENTS = """query($filter: AmazonPayAgreementFilter) { amazonPayAgreements(filter: $filter) {
  edges { node { id amazonId monthlyLimit { limit { amount } } operations { edges { node { kind } } } } } pageInfo { hasNextPage } } }"""


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 1), ({"states": ["OPEN"]}, 1), ({"states": ["CLOSED", "CANCELED"]}, 0), ({"userId": USER["id"]}, 1),
        ({"userId": "VXNlcjo5"}, 0), ({"profileId": "profile-1"}, 1), ({"search": "C01-1234567-1234567"}, 1),
        ({"search": "C01"}, 0),
    ],
)  # fmt: skip
async def test_agreements_are_listed_with_what_was_done_on_them(api: Api, wanted: dict[str, Any], count: int) -> None:
    await sell(api, 2)
    edges = (await api.data(AGREEMENTS, {"filter": wanted}))["amazonPayAgreements"]["edges"]
    assert len(edges) == count
    for edge in edges:
        assert [each["node"]["kind"] for each in edge["node"]["operations"]["edges"]] == ["CHARGE", "CHARGE"]
        assert edge["node"]["monthlyLimit"] is None


CHARGE = f"""mutation($id: ID!, $order: ID!, $amount: AmazonPayDecimal, $key: String) {{
  amazonPayAgreementCharge(id: $id, orderId: $order, amount: $amount, idempotencyKey: $key) {{
    result transactionId code message payment {{ captured {{ amount }} }} {ERRORS} }} }}"""


async def agreement_id(api: Api) -> str:
    edges = (await api.data(AGREEMENTS))["amazonPayAgreements"]["edges"]
    return str(edges[0]["node"]["id"])


async def charge(api: Api, **variables: Any) -> Any:
    given = {"id": await agreement_id(api), "order": "T3JkZXI6MQ==", **variables}
    return (await api.data(CHARGE, given))["amazonPayAgreementCharge"]


async def test_an_agreement_is_charged_through_saleor_so_that_its_books_have_it(api: Api) -> None:
    await sell(api)
    api.saleor.answer_to_begin = {
        "transaction": {"id": "T1"}, "transactionEvent": {"type": "CHARGE_SUCCESS", "message": "Paid."},
        "data": {"code": "paid"}, "errors": [],
    }  # fmt: skip
    made = await charge(api, amount="12.50", key="november")
    assert made["errors"] == []
    assert (made["result"], made["transactionId"], made["code"]) == ("CHARGED", "T1", "paid")
    [begun] = api.saleor.begun
    assert begun["amount"] == "12.50"
    assert begun["data"] == {"amazonBillingAgreementId": "C01-1234567-1234567"}
    assert begun["key"].endswith(":november")
    await charge(api, amount="12.50", key="november")
    assert api.saleor.begun[1]["key"] == begun["key"]
    await charge(api)
    await charge(api)
    assert api.saleor.begun[2]["key"] != api.saleor.begun[3]["key"]
    assert "amount" not in api.saleor.begun[2]


async def test_what_saleor_does_not_begin_or_does_not_answer_is_told_apart(api: Api) -> None:
    await sell(api)
    refusal = {"field": "id", "code": "NOT_FOUND", "message": "no"}
    api.saleor.answer_to_begin = {"transaction": None, "transactionEvent": None, "data": None, "errors": [refusal]}
    assert codes((await charge(api))["errors"]) == [("orderId", "SALEOR_REFUSED")]
    agreement = await agreement_id(api)
    token = api.token("HANDLE_PAYMENTS")
    api.saleor.away = True
    found = (await api.data(CHARGE, {"id": agreement, "order": "x", "key": "k"}, token=token))[
        "amazonPayAgreementCharge"
    ]
    assert codes(found["errors"]) == [(None, "SALEOR_UNREACHABLE")]
    assert "idempotency key k" in found["errors"][0]["remedy"]


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "1e30"])
async def test_an_amount_that_cannot_be_charged_is_refused_before_saleor_is_asked(api: Api, amount: str) -> None:
    await sell(api)
    assert codes((await charge(api, amount=amount))["errors"]) == [("amount", "INVALID")]
    assert api.saleor.begun == []


async def test_only_an_open_recurring_agreement_of_a_profile_that_is_not_closed_is_charged(api: Api) -> None:
    await sell(api)
    key = await agreement_id(api)

    async def refusal(sql: str) -> list[tuple[str | None, str]]:
        await api.world.store.write(lambda tx: tx.connection.exec_driver_sql(sql))
        api.world.deps.directory.forget()
        return codes((await charge(api))["errors"])

    assert await refusal("UPDATE agreements SET state = 'suspended'") == [("id", "NOT_CHARGEABLE")]
    assert await refusal("UPDATE agreements SET state = 'open', recurring = 0") == [("id", "NOT_CHARGEABLE")]
    assert await refusal("UPDATE profiles SET state = 'closed'") == [("id", "PROFILE_CLOSED")]
    unknown = (await api.data(CHARGE, {"id": key[::-1], "order": "x"}))["amazonPayAgreementCharge"]
    assert codes(unknown["errors"]) == [("id", "NOT_FOUND")]
    assert api.saleor.begun == []


async def test_this_app_itself_may_charge_without_the_buyer_and_other_apps_only_if_listed(api: Api) -> None:
    await sell(api)
    data = {"amazonBillingAgreementId": "C01-1234567-1234567"}
    ours = {**APP, "identifier": "saleor.app.payment.amazonpay"}
    paid = await api.world.pay(transaction="T2", source="T3JkZXI6MQ==", principal=ours, data=data)
    assert paid["result"] == "CHARGE_SUCCESS"
    stranger = {**APP, "identifier": "somebody.else"}
    refused = await api.world.pay(transaction="T3", source="T3JkZXI6Mg==", principal=stranger, data=data)
    assert refused["data"]["code"] == "agreement_unknown"


async def test_another_shops_things_do_not_exist(api: Api) -> None:
    """A second shop on the same installation, with every id of the first at hand."""
    await sell(api)
    operation = (await api.world.operations())[0].id
    agreement = await agreement_id(api)
    store = api.world.store

    def unit(tx: Any) -> None:
        tenants.register(tx, store.sealer, "tenant-2", OTHER_URL, "QXBwOjc=", "o" * 30, keys.jwks("other").decode(), 1)
        other = replace(api.world.profile, id="profile-2", tenant_id="tenant-2", alias="Other")
        profiles.insert(tx, store.sealer, other, {"secret_key": "s"}, 1)

    await store.write(unit)
    api.world.deps.directory.forget()
    token = api.token("HANDLE_PAYMENTS", "MANAGE_APPS", key="other", iss=OTHER_URL, app="QXBwOjc=")
    asked = f"""{{ amazonPayProfiles {{ id }} amazonPayProfile(id: "profile-1") {{ id }}
      amazonPayOperation(id: "{operation}") {{ id }} amazonPayPayment(transactionId: "T1") {{ transactionId }}
      amazonPayAgreement(id: "{agreement}") {{ id }} amazonPayOperations {{ edges {{ cursor }} }}
      search: amazonPayOperations(filter: {{search: "A-1"}}) {{ edges {{ cursor }} }}
      mine: amazonPayOperations(filter: {{profileIds: ["profile-1"]}}) {{ edges {{ cursor }} }}
      of: amazonPayOperations(filter: {{agreementId: "{agreement}"}}) {{ edges {{ cursor }} }}
      amazonPayAgreements {{ edges {{ cursor }} }} amazonPayProblems {{ key }}
      _entities(representations: [{{__typename: "User", id: "{USER["id"]}"}}]) {{ ... on User {{ amazonPayAgreements {{ id }} }} }} }}"""
    nothing = {"edges": []}
    assert await api.data(asked, token=token, saleor_api_url=OTHER_URL) == {
        "amazonPayProfiles": [{"id": "profile-2"}], "amazonPayProfile": None, "amazonPayOperation": None,
        "amazonPayPayment": None, "amazonPayAgreement": None, "amazonPayOperations": nothing, "search": nothing,
        "mine": nothing, "of": nothing, "amazonPayAgreements": nothing, "amazonPayProblems": [],
        "_entities": [{"amazonPayAgreements": []}],
    }  # fmt: skip
    for mutation in (
        'amazonPayProfileUpdate(id: "profile-1", version: 1, input: {alias: "mine"})',
        'amazonPayProfileDuplicate(id: "profile-1", alias: "mine")',
        'amazonPayProfilePause(id: "profile-1", version: 1)',
        'amazonPayProfileResume(id: "profile-1", version: 1)',
        'amazonPayProfileClose(id: "profile-1", version: 1)',
        'amazonPayProfileDelete(id: "profile-1", version: 1)',
        'amazonPayProfileCheck(id: "profile-1")',
        'amazonPayProfileMove(id: "profile-1", dryRun: true)',
        'amazonPayProfileValidate(id: "profile-1", input: {}, connect: true)',
        'amazonPayIpnSelfTest(profileId: "profile-1")',
        'amazonPayAssign(channel: "default-channel", profileId: "profile-1")',
        'amazonPayUnassign(channel: "default-channel", profileId: "profile-1")',
        'amazonPaySimulateNext(profileId: "profile-1", call: REFUND, code: "amazon_rejected")',
        'amazonPayPaymentRefresh(transactionId: "T1")',
        f'amazonPayAgreementCharge(id: "{agreement}", orderId: "x")',
    ):
        found = await api.data(
            f"mutation {{ it: {mutation} {{ errors {{ code }} }} }}", token=token, saleor_api_url=OTHER_URL
        )
        assert found["it"]["errors"] == [{"code": "NOT_FOUND"}], mutation
    assert api.world.amazon.checked == []
    assert api.saleor.begun == []


async def test_fees_are_what_the_profiles_own_percentages_make_of_the_month(api: Api) -> None:
    """2.9 % and 0.30 per sale, on two sales of 10.00; a refund gives no fee back."""
    await sell(api, 2)
    await api.world.act("refund", 4.0)
    refund = (await api.world.operations())[-1]
    api.world.amazon.decide(refund.object_id, REFUNDED)
    await api.world.settle_down()
    money = "month gross { amount } refunds { amount } expectedFee { amount } expectedReserve { amount } expectedNet { amount }"
    found = (await api.data(f"{{ amazonPayFees(months: 2) {{ profileId currency {money} }} }}"))["amazonPayFees"]
    assert [row["month"] for row in found] == ["2026-11", "2026-10"]
    amounts = {name: value["amount"] for name, value in found[0].items() if isinstance(value, dict)}
    assert amounts == {"gross": "20.00", "refunds": "4.00", "expectedFee": "1.18", "expectedReserve": "0.00", "expectedNet": "14.82"}  # fmt: skip
    assert found[1]["gross"]["amount"] == "0.00"
    one = (await api.data(f'{{ amazonPayProfile(id: "profile-1") {{ fees(months: 1) {{ {money} }} }} }}'))[
        "amazonPayProfile"
    ]
    assert one["fees"][0]["expectedFee"]["amount"] == "1.18"
    assert (await api.data('{ amazonPayFees(profileId: "nobody") { month } }'))["amazonPayFees"] == []
