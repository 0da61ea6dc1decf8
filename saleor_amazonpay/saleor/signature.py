"""Whether a request comes from the Saleor it names: the detached JWS in `Saleor-Signature` over the body.

In: the API URL stored at registration, the untouched body, the header. Out: nothing, or a refusal.
What must never happen: an unsigned, HMAC-signed or otherwise signed request passing, keys taken from a URL in
the request, or a flood of bad signatures turned into a flood of key fetches. Rules: contracts §2.2.

Saleor publishes exactly one key and swaps it without overlap. So the cached key is tried first, without
waiting for anything; only if it does not fit are the keys fetched again, once for all who wait, and at most
once a minute.
"""

from __future__ import annotations

import asyncio
import base64
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from saleor_amazonpay.domain.errors import AmazonPayError, SaleorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# Seconds between two fetches of a tenant's keys; fewer after one that gave none, so that an outage of Saleor
# ends here when it ends there.
FETCH_PAUSE = 60.0
FAILED_FETCH_PAUSE = 5.0

MAX_SIGNATURE = 4096  # characters; Saleor's header is about 530
MAX_TOKEN = 16 * 1024  # characters; one with every permission there is has about 4,000
MAX_BODY = 2 * 1024 * 1024  # bytes; the web room refuses long before
MAX_JWKS = 64 * 1024
_MIN_MODULUS = 342  # base64url characters of the 2048 bits RS256 asks for

_ALGORITHM = "RS256"


class SignatureRefusedError(AmazonPayError):
    """The request is not signed by its Saleor: answer 401, do nothing."""


class KeysUnavailableError(AmazonPayError):
    """Saleor's keys could not be read, so nothing can be said about the request: answer 503, do nothing."""


class _Registry(jws.JWSRegistry):
    """RS256 only; a transaction with a long history is larger than the library's default of 128 kB."""

    max_payload_length = MAX_BODY


# Unknown header fields are no flaw (other key managers of Saleor add `iss`); unknown critical ones are.
_REGISTRY = _Registry(algorithms=[_ALGORITHM], strict_check_header=False)


class _Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str
    b64: bool
    crit: list[str]


class _Jwk(msgspec.Struct, frozen=True):
    kty: str
    kid: str = ""
    n: str = ""
    e: str = ""
    use: str = "sig"
    alg: str = _ALGORITHM


class _Jwks(msgspec.Struct, frozen=True):
    keys: list[_Jwk]


class _TokenHeader(msgspec.Struct, frozen=True):
    alg: str
    kid: str
    crit: list[str] = []


_HEADER = msgspec.json.Decoder(_Header)
_TOKEN_HEADER = msgspec.json.Decoder(_TokenHeader)
_JWKS = msgspec.json.Decoder(_Jwks)


@dataclass(slots=True)
class _Tenant:
    """The keys of one Saleor. `quiet_until` is on the ring's clock."""

    keys: dict[str, RSAKey] = field(default_factory=dict)
    quiet_until: float = -math.inf
    reachable: bool = True
    refetch: asyncio.Task[None] | None = None


class KeyRing:
    """The public keys of every Saleor this app serves, in memory.

    Args:
        fetch: reads the JWKS document of an API URL; raises SaleorError.
        clock: seconds that never go backwards.
    """

    def __init__(self, fetch: Callable[[str], Awaitable[bytes]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._tenants: dict[str, _Tenant] = {}

    def knows(self, api_url: str) -> bool:
        """Whether any keys of this Saleor were seen since the start."""
        return api_url in self._tenants

    def prime(self, api_url: str, jwks: bytes) -> None:
        """Replace a tenant's keys by a document that was just fetched or is in the store.

        Raises KeysUnavailableError if there is no usable key in it.
        """
        keys = _read_jwks(jwks)
        tenant = self._tenants.setdefault(api_url, _Tenant())
        tenant.keys, tenant.reachable = keys, True

    async def verify(self, api_url: str, body: bytes, signature: str | None) -> None:
        """Return if `signature` is the tenant's over exactly these bytes.

        With a cached key this never waits. A header that cannot be Saleor's is refused without fetching
        anything.

        Raises SignatureRefusedError or KeysUnavailableError.
        """
        await self._verify(api_url, _key_id(signature), signature or "", body)

    async def verify_token(self, api_url: str, token: str) -> bytes:
        """The claims of a token that is the tenant's, as JSON; what they say is not judged here.

        Raises SignatureRefusedError or KeysUnavailableError.
        """
        kid = _token_key_id(token)
        await self._verify(api_url, kid, token, None)
        return _decoded(token.split(".")[1])

    async def _verify(self, api_url: str, kid: str, token: str, body: bytes | None) -> None:
        tenant = self._tenants.setdefault(api_url, _Tenant())
        if _fits(tenant.keys.get(kid), token, body):
            return
        if await self._renewed(api_url, tenant) and _fits(tenant.keys.get(kid), token, body):
            return
        if not tenant.reachable:
            raise KeysUnavailableError(f"the keys of {api_url} cannot be read")
        raise SignatureRefusedError(f"not signed by {api_url}")

    async def _renewed(self, api_url: str, tenant: _Tenant) -> bool:
        """Fetch the keys anew unless that was just done; all who come meanwhile wait for the same fetch."""
        if tenant.refetch is None:
            if self._clock() < tenant.quiet_until:
                return False
            tenant.refetch = asyncio.get_running_loop().create_task(self._refetch(api_url, tenant))
        # A caller that gives up must not take the fetch away from the others.
        await asyncio.shield(tenant.refetch)
        return True

    async def _refetch(self, api_url: str, tenant: _Tenant) -> None:
        try:
            tenant.keys = _read_jwks(await self._fetch(api_url))
            tenant.reachable = True
        except (SaleorError, KeysUnavailableError):
            tenant.reachable = False
        finally:
            pause = FETCH_PAUSE if tenant.reachable else FAILED_FETCH_PAUSE
            tenant.quiet_until = self._clock() + pause
            tenant.refetch = None


def _key_id(signature: str | None) -> str:
    """The `kid` of a header that is shaped like Saleor's. Raises SignatureRefusedError.

    The middle part has to be empty: a payload inside the token would be verified in place of the body.
    """
    if signature is None or len(signature) > MAX_SIGNATURE:
        raise SignatureRefusedError("no signature" if signature is None else "the signature is too long")
    parts = signature.split(".")
    if len(parts) != 3 or parts[1]:  # noqa: PLR2004 - header, nothing, signature
        raise SignatureRefusedError("not a detached JWS")
    try:
        header = _HEADER.decode(_decoded(parts[0]))
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise SignatureRefusedError("the JWS cannot be read") from error
    if header.alg != _ALGORITHM or header.b64 or header.crit != ["b64"]:
        raise SignatureRefusedError("not RS256 over the unencoded body")
    return header.kid


def _token_key_id(token: str) -> str:
    """The `kid` of a token that is shaped like Saleor's: RS256, and a payload inside. Raises SignatureRefusedError."""
    parts = token.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3 or not all(parts):  # noqa: PLR2004 - header, claims, signature
        raise SignatureRefusedError("not a JWT")
    try:
        header = _TOKEN_HEADER.decode(_decoded(parts[0]))
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise SignatureRefusedError("the JWT cannot be read") from error
    if header.alg != _ALGORITHM or header.crit:
        raise SignatureRefusedError("not RS256")
    return header.kid


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _fits(key: RSAKey | None, signature: str, body: bytes | None) -> bool:
    if key is None:
        return False
    try:
        jws.deserialize_compact(signature, key, registry=_REGISTRY, payload=body)
    except (JoseError, ValueError, TypeError):
        return False
    return True


def _read_jwks(document: bytes) -> dict[str, RSAKey]:
    """The RS256 keys by `kid`. Raises KeysUnavailableError if there is none."""
    if len(document) > MAX_JWKS:
        raise KeysUnavailableError("the JWKS is too large")
    try:
        listed = _JWKS.decode(document).keys
        keys = {jwk.kid: _key(jwk) for jwk in listed if _usable(jwk)}
    except (msgspec.MsgspecError, JoseError, ValueError, TypeError, RecursionError) as error:
        raise KeysUnavailableError(f"the JWKS cannot be read: {error}") from error
    if not keys:
        raise KeysUnavailableError("the JWKS has no RS256 key")
    return keys


def _key(jwk: _Jwk) -> RSAKey:
    return RSAKey.import_key({"kty": "RSA", "n": jwk.n, "e": jwk.e})


def _usable(jwk: _Jwk) -> bool:
    strong = len(jwk.n) >= _MIN_MODULUS
    return jwk.kty == "RSA" and jwk.use == "sig" and jwk.alg == _ALGORITHM and bool(jwk.kid) and strong
