"""Material we did not write: what a real Saleor sent and calculated, and its published schema."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


def shared(name: str) -> Path:
    """A path in the shared material; skips where that is not at hand, and fails in CI."""
    root = Path(__file__).resolve().parents[3]
    path = Path(os.environ.get("AMAZONPAY_SHARED") or root.parent / "shared") / name
    if not path.exists():
        reason = f"{name} is missing; AMAZONPAY_SHARED names the folder that has it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@dataclass(frozen=True, slots=True)
class Recorded:
    event: str  # upper case
    headers: dict[str, str]
    body: dict[str, Any]


def recorded(number: int) -> Recorded:
    """The webhook of that number."""
    path = next(shared("recorded").glob(f"{number:02}-*.json"))
    entry = json.loads(path.read_text())
    body = json.loads(base64.b64decode(entry["body_base64"]))
    return Recorded(entry["event"].upper(), entry["headers"], body)
