"""On which of Amazon's wires a test plays: read from its code, from the stages it opens and from its fixtures'.

Nobody has to claim it, so nobody can claim it wrongly. A test that opens no stage (on paper, or of one room alone) plays on
none.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
WIRES = frozenset({"mws", "v2"})
# What opens a stage, the room it comes from, and which argument names the wire if none is named `wire`.
STAGES = {
    "stage": ("tests.journeys.stage", 1),
    "house": ("tests.faults.house", 4),
    "Plan": ("tests.faults.matrix", 4),
    "Squall": ("tests.faults.storm", 2),
}
DEFAULT = "mws"
MOVE = ("move", "saleor_amazonpay.flows.move")  # takes a profile from v1 to v2

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """What one file of tests defines and imports."""

    path: Path
    functions: dict[str, Function] = field(default_factory=dict)
    fixtures: dict[str, Function] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)


@cache
def module(path: Path) -> Module:
    """Read a file once."""
    read = Module(path)
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, Function):
            read.functions[node.name] = node
            if (name := _fixture_name(node)) is not None:
                read.fixtures[name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            read.constants[node.targets[0].id] = node.value
        elif isinstance(node, ast.ImportFrom):
            read.imported.update({alias.asname or alias.name: node.module or "" for alias in node.names})
    return read


def _fixture_name(function: Function) -> str | None:
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(called) != "pytest.fixture":
            continue
        named = [word.value for word in getattr(decorator, "keywords", []) if word.arg == "name"]
        return str(ast.literal_eval(named[0])) if named else function.name
    return None


@cache
def known_tests() -> dict[str, tuple[tuple[Path, str], ...]]:
    """Where each test is that there is, by its name without `test_`."""
    found: dict[str, tuple[tuple[Path, str], ...]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in module(path).functions:
            if name.startswith("test_"):
                key = name.removeprefix("test_")
                found[key] = (*found.get(key, ()), (path, name))
    return found


@cache
def wires(test: str) -> frozenset[str]:
    """The wires on which a test plays, given without its `test_`; those of all that have the name."""
    played = [
        _played(module(path), module(path).functions[name], frozenset()) for path, name in known_tests().get(test, ())
    ]
    return frozenset[str]().union(*played)


def _played(
    where: Module, function: Function, above: frozenset[Function], given: frozenset[str] = frozenset()
) -> frozenset[str]:
    """`given`: the wires among the parameters of whoever calls the function."""
    if function in above:
        return frozenset()
    above |= {function}
    given |= frozenset(_strings(where, function.decorator_list)) & WIRES
    found: set[str] = set()
    # A helper's argument may have a fixture's name, and be something else.
    asks = function.name.startswith("test_") or function in where.fixtures.values()
    for argument in function.args.args if asks else ():
        fixture = _fixture(where, argument.arg, above)
        if fixture is not None:
            found |= _played(*fixture, above)
    for node in ast.walk(function):
        # Also a function that is handed on, as to `anyio.run`.
        if isinstance(node, ast.Name) and node.id in where.functions:
            found |= _played(where, where.functions[node.id], above, given)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        name = node.func.id
        room, place = STAGES.get(name, ("", 0))
        if room and where.imported.get(name) == room:
            found |= _wire(node, place, given)
        elif name == MOVE[0] and where.imported.get(name) == MOVE[1]:
            found.add("v2")
    return frozenset(found)


def _fixture(where: Module, name: str, above: frozenset[Function]) -> tuple[Module, Function] | None:
    """The nearest fixture of that name which is not the one that asks: its own file's, then the folders' above."""
    nearby = [where, *(module(folder / "conftest.py") for folder in where.path.parents if _has_fixtures(folder))]
    for each in nearby:
        if (fixture := each.fixtures.get(name)) is not None and fixture not in above:
            return each, fixture
    return None


def _has_fixtures(folder: Path) -> bool:
    return folder.is_relative_to(TESTS) and (folder / "conftest.py").exists()


def _wire(call: ast.Call, place: int, given: frozenset[str]) -> frozenset[str]:
    """What a stage is opened on: what is written there, or each of the parameters that is a wire."""
    named = [word.value for word in call.keywords if word.arg == "wire"] or call.args[place : place + 1]
    if not named:
        return frozenset({DEFAULT})
    return frozenset({str(named[0].value)}) & WIRES if isinstance(named[0], ast.Constant) else given


def _strings(where: Module, nodes: list[ast.expr]) -> set[str]:
    """Every text in them, and in the constants they name."""
    found: set[str] = set()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.Name) and node.id in where.constants:
            found |= _strings(where, [where.constants[node.id]])
    return found
