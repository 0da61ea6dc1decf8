"""Which door is where. The paths are names the outside relies on (manifest, Seller Central, load balancers)."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from saleor_amazonpay.web.api.door import graphql
from saleor_amazonpay.web.dashboard import asset, page, posted_widget, widget
from saleor_amazonpay.web.health import healthz, metrics, readyz
from saleor_amazonpay.web.install import manifest, registration
from saleor_amazonpay.web.ipn import ipn
from saleor_amazonpay.web.logo import logo
from saleor_amazonpay.web.storefront import address, address_preflight, script
from saleor_amazonpay.web.webhooks import webhook


def routes() -> list[BaseRoute]:
    """All routes; the webhook first, since it is what is called most."""
    return [
        Route("/api/webhooks/saleor/{event}", webhook, methods=["POST"]),
        Route("/api/ipn/{profile}", ipn, methods=["POST"]),
        Route("/api/manifest", manifest, methods=["GET"]),
        Route("/api/register", registration, methods=["POST"]),
        Route("/logo.png", logo, methods=["GET"]),
        Route("/storefront/address", address, methods=["POST"]),
        Route("/storefront/address", address_preflight, methods=["OPTIONS"]),
        Route("/storefront/{file}", script, methods=["GET"]),
        Route("/graphql/", graphql, methods=["GET", "POST", "OPTIONS"]),
        Route("/dashboard/assets/{file}", asset, methods=["GET"]),
        Route("/dashboard/widgets/{kind}", widget, methods=["GET"]),
        Route("/dashboard/widgets/{kind}", posted_widget, methods=["POST"]),
        Route("/dashboard", page, methods=["GET"]),
        Route("/dashboard/{path:path}", page, methods=["GET"]),
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]
