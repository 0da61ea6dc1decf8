"""The token that the Dashboard hands to an app's page for a member of staff (contracts §5.1)."""

from __future__ import annotations

from typing import Any

from saleor_amazonpay.simulator.shop.people import InstalledApp, User

_LIFETIME = 300


def claims_of(api_url: str, app: InstalledApp, user: User, now: int, changed: dict[str, Any]) -> dict[str, Any]:
    """What the token says, good for five minutes from `now` (seconds). `changed` replaces or adds; None leaves out."""
    mine = {permission.code for permission in user.user_permissions or ()}
    made = {
        "iat": now,
        "owner": "saleor",
        "iss": api_url,
        "exp": now + _LIFETIME,
        "token": "k" * 12,
        "email": user.email,
        "type": "thirdparty",
        "user_id": user.id,
        "is_staff": user.is_staff,
        "app": app.id,
        "permissions": sorted(mine & app.granted),
        "user_permissions": sorted(mine),
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}
