"""`python -m saleor_amazonpay`."""

from saleor_amazonpay.cli import app

app()
