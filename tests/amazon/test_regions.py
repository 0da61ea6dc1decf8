"""Every address of contracts §1.1 and §4, written out."""

from __future__ import annotations

import pytest

from saleor_amazonpay.amazon.regions import ALIASES, REGIONS, based, region

MWS = {
    "us": "https://mws.amazonservices.com",
    "uk": "https://mws-eu.amazonservices.com",
    "eu": "https://mws-eu.amazonservices.com",
    "jp": "https://mws.amazonservices.jp",
}
LOGIN = {
    "us": ("https://api.amazon.com", "https://api.sandbox.amazon.com"),
    "uk": ("https://api.amazon.co.uk", "https://api.sandbox.amazon.co.uk"),
    "eu": ("https://api.amazon.de", "https://api.sandbox.amazon.de"),
    "jp": ("https://api.amazon.co.jp", "https://api.sandbox.amazon.co.jp"),
}
WIDGETS = {
    "us": (
        "https://static-na.payments-amazon.com/OffAmazonPayments/us/js/Widgets.js",
        "https://static-na.payments-amazon.com/OffAmazonPayments/us/sandbox/js/Widgets.js",
    ),
    "uk": (
        "https://static-eu.payments-amazon.com/OffAmazonPayments/gbp/lpa/js/Widgets.js",
        "https://static-eu.payments-amazon.com/OffAmazonPayments/gbp/sandbox/lpa/js/Widgets.js",
    ),
    "eu": (
        "https://static-eu.payments-amazon.com/OffAmazonPayments/eur/lpa/js/Widgets.js",
        "https://static-eu.payments-amazon.com/OffAmazonPayments/eur/sandbox/lpa/js/Widgets.js",
    ),
    "jp": (
        "https://static-fe.payments-amazon.com/OffAmazonPayments/jp/lpa/js/Widgets.js",
        "https://static-fe.payments-amazon.com/OffAmazonPayments/jp/sandbox/lpa/js/Widgets.js",
    ),
}
CURRENCIES = {"us": "USD", "uk": "GBP", "eu": "EUR", "jp": "JPY"}
DOMAINS = {"us": "NA_USD", "uk": "EU_GBP", "eu": "EU_EUR", "jp": "FE_JPY"}


@pytest.mark.parametrize("name", ["us", "uk", "eu", "jp"])
def test_a_region_has_the_addresses_of_the_contract(name: str) -> None:
    found = region(name)
    assert found.mws_url(test_mode=False) == MWS[name] + "/OffAmazonPayments/2013-01-01"
    assert found.mws_url(test_mode=True) == MWS[name] + "/OffAmazonPayments_Sandbox/2013-01-01"
    live, sandbox = LOGIN[name]
    assert found.login_url("/auth/o2/tokeninfo", test_mode=False) == live + "/auth/o2/tokeninfo"
    assert found.login_url("/auth/o2/tokeninfo", test_mode=True) == sandbox + "/auth/o2/tokeninfo"
    assert (found.widgets_url(test_mode=False), found.widgets_url(test_mode=True)) == WIDGETS[name]
    assert found.currency == CURRENCIES[name]
    assert found.payment_domain == DOMAINS[name]


def test_no_region_is_without_an_expectation() -> None:
    assert set(REGIONS) == set(MWS)
    assert ALIASES == {"na": "us", "de": "eu"}


@pytest.mark.parametrize(("alias", "name"), [("na", "us"), ("de", "eu"), ("DE", "eu"), ("US", "us")])
def test_aliases_name_the_same_region(alias: str, name: str) -> None:
    assert region(alias).name == name


def test_an_unknown_region_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="eu, jp, uk, us"):
        region("ca")


def test_only_customer_authentication_regions_are_marked() -> None:
    assert {name for name, each in REGIONS.items() if each.sca} == {"uk", "eu"}


def test_an_endpoint_replaces_the_host_and_keeps_path_and_query() -> None:
    replaced = based("https://api.amazon.com/user/profile?a=1", "http://127.0.0.1:9000/", test_mode=True)
    assert replaced == "http://127.0.0.1:9000/user/profile?a=1"


def test_an_endpoint_never_moves_a_live_address() -> None:
    url = "https://mws.amazonservices.com/OffAmazonPayments/2013-01-01"
    assert based(url, "http://127.0.0.1:9000", test_mode=False) == url
    assert based(url, "", test_mode=True) == url
