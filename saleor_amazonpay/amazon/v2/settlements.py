"""What Amazon's settlement reports say was paid out: one line for each capture, refund and chargeback, with its fee.

In comes a flat file, comma or tab separated, whose header names its columns; lines before the header and kinds we do
not know are not ours. Out come amounts in minor units, signed as Amazon writes them: what it takes is negative.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.amazon.v2.reports import SETTLEMENT, ReportReader
from saleor_amazonpay.domain.errors import NotExecutedError
from saleor_amazonpay.domain.money import DIGITS
from saleor_amazonpay.domain.settlement import SettledLine, Settlement

_MOST = 20  # in one turn; whoever asks again gets the next ones
_KINDS = {
    "capture": "capture", "charge": "capture", "refund": "refund", "chargeback": "chargeback",
    "guaranteerefund": "chargeback",
}  # fmt: skip
_OBJECTS = {"capture": "CHARGE", "refund": "REFUND", "chargeback": "CHARGEBACK"}
_WANTED = frozenset(
    {"transactionposteddate", "amazontransactionid", "transactiontype", "currencycode", "transactionamount"}
)


async def settlements(reader: ReportReader, account: Account, since: int, known: frozenset[str]) -> list[Settlement]:
    """The settlement reports made since a moment (ms UTC), without the known ones; 20 at most. Raises AmazonError."""
    created = datetime.fromtimestamp(since / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    found: list[Settlement] = []
    for report in await reader.finished(account, SETTLEMENT, created):
        if report.report_id in known or not report.report_document_id:
            continue
        text = await reader.text(account, report.report_document_id)
        found.append(Settlement(report.report_id, *_lines(account, text)))
        if len(found) == _MOST:
            break
    return found


def _lines(account: Account, text: str) -> tuple[tuple[SettledLine, ...], int]:
    made, unreadable = [], 0
    for row in _rows(text):
        kind = _KINDS.get(row["transactiontype"].replace(" ", "").lower())
        if kind is None:
            continue  # transfers, reserves, carry-overs: nothing a payment stands for
        try:
            made.append(_line(account, kind, row))
        except (ValueError, InvalidOperation, KeyError):
            unreadable += 1
    return tuple(made), unreadable


def _rows(text: str) -> Iterator[dict[str, str]]:
    """The lines below the header, by lower-case column. Raises NotExecutedError for a text without one."""
    rows = text.lstrip("\ufeff").splitlines()
    for number, row in enumerate(rows):
        delimiter = "\t" if "\t" in row else ","
        header = [name.strip().lower() for name in next(csv.reader([row], delimiter=delimiter), [])]
        if set(header) >= _WANTED:
            below = csv.reader(io.StringIO("\n".join(rows[number + 1 :])), delimiter=delimiter)
            yield from (dict(zip(header, each, strict=False)) for each in below if len(each) >= len(_WANTED))
            return
    raise NotExecutedError("GetReportDocument", "UnreadableDocument", "a settlement report without its columns")


def _line(account: Account, kind: str, row: dict[str, str]) -> SettledLine:
    currency, object_id = row["currencycode"].strip().upper(), row["amazontransactionid"].strip()
    if not object_id:
        raise ValueError("a line without an id")
    return SettledLine(
        object_id=object_id,
        kind=kind,
        posted_at=_moment(row["transactionposteddate"]),
        currency=currency,
        amount=_minor(row["transactionamount"], currency),
        fee=_minor(row.get("totaltransactionfee") or "0", currency),
        message=_message(account, kind, object_id, row.get("amazonorderreferenceid", "").strip()),
    )


def _minor(text: str, currency: str) -> int:
    """An exact amount. Raises ValueError, InvalidOperation, KeyError (a currency that Amazon Pay has not)."""
    scaled = Decimal(text.strip().replace(",", "")).scaleb(DIGITS[currency])
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError("not an amount of its currency")
    return int(scaled)


def _moment(text: str) -> int:
    at = datetime.fromisoformat(text.strip())
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def _message(account: Account, kind: str, object_id: str, permission_id: str) -> str:
    """A notice that says to read this object, as Amazon would have sent it."""
    return json.dumps(
        {
            "MerchantID": account.seller_id,
            "ObjectType": _OBJECTS[kind],
            "ObjectId": object_id,
            "ChargePermissionId": permission_id,
            "NotificationType": "STATE_CHANGE",
            "NotificationId": f"settlement-{object_id}",
            "NotificationVersion": "V2",
        }
    )
