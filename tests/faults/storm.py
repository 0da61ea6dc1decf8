"""Play a story once to hear its steps, then once more for each step, and kill the app there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.checker import Count, check
from tests.faults.house import House, Mood, house
from tests.faults.power import Step
from tests.faults.stories import STORIES

Prepare = Callable[[House], None]


@dataclass(frozen=True)
class Plan:
    """One play: a story, the number of the step the app dies at (0: none), how people behave, and on which database."""

    story: str
    at: int = 0
    mood: int = 0
    database: str = "sqlite"

    def __str__(self) -> str:
        return f"{self.database}/{self.story}/{self.at}/{self.mood}".replace(" ", "-")

    @classmethod
    def parse(cls, text: str) -> Plan:
        database, story, at, mood = text.split("/")
        return cls(story.replace("-", " "), int(at), int(mood), database)


@dataclass
class Play:
    """What became of one play: the steps heard, where the app died, and the checker's count."""

    plan: Plan
    steps: list[Step]
    killed: Step | None
    deaths: int
    count: Count


async def play(plan: Plan, database_url: str, prepare: Prepare | None = None) -> Play:
    """Play a story to its end, and hold the books against each other."""
    async with house(database_url, plan.at, Mood.of(plan.mood)) as made:
        if prepare is not None:
            prepare(made)
        await STORIES[plan.story](made)
        heard = list(made.power.steps)
        await made.calm()
        return Play(plan, heard, made.power.killed, made.deaths, check(made.saleor, made.amazon, made.sales))


@dataclass
class Tally:
    """All plays together."""

    plays: int = 0
    count: Count = field(default_factory=Count)
    heard: Counter[Step] = field(default_factory=Counter)
    killed: Counter[Step] = field(default_factory=Counter)
    failed: list[Plan] = field(default_factory=list)

    def hear(self, play: Play) -> None:
        """A play without a death: what it went through has to be died at."""
        self.heard.update(play.steps)
        self._add(play)

    def die(self, play: Play) -> None:
        """A play with a death. One that did not die where it was planned is a failure of its own."""
        if play.killed is None or play.deaths != 1:
            play.count.unfinished += 1
            play.count.notes.append(f"the app did not die, or not once ({play.deaths})")
        else:
            self.killed[play.killed] += 1
        self._add(play)

    def _add(self, play: Play) -> None:
        self.plays += 1
        self.count += play.count
        if not play.count.clean:
            self.failed.append(play.plan)

    @property
    def never(self) -> set[Step]:
        """Steps that were heard and never died at."""
        return set(self.heard) - set(self.killed)

    @property
    def clean(self) -> bool:
        return self.plays > 0 and self.count.clean and not self.never
