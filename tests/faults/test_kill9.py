"""A real process that kills itself, on loopback: one step here, more of them in `make faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kill9 import kill_at

pytestmark = pytest.mark.anyio


async def test_kill_minus_9(tmp_path: Path) -> None:
    count = await kill_at(20, f"sqlite:///{tmp_path}/ledger.sqlite3")
    assert count.clean, count.notes
