"""The simulated Checkout v2 against the contract: no row without a demonstration or a reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import saleor_amazonpay.simulator.amazon.v2 as simulator
from tests.simulator.amazon.v2 import test_contract_money, test_contract_states, test_contract_wire
from tests.simulator.amazon.v2.contract_rows import DUE, EXCLUDED

MODULES = (test_contract_wire, test_contract_money, test_contract_states)
SHOWN = [name for module in MODULES for name, _demonstration in module.row.rows]


def test_every_row_has_a_demonstration_and_the_other_way_round() -> None:
    assert set(DUE) - set(SHOWN) == set()
    assert set(SHOWN) - set(DUE) == set()


def test_no_row_is_listed_or_shown_twice() -> None:
    assert [name for name, count in Counter([*DUE, *EXCLUDED]).items() if count > 1] == []
    assert [name for name, count in Counter(SHOWN).items() if count > 1] == []


def test_every_exclusion_has_a_reason() -> None:
    assert all(len(reason) > 10 for reason in EXCLUDED.values())


def test_every_module_of_demonstrations_is_counted_here() -> None:
    files = {path.stem for path in Path(__file__).parent.glob("test_contract_*.py")}
    assert files == {module.__name__.rpartition(".")[2] for module in MODULES}


def test_the_simulator_does_not_know_the_list() -> None:
    sources = "".join(path.read_text() for path in Path(simulator.__file__).parent.glob("*.py"))
    assert "contract_rows" not in sources
    assert "from tests" not in sources
