"""Installing an app from its manifest (contracts §1.1 to §1.5, §1.7).

In: a manifest URL. Out: an app with a new id and token that the app was told, or InstallError and nothing left behind.
The token POST is not signed, and an answer 3xx counts as success although the app never got the token: both are
Saleor's own weaknesses, and an app has to live with them.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any

from saleor_amazonpay.http import Http, HttpResponse, TransportError
from saleor_amazonpay.simulator.shop.events import KINDS
from saleor_amazonpay.simulator.shop.payload import named_types, subscription
from saleor_amazonpay.simulator.shop.people import InstalledApp, Webhook
from saleor_amazonpay.simulator.shop.selection import Document, DocumentError
from saleor_amazonpay.simulator.shop.transport import READ_TIMEOUT, USER_AGENT
from saleor_amazonpay.simulator.shop.world import World

SCHEMA_VERSION = "3.24"
TOKEN_LENGTH = 30
MAX_TARGET_URL = 255
MAX_SHOWN = 255  # characters of an app's own error message

_LETTERS = string.ascii_letters + string.digits
# Every permission but MANAGE_APPS, which no app may hold.
PERMISSIONS = frozenset(
    [
        "HANDLE_CHECKOUTS",
        "HANDLE_PAYMENTS",
        "HANDLE_TAXES",
        "IMPERSONATE_USER",
        "MANAGE_CHANNELS",
        "MANAGE_CHECKOUTS",
        "MANAGE_CUSTOMER_TYPES_AND_ATTRIBUTES",
        "MANAGE_DISCOUNTS",
        "MANAGE_GIFT_CARD",
        "MANAGE_MENUS",
        "MANAGE_OBSERVABILITY",
        "MANAGE_ORDERS",
        "MANAGE_ORDERS_IMPORT",
        "MANAGE_PAGES",
        "MANAGE_PAGE_TYPES_AND_ATTRIBUTES",
        "MANAGE_PLUGINS",
        "MANAGE_PRODUCTS",
        "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",
        "MANAGE_SETTINGS",
        "MANAGE_SHIPPING",
        "MANAGE_STAFF",
        "MANAGE_TAXES",
        "MANAGE_TRANSLATIONS",
        "MANAGE_USERS",
    ]
)


class InstallError(Exception):
    """The installation failed; `code` is Saleor's AppErrorCode, the text is what staff is shown."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


async def install(
    world: World, http: Http, shop_headers: Mapping[str, str], manifest_url: str, *, activate: bool = True
) -> InstalledApp:
    """Install an app. Raises InstallError."""
    manifest = await _fetch(http, manifest_url)
    app = _read(world, manifest, manifest_url, activate=activate)
    world.apps.append(app)
    target = manifest.get("tokenTargetUrl")
    try:
        if target:
            await _send_token(http, shop_headers, str(target), app.token)
    except InstallError:
        world.apps.remove(app)
        raise
    return app


async def _fetch(http: Http, url: str) -> Mapping[str, Any]:
    headers = {"Saleor-Schema-Version": SCHEMA_VERSION, "User-Agent": USER_AGENT}
    try:
        response = await http.request("GET", url, headers=headers, timeout=READ_TIMEOUT)
    except TransportError as error:
        raise InstallError("MANIFEST_URL_CANT_CONNECT", "Can't fetch manifest data. Please try later.") from error
    manifest = _object(response) if response.status < 400 else None
    if manifest is None:
        raise InstallError("INVALID_MANIFEST_FORMAT", "Incorrect structure of manifest.")
    return manifest


def _object(response: HttpResponse) -> dict[str, Any] | None:
    try:
        read = json.loads(response.body)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _read(world: World, manifest: Mapping[str, Any], url: str, *, activate: bool) -> InstalledApp:
    identifier, name, version = (_text(manifest, key) for key in ("id", "name", "version"))
    if any(app.identifier == identifier and not app.removed for app in world.apps):
        raise InstallError("UNIQUE", f"App with the same identifier is already installed: {identifier}")
    permissions = _list(manifest, "permissions")
    if "MANAGE_APPS" in permissions:
        raise InstallError("OUT_OF_SCOPE_PERMISSION", "permissions: MANAGE_APPS is given to no app.")
    if unknown := [code for code in permissions if code not in PERMISSIONS]:
        raise InstallError("INVALID_PERMISSION", f"permissions: Given permissions don't exist: {unknown}")
    webhooks = [_webhook(world, entry) for entry in _list(manifest, "webhooks")]
    token = "".join(secrets.choice(_LETTERS) for _ in range(TOKEN_LENGTH))
    granted = frozenset(permissions)
    key = world.next_key("App")
    return InstalledApp(
        key, identifier, name, version, url, token, granted, webhooks, is_active=activate,
        app_url=str(manifest.get("appUrl") or ""), extensions=_extensions(manifest, granted),
    )  # fmt: skip


def _extensions(manifest: Mapping[str, Any], granted: frozenset[str]) -> list[dict[str, Any]]:
    """What the app adds to the Dashboard, by the rules of core and Dashboard (contracts §1.3)."""
    extensions = _list(manifest, "extensions")
    for entry in extensions:
        for key in ("label", "url", "mount"):
            if len(_text(entry, key)) > MAX_TARGET_URL:
                raise InstallError("INVALID", f"extensions: {key} is too long.")
        if entry.get("target") == "WIDGET" and not entry["mount"].endswith("_WIDGETS"):
            raise InstallError("INVALID", f"extensions: {entry['mount']} takes no widgets.")
        if not granted.issuperset(_list(entry, "permissions")):
            raise InstallError("OUT_OF_SCOPE_PERMISSION", "extensions: Extension permission must be listed in App's.")
    return extensions


def _text(source: Mapping[str, Any], key: str) -> str:
    value = source.get(key)
    if not isinstance(value, str):
        code = "REQUIRED" if value is None else "INVALID"
        raise InstallError(code, f"{key}: Field required." if value is None else f"{key}: Not a string.")
    return value


def _list(source: Mapping[str, Any], key: str) -> list[Any]:
    """A list, or nothing at all; `null` is an error (contracts §1.2, §1.4)."""
    value = source.get(key, [])
    if not isinstance(value, list):
        raise InstallError("INVALID", f"{key}: Input should be a valid list.")
    return value


def _webhook(world: World, entry: Any) -> Webhook:
    if not isinstance(entry, dict):
        raise InstallError("INVALID", "webhooks: Input should be a valid dictionary.")
    name, target = _text(entry, "name"), _text(entry, "targetUrl")
    if not target.startswith(("http://", "https://")):
        raise InstallError("INVALID_URL_FORMAT", "webhooks: Invalid target url.")
    if len(target) > MAX_TARGET_URL:
        raise InstallError("INVALID", "Unknown error. Contact with app support.")
    try:
        query = subscription(_text(entry, "query"))
    except DocumentError as error:
        raise InstallError("INVALID", f"webhooks: Subscription query is not valid: {error}") from error
    headers = {str(key).lower(): str(value) for key, value in (entry.get("customHeaders") or {}).items()}
    active = bool(entry.get("isActive", True))
    key, identifier = world.next_key("Webhook"), str(entry.get("identifier") or "").strip()
    text = str(entry["query"])
    return Webhook(name, target, _events(entry, query), query, headers, active, key, identifier, text)


def _events(entry: Mapping[str, Any], query: Document) -> frozenset[str]:
    """The events that are named; if none is, those whose types the query names (contracts §1.4)."""
    for key, sync in (("syncEvents", True), ("asyncEvents", False)):
        for name in _list(entry, key):
            if name not in KINDS or KINDS[name].sync is not sync:
                raise InstallError("INVALID", f"webhooks: {key}: {name} is not known to this shop.")
    named = frozenset(_list(entry, "syncEvents") + _list(entry, "asyncEvents"))
    types = named_types(query)
    return named or frozenset(event for event, kind in KINDS.items() if kind.typename in types)


async def _send_token(http: Http, shop_headers: Mapping[str, str], target: str, token: str) -> None:
    headers = {
        **shop_headers,
        "Content-Type": "application/json",
        "Saleor-Schema-Version": SCHEMA_VERSION,
    }
    body = json.dumps({"auth_token": token}).encode()
    try:
        response = await http.request("POST", target, headers=headers, body=body, timeout=READ_TIMEOUT)
    except TransportError as error:
        raise InstallError("INVALID", "Failed to connect to app. Try later or contact with app support.") from error
    if response.status >= 400:
        raise InstallError("INVALID", _shown(response))


def _shown(response: HttpResponse) -> str:
    """The app's own words if it answered `{"error": {"message": …}}`."""
    error = (_object(response) or {}).get("error")
    message = error.get("message") if isinstance(error, dict) else None
    if isinstance(message, str) and message:
        return message[:MAX_SHOWN]
    return f"App internal error ({response.status}). Try later or contact with app support."
