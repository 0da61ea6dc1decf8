"""The calls of pay-api (contracts §5.4): a signed request in, an HTTP status and an object out.

Each function checks what it was sent and asks the rules; which path is which call stands in `OPERATIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.v2 import documents, reports
from saleor_amazonpay.simulator.amazon.v2.charges import CAPTURE_CODES, CHARGE_CODES, Ask
from saleor_amazonpay.simulator.amazon.v2.entities import Json
from saleor_amazonpay.simulator.amazon.v2.errors import PayError, invalid, not_found
from saleor_amazonpay.simulator.amazon.v2.params import (
    body_of,
    flag,
    needed_money,
    part,
    recurring,
    text,
)
from saleor_amazonpay.simulator.amazon.v2.refunds import REFUND_CODES
from saleor_amazonpay.simulator.amazon.v2.sessions import OPEN_LIFE, SESSION_CODES, needed_store

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.v2.pay import Pay

_SESSION_FIELDS = (
    "webCheckoutDetails", "paymentDetails", "merchantMetadata", "supplementaryData", "platformId", "providerMetadata",
    "chargePermissionType", "recurringMetadata",
)  # fmt: skip
_NEW_SESSION = (
    *_SESSION_FIELDS, "storeId", "scopes", "deliverySpecifications", "addressDetails", "paymentMethodOnFileMetadata",
    "chargePermissionId",
)  # fmt: skip
_CHARGE_FIELDS = (
    "chargePermissionId", "chargeAmount", "captureNow", "softDescriptor", "canHandlePendingAuthorization",
    "merchantMetadata", "providerMetadata", "platformId", "chargeInitiator", "channel", "webCheckoutDetails",
)  # fmt: skip
_METADATA = ("merchantReferenceId", "merchantStoreName", "noteToBuyer", "customInformation")
_PERMISSION_FIELDS = ("merchantMetadata", "recurringMetadata")


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature was verified. `origin` is where it was sent, for addresses in answers."""

    pay: Pay
    merchant: Merchant
    object_id: str
    raw: bytes
    query: str
    simulation: str
    key: str
    origin: str

    def body(self, *allowed: str) -> Json:
        """What was sent. Raises PayError."""
        return body_of(self.raw, allowed)

    def code(self, allowed: frozenset[str]) -> str:
        """The simulation code, if it means something here. Raises InvalidSandboxSimulationSpecified."""
        if self.simulation and (not self.merchant.sandbox or self.simulation not in allowed):
            raise PayError("InvalidSandboxSimulationSpecified", f"{self.simulation} is not valid here")
        return self.simulation

    @property
    def currency(self) -> str:
        """The ledger's."""
        return self.merchant.currency


Answered = tuple[int, Json]


def create_session(call: Call) -> Answered:
    """CreateCheckoutSession."""
    body = call.body(*_NEW_SESSION)
    store = needed_store(body, call.merchant)
    if not part(body, "webCheckoutDetails").get("checkoutReviewReturnUrl"):
        raise PayError("MissingParameterValue", "webCheckoutDetails.checkoutReviewReturnUrl is required")
    recurring(body)
    return 201, _session(call, call.pay.sessions.create(call.merchant, store, body).session_id)


def get_session(call: Call) -> Answered:
    """GetCheckoutSession."""
    return 200, _session(call, call.object_id)


def update_session(call: Call) -> Answered:
    """UpdateCheckoutSession."""
    session = call.pay.sessions.find(call.merchant, call.object_id)
    body = call.body(*_SESSION_FIELDS)
    recurring(body)
    call.pay.sessions.update(session, body, call.origin)
    return 200, _session(call, call.object_id)


def complete_session(call: Call) -> Answered:
    """CompleteCheckoutSession."""
    session = call.pay.sessions.find(call.merchant, call.object_id)
    body = call.body("chargeAmount", "totalOrderAmount", "supplementaryData")
    amount = needed_money(body, "chargeAmount", currency=call.currency)
    status = call.pay.sessions.complete(session, amount, call.code(SESSION_CODES | CHARGE_CODES))
    return status, _session(call, call.object_id)


def finalize_session(call: Call) -> Answered:
    """FinalizeCheckoutSession: set and complete in one, for shops that confirm on their own page."""
    session = call.pay.sessions.find(call.merchant, call.object_id)
    body = call.body(
        "paymentIntent", "canHandlePendingAuthorization", "shippingAddress", "billingAddress", "chargeAmount",
        "totalOrderAmount", "supplementaryData",
    )  # fmt: skip
    amount = needed_money(body, "chargeAmount", currency=call.currency)
    names = ("paymentIntent", "canHandlePendingAuthorization", "chargeAmount", "totalOrderAmount")
    call.pay.sessions.update(
        session, {"paymentDetails": {name: body[name] for name in names if name in body}}, call.origin
    )
    session.confirmed = session.buyer is not None and session.card is not None
    return call.pay.sessions.complete(session, amount, call.code(SESSION_CODES)), _session(call, call.object_id)


def get_permission(call: Call) -> Answered:
    """GetChargePermission."""
    found = call.pay.find_permission(call.merchant, call.object_id)
    return 200, documents.permission(found, call.pay.permissions.balance(found))


def update_permission(call: Call) -> Answered:
    """UpdateChargePermission."""
    found = call.pay.find_permission(call.merchant, call.object_id)
    body = call.body(*_PERMISSION_FIELDS)
    call.pay.permissions.update(found, part(body, "merchantMetadata", _METADATA), recurring(body))
    return get_permission(call)


def close_permission(call: Call) -> Answered:
    """CloseChargePermission."""
    found = call.pay.find_permission(call.merchant, call.object_id)
    body = call.body("closureReason", "cancelPendingCharges")
    reason = text(body, "closureReason", 255, needed=True)
    call.pay.close(found, reason, cancel_pending=flag(body, "cancelPendingCharges"))
    return get_permission(call)


def create_charge(call: Call) -> Answered:
    """CreateCharge."""
    body = call.body(*_CHARGE_FIELDS)
    permission = call.pay.find_permission(call.merchant, text(body, "chargePermissionId", needed=True))
    capture_now, may_pend = flag(body, "captureNow"), flag(body, "canHandlePendingAuthorization")
    if capture_now and may_pend:
        raise PayError("InvalidParameterCombination", "captureNow cannot go with canHandlePendingAuthorization")
    descriptor = text(body, "softDescriptor", 16)
    if descriptor and not capture_now:
        raise PayError("InvalidParameterCombination", "softDescriptor goes with captureNow only")
    metadata = part(body, "merchantMetadata", _METADATA)
    text(metadata, "merchantStoreName", 50)
    ask = Ask(needed_money(body, "chargeAmount"), capture_now, may_pend, descriptor, metadata, call.code(CHARGE_CODES))
    return 201, documents.charge(call.pay.charges.create(permission, ask))


def get_charge(call: Call) -> Answered:
    """GetCharge."""
    return 200, documents.charge(call.pay.find_charge(call.merchant, call.object_id))


def update_charge(call: Call) -> Answered:
    """UpdateCharge: for payment service providers only."""
    call.pay.find_charge(call.merchant, call.object_id)
    raise PayError("UnauthorizedAccess", "Only payment service providers may update a charge")


def capture_charge(call: Call) -> Answered:
    """CaptureCharge."""
    charge = call.pay.find_charge(call.merchant, call.object_id)
    body = call.body("captureAmount", "softDescriptor", "merchantMetadata", "providerMetadata")
    amount, code = needed_money(body, "captureAmount"), call.code(CAPTURE_CODES)
    done = call.pay.capture(charge, amount, text(body, "softDescriptor", 16), code, call.key)
    return 200, documents.charge(done)


def cancel_charge(call: Call) -> Answered:
    """CancelCharge."""
    charge = call.pay.find_charge(call.merchant, call.object_id)
    reason = text(call.body("cancellationReason"), "cancellationReason", 255, needed=True)
    return 200, documents.charge(call.pay.cancel(charge, reason))


def create_refund(call: Call) -> Answered:
    """CreateRefund."""
    body = call.body("chargeId", "refundAmount", "softDescriptor", "merchantMetadata", "providerMetadata")
    charge = call.pay.find_charge(call.merchant, text(body, "chargeId", needed=True))
    amount, code = needed_money(body, "refundAmount"), call.code(REFUND_CODES)
    made = call.pay.refund(charge, amount, text(body, "softDescriptor", 16), code, call.key)
    return 201, documents.refund(made)


def get_refund(call: Call) -> Answered:
    """GetRefund."""
    return 200, documents.refund(call.pay.find_refund(call.merchant, call.object_id))


def get_buyer(call: Call) -> Answered:
    """GetBuyer, by the token of Amazon's sign-in."""
    token = call.pay.world.token(call.object_id)
    if token is None or token.client_id != call.merchant.client_id:
        raise not_found("buyer token", call.object_id[:8])
    return 200, documents.person(call.pay.world.books.buyers[token.buyer_id], call.merchant)


def get_dispute(call: Call) -> Answered:
    """GetDispute."""
    return 200, documents.dispute(call.pay.find_dispute(call.merchant, call.object_id))


def create_report(call: Call) -> Answered:
    """CreateReport: finished at once."""
    body = call.body("reportType", "startTime", "endTime")
    made = reports.make(
        call.pay, call.merchant, text(body, "reportType", needed=True), text(body, "startTime"), text(body, "endTime")
    )
    return 201, {"reportId": made.report_id}


def get_reports(call: Call) -> Answered:
    """GetReports, newest first."""
    asked = {name: values[-1].split(",") for name, values in parse_qs(call.query).items()}
    mine = [each for each in call.pay.books.reports.values() if each.merchant is call.merchant]
    kinds = asked.get("reportTypes")
    since = reports.moment_of(asked["createdSince"][0]) if "createdSince" in asked else 0.0
    listed = [each for each in reversed(mine) if (not kinds or each.kind in kinds) and each.created_at >= since]
    return 200, {"reports": [documents.report(each) for each in listed], "nextToken": None}


def get_report(call: Call) -> Answered:
    """GetReport."""
    found = call.pay.books.reports.get(call.object_id)
    if found is None or found.merchant is not call.merchant:
        raise not_found("report", call.object_id)
    return 200, documents.report(found)


def get_report_document(call: Call) -> Answered:
    """GetReportDocument: the address its text is at."""
    for each in call.pay.books.reports.values():
        if each.document_id == call.object_id and each.merchant is call.merchant:
            url = f"{call.origin}/report-storage/{each.document_id}"
            return 200, {"reportDocumentId": each.document_id, "url": url, "compressionAlgorithm": None}
    raise not_found("report document", call.object_id)


def _session(call: Call, session_id: str) -> Json:
    session = call.pay.sessions.find(call.merchant, session_id)
    return documents.session(session, call.pay.sessions.constraints(session), session.created_at + OPEN_LIFE)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: which requests are it, and whether they need an idempotency key."""

    name: str
    method: str
    path: re.Pattern[str]
    run: Callable[[Call], Answered]
    needs_key: bool


def _operation(name: str, method: str, path: str, run: Callable[[Call], Answered], *, key: bool = False) -> Operation:
    return Operation(name, method, re.compile(path.replace("{id}", "(?P<id>[^/]+)")), run, key)


_LISTED = (
    _operation("CreateCheckoutSession", "POST", "/checkoutSessions", create_session, key=True),
    _operation("GetCheckoutSession", "GET", "/checkoutSessions/{id}", get_session),
    _operation("UpdateCheckoutSession", "PATCH", "/checkoutSessions/{id}", update_session),
    # Amazon's own examples complete a session without a key: a session is completed once anyhow.
    _operation("CompleteCheckoutSession", "POST", "/checkoutSessions/{id}/complete", complete_session),
    _operation("FinalizeCheckoutSession", "POST", "/checkoutSessions/{id}/finalize", finalize_session),
    _operation("GetChargePermission", "GET", "/chargePermissions/{id}", get_permission),
    _operation("UpdateChargePermission", "PATCH", "/chargePermissions/{id}", update_permission),
    _operation("CloseChargePermission", "DELETE", "/chargePermissions/{id}/close", close_permission),
    _operation("CreateCharge", "POST", "/charges", create_charge, key=True),
    _operation("GetCharge", "GET", "/charges/{id}", get_charge),
    _operation("UpdateCharge", "PATCH", "/charges/{id}", update_charge),
    _operation("CaptureCharge", "POST", "/charges/{id}/capture", capture_charge, key=True),
    _operation("CancelCharge", "DELETE", "/charges/{id}/cancel", cancel_charge),
    _operation("CreateRefund", "POST", "/refunds", create_refund, key=True),
    _operation("GetRefund", "GET", "/refunds/{id}", get_refund),
    _operation("GetBuyer", "GET", "/buyers/{id}", get_buyer),
    _operation("GetDispute", "GET", "/disputes/{id}", get_dispute),
    _operation("GetReports", "GET", "/reports", get_reports),
    _operation("CreateReport", "POST", "/reports", create_report, key=True),
    _operation("GetReport", "GET", "/reports/{id}", get_report),
    _operation("GetReportDocument", "GET", "/report-documents/{id}", get_report_document),
)
OPERATIONS: Mapping[str, Operation] = {each.name: each for each in _LISTED}


def named(method: str, path: str) -> tuple[Operation, str]:
    """Which call a request is, and the id in its path. Raises PayError."""
    others = False
    for each in _LISTED:
        found = each.path.fullmatch(path)
        if found is not None and each.method == method:
            return each, found.groupdict().get("id", "")
        others = others or found is not None
    if others:
        raise PayError("UnsupportedOperation", f"{method} is not supported here")
    raise invalid("path", path) if not path else not_found("resource", path)
