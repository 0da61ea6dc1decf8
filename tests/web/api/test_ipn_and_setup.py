"""Whether notices arrive: the URL, what came, what was refused, the self-test; and the list of what is still to do."""

from __future__ import annotations

from typing import Any

import pytest

from saleor_amazonpay.store import notices
from saleor_amazonpay.store.notices import StoredNotice
from tests import asgi
from tests.flows.world import PUBLIC_URL
from tests.web.api.caller import ERRORS, Api, codes

pytestmark = pytest.mark.anyio
URL = f"{PUBLIC_URL}/api/ipn/profile-1"
HEALTH = """{ amazonPayProfile(id: "profile-1") { ipn { url state lastReceivedAt lastSubject receivedLastDay waiting
  refusals { code message count lastAt } } setup { code state values url } } amazonPaySetup { code state } }"""
TEST = f'mutation {{ amazonPayIpnSelfTest(profileId: "profile-1") {{ checks {{ name state message }} {ERRORS} }} }}'


async def health(api: Api) -> Any:
    return (await api.data(HEALTH))["amazonPayProfile"]["ipn"]


def notice(number: int, now: int, due: int = 0) -> StoredNotice:
    return StoredNotice(f"m{number}", "profile-1", "A3URCZVLDMDI45:sandbox", "capture", "C-1", "", "", "{}", now, due)


async def test_before_the_first_notice_the_url_is_there_to_be_copied(api: Api) -> None:
    assert await health(api) == {
        "url": URL, "state": "NEVER", "lastReceivedAt": None, "lastSubject": None, "receivedLastDay": 0, "waiting": 0,
        "refusals": [],
    }  # fmt: skip


async def test_what_came_is_shown(api: Api) -> None:
    now = api.world.clock()
    for number, at in enumerate((now - 90_000_000, now - 1000, now)):
        await api.world.store.write(lambda tx, n=number, t=at: notices.put(tx, notice(n, t, due=t if n == 2 else 0)))
    found = await health(api)
    assert (found["state"], found["lastSubject"], found["receivedLastDay"], found["waiting"]) == (
        "HEALTHY",
        "capture",
        2,
        1,
    )


async def test_refused_requests_are_counted_by_reason_and_a_flood_stays_one_row(api: Api) -> None:
    for _ in range(20):
        answer = await asgi.call(api.world.app, "POST", URL, body=b"{}")
        assert answer.status == 403
    api.world.clock.advance(11)
    await asgi.call(api.world.app, "POST", URL, body=b"{}")
    found = await health(api)
    assert found["state"] == "REFUSED"
    [refusal] = found["refusals"]
    assert (refusal["code"], refusal["count"]) == ("not_verified", 2)


async def test_a_stranger_can_not_make_a_healthy_profile_look_broken_for_long(api: Api) -> None:
    await asgi.call(api.world.app, "POST", URL, body=b"{}")
    api.world.clock.advance(1)
    now = api.world.clock()
    await api.world.store.write(lambda tx: notices.put(tx, notice(1, now)))
    assert (await health(api))["state"] == "HEALTHY"


async def test_the_self_test_reaches_this_very_app_and_sends_no_notice(api: Api) -> None:
    found = (await api.data(TEST))["amazonPayIpnSelfTest"]
    assert [(check["name"], check["state"]) for check in found["checks"]] == [("https", "OK"), ("reachable", "OK")]
    after = await health(api)
    assert (after["lastReceivedAt"], after["refusals"]) == (None, [])


@pytest.mark.parametrize("what", ["nothing", "something else", "another installation"])
async def test_the_self_test_says_where_it_ended(api: Api, what: str) -> None:
    async def something_else(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a" * 64})

    served = {"nothing": {}, "something else": {PUBLIC_URL: something_else}}.get(what)
    if served is None:
        from saleor_amazonpay.store.sealed import Sealer
        from saleor_amazonpay.store.store import Store

        other = api.world.another_node()
        doors = other.state.doors
        store = Store(api.world.store.engine, Sealer({"k": b"x" * 32}))
        from dataclasses import replace

        other.state.doors = replace(doors, deps=replace(doors.deps, store=store))
        served = {PUBLIC_URL: other}
    api.world.app.state.doors.http.applications = served
    found = (await api.data(TEST))["amazonPayIpnSelfTest"]["checks"][1]
    assert found["state"] == "FAILED"
    expected = "cannot be reached" if what == "nothing" else "Something else answers"
    assert expected in found["message"]


async def test_the_self_test_is_for_profiles_of_the_shop(api: Api) -> None:
    found = (await api.data(TEST.replace("profile-1", "nobody")))["amazonPayIpnSelfTest"]
    assert codes(found["errors"]) == [("id", "NOT_FOUND")]


async def test_the_list_says_what_is_done_and_what_only_a_person_can_see(api: Api) -> None:
    found = await api.data(HEALTH)
    items = {item["code"]: (item["state"], item["values"]) for item in found["amazonPayProfile"]["setup"]}
    assert items["keys"][0] == "DONE"
    assert items["ipn"] == ("TODO", [URL])
    assert items["channel"][0] == "DONE"
    assert items["active"][0] == "DONE"
    shop = {item["code"]: item["state"] for item in found["amazonPaySetup"]}
    assert shop == {"installed": "DONE", "public_url": "DONE", "profile": "DONE", "channel": "DONE", "ipn": "TODO"}
