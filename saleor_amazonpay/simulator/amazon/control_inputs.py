"""What the control API takes, one struct per deed. Unknown fields are refused, so that a typo is noticed."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from saleor_amazonpay.simulator.amazon.entities import Address, Behaviour, CardConstraint, Outcome


class _Input(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of all inputs."""


class Nothing(_Input):
    """No input."""


class Seller(_Input):
    """Which merchant: its seller id and environment, or `account` (`SELLER:Sandbox`); the first one if neither."""

    seller_id: str = ""
    sandbox: bool = True
    account: str = ""


class NewMerchant(_Input):
    """See AmazonWorld.create_merchant."""

    seller_id: str = ""
    access_key: str = ""
    secret_key: str = ""
    client_id: str = ""
    mws_auth_token: str = ""
    region: str = "us"
    sandbox: bool = True
    name: str = "Demo Shop"
    ipn_url: str = ""
    monthly_limit: Decimal | None = None


class NewBuyer(_Input):
    """See AmazonWorld.create_buyer."""

    buyer_id: str = ""
    name: str = "Jane Doe"
    email: str = "jane.doe@example.com"
    address: Address | None = None
    cards: tuple[Behaviour, ...] = (Behaviour.OK,)


class NewCard(_Input):
    """See AmazonWorld.add_card."""

    behaviour: Behaviour = Behaviour.OK
    allowed: bool = True


class NewToken(Seller):
    """A buyer signs in; the first buyer if none is named. `life` in seconds."""

    buyer_id: str = ""
    life: float = 3600.0


class OpenOrder(Seller):
    """See AmazonWorld.open_order."""

    buyer_id: str = ""
    card_id: str | None = ""
    address: bool = True
    needs_address: bool = True


class OpenAgreement(OpenOrder):
    """See AmazonWorld.open_agreement."""

    consent: bool = True


class Consent(_Input):
    """The box in the Consent widget."""

    consent: bool = True


class ChooseCard(_Input):
    """See AmazonWorld.change_payment_method."""

    card_id: str
    on_amazon: bool = False


class Spoil(_Input):
    """See AmazonWorld.spoil_card."""

    card_id: str
    constraint: CardConstraint = "PaymentMethodExpired"


class FinishConfirmation(_Input):
    """How the buyer leaves Amazon's confirmation page."""

    outcome: Outcome = "Success"


class ChooseAddress(_Input):
    """Another shipping address, or null for none."""

    address: Address | None


class Close(_Input):
    """Who closes an agreement at Amazon."""

    by: Literal["buyer", "amazon"] = "buyer"


class Settle(_Input):
    """How a Pending object ends."""

    state: Literal["Completed", "Declined"] = "Completed"
    reason: str = ""


class Part(_Input):
    """A part of a capture; all that is left if no amount is given."""

    amount: Decimal | None = None


class SellerRefund(Part):
    """See AmazonWorld.refund_in_seller_central."""

    type: str = "SellerInitiated"


class Elsewhere(_Input):
    """See AmazonWorld.charge_elsewhere."""

    amount: Decimal


class ChargeBack(Part):
    """See AmazonWorld.charge_back."""

    reason: str = "Generic Service Chargeback"


class Clock(_Input):
    """Seconds to move forward; whether to stand still from now on."""

    advance: float = 0.0
    frozen: bool | None = None


class Settings(_Input):
    """What is null stays as it is. Delays in simulated seconds."""

    throttling: bool | None = None
    authorization_delay: float | None = None
    capture_delay: float | None = None
    refund_delay: float | None = None


class IpnUrl(Seller):
    """Where a merchant's notifications go; empty: nowhere."""

    url: str = ""


class NotificationOptions(_Input):
    """See notifications.Options; what is null stays as it is."""

    hold: bool | None = None
    copies: int | None = None
    shuffle: bool | None = None
    drop: int | None = None
    signature_version: Literal["1", "2"] | None = None
    retry_every: float | None = None
    retry_for: float | None = None
    retry_unreachable: bool | None = None
