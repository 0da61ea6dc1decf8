"""saleor-amazonpay: an Amazon Pay payment app for Saleor."""

__version__ = "0.1.0"
