"""The JSON of Saleor's API as it arrives: one struct per operation in `graphql/saleor/`, amounts exact."""

from __future__ import annotations

import msgspec

from saleor_amazonpay.saleor.shapes import Amount, Aware, Event, Id, MoneyShape, Permission, Ref, Shape


class ExceptionCode(Shape, frozen=True):
    """The class of Saleor's exception."""

    code: str = ""


class Extensions(Shape, frozen=True):
    """Where Saleor puts the class of an exception."""

    exception: ExceptionCode = ExceptionCode()


class GraphqlError(Shape, frozen=True):
    """An entry of the top-level `errors`."""

    message: str = ""
    extensions: Extensions = Extensions()


class Reply(Shape, frozen=True):
    """Any answer of the API; the shape of `data` depends on the operation."""

    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[GraphqlError] | None = None


class MutationError(Shape, frozen=True):
    """An entry of a mutation's own `errors`."""

    code: str
    field: str | None = None
    message: str | None = None

    @property
    def text(self) -> str:
        """Field and message in one line."""
        return f"{self.field}: {self.message}" if self.field else self.message or self.code


class App(Shape, frozen=True):
    """The calling app."""

    id: Id
    identifier: str | None = None


class AppData(Shape, frozen=True):
    """`app.graphql`."""

    app: App | None = None


class EventReport(Shape, frozen=True):
    """The result of a report."""

    errors: list[MutationError]
    already_processed: bool | None = None


class ReportData(Shape, frozen=True):
    """`transaction_event_report.graphql`."""

    transaction_event_report: EventReport | None = None


class Update(Shape, frozen=True):
    """The result of an update."""

    errors: list[MutationError]


class Heard(Shape, frozen=True):
    """What Saleor has heard of a transaction: its psp reference is empty until an answer or report arrived."""

    psp_reference: str


class TransactionUpdated(Update, frozen=True):
    """The result of an update of a transaction."""

    transaction: Heard | None = None


class UpdateData(Shape, frozen=True):
    """`transaction_update.graphql`."""

    transaction_update: TransactionUpdated | None = None


class ProblemCreateData(Shape, frozen=True):
    """`app_problem_create.graphql`."""

    app_problem_create: Update | None = None


class ProblemDismissData(Shape, frozen=True):
    """`app_problem_dismiss.graphql`."""

    app_problem_dismiss: Update | None = None


class Sibling(Shape, frozen=True):
    """What any transaction of an order or checkout holds."""

    id: Id
    authorized_amount: Amount
    authorize_pending_amount: Amount
    charged_amount: Amount
    charge_pending_amount: Amount


class Gross(Shape, frozen=True):
    """Saleor's TaxedMoney."""

    gross: Amount


class Order(Shape, frozen=True):
    """The order a transaction pays for."""

    id: Id
    total: Gross
    transactions: list[Sibling]


class Checkout(Shape, frozen=True):
    """The checkout a transaction pays for; `transactions` is nullable there."""

    id: Id
    total_price: Gross
    transactions: list[Sibling] | None = None


class Transaction(Shape, frozen=True):
    """`transaction.graphql`: one transaction, whole."""

    id: Id
    psp_reference: str
    authorized_amount: MoneyShape
    authorize_pending_amount: Amount
    charged_amount: Amount
    charge_pending_amount: Amount
    refunded_amount: Amount
    refund_pending_amount: Amount
    canceled_amount: Amount
    cancel_pending_amount: Amount
    events: list[Event]
    order: Order | None = None
    checkout: Checkout | None = None


class TransactionData(Shape, frozen=True):
    """`transaction.graphql`."""

    transaction: Transaction | None = None


class WebhookEvent(Shape, frozen=True):
    """One event of a webhook."""

    event_type: str


class Webhook(Shape, frozen=True):
    """One of the app's webhooks."""

    id: Id
    target_url: str
    sync_events: list[WebhookEvent]
    async_events: list[WebhookEvent]
    subscription_query: str | None = None


class OwnApp(Shape, frozen=True):
    """The calling app as it is installed; both lists are nullable in Saleor's schema."""

    permissions: list[Permission] | None = None
    webhooks: list[Webhook] | None = None


class Shop(Shape, frozen=True):
    """Which Saleor it is."""

    schema_version: str


class AppWebhooksData(Shape, frozen=True):
    """`app_webhooks.graphql`."""

    shop: Shop
    app: OwnApp | None = None


class WebhookCreateData(Shape, frozen=True):
    """`webhook_create.graphql`."""

    webhook_create: Update | None = None


class WebhookUpdateData(Shape, frozen=True):
    """`webhook_update.graphql`."""

    webhook_update: Update | None = None


class WebhookDeleteData(Shape, frozen=True):
    """`webhook_delete.graphql`."""

    webhook_delete: Update | None = None


class GrossMoney(Shape, frozen=True):
    """Saleor's TaxedMoney with its currency."""

    gross: MoneyShape


class OrderLine(Shape, frozen=True):
    """One line of an order."""

    id: Id
    quantity: int
    total_price: GrossMoney


class FulfillmentLine(Shape, frozen=True):
    """How many of a line are in a fulfillment."""

    quantity: int
    order_line: Ref | None = None


class Fulfillment(Shape, frozen=True):
    """One fulfillment of an order."""

    id: Id
    status: str
    created: Aware
    lines: list[FulfillmentLine] | None = None


class WholeOrder(Shape, frozen=True):
    """`order.graphql`: what a payment has to follow of an order."""

    id: Id
    status: str
    total: GrossMoney
    lines: list[OrderLine]
    fulfillments: list[Fulfillment]
    transactions: list[Ref]


class OrderData(Shape, frozen=True):
    """`order.graphql`."""

    order: WholeOrder | None = None


class Channel(Shape, frozen=True):
    """A channel of the shop."""

    id: Id
    slug: str
    name: str
    currency_code: str
    is_active: bool


class ChannelsData(Shape, frozen=True):
    """`channels.graphql`; null for callers who may not see them."""

    channels: list[Channel] | None = None


class TransactionId(Shape, frozen=True):
    """A transaction, by its id alone."""

    id: Id


class OrderTransactions(Shape, frozen=True):
    """An order and which transactions pay for it."""

    id: Id
    transactions: list[TransactionId]


class OrderTransactionsData(Shape, frozen=True):
    """`order_transactions.graphql`."""

    order: OrderTransactions | None = None


class PermissionCode(Shape, frozen=True):
    """A permission; any string, since new ones appear with new versions of Saleor."""

    code: str


class CallerApp(Shape, frozen=True):
    """The app that a token belongs to."""

    id: Id
    identifier: str | None = None
    permissions: list[PermissionCode] | None = None


class CallerAppData(Shape, frozen=True):
    """`caller_app.graphql`."""

    app: CallerApp | None = None


class CallerUser(Shape, frozen=True):
    """The user that a token belongs to."""

    id: Id
    email: str
    is_staff: bool
    user_permissions: list[PermissionCode] | None = None


class CallerUserData(Shape, frozen=True):
    """`caller_user.graphql`."""

    me: CallerUser | None = None


class InitializedEvent(Shape, frozen=True):
    """What Saleor made of our answer to a session that we began ourselves."""

    type: str | None = None
    message: str | None = None


class Initialize(Shape, frozen=True):
    """`transactionInitialize`."""

    errors: list[MutationError]
    transaction: TransactionId | None = None
    transaction_event: InitializedEvent | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class InitializeData(Shape, frozen=True):
    """`transaction_initialize.graphql`."""

    transaction_initialize: Initialize | None = None
