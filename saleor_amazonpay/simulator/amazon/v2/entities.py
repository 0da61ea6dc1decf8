"""What exists in Checkout v2: sessions, permissions, charges, refunds and disputes with their states.

Plain records; the rules that change them live in `sessions`, `permissions`, `charges` and `refunds`. Moments are epoch
seconds. States and reasons are Amazon's words (contracts §6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from saleor_amazonpay.simulator.amazon.entities import (
    Address,
    Agreement,
    Buyer,
    Card,
    Merchant,
    OrderReference,
)
from saleor_amazonpay.simulator.amazon.entities import Authorization as OldAuthorization
from saleor_amazonpay.simulator.amazon.entities import Refund as OldRefund
from saleor_amazonpay.simulator.amazon.money import Money

Json = dict[str, object]
Kind = Literal["OneTime", "Recurring"]
Decision = Literal["complete", "cancel"]


@dataclass(frozen=True, slots=True)
class State:
    """A state since a moment; only charge permissions have more than one reason."""

    name: str
    at: float
    reasons: tuple[str, ...] = ()
    description: str = ""

    @property
    def reason(self) -> str:
        """The one reason, or nothing."""
        return self.reasons[0] if self.reasons else ""


@dataclass(slots=True)
class Session:
    """A checkout session. `confirmed`: its buyer has been through Amazon's page with what it is set to."""

    session_id: str
    merchant: Merchant
    store_id: str
    created_at: float
    state: State
    kind: Kind = "OneTime"
    product: Literal["PayAndShip", "PayOnly"] = "PayAndShip"
    buyer: Buyer | None = None
    card: Card | None = None
    address: Address | None = None
    web: Json = field(default_factory=dict)
    payment: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)
    recurring: Json | None = None
    delivery: Json | None = None
    redirect: str = ""
    confirmed: bool = False
    permission: Permission | None = None
    charge: Charge | None = None

    @property
    def review_url(self) -> str:
        """Where the buyer comes back to after choosing."""
        url = str(self.web.get("checkoutReviewReturnUrl") or "")
        return f"{url}{'&' if '?' in url else '?'}amazonCheckoutSessionId={self.session_id}"


@dataclass(slots=True)
class Permission:
    """A charge permission; `agreement` or `order` if it was made by v1."""

    permission_id: str
    merchant: Merchant
    kind: Kind
    buyer: Buyer
    card: Card | None
    address: Address | None
    limit: Money
    created_at: float
    expires_at: float
    state: State
    metadata: Json = field(default_factory=dict)
    recurring: Json | None = None
    charges: list[Charge] = field(default_factory=list)
    used: dict[str, Decimal] = field(default_factory=dict)  # by month, recurring only
    agreement: Agreement | None = None
    order: OrderReference | None = None


@dataclass(slots=True)
class Charge:
    """A charge; `old` if it is an authorization of v1, whose state is then the one that counts."""

    charge_id: str
    permission: Permission
    amount: Money
    capture_now: bool
    may_pend: bool
    created_at: float
    expires_at: float
    state: State
    card: Card | None
    soft_descriptor: str = ""
    captured: Money | None = None
    metadata: Json = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)
    counted_in: str = ""  # the permission's month this counts against
    old: OldAuthorization | None = None

    @property
    def refunded(self) -> Money:
        """What really went back."""
        return self.amount.of(self._sum("Refunded"))

    @property
    def promised(self) -> Money:
        """What went back or still may."""
        return self.amount.of(self._sum("Refunded", "RefundInitiated"))

    def _sum(self, *states: str) -> Decimal:
        return sum((each.amount.amount for each in self.refunds if each.state.name in states), Decimal(0))


@dataclass(slots=True)
class Refund:
    """A refund of a charge; `old` if the captured money was v1's."""

    refund_id: str
    charge: Charge
    amount: Money
    soft_descriptor: str
    created_at: float
    state: State
    old: OldRefund | None = None


@dataclass(slots=True)
class Dispute:
    """Money a buyer, or the buyer's bank, wants back."""

    dispute_id: str
    charge: Charge
    amount: Money
    reason: str
    created_at: float
    state: State
    resolution: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report."""

    report_id: str
    merchant: Merchant
    kind: str
    start: float
    end: float
    created_at: float
    document_id: str
    text: str


@dataclass(slots=True)
class PayBooks:
    """Every object, by Amazon's id of it."""

    sessions: dict[str, Session] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
