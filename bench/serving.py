"""uvicorn with the settings of `saleor-amazonpay serve`: floor and simulator run under the same server as the app."""

from __future__ import annotations

from typing import Any

import uvicorn


def serve(app: Any, port: int) -> None:
    """Serve an ASGI application on loopback until SIGTERM."""
    uvicorn.run(
        app, host="127.0.0.1", port=port, access_log=False, log_config=None, proxy_headers=False,
        timeout_keep_alive=75, timeout_graceful_shutdown=30, server_header=False, loop="uvloop", http="httptools",
    )  # fmt: skip
