"""What the demo shop sells: a handful of products of a coffee roaster, at the same number in every currency."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from saleor_amazonpay.simulator.shop.goods import Product, ProductType, ProductVariant, VariantPricingInfo
from saleor_amazonpay.simulator.shop.ids import global_id
from saleor_amazonpay.simulator.shop.money import to_currency, untaxed

_COFFEE = ProductType("Coffee", is_shipping_required=True)
_COURSE = ProductType("Course", is_shipping_required=False)

# Slug: name, kind, name of the variant, price, description.
_PRODUCTS = {
    "harbor-blend": (
        "Harbor Blend", _COFFEE, "250 g", "18.00",
        "Cocoa, roasted almond and a little orange peel. Our everyday coffee, for whatever you brew it with.",
    ),
    "yirgacheffe": (
        "Yirgacheffe", _COFFEE, "250 g", "24.50",
        "Jasmine, bergamot and ripe peach, from the highlands of southern Ethiopia. Washed, roasted light.",
    ),
    "night-watch-decaf": (
        "Night Watch Decaf", _COFFEE, "250 g", "19.00",
        "Brown sugar, walnut and plum, decaffeinated with sugar cane. For the cup after dinner.",
    ),
    "brewing-course": (
        "Brewing at Home", _COURSE, "Online", "40.00",
        "Six lessons, from grind size to water, to watch whenever you like. Nothing is sent by post.",
    ),
}  # fmt: skip


class Catalogue:
    """The products as a channel's customers see them. Currencies without cents get whole prices."""

    def __init__(self) -> None:
        self._by_currency: dict[str, dict[str, Product]] = {}

    def products(self, currency: str) -> Mapping[str, Product]:
        """By slug."""
        if currency not in self._by_currency:
            made = (_product(number, slug, currency) for number, slug in enumerate(_PRODUCTS, 1))
            self._by_currency[currency] = {each.slug: each for each in made}
        return self._by_currency[currency]

    def variant(self, variant_id: str, currency: str) -> ProductVariant | None:
        """A product's only variant by its global id."""
        variants = (each.default_variant for each in self.products(currency).values())
        return next((each for each in variants if each is not None and each.id == variant_id), None)


def _product(number: int, slug: str, currency: str) -> Product:
    name, kind, variant, price, text = _PRODUCTS[slug]
    block = {"id": "a", "type": "paragraph", "data": {"text": text}}
    description = json.dumps({"time": 0, "blocks": [block], "version": "2.24.3"})
    made = Product(global_id("Product", 100 + number), name, slug, kind, description)
    cost = untaxed(to_currency(Decimal(price), currency), currency)
    variant_id = global_id("ProductVariant", 100 + number)
    made.default_variant = ProductVariant(variant_id, slug.upper(), variant, made, VariantPricingInfo(cost))
    return made
