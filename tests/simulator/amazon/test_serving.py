"""Served alone, the simulator sends its notifications by itself."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import msgspec
import requests

from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.simulator.amazon import AmazonWorld
from tests.simulator.amazon.serving import served


class Bell:
    """Takes one post and rings."""

    def __init__(self) -> None:
        self.rung = threading.Event()
        self.envelope: dict[str, str] = {}

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", timeout: float = 30.0
    ) -> HttpResponse:
        self.envelope = msgspec.json.decode(body, type=dict[str, str])
        self.rung.set()
        return HttpResponse(200, b"")

    async def close(self) -> None:
        pass


def test_due_notifications_leave_in_the_background_and_their_certificate_is_served() -> None:
    bell = Bell()
    world = AmazonWorld.demo(ipn_url="https://shop.example/ipn", http=bell, seed=5)
    agreement, _token = world.open_agreement()
    world.agreements.confirm(agreement)
    with served(world) as origin:
        assert bell.rung.wait(10)
        path = bell.envelope["SigningCertURL"].removeprefix("https://sns.us-east-1.amazonaws.com")
        assert requests.get(f"{origin}{path}", timeout=30).content.startswith(b"-----BEGIN CERTIFICATE-----")
    assert agreement.agreement_id in bell.envelope["Message"]
