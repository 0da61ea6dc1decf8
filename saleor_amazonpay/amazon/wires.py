"""What Amazon's APIs are called, for those who have to name one without knowing any: the GraphQL API and the form."""

from __future__ import annotations

from enum import StrEnum


class WireName(StrEnum):
    """Which of Amazon's APIs a profile speaks."""

    MWS = "mws"
    V2 = "v2"


# What a new profile gets that names none: the other one's end is announced (contracts, amazon §0).
NEWEST = WireName.V2
