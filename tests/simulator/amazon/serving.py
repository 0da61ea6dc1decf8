"""The simulator behind a real socket: uvicorn in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from saleor_amazonpay.simulator.amazon import AmazonWorld, create_app


@contextmanager
def served(world: AmazonWorld, certificate: str | None = None, key: str | None = None) -> Iterator[str]:
    """The origin it listens on, loopback and any free port; over TLS with a certificate and its key."""
    config = uvicorn.Config(
        create_app(world), host="127.0.0.1", port=0, log_level="warning", lifespan="on",
        ssl_certfile=certificate, ssl_keyfile=key,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.005)  # until the thread has bound its port: there is no event to wait for
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
