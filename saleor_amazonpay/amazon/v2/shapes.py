"""The parts of pay-api's objects that are used (contracts §5.4).

In comes JSON, out come frozen structs. Everything may be absent or null, unknown keys and codes are nobody's failure;
only a missing id of the object itself makes an answer unreadable, because nothing could be stored under it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.money import InvalidMoneyError, Money


class _Shape(msgspec.Struct, frozen=True, rename="camel"):
    pass


class Price(_Shape, frozen=True):
    """An amount in JSON."""

    amount: Decimal | None = None
    currency_code: str | None = None


class Reason(_Shape, frozen=True):
    """One of a charge permission's reasons."""

    reason_code: str | None = None
    reason_description: str | None = None


class Status(_Shape, frozen=True):
    """Where an object stands. Charge permissions list their reasons, everything else has one."""

    state: str | None = None
    reason_code: str | None = None
    reason_description: str | None = None
    reasons: list[Reason] | None = None
    last_updated_timestamp: str | None = None

    @property
    def name(self) -> str:
        """The state, empty if Amazon names none."""
        return self.state or ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every reason code."""
        listed = [each.reason_code for each in self.reasons or () if each.reason_code]
        return tuple(listed) if listed else ((self.reason_code,) if self.reason_code else ())

    @property
    def reason(self) -> str:
        """The first reason code, or nothing."""
        return self.codes[0] if self.codes else ""

    @property
    def updated_at(self) -> int | None:
        """Milliseconds UTC."""
        return milliseconds(self.last_updated_timestamp or "")


class PaymentDetails(_Shape, frozen=True):
    """What a session was set to."""

    payment_intent: str | None = None
    can_handle_pending_authorization: bool | None = None
    charge_amount: Price | None = None


class WebDetails(_Shape, frozen=True):
    """Where a session's buyer is sent."""

    checkout_result_return_url: str | None = None
    checkout_cancel_url: str | None = None
    amazon_pay_redirect_url: str | None = None


class MerchantMetadata(_Shape, frozen=True):
    """What the shop wrote on an object."""

    merchant_reference_id: str | None = None


class BuyerShape(_Shape, frozen=True):
    """The buyer: the id, and nothing more of the person."""

    buyer_id: str | None = None


class Address(_Shape, frozen=True):
    """Where a session is sent to; read for its buyer, never kept."""

    name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    county: str | None = None
    district: str | None = None
    state_or_region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone_number: str | None = None

    @property
    def postal(self) -> PostalAddress:
        """In neutral words. County and district are both finer than a city."""
        return PostalAddress(
            name=self.name or "",
            lines=(self.address_line1 or "", self.address_line2 or "", self.address_line3 or ""),
            city=self.city or "",
            district=self.district or self.county or "",
            state=self.state_or_region or "",
            postal_code=self.postal_code or "",
            country=self.country_code or "",
            phone=self.phone_number or "",
        )


class SessionConstraint(_Shape, frozen=True):
    """Why a session cannot go on."""

    constraint_id: str | None = None
    description: str | None = None


class Session(_Shape, frozen=True):
    """A checkout session."""

    checkout_session_id: str
    status_details: Status = Status()
    web_checkout_details: WebDetails | None = None
    payment_details: PaymentDetails | None = None
    merchant_metadata: MerchantMetadata | None = None
    buyer: BuyerShape | None = None
    shipping_address: Address | None = None
    constraints: list[SessionConstraint] | None = None
    charge_permission_id: str | None = None
    charge_id: str | None = None
    charge_permission_type: str | None = None

    @property
    def reference_id(self) -> str:
        """Our reference id of the payment it was set up for."""
        return (self.merchant_metadata and self.merchant_metadata.merchant_reference_id) or ""

    @property
    def amount(self) -> Money | None:
        """What it was set to charge."""
        return None if self.payment_details is None else money(self.payment_details.charge_amount)


class Limits(_Shape, frozen=True):
    """What may be charged on a permission, and what of it is left."""

    amount_limit: Price | None = None
    amount_balance: Price | None = None


class Permission(_Shape, frozen=True):
    """A charge permission."""

    charge_permission_id: str
    status_details: Status = Status()
    charge_permission_type: str | None = None
    buyer: BuyerShape | None = None
    limits: Limits | None = None


class Charge(_Shape, frozen=True):
    """A charge: v1's authorization and capture in one."""

    charge_id: str
    status_details: Status = Status()
    charge_permission_id: str | None = None
    charge_amount: Price | None = None
    capture_amount: Price | None = None
    refunded_amount: Price | None = None
    capture_now: bool | None = None
    merchant_metadata: MerchantMetadata | None = None

    @property
    def reference_id(self) -> str:
        """Our reference id of the payment that made it."""
        return (self.merchant_metadata and self.merchant_metadata.merchant_reference_id) or ""


class Refund(_Shape, frozen=True):
    """A refund of a charge."""

    refund_id: str
    status_details: Status = Status()
    charge_id: str | None = None
    refund_amount: Price | None = None


class Dispute(_Shape, frozen=True):
    """Money a buyer wants back."""

    dispute_id: str
    status_details: Status = Status()
    charge_id: str | None = None
    dispute_amount: Price | None = None
    filing_reason: str | None = None
    resolution: str | None = None


class Report(_Shape, frozen=True):
    """A report Amazon has made, or is making."""

    report_id: str
    report_type: str | None = None
    processing_status: str | None = None
    report_document_id: str | None = None
    start_time: str | None = None
    end_time: str | None = None


class Reports(_Shape, frozen=True):
    """One page of reports."""

    reports: list[Report] | None = None
    next_token: str | None = None


class ReportDocument(_Shape, frozen=True):
    """Where a report's text is: an address that is good for minutes."""

    report_document_id: str
    url: str
    compression_algorithm: str | None = None


def money(price: Price | None) -> Money | None:
    """The amount, if it is whole and in a currency of Amazon Pay."""
    if price is None or price.amount is None or not price.currency_code:
        return None
    try:
        return Money.parse(price.amount, price.currency_code)
    except InvalidMoneyError:
        return None


def price(amount: Money) -> dict[str, str]:
    """An amount as pay-api wants it: a text with the currency's decimals (contracts §8 no. 8)."""
    return {"amount": amount.text, "currencyCode": amount.currency}


def milliseconds(timestamp: str) -> int | None:
    """`20261110T153000Z` and its ISO cousins as milliseconds UTC; None for what is no moment."""
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
