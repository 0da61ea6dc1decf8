"""The webhooks that are sent: bodies as our subscription selects them, each signed by one Saleor.

In comes whose agreement is charged, out come whole HTTP requests, ready for the socket, so that nothing is encoded or
signed while something is measured. No two bodies are alike: the same bytes would get the stored answer of the first,
and nothing would be paid.
"""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from saleor_amazonpay.simulator.shop.signing import Signer, process_key

PATH = "/api/webhooks/saleor/transaction-initialize-session"
EVENT = "transaction_initialize_session"
CHANNEL = "default-channel"
USER_ID = "VXNlcjo0Ng=="
APP_ID = "QXBwOjQ="


@dataclass(frozen=True, slots=True)
class BuyerAgreement:
    """An agreement at the simulated Amazon, with what its buyer's browser holds."""

    agreement_id: str
    buyer_id: str
    access_token: str


class Shop:
    """One Saleor at `api_url`, with a customer who is signed in and pays 40.00 USD each time."""

    def __init__(self, api_url: str) -> None:
        self.api_url = api_url
        self._signer = Signer(process_key())
        self._numbers = itertools.count(1)

    @property
    def jwks(self) -> str:
        """The document with the public key, as Saleor serves it."""
        return json.dumps(self._signer.jwks())

    def returning(self, agreement: BuyerAgreement) -> bytes:
        """The body for a buyer who charges the agreement she confirmed long ago."""
        return self._body({"amazonBillingAgreementId": agreement.agreement_id})

    def first_sale(self, agreement: BuyerAgreement) -> bytes:
        """The body for a draft: its buyer has just signed in and ticked the box for later charges."""
        return self._body(
            {
                "amazonBillingAgreementId": agreement.agreement_id,
                "accessToken": agreement.access_token,
                "recurring": {"frequency": {"unit": "Month", "value": "1"}, "amount": "40.00"},
            }
        )

    def request(self, body: bytes) -> bytes:
        """The body as Saleor posts it, signature included."""
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: pay.example.com\r\nUser-Agent: Saleor/3.24\r\nAccept-Encoding: gzip\r\n"
            f"Accept: */*\r\nConnection: keep-alive\r\nContent-Type: application/json\r\nSaleor-Event: {EVENT}\r\n"
            f"Saleor-Domain: shop.example.com\r\nSaleor-Signature: {self._signer.sign(body)}\r\n"
            f"Saleor-Api-Url: {self.api_url}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _body(self, data: dict[str, Any]) -> bytes:
        """The fields of transaction_initialize_session.graphql, in its order, spaced as Saleor does."""
        number = next(self._numbers)
        moment = f"2026-11-23T16:45:43.{number % 1_000_000:06d}+00:00"
        key, channel = f"idem-{number:032x}", {"slug": CHANNEL, "currencyCode": "USD"}
        payload = {
            "__typename": "TransactionInitializeSession",
            "issuedAt": moment,
            "recipient": {"id": APP_ID},
            "issuingPrincipal": {"__typename": "User", "id": USER_ID},
            "idempotencyKey": key,
            "data": data,
            "action": {"actionType": "CHARGE", "amount": 40.0, "currency": "USD"},
            "sourceObject": {
                "__typename": "Checkout", "id": _id("Checkout", number), "isShippingRequired": True,
                "user": {"id": USER_ID}, "channel": channel,
            },
            "transaction": {
                "id": _id("TransactionItem", number),
                "events": [
                    {
                        "id": "VHJhbnNhY3Rpb25FdmVudDoxMzE=", "type": "CHARGE_REQUEST", "pspReference": "",
                        "message": "", "createdAt": moment, "idempotencyKey": key,
                        "amount": {"amount": 40.0, "currency": "USD"},
                    }
                ],
            },
        }  # fmt: skip
        return json.dumps(payload).encode()


def _id(kind: str, number: int) -> str:
    """A global id of Saleor's over a UUID."""
    return base64.b64encode(f"{kind}:{UUID(int=number)}".encode()).decode()
