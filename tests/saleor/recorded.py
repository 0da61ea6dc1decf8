"""What a real Saleor 3.24 sent, byte for byte, and its published schema: material we did not write."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Recorded:
    name: str
    event: str
    body: bytes
    signature: str


def shared(name: str) -> Path:
    """A path of the shared material; skips the test where that is not at hand, and fails it in CI."""
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("AMAZONPAY_SHARED") or root.parent / "shared")
    path = folder / name
    if not path.exists():
        reason = f"{name} is not at hand: point AMAZONPAY_SHARED at the folder that has it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def jwks() -> bytes:
    return shared("recorded/jwks.json").read_bytes()


def requests() -> list[Recorded]:
    return list(_requests(shared("recorded")))


def request(number: int) -> Recorded:
    return next(entry for entry in requests() if entry.name.startswith(f"{number:02}-"))


@cache
def _requests(folder: Path) -> tuple[Recorded, ...]:
    return tuple(_read(path) for path in sorted(folder.glob("[0-9][0-9]-*.json")))


def _read(path: Path) -> Recorded:
    entry = json.loads(path.read_text())
    body = base64.b64decode(entry["body_base64"])
    return Recorded(path.stem, entry["event"], body, entry["headers"]["Saleor-Signature"])
