"""Every code has a sentence, and shop developers can read about every code a session may answer."""

from __future__ import annotations

import re
from pathlib import Path

from saleor_amazonpay.amazon.codes import CODES
from saleor_amazonpay.flows import speak
from saleor_amazonpay.flows.wording import SENTENCES, sentence

ROOT = Path(__file__).resolve().parents[2]
# Codes of actions that staff asked for, and inner words: no storefront sees them.
NOT_FOR_SESSIONS = {
    "ok", "unknown_state", "released", "lapsed", "lapsed_for_good", "capture_due", "capture_failed", "not_refundable", "not_chargeable", "nothing_to_charge",
    "nothing_to_refund", "nothing_to_cancel", "refund_too_much", "charge_too_much", "cancel_partly", "capture_pending",
    "already_captured", "unknown_payment", "no_content", "request_missing", "internal",
}  # fmt: skip


def documented() -> set[str]:
    text = (ROOT / "docs/session-data.md").read_text()
    rows = [line.split("|")[1] for line in text[text.index("## Codes") :].splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall(r"`(\w+)`", row)}


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
    assert speak._REPAIRABLE - set(SENTENCES) == set()


def test_every_code_of_a_session_is_documented_and_no_other() -> None:
    assert documented() == set(SENTENCES) - NOT_FOR_SESSIONS


def test_a_sentence_ends_with_what_to_do_or_what_is() -> None:
    for code, text in SENTENCES.items():
        assert text.endswith((".", ")")), code
    assert sentence("ok", "Amazon's words") == "Done. (Amazon's words)"
    assert "no_such_code" in sentence("no_such_code")
