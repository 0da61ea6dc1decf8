"""Every code a storefront may read in the answer to a session event or to gateway-initialize (docs/session-data.md).

A code is never renamed and never gets another meaning: shops build on them. `meaning` and `remedy` are for shop
developers; what the shopper reads is in `wording`. The schemas in docs/schemas are written from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """Where a code may stand: how Saleor's event ends, or an offer that gateway-initialize does not make."""

    SUCCESS = "success"
    REQUEST = "request"
    ACTION_REQUIRED = "action_required"
    FAILURE = "failure"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class SessionCode:
    """What a code says, and what the shop does about it."""

    answers: tuple[Answer, ...]
    meaning: str
    remedy: str


_SUCCESS = (Answer.SUCCESS,)
_ACTION = (Answer.ACTION_REQUIRED,)
_FAILURE = (Answer.FAILURE,)
# A decline that can be mended is a failure once no attempt is left, or after Saleor was told "pending".
_MENDABLE = (Answer.ACTION_REQUIRED, Answer.FAILURE)
_REFUSED = (Answer.FAILURE, Answer.UNAVAILABLE)
_ANYWHERE = (Answer.ACTION_REQUIRED, Answer.FAILURE, Answer.UNAVAILABLE)

_ELSEWHERE = "Offer another way to pay."
_HIDE = "Hide Amazon Pay for this purchase and offer another way to pay; do not show Amazon's widgets again."
_UNAVAILABLE = "Do not show Amazon Pay; offer another way to pay."
_AGAIN = "Call transactionProcess again."
_SIGN_IN = "Let the buyer sign in with Amazon, open a new agreement and call transactionProcess with its id and token."
_BUTTON = "Show the button, and call transactionProcess with the new `amazonCheckoutSessionId`."
_BEGIN_AGAIN = "Begin a new transaction, or offer another way to pay."
_MERCHANT = "Offer another way to pay. The merchant has to look into it: the message says at what."

SESSION_CODES: Mapping[str, SessionCode] = {
    # Done, or on its way.
    "paid": SessionCode(_SUCCESS, "The money was taken.", "Complete the checkout."),
    "authorized": SessionCode(_SUCCESS, "The money is reserved for the shop.", "Complete the checkout."),
    "agreed": SessionCode(
        _SUCCESS, "The buyer agreed to later charges; nothing had to be paid today.", "Complete the checkout."
    ),
    "pending": SessionCode(
        (Answer.REQUEST,),
        "Amazon is still deciding.",
        'Show "pending" and poll the transaction. Never call transactionProcess.',
    ),
    # What the shop sent.
    "data_invalid": SessionCode(
        (Answer.ACTION_REQUIRED, Answer.UNAVAILABLE),
        "A key of `data` has a wrong type or value; the message names it.",
        "Mend `data`. " + _AGAIN,
    ),
    "agreement_required": SessionCode(
        _ACTION, "No agreement was named.", "Show Login and the widgets, then send the agreement's id."
    ),
    "access_token_required": SessionCode(
        _ACTION, "The agreement is not confirmed, so the buyer has to prove that it is hers.", _SIGN_IN
    ),
    "access_token_invalid": SessionCode(_ACTION, "Amazon does not know the access token, or it has ended.", _SIGN_IN),
    "agreement_unknown": SessionCode(
        _ACTION, "There is no such agreement, or none that this buyer may use for this purchase.", _SIGN_IN
    ),
    "agreement_draft": SessionCode(_MENDABLE, "The agreement cannot be confirmed any more.", _SIGN_IN),
    "agreement_ended": SessionCode(_MENDABLE, "The agreement was closed or canceled.", _SIGN_IN),
    "amount_changed": SessionCode(
        _ACTION, "The amount is more than the buyer has confirmed for this one purchase.", _SIGN_IN
    ),
    "return_urls_required": SessionCode(
        _ACTION,
        "Amazon's confirmation page has to know where to return to.",
        "Send `successUrl` and `failureUrl`, both on one of the profile's shop origins.",
    ),
    "choose_again": SessionCode(
        _ACTION, "The chosen profile cannot take this amount any more.", "Call paymentGatewayInitialize again."
    ),
    "payment_in_progress": SessionCode(
        _ACTION, "Another payment of this purchase is under way.", "Wait for it to finish; do not start a third."
    ),
    "retry": SessionCode(
        _ANYWHERE, "There was no answer in time; nothing was charged.", "Try again, in a session by transactionProcess."
    ),
    # What the buyer has to do.
    "consent_missing": SessionCode(
        _ACTION, "The buyer has not allowed later charges.", "Show the Consent widget, have the box ticked. " + _AGAIN
    ),
    "address_missing": SessionCode(_ACTION, "No delivery address is chosen.", "Show the AddressBook. " + _AGAIN),
    "payment_method": SessionCode(
        _MENDABLE,
        "The payment method was declined, or none is chosen.",
        "Render the Wallet for `amazonObjectId` and let the buyer choose another method. " + _AGAIN,
    ),
    "constraint": SessionCode(
        _MENDABLE,
        "Amazon names an obstacle that this version does not know.",
        "Render the widgets for `amazonObjectId`: they say what is missing. " + _AGAIN,
    ),
    "buyer_is_seller": SessionCode(
        _MENDABLE, "The buyer's Amazon account is the seller's.", "Let the buyer sign in with another account."
    ),
    "authentication": SessionCode(
        _MENDABLE,
        "The buyer has to pass Amazon's confirmation page.",
        "Run OffAmazonPayments.initConfirmationFlow for `amazonObjectId`; after the return call transactionProcess with"
        " `authenticationStatus`.",
    ),
    "amazon_redirect": SessionCode(
        _ACTION,
        "The buyer has to confirm on Amazon's page.",
        "Send the buyer to `amazonPayRedirectUrl`; after the return call transactionProcess.",
    ),
    "amount_mismatch": SessionCode(
        _MENDABLE,
        "The amount is not the one the buyer confirmed.",
        "Call transactionProcess, which gives a new `amazonPayRedirectUrl`.",
    ),
    "recurring_amount_missing": SessionCode(
        _ACTION,
        "With nothing to pay today Amazon has to show the buyer another amount.",
        "Send `recurring.amount`. " + _AGAIN,
    ),
    "buyer_canceled": SessionCode(_MENDABLE, "The buyer left Amazon before paying.", _BUTTON),
    "session_canceled": SessionCode(_MENDABLE, "The checkout session has ended.", _BUTTON),
    "session_declined": SessionCode(_MENDABLE, "Amazon declined the payment on its own page.", _BUTTON),
    "session_expired": SessionCode(_MENDABLE, "The checkout session is older than a day.", _BUTTON),
    "session_sign_in": SessionCode(_MENDABLE, "Nobody has signed in to the checkout session.", _BUTTON),
    "session_used": SessionCode(_MENDABLE, "The checkout session has paid another payment.", _BUTTON),
    "authentication_failed": SessionCode(
        _FAILURE, "The buyer did not pass Amazon's confirmation page; nothing was charged.", _ELSEWHERE
    ),
    # Declined.
    "soft_decline": SessionCode(
        _MENDABLE,
        "The bank did not approve this time.",
        "Let the buyer try again, or choose another method in the Wallet for `amazonObjectId`. " + _AGAIN,
    ),
    "processing_failure": SessionCode(
        _MENDABLE, "Amazon could not process the payment just now.", "Try again after a pause. " + _AGAIN
    ),
    "timed_out": SessionCode(_MENDABLE, "Amazon needed too long to decide.", _AGAIN),
    "not_executed": SessionCode(_MENDABLE, "Amazon was too busy to look at the payment.", _AGAIN),
    "agreement_status": SessionCode(_MENDABLE, "The agreement could not be charged at that moment.", _AGAIN),
    "amazon_rejected": SessionCode(_FAILURE, "Amazon rejected the payment for good.", _HIDE),
    "declined": SessionCode(_FAILURE, "Declined for a reason that this version does not know.", _HIDE),
    "monthly_limit": SessionCode(_FAILURE, "Amazon's own monthly limit of the agreement would be passed.", _ELSEWHERE),
    "amount_exceeded": SessionCode(_FAILURE, "The amount is more than Amazon allows here.", _ELSEWHERE),
    "count_exceeded": SessionCode(_FAILURE, "Amazon allows no further charge here.", _BEGIN_AGAIN),
    # The reservation ended without effect.
    "never_made": SessionCode(_FAILURE, "The charge never reached Amazon.", _BEGIN_AGAIN),
    "expired": SessionCode(_FAILURE, "The reservation expired.", _BEGIN_AGAIN),
    "closed": SessionCode(_FAILURE, "The reservation ended before the money was taken.", _BEGIN_AGAIN),
    "amazon_closed": SessionCode(_FAILURE, "Amazon closed the reservation.", _BEGIN_AGAIN),
    "seller_closed": SessionCode(_FAILURE, "The reservation was given up.", _BEGIN_AGAIN),
    "order_canceled": SessionCode(_FAILURE, "The order was canceled at Amazon.", _BEGIN_AGAIN),
    # The request cannot be paid.
    "already_paid": SessionCode(_FAILURE, "There is nothing left to pay.", "Complete the checkout."),
    "amount_invalid": SessionCode(_REFUSED, "Amazon Pay cannot take this amount in this currency.", _UNAVAILABLE),
    "currency_mismatch": SessionCode(_FAILURE, "The agreement is in another currency.", _ELSEWHERE),
    "currency_unsupported": SessionCode(_FAILURE, "The merchant account does not take this currency.", _UNAVAILABLE),
    # The shop's own settings.
    "no_profile": SessionCode(_REFUSED, "No profile takes payments of this channel and currency.", _UNAVAILABLE),
    "profile_paused": SessionCode(_REFUSED, "The merchant takes no new payments at the moment.", _UNAVAILABLE),
    "monthly_cap_reached": SessionCode(_REFUSED, "The month's cap has no room for this amount.", _UNAVAILABLE),
    "recurring_not_allowed": SessionCode(
        _FAILURE, "The profile takes one-time payments only.", "Ask for a one-time payment, or another way to pay."
    ),
    "one_time_not_allowed": SessionCode(
        _FAILURE, "The profile takes recurring payments only.", "Send `recurring`, or offer another way to pay."
    ),
    # Somebody has to look.
    "refused": SessionCode(_FAILURE, "Amazon refused the request.", _MERCHANT),
    "invalid_parameter": SessionCode(_FAILURE, "Amazon did not accept a value of the request.", _MERCHANT),
    "unknown_object": SessionCode(_FAILURE, "Amazon does not know the id on the merchant's account.", _MERCHANT),
    "order_status": SessionCode(_FAILURE, "The order at Amazon is in a state that does not allow it.", _MERCHANT),
    "authorization_status": SessionCode(_FAILURE, "The reservation at Amazon is not open.", _MERCHANT),
    "invalid_simulation": SessionCode(_FAILURE, "The sandbox simulation does not fit.", _MERCHANT),
    "wire_gone": SessionCode(_FAILURE, "Amazon has switched off the API of this profile.", _MERCHANT),
    "unreadable": SessionCode(_REFUSED, "Saleor's request has another shape than expected.", _MERCHANT),
}


def mendable(code: str) -> bool:
    """Whether a request that was refused with this code may be mended within its transaction."""
    known = SESSION_CODES.get(code)
    return known is not None and Answer.ACTION_REQUIRED in known.answers
