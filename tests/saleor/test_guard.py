from __future__ import annotations

import pytest

from saleor_amazonpay.saleor import guard
from saleor_amazonpay.saleor.guard import AllowList, UrlRefusedError

SHOP = "https://shop.example.com/graphql/"
LISTED = AllowList.parse(
    "https://shop.example.com/graphql/, http://localhost:8000/graphql/, http://10.0.0.5/graphql/,"
    "http://[::1]:8000/graphql/, http://saleor-api:8000/graphql/, http://169.254.7.7/graphql/,"
    "https://*.saleor.cloud/graphql/, https://shop-*.eu.example.org:8443/graphql/,"
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (SHOP, SHOP),
        ("HTTPS://Shop.Example.COM/graphql/", SHOP),
        ("https://shop.example.com:443/graphql/", SHOP),
        ("https://shop.example.com/graphql", SHOP),
        ("http://localhost:8000/graphql/", "http://localhost:8000/graphql/"),
        ("http://10.0.0.5:80/graphql/", "http://10.0.0.5/graphql/"),
        ("http://[0:0:0:0:0:0:0:1]:8000/graphql/", "http://[::1]:8000/graphql/"),
        ("http://saleor-api:8000/graphql/", "http://saleor-api:8000/graphql/"),
        ("https://my-shop.saleor.cloud/graphql/", "https://my-shop.saleor.cloud/graphql/"),
        ("https://shop-1.eu.example.org:8443/graphql/", "https://shop-1.eu.example.org:8443/graphql/"),
    ],
)
def test_a_listed_url_is_admitted_in_its_one_spelling(url: str, expected: str) -> None:
    assert LISTED.admit(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example.com/graphql/",
        "http://shop.example.com/graphql/",  # not the scheme that is listed
        "https://shop.example.com:8443/graphql/",
        "https://shop.example.com:22/graphql/",
        "https://shop.example.com:0/graphql/",
        "https://shop.example.com:65536/graphql/",
        "https://shop.example.com:/graphql/",
        "https://shop.example.com/",
        "https://shop.example.com",
        "https://shop.example.com/other/",
        "https://shop.example.com/GraphQL/",
        "https://shop.example.com//graphql/",
        "https://shop.example.com/x/../graphql/",
        "https://shop.example.com/./graphql/",
        "https://shop.example.com/graphql/?x=1",
        "https://shop.example.com/graphql/#x",
        "https://shop.example.com/%67raphql/",
        "https://user@shop.example.com/graphql/",
        "https://user:secret@shop.example.com/graphql/",
        "https://shop.example.com@evil.example/graphql/",
        "https://evil.example\\@shop.example.com/graphql/",
        "https://shop.example.com./graphql/",
        "https://shop.example.com..evil.example/graphql/",
        "https://shop.example.com.evil.example/graphql/",
        "https://evil-shop.example.com/graphql/",
        "https://shop。example.com/graphql/",
        "https://\u0455hop.example.com/graphql/",  # a Cyrillic letter
        "https://xn--hop-3ed.example.com/graphql/",
        " https://shop.example.com/graphql/",
        "https://shop.example.com/graphql/\n",
        "https://shop.example.com\t/graphql/",
        "ftp://shop.example.com/graphql/",
        "file:///etc/passwd",
        "gopher://shop.example.com/graphql/",
        "https://saleor.cloud/graphql/",
        "https://a.b.saleor.cloud/graphql/",
        "https://.saleor.cloud/graphql/",
        "https://evilsaleor.cloud/graphql/",
        "https://my.saleor.cloud.evil.example/graphql/",
        "https://*.saleor.cloud/graphql/",
        "http://my.saleor.cloud/graphql/",
        "https://my.saleor.cloud:8443/graphql/",
        "https://my.saleor.cloud/api/",
        "https://shop-.example.org:8443/graphql/",
        "http://localhost/graphql/",
        "http://localhost:8001/graphql/",
        "https://localhost:8000/graphql/",
        "http://127.0.0.1:8000/graphql/",
        "http://10.0.0.6/graphql/",
        "http://169.254.169.254/graphql/",
        "http://2130706433:8000/graphql/",
        "http://0x7f000001:8000/graphql/",
        "http://0x7f.1:8000/graphql/",
        "http://127.1:8000/graphql/",
        "http://010.0.0.5/graphql/",
        "http://10.0.0.5./graphql/",
        "http://10.0.0.05/graphql/",
        "http://[::ffff:10.0.0.5]/graphql/",
        "http://[::1%25lo]:8000/graphql/",
        "http://[::2]:8000/graphql/",
        "http://[:::1]:8000/graphql/",
        "http://[::1:8000/graphql/",
        "https://" + "a" * 64 + ".saleor.cloud/graphql/",
        "https://shop.example.com/" + "x" * 600 + "/",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(UrlRefusedError):
        LISTED.admit(url)


def test_an_empty_setting_admits_nobody() -> None:
    for setting in ("", " , ,"):
        with pytest.raises(UrlRefusedError, match="not listed"):
            AllowList.parse(setting).admit(SHOP)


@pytest.mark.parametrize(
    "entry",
    [
        "*",
        "https://*",
        "https://*/graphql/",
        "https://*.com/graphql/",
        "https://shop.*/graphql/",
        "https://*.example.c*/graphql/",
        "http://*.example.com/graphql/",
        "https://*.0.0.1/graphql/",
        "https://[*]/graphql/",
        "https://**/graphql/",
        "https://*.example.com:*/graphql/",
        "https://*.example.com/*/",
        "https://*.example.com",
        "https://shop.example.com",
        "shop.example.com",
        "https://user@shop.example.com/graphql/",
    ],
)
def test_an_entry_that_is_too_wide_or_unclear_stops_the_start_and_is_named(entry: str) -> None:
    with pytest.raises(UrlRefusedError) as caught:
        AllowList.parse(f"{SHOP},{entry}")
    assert f"entry {entry!r}" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "8.8.8.8",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "172.32.0.1",
        "100.128.0.1",
    ],
)
def test_public_addresses_may_be_dialled_by_any_name(address: str) -> None:
    assert LISTED.address_allowed("my-shop.saleor.cloud", address)


PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.7",
    "240.0.0.1",
    "::1",
    "fc00::1",
    "fd12::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
]
ALWAYS_REFUSED = [
    "0.0.0.0",  # noqa: S104 - refused here
    "::",
    "224.0.0.1",
    "ff02::1",
    "169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "",
    "localhost",
    "::ffff:169.254.169.254",
]


@pytest.mark.parametrize("address", PRIVATE + ALWAYS_REFUSED)
@pytest.mark.parametrize("host", ["my-shop.saleor.cloud", "pay-api.amazon.com", "evil.example", ""])
def test_a_name_that_resolves_to_a_private_address_is_not_dialled(host: str, address: str) -> None:
    assert not LISTED.address_allowed(host, address)


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "saleor-api", "shop.example.com"])
def test_a_host_that_is_listed_exactly_may_be_private(host: str, address: str) -> None:
    assert LISTED.address_allowed(host, address)


@pytest.mark.parametrize("address", ALWAYS_REFUSED)
@pytest.mark.parametrize("host", ["localhost", "saleor-api", "shop.example.com"])
def test_not_even_a_listed_name_leads_to_a_metadata_service(host: str, address: str) -> None:
    assert not LISTED.address_allowed(host, address)


def test_a_literal_address_is_allowed_as_itself_if_it_is_listed() -> None:
    assert LISTED.address_allowed("10.0.0.5", "10.0.0.5")
    assert LISTED.address_allowed("::1", "::1")
    assert LISTED.address_allowed("169.254.7.7", "169.254.7.7")
    assert not LISTED.address_allowed("10.0.0.6", "10.0.0.6")
    assert not LISTED.address_allowed("169.254.169.254", "169.254.169.254")


def test_the_keys_are_at_the_origin_of_the_api() -> None:
    assert guard.jwks_url("https://shop.example.com/graphql/") == "https://shop.example.com/.well-known/jwks.json"
    assert guard.jwks_url("http://[::1]:8000/a/graphql") == "http://[::1]:8000/.well-known/jwks.json"
    with pytest.raises(UrlRefusedError):
        guard.jwks_url("https://user@shop.example.com/graphql/")


def test_the_normal_form_is_stable() -> None:
    once = guard.normal_form("HTTPS://Shop.Example.com:443/graphql")
    assert guard.normal_form(once) == once == SHOP
