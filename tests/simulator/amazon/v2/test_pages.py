"""Amazon's own pages and the control API of Checkout v2: what a tester's browser and a script can do."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.page import render
from tests.simulator.amazon.v2.shop import PayShop, sign

pytestmark = pytest.mark.anyio
ORIGIN = "http://127.0.0.1:9100"


def button(pay: PayShop) -> dict[str, str]:
    body = {
        "storeId": pay.merchant.store_id,
        "webCheckoutDetails": {"checkoutReviewReturnUrl": "https://shop.example/review"},
    }
    payload = json.dumps(body)
    return {
        "payloadJSON": payload, "publicKeyId": pay.key_id, "algorithm": pay.algorithm,
        "signature": sign(pay.private, pay.algorithm, payload.encode()),
    }  # fmt: skip


async def post(pay: PayShop, path: str, **fields: str) -> HttpResponse:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await pay.http.request("POST", f"{ORIGIN}{path}", headers=headers, body=urlencode(fields).encode())


async def control(pay: PayShop, path: str, **given: Any) -> Any:
    answer = await pay.http.request("POST", f"{ORIGIN}/control/{path}", headers={}, body=json.dumps(given).encode())
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


async def test_a_browsers_way_from_the_button_to_the_result(pay: PayShop) -> None:
    started = await post(
        pay, "/checkout/start", merchantId=pay.merchant.seller_id, productType="PayAndShip", **button(pay)
    )
    assert started.status == 200
    page = started.body.decode()
    found = re.search(r'action="/checkout/([0-9a-f-]{36})"', page)
    back = re.search(r'name="back" value="([^"]+)"', page)
    assert found is not None
    assert back is not None
    good = pay.card(Behaviour.OK)
    left = await post(pay, f"/checkout/{found[1]}", card_id=good, back=back[1])
    assert (left.status, left.headers["location"]) == (
        303, f"https://shop.example/review?amazonCheckoutSessionId={found[1]}",
    )  # fmt: skip
    await pay.ok("PATCH", f"/checkoutSessions/{found[1]}", pay.setting())
    shown = await pay.http.request("GET", f"{ORIGIN}/checkout/{found[1]}", headers={})
    assert b"10.00 USD" in shown.body
    paid = await post(pay, f"/checkout/{found[1]}", card_id=good, back="")
    assert paid.headers["location"] == f"https://shop.example/result?amazonCheckoutSessionId={found[1]}"
    assert (await pay.complete(found[1]))["statusDetails"]["state"] == "Completed"
    over = await pay.http.request("GET", f"{ORIGIN}/checkout/{found[1]}", headers={})
    assert b"Completed" in over.body


async def test_a_buyer_may_cancel_on_either_page(pay: PayShop) -> None:
    session = await pay.opened()
    left = await post(pay, f"/checkout/{session}", decision="cancel", back="https://shop.example/review")
    assert left.status == 303
    assert await pay.state(f"/checkoutSessions/{session}") == ("Canceled", "BuyerCanceled")
    assert (await post(pay, f"/checkout/{session}")).status == 409
    assert (await post(pay, "/checkout/nothing")).status == 404
    assert (await pay.http.request("GET", f"{ORIGIN}/checkout/nothing", headers={})).status == 404


async def test_a_forged_button_opens_nothing(pay: PayShop) -> None:
    forged = {**button(pay), "signature": "AAAA"}
    answer = await post(pay, "/checkout/start", merchantId=pay.merchant.seller_id, **forged)
    assert answer.status == 400
    assert (await post(pay, "/checkout/start", merchantId="nobody", **button(pay))).status == 400
    assert pay.world.pay.books.sessions == {}


async def test_the_script_is_served(pay: PayShop) -> None:
    answer = await pay.http.request("GET", f"{ORIGIN}/checkout.js", headers={})
    assert b"renderButton" in answer.body
    assert answer.headers["content-type"].startswith("text/javascript")


async def test_every_deed_of_the_control_api(pay: PayShop) -> None:
    opened = await control(pay, "checkout-sessions", button=button(pay))
    session = opened["checkout_session_id"]
    assert opened["redirect"].startswith("https://shop.example/review?")
    more = {"chargePermissionType": "Recurring", "recurringMetadata": {"frequency": {"unit": "Month", "value": "1"}}}
    await pay.ok("PATCH", f"/checkoutSessions/{session}", {**pay.setting(), **more})
    card = pay.card(Behaviour.OK)
    finished = await control(pay, f"checkout-sessions/{session}/finish", card_id=card)
    assert finished["confirmed"] is True
    done = await pay.complete(session)
    permission, charge = done["chargePermissionId"], done["chargeId"]
    chosen = await control(pay, f"charge-permissions/{permission}/payment-method", card_id=card)
    assert chosen["card_id"] == card
    refund = await control(pay, f"charges/{charge}/refunds", amount="2.00")
    settled = await control(pay, f"charge-refunds/{refund['id']}/settle", state="Declined", reason="AmazonRejected")
    assert (settled["state"], settled["reason"]) == ("Declined", "AmazonRejected")
    dispute = await control(pay, f"charges/{charge}/disputes", amount="1.00")
    assert (await control(pay, f"disputes/{dispute['id']}/resolve", resolution="BuyerWon"))["resolution"] == "BuyerWon"
    slow = await pay.charge(permission, code="CaptureInitiated")
    assert (await control(pay, f"charges/{slow['chargeId']}/settle"))["state"] == "Captured"
    held = await pay.charge(permission, captureNow=False)
    assert (await control(pay, f"charges/{held['chargeId']}/cancel"))["reason"] == "AmazonCanceled"
    assert await control(pay, "dispute-access", visible=False) == {"visible": False}
    closed = await control(pay, f"charge-permissions/{permission}/close", by="amazon")
    assert (closed["state"], closed["reason"]) == ("Closed", "AmazonCanceled")
    books = json.loads((await pay.http.request("GET", f"{ORIGIN}/control/books", headers={})).body)
    assert len(books["charges"]) == 3
    assert books["charge_permissions"][0]["id"] == permission
    page = render(pay.world)
    for each in (permission, charge, session, refund["id"], dispute["id"]):
        assert each in page


async def test_bad_input_and_unknown_ids_are_said(pay: PayShop) -> None:
    for path, body, status in (
        ("checkout-sessions/x/finish", b"{}", 404),
        ("charges/x/refunds", b'{"amout": 1}', 400),
        ("checkout-sessions", b'{"button": {"payloadJSON": "{}"}}', 400),
        ("checkout-sessions", b'{"seller_id": "nobody"}', 400),
    ):
        answer = await pay.http.request("POST", f"{ORIGIN}/control/{path}", headers={}, body=body)
        assert answer.status == status, (path, answer.body)
