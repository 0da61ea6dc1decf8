"""Charge permissions, and the checkout sessions they come from (contracts §5.5, §6.1).

In comes the id that the storefront has: a session's after the buyer chose at Amazon, a permission's for every later
payment. Out comes `Ready` or the one thing the buyer has to do first. Nothing here moves money, and everything may be
repeated: a session is set to the same terms again, and one that was completed says so.
"""

from __future__ import annotations

from saleor_amazonpay.amazon.port import Account, BuyerStep, Ready, Terms
from saleor_amazonpay.amazon.regions import wallet_page
from saleor_amazonpay.amazon.v2 import outcomes, sessions
from saleor_amazonpay.amazon.v2.calls import PATIENCE, V2Calls
from saleor_amazonpay.amazon.v2.ids import child_key, is_session
from saleor_amazonpay.amazon.v2.objects import Objects
from saleor_amazonpay.amazon.v2.shapes import Permission, Session, money
from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.agreement import ENDED, AgreementState, AgreementView, Constraint, MonthlyLimit
from saleor_amazonpay.domain.errors import CredentialsRejectedError, OutcomeUnknownError, RefusedError
from saleor_amazonpay.domain.outcome import Outcome

_UNKNOWN_ID = frozenset({"ResourceNotFound", "InvalidParameterValue"})


class Agreements:
    """Reads and prepares what payments are charged on."""

    def __init__(self, calls: V2Calls) -> None:
        self._calls = calls
        self._objects = Objects(calls)

    async def read(self, account: Account, agreement_id: str, patience: float = PATIENCE) -> AgreementView | None:
        """The session or permission as it is now; None if Amazon has none. Raises AmazonError."""
        try:
            if is_session(agreement_id):
                session, _ = await self._objects.session(account, agreement_id, patience)
                return session_view(session)
            permission, _ = await self._objects.permission(account, agreement_id, patience)
        except RefusedError as error:
            if error.code in _UNKNOWN_ID:
                return None
            raise
        return permission_view(permission)

    async def shipping_address(self, account: Account, session_id: str) -> PostalAddress | None:
        """Where a session is sent to; a permission's address is none of a checkout's. Raises AmazonError."""
        if not is_session(session_id):
            return None
        session, _ = await self._objects.session(account, session_id)
        return None if session.shipping_address is None else session.shipping_address.postal

    async def prepare(self, account: Account, agreement_id: str, terms: Terms) -> Ready | BuyerStep:
        """Bring it to where it may be charged. Raises AmazonError; RefusedError for an unknown id."""
        if is_session(agreement_id):
            session, _ = await self._objects.session(account, agreement_id)
            return await self._session(account, session, terms)
        permission, _ = await self._objects.permission(account, agreement_id)
        return _chargeable(permission)

    async def validate(self, account: Account, agreement_id: str, patience: float) -> Outcome:
        """Whether a permission could be charged: its state says so. Raises AmazonError."""
        permission, request_id = await self._objects.permission(account, agreement_id, patience)
        view = permission_view(permission)
        line = outcomes.AGREED if view.state is AgreementState.OPEN else outcomes.AGREEMENT_REFUSALS[view.state]
        return Outcome(
            line,
            object_id=view.amazon_id,
            state=permission.status_details.name,
            reason=view.reason,
            request_id=request_id,
            agreement_state=view.state,
        )

    async def close(self, account: Account, permission_id: str, reason: str, patience: float) -> AgreementView:
        """CloseChargePermission, then the permission as it is. Charges under way are left alone. Raises AmazonError."""
        body = {"closureReason": reason[:255], "cancelPendingCharges": False}
        try:
            await self._calls.call(account, "CloseChargePermission", permission_id, body, patience=patience)
        except CredentialsRejectedError:
            raise
        except RefusedError:
            view = await self.read(account, permission_id)
            if view is None or view.state not in ENDED:
                raise
            return view  # somebody was faster
        permission, _ = await self._objects.permission(account, permission_id)
        return permission_view(permission)

    async def _session(self, account: Account, session: Session, terms: Terms) -> Ready | BuyerStep:
        view = session_view(session)
        state = session.status_details.name
        if state == "Canceled":
            return BuyerStep(outcomes.of_session(session).code, view)
        if state == "Completed":
            return await self._completed(account, session, terms)
        if terms.buyer_returned and sessions.is_set(session, terms):
            if terms.amount:
                return Ready(view, session.checkout_session_id)
            return await self._confirm(account, session, terms)
        if not terms.amount and sessions.charge_amount(terms) is None:
            return BuyerStep("recurring_amount_missing", view)
        return await self._set(account, session, terms)

    async def _set(self, account: Account, session: Session, terms: Terms) -> BuyerStep:
        """UpdateCheckoutSession; the buyer then confirms on Amazon's page."""
        body = sessions.update(terms)
        answer = await self._calls.call(account, "UpdateCheckoutSession", session.checkout_session_id, body)
        changed = answer.read(Session)
        view = session_view(changed)
        if view.constraints:
            return BuyerStep(first_obstacle(view.constraints), view, view.constraints)
        redirect = changed.web_checkout_details and changed.web_checkout_details.amazon_pay_redirect_url
        if not redirect:
            raise OutcomeUnknownError(answer.action, "UnreadableAnswer", "the session has no page to go to")
        return BuyerStep("amazon_redirect", view, data={"amazonPayRedirectUrl": redirect})

    async def _completed(self, account: Account, session: Session, terms: Terms) -> Ready | BuyerStep:
        """A completed session pays the one payment it was set to, and never a second one (money.md §4)."""
        view = session_view(session)
        if session.reference_id != terms.payment_reference or not session.charge_permission_id:
            return BuyerStep("session_used", view)
        if terms.amount:
            return Ready(view, session.checkout_session_id)
        permission, _ = await self._objects.permission(account, session.charge_permission_id)
        return _chargeable(permission)

    async def _confirm(self, account: Account, session: Session, terms: Terms) -> Ready | BuyerStep:
        """Complete a session that is only to become an agreement: its intent is Confirm, and no money moves."""
        amount = sessions.charge_amount(terms)
        if amount is None:
            return BuyerStep("recurring_amount_missing", session_view(session))
        try:
            answer = await self._calls.call(
                account,
                "CompleteCheckoutSession",
                session.checkout_session_id,
                sessions.complete(amount),
                key=child_key(terms.payment_reference, "confirm"),
            )
            done = answer.read(Session)
        except CredentialsRejectedError:
            raise
        except RefusedError as error:
            done, _ = await self._objects.session(account, session.checkout_session_id)
            if done.status_details.name != "Completed":
                line = outcomes.of_refusal(error)
                return BuyerStep(line.code, session_view(done))
        return await self._completed(account, done, terms)


def session_view(session: Session) -> AgreementView:
    """A session as an agreement that is not one yet, or as the permission it became."""
    status = session.status_details
    state = {"Completed": AgreementState.OPEN, "Canceled": AgreementState.CANCELED}.get(
        status.name, AgreementState.DRAFT
    )
    named = [
        Constraint(
            outcomes.CONSTRAINTS.get(each.constraint_id or "", outcomes.UNKNOWN_CONSTRAINT),
            each.constraint_id or "",
            each.description or "",
        )
        for each in session.constraints or ()
    ]
    return AgreementView(
        session.charge_permission_id or session.checkout_session_id,
        state,
        status.reason,
        session.charge_permission_type == "Recurring",
        tuple(named),
        buyer_id=(session.buyer and session.buyer.buyer_id) or "",
    )


def permission_view(permission: Permission) -> AgreementView:
    """A charge permission; one in a state we do not know is not charged, and not told to have ended."""
    status = permission.status_details
    state, reason = outcomes.agreement_state(status), status.reason
    if state is None:
        state, reason = AgreementState.SUSPENDED, f"unknown state {status.name!r}"
    return AgreementView(
        permission.charge_permission_id,
        state,
        reason,
        permission.charge_permission_type == "Recurring",
        (),
        _limit(permission),
        (permission.buyer and permission.buyer.buyer_id) or "",
    )


def _limit(permission: Permission) -> MonthlyLimit | None:
    if permission.limits is None:
        return None
    limit, left = money(permission.limits.amount_limit), money(permission.limits.amount_balance)
    return None if limit is None or left is None else MonthlyLimit(limit, left, "", "")


def _chargeable(permission: Permission) -> Ready | BuyerStep:
    view = permission_view(permission)
    if view.state is AgreementState.OPEN:
        return BuyerStep("agreement_status", view) if view.reason == "ChargeInProgress" else Ready(view)
    if view.state in ENDED:
        return BuyerStep("agreement_ended", view)
    if view.reason == "MFAFailed":
        return BuyerStep("authentication", view, data=wallet(view.amazon_id))
    return BuyerStep("payment_method", view, data=wallet(view.amazon_id))


def wallet(permission_id: str) -> dict[str, str]:
    """For the storefront: Amazon's page where the buyer chooses another payment method."""
    return {"amazonPayWalletUrl": wallet_page(permission_id)}


def first_obstacle(constraints: tuple[Constraint, ...]) -> str:
    """The code of the constraint to deal with first: what cannot be mended, then as the buyer meets them."""
    order = list(outcomes.CONSTRAINTS)
    known = [each for each in constraints if each.amazon_id in outcomes.CONSTRAINTS]
    ranked = sorted(known, key=lambda each: order.index(each.amazon_id))
    return ranked[0].code if ranked else outcomes.UNKNOWN_CONSTRAINT
