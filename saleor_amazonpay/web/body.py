"""Read a request body whole, up to a limit; the signature is over these very bytes."""

from __future__ import annotations

from starlette.requests import Request


class BodyTooLargeError(Exception):
    """The body is larger than the limit of its route."""


def gone(request: Request) -> bool:
    """Whether the caller has hung up, of a request whose body was read whole.

    One step of `receive`, which returns at once only if there is something to receive: after the body that can only be
    the disconnect. `Request.is_disconnected` asks the same with a cancel scope, at many times the price.
    """
    step = request.receive()
    try:
        step.send(None)  # type: ignore[attr-defined]  # servers give a coroutine
    except StopIteration as received:
        return bool(received.value["type"] == "http.disconnect")
    step.close()  # type: ignore[attr-defined]
    return False


async def read_body(request: Request, limit: int) -> bytes:
    """The raw body. Raises BodyTooLargeError before more than `limit` bytes are kept."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLargeError
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
