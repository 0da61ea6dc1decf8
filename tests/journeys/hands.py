"""What buyers, Amazon and test authors do at Amazon, in the same words on each wire, and what is then to be seen there.

So a scenario about money is told once and played on Checkout v1 and on Checkout v2.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from saleor_amazonpay.simulator.amazon import AmazonWorld, Behaviour, Fault
from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.simulator.amazon.entities import CardConstraint, Merchant, Status
from saleor_amazonpay.simulator.amazon.faults import FaultKind
from saleor_amazonpay.simulator.amazon.ipn_documents import Inner
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.v2.charges import Ask
from saleor_amazonpay.simulator.amazon.v2.entities import Permission, State
from saleor_amazonpay.simulator.amazon.v2.keys import KeyPair

What = Literal[
    "charge",
    "capture",
    "release",
    "refund",
    "read",
    "read capture",
    "read refund",
    "begin",
    "agree",
    "end",
    "complete",
    "first charge",
]
# One deed's name as a fault on each wire, and how a counted request of Checkout v2 looks.
_NAMES: dict[What, tuple[str, str, str]] = {
    "charge": ("AuthorizeOnBillingAgreement", "CreateCharge", r"POST /v2/charges"),
    "capture": ("Capture", "CaptureCharge", r"POST /v2/charges/[^/]+/capture"),
    "release": ("CloseAuthorization", "CancelCharge", r"DELETE /v2/charges/[^/]+/cancel"),
    "refund": ("Refund", "CreateRefund", r"POST /v2/refunds"),
    "read": ("GetAuthorizationDetails", "GetCharge", r"GET /v2/charges/[^/]+"),
    "read capture": ("GetCaptureDetails", "GetCharge", r"GET /v2/charges/[^/]+"),
    "begin": ("SetBillingAgreementDetails", "UpdateCheckoutSession", r"PATCH /v2/checkoutSessions/[^/]+"),
    "end": ("CloseBillingAgreement", "CloseChargePermission", r"DELETE /v2/chargePermissions/[^/]+/close"),
    "complete": ("CloseOrderReference", "CloseChargePermission", r"DELETE /v2/chargePermissions/[^/]+/close"),
    "first charge": ("Authorize", "CompleteCheckoutSession", r"POST /v2/checkoutSessions/[^/]+/complete"),
    "agree": ("ValidateBillingAgreement", "CompleteCheckoutSession", r"POST /v2/checkoutSessions/[^/]+/complete"),
    "read refund": ("GetRefundDetails", "GetRefund", r"GET /v2/refunds/[^/]+"),
}
# What a v1 notice of a billing agreement is named after.
_UPDATES = (
    "BillingAgreementStatusUpdated",
    "PaymentMethodUpdated",
    "AddressUpdated",
    "AddressAndPaymentMethodUpdated",
)
_CHARGE_STATES = {"Pending": "CaptureInitiated", "Completed": "Captured"}
_REFUND_STATES = {"Completed": "Refunded", "Declined": "Declined"}


@dataclass(frozen=True, slots=True)
class Hands:
    """The deeds of one world."""

    world: AmazonWorld
    wire: str
    actions: Counter[str]

    @property
    def v2(self) -> bool:
        return self.wire == "v2"

    @property
    def lapse(self) -> float:
        """Seconds after which a third of the time is over in which Amazon reserves, and a little more."""
        return (11 if self.v2 else 3) * DAY

    # ---- whose agreement

    def permission(self, data: Mapping[str, Any]) -> Permission:
        """The charge permission that the buyer's session became."""
        if "chargePermissionId" in data:
            return self.world.pay.books.permissions[data["chargePermissionId"]]
        found = self.world.pay.books.sessions[data["amazonCheckoutSessionId"]].permission
        assert found is not None, "the session is not completed"
        return found

    def agreement(self, data: Mapping[str, Any]) -> str:
        """Amazon's id of what later charges are made on."""
        if not self.v2:
            return str(data["amazonBillingAgreementId"])
        return str(data.get("chargePermissionId") or self.permission(data).permission_id)

    def by_id(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What names the agreement in a later purchase, without a proof that it is the caller's."""
        return {"chargePermissionId" if self.v2 else "amazonBillingAgreementId": self.agreement(data)}

    def is_open(self, data: Mapping[str, Any]) -> bool:
        if self.v2:
            return self.permission(data).state.name == "Chargeable"
        return self.world.books.agreements[self.agreement(data)].status.state == "Open"

    def close(self, data: Mapping[str, Any], by: Literal["buyer", "amazon"] = "buyer") -> None:
        """End the agreement at Amazon; on v2 what is reserved on it goes along."""
        if self.v2:
            self.world.pay.end(self.agreement(data), by)
        else:
            self.world.close_agreement(self.agreement(data), by)

    def close_in_seller_central(self, data: Mapping[str, Any]) -> None:
        """The shop ends the agreement, at Amazon; what is reserved on it stays."""
        if self.v2:
            self.world.tick()
            self.world.pay.close(self.permission(data), "because", cancel_pending=False)
        else:
            self.world.close_agreement(self.agreement(data))

    def cancel(self, data: Mapping[str, Any]) -> None:
        """Amazon ends the agreement with everything open on it."""
        if self.v2:
            self.world.pay.end(self.agreement(data), "amazon")
        else:
            self.world.cancel_agreement(self.agreement(data))

    def choose(self, data: Mapping[str, Any], behaviour: Behaviour = Behaviour.OK) -> None:
        """The buyer chooses another card on Amazon's own pages."""
        card = self.world.add_card(self.world.buyer.buyer_id, behaviour)
        if self.v2:
            self.world.pay.change_method(self.agreement(data), card.card_id)
        else:
            self.world.change_payment_method(self.agreement(data), card.card_id, on_amazon=True)

    def spoil(self, data: Mapping[str, Any], constraint: CardConstraint) -> None:
        """The card that the agreement is paid with is good no more."""
        card = self.permission(data).card if self.v2 else self.world.books.agreements[self.agreement(data)].card
        assert card is not None
        self.world.spoil_card(self.world.buyer.buyer_id, card.card_id, constraint)

    # ---- what Amazon has

    def note(self, data: Mapping[str, Any]) -> str:
        """What Amazon writes to the buyer in the shop's name."""
        if self.v2:
            return str(self.permission(data).metadata.get("noteToBuyer", ""))
        return self.world.books.agreements[self.agreement(data)].attributes.seller_note

    def reserved_states(self) -> list[str]:
        """Of every authorization, in Amazon's order: is it open, or why it is not."""
        if self.v2:
            return [charge.state.reason or charge.state.name for charge in self.world.pay.books.charges.values()]
        known = self.world.books.authorizations.values()
        return [each.status.reason or each.status.state for each in known]

    def given_back(self) -> dict[Decimal, Decimal]:
        """By what each capture took: what of it was given back."""
        if self.v2:
            taken = [charge for charge in self.world.pay.books.charges.values() if charge.captured is not None]
            return {each.captured.amount: each.refunded.amount for each in taken if each.captured is not None}
        captures = self.world.books.captures.values()
        return {capture.amount.amount: capture.refunded.amount for capture in captures}

    def captures(self) -> int:
        """How often Amazon took money, or is about to."""
        if self.v2:
            return sum(charge.captured is not None for charge in self.world.pay.books.charges.values())
        return len(self.world.books.captures)

    def charges(self) -> int:
        """How many authorizations or charges Amazon has, whatever became of them."""
        return len(self.world.pay.books.charges if self.v2 else self.world.books.authorizations)

    def refunds(self) -> dict[str, Decimal]:
        """Amounts by Amazon's id, in the order in which they were made."""
        known: Any = self.world.pay.books.refunds if self.v2 else self.world.books.refunds
        return {refund_id: refund.amount.amount for refund_id, refund in known.items()}

    def settle_refund(
        self, refund_id: str, state: Literal["Completed", "Declined"] = "Completed", reason: str = ""
    ) -> None:
        """Decide a refund now."""
        if self.v2:
            self.world.pay.settle_refund(refund_id, _REFUND_STATES[state], reason)
        else:
            self.world.settle_refund(refund_id, state, reason)

    def complete_after_all(self, refund_id: str) -> None:
        """A refund that was declined is made nevertheless, and Amazon tells of it."""
        now = self.world.now()
        if self.v2:
            self.world.pay.books.refunds[refund_id].state = State("Refunded", now)
        else:
            self.world.books.refunds[refund_id].status = Status("Completed", now)
        self.announce(refund_id)

    # ---- what is done there behind our back

    def take_in_seller_central(self, amount: str, place: int = 0) -> str:
        """Staff take of what an authorization holds, the oldest if not said, at Amazon; returns the capture's id."""
        money = self._money(amount)
        if self.v2:
            charge = list(self.world.pay.books.charges.values())[place]
            return self.world.pay.capture(charge, money, "", "", "in-seller-central").charge_id
        authorization = list(self.world.books.authorizations.values())[place]
        return self.world.captures.capture(authorization, "in-seller-central", money, "", "").capture_id

    def refund_in_seller_central(self, amount: str) -> str:
        """Staff give back a part of the newest capture, at Amazon; returns the refund's id."""
        taken = self.last_capture()
        if self.v2:
            return self.world.pay.refund_in_seller_central(taken, Decimal(amount)).refund_id
        return self.world.refund_in_seller_central(taken, Decimal(amount)).refund_id

    def charge_elsewhere(self, data: Mapping[str, Any], amount: str) -> None:
        """Another system charges the same agreement."""
        if self.v2:
            self.world.pay.charges.create(self.permission(data), Ask(self._money(amount), capture_now=True))
        else:
            self.world.charge_elsewhere(self.agreement(data), Decimal(amount))

    def agreed_elsewhere(self) -> dict[str, Any]:
        """Another system of the merchant's has a buyer's agreement that nobody here has heard of; its id alone."""
        if self.v2:
            session, _ = self.world.pay.open_session()
            session.kind, session.recurring = "Recurring", {"frequency": {"unit": "Month", "value": "1"}}
            permission = self.world.pay.permissions.of_session(session, self._money("40"))
            return {"chargePermissionId": permission.permission_id}
        agreement, _token = self.world.open_agreement()
        self.world.tick_consent(agreement.agreement_id)
        self.world.agreements.confirm(agreement)
        return {"amazonBillingAgreementId": agreement.agreement_id}

    def sell_elsewhere(self, amount: str) -> None:
        """Another system of the merchant's sells to a buyer whom nobody here knows."""
        self.charge_elsewhere(self.agreed_elsewhere(), amount)

    def charge_back(self, amount: str, capture_id: str = "") -> str:
        """The buyer's bank takes back a part of a capture, the newest if none is named; returns Amazon's id of it."""
        taken = capture_id or self.last_capture()
        if self.v2:
            return self.world.pay.dispute(taken, Decimal(amount)).dispute_id
        return self.world.charge_back(taken, Decimal(amount)).chargeback_id

    def win(self, chargeback_id: str) -> None:
        """The merchant wins it: Checkout v2 tells of that, v1 tells staff alone."""
        if self.v2:
            self.world.pay.resolve(chargeback_id)
        else:
            self.world.win_charge_back(chargeback_id)

    def forget_chargebacks(self) -> None:
        """They stand in Amazon's books no more; notices of them stay as they are."""
        self.world.books.chargebacks.clear()
        self.world.pay.books.disputes.clear()

    def hide_last_charge(self) -> Hidden:
        """Amazon shows what was charged last to nobody."""
        if self.v2:
            return Hidden(self, dict([self.world.pay.books.charges.popitem()]))
        books = self.world.books
        return Hidden(
            self,
            dict([books.captures.popitem()]),
            dict([books.authorizations.popitem()]),
            dict([books.orders.popitem()]),
        )

    def capture_reads(self, state: Literal["Pending", "Declined", "Completed"], reason: str = "") -> None:
        """What was taken last reads so from now on, and nobody is told."""
        now, reasons = self.world.now(), (reason,) if reason else ()
        if self.v2:
            charge = self.world.pay.books.charges[self.last_capture()]
            charge.state = State(_CHARGE_STATES.get(state, state), now, reasons)
        else:
            self.world.books.captures[self.last_capture()].status = Status(state, now, reason)

    def last_capture(self) -> str:
        """Amazon's id of what was taken last."""
        return list(self.world.pay.books.charges if self.v2 else self.world.books.captures)[-1]

    def announce(self, object_id: str) -> None:
        """Amazon tells of an authorization, capture, refund or chargeback once more."""
        if self.v2:
            books = self.world.pay.books
            self.world.pay.core.announce(_one_of(object_id, books.refunds, books.disputes, books.charges))
        else:
            known = self.world.books
            objects = _one_of(object_id, known.refunds, known.chargebacks, known.captures, known.authorizations)
            self.world.announce(objects)

    def announce_all(self, data: Mapping[str, Any]) -> None:
        """Amazon tells of the agreement and of the newest payment on it, with all that was made of it, once more."""
        if self.v2:
            permission = self.permission(data)
            for kind in ("STATE_CHANGE", "ATTRIBUTE_CHANGE"):
                self.world.pay.core.announce(permission, kind)
            charge = permission.charges[-1]
            for subject in (charge, *charge.refunds):
                self.world.pay.core.announce(subject)
            return
        agreement = self.world.books.agreements[self.agreement(data)]
        for event in _UPDATES:
            self.world.announce(agreement, event)
        capture = self.world.books.captures[self.last_capture()]
        for each in (capture.authorization.order, capture.authorization, capture, *capture.refunds):
            self.world.announce(each)

    def notice_of_another_type(self, kind: str) -> None:
        """Amazon tells of what this app has no use for."""
        message = ""
        if self.v2:
            body = {
                "MerchantID": self.world.merchant.seller_id, "ObjectType": kind, "ObjectId": "x",
                "ChargePermissionId": "x", "NotificationType": "STATE_CHANGE", "NotificationId": kind,
                "NotificationVersion": "V2",
            }  # fmt: skip
            message = json.dumps(body)
        self.world.notifications.add(self.world.merchant, Inner(kind, "<a/>", "x"), message)

    def another_merchant(self) -> Merchant:
        """Another merchant account, with keys of its own on each wire."""
        made = self.world.create_merchant(name="Another", ipn_url="")
        pair = KeyPair.shared()
        made.private_key, made.public_keys[f"SANDBOX-{made.seller_id}"] = pair.private, pair.public
        return made

    def _money(self, amount: str) -> Money:
        return Money(Decimal(amount), self.world.merchant.currency)

    # ---- what goes wrong, and what was asked

    def fault(self, kind: FaultKind, what: What, **more: Any) -> None:
        """Amazon, or the network, spoils a deed."""
        old, new, _ = _NAMES[what]
        self.world.faults.add(Fault(kind, action=new if self.v2 else old, **more))

    def asked(self, what: What) -> int:
        """How often that was asked of Amazon since the count was last cleared."""
        old, _, path = _NAMES[what]
        if not self.v2:
            return self.actions[old]
        return sum(count for name, count in self.actions.items() if re.fullmatch(path, name))

    def spoil_keys(self) -> Any:
        """Amazon knows the merchant's keys no more; returns what brings them back."""
        merchant = self.world.merchant
        secret, public = merchant.secret_key, dict(merchant.public_keys)
        merchant.secret_key = "another"
        merchant.public_keys.clear()

        def again() -> None:
            merchant.secret_key = secret
            merchant.public_keys.update(public)

        return again


@dataclass(frozen=True, slots=True)
class Hidden:
    """A charge that Amazon shows to nobody: on v1 what took the money, what held it, and its order."""

    hands: Hands
    taken: dict[str, Any]
    held: dict[str, Any] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)

    @property
    def capture_id(self) -> str:
        return next(iter(self.taken))

    def appear(self) -> None:
        """Amazon shows it, and tells of it."""
        if self.hands.v2:
            self.hands.world.pay.books.charges.update(self.taken)
        else:
            books = self.hands.world.books
            books.captures.update(self.taken)
            books.authorizations.update(self.held)
            books.orders.update(self.orders)
        self.hands.announce(next(iter(self.held or self.taken)))


def _one_of(object_id: str, *kept: Mapping[str, Any]) -> Any:
    return next(objects[object_id] for objects in kept if object_id in objects)
