"""The published schema is the schema, changes that break callers are named, and it composes with Saleor's."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import build_schema, find_breaking_changes

from saleor_amazonpay import resources
from saleor_amazonpay.web.api.schema import sdl
from tests.saleor import recorded

COMPOSITION = Path(__file__).parents[2] / "composition"
PUBLISHED = "graphql/app.graphql"


def test_the_published_schema_is_this_one() -> None:
    published = resources.read(PUBLISHED)
    if published != sdl():
        old = build_schema(published, assume_valid=True, assume_valid_sdl=True)
        new = build_schema(sdl(), assume_valid=True, assume_valid_sdl=True)
        broken = "\n".join(change.description for change in find_breaking_changes(old, new)) or "nothing breaks"
        pytest.fail(f"write it with `saleor-amazonpay schema > {PUBLISHED}` if this is meant:\n{broken}")


def test_a_change_that_breaks_callers_would_be_named() -> None:
    old = build_schema(sdl(), assume_valid=True, assume_valid_sdl=True)
    changed = re.sub(r'  """[^"]*"""\n  amazonPayProblems: [^\n]*\n', "", sdl()).replace(
        "first: Int! = 25", "first: Int!"
    )
    new = build_schema(changed, assume_valid=True, assume_valid_sdl=True)
    found = {change.description for change in find_breaking_changes(old, new)}
    assert "Field Query.amazonPayProblems was removed." in found


def test_no_name_can_collide_with_saleors() -> None:
    built = build_schema(sdl(), assume_valid=True, assume_valid_sdl=True)
    shared = {"Query", "Mutation", "Order", "User", "PageInfo", "DateTime", "String", "Int", "Boolean", "ID", "Float"}
    own = {name for name in built.type_map if not name.startswith("_")} - shared
    assert [name for name in own if not name.startswith("AmazonPay")] == []
    for kind in ("Query", "Mutation"):
        fields = built.type_map[kind].fields  # type: ignore[attr-defined]
        assert [name for name in fields if not name.startswith(("amazonPay", "_"))] == []


def test_no_default_and_no_description_holds_a_secret() -> None:
    text = sdl()
    for name in ("secretKey", "clientSecret", "privateKey", "mwsAuthToken"):
        [line] = [line for line in text.splitlines() if line.strip().startswith(f"{name}:")]
        assert line.strip() == f"{name}: String = null"  # an input field only, once, without a default


@pytest.fixture(scope="session")
def composer() -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail("Node is missing: composing with Saleor's schema cannot be tested")
        pytest.skip("Node is not installed: composing with Saleor's schema is not tested")
    if not (COMPOSITION / "node_modules" / "@theguild").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=COMPOSITION, check=True, timeout=300)
    return COMPOSITION / "compose.mjs"


def composed(composer: Path, saleor: Path, ours: str, tmp_path: Path) -> dict[str, list[str]]:
    mine = tmp_path / "app.graphql"
    mine.write_text(ours)
    done = subprocess.run(
        ["node", str(composer), str(saleor), str(mine)], capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


# Saleor's keys and types in small; and its whole subgraph, where that is at hand.
@pytest.fixture(params=["small", "whole"])
def saleor(request: pytest.FixtureRequest) -> Path:
    if request.param == "small":
        return COMPOSITION / "saleor.graphql"
    return recorded.shared("contracts/saleor-federation.graphql")


def test_it_composes_with_saleors_subgraph(composer: Path, saleor: Path, tmp_path: Path) -> None:
    found = composed(composer, saleor, resources.read(PUBLISHED), tmp_path)
    assert found["errors"] == []
    assert {"Order.amazonPayPayments", "User.amazonPayAgreements", "Query.amazonPayProfiles"} <= set(found["fields"])
    assert "Order.number" in found["fields"]


def test_a_field_of_another_type_than_saleors_would_be_refused(composer: Path, saleor: Path, tmp_path: Path) -> None:
    wrong = resources.read(PUBLISHED).replace("type PageInfo @shareable {\n  hasNextPage: Boolean!", "type PageInfo @shareable {\n  hasNextPage: Int!")  # fmt: skip
    assert wrong != resources.read(PUBLISHED)
    assert composed(composer, saleor, wrong, tmp_path)["errors"]
