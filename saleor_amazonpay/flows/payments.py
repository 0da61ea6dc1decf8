"""What the ledger knows, for somebody who looks: pages of operations, one payment with its balance, its timeline.

Only reads, and only what belongs to the tenant that asks: an id of another shop's is an id that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from saleor_amazonpay.domain.balance import Balance, available_actions, balance
from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.wording import for_staff
from saleor_amazonpay.store import operation_pages, operations, profiles, timeline
from saleor_amazonpay.store.operation_pages import Position, Wanted, needs_attention
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant
from saleor_amazonpay.store.timeline import NoticeLine, ReportLine

MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Payment:
    """A Saleor transaction as the ledger knows it; operations oldest first, never empty."""

    transaction_id: str
    operations: tuple[Operation, ...]
    balance: Balance
    refunded: int
    actions: tuple[str, ...]

    @property
    def first(self) -> Operation:
        """What the payment began with."""
        return self.operations[0]

    @property
    def needs_attention(self) -> bool:
        """Whether any of it does."""
        return any(needs_attention(operation) for operation in self.operations)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `actor` saleor, app or amazon; `kind` request, answer, notice or report."""

    at: int
    actor: str
    kind: str
    title: str
    detail: str = ""
    code: str = ""
    amount: int | None = None
    currency: str = ""
    operation_id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Operations, newest first, and whether there are more."""

    rows: tuple[Operation, ...]
    more: bool


async def list_operations(
    deps: Deps, tenant_id: str, wanted: Wanted, text: str, after: Position | None, limit: int
) -> Page:
    """One page. With `text`, a whole id, everything it leads to is found first and then filtered."""
    count = max(1, min(limit, MAX_PAGE))

    def unit(tx: Tx) -> list[Operation]:
        own = profiles.of_tenant(tx, tenant_id)
        accounts = sorted({profile.account for profile in own})
        if not text:
            ids = tuple(profile.id for profile in own if profile.id in wanted.profile_ids)
            if wanted.profile_ids and not ids:
                return []
            return operation_pages.page(tx, tenant_id, replace(wanted, profile_ids=ids), after, count + 1)
        found = operation_pages.search(tx, tenant_id, accounts, text)
        fitting = [row for row in found if operation_pages.matches(row, wanted)]
        return [row for row in fitting if after is None or (row.created_at, row.id) < after][: count + 1]

    rows = await deps.store.read(unit)
    return Page(tuple(rows[:count]), len(rows) > count)


async def operation(deps: Deps, tenant_id: str, operation_id: str) -> Operation | None:
    """One operation of this shop."""
    found = await deps.store.read(lambda tx: operations.by_id(tx, operation_id))
    return found if found is not None and found.tenant_id == tenant_id else None


async def payment(deps: Deps, tenant_id: str, transaction_id: str) -> Payment | None:
    """One payment of this shop."""
    rows = await deps.store.read(lambda tx: operations.of_transaction(tx, tenant_id, transaction_id))
    return _payment(transaction_id, rows) if rows else None


async def payment_of(deps: Deps, row: Operation) -> Payment | None:
    """The payment an operation belongs to; one that no Saleor transaction asked for is a payment of its own."""
    if not row.transaction_id:
        return _payment("", [row])
    return await payment(deps, row.tenant_id, row.transaction_id)


async def payments_of_order(deps: Deps, tenant: Tenant, order_id: str) -> list[Payment]:
    """The payments of an order, oldest first. Saleor says which transactions pay for it; none if it does not answer."""
    try:
        ids = await deps.saleor.order_transactions(tenant.api_url, tenant.token, order_id)
    except SaleorError as error:
        deps.log.warning("transactions of an order not read", tenant=tenant.id, saleor_code=error.code)
        ids = None
    if not ids:
        return []
    rows = await deps.store.read(lambda tx: operation_pages.of_transactions(tx, tenant.id, ids))
    by_transaction: dict[str, list[Operation]] = {}
    for row in rows:
        by_transaction.setdefault(row.transaction_id, []).append(row)
    return [_payment(key, found) for key, found in by_transaction.items()]


async def order_of(deps: Deps, tenant: Tenant, transaction_id: str) -> str:
    """The order that a payment pays for, as Saleor says now; empty while it is a checkout, or if Saleor is silent."""
    try:
        found = await deps.saleor.transaction(tenant.api_url, tenant.token, transaction_id)
    except SaleorError as error:
        deps.log.warning("order of a transaction not read", tenant=tenant.id, saleor_code=error.code)
        return ""
    paid = found.coverage if found is not None else None
    return paid.id if paid is not None and paid.kind == "order" else ""


def _payment(transaction_id: str, rows: Sequence[Operation]) -> Payment:
    refunds = [row for row in rows if row.kind is Kind.REFUND and row.phase is Phase.DONE and not row.group_id]
    return Payment(
        transaction_id=transaction_id,
        operations=tuple(rows),
        balance=balance(rows),
        refunded=sum(row.moved or row.amount for row in refunds),
        actions=available_actions(rows),
    )


async def history(deps: Deps, tenant_id: str, rows: Sequence[Operation]) -> list[Entry]:
    """What happened to operations of one transaction, oldest first: requests, answers, notices, reports."""
    if not rows:
        return []

    def unit(tx: Tx) -> tuple[list[ReportLine], list[NoticeLine]]:
        first = rows[0]
        objects = [key for row in rows for key in (row.object_id, row.settled_id)]
        orders = [row.order_reference for row in rows]
        return (
            timeline.reports_of(tx, tenant_id, first.transaction_id),
            timeline.notices_of(tx, first.account, list(dict.fromkeys(objects)), list(dict.fromkeys(orders))),
        )

    reports, notices = await deps.store.read(unit)
    ids = {row.id for row in rows}
    entries = [entry for row in rows for entry in _of_operation(row)]
    entries += [_of_report(line) for line in reports if line.operation_id in ids and line.type != _CARD]
    entries += [_of_notice(line) for line in notices]
    return sorted(entries, key=lambda entry: (entry.at, _ORDER[entry.kind]))


_CARD = "CARD"  # name and link of the transaction's card in Saleor: nothing that happened to the money
_ORDER = {"request": 0, "notice": 1, "answer": 2, "report": 3}
_ASKED = {
    Kind.AGREEMENT: "Agreement", Kind.AUTHORIZE: "Authorization", Kind.CHARGE: "Charge", Kind.CAPTURE: "Capture",
    Kind.REFUND: "Refund", Kind.CANCEL: "Release", Kind.CHARGEBACK: "Chargeback",
    Kind.CHARGEBACK_WON: "Won chargeback",
}  # fmt: skip
_CAME = {
    Phase.PENDING: "pending", Phase.DONE: "done", Phase.REPAIRABLE: "declined", Phase.DECLINED: "declined",
    Phase.GONE: "ended",
}  # fmt: skip


def _of_operation(row: Operation) -> list[Entry]:
    word = _ASKED[row.kind]
    if row.unasked:
        return [_came(row, f"{word} found at Amazon")]
    by = "by the buyer" if row.buyer_waits else "by staff or an app"
    part = ", a part of one refund" if row.group_id else ""
    asked = Entry(
        row.created_at, "saleor", "request", f"{word} requested", f"Asked for {by}{part}; attempt {row.attempt}.",
        amount=row.amount, currency=row.currency, operation_id=row.id,
    )  # fmt: skip
    if row.phase is Phase.CALLING:
        if not row.tries:
            return [asked]
        waiting = Entry(
            row.updated_at, "app", "answer", f"No answer from Amazon yet, tried {row.tries + 1} times",
            "The identical call is repeated; it moves the money once.", "no_answer", operation_id=row.id,
        )  # fmt: skip
        return [asked, waiting]
    return [asked, _came(row, f"{word} {_CAME[row.phase]}")]


def _came(row: Operation, title: str) -> Entry:
    said = " ".join(filter(None, (row.state, row.reason)))
    return Entry(
        row.updated_at, "amazon", "answer", title,
        " ".join(filter(None, (for_staff(row.code, row.message), f"[Amazon: {said}]" if said else ""))), row.code,
        row.moved or row.amount if row.phase is Phase.DONE else None, row.currency, row.id,
    )  # fmt: skip


def _of_report(line: ReportLine) -> Entry:
    result = line.result or "waiting to be sent"
    return Entry(
        line.created_at, "app", "report", f"Reported to Saleor: {line.type}", f"{line.message} ({result})",
        "refused" if line.result.startswith("refused") else line.result or "waiting", line.amount, line.currency,
        line.operation_id,
    )  # fmt: skip


def _of_notice(line: NoticeLine) -> Entry:
    result = line.result or "waiting"
    return Entry(
        line.received_at, "amazon", "notice", f"Amazon sent a notice: {line.subject}",
        f"About {line.object_id or 'the account'} ({result}).", result,
    )  # fmt: skip
