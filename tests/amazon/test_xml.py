"""The XML reader: Amazon's spellings, and documents nobody should send."""

from __future__ import annotations

import pytest

from saleor_amazonpay.amazon.mws.xml import MAX_BYTES, XmlRefusedError, milliseconds, parse
from saleor_amazonpay.domain.money import Money

ENTITY = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    + "]><a>&a8;</a>"
)
HOSTILE = {
    "an external entity": ENTITY,
    "an external DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/evil.dtd"><a/>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]><a/>',
    "a billion laughs": LAUGHS,
    "a bare doctype": "<!DOCTYPE a><a/>",
    "an undeclared entity": "<a>&nbsp;</a>",
    "deep nesting": "<a>" * 20_000 + "</a>" * 20_000,
    "HTML": "<html><body>Service <br> unavailable</body></html>",
    "JSON": '{"a": 1}',
    "nothing": "",
    "two roots": "<a/><b/>",
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_document_is_refused(document: str) -> None:
    with pytest.raises(XmlRefusedError):
        parse(document.encode())


def test_more_than_the_cap_is_refused_and_the_cap_itself_is_read() -> None:
    fits = b"<a>" + b"x" * (MAX_BYTES - 7) + b"</a>"
    assert parse(fits).name == "a"
    with pytest.raises(XmlRefusedError):
        parse(fits + b" ")


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://x/"', ' xmlns="https://y/ipn/"'])
def test_elements_are_found_by_local_name_in_any_namespace(namespace: str) -> None:
    root = parse(f"<R{namespace}><!-- c --><S><State> Open </State></S></R>".encode())
    assert root.name == "R"
    assert root.text("S", "State") == "Open"


def test_prefixed_elements_are_found_too() -> None:
    assert parse(b'<p:R xmlns:p="urn:x"><p:Code>A</p:Code></p:R>').text("Code") == "A"


def test_missing_elements_are_empty() -> None:
    root = parse(b"<R><A/></R>")
    assert (root.text("A"), root.text("B", "C"), root.ids(), root.flag("B")) == ("", "", (), None)
    assert root.child("B") is None
    assert root.money("B") is None


def test_a_grandchild_is_no_child() -> None:
    assert parse(b"<R><A><Code>inner</Code></A></R>").text("Code") == ""


@pytest.mark.parametrize("entry", ["member", "Id"])
def test_an_id_list_is_read_in_both_spellings(entry: str) -> None:
    root = parse(f"<R><IdList><{entry}>1</{entry}><{entry}>2</{entry}></IdList></R>".encode())
    assert root.ids() == ("1", "2")


@pytest.mark.parametrize("amount", ["5", "5.0", "5.00", "5.000"])
def test_amounts_are_equal_however_many_zeros_they_have(amount: str) -> None:
    root = parse(f"<R><T><CurrencyCode>USD</CurrencyCode><Amount>{amount}</Amount></T></R>".encode())
    assert root.money("T") == Money(500, "USD")


@pytest.mark.parametrize("amount", ["", "NaN", "1e99", "5.001", "-1", "1,000.00"])
def test_what_is_no_amount_reads_as_none(amount: str) -> None:
    root = parse(f"<R><T><Amount>{amount}</Amount><CurrencyCode>USD</CurrencyCode></T></R>".encode())
    assert root.money("T") is None


def test_timestamps_are_milliseconds_utc() -> None:
    assert milliseconds("2015-12-31T23:59:58.123Z") == 1_451_606_398_123
    assert milliseconds("2015-12-31T23:59:58Z") == 1_451_606_398_000
    assert milliseconds("2015-12-31T23:59:58") == 1_451_606_398_000
    assert milliseconds("") is None
    assert milliseconds("yesterday") is None
