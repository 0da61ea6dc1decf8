"""The one way to MWS: sign, post, read, and repeat what may be repeated.

In come an account, an action and its parameters; out comes an `Answer` or an error of `domain.errors`. A
repeat has the same parameters and the same reference id, only Timestamp and Signature are new: Amazon answers
it with the result of the first (contracts §1.6), so it never moves money twice. What once was in doubt stays
in doubt until Amazon gives a definite answer.
"""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable, Mapping

from saleor_amazonpay import __version__
from saleor_amazonpay.amazon.mws.failures import Answer, answer_of, unsent
from saleor_amazonpay.amazon.mws.signing import Pair, Signer, pairs
from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.amazon.regions import based, region
from saleor_amazonpay.amazon.repeats import repeated
from saleor_amazonpay.amazon.scrub import scrubbed
from saleor_amazonpay.domain.errors import AmazonError, CredentialsRejectedError
from saleor_amazonpay.http import Http, TransportError

# A synchronous authorization can take many seconds; Amazon's own client waits 30 (contracts §1.2).
READ_TIMEOUT = 35.0

_SIGNERS_KEPT = 256

Clock = Callable[[], float]

_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": (
        f"saleor-amazonpay/{__version__} "
        f"(Saleor; Python/{platform.python_version()}; {platform.system()}/{platform.release()})"
    ),
}


class MwsCalls:
    """Calls of OffAmazonPayments.

    Args:
        http: the door out.
        clock: epoch seconds, asked once per attempt.
        endpoint: replaces Amazon's hosts for test-mode accounts; ignored for live ones.
    """

    def __init__(self, http: Http, clock: Clock, endpoint: str = "") -> None:
        self._http = http
        self._clock = clock
        self._endpoint = endpoint
        # Keyed by all that is signed with: two shops may hold different keys of one seller.
        self._signer = functools.lru_cache(maxsize=_SIGNERS_KEPT)(Signer.of)

    async def call(self, account: Account, action: str, parameters: Mapping[str, str], patience: float) -> Answer:
        """Make one call, repeated with back-off for `patience` seconds (0: one attempt).

        No repeat is decided on after `patience`, but one in flight is never cut off: it may outlast it by
        `READ_TIMEOUT`. Raises AmazonError; a throttled, rejected or unreachable repeat of an unanswered
        attempt proves nothing about that attempt, so the call then stays unknown.
        """
        try:
            return await self._call(account, action, parameters, patience)
        except AmazonError as error:
            clean = scrubbed(error, account.credentials)
            if clean is error:
                raise
            raise clean from None  # the first one, and what it came from, would show in a traceback

    async def _call(self, account: Account, action: str, parameters: Mapping[str, str], patience: float) -> Answer:
        signer = self._signer_of(account, action)
        prepared = pairs(parameters)
        return await repeated(lambda: self._once(signer, action, prepared), patience)

    async def _once(self, signer: Signer, action: str, parameters: list[Pair]) -> Answer:
        body = signer.body(action, parameters, self._clock())
        try:
            response = await self._http.request("POST", signer.url, headers=_HEADERS, body=body, timeout=READ_TIMEOUT)
        except TransportError as error:
            raise unsent(action, error) from error
        return answer_of(action, response)

    def _signer_of(self, account: Account, action: str) -> Signer:
        url = region(account.region).mws_url(test_mode=account.test_mode)
        keys = account.credentials
        if not (keys.get("access_key") and keys.get("secret_key")):
            raise CredentialsRejectedError(action, "MissingKeys", "the profile has no MWS access and secret key")
        return self._signer(
            based(url, self._endpoint, test_mode=account.test_mode),
            account.seller_id,
            keys["access_key"],
            keys["secret_key"],
            keys.get("mws_auth_token", ""),
        )
