"""A table of demonstrations: functions by the name of the contract's row they show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.simulator.amazon.shop import Shop, state, text

Demonstration = Callable[[Shop], Awaitable[None]]
SET_ORDER = "OrderReferenceAttributes"


class Table:
    """The rows one module shows. Use it as a decorator with the row's name."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Demonstration]] = []

    def __call__(self, name: str) -> Callable[[Demonstration], Demonstration]:
        def add(demonstration: Demonstration) -> Demonstration:
            self.rows.append((name, demonstration))
            return demonstration

        return add

    def cases(self) -> list[Any]:
        """For `pytest.mark.parametrize`: one test per row, called by its name."""
        return [pytest.param(demonstration, id=name) for name, demonstration in self.rows]


# ---- steps that several modules take


def agreement(agreement_id: str, **more: str) -> dict[str, str]:
    return {"AmazonBillingAgreementId": agreement_id, **more}


def order(order_id: str, **more: str) -> dict[str, str]:
    return {"AmazonOrderReferenceId": order_id, **more}


def total(shop: Shop, amount: str) -> dict[str, str]:
    return {f"{SET_ORDER}.OrderTotal.Amount": amount, f"{SET_ORDER}.OrderTotal.CurrencyCode": shop.merchant.currency}


def note(inner: str) -> str:
    return '{"SandboxSimulation":{' + inner + "}}"


async def open_order(shop: Shop, amount: str = "100.00", **choices: object) -> str:
    made, _token = shop.world.open_order(merchant=shop.merchant, **choices)  # type: ignore[arg-type]
    await shop.ok("SetOrderReferenceDetails", order(made.order_id, **total(shop, amount)))
    await shop.ok("ConfirmOrderReference", order(made.order_id))
    return made.order_id


def authorize_values(shop: Shop, order_id: str, amount: str = "10.00", **more: str) -> dict[str, str]:
    return {
        **order(order_id),
        "AuthorizationReferenceId": shop.reference(),
        "AuthorizationAmount.Amount": amount,
        "AuthorizationAmount.CurrencyCode": shop.merchant.currency,
        "TransactionTimeout": "0",
        **more,
    }


async def authorized(shop: Shop, order_id: str, amount: str = "10.00", **more: str) -> tuple[str, tuple[str, str]]:
    """An authorization on an order: its id, state and reason."""
    made = await shop.ok("Authorize", authorize_values(shop, order_id, amount, **more))
    return text(made, "AmazonAuthorizationId"), state(made, "AuthorizationStatus")


async def reserved(shop: Shop, amount: str = "10.00") -> str:
    """An Open authorization on a new agreement; its id."""
    return text(await shop.charge(await shop.open_agreement(), amount), "AmazonAuthorizationId")


async def code(shop: Shop, action: str, values: dict[str, str]) -> tuple[int, str]:
    wrong = await shop.refused(action, values)
    return wrong.status, wrong.code


async def constraints(shop: Shop, agreement_id: str) -> set[str]:
    root = await shop.ok("GetBillingAgreementDetails", agreement(agreement_id))
    return {each.text or "" for each in root.findall(".//Constraint/ConstraintID")}


def account(shop: Shop, **choices: object) -> Shop:
    """Another account in the same world, such as `sandbox=False` or `region="uk"`."""
    return Shop(shop.world, shop.world.create_merchant(**choices))  # type: ignore[arg-type]


async def until_throttled(shop: Shop, action: str) -> int:
    """How many calls in a row get through; what they are about exists nowhere."""
    for passed in range(40):
        if (await shop.raw(action, {"Id": "x"})).status == 503:
            return passed
    raise AssertionError("never throttled")
