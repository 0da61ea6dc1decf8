"""Files that travel with the package: `manifest.json`, `graphql/` and what was built for browsers."""

from __future__ import annotations

from pathlib import Path

_PACKAGED = Path(__file__).parent / "_resources"
_BUILT = Path(__file__).parent / "_built"
_ROOT = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent


def read(name: str) -> str:
    """The text of a resource by its path, such as `graphql/saleor/transaction_event_report.graphql`."""
    return (_ROOT / name).read_text(encoding="utf-8")


def built(name: str) -> bytes | None:
    """A file that was built for browsers, such as `storefront/amazonpay.js`; None where nobody built it."""
    path = _BUILT / name
    return path.read_bytes() if path.is_file() else None


def names(folder: str, suffix: str) -> list[str]:
    """The paths of the resources directly in a folder that end with a suffix, sorted."""
    return sorted(f"{folder}/{path.name}" for path in (_ROOT / folder).iterdir() if path.name.endswith(suffix))
