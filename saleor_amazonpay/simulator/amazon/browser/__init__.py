"""What a buyer's browser gets of Amazon: the v1 scripts, the widgets' frames, and the hosted pages."""

from saleor_amazonpay.simulator.amazon.browser.door import BrowserDoor

__all__ = ["BrowserDoor"]
