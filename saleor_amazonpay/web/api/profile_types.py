"""Profiles, their channels, cap, notices and set-up list, as the API shows them. No field can hold a secret."""

from __future__ import annotations

from datetime import datetime

import strawberry

from saleor_amazonpay.amazon import port
from saleor_amazonpay.domain import profile as domain
from saleor_amazonpay.domain.profile import ProfileState
from saleor_amazonpay.flows import caps, ipn_health, routing, setup_list, simulate
from saleor_amazonpay.flows.profile_draft import standing_notes
from saleor_amazonpay.store import profile_changes
from saleor_amazonpay.store.profile_changes import Hint, Ties
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.web.api.cap_types import (
    CapMonth,
    CapStatus,
    FeeMonth,
    bounded,
    cap_month,
    cap_or_none,
    cap_status,
    fee_months,
    percent,
)
from saleor_amazonpay.web.api.common import Decimal, MoneyType, WarningType, moment, moment_or_none, warnings_of
from saleor_amazonpay.web.api.context import Context
from saleor_amazonpay.web.api.enums import (
    CheckState,
    IpnState,
    Qualification,
    Region,
    SecretName,
    SetupState,
    SimulatedCall,
    Wire,
)
from saleor_amazonpay.web.api.guard import Need, guarded, shown

Info = strawberry.Info[Context, None]


@strawberry.type(name="AmazonPaySecret", description="A sealed field. The secret itself never comes out.")
class SecretType:
    """`Hint` as the API shows it."""

    name: SecretName
    is_set: bool
    last_four: str = strawberry.field(
        description="The last four characters. Empty if it is not set, or too short to show any."
    )
    readable: bool = strawberry.field(
        description="False if it was sealed with a key that is not in AMAZONPAY_SECRET_KEYS: enter it again."
    )

    @classmethod
    def of(cls, hint: Hint) -> SecretType:
        """From the store's hint."""
        return cls(name=SecretName(hint.name), is_set=hint.is_set, last_four=hint.last_four, readable=hint.readable)


@strawberry.type(name="AmazonPayCheck", description="One thing that was tried, at Amazon or at our own address.")
class CheckType:
    """`Check` as the API shows it."""

    name: str
    state: CheckState
    message: str

    @classmethod
    def of(cls, check: port.Check) -> CheckType:
        """From the wire's check."""
        return cls(name=check.name, state=CheckState.OK if check.ok else CheckState.FAILED, message=check.message)


@strawberry.type(name="AmazonPayIpnRefusal", description="Requests to the IPN URL that were refused for one reason.")
class IpnRefusal:
    """`Refusals` as the API shows it."""

    code: str
    message: str
    count: int = strawberry.field(description="At least so many: a flood is counted once in ten seconds.")
    last_at: datetime


@strawberry.type(name="AmazonPayIpnHealth", description="Whether Amazon's notifications arrive.")
class IpnHealth:
    """`Health` as the API shows it."""

    url: str | None = strawberry.field(
        description="To be entered in Seller Central; null while AMAZONPAY_PUBLIC_URL is not set."
    )
    state: IpnState
    last_received_at: datetime | None
    last_subject: str | None
    received_last_day: int
    waiting: int = strawberry.field(description="Received, and not yet handled.")
    refusals: list[IpnRefusal]


@strawberry.type(name="AmazonPaySetupItem", description="One thing to do before the first sale.")
class SetupItem:
    """`setup_list.Item` as the API shows it."""

    code: str
    state: SetupState = strawberry.field(description="BY_HAND: it cannot be read from here; look in Seller Central.")
    title: str
    message: str
    values: list[str] = strawberry.field(description="What to enter there, ready to be copied.")
    url: str | None

    @classmethod
    def of(cls, item: setup_list.Item) -> SetupItem:
        """From the flow's item."""
        return cls(
            code=item.code, state=SetupState(item.state), title=item.title, message=item.message,
            values=list(item.values), url=item.url or None,
        )  # fmt: skip


@strawberry.type(name="AmazonPaySimulation", description="A result that Amazon's sandbox plays on request.")
class SimulationType:
    """`Simulation` as the API shows it."""

    call: SimulatedCall
    code: str
    title: str

    @classmethod
    def of(cls, simulation: port.Simulation) -> SimulationType:
        """From the wire's simulation."""
        return cls(call=SimulatedCall(simulation.call), code=simulation.code, title=simulation.title)


@strawberry.type(name="AmazonPayChannel", description="A channel of the shop.")
class ChannelType:
    """`ChannelRoutes` as the API shows it."""

    id: strawberry.ID
    slug: str
    name: str
    currency_code: str
    is_active: bool
    assignments: list[AssignmentType] = strawberry.field(description="In the order in which they are tried.")

    @classmethod
    def of(cls, found: routing.ChannelRoutes) -> ChannelType:
        """From the flow's channel."""
        channel = found.channel
        return cls(
            id=strawberry.ID(channel.id), slug=channel.slug, name=channel.name, currency_code=channel.currency_code,
            is_active=channel.is_active, assignments=[AssignmentType.of(route) for route in found.routes],
        )  # fmt: skip


@strawberry.type(name="AmazonPayAssignment", description="A profile that a channel may use.")
class AssignmentType:
    """`Route` as the API shows it."""

    channel: str = strawberry.field(description="The channel's slug.")
    priority: int = strawberry.field(description="Higher comes first.")
    weight: int = strawberry.field(description="Shares payments among profiles of one priority; 0 comes last.")
    qualification: Qualification
    profile: ProfileType

    @classmethod
    def of(cls, route: routing.Route) -> AssignmentType:
        """From the flow's route."""
        row = route.assignment
        return cls(
            channel=row.channel, priority=row.priority, weight=row.weight,
            qualification=Qualification(route.qualification), profile=ProfileType.of(route.profile),
        )  # fmt: skip


@strawberry.type(name="AmazonPayProfile", description="A gateway profile: a merchant account as this shop uses it.")
class ProfileType:
    """`Profile` as the API shows it."""

    source: strawberry.Private[domain.Profile]
    id: strawberry.ID
    version: int = strawberry.field(description="Grows with every change; a mutation names the one it saw.")
    alias: str
    wire: Wire
    region: Region
    test_mode: bool
    currency: str
    ledger_currency: str
    seller_id: str = strawberry.field(description="v1: Seller ID; v2: Merchant ID. The same number.")
    store_id: str
    client_id: str
    access_key: str
    public_key_id: str
    descriptor: str
    customer_service_number: str
    customer_service_email: str
    customer_service_sender: str
    monthly_cap: MoneyType | None = strawberry.field(description="Null if unlimited; 0 means closed.")
    time_zone: str
    cap_thresholds: list[int]
    refunds_give_cap_back: bool
    processing_percent: Decimal
    reserve_percent: Decimal
    transaction_fee: MoneyType
    chargeback_fee: MoneyType
    shop_origins: list[str]
    charging_apps: list[str]
    allow_one_time: bool
    allow_recurring: bool
    capture_when_fulfilled: bool
    release_when_cancelled: bool
    state: ProfileState
    state_reason: str

    @classmethod
    def of(cls, profile: domain.Profile) -> ProfileType:
        """From the domain's profile, which has no secrets."""
        currency = profile.currency
        return cls(
            source=profile,
            id=strawberry.ID(profile.id),
            version=profile.version,
            alias=profile.alias,
            wire=Wire(profile.wire),
            region=Region(profile.region),
            test_mode=profile.test_mode,
            currency=currency,
            ledger_currency=profile.ledger_currency,
            seller_id=profile.seller_id,
            store_id=profile.store_id,
            client_id=profile.client_id,
            access_key=profile.access_key,
            public_key_id=profile.public_key_id,
            descriptor=profile.descriptor,
            customer_service_number=profile.customer_service_number,
            customer_service_email=profile.customer_service_email,
            customer_service_sender=profile.customer_service_sender,
            monthly_cap=cap_or_none(profile.monthly_cap, currency),
            time_zone=profile.time_zone,
            cap_thresholds=list(profile.cap_thresholds),
            refunds_give_cap_back=profile.refunds_give_cap_back,
            processing_percent=percent(profile.processing_bps),
            reserve_percent=percent(profile.reserve_bps),
            transaction_fee=MoneyType.of(profile.transaction_fee, currency),
            chargeback_fee=MoneyType.of(profile.chargeback_fee, currency),
            shop_origins=list(profile.shop_origins),
            charging_apps=list(profile.charging_apps),
            allow_one_time=profile.allow_one_time,
            allow_recurring=profile.allow_recurring,
            capture_when_fulfilled=profile.capture_when_fulfilled,
            release_when_cancelled=profile.release_when_cancelled,
            state=profile.state,
            state_reason=profile.state_reason,
        )

    @shown
    async def created_at(self, info: Info) -> datetime:
        """When it was made."""
        return moment((await self._times(info))[0])

    @shown
    async def updated_at(self, info: Info) -> datetime:
        """When it was changed last."""
        return moment((await self._times(info))[1])

    async def _times(self, info: Info) -> tuple[int, int]:
        return await info.context.deps.store.read(lambda tx: profile_changes.times(tx, self.source.id))

    @shown
    async def secrets(self, info: Info) -> list[SecretType]:
        """Which secrets it has. Never the secrets."""
        store = info.context.deps.store

        def unit(tx: Tx) -> list[Hint]:
            return profile_changes.hints(tx, store.sealer, self.source.id)

        return [SecretType.of(hint) for hint in await store.read(unit)]

    @shown
    async def warnings(self, info: Info) -> list[WarningType]:
        """What one should know of it as it is."""
        return warnings_of(standing_notes(info.context.deps, self.source))

    @shown
    async def cap(self, info: Info) -> CapStatus:
        """The monthly cap now."""
        return cap_status(await caps.cap_status(info.context.deps, self.source.id))

    @shown
    async def cap_history(self, info: Info, months: int = 12) -> list[CapMonth]:
        """What months attempted, newest first; 36 at most."""
        found = await caps.cap_history(info.context.deps, self.source.id, bounded(months))
        return [cap_month(each) for each in found]

    @shown
    async def assignments(self, info: Info) -> list[AssignmentType]:
        """The channels that may use it."""
        context = info.context
        found = await routing.of_profile(context.deps, context.tenant, self.source.id)
        return [AssignmentType.of(route) for route in found]

    @shown
    async def ipn(self, info: Info) -> IpnHealth:
        """Whether Amazon's notifications arrive."""
        context = info.context
        known = await ipn_health.health(context.deps, self.source.id)
        return IpnHealth(
            url=ipn_health.url_of(context.public_url, self.source.id) or None,
            state=IpnState(known.state),
            last_received_at=moment_or_none(known.last_received_at),
            last_subject=known.last_subject or None,
            received_last_day=known.received_last_day,
            waiting=known.waiting,
            refusals=[
                IpnRefusal(code=each.code, message=each.message, count=each.count, last_at=moment(each.last_at))
                for each in known.refusals
            ],
        )

    @shown
    async def setup(self, info: Info) -> list[SetupItem]:
        """What has to be done in Seller Central and here."""
        found = await setup_list.of_profile(info.context.deps, info.context.public_url, self.source)
        return [SetupItem.of(item) for item in found]

    @shown
    async def open_operations(self, info: Info) -> int:
        """Payments not yet final."""
        return (await self._ties(info)).open_operations

    @shown
    async def open_agreements(self, info: Info) -> int:
        """Recurring agreements that can be charged."""
        return (await self._ties(info)).open_agreements

    @shown
    async def deletable(self, info: Info) -> bool:
        """Whether no payment and no agreement has ever used it; else it can only be closed."""
        return not (await self._ties(info)).used

    async def _ties(self, info: Info) -> Ties:
        return await info.context.deps.store.read(lambda tx: profile_changes.ties(tx, self.source.id))

    @shown
    async def simulations(self, info: Info) -> list[SimulationType]:
        """What Amazon's sandbox can be asked to play; empty for a live profile."""
        return [SimulationType.of(each) for each in simulate.offered(info.context.deps, self.source)]

    @shown
    async def next_simulations(self, info: Info) -> list[SimulationType]:
        """What the next calls will play; at most one per kind of call."""
        return [SimulationType.of(each) for each in await simulate.waiting(info.context.deps, self.source)]

    @guarded(Need.SEE_PAYMENTS, "Month by month, newest first; 36 at most.")
    async def fees(self, info: Info, months: int = 12) -> list[FeeMonth]:
        """Money of the last months."""
        return await fee_months(info.context, (self.source.id,), months)
