"""Contract section 1.4: every error, row by row."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
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
    total,
    until_throttled,
)
from tests.simulator.amazon.shop import Shop, common, refusal, signature, text

pytestmark = pytest.mark.anyio
row = Table()
CHARGE = "AuthorizeOnBillingAgreement"


# ---- 1.4: the frame


@row("1.4 frame: Type, Code, Message, RequestId")
async def _(shop: Shop) -> None:
    wrong = await shop.refused("GetCaptureDetails", {})
    assert [each.tag for each in wrong.root] == ["Error", "RequestId"]
    assert [each.tag for each in wrong.root[0]] == ["Type", "Code", "Message"]
    assert text(wrong.root, "Type") == "Sender"


@row("1.4 gateway documents say RequestID")
async def _(shop: Shop) -> None:
    shop.merchant.secret_key = "another"
    values = shop.signed("GetServiceStatus", {})
    shop.merchant.secret_key = "the right one"
    wrong = refusal(await shop.post(values))
    assert [each.tag for each in wrong.root] == ["Error", "RequestID"]


@row("1.4 a body that is no XML")
async def _(shop: Shop) -> None:
    shop.world.faults.add(Fault("error", status=503))
    answer = await shop.raw("GetServiceStatus", {})
    assert (answer.status, answer.body[:1]) == (503, b"S")
    shop.world.faults.add(Fault("garbage"))
    answer = await shop.raw("GetServiceStatus", {})
    assert (answer.status, b"ErrorResponse" in answer.body) == (200, False)


# ---- 1.4: codes with a known cause


@row("1.4 InvalidParameterValue")
async def _(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement(), "1.234")
    assert await code(shop, CHARGE, values) == (400, "InvalidParameterValue")


@row("1.4 DuplicateReferenceId")
async def _(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement())
    await shop.ok(CHARGE, values)
    assert await code(shop, CHARGE, {**values, "AuthorizationAmount.Amount": "11.00"}) == (400, "DuplicateReferenceId")


@row("1.4 BillingAgreementConstraintsExist")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement(consent=False)
    values = agreement(made.agreement_id)
    assert await code(shop, "ConfirmBillingAgreement", values) == (400, "BillingAgreementConstraintsExist")


@row("1.4 ConstraintsExist")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_order()
    assert await code(shop, "ConfirmOrderReference", order(made.order_id)) == (400, "ConstraintsExist")


@row("1.4 BillingAgreementNotModifiable")
async def _(shop: Shop) -> None:
    values = agreement(await shop.open_agreement(), **{"BillingAgreementAttributes.SellerNote": "x"})
    assert await code(shop, "SetBillingAgreementDetails", values) == (405, "BillingAgreementNotModifiable")


@row("1.4 OrderReferenceNotModifiable")
async def _(shop: Shop) -> None:
    values = order(await open_order(shop), **total(shop, "1.00"))
    wrong = await shop.refused("SetOrderReferenceDetails", values)
    assert wrong.code == "OrderReferenceNotModifiable"
    assert "is not in draft state and cannot be modified" in wrong.message


@row("1.4 OrderReferenceCountExceeded")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement()
    values = {"Id": made.agreement_id, "IdType": "BillingAgreement"}
    await shop.ok("CreateOrderReferenceForId", values)
    assert await code(shop, "CreateOrderReferenceForId", values) == (405, "OrderReferenceCountExceeded")


@row("1.4 CurrencyMismatch")
async def _(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement(), **{"AuthorizationAmount.CurrencyCode": "EUR"})
    assert await code(shop, CHARGE, values) == (400, "CurrencyMismatch")


@row("1.4 CurrencyUnsupported")
async def _(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement(), **{"AuthorizationAmount.CurrencyCode": "CAD"})
    assert await code(shop, CHARGE, values) == (400, "CurrencyUnsupported")


@row("1.4 CaptureNotRefundable")
async def _(shop: Shop) -> None:
    pending = note('"State":"Pending"')
    made = await shop.ok("Capture", shop.capture_values(await reserved(shop), SellerCaptureNote=pending))
    values = shop.refund_values(text(made, "AmazonCaptureId"))
    assert await code(shop, "Refund", values) == (405, "CaptureNotRefundable")


@row("1.4 PeriodicAmountExceeded")
async def _(shop: Shop) -> None:
    shop.merchant.monthly_limit = Decimal(500)
    agreement_id = await shop.open_agreement()
    wrong = await shop.refused(CHARGE, shop.charge_values(agreement_id, "503.00"))
    assert wrong.code == "PeriodicAmountExceeded"
    assert re.fullmatch(
        rf"BillingAgreement {agreement_id} has already been authorized for amount 0\.00 in time period .+\. "
        r"A new authorization with amount 503\.00 cannot be accepted as the total authorization amount cannot exceed "
        r"500\.00\.",
        wrong.message,
    )


@row("1.4 TransactionAmountExceeded")
async def _(shop: Shop) -> None:
    british = account(shop, region="uk")
    wrong = await british.refused("Authorize", authorize_values(british, await open_order(british, "25.13"), "25.14"))
    assert wrong.code == "TransactionAmountExceeded"
    assert "has already been authorized for amount 0.00 GBP" in wrong.message
    assert wrong.message.endswith("cannot exceed 25.13 GBP.")


@row("1.4 TransactionCountExceeded")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop)
    for _ in range(10):
        await authorized(shop, order_id, "1.00")
    assert (await code(shop, "Authorize", authorize_values(shop, order_id, "1.00")))[1] == "TransactionCountExceeded"
    authorization_id = await reserved(shop)
    await shop.ok("Capture", shop.capture_values(authorization_id, SellerCaptureNote=note('"State":"Pending"')))
    again = shop.capture_values(authorization_id)
    assert (await code(shop, "Capture", again))[1] == "TransactionCountExceeded"
    capture_id = await shop.captured()
    for _ in range(10):
        await shop.ok("Refund", shop.refund_values(capture_id, "0.10"))
    assert (await code(shop, "Refund", shop.refund_values(capture_id, "0.10")))[1] == "TransactionCountExceeded"


@row("1.4 InvalidOrderReferenceId")
async def _(shop: Shop) -> None:
    values = order("S01-1111111-1111111")
    assert await code(shop, "GetOrderReferenceDetails", values) == (404, "InvalidOrderReferenceId")


@row("1.4 InvalidBillingAgreementId")
async def _(shop: Shop) -> None:
    values = agreement("B01-1111111-1111111")
    wrong = await shop.refused("GetBillingAgreementDetails", values)
    assert (wrong.code, wrong.message) == (
        "InvalidBillingAgreementId",
        "BillingAgreementId B01-1111111-1111111 is invalid",
    )


@row("1.4 InvalidTransactionId")
async def _(shop: Shop) -> None:
    values = shop.refund_values(await reserved(shop))
    assert (await code(shop, "Refund", values))[1] == "InvalidTransactionId"


@row("1.4 InvalidBillingAgreementStatus")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement()
    values = shop.charge_values(made.agreement_id)
    assert (await code(shop, CHARGE, values))[1] == "InvalidBillingAgreementStatus"


@row("1.4 InvalidOrderReferenceStatus")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_order()
    values = authorize_values(shop, made.order_id)
    assert (await code(shop, "Authorize", values))[1] == "InvalidOrderReferenceStatus"


@row("1.4 InvalidAuthorizationStatus")
async def _(shop: Shop) -> None:
    authorization_id = await reserved(shop)
    await shop.ok("CloseAuthorization", {"AmazonAuthorizationId": authorization_id})
    assert (await code(shop, "Capture", shop.capture_values(authorization_id)))[1] == "InvalidAuthorizationStatus"


@row("1.4 InvalidCloseAttempt")
async def _(shop: Shop) -> None:
    made = await shop.charge(await shop.open_agreement(), CaptureNow="true")
    values = {"AmazonAuthorizationId": text(made, "AmazonAuthorizationId")}
    assert (await code(shop, "CloseAuthorization", values))[1] == "InvalidCloseAttempt"


@row("1.4 InvalidCancelAttempt")
async def _(shop: Shop) -> None:
    order_id = await open_order(shop)
    await authorized(shop, order_id, CaptureNow="true")
    assert (await code(shop, "CancelOrderReference", order(order_id)))[1] == "InvalidCancelAttempt"


@row("1.4 PaymentMethodNotUpdated")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.DECLINE_HARD)
    agreement_id = await shop.open_agreement(card_id=card.card_id)
    await shop.charge(agreement_id)
    assert (await code(shop, "ConfirmBillingAgreement", agreement(agreement_id)))[1] == "PaymentMethodNotUpdated"


@row("1.4 AmbiguousToken")
async def _(shop: Shop) -> None:
    made, token = shop.world.open_agreement()
    values = agreement(made.agreement_id, AccessToken=token.token, AddressConsentToken=token.token)
    assert await code(shop, "GetBillingAgreementDetails", values) == (400, "AmbiguousToken")


@row("1.4 InvalidAddressConsentToken")
async def _(shop: Shop) -> None:
    made, _token = shop.world.open_agreement()
    values = agreement(made.agreement_id, AddressConsentToken="Atza|unknown")
    assert (await code(shop, "GetBillingAgreementDetails", values))[1] == "InvalidAddressConsentToken"


@row("1.4 MissingAuthenticationToken")
async def _(shop: Shop) -> None:
    for name in ("Signature", "AWSAccessKeyId"):
        values = shop.signed("GetServiceStatus", {})
        del values[name]
        assert refusal(await shop.post(values)).code == "MissingAuthenticationToken"


@row("1.4 InvalidSandboxSimulationSpecified")
async def _(shop: Shop) -> None:
    live = account(shop, sandbox=False)
    fine, odd = '"State":"Declined","ReasonCode":"AmazonRejected"', '"State":"Declined","ReasonCode":"Bored"'
    for each, inner in ((shop, odd), (live, fine)):
        values = each.charge_values(await each.open_agreement(), SellerAuthorizationNote=note(inner))
        assert (await code(each, CHARGE, values))[1] == "InvalidSandboxSimulationSpecified"


@row("1.4 InvalidAccountStatus")
async def _(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    shop.merchant.active = False
    assert (await code(shop, CHARGE, shop.charge_values(agreement_id)))[1] == "InvalidAccountStatus"


@row("1.4 AccessDenied")
async def _(shop: Shop) -> None:
    other = shop.world.create_merchant()
    wrong = await shop.refused("GetServiceStatus", {"SellerId": other.seller_id})
    assert wrong.code == "AccessDenied"
    assert wrong.status in {401, 403}


@row("1.4 RequestExpired")
async def _(shop: Shop) -> None:
    values = {**common(shop.merchant, datetime.now(UTC) - timedelta(minutes=16)), "Action": "GetServiceStatus"}
    values["Signature"] = signature(shop.merchant.secret_key, "POST", shop.host, shop.path, values)
    assert refusal(await shop.post(values)).code == "RequestExpired"


@row("1.4 RequestThrottled")
async def _(shop: Shop) -> None:
    shop.world.throttling = True
    assert await until_throttled(shop, "Refund") == 2
    assert await code(shop, "Refund", {"Id": "x"}) == (503, "RequestThrottled")


@row("1.4 credential probe: S00-0000000-0000000 is InvalidOrderReferenceId")
async def _(shop: Shop) -> None:
    values = order("S00-0000000-0000000")
    assert (await code(shop, "GetOrderReferenceDetails", values))[1] == "InvalidOrderReferenceId"


@row("1.4 credential probe: GetMerchantAccountStatus ACTIVE and INACTIVE")
async def _(shop: Shop) -> None:
    for active, status in ((True, "ACTIVE"), (False, "INACTIVE")):
        shop.merchant.active = active
        assert text(await shop.ok("GetMerchantAccountStatus", {}), "AccountStatus") == status


# ---- 1.4: codes of which no source tells the cause, given on order


def _ordered(name: str, status: int) -> None:
    @row(f"1.4 {name}")
    async def _(shop: Shop) -> None:
        values = shop.charge_values(await shop.open_agreement())
        shop.world.faults.add(Fault("refuse", CHARGE, code=name))
        assert await code(shop, CHARGE, values) == (status, name)
        assert not shop.world.books.authorizations
        await shop.ok(CHARGE, values)


for _name, _status in {
    "InvalidAddress": 400,
    "UnauthorizedAccess": 401,
    "UnauthorizedSolutionProvider": 403,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
    "InvalidSellerId": 400,
    "BuyerEqualsSeller": 400,
    "UnsupportedCurrency": 400,
    "UnsupportedCountryOfEstablishment": 400,
    "ProviderNotAuthorized": 400,
    "InvalidAuthorizationAmount": 400,
    "InvalidPaymentAction": 400,
}.items():
    _ordered(_name, _status)


@pytest.mark.parametrize("demonstration", row.cases())
async def test_the_wire_answers_as_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)
