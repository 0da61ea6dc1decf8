"""Which of a channel's profiles a payment goes to: priority first, then weight, the same for the same checkout."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable


def ordered(candidates: Iterable[tuple[str, int, int]], seed: str) -> list[str]:
    """Profile ids in the order in which they are tried.

    Args:
        candidates: (profile id, priority, weight) of profiles that qualify; a weight of 0 comes last.
        seed: the source object's id: the same checkout always sees the same order, and over many checkouts each
            profile leads in proportion to its weight (weighted rendezvous hashing).
    """

    def draw(profile_id: str, weight: int) -> float:
        digest = hashlib.sha256(f"{seed}\n{profile_id}".encode()).digest()
        chance = (int.from_bytes(digest[:8], "big") + 1) / (2**64 + 1)
        return -math.log(chance) / weight if weight > 0 else math.inf

    ranked = sorted((-priority, draw(key, weight), key) for key, priority, weight in candidates)
    return [key for _, _, key in ranked]
