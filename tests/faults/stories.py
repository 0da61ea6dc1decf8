"""The flows, each played by people. A story arms the switch where its own part begins: what comes before is another's.

No step is named here. What a story goes through is what the app announces while it is played.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.move import MoveError, Wanted, move
from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from saleor_amazonpay.simulator.shop.ledger import TransactionEvent
from saleor_amazonpay.store import tables
from tests.faults.checker import Sale, taken
from tests.faults.house import House

Story = Callable[[House], Awaitable[None]]
STORIES: dict[str, Story] = {}
ONLY_ON = {"move to checkout v2": "mws"}
_DAY = 24 * 3600


def told_on(wire: str) -> list[str]:
    """The stories that there are on a wire."""
    return [story for story in STORIES if ONLY_ON.get(story, wire) == wire]


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
async def refused_report(house: House) -> None:
    """Somebody else has told Saleor a wrong amount of a refund: the app says so to staff, and does not insist."""
    sale = await _bought(house)
    house.power.arm()
    await house.meddle(sale, "12.34")
    house.expected.append(partial(_shown, house, sale))
    await house.settle()


@_story
async def lost_answers_to_reports(house: House) -> None:
    """Saleor books what it is told and its answer is lost: told again, it is the same event."""
    sale = await _bought(house)
    await house.ask(sale, "REFUND", "12.34")
    house.saleor.faults.api_drop_answer(3)
    house.power.arm()
    await house.settle(60)


@_story
async def sweep(house: House) -> None:
    for action in ("AuthorizeOnBillingAgreement", "CompleteCheckoutSession"):
        house.amazon.faults.add(Fault("drop", action=action, times=9))
    await house.buy()
    house.amazon.faults.clear()
    await house.calls_back()  # what is still out belongs to the sale
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
    await _change(house, capture_when_fulfilled=1)
    checkout = house.saleor.checkout_create(total="100.00", user=house.customer, lines=[(2, "100.00")])
    sale = await house.pay_for(checkout.id, Decimal(100), "AUTHORIZATION")
    await house.settle()
    order = house.saleor.checkout_complete(sale.purchase, house.customer).order
    assert order is not None
    house.power.arm()
    sale.asked.append(("CHARGE", Decimal(50)))
    house.saleor.warehouse.send(order, {order.lines[0].id: 1})
    await house.settle()


@_story
async def chargeback(house: House) -> None:
    """Of v1's nothing can be read: its notice is all there is, and comes again when nobody took it."""
    sale = await _bought(house)
    house.amazon.notifications.options.retry_unreachable = True
    house.power.arm()
    if house.wire == "mws":
        house.amazon.charge_back(next(iter(house.amazon.books.captures)), Decimal("12.34"))
    else:
        house.amazon.pay.dispute(next(iter(house.amazon.pay.books.charges)), Decimal("12.34"))
    await house.settle()
    await house.ask(sale, "REFUND", "10")
    await house.settle()


@_story
async def cap_reached(house: House) -> None:
    """The cap is used up by one purchase: the next is refused, wherever the app dies, and nothing stays reserved."""
    await _bought(house)
    await _change(house, monthly_cap=_cents(100))
    house.expected.append(partial(_booked, house, _cents(100)))
    house.power.arm()
    sale = await house.buy()
    assert not sale.shown[-1].endswith(("SUCCESS", "REQUEST")), sale.shown
    await house.settle()


@_story
async def cap_with_room(house: House) -> None:
    """There is room for two more: in the end the cap's books hold what Amazon took, and nothing that was only tried."""
    await _bought(house)
    await _change(house, monthly_cap=_cents(400))
    house.power.arm()
    await house.buy()
    house.expected.append(partial(_booked, house))
    await house.settle()
    await house.settle(_DAY + 3600, rounds=2)  # a charge that nobody ever found has failed by then


@_story
async def save_and_remove(house: House) -> None:
    """A customer saves an agreement, or has it with her first payment, and removes it; pressing again until it is so."""
    if house.wire == "mws":
        data = house.buyer_data()
        house.power.arm()
        await _pressed(house, lambda: house.saleor.payment_method_initialize_tokenization(
            house.customer, house.gateway, data), "SUCCESSFULLY_TOKENIZED")  # fmt: skip
    else:
        await _bought(house)
        house.power.arm()
    method = None
    for _ in range(3):
        found = await house.saleor.stored_payment_methods(house.customer)
        await house.nodes.revive()
        method = found[0] if found else method
    assert method is not None
    method_id = method.id
    await _pressed(
        house,
        lambda: house.saleor.stored_payment_method_delete(house.customer, method_id),
        "SUCCESSFULLY_DELETED",
    )
    await house.settle()
    house.expected.append(partial(_ended, house))


@_story
async def move_to_checkout_v2(house: House) -> None:
    """A profile moves with an open reservation and a refund under way; staff start it again until it has moved."""
    house.amazon.merchant.public_keys.clear()
    sale = await _reserved(house)
    other = await _bought(house)
    await house.ask(other, "REFUND", "5")
    wanted = Wanted("", house.amazon.merchant.store_id)
    house.power.arm()
    for _ in range(3):
        await house.nodes.inside(partial(_moved, profile_id=house.demo.profile_id, wanted=wanted))
    await house.ask(sale, "CHARGE", "100")
    await house.ask(other, "REFUND", "7")
    await house.settle()
    house.expected.append(partial(_on_v2, house))


async def _moved(deps: Deps, profile_id: str, wanted: Wanted) -> None:
    try:
        await move(deps, profile_id, wanted)
    except MoveError as error:
        if error.code != "nothing_to_move":
            raise


async def _on_v2(house: House) -> str:
    profile = (await house.deps.directory.current()).profiles[house.demo.profile_id]
    keys = len(house.amazon.merchant.public_keys)
    return "" if (profile.wire, keys) == ("v2", 1) else f"the profile is on {profile.wire}, with {keys} keys at Amazon"


async def _ended(house: House) -> str:
    left = await house.saleor.stored_payment_methods(house.customer)
    if house.wire == "mws":
        states = {each.status.state for each in house.amazon.books.agreements.values()}
    else:
        states = {each.state.name for each in house.amazon.pay.books.permissions.values()}
    return "" if not left and states == {"Closed"} else f"removed, but shown {left} and {states} at Amazon"


async def _shown(house: House, sale: Sale) -> str:
    if not sale.misled:
        return ""  # the app was quicker, and the script was refused
    failures = sum(event.type == "REFUND_FAILURE" and not event.counted for event in _events(house, sale))
    if not 1 <= failures <= 1 + house.nodes.deaths:
        return f"the app told Saleor {failures} times what it refuses"
    problems = [each.message for each in house.installed.problems if each.dismissed is None]
    return "" if any("INCORRECT_DETAILS" in each for each in problems) else f"staff are shown {problems}"


def _events(house: House, sale: Sale) -> list[TransactionEvent]:
    return house.saleor.books()[sale.transaction].events


async def _pressed(house: House, press: Callable[[], Awaitable[Any]], wanted: str) -> None:
    """Somebody presses until she is told that it is done."""
    for _ in range(4):
        result = await press()
        await house.nodes.revive()
        if result.result == wanted:
            return
        if house.mood.patient:
            await house.settle()
    raise AssertionError(f"told {result.result} to the last: {result.error}")


async def _change(house: House, **values: Any) -> None:
    """Staff change the profile."""
    change = sa.update(tables.profiles).values(**values)
    await house.deps.store.write(lambda tx: tx.connection.execute(change))
    for node in house.nodes.all:
        node.deps.directory.forget()


async def _booked(house: House, wanted: int | None = None) -> str:
    """The cap's books, beside a number of cents or what Amazon took."""
    if wanted is None:
        wanted = sum(int(taken(house.amazon, sale) * 100) for sale in house.sales)
    total = sa.select(sa.func.sum(tables.cap_months.c.booked))
    booked = int(await house.deps.store.read(lambda tx: tx.connection.execute(total).scalar()) or 0)
    return "" if booked == wanted else f"{booked} cents are booked on the cap instead of {wanted}"


def _cents(dollars: int) -> int:
    return 100 * dollars
