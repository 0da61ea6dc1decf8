"""Token buckets per seller and operation (contracts §1.3).

In come a merchant account and an operation, out comes whether it may run now. Buckets refill by the simulated
clock, so a test moves time instead of waiting.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """How many at once, and how many per second come back."""

    size: float
    per_second: float


_LIVE_WRITE = Quota(10, 1)
_LIVE_READ = Quota(20, 2)
_SANDBOX_WRITE = Quota(2, 0.5)
_SANDBOX_READ = Quota(5, 1)
_STATUS = Quota(2, 1 / 300)

_READS = frozenset(
    {
        "GetOrderReferenceDetails",
        "GetBillingAgreementDetails",
        "GetAuthorizationDetails",
        "GetCaptureDetails",
        "GetRefundDetails",
    }
)


def quota_of(action: str, *, sandbox: bool) -> Quota:
    """The published quota; operations without one are taken for writes."""
    if action == "GetServiceStatus":
        return _STATUS
    if action in _READS:
        return _SANDBOX_READ if sandbox else _LIVE_READ
    return _SANDBOX_WRITE if sandbox else _LIVE_WRITE


class Throttle:
    """The buckets, by merchant account and operation."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], tuple[float, float]] = {}  # tokens, at

    def admits(self, merchant_key: str, action: str, now: float, *, sandbox: bool) -> bool:
        """Take a token; False if there is none."""
        return self.takes(merchant_key, action, quota_of(action, sandbox=sandbox), now)

    def takes(self, merchant_key: str, action: str, quota: Quota, now: float) -> bool:
        """Take a token of a bucket of this size; False if there is none."""
        tokens, at = self._left.get((merchant_key, action), (quota.size, now))
        tokens = min(quota.size, tokens + (now - at) * quota.per_second)
        admitted = tokens >= 1
        self._left[merchant_key, action] = (tokens - 1 if admitted else tokens, now)
        return admitted
