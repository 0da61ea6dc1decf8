"""PAYMENT_GATEWAY_INITIALIZE_SESSION: choose a profile for this checkout and say how to show Amazon Pay.

Answers from the store and calls nobody outside. The choice is remembered for a day; later calls use it, whatever the
storefront says (money.md §7).
"""

from __future__ import annotations

from collections.abc import Iterable

from saleor_amazonpay.amazon.port import Account, Delivery, Page
from saleor_amazonpay.domain.cap import month_in
from saleor_amazonpay.domain.errors import CredentialsRejectedError
from saleor_amazonpay.domain.money import InvalidMoneyError, Money
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.domain.routing import ordered
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.directory import Snapshot
from saleor_amazonpay.flows.prepare import Refusal, permitted, plan_of
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.flows.wording import sentence
from saleor_amazonpay.saleor import answers, session_data
from saleor_amazonpay.saleor.payloads import GatewayRequest, Source
from saleor_amazonpay.saleor.session_answer import GatewayOffer, GatewayRefusal
from saleor_amazonpay.saleor.session_data import PageData, SessionDataError
from saleor_amazonpay.store import caps, routes
from saleor_amazonpay.store.sql import Tx


async def gateway_initialize(deps: Deps, request: Request, asked: GatewayRequest) -> bytes:
    """Answer with the storefront configuration of the chosen profile, or with why there is none."""
    snapshot = await deps.directory.current()
    try:
        amount = Money.parse(asked.amount, asked.source.currency)
        data = session_data.read_page(asked.data)
    except InvalidMoneyError:
        return unavailable("amount_invalid")
    except SessionDataError as error:
        return unavailable("data_invalid", error.message)

    def unit(tx: Tx) -> tuple[Profile | None, str]:
        return route(tx, snapshot, request.tenant.id, asked.source, amount, deps.clock())

    profile, why = await deps.store.write(unit)
    if profile is None:
        return unavailable(why)
    account = await deps.directory.account(profile)
    page = page_of(data, shipping=asked.source.shipping_required, amount=amount, profile=profile)
    shown = page if isinstance(page, Refusal) else configuration(deps, profile, account, page)
    return unavailable(shown.code, shown.detail) if isinstance(shown, Refusal) else answers.gateway(shown)


def configuration(deps: Deps, profile: Profile, account: Account, page: Page) -> GatewayOffer | Refusal:
    """What a storefront needs to show Amazon Pay with a profile. All of it is public; calls nobody."""
    try:
        amazon = deps.wires[profile.wire].storefront(account, page)
    except CredentialsRejectedError as error:
        deps.log.warning("the profile's keys sign nothing", profile=profile.id, amazon_code=error.code)
        return Refusal("no_profile")
    return GatewayOffer(
        available=True,
        profile=profile.id,
        wire=profile.wire,
        currency=profile.currency,
        one_time_allowed=profile.allow_one_time,
        recurring_allowed=profile.allow_recurring,
        support=profile.support,
        app=deps.public_url,
        amazon=amazon,
    )


def page_of(data: PageData, *, shipping: bool, amount: Money, profile: Profile) -> Page | Refusal:
    """What the wire signs for the page, or what is wrong with it: a signed address leads to the shop only."""
    for name, url in (("returnUrl", data.return_url), ("cancelUrl", data.cancel_url)):
        if url and not permitted(url, profile):
            return Refusal("data_invalid", f"data.{name} is not on one of the profile's shop origins")
    delivery = data.delivery or session_data.Delivery()
    return Page(
        return_url=data.return_url or "",
        cancel_url=data.cancel_url or "",
        amount=amount,
        shipping=shipping if data.shipping is None else data.shipping,
        plan=plan_of(data.recurring, amount.currency),
        delivery=Delivery(tuple(delivery.countries), delivery.po_boxes, delivery.packstations),
    )


def route(
    tx: Tx, snapshot: Snapshot, tenant_id: str, source: Source, amount: Money, now: int
) -> tuple[Profile | None, str]:
    """The first profile of the channel that takes this amount now, remembered; or None and why."""
    assigned = snapshot.of_channel(tenant_id, source.channel_slug)
    fitting = [
        (assignment, profile)
        for assignment, profile in assigned
        if profile.state is ProfileState.ACTIVE and profile.currency == amount.currency
    ]
    order = ordered(((a.profile_id, a.priority, a.weight) for a, _ in fitting), source.ids[-1])
    for profile_id in order:
        profile = snapshot.profiles[profile_id]
        if caps.has_room(tx, profile_id, month_in(profile, now), amount.minor):
            for source_id in source.ids:
                routes.remember(tx, tenant_id, source_id, profile_id, now)
            return profile, ""
    return None, "monthly_cap_reached" if order else _why_none(profile for _, profile in assigned)


def _why_none(assigned: Iterable[Profile]) -> str:
    states = {profile.state for profile in assigned}
    return "profile_paused" if states and ProfileState.ACTIVE not in states else "no_profile"


def unavailable(code: str, detail: str = "") -> bytes:
    """The answer that makes no offer, and why."""
    return answers.gateway(GatewayRefusal(available=False, code=code, message=sentence(code, detail)))
