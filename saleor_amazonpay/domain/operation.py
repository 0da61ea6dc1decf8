"""An operation: one effect at Amazon, asked for by Saleor, staff or a job, made at most once.

Its life: intent (written, nothing sent) → calling (the money call may be out) → pending (Amazon decides later)
→ done | declined. States move forward only. The row is committed before Amazon is called, with the reference id
and the exact parameters, so that a process that dies anywhere leaves behind what the next one must repeat.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum

from saleor_amazonpay.domain.money import Money


class Kind(StrEnum):
    """What an operation does at Amazon. Only `authorize` and `charge` reserve the cap."""

    AGREEMENT = "agreement"
    AUTHORIZE = "authorize"
    CHARGE = "charge"
    CAPTURE = "capture"
    REFUND = "refund"
    CANCEL = "cancel"


class Phase(StrEnum):
    """How far an effect has come. `intent` and `calling` are ours; the rest follow from what Amazon said."""

    INTENT = "intent"  # written; no money call was ever begun
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
    attempt: int
    request_event_id: str
    amount: int
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
    cap_month: str
    cap_booked: int
    created_at: int
    updated_at: int
    due_at: int

    @property
    def money(self) -> Money:
        """What the operation was asked to move."""
        return Money(self.amount, self.currency)

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
    def authorized(self) -> bool:
        """It reserved money that was not taken in the same step."""
        return self.phase is Phase.DONE and self.effect == "authorized"
