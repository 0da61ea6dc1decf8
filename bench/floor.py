"""The floor: what no payment app in Python comes below. Read the body, check the RS256 signature, parse the JSON.

Bare ASGI under the same server as the app. `python -m bench.floor PORT JWKS-FILE`.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from bench.serving import serve

ANSWER = b"{}"
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]


class Floor:
    """The endpoint, with the shop's key read in advance."""

    def __init__(self, key: RSAPublicKey) -> None:
        self._key = key

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One ASGI exchange."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if scope["method"] == "POST":
            header, _dots, signature = dict(scope["headers"])[b"saleor-signature"].partition(b"..")
            self._key.verify(base64.urlsafe_b64decode(signature + b"=="), header + b"." + body, PKCS1v15(), SHA256())
            json.loads(body)
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": ANSWER})


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


def main(port: str, jwks: str) -> None:
    key = json.loads(Path(jwks).read_text(encoding="utf-8"))["keys"][0]
    serve(Floor(RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()), int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
