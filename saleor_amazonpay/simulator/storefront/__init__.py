"""The demo shop: pages that know nothing but a Saleor's address and the payment app's."""

from saleor_amazonpay.simulator.storefront.app import Storefront, create_app

__all__ = ["Storefront", "create_app"]
