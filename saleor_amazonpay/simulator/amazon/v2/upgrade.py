"""The key upgrade: a public key of one's own for v1's credentials (contracts §0).

In comes a GET signed with the MWS secret and a public key in PEM, out comes the id under which Checkout v2 knows that
key. Only the live path exists; the id serves both environments of the seller.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from saleor_amazonpay.simulator.amazon.mws import after, before
from saleor_amazonpay.simulator.amazon.v2.keys import parsed

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

PATH = "/live/v2/publicKeyId"
_HOSTS = ("pay-api.amazon.com", "pay-api.amazon.eu", "pay-api.amazon.jp")


@dataclass(frozen=True, slots=True)
class UpgradeDoor:
    """The endpoint. Faults name it `GetPublicKeyId`."""

    world: AmazonWorld

    async def answer(self, request: Request) -> Response:
        """Raises AnswerDroppedError where a fault wants the connection closed."""
        fault = self.world.faults.take("GetPublicKeyId")
        early = await before(self.world, fault)
        if early is not None:
            return early
        return await after(self.world, fault, self._answered(request))

    def _answered(self, request: Request) -> Response:
        values = dict(request.query_params)
        signature = values.pop("Signature", "")
        owners = [
            each
            for each in self.world.books.merchants
            if each.access_key == values.get("AWSAccessKeyId") and each.seller_id == values.get("SellerId")
        ]
        if values.get("Action") != "GetPublicKeyId" or not owners:
            return _refused(403, "UnauthorizedAccess", "The credentials are not known")
        query = "&".join(f"{_enc(name)}={_enc(values[name])}" for name in sorted(values))
        hosts = (request.headers.get("host", "").lower(), *_HOSTS)
        if not any(_fits(owners[0].secret_key, f"GET\n{host}\n{PATH}\n{query}", signature) for host in hosts):
            return _refused(403, "InvalidRequestSignature", "The signature does not fit")
        pem = values.get("PublicKey", "")
        try:
            parsed(pem)
        except ValueError:
            return _refused(400, "InvalidParameterValue", "The public key is not RSA of 2048 bits in PEM")
        known = next((key_id for key_id, each in owners[0].public_keys.items() if each == pem), "")
        key_id = known or f"AE{self.world.ids.text(22)}"
        for each in owners:
            each.public_keys[key_id] = pem
        return JSONResponse({"publicKeyId": key_id})


def _fits(secret: str, text: str, signature: str) -> bool:
    wanted = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()
    return hmac.compare_digest(wanted, signature)


def _enc(text: str) -> str:
    return quote(text, safe="-_.~")


def _refused(status: int, code: str, message: str) -> Response:
    return JSONResponse({"reasonCode": code, "message": message}, status)
