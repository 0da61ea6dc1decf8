"""A gateway profile: one Amazon Pay merchant account as one shop uses it, without its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

UNLIMITED = -1


class ProfileState(StrEnum):
    """What a profile takes on. Old payments go on in every state (money.md §5)."""

    ACTIVE = "active"
    PAUSED = "paused"  # no new checkouts
    CLOSED = "closed"  # captures of what is open, refunds and cancels only


@dataclass(frozen=True, slots=True)
class Profile:
    """All fields a flow may read. Money is minor units of `currency`, fees basis points or minor units."""

    id: str
    tenant_id: str
    alias: str
    wire: str
    region: str
    test_mode: bool
    currency: str
    ledger_currency: str
    seller_id: str
    store_id: str
    client_id: str
    access_key: str
    public_key_id: str
    descriptor: str
    customer_service_number: str
    customer_service_email: str
    customer_service_sender: str
    monthly_cap: int
    time_zone: str
    cap_thresholds: tuple[int, ...]
    refunds_give_cap_back: bool
    processing_bps: int
    reserve_bps: int
    transaction_fee: int
    chargeback_fee: int
    shop_origins: tuple[str, ...]
    charging_apps: tuple[str, ...]
    allow_one_time: bool
    allow_recurring: bool
    capture_when_fulfilled: bool
    release_when_cancelled: bool
    state: ProfileState
    state_reason: str
    version: int
    # Time zones before the present one, oldest first, each with the month from which it counts no more (domain/cap.py).
    former_zones: tuple[tuple[str, str], ...] = ()

    @property
    def account(self) -> str:
        """`<seller id>:live` or `<seller id>:sandbox`: within which Amazon's ids are unique."""
        return f"{self.seller_id}:{'sandbox' if self.test_mode else 'live'}"

    @property
    def support(self) -> dict[str, str]:
        """What a shopper is told when something goes wrong."""
        support = {"phone": self.customer_service_number}
        if self.customer_service_email:
            support["email"] = self.customer_service_email
        return support

    @property
    def buyer_note(self) -> str:
        """The line that Amazon mails to the buyer with the order."""
        sender = self.customer_service_sender or self.alias
        contact = " / ".join(self.support.values())
        return f"{sender}: questions about this order? {contact}"
