"""The control API and books for comparison."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.simulator.amazon.shop import Shop, text

pytestmark = pytest.mark.anyio


async def _send(shop: Shop, method: str, path: str, given: object = None) -> tuple[int, Any]:
    body = b"" if given is None else msgspec.json.encode(given)
    answer = await shop.http.request(method, f"http://127.0.0.1/control/{path}", headers={}, body=body)
    return answer.status, msgspec.json.decode(answer.body)


async def _post(shop: Shop, path: str, given: object = None) -> Any:
    status, told = await _send(shop, "POST", path, given)
    assert status == 200, told
    return told


async def _books(shop: Shop) -> dict[str, list[dict[str, Any]]]:
    status, told = await _send(shop, "GET", "books")
    assert status == 200
    return told  # type: ignore[no-any-return]


async def test_a_merchant_made_from_outside_can_call(shop: Shop) -> None:
    made = await _post(shop, "merchants", {"region": "uk", "monthly_limit": "500.00"})
    merchant = shop.world.find_merchant(made["seller_id"], sandbox=True)
    assert merchant is not None
    assert made["secret_key"] == merchant.secret_key
    other = Shop(shop.world, merchant)
    agreement_id = await other.open_agreement()
    root = await other.ok("GetBillingAgreementDetails", {"AmazonBillingAgreementId": agreement_id})
    assert text(root, "AmountLimitPerTimePeriod/Amount") == "500.00"
    assert text(root, "AmountLimitPerTimePeriod/CurrencyCode") == "GBP"


async def test_a_buyer_walks_through_the_widgets_from_outside(shop: Shop) -> None:
    buyer = await _post(shop, "buyers", {"name": "Max", "cards": ["decline_hard"]})
    opened = await _post(shop, "agreements", {"buyer_id": buyer["buyer_id"], "consent": False})
    agreement_id = opened["agreement_id"]
    values = {"AmazonBillingAgreementId": agreement_id}
    root = await shop.ok("GetBillingAgreementDetails", {**values, "AccessToken": opened["access_token"]})
    assert text(root, "Buyer/Name") == "Max"
    assert text(root, "ConstraintID") == "BuyerConsentNotSet"
    assert (await _post(shop, f"agreements/{agreement_id}/consent"))["consent"] is True
    await shop.ok("ConfirmBillingAgreement", values)
    await shop.charge(agreement_id)
    card = await _post(shop, f"buyers/{buyer['buyer_id']}/cards", {"behaviour": "ok"})
    told = await _post(shop, f"payment-method/{agreement_id}", {"card_id": card["card_id"], "on_amazon": True})
    assert told["state"] == "Open"
    told = await _post(shop, f"agreements/{agreement_id}/address", {"address": None})
    told = await _post(shop, f"agreements/{agreement_id}/close", {"by": "buyer"})
    assert (told["state"], told["reason"]) == ("Closed", "BuyerClosed")


async def test_amazon_cancels_from_outside(shop: Shop) -> None:
    told = await _post(shop, f"agreements/{await shop.open_agreement()}/cancel")
    assert (told["state"], told["reason"]) == ("Canceled", "AmazonCanceled")


async def test_a_one_time_order_is_opened_from_outside(shop: Shop) -> None:
    opened = await _post(shop, "order-references")
    await shop.ok(
        "GetOrderReferenceDetails",
        {"AmazonOrderReferenceId": opened["order_reference_id"], "AccessToken": opened["access_token"]},
    )


async def test_what_a_seller_does_without_the_shop_is_done_from_outside(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    elsewhere = await _post(shop, f"agreements/{agreement_id}/charges", {"amount": "7.00"})
    held = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    taken = await _post(shop, f"authorizations/{held}/captures", {"amount": "6.00"})
    assert taken["state"] == "Completed"
    given = await _post(shop, f"captures/{taken['id']}/refunds", {"type": "BuyerCanceled"})
    assert (given["amount"], given["type"]) == ("6.00", "BuyerCanceled")
    lost = await _post(shop, f"captures/{taken['id']}/chargebacks", {"amount": "1.00"})
    assert not lost["won"]
    won = await _post(shop, f"chargebacks/{lost['id']}/win")
    assert won["won"]
    books = await _books(shop)
    assert [each["amount"] for each in books["captures"]] == ["7.00", "6.00"]
    assert elsewhere["id"] in {each["id"] for each in books["order_references"]}
    references = [each["reference_id"] for each in books["authorizations"]]
    assert len(set(references)) == 2, "another system has references of its own"


async def test_books_list_every_object_with_amounts_states_and_references(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    made = await shop.charge(agreement_id, CaptureNow="true")
    capture_id = text(made, "IdList/member")
    refund = await shop.ok("Refund", shop.refund_values(capture_id, "4.00"))
    refund_id = text(refund, "AmazonRefundId")
    await _post(shop, f"refunds/{refund_id}/settle")
    staff = await _post(shop, f"captures/{capture_id}/refunds", {"amount": "1.50"})
    assert (staff["state"], staff["amount"]) == ("Pending", "1.50")
    back = await _post(shop, f"captures/{capture_id}/chargebacks")
    assert (back["state"], back["amount"]) == ("RECEIVED", "10.00")

    books = await _books(shop)
    [authorization] = books["authorizations"]
    assert authorization["agreement_id"] == agreement_id
    assert authorization["reference_id"] == text(made, "AuthorizationReferenceId")
    assert (authorization["amount"], authorization["captured"]) == ("10.00", "10.00")
    [capture] = books["captures"]
    assert (capture["id"], capture["amount"], capture["refunded"]) == (capture_id, "10.00", "4.00")
    assert capture["reference_id"] == authorization["reference_id"]
    first, second = books["refunds"]
    assert (first["id"], first["state"], first["amount"]) == (refund_id, "Completed", "4.00")
    assert first["reference_id"] == text(refund, "RefundReferenceId")
    assert second["state"] == "Pending"
    assert [each["id"] for each in books["chargebacks"]] == [back["id"]]
    assert [each["remaining"] for each in books["agreements"]] == ["990.00"]
    assert [each["state"] for each in books["order_references"]] == ["Closed"]


async def test_a_pending_capture_is_settled_from_outside(shop: Shop) -> None:
    authorization_id = text(await shop.charge(await shop.open_agreement()), "AmazonAuthorizationId")
    note = '{"SandboxSimulation":{"State":"Pending"}}'
    made = await shop.ok("Capture", shop.capture_values(authorization_id, SellerCaptureNote=note))
    capture_id = text(made, "AmazonCaptureId")
    told = await _post(shop, f"captures/{capture_id}/settle", {"state": "Declined", "reason": "AmazonRejected"})
    assert told["state"] == "Declined"


async def test_the_clock_is_moved_from_outside(shop: Shop) -> None:
    opened = await _post(shop, "agreements")
    assert (await _post(shop, "clock", {"advance": 10800}))["now"] == "2026-11-10T18:30:00.000Z"
    assert await shop.state("BillingAgreement", opened["agreement_id"]) == ("Canceled", "Stale")
    assert (await _post(shop, "clock", {"frozen": False}))["frozen"] is False
    assert (await _post(shop, "clock", {"frozen": True}))["frozen"] is True
    status, _told = await _send(shop, "POST", "clock", {"advance": -1})
    assert status == 400


async def test_settings_faults_and_notification_options_are_set_from_outside(shop: Shop) -> None:
    told = await _post(shop, "settings", {"throttling": True, "refund_delay": 99})
    assert told["throttling"] is True
    assert shop.world.refund_delay == 99
    await _post(shop, "settings", {"throttling": False})
    await _post(shop, "faults", {"kind": "error", "action": "GetServiceStatus", "status": 500})
    assert len((await _send(shop, "GET", "faults"))[1]) == 1
    assert (await shop.raw("GetServiceStatus", {})).status == 500
    await _post(shop, "faults", {"kind": "gone", "times": 0})
    assert await _send(shop, "DELETE", "faults") == (200, [])
    assert (await shop.raw("GetServiceStatus", {})).status == 200
    told = await _post(shop, "notifications/options", {"hold": True})
    assert told["hold"] is True
    assert told["copies"] == 1


async def test_the_notification_address_is_set_and_notifications_are_listed(shop: Shop) -> None:
    await _post(shop, "ipn-url", {"url": "http://127.0.0.1:9/ipn"})
    agreement_id = await shop.open_agreement()
    _status, [listed] = await _send(shop, "GET", "notifications")
    assert listed["type"] == "BillingAgreementNotification"
    assert listed["object_id"] == agreement_id
    assert listed["state"] == "waiting"
    assert await _post(shop, "notifications/deliver") == {"posts": 0}  # this world has no way out


async def test_merchants_buyers_and_tokens_are_told(shop: Shop) -> None:
    _status, merchants = await _send(shop, "GET", "merchants")
    assert [each["seller_id"] for each in merchants] == ["A2DEMOSELLER01"]
    _status, buyers = await _send(shop, "GET", "buyers")
    assert {each["behaviour"] for each in buyers[0]["cards"].values()} == {
        "ok",
        "decline_hard",
        "decline_soft",
        "rejected",
        "processing_failure",
        "timed_out",
        "atypical",
    }
    token = await _post(shop, "tokens", {"seller_id": "A2DEMOSELLER01"})
    assert shop.world.token(token["token"]) is not None


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("agreements/C01-0000000-0000000/consent", {}, 404),
        ("refunds/none/settle", {}, 404),
        ("buyers", {"cards": ["gold"]}, 400),
        ("buyers", {"nme": "typo"}, 400),
        ("agreements", {"seller_id": "NOBODY"}, 400),
        ("merchants", {"region": "moon"}, 400),
        ("merchants", {"seller_id": "A2DEMOSELLER01"}, 400),
        ("faults", {"kind": "flood"}, 400),
        ("faults", {"kind": "refuse", "code": "Whatever"}, 400),
        ("agreements", {"account": "A2DEMOSELLER01:Live"}, 400),
        ("order-references/none/cancel", {}, 404),
        ("confirmations/none", {}, 404),
    ],
)
async def test_wrong_input_is_told_and_not_a_crash(shop: Shop, path: str, given: object, status: int) -> None:
    told_status, told = await _send(shop, "POST", path, given)
    assert told_status == status
    assert told["message"]


async def test_what_amazon_refuses_is_told_with_its_code(shop: Shop) -> None:
    opened = await _post(shop, "agreements")
    status, told = await _send(shop, "POST", f"agreements/{opened['agreement_id']}/close")
    assert (status, told["error"]) == (400, "InvalidBillingAgreementStatus")


async def test_amazon_and_time_do_their_worst_from_outside(shop: Shop) -> None:
    capture_id = await shop.captured()
    told = await _post(shop, f"captures/{capture_id}/close")
    assert told == {"id": capture_id, "state": "Closed", "reason": "AmazonClosed"}
    opened = await _post(shop, "order-references", {"account": shop.merchant.key})
    order_id = opened["order_reference_id"]
    assert (await _post(shop, f"order-references/{order_id}/cancel"))["reason"] == "AmazonCanceled"
    status, told = await _send(shop, "POST", f"order-references/{order_id}/cancel")
    assert (status, told["error"]) == (400, "InvalidOrderReferenceStatus")
    card_id = next(iter(shop.world.buyer.cards))
    path = f"buyers/{shop.world.buyer.buyer_id}/spoiled-cards"
    told = await _post(shop, path, {"card_id": card_id, "constraint": "PaymentMethodDeleted"})
    assert told["cards"][card_id]["constraint"] == "PaymentMethodDeleted"
    await _post(shop, "faults", {"kind": "refuse", "action": "Refund", "code": "InternalServerError"})
    assert (await shop.refused("Refund", {})).status == 500
    assert await _post(shop, "faults/clear") == []
