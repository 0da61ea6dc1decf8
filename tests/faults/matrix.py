"""Play a story once to hear its steps, then once more for each step, and kill the app there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.faults.checker import Count, check
from tests.faults.house import MOODS, House, Mood, house
from tests.faults.power import Doom, Step
from tests.faults.stories import STORIES

Prepare = Callable[[House], None]


@dataclass(frozen=True)
class Plan:
    """One play: a story, where the app dies, how people behave, wire and database."""

    story: str
    doom: Doom | None = None
    mood: int = 0
    database: str = "sqlite"
    wire: str = "mws"

    def __str__(self) -> str:
        doom = f"/{self.doom}" if self.doom is not None else ""
        return f"{self.database}/{self.wire}/{self.story}/{self.mood}{doom}".replace(" ", "+")

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Raises ValueError if that is no plan."""
        database, wire, story, mood, *doom = text.split("/", 4)
        where = Doom.parse(doom[0]) if doom else None
        return cls(story.replace("+", " "), where, int(mood), database, wire)


@dataclass(frozen=True)
class Play:
    """What became of one play: the steps heard, where the app died, and the checker's count."""

    plan: Plan
    steps: list[Step]
    died: list[Step]
    deaths: int
    count: Count


async def play(plan: Plan, database_url: str, prepare: Prepare | None = None) -> Play:
    """Play a story to its end, and hold the books against each other."""
    async with house(database_url, plan.doom, Mood.of(plan.mood), wire=plan.wire) as made:
        if prepare is not None:
            prepare(made)
        await STORIES[plan.story](made)
        heard = list(made.power.steps)
        await made.calm()
        count = check(made.saleor, made.amazon, made.sales)
        for complaint in [await each() for each in made.expected]:
            count.unfinished += bool(complaint)
            count.notes += [f"unfinished: {complaint}"] if complaint else []
        return Play(plan, heard, made.power.deaths, made.nodes.deaths, count)


def deaths(whole: Play, *, full: bool = False) -> Iterable[Plan]:
    """A play for each different step that was heard, people behaving in turns; `full`: each time, and in each way."""
    plan = whole.plan
    for turn, (step, times) in enumerate(sorted(Counter(whole.steps).items())):
        kind, name = step
        for nth in range(1, times + 1 if full else 2):
            for mood in range(MOODS) if full else (turn % MOODS,):
                yield Plan(plan.story, Doom(kind, nth, name), mood, plan.database, plan.wire)


Hook = tuple[str, str, str, str, str]  # database, wire, story, kind and name of the step


@dataclass
class Tally:
    """All plays together."""

    plays: int = 0
    count: Count = field(default_factory=Count)
    heard: Counter[Hook] = field(default_factory=Counter)
    died: Counter[Hook] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def hear(self, play: Play) -> None:
        """A play without a death: what it went through has to be died at."""
        self.heard.update(_hooks(play.plan, play.steps))
        self._add(play)

    def die(self, play: Play) -> None:
        """A play with a death. One that never came to where it was planned leaves that step among the `never`."""
        if len(play.died) > 1 or play.deaths > 1:
            play.count.unfinished += 1
            play.count.notes.append(f"the app died {play.deaths} times instead of once ({play.plan})")
        self.died.update(_hooks(play.plan, play.died))
        self._add(play)

    def _add(self, play: Play) -> None:
        self.plays += 1
        self.count += play.count
        if not play.count.clean:
            self.failed.append(str(play.plan))

    @property
    def never(self) -> set[Hook]:
        """Steps that were heard and never died at."""
        return set(self.heard) - set(self.died)

    @property
    def clean(self) -> bool:
        return self.plays > 0 and self.count.clean and not self.never


def _hooks(plan: Plan, steps: Iterable[Step]) -> Iterable[Hook]:
    return ((plan.database, plan.wire, plan.story, kind, name) for kind, name in steps)
