"""Every rule of docs/money.md is shown by at least one test that exists, and is played on both of Amazon's wires."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.one_wire import ONE_WIRE, V1_FILES, V1_TESTS, played, v1_alone
from tests.journeys.rules_map import SHOWN_BY
from tests.journeys.wires import WIRES, known_tests, wires

ROOT = Path(__file__).parents[2]
OPENINGS = frozenset({"|", "-"})  # of a bullet and of a table's row


def rules() -> dict[str, list[str]]:
    """The rules of each section in plain words: bullets, rows of tables, and sections' paragraphs."""
    found: dict[str, list[str]] = {}
    section = ""
    fresh = True  # whether the next line begins a rule
    for line in (ROOT / "docs/money.md").read_text().splitlines():
        text = line.strip()
        if line.startswith("## "):
            section = line.removeprefix("## ")
            found[section] = []
            fresh = True
        elif not text or not section:
            fresh = True
        elif set(text) <= set("|- ") or text.startswith("| it is |"):
            continue
        elif fresh or (text[0] in OPENINGS and line[0] in OPENINGS):
            plain = text.lstrip("-| ").replace("**", "").replace("`", "")
            found[section].append(plain)
            fresh = False
    return found


def test_every_rule_has_a_scenario() -> None:
    for section, said in rules().items():
        shown = SHOWN_BY.get(section, {})
        for rule in said:
            assert [words for words in shown if rule.startswith(words)], f"{section}: nothing shows {rule!r}"


def test_every_line_of_the_map_is_a_rule_and_names_tests() -> None:
    known, existing = rules(), set(known_tests())
    for section, shown in SHOWN_BY.items():
        for words, named in shown.items():
            matching = [rule for rule in known.get(section, []) if rule.startswith(words)]
            assert len(matching) == 1, f"{section}: {words!r} begins {len(matching)} rules"
            missing = set(named) - existing
            assert named, f"{section}: {words!r} names no test"
            assert not missing, f"{section}: {words!r} names what is no test: {sorted(missing)}"


def test_every_rule_is_played_on_both_wires_or_says_why_not() -> None:
    """A claim of this table's would be worth nothing: what a test plays on is read from its code."""
    gaps = []
    for section, shown in SHOWN_BY.items():
        for words in shown:
            missing = WIRES - played(section, words)
            if missing and words not in ONE_WIRE.get(section, {}):
                gaps.append(f"{section}: {words!r} is not played on {' and not on '.join(sorted(missing))}")
    total = sum(map(len, SHOWN_BY.values()))
    assert not gaps, f"{len(gaps)} of {total} rules are not played on both wires:\n" + "\n".join(gaps)


def test_no_rule_is_excused_needlessly() -> None:
    for section, excused in ONE_WIRE.items():
        for words, why in excused.items():
            assert words in SHOWN_BY.get(section, {}), f"{section}: {words!r} is no rule of the map"
            on = sorted(played(section, words))
            assert len(on) == 1, f"{section}: {words!r} is played {' and '.join(on) or 'nowhere'}, and excused: {why}"
            assert len(why.split()) > 4, f"{section}: {words!r} is excused without a reason"


def test_every_scenario_is_played_on_checkout_v2_or_says_why_not() -> None:
    alone = v1_alone()
    unexplained = {name: file for name, file in alone.items() if name not in V1_TESTS and file not in V1_FILES}
    assert not unexplained, f"{len(unexplained)} scenarios play on v1 alone, and nothing says why: {unexplained}"
    needless = V1_TESTS.keys() - alone.keys() | V1_FILES.keys() - set(alone.values())
    assert not needless, f"explained, and not on v1 alone: {sorted(needless)}"
    for why in V1_TESTS.values():
        named = why.rpartition(": ")[2] if ": " in why else ""
        sibling = named if "_" in named and " " not in named else ""
        assert not sibling or "v2" in wires(sibling), f"{sibling!r} does not play on Checkout v2"


@pytest.mark.parametrize(
    ("test", "on"),
    [
        ("a_refund_is_settled_by_its_notice_alone", {"mws", "v2"}),  # the fixture is given both
        ("a_first_payment_survives_the_loss_of", {"v2"}),
        ("a_later_charge_survives_a_lost_answer", {"v2"}),  # its helper's argument has the name of another fixture
        ("a_one_time_sale_is_one_order_reference_on_the_draft", {"mws"}),  # the wire that is taken if none is named
        ("within_the_month_a_rest_needs_no_room", {"mws", "v2"}),  # a fixture on top of one of the same name
        ("three_books_are_equal_after_any_story", {"mws", "v2"}),  # the stage is opened by what is handed on
        ("a_story_without_a_death_ends_with_equal_books", {"mws", "v2"}),  # by a constant of the file
        ("an_old_agreement_is_charged_and_open_money_goes_on_after_the_move", {"mws", "v2"}),  # it moves
        ("the_same_bytes_get_the_same_answer_and_one_charge", set()),  # on paper
    ],
)
def test_what_a_test_plays_on_is_read_from_its_code(test: str, on: set[str]) -> None:
    assert wires(test) == on
