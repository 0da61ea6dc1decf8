"""A shop that calls the simulator through its HTTP door, with a Signature V2 signer of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.simulator.amazon import AmazonWorld, InProcessHttp, create_app
from saleor_amazonpay.simulator.amazon.entities import Merchant

SANDBOX = "/OffAmazonPayments_Sandbox/2013-01-01"
HOSTS = {
    **dict.fromkeys(("us", "na"), "mws.amazonservices.com"),
    **dict.fromkeys(("uk", "eu", "de"), "mws-eu.amazonservices.com"),
    "jp": "mws.amazonservices.jp",
}
LIVE = "/OffAmazonPayments/2013-01-01"
START = datetime(2026, 11, 10, 15, 30, tzinfo=UTC).timestamp()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def signature(secret: str, method: str, host: str, path: str, values: Mapping[str, str]) -> str:
    query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(values.items()))
    text = f"{method}\n{host}\n{path}\n{query}"
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def common(merchant: Merchant, now: datetime | None = None) -> dict[str, str]:
    return {
        "AWSAccessKeyId": merchant.access_key,
        "SellerId": merchant.seller_id,
        "SignatureMethod": "HmacSHA256",
        "SignatureVersion": "2",
        "Version": "2013-01-01",
        "Timestamp": (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def exact(document: bytes | str) -> ET.Element:
    """With namespaces, as written."""
    return ET.fromstring(document)  # noqa: S314 - written by the simulator under test


def parsed(document: bytes | str) -> ET.Element:
    """With local names only."""
    root = exact(document)
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    return root


@dataclass
class Refusal:
    status: int
    code: str
    message: str
    root: ET.Element


@dataclass
class Shop:
    """One merchant. Numbers make reference ids that were never used before."""

    world: AmazonWorld
    merchant: Merchant
    host: str = ""  # Amazon's in the merchant's region
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.host = self.host or HOSTS[self.merchant.region]
        self.http = InProcessHttp(create_app(self.world))

    @property
    def path(self) -> str:
        return SANDBOX if self.merchant.sandbox else LIVE

    def signed(self, action: str, values: Mapping[str, str]) -> dict[str, str]:
        everything = {**common(self.merchant), "Action": action, **values}
        everything["Signature"] = signature(self.merchant.secret_key, "POST", self.host, self.path, everything)
        return everything

    async def post(self, values: Mapping[str, str], path: str = "") -> HttpResponse:
        url = f"https://{self.host}{path or self.path}"
        return await self.http.request("POST", url, headers=FORM, body=urlencode(values).encode())

    async def raw(self, action: str, values: Mapping[str, str]) -> HttpResponse:
        return await self.post(self.signed(action, values))

    async def ok(self, action: str, values: Mapping[str, str]) -> ET.Element:
        answer = await self.raw(action, values)
        assert answer.status == 200, answer.body
        return parsed(answer.body)

    async def refused(self, action: str, values: Mapping[str, str]) -> Refusal:
        answer = await self.raw(action, values)
        return refusal(answer)

    def reference(self) -> str:
        return f"ref-{next(self.numbers)}"

    # ---- whole steps

    async def open_agreement(self, **choices: object) -> str:
        agreement, _token = self.world.open_agreement(merchant=self.merchant, **choices)  # type: ignore[arg-type]
        await self.ok("ConfirmBillingAgreement", {"AmazonBillingAgreementId": agreement.agreement_id})
        return agreement.agreement_id

    def charge_values(self, agreement_id: str, amount: str = "10.00", **more: str) -> dict[str, str]:
        return {
            "AmazonBillingAgreementId": agreement_id,
            "AuthorizationReferenceId": self.reference(),
            "AuthorizationAmount.Amount": amount,
            "AuthorizationAmount.CurrencyCode": self.merchant.currency,
            "TransactionTimeout": "0",
            **more,
        }

    async def charge(self, agreement_id: str, amount: str = "10.00", **more: str) -> ET.Element:
        return await self.ok("AuthorizeOnBillingAgreement", self.charge_values(agreement_id, amount, **more))

    async def captured(self, amount: str = "10.00") -> str:
        """A completed capture of a new agreement; its id."""
        made = await self.charge(await self.open_agreement(), amount, CaptureNow="true")
        return text(made, "IdList/member")

    def capture_values(self, authorization_id: str, amount: str = "10.00", **more: str) -> dict[str, str]:
        return {
            "AmazonAuthorizationId": authorization_id,
            "CaptureReferenceId": self.reference(),
            "CaptureAmount.Amount": amount,
            "CaptureAmount.CurrencyCode": self.merchant.currency,
            **more,
        }

    def refund_values(self, capture_id: str, amount: str = "10.00", **more: str) -> dict[str, str]:
        return {
            "AmazonCaptureId": capture_id,
            "RefundReferenceId": self.reference(),
            "RefundAmount.Amount": amount,
            "RefundAmount.CurrencyCode": self.merchant.currency,
            **more,
        }

    async def state(self, kind: str, object_id: str) -> tuple[str, str]:
        """State and reason of an object as the API tells."""
        found = await self.ok(f"Get{kind}Details", {f"Amazon{kind}Id": object_id})
        return state(found, f"{kind}Status")


def text(root: ET.Element, path: str) -> str:
    found = root.find(f".//{path}")
    return "" if found is None else found.text or ""


def state(root: ET.Element, name: str) -> tuple[str, str]:
    return text(root, f"{name}/State"), text(root, f"{name}/ReasonCode")


def refusal(answer: HttpResponse) -> Refusal:
    root = parsed(answer.body)
    assert root.tag == "ErrorResponse", answer.body
    return Refusal(answer.status, text(root, "Code"), text(root, "Message"), root)
