"""The one way to pay-api: sign, send, read, and repeat what may be repeated.

In come an account, a call's name and what it is about; out comes an `Answer` or an error of `domain.errors`. A repeat
has the same path, body and idempotency key, only date and signature are new.
"""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import msgspec

from saleor_amazonpay import __version__
from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.amazon.regions import based, region
from saleor_amazonpay.amazon.repeats import repeated
from saleor_amazonpay.amazon.scrub import scrubbed
from saleor_amazonpay.amazon.v2.endpoints import ENDPOINTS, Endpoint
from saleor_amazonpay.amazon.v2.failures import Answer, answer_of, unsent
from saleor_amazonpay.amazon.v2.pacing import Pacer
from saleor_amazonpay.amazon.v2.signing import Signer, canonical_query
from saleor_amazonpay.domain.errors import AmazonError, NotExecutedError
from saleor_amazonpay.http import Http, TransportError

# A synchronous charge can take many seconds.
READ_TIMEOUT = 35.0

# Seconds a read may be repeated in.
PATIENCE = 3.0

_SIGNERS_KEPT = 256
_USER_AGENT = (
    f"saleor-amazonpay/{__version__} "
    f"(Saleor; Python/{platform.python_version()}; {platform.system()}/{platform.release()})"
)

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Sending:
    """One call as it is repeated: nothing in it changes from attempt to attempt."""

    signer: Signer
    endpoint: Endpoint
    path: str
    query: str
    body: bytes = field(repr=False)
    key: str
    simulation: str
    account_key: str
    test_mode: bool

    def headers(self, now: float) -> dict[str, str]:
        """Signed for this attempt. The simulation code is never signed (contracts §5.1)."""
        headers = self.signer.headers(self.endpoint.method, self.path, self.query, self.body, now, self.key)
        headers["user-agent"] = _USER_AGENT
        if self.simulation:
            headers["x-amz-pay-simulation-code"] = self.simulation
        return headers

    @property
    def url(self) -> str:
        """Where it goes."""
        return f"{self.signer.origin}{self.path}{f'?{self.query}' if self.query else ''}"


class V2Calls:
    """Calls of pay-api.

    Args:
        http: the door out.
        clock: epoch seconds, asked once per attempt.
        endpoint: replaces Amazon's hosts for test-mode accounts; ignored for live ones.
        pacer: keeps to Amazon's pace; one per process.
    """

    def __init__(self, http: Http, clock: Clock, endpoint: str = "", pacer: Pacer | None = None) -> None:
        self.http = http
        self._clock = clock
        self._endpoint = endpoint
        self._pacer = pacer or Pacer()
        # Keyed by all that is signed with: a key is parsed once, and a changed one is another signer.
        self._signer = functools.lru_cache(maxsize=_SIGNERS_KEPT)(Signer.of)

    async def call(
        self,
        account: Account,
        action: str,
        object_id: str = "",
        body: Mapping[str, object] | None = None,
        *,
        key: str = "",
        query: Mapping[str, str] | None = None,
        simulation: str = "",
        patience: float = PATIENCE,
    ) -> Answer:
        """Make one call, repeated with back-off for `patience` seconds (0: one attempt).

        `key` is the idempotency key of a POST. Raises AmazonError.
        """
        try:
            return await self._call(account, action, object_id, body, key, query, simulation, patience)
        except AmazonError as error:
            clean = scrubbed(error, account.credentials)
            if clean is error:
                raise
            raise clean from None  # the first one, and what it came from, would show in a traceback

    async def _call(
        self,
        account: Account,
        action: str,
        object_id: str,
        body: Mapping[str, object] | None,
        key: str,
        query: Mapping[str, str] | None,
        simulation: str,
        patience: float,
    ) -> Answer:
        endpoint = ENDPOINTS[action]
        signer = self.signer(account)
        sending = Sending(
            signer,
            endpoint,
            signer.path + endpoint.path.replace("{id}", quote(object_id, safe="-_.~")),
            canonical_query((query or {}).items()),
            b"" if body is None else msgspec.json.encode(body),
            key,
            simulation if account.test_mode else "",
            account.key,
            account.test_mode,
        )
        return await repeated(lambda: self._once(sending, patience), patience)

    async def _once(self, sending: Sending, patience: float) -> Answer:
        endpoint, test_mode = sending.endpoint, sending.test_mode
        await self._pacer.turn(sending.account_key, endpoint, test_mode=test_mode, patience=patience)
        try:
            response = await self.http.request(
                endpoint.method,
                sending.url,
                headers=sending.headers(self._clock()),
                body=sending.body,
                timeout=READ_TIMEOUT,
            )
        except TransportError as error:
            raise unsent(endpoint.name, error) from error
        try:
            return answer_of(endpoint.name, response)
        except NotExecutedError as error:
            if error.http_status == 429:  # noqa: PLR2004
                self._pacer.throttled(sending.account_key, endpoint, test_mode=test_mode)
            raise

    def signer(self, account: Account) -> Signer:
        """The account's signer. Raises CredentialsRejectedError for keys that cannot be used here."""
        place = region(account.region)
        keys = account.credentials
        return self._signer(
            based(place.pay_url(""), self._endpoint, test_mode=account.test_mode),
            place.pay_region,
            keys.get("public_key_id", ""),
            keys.get("private_key", ""),
            test_mode=account.test_mode,
        )
