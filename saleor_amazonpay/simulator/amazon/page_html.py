"""Writing HTML: elements, tables and forms, in which nothing a caller wrote can be markup.

In come texts and `Markup`, out comes `Markup`; whatever is not `Markup` is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

_VOID = frozenset({"input", "meta"})


class Markup(str):
    """HTML that is safe to put on a page as it is."""

    __slots__ = ()


Node = str | None


def show(node: Node) -> Markup:
    """Markup as it is, texts escaped, None as nothing."""
    if isinstance(node, Markup):
        return node
    return Markup(escape(node or ""))


def join(*nodes: Node) -> Markup:
    """One after the other."""
    return Markup("".join(map(show, nodes)))


def tag(element: str, /, *children: Node, **attributes: str | bool) -> Markup:
    """An element. Attributes lose a trailing underscore; True is bare, False left out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not False
    )
    return Markup(f"<{element}{written}>" + ("" if element in _VOID else f"{join(*children)}</{element}>"))


def table(heads: Sequence[str], rows: Iterable[Sequence[Node]]) -> Markup:
    """A table, or a word that there is nothing to list."""
    lines = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    if not lines:
        return tag("p", "None yet.", class_="quiet")
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in heads)))
    return tag("div", tag("table", head, tag("tbody", *lines)), class_="wide")


def form(action: str, *children: Node) -> Markup:
    """A form that posts to the control API."""
    return tag("form", *children, method="post", action=f"control/{action}")


def press(action: str, label: str, **values: str) -> Markup:
    """A form that is one button, with values of its own."""
    return form(action, *(hidden(name, value) for name, value in values.items()), button(label))


def button(label: str, action: str = "") -> Markup:
    """Sends its form, elsewhere than the form says if an action is given."""
    return tag("button", label, formaction=f"control/{action}" if action else False)


def hidden(name: str, value: str) -> Markup:
    """A value nobody sees."""
    return tag("input", type="hidden", name=name, value=value)


def field(label: str, name: str, value: str = "", *, size: int = 8, hint: str = "") -> Markup:
    """A labelled line of text. Like in `choice`, a label in brackets is read aloud only."""
    return _labelled(label, tag("input", name=name, value=value, size=str(size), placeholder=hint or False))


def choice(label: str, name: str, options: Mapping[str, str], chosen: str = "") -> Markup:
    """A labelled list: values and what they are called."""
    listed = (tag("option", text, value=value, selected=value == chosen) for value, text in options.items())
    return _labelled(label, tag("select", *listed, name=name))


def box(label: str, name: str, *, ticked: bool) -> Markup:
    """A labelled box that says `true` or `false`, never nothing."""
    return join(
        hidden(name, "false"),
        tag("label", tag("input", type="checkbox", name=name, value="true", checked=ticked), label),
    )


def _labelled(label: str, control: Markup) -> Markup:
    if label.startswith("("):
        return tag("label", tag("span", label.strip("()"), class_="aloud"), control)
    return tag("label", label, control)
