"""What is not played on both of Amazon's wires, and why: rules of docs/money.md, and scenarios that know v1 alone.

test_rules_map.py fails for what is missing here, and for what is here needlessly. `python -m tests.journeys.one_wire`
says on which wires each rule is played.
"""

from __future__ import annotations

import sys
from collections import Counter

from tests.journeys.rules_map import SHOWN_BY
from tests.journeys.wires import known_tests, wires

# Rules that exist on one of Amazon's wires alone, and why. Every other rule has to be played on both.
ONE_WIRE: dict[str, dict[str, str]] = {
    "One-time sales on v1": {
        "Without recurring": "only v1 has drafts: on Checkout v2 a one-time sale is a permission of its own type",
        "Amazon makes one": "only v1 makes an order reference of a draft",
        "It is made only": "only v1 makes an order reference of a draft",
        "Its total stays": "an order reference has a total that its buyer confirmed; a session says amount and limit itself",
        "What the ledger notes": "only v1's order reference stands beside its draft; a permission stands alone",
        "The rest of an": "only v1's order reference has these limits of Amazon's",
    },
    "Amazon's confirmation page": {
        "Where customers must": "on Checkout v2 every first payment is confirmed on Amazon's page, wherever the buyer is",
        "Agreements for later": "only v1's set call says who will make later charges; on v2 each charge says it",
    },
    "Checkout v2": {
        "A session is an": "only Checkout v2 has sessions, and permissions they become",
        "A session is set": "only Checkout v2 has sessions to set",
        "Whatever Amazon": "only Checkout v2 has a completion",
        "Idempotency keys": "only Checkout v2 has them; v1 knows a call by its reference id",
        "A reason code": "v1 tells of a decline in the state of the authorization, never as an error",
        "With mayPend": "v1 captures a slow charge by itself",
        "A later charge": "v1's authorizations can be listed by our reference",
        "Pacing:": "only Checkout v2 is paced: v1's throttled calls are repeated with growing pauses",
    },
}

# Scenarios of this folder that play on v1 alone, by file or by name without `test_`: why, or which one tells it of v2.
V1_FILES: dict[str, str] = {
    "test_money_rules_session_kinds.py": "drafts, order references and consent; what else a first visit is stands in "
    "test_money_rules_first_visit.py and test_money_rules_one_time.py",
    "test_money_rules_session_europe.py": "v1's confirmation page; on Checkout v2 every first payment has one",
    "test_installation.py": "between Saleor and the app, which asks Amazon nothing for it",
    "test_problems.py": "between the app and Saleor's App Problems, whatever raised them",
}
V1_TESTS: dict[str, str] = {
    "a_payment_with_many_lost_answers_is_read_although_amazon_throttles": "only v1 has a list in which references are "
    "looked for",
    "a_reference_that_nobody_knows_is_looked_for_once_on_an_account": "only v1 has a list in which references are "
    "looked for",
    "a_refund_made_in_seller_central_meanwhile_is_reported_and_counts": "a charge of v2 does not name its refunds: "
    "on_checkout_v2_a_refund_nobody_named_is_raised_and_then_found_by_a_report",
    "a_charge_saleor_knows_by_our_reference_is_found_by_it": "nothing at v2 finds a charge by it: "
    "on_checkout_v2_a_charge_saleor_knows_by_our_reference_alone_is_an_unknown_payment",
    "v1_has_no_reports": "it says so",
    "of_two_refunds_a_capture_names_the_first_is_imported_though_the_second_was_declined": "a charge of v2 names none",
    "the_table_as_a_file_opens_in_a_spreadsheet_and_runs_nothing_there": "the table's cells, of the ledger alone",
    "the_reason_given_in_saleor_goes_to_the_buyer": "a refund of v2 has no note",
    "refunds_that_amazon_makes_itself_are_imported": "a refund of v2 does not say who made it: "
    "a_refund_made_in_seller_central_is_booked_to_its_transaction",
    "a_first_payment_that_was_declined_is_mended_in_the_same_transaction": "a decline ends a session of v2: "
    "a_first_payment_that_was_declined_is_mended_with_another_session",
    "the_first_buyer_who_shows_an_agreement_is_its_owner": "a draft's: a session of v2 has one buyer, whom Amazon names",
    "a_guests_agreement_pays_the_purchase_it_was_made_for_and_no_other": "a draft outlives its decline: "
    "a_guests_permission_is_unknown_to_every_other_purchase",
    "a_draft_without_its_buyers_token_is_not_asked_about": "only v1 has a token of the buyer's",
    "a_forged_token_is_checked_before_amazon_pay_is_asked_anything": "only v1 has a token of the buyer's",
    "a_token_of_another_shops_login_is_no_proof": "only v1 has a token of the buyer's",
    "two_checkouts_on_a_draft_the_first_confirms_and_the_second_goes_on": "a session of v2 is set to one: "
    "a_newer_purchase_takes_an_open_session_over_and_the_older_cannot_pay_with_it",
    "a_return_url_elsewhere_is_refused_and_not_dropped": "the addresses of v1's confirmation page: "
    "a_button_leads_back_to_the_shop_only",
    "a_new_topic_account_is_learned_after_amazon_confirmed_its_first_notice": "a notice of v2 proves nothing: "
    "a_new_topic_account_is_never_learned_from_notices_of_checkout_v2",
    "a_new_topic_account_proves_nothing_for_another_merchant_account": "a notice of v2 proves nothing: "
    "a_new_topic_account_is_never_learned_from_notices_of_checkout_v2",
    "the_command_says_what_it_would_do_and_does_nothing": "it is the move's, which it does not make",
    "the_story_of_the_demo": "the demo's first profile is on v1: tests/browser plays v2's",
    "every_call_the_wire_can_make_is_made_by_a_flow_or_the_credential_check": "it counts the calls of v1's wire",
    "a_charge_survives_the_loss_of": "the call that pays first is another: a_first_payment_survives_the_loss_of",
    "saleor_lost_the_answer_to_a_charge_and_asks_again": "v2 pays when the buyer is back: "
    "saleor_lost_the_answer_to_a_completion_and_asks_again",
    "a_refund_made_at_amazon_is_booked_after_a_day": "a charge of v2 does not name its refunds: "
    "on_checkout_v2_a_refund_nobody_named_is_raised_and_then_found_by_a_report",
    "a_refund_made_weeks_later_is_booked_at_the_last_look": "a charge of v2 does not name its refunds: "
    "on_checkout_v2_a_refund_nobody_named_is_raised_and_then_found_by_a_report",
    "a_payment_is_looked_at_twice_in_its_life": "it counts v1's reads: on_checkout_v2_our_own_refunds_are_no_reason",
}


def played(section: str, words: str) -> frozenset[str]:
    """The wires on which a rule of the map is played, by any of its tests."""
    return frozenset[str]().union(*(wires(test) for test in SHOWN_BY[section][words]))


def table() -> str:
    """Each rule with its wires, and how many there are of each kind."""
    lines, counts = [], Counter[int]()
    for section, shown in SHOWN_BY.items():
        for words in shown:
            on = played(section, words)
            counts[len(on)] += 1
            why = ONE_WIRE.get(section, {}).get(words, "")
            lines.append(f"{' + '.join(sorted(on)) or 'nowhere':8}  {section}: {words} …{f' ({why})' * bool(why)}")
    excused = sum(map(len, ONE_WIRE.values()))
    lines.append(
        f"{counts.total()} rules: {counts[2]} played on both wires, {counts[1]} on one, {counts[0]} on none; "
        f"{excused} explained"
    )
    return "\n".join(lines)


def v1_alone() -> dict[str, str]:
    """The scenarios of this folder that play on v1 alone, and the file of each."""
    return {
        name: path.name
        for name, places in known_tests().items()
        for path, _ in places
        if path.parent.name == "journeys" and wires(name) == {"mws"}
    }


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
