"""The app's manifest: `manifest.json` with the base URL, the version and the subscription queries filled in.

In: the URL under which Saleor reaches this app. Out: the JSON object that `GET /api/manifest` answers.
It can not depend on which shop asks (contracts §1.1), and one unknown field in one query would fail the whole
installation (§1.4), so every query is kept valid for the oldest Saleor that `requiredSaleorVersion` lets in:
3.21, the first whose `transactionEventReport` takes an event without an amount.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from saleor_amazonpay import __version__, resources

# Also the payment gateway id that storefronts use. No `:` in it, and never only digits (contracts §1.2).
APP_ID = "saleor.app.payment.amazonpay"

# Saleor's columns for webhook targets (contracts §1.4): a longer URL ends as an unexplained failed
# installation.
MAX_TARGET_URL = 255


# Saleor's column for `appUrl` and the URLs of extensions (contracts §1.2, §1.3).
MAX_PAGE_URL = 200

# The first Saleor whose Dashboard knows a mount; an older one refuses the whole installation (contracts §1.3).
_KNOWN_SINCE = {"ORDER_DETAILS_WIDGETS": (3, 22), "HOMEPAGE_WIDGETS": (3, 23)}


def render(base_url: str, schema_version: str = "") -> dict[str, Any]:
    """The manifest for an app reached under `base_url`, such as `https://pay.example.com` or `…/amazonpay`.

    `schema_version` is what the asking Saleor calls itself, such as `3.22`; widgets that its Dashboard does not know
    are left out. Without one, or with one that cannot be read, all are there.

    Raises ValueError if the URL is not absolute http(s), or makes a webhook's target too long for Saleor.
    """
    base = base_url.rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{base_url!r} is not an absolute http(s) URL without query and fragment")
    manifest: dict[str, Any] = msgspec.json.decode(resources.read("manifest.json"))
    manifest["version"] = __version__
    manifest["tokenTargetUrl"] = _under(base, manifest["tokenTargetUrl"])
    manifest["appUrl"] = _under(base, manifest["appUrl"], MAX_PAGE_URL)
    logo = manifest["brand"]["logo"]
    logo["default"] = _under(base, logo["default"], MAX_PAGE_URL)
    known = _version(schema_version)
    manifest["extensions"] = [
        {**extension, "url": _under(base, extension["url"], MAX_PAGE_URL)}
        for extension in manifest["extensions"]
        if known is None or known >= _KNOWN_SINCE[extension["mount"]]
    ]
    for webhook in manifest["webhooks"]:
        webhook["targetUrl"] = _under(base, webhook["targetUrl"])
        webhook["query"] = resources.read(webhook["query"])
        webhook["isActive"] = True
    return manifest


def permissions() -> frozenset[str]:
    """What the app needs: without it Saleor silently does not tell it what happens (contracts §2.7)."""
    return frozenset(msgspec.json.decode(resources.read("manifest.json"))["permissions"])


def _under(base: str, template: str, limit: int = MAX_TARGET_URL) -> str:
    url = template.replace("{base}", base)
    if len(url) > limit:
        raise ValueError(f"{url} is longer than the {limit} characters Saleor stores")
    return url


def _version(text: str) -> tuple[int, int] | None:
    major, _, minor = text.partition(".")
    minor = minor.partition(".")[0]
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else None
