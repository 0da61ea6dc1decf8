"""The published vectors of Amazon's own clients for pay-api (contracts §7.3): 17 requests, each under both algorithms.

Every request has the headers `HEADERS` and no body. A row is name, method, path, query and the hash of the canonical
request. Two rows name a path that Java's URL class shortens before it is signed; `AS_SIGNED` says to what.
"""

from __future__ import annotations

HEADERS = {
    "accept": "application/json",
    "content-type": "application/json",
    "x-amz-pay-date": "20180524T223710Z",
    "x-amz-pay-host": "pay-api.amazon.eu",
    "x-amz-pay-region": "EU",
}
AS_SIGNED = {"//foo//": "/"}

Row = tuple[str, str, str, tuple[tuple[str, str], ...], str]

VECTORS: tuple[Row, ...] = (
    ("get-vanilla", "GET", "/", (), "bb49552975c396f1e49d5510e1555b8b0627dc491bc61aaefdb561f202ad8020"),
    ("get-slashes", "GET", "//foo//", (), "bb49552975c396f1e49d5510e1555b8b0627dc491bc61aaefdb561f202ad8020"),
    ("get-empty", "GET", "", (), "bb49552975c396f1e49d5510e1555b8b0627dc491bc61aaefdb561f202ad8020"),
    (
        "get-unreserved",
        "GET",
        "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        (),
        "a0e5dd63e175587f29d51c6b08be5c746a568209ac66ab1f967e0ba515aa80bc",
    ),
    ("get-vanilla-query", "GET", "/", (), "bb49552975c396f1e49d5510e1555b8b0627dc491bc61aaefdb561f202ad8020"),
    ("get-utf8", "GET", "/ሴ", (), "77f6544c8fb336d430895659da1e30415a1558b4b013f4d7926bb3a6275f701d"),
    (
        "get-vanilla-utf8-query",
        "GET",
        "/",
        (("ሴ", "bar"),),
        "ef1007307504f2ca9f0b6310b04056f5d3d6d18e7bf3d90663133f19ec132ecc",
    ),
    ("post-vanilla", "POST", "/", (), "54156f5badd6da7fa630b2c334c808ad376530001d334ae9960457215aa626d3"),
    (
        "post-vanilla-query",
        "POST",
        "/",
        (("foo", "bar"),),
        "cc82525870b2d03666c287fd8b2c0d2fc6fa1693d9f357d27f7cac8cbcc12832",
    ),
    (
        "get-vanilla-empty-query-key",
        "GET",
        "/",
        (("foo", "bar"),),
        "6837f80baf1801c75db8119cffbadc26a89d20adb9cf3f3de4ce0fac31b4ae52",
    ),
    (
        "get-vanilla-query-order-value",
        "GET",
        "/",
        (("foo", "b"), ("foo", "a")),
        "a33266ec31c7f0ca8a0738eb49fb8c81319f14374a0b86d52e6911a9748a6d42",
    ),
    (
        "get-vanilla-query-order-key",
        "GET",
        "/",
        (("a", "foo"), ("b", "foo")),
        "6615ba7ca3734e97b35013f77c74d111ce2fa63ab52be161ad41bcd4b010120f",
    ),
    (
        "get-vanilla-query-order-sort-by-key",
        "GET",
        "/",
        (("A.1", "foo"), ("A.2", "foo"), ("A.10", "foo")),
        "29d908d70c4bb50d62272976787245b52ed52e569fdae56ef3aa6d8979978ee7",
    ),
    (
        "get-vanilla-query-order-key-case",
        "GET",
        "/",
        (("foo", "Zoo"), ("foo", "aha")),
        "f379cbd2e2fc9d5d50667a07ec22996335f731b474bb8bd366647d05d958c9d5",
    ),
    (
        "get-vanilla-query-unreserved",
        "GET",
        "/",
        (
            (
                "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            ),
        ),
        "892abddd6e79db3feb5695b318af639c3e863494f6b4df32ec24fff4c1562a73",
    ),
    (
        "post-vanilla-query-nonunreserved",
        "POST",
        "/",
        (('@#$%^&+=/,?><`";:\\|][{} ', '@#$%^&+=/,?><`";:\\|][{} '),),
        "66bbbf2b5d6d297a9393abbc0b4f9d62e30666bb0ec0dea8f1d4e45551440e4c",
    ),
    (
        "post-vanilla-query-space",
        "POST",
        "/",
        (("f oo", "b ar"),),
        "99be3aeb19b5a1aebafc807d59f3740d3e604ae31cf928592fa70739ea64bb32",
    ),
)

# What a button signs, and the digest that Amazon's tests expect of it.
BUTTON_PAYLOAD = (
    '{"storeId":"amzn1.application-oa2-client.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","webCheckoutDetails":'
    '{"checkoutReviewReturnUrl":"https://localhost/test/CheckoutReview.php",'
    '"checkoutResultReturnUrl":"https://localhost/test/CheckoutResult.php"}}'
)
BUTTON_DIGEST = "8dec52d799607be40f82d5c8e7ecb6c171e6591c41b1111a576b16076c89381c"
