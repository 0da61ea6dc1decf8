"""Saleor's GraphQL API as this app uses it: prove a token, read keys, report events, read transactions.

In: the stored API URL and app token of a tenant. Out: small frozen views.
What must never happen: a token in an error or a log, a redirect followed, a report with `time` (Saleor's
clock orders events, money §3), or an amount guessed by Saleor from some other event with the same psp
reference (contracts §4.1), so reports always name their amount.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from saleor_amazonpay import resources
from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.http import Http, HttpResponse, TransportError
from saleor_amazonpay.saleor import fields, replies
from saleor_amazonpay.saleor.events import Action, EventType
from saleor_amazonpay.saleor.guard import jwks_url
from saleor_amazonpay.saleor.manifest import APP_ID
from saleor_amazonpay.saleor.payloads import PayloadError
from saleor_amazonpay.saleor.views import (
    BegunSession,
    CallerView,
    ChannelView,
    Installation,
    OrderView,
    TransactionView,
    installation,
    order_view,
    transaction_view,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saleor_amazonpay.domain.money import Money

# Seconds. A registration has 18 s in all (contracts §1.5), a signature check is part of a webhook's budget.
PROVE_TIMEOUT = 8.0
KEYS_TIMEOUT = 5.0
CALL_TIMEOUT = 15.0
INQUIRY_TIMEOUT = 5.0  # somebody looks at a page
CHARGE_TIMEOUT = 25.0  # Saleor waits 18 s for our own answer in between (contracts §2.3)

_OPERATIONS = (
    "app", "app_problem_create", "app_problem_dismiss", "app_webhooks", "caller_app", "caller_user", "channels",
    "order", "order_transactions", "transaction", "transaction_event_report", "transaction_initialize",
    "transaction_update", "webhook_create", "webhook_delete", "webhook_update",
)  # fmt: skip
_TOKEN = re.compile(r"[!-~]{1,512}", re.ASCII)

_OK = 200
_BAD_REQUEST = 400
_TRY_LATER = frozenset({408, 425, 429})
_SERVER_ERROR = 500

# Saleor's own classes of errors that the same call would meet again (contracts §4.1 and its format of
# errors). Everything else inside an answer is an internal error, and may pass.
_FINAL = frozenset(
    {
        "GraphQLError",
        "GraphQLSyntaxError",
        "PermissionDenied",
        "QueryCostError",
        "ValidationError",
        "InvalidTokenError",
        "ExpiredSignatureError",
        "InvalidSignatureError",
        "DecodeError",
    }
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """Who Saleor says the token belongs to. The id changes with every installation (contracts §1.7)."""

    app_id: str


@dataclass(frozen=True, slots=True)
class Report:
    """One event for `transactionEventReport`.

    `amount` is what the event is about, and required for everything but INFO. `available_actions` replaces
    what staff may do next; None keeps it.

    Raises UnsendableError for a psp reference that Saleor would count wrongly, or a missing amount.
    """

    transaction_id: str
    type: EventType
    psp_reference: str
    amount: Money | None
    message: str | None = None
    external_url: str | None = None
    available_actions: tuple[Action, ...] | None = None

    def __post_init__(self) -> None:
        fields.psp_reference(self.psp_reference)
        if self.amount is None and self.type is not EventType.INFO:
            raise fields.UnsendableError(f"{self.type} without an amount")

    def variables(self) -> dict[str, Any]:
        """The mutation's variables; what is not given is left out."""
        given = {
            "id": self.transaction_id,
            "type": self.type.value,
            "pspReference": self.psp_reference,
            "amount": None if self.amount is None else self.amount.text,
            "message": fields.message(self.message),
            "externalUrl": fields.external_url(self.external_url),
            "availableActions": fields.actions(self.available_actions),
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What Saleor made of a report: taken, taken before, or refused with its error code and message.

    Repeating a refused report does harm: each INCORRECT_DETAILS leaves a failure event behind (contracts
    §4.1).
    """

    already_processed: bool
    code: str = ""  # Saleor's TransactionEventReportErrorCode; "" if taken
    message: str = ""

    @property
    def accepted(self) -> bool:
        """Whether Saleor has the event, from this report or an earlier one."""
        return not self.code


class SaleorApi:
    """Calls to Saleors whose URL has passed `guard.AllowList.admit`. Every call raises SaleorError."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._documents = {name: resources.read(f"graphql/saleor/{name}.graphql") for name in _OPERATIONS}

    async def prove(self, api_url: str, token: str) -> AppIdentity:
        """Ask the API who the token is: it has to be this app, or the registration is not what it says."""
        app = (await self._call("app", api_url, token, {}, replies.AppData, PROVE_TIMEOUT)).app
        if app is None or app.identifier != APP_ID:
            raise SaleorError("app", f"the token does not belong to {APP_ID}", code="foreign_token")
        return AppIdentity(app.id)

    async def fetch_jwks(self, api_url: str) -> bytes:
        """The JWKS document of a Saleor, as it is."""
        headers = {"Accept": "application/json"}
        response = await self._send("jwks", "GET", jwks_url(api_url), headers, b"", KEYS_TIMEOUT)
        if response.status != _OK:
            raise _http_error("jwks", response)
        return response.body

    async def report(self, api_url: str, token: str, report: Report) -> ReportResult:
        """Tell Saleor what happened. The same report twice is one event in Saleor (contracts §4.1)."""
        name = "transaction_event_report"
        data = await self._call(name, api_url, token, report.variables(), replies.ReportData)
        result = data.transaction_event_report
        if result is None:
            raise SaleorError(name, "no result", retryable=True)
        first = result.errors[0] if result.errors else None
        return ReportResult(
            already_processed=bool(result.already_processed),
            code=first.code if first is not None else "",
            message=first.text if first is not None else "",
        )

    async def transaction(self, api_url: str, token: str, transaction_id: str) -> TransactionView | None:
        """A transaction with its amounts, events, and what else pays for its purchase; None if unknown."""
        variables = {"id": transaction_id}
        data = await self._call("transaction", api_url, token, variables, replies.TransactionData)
        try:
            return transaction_view(data.transaction) if data.transaction is not None else None
        except PayloadError as error:
            raise SaleorError("transaction", error.message, code="unreadable") from error

    async def channels(self, api_url: str, token: str) -> list[ChannelView]:
        """The channels of the shop."""
        found = (await self._call("channels", api_url, token, {}, replies.ChannelsData, INQUIRY_TIMEOUT)).channels
        return [ChannelView(row.id, row.slug, row.name, row.currency_code, row.is_active) for row in found or ()]

    async def order_transactions(self, api_url: str, token: str, order_id: str) -> list[str] | None:
        """The ids of the transactions that pay for an order; None if there is no such order."""
        data = await self._call(
            "order_transactions", api_url, token, {"id": order_id}, replies.OrderTransactionsData, INQUIRY_TIMEOUT
        )
        return None if data.order is None else [row.id for row in data.order.transactions]

    async def caller(self, api_url: str, token: str, *, user: bool) -> CallerView | None:
        """Whose token it is, a user's or an app's; None if it opens nothing, or belongs to a customer."""
        if user:
            me = (await self._call("caller_user", api_url, token, {}, replies.CallerUserData, INQUIRY_TIMEOUT)).me
            if me is None or not me.is_staff:
                return None
            return CallerView("staff", me.id, me.email, frozenset(each.code for each in me.user_permissions or ()))
        app = (await self._call("caller_app", api_url, token, {}, replies.CallerAppData, INQUIRY_TIMEOUT)).app
        if app is None:
            return None
        codes = frozenset(each.code for each in app.permissions or ())
        return CallerView("app", app.id, app.identifier or "", codes)

    async def begin_charge(
        self, api_url: str, token: str, source_id: str, amount: Money | None, data: Mapping[str, Any], key: str
    ) -> BegunSession:
        """Begin a charge as this app, as a storefront would: Saleor calls our own webhook before it answers.

        `amount` None is what is left to pay. The same key is the same transaction. Raises SaleorError; without an
        answer the charge may have been made, and only a repeat with the same key may follow.
        """
        operation = "transaction_initialize"
        variables = {
            "id": source_id,
            "gateway": APP_ID,
            "data": data,
            "amount": None if amount is None else amount.text,
            "key": key,
        }
        given = {name: value for name, value in variables.items() if value is not None}
        reply = await self._call(operation, api_url, token, given, replies.InitializeData, CHARGE_TIMEOUT)
        result = reply.transaction_initialize
        if result is None:
            raise SaleorError(operation, "no result", retryable=True)
        if result.errors or result.transaction is None:
            first = result.errors[0] if result.errors else None
            raise SaleorError(operation, first.text if first else "no transaction", code=first.code if first else "")
        event = result.transaction_event or replies.InitializedEvent()
        return BegunSession(result.transaction.id, event.type or "", event.message or "", _code(result.data))

    async def update_transaction(
        self, api_url: str, token: str, transaction_id: str, *, name: str, external_url: str | None = None
    ) -> str | None:
        """Set name and link of the transaction's card: an answer to a webhook does not (contracts §3.3).

        Returns the psp reference that Saleor has of the transaction, "" for none; None if Saleor did not say.
        """
        operation = "transaction_update"
        changes = {"name": name}
        url = fields.external_url(external_url)
        if url is not None:
            changes["externalUrl"] = url
        variables = {"id": transaction_id, "transaction": changes}
        data = await self._call(operation, api_url, token, variables, replies.UpdateData)
        result = data.transaction_update
        _taken(operation, result)
        return result.transaction.psp_reference if result is not None and result.transaction is not None else None

    async def order(self, api_url: str, token: str, order_id: str) -> OrderView | None:
        """An order with its lines, fulfillments and the ids of what pays for it; None if Saleor does not know it."""
        data = await self._call("order", api_url, token, {"id": order_id}, replies.OrderData)
        return order_view(data.order) if data.order is not None else None

    async def installation(self, api_url: str, token: str) -> Installation:
        """This app as it is installed there. Reads nothing that an older Saleor does not know."""
        found = installation(await self._call("app_webhooks", api_url, token, {}, replies.AppWebhooksData))
        if found is None:
            raise SaleorError("app_webhooks", "the token is no app's", code="foreign_token")
        return found

    async def create_webhook(self, api_url: str, token: str, given: Mapping[str, Any]) -> None:
        """Add a webhook to this app."""
        operation = "webhook_create"
        data = await self._call(operation, api_url, token, {"input": given}, replies.WebhookCreateData)
        _taken(operation, data.webhook_create)

    async def update_webhook(self, api_url: str, token: str, webhook_id: str, given: Mapping[str, Any]) -> None:
        """Change what is given of one of this app's webhooks."""
        operation = "webhook_update"
        variables = {"id": webhook_id, "input": given}
        data = await self._call(operation, api_url, token, variables, replies.WebhookUpdateData)
        _taken(operation, data.webhook_update)

    async def delete_webhook(self, api_url: str, token: str, webhook_id: str) -> None:
        """Take one of this app's webhooks away."""
        operation = "webhook_delete"
        data = await self._call(operation, api_url, token, {"id": webhook_id}, replies.WebhookDeleteData)
        _taken(operation, data.webhook_delete)

    async def raise_problem(self, api_url: str, token: str, key: str, message: str, *, critical: bool) -> None:
        """Show an App Problem to staff. The same key within a day replaces the words (contracts §1.8)."""
        operation = "app_problem_create"
        given: dict[str, Any] = {"key": key, "message": message, "aggregationPeriod": 24 * 60}
        if critical:
            given["criticalThreshold"] = 1  # without it Saleor takes back that a problem is critical
        data = await self._call(operation, api_url, token, {"input": given}, replies.ProblemCreateData)
        _taken(operation, data.app_problem_create)

    async def dismiss_problem(self, api_url: str, token: str, key: str) -> None:
        """Take this app's problems of a key away."""
        operation = "app_problem_dismiss"
        variables = {"input": {"byApp": {"keys": [key]}}}
        data = await self._call(operation, api_url, token, variables, replies.ProblemDismissData)
        _taken(operation, data.app_problem_dismiss)

    async def _call(
        self,
        operation: str,
        api_url: str,
        token: str,
        variables: Mapping[str, Any],
        shape: type[_T],
        timeout: float = CALL_TIMEOUT,  # noqa: ASYNC109 - passed on to the one exchange
    ) -> _T:
        if not _TOKEN.fullmatch(token):
            raise SaleorError(operation, "the token is not one of Saleor's", code="invalid_token")
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        body = msgspec.json.encode({"query": self._documents[operation], "variables": variables})
        response = await self._send(operation, "POST", api_url, headers, body, timeout)
        return _read(operation, response, shape)

    async def _send(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout: float,  # noqa: ASYNC109 - passed on to the one exchange
    ) -> HttpResponse:
        try:
            return await self._http.request(method, url, headers=headers, body=body, timeout=timeout)
        except TransportError as error:
            raise SaleorError(operation, str(error), code="unreachable", retryable=True) from error


def _taken(operation: str, result: replies.Update | None) -> None:
    if result is None:
        raise SaleorError(operation, "no result", retryable=True)
    if result.errors:
        raise SaleorError(operation, result.errors[0].text, code=result.errors[0].code)


def _read(operation: str, response: HttpResponse, shape: type[_T]) -> _T:
    """The `data` of an answer. An answer with `errors` gives none, because it may be cut anywhere."""
    if response.status not in (_OK, _BAD_REQUEST):
        raise _http_error(operation, response)
    try:
        reply = msgspec.json.decode(response.body, type=replies.Reply)
        if not reply.errors:
            return msgspec.json.decode(reply.data, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SaleorError(operation, "an unreadable answer", code="unreadable", retryable=True) from error
    codes = [error.extensions.exception.code for error in reply.errors]
    final = response.status == _BAD_REQUEST or all(code in _FINAL for code in codes)
    raise SaleorError(operation, reply.errors[0].message[:300], code=codes[0], retryable=not final)


class _Coded(msgspec.Struct, frozen=True):
    code: str = ""


def _code(data: msgspec.Raw) -> str:
    """The `code` of our own answer's data, if there is one."""
    try:
        return msgspec.json.decode(data, type=_Coded).code
    except msgspec.MsgspecError:
        return ""


def _http_error(operation: str, response: HttpResponse) -> SaleorError:
    retryable = response.status >= _SERVER_ERROR or response.status in _TRY_LATER
    status = f"HTTP {response.status}"
    return SaleorError(operation, status, code=f"http_{response.status}", retryable=retryable)
