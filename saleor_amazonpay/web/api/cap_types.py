"""Caps and fees of a profile, month by month, as the API shows them."""

from __future__ import annotations

import decimal
from datetime import datetime
from typing import Any

import strawberry

from saleor_amazonpay.domain.profile import UNLIMITED, Profile
from saleor_amazonpay.flows import caps, fees
from saleor_amazonpay.web.api.common import Decimal, MoneyType, moment
from saleor_amazonpay.web.api.context import Context

_WHOLE = 100


@strawberry.type(name="AmazonPayCapThreshold")
class CapThreshold:
    """A share of the cap at which staff are told."""

    percent: int
    amount: MoneyType
    reached: bool


@strawberry.type(name="AmazonPayCapStatus", description="The monthly cap now. It counts attempts, gross.")
class CapStatus:
    """`flows.caps.CapStatus` as the API shows it."""

    month: str = strawberry.field(description='The running month in the profile\'s time zone: "2026-11".')
    time_zone: str
    ends_at: datetime
    unlimited: bool
    cap: MoneyType | None = strawberry.field(description="Null if unlimited; 0 means closed.")
    booked: MoneyType
    remaining: MoneyType | None
    percent: Decimal | None = strawberry.field(description="Booked of the cap; null without one, or with 0.")
    thresholds: list[CapThreshold]
    forecast_reached_at: datetime | None = strawberry.field(
        description="When the cap will be reached if the month goes on as it went; null if not this month."
    )


@strawberry.type(name="AmazonPayCapMonth", description="What one month attempted, beside the cap as it is set now.")
class CapMonth:
    """`flows.caps.CapMonth` as the API shows it."""

    month: str
    booked: MoneyType
    cap: MoneyType | None
    percent: Decimal | None


@strawberry.type(
    name="AmazonPayFeeMonth", description="What one month on one profile should cost, and what Amazon kept of it."
)
class FeeMonth:
    """`flows.fees.FeeMonth` as the API shows it."""

    profile_id: strawberry.ID
    month: str
    currency: str
    sales: int
    gross: MoneyType
    refunds: MoneyType
    chargebacks: MoneyType = strawberry.field(description="Without what was won again.")
    expected_fee: MoneyType = strawberry.field(
        description="Of the profile's percentage, fee per transaction and fee per chargeback."
    )
    expected_reserve: MoneyType
    expected_net: MoneyType
    settled_gross: MoneyType = strawberry.field(description="Sales that Amazon posted in this month.")
    settled_refunds: MoneyType
    actual_fee: MoneyType | None = strawberry.field(
        description="What Amazon kept of what it posted; null if it posted nothing, or its API has no reports."
    )
    difference: MoneyType | None = strawberry.field(
        description="The actual fee less what the profile's terms make of the same sales; above 0: Amazon kept more."
    )


def percent(basis_points: int) -> Decimal:
    """Per cent of basis points."""
    return Decimal(decimal.Decimal(basis_points) / _WHOLE)


def bounded(count: int) -> int:
    """A number of months that may be asked for."""
    return max(1, min(count, 36))


def cap_or_none(minor: int, currency: str) -> MoneyType | None:
    """A cap; None for unlimited."""
    return None if minor == UNLIMITED else MoneyType.of(minor, currency)


def cap_status(status: caps.CapStatus, profile: Profile) -> CapStatus:
    """From the flow's status."""
    currency = profile.currency
    return CapStatus(
        month=status.month,
        time_zone=status.time_zone,
        ends_at=moment(status.ends_at),
        unlimited=status.cap == UNLIMITED,
        cap=cap_or_none(status.cap, currency),
        booked=MoneyType.of(status.booked, currency),
        remaining=None if status.remaining is None else MoneyType.of(status.remaining, currency),
        percent=None if status.percent is None else Decimal(status.percent),
        thresholds=[
            CapThreshold(percent=share, amount=MoneyType.of(status.cap * share // _WHOLE, currency), reached=reached)
            for share, reached in status.thresholds
        ],
        forecast_reached_at=None if status.forecast_at is None else moment(status.forecast_at),
    )


def cap_month(month: caps.CapMonth, profile: Profile) -> CapMonth:
    """From the flow's month."""
    cap = profile.monthly_cap
    share = (decimal.Decimal(month.booked * _WHOLE) / cap).quantize(decimal.Decimal("0.1")) if cap > 0 else None
    return CapMonth(
        month=month.month,
        booked=MoneyType.of(month.booked, profile.currency),
        cap=cap_or_none(cap, profile.currency),
        percent=None if share is None else Decimal(share),
    )


async def fee_months(context: Context, profile_ids: tuple[str, ...], months: int) -> list[FeeMonth]:
    """Fees month by month, newest first."""
    found = await fees.fee_months(context.deps, context.tenant.id, profile_ids, bounded(months))
    return [_fee_month(each) for each in found]


async def fees_csv(context: Context, profile_ids: tuple[str, ...], months: int) -> str:
    """The same as a table to be saved."""
    return fees.as_csv(await fees.fee_months(context.deps, context.tenant.id, profile_ids, bounded(months)))


_MONEY = (
    "gross", "refunds", "chargebacks", "expected_fee", "expected_reserve", "expected_net", "settled_gross",
    "settled_refunds", "actual_fee", "difference",
)  # fmt: skip


def _fee_month(row: fees.FeeMonth) -> FeeMonth:
    money: dict[str, Any] = {name: _money(getattr(row, name), row.currency) for name in _MONEY}
    return FeeMonth(
        profile_id=strawberry.ID(row.profile_id), month=row.month, currency=row.currency, sales=row.sales, **money
    )


def _money(minor: int | None, currency: str) -> MoneyType | None:
    return None if minor is None else MoneyType.of(minor, currency)
