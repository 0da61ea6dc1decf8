"""The one way to MWS: sign, post, read, and repeat what may be repeated.

In come an account, an action and its parameters; out comes an `Answer` or an error of `domain.errors`. A
repeat has the same parameters and the same reference id, only Timestamp and Signature are new: Amazon answers
it with the result of the first (contracts §1.6), so it never moves money twice. What once was in doubt stays
in doubt until Amazon gives a definite answer.
"""

from __future__ import annotations

import functools
import platform
import time
from collections.abc import Callable, Mapping

import stamina

from saleor_amazonpay import __version__
from saleor_amazonpay.amazon.mws.failures import Answer, answer_of, unsent
from saleor_amazonpay.amazon.mws.signing import Pair, Signer, pairs
from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.amazon.regions import based, region
from saleor_amazonpay.domain.errors import (
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    WireGoneError,
)
from saleor_amazonpay.http import Http, TransportError

# A synchronous authorization can take many seconds; Amazon's own client waits 30 (contracts §1.2).
READ_TIMEOUT = 35.0

# Seconds between repeats. Amazon restores one money call per second and seller (contracts §1.3).
_WAIT_INITIAL = 0.5
_WAIT_MAX = 2.0
_WAIT_JITTER = 0.5

_SIGNERS_KEPT = 256

Clock = Callable[[], float]

_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": (
        f"saleor-amazonpay/{__version__} "
        f"(Saleor; Python/{platform.python_version()}; {platform.system()}/{platform.release()})"
    ),
}


def _repeatable(error: Exception) -> bool:
    """Every unanswered call of this wire may be repeated: each carries an id that makes it one effect."""
    return isinstance(error, OutcomeUnknownError | NotExecutedError)


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
        signer = self._signer_of(account, action)
        prepared = pairs(parameters)
        began = time.monotonic()
        try:
            return await self._once(signer, action, prepared)
        except (OutcomeUnknownError, NotExecutedError) as error:
            left = patience - (time.monotonic() - began)
            if left <= 0:
                raise
            return await self._again(signer, action, prepared, left, error)

    async def _again(
        self,
        signer: Signer,
        action: str,
        prepared: list[Pair],
        patience: float,
        first: OutcomeUnknownError | NotExecutedError,
    ) -> Answer:
        """The repeats of a call whose first attempt gave no result; kept apart, since nearly all calls need none."""
        doubt = first if isinstance(first, OutcomeUnknownError) else None
        made: Exception | None = first
        try:
            async for attempt in stamina.retry_context(
                on=_repeatable,
                attempts=None,
                timeout=patience,
                wait_initial=_WAIT_INITIAL,
                wait_max=_WAIT_MAX,
                wait_jitter=_WAIT_JITTER,
            ):
                with attempt:
                    if made is not None:  # the first attempt was made already
                        error, made = made, None
                        raise error
                    try:
                        return await self._once(signer, action, prepared)
                    except OutcomeUnknownError as unknown:
                        doubt = unknown
                        raise
        except (NotExecutedError, CredentialsRejectedError, WireGoneError) as final:
            if doubt is not None:
                raise doubt from final
            raise
        raise AssertionError("stamina ends with a result or an error")

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
