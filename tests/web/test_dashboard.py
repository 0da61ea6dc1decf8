"""What the Dashboard's pages are served with: policy, token in a posted form, and what is refused."""

from __future__ import annotations

import base64
import dataclasses
import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette

from saleor_amazonpay import resources
from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.saleor import manifest
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.web import dashboard
from saleor_amazonpay.web.routes import routes
from tests import asgi
from tests.flows.world import API_URL
from tests.web.api.caller import OTHER_URL, Api, api_world

pytestmark = pytest.mark.anyio
BASE = "https://pay.example.com"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_world(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Pages as the build leaves them, whether Node is here or not."""
    folder = tmp_path / "built" / "dashboard"
    folder.mkdir(parents=True)
    for name in ("page", "widget"):
        (folder / f"{name}.html").write_text(f'<html data-base="{{base}}"><!--handed-->{name}</html>')
    (folder / "page-AB12.js").write_text("go()")
    (tmp_path / "built" / "secret.js").write_text("no")
    monkeypatch.setattr(resources, "_BUILT", tmp_path / "built")
    dashboard._built.cache_clear()
    yield folder
    dashboard._built.cache_clear()


async def get(api: Api, path: str) -> HttpResponse:
    return await asgi.call(api.world.app, "GET", BASE + path)


async def post(api: Api, path: str, **form: str) -> HttpResponse:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return await asgi.call(api.world.app, "POST", BASE + path, headers=headers, body=urlencode(form).encode())


def policy(response: HttpResponse) -> dict[str, str]:
    found = next(value for name, value in response.headers.items() if name.lower() == "content-security-policy")
    return dict(part.strip().partition(" ")[::2] for part in found.split(";"))


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/payments/abc", "/dashboard/widgets/order"])
async def test_only_the_saleor_that_is_installed_may_show_it(api: Api, path: str) -> None:
    found = policy(await get(api, f"{path}?{urlencode({'saleorApiUrl': API_URL})}"))
    assert found["frame-ancestors"] == "https://shop.example.com"
    assert found["default-src"] == "'none'"
    assert found["script-src"] == found["style-src"] == found["connect-src"] == "'self'"


@pytest.mark.parametrize("url", [OTHER_URL, "", "javascript:alert(1)", "https://shop.example.com/graphql/;"])
async def test_nobody_else_may(api: Api, url: str) -> None:
    assert policy(await get(api, f"/dashboard?{urlencode({'saleorApiUrl': url})}"))["frame-ancestors"] == "'none'"


async def test_the_first_of_a_repeated_parameter_counts(api: Api) -> None:
    """The Dashboard sends base parameters twice to widgets; a stranger could append one."""
    query = urlencode([("saleorApiUrl", API_URL), ("saleorApiUrl", API_URL)])
    assert policy(await get(api, f"/dashboard?{query}"))["frame-ancestors"] == "https://shop.example.com"


async def test_a_posted_token_is_handed_to_the_page_as_data(api: Api) -> None:
    token = api.token("HANDLE_PAYMENTS")
    response = await post(
        api, "/dashboard/widgets/order", saleorApiUrl=API_URL, accessToken=token, appId="QXBwOjQ=", orderId='"><script>'
    )
    assert response.status == 200
    text = response.body.decode()
    assert f'<meta name="amazonpay-accessToken" content="{token}">' in text
    assert "<script>" not in text
    assert "&quot;&gt;&lt;script&gt;" in text
    assert policy(response)["frame-ancestors"] == "https://shop.example.com"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("claims", "status"), [({"exp": 1}, 401), ({"app": "QXBwOjU="}, 401), ({"is_staff": False}, 401), ({}, 200)]
)
async def test_a_posted_token_is_judged_first(api: Api, claims: dict[str, object], status: int) -> None:
    token = api.token("HANDLE_PAYMENTS", **claims)
    response = await post(api, "/dashboard/widgets/home", saleorApiUrl=API_URL, accessToken=token)
    assert response.status == status
    assert (token in response.body.decode()) is (status == 200)


async def test_a_form_of_no_installed_saleor_is_refused(api: Api) -> None:
    token = api.token("HANDLE_PAYMENTS")
    for form in ({"saleorApiUrl": OTHER_URL, "accessToken": token}, {"accessToken": token}, {"saleorApiUrl": API_URL}):
        assert (await post(api, "/dashboard/widgets/home", **form)).status == 401


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join(b"a=%d" % n for n in range(100)), b"x" * 40_000])
async def test_a_form_that_is_none_changes_nothing(api: Api, body: bytes) -> None:
    response = await asgi.call(api.world.app, "POST", f"{BASE}/dashboard/widgets/home", body=body)
    assert response.status in {400, 413}


async def test_files_are_kept_by_browsers_and_nothing_else_is_reached(api: Api) -> None:
    found = await get(api, "/dashboard/assets/page-AB12.js")
    assert (found.status, found.body) == (200, b"go()")
    assert "immutable" in found.headers["cache-control"]
    packed = await asgi.call(
        api.world.app, "GET", f"{BASE}/dashboard/assets/page-AB12.js", headers={"accept-encoding": "br, gzip"}
    )
    assert (packed.headers["content-encoding"], gzip.decompress(packed.body)) == ("gzip", b"go()")
    for name in ("page.html", "..%2Fsecret.js", ".js", "nothing.js", "page-AB12"):
        assert (await get(api, f"/dashboard/assets/{name}")).status == 404


async def test_without_a_build_it_says_what_is_missing(api: Api, built: Path) -> None:
    (built / "page.html").unlink()
    response = await get(api, "/dashboard")
    assert response.status == 404
    assert b"make dashboard" in response.body


async def test_an_operator_can_name_dashboards_on_other_hosts(api: Api) -> None:
    settings = Settings.model_validate(
        {
            "secret_keys": f"k1:{base64.b64encode(bytes(32)).decode()}",
            "dashboard_origins": "https://Dashboard.example.com/, http://localhost:9000",
        }
    )
    assert settings.other_dashboards == ("https://dashboard.example.com", "http://localhost:9000")
    doors = api.world.app.state.doors
    api.world.app.state.doors = dataclasses.replace(doors, dashboard_origins=settings.other_dashboards)
    known = policy(await get(api, f"/dashboard?{urlencode({'saleorApiUrl': API_URL})}"))
    assert known["frame-ancestors"] == "https://shop.example.com https://dashboard.example.com http://localhost:9000"


@pytest.mark.parametrize("origins", ["https://a.example/path", "*", "https://*.example.com", "a.example; script-src *"])
def test_what_is_no_origin_stops_the_start(origins: str) -> None:
    with pytest.raises(ValidationError, match="without a path"):
        Settings.model_validate(
            {"secret_keys": f"k1:{base64.b64encode(bytes(32)).decode()}", "dashboard_origins": origins}
        )


async def test_the_apps_logo_is_what_saleor_takes() -> None:
    """A square PNG of at least 256 pixels, under a path that ends in .png, with exactly that content type."""
    address = manifest.render(BASE)["brand"]["logo"]["default"]
    assert address.endswith(".png")
    answer = await asgi.call(Starlette(routes=routes()), "GET", address)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert answer.body[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(answer.body[place : place + 4], "big") for place in (16, 20))
    assert width == height >= 256
