"""Order references: one-time, under an agreement, and in lists."""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
SET = "OrderReferenceAttributes"


def _id(order_id: str, **more: str) -> dict[str, str]:
    return {"AmazonOrderReferenceId": order_id, **more}


def _total(amount: str, currency: str = "USD") -> dict[str, str]:
    return {f"{SET}.OrderTotal.Amount": amount, f"{SET}.OrderTotal.CurrencyCode": currency}


async def _open(shop: Shop, total: str = "100.00", **choices: object) -> str:
    order, _token = shop.world.open_order(merchant=shop.merchant, **choices)  # type: ignore[arg-type]
    await shop.ok("SetOrderReferenceDetails", _id(order.order_id, **_total(total)))
    await shop.ok("ConfirmOrderReference", _id(order.order_id))
    return order.order_id


def _authorize(shop: Shop, order_id: str, amount: str = "10.00", **more: str) -> dict[str, str]:
    return {
        **_id(order_id),
        "AuthorizationReferenceId": shop.reference(),
        "AuthorizationAmount.Amount": amount,
        "AuthorizationAmount.CurrencyCode": "USD",
        "TransactionTimeout": "0",
        **more,
    }


async def test_a_draft_needs_an_amount_before_confirm(shop: Shop) -> None:
    order, _token = shop.world.open_order()
    root = await shop.ok("GetOrderReferenceDetails", _id(order.order_id))
    assert text(root, "ConstraintID") == "AmountNotSet"
    assert root.find(".//Buyer") is None
    wrong = await shop.refused("ConfirmOrderReference", _id(order.order_id))
    assert (wrong.status, wrong.code) == (400, "ConstraintsExist")
    root = await shop.ok("SetOrderReferenceDetails", _id(order.order_id, **_total("20.00")))
    assert root.find(".//Constraint") is None
    await shop.ok("ConfirmOrderReference", _id(order.order_id))
    root = await shop.ok("GetOrderReferenceDetails", _id(order.order_id))
    assert state(root, "OrderReferenceStatus")[0] == "Open"
    assert text(root, "Buyer/Name")


async def test_an_open_order_cannot_be_set(shop: Shop) -> None:
    wrong = await shop.refused("SetOrderReferenceDetails", _id(await _open(shop), **_total("1.00")))
    assert (wrong.status, wrong.code) == (405, "OrderReferenceNotModifiable")


async def test_the_total_is_in_the_ledger_currency(shop: Shop) -> None:
    order, _token = shop.world.open_order()
    wrong = await shop.refused("SetOrderReferenceDetails", _id(order.order_id, **_total("1.00", "EUR")))
    assert wrong.code == "CurrencyMismatch"


async def test_a_draft_goes_stale_and_an_open_order_expires(shop: Shop) -> None:
    order, _token = shop.world.open_order()
    open_id = await _open(shop)
    shop.world.advance(3 * 3600)
    assert await shop.state("OrderReference", order.order_id) == ("Canceled", "Stale")
    shop.world.advance(180 * 86400)
    assert await shop.state("OrderReference", open_id) == ("Closed", "Expired")


@pytest.mark.parametrize(("authorized", "end"), [(False, ("Closed", "AmazonClosed")), (True, ("Open", ""))])
async def test_an_order_that_expects_an_authorization_closes_without_one(
    shop: Shop, authorized: bool, end: tuple[str, str]
) -> None:
    order, _token = shop.world.open_order()
    await shop.ok("SetOrderReferenceDetails", _id(order.order_id, **_total("20.00")))
    await shop.ok("ConfirmOrderReference", _id(order.order_id, ExpectImmediateAuthorization="true"))
    if authorized:
        await shop.ok("Authorize", _authorize(shop, order.order_id))
    shop.world.advance(3600)
    assert await shop.state("OrderReference", order.order_id) == end


async def test_authorizations_stay_within_the_total(shop: Shop) -> None:
    order_id = await _open(shop, "25.13")
    await shop.ok("Authorize", _authorize(shop, order_id, "20.00"))
    wrong = await shop.refused("Authorize", _authorize(shop, order_id, "5.14"))
    assert wrong.code == "TransactionAmountExceeded"
    assert "has already been authorized for amount 20.00" in wrong.message
    await shop.ok("Authorize", _authorize(shop, order_id, "5.13"))


async def test_a_given_up_authorization_frees_the_total(shop: Shop) -> None:
    order_id = await _open(shop, "20.00")
    made = await shop.ok("Authorize", _authorize(shop, order_id, "20.00"))
    await shop.ok("CloseAuthorization", {"AmazonAuthorizationId": text(made, "AmazonAuthorizationId")})
    await shop.ok("Authorize", _authorize(shop, order_id, "20.00"))


async def test_there_are_at_most_ten_authorizations(shop: Shop) -> None:
    order_id = await _open(shop)
    for _ in range(10):
        await shop.ok("Authorize", _authorize(shop, order_id, "1.00"))
    wrong = await shop.refused("Authorize", _authorize(shop, order_id, "1.00"))
    assert wrong.code == "TransactionCountExceeded"


async def test_an_order_that_was_paid_wholly_is_closed(shop: Shop) -> None:
    order_id = await _open(shop, "20.00")
    await shop.ok("Authorize", _authorize(shop, order_id, "20.00", CaptureNow="true"))
    assert await shop.state("OrderReference", order_id) == ("Closed", "MaxAmountCharged")


async def test_a_hard_decline_suspends_the_order_until_another_card(shop: Shop) -> None:
    bad = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.DECLINE_HARD)
    order_id = await _open(shop, card_id=bad.card_id)
    await shop.ok("Authorize", _authorize(shop, order_id))
    assert await shop.state("OrderReference", order_id) == ("Suspended", "InvalidPaymentMethod")
    assert (await shop.refused("Authorize", _authorize(shop, order_id))).code == "InvalidOrderReferenceStatus"
    assert (await shop.refused("ConfirmOrderReference", _id(order_id))).code == "PaymentMethodNotUpdated"
    shop.world.change_payment_method(order_id, next(iter(shop.world.buyer.cards)))
    await shop.ok("ConfirmOrderReference", _id(order_id))
    made = await shop.ok("Authorize", _authorize(shop, order_id))
    assert state(made, "AuthorizationStatus")[0] == "Open"


async def test_a_rejection_closes_a_one_time_order(shop: Shop) -> None:
    bad = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.REJECTED)
    order_id = await _open(shop, card_id=bad.card_id)
    await shop.ok("Authorize", _authorize(shop, order_id))
    assert await shop.state("OrderReference", order_id) == ("Closed", "AmazonClosed")


async def test_canceling_closes_its_authorizations(shop: Shop) -> None:
    order_id = await _open(shop)
    made = await shop.ok("Authorize", _authorize(shop, order_id))
    for _ in range(2):
        await shop.ok("CancelOrderReference", _id(order_id, CancelationReason="Changed mind"))
    assert await shop.state("OrderReference", order_id) == ("Canceled", "SellerCanceled")
    assert await shop.state("Authorization", text(made, "AmazonAuthorizationId")) == (
        "Closed",
        "OrderReferenceCanceled",
    )


async def test_a_captured_order_cannot_be_canceled(shop: Shop) -> None:
    order_id = await _open(shop)
    await shop.ok("Authorize", _authorize(shop, order_id, CaptureNow="true"))
    wrong = await shop.refused("CancelOrderReference", _id(order_id))
    assert (wrong.status, wrong.code) == (405, "InvalidCancelAttempt")


async def test_a_closed_order_still_lets_open_authorizations_be_captured(shop: Shop) -> None:
    order_id = await _open(shop)
    made = await shop.ok("Authorize", _authorize(shop, order_id))
    await shop.ok("CloseOrderReference", _id(order_id, ClosureReason="done"))
    assert await shop.state("OrderReference", order_id) == ("Closed", "SellerClosed")
    captured = await shop.ok("Capture", shop.capture_values(text(made, "AmazonAuthorizationId")))
    assert state(captured, "CaptureStatus")[0] == "Completed"
    assert (await shop.refused("Authorize", _authorize(shop, order_id))).code == "InvalidOrderReferenceStatus"


async def test_closing_by_amazon_can_be_simulated(shop: Shop) -> None:
    order_id = await _open(shop)
    reason = '{"SandboxSimulation": {"State":"Closed", "ReasonCode":"AmazonClosed"}}'
    await shop.ok("CloseOrderReference", _id(order_id, ClosureReason=reason))
    assert await shop.state("OrderReference", order_id) == ("Closed", "AmazonClosed")


async def test_a_draft_cannot_be_closed(shop: Shop) -> None:
    order, _token = shop.world.open_order()
    wrong = await shop.refused("CloseOrderReference", _id(order.order_id))
    assert (wrong.status, wrong.code) == (405, "InvalidCloseAttempt")


# ---- under an agreement


def _create(agreement_id: str, **more: str) -> dict[str, str]:
    return {"Id": agreement_id, "IdType": "BillingAgreement", **more}


async def test_an_order_under_an_agreement_counts_against_its_month(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    values = _create(agreement_id, ConfirmNow="true", InheritShippingAddress="true", **_total("900.00"))
    made = await shop.ok("CreateOrderReferenceForId", values)
    assert state(made, "OrderReferenceStatus")[0] == "Open"
    assert text(made, "ParentDetails/Id") == agreement_id
    order_id = text(made, "AmazonOrderReferenceId")
    await shop.ok("Authorize", _authorize(shop, order_id, "900.00"))
    wrong = await shop.refused("AuthorizeOnBillingAgreement", shop.charge_values(agreement_id, "100.01"))
    assert wrong.code == "PeriodicAmountExceeded"


async def test_a_draft_agreement_has_one_order_reference(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    made = await shop.ok("CreateOrderReferenceForId", _create(agreement.agreement_id))
    assert state(made, "OrderReferenceStatus")[0] == "Draft"
    wrong = await shop.refused("CreateOrderReferenceForId", _create(agreement.agreement_id))
    assert (wrong.status, wrong.code) == (405, "OrderReferenceCountExceeded")
    await shop.ok("ConfirmBillingAgreement", {"AmazonBillingAgreementId": agreement.agreement_id})
    await shop.ok("CreateOrderReferenceForId", _create(agreement.agreement_id))


async def test_confirming_at_once_needs_a_total_an_open_agreement_and_an_address(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    now = {"ConfirmNow": "true"}
    wrong = await shop.refused("CreateOrderReferenceForId", _create(agreement_id, **now))
    assert wrong.code == "InvalidParameterValue"
    digital = await shop.open_agreement(address=False, needs_address=False)
    wrong = await shop.refused("CreateOrderReferenceForId", _create(digital, **now, **_total("1.00")))
    assert wrong.code == "ConstraintsExist"
    draft, _token = shop.world.open_agreement()
    wrong = await shop.refused("CreateOrderReferenceForId", _create(draft.agreement_id, **now, **_total("1.00")))
    assert wrong.code == "InvalidBillingAgreementStatus"
    assert not shop.world.books.orders


async def test_only_agreements_can_have_orders(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    wrong = await shop.refused("CreateOrderReferenceForId", {"Id": agreement_id, "IdType": "Order"})
    assert wrong.code == "InvalidParameterValue"


# ---- lists


def _query(**more: str) -> dict[str, str]:
    return {"QueryId": "order-7", "QueryIdType": "SellerOrderId", "PaymentDomain": "NA_USD", **more}


async def _charges(shop: Shop, count: int) -> list[str]:
    agreement_id = await shop.open_agreement()
    made = []
    for _ in range(count):
        root = await shop.charge(agreement_id, **{"SellerOrderAttributes.SellerOrderId": "order-7"})
        made.append(text(root, "AmazonOrderReferenceId"))
        shop.world.advance(10)
    await shop.charge(agreement_id, **{"SellerOrderAttributes.SellerOrderId": "order-8"})
    return made


async def test_orders_are_found_by_the_sellers_own_id_newest_first(shop: Shop) -> None:
    made = await _charges(shop, 3)
    for more, expected in (({}, made[::-1]), ({"SortOrder": "Ascending"}, made)):
        root = await shop.ok("ListOrderReference", _query(**more))
        listed = root.findall(".//OrderReferenceList/OrderReference")
        assert [text(each, "AmazonOrderReferenceId") for each in listed] == expected
        assert text(listed[0], "SellerOrderId") == "order-7"


async def test_a_long_list_goes_on_by_token_once(shop: Shop) -> None:
    made = await _charges(shop, 5)
    root = await shop.ok("ListOrderReference", _query(PageSize="3"))
    values = {"NextPageToken": text(root, "NextPageToken")}
    rest = await shop.ok("ListOrderReferenceByNextToken", values)
    seen = [each.text for page in (root, rest) for each in page.findall(".//AmazonOrderReferenceId")]
    assert seen == made[::-1]
    assert text(rest, "NextPageToken") == ""
    assert (await shop.refused("ListOrderReferenceByNextToken", values)).code == "InvalidParameterValue"


async def test_filters_narrow_a_list(shop: Shop) -> None:
    await _charges(shop, 2)
    empty = await shop.ok(
        "ListOrderReference", _query(**{"OrderReferenceStatusListFilter.OrderReferenceStatus.1": "Open"})
    )
    assert empty.find(".//OrderReference") is None
    recent = await shop.ok("ListOrderReference", _query(**{"CreatedTimeRange.StartTime": "2026-11-10T15:30:05Z"}))
    assert len(recent.findall(".//OrderReference")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"QueryIdType": "Other"},
        {"PaymentDomain": "EU_EUR"},
        {"PageSize": "0"},
        {"SortOrder": "Up"},
        {"CreatedTimeRange.EndTime": "now"},
        {"OrderReferenceStatusListFilter.OrderReferenceStatus.1": "Opened"},
    ],
)
async def test_bad_queries_are_refused(shop: Shop, change: dict[str, str]) -> None:
    assert (await shop.refused("ListOrderReference", _query(**change))).code == "InvalidParameterValue"


# ---- SetOrderAttributes

ADD = "OrderAttributes"


async def test_a_draft_takes_all_attributes_and_an_amount(shop: Shop) -> None:
    order, _token = shop.world.open_order()
    values = {
        f"{ADD}.OrderTotal.Amount": "5.00",
        f"{ADD}.OrderTotal.CurrencyCode": "USD",
        f"{ADD}.SellerOrderAttributes.SellerOrderId": "order-1",
        f"{ADD}.RequestPaymentAuthorization": "true",
    }
    root = await shop.ok("SetOrderAttributes", _id(order.order_id, **values))
    assert text(root, "OrderTotal/Amount") == "5.00"
    assert text(root, "SellerOrderId") == "order-1"
    assert text(root, "RequestPaymentAuthorization") == "true"
    await shop.ok("ConfirmOrderReference", _id(order.order_id))


async def test_after_confirm_missing_attributes_may_be_added_and_none_changed(shop: Shop) -> None:
    order_id = await _open(shop)
    name = f"{ADD}.SellerOrderAttributes.SellerOrderId"
    for _ in range(2):  # the same again changes nothing
        root = await shop.ok("SetOrderAttributes", _id(order_id, **{name: "order-1"}))
        assert text(root, "SellerOrderId") == "order-1"
    more = {f"{ADD}.SellerOrderAttributes.StoreName": "Tea & Co", f"{ADD}.SellerNote": "x"}
    await shop.ok("SetOrderAttributes", _id(order_id, **more))
    for changed in (
        {name: "order-2"},
        {f"{ADD}.OrderTotal.Amount": "5.00", f"{ADD}.OrderTotal.CurrencyCode": "USD"},
    ):
        wrong = await shop.refused("SetOrderAttributes", _id(order_id, **changed))
        assert (wrong.status, wrong.code) == (405, "OrderReferenceNotModifiable")
    assert (await shop.refused("SetOrderAttributes", _id(order_id))).code == "InvalidParameterValue"


async def test_an_order_that_is_over_takes_no_attributes(shop: Shop) -> None:
    order_id = await _open(shop)
    await shop.ok("CloseOrderReference", _id(order_id))
    wrong = await shop.refused("SetOrderAttributes", _id(order_id, **{f"{ADD}.SellerNote": "x"}))
    assert wrong.code == "OrderReferenceNotModifiable"
