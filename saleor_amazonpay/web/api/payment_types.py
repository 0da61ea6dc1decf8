"""Agreements, operations, payments and their timelines, as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.flows import agreements, payments, rebill
from saleor_amazonpay.flows.wording import for_staff
from saleor_amazonpay.store import problems
from saleor_amazonpay.store.agreement_pages import Listed
from saleor_amazonpay.store.operation_pages import Wanted, needs_attention
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.web.api.common import (
    MoneyType,
    PageInfo,
    cursor,
    moment,
    moment_or_none,
    page_info,
    position,
)
from saleor_amazonpay.web.api.context import Context
from saleor_amazonpay.web.api.enums import (
    Actor,
    EntryKind,
    Severity,
    TransactionAction,
    Wire,
)
from saleor_amazonpay.web.api.guard import Need, guarded, shown
from saleor_amazonpay.web.api.profile_types import ProfileType

Info = strawberry.Info[Context, None]


@strawberry.type(name="AmazonPayTimelineEntry", description="One thing that happened to a payment.")
class TimelineEntry:
    """`Entry` as the API shows it."""

    at: datetime
    actor: Actor
    kind: EntryKind
    title: str
    detail: str
    code: str
    amount: MoneyType | None
    operation_id: strawberry.ID | None

    @classmethod
    def of(cls, entry: payments.Entry) -> TimelineEntry:
        """From the flow's entry."""
        return cls(
            at=moment(entry.at), actor=Actor(entry.actor), kind=EntryKind(entry.kind), title=entry.title,
            detail=entry.detail, code=entry.code,
            amount=None if entry.amount is None else MoneyType.of(entry.amount, entry.currency),
            operation_id=strawberry.ID(entry.operation_id) if entry.operation_id else None,
        )  # fmt: skip


@strawberry.type(name="AmazonPayMonthlyLimit", description="Amazon's own limit on one agreement, beside our cap.")
class MonthlyLimitType:
    """`MonthlyLimit` as the API shows it."""

    limit: MoneyType
    remaining: MoneyType
    period_start: str
    period_end: str
    read_at: datetime
    attempted_since: MoneyType = strawberry.field(description="By us, after it was read, and not declined.")


@strawberry.type(name="AmazonPayAgreement", description="A buyer's consent to be charged.")
class AgreementType:
    """`Agreement` as the API shows it."""

    source: strawberry.Private[Listed]
    id: strawberry.ID
    amazon_id: str
    profile: ProfileType
    state: AgreementState
    reason: str
    recurring: bool
    user: UserType | None = strawberry.field(description="Null for a guest's agreement.")
    source_id: str = strawberry.field(description="The checkout or order it was made for.")
    created_at: datetime
    updated_at: datetime
    chargeable: bool = strawberry.field(description="Open, recurring, and its profile is not closed.")

    @classmethod
    async def of(cls, context: Context, listed: Listed) -> AgreementType:
        """From the store's agreement."""
        row = listed.agreement
        profile = (await context.profiles())[row.profile_id]
        return cls(
            source=listed, id=strawberry.ID(row.id), amazon_id=row.amazon_id, profile=ProfileType.of(profile),
            state=row.state, reason=row.reason, recurring=row.recurring,
            user=UserType(id=strawberry.ID(row.user_id)) if row.user_id else None, source_id=row.source_id,
            created_at=moment(listed.created_at), updated_at=moment(listed.updated_at),
            chargeable=rebill.chargeable(row, profile),
        )  # fmt: skip

    @shown
    async def monthly_limit(self, info: Info) -> MonthlyLimitType | None:
        """Amazon's own, beside the profile's cap: read there now, else as read last; null if it never named one."""
        found = await agreements.monthly_limit(info.context.deps, self.source.agreement)
        if found is None:
            return None
        limit = found.known.limit
        return MonthlyLimitType(
            limit=MoneyType.of_money(limit.limit), remaining=MoneyType.of_money(limit.remaining),
            period_start=limit.period_start, period_end=limit.period_end, read_at=moment(found.known.read_at),
            attempted_since=MoneyType.of(found.attempted_since, limit.limit.currency),
        )  # fmt: skip

    @shown
    async def operations(self, info: Info, first: int = 25, after: str | None = None) -> OperationConnection:
        """What was done on it, newest first."""
        return await operation_page(info.context, Wanted(agreement_id=self.source.agreement.id), "", first, after)


@strawberry.type(name="AmazonPayOperation", description="One effect at Amazon.")
class OperationType:
    """`Operation` as the API shows it."""

    source: strawberry.Private[Operation]
    id: strawberry.ID = strawberry.field(description="The reference id that Amazon sees.")
    kind: Kind
    phase: Phase
    amount: MoneyType
    moved: MoneyType | None = strawberry.field(description="What really moved, where it is known to differ.")
    wire: Wire
    transaction_id: strawberry.ID
    source_id: str = strawberry.field(description="The checkout or order that is paid for.")
    parent_id: strawberry.ID | None
    group_id: strawberry.ID | None = strawberry.field(description="The split refund it is a part of.")
    attempt: int
    code: str
    message: str = strawberry.field(description="What the code means, for staff.")
    amazon_state: str
    amazon_reason: str
    psp_reference: str
    amazon_id: str
    amazon_capture_id: str
    cap_month: str | None
    cap_booked: MoneyType | None
    needs_attention: bool
    created_at: datetime
    updated_at: datetime
    next_look_at: datetime | None

    @classmethod
    def of(cls, row: Operation) -> OperationType:
        """From the ledger's row."""

        def money(minor: int) -> MoneyType:
            return MoneyType.of(minor, row.currency)

        def key(text: str) -> strawberry.ID | None:
            return strawberry.ID(text) if text else None

        return cls(
            source=row, id=strawberry.ID(row.id), kind=row.kind, phase=row.phase, amount=money(row.amount),
            moved=money(row.moved) if row.moved else None, wire=Wire(row.wire),
            transaction_id=strawberry.ID(row.transaction_id), source_id=row.source_id, parent_id=key(row.parent_id),
            group_id=key(row.group_id), attempt=row.attempt, code=row.code,
            message=for_staff(row.code, row.message) if row.code else "", amazon_state=row.state,
            amazon_reason=row.reason, psp_reference=row.psp_reference, amazon_id=row.object_id,
            amazon_capture_id=row.settled_id, cap_month=row.cap_month or None,
            cap_booked=money(row.cap_booked) if row.cap_month else None, needs_attention=needs_attention(row),
            created_at=moment(row.created_at), updated_at=moment(row.updated_at),
            next_look_at=moment_or_none(row.due_at),
        )  # fmt: skip

    @shown
    async def profile(self, info: Info) -> ProfileType:
        """The profile it keeps for ever."""
        return ProfileType.of((await info.context.profiles())[self.source.profile_id])

    @shown
    async def agreement(self, info: Info) -> AgreementType | None:
        """The agreement it was made on."""
        return await agreement_of(info.context, self.source.agreement_id)

    @shown
    async def seller_central_url(self, info: Info) -> str | None:
        """Its page in Seller Central, where there is one."""
        return await page_of(info.context, self.source)

    @shown
    async def timeline(self, info: Info) -> list[TimelineEntry]:
        """What happened to it, oldest first."""
        context = info.context
        found = await payments.history(context.deps, context.tenant.id, [self.source])
        return [TimelineEntry.of(entry) for entry in found]

    @shown
    async def payment(self, info: Info) -> PaymentType:
        """The payment it belongs to."""
        context = info.context
        found = await payments.payment_of(context.deps, self.source)
        if found is None:
            raise LookupError("an operation without its payment")
        return PaymentType.of(found)


@strawberry.type(name="AmazonPayPayment", description="A Saleor transaction as our ledger knows it.")
class PaymentType:
    """`Payment` as the API shows it."""

    source: strawberry.Private[payments.Payment]
    transaction_id: strawberry.ID
    created_at: datetime
    authorized: MoneyType = strawberry.field(description="What can still be captured.")
    captured: MoneyType
    refunded: MoneyType
    refundable: MoneyType = strawberry.field(description="What can still be refunded.")
    charged_back: MoneyType = strawberry.field(description="Taken back by buyers' banks, and not won again.")
    busy: bool = strawberry.field(description="A capture or release is under way.")
    actions: list[TransactionAction]
    needs_attention: bool

    @classmethod
    def of(cls, found: payments.Payment) -> Self:
        """From the flow's payment."""
        currency, balance = found.first.currency, found.balance
        return cls(
            source=found, transaction_id=strawberry.ID(found.transaction_id),
            created_at=moment(found.first.created_at), authorized=MoneyType.of(balance.authorized, currency),
            captured=MoneyType.of(balance.captured, currency), refunded=MoneyType.of(found.refunded, currency),
            refundable=MoneyType.of(balance.refundable, currency), busy=balance.busy,
            charged_back=MoneyType.of(balance.charged_back, currency),
            actions=[TransactionAction(name) for name in found.actions], needs_attention=found.needs_attention,
        )  # fmt: skip

    @shown
    async def profile(self, info: Info) -> ProfileType:
        """The profile it was made on."""
        return ProfileType.of((await info.context.profiles())[self.source.first.profile_id])

    @shown
    async def agreement(self, info: Info) -> AgreementType | None:
        """The agreement it was made on."""
        return await agreement_of(info.context, self.source.first.agreement_id)

    @shown
    def operations(self) -> list[OperationType]:
        """All of it, oldest first."""
        return [OperationType.of(row) for row in self.source.operations]

    @shown
    async def order_id(self, info: Info) -> strawberry.ID | None:
        """The order it pays for, asked of Saleor; null while it is a checkout."""
        context = info.context
        found = await payments.order_of(context.deps, context.tenant, self.source.transaction_id)
        return strawberry.ID(found) if found else None

    @shown
    async def timeline(self, info: Info) -> list[TimelineEntry]:
        """What happened, oldest first: requests, Amazon's answers, notices, reports."""
        context = info.context
        found = await payments.history(context.deps, context.tenant.id, self.source.operations)
        return [TimelineEntry.of(entry) for entry in found]

    @shown
    async def seller_central_url(self, info: Info) -> str | None:
        """Its page in Seller Central, where there is one."""
        return await page_of(info.context, self.source.first)


@strawberry.type(name="AmazonPayOperationEdge")
class OperationEdge:
    """An operation in its list."""

    cursor: str
    node: OperationType


@strawberry.type(name="AmazonPayOperationConnection")
class OperationConnection:
    """A page of operations."""

    edges: list[OperationEdge]
    page_info: PageInfo


@strawberry.type(name="AmazonPayAgreementEdge")
class AgreementEdge:
    """An agreement in its list."""

    cursor: str
    node: AgreementType


@strawberry.type(name="AmazonPayAgreementConnection")
class AgreementConnection:
    """A page of agreements."""

    edges: list[AgreementEdge]
    page_info: PageInfo


@strawberry.type(name="AmazonPayProblem", description="Something that needs somebody; also an App Problem in Saleor.")
class ProblemType:
    """`Problem` as the API shows it."""

    key: str = strawberry.field(description="Its kind and subject, such as `credentials:<profile id>`.")
    severity: Severity
    message: str = strawberry.field(description="What is wrong, and what to do.")
    since: datetime

    @classmethod
    def of(cls, found: problems.Problem) -> ProblemType:
        """From the store's problem."""
        severity = Severity.CRITICAL if found.critical else Severity.WARNING
        return cls(key=found.key, severity=severity, message=found.message, since=moment(found.raised_at))


@strawberry.federation.type(name="Order", keys=["id"], description="Saleor's order.")
class OrderType:
    """What this app adds to Saleor's `Order`."""

    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> OrderType:  # noqa: A002 - the key's name
        """From a gateway; nothing is read before a guarded field is asked for."""
        return cls(id=id)

    @guarded(Need.SEE_PAYMENTS, "Its payments with Amazon Pay, oldest first.")
    async def amazon_pay_payments(self, info: Info) -> list[PaymentType]:
        """The payments of an order."""
        context = info.context
        found = await payments.payments_of_order(context.deps, context.tenant, self.id)
        return [PaymentType.of(each) for each in found]


@strawberry.federation.type(name="User", keys=["id"], description="Saleor's customer.")
class UserType:
    """What this app adds to Saleor's `User`."""

    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> UserType:  # noqa: A002 - the key's name
        """From a gateway; nothing is read before a guarded field is asked for."""
        return cls(id=id)

    @guarded(Need.SEE_PAYMENTS, "Their agreements, newest first; 100 at most.")
    async def amazon_pay_agreements(self, info: Info) -> list[AgreementType]:
        """The agreements of a customer."""
        context = info.context
        found = await agreements.of_user(context.deps, context.tenant.id, self.id)
        return [await AgreementType.of(context, each) for each in found]


async def agreement_of(context: Context, agreement_id: str) -> AgreementType | None:
    """An agreement of this shop by our id."""
    listed = await context.agreements.load(agreement_id) if agreement_id else None
    return None if listed is None else await AgreementType.of(context, listed)


async def page_of(context: Context, row: Operation) -> str | None:
    """Seller Central's page of an operation's object; None where there is none, or the keys do not open."""
    wire, found = context.deps.wires.get(row.wire), row.settled_id or row.object_id
    if wire is None or not found:
        return None
    try:
        return wire.page_of(await context.deps.directory.account_of(row.profile_id), found) or None
    except (UnsealError, AmazonError, KeyError):
        return None


async def operation_page(
    context: Context, wanted: Wanted, text: str, first: int, after: str | None
) -> OperationConnection:
    """A page of operations."""
    found = await payments.list_operations(context.deps, context.tenant.id, wanted, text, position(after), first)
    edges = [OperationEdge(cursor=cursor((row.created_at, row.id)), node=OperationType.of(row)) for row in found.rows]
    return OperationConnection(edges=edges, page_info=page_info([e.cursor for e in edges], after, more=found.more))


async def agreement_page(
    context: Context, rows: Sequence[Listed], after: str | None, *, more: bool
) -> AgreementConnection:
    """A page of agreements."""
    edges = [
        AgreementEdge(cursor=cursor((row.created_at, row.agreement.id)), node=await AgreementType.of(context, row))
        for row in rows
    ]
    return AgreementConnection(edges=edges, page_info=page_info([e.cursor for e in edges], after, more=more))
