"""JSON lines on stdout. Fields that hold secrets or personal data are never bound; known names are dropped anyway."""

from __future__ import annotations

import logging
import sys

import msgspec
import structlog

_SECRET = frozenset(
    {"token", "auth_token", "access_token", "secret_key", "private_key", "client_secret", "authorization"}
)


def _drop_secrets(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in _SECRET & event.keys():
        event[name] = "***"
    return event


def configure(level: str) -> None:
    """Set up once at start. `level`: debug, info, warning or error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _drop_secrets,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: msgspec.json.encode(event)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
