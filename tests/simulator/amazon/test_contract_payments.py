"""Contract sections 6.2 and 6.3: the states of order references and authorizations, row by row."""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.simulator.amazon.demonstrations import (
    Demonstration,
    Table,
    account,
    authorize_values,
    authorized,
    code,
    note,
    open_order,
    order,
    reserved,
)
from tests.simulator.amazon.mailbox import Mailbox
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
row = Table()
DAY = 86400
ATYPICAL = ("Pending", "StopShipmentAtypicalAuth")


async def _order(shop: Shop, order_id: str) -> tuple[str, str]:
    return await shop.state("OrderReference", order_id)


async def _authorization(shop: Shop, authorization_id: str) -> tuple[str, str]:
    return await shop.state("Authorization", authorization_id)


async def _paying_with(shop: Shop, behaviour: Behaviour) -> str:
    """An Open agreement; its id."""
    card = shop.world.add_card(shop.world.buyer.buyer_id, behaviour)
    return await shop.open_agreement(card_id=card.card_id)


# ---- 6.2


@row("6.2 Draft, Open, Suspended InvalidPaymentMethod, Open")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.DECLINE_HARD)
    made, _token = shop.world.open_order()
    assert await _order(shop, made.order_id) == ("Draft", "")
    order_id = await open_order(shop, card_id=card.card_id)
    assert await _order(shop, order_id) == ("Open", "")
    await authorized(shop, order_id)
    assert await _order(shop, order_id) == ("Suspended", "InvalidPaymentMethod")
    shop.world.change_payment_method(order_id, next(iter(shop.world.buyer.cards)))
    await shop.ok("ConfirmOrderReference", order(order_id))
    assert await _order(shop, order_id) == ("Open", "")


@row("6.2 Canceled SellerCanceled")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop)
    await shop.ok("CancelOrderReference", order(order_id))
    assert await _order(shop, order_id) == ("Canceled", "SellerCanceled")


@row("6.2 Canceled Stale")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_order()
    shop.world.advance(3 * 3600)
    assert await _order(shop, made.order_id) == ("Canceled", "Stale")


@row("6.2 Canceled AmazonCanceled")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop)
    authorization_id, _first = await authorized(shop, order_id)
    shop.world.cancel_order_reference(order_id)
    assert await _order(shop, order_id) == ("Canceled", "AmazonCanceled")
    assert (await _authorization(shop, authorization_id))[0] == "Closed"


@row("6.2 Closed Expired")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop)
    shop.world.advance(180 * DAY)
    assert await _order(shop, order_id) == ("Closed", "Expired")


@row("6.2 Closed MaxAmountCharged")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop, "20.00")
    for after in (("Open", ""), ("Closed", "MaxAmountCharged")):
        await authorized(shop, order_id, "10.00", CaptureNow="true")
        assert await _order(shop, order_id) == after


@row("6.2 Closed MaxAuthorizationsCaptured")
async def _(shop: Shop) -> None:
    for each, most in ((shop, 10), (account(shop, region="de"), 25)):
        order_id = await open_order(each)
        for _ in range(most):
            assert await _order(each, order_id) == ("Open", "")
            await authorized(each, order_id, "1.00", CaptureNow="true")
        assert await _order(each, order_id) == ("Closed", "MaxAuthorizationsCaptured")


@row("6.2 Closed MaxAuthorizationsProcessed")
async def _(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement())
    order_id = text(made, "AmazonOrderReferenceId")
    assert await _order(shop, order_id) == ("Closed", "MaxAuthorizationsProcessed")
    assert state(made, "AuthorizationStatus") == ("Open", "")  # which is normal: the charge goes on


@row("6.2 Closed AmazonClosed")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.REJECTED)
    order_id = await open_order(shop, card_id=card.card_id)
    await authorized(shop, order_id)
    assert await _order(shop, order_id) == ("Closed", "AmazonClosed")


@row("6.2 Closed SellerClosed")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop)
    authorization_id, _first = await authorized(shop, order_id)
    await shop.ok("CloseOrderReference", order(order_id))
    assert await _order(shop, order_id) == ("Closed", "SellerClosed")
    await shop.ok("Capture", shop.capture_values(authorization_id))


# ---- 6.3


@row("6.3 Pending")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    for more in ({"TransactionTimeout": "5"}, {"TransactionTimeout": "1440"}):
        made = await shop.charge(await shop.open_agreement(), **more)
        assert state(made, "AuthorizationStatus") == ("Pending", "")
    shop.world.advance(60)
    await shop.world.deliver_due()
    assert [state(each, "AuthorizationStatus") for each in box.trees("PaymentAuthorize")] == [("Open", "")] * 2
    assert state(await shop.charge(await shop.open_agreement()), "AuthorizationStatus")[0] != "Pending"


@row("6.3 Pending StopShipmentAtypicalAuth")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    made = await shop.charge(await _paying_with(shop, Behaviour.ATYPICAL), TransactionTimeout="60")
    assert state(made, "AuthorizationStatus") == ATYPICAL
    shop.world.advance(60)
    assert await _authorization(shop, text(made, "AmazonAuthorizationId")) == ("Open", "")
    await shop.world.deliver_due()
    told = [state(each, "AuthorizationStatus") for each in box.trees("PaymentAuthorize")]
    assert told == [ATYPICAL, ("Open", "")]


@row("6.3 Open")
async def _(shop: Shop) -> None:
    live = account(shop, sandbox=False)
    authorization_id, other = await reserved(live), await reserved(live)
    shop.world.advance(7 * DAY)
    assert await _authorization(live, authorization_id) == ("Open", "")
    captured = await live.ok("Capture", live.capture_values(authorization_id))
    assert state(captured, "CaptureStatus")[0] == "Completed"
    shop.world.advance(23 * DAY - 1)
    assert await _authorization(live, other) == ("Open", "")


@row("6.3 Declined InvalidPaymentMethod, hard")
async def _(shop: Shop) -> None:
    agreement_id = await _paying_with(shop, Behaviour.DECLINE_HARD)
    made = await shop.charge(agreement_id)
    assert state(made, "AuthorizationStatus") == ("Declined", "InvalidPaymentMethod")
    assert text(made, "SoftDecline") in {"", "false"}
    assert await shop.state("BillingAgreement", agreement_id) == ("Suspended", "InvalidPaymentMethod")
    shop.world.change_payment_method(agreement_id, next(iter(shop.world.buyer.cards)))
    await shop.ok("ConfirmBillingAgreement", {"AmazonBillingAgreementId": agreement_id})
    assert state(await shop.charge(agreement_id), "AuthorizationStatus") == ("Open", "")


@row("6.3 Declined InvalidPaymentMethod, soft")
async def _(shop: Shop) -> None:
    soft = note('"State":"Declined","ReasonCode":"InvalidPaymentMethod","SoftDecline":"true"')
    agreement_id = await shop.open_agreement()
    made = await shop.charge(agreement_id, SellerAuthorizationNote=soft)
    assert (*state(made, "AuthorizationStatus"), text(made, "SoftDecline")) == (
        "Declined",
        "InvalidPaymentMethod",
        "true",
    )
    assert state(await shop.charge(agreement_id), "AuthorizationStatus") == ("Open", "")


async def _stays_open(shop: Shop, behaviour: Behaviour, reason: str) -> str:
    agreement_id = await _paying_with(shop, behaviour)
    made = await shop.charge(agreement_id)
    assert state(made, "AuthorizationStatus") == ("Declined", reason)
    assert await shop.state("BillingAgreement", agreement_id) == ("Open", "")
    return agreement_id


@row("6.3 Declined AmazonRejected")
async def _(shop: Shop) -> None:
    agreement_id = await _stays_open(shop, Behaviour.REJECTED, "AmazonRejected")
    assert state(await shop.charge(agreement_id), "AuthorizationStatus") == ("Declined", "AmazonRejected")
    card = next(card for card in shop.world.buyer.cards.values() if card.behaviour is Behaviour.REJECTED)
    order_id = await open_order(shop, card_id=card.card_id)
    await authorized(shop, order_id)
    assert (await code(shop, "Authorize", authorize_values(shop, order_id)))[1] == "InvalidOrderReferenceStatus"


@row("6.3 Declined ProcessingFailure")
async def _(shop: Shop) -> None:
    agreement_id = await _stays_open(shop, Behaviour.PROCESSING_FAILURE, "ProcessingFailure")
    shop.world.books.agreements[agreement_id].card = next(iter(shop.world.buyer.cards.values()))
    assert state(await shop.charge(agreement_id), "AuthorizationStatus") == ("Open", "")


@row("6.3 Declined TransactionTimedOut")
async def _(shop: Shop) -> None:
    agreement_id = await _stays_open(shop, Behaviour.TIMED_OUT, "TransactionTimedOut")
    made = await shop.charge(agreement_id, TransactionTimeout="1440")
    shop.world.advance(60)
    assert await _authorization(shop, text(made, "AmazonAuthorizationId")) == ("Open", "")


@row("6.3 Closed MaxCapturesProcessed")
async def _(shop: Shop) -> None:
    authorization_id = await reserved(shop)
    await shop.ok("Capture", shop.capture_values(authorization_id, "4.00"))
    assert await _authorization(shop, authorization_id) == ("Closed", "MaxCapturesProcessed")
    assert (await code(shop, "Capture", shop.capture_values(authorization_id, "1.00")))[0] == 405


@row("6.3 Closed ExpiredUnused")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    authorization_id = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    shop.world.advance(2 * DAY)
    assert await _authorization(shop, authorization_id) == ("Closed", "ExpiredUnused")
    assert state(await shop.charge(agreement_id), "AuthorizationStatus") == ("Open", "")


@row("6.3 Closed AmazonClosed")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    authorization_id = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    shop.world.cancel_agreement(agreement_id)
    assert await _authorization(shop, authorization_id) == ("Closed", "AmazonClosed")
    assert not shop.world.books.captures


@row("6.3 Closed OrderReferenceCanceled")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop)
    authorization_id, _first = await authorized(shop, order_id)
    await shop.ok("CancelOrderReference", order(order_id))
    assert await _authorization(shop, authorization_id) == ("Closed", "OrderReferenceCanceled")


@row("6.3 Closed SellerClosed")
async def _(shop: Shop) -> None:
    authorization_id = await reserved(shop)
    await shop.ok("CloseAuthorization", {"AmazonAuthorizationId": authorization_id})
    assert await _authorization(shop, authorization_id) == ("Closed", "SellerClosed")


@pytest.mark.parametrize("demonstration", row.cases())
async def test_payments_live_as_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)
