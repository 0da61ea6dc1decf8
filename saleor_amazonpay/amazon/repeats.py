"""Repeating a call while its outcome is unknown, the same for both wires.

In comes one attempt as a function, out comes its answer or an error of `domain.errors`. Every attempt is identical,
under the same reference id, so Amazon answers it with the result of the first (contracts §1.6, §5.6) and it never moves
money twice. What once was in doubt stays in doubt until Amazon gives a definite answer.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from saleor_amazonpay.domain.errors import (
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    WireGoneError,
)

Answer = TypeVar("Answer")

# Seconds between repeats. Amazon restores one money call per second and seller (contracts §1.3).
_WAIT_INITIAL = 0.5
_WAIT_MAX = 2.0
_WAIT_JITTER = 0.5


def _repeatable(error: Exception) -> bool:
    """Every unanswered call may be repeated: each carries an id that makes it one effect, or only looks."""
    return isinstance(error, OutcomeUnknownError | NotExecutedError)


async def repeated(once: Callable[[], Awaitable[Answer]], patience: float) -> Answer:
    """Make one call, repeated with back-off for `patience` seconds (0: one attempt).

    No repeat is decided on after `patience`, but one in flight is never cut off. Raises AmazonError; a throttled,
    rejected or unreachable repeat of an unanswered attempt proves nothing about that attempt, so the call then stays
    unknown.
    """
    began = time.monotonic()
    try:
        return await once()
    except (OutcomeUnknownError, NotExecutedError) as error:
        left = patience - (time.monotonic() - began)
        if left <= 0:
            raise
        return await _again(once, left, error)


async def _again(
    once: Callable[[], Awaitable[Answer]], patience: float, first: OutcomeUnknownError | NotExecutedError
) -> Answer:
    """The repeats of a call whose first attempt gave no result; kept apart, since nearly all calls need none."""
    doubt = first if isinstance(first, OutcomeUnknownError) else None
    made: Exception | None = first
    try:
        async for attempt in stamina.retry_context(
            on=_repeatable,
            attempts=None,
            timeout=patience,
            wait_initial=_WAIT_INITIAL,
            wait_max=_WAIT_MAX,
            wait_jitter=_WAIT_JITTER,
        ):
            with attempt:
                if made is not None:  # the first attempt was made already
                    error, made = made, None
                    raise error
                try:
                    return await once()
                except OutcomeUnknownError as unknown:
                    doubt = unknown
                    raise
    except (NotExecutedError, CredentialsRejectedError, WireGoneError) as final:
        if doubt is not None:
            raise doubt from final
        raise
    raise AssertionError("stamina ends with a result or an error")
