"""The body of a webhook: one event read through the subscription of one webhook (contracts §1.4, §2.1).

In: the webhook's parsed query and the event's record. Out: the bytes that are signed and sent. The event itself is the
body, without a wrapper; what could not be read adds a list of `errors` and is sent all the same.
"""

from __future__ import annotations

import json

from saleor_amazonpay.simulator.shop.resolve import Reader, Record, problems
from saleor_amazonpay.simulator.shop.selection import (
    Document,
    DocumentError,
    FieldNode,
    Selection,
    Spread,
    parse,
)


def subscription(text: str) -> Document:
    """Parse an app's subscription and hold it against the types. Raises DocumentError with what is wrong."""
    document = parse(text)
    if len(document.operations) != 1 or document.operations[0].kind != "subscription":
        raise DocumentError("Exactly one subscription operation is expected.")
    roots = document.operations[0].selections
    if any(not isinstance(root, FieldNode) or root.name != "event" for root in roots):
        raise DocumentError("Subscription must select only the `event` field.")
    found = problems(document, roots, "Subscription")
    if found:
        raise DocumentError(" ".join(found))
    return document


def named_types(query: Document) -> set[str]:
    """The types for which a subscription has fragments."""
    found = {fragment.type_condition for fragment in query.fragments.values()}
    waiting = list(query.operations[0].selections)
    while waiting:
        selection = waiting.pop()
        waiting += selection.selections
        if isinstance(selection, Spread):
            found.add(selection.type_condition)
    return found


def body(query: Document, event: Record) -> bytes | None:
    """The body, or None if nothing of the event is selected: then nothing is sent."""
    selections: list[Selection] = []
    for root in query.operations[0].selections:
        if isinstance(root, FieldNode):
            selections += root.selections
    reader = Reader(query.fragments)
    read = reader.read(event, selections, ("event",))
    if not read:
        return None
    if reader.errors:
        read["errors"] = reader.errors
    return json.dumps(read).encode()
