"""Routing is stable and fair; reference ids are what Amazon takes and never meet."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from saleor_amazonpay.domain.operation import reference_id
from saleor_amazonpay.domain.routing import ordered


def test_priority_comes_before_weight() -> None:
    assert ordered([("low", 1, 100), ("high", 2, 1)], "checkout")[0] == "high"


def test_the_same_checkout_always_sees_the_same_order() -> None:
    candidates = [("a", 1, 1), ("b", 1, 1), ("c", 1, 1)]
    assert ordered(candidates, "checkout") == ordered(reversed(candidates), "checkout")


def test_over_many_checkouts_profiles_lead_in_proportion_to_their_weight() -> None:
    leaders = Counter(ordered([("one", 0, 1), ("three", 0, 3), ("none", 0, 0)], str(n))[0] for n in range(4000))
    assert leaders["none"] == 0
    assert 0.22 < leaders["one"] / 4000 < 0.28


@given(st.text(), st.text())
def test_a_reference_id_has_the_form_amazon_takes(api_url: str, key: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", reference_id(api_url, key))


def test_two_shops_on_one_account_never_share_a_reference() -> None:
    assert reference_id("https://a/graphql/", "session:T:1") != reference_id("https://b/graphql/", "session:T:1")
    assert reference_id("https://a/graphql/", "session:T:1") == reference_id("https://a/graphql/", "session:T:1")
