"""Notifications: made when a state changes, sent when due, repeated as Amazon does (contracts §3).

In come changed objects, out go signed SNS posts to the merchant's URL. A 5xx or odd answer is repeated hourly for 14
days, a 4xx never, an unreachable server never (docs and SDK disagree; `retry_unreachable` switches it). What was sent
and answered is kept in `log`. Nothing here may change a payment.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import msgspec

from saleor_amazonpay.http import Http, TransportError
from saleor_amazonpay.simulator.amazon.clock import DAY, HOUR, SimClock, iso
from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.ids import Ids
from saleor_amazonpay.simulator.amazon.ipn_documents import Inner
from saleor_amazonpay.simulator.amazon.sns import SignatureVersion, SnsSigner, subscription_arn, topic_arn

_LOG_KEPT = 20_000
_TIMEOUT = 15.0  # seconds SNS waits for an answer

# Real notifications carry a number here, which is no marketplace id.
_MARKETPLACE_NUMBER = "623690"

State = Literal["waiting", "delivered", "refused", "lost", "dropped"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One post: the answer's status, or why there was none."""

    at: float
    status: int
    error: str = ""


@dataclass(slots=True)
class Notification:
    """One message on its way. The same message id and text go with every repeat."""

    message_id: str
    merchant: Merchant
    inner: Inner
    message: str
    created_at: float
    due: float
    state: State = "waiting"
    attempts: list[Attempt] = field(default_factory=list)


@dataclass(slots=True)
class Options:
    """What goes wrong on the way, for tests."""

    hold: bool = False  # nothing is sent until released
    delay: float = 0.0  # seconds by which new messages are late
    copies: int = 1  # how often each message is posted
    shuffle: bool = False  # all that are due go in another order
    drop: int = 0  # so many of the next messages are never sent
    signature_version: SignatureVersion = "1"
    retry_every: float = HOUR
    retry_for: float = 14 * DAY
    retry_unreachable: bool = False


class Notifications:
    """Makes, keeps and sends notifications.

    Args:
        clock: the simulated time, by which repeats are due.
        ids: where message ids come from.
        signer: the SNS key; the process's own if None, made at the first use.
    """

    def __init__(self, clock: SimClock, ids: Ids, signer: SnsSigner | None = None) -> None:
        self._clock = clock
        self._ids = ids
        self._signer = signer
        self._shuffling = random.Random(1)
        self._waiting: list[Notification] = []
        self.options = Options()
        self.log: deque[Notification] = deque(maxlen=_LOG_KEPT)

    @property
    def signer(self) -> SnsSigner:
        """The key and certificate envelopes are signed with."""
        if self._signer is None:
            self._signer = SnsSigner.shared()
        return self._signer

    @property
    def waiting(self) -> int:
        """How many are still to be sent."""
        return len(self._waiting)

    def add(self, merchant: Merchant, inner: Inner, message: str = "") -> Notification:
        """Queue a message, due now unless late; v1's is written here, Checkout v2 brings its own."""
        now = self._clock.now()
        text = message or self._message(merchant, inner, now)
        made = Notification(self._ids.uuid(), merchant, inner, text, now, now + self.options.delay)
        self.log.append(made)
        if self.options.drop:
            self.options.drop -= 1
            made.state = "dropped"
        else:
            self._waiting.append(made)
        return made

    async def deliver_due(self, http: Http) -> int:
        """Post everything that is due; returns how many posts were made."""
        if self.options.hold:
            return 0
        now = self._clock.now()
        due = [each for each in self._waiting if each.due <= now]
        # Taken out before the first wait, so that two deliverers never send the same message.
        self._waiting = [each for each in self._waiting if each.due > now]
        batch = due * self.options.copies
        if self.options.shuffle:
            self._shuffling.shuffle(batch)
        for each in batch:
            each.attempts.append(await self._post(http, each))
        for each in due:
            self._conclude(each)
        return len(batch)

    def envelope(self, notification: Notification) -> bytes:
        """The signed body, as posted."""
        topic = topic_arn(notification.merchant.marketplace_id, notification.merchant.seller_id)
        return self.signer.envelope(
            notification.message,
            notification.message_id,
            topic,
            iso(notification.created_at),
            self.options.signature_version,
        )

    async def _post(self, http: Http, notification: Notification) -> Attempt:
        body = self.envelope(notification)
        url = notification.merchant.ipn_url
        now = self._clock.now()
        try:
            answer = await http.request("POST", url, headers=_headers(notification), body=body, timeout=_TIMEOUT)
        except TransportError as error:
            return Attempt(now, 0, str(error))
        return Attempt(now, answer.status)

    def _conclude(self, notification: Notification) -> None:
        last = notification.attempts[-1]
        if 200 <= last.status < 300:
            notification.state = "delivered"
        elif 400 <= last.status < 500:
            notification.state = "refused"
        elif last.error and not self.options.retry_unreachable:
            notification.state = "lost"
        else:
            self._repeat(notification)

    def _repeat(self, notification: Notification) -> None:
        due = self._clock.now() + self.options.retry_every
        if due > notification.created_at + self.options.retry_for:
            notification.state = "lost"
            return
        notification.due = due
        self._waiting.append(notification)

    def _message(self, merchant: Merchant, inner: Inner, now: float) -> str:
        fields: dict[str, str] = {
            "ReleaseEnvironment": merchant.environment,
            "MarketplaceID": _MARKETPLACE_NUMBER,
            "Version": "2013-01-01",
            "NotificationType": inner.type,
            "SellerId": merchant.seller_id,
            "NotificationReferenceId": self._ids.uuid(),
            # Amazon's own bug: hours of a 12-hour clock without saying which half (contracts §3.3).
            "Timestamp": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%I:%M:%SZ"),
            "NotificationData": inner.document,
        }
        if inner.event:
            fields["EventType"] = inner.event
        return msgspec.json.encode(fields).decode()


def _headers(notification: Notification) -> Mapping[str, str]:
    topic = topic_arn(notification.merchant.marketplace_id, notification.merchant.seller_id)
    return {
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": notification.message_id,
        "x-amz-sns-topic-arn": topic,
        "x-amz-sns-subscription-arn": subscription_arn(topic),
    }
