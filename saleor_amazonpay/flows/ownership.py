"""Whose agreement it is, and who may charge it (money.md §4).

Agreement ids stand in buyers' mails and anybody may start a transaction, so an id alone opens nothing: a draft needs
its buyer's access token, a confirmed agreement its Saleor user, the purchase it was made for, or an app that the
profile lists. Everything else is answered like an id that does not exist.
"""

from __future__ import annotations

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.saleor.manifest import APP_ID
from saleor_amazonpay.saleor.payloads import Principal, Source
from saleor_amazonpay.store.agreements import Agreement


def charging_app(profile: Profile, principal: Principal | None) -> bool:
    """Whether an app asks that may charge without the buyer: it handles payments, and the profile lists it.

    This app itself needs no listing: it begins a session only for staff or an app whom its API has asked for
    HANDLE_PAYMENTS (flows/rebill.py), and nobody else holds its token.
    """
    return (
        principal is not None
        and principal.kind == "app"
        and principal.handles_payments
        and bool({principal.id, principal.identifier} & {APP_ID, *profile.charging_apps})
    )


def may_use(agreement: Agreement, profile: Profile, principal: Principal | None, source: Source) -> bool:
    """Whether this request may use a confirmed agreement."""
    own_purchase = agreement.source_id in source.ids
    if not agreement.recurring and not own_purchase:
        return False  # the buyer agreed to this one purchase
    if charging_app(profile, principal):
        return True
    if agreement.user_id:
        return principal is not None and principal.kind == "user" and principal.id == agreement.user_id
    # A guest's agreement belongs to the purchase it was made for: a second attempt on it, and nothing else.
    return own_purchase


def needs_token(agreement: Agreement | None) -> bool:
    """Whether the buyer must prove to hold the Amazon account: nobody has confirmed the agreement yet."""
    return agreement is None or agreement.state is AgreementState.DRAFT


def user_of(principal: Principal | None) -> str:
    """The Saleor user to bind an agreement to: only one who is proven to ask, never the checkout's own claim."""
    return principal.id if principal is not None and principal.kind == "user" else ""
