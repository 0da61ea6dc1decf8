"""Saleor's rules for single fields, the same in an answer to a webhook and in a report by mutation.

A flaw in an optional field drops or mends the field, because Saleor would reject the whole answer and show a
failure although the money moved (contracts §3.1, §7 A1). A flaw in what says where the money is (psp
reference, amount) cannot be mended here: it is a bug of ours, and raised.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saleor_amazonpay.saleor.events import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saleor_amazonpay.domain.money import Money

MAX_MESSAGE = 512
MAX_PSP_REFERENCE = 512
MAX_URL = 200

# Only characters that no URL parser rewrites into longer ones: Saleor's column is as long as MAX_URL.
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~:/?#@!$&()*+,;=%-]*", re.ASCII)
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_PSP_REFERENCE = re.compile(rf"[!-~]{{1,{MAX_PSP_REFERENCE}}}")


class UnsendableError(ValueError):
    """What was to be told to Saleor breaks one of its rules, and no part of it can be left out."""


def psp_reference(value: str) -> str:
    """A psp reference as it is: 1 to 512 printable ASCII characters without spaces.

    An empty one makes Saleor count the event without its counter-entry (contracts §4.3). Raises
    UnsendableError.
    """
    if not _PSP_REFERENCE.fullmatch(value):
        raise UnsendableError(f"{value[:40]!r} is not a psp reference")
    return value


def differing_amount(requested: Money | None, amount: Money | None) -> str | None:
    """The amount as exact decimal text, or None where Saleor's default, what it requested, is right.

    Saleor reads 0 as "all that was requested" (contracts §3.1), so a 0 for anything else is never said.
    Raises UnsendableError.
    """
    if amount is None or amount == requested:
        return None
    if requested is None or requested.currency != amount.currency:
        raise UnsendableError(f"{amount} was to be answered to a request of {requested}")
    if not amount:
        raise UnsendableError(f"an amount of 0 would be read as {requested}")
    return amount.text


def message(text: str | None) -> str | None:
    """A message that fits Saleor's column of 512 characters, or None if nothing is left to say.

    NUL and lone surrogates cannot be stored by PostgreSQL and would lose the event with the message.
    """
    clean = (text or "").replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()
    return clean[:MAX_MESSAGE] or None


def external_url(url: str | None) -> str | None:
    """An absolute http(s) URL of at most 200 plain characters, or None: a bad one fails a whole answer."""
    if not url or len(url) > MAX_URL or not _URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        usable = parts.port != 0 and (_is_ipv4(host) or _is_host_name(host))
    except ValueError:
        return None
    return url if usable else None


def actions(available: Iterable[Action] | None) -> list[str] | None:
    """The actions in Saleor's order, each once. None keeps what Saleor has, an empty list clears it."""
    if available is None:
        return None
    wanted = set(available)
    return [action.value for action in Action if action in wanted]


def _is_host_name(host: str) -> bool:
    return bool(_HOST.fullmatch(host)) and "xn--" not in host


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
