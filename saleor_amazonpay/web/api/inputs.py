"""What goes into the mutations and filters. Absent fields stay as they are; empty secrets are kept."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import strawberry

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.operation import Kind, Phase
from saleor_amazonpay.store.operation_pages import Wanted
from saleor_amazonpay.web.api.common import Decimal
from saleor_amazonpay.web.api.enums import Region, SecretName, Wire


@strawberry.input(
    name="AmazonPayProfileInput",
    description="The fields of a profile. On update, what is absent or null stays as it is.",
)
class ProfileInput:
    """Every field may be absent; which are required is decided where profiles are validated."""

    alias: str | None = None
    wire: Wire | None = None
    region: Region | None = None
    test_mode: bool | None = None
    currency: str | None = None
    ledger_currency: str | None = None
    seller_id: str | None = None
    store_id: str | None = None
    client_id: str | None = None
    access_key: str | None = None
    public_key_id: str | None = None
    secret_key: str | None = strawberry.field(default=None, description="Write-only; leave empty to keep.")
    client_secret: str | None = strawberry.field(default=None, description="Write-only; leave empty to keep.")
    private_key: str | None = strawberry.field(default=None, description="Write-only PEM; leave empty to keep.")
    mws_auth_token: str | None = strawberry.field(default=None, description="Write-only; leave empty to keep.")
    clear_secrets: list[SecretName] | None = strawberry.field(default=None, description="Secrets to forget.")
    descriptor: str | None = strawberry.field(default=None, description="On the buyer's statement; 16 characters.")
    customer_service_number: str | None = None
    customer_service_email: str | None = None
    customer_service_sender: str | None = None
    monthly_cap: Decimal | None = strawberry.field(default=None, description="In the profile's currency; 0 is closed.")
    unlimited: bool | None = strawberry.field(default=None, description="True lifts the cap; needs no monthlyCap.")
    time_zone: str | None = strawberry.field(default=None, description="IANA name; a new one counts from next month.")
    cap_thresholds: list[int] | None = strawberry.field(default=None, description="Per cent, 1 to 100.")
    refunds_give_cap_back: bool | None = None
    processing_percent: Decimal | None = None
    reserve_percent: Decimal | None = None
    transaction_fee: Decimal | None = None
    chargeback_fee: Decimal | None = None
    shop_origins: list[str] | None = None
    charging_apps: list[str] | None = strawberry.field(
        default=None, description="Identifiers of Saleor apps that may charge without the buyer."
    )
    allow_one_time: bool | None = None
    allow_recurring: bool | None = None
    capture_when_fulfilled: bool | None = None
    release_when_cancelled: bool | None = None

    @property
    def entered(self) -> dict[str, Any]:
        """What was entered, by the names that the flows use."""
        found = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value.value if isinstance(value, Enum) else value for name, value in found.items()}


@strawberry.input(name="AmazonPayOperationFilter", description="All that is given must hold.")
class OperationFilter:
    """Which operations; everything absent is no condition."""

    profile_ids: list[strawberry.ID] | None = None
    kinds: list[Kind] | None = None
    phases: list[Phase] | None = None
    transaction_id: strawberry.ID | None = None
    agreement_id: strawberry.ID | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    needs_attention: bool | None = None
    search: str | None = strawberry.field(
        default=None,
        description="A whole id: Saleor's transaction, our reference id, or one of Amazon's.",
    )

    @property
    def wanted(self) -> Wanted:
        """The conditions as the store takes them."""
        return Wanted(
            profile_ids=tuple(self.profile_ids or ()),
            kinds=tuple(self.kinds or ()),
            phases=tuple(self.phases or ()),
            agreement_id=self.agreement_id or "",
            created_from=_milliseconds(self.created_from),
            created_until=_milliseconds(self.created_until),
            needs_attention=bool(self.needs_attention),
        )


def _milliseconds(moment: datetime | None) -> int:
    if moment is None:
        return 0
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


@strawberry.input(name="AmazonPayAgreementFilter", description="All that is given must hold.")
class AgreementFilter:
    """Which agreements; everything absent is no condition."""

    profile_id: strawberry.ID | None = None
    states: list[AgreementState] | None = None
    user_id: strawberry.ID | None = None
    search: str | None = strawberry.field(default=None, description="A whole id: ours or Amazon's.")
