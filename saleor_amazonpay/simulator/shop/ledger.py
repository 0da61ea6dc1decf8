"""Saleor's payment ledger: a TransactionItem per payment attempt, its TransactionEvents, and granted refunds.

In: what the flows write. Out: what the API and the payloads read, under the API's own names in snake case. Amounts are
never written, only derived from the counted events (`amounts.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from saleor_amazonpay.simulator.shop.amounts import Amounts, Entry, amounts_of
from saleor_amazonpay.simulator.shop.ids import global_id
from saleor_amazonpay.simulator.shop.money import Money
from saleor_amazonpay.simulator.shop.people import InstalledApp, MetadataItem, Requestor, User

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.shop.purchases import Checkout, Order

ACTIONS = ("CHARGE", "REFUND", "CANCEL")
KINDS = ("AUTHORIZATION", "CHARGE", "REFUND", "CANCEL")

EVENT_TYPES = frozenset(
    {f"{kind}_{role}" for kind in KINDS for role in ("REQUEST", "SUCCESS", "FAILURE")}
    | {"AUTHORIZATION_ADJUSTMENT", "AUTHORIZATION_ACTION_REQUIRED", "CHARGE_ACTION_REQUIRED"}
    | {"CHARGE_BACK", "REFUND_REVERSE", "INFO"}
)
FAILURES = frozenset(f"{kind}_FAILURE" for kind in KINDS)
OPTIONAL_AMOUNT = FAILURES | {"REFUND_REVERSE", "CHARGE_BACK", "INFO"}
NEVER_DUPLICATES = frozenset({"AUTHORIZATION_ACTION_REQUIRED", "CHARGE_ACTION_REQUIRED", "INFO"})
REFUND_EVENTS = frozenset({"REFUND_REQUEST", "REFUND_SUCCESS", "REFUND_FAILURE", "REFUND_REVERSE"})
# What moves money into a transaction: these set its psp reference and the actions staff may take.
INCOMING = frozenset(f"{kind}_{role}" for kind in ("AUTHORIZATION", "CHARGE") for role in ("REQUEST", "SUCCESS"))
# With one of these counted, a session is over: the app is not called by transactionProcess (contracts §3.4).
SESSION_FINAL = INCOMING | {"AUTHORIZATION_FAILURE", "CHARGE_FAILURE"}


class UnreadableFieldError(Exception):
    """A stored value that the API cannot show; reading it fails the field and empties what holds it."""


@dataclass(slots=True, eq=False)
class GrantedRefund:
    """A refund that staff granted on an order; always for one transaction (contracts §9)."""

    typename: ClassVar[str] = "OrderGrantedRefund"
    pk: int
    order: Order
    transaction: TransactionItem
    value: Decimal
    reason: str
    created_at: datetime
    updated_at: datetime
    user: User | None = None
    app: InstalledApp | None = None
    shipping_costs_included: bool = False
    status: str = "NONE"
    lines: list[object] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)

    @property
    def amount(self) -> Money:
        """What was granted."""
        return Money(self.value, self.transaction.currency)

    @property
    def transaction_events(self) -> list[TransactionEvent]:
        """The events of its transaction that belong to it."""
        return [event for event in self.transaction.ledger if event.granted_refund is self]

    def refresh(self) -> None:
        """Derive the status from the linked event with the latest time, whenever it was written (contracts §4.5)."""
        linked = [event for event in self.transaction_events if event.type in REFUND_EVENTS]
        if linked:
            last = max(enumerate(linked), key=lambda entry: (entry[1].created_at, entry[0]))[1]
            states = {"REFUND_SUCCESS": "SUCCESS", "REFUND_REQUEST": "PENDING", "REFUND_FAILURE": "FAILURE"}
            self.status = states.get(last.type, "NONE")


@dataclass(slots=True, eq=False)
class TransactionEvent:
    """One line of the ledger. `counted` is Saleor's `include_in_calculations`."""

    typename: ClassVar[str] = "TransactionEvent"
    pk: int
    type: str
    value: Decimal
    currency: str
    created_at: datetime
    psp: str | None = None
    message: str = ""
    external_url: str = ""
    counted: bool = False
    idempotency_key: str | None = None
    created_by: Requestor = None
    granted_refund: GrantedRefund | None = None

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)

    @property
    def amount(self) -> Money:
        """What the event is about."""
        return Money(self.value, self.currency)

    @property
    def psp_reference(self) -> str:
        """As the API shows it: none is the empty string."""
        return self.psp or ""


@dataclass(slots=True, eq=False)
class TransactionItem:
    """One payment attempt on a checkout or an order. `ledger` holds its events in the order they were written."""

    typename: ClassVar[str] = "TransactionItem"
    token: str
    currency: str
    created_at: datetime
    modified_at: datetime
    idempotency_key: str | None
    app: InstalledApp | None
    app_identifier: str
    checkout: Checkout | None
    order: Order | None
    name: str = ""
    message: str = ""
    psp: str | None = None
    external_url: str = ""
    reason: str | None = None
    available_actions: list[str] = field(default_factory=list)  # lower case, as in Saleor's table
    ledger: list[TransactionEvent] = field(default_factory=list)
    amounts: Amounts = field(default_factory=Amounts)
    payment_method_details: object | None = None
    metadata: list[MetadataItem] = field(default_factory=list)
    private_metadata: list[MetadataItem] = field(default_factory=list)

    def recalculate(self, now: datetime) -> None:
        """Derive the amounts from the counted events, in the order of their times."""
        counted = (event for event in self.ledger if event.counted)
        self.amounts = amounts_of(Entry(e.type, e.psp, e.value, e.created_at) for e in counted)
        self.modified_at = now

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.token)

    @property
    def source(self) -> Checkout | Order:
        """What is paid for."""
        found = self.checkout or self.order
        if found is None:
            raise LookupError(f"transaction {self.token} belongs to nothing")
        return found

    @property
    def created_by(self) -> InstalledApp | None:
        """The app that owns it."""
        return self.app

    @property
    def psp_reference(self) -> str:
        """As the API shows it: none is the empty string."""
        return self.psp or ""

    @property
    def actions(self) -> list[str]:
        """What may be asked for. Raises UnreadableFieldError for what an async answer corrupted (contracts §3.6)."""
        for action in self.available_actions:
            if action not in {known.lower() for known in ACTIONS}:
                raise UnreadableFieldError(f'Expected a value of type "TransactionActionEnum" but received: {action}')
        return [action.upper() for action in self.available_actions]

    @property
    def events(self) -> list[TransactionEvent]:
        """The events as the API lists them: latest time first."""
        return sorted(self.ledger, key=lambda event: (event.created_at, event.pk), reverse=True)

    @property
    def authorized_amount(self) -> Money:
        """What may still be charged."""
        return Money(self.amounts.authorized, self.currency)

    @property
    def authorize_pending_amount(self) -> Money:
        """Asked to be authorized."""
        return Money(self.amounts.authorize_pending, self.currency)

    @property
    def charged_amount(self) -> Money:
        """What was charged and is not refunded."""
        return Money(self.amounts.charged, self.currency)

    @property
    def charge_pending_amount(self) -> Money:
        """Asked to be charged."""
        return Money(self.amounts.charge_pending, self.currency)

    @property
    def refunded_amount(self) -> Money:
        """What was refunded."""
        return Money(self.amounts.refunded, self.currency)

    @property
    def refund_pending_amount(self) -> Money:
        """Asked to be refunded."""
        return Money(self.amounts.refund_pending, self.currency)

    @property
    def canceled_amount(self) -> Money:
        """What was released."""
        return Money(self.amounts.canceled, self.currency)

    @property
    def cancel_pending_amount(self) -> Money:
        """Asked to be released."""
        return Money(self.amounts.cancel_pending, self.currency)


@dataclass(frozen=True, slots=True)
class Books:
    """What the shop believes about one transaction: amounts in major units, and the events in the order written."""

    transaction_id: str
    currency: str
    psp_reference: str
    amounts: Amounts
    events: tuple[TransactionEvent, ...]
