"""Billing agreements: reading, setting, confirming, suspending and ending them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
SET = "BillingAgreementAttributes"


def _id(agreement_id: str, **more: str) -> dict[str, str]:
    return {"AmazonBillingAgreementId": agreement_id, **more}


def _constraints(root: ET.Element) -> set[str]:
    return {each.text or "" for each in root.findall(".//Constraint/ConstraintID")}


async def _get(shop: Shop, agreement_id: str, **more: str) -> ET.Element:
    return await shop.ok("GetBillingAgreementDetails", _id(agreement_id, **more))


async def test_ids_tell_region_and_environment(shop: Shop, live: Shop) -> None:
    europe = shop.world.create_merchant(region="de")
    ids = [shop.world.open_agreement(merchant=each)[0].agreement_id for each in (shop.merchant, live.merchant, europe)]
    assert [each[:4] for each in ids] == ["C01-", "B01-", "C02-"]
    assert {len(each) for each in ids} == {19}


async def test_a_draft_shows_neither_buyer_nor_street_without_a_token(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    root = await _get(shop, agreement.agreement_id)
    assert root.find(".//Buyer") is None
    assert {each.tag for each in root.findall(".//PhysicalDestination/*")} == {
        "City",
        "StateOrRegion",
        "PostalCode",
        "CountryCode",
    }


@pytest.mark.parametrize("name", ["AccessToken", "AddressConsentToken"])
async def test_the_buyers_token_shows_everything(shop: Shop, name: str) -> None:
    agreement, token = shop.world.open_agreement()
    root = await _get(shop, agreement.agreement_id, **{name: token.token})
    assert text(root, "Buyer/Name") == "Jane Doe"
    assert text(root, "PhysicalDestination/AddressLine1")


async def test_after_confirm_no_token_is_needed(shop: Shop) -> None:
    root = await _get(shop, await shop.open_agreement())
    assert text(root, "Buyer/Email")


async def test_two_tokens_are_ambiguous(shop: Shop) -> None:
    agreement, token = shop.world.open_agreement()
    wrong = await shop.refused(
        "GetBillingAgreementDetails",
        _id(agreement.agreement_id, AccessToken=token.token, AddressConsentToken=token.token),
    )
    assert (wrong.status, wrong.code) == (400, "AmbiguousToken")


async def test_foreign_unknown_and_expired_tokens_are_refused(shop: Shop) -> None:
    world = shop.world
    agreement, token = world.open_agreement()
    stranger = world.issue_token(world.create_buyer().buyer_id, shop.merchant)
    other_shop = world.issue_token(agreement.buyer.buyer_id, world.create_merchant())
    for each in ("Atza|nonsense", stranger.token, other_shop.token):
        wrong = await shop.refused("GetBillingAgreementDetails", _id(agreement.agreement_id, AccessToken=each))
        assert wrong.code == "InvalidAddressConsentToken"
    world.advance(3600)
    wrong = await shop.refused("GetBillingAgreementDetails", _id(agreement.agreement_id, AccessToken=token.token))
    assert wrong.code == "InvalidAddressConsentToken"


async def test_set_writes_what_get_shows(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    await shop.ok(
        "SetBillingAgreementDetails",
        _id(
            agreement.agreement_id,
            **{
                f"{SET}.SellerNote": "Thank you",
                f"{SET}.SellerBillingAgreementAttributes.SellerBillingAgreementId": "sub-1",
                f"{SET}.SellerBillingAgreementAttributes.StoreName": "Tea & Co",
                f"{SET}.SellerBillingAgreementAttributes.CustomInformation": "x",
                f"{SET}.BillingAgreementType": "MerchantInitiatedTransaction",
                f"{SET}.SubscriptionAmount.Amount": "25.00",
                f"{SET}.SubscriptionAmount.CurrencyCode": "USD",
            },
        ),
    )
    root = await _get(shop, agreement.agreement_id)
    assert text(root, "SellerNote") == "Thank you"
    assert text(root, "SellerBillingAgreementAttributes/SellerBillingAgreementId") == "sub-1"
    assert text(root, "SellerBillingAgreementAttributes/StoreName") == "Tea & Co"
    assert text(root, "BillingAgreementType") == "MerchantInitiatedTransaction"
    assert text(root, "SubscriptionAmount/Amount") == "25.00"
    assert text(root, "ReleaseEnvironment") == "Sandbox"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {f"{SET}.SellerNote": "x" * 1025},
        {f"{SET}.BillingAgreementType": "Whatever"},
        {f"{SET}.PlatformId": "A2DEMOSELLER01"},
    ],
)
async def test_set_refuses_bad_attributes(shop: Shop, values: dict[str, str]) -> None:
    agreement, _token = shop.world.open_agreement()
    wrong = await shop.refused("SetBillingAgreementDetails", _id(agreement.agreement_id, **values))
    assert (wrong.status, wrong.code) == (400, "InvalidParameterValue")


async def test_only_a_draft_can_be_set(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    wrong = await shop.refused("SetBillingAgreementDetails", _id(agreement_id, **{f"{SET}.SellerNote": "x"}))
    assert (wrong.status, wrong.code) == (405, "BillingAgreementNotModifiable")


async def test_every_constraint_is_named_and_stops_confirm(shop: Shop) -> None:
    world = shop.world
    agreement, _token = world.open_agreement(card_id=None, consent=False, address=False)
    root = await _get(shop, agreement.agreement_id)
    assert _constraints(root) == {"PaymentPlanNotSet", "ShippingAddressNotSet", "BuyerConsentNotSet"}
    assert all(each.text for each in root.findall(".//Constraint/Description"))
    wrong = await shop.refused("ConfirmBillingAgreement", _id(agreement.agreement_id))
    assert (wrong.status, wrong.code) == (400, "BillingAgreementConstraintsExist")
    card = world.add_card(agreement.buyer.buyer_id)
    world.change_payment_method(agreement.agreement_id, card.card_id)
    world.change_address(agreement.agreement_id, agreement.buyer.address)
    world.tick_consent(agreement.agreement_id)
    await shop.ok("ConfirmBillingAgreement", _id(agreement.agreement_id))


async def test_a_page_without_address_book_needs_no_address(shop: Shop) -> None:
    await shop.open_agreement(address=False, needs_address=False)


async def test_a_card_that_is_not_allowed_is_a_constraint(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, allowed=False)
    agreement, _token = shop.world.open_agreement(card_id=card.card_id)
    assert _constraints(await _get(shop, agreement.agreement_id)) == {"PaymentMethodNotAllowed"}


async def test_sellers_cannot_buy_from_themselves(shop: Shop) -> None:
    shop.merchant.shared_account = shop.world.buyer.buyer_id
    agreement, _token = shop.world.open_agreement()
    assert _constraints(await _get(shop, agreement.agreement_id)) == {"BuyerEqualsSeller"}


async def test_confirm_can_be_repeated(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    await shop.ok("ConfirmBillingAgreement", _id(agreement_id))
    assert await shop.state("BillingAgreement", agreement_id) == ("Open", "")


async def test_a_draft_nobody_confirms_is_stale_after_three_hours(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    shop.world.advance(3 * 3600 - 1)
    assert await shop.state("BillingAgreement", agreement.agreement_id) == ("Draft", "")
    shop.world.clock.advance(1)  # no tick: expiry shows on access
    assert await shop.state("BillingAgreement", agreement.agreement_id) == ("Canceled", "Stale")
    wrong = await shop.refused("ConfirmBillingAgreement", _id(agreement.agreement_id))
    assert (wrong.status, wrong.code) == (405, "InvalidBillingAgreementStatus")


async def test_a_confirmed_agreement_does_not_go_stale(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    shop.world.advance(90 * 86400)
    assert await shop.state("BillingAgreement", agreement_id) == ("Open", "")


async def test_validate_says_what_a_charge_would(shop: Shop) -> None:
    results = {}
    for card in shop.world.buyer.cards.values():
        agreement_id = await shop.open_agreement(card_id=card.card_id)
        root = await shop.ok("ValidateBillingAgreement", _id(agreement_id))
        results[card.behaviour] = (
            text(root, "ValidationResult"),
            text(root, "FailureReasonCode"),
            text(root, "BillingAgreementStatus/State"),
        )
    assert results[Behaviour.OK] == ("Success", "", "Open")
    assert results[Behaviour.DECLINE_HARD] == ("Failure", "InvalidPaymentMethod", "Suspended")
    assert results[Behaviour.TIMED_OUT] == ("Failure", "ValidationTimedOut", "Open")


async def test_only_an_open_agreement_can_be_validated(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    wrong = await shop.refused("ValidateBillingAgreement", _id(agreement.agreement_id))
    assert wrong.code == "InvalidBillingAgreementStatus"


async def test_a_suspended_agreement_needs_another_method_before_confirm(shop: Shop) -> None:
    bad = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.DECLINE_HARD)
    agreement_id = await shop.open_agreement(card_id=bad.card_id)
    await shop.charge(agreement_id)
    assert await shop.state("BillingAgreement", agreement_id) == ("Suspended", "InvalidPaymentMethod")
    wrong = await shop.refused("ConfirmBillingAgreement", _id(agreement_id))
    assert wrong.code == "PaymentMethodNotUpdated"
    wrong = await shop.refused("AuthorizeOnBillingAgreement", shop.charge_values(agreement_id))
    assert (wrong.status, wrong.code) == (405, "InvalidBillingAgreementStatus")

    good = next(iter(shop.world.buyer.cards))
    shop.world.change_payment_method(agreement_id, good)
    assert await shop.state("BillingAgreement", agreement_id) == ("Suspended", "InvalidPaymentMethod")
    await shop.ok("ConfirmBillingAgreement", _id(agreement_id))
    assert state(await shop.charge(agreement_id), "AuthorizationStatus")[0] == "Open"


async def test_a_method_changed_at_amazon_reopens_by_itself(shop: Shop) -> None:
    bad = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.DECLINE_HARD)
    agreement_id = await shop.open_agreement(card_id=bad.card_id)
    await shop.charge(agreement_id)
    shop.world.change_payment_method(agreement_id, next(iter(shop.world.buyer.cards)), on_amazon=True)
    assert await shop.state("BillingAgreement", agreement_id) == ("Open", "")


async def test_closing_is_final_and_repeatable(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    for _ in range(2):
        await shop.ok("CloseBillingAgreement", _id(agreement_id, ClosureReason="The end"))
    root = await _get(shop, agreement_id)
    assert state(root, "BillingAgreementStatus") == ("Closed", "SellerClosed")
    assert text(root, "ReasonDescription") == "The end"
    for action in ("ConfirmBillingAgreement", "ValidateBillingAgreement"):
        assert (await shop.refused(action, _id(agreement_id))).status == 405


async def test_a_draft_cannot_be_closed(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    wrong = await shop.refused("CloseBillingAgreement", _id(agreement.agreement_id))
    assert wrong.code == "InvalidBillingAgreementStatus"


@pytest.mark.parametrize(("by", "reason"), [("buyer", "BuyerClosed"), ("amazon", "AmazonClosed")])
async def test_others_can_close_it_too(shop: Shop, by: str, reason: str) -> None:
    agreement_id = await shop.open_agreement()
    shop.world.close_agreement(agreement_id, by)  # type: ignore[arg-type]
    assert await shop.state("BillingAgreement", agreement_id) == ("Closed", reason)


async def test_open_authorizations_of_a_closed_agreement_can_be_captured(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    authorization_id = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    await shop.ok("CloseBillingAgreement", _id(agreement_id))
    made = await shop.ok("Capture", shop.capture_values(authorization_id))
    assert state(made, "CaptureStatus")[0] == "Completed"


async def test_a_canceled_agreement_takes_its_open_authorizations_along(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    authorization_id = text(await shop.charge(agreement_id), "AmazonAuthorizationId")
    shop.world.cancel_agreement(agreement_id)
    assert await shop.state("BillingAgreement", agreement_id) == ("Canceled", "AmazonCanceled")
    assert await shop.state("Authorization", authorization_id) == ("Closed", "AmazonClosed")


async def test_another_merchants_agreement_does_not_exist(shop: Shop) -> None:
    other, _token = shop.world.open_agreement(merchant=shop.world.create_merchant())
    wrong = await shop.refused("GetBillingAgreementDetails", _id(other.agreement_id))
    assert (wrong.status, wrong.code) == (404, "InvalidBillingAgreementId")
