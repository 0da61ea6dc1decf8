"""Contract section 8: the traps other people paid for, as the simulator sets them, row by row."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from saleor_amazonpay.simulator.amazon.entities import Address
from tests.simulator.amazon.demonstrations import (
    Demonstration,
    Table,
    account,
    agreement,
    authorize_values,
    authorized,
    code,
    note,
    open_order,
    order,
    reserved,
    until_throttled,
)
from tests.simulator.amazon.mailbox import Mailbox
from tests.simulator.amazon.shop import Shop, common, refusal, signature, state, text

pytestmark = pytest.mark.anyio
row = Table()
CHARGE = "AuthorizeOnBillingAgreement"
STATUS = "AuthorizationStatus"
DAY = 86400


@row("8.1 a paid CaptureNow answers Closed with 0 captured")
async def _(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement(), "25.00", CaptureNow="true")
    assert state(made, STATUS) == ("Closed", "MaxCapturesProcessed")
    assert Decimal(text(made, "CapturedAmount/Amount")) == 0
    assert text(made, "IdList/member")
    values = {"AmazonAuthorizationId": text(made, "AmazonAuthorizationId")}
    assert text(await shop.ok("GetAuthorizationDetails", values), "CapturedAmount/Amount") == "25.00"


@row("8.2 Closed is not paid")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    closed = note('"State":"Closed","ReasonCode":"AmazonClosed"')
    await shop.charge(await shop.open_agreement(), CaptureNow="true", SellerAuthorizationNote=closed)
    await reserved(shop)
    shop.world.advance(2 * DAY)
    await shop.world.deliver_due()
    ends = [each for each in box.trees("PaymentAuthorize") if text(each, f"{STATUS}/State") == "Closed"]
    assert [state(each, STATUS)[1] for each in ends] == ["AmazonClosed", "ExpiredUnused"]
    assert [Decimal(text(each, "CapturedAmount/Amount")) for each in ends] == [0, 0]
    assert not shop.world.books.captures


@row("8.3 the expiry of an old authorization is told long after its agreement ended")
async def _(shop: Shop) -> None:
    live = account(shop, sandbox=False, ipn_url="https://shop.example/api/ipn/1")
    shop.world.http = box = Mailbox()
    agreement_id = await live.open_agreement()
    await live.charge(agreement_id)
    await live.ok("CloseBillingAgreement", agreement(agreement_id))
    await shop.world.deliver_due()
    box.posts.clear()
    shop.world.advance(30 * DAY)
    await shop.world.deliver_due()
    assert [state(each, STATUS) for each in box.trees("PaymentAuthorize")] == [("Closed", "ExpiredUnused")]


@row("8.4 the same notification comes twice")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    shop.world.notifications.options.copies = 2
    await shop.open_agreement()
    await shop.world.deliver_due()
    first, second = box.posts
    assert first[1]["MessageId"] == second[1]["MessageId"]


@row("8.5 a notification comes before the synchronous answer")
async def _(shop: Shop) -> None:
    box, answered = Mailbox.of(shop.world), asyncio.Event()

    async def wait(_seconds: float) -> None:
        await answered.wait()

    shop.world.sleep = wait
    values = shop.charge_values(await shop.open_agreement(), CaptureNow="true")
    shop.world.faults.add(Fault("late", CHARGE, seconds=5))
    charging = asyncio.create_task(shop.ok(CHARGE, values))
    for _ in range(20):  # turns of the loop the call needs to reach Amazon
        await asyncio.sleep(0)
    await shop.world.deliver_due()
    assert not charging.done()
    (told,) = box.trees("PaymentAuthorize")
    assert text(told, "AuthorizationReferenceId") == values["AuthorizationReferenceId"]
    answered.set()
    assert text(await charging, "AmazonAuthorizationId") == text(told, "AmazonAuthorizationId")


@row("8.6 a 4xx answer loses a notification, a 5xx does not")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    for answer, posts in ((400, 1), (503, 2)):
        box.posts.clear()
        box.answers = [answer]
        await shop.open_agreement()
        for _ in range(3):
            await shop.world.deliver_due()
            shop.world.advance(3600)
        assert len(box.posts) == posts


@row("8.7 no notification at all, and polling finds the state")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    box.answers = [0] * 9  # nobody there: never repeated
    made = await shop.charge(await shop.open_agreement(), TransactionTimeout="5")
    shop.world.advance(60)
    assert await shop.world.deliver_due() > 0
    shop.world.advance(DAY)
    assert await shop.world.deliver_due() == 0
    assert await shop.state("Authorization", text(made, "AmazonAuthorizationId")) == ("Open", "")


@row("8.8 decimals and thousands separators")
async def _(shop: Shop) -> None:
    japan = account(shop, region="jp")
    for each, bad in ((shop, ("10.001", "1,000.00", "1e2", "10.", " 10")), (japan, ("500.00", "500.5", "1,000"))):
        agreement_id = await each.open_agreement()
        for amount in bad:
            wrong = await code(each, CHARGE, each.charge_values(agreement_id, amount))
            assert wrong == (400, "InvalidParameterValue")
    await japan.charge(await japan.open_agreement(), "500")


@row("8.10 a closure reason that is too long")
async def _(shop: Shop) -> None:
    values = {"AmazonAuthorizationId": await reserved(shop), "ClosureReason": "x" * 256}
    assert await code(shop, "CloseAuthorization", values) == (400, "InvalidParameterValue")


@row("8.11 refund with the authorization's id")
async def _(shop: Shop) -> None:
    capture_id = await shop.captured()
    values = shop.refund_values(capture_id.replace("-C", "-A"))
    assert (await code(shop, "Refund", values))[1] == "InvalidTransactionId"


@row("8.12 agreement and order ids confused")
async def _(shop: Shop) -> None:
    agreement_id, order_id = await shop.open_agreement(), await open_order(shop)
    assert await code(shop, "GetOrderReferenceDetails", order(agreement_id)) == (404, "InvalidOrderReferenceId")
    wrong = await code(shop, "GetBillingAgreementDetails", agreement(order_id))
    assert wrong == (404, "InvalidBillingAgreementId")


@row("8.13 two order references on a Draft agreement")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement()
    values = {"Id": made.agreement_id, "IdType": "BillingAgreement"}
    await shop.ok("CreateOrderReferenceForId", values)
    assert await code(shop, "CreateOrderReferenceForId", values) == (405, "OrderReferenceCountExceeded")
    await shop.ok("ConfirmBillingAgreement", agreement(made.agreement_id))
    await shop.ok("CreateOrderReferenceForId", values)


@row("8.14 consent not ticked")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement(consent=False)
    values = agreement(made.agreement_id, **{"BillingAgreementAttributes.SellerNote": "x"})
    root = await shop.ok("SetBillingAgreementDetails", values)
    assert text(root, "Constraint/ConstraintID") == "BuyerConsentNotSet"
    wrong = await code(shop, "ConfirmBillingAgreement", agreement(made.agreement_id))
    assert wrong == (400, "BillingAgreementConstraintsExist")


@row("8.15 InheritShippingAddress is true by default")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement(address=False, needs_address=False)
    assert (await shop.raw(CHARGE, shop.charge_values(agreement_id))).status == 400
    await shop.charge(agreement_id, InheritShippingAddress="false")


@row("8.16 addresses without state and phone, with three lines")
async def _(shop: Shop) -> None:
    german = Address("Erika Mustermann", "Firma", "c/o Meier", "Berlin", "", "10115", "DE", "", "Hauptstraße 5")
    buyer = shop.world.create_buyer(name=german.name, address=german)
    root = await shop.ok("GetBillingAgreementDetails", agreement(await shop.open_agreement(buyer_id=buyer.buyer_id)))
    place = root.find(".//PhysicalDestination")
    assert place is not None
    assert {each.tag for each in place} == {
        *("Name", "AddressLine1", "AddressLine2", "AddressLine3"),
        *("City", "PostalCode", "CountryCode"),
    }
    assert text(place, "AddressLine3") == "Hauptstraße 5"
    assert {each.tag for each in root.findall(".//Buyer/*")} == {"Name", "Email"}


@row("8.17 monthly limits vary and Amazon decides")
async def _(shop: Shop) -> None:
    for limit in ("500.00", "1000.00", "1234.56"):
        shop.merchant.monthly_limit = Decimal(limit)
        agreement_id = await shop.open_agreement()
        root = await shop.ok("GetBillingAgreementDetails", agreement(agreement_id))
        assert text(root, "AmountLimitPerTimePeriod/Amount") == limit
        above = str(Decimal(limit) + Decimal("0.01"))
        assert (await code(shop, CHARGE, shop.charge_values(agreement_id, above)))[1] == "PeriodicAmountExceeded"
        await shop.charge(agreement_id, limit)


@row("8.18 TransactionTimedOut at once, authorized given time")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.TIMED_OUT)
    shop.merchant.monthly_limit = Decimal(5000)
    agreement_id = await shop.open_agreement(card_id=card.card_id)
    declined = await shop.charge(agreement_id, "1500.00")
    assert state(declined, STATUS) == ("Declined", "TransactionTimedOut")
    made = await shop.charge(agreement_id, "1500.00", TransactionTimeout="1440", CaptureNow="true")
    assert state(made, STATUS) == ("Pending", "")
    shop.world.advance(60)
    done = await shop.state("Authorization", text(made, "AmazonAuthorizationId"))
    assert done == ("Closed", "MaxCapturesProcessed")


@row("8.20 a timed-out one-time order can be canceled")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.TIMED_OUT)
    order_id = await open_order(shop, card_id=card.card_id)
    _id, result = await authorized(shop, order_id)
    assert result == ("Declined", "TransactionTimedOut")
    assert await shop.state("OrderReference", order_id) == ("Open", "")
    await shop.ok("CancelOrderReference", order(order_id))
    assert await shop.state("OrderReference", order_id) == ("Canceled", "SellerCanceled")


async def _captured_after(shop: Shop, seconds: int) -> tuple[str, str]:
    live = account(shop, sandbox=False)
    authorization_id = await reserved(live)
    shop.world.advance(seconds)
    return state(await live.ok("Capture", live.capture_values(authorization_id)), "CaptureStatus")


@row("8.21 capture after 7 days is Pending")
async def _(shop: Shop) -> None:
    assert await _captured_after(shop, 7 * DAY) == ("Completed", "")
    assert await _captured_after(shop, 7 * DAY + 1) == ("Pending", "")


@row("8.22 after 30 days: a new authorization and no capture")
async def _(shop: Shop) -> None:
    live = account(shop, sandbox=False)
    agreement_id = await live.open_agreement()
    values = live.charge_values(agreement_id)
    authorization_id = text(await live.ok(CHARGE, values), "AmazonAuthorizationId")
    shop.world.advance(30 * DAY)
    assert (await code(live, "Capture", live.capture_values(authorization_id)))[1] == "InvalidAuthorizationStatus"
    again = await live.ok(CHARGE, values)  # the old reference id still means the old authorization
    assert text(again, "AmazonAuthorizationId") == authorization_id
    assert state(await live.charge(agreement_id), STATUS) == ("Open", "")


@row("8.23 bulk renewals meet the throttle, polling has a quota of its own")
async def _(shop: Shop) -> None:
    live = account(shop, sandbox=False)
    agreement_ids = [await live.open_agreement() for _ in range(12)]
    shop.world.throttling = True
    statuses = [(await live.raw(CHARGE, live.charge_values(each))).status for each in agreement_ids]
    assert statuses == [200] * 10 + [503] * 2
    assert await until_throttled(live, "GetAuthorizationDetails") == 20
    shop.world.advance(1)
    assert (await live.raw(CHARGE, live.charge_values(agreement_ids[10]))).status == 200


@row("8.26 the host follows the account's region")
async def _(shop: Shop) -> None:
    hosts = {"us": "mws.amazonservices.com", "uk": "mws-eu.amazonservices.com", "jp": "mws.amazonservices.jp"}
    for region, host in hosts.items():
        merchant = account(shop, region=region).merchant
        for other in hosts.values():
            answer = await Shop(shop.world, merchant, other).raw("GetServiceStatus", {})
            assert (answer.status == 200) is (other == host)


@row("8.27 a UUID with dashes is too long for a reference id")
async def _(shop: Shop) -> None:
    values = {**shop.charge_values(await shop.open_agreement()), "AuthorizationReferenceId": str(uuid4())}
    assert await code(shop, CHARGE, values) == (400, "InvalidParameterValue")
    values["AuthorizationReferenceId"] = uuid4().hex
    await shop.ok(CHARGE, values)
    other = {**values, "AuthorizationAmount.Amount": "10.01"}
    assert await code(shop, CHARGE, other) == (400, "DuplicateReferenceId")


@row("8.28 the same thing has two names")
async def _(shop: Shop) -> None:
    box = Mailbox.of(shop.world)
    agreement_id = await shop.open_agreement()
    made = await shop.charge(agreement_id, CaptureNow="true")
    await shop.world.deliver_due()
    root = await shop.ok("GetBillingAgreementDetails", agreement(agreement_id))
    told = box.trees("BillingAgreementNotification")[0]
    assert text(root, "BillingAgreementStatus/LastUpdatedTimestamp")
    assert text(told, "BillingAgreementStatus/LastUpdateTimestamp")
    assert text(made, "IdList/member") == text(box.trees("PaymentAuthorize")[0], "IdList/Id")
    shop.world.faults.add(Fault("throttle"))
    assert text((await shop.refused("GetServiceStatus", {})).root, "RequestID")
    assert text((await shop.refused("GetCaptureDetails", {})).root, "RequestId")
    draft, _token = shop.world.open_agreement(consent=False)
    root = await shop.ok("GetBillingAgreementDetails", agreement(draft.agreement_id))
    assert (root.find(".//ConstraintID") is None, root.find(".//ConstraintId") is None) == (False, True)


@row("8.29 a refund notification names neither order nor capture nor note")
async def _(shop: Shop) -> None:
    capture_id = await shop.captured()
    box = Mailbox.of(shop.world)
    made = await shop.ok("Refund", shop.refund_values(capture_id, SellerRefundNote="sorry"))
    shop.world.advance(60)
    await shop.world.deliver_due()
    told = box.trees("PaymentRefund")[0]
    words = {each.text for each in told.iter()}
    assert text(told, "AmazonRefundId") == text(made, "AmazonRefundId")
    assert not words & {capture_id, capture_id[:19], "sorry"}
    assert text(told, "AmazonRefundId")[:19] == capture_id[:19]
    listed = await shop.ok("GetCaptureDetails", {"AmazonCaptureId": capture_id})
    assert text(listed, "IdList/member") == text(told, "AmazonRefundId")


@row("8.32 a decline leaves the one-time order open; it can be closed")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.PROCESSING_FAILURE)
    order_id = await open_order(shop, card_id=card.card_id)
    await authorized(shop, order_id)
    assert await shop.state("OrderReference", order_id) == ("Open", "")
    await shop.ok("CloseOrderReference", order(order_id))
    assert (await code(shop, "Authorize", authorize_values(shop, order_id)))[1] == "InvalidOrderReferenceStatus"


@row("8.33 a buyer closes at Amazon and only a notification tells")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    box = Mailbox.of(shop.world)
    shop.world.close_agreement(agreement_id)
    await shop.world.deliver_due()
    (told,) = box.trees("BillingAgreementNotification")
    assert text(told, "BillingAgreementStatus/State") == "Closed"
    assert (await code(shop, CHARGE, shop.charge_values(agreement_id)))[1] == "InvalidBillingAgreementStatus"


@row("8.34 only the seller's own order id leads from a charge to its subscription")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    made = await shop.charge(agreement_id, **{"SellerOrderAttributes.SellerOrderId": "sub-7"})
    values = {"AmazonAuthorizationId": text(made, "AmazonAuthorizationId")}
    details = await shop.raw("GetAuthorizationDetails", values)
    assert agreement_id.encode() not in details.body
    query = {"QueryId": "sub-7", "QueryIdType": "SellerOrderId", "PaymentDomain": "NA_USD"}
    listed = await shop.ok("ListOrderReference", query)
    assert text(listed, "AmazonOrderReferenceId") == text(made, "AmazonAuthorizationId")[:19]


@row("8.36 partial refunds and a capture that closes")
async def _(shop: Shop) -> None:
    capture_id = await shop.captured()
    for amount in ("3.00", "3.00", "4.00"):
        await shop.ok("Refund", shop.refund_values(capture_id, amount))
    assert (await code(shop, "Refund", shop.refund_values(capture_id, "1.51")))[1] == "TransactionAmountExceeded"
    shop.world.advance(60)
    assert await shop.state("Capture", capture_id) == ("Closed", "MaxAmountRefunded")


@row("8.38 a fast or slow clock is RequestExpired")
async def _(shop: Shop) -> None:
    for minutes, expired in ((-16, True), (-14, False), (14, False), (16, True)):
        values = {**common(shop.merchant, datetime.now(UTC) + timedelta(minutes=minutes)), "Action": "GetServiceStatus"}
        values["Signature"] = signature(shop.merchant.secret_key, "POST", shop.host, shop.path, values)
        answer = await shop.post(values)
        assert (answer.status != 200) is expired
        assert not expired or refusal(answer).code == "RequestExpired"


@pytest.mark.parametrize("demonstration", row.cases())
async def test_traps_are_set_as_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)
