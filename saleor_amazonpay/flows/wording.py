"""One sentence per code, for the shopper or for staff; a sentence ends with what to do.

`docs/session-data.md` lists the same codes for shop developers; a test keeps the two together, and every code that a
wire's tables can produce has a line here.
"""

from __future__ import annotations

SENTENCES = {
    # Money moved, or will.
    "ok": "Done.",
    "authorized": "Amazon Pay has reserved the amount.",
    "paid": "Paid with Amazon Pay.",
    "agreed": "Later payments will be taken with Amazon Pay.",
    "charged_back": "The buyer's bank took the money back. Answer the chargeback in Seller Central.",
    "chargeback_won": "The chargeback was won: the money is the shop's again.",
    "pending": "Amazon Pay is still working on this payment. We will confirm it as soon as it is decided.",
    "unknown_state": "Amazon Pay is still working on this payment. We will confirm it as soon as it is decided.",
    # The shop has to send something else.
    "data_invalid": "The shop sent payment data that cannot be read.",
    "agreement_required": "Sign in with Amazon Pay to choose how to pay.",
    "access_token_required": "Sign in with Amazon Pay again.",
    "access_token_invalid": "Your Amazon session has ended. Sign in with Amazon Pay again.",
    "agreement_unknown": "Amazon Pay does not know this agreement. Sign in with Amazon Pay again.",
    "amount_invalid": "Amazon Pay cannot take this amount in this currency.",
    "already_paid": "There is nothing left to pay.",
    # The buyer has to do something.
    "consent_missing": "Tick the box that allows future payments with Amazon Pay.",
    "payment_method": "Your payment method was declined. Choose another one in Amazon Pay.",
    "soft_decline": "Your bank did not approve the payment this time. Try again or choose another method.",
    "address_missing": "Choose a delivery address in Amazon Pay.",
    "buyer_is_seller": "This Amazon account belongs to the seller. Sign in with another one.",
    "agreement_ended": "This Amazon Pay agreement has ended. Sign in with Amazon Pay to make a new one.",
    "authentication": "Finish the confirmation at Amazon Pay.",
    "authentication_failed": "Amazon Pay could not confirm that it is you and nothing was charged. Pay another way.",
    "return_urls_required": "The shop did not say where Amazon Pay should send you back to.",
    "amount_changed": "The amount has changed. Sign in with Amazon Pay again to confirm it.",
    "agreement_draft": "This Amazon Pay agreement was not confirmed. Sign in with Amazon Pay again.",
    "agreement_status": "Amazon Pay cannot charge this agreement at the moment. Try again.",
    "constraint": "Amazon Pay needs something more from you. Look at the Amazon Pay boxes on this page.",
    "amazon_redirect": "Confirm the payment on Amazon's page.",
    "amount_mismatch": "The amount has changed since you confirmed it. Confirm the new amount at Amazon Pay.",
    "buyer_canceled": "You left Amazon Pay before paying, and nothing was charged. Choose Amazon Pay again to go on.",
    "session_canceled": "This Amazon Pay checkout has ended. Choose Amazon Pay again.",
    "session_declined": "Amazon Pay declined this payment method. Choose Amazon Pay again with another one.",
    "session_expired": "This Amazon Pay checkout is too old. Choose Amazon Pay again.",
    "session_sign_in": "Sign in with Amazon Pay to choose how to pay.",
    "session_used": "This Amazon Pay checkout has paid another order. Choose Amazon Pay again.",
    "recurring_amount_missing": "The shop has to say how much later payments are.",
    "payment_in_progress": "A payment for this order is already under way. Wait for it to finish.",
    "retry": "Amazon Pay did not answer in time and nothing was charged. Try again.",
    "retry_removal": "Amazon Pay did not answer in time. Remove the agreement again.",
    # Declined.
    "amazon_rejected": "Amazon Pay declined this payment. Choose another way to pay.",
    "processing_failure": "Amazon Pay could not process the payment and nothing was charged. Try again later.",
    "timed_out": "Amazon Pay needed too long to decide and nothing was charged. Try again.",
    "declined": "Amazon Pay declined this payment. Choose another way to pay.",
    "expired": "The reservation at Amazon Pay has expired.",
    "closed": "The reservation at Amazon Pay has ended before the money was taken.",
    "amazon_closed": "Amazon closed the reservation before the money was taken.",
    "seller_closed": "The reservation was given up before the money was taken.",
    "order_canceled": "The order was cancelled at Amazon, and the reservation with it.",
    "lapsed": "Amazon no longer reserves the amount. It can still be charged on the buyer's agreement.",
    "rest_ended": "The buyer's agreement has ended, so that the rest can never be collected. It is released.",
    "released": "The reservation at Amazon Pay is released.",
    "monthly_limit": "This payment would pass Amazon's monthly limit of the agreement. Choose another way to pay.",
    "capture_due": "Amazon Pay is still working on this payment. We will confirm it as soon as it is decided.",
    "capture_failed": "Amazon Pay reserved the amount but has not taken it yet.",
    # Refused because of what was asked.
    "amount_exceeded": "The amount is more than Amazon Pay allows here.",
    "count_exceeded": "Amazon Pay allows no further operation of this kind on this payment (10 refunds per capture).",
    "not_refundable": "Amazon Pay cannot refund this payment yet or any more. Check it in Seller Central.",
    "authorization_status": "The reservation at Amazon Pay is not open any more. Check it in Seller Central.",
    "order_status": "Amazon does not allow this on the order in its present state. Check it in Seller Central.",
    "unknown_object": "Amazon does not know this payment on the profile's account. Check its keys and region.",
    "currency_unsupported": "The merchant account at Amazon does not take this currency.",
    "invalid_parameter": "Amazon did not accept a value of the request. Nothing was charged or refunded.",
    "invalid_simulation": "The sandbox simulation does not fit this operation. Choose another one.",
    "not_chargeable": "Amazon no longer holds a reservation that could be taken.",
    "currency_mismatch": "The currency of the payment is not the one of the agreement.",
    "refused": "Amazon Pay refused the request. Nothing was charged or refunded.",
    "nothing_to_charge": "There is nothing left to charge.",
    "nothing_to_refund": "There is nothing left to refund.",
    "nothing_to_cancel": "There is nothing left to cancel.",
    "refund_too_much": "More was asked for than is left of what was charged. Refund less.",
    "charge_too_much": "More than the rest of the authorization was asked for.",
    "cancel_too_much": "More than the rest of the authorization was asked for. Cancel the rest.",
    "cancel_partly": "Amazon releases a reservation only as a whole. Cancel the full rest.",
    "capture_pending": "A capture is still under way. Cancel again once it is decided.",
    "already_captured": "The money was already taken. Refund it instead.",
    "unknown_payment": "This app has no record of the payment. Look it up in Seller Central.",
    "payment_not_read": "This app has no record of the payment and could not ask Amazon about it. Request it again.",
    "no_content": "Saleor repeated this request without its content; nothing was done for it; request it again.",
    "request_missing": "The request names no open request event; nothing was done. Request it again.",
    # Refused because of the shop's own settings.
    "no_profile": "Amazon Pay is not available in this channel. Choose another way to pay.",
    "monthly_cap_reached": "Amazon Pay cannot take this payment this month. Choose another way to pay.",
    "choose_again": "Amazon Pay cannot take this payment now. Choose how to pay again.",
    "profile_paused": "Amazon Pay is not taking new payments at the moment. Choose another way to pay.",
    "profile_closed": "The gateway profile is closed and takes no new charges. Open it again to collect the rest.",
    "never_made": "The charge never reached Amazon. Nothing was charged.",
    "recurring_not_allowed": "This shop takes no recurring payments with Amazon Pay.",
    "one_time_not_allowed": "This shop takes only recurring payments with Amazon Pay.",
    "wire_gone": "Amazon has switched off the API this profile uses. Move the profile to the API that follows.",
    "not_executed": "Amazon Pay was too busy and nothing was charged. Try again.",
    "unreadable": "Saleor's request has another shape than this version of the app reads. Install the app again.",
    "internal": "Something went wrong in the payment app; nothing was done. Request it again.",
}


_STAFF = {
    "amazon_rejected": "Amazon declined it. Look the payment up in Seller Central.",
    "declined": "Amazon declined it. Look the payment up in Seller Central.",
    "processing_failure": "Amazon could not process it. Request it again later.",
    "timed_out": "Amazon needed too long to decide. Request it again.",
    "agreement_ended": "The buyer's agreement has ended. Nothing more can be charged on it.",
    "monthly_cap_reached": "The profile's monthly cap has no room for it. Raise the cap, or wait for the next month.",
    "payment_method": "The buyer's payment method was declined. The buyer has to choose another one in Amazon Pay.",
}


def for_staff(code: str, detail: str = "") -> str:
    """The sentence of a code as staff should read it, who asked for a capture, refund or release."""
    text = _STAFF.get(code, SENTENCES.get(code, f"Amazon answered {code}."))
    return f"{text} ({detail})" if detail else text


def sentence(code: str, detail: str = "") -> str:
    """The sentence of a code; unknown codes say that they are unknown. `detail` is Amazon's own description."""
    text = SENTENCES.get(code, f"Amazon Pay answered {code}.")
    return f"{text} ({detail})" if detail else text


def with_service(text: str, support: dict[str, str]) -> str:
    """A failure as staff see it, with what the shopper is told to call."""
    contact = ", ".join(support.values())
    return f"{text} Customer service: {contact}" if contact else text


def with_support(text: str, support: dict[str, str]) -> str:
    """A refusal as the shopper sees it, with whom to call."""
    contact = ", ".join(support.values())
    return f"{text} Questions? {contact}" if contact else text
