"""Checkout sessions: made, set, confirmed by the buyer on Amazon's page, completed by the shop (contracts §5.4, §5.5).

In come requests and what the buyer does, out come changed sessions or refusals. A session is open for a day and kept
for thirty; completed once, it pays nothing a second time.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.simulator.amazon.entities import Behaviour, Buyer, Card, Merchant
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.v2.charges import Ask, Charges
from saleor_amazonpay.simulator.amazon.v2.core import PayCore
from saleor_amazonpay.simulator.amazon.v2.entities import Decision, Json, Session, State
from saleor_amazonpay.simulator.amazon.v2.errors import PayError, missing, not_found
from saleor_amazonpay.simulator.amazon.v2.params import money, part
from saleor_amazonpay.simulator.amazon.v2.permissions import Permissions, behaviour_of, kind_of

OPEN_LIFE = DAY
KEPT = 30 * DAY
SESSION_CODES = frozenset({"BuyerCanceled", "AmazonCanceled", "Declined", "AuthorizationInitiated"})
_INTENTS = frozenset({"Confirm", "Authorize", "AuthorizeWithCapture"})
_WORDS = {
    "BuyerNotAssociated": "There is no buyer associated with the Checkout Session.",
    "ChargeAmountNotSet": "chargeAmount is not set.",
    "CheckoutResultReturnUrlNotSet": "checkoutResultReturnUrl is not set.",
    "PaymentIntentNotSet": "paymentIntent is not set.",
    "RecurringFrequencyNotSet": "recurringMetadata.frequency is not set.",
    "PaymentMethodNotSet": "The buyer has not chosen a payment method.",
    "PaymentMethodNotAllowed": "The payment method is not allowed.",
    "PaymentMethodExpired": "The payment method has expired.",
    "PaymentMethodDeleted": "The payment method was deleted.",
    "BillingAddressDeleted": "The billing address was deleted.",
    "InvalidPaymentPlan": "The payment plan is not valid.",
    "ShippingAddressNotSet": "The buyer has not chosen a shipping address.",
    "BuyerEqualsSeller": "The buyer and seller are the same Amazon account.",
}


class Sessions:
    """The rules of checkout sessions."""

    def __init__(self, core: PayCore, permissions: Permissions, charges: Charges) -> None:
        self._core = core
        self._permissions = permissions
        self._charges = charges

    def create(self, merchant: Merchant, store_id: str, body: Json) -> Session:
        """From a request, or from a button's payload."""
        core, now = self._core, self._core.now()
        made = Session(core.core.ids.uuid(), merchant, store_id, now, State("Open", now))
        self._set(made, body)
        delivery = body.get("deliverySpecifications")
        made.delivery = delivery if isinstance(delivery, dict) else None
        core.books.sessions[made.session_id] = made
        core.core.agenda.at(now + OPEN_LIFE, lambda at: self._expire(made, at))
        return made

    def sign_in(self, session: Session, buyer: Buyer, card: Card | None) -> None:
        """The buyer chooses on Amazon's page. An address the shop does not deliver to is not chosen."""
        session.buyer, session.card = buyer, card
        deliverable = session.product == "PayAndShip" and _delivered(session.delivery, buyer.address.country)
        session.address = buyer.address if deliverable else None

    def find(self, merchant: Merchant, session_id: str) -> Session:
        """A merchant's own session. Raises ResourceNotFound; it is kept for thirty days."""
        found = self._core.books.sessions.get(session_id)
        if found is None or found.merchant is not merchant or self._core.now() > found.created_at + KEPT:
            raise not_found("checkout session", session_id)
        return found

    def constraints(self, session: Session) -> list[tuple[str, str]]:
        """Why the buyer cannot go on: names and descriptions."""
        if session.state.name != "Open":
            return []
        names = [
            name
            for name, wrong in (
                ("BuyerNotAssociated", session.buyer is None),
                ("ChargeAmountNotSet", "chargeAmount" not in session.payment),
                ("CheckoutResultReturnUrlNotSet", not session.web.get("checkoutResultReturnUrl")),
                ("PaymentIntentNotSet", "paymentIntent" not in session.payment),
                ("RecurringFrequencyNotSet", session.kind == "Recurring" and session.recurring is None),
            )
            if wrong
        ]
        names += self._of_the_buyer(session) if session.buyer is not None else []
        return [(name, _WORDS[name]) for name in names]

    def update(self, session: Session, body: Json, origin: str) -> None:
        """UpdateCheckoutSession; what the buyer confirmed before counts no more. Raises PayError."""
        self._must_be_open(session)
        self._set(session, body)
        session.confirmed = False
        session.redirect = "" if self.constraints(session) else f"{origin}/checkout/{session.session_id}"

    def leave(self, session: Session, decision: Decision) -> str:
        """The buyer leaves Amazon's page with the payment confirmed, or without; returns where to.

        Amazon tries the payment method there: a card that is declined cancels the session.
        """
        self._must_be_open(session)
        if decision == "cancel":
            self._end(session, "BuyerCanceled")
        elif not session.redirect:
            raise PayError("InvalidCheckoutSessionStatus", "The session is not set to anything that can be confirmed")
        elif self._declines(session):
            self._end(session, "Declined")
        else:
            session.confirmed = True
        web = session.web
        result = str(web.get("checkoutResultReturnUrl") or web.get("checkoutReviewReturnUrl") or "")
        url = result if session.confirmed else str(web.get("checkoutCancelUrl") or result)
        return f"{url}{'&' if '?' in url else '?'}amazonCheckoutSessionId={session.session_id}"

    def complete(self, session: Session, amount: Money, code: str) -> int:
        """Turn a confirmed session into a permission and a charge; returns the HTTP status. Raises PayError."""
        if session.state.name == "Canceled":
            raise PayError("CheckoutSessionCanceled", f"The session was canceled: {session.state.reason}")
        self._must_be_open(session)
        if not session.confirmed:
            raise PayError("InvalidCheckoutSessionStatus", "The buyer has not confirmed the session")
        set_amount = money(session.payment, "chargeAmount")
        if set_amount is None or amount != set_amount:
            raise PayError("AmountMismatch", f"The session is set to {set_amount.text if set_amount else 'nothing'}")
        if code in {"BuyerCanceled", "AmazonCanceled", "Declined"}:
            self._end(session, code)
            raise PayError("Declined" if code == "Declined" else "CheckoutSessionCanceled", f"Simulated: {code}")
        return self._completed(session, amount, code)

    def _completed(self, session: Session, amount: Money, code: str) -> int:
        limit = money(session.payment, "totalOrderAmount") or amount
        intent, may_pend = (
            session.payment["paymentIntent"],
            session.payment.get("canHandlePendingAuthorization") is True,
        )
        permission = self._permissions.of_session(session, limit)
        session.permission = permission
        if intent != "Confirm":
            ask = Ask(
                amount,
                capture_now=intent == "AuthorizeWithCapture",
                may_pend=may_pend,
                soft_descriptor=str(session.payment.get("softDescriptor") or ""),
                metadata=session.metadata,
                code=code,
            )
            try:
                session.charge = self._charges.create(permission, ask)
            except PayError:
                session.permission = None
                del self._core.books.permissions[permission.permission_id]
                self._end(session, "Declined")
                raise
        session.state = State("Completed", self._core.now())
        pending = session.charge is not None and session.charge.state.name == "AuthorizationInitiated"
        return 202 if pending else 200

    def _set(self, session: Session, body: Json) -> None:
        session.web.update(part(body, "webCheckoutDetails"))
        payment = part(body, "paymentDetails")
        intent = payment.get("paymentIntent", session.payment.get("paymentIntent"))
        if intent is not None and intent not in _INTENTS:
            raise PayError("InvalidParameterValue", f"The value '{intent}' provided for 'paymentIntent' is invalid")
        waits = payment.get("canHandlePendingAuthorization", session.payment.get("canHandlePendingAuthorization"))
        if intent == "AuthorizeWithCapture" and waits is True:
            raise PayError(
                "InvalidParameterCombination", "canHandlePendingAuthorization cannot go with AuthorizeWithCapture"
            )
        for name in ("chargeAmount", "totalOrderAmount"):
            money(payment, name, currency=session.merchant.currency)
        if len(str(payment.get("softDescriptor") or "")) > 16:
            raise PayError("InvalidParameterValue", "softDescriptor is longer than 16 characters")
        session.payment.update(payment)
        metadata = part(body, "merchantMetadata")
        if len(str(metadata.get("merchantStoreName") or "")) > 50:
            raise PayError("InvalidParameterValue", "merchantStoreName is longer than 50 characters")
        session.metadata.update(metadata)
        kind = body.get("chargePermissionType")
        session.kind = kind_of(str(kind)) if kind else session.kind
        recurring = body.get("recurringMetadata")
        session.recurring = recurring if isinstance(recurring, dict) else session.recurring

    def _must_be_open(self, session: Session) -> None:
        if session.state.name == "Canceled":
            raise PayError("CheckoutSessionCanceled", f"The session was canceled: {session.state.reason}")
        if session.state.name != "Open":
            raise PayError("InvalidCheckoutSessionStatus", f"The session is in state {session.state.name}")

    def _of_the_buyer(self, session: Session) -> list[str]:
        names = []
        if session.buyer is not None and session.merchant.shared_account == session.buyer.buyer_id:
            names.append("BuyerEqualsSeller")
        if session.card is None:
            names.append("PaymentMethodNotSet")
        elif session.card.constraint:
            names.append(session.card.constraint)
        elif not session.card.allowed:
            names.append("PaymentMethodNotAllowed")
        if session.product == "PayAndShip" and session.address is None:
            names.append("ShippingAddressNotSet")
        return names

    def _declines(self, session: Session) -> bool:
        """Whether Amazon refuses the card while the buyer looks on; with time to decide it says so later."""
        if session.payment.get("paymentIntent") == "Confirm":
            return False
        behaviour = behaviour_of(session.card)
        waits = session.payment.get("canHandlePendingAuthorization") is True
        return not waits and behaviour not in {Behaviour.OK, Behaviour.ATYPICAL, Behaviour.DECLINE_SOFT}

    def _end(self, session: Session, reason: str) -> None:
        session.state = State("Canceled", self._core.now(), (reason,))
        session.confirmed, session.redirect = False, ""

    def _expire(self, session: Session, at: float) -> None:
        if session.state.name == "Open":
            session.state = State("Canceled", at, ("Expired",))


def needed_store(body: Json, merchant: Merchant) -> str:
    """The store a session belongs to. Raises PayError."""
    store = body.get("storeId")
    if not store:
        raise missing("storeId")
    if store != merchant.store_id:
        raise PayError("InvalidParameterValue", f"The store '{store}' is not the merchant's")
    return str(store)


def _delivered(delivery: Json | None, country: str) -> bool:
    restrictions = (delivery or {}).get("addressRestrictions")
    if not isinstance(restrictions, dict):
        return True
    listed = restrictions.get("restrictions")
    named = isinstance(listed, dict) and country in listed
    return named if restrictions.get("type") == "Allowed" else not named
