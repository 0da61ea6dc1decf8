"""A small Saleor: it calls payment apps and keeps their books by Saleor's rules, for demos and tests."""

from saleor_amazonpay.simulator.shop.app import create_app
from saleor_amazonpay.simulator.shop.ledger import Books
from saleor_amazonpay.simulator.shop.shop import Shop

__all__ = ["Books", "Shop", "create_app"]
