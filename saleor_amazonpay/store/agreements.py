"""Agreements and who owns them: bound at first sight (money.md §4)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.domain.agreement import ENDED, AgreementState
from saleor_amazonpay.store.sql import Statement, Tx, among, command
from saleor_amazonpay.store.tables import agreements


@dataclass(frozen=True, slots=True)
class Agreement:
    """A buyer's agreement with one profile. `user_id` is the Saleor user, empty for guests.

    `purchase_id` is what is charged instead of the agreement itself, and `state` then says where that stands.
    """

    id: str
    tenant_id: str
    profile_id: str
    account: str
    amazon_id: str
    state: AgreementState
    reason: str
    recurring: bool
    buyer_id: str
    user_id: str
    source_id: str
    purchase_id: str = ""
    confirming: bool = False  # the buyer was sent to Amazon's confirmation page

    @property
    def one_time(self) -> str:
        """The purchase of a one-time sale; empty for an agreement for later charges, whatever it began with."""
        return "" if self.recurring else self.purchase_id


MOST_OF_USER = 10  # what is shown is asked of Amazon one by one
NAMES = (
    "id", "tenant_id", "profile_id", "account", "amazon_id", "state", "reason", "recurring", "buyer_id", "user_id",
    "source_id", "purchase_id", "confirming",
)  # fmt: skip
_FLAGS = ("recurring", "confirming")


def agreement_row(*row: str | int) -> Agreement:
    """One row, its columns in the order of NAMES."""
    values = dict(zip(NAMES, row, strict=True))
    values["state"] = AgreementState(str(values["state"]))
    for flag in _FLAGS:
        values[flag] = bool(values[flag])
    return Agreement(**values)  # type: ignore[arg-type]


_select = sa.select(*(agreements.c[name] for name in NAMES))
_BY_AMAZON_ID = Statement(
    _select.where(agreements.c.tenant_id == sa.bindparam("tenant"), agreements.c.amazon_id == sa.bindparam("amazon")),
    agreement_row,
)
_ON_ACCOUNT = Statement(
    _select.where(agreements.c.account == sa.bindparam("on_account"), agreements.c.amazon_id == sa.bindparam("amazon")),
    agreement_row,
)
_OF_USER = Statement(
    _select.where(
        agreements.c.tenant_id == sa.bindparam("tenant"),
        agreements.c.user_id == sa.bindparam("user"),
        agreements.c.recurring == 1,
        among(agreements.c.state, (AgreementState.OPEN, AgreementState.SUSPENDED)),
    )
    .order_by(agreements.c.created_at.desc())
    .limit(MOST_OF_USER),
    agreement_row,
)
_BY_ID = Statement(_select.where(agreements.c.id == sa.bindparam("key")), agreement_row)
_OF_PROFILE = Statement(
    _select.where(agreements.c.profile_id == sa.bindparam("profile")).order_by(agreements.c.created_at.desc()),
    agreement_row,
)
_OF_PURCHASE = Statement(
    _select.where(
        agreements.c.account == sa.bindparam("on_account"),
        agreements.c.purchase_id == sa.bindparam("purchase"),
        agreements.c.purchase_id != "",
    ),
    agreement_row,
)
_BIND = command(lambda insert: insert(agreements).on_conflict_do_nothing(), (*NAMES, "created_at", "updated_at"))
# What has ended stays ended: a late answer or an old notice says what was before.
_UPDATE = command(
    sa.update(agreements)
    .where(agreements.c.id == sa.bindparam("key"), sa.not_(among(agreements.c.state, ENDED)))
    .values(state=sa.bindparam("new_state"), reason=sa.bindparam("why"), updated_at=sa.bindparam("now"))
)
_PREPARED = command(
    sa.update(agreements)
    .where(agreements.c.id == sa.bindparam("key"), sa.not_(among(agreements.c.state, ENDED)))
    .values(
        state=sa.bindparam("new_state"),
        reason=sa.bindparam("why"),
        recurring=sa.bindparam("for_later"),
        purchase_id=sa.bindparam("purchase"),
        confirming=sa.bindparam("sent"),
        updated_at=sa.bindparam("now"),
        due_at=sa.bindparam("due"),
    )
)
# Never an agreement for later charges: a first payment of Checkout v2 has a purchase, too, and goes on living.
_due = (agreements.c.due_at > 0, agreements.c.due_at <= sa.bindparam("now"), agreements.c.recurring == 0)
_DUE = Statement(_select.where(*_due).order_by(agreements.c.due_at).limit(100), agreement_row)
_LOOK_AT = command(
    sa.update(agreements)
    .where(agreements.c.id == sa.bindparam("key"), agreements.c.purchase_id != "", agreements.c.recurring == 0)
    .values(due_at=sa.bindparam("due"))
)
_CLAIM = command(
    sa.update(agreements).where(agreements.c.id == sa.bindparam("key"), *_due).values(due_at=sa.bindparam("due"))
)
_CHECK = command(
    sa.update(agreements)
    .where(
        agreements.c.id == sa.bindparam("key"),
        sa.or_(agreements.c.check_at == 0, agreements.c.check_at > sa.bindparam("at")),
    )
    .values(check_at=sa.bindparam("at"))
)
_check_due = (agreements.c.check_at > 0, agreements.c.check_at <= sa.bindparam("now"))
_TO_CHECK = Statement(_select.where(*_check_due).order_by(agreements.c.check_at).limit(100), agreement_row)
_CLAIM_CHECK = command(
    sa.update(agreements)
    .where(agreements.c.id == sa.bindparam("key"), *_check_due)
    .values(check_at=sa.bindparam("again"))
)
_CHECKED = command(
    sa.update(agreements)
    .where(agreements.c.id == sa.bindparam("key"), agreements.c.check_at > sa.bindparam("now"))
    .values(check_at=sa.bindparam("at"))
)

# What was opened under a session's id goes on under the agreement's; never under one that somebody else has.
_other = agreements.alias("other")
_BECOMES = command(
    sa.update(agreements)
    .where(
        agreements.c.id == sa.bindparam("key"),
        agreements.c.amazon_id != sa.bindparam("new_id"),
        ~sa.exists().where(_other.c.account == agreements.c.account, _other.c.amazon_id == sa.bindparam("new_id")),
    )
    .values(amazon_id=sa.bindparam("new_id"), state=sa.bindparam("new_state"), updated_at=sa.bindparam("now"))
)


def of_tenant(tx: Tx, tenant_id: str, amazon_id: str) -> Agreement | None:
    """An agreement this shop has seen, by Amazon's id."""
    return tx.one(_BY_AMAZON_ID, tenant=tenant_id, amazon=amazon_id)


def on_account(tx: Tx, account: str, amazon_id: str) -> Agreement | None:
    """An agreement on a merchant account, whichever shop owns it."""
    return tx.one(_ON_ACCOUNT, on_account=account, amazon=amazon_id)


def of_user(tx: Tx, tenant_id: str, user_id: str) -> list[Agreement]:
    """A Saleor user's agreements for later charges that have not ended, newest first, the newest ten."""
    return tx.all(_OF_USER, tenant=tenant_id, user=user_id) if user_id else []


def by_id(tx: Tx, agreement_id: str) -> Agreement | None:
    """An agreement by our id."""
    return tx.one(_BY_ID, key=agreement_id)


def of_purchase(tx: Tx, account: str, purchase_id: str) -> Agreement | None:
    """The agreement of a one-time purchase on a merchant account, whichever shop owns it."""
    return tx.one(_OF_PURCHASE, on_account=account, purchase=purchase_id)


def bind(tx: Tx, new: Agreement, now: int) -> Agreement:
    """Bind an agreement to its owner; returns the row that counts: the first binding stays."""
    tx.run(
        _BIND,
        **{name: getattr(new, name) for name in NAMES if name not in {"state", *_FLAGS}},
        state=new.state.value, recurring=int(new.recurring), confirming=int(new.confirming),
        created_at=now, updated_at=now,
    )  # fmt: skip
    found = on_account(tx, new.account, new.amazon_id)
    if found is None:
        raise LookupError("an agreement that was just bound is not there")
    return found


def update(tx: Tx, agreement_id: str, state: AgreementState, reason: str, now: int) -> None:
    """Note what Amazon says of an agreement; one that has just ended is looked at at once, for what is left on it."""
    changed = tx.run(_UPDATE, key=agreement_id, new_state=state.value, why=reason, now=now)
    if changed and state in ENDED:
        check(tx, agreement_id, now)


def check(tx: Tx, agreement_id: str, at: int) -> None:
    """Read it again at `at` (ms), or earlier if that is planned already."""
    tx.run(_CHECK, key=agreement_id, at=at)


def to_check(tx: Tx, now: int) -> list[Agreement]:
    """Agreements to read again now, at most 100."""
    return tx.all(_TO_CHECK, now=now)


def claim_check(tx: Tx, agreement: Agreement, now: int, again_at: int) -> bool:
    """Take one to read it; if nobody says it was, it is due again at `again_at` (ms)."""
    return tx.run(_CLAIM_CHECK, key=agreement.id, now=now, again=again_at) == 1


def checked(tx: Tx, agreement_id: str, now: int, at: int) -> None:
    """It was read; the next time is `at` (ms), 0 for never, unless somebody has asked for one since it was claimed."""
    tx.run(_CHECKED, key=agreement_id, now=now, at=at)


def becomes(tx: Tx, agreement_id: str, amazon_id: str, now: int) -> None:
    """A session that was completed is an agreement now, open, under Amazon's id of that; done once."""
    tx.run(_BECOMES, key=agreement_id, new_id=amazon_id, new_state=AgreementState.OPEN.value, now=now)


def of_profile(tx: Tx, profile_id: str) -> list[Agreement]:
    """Every agreement of a profile, newest first."""
    return tx.all(_OF_PROFILE, profile=profile_id)


def prepared(tx: Tx, agreement: Agreement, due_at: int, now: int) -> None:
    """Note what preparing an agreement came to: its state, what it is for, and what is charged in its place."""
    tx.run(
        _PREPARED,
        key=agreement.id, new_state=agreement.state.value, why=agreement.reason, for_later=int(agreement.recurring),
        purchase=agreement.purchase_id, sent=int(agreement.confirming), due=due_at, now=now,
    )  # fmt: skip
    if agreement.state in ENDED:
        check(tx, agreement.id, now)


def due(tx: Tx, now: int) -> list[Agreement]:
    """One-time purchases to look at, whether they can be closed; at most 100."""
    return tx.all(_DUE, now=now)


def claim(tx: Tx, agreement: Agreement, now: int, again_at: int) -> bool:
    """Take one to look at it; if nothing else is said, it is due again at `again_at` (ms)."""
    return tx.run(_CLAIM, key=agreement.id, now=now, due=again_at) == 1


def look_at(tx: Tx, agreement_id: str, due_at: int) -> None:
    """Look at a one-time purchase at `due_at` (ms), 0 for never again; anything else is left alone."""
    tx.run(_LOOK_AT, key=agreement_id, due=due_at)
