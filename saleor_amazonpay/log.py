"""JSON lines on stdout. Fields that hold secrets or personal data are never bound; known names are dropped anyway."""

from __future__ import annotations

import logging
import sys
from typing import BinaryIO

import msgspec
import structlog

_SECRET = frozenset(
    {"token", "auth_token", "access_token", "secret_key", "private_key", "client_secret", "authorization"}
)


# Secrets that were opened in this process, as bytes that a line must not contain. They are a merchant's few keys and
# tokens; what a line says of them, by whatever way it got there (an exception's argument, a repr), is blackened.
_VEILED: dict[bytes, None] = {}  # oldest first
_MIN_VEILED = 8
_MAX_VEILED = 5_000


def veil(text: str) -> None:
    """Never let a secret stand in a log line. Texts of several lines are veiled line by line."""
    for part in text.split("\n"):
        if len(part) >= _MIN_VEILED and "-----" not in part:
            _VEILED[msgspec.json.encode(part)[1:-1]] = None
    while len(_VEILED) > _MAX_VEILED:
        del _VEILED[next(iter(_VEILED))]


def blackened(line: bytes) -> bytes:
    """JSON, or plain text, without any veiled text."""
    for secret in _VEILED:
        if secret in line:
            line = line.replace(secret, b"***")
    return line


def render(event: structlog.typing.EventDict) -> bytes:
    """A line of JSON without any veiled text."""
    return blackened(msgspec.json.encode(event, enc_hook=repr))


def _drop_secrets(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in _SECRET & event.keys():
        event[name] = "***"
    return event


def configure(level: str, output: BinaryIO | None = None) -> None:
    """Set up once at start. `level`: debug, info, warning or error; `output` instead of standard output."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _drop_secrets,
            lambda _logger, _method, event: render(event),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.BytesLoggerFactory(output or sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
