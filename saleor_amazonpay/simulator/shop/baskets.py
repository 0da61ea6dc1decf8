"""A storefront's way from a product to a checkout that can be completed: lines, mail, addresses, delivery.

In: what a storefront may send. Out: the changed checkout, or Saleor's refusal. A checkout made here begins with nothing
but its lines: completing it needs everything that Saleor needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from saleor_amazonpay.simulator.shop.arguments import Arguments
from saleor_amazonpay.simulator.shop.errors import RefusedError
from saleor_amazonpay.simulator.shop.goods import (
    Address,
    CheckoutLine,
    CountryDisplay,
    Delivery,
    ProductVariant,
    standard_delivery,
)
from saleor_amazonpay.simulator.shop.ids import global_id
from saleor_amazonpay.simulator.shop.money import ZERO, untaxed
from saleor_amazonpay.simulator.shop.people import User
from saleor_amazonpay.simulator.shop.purchases import Checkout
from saleor_amazonpay.simulator.shop.world import World

ADDRESS_FIELDS = (
    "firstName", "lastName", "companyName", "streetAddress1", "streetAddress2", "city", "cityArea", "postalCode",
    "country", "countryArea", "phone", "metadata", "skipValidation",
)  # fmt: skip
_AMERICAN = re.compile(r"1?[2-9][0-9]{2}[2-9][0-9]{6}")
_NEEDED = ("firstName", "lastName", "streetAddress1", "city", "postalCode", "country")
_COUNTRIES = {"US": "United States of America", "DE": "Germany", "GB": "United Kingdom", "JP": "Japan", "FR": "France"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many of a variant."""

    variant_id: str
    quantity: int


def create(world: World, channel: str, wanted: Sequence[Wanted], user: User | None, email: str | None) -> Checkout:
    """A checkout of a storefront. Raises RefusedError."""
    place = world.channels.get(channel)
    if place is None:
        raise RefusedError("channel", "NOT_FOUND", f"Channel with '{channel}' slug does not exist.")
    now = world.now()
    mail = email or (user.email if user is not None else "")
    checkout = Checkout(place, ZERO, user, mail, False, now, now, str(uuid4()), None, None)
    change_lines(world, checkout, wanted, add=True)
    world.checkouts[checkout.token] = checkout
    return checkout


def change_lines(world: World, checkout: Checkout, wanted: Sequence[Wanted], *, add: bool) -> None:
    """Put more of something into a checkout, or set how many there are; 0 takes it out. Raises RefusedError."""
    amounts = {line.variant.id: line.quantity for line in checkout.lines}
    variants = {line.variant.id: line.variant for line in checkout.lines}
    for each in wanted:
        variant = variants.get(each.variant_id) or world.catalogue.variant(each.variant_id, checkout.currency)
        if variant is None:
            raise RefusedError("lines", "NOT_FOUND", f"Could not resolve to a node: {each.variant_id}")
        variants[each.variant_id] = variant
        amounts[each.variant_id] = each.quantity + (amounts.get(each.variant_id, 0) if add else 0)
    known = {line.variant.id: line.id for line in checkout.lines}
    checkout.lines = [_line(variants[key], number, known.get(key)) for key, number in amounts.items() if number > 0]
    checkout.price = sum((line.total_price.gross.amount for line in checkout.lines), ZERO)
    checkout.is_shipping_required = any(line.requires_shipping for line in checkout.lines)
    checkout.updated_at = world.now()
    _offer_delivery(checkout)


def _line(variant: ProductVariant, quantity: int, line_id: str | None) -> CheckoutLine:
    price = variant.pricing.price.gross if variant.pricing is not None else None
    if price is None:
        raise RefusedError("lines", "UNAVAILABLE_VARIANT_IN_CHANNEL", f"{variant.name} has no price.")
    total = untaxed(price.amount * Decimal(quantity), price.currency)
    return CheckoutLine(
        line_id or global_id("CheckoutLine", uuid4()),
        quantity,
        untaxed(price.amount, price.currency),
        total,
        total.gross,
        variant.product.product_type.is_shipping_required,
        variant,
    )


def _offer_delivery(checkout: Checkout) -> None:
    """Ways of delivery are known once it is known where to."""
    known = checkout.is_shipping_required and checkout.shipping_address is not None
    checkout.shipping_methods = [standard_delivery(checkout.currency)] if known else []
    if not checkout.is_shipping_required:
        checkout.delivery = None


def ship_to(world: World, checkout: Checkout, address: Address) -> None:
    """Where it goes. Raises RefusedError if there is nothing to send."""
    if not checkout.is_shipping_required:
        message = "This checkout doesn't need shipping"
        raise RefusedError("shippingAddress", "SHIPPING_NOT_REQUIRED", message)
    checkout.shipping_address, checkout.updated_at = address, world.now()
    _offer_delivery(checkout)


def deliver_by(world: World, checkout: Checkout, method_id: str) -> None:
    """How it is sent. Raises RefusedError."""
    method = next((each for each in checkout.shipping_methods if each.id == method_id), None)
    if method is None:
        message = "This shipping method is not applicable."
        raise RefusedError("deliveryMethodId", "SHIPPING_METHOD_NOT_APPLICABLE", message)
    checkout.delivery = Delivery(global_id("CheckoutDelivery", uuid4()), method)
    checkout.updated_at = world.now()


def address_of(given: Arguments) -> Address:
    """An `AddressInput`, as Saleor stores it: the city in capitals. Raises RefusedError."""
    texts = {name: given.text(name) or "" for name in ADDRESS_FIELDS if name not in ("metadata", "skipValidation")}
    missing = next((name for name in _NEEDED if not texts[name].strip()), None)
    if missing is not None:
        raise RefusedError(missing, "REQUIRED", "This field is required.")
    if texts["country"] == "US" and not texts["countryArea"]:
        raise RefusedError("countryArea", "REQUIRED", "This field is required.")
    if texts["phone"] and not _is_number(texts["phone"], texts["country"]):
        raise RefusedError("phone", "INVALID", f"'{texts['phone']}' is not a valid phone number.")
    return Address(
        id=global_id("Address", uuid4().int % 10**6),
        first_name=texts["firstName"],
        last_name=texts["lastName"],
        street_address1=texts["streetAddress1"],
        street_address2=texts["streetAddress2"],
        city=texts["city"].upper(),
        city_area=texts["cityArea"],
        postal_code=texts["postalCode"],
        country=CountryDisplay(texts["country"], _COUNTRIES.get(texts["country"], texts["country"])),
        country_area=texts["countryArea"],
        company_name=texts["companyName"],
        phone=texts["phone"],
    )


def _is_number(text: str, country: str) -> bool:
    """Whether somebody may have it. Saleor asks libphonenumber; of its plans this knows North America's alone."""
    digits = "".join(filter(str.isdigit, text))
    if country in {"US", "CA"} and not text.startswith("+"):
        return _AMERICAN.fullmatch(digits) is not None
    return 7 <= len(digits) <= 15


def missing(checkout: Checkout) -> RefusedError | None:
    """What Saleor would still want before it makes an order of a checkout."""
    if not checkout.lines:
        return RefusedError("lines", "NO_LINES", "Cannot complete checkout without lines")
    if not checkout.email:
        return RefusedError("email", "EMAIL_NOT_SET", "Checkout email must be set.")
    if checkout.is_shipping_required and checkout.shipping_address is None:
        return RefusedError("shippingAddress", "SHIPPING_ADDRESS_NOT_SET", "Shipping address is not set")
    if checkout.is_shipping_required and checkout.delivery is None:
        return RefusedError("shippingMethod", "SHIPPING_METHOD_NOT_SET", "Shipping method is not set")
    if checkout.billing_address is None:
        return RefusedError("billingAddress", "BILLING_ADDRESS_NOT_SET", "Billing address is not set")
    return None
