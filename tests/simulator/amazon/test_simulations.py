"""Amazon's sandbox simulation strings."""

from __future__ import annotations

import pytest

from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
STATUS = "AuthorizationStatus"


def _note(inner: str) -> str:
    return f'{{"SandboxSimulation":{{{inner}}}}}'


DECLINED = '"State":"Declined","ReasonCode":"{}"'


@pytest.mark.parametrize(
    ("reason", "agreement_state"),
    [("InvalidPaymentMethod", "Suspended"), ("AmazonRejected", "Open"), ("TransactionTimedOut", "Open")],
)
@pytest.mark.parametrize("spaced", [False, True])
async def test_declines_can_be_asked_for(shop: Shop, reason: str, agreement_state: str, spaced: bool) -> None:
    agreement_id = await shop.open_agreement()
    note = _note(DECLINED.format(reason))
    if spaced:
        note = note.replace(":", ": ").replace(",", ", ")
    made = await shop.charge(agreement_id, SellerAuthorizationNote=note)
    assert state(made, STATUS) == ("Declined", reason)
    assert text(made, "SoftDecline") == ""
    assert (await shop.state("BillingAgreement", agreement_id))[0] == agreement_state


@pytest.mark.parametrize(("soft", "agreement_state"), [("true", "Open"), ("false", "Suspended")])
async def test_a_soft_decline_suspends_nothing(shop: Shop, soft: str, agreement_state: str) -> None:
    agreement_id = await shop.open_agreement()
    note = _note(DECLINED.format("InvalidPaymentMethod") + f',"SoftDecline":"{soft}"')
    made = await shop.charge(agreement_id, SellerAuthorizationNote=note)
    assert text(made, "SoftDecline") == soft
    assert (await shop.state("BillingAgreement", agreement_id))[0] == agreement_state


async def test_the_buyer_seems_to_update_the_method_after_minutes(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    note = _note(DECLINED.format("InvalidPaymentMethod") + ',"PaymentMethodUpdateTimeInMins":2')
    await shop.charge(agreement_id, SellerAuthorizationNote=note, TransactionTimeout="5")
    shop.world.advance(shop.world.authorization_delay)
    assert await shop.state("BillingAgreement", agreement_id) == ("Suspended", "InvalidPaymentMethod")
    shop.world.advance(120)
    assert await shop.state("BillingAgreement", agreement_id) == ("Open", "")


async def test_an_authorization_expires_after_the_minutes_asked_for(shop: Shop) -> None:
    note = _note('"State":"Closed","ReasonCode":"ExpiredUnused","ExpirationTimeInMins":1')
    made = await shop.charge(await shop.open_agreement(), SellerAuthorizationNote=note)
    assert state(made, STATUS) == ("Open", "")
    shop.world.advance(60)
    assert await shop.state("Authorization", text(made, "AmazonAuthorizationId")) == ("Closed", "ExpiredUnused")


async def test_amazon_closes_an_authorization_and_nothing_is_paid(shop: Shop) -> None:
    note = _note('"State":"Closed","ReasonCode":"AmazonClosed"')
    made = await shop.charge(await shop.open_agreement(), SellerAuthorizationNote=note, CaptureNow="true")
    assert state(made, STATUS) == ("Closed", "AmazonClosed")
    assert not shop.world.books.captures


@pytest.mark.parametrize(
    ("inner", "now", "later"),
    [
        ('"State":"Pending"', ("Pending", ""), ("Completed", "")),
        (DECLINED.format("AmazonRejected"), ("Declined", "AmazonRejected"), ("Declined", "AmazonRejected")),
        (
            '"State":"Closed","ReasonCode":"AmazonClosed"',
            ("Closed", "AmazonClosed"),
            ("Closed", "AmazonClosed"),
        ),
    ],
)
async def test_captures_obey_too(shop: Shop, inner: str, now: tuple[str, str], later: tuple[str, str]) -> None:
    authorization_id = text(await shop.charge(await shop.open_agreement()), "AmazonAuthorizationId")
    values = shop.capture_values(authorization_id, SellerCaptureNote=_note(inner))
    made = await shop.ok("Capture", values)
    assert state(made, "CaptureStatus") == now
    shop.world.advance(60)
    assert await shop.state("Capture", text(made, "AmazonCaptureId")) == later


async def test_a_refund_is_pending_and_then_declined_as_asked(shop: Shop) -> None:
    values = shop.refund_values(await shop.captured(), SellerRefundNote=_note(DECLINED.format("AmazonRejected")))
    made = await shop.ok("Refund", values)
    assert state(made, "RefundStatus") == ("Pending", "")
    shop.world.advance(60)
    assert await shop.state("Refund", text(made, "AmazonRefundId")) == ("Declined", "AmazonRejected")


async def test_an_agreement_closes_as_if_amazon_had_done_it(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    reason = _note('"State":"Closed","ReasonCode":"AmazonClosed"')
    await shop.ok("CloseBillingAgreement", {"AmazonBillingAgreementId": agreement_id, "ClosureReason": reason})
    assert await shop.state("BillingAgreement", agreement_id) == ("Closed", "AmazonClosed")


async def test_a_simulated_constraint_stays_until_another_note(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    field = "BillingAgreementAttributes.SellerNote"
    values = {"AmazonBillingAgreementId": agreement.agreement_id}
    note = _note('"Constraint":"PaymentMethodNotAllowed"')
    root = await shop.ok("SetBillingAgreementDetails", {**values, field: note})
    assert text(root, "ConstraintID") == "PaymentMethodNotAllowed"
    wrong = await shop.refused("ConfirmBillingAgreement", values)
    assert wrong.code == "BillingAgreementConstraintsExist"
    await shop.ok("SetBillingAgreementDetails", {**values, field: "Thanks"})
    await shop.ok("ConfirmBillingAgreement", values)


@pytest.mark.parametrize(
    "note",
    [
        _note('"State":"Declined","ReasonCode":"Whatever"'),
        _note('"State":"Open"'),
        _note('"State":"Declined","ReasonCode":"AmazonRejected","SoftDecline":"true"'),
        _note('"State":"Declined","ReasonCode":"InvalidPaymentMethod","SoftDecline":"maybe"'),
        _note('"State":"Declined","ReasonCode":"InvalidPaymentMethod","PaymentMethodUpdateTimeInMins":9999'),
        _note('"State":"Closed","ReasonCode":"ExpiredUnused","ExpirationTimeInMins":"soon"'),
        _note('"Constraint":"PaymentMethodNotAllowed"'),
        '{"SandboxSimulation":',
        '{"SandboxSimulation":"Declined"}',
    ],
)
async def test_wrong_simulations_are_refused_and_charge_nothing(shop: Shop, note: str) -> None:
    values = shop.charge_values(await shop.open_agreement(), SellerAuthorizationNote=note)
    wrong = await shop.refused("AuthorizeOnBillingAgreement", values)
    assert (wrong.status, wrong.code) == (400, "InvalidSandboxSimulationSpecified")
    assert not shop.world.books.authorizations


@pytest.mark.parametrize(
    "note", [_note('"State":"Declined","ReasonCode":"TransactionTimedOut"'), _note('"State":"Pending"')]
)
async def test_a_simulation_of_another_operation_is_refused(shop: Shop, note: str) -> None:
    wrong = await shop.refused("Refund", shop.refund_values(await shop.captured(), SellerRefundNote=note))
    assert wrong.code == "InvalidSandboxSimulationSpecified"
    assert not shop.world.books.refunds


async def test_there_are_no_simulations_outside_the_sandbox(live: Shop) -> None:
    values = live.charge_values(
        await live.open_agreement(), SellerAuthorizationNote=_note(DECLINED.format("AmazonRejected"))
    )
    wrong = await live.refused("AuthorizeOnBillingAgreement", values)
    assert wrong.code == "InvalidSandboxSimulationSpecified"


async def test_an_ordinary_note_is_just_a_note(live: Shop) -> None:
    made = await live.charge(await live.open_agreement(), SellerAuthorizationNote='{"a":"Declined"}')
    assert state(made, STATUS)[0] == "Open"
