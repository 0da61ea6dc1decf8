"""Channels and profiles: who may be chosen where, what changing it means, and that old payments do not notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from saleor_amazonpay.domain.profile import ProfileState
from saleor_amazonpay.store import profiles
from tests.flows.world import CONSENTED, USER
from tests.web.api.caller import ERRORS, WARNINGS, Api, codes

pytestmark = pytest.mark.anyio
CHANNELS = "{ amazonPayChannels { slug currencyCode assignments { priority weight qualification profile { alias } } } }"
ASSIGN = f"""mutation($c: String!, $p: ID!, $priority: Int! = 1, $weight: Int! = 1, $dry: Boolean! = false) {{
  amazonPayAssign(channel: $c, profileId: $p, priority: $priority, weight: $weight, dryRun: $dry) {{
    assignment {{ channel priority weight qualification profile {{ id }} }} {WARNINGS} {ERRORS} }} }}"""
UNASSIGN = f"""mutation($c: String!, $p: ID!, $dry: Boolean! = false) {{
  amazonPayUnassign(channel: $c, profileId: $p, dryRun: $dry) {{ removed {WARNINGS} {ERRORS} }} }}"""


async def add(api: Api, key: str, **changes: Any) -> None:
    made = replace(api.world.profile, id=key, alias=key, **changes)
    await api.world.store.write(lambda tx: profiles.insert(tx, api.world.store.sealer, made, {"secret_key": "s"}, 1))
    api.world.deps.directory.forget()


async def assign(api: Api, channel: str, profile: str, **more: Any) -> Any:
    return (await api.data(ASSIGN, {"c": channel, "p": profile, **more}))["amazonPayAssign"]


async def unassign(api: Api, channel: str, profile: str, **more: Any) -> Any:
    return (await api.data(UNASSIGN, {"c": channel, "p": profile, **more}))["amazonPayUnassign"]


async def test_channels_come_from_saleor_with_their_profiles_in_order(api: Api) -> None:
    await add(api, "second")
    await assign(api, "default-channel", "second", priority=5)
    found = (await api.data(CHANNELS))["amazonPayChannels"]
    assert [channel["slug"] for channel in found] == ["default-channel", "euro"]
    assert [(each["profile"]["alias"], each["priority"]) for each in found[0]["assignments"]] == [
        ("second", 5),
        ("US shop", 1),
    ]
    api.saleor.away = True
    assert await api.code(CHANNELS, token=api.token("MANAGE_APPS")) == "SALEOR_UNREACHABLE"


@pytest.mark.parametrize(
    ("changes", "qualification"),
    [
        ({}, "QUALIFIES"),
        ({"currency": "EUR"}, "CURRENCY_MISMATCH"),
        ({"state": ProfileState.PAUSED}, "PAUSED"),
        ({"state": ProfileState.CLOSED}, "CLOSED"),
        ({"monthly_cap": 0}, "NO_ROOM"),
    ],
)
async def test_an_assignment_says_whether_it_would_be_chosen_now(
    api: Api, changes: dict[str, Any], qualification: str
) -> None:
    await add(api, "second", **changes)
    made = await assign(api, "default-channel", "second")
    assert made["errors"] == []
    assert made["assignment"]["qualification"] == qualification


async def test_assigning_again_changes_priority_and_weight(api: Api) -> None:
    await assign(api, "default-channel", "profile-1", priority=7, weight=3)
    [row] = (await api.data(CHANNELS))["amazonPayChannels"][0]["assignments"]
    assert (row["priority"], row["weight"]) == (7, 3)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"channel": "nowhere", "profile": "profile-1"}, ("channel", "NOT_FOUND")),
        ({"channel": "euro", "profile": "nobody"}, ("id", "NOT_FOUND")),
        ({"channel": "euro", "profile": "profile-1", "priority": -1}, ("priority", "INVALID")),
        ({"channel": "euro", "profile": "profile-1", "weight": 1001}, ("weight", "INVALID")),
    ],
)
async def test_what_cannot_be_assigned_is_refused(api: Api, given: dict[str, Any], expected: tuple[str, str]) -> None:
    assert codes((await assign(api, **given))["errors"]) == [expected]


async def test_mixing_test_and_live_on_a_channel_is_said_before_it_happens(api: Api) -> None:
    await add(api, "live", test_mode=False)
    planned = await assign(api, "default-channel", "live", dry=True)
    assert ("profileId", "ENVIRONMENT_FLIP") in codes(planned["warnings"])
    assert len((await api.data(CHANNELS))["amazonPayChannels"][0]["assignments"]) == 1
    done = await assign(api, "default-channel", "live")
    assert codes(done["warnings"]) == codes(planned["warnings"])
    assert len((await api.data(CHANNELS))["amazonPayChannels"][0]["assignments"]) == 2


async def test_a_currency_that_never_matches_is_said(api: Api) -> None:
    made = await assign(api, "euro", "profile-1")
    assert ("channel", "CURRENCY_NEVER_MATCHES") in codes(made["warnings"])


async def test_taking_a_profile_away_says_what_stays_and_old_payments_go_on(api: Api) -> None:
    await api.world.pay(principal=USER)
    await api.world.act("refund", 4.0)
    planned = await unassign(api, "default-channel", "profile-1", dry=True)
    assert not planned["removed"]
    expected = [
        ("profileId", "OPEN_PAYMENTS_STAY"),
        ("profileId", "AGREEMENTS_STAY"),
        ("channel", "CHANNEL_LEFT_WITHOUT"),
    ]
    assert codes(planned["warnings"]) == expected
    done = await unassign(api, "default-channel", "profile-1")
    assert (done["removed"], codes(done["warnings"])) == (True, expected)
    again = await unassign(api, "default-channel", "profile-1")
    assert codes(again["errors"]) == [("channel", "NOT_FOUND")]
    # An old payment is refunded on, and an agreement charged, on the profile they keep.
    refund = await api.world.act("refund", 1.0, 2)
    assert refund["pspReference"]
    data = {"amazonBillingAgreementId": CONSENTED["amazonBillingAgreementId"]}
    paid = await api.world.pay(transaction="T2", source="Q2hlY2tvdXQ6Mg==", principal=USER, data=data)
    assert paid["result"] == "CHARGE_SUCCESS"
    assert (await api.world.operations("T2"))[0].profile_id == "profile-1"
