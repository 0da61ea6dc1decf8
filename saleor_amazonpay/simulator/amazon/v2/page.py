"""The part of the simulator's page about Checkout v2: sessions, permissions, charges, refunds and disputes.

In comes the world, out come tables, newest first, with the forms that fit an object's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from saleor_amazonpay.simulator.amazon.page_html import (
    Markup,
    Node,
    button,
    choice,
    field,
    form,
    press,
    table,
    tag,
)
from saleor_amazonpay.simulator.amazon.page_people import called, cards
from saleor_amazonpay.simulator.amazon.v2.entities import Charge, Permission, Session, State

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.v2.pay import Pay

Each = TypeVar("Each")
_SHOWN = 100


def sections(pay: Pay) -> dict[str, Markup]:
    """Names and contents."""
    books = pay.books
    return {
        "Checkout sessions": table(
            ("Session", "State", "Type", "Our reference", ""), map(_session, _newest(books.sessions.values()))
        ),
        "Charge permissions": table(
            ("Permission", "State", "Type", "Buyer", "Card", "Left", ""),
            (_permission(pay, each) for each in _newest(books.permissions.values())),
        ),
        "Charges": table(
            ("Charge", "State", "Amount", "Captured", "Refunded", ""), map(_charge, _newest(books.charges.values()))
        ),
        "Charge refunds": table(
            ("Refund", "State", "Amount", "Charge", ""),
            (
                (
                    tag("code", each.refund_id),
                    _state(each.state),
                    each.amount.text,
                    tag("code", each.charge.charge_id),
                    press(f"charge-refunds/{each.refund_id}/settle", "Settle")
                    if each.state.name == "RefundInitiated" and each.old is None
                    else "",
                )
                for each in _newest(books.refunds.values())
            ),
        ),
        "Disputes": table(
            ("Dispute", "State", "Amount", "Charge", ""),
            (
                (
                    tag("code", each.dispute_id),
                    f"{each.state.name} {each.resolution}",
                    each.amount.text,
                    tag("code", each.charge.charge_id),
                    press(f"disputes/{each.dispute_id}/resolve", "The merchant wins", resolution="MerchantWon")
                    if not each.resolution
                    else "",
                )
                for each in _newest(books.disputes.values())
            ),
        ),
    }


def _session(each: Session) -> tuple[Node, ...]:
    page = tag("a", "Amazon's page", href=f"checkout/{each.session_id}") if each.redirect else ""
    reference = str(each.metadata.get("merchantReferenceId") or "")
    return (tag("code", each.session_id), _state(each.state), each.kind, tag("code", reference), page)


def _permission(pay: Pay, each: Permission) -> tuple[Node, ...]:
    deeds = tag("div", *_deeds(each), class_="row")
    balance = f"{each.limit.of(pay.permissions.balance(each)).text} of {each.limit.text}"
    card = called(each.card) if each.card else "none"
    return (tag("code", each.permission_id), _state(each.state), each.kind, each.buyer.name, card, balance, deeds)


def _deeds(each: Permission) -> Iterator[Markup]:
    if each.state.name == "Closed" or each.agreement is not None:
        return
    path = f"charge-permissions/{each.permission_id}"
    yield form(f"{path}/payment-method", choice("(card)", "card_id", cards(each.buyer)), button("Choose card"))
    yield press(f"{path}/close", "Buyer closes", by="buyer")
    yield press(f"{path}/close", "Amazon closes", by="amazon")


def _charge(each: Charge) -> tuple[Node, ...]:
    path, deeds = f"charges/{each.charge_id}", []
    if each.state.name == "Captured" and each.old is None:
        deeds = [
            form(
                f"{path}/refunds", field("(amount)", "amount", size=6, hint="all"), button("Refund in Seller Central")
            ),
            form(f"{path}/disputes", field("(amount)", "amount", size=6, hint="all"), button("Dispute")),
        ]
    elif each.state.name == "CaptureInitiated" and each.old is None:
        deeds = [press(f"{path}/settle", "Captured", state="Captured")]
    elif each.state.name in {"Authorized", "AuthorizationInitiated"} and each.old is None:
        deeds = [press(f"{path}/cancel", "Amazon cancels")]
    taken = each.captured.text if each.captured else ""
    row = tag("div", *deeds, class_="row")
    return (tag("code", each.charge_id), _state(each.state), each.amount.text, taken, each.refunded.text, row)


def _state(state: State) -> Markup:
    return tag("span", f"{state.name} {', '.join(state.reasons)}".strip(), class_="state")


def _newest(objects: Iterable[Each]) -> Iterable[Each]:
    return islice(reversed(list(objects)), _SHOWN)
