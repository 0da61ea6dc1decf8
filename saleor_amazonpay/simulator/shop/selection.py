"""A GraphQL document read into its selections: as much of the language as apps and storefronts write.

In: the text of a query, mutation or subscription. Out: operations and fragments with fields, aliases, arguments and
spreads. What is not understood (directives, block strings) is an error, never skipped: a field left out by mistake
would let a subscription pass here that Saleor refuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""[\s,\ufeff]+ | \#[^\n\r]* | (?P<word>[A-Za-z_]\w*) | (?P<mark>\.\.\.|[!$():=\[\]{}])
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) | (?P<string>"(?!"")(?:[^"\\\n]|\\.)*")""",
    re.VERBOSE | re.ASCII,
)
_CONSTANTS = {"true": True, "false": False, "null": None}


class DocumentError(ValueError):
    """The text is not a GraphQL document this parser understands."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, to be looked up when the operation is run."""

    name: str


@dataclass(frozen=True, slots=True)
class FieldNode:
    """A field that is asked for. `line` and `column` are counted from 1."""

    name: str
    alias: str
    arguments: Mapping[str, Any]
    selections: tuple[Selection, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Spread:
    """`... on Type {…}`, `... {…}` (no type) or `...Name` (no selections)."""

    type_condition: str
    fragment: str
    selections: tuple[Selection, ...]


Selection = FieldNode | Spread


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `kind` is query, mutation or subscription."""

    kind: str
    name: str
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A named fragment."""

    type_condition: str
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document."""

    operations: tuple[Operation, ...]
    fragments: Mapping[str, Fragment]


def parse(text: str) -> Document:
    """Parse a document. Raises DocumentError."""
    return _Parser(text).document()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def document(self) -> Document:
        operations: list[Operation] = []
        fragments: dict[str, Fragment] = {}
        while self._peek().kind != "end":
            if self._peek().text == "fragment":
                self._take()
                name = self._word()
                self._expect("on")
                fragments[name] = Fragment(self._word(), self._selection_set())
            else:
                operations.append(self._operation())
        if not operations:
            raise DocumentError("Syntax Error: the document has no operation.")
        return Document(tuple(operations), fragments)

    def _operation(self) -> Operation:
        if self._peek().text == "{":
            return Operation("query", "", self._selection_set())
        kind = self._word()
        if kind not in ("query", "mutation", "subscription"):
            raise self._unexpected(kind)
        name = self._word() if self._peek().kind == "word" else ""
        if self._accept("("):
            self._variable_definitions()
        return Operation(kind, name, self._selection_set())

    def _variable_definitions(self) -> None:
        """Types are not checked here: a mutation checks what it is given."""
        while not self._accept(")"):
            self._expect("$")
            self._word()
            self._expect(":")
            while self._peek().text in ("[", "]", "!") or self._peek().kind == "word":
                self._take()
            if self._accept("="):
                raise DocumentError("Syntax Error: default values of variables are not understood.")

    def _selection_set(self) -> tuple[Selection, ...]:
        self._expect("{")
        found: list[Selection] = []
        while not self._accept("}"):
            found.append(self._spread() if self._accept("...") else self._field())
        if not found:
            raise DocumentError("Syntax Error: an empty selection.")
        return tuple(found)

    def _spread(self) -> Spread:
        if self._accept("on"):
            return Spread(self._word(), "", self._selection_set())
        if self._peek().text == "{":
            return Spread("", "", self._selection_set())
        return Spread("", self._word(), ())

    def _field(self) -> FieldNode:
        start = self._peek().start
        name = alias = self._word()
        if self._accept(":"):
            name = self._word()
        arguments: dict[str, Any] = {}
        if self._accept("("):
            while not self._accept(")"):
                argument = self._word()
                self._expect(":")
                arguments[argument] = self._value()
        selections = self._selection_set() if self._peek().text == "{" else ()
        before = self._text[:start]
        line, column = before.count("\n") + 1, start - before.rfind("\n")
        return FieldNode(name, alias, arguments, selections, line, column)

    def _value(self) -> Any:
        token = self._take()
        if token.text == "$":
            return Variable(self._word())
        if token.kind in ("number", "string"):
            return json.loads(token.text)
        if token.kind == "word":
            return _CONSTANTS.get(token.text, token.text)
        if token.text == "[":
            items = []
            while not self._accept("]"):
                items.append(self._value())
            return items
        if token.text == "{":
            entries = {}
            while not self._accept("}"):
                key = self._word()
                self._expect(":")
                entries[key] = self._value()
            return entries
        raise self._unexpected(token.text)

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._peek()
        if token.kind == "end":
            raise DocumentError("Syntax Error: the document ends too early.")
        self._at += 1
        return token

    def _accept(self, text: str) -> bool:
        if self._peek().text == text and self._peek().kind != "string":
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._unexpected(self._peek().text)

    def _word(self) -> str:
        token = self._take()
        if token.kind != "word":
            raise self._unexpected(token.text)
        return token.text

    @staticmethod
    def _unexpected(text: str) -> DocumentError:
        return DocumentError(f"Syntax Error: unexpected {text[:40]!r}.")


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise DocumentError(f"Syntax Error: unexpected {text[at]!r}.")
        if match.lastgroup is not None:
            found.append(_Token(match.lastgroup, match.group(), at))
        at = match.end()
    return [*found, _Token("end", "", len(text))]
