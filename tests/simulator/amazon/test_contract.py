"""The simulator against the wire contract: no row is without a demonstration or a reason why it has none.

The rows are written out by hand in `contract_rows.py`; the demonstrations stand in `test_contract_*.py`, one test each.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import saleor_amazonpay.simulator.amazon as simulator
from tests.simulator.amazon import (
    test_contract_agreements,
    test_contract_limits,
    test_contract_money,
    test_contract_payments,
    test_contract_sca,
    test_contract_simulations,
    test_contract_throttling,
    test_contract_traps,
    test_contract_wire,
)
from tests.simulator.amazon.contract_rows import DUE, EXCLUDED

MODULES = (
    test_contract_throttling,
    test_contract_wire,
    test_contract_limits,
    test_contract_sca,
    test_contract_simulations,
    test_contract_agreements,
    test_contract_payments,
    test_contract_money,
    test_contract_traps,
)
SHOWN = [name for module in MODULES for name, _demonstration in module.row.rows]


def test_every_row_has_a_demonstration() -> None:
    assert set(DUE) - set(SHOWN) == set()


def test_every_demonstration_shows_a_row_of_the_contract() -> None:
    assert set(SHOWN) - set(DUE) == set()


def test_no_row_is_listed_or_shown_twice() -> None:
    assert [name for name, count in Counter([*DUE, *EXCLUDED]).items() if count > 1] == []
    assert [name for name, count in Counter(SHOWN).items() if count > 1] == []


def test_every_exclusion_has_a_reason() -> None:
    assert all(len(reason) > 10 for reason in EXCLUDED.values())


def test_each_of_the_38_traps_is_shown_or_excluded() -> None:
    named = [re.match(r"8\.(\d+)\b", name) for name in (*DUE, *EXCLUDED)]
    assert sorted(int(found[1]) for found in named if found) == list(range(1, 39))


def test_every_module_of_demonstrations_is_counted_here() -> None:
    files = {path.stem for path in Path(__file__).parent.glob("test_contract_*.py")}
    assert files == {module.__name__.rpartition(".")[2] for module in MODULES}


def test_the_simulator_does_not_know_the_list() -> None:
    sources = "".join(path.read_text() for path in Path(simulator.__file__).parent.glob("*.py"))
    assert "contract_rows" not in sources
    assert "from tests" not in sources
