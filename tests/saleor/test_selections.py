"""Our subscriptions select exactly what our structs read: nothing is missing, and nobody sends us more."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from graphql import parse
from graphql.language import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode

from saleor_amazonpay import resources
from saleor_amazonpay.saleor import replies, shapes

DOCUMENTS: dict[str, type[msgspec.Struct]] = {
    "payment_gateway_initialize_session": shapes.GatewayPayload,
    "transaction_initialize_session": shapes.SessionPayload,
    "transaction_process_session": shapes.SessionPayload,
    "transaction_charge_requested": shapes.ActionPayload,
    "transaction_refund_requested": shapes.ActionPayload,
    "transaction_cancelation_requested": shapes.ActionPayload,
    "list_stored_payment_methods": shapes.ListPayload,
    "stored_payment_method_delete_requested": shapes.DeletePayload,
    "payment_gateway_initialize_tokenization_session": shapes.PreparePayload,
    "payment_method_initialize_tokenization_session": shapes.TokenizePayload,
    "payment_method_process_tokenization_session": shapes.GoOnPayload,
    "app_deleted": shapes.AppPayload,
    "app_updated": shapes.AppPayload,
    "order_cancelled": shapes.OrderPayload,
    "fulfillment_created": shapes.FulfillmentPayload,
    "fulfillment_approved": shapes.FulfillmentPayload,
    "app_webhooks": replies.AppWebhooksData,
    "order": replies.OrderData,
    "webhook_create": replies.WebhookCreateData,
    "webhook_update": replies.WebhookUpdateData,
    "webhook_delete": replies.WebhookDeleteData,
    "app": replies.AppData,
    "transaction": replies.TransactionData,
    "transaction_event_report": replies.ReportData,
    "transaction_update": replies.UpdateData,
    "app_problem_create": replies.ProblemCreateData,
    "app_problem_dismiss": replies.ProblemDismissData,
    "channels": replies.ChannelsData,
    "order_transactions": replies.OrderTransactionsData,
    "caller_app": replies.CallerAppData,
    "caller_user": replies.CallerUserData,
    "transaction_initialize": replies.InitializeData,
}

# One struct reads both of its events; these keys are only in one of them.
ONE_SIDED = {
    "transaction_process_session": {"idempotencyKey"},
    "transaction_charge_requested": {"grantedRefund"},
    "transaction_cancelation_requested": {"grantedRefund"},
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_selects_exactly_what_its_struct_reads(name: str) -> None:
    (definition,) = parse(resources.read(f"graphql/saleor/{name}.graphql")).definitions
    assert isinstance(definition, OperationDefinitionNode)
    selection = definition.selection_set
    if definition.operation.value == "subscription":
        (root,) = selection.selections
        assert isinstance(root, FieldNode)
        assert root.selection_set is not None
        selection = root.selection_set
    struct = keys(DOCUMENTS[name])
    for key in ONE_SIDED.get(name, ()):
        del struct[key]
    assert selected(selection) == struct


def selected(selection: SelectionSetNode | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in selection.selections if selection is not None else ():
        if isinstance(node, FieldNode):
            found[node.name.value] = selected(node.selection_set)
        elif isinstance(node, InlineFragmentNode):
            for name, inner in selected(node.selection_set).items():
                found[name] = found.get(name, {}) | inner
    return found


def keys(kind: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {
        field.encode_name: keys(inner) if (inner := struct_in(hints[field.name])) else {}
        for field in msgspec.structs.fields(kind)
    }


def struct_in(hint: Any) -> type[msgspec.Struct] | None:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next((found for part in get_args(hint) if (found := struct_in(part))), None)
