"""Reports of Amazon Pay: which there are, and what stands in one (contracts §5.4).

In come a report's type and a moment, out come texts. The address of a document is Amazon's storage and good for
minutes: it is fetched at once, without any of our headers.
"""

from __future__ import annotations

import gzip
import io
import zlib

from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.amazon.v2.calls import V2Calls
from saleor_amazonpay.amazon.v2.shapes import Report, ReportDocument, Reports
from saleor_amazonpay.domain.errors import NotExecutedError
from saleor_amazonpay.http import TransportError

SETTLEMENT = "_GET_FLAT_FILE_OFFAMAZONPAYMENTS_SETTLEMENT_DATA_"

_PAGES = 20
_TIMEOUT = 30.0
_MAX_BYTES = 32 * 1024 * 1024


class ReportReader:
    """Reads reports."""

    def __init__(self, calls: V2Calls) -> None:
        self._calls = calls

    async def finished(self, account: Account, report_type: str, since: str) -> list[Report]:
        """The finished reports of a type whose period began at `since` (ISO 8601) or later. Raises AmazonError."""
        query = {
            "reportTypes": report_type,
            "processingStatuses": "COMPLETED",
            "createdSince": since,
            "pageSize": "100",
        }
        found: list[Report] = []
        for _ in range(_PAGES):
            answer = await self._calls.call(account, "GetReports", query=query)
            page = answer.read(Reports)
            found += [each for each in page.reports or () if each.report_document_id]
            if not page.next_token:
                break
            query = {"nextToken": page.next_token}
        return found

    async def text(self, account: Account, document_id: str) -> str:
        """A report's text. Raises AmazonError."""
        answer = await self._calls.call(account, "GetReportDocument", document_id)
        document = answer.read(ReportDocument)
        try:
            response = await self._calls.http.request("GET", document.url, headers={}, timeout=_TIMEOUT)
        except TransportError as error:
            raise NotExecutedError("GetReportDocument", "NoDocument", str(error)) from error
        if response.status != 200:  # noqa: PLR2004
            raise NotExecutedError("GetReportDocument", f"http_{response.status}", http_status=response.status)
        return _plain(response.body, document.compression_algorithm or "").decode("utf-8", "replace")


def _plain(body: bytes, compression: str) -> bytes:
    if compression.upper() != "GZIP":
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as unpacking:
            return unpacking.read(_MAX_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise NotExecutedError("GetReportDocument", "UnreadableDocument", str(error)) from error
