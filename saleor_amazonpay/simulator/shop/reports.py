"""An app's own word on a transaction: `transactionEventReport` and `transactionUpdate` (contracts §4.1, §4.4).

In: what an app reports. Out: the event, new or the one it repeats. A report that contradicts the ledger is refused AND
leaves a failure event behind, each time: repeating it does harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from saleor_amazonpay.simulator.shop import settle
from saleor_amazonpay.simulator.shop.answer_fields import MAX_PSP_REFERENCE, MAX_URL, truncate
from saleor_amazonpay.simulator.shop.errors import RefusedError, permission_denied
from saleor_amazonpay.simulator.shop.ledger import (
    ACTIONS,
    INCOMING,
    OPTIONAL_AMOUNT,
    REFUND_EVENTS,
    GrantedRefund,
    TransactionEvent,
    TransactionItem,
)
from saleor_amazonpay.simulator.shop.money import ZERO, to_currency
from saleor_amazonpay.simulator.shop.people import HANDLE_PAYMENTS, InstalledApp, Requestor
from saleor_amazonpay.simulator.shop.results import ReportResult
from saleor_amazonpay.simulator.shop.world import World

# From which earlier events with the same psp reference an amount that is not given is taken.
_AMOUNT_FROM = {
    "CHARGE_FAILURE": (
        "CHARGE_SUCCESS",
        "CHARGE_REQUEST",
        "AUTHORIZATION_SUCCESS",
        "AUTHORIZATION_REQUEST",
        "AUTHORIZATION_FAILURE",
    ),
    "REFUND_FAILURE": ("REFUND_SUCCESS", "REFUND_REQUEST", "CHARGE_SUCCESS", "CHARGE_REQUEST", "CHARGE_FAILURE"),
    "CANCEL_FAILURE": (
        "CANCEL_SUCCESS",
        "CANCEL_REQUEST",
        "AUTHORIZATION_SUCCESS",
        "AUTHORIZATION_REQUEST",
        "AUTHORIZATION_FAILURE",
    ),
    "AUTHORIZATION_FAILURE": ("AUTHORIZATION_SUCCESS", "AUTHORIZATION_REQUEST"),
    "REFUND_REVERSE": ("REFUND_SUCCESS",),
    "CHARGE_BACK": ("CHARGE_SUCCESS",),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What is reported: the amount in major units, None to have it deduced; actions upper case, None keeps them."""

    type: str
    psp_reference: str
    amount: Decimal | None = None
    time: datetime | None = None
    external_url: str = ""
    message: str = ""
    actions: Sequence[str] | None = None


def check_access(transaction: TransactionItem, requestor: Requestor) -> None:
    """Only the app that owns the transaction may write to it; a reinstalled one still does. Raises RequestError."""
    if requestor is None or not requestor.may(HANDLE_PAYMENTS):
        raise permission_denied(HANDLE_PAYMENTS)
    if not transaction.app_identifier:
        return
    owner = isinstance(requestor, InstalledApp) and requestor.identifier == transaction.app_identifier
    if not owner:
        raise permission_denied("OWNER", HANDLE_PAYMENTS)


def report_event(world: World, transaction: TransactionItem, report: Report, requestor: Requestor) -> ReportResult:
    """Book what an app reports. Raises RefusedError, RequestError."""
    check_access(transaction, requestor)
    value = _amount(world, transaction, report)
    granted = _granted_refund(transaction, report)
    _check(report)
    known = settle.existing_event(transaction, report.type, report.psp_reference)
    if known is not None and known.value != value:
        _leave_failure(world, transaction, report, value, settle.OTHER_AMOUNT, granted)
        raise RefusedError("pspReference", "INCORRECT_DETAILS", settle.OTHER_AMOUNT)
    if known is not None:
        # A repeated report changes the available actions and nothing else.
        _set_actions(transaction, report.actions)
        return ReportResult(already_processed=True, transaction=transaction, event=known)
    if report.type == "AUTHORIZATION_SUCCESS" and settle.already_authorized(transaction):
        _leave_failure(world, transaction, report, value, settle.SECOND_AUTHORIZATION, None)
        raise RefusedError("type", "ALREADY_EXISTS", settle.SECOND_AUTHORIZATION)
    event = _booked(world, transaction, report, value, granted, requestor)
    return ReportResult(already_processed=False, transaction=transaction, event=event)


def _booked(
    world: World,
    transaction: TransactionItem,
    report: Report,
    value: Decimal,
    granted: GrantedRefund | None,
    requestor: Requestor,
) -> TransactionEvent:
    event = world.event_create(
        transaction,
        report.type,
        value,
        created_at=report.time,
        psp=report.psp_reference,
        message=truncate(report.message),
        external_url=report.external_url,
        counted=True,
        created_by=requestor,
        granted_refund=granted,
    )
    if report.type in INCOMING and not transaction.psp:
        transaction.psp = report.psp_reference
    _set_actions(transaction, report.actions)
    transaction.recalculate(world.now())
    if granted is not None:
        granted.refresh()
    return event


def _set_actions(transaction: TransactionItem, actions: Sequence[str] | None) -> None:
    if actions is not None:
        transaction.available_actions = [action.lower() for action in dict.fromkeys(actions)]


def _amount(world: World, transaction: TransactionItem, report: Report) -> Decimal:
    """The amount in the currency's digits, deduced from any transaction of the shop if it is not given."""
    if report.amount is not None:
        return to_currency(report.amount, transaction.currency)
    if report.type not in OPTIONAL_AMOUNT:
        raise RefusedError("amount", "REQUIRED", f"The `amount` field is required for {report.type} event.")
    if report.type == "INFO":
        return ZERO
    sources = _AMOUNT_FROM[report.type]
    everywhere = (event for item in world.transactions.values() for event in item.ledger)
    found = [event for event in everywhere if event.psp == report.psp_reference and event.type in sources]
    if not found:
        raise RefusedError("amount", "REQUIRED", f"Unable to deduce the amount for {report.type} event.")
    newest = max(found, key=lambda event: event.created_at)
    return to_currency(newest.value, transaction.currency)


def _granted_refund(transaction: TransactionItem, report: Report) -> GrantedRefund | None:
    """A refund belongs to a granted refund only through a request event with the same psp reference."""
    if report.type not in REFUND_EVENTS:
        return None
    same = [
        event for event in transaction.ledger if event.type == "REFUND_REQUEST" and event.psp == report.psp_reference
    ]
    return same[-1].granted_refund if same else None


def _check(report: Report) -> None:
    """What does not fit the table is an error here, and nothing is stored."""
    if len(report.psp_reference) > MAX_PSP_REFERENCE:
        message = f"Ensure this value has at most {MAX_PSP_REFERENCE} characters."
        raise RefusedError("pspReference", "INVALID", message)
    if report.external_url:
        check_url(report.external_url, "externalUrl")


def check_url(url: str, field: str) -> None:
    """An absolute URL of at most 200 characters. Raises RefusedError."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https", "ftp", "ftps") and "." in (parts.hostname or "")
    except ValueError:
        good = False
    if not good or any(character.isspace() for character in url):
        raise RefusedError(field, "INVALID", "Enter a valid URL.")
    if len(url) > MAX_URL:
        raise RefusedError(field, "INVALID", f"Ensure this value has at most {MAX_URL} characters.")


def _leave_failure(
    world: World,
    transaction: TransactionItem,
    report: Report,
    value: Decimal,
    cause: str,
    granted: GrantedRefund | None,
) -> None:
    """A refused report can so turn a granted refund that succeeded into a failed one (contracts §7 C23)."""
    settle.fail(world, transaction, report.type, value, report.psp_reference, cause, granted)
    if granted is not None:
        granted.refresh()


def update(
    world: World,
    transaction: TransactionItem,
    requestor: Requestor,
    *,
    name: str | None = None,
    message: str | None = None,
    external_url: str | None = None,
    actions: Sequence[str] | None = None,
) -> None:
    """Set what a transaction's card shows; None keeps it. Raises RefusedError, RequestError."""
    check_access(transaction, requestor)
    if external_url:
        check_url(external_url, "transaction")
    if actions is not None and not set(actions) <= set(ACTIONS):
        raise RefusedError("transaction", "INVALID", f"Unknown actions: {sorted(set(actions) - set(ACTIONS))}")
    if name is not None:
        transaction.name = name
    if message is not None:
        transaction.message = message
    if external_url is not None:
        transaction.external_url = external_url
    _set_actions(transaction, actions)
    transaction.modified_at = world.now()
