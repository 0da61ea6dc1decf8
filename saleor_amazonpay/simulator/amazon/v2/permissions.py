"""Charge permissions: what may be charged on them, and how they end (contracts §5.4, §5.5, §6.1).

In come what sellers, buyers and time do, out come changed records or refusals. A one-time permission bounds the sum and
the number of its charges and closes itself when all of it was taken; a recurring one bounds each calendar month.
"""

from __future__ import annotations

from decimal import Decimal

from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.simulator.amazon.entities import Behaviour, Card
from saleor_amazonpay.simulator.amazon.life import limits, month_key
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.v2.core import PayCore
from saleor_amazonpay.simulator.amazon.v2.entities import Charge, Json, Kind, Permission, Session, State
from saleor_amazonpay.simulator.amazon.v2.errors import PayError, invalid

ONE_TIME_LIFE = 180 * DAY
RECURRING_LIFE = 395 * DAY  # thirteen months, counted anew with each charge
EXTENDED_LIFE = 395 * DAY
MAX_CHARGES = 25
_HOLDS = frozenset({"AuthorizationInitiated", "Authorized", "CaptureInitiated"})


class Permissions:
    """The rules of charge permissions."""

    def __init__(self, core: PayCore) -> None:
        self._core = core

    def of_session(self, session: Session, limit: Money) -> Permission:
        """What a completed session becomes."""
        core, merchant = self._core, session.merchant
        if session.buyer is None:
            raise ValueError("a session without a buyer cannot be completed")
        now = core.now()
        ids, taken = core.core.ids, {**core.books.permissions, **core.core.books.agreements, **core.core.books.orders}
        draw = ids.order if session.kind == "OneTime" else ids.agreement
        life = RECURRING_LIFE if session.kind == "Recurring" else ONE_TIME_LIFE
        if session.payment.get("extendExpiration") is True:
            life = EXTENDED_LIFE
        monthly = Money(merchant.monthly_limit, merchant.currency)
        made = Permission(
            permission_id=draw(merchant.region, taken, sandbox=merchant.sandbox),
            merchant=merchant,
            kind=session.kind,
            buyer=session.buyer,
            card=session.card,
            address=session.address,
            limit=monthly if session.kind == "Recurring" else limit,
            created_at=now,
            expires_at=now + life,
            state=State("Chargeable", now),
            metadata=dict(session.metadata),
            recurring=session.recurring,
        )
        core.books.permissions[made.permission_id] = made
        self._plan_expiry(made)
        return made

    def balance(self, permission: Permission) -> Decimal:
        """What may still be charged: of the whole, or of this month."""
        if permission.agreement is not None:
            return limits(permission.agreement, self._core.now()).remaining.amount
        if permission.kind == "Recurring":
            return permission.limit.amount - permission.used.get(month_key(self._core.now()), Decimal(0))
        held = sum((each.amount.amount for each in permission.charges if each.state.name in _HOLDS), Decimal(0))
        return permission.limit.amount - held - self._taken(permission)

    def admit(self, permission: Permission, money: Money) -> str:
        """Whether it may be charged with this now; returns the month it then counts in. Raises PayError."""
        if permission.state.name != "Chargeable":
            reasons = ", ".join(permission.state.reasons)
            raise PayError(
                "InvalidChargePermissionStatus",
                f"{permission.permission_id} is in state {permission.state.name} {reasons}".strip(),
            )
        if money.currency != permission.limit.currency:
            raise PayError("CurrencyMismatch", f"{permission.permission_id} is charged in {permission.limit.currency}")
        live = [each for each in permission.charges if each.state.name != "Declined"]
        if permission.kind == "OneTime" and len(live) >= MAX_CHARGES:
            raise PayError("TransactionCountExceeded", f"{permission.permission_id} has {MAX_CHARGES} charges")
        if money.amount > self.balance(permission):
            raise PayError(
                "TransactionAmountExceeded",
                f"{permission.permission_id}: a charge of {money.text} cannot be accepted, "
                f"{permission.limit.of(self.balance(permission)).text} of {permission.limit.text} are left",
            )
        return month_key(self._core.now()) if permission.kind == "Recurring" else ""

    def count(self, charge: Charge, month: str, sign: int = 1) -> None:
        """A recurring permission's month counts what is authorized in it, whoever asked."""
        if not month:
            return
        permission = charge.permission
        book = permission.used if permission.agreement is None else permission.agreement.authorized
        book[month] = book.get(month, Decimal(0)) + sign * charge.amount.amount
        charge.counted_in = month if sign > 0 else ""

    def charged(self, permission: Permission, at: float) -> None:
        """Something was taken: a one-time permission without a rest closes, a recurring one lives longer."""
        if permission.kind == "Recurring" and permission.agreement is None:
            permission.expires_at = at + RECURRING_LIFE
            self._plan_expiry(permission)
        whole = permission.kind == "OneTime" and self._taken(permission) >= permission.limit.amount
        if whole and permission.state.name != "Closed":
            self._core.move(permission, State("Closed", at, ("AmazonClosed",), "The whole amount was captured."))

    def method_failed(self, permission: Permission, at: float) -> None:
        """A hard decline: nothing more until the buyer chose another method."""
        if permission.state.name == "Chargeable":
            self._core.move(permission, State("NonChargeable", at, ("PaymentMethodInvalid",)))
            if permission.agreement is not None:
                permission.agreement.method_failed = True

    def rejected(self, permission: Permission, at: float) -> None:
        """AmazonRejected cancels the permission too (contracts §6.4)."""
        if permission.state.name != "Closed":
            self._core.move(permission, State("Closed", at, ("AmazonCanceled",)))

    def change_method(self, permission: Permission, card: Card) -> None:
        """The buyer chose another card at Amazon."""
        permission.card = card
        if permission.state.name == "NonChargeable":
            permission.state = State("Chargeable", self._core.now())
        self._core.announce(permission)

    def spoiled(self, card: Card, at: float) -> None:
        """A card expired, was deleted ...: what is paid with it cannot be charged."""
        for each in self._core.books.permissions.values():
            if each.card is card and each.agreement is None and each.state.name == "Chargeable":
                reason = card.constraint if card.constraint in _CARD_REASONS else "PaymentMethodInvalid"
                self._core.move(each, State("NonChargeable", at, (reason or "PaymentMethodInvalid",)))

    def close(self, permission: Permission, reason: str, description: str = "") -> None:
        """Closed for good. Raises InvalidChargePermissionStatus if it is closed for another reason."""
        if permission.state.name == "Closed":
            if permission.state.reason == reason:
                return
            raise PayError("InvalidChargePermissionStatus", f"{permission.permission_id} is in state Closed")
        self._core.move(permission, State("Closed", self._core.now(), (reason,), description))

    def update(self, permission: Permission, metadata: Json, recurring: Json | None) -> None:
        """Merchant metadata while it lives; a closed one-time permission takes what is still empty (contracts §5.5)."""
        if permission.state.name == "Closed":
            known = any(permission.metadata.get(name) for name in metadata)
            if permission.kind != "OneTime" or known or recurring is not None:
                raise PayError("ChargePermissionNotModifiable", f"{permission.permission_id} is closed")
        if recurring is not None and (permission.kind != "Recurring" or permission.merchant.sca):
            # In Europe a changed plan needs a new checkout.
            raise invalid("recurringMetadata", "not changeable here")
        permission.metadata.update(metadata)
        permission.recurring = recurring or permission.recurring

    def _taken(self, permission: Permission) -> Decimal:
        return sum((each.captured.amount for each in permission.charges if each.captured is not None), Decimal(0))

    def _plan_expiry(self, permission: Permission) -> None:
        self._core.core.agenda.at(permission.expires_at, lambda at: self._expire(permission, at))

    def _expire(self, permission: Permission, at: float) -> None:
        if permission.state.name != "Closed" and at >= permission.expires_at:
            self._core.move(permission, State("Closed", at, ("Expired",)))


_CARD_REASONS = frozenset(
    {"PaymentMethodDeleted", "PaymentMethodExpired", "PaymentMethodNotAllowed", "BillingAddressDeleted"}
)


def behaviour_of(card: Card | None) -> Behaviour:
    """What paying with it does."""
    return card.behaviour if card is not None else Behaviour.DECLINE_HARD


def kind_of(text: str) -> Kind:
    """A chargePermissionType. Raises InvalidParameterValue."""
    match text:
        case "OneTime":
            return "OneTime"
        case "Recurring":
            return "Recurring"
    raise invalid("chargePermissionType", text)
