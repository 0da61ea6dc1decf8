"""Contract section 6.1: the states of billing agreements, row by row."""

from __future__ import annotations

from typing import get_args

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.entities import CardConstraint
from tests.simulator.amazon.demonstrations import Demonstration, Table, agreement, code, constraints, note
from tests.simulator.amazon.mailbox import Mailbox
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
row = Table()
CHARGE = "AuthorizeOnBillingAgreement"
CONFIRM = "ConfirmBillingAgreement"
SUSPENDED = ("Suspended", "InvalidPaymentMethod")


async def _suspended(shop: Shop) -> str:
    agreement_id = await shop.open_agreement()
    hard = note('"State":"Declined","ReasonCode":"InvalidPaymentMethod"')
    await shop.charge(agreement_id, SellerAuthorizationNote=hard)
    return agreement_id


async def _state(shop: Shop, agreement_id: str) -> tuple[str, str]:
    return await shop.state("BillingAgreement", agreement_id)


async def _ended(shop: Shop, agreement_id: str) -> None:
    """No call brings it back."""
    for action, values in (
        (CONFIRM, agreement(agreement_id)),
        (CHARGE, shop.charge_values(agreement_id)),
        ("CreateOrderReferenceForId", {"Id": agreement_id, "IdType": "BillingAgreement"}),
    ):
        assert (await code(shop, action, values))[1] == "InvalidBillingAgreementStatus"


@row("6.1 Draft")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement()
    assert await _state(shop, made.agreement_id) == ("Draft", "")
    assert (await code(shop, CHARGE, shop.charge_values(made.agreement_id)))[0] == 405
    await shop.ok(CONFIRM, agreement(made.agreement_id))
    assert await _state(shop, made.agreement_id) == ("Open", "")


@row("6.1 Open")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    await shop.ok(CONFIRM, agreement(agreement_id))
    assert await _state(shop, agreement_id) == ("Open", "")
    await shop.charge(agreement_id)


@row("6.1 Suspended InvalidPaymentMethod")
async def _(shop: Shop) -> None:
    assert await _state(shop, await _suspended(shop)) == SUSPENDED
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.DECLINE_HARD)
    agreement_id = await shop.open_agreement(card_id=card.card_id)
    await shop.ok("ValidateBillingAgreement", agreement(agreement_id))
    assert await _state(shop, agreement_id) == SUSPENDED
    assert (await code(shop, CHARGE, shop.charge_values(agreement_id)))[1] == "InvalidBillingAgreementStatus"


@row("6.1 Suspended by new constraints")
async def _(shop: Shop) -> None:
    card, good = (shop.world.add_card(shop.world.buyer.buyer_id) for _ in range(2))
    agreement_id, other = [await shop.open_agreement(card_id=each.card_id) for each in (card, good)]
    shop.world.spoil_card(shop.world.buyer.buyer_id, card.card_id, "PaymentMethodExpired")
    assert (await _state(shop, agreement_id))[0] == "Suspended"
    assert await constraints(shop, agreement_id) == {"PaymentMethodExpired"}
    assert await _state(shop, other) == ("Open", "")
    wrong = await code(shop, CONFIRM, agreement(agreement_id))
    assert wrong == (400, "BillingAgreementConstraintsExist")


@row("6.1 Suspended to Open on pay.amazon, with PaymentMethodUpdated")
async def _(shop: Shop) -> None:
    agreement_id = await _suspended(shop)
    box = Mailbox.of(shop.world)
    shop.world.change_payment_method(agreement_id, next(iter(shop.world.buyer.cards)), on_amazon=True)
    assert await _state(shop, agreement_id) == ("Open", "")
    await shop.world.deliver_due()
    assert [box.inner(0)["NotificationType"], box.inner(0)["EventType"]] == [
        "BillingAgreementNotification",
        "PaymentMethodUpdated",
    ]


@row("6.1 Suspended to Open by widget and Confirm")
async def _(shop: Shop) -> None:
    agreement_id = await _suspended(shop)
    shop.world.change_payment_method(agreement_id, next(iter(shop.world.buyer.cards)))
    assert await _state(shop, agreement_id) == SUSPENDED
    await shop.ok(CONFIRM, agreement(agreement_id))
    assert await _state(shop, agreement_id) == ("Open", "")


@row("6.1 Suspended: captures and refunds of old charges go on")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    reserved = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    captured = text(await shop.charge(agreement_id, CaptureNow="true"), "IdList/member")
    hard = note('"State":"Declined","ReasonCode":"InvalidPaymentMethod"')
    await shop.charge(agreement_id, SellerAuthorizationNote=hard)
    assert await _state(shop, agreement_id) == SUSPENDED
    assert state(await shop.ok("Capture", shop.capture_values(reserved)), "CaptureStatus")[0] == "Completed"
    await shop.ok("Refund", shop.refund_values(captured))


@row("6.1 Canceled Stale")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement()
    shop.world.advance(3 * 3600)
    assert await _state(shop, made.agreement_id) == ("Canceled", "Stale")
    await _ended(shop, made.agreement_id)


@row("6.1 Canceled AmazonCanceled")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    charged = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    child = await shop.ok("CreateOrderReferenceForId", {"Id": agreement_id, "IdType": "BillingAgreement"})
    shop.world.cancel_agreement(agreement_id)
    assert await _state(shop, agreement_id) == ("Canceled", "AmazonCanceled")
    assert (await shop.state("Authorization", charged))[0] == "Closed"
    assert (await code(shop, "Capture", shop.capture_values(charged)))[1] == "InvalidAuthorizationStatus"
    order_state = await shop.state("OrderReference", text(child, "AmazonOrderReferenceId"))
    assert order_state == ("Canceled", "AmazonCanceled")
    await _ended(shop, agreement_id)


async def _closed(shop: Shop, agreement_id: str, reserved: str) -> None:
    await _ended(shop, agreement_id)
    assert state(await shop.ok("Capture", shop.capture_values(reserved)), "CaptureStatus")[0] == "Completed"


@row("6.1 Closed SellerClosed")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    agreement_id = await shop.open_agreement()
    reserved = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    await shop.ok("CloseBillingAgreement", agreement(agreement_id))
    assert await _state(shop, agreement_id) == ("Closed", "SellerClosed")
    await shop.world.deliver_due()
    told = box.trees("BillingAgreementNotification")[-1]
    assert state(told, "BillingAgreementStatus") == ("Closed", "SellerClosed")
    await _closed(shop, agreement_id, reserved)


@row("6.1 Closed by the buyer or Amazon")
async def _(shop: Shop) -> None:
    agreement_id, other = await shop.open_agreement(), await shop.open_agreement()
    reserved = [text(await shop.charge(each), "AmazonAuthorizationId") for each in (agreement_id, other)]
    shop.world.close_agreement(agreement_id, "buyer")
    shop.world.close_agreement(other, "amazon")
    for each, authorization_id in zip((agreement_id, other), reserved, strict=True):
        assert (await _state(shop, each))[0] == "Closed"
        await _closed(shop, each, authorization_id)


# ---- what stops Confirm


async def _stopped(shop: Shop, agreement_id: str, name: str) -> None:
    assert await constraints(shop, agreement_id) == {name}
    wrong = await shop.refused(CONFIRM, agreement(agreement_id))
    assert wrong.code == "BillingAgreementConstraintsExist"
    assert name in wrong.message


@row("6.1 constraint BuyerConsentNotSet")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement(consent=False)
    await _stopped(shop, made.agreement_id, "BuyerConsentNotSet")


@row("6.1 constraint BuyerEqualsSeller")
async def _(shop: Shop) -> None:
    shop.merchant.shared_account = shop.world.buyer.buyer_id
    made, _token = shop.world.open_agreement()
    await _stopped(shop, made.agreement_id, "BuyerEqualsSeller")


@row("6.1 constraint PaymentPlanNotSet")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement(card_id=None)
    await _stopped(shop, made.agreement_id, "PaymentPlanNotSet")


@row("6.1 constraint ShippingAddressNotSet")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement(address=False)
    await _stopped(shop, made.agreement_id, "ShippingAddressNotSet")


def _spoiled(name: CardConstraint) -> None:
    @row(f"6.1 constraint {name}")
    async def _(shop: Shop) -> None:
        card = shop.world.add_card(shop.world.buyer.buyer_id)
        made, _token = shop.world.open_agreement(card_id=card.card_id)
        shop.world.spoil_card(shop.world.buyer.buyer_id, card.card_id, name)
        await _stopped(shop, made.agreement_id, name)
        shop.world.change_payment_method(made.agreement_id, next(iter(shop.world.buyer.cards)))
        await shop.ok(CONFIRM, agreement(made.agreement_id))


for _name in get_args(CardConstraint):
    _spoiled(_name)


@pytest.mark.parametrize("demonstration", row.cases())
async def test_agreements_live_as_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)
