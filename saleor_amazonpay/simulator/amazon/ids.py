"""Ids shaped like Amazon's: agreements, order references and what hangs on them (contracts §1.7).

In come a region and an environment, out come ids that were never given before. The first 19 characters of a
transaction's id are its order reference's.
"""

from __future__ import annotations

import random
from collections.abc import Container

_REGION_DIGIT = {"us": "1", "na": "1", "uk": "2", "eu": "2", "de": "2", "jp": "3"}
ORDER_ID_LENGTH = 19


class Ids:
    """Draws ids; the same seed draws the same ones."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)

    def agreement(self, region: str, taken: Container[str], *, sandbox: bool) -> str:
        """`C01-…` in the sandbox, `B01-…` live."""
        return self._free(f"{'C' if sandbox else 'B'}0{_REGION_DIGIT[region]}", taken)

    def order(self, region: str, taken: Container[str], *, sandbox: bool) -> str:
        """`S01-…` in the sandbox, `P01-…` live."""
        return self._free(f"{'S' if sandbox else 'P'}0{_REGION_DIGIT[region]}", taken)

    def transaction(self, order_id: str, kind: str, taken: Container[str]) -> str:
        """The order reference's id with `-A`, `-C` or `-R` and six digits."""
        while True:
            drawn = f"{order_id}-{kind}{self._random.randrange(10**6):06}"
            if drawn not in taken:
                return drawn

    def text(self, length: int = 13) -> str:
        """Capital letters and digits, as seller ids, buyers and chargebacks have."""
        return "".join(self._random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=length))

    def uuid(self) -> str:
        """For request and message ids; nothing depends on its version bits."""
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _free(self, prefix: str, taken: Container[str]) -> str:
        while True:
            digits = f"{self._random.randrange(10**14):014}"
            drawn = f"{prefix}-{digits[:7]}-{digits[7:]}"
            if drawn not in taken:
                return drawn


def order_id_of(transaction_id: str) -> str:
    """The order reference an authorization, capture or refund belongs to."""
    return transaction_id[:ORDER_ID_LENGTH]
