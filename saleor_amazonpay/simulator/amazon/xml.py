"""Writing XML as Amazon does: absent elements left out, children in an order that varies.

In come names, texts and amounts; out comes escaped text. Callers of the real API must not rely on the order of
children, so `turned` gives them a different one every time.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from saleor_amazonpay.simulator.amazon.money import Money

API_NAMESPACE = "http://mws.amazonservices.com/schema/OffAmazonPayments/2013-01-01"
IPN_NAMESPACE = "https://mws.amazonservices.com/ipn/OffAmazonPayments/2013-01-01"


def leaf(name: str, value: str) -> str:
    """An element with a text; nothing at all for an empty one."""
    return f"<{name}>{escape(value)}</{name}>" if value else ""


def tree(name: str, *children: str) -> str:
    """An element around others; nothing at all if there are none."""
    inner = "".join(children)
    return f"<{name}>{inner}</{name}>" if inner else ""


def turned(name: str, turn: int, *children: str) -> str:
    """An element whose children begin at another one each turn."""
    start = turn % len(children)
    return tree(name, *children[start:], *children[:start])


def money(name: str, value: Money | None) -> str:
    """An amount as the API writes it."""
    if value is None:
        return ""
    return f"<{name}><CurrencyCode>{value.currency}</CurrencyCode><Amount>{value.text}</Amount></{name}>"


def ipn_money(name: str, value: Money) -> str:
    """An amount as notifications write it."""
    return f"<{name}><Amount>{value.ipn_text}</Amount><CurrencyCode>{value.currency}</CurrencyCode></{name}>"


def ids(member: str, values: Iterable[str]) -> str:
    """An IdList; its children are `member` in the API and `Id` in notifications."""
    return tree("IdList", *(leaf(member, each) for each in values))


def flag(value: bool) -> str:
    """Amazon's booleans."""
    return "true" if value else "false"
