"""A plain page that lists what the simulated Amazon holds; no script, nothing to press.

In come the books, out comes HTML in which everything a caller wrote is escaped.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.snapshot import snapshot

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

_SHOWN = 200  # newest of each kind
_COLUMNS = ("state", "reason", "amount", "currency", "reference_id", "created_at")


def render(world: AmazonWorld) -> str:
    """The page as HTML."""
    rows = "".join(
        _row(kind, row)
        for kind, objects in snapshot(world.books, world.now()).items()
        for row in objects[-_SHOWN:][::-1]
    )
    heads = "".join(f"<th scope='col'>{name.replace('_', ' ')}</th>" for name in ("kind", "id", *_COLUMNS))
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Amazon Pay simulator</title>"
        "<style>body{font:14px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}"
        "td,th{padding:.25rem .75rem;text-align:left;border-bottom:1px solid #ddd}</style>"
        f"<h1>Amazon Pay simulator</h1><p>Simulated time: {iso(world.now())}. "
        f"Notifications waiting: {world.notifications.waiting}.</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></html>"
    )


def _row(kind: str, row: dict[str, object]) -> str:
    cells = (kind.replace("_", " "), row["id"], *(row.get(name) for name in _COLUMNS))
    return "<tr>" + "".join(f"<td>{escape(str(cell or ''))}</td>" for cell in cells) + "</tr>"
