"""Installing, reinstalling and deleting an app (contracts §1)."""

from __future__ import annotations

from typing import Any

import pytest

from saleor_amazonpay.http import HttpResponse, TransportError
from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.install import InstallError
from saleor_amazonpay.simulator.shop.people import InstalledApp
from tests.simulator.shop.conftest import Naps
from tests.simulator.shop.fake_app import (
    APP_ID,
    HOOK_URL,
    MANIFEST_URL,
    QUERIES,
    TOKEN_URL,
    FakeApp,
    manifest,
    webhook,
)

pytestmark = pytest.mark.anyio


async def test_the_app_is_told_its_token_and_whose_it_is(shop: Shop, app: FakeApp) -> None:
    installed = await shop.install(MANIFEST_URL)
    fetched, told = app.calls
    assert (fetched.method, fetched.headers["Saleor-Schema-Version"]) == ("GET", "3.24")
    assert "Saleor-Api-Url" not in fetched.headers
    assert (told.url, told.body) == (TOKEN_URL, {"auth_token": installed.token})
    assert told.headers["Saleor-Api-Url"] == "http://127.0.0.1:8000/graphql/"
    assert told.headers["Saleor-Domain"] == "127.0.0.1:8000"
    assert "Saleor-Signature" not in told.headers
    assert len(installed.token) == 30
    assert shop.world.requestor(installed.token) is installed


async def test_a_redirect_is_taken_for_success(shop: Shop, app: FakeApp) -> None:
    app.registration = HttpResponse(302, b"")
    assert (await shop.install(MANIFEST_URL)).alive


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (HttpResponse(403, b'{"error": {"code": "x", "message": "Not in the list."}}'), "Not in the list."),
        (HttpResponse(400, b'{"error": {"message": "' + b"m" * 300 + b'"}}'), "m" * 255),
        (HttpResponse(500, b"{}"), "App internal error (500)"),
        (HttpResponse(404, b'{"error": "text"}'), "App internal error (404)"),
        (TransportError("no", sent=False), "Failed to connect to app."),
    ],
)
async def test_a_refused_token_undoes_the_installation(shop: Shop, app: FakeApp, answer: Any, shown: str) -> None:
    app.registration = answer
    with pytest.raises(InstallError) as caught:
        await shop.install(MANIFEST_URL)
    assert caught.value.message.startswith(shown)
    assert shop.world.apps == []
    app.registration = {}
    assert (await shop.install(MANIFEST_URL)).id != "QXBwOjE="


_HOOK = webhook("APP_DELETED", QUERIES["APP_DELETED"])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (HttpResponse(302, b""), "INVALID_MANIFEST_FORMAT"),
        (HttpResponse(500, b"{}"), "INVALID_MANIFEST_FORMAT"),
        (HttpResponse(200, b"<html>"), "INVALID_MANIFEST_FORMAT"),
        (HttpResponse(200, b"[]"), "INVALID_MANIFEST_FORMAT"),
        (TransportError("no", sent=False), "MANIFEST_URL_CANT_CONNECT"),
        ({"name": "x", "version": "1"}, "REQUIRED"),
        (manifest(name=5), "INVALID"),
        (manifest(permissions=["MANAGE_APPS"]), "OUT_OF_SCOPE_PERMISSION"),
        (manifest(permissions=["DANCE"]), "INVALID_PERMISSION"),
        (manifest(permissions=None), "INVALID"),
        (manifest(webhooks=None), "INVALID"),
        (manifest(webhooks=["x"]), "INVALID"),
        (manifest(webhooks=[{**_HOOK, "targetUrl": "ftp://x"}]), "INVALID_URL_FORMAT"),
        (manifest(webhooks=[{**_HOOK, "targetUrl": f"http://x/{'a' * 250}"}]), "INVALID"),
        (manifest(webhooks=[{**_HOOK, "asyncEvents": None}]), "INVALID"),
        (manifest(webhooks=[{**_HOOK, "asyncEvents": ["TRANSACTION_CHARGE_REQUESTED"]}]), "INVALID"),
        (manifest(webhooks=[{**_HOOK, "asyncEvents": ["app_deleted"]}]), "INVALID"),
    ],
)
async def test_a_manifest_that_saleor_refuses_is_refused(shop: Shop, app: FakeApp, answer: Any, code: str) -> None:
    app.manifest = answer
    with pytest.raises(InstallError) as caught:
        await shop.install(MANIFEST_URL)
    assert caught.value.code == code
    assert shop.world.apps == []


async def test_one_unknown_field_in_one_subscription_fails_the_installation(shop: Shop, app: FakeApp) -> None:
    app.manifest["webhooks"][2]["query"] = QUERIES["TRANSACTION_PROCESS_SESSION"].replace("data", "data idempotencyKey")
    with pytest.raises(InstallError, match=r"Subscription query is not valid.*idempotencyKey"):
        await shop.install(MANIFEST_URL)


async def test_without_named_events_they_are_derived_from_the_query(shop: Shop, app: FakeApp) -> None:
    text = "subscription { event { ...Deleted ... on OrderCreated { issuedAt } } } fragment Deleted on AppDeleted { issuedAt }"
    app.manifest = manifest(webhooks=[{"name": "w", "targetUrl": HOOK_URL, "query": text}])
    installed = await shop.install(MANIFEST_URL)
    assert installed.webhooks[0].events == {"APP_DELETED", "ORDER_CREATED"}


async def test_the_same_app_is_not_installed_twice(shop: Shop, installed: InstalledApp) -> None:
    with pytest.raises(InstallError) as caught:
        await shop.install(MANIFEST_URL)
    assert caught.value.code == "UNIQUE"


async def test_a_deleted_app_is_told_and_its_token_is_dead(shop: Shop, app: FakeApp, installed: InstalledApp) -> None:
    shop.delete(installed)
    assert shop.world.requestor(installed.token) is None
    await shop.settled()
    (call,) = app.received("APP_DELETED")
    assert call.body["app"] == {"id": installed.id}
    assert call.body["issuingPrincipal"] == {"__typename": "User", "id": shop.staff.id}


async def test_a_reinstalled_app_has_another_id_and_token(shop: Shop, installed: InstalledApp) -> None:
    again = await shop.reinstall(installed)
    assert (again.id, again.token) != (installed.id, installed.token)
    assert shop.world.app(APP_ID) is again
    await shop.settled()


async def test_an_async_event_is_repeated_unchanged_after_5xx_but_not_after_4xx(
    shop: Shop, app: FakeApp, installed: InstalledApp, naps: Naps
) -> None:
    app.reply("APP_DELETED", HttpResponse(503, b""), TransportError("no", sent=True), HttpResponse(404, b""))
    shop.delete(installed)
    await shop.settled()
    assert naps.taken == [10, 20]
    assert len({call.raw for call in app.received("APP_DELETED")}) == 1


async def test_custom_headers_are_sent_in_lower_case(shop: Shop, app: FakeApp) -> None:
    app.manifest = manifest(webhooks=[{**_HOOK, "customHeaders": {"X-Team": "pay"}}])
    shop.delete(await shop.install(MANIFEST_URL))
    await shop.settled()
    assert app.received("APP_DELETED")[0].headers["x-team"] == "pay"


async def test_an_app_that_is_not_activated_can_do_nothing(shop: Shop, app: FakeApp) -> None:
    installed = await shop.install(MANIFEST_URL, activate=False)
    assert shop.world.requestor(installed.token) is None


async def test_problems_are_counted_up_made_critical_and_taken_back(shop: Shop, installed: InstalledApp) -> None:
    first = shop.app_problem_create(installed, "Cap reached", "cap", critical_threshold=2).problem
    again = shop.app_problem_create(installed, "Cap still reached", "cap", critical_threshold=2).problem
    assert first is again is not None
    assert (again.count, again.is_critical, again.message) == (2, True, "Cap still reached")
    shop.app_problem_create(installed, "Cap reached", "cap")
    assert again.is_critical is False
    assert shop.app_problem_create(installed, "Cap", "cap", aggregation_period=0).problem is not again
    shop.app_problem_dismiss(installed, keys=["cap"])
    assert all(problem.dismissed for problem in installed.problems)
    fresh = shop.app_problem_create(installed, "m" * 3000, "cap").problem
    assert fresh is not None
    assert (fresh.count, len(fresh.message), fresh.message[-3:]) == (1, 2048, "...")


async def test_problems_are_limited(shop: Shop, installed: InstalledApp) -> None:
    for number in range(105):
        shop.app_problem_create(installed, "Something", f"key-{number}")
    assert [problem.key for problem in installed.problems][:1] == ["key-5"]
    assert len(installed.problems) == 100
    for message, key in (("ab", "key"), ("abc", "ke"), ("abc", "k" * 129)):
        assert shop.app_problem_create(installed, message, key).errors[0].code == "INVALID"
    assert shop.app_problem_dismiss(installed).errors[0].code == "INVALID"
    assert shop.app_problem_dismiss(installed, ids=["x"] * 101).errors[0].code == "INVALID"
