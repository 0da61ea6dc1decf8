"""What a profile's state, keys and channels change for payments, on each wire.

Each ends with three books that agree to the cent.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.store import tables
from tests.journeys.hands import What
from tests.journeys.seen import amounts, change_profile, events, reserved, told
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
D = Decimal
GONE: tuple[What, ...] = ("capture", "read", "read capture")


async def test_a_paused_profile_takes_no_new_checkouts_and_everything_else_goes_on(either: Stage) -> None:
    payment, _ = await reserved(either)
    other, _ = await reserved(either, "20")
    await change_profile(either, state="paused")
    refused = await either.pay()
    assert refused.data["code"] == "profile_paused"
    assert await either.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS"
    assert await either.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS", "on the agreement, too"
    assert await either.act(other, "CANCEL", "20") == "CANCEL_SUCCESS"
    await either.act(payment, "REFUND", "10")
    await either.settle()
    assert amounts(either, payment) == (40, 50, 10, 0)
    await either.books_agree()


async def test_a_closed_profile_captures_what_is_open_refunds_and_cancels(either: Stage) -> None:
    payment, _ = await reserved(either)
    other, _ = await reserved(either, "20")
    await change_profile(either, state="closed")
    assert (await either.pay()).data["code"] == "profile_paused"
    assert await either.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS"
    either.http.actions.clear()
    assert await either.act(payment, "CHARGE", "30") == "CHARGE_FAILURE", "that would be a new authorization"
    assert "is closed" in events(either, payment)[-1].message
    assert either.http.actions == {}
    assert await either.act(other, "CANCEL", "20") == "CANCEL_SUCCESS"
    assert await either.act(payment, "CANCEL", "70") == "CANCEL_SUCCESS"
    await either.act(payment, "REFUND", "10")
    await either.settle()
    assert amounts(either, payment) == (0, 20, 10, 70)
    await either.books_agree()


async def test_rejected_keys_decline_nothing_and_the_capture_goes_on_when_they_are_right_again(either: Stage) -> None:
    payment, _ = await reserved(either)
    right_again = either.hands.spoil_keys()
    assert await either.act(payment, "CHARGE", "100") == "CHARGE_REQUEST"
    await either.settle(3600)
    assert told(either, payment)[-1][0] == "CHARGE_REQUEST"
    right_again()
    await either.settle(12 * 3600)
    assert told(either, payment)[-1] == ("CHARGE_SUCCESS", 100)
    await either.books_agree()


async def test_what_amazon_cannot_be_asked_about_any_more_needs_attention_and_is_never_failed_by_itself(
    either: Stage,
) -> None:
    payment, _ = await reserved(either)
    either.hands.fault("drop", "capture", times=9)
    either.hands.fault("drop", "read", times=9)
    assert await either.act(payment, "CHARGE", "100") == "CHARGE_REQUEST"
    either.amazon.faults.clear()
    either.amazon.merchant.ipn_url = ""
    for what in GONE:
        either.hands.fault("gone", what, times=0)
    await either.settle(DAY)
    assert await attention(either) == ["wire_gone"]
    assert told(either, payment)[-1][0] == "CHARGE_REQUEST"
    either.amazon.faults.clear()
    await either.settle(30 * DAY)
    assert await attention(either) == []
    assert told(either, payment)[-1] == ("CHARGE_SUCCESS", 100)
    await either.books_agree()


async def test_a_wire_that_is_gone_fails_what_never_reached_amazon(either: Stage) -> None:
    payment, _ = await reserved(either)
    either.hands.fault("gone", "capture", times=0)
    assert await either.act(payment, "CHARGE", "100") == "CHARGE_FAILURE"
    either.amazon.faults.clear()
    assert await either.act(payment, "CHARGE", "100") == "CHARGE_SUCCESS"
    await either.settle()
    assert amounts(either, payment) == (0, 100, 0, 0)
    await either.books_agree()


async def attention(play: Stage) -> list[str]:
    """Why operations wait for staff."""
    noted = sa.select(tables.operations.c.attention).where(tables.operations.c.attention != "")
    return list(await play.deps.store.read(lambda tx: tx.connection.execute(noted).scalars().all()))


async def test_other_channels_and_a_new_installation_change_nothing_for_old_payments(either: Stage) -> None:
    payment, _ = await reserved(either)
    delete = sa.delete(tables.channel_profiles)
    await either.deps.store.write(lambda tx: tx.connection.execute(delete))
    either.deps.directory.forget()
    app = either.saleor.world.app(either.gateway)
    assert app is not None
    await either.saleor.reinstall(app)
    await either.saleor.settled()
    assert (await either.pay()).data["code"] == "no_profile"
    assert await either.act(payment, "CHARGE", "30") == "CHARGE_SUCCESS"
    await either.act(payment, "REFUND", "10")
    await either.settle()
    assert amounts(either, payment) == (70, 20, 10, 0)
    await either.books_agree()
