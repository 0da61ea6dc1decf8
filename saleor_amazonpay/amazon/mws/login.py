"""Login with Amazon: whose access token this is (contracts §1.11).

In comes a token from a browser, which anybody may have written; out comes Amazon's id of the buyer, or a
refusal. A token issued to another shop's login client must never pass: that shop's owner could otherwise act
as its customers.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec

from saleor_amazonpay.amazon.mws.failures import unsent
from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.amazon.regions import based, region
from saleor_amazonpay.domain.errors import NotExecutedError, TokenRefusedError
from saleor_amazonpay.http import Http, TransportError

_ACTION = "tokeninfo"
_TIMEOUT = 10.0
_SENDABLE = re.compile(r"[!-~]{1,4096}\Z")


class _TokenInfo(msgspec.Struct):
    """The fields of tokeninfo that are used."""

    aud: str = ""
    user_id: str = ""


def plain_token(access_token: str) -> str:
    """The token as Amazon issued it: cookies and query strings carry it percent-encoded."""
    return unquote(access_token)


class Login:
    """Asks Login with Amazon. `endpoint` replaces its hosts for test-mode accounts."""

    def __init__(self, http: Http, endpoint: str = "") -> None:
        self._http = http
        self._endpoint = endpoint

    async def buyer_of(self, account: Account, access_token: str) -> str:
        """The buyer's `user_id`. Raises TokenRefusedError, or AmazonError if Amazon gave no usable answer."""
        token = plain_token(access_token)
        if not _SENDABLE.match(token):
            raise TokenRefusedError("not an access token")
        url = region(account.region).login_url("/auth/o2/tokeninfo", test_mode=account.test_mode)
        url = based(url, self._endpoint, test_mode=account.test_mode)
        try:
            response = await self._http.request(
                "GET",
                url,
                headers={"x-amz-access-token": token, "Accept": "application/json"},
                timeout=_TIMEOUT,
            )
        except TransportError as error:
            raise unsent(_ACTION, error) from error
        if response.status in (400, 401, 403):
            raise TokenRefusedError("Amazon does not know this access token, or it has ended")
        if response.status != 200:  # noqa: PLR2004
            raise NotExecutedError(_ACTION, f"http_{response.status}", http_status=response.status)
        return _buyer(response.body, account.credentials.get("client_id", ""))


def _buyer(body: bytes, client_id: str) -> str:
    try:
        info = msgspec.json.decode(body, type=_TokenInfo)
    except msgspec.DecodeError as error:
        raise NotExecutedError(_ACTION, "UnreadableAnswer") from error
    if not client_id or info.aud != client_id:
        raise TokenRefusedError("the access token was issued to another login client")
    if not info.user_id:
        raise TokenRefusedError("the access token names no buyer")
    return info.user_id
