"""What an operator can graph, in Prometheus' words. Children are made once: looking one up costs more than counting."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)


class Metrics:
    """Counters and histograms of one process."""

    def __init__(self, events: tuple[str, ...]) -> None:
        self.registry = CollectorRegistry()
        seconds = Histogram(
            "amazonpay_webhook_seconds",
            "Time to answer a webhook",
            ["event"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        refused = Counter(
            "amazonpay_refused_requests_total",
            "Requests that were not verified",
            ["reason"],
            registry=self.registry,
        )
        notices = Counter("amazonpay_notices_total", "Notices of Amazon", ["result"], registry=self.registry)
        self.seconds = {event: seconds.labels(event) for event in events}
        self.refused = refused
        self.notices = notices

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
