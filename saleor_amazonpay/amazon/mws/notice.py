"""The inner message of a v1 notification (contracts §3.3, §3.4): which object Amazon wants us to look at.

In comes the text of a verified envelope's `Message`, out comes a `Notice`. Its state and amount are hints,
its inner Timestamp is not even read: it can be wrong by twelve hours. Seller Central's test messages must
pass through whole, or the merchant sees a failure while setting up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import msgspec

from saleor_amazonpay.amazon.mws.shapes import Status, order_reference_of
from saleor_amazonpay.amazon.mws.xml import Node, parse
from saleor_amazonpay.amazon.port import Notice

_ALL_ZERO = re.compile(r"[A-Z][0-9]{2}-0{7}-0{7}(-[A-Z]?0+)?\Z")


class _Message(msgspec.Struct, rename="pascal"):
    """The inner JSON; the marketplace id is left out, since real messages put a number there."""

    notification_type: str
    notification_data: str
    seller_id: str
    release_environment: str
    notification_reference_id: str = ""
    is_sample: bool | str = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where a type of notification keeps what is read; empty names are not there."""

    subject: str
    details: str
    object_id: str
    status: str = ""
    reference_id: str = ""
    amount: str = ""


# By NotificationType without spaces, since Amazon writes the chargeback's with and without them.
_KINDS = {
    "BillingAgreementNotification": _Kind(
        "agreement", "BillingAgreement", "AmazonBillingAgreementId", "BillingAgreementStatus"
    ),
    "OrderReferenceNotification": _Kind(
        "order", "OrderReference", "AmazonOrderReferenceId", "OrderReferenceStatus", amount="OrderTotal"
    ),
    "PaymentAuthorize": _Kind(
        "authorize",
        "AuthorizationDetails",
        "AmazonAuthorizationId",
        "AuthorizationStatus",
        "AuthorizationReferenceId",
        "AuthorizationAmount",
    ),
    "PaymentCapture": _Kind(
        "capture", "CaptureDetails", "AmazonCaptureId", "CaptureStatus", "CaptureReferenceId", "CaptureAmount"
    ),
    "PaymentRefund": _Kind(
        "refund", "RefundDetails", "AmazonRefundId", "RefundStatus", "RefundReferenceId", "RefundAmount"
    ),
    "ChargebackDetailedNotification": _Kind(
        "chargeback",
        "ChargebackDetails",
        "AmazonChargebackId",
        reference_id="AmazonCaptureReferenceId",  # despite its name the seller's own CaptureReferenceId
        amount="ChargebackAmount",
    ),
}


# How an order reference ends that a payment has used up: nothing to look at, and it comes with every sale.
_USED_UP = frozenset({"MaxAmountCharged", "MaxAuthorizationsCaptured", "MaxAuthorizationsProcessed"})


def read_notice(message: str) -> Notice:
    """The notice in an inner message. Raises ValueError if it is none of v1, or its XML cannot be read."""
    try:
        inner = msgspec.json.decode(message, type=_Message)
    except msgspec.DecodeError as error:
        raise ValueError(f"not a notification of Amazon Pay v1: {error}") from error
    notice = Notice(
        notice_id=inner.notification_reference_id,
        seller_id=inner.seller_id,
        test_mode=inner.release_environment.lower() == "sandbox",
        subject="other",
        object_id="",
        is_sample=str(inner.is_sample).lower() == "true",
    )
    kind = _KINDS.get("".join(inner.notification_type.split()))
    details = None if kind is None else parse(inner.notification_data.encode()).child(kind.details)
    return notice if kind is None or details is None else _filled(notice, kind, details)


def _filled(notice: Notice, kind: _Kind, details: Node) -> Notice:
    object_id = details.text(kind.object_id)
    status = _status(details, kind)
    used_up = kind.subject == "order" and status.state == "Closed" and status.reason in _USED_UP
    return replace(
        notice,
        subject="other" if used_up else kind.subject,
        object_id=object_id,
        order_reference=_order_reference(details, kind, object_id),
        reference_id=details.text(kind.reference_id) if kind.reference_id else "",
        amount=details.money(kind.amount) if kind.amount else None,
        state=status.state,
        reason=status.reason,
        made_of_it=details.ids(),
        updated_at=status.updated_at,
        is_sample=notice.is_sample or _ALL_ZERO.match(object_id) is not None,
    )


def _status(details: Node, kind: _Kind) -> Status:
    if kind.status:
        return Status.of(details.child(kind.status))
    return Status(details.text("ChargebackState"), details.text("ChargebackReason"))


def _order_reference(details: Node, kind: _Kind, object_id: str) -> str:
    if kind.subject == "agreement":
        return ""  # an agreement's id looks like an order reference and is none
    return details.text("AmazonOrderReferenceId") or order_reference_of(object_id)
