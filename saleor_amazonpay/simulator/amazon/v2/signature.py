"""Signed requests of pay-api, verified (contracts §5.1, §5.2).

In comes a request as it arrived, out comes whose it is. Both algorithms and both forms of the date are taken; nothing
of a request is believed before its signature fits.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.amazon.v2.errors import PayError
from saleor_amazonpay.simulator.amazon.v2.keys import SALTS, fits

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

_AUTHORIZATION = re.compile(r"(\S+) PublicKeyId=([^,\s]+), SignedHeaders=([^,\s]+), Signature=(\S+)\Z")
_DATE = re.compile(r"\d{8}T\d{6}Z|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_NEEDED = frozenset({"accept", "content-type", "x-amz-pay-date", "x-amz-pay-host", "x-amz-pay-region"})
_NEVER = frozenset({"x-amz-pay-simulation-code"})
_FAST = 60  # seconds a date may lie in the future
_WINDOW = 15 * 60
_REGIONS = {"us": "na", "na": "na", "uk": "eu", "eu": "eu", "de": "eu", "jp": "jp"}
_HOSTS = {"na": "pay-api.amazon.com", "eu": "pay-api.amazon.eu", "jp": "pay-api.amazon.jp"}


@dataclass(frozen=True, slots=True)
class Sent:
    """How a request arrived: `path` as it was written, `environment` as the path names it, if it does."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    environment: str


def authenticated(world: AmazonWorld, sent: Sent) -> Merchant:
    """The merchant who signed. Raises PayError."""
    found = _AUTHORIZATION.match(sent.headers.get("authorization", ""))
    if found is None:
        raise PayError("MissingHeader", "The authorization header is missing or malformed")
    algorithm, key_id, names, signature = found.groups()
    if algorithm not in SALTS:
        raise PayError("InvalidRequestSignature", f"The algorithm {algorithm} is not known")
    merchant = _merchant(world, key_id, sent.environment)
    signed = _signed_headers(sent.headers, names)
    if not fits(merchant.public_keys[key_id], algorithm, _canonical(sent, signed).encode(), signature):
        raise PayError("InvalidRequestSignature", f"Unable to verify signature, signing String [{algorithm}]")
    _check_place(merchant, sent.headers)
    _check_date(world, sent.headers["x-amz-pay-date"])
    return merchant


def _merchant(world: AmazonWorld, key_id: str, environment: str) -> Merchant:
    """Whose key it is in the environment its prefix names, or else the path."""
    upper = key_id.upper()
    named = "sandbox" if upper.startswith("SANDBOX") else "live" if upper.startswith("LIVE") else ""
    wanted = named or environment
    if not wanted or (named and environment):
        raise PayError("ResourceNotFound", "The path and the key do not name one environment")
    for each in world.books.merchants:
        if key_id in each.public_keys and each.sandbox is (wanted == "sandbox"):
            return each
    raise PayError("UnauthorizedAccess", f"The public key id {key_id} is not known")


def _signed_headers(headers: Mapping[str, str], names: str) -> dict[str, str]:
    listed = names.split(";")
    for name in sorted(_NEEDED - {each.lower() for each in listed}):
        raise PayError("MissingHeader", f"The header {name} is not signed")
    if "x-amz-pay-idempotency-key" in headers and "x-amz-pay-idempotency-key" not in listed:
        raise PayError("InvalidRequestSignature", "The idempotency key is not signed")
    if _NEVER & set(listed):
        raise PayError("InvalidRequestSignature", "The simulation code must not be signed")
    absent = [name for name in listed if not headers.get(name)]
    if absent:
        raise PayError("MissingHeaderValue", f"The header {absent[0]} has no value")
    return {name: headers[name] for name in listed}


def _canonical(sent: Sent, signed: Mapping[str, str]) -> str:
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in parse_qsl(sent.query, keep_blank_values=True))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    lines = "".join(f"{name}:{signed[name]}\n" for name in signed)
    names = ";".join(signed)
    return f"{sent.method}\n{sent.path}\n{query}\n{lines}\n{names}\n{hashlib.sha256(sent.body).hexdigest()}"


def _check_place(merchant: Merchant, headers: Mapping[str, str]) -> None:
    region = _REGIONS[merchant.region]
    if headers["x-amz-pay-region"].lower() != region:
        raise PayError(
            "InvalidHeaderValue", f"The value '{headers['x-amz-pay-region']}' for x-amz-pay-region is invalid"
        )
    host = headers.get("host", "").lower()
    if host in _HOSTS.values() and host != _HOSTS[region]:
        raise PayError("UnauthorizedAccess", "The account is not known in this region")
    if headers["x-amz-pay-host"].lower() not in {host, _HOSTS[region]}:
        raise PayError("InvalidHeaderValue", f"The value '{headers['x-amz-pay-host']}' for x-amz-pay-host is invalid")


def _check_date(world: AmazonWorld, text: str) -> None:
    if _DATE.fullmatch(text) is None:
        raise PayError("InvalidHeaderValue", f"The value '{text}' provided for x-amz-pay-date is invalid")
    moment = datetime.fromisoformat(text).timestamp()
    # Clients know the real time only, so it counts too when the simulated clock has been moved.
    ahead = [moment - now for now in (world.now(), time.time())]
    if not any(-_WINDOW <= each <= _FAST for each in ahead):
        when = "in future" if min(ahead) > 0 else "in past"
        raise PayError("InvalidHeaderValue", f"The value '{text}' provided for x-amz-pay-date should not be {when}")


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
