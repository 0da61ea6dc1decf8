"""Who deals with the shop: customers and staff, installed apps with their webhooks and problems, sales channels.

Attribute names are the API's field names in snake case, so that `resolve` can read them without a table of its own.
An app is never forgotten when it is deleted: its row stays, inactive and without a token (contracts §1.7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from saleor_amazonpay.simulator.shop.goods import SAMPLE_ADDRESS, Address, CountryDisplay
from saleor_amazonpay.simulator.shop.ids import global_id
from saleor_amazonpay.simulator.shop.selection import Document

Flow = Literal["CHARGE", "AUTHORIZATION"]

HANDLE_PAYMENTS = "HANDLE_PAYMENTS"
MANAGE_ORDERS = "MANAGE_ORDERS"
MANAGE_CHECKOUTS = "MANAGE_CHECKOUTS"
EVERYTHING = frozenset(
    {HANDLE_PAYMENTS, MANAGE_ORDERS, MANAGE_CHECKOUTS, "MANAGE_APPS", "MANAGE_CHANNELS", "MANAGE_SETTINGS"}
    | {"MANAGE_STAFF", "MANAGE_USERS", "MANAGE_PRODUCTS"}
)


@dataclass(frozen=True, slots=True)
class MetadataItem:
    """One entry of an object's metadata."""

    typename: ClassVar[str] = "MetadataItem"
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A sales channel. `default_flow` is what `transactionInitialize` asks for unless an app says otherwise."""

    typename: ClassVar[str] = "Channel"
    pk: int
    slug: str
    name: str
    currency_code: str
    default_country: CountryDisplay
    default_flow: Flow = "CHARGE"
    is_active: bool = True

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)


@dataclass(slots=True, eq=False)
class User:
    """A customer, or a member of staff with `granted` permissions. `token` is the bearer token at the API's door."""

    typename: ClassVar[str] = "User"
    pk: int
    email: str
    token: str
    first_name: str = "Anna"
    last_name: str = "Customer"
    is_staff: bool = False
    granted: frozenset[str] = EVERYTHING
    language_code: str = "EN"
    external_reference: str | None = None
    default_billing_address: Address | None = SAMPLE_ADDRESS
    password: str = "coffee"
    metadata: list[MetadataItem] = field(default_factory=list)
    private_metadata: list[MetadataItem] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)

    def may(self, permission: str) -> bool:
        """Whether the user holds a permission."""
        return self.is_staff and permission in self.granted

    @property
    def user_permissions(self) -> list[UserPermission] | None:
        """What staff may do; a customer has no list."""
        return [UserPermission(code) for code in sorted(self.granted)] if self.is_staff else []


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that an app holds."""

    typename: ClassVar[str] = "Permission"
    code: str

    @property
    def name(self) -> str:
        """The permission in words."""
        return self.code.replace("_", " ").capitalize() + "."


@dataclass(frozen=True, slots=True)
class UserPermission(Permission):
    """A permission that a user holds."""

    typename: ClassVar[str] = "UserPermission"


@dataclass(frozen=True, slots=True)
class WebhookEventSync:
    """An event an app answers."""

    typename: ClassVar[str] = "WebhookEventSync"
    event_type: str


@dataclass(frozen=True, slots=True)
class WebhookEventAsync:
    """An event an app is told of."""

    typename: ClassVar[str] = "WebhookEventAsync"
    event_type: str


def is_sync(event: str) -> bool:
    """Whether an app's answer counts: Saleor's names tell."""
    return (
        event.startswith(("PAYMENT_", "TRANSACTION_", "LIST_", "STORED_"))
        and event != "TRANSACTION_ITEM_METADATA_UPDATED"
    )


@dataclass(slots=True, eq=False)
class Webhook:
    """One webhook of an app. `events` are upper-case names; `query` is the parsed subscription."""

    typename: ClassVar[str] = "Webhook"
    name: str
    target_url: str
    events: frozenset[str]
    query: Document
    custom_headers: Mapping[str, str]
    is_active: bool = True
    pk: int = 0
    identifier: str = ""
    subscription_query: str = ""

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)

    @property
    def sync_events(self) -> list[WebhookEventSync]:
        """What it answers."""
        return [WebhookEventSync(event) for event in sorted(self.events) if is_sync(event)]

    @property
    def async_events(self) -> list[WebhookEventAsync]:
        """What it is told."""
        return [WebhookEventAsync(event) for event in sorted(self.events) if not is_sync(event)]


@dataclass(frozen=True, slots=True)
class Dismissed:
    """By whom an app problem was dismissed."""

    typename: ClassVar[str] = "AppProblemDismissed"
    by: Literal["APP", "USER"]


@dataclass(slots=True, eq=False)
class Problem:
    """A health report of an app (contracts §1.8)."""

    typename: ClassVar[str] = "AppProblem"
    pk: int
    key: str
    message: str
    created_at: datetime
    updated_at: datetime
    count: int = 1
    is_critical: bool = False
    dismissed: Dismissed | None = None

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)


@dataclass(slots=True, eq=False)
class InstalledApp:
    """An installation of an app; another installation of the same manifest has another id and token."""

    typename: ClassVar[str] = "App"
    pk: int
    identifier: str
    name: str
    version: str
    manifest_url: str
    token: str
    granted: frozenset[str]
    webhooks: list[Webhook] = field(default_factory=list)
    is_active: bool = True
    removed: bool = False
    metadata: list[MetadataItem] = field(default_factory=list)
    private_metadata: list[MetadataItem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    app_url: str = ""
    extensions: list[dict[str, Any]] = field(default_factory=list)  # as the manifest has them

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)

    @property
    def permissions(self) -> list[Permission]:
        """What the app may do."""
        return [Permission(code) for code in sorted(self.granted)]

    @property
    def alive(self) -> bool:
        """Whether its token opens the API and its webhooks are called."""
        return self.is_active and not self.removed

    def may(self, permission: str) -> bool:
        """Whether the app holds a permission."""
        return permission in self.granted

    def webhook_for(self, event: str, permission: str) -> Webhook | None:
        """The webhook that gets an event: the first active one, if the app is alive and permitted (§2.6, §2.7)."""
        if not self.alive or (permission and not self.may(permission)):
            return None
        return next(self.subscribed(event), None)

    def subscribed(self, event: str) -> Iterator[Webhook]:
        """Its active webhooks for an event, whatever the app's own state."""
        return (webhook for webhook in self.webhooks if webhook.is_active and event in webhook.events)


Requestor = User | InstalledApp | None
