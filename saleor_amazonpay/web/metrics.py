"""What an operator can graph, in Prometheus' words. Children are made once: looking one up costs more than counting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)


class _Handled(Collector):
    """What came of kept notices, as the flow that handles them counts."""

    def __init__(self, handled: Mapping[str, int]) -> None:
        self._handled = handled

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One sample per result: settled, imported, unknown ..."""
        family = CounterMetricFamily("amazonpay_notices_handled", "What came of notices of Amazon", labels=["result"])
        for result, count in sorted(self._handled.items()):
            family.add_metric([result], count)
        yield family


class Metrics:
    """Counters and histograms of one process."""

    def __init__(self, events: tuple[str, ...], handled: Mapping[str, int] | None = None) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Handled({} if handled is None else handled))
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
