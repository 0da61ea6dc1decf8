"""A small Saleor: it calls payment apps and keeps their books by Saleor's rules, for demos and tests."""

from saleor_amazonpay.simulator.shop.app import create_app
from saleor_amazonpay.simulator.shop.shop import Books, Shop

__all__ = ["Books", "Shop", "create_app"]
