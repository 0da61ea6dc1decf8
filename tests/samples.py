"""Ready-made values that many tests begin with."""

from __future__ import annotations

from dataclasses import replace

from saleor_amazonpay.domain.profile import Profile, ProfileState

_PROFILE = Profile(
    id="profile-1", tenant_id="tenant-1", alias="US shop", wire="mws", region="us", test_mode=True, currency="USD",
    ledger_currency="USD", seller_id="A3URCZVLDMDI45", store_id="", client_id="amzn1.application-oa2-client.demo",
    access_key="AKIADEMO", public_key_id="", descriptor="DEMO SHOP", customer_service_number="+1 206 555 0100",
    customer_service_email="help@example.com", customer_service_sender="Demo Shop", monthly_cap=-1, time_zone="UTC",
    cap_thresholds=(50, 80, 90, 100), refunds_give_cap_back=False, processing_bps=290, reserve_bps=0,
    transaction_fee=30, chargeback_fee=2000, shop_origins=("https://shop.example.com",), charging_apps=("subscriptions",),
    allow_one_time=True, allow_recurring=True, capture_when_fulfilled=False, release_when_cancelled=True,
    state=ProfileState.ACTIVE, state_reason="", version=1,
)  # fmt: skip


def profile(**changes: object) -> Profile:
    """A test-mode profile of the v1 wire in USD."""
    return replace(_PROFILE, **changes)  # type: ignore[arg-type]
