"""What happens in a widget's frame: it opens (and the first one makes the agreement), and the buyer chooses.

In come the account, the access token and the agreement as the shop's page has them; out come the choices, or a widget
error with one of Amazon's codes (contracts §4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from saleor_amazonpay.simulator.amazon.entities import Address, Agreement, Behaviour, Buyer, Card, Merchant
from saleor_amazonpay.simulator.amazon.life import FINAL_AGREEMENT

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

# What a card is called in the Wallet. Amazon marks test cards that fail with a star.
CARDS = {
    Behaviour.OK: ("Visa •••• 1111", ""),
    Behaviour.DECLINE_HARD: ("Visa •••• 3434 *", "declined: InvalidPaymentMethod"),
    Behaviour.DECLINE_SOFT: ("Mastercard •••• 0005 *", "declined this time: InvalidPaymentMethod, SoftDecline"),
    Behaviour.REJECTED: ("Discover •••• 9424 *", "declined: AmazonRejected"),
    Behaviour.PROCESSING_FAILURE: ("Amex •••• 0701 *", "declined: ProcessingFailure"),
    Behaviour.TIMED_OUT: ("Visa •••• 4444 *", "TransactionTimedOut; authorized if given time"),
    Behaviour.ATYPICAL: ("JCB •••• 0000 *", "pending first: StopShipmentAtypicalAuth"),
}


class FrameRefusedError(Exception):
    """A widget's error: Amazon's code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Asked(msgspec.Struct, kw_only=True):
    """What a frame's script sends."""

    seller: str
    token: str
    sandbox: bool = True
    agreement: str = ""
    choice: str = ""
    consent: bool = False


@dataclass(frozen=True, slots=True)
class Frames:
    """The deeds of the three widgets."""

    world: AmazonWorld

    def act(self, kind: str, deed: str, body: bytes) -> dict[str, object]:
        """Open a widget or choose in it. Raises FrameRefusedError, msgspec.MsgspecError, KeyError."""
        asked = msgspec.json.decode(body, type=Asked)
        merchant = self._merchant(asked)
        buyer = self._buyer(asked, merchant)
        agreement = self._agreement(kind, asked, merchant, buyer)
        if deed == "open":
            return _opened(kind, agreement)
        {"address": self._send_to, "wallet": self._pay_with, "consent": self._agree}[kind](agreement, asked)
        return {"agreement": agreement.agreement_id}

    def _merchant(self, asked: Asked) -> Merchant:
        found = self.world.find_merchant(asked.seller, sandbox=asked.sandbox)
        if found is None:
            raise FrameRefusedError("InvalidSellerId", f"{asked.seller} is no seller of this environment.")
        if not found.active:
            raise FrameRefusedError("InvalidAccountStatus", "The seller's account is not active.")
        return found

    def _buyer(self, asked: Asked, merchant: Merchant) -> Buyer:
        token = self.world.token(asked.token)
        if token is None or token.client_id != merchant.client_id:
            raise FrameRefusedError("BuyerSessionExpired", "The buyer has to sign in again.")
        return self.world.books.buyers[token.buyer_id]

    def _agreement(self, kind: str, asked: Asked, merchant: Merchant, buyer: Buyer) -> Agreement:
        """The agreement the frame is about; without an id the AddressBook or the Wallet makes one."""
        if not asked.agreement:
            made, _token = self.world.open_agreement(
                buyer.buyer_id, merchant, card_id=None, consent=False, address=False, needs_address=kind == "address"
            )
            return made
        found = self.world.books.agreements.get(asked.agreement)
        if found is None or found.merchant is not merchant:
            raise FrameRefusedError("InvalidParameterValue", f"{asked.agreement} is no agreement of this seller.")
        if found.buyer is not buyer:
            raise FrameRefusedError("BuyerNotAssociated", "The agreement is another buyer's.")
        if found.status.state in FINAL_AGREEMENT:
            raise FrameRefusedError("StaleOrderReference", f"The agreement is {found.status.state}.")
        if kind == "address" and _rejected(found):
            raise FrameRefusedError("UnknownError", "Something went wrong.")
        if kind == "address" and found.status.state != "Draft":
            raise FrameRefusedError("AddressNotModifiable", "The address cannot be changed any more.")
        return found

    def _send_to(self, agreement: Agreement, asked: Asked) -> None:
        self.world.change_address(agreement.agreement_id, addresses(agreement.buyer)[asked.choice])

    def _pay_with(self, agreement: Agreement, asked: Asked) -> None:
        self.world.change_payment_method(agreement.agreement_id, asked.choice)

    def _agree(self, agreement: Agreement, asked: Asked) -> None:
        self.world.tick_consent(agreement.agreement_id, consent=asked.consent)


def addresses(buyer: Buyer) -> dict[str, Address]:
    """A buyer's address book: her own address, her work's, and one in Germany, whose lines are another way round."""
    own = buyer.address
    work = replace(own, line1="500 Lake Shore Dr", line2="", postal_code="60611")
    germany = Address(own.name, "Müller GmbH", "Hauptstraße 7", "München", "", "80331", "DE", "+49 89 555010")
    return {"home": own, "work": work, "germany": germany}


def _rejected(agreement: Agreement) -> bool:
    made = (each for order in agreement.orders for each in order.authorizations)
    return any(each.status.reason == "AmazonRejected" for each in made)


def _opened(kind: str, agreement: Agreement) -> dict[str, object]:
    if kind == "consent":
        text = "Use my payment method for future purchases and recurring payments in this shop."
        return {
            "agreement": agreement.agreement_id,
            "choices": [{"value": "consent", "label": text, "note": ""}],
            "chosen": "consent" if agreement.consent else "",
        }
    if kind == "address":
        found = addresses(agreement.buyer)
        chosen = next((key for key, address in found.items() if address == agreement.address), "home")
        choices = [{"value": key, "label": line_of(address), "note": ""} for key, address in found.items()]
        return {"agreement": agreement.agreement_id, "choices": choices, "chosen": chosen}
    cards = agreement.buyer.cards
    # After a decline the buyer has to choose; otherwise Amazon shows her usual card as chosen.
    usual = agreement.card or next(iter(cards.values()), None)
    chosen = "" if usual is None or agreement.method_failed else usual.card_id
    return {"agreement": agreement.agreement_id, "choices": [_card(each) for each in cards.values()], "chosen": chosen}


def line_of(address: Address) -> str:
    """An address in one line."""
    parts = (address.name, address.line1, address.line2, address.city, address.state, address.postal_code)
    return ", ".join(part for part in (*parts, address.country) if part)


def _card(card: Card) -> dict[str, str]:
    label, note = CARDS[card.behaviour]
    trouble = card.constraint or ("" if card.allowed else "PaymentMethodNotAllowed")
    return {"value": card.card_id, "label": label, "note": trouble or note}
