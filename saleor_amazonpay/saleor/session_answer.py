"""What a storefront reads as `data` in the answer to a session event and to gateway-initialize.

These shapes are published (docs/schemas) and shops build on them: keys are added, and never renamed or removed.
Empty keys are left out.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec


class _Shape(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    pass


class SessionAnswer(_Shape, frozen=True):
    """The outcome of a session event, or the buyer's next step."""

    code: Annotated[str, msgspec.Meta(description="what happened; `codes` says what to do")]
    message: Annotated[str, msgspec.Meta(description="a sentence for the shopper")]
    attempt: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            description="after an action required the number to send with the next transactionProcess, else the"
            " attempt spoken of",
        ),
    ]
    retry: Annotated[str, msgspec.Meta(description="after a decline: what may follow")] = ""
    support: Annotated[dict[str, str], msgspec.Meta(description="whom the shopper may call")] = {}
    amazon_object_id: Annotated[
        str,
        msgspec.Meta(
            description="what Amazon's widgets and initConfirmationFlow have to be shown for: the agreement, or the"
            " order reference of a one-time purchase"
        ),
    ] = ""
    amazon_pay_redirect_url: Annotated[
        str, msgspec.Meta(description="Checkout v2: Amazon's page, where the buyer confirms")
    ] = ""
    amazon_pay_wallet_url: Annotated[
        str, msgspec.Meta(description="Checkout v2: Amazon's page, where the buyer chooses another payment method")
    ] = ""


class GatewayOffer(_Shape, frozen=True):
    """How to show Amazon Pay for this checkout."""

    available: bool
    profile: Annotated[str, msgspec.Meta(description="the gateway profile that was chosen; remembered for a day")]
    wire: Annotated[str, msgspec.Meta(description="which of Amazon's APIs: it says what `amazon` holds")]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    one_time_allowed: bool
    recurring_allowed: bool
    support: Annotated[dict[str, str], msgspec.Meta(description="whom the shopper may call")]
    app: Annotated[str, msgspec.Meta(description="where browsers reach this app; empty if the merchant did not say")]
    amazon: Annotated[dict[str, Any], msgspec.Meta(description="public settings for Amazon's scripts")]


class GatewayRefusal(_Shape, frozen=True):
    """Why Amazon Pay is not shown."""

    available: bool
    code: Annotated[str, msgspec.Meta(description="why; `codes` says what to do")]
    message: Annotated[str, msgspec.Meta(description="a sentence for the shopper")]
