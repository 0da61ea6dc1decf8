"""The ledger a bench begins with: one shop that has the app installed, one gateway profile, the agreements of buyers.

Written straight into the database, since the way there (registration, first sales) is not what is measured.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Sequence

from bench.webhooks import APP_ID, CHANNEL, USER_ID, BuyerAgreement, Shop
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.simulator.amazon import AmazonWorld
from saleor_amazonpay.store import agreements, profiles, tenants
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.migrate import upgrade
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.store import Store
from tests.samples import profile

_TENANT = "bench"
_KEY = b"b" * 32
_CAP = 10**12  # minor units: never reached, but booked and checked like any other


def environment(database_url: str, shop: Shop, amazon_url: str) -> dict[str, str]:
    """The settings of the app. Log level and everything else are the defaults."""
    return {
        "AMAZONPAY_DATABASE_URL": database_url,
        "AMAZONPAY_SECRET_KEYS": f"k1:{base64.b64encode(_KEY).decode()}",
        "AMAZONPAY_ALLOWED_SALEOR_URLS": shop.api_url,
        "AMAZONPAY_AMAZON_ENDPOINT": amazon_url,
    }


def seed(database_url: str, shop: Shop, known: Sequence[BuyerAgreement]) -> None:
    """Create the schema and write it all; `known` are open agreements of the shop's customer."""
    asyncio.run(_seed(database_url, shop, known))


async def _seed(database_url: str, shop: Shop, known: Sequence[BuyerAgreement]) -> None:
    now = time.time_ns() // 1_000_000
    merchant = AmazonWorld.demo().merchant  # the same in every process
    ours = profile(
        tenant_id=_TENANT,
        seller_id=merchant.seller_id,
        access_key=merchant.access_key,
        client_id=merchant.client_id,
        monthly_cap=_CAP,
    )
    store = Store.open(database_url, Sealer({"k1": _KEY}))
    upgrade(store.engine)

    def unit(tx: Tx) -> None:
        tenants.register(tx, store.sealer, _TENANT, shop.api_url, APP_ID, "t" * 30, shop.jwks, now)
        profiles.insert(tx, store.sealer, ours, {"secret_key": merchant.secret_key}, now)
        profiles.assign(tx, Assignment(_TENANT, CHANNEL, ours.id, 1, 1))
        for number, each in enumerate(known):
            agreement = Agreement(
                f"known-{number}", _TENANT, ours.id, ours.account, each.agreement_id, AgreementState.OPEN, "",
                True, each.buyer_id, USER_ID, "an-earlier-checkout",
            )  # fmt: skip
            agreements.bind(tx, agreement, now)

    try:
        await store.write(unit)
    finally:
        store.close()
