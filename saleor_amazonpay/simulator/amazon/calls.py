"""One authenticated request on its way to its operation.

In come the parameters and whose they are, out come checked pieces the operations share, and `repeatable`, which makes
an operation with a reference id answer a repeat with its first result.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from saleor_amazonpay.simulator.amazon.entities import Attributes, Confirmation, Merchant
from saleor_amazonpay.simulator.amazon.errors import MwsError, invalid
from saleor_amazonpay.simulator.amazon.params import Params

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature was verified. `turn` counts requests and varies the answers' order."""

    world: AmazonWorld
    merchant: Merchant
    action: str
    params: Params
    turn: int

    def consent_token(self, buyer_id: str) -> bool:
        """Whether the buyer's token came along. Raises AmbiguousToken, InvalidAddressConsentToken."""
        tokens = [self.params.text("AccessToken"), self.params.text("AddressConsentToken")]
        if all(tokens):
            raise MwsError("AmbiguousToken", "Both AccessToken and AddressConsentToken were provided")
        given = tokens[0] or tokens[1]
        if not given:
            return False
        token = self.world.token(given)
        if token is None or token.buyer_id != buyer_id or token.client_id != self.merchant.client_id:
            raise MwsError("InvalidAddressConsentToken", "The token is invalid or has expired")
        return True

    def confirmation(self) -> Confirmation | None:
        """Amazon's page, if this merchant's buyers have to see it (contracts §1.10). Raises InvalidParameterValue.

        Elsewhere, and without the two addresses, nothing is asked of the buyer.
        """
        urls = {name: self.params.text(name) for name in ("SuccessUrl", "FailureUrl")}
        if not self.merchant.sca or not any(urls.values()):
            return None
        for name, url in urls.items():
            if not url.startswith(("https://", "http://")):
                raise invalid(name, url)
        return Confirmation(urls["SuccessUrl"], urls["FailureUrl"])

    def platform_id(self, name: str) -> str:
        """A solution provider's seller id, which is never the merchant's own (contracts §1.8)."""
        value = self.params.text(name)
        if value == self.merchant.seller_id:
            raise invalid(name, value)
        return value

    def attributes(self, prefix: str, id_name: str) -> Attributes:
        """The seller's attributes under a prefix; `id_name` is where its own id stands."""
        params = self.params
        group = id_name.partition(".")[0]
        return Attributes(
            seller_id_text=params.text(f"{prefix}.{id_name}"),
            store_name=params.text(f"{prefix}.{group}.StoreName"),
            custom_information=params.text(f"{prefix}.{group}.CustomInformation"),
            seller_note=params.text(f"{prefix}.SellerNote", 1024),
            platform_id=self.platform_id(f"{prefix}.PlatformId"),
        )


Operation = Callable[[Call], str]


def repeatable(field: str) -> Callable[[Operation], Operation]:
    """Answer a repeat with the first result, before any state is looked at (contracts §1.6)."""

    def decorate(operation: Operation) -> Operation:
        @functools.wraps(operation)
        def run(call: Call) -> str:
            references, key, values = call.world.references, call.merchant.key, call.params.values
            reference_id = call.params.reference(field)
            result = references.result(key, reference_id, values)
            if result is None:
                result = operation(call)
                references.keep(key, reference_id, values, result)
            return result

        return run

    return decorate
