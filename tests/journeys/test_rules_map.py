"""Every rule of docs/money.md is shown by at least one test that exists."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.journeys.rules_map import SHOWN_BY

ROOT = Path(__file__).parents[2]
OPENINGS = frozenset({"|", "-"})  # of a bullet and of a table's row


def rules() -> dict[str, list[str]]:
    """The rules of each section in plain words: bullets, rows of tables, and sections' paragraphs."""
    found: dict[str, list[str]] = {}
    section = ""
    fresh = True  # whether the next line begins a rule
    for line in (ROOT / "docs/money.md").read_text().splitlines():
        text = line.strip()
        if line.startswith("## "):
            section = line.removeprefix("## ")
            found[section] = []
            fresh = True
        elif not text or not section:
            fresh = True
        elif set(text) <= set("|- ") or text.startswith("| it is |"):
            continue
        elif fresh or (text[0] in OPENINGS and line[0] in OPENINGS):
            plain = text.lstrip("-| ").replace("**", "").replace("`", "")
            found[section].append(plain)
            fresh = False
    return found


def names() -> set[str]:
    """Every test there is, without its `test_`."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "tests").rglob("test_*.py")]
    functions = [
        node for tree in trees for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    return {node.name.removeprefix("test_") for node in functions if node.name.startswith("test_")}


def test_every_rule_has_a_scenario() -> None:
    for section, said in rules().items():
        shown = SHOWN_BY.get(section, {})
        for rule in said:
            assert [words for words in shown if rule.startswith(words)], f"{section}: nothing shows {rule!r}"


def test_every_line_of_the_map_is_a_rule_and_names_tests() -> None:
    known, existing = rules(), names()
    for section, shown in SHOWN_BY.items():
        for words, tests in shown.items():
            matching = [rule for rule in known.get(section, []) if rule.startswith(words)]
            assert len(matching) == 1, f"{section}: {words!r} begins {len(matching)} rules"
            missing = set(tests) - existing
            assert tests, f"{section}: {words!r} names no test"
            assert not missing, f"{section}: {words!r} names what is no test: {sorted(missing)}"
