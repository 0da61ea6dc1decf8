"""What the layers' contracts cannot say: outside amazon/, nobody decides by what an API of Amazon's is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import saleor_amazonpay
from saleor_amazonpay.amazon.wires import WireName

ROOT = Path(saleor_amazonpay.__file__).parent
ROOMS = [file for room in ("flows", "store", "web", "jobs", "saleor", "domain") for file in (ROOT / room).rglob("*.py")]
NAMES = {name.value for name in WireName}


def named(tree: ast.AST) -> Iterator[str]:
    """Every string, and every attribute, that is a wire's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() in NAMES:
            yield f"line {node.lineno}: {node.value!r}"
        if isinstance(node, ast.Attribute) and node.attr.lower() in NAMES:
            yield f"line {node.lineno}: .{node.attr}"


@pytest.mark.parametrize("file", ROOMS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_wire_is_named(file: Path) -> None:
    assert list(named(ast.parse(file.read_text(encoding="utf-8")))) == []


def test_a_name_would_be_found() -> None:
    assert len(list(named(ast.parse('a = "mws"\nif wire == WireName.V2: pass')))) == 2
