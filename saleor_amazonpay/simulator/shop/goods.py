"""What is bought and where it goes: lines, products, delivery and addresses, all of them samples.

A payment app sees them in payloads but nothing here decides about money.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from saleor_amazonpay.simulator.shop.ids import global_id
from saleor_amazonpay.simulator.shop.money import Money, TaxedMoney


@dataclass(frozen=True, slots=True)
class CountryDisplay:
    """A country by its code."""

    typename: ClassVar[str] = "CountryDisplay"
    code: str
    country: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as Saleor stores it: the city in capitals."""

    typename: ClassVar[str] = "Address"
    id: str
    first_name: str
    last_name: str
    street_address1: str
    city: str
    postal_code: str
    country: CountryDisplay
    country_area: str
    phone: str
    company_name: str = ""
    street_address2: str = ""
    city_area: str = ""


UNITED_STATES = CountryDisplay("US", "United States of America")
SAMPLE_ADDRESS = Address(
    id="QWRkcmVzczox",
    first_name="Zoë",
    last_name="Sample",
    street_address1="4 Market Square",
    city="WILMINGTON",
    postal_code="19801",
    country=UNITED_STATES,
    country_area="DE",
    phone="+13025550100",
)


@dataclass(frozen=True, slots=True)
class ProductType:
    """The kind of a product."""

    typename: ClassVar[str] = "ProductType"
    name: str
    is_shipping_required: bool


@dataclass(slots=True, eq=False)
class Product:
    """A product. `description` is EditorJS's JSON, as in Saleor; this shop keeps no pictures."""

    typename: ClassVar[str] = "Product"
    id: str
    name: str
    slug: str
    product_type: ProductType
    description: str | None = None
    default_variant: ProductVariant | None = None
    thumbnail: None = None


@dataclass(frozen=True, slots=True)
class VariantPricingInfo:
    """What a variant costs in a channel."""

    typename: ClassVar[str] = "VariantPricingInfo"
    price: TaxedMoney


@dataclass(frozen=True, slots=True)
class ProductVariant:
    """What a line is about."""

    typename: ClassVar[str] = "ProductVariant"
    id: str
    sku: str
    name: str
    product: Product
    pricing: VariantPricingInfo | None = None


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One line of a checkout."""

    typename: ClassVar[str] = "CheckoutLine"
    id: str
    quantity: int
    unit_price: TaxedMoney
    total_price: TaxedMoney
    undiscounted_total_price: Money
    requires_shipping: bool
    variant: ProductVariant
    is_gift: bool = False


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order."""

    typename: ClassVar[str] = "OrderLine"
    id: str
    product_name: str
    quantity: int
    total_price: TaxedMoney


@dataclass(frozen=True, slots=True)
class FulfillmentLine:
    """How many of an order's line are in a fulfillment."""

    typename: ClassVar[str] = "FulfillmentLine"
    pk: int
    quantity: int
    order_line: OrderLine

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)


@dataclass(slots=True, eq=False)
class Fulfillment:
    """A parcel of an order; `status` is one of Saleor's FulfillmentStatus."""

    typename: ClassVar[str] = "Fulfillment"
    pk: int
    status: str
    created: datetime
    lines: list[FulfillmentLine]

    @property
    def id(self) -> str:
        """Global id."""
        return global_id(self.typename, self.pk)


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """How it is sent."""

    typename: ClassVar[str] = "ShippingMethod"
    id: str
    name: str
    price: Money


@dataclass(frozen=True, slots=True)
class Delivery:
    """The chosen delivery of a checkout."""

    typename: ClassVar[str] = "Delivery"
    id: str
    shipping_method: ShippingMethod


def standard_delivery(currency: str) -> ShippingMethod:
    """The one way anything is sent here, for nothing."""
    return ShippingMethod("U2hpcHBpbmdNZXRob2Q6MQ==", "Standard, 2 to 4 days", Money(Decimal(0), currency))


def sample_variant(shipping_required: bool) -> ProductVariant:
    """A T-shirt, or something that needs no parcel."""
    kind = ProductType("Apparel" if shipping_required else "Download", shipping_required)
    name = "Plain Tee" if shipping_required else "Plain Song"
    product = Product("UHJvZHVjdDox", name, name.lower().replace(" ", "-"), kind)
    return ProductVariant("UHJvZHVjdFZhcmlhbnQ6MQ==", "PLAIN-1", "M", product)
