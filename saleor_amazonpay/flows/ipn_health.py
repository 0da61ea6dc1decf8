"""Whether Amazon's notices arrive: what came, what was refused, and a test that the profile's URL leads here.

The self-test sends no notice. It asks the URL, from outside as far as this machine can, for a proof that only this
installation can give; Amazon's door answers it before anything is read as a notice.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from saleor_amazonpay.amazon.port import Check
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.http import Http, TransportError
from saleor_amazonpay.store import ipn_health
from saleor_amazonpay.store.ipn_health import Refusals
from saleor_amazonpay.store.sql import Tx

PROBE_HEADER = "x-amazonpay-probe"
_DAY_MS = 24 * 3600 * 1000
_TIMEOUT = 8.0
_OK = 200
_PLACE = "ipn-probe"


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a profile's notices. Times are milliseconds UTC, 0 never. `state`: never, healthy, refused."""

    state: str
    last_received_at: int
    last_subject: str
    received_last_day: int
    waiting: int
    refusals: tuple[Refusals, ...]


def url_of(public_url: str, profile_id: str) -> str:
    """The IPN URL of a profile; empty while the public URL is not known."""
    return f"{public_url}/api/ipn/{profile_id}" if public_url else ""


async def health(deps: Deps, profile_id: str) -> Health:
    """What is known of a profile's notices."""

    def unit(tx: Tx) -> Health:
        last = ipn_health.last(tx, profile_id) or (0, "")
        day, waiting = ipn_health.counts(tx, profile_id, deps.clock() - _DAY_MS)
        refusals = tuple(ipn_health.refusals(tx, profile_id))
        refused_since = any(each.last_at > last[0] for each in refusals)
        state = "refused" if refused_since else "healthy" if last[0] else "never"
        return Health(state, last[0], last[1], day, waiting, refusals)

    return await deps.store.read(unit)


class RefusalCounter:
    """Counts refused requests; a flood of them is one row per reason, written at most every ten seconds a node."""

    _PAUSE_MS = 10_000

    def __init__(self) -> None:
        self._written: dict[tuple[str, str], int] = {}

    async def note(self, deps: Deps, profile_id: str, code: str, message: str) -> None:
        """Note a refusal for the profile whose URL was called. Raises StoreUnavailableError."""
        now = deps.clock()
        if now - self._written.get((profile_id, code), -self._PAUSE_MS) < self._PAUSE_MS:
            return
        self._written[(profile_id, code)] = now  # profiles and codes are few: what is kept is bounded
        await deps.store.write(lambda tx: ipn_health.refuse(tx, profile_id, code, message, now))


def proof(deps: Deps, profile_id: str, nonce: str) -> str:
    """What only an installation with our keys can answer to a nonce."""
    return deps.store.sealer.mark(_PLACE, profile_id, nonce)


async def self_test(deps: Deps, http: Http, public_url: str, profile_id: str) -> list[Check]:
    """Whether the profile's URL is usable and leads here, each question by itself."""
    url = url_of(public_url, profile_id)
    if not url:
        return [Check("public_url", ok=False, message="AMAZONPAY_PUBLIC_URL is not set: Amazon could not call us.")]
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    text = "" if secure else "Amazon calls https only; this address is for trying things out." if local else (
        "Amazon calls https only: put a TLS certificate in front, and set AMAZONPAY_PUBLIC_URL to https."
    )  # fmt: skip
    return [Check("https", ok=secure, message=text), await _reach(deps, http, url, profile_id)]


async def _reach(deps: Deps, http: Http, url: str, profile_id: str) -> Check:
    nonce = secrets.token_hex(16)
    try:
        answer = await http.request("POST", url, headers={PROBE_HEADER: nonce}, timeout=_TIMEOUT)
    except TransportError as error:
        return Check("reachable", ok=False, message=f"The URL cannot be reached from here: {error}.")
    expected = proof(deps, profile_id, nonce).encode()
    if answer.status == _OK and hmac.compare_digest(answer.body, expected):
        return Check("reachable", ok=True)
    text = (
        f"Something else answers there (HTTP {answer.status}): check that AMAZONPAY_PUBLIC_URL, and what stands in "
        "front of this app, lead POST requests under /api/ipn/ to it unchanged."
    )
    return Check("reachable", ok=False, message=text)
