"""Which scenarios show each rule of docs/money.md: the rule's first words, and names of tests without their `test_`.

A rule may be shown by more tests than are named here; these are the ones to read. Together they play on both of
Amazon's wires, but for what one_wire.py explains. test_rules_map.py keeps it true; `python -m tests.journeys.one_wire` says on
which wires each rule is played.
"""

from __future__ import annotations

SHOWN_BY: dict[str, dict[str, tuple[str, ...]]] = {
    "One effect per request": {
        "A delivery is": (
            "the_same_bytes_get_the_same_answer_and_one_charge",
            "the_same_bytes_on_two_nodes_at_once_are_one_charge",
            "the_answer_of_the_same_bytes_stays_although_the_state_moved_on",
            "the_same_bytes_however_often_are_one_charge_with_one_answer",
        ),
        "An operation is one effect": (
            "eight_different_process_bodies_for_one_attempt_are_one_charge",
            "another_amount_is_another_refund",
            "eight_clicks_at_once_are_one_charge",
        ),
        "An action that repeats one": (
            "staff_press_again_after_saleor_lost_our_answer",
            "a_capture_is_made_once_whose_answer_was_lost",
            "a_second_refund_of_the_same_amount_is_one_once_saleor_has_heard_of_the_first",
            "a_refund_that_was_announced_as_pending_is_joined",
            "a_capture_after_half_a_charge_is_made_once_whose_answer_was_lost",
        ),
        "A granted refund whose": (
            "a_granted_refund_told_unlinked_is_linked_and_not_made_again",
            "another_granted_refund_of_the_same_amount_is_made",
            "another_refund_of_the_same_amount_is_made",
            "a_granted_refund_ends_in_success",
        ),
        "An operation remembers": (
            "eight_requests_at_once_in_any_order_are_one_refund",
            "eight_requests_of_staff_at_once_are_one_refund",
        ),
    },
    "Before, during and after the call": {
        "One unit of work": (
            "no_intent_row",
            "kill_minus_9",
            "a_story_without_a_death_ends_with_equal_books",
        ),
        "The psp reference": (
            "whoever_comes_second_uses_the_reference_that_is_there",
            "a_psp_reference_that_changes_when_it_is_reported",
            "while_a_money_call_is_out_saleor_is_told_so_and_hears_the_rest_under_the_same_reference",
        ),
        "A charge of which": (
            "reserved_money_is_not_failed_when_only_the_capture_did_not_happen",
            "a_charge_of_which_amazon_only_reserved_the_money_can_still_be_collected",
            "money_that_was_only_reserved_closes_the_open_request_under_its_own_reference",
            "money_that_amazon_only_reserved_is_an_authorization_and_can_be_taken_later",
        ),
        "A throttled or unsent": (
            "a_throttled_call_moved_nothing_and_the_buyer_may_try_again",
            "a_throttled_node_fails_nothing_that_another_node_has_tried",
            "a_charge_that_amazon_throttled_moved_nothing_and_may_be_tried_again",
        ),
        "Rejected credentials": (
            "rejected_keys_decline_nothing_and_the_capture_goes_on_when_they_are_right_again",
            "rejected_credentials_invent_no_decline",
            "a_profile_that_cannot_be_opened_holds_nobody_else_up",
            "a_refund_whose_key_amazon_says_it_knows_is_told_to_staff",
        ),
        "A wire that is gone": (
            "what_amazon_cannot_be_asked_about_any_more_needs_attention_and_is_never_failed_by_itself",
            "a_wire_that_amazon_switched_off_is_a_clear_failure",
            "a_wire_that_is_gone_fails_what_never_reached_amazon",
        ),
        "A shopper who saw": (
            "the_first_payment_is_not_made_any_more",
            "a_saleor_that_does_not_tell_does_not_stop_a_repair",
        ),
    },
    "After a crash": {
        "Every operation has": ("two_nodes_sweep_at_once_and_one_acts",),
        "decided, but": (
            "an_answer_that_may_not_have_left_is_reported",
            "a_payment_of_which_saleor_lost_the_answer_is_reported_before_it_is_paid_again",
        ),
        "pending at Amazon": (
            "pending_at_amazon_after_a_crash_is_told_as_pending",
            "reads_of_a_pending_object_are_bounded",
        ),
        "a release that": ("a_release_nobody_asked_for_is_finished_although_amazons_answers_are_lost",),
        "unknown, asked for": (
            "what_staff_asked_for_is_finished_after_a_crash",
            "what_staff_asked_for_is_finished_although_amazons_answers_are_lost",
        ),
        "unknown, and a buyer": (
            "a_lost_charge_is_never_repeated_after_ten_minutes",
            "a_lost_charge_is_not_repeated_once_something_else_pays_for_the_purchase",
            "a_charge_that_was_made_is_found_long_after_the_buyer_has_gone",
            "a_buyers_charge_is_repeated_within_ten_minutes",
            "a_buyers_charge_is_never_repeated_after_ten_minutes_and_has_failed_after_a_day",
            "a_buyers_charge_is_not_repeated_once_something_else_pays_for_the_purchase",
        ),
        "If the database": (
            "a_database_that_goes_away_after_the_intent_leaves_a_pending_answer_that_stays_true",
            "a_database_that_goes_away_while_amazon_is_asked_leaves_a_pending_answer_that_stays_true",
            "what_was_told_without_the_database_stays_true_if_the_process_ends",
            "a_decline_that_saleor_waits_for_is_reported_although_nobody_noted_that",
        ),
    },
    "Whose agreement": {
        "An agreement is bound": (
            "an_agreement_is_bound_at_first_sight_to_its_owner",
            "a_draft_that_v1_confirmed_without_telling_is_nobodys_after_the_move",
            "a_confirmed_agreement_is_its_users_and_a_listed_apps_and_unknown_to_everybody_else",
            "a_forged_token_is_checked_before_amazon_pay_is_asked_anything",
            "a_guests_agreement_pays_the_purchase_it_was_made_for_and_no_other",
            "a_guests_permission_is_unknown_to_every_other_purchase",
        ),
    },
    "One-time sales on v1": {
        "Without recurring": (
            "a_one_time_sale_is_one_order_reference_on_the_draft",
            "an_agreement_of_a_one_time_sale_is_an_unknown_id_for_every_other_purchase",
        ),
        "Amazon makes one": (
            "a_lost_answer_ends_with_one_order_reference",
            "an_order_that_is_not_ours_ends_the_agreements_use",
        ),
        "It is made only": (
            "nothing_is_made_before_the_buyer_has_chosen_what_it_inherits",
            "refused_at_once_it_is_made_set_and_confirmed_by_calls_of_their_own",
            "whatever_answer_is_lost_on_the_way_the_buyer_tries_again",
        ),
        "Its total stays": (
            "nothing_is_taken_above_the_total_the_buyer_confirmed",
            "the_total_of_a_draft_follows_the_amount",
        ),
        "What the ledger notes": (
            "the_draft_may_go_stale_and_its_paid_order_stays",
            "an_order_that_amazon_ends_is_noted",
        ),
        "The rest of an": (
            "the_rest_of_a_one_time_authorization_is_collected_on_its_order_reference",
            "amazons_count_of_authorizations_on_an_order_is_a_failure_and_the_rest_stays",
        ),
        "It is closed with": (
            "a_one_time_purchase_is_closed_when_a_part_was_taken_and_the_rest_released",
            "a_one_time_purchase_is_closed_when_nobody_mends_its_decline",
            "what_keeps_a_purchase_from_being_closed_passes",
        ),
    },
    "Amazon's confirmation page": {
        "Where customers must": (
            "in_europe_money_moves_only_after_the_buyer_confirmed_at_amazon",
            "in_europe_what_the_return_address_says_is_only_a_hint",
            "in_europe_a_page_that_knows_no_way_back_is_not_opened",
        ),
        "Agreements for later": (
            "in_europe_the_shop_makes_later_charges_and_the_agreement_says_so",
            "type_and_constant_amount_are_sent_where_customers_must_authenticate",
        ),
    },
    "Nothing to pay today": {
        "INITIALIZE with": (
            "nothing_to_pay_today_makes_the_agreement_alone",
            "an_agreement_whose_answer_is_lost_is_asked_again",
            "an_agreement_with_no_time_left_to_note_the_trial_is_gone_on_with",
            "nothing_to_pay_and_nothing_agreed_is_paid_already",
        ),
    },
    "What Saleor shows": {
        "The card of": (
            "the_card_of_a_payment_names_the_order_reference_and_leads_to_seller_central",
            "the_card_waits_while_something_is_under_way_and_holds_no_report_up",
        ),
        "That mutation's": ("a_payment_of_which_saleor_lost_the_answer_is_reported_before_it_is_paid_again",),
        "A charge, refund": (
            "what_staff_asked_for_is_reported_since_an_answer_that_left_may_be_lost",
            "a_capture_is_made_once_whose_answer_was_lost",
        ),
        "What staff may do": (
            "the_buttons_follow_every_change",
            "a_late_report_does_not_bring_an_old_button_back",
        ),
        "An action whose": ("with_too_little_time_left_an_action_is_answered_pending_and_done_in_the_background",),
        "A purchase that": ("amazon_rejected_never_repeats_and_tells_the_shop_to_hide_amazon_pay",),
        "An agreement that has": ("an_agreement_that_has_ended_is_replaced_by_a_new_one_in_the_same_transaction",),
    },
    "The cap": {
        "Every amount": (
            "the_books_hold_in_any_order",
            "what_is_attempted_counts_gross",
        ),
        "Reserved": (
            "a_charge_at_23_59_59_counts_in_the_month_that_ends",
            "an_answer_in_the_next_month_changes_the_month_of_the_reservation",
            "32_clients_of_two_processes_on_postgresql",
        ),
        "Given back": (
            "what_saleor_hears_will_not_come_is_given_back_after_a_decline",
            "what_saleor_hears_will_not_come_is_given_back_with_the_rest_that_is_released",
            "what_saleor_hears_will_not_come_is_given_back_when_the_agreement_ends",
        ),
        "The rest.": (
            "within_the_month_a_rest_needs_no_room",
            "a_rest_collected_in_a_later_month_moves_its_reservation",
            "a_rest_without_room_in_the_later_month_is_refused_and_stays",
            "a_rest_declined_in_a_later_month_stands_where_it_stood",
        ),
        "A release of a part": (
            "the_books_hold_in_any_order",
            "an_unreserved_rest_is_released_in_our_books_also_in_parts",
        ),
        "Imports, and": (
            "what_is_imported_counts_on_the_cap_even_past_it",
            "an_import_counts_by_the_clock_of_its_own_profile_whoevers_keys_read_it",
            "money_that_moved_after_all_is_reported_booked_on_the_cap_and_raised",
        ),
        "Refunds give": (
            "a_refund_gives_nothing_back",
            "a_refund_gives_back_where_the_profile_says_so",
            "a_refund_that_is_final_after_the_sales_month_gives_nothing_back",
        ),
        "A new time zone": ("a_new_time_zone_counts_from_the_next_month",),
        "A lowered cap": (
            "a_cap_of_0_takes_nothing_new_and_finishes_what_is_open",
            "within_the_month_a_rest_needs_no_room",
            "past_the_cap_a_buyer_still_agrees_to_later_charges",
        ),
        "Thresholds are": (
            "a_threshold_is_raised_once",
            "a_threshold_is_cleared_when_the_month_turns_and_raised_anew_in_the_next",
            "a_threshold_is_cleared_when_the_cap_is_raised_not_when_something_is_given_back",
        ),
        "Each month keeps": (
            "past_months_keep_the_terms_they_had",
            "a_month_keeps_the_terms_it_had",
        ),
        "Expected fees": (
            "expected_and_actual_stand_side_by_side_and_the_difference_is_of_the_same_sales",
            "what_only_a_report_names_is_read_at_amazon_and_finds_its_profile_once_it_is_known",
            "a_chargeback_costs_its_fee_and_one_that_was_won_gives_the_amount_back",
            "the_profiles_fee_is_booked_with_a_chargeback_as_it_was_then",
        ),
        "The forecast": ("the_status_says_what_is_left_and_when_the_cap_will_be_reached",),
        "Amazon's own": ("amazons_own_limit_of_an_agreement_stands_beside_ours",),
    },
    "Partial and later": {
        "The rest is what": (
            "after_a_partial_capture_the_rest_stays_while_the_agreement_is_open",
            "a_charge_on_the_rest_authorizes_and_captures_in_one_call_under_an_id_of_its_own",
            "after_an_expiry_the_rest_stays_and_an_info_event_says_that_amazon_no_longer_reserves_it",
        ),
        "An agreement that has ended never": (
            "an_agreement_that_ends_while_it_is_prepared_stays_ended",
            "when_the_agreement_ends_the_rest_goes",
            "an_agreement_that_has_ended_never_opens_again",
            "on_a_closed_agreement_open_authorizations_can_still_be_captured",
            "a_canceled_agreement_takes_everything_open_along",
        ),
        "A suspended": ("a_suspended_agreement_keeps_the_rest_and_captures_and_refunds_go_on",),
        "A cancel of": (
            "a_cancel_releases_the_rest_and_never_closes_the_agreement",
            "less_than_the_rest_is_not_released_while_amazon_holds_an_authorization",
            "an_unreserved_rest_is_released_in_our_books_also_in_parts",
            "a_release_that_finds_the_money_taken_fails_and_the_capture_is_reported",
        ),
        "A profile that is": ("a_closed_profile_captures_what_is_open_refunds_and_cancels",),
    },
    "Orders": {
        "A webhook of": (
            "the_same_fulfillment_is_one_charge_however_often_saleor_tells_of_it",
            "the_release_of_a_cancelled_order_waits_for_a_pending_capture",
        ),
        "Cancelled:": (
            "a_cancelled_order_releases_the_open_rest",
            "a_cancelled_order_never_gives_captured_money_back_by_itself",
            "a_profile_may_keep_the_rest_of_cancelled_orders",
        ),
        "Fulfilled, where": (
            "capture_when_fulfilled_takes_each_parcel_and_the_last_takes_the_remainder",
            "what_staff_captured_before_counts",
            "a_charge_for_a_parcel_that_is_declined_is_reported_and_paid_with_the_next",
            "several_payments_of_an_order_are_charged_newest_first_and_never_above_their_rest",
            "without_room_under_the_cap_a_parcel_of_a_later_month_is_not_charged_and_saleor_is_told",
        ),
        "Nobody asked": ("a_release_nobody_asked_for_is_finished_although_amazons_answers_are_lost",),
    },
    "Checkout v2": {
        "A session is an": (
            "the_agreement_goes_on_under_the_permissions_id",
            "somebody_elses_permission_is_an_unknown_id",
        ),
        "A session is set": (
            "a_newer_purchase_takes_an_open_session_over_and_the_older_cannot_pay_with_it",
            "a_completed_session_pays_no_second_purchase",
            "a_session_is_not_set_anew_while_its_completion_is_in_doubt",
        ),
        "Whatever Amazon": (
            "a_first_payment_survives_the_loss_of",
            "a_refused_completion_is_a_success_if_the_session_says_so",
            "a_completed_session_whose_charge_cannot_be_read_is_pending_and_never_unexecuted",
        ),
        "Idempotency keys": (
            "a_lost_answer_is_asked_for_again_under_the_same_key_and_body",
            "a_used_key_is_in_doubt_and_never_declined",
            "a_capture_takes_what_is_reserved_under_its_own_key",
            "a_later_charge_survives_a_lost_answer",
        ),
        "A reason code": (
            "a_synchronous_decline_comes_as_an_error_and_is_one",
            "a_soft_decline_of_a_later_charge_then_success",
        ),
        "With mayPend": (
            "amazon_may_take_its_time_and_one_reference_is_kept",
            "a_capture_of_ours_that_was_lost_is_made_again_and_once",
            "a_capture_that_amazon_refuses_leaves_the_money_reserved",
        ),
        "A later charge": ("a_later_charge_nobody_may_repeat_is_found_by_its_notice",),
        "A rest is": ("the_rest_is_collected_after_amazons_reservation_has_expired",),
        "Pacing:": (
            "nothing_waits_before_amazon_has_throttled",
            "after_a_throttle_calls_leave_at_the_published_rate",
            "refunds_that_amazon_throttled_are_each_made_once",
        ),
        "Moving a profile": (
            "the_attempt_that_follows_by_itself_is_made_on_the_wire_the_profile_has_moved_to",
            "an_old_agreement_is_charged_and_open_money_goes_on_after_the_move",
            "a_move_that_stopped_goes_on_with_the_same_key",
            "wrong_keys_change_nothing",
            "a_charge_that_v1_was_still_deciding_is_read_on_the_new_wire",
        ),
    },
    "Notices": {
        "A notice says": (
            "a_notice_says_what_to_read_and_is_not_believed_beyond",
            "the_address_a_notice_came_to_may_be_another_shops",
            "a_charge_whose_answer_was_lost_is_settled_by_a_notice_with_our_reference",
        ),
        "An object of": (
            "before_the_hour_is_over_nothing_is_imported",
            "a_refund_made_in_seller_central_is_booked_to_its_transaction",
            "an_import_by_two_notices_and_a_read_is_one",
            "what_comes_back_of_v1_payments_after_the_profile_moved_is_booked_as_before",
        ),
        "A refund of Checkout": (
            "a_refund_of_ours_whose_answer_is_lost_for_hours_is_not_imported_beside_itself",
            "a_refund_like_one_of_ours_that_was_never_made_is_imported_once_ours_is_decided",
            "a_refund_that_is_decided_while_its_notice_is_looked_at_is_told_once",
            "a_refund_in_doubt_for_two_weeks_is_told_to_staff",
            "a_refund_in_doubt_for_two_weeks_is_booked_when_ours_is_decided",
            "a_refund_whose_answer_v1_never_gave_is_settled_by_its_notice_on_the_new_wire",
        ),
        "On an agreement": ("a_charge_nobody_in_saleor_asked_for_is_booked_and_raised",),
        "Refunds made at": ("surplus_refunds_are_only_imported",),
        "What is imported": ("what_is_imported_counts_on_the_cap_even_past_it",),
        "A call of ours": ("staff_captures_what_was_captured_in_seller_central_already",),
        "What Amazon does": ("a_notice_amazon_cannot_be_asked_about_is_given_up_after_two_weeks",),
        "Topics:": (
            "a_new_topic_account_is_learned_after_amazon_confirmed_its_first_notice",
            "a_new_topic_account_is_never_learned_from_notices_of_checkout_v2",
            "a_new_topic_account_that_says_what_is_not_so_is_never_believed",
            "a_new_topic_account_cannot_fill_the_inbox",
            "a_topic_account_that_the_operator_names_is_believed_and_no_problem_any_more",
        ),
    },
    "A second look": {
        "What took money is": (
            "a_refund_made_at_amazon_is_booked_after_a_day",
            "a_payment_is_looked_at_twice_in_its_life",
            "what_is_believed_to_be_taken_and_is_not_is_raised_until_it_is",
            "on_checkout_v2_a_refund_nobody_named_is_raised_and_then_found_by_a_report",
        ),
        "What is raised": (
            "what_the_last_look_finds_is_cleared_once_a_report_brings_the_refund_in",
            "what_is_not_taken_at_the_last_look_is_cleared_once_it_is",
            "what_staff_corrected_in_saleor_is_no_problem_any_more",
            "what_staff_took_out_of_saleor_since_amazon_never_took_it_is_no_problem_any_more",
            "what_stands_is_asked_about_however_long_amazon_is_away",
        ),
        "At the same looks": (
            "an_amount_that_saleor_lost_is_added_up_again_after_a_day",
            "an_amount_that_saleor_does_not_add_up_is_shown_until_it_agrees",
            "an_amount_found_wrong_at_the_last_look_is_added_up_shown_and_cleared",
            "amounts_are_not_compared_while_saleor_is_away_or_a_report_waits",
        ),
    },
    "Money that moved after it had failed": {
        "If Amazon shows": (
            "money_that_moved_after_all_is_reported_booked_on_the_cap_and_raised",
            "a_purchase_that_was_paid_otherwise_meanwhile_is_paid_twice_and_staff_are_offered_the_refund",
            "a_declined_refund_that_amazon_completes_is_a_new_operation",
        ),
    },
    "Refunds Amazon could not process": {
        "ProcessingFailure is": (
            "a_refund_amazon_could_not_process_is_tried_again_and_told_once",
            "a_part_of_a_split_refund_is_tried_again_by_itself",
            "while_it_is_tried_again_its_money_is_not_refunded_otherwise",
        ),
    },
    "Chargebacks": {
        "CHARGE_BACK under": (
            "a_chargeback_is_booked_under_amazons_id_with_its_amount",
            "where_disputes_may_not_be_read_the_uncovered_amount_is_booked_and_staff_are_told",
            "a_chargeback_of_a_capture_made_in_seller_central_waits_for_it",
            "a_chargeback_of_which_nothing_is_left_is_told_to_staff",
            "a_chargeback_of_another_systems_charge_is_told_to_staff",
        ),
        "What was charged": (
            "what_was_charged_back_is_not_refunded_as_well",
            "the_profiles_fee_is_booked_with_a_chargeback_as_it_was_then",
        ),
        "A won one": (
            "a_won_chargeback_gives_the_money_back_under_an_id_of_its_own",
            "a_won_chargeback_takes_nothing_of_the_rest",
            "on_checkout_v2_a_won_dispute_comes_back_by_itself",
        ),
        "Neither changes": ("a_won_chargeback_gives_the_money_back_under_an_id_of_its_own",),
    },
    "Payments the ledger lost": {
        "An action event": (
            "a_refund_of_a_payment_the_ledger_lost",
            "a_payment_with_many_lost_answers_is_read_although_amazon_throttles",
            "a_reference_that_nobody_knows_is_looked_for_once_on_an_account",
            "a_payment_in_pieces_goes_on_with_its_rest",
            "a_split_refund_that_saleor_was_told_of_as_a_whole_is_not_told_again",
            "a_refund_saleor_knows_by_our_reference_is_not_told_again",
            "another_shops_payment_is_never_adopted",
            "what_amazon_does_not_know_is_an_unknown_payment",
            "while_amazon_cannot_be_asked_nothing_is_adopted_and_pressing_again_is_enough",
        ),
    },
}
