"""Every call of Checkout v2 by its name: method, path and Amazon's published quota (contracts §5.4, §5.6).

`{id}` is the object's id. A quota is (at once, per second), live and in the sandbox; calls without a published one are
taken for the slowest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Quota = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call. Exactly the POSTs carry an idempotency key."""

    name: str
    method: str
    path: str
    live: Quota = (10, 2)
    sandbox: Quota = (2, 1)

    def quota(self, *, test_mode: bool) -> Quota:
        """What Amazon takes of one merchant account."""
        return self.sandbox if test_mode else self.live


_ALL = (
    Endpoint("CreateCheckoutSession", "POST", "/checkoutSessions", (40, 16), (5, 1)),
    Endpoint("GetCheckoutSession", "GET", "/checkoutSessions/{id}", (40, 8), (10, 1)),
    Endpoint("UpdateCheckoutSession", "PATCH", "/checkoutSessions/{id}", (20, 8), (5, 1)),
    Endpoint("CompleteCheckoutSession", "POST", "/checkoutSessions/{id}/complete", (20, 4), (2, 1)),
    Endpoint("FinalizeCheckoutSession", "POST", "/checkoutSessions/{id}/finalize"),
    Endpoint("GetChargePermission", "GET", "/chargePermissions/{id}", (20, 4), (10, 1)),
    Endpoint("UpdateChargePermission", "PATCH", "/chargePermissions/{id}", (10, 2), (5, 1)),
    Endpoint("CloseChargePermission", "DELETE", "/chargePermissions/{id}/close", (10, 2), (2, 1)),
    Endpoint("CreateCharge", "POST", "/charges", (10, 4), (2, 1)),
    Endpoint("GetCharge", "GET", "/charges/{id}", (20, 4), (5, 1)),
    Endpoint("CaptureCharge", "POST", "/charges/{id}/capture", (20, 4), (2, 1)),
    Endpoint("CancelCharge", "DELETE", "/charges/{id}/cancel", (10, 2), (2, 1)),
    Endpoint("CreateRefund", "POST", "/refunds", (10, 4), (2, 1)),
    Endpoint("GetRefund", "GET", "/refunds/{id}", (20, 4), (5, 1)),
    Endpoint("GetBuyer", "GET", "/buyers/{id}"),
    Endpoint("GetDispute", "GET", "/disputes/{id}"),
    Endpoint("GetReports", "GET", "/reports"),
    Endpoint("GetReport", "GET", "/reports/{id}"),
    Endpoint("GetReportDocument", "GET", "/report-documents/{id}"),
)
ENDPOINTS: Mapping[str, Endpoint] = {each.name: each for each in _ALL}
