"""The flows, each played by people. A story arms the switch where its own part begins: what comes before is another's.

No step is named here. What a story goes through is what the app announces while it is played.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import sqlalchemy as sa

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from saleor_amazonpay.store import tables
from tests.faults.checker import Sale
from tests.faults.house import House

Story = Callable[[House], Awaitable[None]]
STORIES: dict[str, Story] = {}
_DAY = 24 * 3600


def _story(told: Story) -> Story:
    STORIES[told.__name__.replace("_", " ")] = told
    return told


@_story
async def initialize_charge(house: House) -> None:
    house.power.arm()
    await house.buy()
    await house.settle()


@_story
async def initialize_authorize(house: House) -> None:
    house.power.arm()
    await house.buy(action="AUTHORIZATION")
    await house.settle()


@_story
async def process_after_decline(house: House) -> None:
    bad = house.amazon.add_card(house.amazon.buyer.buyer_id, Behaviour.DECLINE_SOFT)
    checkout = house.saleor.checkout_create(total="100.00", user=house.customer)
    sale = await house.pay_for(checkout.id, Decimal(100), "CHARGE", card_id=bad.card_id)
    assert sale.shown[-1] == "CHARGE_ACTION_REQUIRED"
    good = house.amazon.add_card(house.amazon.buyer.buyer_id)
    if house.wire == "mws":
        house.amazon.change_payment_method(sale.agreement, good.card_id)
        house.power.arm()
        await house.press_again(sale)
        if house.mood.patient:
            await house.settle()
        await house.pay_otherwise(sale)
    else:  # a session that was declined is over: the shopper chooses anew
        house.power.arm()
        other = await house.pay_for(checkout.id, Decimal(100), "CHARGE")
        await house.pay_otherwise(other)
    await house.settle()


async def _reserved(house: House) -> Sale:
    sale = await house.buy(action="AUTHORIZATION")
    await house.settle()
    return sale


async def _bought(house: House) -> Sale:
    sale = await house.buy()
    await house.settle()
    return sale


@_story
async def capture(house: House) -> None:
    sale = await _reserved(house)
    house.power.arm()
    await house.ask(sale, "CHARGE", "100")
    await house.settle()


@_story
async def partial_capture(house: House) -> None:
    sale = await _reserved(house)
    house.power.arm()
    await house.ask(sale, "CHARGE", "30")
    await house.settle()


@_story
async def collect_a_rest(house: House) -> None:
    sale = await _reserved(house)
    await house.ask(sale, "CHARGE", "30")
    await house.settle()
    house.power.arm()
    await house.ask(sale, "CHARGE", "70")
    await house.settle()


@_story
async def refund_without_notices(house: House) -> None:
    sale = await _bought(house)
    house.amazon.merchant.ipn_url = ""
    house.power.arm()
    await house.ask(sale, "REFUND", "12.34")
    await house.settle()


@_story
async def notice_of_a_refund(house: House) -> None:
    sale = await _bought(house)
    await house.ask(sale, "REFUND", "12.34")
    house.power.arm()
    await house.settle(6)


@_story
async def granted_refund(house: House) -> None:
    sale = await _bought(house)
    house.power.arm()
    await house.grant(sale, "15")
    await house.settle()


@_story
async def split_refund(house: House) -> None:
    sale = await _reserved(house)
    for amount in ("30", "50", "20"):
        await house.ask(sale, "CHARGE", amount)
        house.amazon.advance(1)
    await house.settle()
    house.power.arm()
    await house.ask(sale, "REFUND", "90")
    await house.settle()


@_story
async def cancel(house: House) -> None:
    sale = await _reserved(house)
    house.power.arm()
    await house.ask(sale, "CANCEL", "100")
    await house.settle()


@_story
async def notice_of_an_expiry(house: House) -> None:
    sale = await _reserved(house)
    house.amazon.advance(3 * _DAY)
    house.power.arm()
    await house.settle()
    await house.ask(sale, "CHARGE", "100")
    await house.settle()


@_story
async def report_delivery(house: House) -> None:
    sale = await _bought(house)
    await house.ask(sale, "REFUND", "40")
    house.saleor.faults.api_down(503)
    house.power.arm()
    await house.settle(600)
    house.saleor.faults.clear()
    await house.settle(600)


@_story
async def sweep(house: House) -> None:
    for action in ("AuthorizeOnBillingAgreement", "CompleteCheckoutSession"):
        house.amazon.faults.add(Fault("drop", action=action, times=9))
    await house.buy()
    house.amazon.faults.clear()
    house.power.arm()
    await house.settle()


@_story
async def one_time_sale(house: House) -> None:
    house.power.arm()
    await house.buy(recurring=False)
    await house.settle()


@_story
async def cancelled_order(house: House) -> None:
    sale = await _reserved(house)
    order = house.saleor.checkout_complete(sale.purchase, house.customer).order
    assert order is not None
    house.power.arm()
    sale.asked.append(("CANCEL", Decimal(100)))
    house.saleor.order_cancel(order)
    await house.settle()


@_story
async def sent_order(house: House) -> None:
    change = sa.update(tables.profiles).values(capture_when_fulfilled=1)
    await house.deps.store.write(lambda tx: tx.connection.execute(change))
    house.deps.directory.forget()
    checkout = house.saleor.checkout_create(total="100.00", user=house.customer, lines=[(2, "100.00")])
    sale = await house.pay_for(checkout.id, Decimal(100), "AUTHORIZATION")
    await house.settle()
    order = house.saleor.checkout_complete(sale.purchase, house.customer).order
    assert order is not None
    house.power.arm()
    sale.asked.append(("CHARGE", Decimal(50)))
    house.saleor.warehouse.send(order, {order.lines[0].id: 1})
    await house.settle()
