"""The trial on a real Saleor: how it reads that Saleor's answers. The trial itself needs one, and is not run here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from saleor_amazonpay.cli import app
from saleor_amazonpay.cli.books import Amounts, compare_books
from saleor_amazonpay.cli.real_books import books_of
from saleor_amazonpay.cli.stage import listen, url_of
from saleor_amazonpay.simulator.amazon import AmazonWorld


def event(kind: str, amount: float, psp: str, at: str) -> dict[str, Any]:
    return {
        "type": kind, "pspReference": psp, "message": "", "externalUrl": "", "createdAt": at,
        "amount": {"amount": amount, "currency": "USD"},
    }  # fmt: skip


def shown(**amounts: float) -> dict[str, Any]:
    """A transaction as Saleor 3.24 answers: amounts as JSON numbers, the newest event first."""
    names = ("authorized", "authorizePending", "charged", "chargePending", "refunded", "refundPending", "canceled",
             "cancelPending")  # fmt: skip
    return {
        "id": "VHJhbnNhY3Rpb25JdGVtOjE=", "pspReference": "S01-1-1-C1",
        **{f"{name}Amount": {"amount": amounts.get(name, 0.0)} for name in names},
        "events": [
            event("REFUND_SUCCESS", 1.1, "S01-1-1-R1", "2026-11-27T19:36:44.100000+00:00"),
            event("CHARGE_SUCCESS", 90.0, "S01-1-1-C1", "2026-11-27T19:36:42.100000+00:00"),
        ],
    }  # fmt: skip


def test_its_numbers_become_exact_amounts_and_its_events_stand_in_the_order_written() -> None:
    books = books_of(shown(charged=88.9, refunded=1.1))
    assert (books.amounts.charged, books.amounts.refunded) == (Decimal("88.9"), Decimal("1.1"))
    assert [each.type for each in books.events] == ["CHARGE_SUCCESS", "REFUND_SUCCESS"]
    assert (books.currency, books.psp_reference) == ("USD", "S01-1-1-C1")


def test_money_that_amazon_does_not_know_is_a_difference() -> None:
    (line,) = compare_books([books_of(shown(charged=88.9, refunded=1.1))], AmazonWorld.demo())
    assert line.amazon == Amounts()
    assert not line.agree


def test_without_a_superuser_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SALEOR_EMAIL", raising=False)
    monkeypatch.delenv("SALEOR_PASSWORD", raising=False)
    result = CliRunner().invoke(app, ["trial", "--saleor", "http://127.0.0.1:9/graphql/"])
    assert result.exit_code == 2
    assert "SALEOR_EMAIL" in result.output


def test_a_saleor_that_is_not_there_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALEOR_EMAIL", "admin@example.com")
    monkeypatch.setenv("SALEOR_PASSWORD", "admin")
    nobody = listen(0)  # bound, and not listening: a connection is refused
    address = url_of(nobody)
    nobody.close()
    result = CliRunner().invoke(app, ["trial", "--saleor", f"{address}/graphql/", "--port", "0"])
    assert result.exit_code == 1
    assert "Start that Saleor, or check the address" in " ".join(result.output.split())
    assert "Traceback" not in result.output
