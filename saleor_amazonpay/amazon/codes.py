"""The codes the wires give to outcomes and buyer steps: stable words that flows and texts build on.

A code is never renamed and never gets another meaning; whoever shows one falls back to Amazon's own message.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        # outcomes that are not failures
        "ok": "the money moved or is reserved",
        "pending": "Amazon has it and decides later",
        "released": "nothing is reserved any more",
        "capture_due": "Amazon took its time and reserved the money: taking it is up to us",
        "capture_failed": "asked to charge, but Amazon only reserved the money: capture or release it",
        "unknown_state": "Amazon names a state we do not know: it is read again",
        # declines
        "payment_method": "the buyer has to choose another payment method",
        "soft_decline": "the payment method refused this once; trying again may succeed",
        "amazon_rejected": "Amazon rejected the payment for good: offer another way to pay",
        "processing_failure": "Amazon could not process it just now: try again after a pause",
        "timed_out": "Amazon could not decide in time: ask again and let it take its time",
        "declined": "declined for a reason we do not know",
        # objects that ended without effect
        "expired": "the authorization ended unused",
        "amazon_closed": "Amazon closed the authorization",
        "seller_closed": "the authorization was given up",
        "order_canceled": "the order was canceled at Amazon, and the authorization with it",
        "buyer_canceled": "the buyer canceled at Amazon",
        "closed": "the authorization ended for a reason we do not know; it was not paid",
        # what the agreement lacks
        "consent_missing": "the buyer has not ticked the consent to future charges",
        "address_missing": "the buyer has not chosen a shipping address",
        "buyer_is_seller": "the buyer's Amazon account is the seller's own",
        "constraint": "Amazon names an obstacle we do not know",
        "authentication": "the buyer has to finish Amazon's confirmation step",
        "authentication_failed": "the buyer did not pass Amazon's confirmation step",
        "return_urls_required": "Amazon's confirmation page needs to know where to return to",
        "retry": "Amazon does not show yet what the buyer has done: ask again",
        "amount_changed": "the amount is more than the buyer has confirmed for this one purchase",
        "agreement_ended": "the agreement is canceled or closed: a new one is needed",
        "agreement_draft": "the agreement has not been confirmed",
        "agreement_status": "the agreement could not be charged at that moment",
        # what a checkout session lacks
        "amazon_redirect": "the buyer has to confirm on Amazon's page",
        "amount_mismatch": "the amount is not the one the buyer confirmed",
        "recurring_amount_missing": "an agreement without a first payment needs the amount of later ones",
        "session_canceled": "the checkout session has ended: the buyer begins a new one",
        "session_declined": "the payment was declined on Amazon's page: the buyer begins a new checkout session",
        "session_expired": "the checkout session is older than a day: the buyer begins a new one",
        "session_sign_in": "nobody has signed in to the checkout session",
        "session_used": "the checkout session has paid another payment",
        # refusals of a call
        "monthly_limit": "Amazon's own monthly limit of the agreement would be passed",
        "amount_exceeded": "more than Amazon allows for this object",
        "count_exceeded": "no further transaction is allowed on this object (such as an 11th refund)",
        "not_refundable": "the capture is not completed, or nothing of it is left to refund",
        "authorization_status": "the authorization is not open",
        "order_status": "the order reference does not allow it",
        "unknown_object": "Amazon does not know this id for this kind of object",
        "currency_mismatch": "the currency is not the one of the agreement or the original payment",
        "currency_unsupported": "the merchant account does not take this currency",
        "invalid_parameter": "Amazon does not accept a value that was sent",
        "invalid_simulation": "the sandbox simulation is not valid here",
        "refused": "Amazon refused the call; its message says why",
    }
)
