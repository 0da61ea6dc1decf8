"""A table of demonstrations for Checkout v2: functions by the name of the contract's row they show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.simulator.amazon.v2.shop import PayShop

Demonstration = Callable[[PayShop], Awaitable[None]]


class Table:
    def __init__(self) -> None:
        self.rows: list[tuple[str, Demonstration]] = []

    def __call__(self, name: str) -> Callable[[Demonstration], Demonstration]:
        def add(demonstration: Demonstration) -> Demonstration:
            self.rows.append((name, demonstration))
            return demonstration

        return add

    def cases(self) -> list[Any]:
        return [pytest.param(demonstration, id=name) for name, demonstration in self.rows]


def account(pay: PayShop, prefix: str = "/v2", key: str = "SANDBOX-OTHER", **choices: Any) -> PayShop:
    """Another account in the same world, with the same key pair."""
    merchant = pay.world.create_merchant(**choices)
    merchant.public_keys[key] = pay.merchant.public_keys[pay.key_id]
    return PayShop(pay.world, merchant, prefix=prefix)
