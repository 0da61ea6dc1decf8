"""The API's closed lists. Names are upper case of the values that the domain and the store use."""

from __future__ import annotations

from enum import StrEnum

import strawberry

from saleor_amazonpay.amazon.wires import WireName
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.flaws import FlawCode, NoteCode
from saleor_amazonpay.domain.operation import Kind, Phase
from saleor_amazonpay.domain.profile import ProfileState

Wire = WireName


class Region(StrEnum):
    """Where the Amazon account is registered; never the shop's country."""

    US = "us"
    UK = "uk"
    EU = "eu"
    JP = "jp"


class SecretName(StrEnum):
    """The sealed fields of a profile. They go in and never come out."""

    SECRET_KEY = "secret_key"  # noqa: S105 - a column's name
    CLIENT_SECRET = "client_secret"  # noqa: S105 - a column's name
    PRIVATE_KEY = "private_key"
    MWS_AUTH_TOKEN = "mws_auth_token"  # noqa: S105 - a column's name


class CheckState(StrEnum):
    """What came of trying one permission."""

    OK = "ok"
    FAILED = "failed"


class IpnState(StrEnum):
    """Whether Amazon reaches the profile's IPN URL."""

    NEVER = "never"
    HEALTHY = "healthy"
    REFUSED = "refused"


class SetupState(StrEnum):
    """How far an item of the set-up list is."""

    DONE = "done"
    TODO = "todo"
    BY_HAND = "by_hand"


class Severity(StrEnum):
    """How much a problem matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Actor(StrEnum):
    """Who did what an entry of a timeline tells."""

    SALEOR = "saleor"
    APP = "app"
    AMAZON = "amazon"


class EntryKind(StrEnum):
    """What an entry of a timeline is."""

    REQUEST = "request"
    ANSWER = "answer"
    NOTICE = "notice"
    REPORT = "report"


class CallerKind(StrEnum):
    """Who calls the API."""

    STAFF = "staff"
    APP = "app"


class SimulatedCall(StrEnum):
    """The calls for which Amazon's sandbox plays what one asks for."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    REFUND = "refund"


class Qualification(StrEnum):
    """Whether routing would send a new payment to an assignment now, and why not."""

    QUALIFIES = "qualifies"
    PAUSED = "paused"
    CLOSED = "closed"
    CURRENCY_MISMATCH = "currency_mismatch"
    NO_ROOM = "no_room"


class ChargeResult(StrEnum):
    """What came of charging an agreement."""

    CHARGED = "charged"
    PENDING = "pending"
    FAILED = "failed"


class TransactionAction(StrEnum):
    """What staff may ask Saleor to do with a transaction."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"
    CANCEL = "CANCEL"


for _enum, _name in (
    (Region, "AmazonPayRegion"),
    (SecretName, "AmazonPaySecretName"),
    (CheckState, "AmazonPayCheckState"),
    (IpnState, "AmazonPayIpnState"),
    (SetupState, "AmazonPaySetupState"),
    (Severity, "AmazonPaySeverity"),
    (Actor, "AmazonPayActor"),
    (EntryKind, "AmazonPayTimelineKind"),
    (CallerKind, "AmazonPayCallerKind"),
    (SimulatedCall, "AmazonPaySimulatedCall"),
    (Qualification, "AmazonPayQualification"),
    (TransactionAction, "AmazonPayAction"),
    (ChargeResult, "AmazonPayChargeState"),
    (Wire, "AmazonPayWire"),
    (ProfileState, "AmazonPayProfileState"),
    (AgreementState, "AmazonPayAgreementState"),
    (Kind, "AmazonPayOperationKind"),
    (Phase, "AmazonPayOperationPhase"),
    (FlawCode, "AmazonPayErrorCode"),
    (NoteCode, "AmazonPayWarningCode"),
):
    strawberry.enum(_enum, name=_name)

ErrorCode = FlawCode
WarningCode = NoteCode
