"""The one door out: every call to Amazon or Saleor leaves through an `Http`.

Flows and clients see this narrow face only, so that tests hand them an in-process application instead.
Redirects are never followed: neither Amazon's nor Saleor's API redirects, and a redirect could leave the allow-list.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from saleor_amazonpay.steps import step, watched

MAX_BODY = 2 * 1024 * 1024
_DIGIT = re.compile(r"\d")
_OPERATION = re.compile(rb'(?:"|\\n)(?:query|mutation) (\w+)')


class TransportError(Exception):
    """No answer was read. `sent` is False if the request certainly never left this machine."""

    def __init__(self, message: str, *, sent: bool, unresolved: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.unresolved = unresolved  # the host name does not exist


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer that was read whole."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Http(Protocol):
    """Sends one request and reads one answer."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,  # noqa: ASYNC109 - the limit of one exchange, not of the caller
    ) -> HttpResponse:
        """Raises TransportError; any HTTP status is a response. `timeout` is for the whole exchange, in seconds."""

    async def close(self) -> None:
        """Let go of kept connections."""


class _GuardedResolver(AbstractResolver):
    """Resolves names and drops every address that `allowed(host, address)` refuses; the rest is what is dialled."""

    def __init__(self, allowed: Callable[[str, str], bool]) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        results = [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=fam,
                proto=proto,
                flags=socket.AI_NUMERICHOST,
            )
            for fam, _type, proto, _name, address in found
            if self._allowed(host, str(address[0]))
        ]
        if not results:
            raise OSError(f"no permitted address for {host}")
        return results

    async def close(self) -> None:
        """Nothing is held."""


class AioHttp:
    """`Http` over one aiohttp session with kept-alive connections.

    Args:
        allowed: decides which (host, address) pairs may be dialled; None permits all. Applied to literal addresses
            by the caller, since those are never resolved.
        connect_timeout: seconds to a connection.
    """

    def __init__(self, allowed: Callable[[str, str], bool] | None = None, connect_timeout: float = 5.0) -> None:
        self._allowed = allowed
        self._connect_timeout = connect_timeout
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = _GuardedResolver(self._allowed) if self._allowed is not None else None
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=200, keepalive_timeout=60, resolver=resolver, use_dns_cache=self._allowed is None
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=True,
            )
        return self._session

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,  # noqa: ASYNC109 - the limit of one exchange, enforced by aiohttp itself
    ) -> HttpResponse:
        """Send one request; see `Http`."""
        limits = aiohttp.ClientTimeout(total=timeout, connect=None, sock_connect=self._connect_timeout)
        try:
            async with self._open().request(
                method, url, headers=headers, data=body or None, timeout=limits, allow_redirects=False
            ) as answer:
                content = await answer.content.read(MAX_BODY + 1)
                while len(content) <= MAX_BODY and not answer.content.at_eof():
                    content += await answer.content.read(MAX_BODY + 1 - len(content))
                if len(content) > MAX_BODY:
                    raise TransportError(f"the answer of {answer.host} is larger than {MAX_BODY} bytes", sent=True)
                return HttpResponse(answer.status, content, answer.headers)
        except aiohttp.ClientConnectorDNSError as error:
            # A resolver that is away for a moment says nothing about the host; only "no such name" does.
            unresolved = error.os_error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
            raise TransportError(f"cannot resolve the host: {error}", sent=False, unresolved=unresolved) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TransportError(f"cannot connect: {error}", sent=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TransportError(f"no answer: {type(error).__name__} {error}".strip(), sent=True) from error

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class Announced:
    """Another `Http`, whose calls are steps (see steps.py): before they leave, and when their answer has come."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,  # noqa: ASYNC109 - passed on to the one exchange
    ) -> HttpResponse:
        """Send one request; see `Http`."""
        if not watched():
            return await self._http.request(method, url, headers=headers, body=body, timeout=timeout)
        name = _call_name(method, url, body)
        step("before call", name)
        answer = await self._http.request(method, url, headers=headers, body=body, timeout=timeout)
        step("after call", name)
        return answer

    async def close(self) -> None:
        """Close the other one."""
        await self._http.close()


def _call_name(method: str, url: str, body: bytes) -> str:
    """Method and what is asked: Amazon's Action, Saleor's operation, or the end of the path without ids."""
    action = parse_qs(body.decode(errors="replace")).get("Action") if b"Action=" in body else None
    operation = _OPERATION.search(body)
    asked = action[0] if action else operation[1].decode() if operation else _end_of(urlsplit(url).path)
    return f"{method} {asked}"


def _end_of(path: str) -> str:
    """The last part that is a word: a step has the same name whichever object, or certificate, it is about."""
    words = [part.split("-")[0] if "." in part else part for part in path.split("/")]
    return next((word for word in reversed(words) if word and not _DIGIT.search(word)), path)
