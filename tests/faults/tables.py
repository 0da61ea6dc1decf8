"""What `make faults` prints at its end."""

from __future__ import annotations

from collections import Counter

from rich import box
from rich.console import Console
from rich.table import Table

from tests.faults.checker import Count
from tests.faults.matrix import Tally
from tests.faults.storm import Weather

_COLUMNS = 6  # stories in one table: what fits into 80 columns
_NAME = 41


def hooks(console: Console, tally: Tally) -> None:
    """Steps by stories: how often the app died before and after each, on all databases together; `!` means never."""
    numbers = {story: str(number) for number, story in enumerate(dict.fromkeys(hook[2] for hook in tally.heard), 1)}
    for wire in dict.fromkeys(hook[1] for hook in tally.heard):
        stories = [story for story in numbers if any(hook[1:3] == (wire, story) for hook in tally.heard)]
        for first in range(0, len(stories), _COLUMNS):
            console.print(_part(tally, wire, {name: numbers[name] for name in stories[first : first + _COLUMNS]}))


def _part(tally: Tally, wire: str, stories: dict[str, str]) -> Table:
    named = ", ".join(f"{number} {story}" for story, number in stories.items())
    title = f"Deaths before + after each step, {wire}: {named}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column("step", no_wrap=True)
    for number in stories.values():
        table.add_column(number, justify="right", min_width=4)
    mine = [hook for hook in tally.heard if hook[1] == wire and hook[2] in stories]
    for kind, name in sorted({(hook[3].split()[1], hook[4]) for hook in mine}):
        table.add_row(f"{kind} {name}"[-_NAME:], *(_cell(tally, wire, story, kind, name) for story in stories))
    return table


def _cell(tally: Tally, wire: str, story: str, what: str, name: str) -> str:
    def of(counter: Counter[tuple[str, str, str, str, str]], when: str) -> int:
        return sum(
            number
            for (_, its_wire, its_story, kind, its_name), number in counter.items()
            if (its_wire, its_story, kind, its_name) == (wire, story, f"{when} {what}", name)
        )

    heard = of(tally.heard, "before") + of(tally.heard, "after")
    if not heard:
        return ""
    died = [str(of(tally.died, when) or "!") for when in ("before", "after")]
    return "+".join(died)


def summary(console: Console, tally: Tally, weather: Weather, processes: Count, killed: int) -> None:
    """What was done, what went wrong on purpose, and the counts that must all be zero."""
    table = Table(title="Faults, and what the books say afterwards", title_justify="left")
    table.add_column("")
    for part in ("matrix", "storm", "kill -9"):
        table.add_column(part, justify="right")
    different = [{hook[3:] for hook in tally.died}, set(weather.died)]
    rows = [
        ("plays", tally.plays, "", killed),
        ("operations", "", weather.operations.total(), ""),
        ("deaths of the app", tally.died.total(), weather.deaths, killed),
        ("different steps died at", len(different[0]), len(different[1]), ""),
        ("steps never died at", len(tally.never), "", ""),
        *((fault, "", number, "") for fault, number in sorted(weather.faults.items())),
    ]
    for name, *cells in rows:
        table.add_row(name, *(str(cell) for cell in cells))
    table.add_section()
    counts = [part.numbers() for part in (tally.count, weather.count, processes)]
    for name in counts[0]:
        table.add_row(name.replace("_", " "), *(str(numbers[name]) for numbers in counts))
    console.print(table)
    console.print("operations:", ", ".join(f"{kind} {number}" for kind, number in weather.operations.most_common()))
