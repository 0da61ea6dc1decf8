"""Signature Version 2, verified (contracts §1.2).

In come a method, the host and path a request was sent to and its parameters, out comes whose request it is. Nothing of
a request is believed before its signature fits; a timestamp more than 15 minutes off is refused.
"""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.errors import MwsError, invalid

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

_WINDOW = 15 * 60
_CONSTANTS = {"SignatureMethod": "HmacSHA256", "SignatureVersion": "2", "Version": "2013-01-01"}
_HOSTS = {
    "us": "mws.amazonservices.com",
    "na": "mws.amazonservices.com",
    "uk": "mws-eu.amazonservices.com",
    "eu": "mws-eu.amazonservices.com",
    "de": "mws-eu.amazonservices.com",
    "jp": "mws.amazonservices.jp",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """How a request arrived. `root` is the prefix the simulator is mounted under, which no client knows of."""

    method: str
    host: str
    path: str
    root: str
    sandbox: bool


def authenticated(world: AmazonWorld, sent: Sent, values: Mapping[str, str]) -> Merchant:
    """The merchant a request is made for. Raises MwsError."""
    for name, constant in _CONSTANTS.items():
        if values.get(name) != constant:
            raise invalid(name, values.get(name, ""))
    if not values.get("AWSAccessKeyId") or not values.get("Signature"):
        raise MwsError("MissingAuthenticationToken", "The request carries no access key or no signature.")
    signer = world.merchant_by_key(values["AWSAccessKeyId"], sandbox=sent.sandbox)
    if signer is None or _elsewhere(sent, signer.region):
        raise MwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
    if not _fits(sent, signer, values):
        raise MwsError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method.",
        )
    _check_time(world, values.get("Timestamp", ""))
    return _seller(world, signer, values)


def canonical(values: Mapping[str, str]) -> str:
    """Every parameter but the signature, sorted by name in byte order, percent-encoded as RFC 3986 says."""
    return "&".join(
        f"{quote(name, safe='-_.~')}={quote(values[name], safe='-_.~')}"
        for name in sorted(values, key=str.encode)
        if name != "Signature"
    )


def _fits(sent: Sent, signer: Merchant, values: Mapping[str, str]) -> bool:
    query = canonical(values)
    key = signer.secret_key.encode()
    given = values.get("Signature", "").encode()
    for place in _places(sent, signer.region):
        text = f"{sent.method}\n{place}\n{query}"
        if hmac.compare_digest(base64.b64encode(hmac.digest(key, text.encode(), "sha256")), given):
            return True
    return False


def _places(sent: Sent, region: str) -> Iterator[str]:
    """Host and path as they may have been signed.

    Some clients leave the port out of what they sign, and one that reached this origin by a rewritten address signs
    Amazon's own host. The path has to be the one that was sent.
    """
    host = sent.host.lower()
    hosts = dict.fromkeys((host, host.rpartition(":")[0] or host, _HOSTS[region]))
    paths = dict.fromkeys((sent.path, sent.path.removeprefix(sent.root)))
    for path in paths:
        for each in hosts:
            yield f"{each}\n{path}"


def _elsewhere(sent: Sent, region: str) -> bool:
    """Whether it was sent to Amazon in a region that knows no such account (contracts §8 no. 26)."""
    host = sent.host.lower()
    return host in _HOSTS.values() and host != _HOSTS[region]


def _check_time(world: AmazonWorld, timestamp: str) -> None:
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError as error:
        raise invalid("Timestamp", timestamp) from error
    if moment.tzinfo is None:
        raise invalid("Timestamp", timestamp)
    # Clients know the real time only, so it counts too when the simulated clock has been moved.
    off = min(abs(moment.timestamp() - now) for now in (world.now(), time.time()))
    if off > _WINDOW:
        raise MwsError("RequestExpired", f"Request has expired. Timestamp: {timestamp}")


def _seller(world: AmazonWorld, signer: Merchant, values: Mapping[str, str]) -> Merchant:
    """The signer itself, or the merchant whose token a solution provider holds."""
    seller_id, token = values.get("SellerId", ""), values.get("MWSAuthToken", "")
    seller = world.find_merchant(seller_id, sandbox=signer.sandbox)
    if seller is None or (token and token != seller.mws_auth_token) or (seller is not signer and not token):
        raise MwsError("AccessDenied", "Access denied")
    return seller
