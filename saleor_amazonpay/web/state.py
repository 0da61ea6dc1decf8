"""What the doors need beside the flows' dependencies."""

from __future__ import annotations

from dataclasses import dataclass, field

from saleor_amazonpay.amazon.sns import SnsVerifier
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.ipn_health import RefusalCounter
from saleor_amazonpay.flows.request import Copies
from saleor_amazonpay.http import Http
from saleor_amazonpay.saleor.guard import AllowList
from saleor_amazonpay.saleor.signature import KeyRing
from saleor_amazonpay.saleor.staff import Callers
from saleor_amazonpay.web.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Doors:
    """Made once by the composition root."""

    deps: Deps
    keys: KeyRing
    allowed: AllowList
    sns: SnsVerifier
    metrics: Metrics
    public_url: str
    copies: Copies
    callers: Callers
    http: Http  # the door out, for the self-test of our own address
    refusals: RefusalCounter = field(default_factory=RefusalCounter)
    graphiql: bool = False
    dashboard_origins: tuple[str, ...] = ()  # beside each Saleor's own
