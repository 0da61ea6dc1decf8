"""What can be asked. Each field names its need; each answer is the asking shop's own."""

from __future__ import annotations

from zoneinfo import available_timezones

import strawberry

from saleor_amazonpay.amazon.regions import REGIONS
from saleor_amazonpay.domain.flaws import FlawedError
from saleor_amazonpay.domain.money import DIGITS
from saleor_amazonpay.domain.profile_fields import DESCRIPTOR_LENGTH, THRESHOLDS
from saleor_amazonpay.flows import agreements, payments, routing, setup_list
from saleor_amazonpay.store import agreement_pages, problems
from saleor_amazonpay.web.api.cap_types import FeeMonth, fee_months, fees_csv
from saleor_amazonpay.web.api.common import position
from saleor_amazonpay.web.api.context import Context
from saleor_amazonpay.web.api.enums import CallerKind, Region
from saleor_amazonpay.web.api.guard import Need, guarded
from saleor_amazonpay.web.api.inputs import AgreementFilter, OperationFilter
from saleor_amazonpay.web.api.payment_types import (
    AgreementConnection,
    AgreementType,
    OperationConnection,
    OperationType,
    PaymentType,
    ProblemType,
    agreement_of,
    agreement_page,
    operation_page,
)
from saleor_amazonpay.web.api.profile_types import ChannelType, ProfileType, SetupItem
from saleor_amazonpay.web.api.results import refused_as_error

Info = strawberry.Info[Context, None]


@strawberry.type(name="AmazonPayViewer", description="Who calls, and what they may do here.")
class Viewer:
    """The caller."""

    id: strawberry.ID
    kind: CallerKind
    name: str = strawberry.field(description="The e-mail of staff, the identifier of an app.")
    saleor_api_url: str
    may_see_settings: bool
    may_change_settings: bool
    may_see_payments: bool
    may_act_on_payments: bool


@strawberry.type(name="AmazonPayCurrency")
class CurrencyOption:
    """A currency that a profile may have."""

    code: str
    digits: int


@strawberry.type(name="AmazonPayRegionOption")
class RegionOption:
    """A region that a profile may have."""

    region: Region
    currency: str
    seller_central_url: str


@strawberry.type(name="AmazonPayOptions", description="What the fields of a profile may hold.")
class Options:
    """For forms."""

    regions: list[RegionOption]
    currencies: list[CurrencyOption]
    time_zones: list[str]
    descriptor_length: int
    cap_thresholds: list[int] = strawberry.field(description="What a new profile gets.")
    public_url: str | None


@strawberry.type
class Query:
    """The root."""

    @guarded(Need.ANYBODY_INSIDE, "Who calls, and what they may do here.")
    async def amazon_pay_viewer(self, info: Info) -> Viewer:
        """The caller."""
        context, caller = info.context, info.context.caller
        return Viewer(
            id=strawberry.ID(caller.id), kind=CallerKind(caller.kind), name=caller.name,
            saleor_api_url=context.tenant.api_url, may_see_settings=Need.SEE_SETTINGS.met_by(caller),
            may_change_settings=Need.CHANGE_SETTINGS.met_by(caller), may_see_payments=Need.SEE_PAYMENTS.met_by(caller),
            may_act_on_payments=Need.ACT_ON_PAYMENTS.met_by(caller),
        )  # fmt: skip

    @guarded(Need.ANYBODY_INSIDE, "What the fields of a profile may hold.")
    async def amazon_pay_options(self, info: Info) -> Options:
        """For forms."""
        return Options(
            regions=[
                RegionOption(
                    region=Region(each.name),
                    currency=each.currency,
                    seller_central_url=f"https://{each.seller_central}/",
                )
                for each in REGIONS.values()
            ],
            currencies=[CurrencyOption(code=code, digits=digits) for code, digits in sorted(DIGITS.items())],
            time_zones=sorted(available_timezones()),
            descriptor_length=DESCRIPTOR_LENGTH,
            cap_thresholds=list(THRESHOLDS),
            public_url=info.context.public_url or None,
        )

    @guarded(Need.SEE_SETTINGS, "All gateway profiles of the shop, oldest first.")
    async def amazon_pay_profiles(self, info: Info) -> list[ProfileType]:
        """The profiles."""
        return [ProfileType.of(profile) for profile in (await info.context.profiles()).values()]

    @guarded(Need.SEE_SETTINGS, "One gateway profile.")
    async def amazon_pay_profile(self, info: Info, id: strawberry.ID) -> ProfileType | None:  # noqa: A002
        """A profile."""
        found = (await info.context.profiles()).get(id)
        return None if found is None else ProfileType.of(found)

    @guarded(Need.SEE_SETTINGS, "The shop's channels, read from Saleor, with the profiles they may use.")
    async def amazon_pay_channels(self, info: Info) -> list[ChannelType]:
        """The channels."""
        try:
            found = await routing.channels(info.context.deps, info.context.tenant)
        except FlawedError as error:
            raise refused_as_error(error) from None
        return [ChannelType.of(each) for each in found]

    @guarded(Need.SEE_SETTINGS, "What has to be done before the first sale.")
    async def amazon_pay_setup(self, info: Info) -> list[SetupItem]:
        """The list of the whole installation."""
        context = info.context
        found = await setup_list.of_shop(context.deps, context.public_url, context.tenant.id)
        return [SetupItem.of(item) for item in found]

    @guarded(Need.SEE_SETTINGS, "What needs somebody now, critical first.")
    async def amazon_pay_problems(self, info: Info) -> list[ProblemType]:
        """The problems."""
        context = info.context
        tenant_id = context.tenant.id
        found = await context.deps.store.read(lambda tx: problems.open_of(tx, tenant_id))
        return [ProblemType.of(each) for each in found]

    @guarded(Need.SEE_PAYMENTS, "What was done at Amazon, newest first; 100 a page at most.")
    async def amazon_pay_operations(
        self,
        info: Info,
        filter: OperationFilter | None = None,  # noqa: A002
        first: int = 25,
        after: str | None = None,
    ) -> OperationConnection:
        """A page of operations."""
        context, asked = info.context, filter or OperationFilter()
        text = (asked.search or asked.transaction_id or "").strip()
        return await operation_page(context, asked.wanted, text, first, after)

    @guarded(Need.SEE_PAYMENTS, "One operation.")
    async def amazon_pay_operation(self, info: Info, id: strawberry.ID) -> OperationType | None:  # noqa: A002
        """An operation."""
        context = info.context
        found = await payments.operation(context.deps, context.tenant.id, id)
        return None if found is None else OperationType.of(found)

    @guarded(Need.SEE_PAYMENTS, "One payment, by Saleor's transaction.")
    async def amazon_pay_payment(self, info: Info, transaction_id: strawberry.ID) -> PaymentType | None:
        """A payment."""
        context = info.context
        found = await payments.payment(context.deps, context.tenant.id, transaction_id)
        return None if found is None else PaymentType.of(found)

    @guarded(Need.SEE_PAYMENTS, "The payments of an order, oldest first.")
    async def amazon_pay_order_payments(self, info: Info, order_id: strawberry.ID) -> list[PaymentType]:
        """What the order page shows."""
        context = info.context
        found = await payments.payments_of_order(context.deps, context.tenant, order_id)
        return [PaymentType.of(each) for each in found]

    @guarded(Need.SEE_PAYMENTS, "Buyers' agreements, newest first; 100 a page at most.")
    async def amazon_pay_agreements(
        self,
        info: Info,
        filter: AgreementFilter | None = None,  # noqa: A002
        first: int = 25,
        after: str | None = None,
    ) -> AgreementConnection:
        """A page of agreements."""
        context, asked = info.context, filter or AgreementFilter()
        rows, more = await agreements.list_agreements(
            context.deps, context.tenant.id, _wanted(asked), position(after), first
        )
        return await agreement_page(context, rows, after, more=more)

    @guarded(Need.SEE_PAYMENTS, "One agreement.")
    async def amazon_pay_agreement(self, info: Info, id: strawberry.ID) -> AgreementType | None:  # noqa: A002
        """An agreement."""
        return await agreement_of(info.context, id)

    @guarded(Need.SEE_PAYMENTS, "Month by month, newest first; 36 at most.")
    async def amazon_pay_fees(
        self, info: Info, months: int = 12, profile_id: strawberry.ID | None = None
    ) -> list[FeeMonth]:
        """Money of the last months, of one profile or all."""
        return await fee_months(info.context, await _of(info.context, profile_id), months)

    @guarded(Need.SEE_PAYMENTS, "The same as comma separated values with a header, to be saved.")
    async def amazon_pay_fees_csv(self, info: Info, months: int = 12, profile_id: strawberry.ID | None = None) -> str:
        """A table of the last months."""
        return await fees_csv(info.context, await _of(info.context, profile_id), months)


async def _of(context: Context, profile_id: str | None) -> tuple[str, ...]:
    """One of the shop's profiles, or all."""
    return tuple(key for key in await context.profiles() if profile_id in {None, key})


def _wanted(asked: AgreementFilter) -> agreement_pages.Wanted:
    return agreement_pages.Wanted(
        profile_id=asked.profile_id or "",
        states=tuple(asked.states or ()),
        user_id=asked.user_id or "",
        text=(asked.search or "").strip(),
    )
