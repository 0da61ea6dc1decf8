"""The address a buyer chose in Amazon's widget, told to the page that this buyer is signed in on.

Amazon tells the browser no address. Where a draft needs its buyer's access token, that is proven before Amazon Pay is
asked anything, and the agreement must be this buyer's on the profile that the purchase was routed to: an agreement's
id alone opens nothing (money.md §4). A checkout session has no token beside it: its id is drawn for one visit, lives a
day, and opens only the address of the purchase it was brought for. Only looks; writes nothing, keeps nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.errors import AmazonError, RefusedError, TokenRefusedError
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.prepare import Refusal
from saleor_amazonpay.store import agreements, routes
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx


@dataclass(frozen=True, slots=True, repr=False)
class AddressQuestion:
    """What a shop page asks: the tenant's purchase, Amazon's agreement, and the buyer's own token."""

    tenant_id: str
    source_id: str
    agreement_id: str
    access_token: str


async def profile_of(deps: Deps, tenant_id: str, source_id: str) -> Profile | None:
    """The profile that gateway-initialize chose for a purchase, within a day. Raises StoreUnavailableError."""
    now = deps.clock()
    chosen = await deps.store.read(lambda tx: routes.chosen(tx, tenant_id, source_id, now))
    return (await deps.directory.current()).profiles.get(chosen) if chosen else None


async def chosen_address(deps: Deps, profile: Profile, asked: AddressQuestion) -> PostalAddress | Refusal:
    """The address, or why it is not told. Raises StoreUnavailableError, UnsealError."""
    account = await deps.directory.account(profile)
    wire = deps.wires[profile.wire]
    try:
        buyer_id = ""
        if wire.draft_needs_token:
            if not asked.access_token:
                return Refusal("access_token_required")
            buyer_id = await wire.buyer_of(account, asked.access_token)
        if not await deps.store.read(lambda tx: _may_ask(tx, profile, asked, buyer_id)):
            return Refusal("agreement_unknown")
        address = await wire.shipping_address(account, asked.agreement_id, asked.access_token)
    except TokenRefusedError:
        return Refusal("access_token_invalid")
    except AmazonError as error:
        deps.log.warning("address not read", operation=error.operation, amazon_code=error.code)
        return Refusal("agreement_unknown" if type(error) is RefusedError else "retry")
    return address if address is not None else Refusal("address_missing")


def _may_ask(tx: Tx, profile: Profile, asked: AddressQuestion, buyer_id: str) -> bool:
    """An agreement nobody has bound is Amazon's to judge; a bound one has an owner, or the purchase it is for."""
    known: Agreement | None = agreements.on_account(tx, profile.account, asked.agreement_id)
    if known is None:
        return True
    owner = known.buyer_id == buyer_id if buyer_id else known.source_id == asked.source_id
    return owner and (known.tenant_id, known.profile_id) == (asked.tenant_id, profile.id)
