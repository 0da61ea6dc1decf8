"""The configuration of Amazon's button for a shop page, signed (contracts §5.3).

In come the account and what the page sells, out comes what `amazon.Pay.renderButton` takes. The text that is signed is
the text the page must pass on, byte for byte. Anyone who sees it may show it again, so nothing in it is trusted later:
the session is read and set anew before anything is charged.
"""

from __future__ import annotations

import msgspec

from saleor_amazonpay.amazon.port import Account, Delivery, Page
from saleor_amazonpay.amazon.regions import based, region
from saleor_amazonpay.amazon.v2.sessions import recurring_metadata
from saleor_amazonpay.amazon.v2.shapes import price
from saleor_amazonpay.amazon.v2.signing import ALGORITHM, Signer, environment_of


def configuration(account: Account, page: Page, signer: Signer, endpoint: str = "") -> dict[str, object]:
    """What a shop page needs to show the button. All of it is public.

    Without a return URL there is nothing to sign: the page asks again with one before the buyer clicks.
    """
    place = region(account.region)
    script = based(place.checkout_script, endpoint, test_mode=account.test_mode)
    button: dict[str, object] = {
        "merchantId": account.seller_id,
        "publicKeyId": signer.public_key_id,
        "ledgerCurrency": place.currency,
        "productType": "PayAndShip" if page.shipping else "PayOnly",
        "placement": "Checkout",
    }
    if environment_of(signer.public_key_id) is None:
        button["sandbox"] = account.test_mode
    if page.amount is not None and page.amount:
        button["estimatedOrderAmount"] = price(page.amount)
    if page.return_url:
        payload = payload_of(account, page)
        button["createCheckoutSessionConfig"] = {
            "payloadJSON": payload,
            "signature": signer.button(payload),
            "publicKeyId": signer.public_key_id,
            "algorithm": ALGORITHM,
        }
    return {
        "region": place.name,
        "environment": "sandbox" if account.test_mode else "live",
        "checkoutScriptUrl": script,
        "button": button,
    }


def payload_of(account: Account, page: Page) -> str:
    """The session that the button opens, as the text that is signed."""
    details = {"checkoutReviewReturnUrl": page.return_url}
    if page.cancel_url:
        details["checkoutCancelUrl"] = page.cancel_url
    body: dict[str, object] = {
        "webCheckoutDetails": details,
        "storeId": account.credentials.get("store_id", ""),
        "scopes": ["name", "email", *(["shippingAddress"] if page.shipping else []), "billingAddress"],
        "chargePermissionType": "OneTime" if page.plan is None else "Recurring",
    }
    if page.plan is not None:
        body["recurringMetadata"] = recurring_metadata(page.plan)
    restrictions = _restrictions(page.delivery) if page.shipping else {}
    if restrictions:
        body["deliverySpecifications"] = restrictions
    return msgspec.json.encode(body).decode()


def _restrictions(delivery: Delivery) -> dict[str, object]:
    """Addresses that Amazon's page does not offer (contracts §5.4)."""
    found: dict[str, object] = {}
    special = [
        *([] if delivery.po_boxes else ["RestrictPOBoxes"]),
        *([] if delivery.packstations else ["RestrictPackstations"]),
    ]
    if special:
        found["specialRestrictions"] = special
    if delivery.countries:
        allowed: dict[str, object] = {country: {} for country in sorted(delivery.countries)}
        found["addressRestrictions"] = {"type": "Allowed", "restrictions": allowed}
    return found
