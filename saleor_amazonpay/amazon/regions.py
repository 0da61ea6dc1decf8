"""Amazon Pay's regions in one table: the hosts an account of a region speaks to, and its currency.

In comes a region's name or alias, out come absolute URLs. The region is the Amazon *account's*, never the
shop's country or the order's currency (contracts §8 no. 26). An endpoint override replaces every host at
once; whether an account may use it is decided by `based`, and a live account never may.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

MWS_PATH = "/OffAmazonPayments/2013-01-01"
MWS_SANDBOX_PATH = "/OffAmazonPayments_Sandbox/2013-01-01"


@dataclass(frozen=True, slots=True)
class Region:
    """One row of contracts §1.1, §4, §5.1 and §5.3. `sca`: strong customer authentication (PSD2) applies here."""

    name: str
    currency: str  # of the ledger: what Amazon settles in
    payment_domain: str  # what ListOrderReference calls region and ledger currency (contracts §1.9)
    mws_host: str
    login_live: str
    login_sandbox: str
    widgets_live: str
    widgets_sandbox: str
    seller_central: str
    pay_host: str  # of Checkout v2
    pay_region: str  # as its x-amz-pay-region header names it
    checkout_script: str
    sca: bool = False

    def mws_url(self, *, test_mode: bool) -> str:
        """Where OffAmazonPayments calls are posted; no trailing slash, since the path is signed too."""
        return f"https://{self.mws_host}{MWS_SANDBOX_PATH if test_mode else MWS_PATH}"

    def login_url(self, path: str, *, test_mode: bool) -> str:
        """A Login with Amazon call, such as `/auth/o2/tokeninfo`."""
        return f"https://{self.login_sandbox if test_mode else self.login_live}{path}"

    def pay_url(self, path: str) -> str:
        """A Checkout v2 call; the path begins with its environment or its version."""
        return f"https://{self.pay_host}{path}"

    def widgets_url(self, *, test_mode: bool) -> str:
        """The script a shop page loads."""
        return self.widgets_sandbox if test_mode else self.widgets_live


_NA = "https://static-na.payments-amazon.com/OffAmazonPayments/us"
_UK = "https://static-eu.payments-amazon.com/OffAmazonPayments/gbp"
_EU = "https://static-eu.payments-amazon.com/OffAmazonPayments/eur"
_JP = "https://static-fe.payments-amazon.com/OffAmazonPayments/jp"

REGIONS = {
    "us": Region(
        name="us",
        currency="USD",
        payment_domain="NA_USD",
        mws_host="mws.amazonservices.com",
        login_live="api.amazon.com",
        login_sandbox="api.sandbox.amazon.com",
        widgets_live=f"{_NA}/js/Widgets.js",
        widgets_sandbox=f"{_NA}/sandbox/js/Widgets.js",
        seller_central="sellercentral.amazon.com",
        pay_host="pay-api.amazon.com",
        pay_region="na",
        checkout_script="https://static-na.payments-amazon.com/checkout.js",
    ),
    "uk": Region(
        name="uk",
        currency="GBP",
        payment_domain="EU_GBP",
        mws_host="mws-eu.amazonservices.com",
        login_live="api.amazon.co.uk",
        login_sandbox="api.sandbox.amazon.co.uk",
        widgets_live=f"{_UK}/lpa/js/Widgets.js",
        widgets_sandbox=f"{_UK}/sandbox/lpa/js/Widgets.js",
        seller_central="sellercentral-europe.amazon.com",
        pay_host="pay-api.amazon.eu",
        pay_region="eu",
        checkout_script="https://static-eu.payments-amazon.com/checkout.js",
        sca=True,
    ),
    "eu": Region(
        name="eu",
        currency="EUR",
        payment_domain="EU_EUR",
        mws_host="mws-eu.amazonservices.com",
        login_live="api.amazon.de",
        login_sandbox="api.sandbox.amazon.de",
        widgets_live=f"{_EU}/lpa/js/Widgets.js",
        widgets_sandbox=f"{_EU}/sandbox/lpa/js/Widgets.js",
        seller_central="sellercentral-europe.amazon.com",
        pay_host="pay-api.amazon.eu",
        pay_region="eu",
        checkout_script="https://static-eu.payments-amazon.com/checkout.js",
        sca=True,
    ),
    "jp": Region(
        name="jp",
        currency="JPY",
        payment_domain="FE_JPY",
        mws_host="mws.amazonservices.jp",
        login_live="api.amazon.co.jp",
        login_sandbox="api.sandbox.amazon.co.jp",
        widgets_live=f"{_JP}/lpa/js/Widgets.js",
        widgets_sandbox=f"{_JP}/sandbox/lpa/js/Widgets.js",
        seller_central="sellercentral-japan.amazon.com",
        pay_host="pay-api.amazon.jp",
        pay_region="jp",
        checkout_script="https://static-fe.payments-amazon.com/checkout.js",
    ),
}
ALIASES = {"na": "us", "de": "eu"}


# The buyer's own page of an agreement (contracts §5.5): an id of v1 has the same form (§0).
_WALLET = "https://payments.amazon.com/jr/your-account/ba/{}"


def wallet_url(agreement_id: str, endpoint: str, *, test_mode: bool) -> str:
    """Where the buyer changes the payment method of an agreement."""
    return based(_WALLET.format(agreement_id), endpoint, test_mode=test_mode)


def region(name: str) -> Region:
    """The region by its name or alias, in any case. Raises ValueError if there is none."""
    key = name.lower()
    found = REGIONS.get(ALIASES.get(key, key))
    if found is None:
        raise ValueError(f"{name!r} is not a region of Amazon Pay; known are {', '.join(sorted(REGIONS))}")
    return found


def wallet_page(agreement_id: str) -> str:
    """Where a buyer chooses another payment method for an agreement, on either wire (contracts §5.5)."""
    return f"https://payments.amazon.com/jr/your-account/ba/{agreement_id}"


def based(url: str, endpoint: str, *, test_mode: bool) -> str:
    """The URL with scheme and host of `endpoint`, path and query kept; unchanged for live accounts.

    Live money never leaves for an address that a setting names.
    """
    if not (endpoint and test_mode):
        return url
    parts = urlsplit(url)
    return endpoint.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")
