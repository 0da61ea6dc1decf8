"""Who calls our API: staff with a token of the Dashboard's, or anybody else with a token of Saleor's own.

A Dashboard token is a JWT that names the app and the user's permissions; it is judged here, by the keys of the
registered API URL (contracts §5.1). Every other token is shown to that Saleor, which says whose it is and what they
may do; the answer is kept for a minute. A token goes nowhere else, and stands in no error and no log.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable

import msgspec

from saleor_amazonpay.domain.errors import AmazonPayError, SaleorError
from saleor_amazonpay.saleor.client import SaleorApi
from saleor_amazonpay.saleor.guard import UrlRefusedError, normal_form
from saleor_amazonpay.saleor.signature import KeyRing, KeysUnavailableError, SignatureRefusedError
from saleor_amazonpay.saleor.views import CallerView

_LEEWAY = 5.0  # seconds that two clocks may differ
_KEPT = 60.0  # seconds that Saleor's word on a token counts
_REFUSED_KEPT = 10.0  # so that a wrong token does not become a flood of questions
_MAX_KEPT = 1000
_AT_ONCE = 8


class CallerRefusedError(AmazonPayError):
    """The token opens nothing here. `code` is unauthenticated, expired or unavailable; the message may be shown."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    exp: int
    type: str
    app: str
    is_staff: bool
    user_id: str
    user_permissions: list[str]
    email: str = ""
    aud: str | list[str] | None = None


class _Issuer(msgspec.Struct, frozen=True):
    iss: str = ""
    type: str = ""


def issuer(token: str) -> tuple[str, str]:
    """(API URL, type) as an unverified token claims them: to find out whom to ask. Both empty if it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return "", ""
    try:
        claims = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        said = msgspec.json.decode(claims, type=_Issuer)
        return normal_form(said.iss), said.type
    except (ValueError, msgspec.MsgspecError, UrlRefusedError, RecursionError):
        return "", ""


class Callers:
    """Recognizes callers.

    Args:
        keys: of the installed Saleors.
        api: asks a Saleor about tokens it made itself.
        clock: epoch seconds.
    """

    def __init__(self, keys: KeyRing, api: SaleorApi, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._api = api
        self._clock = clock
        self._known: dict[tuple[str, bytes], tuple[float, CallerView | None]] = {}
        self._asking = asyncio.Semaphore(_AT_ONCE)

    async def recognize(self, api_url: str, app_id: str, token: str) -> CallerView:
        """Whose token it is. `api_url` and `app_id` are the registered ones. Raises CallerRefusedError."""
        if issuer(token)[1] == "thirdparty":
            return await self._dashboard(api_url, app_id, token)
        return await self._ask(api_url, token)

    async def _dashboard(self, api_url: str, app_id: str, token: str) -> CallerView:
        try:
            claims = msgspec.json.decode(await self._keys.verify_token(api_url, token), type=_Claims)
            issued_here = normal_form(claims.iss) == api_url
        except (SignatureRefusedError, msgspec.MsgspecError, UrlRefusedError, ValueError) as error:
            raise CallerRefusedError("unauthenticated", "The token is not one of this Saleor's.") from error
        except KeysUnavailableError as error:
            raise CallerRefusedError("unavailable", "The keys of Saleor cannot be read; try again.") from error
        if claims.exp + _LEEWAY <= self._clock():
            raise CallerRefusedError("expired", "The token has expired; load the page again.")
        # No audience is set in our manifest: a token with one is for somebody else.
        if not issued_here or claims.app != app_id or claims.type != "thirdparty" or claims.aud is not None:
            raise CallerRefusedError("unauthenticated", "The token is for another app or shop.")
        if not claims.is_staff:
            raise CallerRefusedError("unauthenticated", "Only staff may use this.")
        return CallerView("staff", claims.user_id, claims.email, frozenset(claims.user_permissions))

    async def _ask(self, api_url: str, token: str) -> CallerView:
        key = (api_url, hashlib.sha256(token.encode()).digest())
        known = self._known.get(key)
        if known is None or known[0] <= self._clock():
            known = await self._answer(api_url, token, key)
        if known[1] is None:
            raise CallerRefusedError("unauthenticated", "Saleor does not know this token, or not as staff or an app.")
        return known[1]

    async def _answer(self, api_url: str, token: str, key: tuple[str, bytes]) -> tuple[float, CallerView | None]:
        async with self._asking:
            try:
                found = await self._api.caller(api_url, token, user=token.count(".") == 2)  # noqa: PLR2004 - a JWT
            except SaleorError as error:
                if error.retryable:
                    raise CallerRefusedError("unavailable", "Saleor does not answer; try again.") from error
                found = None
        if len(self._known) >= _MAX_KEPT:
            self._known.clear()
        kept = self._known[key] = (self._clock() + (_KEPT if found else _REFUSED_KEPT), found)
        return kept
