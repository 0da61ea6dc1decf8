"""Saleor's global ids: base64 of `Type:key`.

In: a type and a database key. Out: the id that the API shows, and back. An id of one type is never taken for another.
"""

from __future__ import annotations

import base64
import binascii


class BadIdError(ValueError):
    """Not a global id at all: Saleor answers the whole request with an error, not the mutation."""


def global_id(typename: str, key: object) -> str:
    """`global_id("App", 4)` is `QXBwOjQ=`."""
    return base64.b64encode(f"{typename}:{key}".encode()).decode()


def split_id(value: str) -> tuple[str, str]:
    """The type and the key of a global id. Raises BadIdError."""
    try:
        typename, colon, key = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise BadIdError(f"Invalid ID: {value}.") from error
    if not colon or not typename or not key:
        raise BadIdError(f"Invalid ID: {value}.")
    return typename, key
