"""The part of the page about payments: agreements, orders, authorizations, captures, refunds and notifications.

In comes the world, out come tables, newest first, with the forms that fit an object's state.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, get_args

from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.entities import (
    Agreement,
    Authorization,
    Capture,
    OrderReference,
    Outcome,
    Refund,
    Status,
)
from saleor_amazonpay.simulator.amazon.life import FINAL_AGREEMENT, FINAL_ORDER, limits
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.notifications import Notification
from saleor_amazonpay.simulator.amazon.page_html import (
    Markup,
    Node,
    button,
    choice,
    field,
    form,
    hidden,
    join,
    press,
    table,
    tag,
)
from saleor_amazonpay.simulator.amazon.page_people import called, cards

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

Row = tuple[Node, ...]
Each = TypeVar("Each")
_SHOWN = 100  # newest of each kind


def agreements(world: AmazonWorld) -> Markup:
    """Billing agreements with what their buyer, and Amazon, may do."""
    return table(
        ("Agreement", "State", "Buyer", "Card", "Consent", "Type", "Left this month", ""),
        (_agreement(each, world.now()) for each in _newest(world.books.agreements.values())),
    )


def orders(world: AmazonWorld) -> Markup:
    """Order references, those of charges included."""
    return table(
        ("Order reference", "State", "Total", "Seller's order id", "Agreement", ""),
        map(_order, _newest(world.books.orders.values())),
    )


def authorizations(world: AmazonWorld) -> Markup:
    """Authorizations."""
    return table(
        ("Authorization", "State", "Amount", "Captured", "Reference id", "Expires"),
        map(_authorization, _newest(world.books.authorizations.values())),
    )


def captures(world: AmazonWorld) -> Markup:
    """Captures, with what staff at Amazon and banks may do."""
    return table(
        ("Capture", "State", "Amount", "Refunded", "Reference id", ""),
        map(_capture, _newest(world.books.captures.values())),
    )


def refunds(world: AmazonWorld) -> Markup:
    """Refunds; a Pending one can be decided."""
    return table(
        ("Refund", "State", "Amount", "Type", "Reference id", ""),
        map(_refund, _newest(world.books.refunds.values())),
    )


def chargebacks(world: AmazonWorld) -> Markup:
    """Chargebacks."""
    return table(
        ("Chargeback", "State", "Amount", "Reason", "Capture"),
        (
            (_id(each.chargeback_id), each.state, _money(each.amount), each.reason, _id(each.capture.capture_id))
            for each in _newest(world.books.chargebacks.values())
        ),
    )


def notifications(world: AmazonWorld) -> Markup:
    """What was told to shops, and what they answered."""
    return table(
        ("Made", "Notification", "About", "Now", "Answers"), map(_notification, _newest(world.notifications.log))
    )


def when(moment: float) -> str:
    """UTC to the second."""
    return iso(moment)[:19].replace("T", " ")


def _newest(objects: Iterable[Each]) -> Iterable[Each]:
    return islice(reversed(list(objects)), _SHOWN)


def _agreement(each: Agreement, now: float) -> Row:
    used = limits(each, now)
    return (
        _id(each.agreement_id),
        _state(each.status, "confirmation at Amazon" if each.authentication else ""),
        each.buyer.name,
        called(each.card) if each.card else "none",
        "ticked" if each.consent else "no",
        each.kind.removesuffix("Transaction"),
        f"{used.remaining.text} of {_money(each.limit)}",
        tag("div", *_agreement_deeds(each), class_="row"),
    )


def _agreement_deeds(each: Agreement) -> Iterable[Markup]:
    path, state = f"agreements/{each.agreement_id}", each.status.state
    if state in FINAL_AGREEMENT:
        return
    if state == "Draft":
        wanted = not each.consent
        yield press(f"{path}/consent", "Tick consent" if wanted else "Untick consent", consent=str(wanted).lower())
    yield from _confirmation(each, each.agreement_id)
    yield form(
        f"payment-method/{each.agreement_id}",
        choice("(card)", "card_id", cards(each.buyer), each.card.card_id if each.card else ""),
        choice("(where)", "on_amazon", {"false": "in the shop's widget", "true": "on pay.amazon"}),
        button("Choose card"),
    )
    if state != "Draft":
        yield press(f"{path}/close", "Buyer closes", by="buyer")
        yield press(f"{path}/close", "Amazon closes", by="amazon")
    yield press(f"{path}/cancel", "Amazon cancels")


def _confirmation(of: Agreement | OrderReference, object_id: str) -> Iterable[Markup]:
    if of.confirmation is not None:
        outcomes = {each: each for each in get_args(Outcome)}
        ending = choice("(outcome)", "outcome", outcomes)
        yield form(f"confirmations/{object_id}", ending, button("Leave Amazon's confirmation page"))


def _order(each: OrderReference) -> Row:
    deeds = list(_confirmation(each, each.order_id))
    if each.status.state not in FINAL_ORDER:
        deeds.append(press(f"order-references/{each.order_id}/cancel", "Amazon cancels"))
    return (
        _id(each.order_id),
        _state(each.status, "confirmation at Amazon" if each.authentication else ""),
        _money(each.total) if each.total else "",
        each.attributes.seller_id_text,
        _id(each.agreement.agreement_id) if each.agreement else "",
        tag("div", *deeds, class_="row"),
    )


def _authorization(each: Authorization) -> Row:
    return (
        _id(each.authorization_id),
        _state(each.status, "soft" if each.soft_decline == "true" else ""),
        _money(each.amount),
        each.captured.text,
        _id(each.reference_id),
        when(each.expires_at),
    )


def _capture(each: Capture) -> Row:
    path, deeds = f"captures/{each.capture_id}", []
    if each.status.state == "Pending":
        deeds.append(_settling(path))
    if each.status.state == "Completed":
        amount = field("(amount)", "amount", size=7, hint="all")
        deeds.append(form(f"{path}/refunds", amount, button("Refund in Seller Central")))
    if each.status.state in {"Completed", "Closed"}:
        deeds.append(
            form(f"{path}/chargebacks", field("(amount)", "amount", size=7, hint="all"), button("Charge back"))
        )
    return (
        _id(each.capture_id),
        _state(each.status),
        _money(each.amount),
        each.refunded.text,
        _id(each.reference_id),
        tag("div", *deeds, class_="row"),
    )


def _refund(each: Refund) -> Row:
    deeds = _settling(f"refunds/{each.refund_id}") if each.status.state == "Pending" else ""
    return (
        _id(each.refund_id),
        _state(each.status),
        _money(each.amount),
        each.type,
        _id(each.reference_id),
        tag("div", deeds, class_="row"),
    )


def _settling(path: str) -> Markup:
    declines = (
        form(f"{path}/settle", hidden("state", "Declined"), hidden("reason", reason), button(f"Decline: {reason}"))
        for reason in ("AmazonRejected", "ProcessingFailure")
    )
    return join(press(f"{path}/settle", "Complete"), *declines)


def _notification(each: Notification) -> Row:
    answers = (str(attempt.status) if attempt.status else f"none: {attempt.error}" for attempt in each.attempts)
    return (
        when(each.created_at),
        each.inner.event or each.inner.type,
        _id(each.inner.object_id),
        tag("span", each.state, class_=f"state {each.state}"),
        ", ".join(answers),
    )


def _id(text: str) -> Markup:
    return tag("code", text)


def _state(status: Status, more: str = "") -> Markup:
    said = " · ".join(filter(None, (status.reason, more)))
    shown = tag("span", status.state, class_=f"state {status.state}", title=f"since {when(status.at)}")
    return join(shown, tag("small", f" {said}") if said else "")


def _money(money: Money) -> str:
    return f"{money.text} {money.currency}"
