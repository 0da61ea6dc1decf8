"""Saleor's words for what happened to a payment, and which of them may be said where.

The names are Saleor's `TransactionEventTypeEnum` and `TransactionActionEnum`, upper case and exact: an answer
with `charge_success` is rejected whole (contracts §3.1), although the money moved.
"""

from __future__ import annotations

from enum import StrEnum


class EventType(StrEnum):
    """Everything an event of a transaction can say; effects on the amounts in contracts §4.2."""

    AUTHORIZATION_SUCCESS = "AUTHORIZATION_SUCCESS"
    AUTHORIZATION_FAILURE = "AUTHORIZATION_FAILURE"
    AUTHORIZATION_ADJUSTMENT = "AUTHORIZATION_ADJUSTMENT"
    AUTHORIZATION_REQUEST = "AUTHORIZATION_REQUEST"
    AUTHORIZATION_ACTION_REQUIRED = "AUTHORIZATION_ACTION_REQUIRED"
    CHARGE_SUCCESS = "CHARGE_SUCCESS"
    CHARGE_FAILURE = "CHARGE_FAILURE"
    CHARGE_BACK = "CHARGE_BACK"
    CHARGE_REQUEST = "CHARGE_REQUEST"
    CHARGE_ACTION_REQUIRED = "CHARGE_ACTION_REQUIRED"
    REFUND_SUCCESS = "REFUND_SUCCESS"
    REFUND_FAILURE = "REFUND_FAILURE"
    REFUND_REVERSE = "REFUND_REVERSE"
    REFUND_REQUEST = "REFUND_REQUEST"
    CANCEL_SUCCESS = "CANCEL_SUCCESS"
    CANCEL_FAILURE = "CANCEL_FAILURE"
    CANCEL_REQUEST = "CANCEL_REQUEST"
    INFO = "INFO"


class Action(StrEnum):
    """What staff may ask for next; in the order in which answers list them."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"
    CANCEL = "CANCEL"


# A session answer says where the money is, that the buyer must act, or that it failed (contracts §3.3).
SESSION_MOVED = frozenset(
    {
        EventType.AUTHORIZATION_SUCCESS,
        EventType.AUTHORIZATION_REQUEST,
        EventType.CHARGE_SUCCESS,
        EventType.CHARGE_REQUEST,
    }
)
SESSION_ACTION_REQUIRED = frozenset({EventType.AUTHORIZATION_ACTION_REQUIRED, EventType.CHARGE_ACTION_REQUIRED})
SESSION_FAILED = frozenset({EventType.AUTHORIZATION_FAILURE, EventType.CHARGE_FAILURE})
SESSION_RESULTS = SESSION_MOVED | SESSION_ACTION_REQUIRED | SESSION_FAILED

# A final answer to an action event; "not yet known" has no result at all (contracts §3.6).
ACTION_RESULTS = frozenset(
    {
        EventType.CHARGE_SUCCESS,
        EventType.CHARGE_FAILURE,
        EventType.REFUND_SUCCESS,
        EventType.REFUND_FAILURE,
        EventType.CANCEL_SUCCESS,
        EventType.CANCEL_FAILURE,
    }
)
