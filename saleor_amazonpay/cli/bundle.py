"""The archive of `support-bundle`: named texts in, one zip file out, with everything blackened that must not leave.

What goes in was chosen so that no secret and no buyer's data is in it. This is the second fence: texts of Amazon's, of
Saleor's and of staff go in as they are, and any of them may repeat what it should not.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from saleor_amazonpay.log import blackened

_BLACK = "***"
# What no one here has opened, so that it cannot be searched for by its text: it is known by its form.
_FORMS = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
    re.compile(r"(?<=://)[^/\s@\"]+(?=@)"),  # user:password@ in an address
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # e-mail
    re.compile(r"\+\d[\d ()./-]{6,}\d"),  # telephone, as Amazon and Saleor write it
    re.compile(r"\bAtz[ar]\|[\w+/=|.-]+"),  # a buyer's access or refresh token of Login with Amazon
    re.compile(r"\bamzn\.mws\.[\w-]+"),  # an MWS auth token
    re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"),  # a JSON web token
    re.compile(r"(?i)\bbearer\s+[\w.~+/=-]+"),
)


def clean(value: Any) -> Any:
    """The same value with everything blackened that has the form of a secret, an e-mail or a telephone number."""
    if isinstance(value, str):
        for form in _FORMS:
            value = form.sub(_BLACK, value)
        return value
    if isinstance(value, dict):
        return {name: clean(each) for name, each in value.items()}
    return [clean(each) for each in value] if isinstance(value, (list, tuple)) else value


def texts(parts: dict[str, Any]) -> dict[str, bytes]:
    """File name → what stands in it: text as it is, anything else as JSON; both cleaned."""
    made: dict[str, bytes] = {}
    for name, part in parts.items():
        cleaned = clean(part)
        made[name] = blackened(
            cleaned.encode()
            if isinstance(cleaned, str)
            else msgspec.json.format(msgspec.json.encode(cleaned), indent=2)
        )
    return made


def write(target: Path, files: dict[str, bytes]) -> int:
    """Write the archive whole or not at all, readable by its owner only; its size in bytes.

    Raises FileExistsError rather than to replace a file, and OSError.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{target.stem}/{name}", content)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(packed.getvalue())
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return len(packed.getvalue())
