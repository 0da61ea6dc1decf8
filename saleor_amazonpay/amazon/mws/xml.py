"""Reading Amazon's XML: API answers and the documents inside notifications (contracts §1.7, §3.3).

In come at most 256 kB that anybody may have written, out comes a tree that is read by local names: Amazon's
namespaces differ between documentation, API and notifications. No entity is ever expanded, nothing is ever
fetched, and a document with a DOCTYPE is refused, since Amazon sends none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree
from lxml.etree import _Element

from saleor_amazonpay.domain.money import InvalidMoneyError, Money

MAX_BYTES = 256 * 1024


class XmlRefusedError(ValueError):
    """Not XML, too large, or with a DOCTYPE."""


class Node:
    """One element. Children are found by local name, whatever their namespace and order."""

    __slots__ = ("_element",)

    def __init__(self, element: _Element) -> None:
        self._element = element

    @property
    def name(self) -> str:
        """The element's local name."""
        return str(self._element.tag).rpartition("}")[2]

    def child(self, *path: str) -> Node | None:
        """The element at the end of a path of local names, the first of each; None if one is missing."""
        element = self._element
        for name in path:
            found = next(element.iterchildren(f"{{*}}{name}"), None)
            if found is None:
                return None
            element = found
        return Node(element)

    def children(self, *names: str) -> Iterator[Node]:
        """The child elements, all or those with one of these local names."""
        for element in self._element.iterchildren(*(f"{{*}}{name}" for name in names)):
            yield Node(element)

    def text(self, *path: str) -> str:
        """The text at the end of a path, stripped; empty if it is missing."""
        node = self.child(*path)
        return "" if node is None else (node._element.text or "").strip()  # noqa: SLF001 - our own class

    def any_text(self, *names: str) -> str:
        """The text of the first of several spellings of one child that is there."""
        return next((text for text in map(self.text, names) if text), "")

    def flag(self, name: str) -> bool | None:
        """A child that says true or false; None if it says neither."""
        return {"true": True, "false": False}.get(self.text(name).lower())

    def money(self, name: str) -> Money | None:
        """A child with Amount and CurrencyCode, `5` and `5.00` alike; None if missing or no amount."""
        try:
            return Money.parse(self.text(name, "Amount"), self.text(name, "CurrencyCode"))
        except InvalidMoneyError:
            return None

    def ids(self) -> tuple[str, ...]:
        """The entries of IdList: `member` in the API, `Id` in notifications."""
        found = self.child("IdList")
        return () if found is None else tuple(text for text in (node.text() for node in found.children()) if text)


def parse(document: bytes) -> Node:
    """Read a document. Raises XmlRefusedError."""
    if len(document) > MAX_BYTES:
        raise XmlRefusedError(f"more than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise XmlRefusedError("not XML") from error
    # Unexpanded entities would read as empty texts: a forged amount must not become a missing one.
    if str(root.getroottree().docinfo.doctype):  # type: ignore[union-attr]
        raise XmlRefusedError("a document with a DOCTYPE")
    return Node(root)


def milliseconds(text: str) -> int | None:
    """A timestamp of Amazon as milliseconds UTC; None if it is missing or unreadable."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)
