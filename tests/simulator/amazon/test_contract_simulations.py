"""Contract section 2: the sandbox simulation strings, row by row."""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.simulator.amazon.demonstrations import (
    SET_ORDER,
    Demonstration,
    Table,
    agreement,
    authorized,
    code,
    constraints,
    note,
    open_order,
    order,
    reserved,
    total,
)
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
row = Table()
CHARGE = "AuthorizeOnBillingAgreement"
STATUS = "AuthorizationStatus"
CLOSED = '"State":"Closed","ReasonCode":"AmazonClosed"'
REJECTED = '"State":"Declined","ReasonCode":"AmazonRejected"'
INVALID_METHOD = '"State":"Declined","ReasonCode":"InvalidPaymentMethod"'


async def _both(shop: Shop, inner: str) -> list[tuple[str, str]]:
    """What AuthorizeOnBillingAgreement and Authorize make of a simulation."""
    charged = await shop.charge(await shop.open_agreement(), SellerAuthorizationNote=note(inner))
    _id, reserved_ = await authorized(shop, await open_order(shop), SellerAuthorizationNote=note(inner))
    return [state(charged, STATUS), reserved_]


@row("2 SetOrderReferenceDetails: Constraint PaymentMethodNotAllowed until another note")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_order()
    there = order(made.order_id, **total(shop, "5.00"))
    wanted = {**there, f"{SET_ORDER}.SellerNote": note('"Constraint":"PaymentMethodNotAllowed"')}
    root = await shop.ok("SetOrderReferenceDetails", wanted)
    assert text(root, "Constraint/ConstraintID") == "PaymentMethodNotAllowed"
    root = await shop.ok("SetOrderReferenceDetails", there)  # without a note it stays
    assert text(root, "Constraint/ConstraintID") == "PaymentMethodNotAllowed"
    root = await shop.ok("SetOrderReferenceDetails", {**there, f"{SET_ORDER}.SellerNote": "Thanks"})
    assert root.find(".//Constraint") is None


@row("2 CloseOrderReference: Closed AmazonClosed")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop)
    await shop.ok("CloseOrderReference", order(order_id, ClosureReason=note(CLOSED)))
    assert await shop.state("OrderReference", order_id) == ("Closed", "AmazonClosed")


@row("2 authorize: Declined InvalidPaymentMethod, Open again after the minutes")
async def _(shop: Shop) -> None:
    wanted = note(INVALID_METHOD + ',"PaymentMethodUpdateTimeInMins":5')
    for timeout, later in (("5", ("Open", "")), ("0", ("Suspended", "InvalidPaymentMethod"))):
        agreement_id, order_id = await shop.open_agreement(), await open_order(shop)
        made = await shop.charge(agreement_id, SellerAuthorizationNote=wanted, TransactionTimeout=timeout)
        await authorized(shop, order_id, SellerAuthorizationNote=wanted, TransactionTimeout=timeout)
        shop.world.advance(10)
        declined = await shop.state("Authorization", text(made, "AmazonAuthorizationId"))
        assert declined == ("Declined", "InvalidPaymentMethod")
        for kind, object_id in (("BillingAgreement", agreement_id), ("OrderReference", order_id)):
            assert await shop.state(kind, object_id) == ("Suspended", "InvalidPaymentMethod")
        shop.world.advance(5 * 60)
        for kind, object_id in (("BillingAgreement", agreement_id), ("OrderReference", order_id)):
            assert await shop.state(kind, object_id) == later


@row("2 authorize: Declined InvalidPaymentMethod with SoftDecline")
async def _(shop: Shop) -> None:
    for flag, after in (("true", "Open"), ("false", "Suspended")):
        agreement_id = await shop.open_agreement()
        wanted = note(f'{INVALID_METHOD},"SoftDecline":"{flag}"')
        made = await shop.charge(agreement_id, SellerAuthorizationNote=wanted)
        assert state(made, STATUS) == ("Declined", "InvalidPaymentMethod")
        assert text(made, "SoftDecline") == flag
        assert (await shop.state("BillingAgreement", agreement_id))[0] == after


@row("2 authorize: Declined AmazonRejected")
async def _(shop: Shop) -> None:
    assert await _both(shop, REJECTED) == [("Declined", "AmazonRejected")] * 2
    order_id = await open_order(shop)
    await authorized(shop, order_id, SellerAuthorizationNote=note(REJECTED))
    assert (await shop.state("OrderReference", order_id))[0] == "Closed"


@row("2 authorize: Declined TransactionTimedOut")
async def _(shop: Shop) -> None:
    inner = '"State":"Declined","ReasonCode":"TransactionTimedOut"'
    assert await _both(shop, inner) == [("Declined", "TransactionTimedOut")] * 2


@row("2 authorize: Closed ExpiredUnused")
async def _(shop: Shop) -> None:
    wanted = note('"State":"Closed","ReasonCode":"ExpiredUnused","ExpirationTimeInMins":1')
    authorization_id, first = await authorized(shop, await open_order(shop), SellerAuthorizationNote=wanted)
    assert first == ("Open", "")
    shop.world.advance(59)
    assert await shop.state("Authorization", authorization_id) == ("Open", "")
    shop.world.advance(1)
    assert await shop.state("Authorization", authorization_id) == ("Closed", "ExpiredUnused")


@row("2 authorize: Closed AmazonClosed")
async def _(shop: Shop) -> None:
    assert await _both(shop, CLOSED) == [("Closed", "AmazonClosed")] * 2


async def _capture(shop: Shop, inner: str) -> tuple[str, tuple[str, str]]:
    values = shop.capture_values(await reserved(shop), SellerCaptureNote=note(inner))
    made = await shop.ok("Capture", values)
    return text(made, "AmazonCaptureId"), state(made, "CaptureStatus")


@row("2 Capture: Pending, later Completed")
async def _(shop: Shop) -> None:
    capture_id, first = await _capture(shop, '"State":"Pending"')
    assert first == ("Pending", "")
    shop.world.advance(60)
    assert await shop.state("Capture", capture_id) == ("Completed", "")


@row("2 Capture: Declined AmazonRejected")
async def _(shop: Shop) -> None:
    assert (await _capture(shop, REJECTED))[1] == ("Declined", "AmazonRejected")


@row("2 Capture: Closed AmazonClosed")
async def _(shop: Shop) -> None:
    assert (await _capture(shop, CLOSED))[1] == ("Closed", "AmazonClosed")


@row("2 Refund: Declined AmazonRejected")
async def _(shop: Shop) -> None:
    made = await shop.ok("Refund", shop.refund_values(await shop.captured(), SellerRefundNote=note(REJECTED)))
    shop.world.advance(60)
    assert await shop.state("Refund", text(made, "AmazonRefundId")) == ("Declined", "AmazonRejected")


@row("2 invalid combinations are InvalidSandboxSimulationSpecified")
async def _(shop: Shop) -> None:
    refused = "InvalidSandboxSimulationSpecified"
    values = shop.charge_values(await shop.open_agreement())
    for inner in ('"State":"Pending"', '"State":"Closed","ReasonCode":"AmazonRejected"', '"State":"Declined"'):
        assert (await code(shop, CHARGE, {**values, "SellerAuthorizationNote": note(inner)}))[1] == refused
    values = shop.capture_values(await reserved(shop), SellerCaptureNote=note(INVALID_METHOD))
    assert (await code(shop, "Capture", values))[1] == refused
    values = shop.refund_values(await shop.captured(), SellerRefundNote=note(CLOSED))
    assert (await code(shop, "Refund", values))[1] == refused


@row("2 white space in the JSON does not matter")
async def _(shop: Shop) -> None:
    wide = '{ "SandboxSimulation": { "State": "Declined", "ReasonCode": "AmazonRejected" } }'
    for text_ in (wide, note(REJECTED)):
        made = await shop.charge(await shop.open_agreement(), SellerAuthorizationNote=text_)
        assert state(made, STATUS) == ("Declined", "AmazonRejected")


@row("2 payment methods marked * do the same")
async def _(shop: Shop) -> None:
    for behaviour, reason in (
        (Behaviour.DECLINE_HARD, "InvalidPaymentMethod"),
        (Behaviour.REJECTED, "AmazonRejected"),
        (Behaviour.TIMED_OUT, "TransactionTimedOut"),
    ):
        card = shop.world.add_card(shop.world.buyer.buyer_id, behaviour)
        made = await shop.charge(await shop.open_agreement(card_id=card.card_id))
        assert state(made, STATUS) == ("Declined", reason)
    card = shop.world.add_card(shop.world.buyer.buyer_id, allowed=False)
    made_, _token = shop.world.open_agreement(card_id=card.card_id)
    assert await constraints(shop, made_.agreement_id) == {"PaymentMethodNotAllowed"}


@row("2 a Suspended agreement comes of a simulated InvalidPaymentMethod")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    await shop.charge(agreement_id, SellerAuthorizationNote=note(INVALID_METHOD))
    assert await shop.state("BillingAgreement", agreement_id) == ("Suspended", "InvalidPaymentMethod")


@row("2 not simulable: AmazonCanceled, Stale and Expired come from Amazon and from time")
async def _(shop: Shop) -> None:
    refused = "InvalidSandboxSimulationSpecified"
    order_id = await open_order(shop)
    for reason in ("AmazonCanceled", "Stale", "Expired"):
        wanted = note(f'"State":"Canceled","ReasonCode":"{reason}"')
        values = order(order_id, ClosureReason=wanted)
        assert (await code(shop, "CloseOrderReference", values))[1] == refused
        values = agreement(await shop.open_agreement(), ClosureReason=wanted)
        assert (await code(shop, "CloseBillingAgreement", values))[1] == refused
    stale, _token = shop.world.open_order()
    shop.world.advance(3 * 3600)
    assert await shop.state("OrderReference", stale.order_id) == ("Canceled", "Stale")
    shop.world.advance(180 * 86400)
    assert await shop.state("OrderReference", order_id) == ("Closed", "Expired")
    order_id = await open_order(shop)
    shop.world.cancel_order_reference(order_id)
    assert await shop.state("OrderReference", order_id) == ("Canceled", "AmazonCanceled")


@pytest.mark.parametrize("demonstration", row.cases())
async def test_simulations_do_what_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)
