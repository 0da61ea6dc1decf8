"""An operation: one effect at Amazon, asked for by Saleor, staff or a job, made at most once.

Its life: calling (committed; the money call may be out) → pending (Amazon has the object and decides later) → done,
repairable, declined or gone. Phases move forward only. The row is the intent: it is committed before Amazon is called,
with the reference id and the exact parameters, so that a process that dies anywhere leaves behind what the next one
must repeat. What only looks at Amazon, or may be repeated at will (set and confirm), happens before the row exists.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from saleor_amazonpay.domain.money import Money


class Kind(StrEnum):
    """What an operation does at Amazon. Only `authorize` and `charge` reserve the cap.

    A chargeback and its end are never asked for by us: Amazon, or staff who heard from Amazon, tell of them.
    """

    AGREEMENT = "agreement"
    AUTHORIZE = "authorize"
    CHARGE = "charge"
    CAPTURE = "capture"
    REFUND = "refund"
    CANCEL = "cancel"
    CHARGEBACK = "chargeback"  # the buyer's bank took the money of a capture back
    CHARGEBACK_WON = "chargeback_won"  # and the dispute about it ended for the shop


class Phase(StrEnum):
    """How far an effect has come. `calling` is ours; the rest follow from what Amazon said."""

    CALLING = "calling"  # a money call may have reached Amazon: the identical repeat is the read
    PENDING = "pending"  # Amazon has the object and decides later
    DONE = "done"  # the money moved, is reserved, or was released
    REPAIRABLE = "repairable"  # definitely declined; the buyer can mend it (another payment method)
    DECLINED = "declined"  # definitely declined
    GONE = "gone"  # the object ended without effect (expired, closed unused)


FINAL = frozenset({Phase.DONE, Phase.REPAIRABLE, Phase.DECLINED, Phase.GONE})
FAILED = frozenset({Phase.REPAIRABLE, Phase.DECLINED, Phase.GONE})


def reference_id(saleor_api_url: str, key: str) -> str:
    """The reference id Amazon sees: 32 of `[A-Za-z0-9_-]`, a hash over the tenant's API URL and the operation's key.

    Two shops on one Amazon account never meet, and a request that is repeated after everything was lost still
    carries the same id, so that Amazon answers with the first result instead of moving money again.
    """
    digest = hashlib.sha256(f"{saleor_api_url}\n{key}".encode()).digest()
    return base64.urlsafe_b64encode(digest)[:32].decode()


def found_id(account: str, amazon_id: str) -> str:
    """The id of an operation that Amazon made known: a hash over the merchant account and Amazon's id.

    It is the row's primary key, so that an object which two notices, two nodes or a notice and a read bring in at the
    same time is one row.
    """
    return reference_id(account, f"found:{amazon_id}")


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom an operation belongs. `transaction_id` is empty for money that no Saleor transaction asked for."""

    tenant_id: str
    profile_id: str
    wire: str
    account: str
    transaction_id: str = ""
    source_id: str = ""
    agreement_id: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the ledger. `id` is the reference id that Amazon sees; times are milliseconds UTC."""

    id: str
    tenant_id: str
    op_key: str
    kind: Kind
    phase: Phase
    profile_id: str
    wire: str
    account: str
    transaction_id: str
    source_id: str
    agreement_id: str
    parent_id: str
    group_id: str
    attempt: int
    request_event_id: str
    amount: int
    moved: int
    currency: str
    parameters: str
    buyer_waits: bool
    synchronous: bool
    unresolved: bool
    object_id: str
    settled_id: str
    order_reference: str
    code: str
    retry: str
    effect: str
    state: str
    reason: str
    message: str
    tries: int
    psp_reference: str
    told: str
    answer_left: bool
    attention: str
    cap_month: str
    cap_booked: int
    cap_from: str
    created_at: int
    updated_at: int
    due_at: int

    @classmethod
    def new(
        cls,
        *,
        id: str,  # noqa: A002 - the column's name
        tenant_id: str,
        op_key: str,
        kind: Kind,
        profile_id: str,
        wire: str,
        account: str,
        transaction_id: str,
        amount: Money,
        parameters: str,
        now: int,
        due_at: int,
        source_id: str = "",
        agreement_id: str = "",
        parent_id: str = "",
        group_id: str = "",
        attempt: int = 1,
        request_event_id: str = "",
        buyer_waits: bool = False,
        unresolved: bool = False,
        cap_month: str = "",
        cap_booked: int = 0,
        cap_from: str = "",
    ) -> Operation:
        """An intent, as it is committed before the call."""
        return cls(
            id=id, tenant_id=tenant_id, op_key=op_key, kind=kind, phase=Phase.CALLING, profile_id=profile_id,
            wire=wire, account=account, transaction_id=transaction_id, source_id=source_id,
            agreement_id=agreement_id, parent_id=parent_id, group_id=group_id, attempt=attempt, moved=0,
            request_event_id=request_event_id,
            amount=amount.minor, currency=amount.currency, parameters=parameters, buyer_waits=buyer_waits,
            synchronous=True, unresolved=unresolved, object_id="", settled_id="", order_reference="", code="",
            retry="", effect="none", state="", reason="", message="", tries=0, psp_reference="", told="",
            answer_left=False, attention="", cap_month=cap_month, cap_booked=cap_booked, cap_from=cap_from,
            created_at=now, updated_at=now, due_at=due_at,
        )  # fmt: skip

    @classmethod
    def found(
        cls,
        *,
        amazon_id: str,
        kind: Kind,
        owner: Owner,
        parent_id: str,
        amount: Money,
        now: int,
        psp_reference: str = "",
        order_reference: str = "",
        parameters: str = "{}",
    ) -> Operation:
        """An operation that no call of ours made: Amazon has it, and tells its outcome.

        Its identity is Amazon's object, under whose id Saleor hears of it.
        """
        intent = cls.new(
            id=found_id(owner.account, amazon_id), tenant_id=owner.tenant_id, op_key=f"found:{amazon_id}", kind=kind,
            profile_id=owner.profile_id, wire=owner.wire, account=owner.account, transaction_id=owner.transaction_id,
            source_id=owner.source_id, agreement_id=owner.agreement_id, parent_id=parent_id, amount=amount,
            parameters=parameters, now=now, due_at=now,
        )  # fmt: skip
        return replace(
            intent,
            phase=Phase.PENDING,
            object_id=amazon_id,
            order_reference=order_reference,
            psp_reference=psp_reference or amazon_id,
        )

    @property
    def owner(self) -> Owner:
        """To whom it belongs."""
        return Owner(
            self.tenant_id, self.profile_id, self.wire, self.account, self.transaction_id, self.source_id,
            self.agreement_id,
        )  # fmt: skip

    @property
    def money(self) -> Money:
        """What the operation was asked to move."""
        return Money(self.amount, self.currency)

    @property
    def result(self) -> Money:
        """What Saleor is told has moved: less than asked for where only parts of a split refund succeeded."""
        return Money(self.moved or self.amount, self.currency)

    @property
    def final(self) -> bool:
        """Amazon's answer will not change any more."""
        return self.phase in FINAL

    @property
    def failed(self) -> bool:
        """It definitely moved nothing."""
        return self.phase in FAILED

    @property
    def paid(self) -> bool:
        """It took money from the buyer."""
        return self.phase is Phase.DONE and self.effect == "captured"

    @property
    def granted(self) -> bool:
        """A session that gave the shop money to collect: reserved, or no longer reserved but still agreed to."""
        return self.phase is Phase.DONE and not self.parent_id and self.effect in {"authorized", "lapsed"}

    @property
    def whole(self) -> bool:
        """A refund that parts of it carry out: split over captures, or tried again after a failure at Amazon."""
        return self.kind is Kind.REFUND and not self.parent_id

    @property
    def reserved(self) -> bool:
        """Amazon held its money when it was last heard of, and it was not taken in the same step."""
        return self.phase is Phase.DONE and self.effect == "authorized"
