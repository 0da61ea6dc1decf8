"""Scenarios of the cap begin in the middle of a month, whenever they are played."""

from __future__ import annotations

import pytest

from tests.journeys.cap.books import mid_month
from tests.journeys.stage import Stage


@pytest.fixture(name="play")
def begins(play: Stage) -> Stage:
    return mid_month(play)


@pytest.fixture(name="either")
def begins_on_either(either: Stage) -> Stage:
    return mid_month(either)


@pytest.fixture(name="either_on_both")
def begins_on_both(either_on_both: Stage) -> Stage:
    return mid_month(either_on_both)
