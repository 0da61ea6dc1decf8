"""Which Saleor this app talks to: an allow-list of API URLs, and a guard against private addresses.

In: the setting `AMAZONPAY_ALLOWED_SALEOR_URLS`, and URLs from unsigned registrations (contracts §1.5). Out:
the one normal form of an API URL, which keys the tenant, or a refusal.
What must never happen: a request to loopback, a private network or a cloud's metadata service because
somebody named it, or a name that resolves there, as a Saleor.

The setting is a comma separated list of

* API URLs, `https://shop.example.com/graphql/`: exactly this one. Only such an entry may use plain http, and
  only its host may be, or resolve to, a loopback or private address.
* patterns, `https://*.example.com/graphql/`: every `*` stands for letters, digits and hyphens within one
  label. https only, the last two labels are written out, and matching hosts need public addresses.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from saleor_amazonpay.domain.errors import AmazonPayError

MAX_URL = 512
_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535

# Nothing else is let through: no user, query, fragment, escape, backslash, space or non-ASCII character.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9*._-]+)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>/[a-z0-9._~/-]*)?",
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_PATTERN_LABEL = re.compile(r"[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?")
_MAX_HOST = 253

# IANA's special-purpose registries, written out because `ipaddress.is_global` differs between Python
# versions.
_NOT_PUBLIC_V4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # a public IPv4 address, on networks that speak IPv6 only


class UrlRefusedError(AmazonPayError):
    """The URL is no usable API URL, or not one of this app's. The message may be shown to staff."""


@dataclass(frozen=True, slots=True)
class _Url:
    scheme: str
    host: str  # lower case, IPv6 in brackets
    port: int
    path: str

    def __str__(self) -> str:
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"


@dataclass(frozen=True, slots=True)
class _Pattern:
    host: re.Pattern[str]
    port: int
    path: str

    def matches(self, url: _Url) -> bool:
        same_door = (url.scheme, url.port, url.path) == ("https", self.port, self.path)
        return same_door and self.host.fullmatch(url.host) is not None


@dataclass(frozen=True, slots=True)
class AllowList:
    """The Saleor API URLs this app serves."""

    exact: frozenset[str] = frozenset()
    _hosts: frozenset[str] = frozenset()
    _patterns: tuple[_Pattern, ...] = field(default=())

    @classmethod
    def parse(cls, setting: str) -> AllowList:
        """Read the setting; an empty one allows nothing. Raises UrlRefusedError, naming the entry."""
        exact: list[_Url] = []
        patterns: list[_Pattern] = []
        for entry in filter(None, (piece.strip() for piece in setting.split(","))):
            try:
                if "*" in entry:
                    patterns.append(_pattern(entry))
                else:
                    exact.append(_parse(entry))
            except UrlRefusedError as error:
                raise UrlRefusedError(f"AMAZONPAY_ALLOWED_SALEOR_URLS, entry {entry!r}: {error}") from error
        return cls(frozenset(map(str, exact)), frozenset(url.host for url in exact), tuple(patterns))

    def admit(self, api_url: str) -> str:
        """The normal form of an API URL that is allowed. Raises UrlRefusedError.

        A literal address is never resolved, so it is judged here: it passes only if it is listed exactly.
        """
        url = _parse(api_url)
        if str(url) in self.exact or any(pattern.matches(url) for pattern in self._patterns):
            return str(url)
        raise UrlRefusedError(f"{url} is not listed in AMAZONPAY_ALLOWED_SALEOR_URLS")

    def address_allowed(self, host: str, address: str) -> bool:
        """Whether `host` may be dialled at `address`: for the resolver of `http.AioHttp(allowed=…)`.

        Public addresses always. Loopback and private ones only for the host of an exact entry; link-local
        ones, where clouds keep their metadata services, only if the entry is that address itself. Multicast
        never.
        """
        try:
            ip = _embedded(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        if _is_public(ip):
            return True
        name = host.lower()
        if name not in self._hosts and f"[{name}]" not in self._hosts:
            return False
        if ip.is_multicast or ip.is_unspecified:
            return False
        return not ip.is_link_local or name == address.lower()


def normal_form(api_url: str) -> str:
    """An API URL as this app stores it: lower-case host, no default port, a path that ends in `/`.

    Raises UrlRefusedError for everything that is not plainly a Saleor API URL.
    """
    return str(_parse(api_url))


def jwks_url(api_url: str) -> str:
    """Where the keys of a Saleor are: `<origin>/.well-known/jwks.json`. Raises UrlRefusedError.

    Give it the API URL stored at registration, never one from a request: its sender would choose the keys.
    """
    url = _parse(api_url)
    return str(_Url(url.scheme, url.host, url.port, "/.well-known/jwks.json"))


def _parse(text: str, label: re.Pattern[str] = _LABEL) -> _Url:
    found = _URL.fullmatch(text) if len(text) <= MAX_URL else None
    if found is None:
        raise UrlRefusedError("not a plain http(s) URL; write an international name in its xn-- form")
    scheme = found["scheme"].lower()
    port = int(found["port"] or _PORTS[scheme])
    if not 0 < port <= _MAX_PORT:
        raise UrlRefusedError(f"{port} is not a port")
    return _Url(scheme, _host(found["host"].lower(), label), port, _path(found["path"] or ""))


def _host(host: str, label: re.Pattern[str]) -> str:
    """One spelling per host: others (`127.1`, `0x7f000001`, `shop.example.com.`) could slip past the list."""
    try:
        if host.startswith("["):
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        labels = host.split(".")
        if _is_numeric(labels[-1]):
            return str(ipaddress.IPv4Address(host))
    except ValueError as error:
        raise UrlRefusedError(f"{host} is not an IP address in its usual form") from error
    if len(host) > _MAX_HOST or not all(label.fullmatch(part) for part in labels):
        raise UrlRefusedError(f"{host} is not a host name")
    return host


def _is_numeric(label: str) -> bool:
    return label.isdigit() or re.fullmatch(r"0x[0-9a-f]*", label) is not None


def _path(path: str) -> str:
    path = path if path.endswith("/") else f"{path}/"
    segments = path[1:-1].split("/")
    if any(segment in {"", ".", ".."} for segment in segments):
        raise UrlRefusedError("the path of the API is missing or not plain; Saleor's is /graphql/")
    return path


def _pattern(entry: str) -> _Pattern:
    url = _parse(entry, _PATTERN_LABEL)
    if url.scheme != "https":
        raise UrlRefusedError("a pattern is for https only; list an http URL as it is")
    labels = url.host.split(".")
    if len(labels) <= 2 or any("*" in part for part in labels[-2:]):  # noqa: PLR2004 - "example.com"
        raise UrlRefusedError("a pattern has its last two labels written out, as in *.example.com")
    host = "[a-z0-9-]+".join(re.escape(part) for part in url.host.split("*"))
    return _Pattern(re.compile(host), url.port, url.path)


def _embedded(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 one stands for (mapped, NAT64), or the address itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in net for net in _NOT_PUBLIC_V4)
    return ip in _PUBLIC_V6 and not any(ip in net for net in _NOT_PUBLIC_V6)
