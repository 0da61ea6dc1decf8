"""Contract sections 1.5 and 1.6: limits, character sets and repeats, row by row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.simulator.amazon.demonstrations import (
    SET_ORDER,
    Demonstration,
    Table,
    account,
    agreement,
    authorize_values,
    authorized,
    code,
    open_order,
    order,
    reserved,
    total,
)
from tests.simulator.amazon.mailbox import Mailbox
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
row = Table()
CHARGE = "AuthorizeOnBillingAgreement"
SET = "BillingAgreementAttributes"
INVALID = (400, "InvalidParameterValue")
DAY = 86400


async def _longest(shop: Shop, action: str, values: dict[str, str], name: str, longest: int) -> None:
    """One more character is refused; the longest text is taken."""
    assert await code(shop, action, {**values, name: "x" * (longest + 1)}) == INVALID
    await shop.ok(action, {**values, name: "x" * longest})


# ---- 1.5


@row("1.5 reference ids: 1 to 32 of A-Za-z0-9_-, required and unique")
async def _(shop: Shop) -> None:
    authorization_id, capture_id = await reserved(shop), await shop.captured()
    calls = {
        "AuthorizationReferenceId": (CHARGE, shop.charge_values(await shop.open_agreement())),
        "CaptureReferenceId": ("Capture", shop.capture_values(authorization_id)),
        "RefundReferenceId": ("Refund", shop.refund_values(capture_id)),
    }
    for number, (name, (action, values)) in enumerate(calls.items()):
        without = {key: value for key, value in values.items() if key != name}
        assert await code(shop, action, without) == INVALID
        for bad in ("x" * 33, "a b", "a.b", "ü"):
            assert await code(shop, action, {**values, name: bad}) == INVALID
        await shop.ok(action, {**values, name: f"-_{number}".ljust(32, "Z")})
    used = {**calls["CaptureReferenceId"][1], "CaptureReferenceId": "-_0".ljust(32, "Z")}
    assert await code(shop, "Capture", used) == (400, "DuplicateReferenceId")


@row("1.5 authorization, capture and refund notes: 255")
async def _(shop: Shop) -> None:
    charge = shop.charge_values(await shop.open_agreement())
    await _longest(shop, CHARGE, charge, "SellerAuthorizationNote", 255)
    await _longest(shop, "Capture", shop.capture_values(await reserved(shop)), "SellerCaptureNote", 255)
    await _longest(shop, "Refund", shop.refund_values(await shop.captured()), "SellerRefundNote", 255)


@row("1.5 SellerNote: 1024 on order, agreement and charge")
async def _(shop: Shop) -> None:
    draft, _token = shop.world.open_agreement()
    made, _token = shop.world.open_order()
    await _longest(shop, "SetBillingAgreementDetails", agreement(draft.agreement_id), f"{SET}.SellerNote", 1024)
    await _longest(shop, "SetOrderReferenceDetails", order(made.order_id), f"{SET_ORDER}.SellerNote", 1024)
    await _longest(shop, CHARGE, shop.charge_values(await shop.open_agreement()), "SellerNote", 1024)


@row("1.5 ClosureReason and CancelationReason: 1024, CloseAuthorization 255")
async def _(shop: Shop) -> None:
    await _longest(shop, "CloseBillingAgreement", agreement(await shop.open_agreement()), "ClosureReason", 1024)
    await _longest(shop, "CloseOrderReference", order(await open_order(shop)), "ClosureReason", 1024)
    await _longest(shop, "CancelOrderReference", order(await open_order(shop)), "CancelationReason", 1024)
    values = {"AmazonAuthorizationId": await reserved(shop)}
    await _longest(shop, "CloseAuthorization", values, "ClosureReason", 255)


@row("1.5 SoftDescriptor: 16, shown as AMZ*, with a default")
async def _(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement(), CaptureNow="true", SoftDescriptor="Tea House")
    assert text(made, "SoftDescriptor") == "AMZ*Tea House"
    plain = await shop.charge(await shop.open_agreement())
    assert text(plain, "SoftDescriptor") == f"AMZ*{shop.merchant.name} amzn.com/pmts WA"
    for action, values in (
        (CHARGE, shop.charge_values(await shop.open_agreement())),
        ("Capture", shop.capture_values(await reserved(shop))),
        ("Refund", shop.refund_values(await shop.captured())),
    ):
        await _longest(shop, action, values, "SoftDescriptor", 16)


async def _unlimited(shop: Shop, name: str, order_name: str) -> None:
    long = "Ä/" + "x" * 2000
    draft, _token = shop.world.open_agreement()
    path = f"SellerBillingAgreementAttributes.{name}"
    root = await shop.ok("SetBillingAgreementDetails", agreement(draft.agreement_id, **{f"{SET}.{path}": long}))
    assert text(root, path.replace(".", "/")) == long
    made, _token = shop.world.open_order()
    path = f"SellerOrderAttributes.{order_name}"
    root = await shop.ok("SetOrderReferenceDetails", order(made.order_id, **{f"{SET_ORDER}.{path}": long}))
    assert text(root, path.replace(".", "/")) == long


@row("1.5 SellerBillingAgreementId and SellerOrderId: no maximum")
async def _(shop: Shop) -> None:
    await _unlimited(shop, "SellerBillingAgreementId", "SellerOrderId")


@row("1.5 StoreName and CustomInformation: no maximum")
async def _(shop: Shop) -> None:
    for name in ("StoreName", "CustomInformation"):
        await _unlimited(shop, name, name)


@row("1.5 amount: at most 150,000 per authorization, capture and refund")
async def _(shop: Shop) -> None:
    exceeded = (400, "TransactionAmountExceeded")
    for each in (shop, account(shop, region="uk"), account(shop, region="de")):
        each.merchant.monthly_limit = Decimal(1_000_000)
        agreement_id, above = await each.open_agreement(), "150000.01"
        assert await code(each, CHARGE, each.charge_values(agreement_id, above)) == exceeded
        made = await each.charge(agreement_id, "150000.00")
        authorization_id = text(made, "AmazonAuthorizationId")
        assert await code(each, "Capture", each.capture_values(authorization_id, above)) == exceeded
        captured = await each.ok("Capture", each.capture_values(authorization_id, "150000.00"))
        capture_id = text(captured, "AmazonCaptureId")
        assert await code(each, "Refund", each.refund_values(capture_id, above)) == exceeded
        await each.ok("Refund", each.refund_values(capture_id, "150000.00"))


@row("1.5 limit: per calendar month and agreement, of authorizations, as BillingAgreementLimits says")
async def _(shop: Shop) -> None:
    for each in (shop, account(shop, region="de")):
        agreement_id = await each.open_agreement()
        await each.charge(agreement_id, "999.00")  # authorized and never captured
        root = await each.ok("GetBillingAgreementDetails", agreement(agreement_id))
        assert text(root, "AmountLimitPerTimePeriod/Amount") == "1000.00"
        assert text(root, "CurrentRemainingBalance/Amount") == "1.00"
        assert text(root, "TimePeriodStartDate").startswith("2026-11-01T00:00:00")
        assert (await code(each, CHARGE, each.charge_values(agreement_id, "1.01")))[1] == "PeriodicAmountExceeded"
        await each.charge(await each.open_agreement(), "1000.00")  # another agreement has a limit of its own
    agreement_id = await shop.open_agreement()
    await shop.charge(agreement_id, "1000.00")
    shop.world.advance(21 * DAY)  # December
    await shop.charge(agreement_id, "1000.00")


@row("1.5 order reference: 180 days, a Draft 3 hours; an agreement's Draft too")
async def _(shop: Shop) -> None:
    draft, _token = shop.world.open_order()
    unconfirmed, _token = shop.world.open_agreement()
    order_id = await open_order(shop)
    shop.world.advance(3 * 3600 - 1)
    assert await shop.state("OrderReference", draft.order_id) == ("Draft", "")
    shop.world.advance(1)
    assert await shop.state("OrderReference", draft.order_id) == ("Canceled", "Stale")
    assert await shop.state("BillingAgreement", unconfirmed.agreement_id) == ("Canceled", "Stale")
    shop.world.advance(180 * DAY - 3 * 3600 - 1)
    assert await shop.state("OrderReference", order_id) == ("Open", "")
    shop.world.advance(1)
    assert await shop.state("OrderReference", order_id) == ("Closed", "Expired")


@row("1.5 authorizations per order: 10, in Europe 25; refunds per capture: 10")
async def _(shop: Shop) -> None:
    for each, most in ((shop, 10), (account(shop, region="uk"), 25), (account(shop, region="eu"), 25)):
        order_id = await open_order(each)
        for _ in range(most):
            await authorized(each, order_id, "1.00")
        more = authorize_values(each, order_id, "1.00")
        assert (await code(each, "Authorize", more))[1] == "TransactionCountExceeded"
    capture_id = await shop.captured()
    for _ in range(10):
        await shop.ok("Refund", shop.refund_values(capture_id, "0.01"))
    assert (await code(shop, "Refund", shop.refund_values(capture_id, "0.01")))[1] == "TransactionCountExceeded"


@row("1.5 authorization: 30 days live, 2 days in the sandbox; captured at once for 7 days, later Pending")
async def _(shop: Shop) -> None:
    live = account(shop, sandbox=False)
    tested, real, other = await reserved(shop), await reserved(live), await reserved(live)
    shop.world.advance(2 * DAY)
    assert await shop.state("Authorization", tested) == ("Closed", "ExpiredUnused")
    shop.world.advance(5 * DAY)
    assert state(await live.ok("Capture", live.capture_values(real, "5.00")), "CaptureStatus")[0] == "Completed"
    late = await reserved(live)
    shop.world.advance(7 * DAY + 1)
    assert state(await live.ok("Capture", live.capture_values(late)), "CaptureStatus")[0] == "Pending"
    shop.world.advance(16 * DAY)
    assert await live.state("Authorization", other) == ("Closed", "ExpiredUnused")


@row("1.5 refund: captured plus the lesser of 15 % and 75, always Pending first, at any time")
async def _(shop: Shop) -> None:
    exceeded = "TransactionAmountExceeded"
    for amount, most, above in (("10.00", "11.50", "11.51"), ("900.00", "975.00", "975.01")):
        capture_id = await shop.captured(amount)
        shop.world.advance(2000 * DAY)
        assert (await code(shop, "Refund", shop.refund_values(capture_id, above)))[1] == exceeded
        made = await shop.ok("Refund", shop.refund_values(capture_id, most))
        assert state(made, "RefundStatus") == ("Pending", "")
    japan = account(shop, region="jp")
    capture_id = await japan.captured("90000")
    assert (await code(japan, "Refund", japan.refund_values(capture_id, "98401")))[1] == exceeded
    await japan.ok("Refund", japan.refund_values(capture_id, "98400"))


# ---- 1.6


@row("1.6 a repeat returns the first result and makes nothing")
async def _(shop: Shop) -> None:
    books = shop.world.books
    order_values = authorize_values(shop, await open_order(shop))
    authorization_id, capture_id = await reserved(shop), await shop.captured()
    for action, values, id_name, kept in (
        (CHARGE, shop.charge_values(await shop.open_agreement()), "AmazonAuthorizationId", books.authorizations),
        ("Authorize", order_values, "AmazonAuthorizationId", books.authorizations),
        ("Capture", shop.capture_values(authorization_id), "AmazonCaptureId", books.captures),
        ("Refund", shop.refund_values(capture_id), "AmazonRefundId", books.refunds),
    ):
        first, count = await shop.ok(action, values), len(kept)
        again = await shop.ok(action, values)
        assert text(again, id_name) == text(first, id_name)
        assert len(kept) == count


@row("1.6 only unchanged parameters repeat; Timestamp and Signature may change")
async def _(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement())
    first = await shop.ok(CHARGE, {**values, "Timestamp": "2026-11-10T15:30:00Z"})
    again = await shop.ok(CHARGE, {**values, "Timestamp": "2026-11-10T15:31:00.000Z"})
    assert text(again, "AmazonAuthorizationId") == text(first, "AmazonAuthorizationId")
    for changed in ({"CaptureNow": "true"}, {"SellerAuthorizationNote": "again"}, {"TransactionTimeout": "5"}):
        assert await code(shop, CHARGE, {**values, **changed}) == (400, "DuplicateReferenceId")


@row("1.6 an id used in another Authorize, Capture or Refund is DuplicateReferenceId")
async def _(shop: Shop) -> None:
    authorization_id, capture_id = await reserved(shop), await shop.captured()
    charge = shop.charge_values(await shop.open_agreement())
    await shop.ok(CHARGE, charge)
    used = charge["AuthorizationReferenceId"]
    capture = {**shop.capture_values(authorization_id), "CaptureReferenceId": used}
    refund = {**shop.refund_values(capture_id), "RefundReferenceId": used}
    reserve = {**authorize_values(shop, await open_order(shop)), "AuthorizationReferenceId": used}
    for action, values in (("Capture", capture), ("Refund", refund), ("Authorize", reserve)):
        assert await code(shop, action, values) == (400, "DuplicateReferenceId")


@row("1.6 after DuplicateReferenceId the object is found by notification or ListOrderReference")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    values = shop.charge_values(
        await shop.open_agreement(), CaptureNow="true", **{"SellerOrderAttributes.SellerOrderId": "sub-1"}
    )
    made = await shop.ok(CHARGE, values)
    await shop.world.deliver_due()
    (told,) = box.trees("PaymentAuthorize")
    assert text(told, "AuthorizationReferenceId") == values["AuthorizationReferenceId"]
    assert text(told, "AmazonAuthorizationId") == text(made, "AmazonAuthorizationId")
    query = {"QueryId": "sub-1", "QueryIdType": "SellerOrderId", "PaymentDomain": "NA_USD"}
    listed = await shop.ok("ListOrderReference", query)
    assert text(listed, "AmazonOrderReferenceId") == text(made, "AmazonOrderReferenceId")


@row("1.6 a declined authorization is a result; another try needs a new id")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.PROCESSING_FAILURE)
    agreement_id = await shop.open_agreement(card_id=card.card_id)
    values = shop.charge_values(agreement_id)
    await shop.ok(CHARGE, values)
    shop.world.change_payment_method(agreement_id, next(iter(shop.world.buyer.cards)))
    again = await shop.ok(CHARGE, values)
    assert state(again, "AuthorizationStatus") == ("Declined", "ProcessingFailure")
    assert state(await shop.charge(agreement_id), "AuthorizationStatus") == ("Open", "")


@row("1.6 with CaptureNow the capture has the authorization's reference id")
async def _(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement(), CaptureNow="true")
    capture_id = text(await shop.ok(CHARGE, values), "IdList/member")
    told = await shop.ok("GetCaptureDetails", {"AmazonCaptureId": capture_id})
    assert text(told, "CaptureReferenceId") == values["AuthorizationReferenceId"]
    again = {**shop.capture_values(await reserved(shop)), "CaptureReferenceId": values["AuthorizationReferenceId"]}
    assert await code(shop, "Capture", again) == (400, "DuplicateReferenceId")


@row("1.6 Set, Confirm, Close and Cancel repeat or fail with a state error")
async def _(shop: Shop) -> None:
    draft, _token = shop.world.open_agreement()
    values = agreement(draft.agreement_id)
    noted = {**values, f"{SET}.SellerNote": "x"}
    for action, given in (
        ("SetBillingAgreementDetails", noted),
        ("ConfirmBillingAgreement", values),
        ("CloseBillingAgreement", values),
    ):
        await shop.ok(action, given)
        await shop.ok(action, given)
    assert (await code(shop, "SetBillingAgreementDetails", noted))[0] == 405
    assert (await code(shop, "ConfirmBillingAgreement", values))[0] == 405
    for action in ("CloseOrderReference", "CancelOrderReference"):
        made, _token = shop.world.open_order()
        there = order(made.order_id)
        for step, given in (
            ("SetOrderReferenceDetails", {**there, **total(shop, "5.00")}),
            ("ConfirmOrderReference", there),
            (action, there),
        ):
            await shop.ok(step, given)
            await shop.ok(step, given)
        assert (await code(shop, "ConfirmOrderReference", there))[0] == 405


@pytest.mark.parametrize("demonstration", row.cases())
async def test_limits_and_repeats_are_as_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)
