"""What Saleor is told of an operation, or of a request that became none: the one place where answers are worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saleor_amazonpay.domain.balance import available_actions
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import action_result, session_result
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.ledger import final_events
from saleor_amazonpay.flows.wording import for_staff, sentence, with_support
from saleor_amazonpay.saleor import answers
from saleor_amazonpay.saleor.events import Action, EventType

# What was refused before any operation existed, but the buyer or the shop can mend within the same transaction.
_REPAIRABLE = frozenset(
    {
        "data_invalid", "agreement_required", "access_token_required", "access_token_invalid", "agreement_unknown",
        "consent_missing", "payment_method", "buyer_is_seller",
        "agreement_ended", "agreement_draft", "authentication", "constraint", "payment_in_progress", "retry",
        "choose_again", "amazon_redirect", "buyer_canceled", "session_canceled", "session_declined", "session_expired",
        "session_sign_in", "session_used", "recurring_amount_missing", "address_missing", "agreement_status",
    }
)  # fmt: skip


def session_answer(
    operation: Operation, profile: Profile, siblings: Sequence[Operation], *, repairable: bool, page: str = ""
) -> bytes:
    """The answer to a session event from the operation as it stands."""
    result = EventType(
        session_result(operation.kind, operation.phase, operation.effect, told=operation.told, may_repair=repairable)
    )
    waits = result.value.endswith("ACTION_REQUIRED")
    # What was reported of a final operation and what a repeated request is answered is the same event.
    reference = final_events(operation)[-1][1] if operation.final else operation.psp_reference
    code = session_code(operation)
    text = sentence(code)
    data: dict[str, object] = {"code": code, "message": text, "attempt": operation.attempt + (1 if waits else 0)}
    if operation.failed:
        data["retry"] = operation.retry
        data["support"] = profile.support
        text = with_support(text, profile.support)
    return answers.session(
        result,
        psp_reference=None if waits else reference,
        requested=operation.money,
        data=data,
        message=text,
        actions=[Action(name) for name in available_actions(siblings)],
        external_url=page,
    )


def session_code(operation: Operation) -> str:
    """The code of a session's `data`: paid, authorized, pending, or why not."""
    if operation.phase is Phase.DONE:
        return "paid" if operation.paid else "authorized"
    return operation.code if operation.failed else "pending"


def session_refusal(
    kind: Kind,
    code: str,
    *,
    requested: Money | None,
    psp_reference: str,
    attempt: int = 1,
    profile: Profile | None = None,
    detail: str = "",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """The answer to a session event that became no operation: the next step, or a failure with its own reference."""
    word = "CHARGE" if kind is Kind.CHARGE else "AUTHORIZATION"
    waits = code in _REPAIRABLE and requested is not None
    text = sentence(code, detail)
    support = profile.support if profile is not None else {}
    data: dict[str, object] = {"code": code, "message": text, "attempt": attempt, **(more or {})}
    if support:
        data["support"] = support
    return answers.session(
        EventType(f"{word}_{'ACTION_REQUIRED' if waits else 'FAILURE'}"),
        psp_reference=None if waits else psp_reference,
        requested=requested,
        data=data,
        message=with_support(text, support),
    )


def action_answer(operation: Operation, siblings: Sequence[Operation], page: str = "") -> bytes:
    """The answer to a charge, refund or cancel from the operation as it stands."""
    result = action_result(operation.kind, operation.phase, operation.effect)
    if result is None:
        return answers.action_pending(operation.psp_reference)
    failed = result.endswith("FAILURE")
    return answers.action(
        EventType(result),
        psp_reference=operation.psp_reference,
        requested=operation.money,
        amount=operation.result if not failed else None,
        message=_outcome_for_staff(operation) if not failed else for_staff(operation.code, operation.message),
        actions=[Action(name) for name in available_actions(siblings)],
        external_url=page,
    )


def _outcome_for_staff(operation: Operation) -> str:
    if operation.result == operation.money:
        return sentence("ok")
    return f"Only {operation.result} of {operation.money} succeeded. Request the rest again."


def action_refusal(
    kind: str,
    code: str,
    *,
    psp_reference: str,
    requested: Money | None,
    siblings: Sequence[Operation] | None = None,
) -> bytes:
    """The answer to an action that became no operation: nothing happened, with a reference of its own."""
    return answers.action(
        EventType(f"{kind.upper()}_FAILURE"),
        psp_reference=psp_reference,
        requested=requested,
        message=sentence(code),
        actions=None if siblings is None else [Action(name) for name in available_actions(siblings)],
    )
