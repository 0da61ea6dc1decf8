"""The part of the page about who there is, what time it is and what goes wrong: accounts, buyers, clock, faults.

In comes the world, out come sections with forms that post to the control API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from saleor_amazonpay.simulator.amazon.clock import DAY, HOUR
from saleor_amazonpay.simulator.amazon.entities import Behaviour, Buyer, Card, CardConstraint, Merchant
from saleor_amazonpay.simulator.amazon.errors import CODES
from saleor_amazonpay.simulator.amazon.faults import Fault, FaultKind
from saleor_amazonpay.simulator.amazon.operations_account import OPERATIONS
from saleor_amazonpay.simulator.amazon.page_html import (
    Markup,
    box,
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

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

_STEPS = {"+1 minute": 60.0, "+1 hour": HOUR, "+1 day": DAY, "+8 days": 8 * DAY, "+31 days": 31 * DAY}


def clock(world: AmazonWorld) -> Markup:
    """Buttons that move time."""
    stands = world.clock.frozen
    return tag(
        "div",
        *(press("clock", name, advance=str(seconds)) for name, seconds in _STEPS.items()),
        form("clock", field("seconds", "advance", size=7, hint="3600"), button("Move")),
        press("clock", "Let it run" if stands else "Freeze", frozen="false" if stands else "true"),
        class_="row",
    )


def accounts(world: AmazonWorld) -> Markup:
    """What a shop has to be configured with, and where its notifications go."""
    return table(
        ("Seller id", "Environment", "Region", "Access key", "Secret key", "Client id", "Notifications go to"),
        (_account(each) for each in world.books.merchants),
    )


def buyers(world: AmazonWorld) -> Markup:
    """Each with the widgets' choices before her."""
    accounts_ = {each.key: f"{each.name}, {each.region} {each.environment}" for each in world.books.merchants}
    return join(*(_buyer(each, accounts_) for each in world.books.buyers.values()))


def cards(buyer: Buyer) -> dict[str, str]:
    """A buyer's cards by id, each called by what it does."""
    return {each.card_id: called(each) for each in buyer.cards.values()}


def called(card: Card) -> str:
    """What a card does when it is charged, and what is wrong with it."""
    wrong = card.constraint or ("" if card.allowed else "PaymentMethodNotAllowed")
    return f"{card.behaviour.replace('_', ' ')}{f' ({wrong})' if wrong else ''}"


def faults(world: AmazonWorld) -> Markup:
    """Rules in force, and a form for another."""
    order = form(
        "faults",
        choice("what", "kind", {each: each.replace("_", " ") for each in get_args(FaultKind)}, "error"),
        choice("in", "action", {"*": "all calls", **{each: each for each in (*OPERATIONS, "tokeninfo", "profile")}}),
        field("times (0: always)", "times", "1", size=3),
        field("after so many calls", "after", "0", size=3),
        field("seconds", "seconds", "0", size=4),
        field("status", "status", "500", size=4),
        choice("code (refuse)", "code", {"": "none", **{each: each for each in sorted(CODES)}}),
        button("Order it"),
    )
    rules = world.faults.rules
    listed = table(("What", "In", "Times", "After", "Seconds", "Says"), map(_fault, rules)) if rules else ""
    return join(order, listed, press("faults/clear", "Let everything pass again") if rules else "")


def settings(world: AmazonWorld) -> Markup:
    """Delays of what Amazon does later, throttling, and what happens to notifications on their way."""
    options = world.notifications.options
    return join(
        form(
            "settings",
            *(
                field(f"{name} after (s)", f"{name}_delay", f"{getattr(world, f'{name}_delay'):g}", size=5)
                for name in ("authorization", "capture", "refund")
            ),
            box("throttle as Amazon does", "throttling", ticked=world.throttling),
            button("Set"),
        ),
        form(
            "notifications/options",
            box("hold notifications", "hold", ticked=options.hold),
            box("send them in disorder", "shuffle", ticked=options.shuffle),
            field("copies of each", "copies", str(options.copies), size=3),
            field("lose the next", "drop", str(options.drop), size=3),
            button("Set"),
        ),
    )


def _account(each: Merchant) -> tuple[str, ...]:
    goes = form(
        "ipn-url",
        hidden("account", each.key),
        field("(address)", "url", each.ipn_url, size=22, hint="nowhere"),
        button("Set"),
    )
    ids = (each.access_key, each.secret_key, each.client_id)
    return (tag("code", each.seller_id), each.environment, each.region, *(tag("code", text) for text in ids), goes)


def _buyer(buyer: Buyer, accounts_: dict[str, str]) -> Markup:
    who = hidden("buyer_id", buyer.buyer_id)
    wallet = cards(buyer)
    opening = form(
        "agreements",
        who,
        choice("buys at", "account", accounts_),
        choice("pays with", "card_id", {**wallet, "null": "nothing chosen"}),
        box("address chosen", "address", ticked=True),
        box("consent ticked", "consent", ticked=True),
        button("Open agreement"),
    )
    path = f"buyers/{buyer.buyer_id}"
    adding = form(f"{path}/cards", choice("new card", "behaviour", _behaviours()), button("Add"))
    reasons = {each: each for each in get_args(CardConstraint)}
    spoiling = form(
        f"{path}/spoiled-cards",
        choice("card", "card_id", wallet),
        choice("becomes", "constraint", reasons, "PaymentMethodExpired"),
        button("Spoil"),
    )
    name = tag("h3", buyer.name, tag("small", f" {buyer.email} · ", tag("code", buyer.buyer_id)))
    return join(name, opening, tag("div", adding, spoiling, class_="row"))


def _behaviours() -> dict[str, str]:
    return {each.value: each.replace("_", " ") for each in Behaviour}


def _fault(rule: Fault) -> tuple[str, ...]:
    says = rule.code if rule.kind == "refuse" else str(rule.status) if rule.kind == "error" else ""
    times = str(rule.times) if rule.times else "always"
    return (rule.kind.replace("_", " "), rule.action, times, str(rule.after), f"{rule.seconds:g}", says)
