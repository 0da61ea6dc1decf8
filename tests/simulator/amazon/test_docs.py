"""docs/simulator.md: its examples work as printed, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from saleor_amazonpay.simulator.amazon import AmazonWorld, Behaviour
from saleor_amazonpay.simulator.amazon.control import Control
from saleor_amazonpay.simulator.amazon.entities import CardConstraint
from saleor_amazonpay.simulator.amazon.faults import FaultKind
from saleor_amazonpay.simulator.amazon.v2.control import PayControl
from tests.simulator.amazon.demonstrations import account, agreement
from tests.simulator.amazon.shop import Shop, text
from tests.simulator.amazon.v2.shop import PayShop

pytestmark = pytest.mark.anyio
TEXT = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()
CURL = re.compile(
    r"^curl (-X (?P<method>\w+) )?http://127\.0\.0\.1:9100(?P<path>\S+)( -d '(?P<body>.*)')?$", re.MULTILINE
)

CURLS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"}  # which it sends with -d


async def _ids(shop: Shop) -> dict[str, str]:
    """What the examples' variables stand for."""
    agreement_id = await shop.open_agreement()
    made = await shop.charge(agreement_id, CaptureNow="true")
    capture_id = text(made, "IdList/member")
    refund = await shop.ok("Refund", shop.refund_values(capture_id, "2.00"))
    europe = account(shop, region="uk")
    confirming = shop.world.open_agreement(merchant=europe.merchant)[0].agreement_id
    urls = {"SuccessUrl": "https://s.example/ok", "FailureUrl": "https://s.example/no"}
    await europe.ok("ConfirmBillingAgreement", agreement(confirming, **urls))
    pay = PayShop(shop.world, shop.merchant)
    return {
        "$session": await pay.opened(),
        "$agreement": agreement_id,
        "$capture": capture_id,
        "$refund": text(refund, "AmazonRefundId"),
        "$confirming": confirming,
    }


async def test_every_example_works_as_printed(shop: Shop) -> None:
    ids = await _ids(shop)
    examples = list(CURL.finditer(TEXT))
    assert len(examples) == TEXT.count("curl ") > 10
    for each in examples:
        path = re.sub(r"\$\w+", lambda found: ids[found[0]], each["path"])
        method = each["method"] or ("POST" if each["body"] else "GET")
        body = (each["body"] or "").encode()
        answer = await shop.http.request(method, f"http://127.0.0.1{path}", headers=CURLS, body=body)
        assert answer.status == 200, (each[0], answer.body)


def test_every_route_is_described(world: AmazonWorld) -> None:
    listed = {re.sub(r"\{\w+\}", "{}", path) for path in re.findall(r"`([\w\-/{}]+)`", TEXT)}
    routes = {
        re.sub(r"\{\w+\}", "{}", route.path.removeprefix("/control/"))
        for route in [*Control(world).routes(), *PayControl(world.pay).routes()]
    }
    assert routes - listed == set()


def test_every_fault_card_and_constraint_is_described() -> None:
    for word in (*get_args(FaultKind), *(each.value for each in Behaviour)):
        assert f"\n| `{word}` |" in TEXT, word
    for word in get_args(CardConstraint):
        assert word in TEXT
