"""What exists in the simulated Amazon: merchants, buyers and the objects of payments with their states.

Plain records; the rules that change them live in `agreements`, `orders`, `authorizations`, `captures` and
`refunds`. Moments are epoch seconds, amounts `Money`. States and reasons are Amazon's words (contracts §6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from saleor_amazonpay.simulator.amazon.money import Money

CUSTOMER_INITIATED = "CustomerInitiatedTransaction"
MERCHANT_INITIATED = "MerchantInitiatedTransaction"
_SCA = frozenset({"uk", "eu", "de"})

LEDGER = {"us": "USD", "na": "USD", "uk": "GBP", "eu": "EUR", "de": "EUR", "jp": "JPY"}
PAYMENT_DOMAIN = {
    "us": "NA_USD",
    "na": "NA_USD",
    "uk": "EU_GBP",
    "eu": "EU_EUR",
    "de": "EU_EUR",
    "jp": "FE_JPY",
}


class Behaviour(StrEnum):
    """What a card does when it is charged."""

    OK = "ok"
    DECLINE_HARD = "decline_hard"  # InvalidPaymentMethod: the buyer has to choose another
    DECLINE_SOFT = "decline_soft"  # InvalidPaymentMethod with SoftDecline=true
    REJECTED = "rejected"  # AmazonRejected
    PROCESSING_FAILURE = "processing_failure"
    TIMED_OUT = "timed_out"  # TransactionTimedOut when asked synchronously; given time, it authorizes
    ATYPICAL = "atypical"  # given time, it is Pending with StopShipmentAtypicalAuth first, and so is its capture


@dataclass(slots=True)
class Merchant:
    """A seller in one environment: the same seller id and keys may exist once per environment."""

    seller_id: str
    access_key: str
    secret_key: str
    client_id: str
    region: str
    sandbox: bool
    mws_auth_token: str  # lets a solution provider act for this merchant
    name: str
    marketplace_id: str = "A3BXB0YN3XH17H"
    ipn_url: str = ""  # where notifications go; empty: nowhere, and none are made
    active: bool = True
    monthly_limit: Decimal = Decimal(1000)  # of agreements opened from now on
    shared_account: str = ""  # id of a buyer who is this seller, for BuyerEqualsSeller
    store_id: str = ""  # of Checkout v2
    public_keys: dict[str, str] = field(default_factory=dict)  # of Checkout v2: PEM by public key id
    private_key: str = ""  # of the demo merchant only, to configure a shop with

    @property
    def key(self) -> str:
        """What object ownership and reference ids are kept by."""
        return f"{self.seller_id}:{self.environment}"

    @property
    def environment(self) -> str:
        """Amazon's ReleaseEnvironment."""
        return "Sandbox" if self.sandbox else "Live"

    @property
    def currency(self) -> str:
        """The ledger currency, the only one charged here."""
        return LEDGER[self.region]

    @property
    def sca(self) -> bool:
        """Whether strong customer authentication applies to its buyers (contracts §1.10)."""
        return self.region in _SCA


@dataclass(frozen=True, slots=True)
class Address:
    """A shipping address as a buyer keeps it at Amazon."""

    name: str = "Jane Doe"
    line1: str = "10 Ditka Ave"
    line2: str = "Suite 2500"
    city: str = "Chicago"
    state: str = "IL"
    postal_code: str = "60602"
    country: str = "US"
    phone: str = "800-000-0000"
    line3: str = ""


# How a buyer leaves Amazon's confirmation page (contracts §1.10).
Outcome = Literal["Success", "Failure", "Abandoned"]

CardConstraint = Literal[
    "PaymentMethodNotAllowed",
    "PaymentMethodDeleted",
    "PaymentMethodExpired",
    "BillingAddressDeleted",
    "InvalidPaymentPlan",
]


@dataclass(slots=True)
class Card:
    """A payment method in a wallet."""

    card_id: str
    behaviour: Behaviour = Behaviour.OK
    allowed: bool = True  # False: the constraint PaymentMethodNotAllowed
    constraint: CardConstraint | None = None  # what became of it since


@dataclass(slots=True)
class Buyer:
    """A person with an Amazon account."""

    buyer_id: str  # the LWA user id
    name: str
    email: str
    address: Address
    cards: dict[str, Card] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """An LWA access token."""

    token: str
    buyer_id: str
    client_id: str
    issued_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Status:
    """A state since a moment."""

    state: str
    at: float
    reason: str = ""
    description: str = ""


@dataclass(slots=True)
class Attributes:
    """What a seller wrote on an agreement or order reference; `seller_id_text` is its own id for it."""

    seller_id_text: str = ""
    store_name: str = ""
    custom_information: str = ""
    seller_note: str = ""
    platform_id: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Amazon's confirmation page, open before the buyer, and where she is sent from there."""

    success_url: str
    failure_url: str
    expect_authorization: bool = False


@dataclass(slots=True)
class Chargeable:
    """What agreements and order references share: a buyer, a way to pay, an address."""

    merchant: Merchant
    buyer: Buyer
    created_at: float
    status: Status
    card: Card | None
    address: Address | None
    needs_address: bool
    attributes: Attributes = field(default_factory=Attributes)
    method_failed: bool = False  # the card was refused for good and not replaced since
    simulated_constraint: str = ""  # stays until another SellerNote overwrites it
    authentication: Literal["", "REQUIRED"] = ""  # REQUIRED: confirmed, and the buyer has not passed Amazon's page
    confirmation: Confirmation | None = None  # the page she has before her


@dataclass(slots=True)
class Agreement(Chargeable):
    """A billing agreement."""

    agreement_id: str = ""
    limit: Money = field(kw_only=True)
    consent: bool = False
    type: str = ""
    subscription_amount: Money | None = None
    orders: list[OrderReference] = field(default_factory=list)
    authorized: dict[str, Decimal] = field(default_factory=dict)  # by month, `2026-11`

    @property
    def kind(self) -> str:
        """Who starts its charges, where that matters: the buyer, unless the seller said otherwise (contracts §1.10)."""
        return self.type or (CUSTOMER_INITIATED if self.merchant.sca else "")


@dataclass(slots=True)
class OrderReference(Chargeable):
    """An order reference; one made by AuthorizeOnBillingAgreement closes at once."""

    order_id: str = ""
    agreement: Agreement | None = None
    total: Money | None = None
    authorizations: list[Authorization] = field(default_factory=list)
    automatic: bool = False  # made by AuthorizeOnBillingAgreement
    request_authorization: bool = False  # the seller's RequestPaymentAuthorization


@dataclass(slots=True)
class Authorization:
    """Money reserved."""

    authorization_id: str
    reference_id: str
    order: OrderReference
    amount: Money
    note: str
    soft_descriptor: str
    capture_now: bool
    created_at: float
    expires_at: float
    status: Status
    card: Card | None
    captures: list[Capture] = field(default_factory=list)
    soft_decline: str = ""  # "true", "false" or absent
    counted_in: str = ""  # the agreement's month this counts against

    @property
    def captured(self) -> Money:
        """What was taken: captures that stand."""
        taken = (each.amount.amount for each in self.captures if each.status.state in {"Completed", "Closed"})
        return self.amount.of(sum(taken, Decimal(0)))


@dataclass(slots=True)
class Capture:
    """Money taken."""

    capture_id: str
    reference_id: str
    authorization: Authorization
    amount: Money
    note: str
    soft_descriptor: str
    created_at: float
    status: Status
    refunds: list[Refund] = field(default_factory=list)

    @property
    def refunded(self) -> Money:
        """What really went back."""
        return self.amount.of(self._sum("Completed"))

    @property
    def promised(self) -> Money:
        """What went back or still may."""
        return self.amount.of(self._sum("Completed", "Pending"))

    def _sum(self, *states: str) -> Decimal:
        return sum((each.amount.amount for each in self.refunds if each.status.state in states), Decimal(0))


@dataclass(slots=True)
class Refund:
    """Money given back."""

    refund_id: str
    reference_id: str
    capture: Capture
    amount: Money
    note: str
    soft_descriptor: str
    type: str
    created_at: float
    status: Status


@dataclass(slots=True)
class Chargeback:
    """Money a buyer's bank took back. Of a won one v1 tells nobody: the seller hears of it by mail."""

    chargeback_id: str
    capture: Capture
    amount: Money
    reason: str
    created_at: float
    state: str = "RECEIVED"
    won: bool = False
