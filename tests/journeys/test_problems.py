"""What staff should know reaches Saleor's App Problems once, changes with its words, and goes away when it is over."""

from __future__ import annotations

import pytest

from saleor_amazonpay.flows.problems import clear_problem, deliver_problems, raise_problem
from saleor_amazonpay.simulator.shop.people import Problem
from saleor_amazonpay.store import problems
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


def shown(play: Stage) -> list[Problem]:
    return [problem for problem in play.installed.problems if problem.dismissed is None]


async def say(play: Stage, message: str | None, *, critical: bool = False, deliver: bool = True) -> None:
    deps = play.deps
    tenant = await deps.directory.tenant(play.saleor.api_url)
    assert tenant is not None
    key = tenant.id
    if message is None:
        await deps.store.write(lambda tx: clear_problem(tx, deps, key, "test:one"))
    else:
        await deps.store.write(lambda tx: raise_problem(tx, deps, key, "test:one", message, critical=critical))
    if deliver:
        await deliver_problems(deps)


async def test_a_problem_is_shown_once_however_often_it_is_found(play_on_both: Stage) -> None:
    for _ in range(3):
        await say(play_on_both, "The keys are wrong. Mend them.", critical=True)
    (problem,) = shown(play_on_both)
    assert (problem.message, problem.count, problem.is_critical) == ("The keys are wrong. Mend them.", 1, True)


async def test_other_words_replace_the_old_ones(play: Stage) -> None:
    await say(play, "It is at 80 %.")
    await say(play, "It is at 90 %.")
    assert [problem.message for problem in shown(play)] == ["It is at 90 %."]


async def test_it_goes_away_when_it_is_over_and_may_come_back(play: Stage) -> None:
    await say(play, "Something is wrong.")
    await say(play, None)
    assert shown(play) == []
    await say(play, None)
    await say(play, "Something is wrong.")
    assert len(shown(play)) == 1


async def test_what_was_over_before_anybody_was_told_is_never_shown(play: Stage) -> None:
    await say(play, "Something is wrong.", deliver=False)
    await say(play, None)
    assert shown(play) == []


async def test_it_waits_while_saleor_is_away(play: Stage) -> None:
    play.saleor.faults.api_down()
    await say(play, "Something is wrong.")
    assert shown(play) == []
    play.saleor.faults.clear()
    play.amazon.advance(3600)
    await deliver_problems(play.deps)
    assert len(shown(play)) == 1


async def test_the_open_ones_of_a_shop_are_listed(play: Stage) -> None:
    await say(play, "Something is wrong.")
    tenant = await play.deps.directory.tenant(play.saleor.api_url)
    assert tenant is not None
    found = await play.deps.store.read(lambda tx: problems.open_of(tx, tenant.id))
    assert [(problem.key, problem.message) for problem in found] == [("test:one", "Something is wrong.")]
