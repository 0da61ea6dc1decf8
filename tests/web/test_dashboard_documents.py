"""Every document that the Dashboard's pages send is valid for the schema that is published, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import build_ast_schema, parse, validate
from graphql.language import DocumentNode

ROOT = Path(__file__).resolve().parents[2]
_CONSTANT = re.compile(r'const (\w+) =\s*(?:`([^`]*)`|"([^"\n]*)");')


def documents() -> dict[str, str]:
    """The documents by their constants' names, put together as the build does."""
    found = {}
    for path in sorted((ROOT / "dashboard/src/documents").glob("*.ts")):
        parts: dict[str, str] = {}
        for name, template, plain in _CONSTANT.findall(path.read_text()):
            parts[name] = re.sub(r"\$\{(\w+)\}", lambda each: parts[each[1]], template or plain)  # noqa: B023
            if parts[name].startswith(("query", "mutation", "{ amazonPayViewer")):
                found[f"{path.stem}.{name}"] = parts[name]
    return found


def schema_document() -> DocumentNode:
    text = (ROOT / "graphql/app.graphql").read_text()
    directives = "scalar _Import directive @link(url: String, import: [String]) repeatable on SCHEMA directive @key(fields: String) repeatable on OBJECT directive @shareable on OBJECT"
    return parse(f"{directives}\n{text}")


def test_there_are_documents() -> None:
    assert len(documents()) > 20


@pytest.mark.parametrize("name", documents())
def test_it_is_valid(name: str) -> None:
    schema = build_ast_schema(schema_document())
    assert validate(schema, parse(documents()[name])) == []
