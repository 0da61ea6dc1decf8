"""Ids of Checkout v2, and how ids of v1 are written there (contracts §0).

A billing agreement's id is a charge permission's id, a capture's id is a charge's id, and so is an authorization's with
its 21st character changed from A to C. Which generation an id is of is never read off its shape: these functions leave
every other id as it is.
"""

from __future__ import annotations

import base64
import hashlib
import re

_AUTHORIZATION = re.compile(r"([A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}-)A([0-9]{6})\Z")
_CHARGE = re.compile(r"([A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}-)C([0-9]{6})\Z")
_SESSION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_ORDER = re.compile(r"[A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}")
_SANDBOX, _LIVE = frozenset("SC"), frozenset("PB")
_KEY_LENGTH = 32


def charge_id(object_id: str) -> str:
    """The charge an authorization, capture or charge id names."""
    found = _AUTHORIZATION.match(object_id)
    return object_id if found is None else f"{found[1]}C{found[2]}"


def authorization_id(object_id: str) -> str:
    """The v1 authorization of a charge, if the charge was one; for looking up what v1 stored."""
    found = _CHARGE.match(object_id)
    return "" if found is None else f"{found[1]}A{found[2]}"


def is_session(agreement_id: str) -> bool:
    """Whether this is a checkout session's id: those are UUIDs, and no other object has one."""
    return _SESSION.match(agreement_id) is not None


def charged_on(agreement_id: str, purchase_id: str) -> str:
    """The permission behind a payment: v1's order reference of a one-time sale is one of its own here."""
    return purchase_id if purchase_id and not is_session(purchase_id) else agreement_id


def session_of(purchase_id: str) -> str:
    """The session a first payment is made with; empty if it is none."""
    return purchase_id if is_session(purchase_id) else ""


def order_of(object_id: str) -> str:
    """The order reference in front of a charge's or refund's id; empty if there is none."""
    found = _ORDER.match(object_id)
    return "" if found is None else found[0]


def sandbox_of(*object_ids: str) -> bool | None:
    """The environment the ids are of, by their first letter; None if they do not tell."""
    for each in object_ids:
        if _ORDER.match(each) and each[0] in _SANDBOX | _LIVE:
            return each[0] in _SANDBOX
    return None


def child_key(reference_id: str, step: str) -> str:
    """The idempotency key of a further step under one reference id: always the same, and 32 characters like it."""
    digest = hashlib.sha256(f"{reference_id}\n{step}".encode()).digest()
    return base64.urlsafe_b64encode(digest)[:_KEY_LENGTH].decode()
