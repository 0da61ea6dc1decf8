"""What a seller does at Amazon without the shop's software, and what Amazon does to a sale by itself.

In come ids of the simulated books and amounts, out come the objects. They carry references that no shop knows, and the
only word of them is a notification; of a won chargeback there is not even that.
"""

from __future__ import annotations

from decimal import Decimal

from saleor_amazonpay.simulator.amazon.authorizations import Ask, Authorizations
from saleor_amazonpay.simulator.amazon.captures import Captures
from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import Attributes, Authorization, Capture, Chargeback, Refund
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.refunds import Refunds


class SellerCentral:
    """Deeds that no API call of a shop does."""

    def __init__(self, core: Core, authorizations: Authorizations, captures: Captures, refunds: Refunds) -> None:
        self._core = core
        self._authorizations = authorizations
        self._captures = captures
        self._refunds = refunds

    def refund(self, capture_id: str, amount: Decimal | None = None, type_: str = "SellerInitiated") -> Refund:
        """A refund of all that is left, or of an amount.

        Other types are refunds that Amazon makes itself, such as `BuyerCanceled` and those of the A-to-z guarantee.
        """
        capture = self._core.books.captures[capture_id]
        left = capture.amount.amount - capture.promised.amount
        return self._refunds.refund(capture, self._reference(), _part(capture.amount, amount, left), type_=type_)

    def capture(self, authorization_id: str, amount: Decimal | None = None) -> Capture:
        """A capture of a whole authorization, or of an amount of it."""
        held = self._core.books.authorizations[authorization_id]
        money = _part(held.amount, amount, held.amount.amount)
        return self._captures.capture(held, self._reference(), money, "", "")

    def charge(self, agreement_id: str, amount: Decimal) -> Authorization:
        """Another system of the seller's charges an agreement, with a reference of its own."""
        agreement = self._core.books.agreements[agreement_id]
        ask = Ask(self._reference(), agreement.limit.of(amount), "", "", capture_now=True, timeout=0)
        return self._authorizations.on_agreement(agreement, ask, Attributes(), inherit_address=False)

    def charge_back(self, capture_id: str, amount: Decimal | None, reason: str) -> Chargeback:
        """The buyer's bank takes the money back: of the whole capture if no amount is given."""
        capture = self._core.books.captures[capture_id]
        return self._refunds.charge_back(capture, _part(capture.amount, amount, capture.amount.amount), reason)

    def win(self, chargeback_id: str) -> Chargeback:
        """The bank gives the money back. The seller hears of it by mail."""
        made = self._core.books.chargebacks[chargeback_id]
        made.won = True
        return made

    def _reference(self) -> str:
        return self._core.ids.uuid().replace("-", "")


def _part(like: Money, amount: Decimal | None, whole: Decimal) -> Money:
    return like.of(whole if amount is None else amount)
