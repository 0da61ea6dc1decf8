"""Every code has a sentence."""

from __future__ import annotations

import re
from pathlib import Path

from saleor_amazonpay.amazon.codes import CODES
from saleor_amazonpay.flows.wording import SENTENCES, sentence

ROOT = Path(__file__).resolve().parents[2]


def used_in_flows() -> set[str]:
    source = "".join(
        path.read_text() for path in (ROOT / "saleor_amazonpay/flows").glob("*.py") if path.stem != "wording"
    )
    return set(re.findall(r'(?:Refusal|sentence|_RefusedRequestError|Verdict)\(\s*(?:Phase\.\w+, )?"(\w+)"', source))


def test_every_code_of_the_wire_has_a_sentence() -> None:
    assert set(CODES) - set(SENTENCES) == set()


def test_every_code_a_flow_names_has_a_sentence() -> None:
    named = used_in_flows()
    assert len(named) > 10, "the source is read wrongly"
    assert named - set(SENTENCES) == set()


def test_a_sentence_ends_with_what_to_do_or_what_is() -> None:
    for code, text in SENTENCES.items():
        assert text.endswith((".", ")")), code
    assert sentence("ok", "Amazon's words") == "Done. (Amazon's words)"
    assert "no_such_code" in sentence("no_such_code")
