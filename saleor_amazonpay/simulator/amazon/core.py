"""What all parts of the simulated Amazon share: time, ids, books, settings and the way to announce a change.

Nothing is decided here. The rules (`agreements`, `orders`, `authorizations`, `captures`, `refunds`) hold a `Core`
each and change the records in `books`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from saleor_amazonpay.simulator.amazon.clock import Agenda, SimClock
from saleor_amazonpay.simulator.amazon.entities import (
    Agreement,
    Authorization,
    Buyer,
    Capture,
    Chargeback,
    Merchant,
    OrderReference,
    Refund,
    Status,
    Token,
)
from saleor_amazonpay.simulator.amazon.ids import Ids
from saleor_amazonpay.simulator.amazon.ipn_documents import Subject, inner_of
from saleor_amazonpay.simulator.amazon.notifications import Notifications
from saleor_amazonpay.simulator.amazon.sns import SnsSigner


@dataclass(slots=True)
class Books:
    """Every object, by Amazon's id of it."""

    merchants: list[Merchant] = field(default_factory=list)
    buyers: dict[str, Buyer] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    orders: dict[str, OrderReference] = field(default_factory=dict)
    authorizations: dict[str, Authorization] = field(default_factory=dict)
    captures: dict[str, Capture] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    chargebacks: dict[str, Chargeback] = field(default_factory=dict)


class Core:
    """Time, ids, books and settings.

    Args:
        clock: the simulated time; real time if None.
        seed: makes the ids the same each time.
        signer: the SNS key; the process's own if None.
    """

    def __init__(
        self, clock: SimClock | None = None, *, seed: int | None = None, signer: SnsSigner | None = None
    ) -> None:
        self.clock = clock or SimClock()
        self.agenda = Agenda()
        self.ids = Ids(seed)
        self.books = Books()
        self.notifications = Notifications(self.clock, self.ids, signer)
        # Simulated seconds from a request to what Amazon does later.
        self.authorization_delay = 5.0
        self.capture_delay = 5.0
        self.refund_delay = 5.0

    def now(self) -> float:
        """Simulated epoch seconds."""
        return self.clock.now()

    def move(self, subject: Agreement | OrderReference | Authorization | Capture | Refund, to: Status) -> None:
        """Give an object a new state and tell its merchant."""
        subject.status = to
        self.announce(subject, "BillingAgreementStatusUpdated" if isinstance(subject, Agreement) else "")

    def announce(self, subject: Subject, event: str = "") -> None:
        """Tell the merchant about an object as it is now; nobody listens without a URL."""
        merchant = merchant_of(subject)
        if merchant.ipn_url:
            self.notifications.add(merchant, inner_of(subject, event, self.now()))


def merchant_of(subject: Subject) -> Merchant:
    """Whose object it is."""
    match subject:
        case Agreement() | OrderReference():
            return subject.merchant
        case Authorization():
            return subject.order.merchant
        case Capture():
            return subject.authorization.order.merchant
        case Refund() | Chargeback():
            return subject.capture.authorization.order.merchant
