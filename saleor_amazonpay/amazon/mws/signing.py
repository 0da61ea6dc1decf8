"""Signature Version 2: from parameters to the form body that MWS accepts (contracts §1.2).

In come the names and values of one call, out comes a signed `application/x-www-form-urlencoded` body. What is
signed and what is sent are the same text, so the two can never disagree. A secret key never leaves this
module again.
"""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

VERSION = "2013-01-01"

# One parameter ready for sorting and sending: its name, and `name=value` with the value encoded.
Pair = tuple[str, str]


def encoded(text: str) -> str:
    """RFC 3986 percent-encoding of UTF-8: a space is `%20`, `*` is `%2A`, `~` stays."""
    return quote(text, safe="-_.~")


def pairs(parameters: Mapping[str, str]) -> list[Pair]:
    """Each parameter encoded once; names are Amazon's own and need no encoding.

    Empty values are left out: MWS refuses optional parameters that are sent empty.
    """
    return [(name, f"{name}={encoded(value)}") for name, value in parameters.items() if value]


def canonical(parameters: Iterable[Pair]) -> str:
    """The canonical query: sorted by name in byte order, which for ASCII names is Python's own order."""
    return "&".join(pair for _name, pair in sorted(parameters))


def string_to_sign(host: str, path: str, query: str) -> str:
    """What the signature is made over."""
    return f"POST\n{host.lower()}\n{path}\n{query}"


def signature(secret_key: str, text: str) -> str:
    """Base64 of HMAC-SHA256."""
    return base64.b64encode(hmac.digest(secret_key.encode(), text.encode(), "sha256")).decode()


def timestamp(now: float) -> str:
    """Epoch seconds as MWS wants them: UTC, ISO 8601, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs the calls of one account. The parameters that never change are encoded once, here.

    `url` is where the body will be posted: its host (with a port, if it names one) and path are part of what
    is signed, so a body is worth nothing anywhere else.
    """

    url: str
    secret_key: str = field(repr=False)
    constant: tuple[Pair, ...] = field(repr=False)
    host: str
    path: str

    @classmethod
    def of(cls, url: str, seller_id: str, access_key: str, secret_key: str, mws_auth_token: str = "") -> Signer:
        """Prepare the part that is the same in every call of this account."""
        constant = pairs(
            {
                "AWSAccessKeyId": access_key,
                "SellerId": seller_id,
                "MWSAuthToken": mws_auth_token,  # only for solution providers who act for a merchant
                "SignatureMethod": "HmacSHA256",
                "SignatureVersion": "2",
                "Version": VERSION,
            }
        )
        parts = urlsplit(url)
        return cls(url, secret_key, tuple(constant), parts.netloc, parts.path)

    def body(self, action: str, parameters: Iterable[Pair], now: float) -> bytes:
        """The signed form body of one attempt; `now` in epoch seconds, since MWS refuses old timestamps."""
        own = pairs({"Action": action, "Timestamp": timestamp(now)})
        query = canonical([*self.constant, *own, *parameters])
        signed = signature(self.secret_key, string_to_sign(self.host, self.path, query))
        return f"{query}&Signature={encoded(signed)}".encode()
