"""The demo's shop goes on selling while it serves, so that somebody in another shell sees caps and fees move.

Every sale asks the gateway anew, as a shop page does: a profile that is added, paused or full shows at the next one.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from saleor_amazonpay.cli.journey import Journey, JourneyError, transaction_of
from saleor_amazonpay.cli.stage import SHOP, Stage
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.simulator.shop.results import SessionResult

_TOTAL = "25.00"
_MONTHLY = {"frequency": {"unit": "Month", "value": "1"}}


async def sell_on(journey: Journey, seconds: float, console: Console) -> None:
    """A checkout of 25.00 every so many seconds, until it is cancelled."""
    while True:
        await asyncio.sleep(seconds)
        try:
            said = await _sale(journey)
        except (JourneyError, TimeoutError) as error:
            said = f"no sale: {error}"
        console.print(f"  {said}", highlight=False, markup=False, soft_wrap=True)


async def _sale(journey: Journey) -> str:
    stage, saleor = journey.stage, journey.saleor
    checkout = saleor.checkout_create(total=_TOTAL, user=journey.customer)
    page = {"returnUrl": f"{SHOP}/review", "recurring": _MONTHLY}
    found = await saleor.payment_gateway_initialize(checkout.id, {stage.gateway_id: page})
    told = found.configs[0].data if found.configs else None
    if not isinstance(told, dict) or not told.get("available"):
        code = told.get("code") if isinstance(told, dict) else "no answer"
        return f"Amazon Pay is not offered: {code}"
    pay = _on_v2 if "button" in told["amazon"] else _on_v1
    paid = await pay(journey, checkout.id, told)
    event = paid.event.type if paid.event is not None else str(paid.errors)
    code = paid.data.get("code", "") if isinstance(paid.data, dict) else ""
    return f"a buyer pays {_TOTAL} USD on the profile {told['profile']}: {event} {code}".rstrip()


async def _on_v1(journey: Journey, checkout_id: str, _told: Mapping[str, Any]) -> SessionResult:
    agreement, token = journey.stage.amazon.open_agreement()
    data = {
        "amazonBillingAgreementId": agreement.agreement_id, "accessToken": token.token, "recurring": _MONTHLY,
    }  # fmt: skip
    return await journey.pay(checkout_id, data, "CHARGE", journey.customer)


async def _on_v2(journey: Journey, checkout_id: str, told: Mapping[str, Any]) -> SessionResult:
    pay = journey.stage.amazon.pay
    session, _back = pay.open_session(told["amazon"]["button"]["createCheckoutSessionConfig"])
    data = {
        "amazonCheckoutSessionId": session.session_id, "recurring": _MONTHLY,
        "successUrl": f"{SHOP}/result", "failureUrl": f"{SHOP}/cart",
    }  # fmt: skip
    begun = await journey.pay(checkout_id, data, "CHARGE", journey.customer)
    if not isinstance(begun.data, dict) or begun.data.get("code") != "amazon_redirect":
        return begun
    pay.finish(session.session_id)
    return await journey.saleor.transaction_process(transaction_of(begun), data, requestor=journey.customer)


def write_environment(stage: Stage, settings: Settings) -> Path:
    """A file that another shell reads (`. FILE`) to run our commands on the demo's database; readable by its owner.

    `DEMO_…` are the simulated merchant's keys, to add a profile with: worth nothing at the real Amazon.
    """
    merchant = stage.amazon.merchant
    values = {
        "AMAZONPAY_DATABASE_URL": settings.database_url,
        "AMAZONPAY_SECRET_KEYS": settings.secret_keys.get_secret_value(),
        "AMAZONPAY_PUBLIC_URL": settings.public_url,
        "AMAZONPAY_ALLOWED_SALEOR_URLS": stage.saleor.api_url,
        "AMAZONPAY_AMAZON_ENDPOINT": stage.amazon_url,
        "DEMO_SELLER_ID": merchant.seller_id,
        "DEMO_ACCESS_KEY": merchant.access_key,
        "DEMO_SECRET_KEY": merchant.secret_key,
        "DEMO_CLIENT_ID": merchant.client_id,
    }
    file = Path(settings.database_url.removeprefix("sqlite:///")).with_name("demo.env")
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.writelines(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    return file
