"""The inner message of a v2 notification (contracts §5.8): which object Amazon wants us to look at.

It holds no state and no amount, and names no environment but by its ids.
"""

from __future__ import annotations

import re

import msgspec

from saleor_amazonpay.amazon.port import Notice
from saleor_amazonpay.amazon.v2.ids import order_of, sandbox_of

_SUBJECTS = {"CHARGE_PERMISSION": "agreement", "CHARGE": "authorize", "REFUND": "refund", "CHARGEBACK": "chargeback"}
_ALL_ZERO = re.compile(r"[A-Z][0-9]{2}-0{7}-0{7}(-[A-Z]?0+)?\Z")


def is_v2(inner: dict[str, object]) -> bool:
    """Whether a message's keys (lower case) are this format's; one without a version is v1's (contracts §5.8)."""
    return "objecttype" in inner and "notificationdata" not in inner


def read_v2(message: str) -> Notice | None:
    """The notice in a message of this format; None if it is of another. Raises ValueError if it is none at all."""
    try:
        decoded = msgspec.json.decode(message, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise ValueError(f"not a notification of Amazon Pay: {error}") from error
    # An older form of these messages begins its keys with a small letter.
    inner = {name.lower(): value for name, value in decoded.items()}
    if not is_v2(inner):
        return None

    def text(name: str) -> str:
        value = inner.get(name, "")
        return value if isinstance(value, str) else ""

    object_id, permission_id = text("objectid"), text("chargepermissionid")
    if not (object_id and text("merchantid")):
        raise ValueError("a notification of Amazon Pay without MerchantID or ObjectId")
    return Notice(
        notice_id=text("notificationid"),
        seller_id=text("merchantid"),
        test_mode=sandbox_of(object_id, permission_id),
        subject=_SUBJECTS.get(text("objecttype"), "other"),
        object_id=object_id,
        order_reference=order_of(object_id) or order_of(permission_id),
        agreement_id=permission_id,
        is_sample=_ALL_ZERO.match(object_id) is not None,
    )
