"""The ledger of operations. Rows are written before Amazon is called and move forward only.

Every change is one conditional statement: whoever comes second (another node, a notice, a late answer) changes
nothing and reads what is there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa

from saleor_amazonpay.domain.operation import FAILED, FINAL, Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Outcome
from saleor_amazonpay.store.sql import Statement, Tx, among, command
from saleor_amazonpay.store.tables import operations as table

NAMES = tuple(field.name for field in dataclasses.fields(Operation))
_KIND, _PHASE = NAMES.index("kind"), NAMES.index("phase")
_FLAGS = tuple(NAMES.index(name) for name in ("buyer_waits", "synchronous", "unresolved", "answer_left"))


def as_operation(*row: str | int) -> Operation:
    """A row, as `SELECT` reads it."""
    values = list(row)
    values[_KIND] = Kind(str(values[_KIND]))
    values[_PHASE] = Phase(str(values[_PHASE]))
    for flag in _FLAGS:
        values[flag] = bool(values[flag])
    return Operation(*values)  # type: ignore[arg-type]


_columns = tuple(table.c[name] for name in NAMES)
SELECT = sa.select(*_columns)
_key = table.c.id == sa.bindparam("key")
_of_transaction = (
    table.c.tenant_id == sa.bindparam("tenant"),
    table.c.transaction_id == sa.bindparam("transaction"),
)

_BY_ID = Statement(SELECT.where(_key), as_operation)
_OF_TRANSACTION = Statement(
    SELECT.where(*_of_transaction).order_by(table.c.created_at, table.c.attempt, table.c.id), as_operation
)
_OF_AGREEMENT = Statement(
    SELECT.where(table.c.agreement_id == sa.bindparam("agreement")).order_by(table.c.created_at, table.c.id),
    as_operation,
)
_DUE = Statement(
    SELECT.where(table.c.due_at > 0, table.c.due_at <= sa.bindparam("now")).order_by(table.c.due_at).limit(200),
    as_operation,
)
_RECENT = Statement(
    SELECT.where(
        table.c.tenant_id == sa.bindparam("tenant"),
        among(table.c.kind, (Kind.CHARGE, Kind.CAPTURE, Kind.REFUND, Kind.CANCEL)),
        table.c.request_event_id != "",
        table.c.answer_left == 0,
        table.c.created_at >= sa.bindparam("since"),
        table.c.created_at <= sa.bindparam("until"),
    ),
    as_operation,
)
# Neither the same operation twice, nor a second unresolved one on the same source object and agreement.
_INTENT = (
    "id", "tenant_id", "op_key", "kind", "phase", "profile_id", "wire", "account", "transaction_id", "source_id",
    "agreement_id", "parent_id", "group_id", "attempt", "request_event_id", "amount", "currency", "parameters",
    "buyer_waits", "synchronous", "unresolved", "cap_month", "cap_booked", "cap_from", "created_at", "updated_at",
    "due_at",
)  # fmt: skip
_INSERT = command(lambda insert: insert(table).on_conflict_do_nothing().returning(table.c.id), _INTENT)
_ENTER = command(lambda insert: insert(table).on_conflict_do_nothing().returning(table.c.id), NAMES)
_not_final = sa.not_(among(table.c.phase, FINAL))
_SETTLE = command(
    sa.update(table)
    .where(_key, _not_final)
    .values(
        phase=sa.bindparam("new_phase"),
        unresolved=table.c.unresolved * sa.bindparam("holds", type_=sa.BigInteger),
        object_id=sa.case((sa.bindparam("object") != "", sa.bindparam("object")), else_=table.c.object_id),
        settled_id=sa.case((sa.bindparam("settled") != "", sa.bindparam("settled")), else_=table.c.settled_id),
        order_reference=sa.case((sa.bindparam("order") != "", sa.bindparam("order")), else_=table.c.order_reference),
        code=sa.bindparam("new_code"),
        retry=sa.bindparam("new_retry"),
        effect=sa.bindparam("new_effect"),
        state=sa.bindparam("new_state"),
        reason=sa.bindparam("new_reason"),
        message=sa.bindparam("new_message"),
        attention="",
        psp_reference=sa.case((table.c.psp_reference == "", sa.bindparam("psp")), else_=table.c.psp_reference),
        cap_booked=sa.bindparam("booked"),
        updated_at=sa.bindparam("now"),
        due_at=sa.bindparam("due"),
    )
    .returning(*_columns)
)
_SETTLED = Statement(_SETTLE._core, as_operation)  # noqa: SLF001 - the same statement, read as rows
_TELL = Statement(
    sa.update(table)
    .where(_key)
    .values(
        psp_reference=sa.case((table.c.psp_reference == "", table.c.id), else_=table.c.psp_reference),
        told=sa.case((_not_final, "pending"), else_=table.c.told),
    )
    .returning(*_columns),
    as_operation,
)
_DELIVERED = Statement(
    sa.update(table)
    .where(_key)
    .values(answer_left=1, due_at=sa.case((among(table.c.phase, FINAL), 0), else_=table.c.due_at))
    .returning(*_columns),
    as_operation,
)
_REPORTED = command(sa.update(table).where(_key, among(table.c.phase, FINAL)).values(due_at=0))
_UNBOOK = command(
    sa.update(table).where(_key).values(cap_booked=table.c.cap_booked - sa.bindparam("given", type_=sa.BigInteger))
)
_BOOK = command(
    sa.update(table)
    .where(_key)
    .values(cap_month=sa.bindparam("in_month"), cap_booked=sa.bindparam("amount", type_=sa.BigInteger))
)
_ATTEMPTED: Statement[int] = Statement(
    sa.select(sa.cast(sa.func.coalesce(sa.func.sum(table.c.amount), 0), sa.BigInteger)).where(
        table.c.agreement_id == sa.bindparam("agreement"),
        table.c.created_at >= sa.bindparam("since"),
        among(table.c.kind, (Kind.AUTHORIZE, Kind.CHARGE)),
        sa.not_(among(table.c.phase, FAILED)),
    ),
    int,
)
_OBSTACLE: Statement[str] = Statement(
    sa.select(table.c.phase)
    .where(
        table.c.agreement_id == sa.bindparam("agreement"),
        table.c.source_id == sa.bindparam("source"),
        table.c.transaction_id != sa.bindparam("transaction"),
        table.c.parent_id == "",
        among(table.c.kind, (Kind.AGREEMENT, Kind.AUTHORIZE, Kind.CHARGE)),
        sa.or_(
            sa.and_(
                table.c.phase == Phase.DONE.value,
                table.c.kind != Kind.AGREEMENT.value,
                table.c.updated_at >= sa.bindparam("since"),
            ),
            table.c.code == "amazon_rejected",
        ),
    )
    .limit(1),
    str,
)
_IN_FLIGHT: Statement[str] = Statement(
    sa.select(table.c.transaction_id)
    .where(table.c.agreement_id == sa.bindparam("agreement"), table.c.unresolved == 1, _not_final)
    .limit(1),
    str,
)
_BUSY: Statement[str] = Statement(
    sa.select(table.c.id)
    .where(
        table.c.agreement_id == sa.bindparam("agreement"),
        among(table.c.kind, (Kind.AGREEMENT, Kind.AUTHORIZE, Kind.CHARGE)),
        _not_final,
    )
    .limit(1),
    str,
)
_OF_PROFILE = Statement(
    SELECT.where(
        table.c.profile_id == sa.bindparam("profile"),
        sa.or_(_not_final, sa.and_(table.c.phase == Phase.DONE.value, table.c.effect == "authorized")),
    ).order_by(table.c.created_at),
    as_operation,
)
_OF_GROUP = Statement(SELECT.where(table.c.group_id == sa.bindparam("group")).order_by(table.c.op_key), as_operation)
_SUM_UP = command(
    sa.update(table)
    .where(_key, _not_final)
    .values(
        phase=sa.bindparam("new_phase"),
        effect=sa.bindparam("new_effect"),
        code=sa.bindparam("new_code"),
        message=sa.bindparam("new_message"),
        moved=sa.bindparam("sum"),
        psp_reference=sa.case((table.c.psp_reference == "", table.c.id), else_=table.c.psp_reference),
        updated_at=sa.bindparam("now"),
        due_at=sa.bindparam("due"),
    )
)
_BECOMES_WHOLE = command(
    sa.update(table)
    .where(_key, _not_final, table.c.parent_id != "")
    .values(
        phase=Phase.PENDING.value,
        parent_id="",
        object_id="",
        settled_id="",
        parameters="{}",
        psp_reference=sa.case((table.c.psp_reference == "", table.c.id), else_=table.c.psp_reference),
        updated_at=sa.bindparam("now"),
        due_at=sa.bindparam("due"),
    )
)
_LAPSE = command(
    sa.update(table)
    .where(_key, table.c.effect == "authorized", table.c.phase == Phase.DONE.value)
    .values(
        effect="lapsed",
        state=sa.bindparam("new_state"),
        reason=sa.bindparam("new_reason"),
        updated_at=sa.bindparam("now"),
    )
)
_DISCARD = command(sa.delete(table).where(_key))
_ATTENTION = command(sa.update(table).where(_key, _not_final).values(attention=sa.bindparam("why")))
_CLAIM = command(
    sa.update(table).where(_key, table.c.due_at == sa.bindparam("seen")).values(due_at=sa.bindparam("due"))
)
_POSTPONE = command(
    sa.update(table)
    .where(_key, _not_final)
    .values(due_at=sa.bindparam("due"), tries=table.c.tries + 1, updated_at=sa.bindparam("now"))
)


def by_id(tx: Tx, operation_id: str) -> Operation | None:
    """An operation by its reference id."""
    return tx.one(_BY_ID, key=operation_id)


def of_transaction(tx: Tx, tenant_id: str, transaction_id: str) -> list[Operation]:
    """All operations on a Saleor transaction, oldest first."""
    return tx.all(_OF_TRANSACTION, tenant=tenant_id, transaction=transaction_id)


def due(tx: Tx, now: int) -> list[Operation]:
    """Operations the sweep has to look at, oldest first, at most 200."""
    return tx.all(_DUE, now=now)


def claim(tx: Tx, operation: Operation, again_at: int) -> bool:
    """Take a due operation to look at it; if its process dies over it, it is due again at `again_at` (ms).

    False: another node has taken it, or something has become of it.
    """
    return tx.run(_CLAIM, key=operation.id, seen=operation.due_at, due=again_at) == 1


def unanswered(tx: Tx, tenant_id: str, since: int, until: int) -> list[Operation]:
    """Action operations begun in a span of time (ms) whose answer never left as final."""
    return tx.all(_RECENT, tenant=tenant_id, since=since, until=until)


def insert(tx: Tx, operation: Operation) -> bool:
    """Write an intent. False: it is there already, or another unresolved one holds its source and agreement."""
    return tx.one(_INSERT, **_values(operation, _INTENT)) is not None


def enter(tx: Tx, operation: Operation) -> bool:
    """Write an operation that Amazon made known, whole. False: it is there already."""
    return tx.one(_ENTER, **_values(operation, NAMES)) is not None


def _values(operation: Operation, names: Sequence[str]) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(operation, name) for name in names}
    for name, value in values.items():
        if isinstance(value, bool):
            values[name] = int(value)
    values["kind"], values["phase"] = operation.kind.value, operation.phase.value
    return values


def settle(
    tx: Tx, operation_id: str, outcome: Outcome, *, psp_reference: str, cap_booked: int, due_at: int, now: int
) -> Operation | None:
    """Write what Amazon said, unless a final answer is there already (then None). Returns the row as it is now."""
    verdict = outcome.verdict
    return tx.one(
        _SETTLED,
        key=operation_id, new_phase=verdict.phase.value, holds=int(verdict.phase not in FINAL),
        object=outcome.object_id, settled=outcome.settled_id, order=outcome.order_reference,
        new_code=verdict.code, new_retry=verdict.retry.value, new_effect=verdict.effect.value,
        new_state=outcome.state, new_reason=outcome.reason, new_message=outcome.message[:500],
        psp=psp_reference, booked=cap_booked, now=now, due=due_at,
    )  # fmt: skip


def tell(tx: Tx, operation_id: str) -> Operation:
    """Fix the psp reference before Saleor hears of it, and note that a pending answer goes out if nothing is final."""
    found = tx.one(_TELL, key=operation_id)
    if found is None:
        raise LookupError(f"operation {operation_id} is not in the ledger")
    return found


def delivered(tx: Tx, operation_id: str) -> Operation | None:
    """Note that an answer has left: if it was final, the sweep need not report it. Returns the row as it is now."""
    return tx.one(_DELIVERED, key=operation_id)


def reported(tx: Tx, operation_id: str) -> None:
    """Note that what is to be said of a final operation is in the outbox: the sweep need not look at it again."""
    tx.run(_REPORTED, key=operation_id)


def postpone(tx: Tx, operation_id: str, due_at: int, now: int) -> None:
    """Look at it again at `due_at` (ms)."""
    tx.run(_POSTPONE, key=operation_id, due=due_at, now=now)


def needs_attention(tx: Tx, operation_id: str, why: str) -> None:
    """Note that only staff can find out what became of it; a result takes the note back."""
    tx.run(_ATTENTION, key=operation_id, why=why)


def discard(tx: Tx, operation_id: str) -> None:
    """Take back an intent that was written in this very transaction."""
    tx.run(_DISCARD, key=operation_id)


def obstacle(tx: Tx, agreement_id: str, source_id: str, transaction_id: str, since: int) -> str:
    """Why a purchase is not charged on an agreement once more, if another transaction of it is a reason.

    `already_paid` if one was paid after a moment (ms); `amazon_rejected` if Amazon rejected one, which never repeats.
    """
    params = {"agreement": agreement_id, "source": source_id, "transaction": transaction_id, "since": since}
    phase = tx.one(_OBSTACLE, **params)
    if phase is None:
        return ""
    return "already_paid" if phase == Phase.DONE.value else "amazon_rejected"


def of_agreement(tx: Tx, agreement_id: str) -> list[Operation]:
    """All operations on an agreement, oldest first."""
    return tx.all(_OF_AGREEMENT, agreement=agreement_id)


def in_flight(tx: Tx, agreement_id: str) -> str | None:
    """The transaction whose payment on an agreement is not decided, if there is one."""
    return tx.one(_IN_FLIGHT, agreement=agreement_id)


def busy(tx: Tx, agreement_id: str) -> bool:
    """Whether anything that is charged on an agreement is not decided: a payment, or the rest of one."""
    return tx.one(_BUSY, agreement=agreement_id) is not None


def of_profile(tx: Tx, profile_id: str) -> list[Operation]:
    """What of a profile is undecided, or was reserved and perhaps still is, oldest first."""
    return tx.all(_OF_PROFILE, profile=profile_id)


def of_group(tx: Tx, group_id: str) -> list[Operation]:
    """The parts of a split operation, in the order they were made."""
    return tx.all(_OF_GROUP, group=group_id)


def sum_up(
    tx: Tx, operation_id: str, phase: Phase, effect: str, code: str, message: str, moved: int, now: int, due_at: int
) -> Operation | None:
    """Conclude a split operation from its parts; None if that was done already."""
    changed = tx.run(
        _SUM_UP, key=operation_id, new_phase=phase.value, new_effect=effect, new_code=code, new_message=message,
        sum=moved, now=now, due=due_at,
    )  # fmt: skip
    return by_id(tx, operation_id) if changed else None


def becomes_whole(tx: Tx, operation_id: str, due_at: int, now: int) -> bool:
    """Note that an undecided operation is carried out by parts from now on; False if it is decided, or was before."""
    return tx.run(_BECOMES_WHOLE, key=operation_id, due=due_at, now=now) == 1


def lapse(tx: Tx, operation_id: str, state: str, reason: str, now: int) -> bool:
    """Note that Amazon no longer reserves an authorization's money; False if that was known."""
    return tx.run(_LAPSE, key=operation_id, new_state=state, new_reason=reason, now=now) == 1


def unbook(tx: Tx, operation_id: str, amount: int) -> None:
    """Note that a part of what it booked on the cap was given back."""
    tx.run(_UNBOOK, key=operation_id, given=amount)


def book(tx: Tx, operation_id: str, month: str, amount: int) -> None:
    """Note what an operation stands for in a month's cap: less than 0 for a refund that gives cap back."""
    tx.run(_BOOK, key=operation_id, in_month=month, amount=amount)


def attempted_since(tx: Tx, agreement_id: str, since: int) -> int:
    """Minor units authorized or charged on an agreement from a moment (ms) on, without what was declined."""
    return tx.one(_ATTEMPTED, agreement=agreement_id, since=since) or 0
