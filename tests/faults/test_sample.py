"""A small sample of `make faults`: every story unharmed, and deaths spread over two of them, on both databases."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.house import MOODS
from tests.faults.stories import STORIES
from tests.faults.storm import Plan, Tally, play

pytestmark = [
    pytest.mark.anyio,
    # A writer that dies at a step ends by SystemExit, which Python lets pass and pytest reports.
    pytest.mark.filterwarnings("ignore:Exception in thread write:pytest.PytestUnhandledThreadExceptionWarning"),
]


@pytest.mark.parametrize("story", STORIES)
async def test_a_story_without_a_death_ends_with_equal_books(story: str, tmp_path: Path) -> None:
    done = await play(Plan(story), f"sqlite:///{tmp_path}/ledger.sqlite3")
    assert done.count.clean, done.count.notes
    assert done.steps, "the story goes through no step at all"
    assert done.deaths == 0


@pytest.mark.parametrize("story", ["initialize charge", "refund without notices", "capture"])
async def test_deaths_spread_over_a_story(story: str, tmp_path: Path) -> None:
    tally = Tally()
    whole = await play(Plan(story), f"sqlite:///{tmp_path}/whole.sqlite3")
    for at in range(1, len(whole.steps) + 1, 6):
        tally.die(await play(Plan(story, at, at // 6 % MOODS), f"sqlite:///{tmp_path}/{at}.sqlite3"))
    assert tally.count.clean, tally.count.notes
    assert tally.plays == tally.killed.total() > 3


async def test_deaths_on_postgresql(request: pytest.FixtureRequest) -> None:
    cluster = request.getfixturevalue("postgres")
    tally = Tally()
    whole = await play(Plan("cancel"), cluster.create(f"t{uuid4().hex}"))
    for at in range(2, len(whole.steps) + 1, 6):
        tally.die(await play(Plan("cancel", at, 0, "postgresql"), cluster.create(f"t{uuid4().hex}")))
    assert tally.count.clean, tally.count.notes
    assert tally.killed.total() > 2


async def test_a_step_that_nothing_died_at_is_a_failure(tmp_path: Path) -> None:
    tally = Tally()
    tally.hear(await play(Plan("capture"), f"sqlite:///{tmp_path}/ledger.sqlite3"))
    assert tally.count.clean
    assert not tally.clean


def test_a_plan_can_be_written_down_and_read_again() -> None:
    plan = Plan("notice of a refund", 7, 2, "postgresql")
    assert Plan.parse(str(plan)) == plan
