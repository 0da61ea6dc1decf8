"""What the shop's mutations answer: the objects they are about, and Saleor's `errors`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saleor_amazonpay.simulator.shop.errors import MutationError
from saleor_amazonpay.simulator.shop.ledger import GrantedRefund, TransactionEvent, TransactionItem
from saleor_amazonpay.simulator.shop.people import Problem
from saleor_amazonpay.simulator.shop.purchases import Order


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """What one payment app says about itself before anything is paid."""

    id: str
    data: Any
    errors: tuple[MutationError, ...] = ()


@dataclass(frozen=True, slots=True)
class GatewayResult:
    """`paymentGatewayInitialize`."""

    configs: tuple[GatewayConfig, ...] = ()
    errors: tuple[MutationError, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionResult:
    """`transactionInitialize`, `transactionProcess`. `data` goes to the storefront as the app sent it."""

    transaction: TransactionItem | None = None
    event: TransactionEvent | None = None
    data: Any = None
    errors: tuple[MutationError, ...] = ()


@dataclass(frozen=True, slots=True)
class TransactionResult:
    """`transactionRequestAction`, `transactionRequestRefundForGrantedRefund`, `transactionUpdate`."""

    transaction: TransactionItem | None = None
    errors: tuple[MutationError, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportResult:
    """`transactionEventReport`."""

    already_processed: bool | None = None
    transaction: TransactionItem | None = None
    event: TransactionEvent | None = None
    errors: tuple[MutationError, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantResult:
    """`orderGrantRefundCreate`."""

    order: Order | None = None
    granted_refund: GrantedRefund | None = None
    errors: tuple[MutationError, ...] = ()


@dataclass(frozen=True, slots=True)
class CompleteResult:
    """`checkoutComplete`."""

    order: Order | None = None
    errors: tuple[MutationError, ...] = ()


@dataclass(frozen=True, slots=True)
class ProblemResult:
    """`appProblemCreate`, `appProblemDismiss`."""

    problem: Problem | None = None
    errors: tuple[MutationError, ...] = ()
