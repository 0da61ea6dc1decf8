"""Contract section 1.3: throttling and what may be repeated, row by row."""

from __future__ import annotations

import pytest

from saleor_amazonpay.http import TransportError
from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from tests.simulator.amazon.demonstrations import Demonstration, Table, account, until_throttled
from tests.simulator.amazon.shop import Shop, refusal, state, text

pytestmark = pytest.mark.anyio
row = Table()
CHARGE = "AuthorizeOnBillingAgreement"
WRITES = (
    "Authorize",
    "AuthorizeOnBillingAgreement",
    "Capture",
    "Refund",
    "SetBillingAgreementDetails",
    "SetOrderReferenceDetails",
    "SetOrderAttributes",
    "ConfirmBillingAgreement",
    "ConfirmOrderReference",
    "ValidateBillingAgreement",
    "CancelOrderReference",
    "CloseBillingAgreement",
    "CloseOrderReference",
    "CloseAuthorization",
    "CreateOrderReferenceForId",
)
READS = ("OrderReference", "BillingAgreement", "Authorization", "Capture", "Refund")


async def _quota(shop: Shop, action: str, size: int, refill: float) -> None:
    assert await until_throttled(shop, action) == size
    shop.world.advance(refill - 0.1)
    assert await until_throttled(shop, action) == 0
    shop.world.advance(0.2)
    assert await until_throttled(shop, action) == 1


@row("1.3 writes: 10 and 1/s live, 2 and 1 per 2 s in the sandbox")
async def _(shop: Shop) -> None:
    shop.world.throttling = True
    live = account(shop, sandbox=False)
    for action in WRITES:
        await _quota(shop, action, 2, 2)
        await _quota(live, action, 10, 1)


@row("1.3 reads: 20 and 2/s live, 5 and 1/s in the sandbox")
async def _(shop: Shop) -> None:
    shop.world.throttling = True
    live = account(shop, sandbox=False)
    for kind in READS:
        await _quota(shop, f"Get{kind}Details", 5, 1)
        await _quota(live, f"Get{kind}Details", 20, 0.5)


@row("1.3 GetServiceStatus: 2 and 1 per 5 min in both")
async def _(shop: Shop) -> None:
    shop.world.throttling = True
    for each in (shop, account(shop, sandbox=False)):
        await _quota(each, "GetServiceStatus", 2, 300)


@row("1.3 throttled answer: 503 RequestThrottled, empty Type, RequestID")
async def _(shop: Shop) -> None:
    shop.world.faults.add(Fault("throttle"))
    answer = await shop.raw("GetServiceStatus", {})
    wrong = refusal(answer)
    assert (wrong.status, wrong.code) == (503, "RequestThrottled")
    assert b"<Type></Type>" in answer.body
    assert text(wrong.root, "RequestID")
    assert wrong.root.find("RequestId") is None


@row("1.3 500, 502, 503 and 504 can be met, and writes repeated with an unchanged reference id")
async def _(shop: Shop) -> None:
    values = shop.charge_values(await shop.open_agreement())
    for status in (500, 502, 503, 504):
        shop.world.faults.add(Fault("error", CHARGE, status=status))
        assert (await shop.raw(CHARGE, values)).status == status
    shop.world.faults.add(Fault("drop", CHARGE))
    with pytest.raises(TransportError):
        await shop.raw(CHARGE, values)
    await shop.ok(CHARGE, values)
    assert len(shop.world.books.authorizations) == 1


@row("1.3 TransactionTimedOut is a state and no HTTP error")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.TIMED_OUT)
    answer = await shop.charge(await shop.open_agreement(card_id=card.card_id))
    assert state(answer, "AuthorizationStatus") == ("Declined", "TransactionTimedOut")


@pytest.mark.parametrize("demonstration", row.cases())
async def test_throttling_is_as_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)
