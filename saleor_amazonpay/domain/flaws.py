"""What is wrong with what somebody asked for, in words that API, page and shell show alike.

A flaw names the field, a code, what is wrong and how to mend it. It never repeats a secret, nor anything Amazon said
that may hold one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from saleor_amazonpay.domain.errors import AmazonPayError


class FlawCode(StrEnum):
    """Why something is refused."""

    REQUIRED = "required"
    INVALID = "invalid"
    TOO_LONG = "too_long"
    NOT_UNIQUE = "not_unique"
    NOT_FOUND = "not_found"
    VERSION_CONFLICT = "version_conflict"
    CREDENTIALS_REJECTED = "credentials_rejected"
    WRONG_ENVIRONMENT = "wrong_environment"
    CURRENCY_LOCKED = "currency_locked"
    CURRENCY_MISMATCH = "currency_mismatch"
    ACCOUNT_LOCKED = "account_locked"
    WIRE_LOCKED = "wire_locked"
    NOT_MOVED = "not_moved"
    OPEN_OPERATIONS = "open_operations"
    PROFILE_CLOSED = "profile_closed"
    TEST_MODE_ONLY = "test_mode_only"
    NOT_CHARGEABLE = "not_chargeable"
    PAYMENT_REFUSED = "payment_refused"
    AMAZON_UNREACHABLE = "amazon_unreachable"
    SALEOR_UNREACHABLE = "saleor_unreachable"
    SALEOR_REFUSED = "saleor_refused"


class NoteCode(StrEnum):
    """What one should know, though nothing is refused."""

    CAD_UNLISTED = "cad_unlisted"
    CURRENCY_OF_REGION = "currency_of_region"
    AMAZON_UNREACHABLE = "amazon_unreachable"
    SALEOR_UNREACHABLE = "saleor_unreachable"
    CHECK_FAILED = "check_failed"
    UNUSED_SECRET = "unused_secret"  # noqa: S105 - a code
    WIRE_ENDING = "wire_ending"
    TIME_ZONE_NEXT_MONTH = "time_zone_next_month"
    CAP_BELOW_BOOKED = "cap_below_booked"
    CAP_CLOSED = "cap_closed"
    NO_SHOP_ORIGINS = "no_shop_origins"
    ENVIRONMENT_FLIP = "environment_flip"
    OPEN_PAYMENTS_STAY = "open_payments_stay"
    CURRENCY_NEVER_MATCHES = "currency_never_matches"
    CHANNEL_LEFT_WITHOUT = "channel_left_without"
    PROFILE_NOT_ACTIVE = "profile_not_active"
    AGREEMENTS_STAY = "agreements_stay"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong. `field` is empty if it is about no single one."""

    field: str
    code: FlawCode
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Note:
    """One thing worth knowing. It holds nothing up."""

    field: str
    code: NoteCode
    message: str
    remedy: str


class FlawedError(AmazonPayError):
    """What was asked for is refused and nothing was changed. Carries every flaw that was found."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(f"{flaw.field or '-'}: {flaw.code} {flaw.message}" for flaw in self.flaws))
