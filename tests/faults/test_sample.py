"""A small sample of `make faults`: every story unharmed, and deaths spread over two of them, on both databases."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.matrix import Plan, Tally, deaths, play
from tests.faults.power import Doom
from tests.faults.stories import told_on

pytestmark = [
    pytest.mark.anyio,
    # A writer that dies at a step ends by SystemExit, which Python lets pass and pytest reports.
    pytest.mark.filterwarnings("ignore:Exception in thread write:pytest.PytestUnhandledThreadExceptionWarning"),
]


WIRES = ("mws", "v2")


@pytest.mark.parametrize(("wire", "story"), [(wire, story) for wire in WIRES for story in told_on(wire)])
async def test_a_story_without_a_death_ends_with_equal_books(story: str, wire: str, tmp_path: Path) -> None:
    done = await play(Plan(story, wire=wire), f"sqlite:///{tmp_path}/ledger.sqlite3")
    assert done.count.clean, done.count.notes
    assert done.steps, "the story goes through no step at all"
    assert done.deaths == 0


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("story", ["initialize charge", "refund without notices"])
async def test_deaths_spread_over_a_story(story: str, wire: str, tmp_path: Path) -> None:
    tally = Tally()
    whole = await play(Plan(story, wire=wire), f"sqlite:///{tmp_path}/whole.sqlite3")
    for number, plan in enumerate(list(deaths(whole))[::8]):
        tally.die(await play(plan, f"sqlite:///{tmp_path}/{number}.sqlite3"))
    assert tally.count.clean, tally.count.notes
    assert tally.plays == tally.died.total() > 2


async def test_deaths_on_postgresql(request: pytest.FixtureRequest) -> None:
    cluster = request.getfixturevalue("postgres")
    tally = Tally()
    whole = await play(Plan("cancel", database="postgresql"), cluster.create(f"t{uuid4().hex}"))
    for plan in list(deaths(whole))[::12]:
        tally.die(await play(plan, cluster.create(f"t{uuid4().hex}")))
    assert tally.count.clean, tally.count.notes
    assert tally.died.total() > 1


async def test_a_step_that_nothing_died_at_is_a_failure(tmp_path: Path) -> None:
    tally = Tally()
    tally.hear(await play(Plan("capture"), f"sqlite:///{tmp_path}/ledger.sqlite3"))
    assert tally.count.clean
    assert not tally.clean


def test_a_plan_can_be_written_down_and_read_again() -> None:
    plan = Plan("notice of a refund", Doom("after call", 2, "POST RefundPayment"), 2, "postgresql", "v2")
    assert Plan.parse(str(plan)) == plan
    assert Plan.parse(str(Plan("cancel"))) == Plan("cancel")
