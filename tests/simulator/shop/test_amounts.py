"""Against 260 sequences whose amounts Saleor's own calculator derived."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.simulator.shop.amounts import Entry, amounts_of
from tests.simulator.shop.material import shared

_START = datetime(2026, 1, 1, tzinfo=UTC)


def _derived(case: dict[str, Any]) -> dict[str, Decimal]:
    entries = [
        Entry(kind, psp, Decimal(amount), _START + timedelta(seconds=at)) for at, kind, psp, amount in case["events"]
    ]
    amounts = amounts_of(entries)
    return {name: getattr(amounts, name) for name in case["amounts"]}


def test_every_sequence_gives_the_amounts_that_saleor_gave() -> None:
    cases = json.loads(shared("recorded/saleor-amounts.json").read_text())["cases"]
    assert len(cases) == 260
    for case in cases:
        expected = {name: Decimal(value) for name, value in case["amounts"].items()}
        assert _derived(case) == expected, case["name"]


def test_a_failure_of_the_same_moment_cancels_a_success() -> None:
    entries = [Entry(kind, "C1", Decimal(5), _START) for kind in ("CHARGE_SUCCESS", "CHARGE_FAILURE")]
    assert amounts_of(entries).charged == 0


@pytest.mark.parametrize("psp", [None, ""])
def test_without_a_psp_reference_a_charge_takes_nothing_from_the_authorization(psp: str | None) -> None:
    entries = [
        Entry("AUTHORIZATION_SUCCESS", "A1", Decimal(10), _START),
        Entry("CHARGE_SUCCESS", psp, Decimal(4), _START + timedelta(seconds=1)),
    ]
    amounts = amounts_of(entries)
    assert (amounts.authorized, amounts.charged) == (Decimal(10), Decimal(4))
