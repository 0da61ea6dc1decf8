"""The one entry for inner messages of notifications, whichever format they have.

After a merchant moved to Checkout v2 both formats go on arriving at one address: v1's for what was made before
(contracts §0 no. 4).
"""

from __future__ import annotations

from saleor_amazonpay.amazon.mws.notice import read_notice
from saleor_amazonpay.amazon.port import Notice
from saleor_amazonpay.amazon.v2.notice import read_v2


def notice_of(message: str) -> Notice:
    """The notice in a verified envelope's message. Raises ValueError if it is none of Amazon Pay's."""
    return read_v2(message) or read_notice(message)
