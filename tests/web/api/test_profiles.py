"""Profiles through the API: every field judged, secrets kept in, keys tried, changes that do not undo each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from saleor_amazonpay.amazon.port import Check
from saleor_amazonpay.domain.errors import NotExecutedError
from saleor_amazonpay.flows.cap_watch import watch_caps
from saleor_amazonpay.store import caps, profiles
from tests.web.api.caller import ERRORS, WARNINGS, Api, codes

pytestmark = pytest.mark.anyio
UPDATE = f"""mutation($id: ID!, $version: Int!, $input: AmazonPayProfileInput!) {{
  amazonPayProfileUpdate(id: $id, version: $version, input: $input) {{
    profile {{ id version alias timeZone monthlyCap {{ amount }} secrets {{ name isSet lastFour }} }} {WARNINGS} {ERRORS} }} }}"""
VALIDATE = f"""mutation($input: AmazonPayProfileInput!, $id: ID, $connect: Boolean! = false) {{
  amazonPayProfileValidate(input: $input, id: $id, connect: $connect) {{ checks {{ name state message }} {WARNINGS} {ERRORS} }} }}"""


async def update(api: Api, profile: dict[str, Any], **fields: Any) -> dict[str, Any]:
    variables = {"id": profile["id"], "version": profile["version"], "input": fields}
    return (await api.data(UPDATE, variables))["amazonPayProfileUpdate"]  # type: ignore[no-any-return]


async def state(api: Api, mutation: str, profile: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = "".join(f", {name}: {value!r}".replace("'", '"') for name, value in more.items())
    field = "deletedId" if mutation == "Delete" else f"profile {{ id version state stateReason }} {WARNINGS}"
    query = f'mutation {{ it: amazonPayProfile{mutation}(id: "{profile["id"]}", version: {profile["version"]}{given}) {{ {field} {ERRORS} }} }}'  # fmt: skip
    return (await api.data(query))["it"]  # type: ignore[no-any-return]


async def test_a_profile_is_made_and_its_secrets_stay_in(api: Api) -> None:
    made = await api.create()
    assert made["errors"] == []
    profile = made["profile"]
    assert (profile["currency"], profile["ledgerCurrency"]) == ("EUR", "EUR")
    assert profile["monthlyCap"] == {"amount": "1000.00", "currency": "EUR"}
    assert made["checks"] == [{"name": "payments", "state": "OK", "message": ""}]
    secrets = {secret["name"]: (secret["isSet"], secret["lastFour"]) for secret in profile["secrets"]}
    assert secrets["SECRET_KEY"] == (True, "RY-1")
    assert secrets["PRIVATE_KEY"] == (False, "")
    [tried] = api.world.amazon.checked
    assert tried.credentials["secret_key"] == "very-secret-key-CANARY-1"
    stored = await api.world.store.read(lambda tx: profiles.secrets(tx, api.world.store.sealer, profile["id"]))
    assert stored == {"secret_key": "very-secret-key-CANARY-1"}


async def test_a_new_profile_is_visible_at_once_on_this_node_and_soon_elsewhere(api: Api) -> None:
    other = api.world.another_node().state.doors.deps.directory
    await other.current()
    made = (await api.create())["profile"]["id"]
    assert made in (await api.world.deps.directory.current()).profiles
    assert made not in (await other.current()).profiles
    api.world.clock.advance(5.001)
    assert made in (await other.current()).profiles


BAD: list[tuple[dict[str, Any], list[tuple[str | None, str]]]] = [
    ({"alias": ""}, [("alias", "REQUIRED")]),
    ({"alias": "US shop"}, [("alias", "NOT_UNIQUE")]),
    ({"alias": "a\nb"}, [("alias", "INVALID")]),
    ({"alias": "x" * 65}, [("alias", "TOO_LONG")]),
    ({"testMode": None}, [("testMode", "REQUIRED")]),
    ({"region": None}, [("region", "REQUIRED"), ("currency", "REQUIRED")]),
    ({"sellerId": "a-b"}, [("sellerId", "INVALID")]),
    ({"sellerId": None}, [("sellerId", "REQUIRED")]),
    ({"secretKey": ""}, [("secretKey", "REQUIRED")]),
    ({"secretKey": "two words"}, [("secretKey", "INVALID")]),
    ({"currency": "XYZ"}, [("currency", "INVALID")]),
    ({"descriptor": "SEVENTEEN LETTERS"}, [("descriptor", "TOO_LONG")]),
    ({"descriptor": "Zoë"}, [("descriptor", "INVALID")]),
    ({"descriptor": None}, [("descriptor", "REQUIRED")]),
    ({"customerServiceNumber": "call me"}, [("customerServiceNumber", "INVALID")]),
    ({"customerServiceNumber": None}, [("customerServiceNumber", "REQUIRED")]),
    ({"customerServiceEmail": "nobody"}, [("customerServiceEmail", "INVALID")]),
    ({"monthlyCap": None}, [("monthlyCap", "REQUIRED")]),
    ({"monthlyCap": "-1"}, [("monthlyCap", "INVALID")]),
    ({"monthlyCap": "1.001"}, [("monthlyCap", "INVALID")]),
    ({"monthlyCap": "5", "unlimited": True}, [("unlimited", "INVALID")]),
    ({"monthlyCap": None, "unlimited": False}, [("monthlyCap", "REQUIRED")]),
    ({"timeZone": "Mars/Olympus"}, [("timeZone", "INVALID")]),
    ({"capThresholds": [0, 50]}, [("capThresholds", "INVALID")]),
    ({"capThresholds": [101]}, [("capThresholds", "INVALID")]),
    ({"processingPercent": "100.5"}, [("processingPercent", "INVALID")]),
    ({"processingPercent": "2.999"}, [("processingPercent", "INVALID")]),
    ({"transactionFee": "0.305"}, [("transactionFee", "INVALID")]),
    ({"shopOrigins": ["http://shop.example.com"]}, [("shopOrigins", "INVALID")]),
    ({"shopOrigins": ["https://shop.example.com/path"]}, [("shopOrigins", "INVALID")]),
    ({"shopOrigins": ["https://user@shop.example.com"]}, [("shopOrigins", "INVALID")]),
    ({"chargingApps": ["two words"]}, [("chargingApps", "INVALID")]),
    ({"allowOneTime": False, "allowRecurring": False}, [("allowOneTime", "INVALID")]),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), BAD, ids=lambda given: repr(given)[:60])
async def test_what_is_wrong_is_said_with_how_to_mend_it_and_nothing_is_written(
    api: Api, fields: dict[str, Any], expected: list[tuple[str | None, str]]
) -> None:
    made = await api.create(**fields)
    assert sorted(codes(made["errors"]), key=repr) == sorted(expected, key=repr)
    assert all(error["message"].endswith(".") and error["remedy"].endswith(".") for error in made["errors"])
    assert made["profile"] is None
    assert len(await api.world.store.read(lambda tx: profiles.of_tenant(tx, "tenant-1"))) == 1
    assert api.world.amazon.checked == []


async def test_every_flaw_is_reported_at_once(api: Api) -> None:
    found = (await api.data(VALIDATE, {"input": {"alias": "", "currency": "EURO"}}))["amazonPayProfileValidate"]
    fields = {error["field"] for error in found["errors"]}
    assert {"alias", "currency", "region", "testMode", "sellerId", "descriptor", "monthlyCap", "customerServiceNumber"} <= fields  # fmt: skip


async def test_unlimited_and_closed_are_said_in_words(api: Api) -> None:
    made = await api.create(monthlyCap=None, unlimited=True)
    assert made["profile"]["monthlyCap"] is None
    closed = await update(api, made["profile"], monthlyCap="0")
    assert ("monthlyCap", "CAP_CLOSED") in codes(closed["warnings"])
    assert closed["profile"]["monthlyCap"] == {"amount": "0.00"}


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({"currency": "CAD"}, ("currency", "CAD_UNLISTED")),
        ({"currency": "USD"}, ("currency", "CURRENCY_OF_REGION")),
        ({"clientSecret": "not-used-by-any-call"}, ("clientSecret", "UNUSED_SECRET")),
        ({}, ("shopOrigins", "NO_SHOP_ORIGINS")),
    ],
)
async def test_what_is_allowed_but_should_be_known(api: Api, fields: dict[str, Any], warning: tuple[str, str]) -> None:
    made = await api.create(**fields)
    assert made["errors"] == []
    assert warning in codes(made["warnings"])


async def test_rejected_keys_are_refused_with_amazons_words(api: Api) -> None:
    api.world.amazon.checks = [Check("payments", False, "SignatureDoesNotMatch: no", rejected=True)]
    made = await api.create()
    assert codes(made["errors"]) == [("secretKey", "CREDENTIALS_REJECTED")]
    assert "SignatureDoesNotMatch" in made["errors"][0]["message"]
    assert made["profile"] is None


async def test_keys_of_the_other_environment_are_found_out_by_asking_there(api: Api) -> None:
    amazon = api.world.amazon
    amazon.asks_elsewhere = True
    amazon.checks = [Check("payments", False, "InvalidAccessKeyId", rejected=True), Check("payments", True)]
    made = await api.create()
    assert codes(made["errors"]) == [("testMode", "WRONG_ENVIRONMENT")]
    assert "live keys in a sandbox profile" in made["errors"][0]["message"]
    assert [account.test_mode for account in amazon.checked] == [True, False]


async def test_a_key_that_names_its_environment_is_judged_without_asking(api: Api) -> None:
    api.world.amazon.sandbox_key = False
    assert codes((await api.create())["errors"]) == [("testMode", "WRONG_ENVIRONMENT")]
    assert api.world.amazon.checked == []
    assert (await api.create(testMode=False))["errors"] == []


async def test_an_amazon_that_does_not_answer_holds_nothing_up(api: Api) -> None:
    api.world.amazon.checks = [NotExecutedError("check", "NotConnected")]
    made = await api.create()
    assert made["errors"] == []
    assert (None, "AMAZON_UNREACHABLE") in codes(made["warnings"])


async def test_a_missing_permission_is_a_warning(api: Api) -> None:
    api.world.amazon.checks = [Check("account", False, "INACTIVE")]
    made = await api.create()
    assert made["errors"] == []
    assert (None, "CHECK_FAILED") in codes(made["warnings"])
    assert made["checks"] == [{"name": "account", "state": "FAILED", "message": "INACTIVE"}]


async def test_an_update_keeps_what_it_does_not_name_and_empty_secrets(api: Api) -> None:
    profile = (await api.create())["profile"]
    changed = await update(api, profile, descriptor="NEW", secretKey="")
    assert changed["profile"]["version"] == 2
    assert changed["profile"]["alias"] == "EU shop"
    assert {"name": "SECRET_KEY", "isSet": True, "lastFour": "RY-1"} in changed["profile"]["secrets"]
    assert len(api.world.amazon.checked) == 1  # no key has changed: Amazon is not asked again


async def test_a_new_secret_is_tried_and_replaces_the_old_one(api: Api) -> None:
    profile = (await api.create())["profile"]
    changed = await update(api, profile, secretKey="another-secret-key-of-40")
    assert {"name": "SECRET_KEY", "isSet": True, "lastFour": "f-40"} in changed["profile"]["secrets"]
    assert api.world.amazon.checked[-1].credentials["secret_key"] == "another-secret-key-of-40"
    api.world.amazon.checks = [Check("payments", False, "no", rejected=True)]
    refused = await update(api, changed["profile"], secretKey="a-wrong-secret-key-of-40")
    assert codes(refused["errors"]) == [("secretKey", "CREDENTIALS_REJECTED")]
    stored = await api.world.store.read(lambda tx: profiles.secrets(tx, api.world.store.sealer, profile["id"]))
    assert stored["secret_key"] == "another-secret-key-of-40"


async def test_a_secret_is_forgotten_on_request_but_not_one_that_is_needed(api: Api) -> None:
    profile = (await api.create(clientSecret="not-used-by-any-call"))["profile"]
    changed = await update(api, profile, clearSecrets=["CLIENT_SECRET"])
    assert {"name": "CLIENT_SECRET", "isSet": False, "lastFour": ""} in changed["profile"]["secrets"]
    refused = await update(api, changed["profile"], clearSecrets=["SECRET_KEY"])
    assert codes(refused["errors"]) == [("secretKey", "REQUIRED")]


async def test_two_people_do_not_undo_each_other(api: Api) -> None:
    profile = (await api.create())["profile"]
    await update(api, profile, alias="first")
    late = await update(api, profile, alias="second")
    assert codes(late["errors"]) == [("version", "VERSION_CONFLICT")]
    assert late["profile"] is None
    for mutation in ("Pause", "Resume", "Close", "Delete"):
        assert codes((await state(api, mutation, profile))["errors"]) == [("version", "VERSION_CONFLICT")]


async def test_what_payments_were_made_with_cannot_change(api: Api) -> None:
    assert (await api.world.pay())["result"] == "CHARGE_SUCCESS"
    profile = {"id": "profile-1", "version": 1}
    for fields, expected in (
        ({"currency": "EUR"}, ("currency", "CURRENCY_LOCKED")),
        ({"sellerId": "A2OTHERSELLER9"}, ("sellerId", "ACCOUNT_LOCKED")),
        ({"testMode": False}, ("testMode", "ACCOUNT_LOCKED")),
        ({"region": "JP"}, ("region", "ACCOUNT_LOCKED")),
        ({"wire": "V2"}, ("wire", "WIRE_LOCKED")),
    ):
        assert expected in codes((await update(api, profile, **fields))["errors"])
    moved = await update(api, profile, timeZone="Asia/Tokyo", monthlyCap="1")
    assert ("timeZone", "TIME_ZONE_NEXT_MONTH") in codes(moved["warnings"])
    assert ("monthlyCap", "CAP_BELOW_BOOKED") in codes(moved["warnings"])


async def test_pausing_and_closing_say_what_goes_on(api: Api) -> None:
    await api.world.pay()
    closed = await state(api, "Close", {"id": "profile-1", "version": 1}, reason="moved to another account")
    assert closed["profile"]["state"] == "CLOSED"
    assert closed["profile"]["stateReason"] == "moved to another account"
    assert (None, "AGREEMENTS_STAY") in codes(closed["warnings"])
    resumed = await state(api, "Resume", closed["profile"])
    assert (resumed["profile"]["state"], resumed["profile"]["stateReason"]) == ("ACTIVE", "")
    paused = await state(api, "Pause", resumed["profile"])
    assert paused["profile"]["state"] == "PAUSED"
    too_long = await state(api, "Pause", paused["profile"], reason="x" * 201)
    assert codes(too_long["errors"]) == [("reason", "TOO_LONG")]


async def test_a_used_profile_can_only_be_closed(api: Api) -> None:
    fresh = (await api.create())["profile"]
    assert (await state(api, "Delete", fresh))["deletedId"] == fresh["id"]
    await api.world.pay()
    kept = await state(api, "Delete", {"id": "profile-1", "version": 1})
    assert codes(kept["errors"]) == [(None, "OPEN_OPERATIONS")]
    assert "Close it instead" in kept["errors"][0]["remedy"]


async def test_a_copy_has_the_secrets_and_takes_no_payments_yet(api: Api) -> None:
    query = f'mutation($alias: String!) {{ amazonPayProfileDuplicate(id: "profile-1", alias: $alias) {{ profile {{ id state }} {ERRORS} }} }}'  # fmt: skip
    made = (await api.data(query, {"alias": "US shop 2"}))["amazonPayProfileDuplicate"]
    assert made["profile"]["state"] == "PAUSED"
    key, store = made["profile"]["id"], api.world.store
    assert await store.read(lambda tx: profiles.secrets(tx, store.sealer, key)) == {"secret_key": "s"}
    for alias, code in (("US shop 2", "NOT_UNIQUE"), (" ", "REQUIRED")):
        assert codes((await api.data(query, {"alias": alias}))["amazonPayProfileDuplicate"]["errors"]) == [
            ("alias", code)
        ]


async def test_checking_the_form_saves_nothing_and_asks_amazon_on_request(api: Api) -> None:
    found = (await api.data(VALIDATE, {"id": "profile-1", "input": {"descriptor": "NEW"}}))["amazonPayProfileValidate"]
    assert (found["errors"], found["checks"], api.world.amazon.checked) == ([], [], [])
    asked = {"id": "profile-1", "input": {"accessKey": "AKIAOTHER"}, "connect": True}
    found = (await api.data(VALIDATE, asked))["amazonPayProfileValidate"]
    assert [check["state"] for check in found["checks"]] == ["OK"]
    assert api.world.amazon.checked[0].credentials == {"client_id": "amzn1.application-oa2-client.demo", "access_key": "AKIAOTHER", "secret_key": "s"}  # fmt: skip
    kept = await api.world.store.read(lambda tx: profiles.one(tx, "tenant-1", "profile-1"))
    assert kept is not None
    assert (kept.access_key, kept.version) == ("AKIADEMO", 1)


async def test_payments_made_while_amazon_is_asked_still_lock_the_account(api: Api) -> None:
    """What cannot change is judged again in the transaction that writes."""

    async def pay_meanwhile(account: Any) -> list[Check]:
        await api.world.pay()
        return [Check("payments", ok=True)]

    api.world.amazon.check = pay_meanwhile  # type: ignore[method-assign]
    changed = await update(api, {"id": "profile-1", "version": 1}, sellerId="A2OTHERSELLER9")
    assert codes(changed["errors"]) == [("sellerId", "ACCOUNT_LOCKED")]


async def test_the_cap_moves_with_what_is_sold(api: Api) -> None:
    query = """{ amazonPayProfile(id: "profile-1") { cap { month unlimited percent booked { amount } remaining { amount }
      givenBack { amount } thresholds { percent reached raisedAt amount { amount } } forecastReachedAt beginsAt endsAt
      timeZone nextTimeZone }
      capHistory(months: 2) { month booked { amount } givenBack { amount } cap { amount } percent
        alerts { percent raisedAt clearedAt } } } }"""
    await api.world.store.write(lambda tx: profiles.set_cap(tx, "profile-1", 2000, 1))
    api.world.deps.directory.forget()
    await api.world.pay()
    await watch_caps(api.world.deps)
    profile = (await api.data(query))["amazonPayProfile"]
    cap = profile["cap"]
    assert (cap["givenBack"]["amount"], cap["nextTimeZone"]) == ("0.00", None)
    assert cap["beginsAt"] < cap["endsAt"]
    assert [bool(each["raisedAt"]) for each in cap["thresholds"]] == [True, False, False, False]
    newest, before = profile["capHistory"]
    assert (newest["cap"]["amount"], newest["percent"]) == ("20.00", "50.0")
    assert [(each["percent"], each["clearedAt"]) for each in newest["alerts"]] == [(50, None)]
    assert (before["cap"], before["percent"], before["alerts"]) == (None, None, [])
    assert (cap["booked"]["amount"], cap["remaining"]["amount"], cap["percent"]) == ("10.00", "10.00", "50.0")
    assert [each["percent"] for each in cap["thresholds"] if each["reached"]] == [50]
    assert [month["booked"]["amount"] for month in profile["capHistory"]] == ["10.00", "0.00"]
    month = cap["month"]
    assert await api.world.store.read(lambda tx: caps.booked(tx, "profile-1", month)) == 1000


async def test_the_next_simulation_is_used_once_by_the_fitting_call(api: Api) -> None:
    query = f"""mutation($code: String) {{ amazonPaySimulateNext(profileId: "profile-1", call: AUTHORIZE, code: $code) {{
      profile {{ nextSimulations {{ call code }} simulations {{ code }} }} {ERRORS} }} }}"""
    wrong = (await api.data(query, {"code": "no_such"}))["amazonPaySimulateNext"]
    assert codes(wrong["errors"]) == [("code", "INVALID")]
    chosen = (await api.data(query, {"code": "hard_decline"}))["amazonPaySimulateNext"]
    assert chosen["profile"]["nextSimulations"] == [{"call": "AUTHORIZE", "code": "hard_decline"}]
    await api.world.pay(transaction="T1")
    await api.world.pay(transaction="T2", source="Q2hlY2tvdXQ6MQ==")
    stored = [(await api.world.operations(key))[0].parameters for key in ("T1", "T2")]
    assert ['"play:declined"' in text for text in stored] == [True, False]
    taken_back = await api.data(query, {"code": "hard_decline"}) and await api.data(query, {"code": None})
    assert taken_back["amazonPaySimulateNext"]["profile"]["nextSimulations"] == []


async def test_live_payments_are_never_simulated(api: Api) -> None:
    live = replace(api.world.profile, id="live-1", alias="Live", test_mode=False)
    await api.world.store.write(lambda tx: profiles.insert(tx, api.world.store.sealer, live, {"secret_key": "s"}, 1))
    query = f'mutation {{ amazonPaySimulateNext(profileId: "live-1", call: REFUND, code: "amazon_rejected") {{ {ERRORS} }} }}'
    assert codes((await api.data(query))["amazonPaySimulateNext"]["errors"]) == [("profileId", "TEST_MODE_ONLY")]
