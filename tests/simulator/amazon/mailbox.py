"""A shop's address for notifications: keeps what was posted and answers as told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from saleor_amazonpay.http import HttpResponse, TransportError
from saleor_amazonpay.simulator.amazon import AmazonWorld
from tests.simulator.amazon.shop import parsed

URL = "https://shop.example/api/ipn/1"


@dataclass
class Mailbox:
    """Takes posts and answers with the given statuses in turn, then 200. 0: unreachable."""

    answers: list[int] = field(default_factory=list)
    posts: list[tuple[Mapping[str, str], dict[str, str]]] = field(default_factory=list)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,
    ) -> HttpResponse:
        assert (method, url) == ("POST", URL)
        self.posts.append((headers, msgspec.json.decode(body, type=dict[str, str])))
        status = self.answers.pop(0) if self.answers else 200
        if not status:
            raise TransportError("refused", sent=False)
        return HttpResponse(status, b"")

    async def close(self) -> None:
        pass

    def inner(self, number: int) -> dict[str, Any]:
        return msgspec.json.decode(self.posts[number][1]["Message"])  # type: ignore[no-any-return]

    def types(self) -> list[str]:
        return [self.inner(number)["NotificationType"] for number in range(len(self.posts))]

    def trees(self, kind: str) -> list[ET.Element]:
        """The data of all notifications of a type."""
        told = [self.inner(number) for number in range(len(self.posts))]
        return [parsed(each["NotificationData"]) for each in told if each["NotificationType"] == kind]

    @classmethod
    def of(cls, world: AmazonWorld) -> Mailbox:
        """Where the demo merchant's notifications go from now on."""
        box = cls()
        world.http = box
        world.merchant.ipn_url = URL
        return box
