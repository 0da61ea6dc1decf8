"""The hosted pages' HTML: the frame of a widget, sign-in, confirmation, and the end of the sign-in window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from saleor_amazonpay.simulator.amazon.entities import Buyer
from saleor_amazonpay.simulator.amazon.page_html import Markup, Node, hidden, join, tag

_STYLE = Markup(
    """
*{box-sizing:border-box}body{font:14px/1.45 Arial,sans-serif;margin:0;color:#0f1111;background:#fff}
main{max-width:24rem;margin:2.5rem auto;padding:1.25rem 1.5rem 1.5rem;border:1px solid #d5d9d9;border-radius:8px}
h1{font-size:1.4rem;font-weight:500;margin:0 0 .25rem}h2{font-size:.95rem;margin:1.25rem 0 .5rem}
p{margin:.25rem 0 .75rem}.brand{text-align:center;margin:2rem 0 -1.5rem;font-weight:700;font-size:1.2rem}
.brand small{display:block;font-weight:400;color:#565959;font-size:.8rem}
form{margin:.5rem 0}button{font:inherit;width:100%;padding:.6rem .75rem;border-radius:8px;cursor:pointer;
border:1px solid #d5d9d9;background:#fff;text-align:left}
button:hover{background:#f7fafa}button.go{background:#ffd814;border-color:#fcd200;text-align:center}
button.go:hover{background:#f7ca00}button.plain{text-align:center}small{display:block;color:#565959}
.list label{display:flex;gap:.5rem;padding:.25rem 0;cursor:pointer}.list button{margin-top:.6rem}.terms{color:#565959}
.frame{padding:.75rem;border:1px solid #d5d9d9;border-radius:8px;height:100vh;overflow:auto}
.frame strong{display:block;margin-bottom:.4rem}.frame label{display:grid;grid-template-columns:1.4rem 1fr;
align-items:start;padding:.3rem 0;cursor:pointer}.frame small{grid-column:2}
"""
)
_TITLES = {"address": "Deliver to", "wallet": "Pay with", "consent": "Future payments"}


def _document(title: str, *body: Node) -> str:
    head = tag("head", tag("meta", charset="utf-8"), tag("title", title), tag("style", _STYLE))
    return f"<!doctype html>{tag('html', head, tag('body', *body), lang='en')}"


def frame(kind: str) -> str:
    """A widget's frame; its script fills it."""
    box = tag("div", tag("strong", _TITLES[kind]), tag("div", "Loading …", id="choices"), class_="frame")
    return _document(f"Amazon {kind}", box, tag("script", src="/widgets/frame.js"))


def page(title: str, *content: Node) -> str:
    """A page of Amazon's."""
    brand = tag("div", "amazon pay", tag("small", "simulator: nothing here is real"), class_="brand")
    return _document(title, brand, tag("main", tag("h1", title), *content))


def sign_in(buyers: Mapping[str, Buyer], scope: str, carried: Mapping[str, str]) -> str:
    """Whom to sign in as; `carried` goes back with the answer."""
    kept = join(*(hidden(name, value) for name, value in carried.items()))
    other = hidden("new", "1"), tag("button", "Somebody new, with one card of every kind")
    people = (
        tag(
            "form",
            kept,
            hidden("buyer", buyer.buyer_id),
            tag("button", tag("strong", buyer.name), tag("small", f"{buyer.email}, {len(buyer.cards)} cards")),
            method="post",
        )
        for buyer in buyers.values()
    )
    return page(
        "Sign in",
        tag("p", "The shop asks for: ", tag("strong", ", ".join(scope.split()) or "nothing")),
        tag("h2", "Continue as"),
        *people,
        tag("form", kept, *other, method="post"),
        tag("form", kept, tag("button", "Cancel", class_="plain"), hidden("cancel", "1"), method="post"),
    )


def confirm(object_id: str, shop: str) -> str:
    """Strong customer authentication: how the buyer leaves it."""
    kept = hidden("id", object_id)
    outcomes = {
        "Success": ("Yes, it is me", "go"),
        "Failure": ("Fail the confirmation", "plain"),
        "Abandoned": ("Leave without confirming", "plain"),
    }
    return page(
        "Confirm your payment",
        tag("p", f"{shop} asks your bank to confirm that it is you."),
        *(
            tag("form", kept, hidden("outcome", outcome), tag("button", label, class_=looks), method="post")
            for outcome, (label, looks) in outcomes.items()
        ),
    )


def nothing_to_confirm(object_id: str) -> str:
    """The shop sent a buyer here without a Confirm that asks for it."""
    return page("Nothing to confirm", tag("p", f"No confirmation of {object_id} is under way."))


def wallet(state: str, cards: Mapping[str, str], chosen: str) -> str:
    """The buyer's page of one agreement."""
    choices = (
        tag(
            "form",
            hidden("card", key),
            tag("button", tag("strong", name), tag("small", "pays at the moment") if key == chosen else None),
            method="post",
        )
        for key, name in cards.items()
    )
    end = tag("form", hidden("end", "1"), tag("button", "End this agreement", class_="plain"), method="post")
    return page("Your agreement", tag("p", "It is ", tag("strong", state), "."), tag("h2", "Pay with"), *choices, end)


def no_agreement() -> str:
    """A link to what is not there."""
    return page("No such agreement", tag("p", "There is no agreement under this address."))


@dataclass(frozen=True, slots=True)
class Choice:
    """The way on from the page of Checkout v2: what its button says, where it leads, and what it agrees to."""

    label: str
    back: str
    recurring: bool


def options(name: str, choices: Mapping[str, str], chosen: str) -> Markup:
    """A list of which one is chosen."""
    return join(
        *(
            tag("label", tag("input", type="radio", name=name, value=key, checked=key == chosen), tag("span", text))
            for key, text in choices.items()
        )
    )


def checkout(
    path: str, says: str, choice: Choice, places: Markup, cards: Markup, others: Mapping[str, str], buyer: str
) -> str:
    """Checkout v2: who pays, where it goes and with which card, or a cancel."""
    kept = hidden("back", choice.back), hidden("label", choice.label)
    switch = (
        tag(
            "form", *kept, hidden("buyer", key), tag("button", f"Be {name}", class_="plain"), method="post", action=path
        )
        for key, name in others.items()
    )
    terms = "Paying here lets the shop charge later payments with this method." if choice.recurring else None
    form = tag(
        "form",
        *kept,
        join(tag("h2", "Deliver to"), places) if places else None,
        tag("h2", "Pay with"),
        cards,
        tag("p", terms, class_="terms") if terms else None,
        tag("button", choice.label, class_="go"),
        tag("button", "Cancel", class_="plain", name="decision", value="cancel"),
        method="post",
        action=path,
        class_="list",
    )
    return page("Amazon Pay", tag("p", f"{buyer} · {says}"), *switch, form)


def end_of_popup(shop: str, answer: str) -> str:
    """Hands the answer to the shop's page; `answer` is JSON."""
    return _document("Amazon", tag("script", src="/widgets/popup.js", data_shop=shop, data_answer=answer))
