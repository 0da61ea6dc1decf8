"""What Saleor is told of an operation, or of a request that became none: the one place where answers are worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saleor_amazonpay.domain.balance import available_actions
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import action_result, session_result
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.ledger import final_events
from saleor_amazonpay.flows.session_codes import mendable
from saleor_amazonpay.flows.wording import for_staff, sentence, with_service, with_support
from saleor_amazonpay.saleor import answers
from saleor_amazonpay.saleor.events import Action, EventType
from saleor_amazonpay.saleor.session_answer import SessionAnswer


def session_answer(
    operation: Operation,
    profile: Profile,
    siblings: Sequence[Operation],
    *,
    repairable: bool,
    page: str = "",
    object_id: str = "",
) -> bytes:
    """The answer to a session event from the operation as it stands.

    `object_id` is what Amazon's widgets have to be shown for, should the buyer have to see them.
    """
    result = EventType(
        session_result(operation.kind, operation.phase, operation.effect, told=operation.told, may_repair=repairable)
    )
    waits = result.value.endswith("ACTION_REQUIRED")
    # What was reported of a final operation and what a repeated request is answered is the same event.
    reference = final_events(operation)[-1][1] if operation.final else operation.psp_reference
    code = session_code(operation)
    text = sentence(code)
    data = SessionAnswer(
        code=code,
        message=text,
        attempt=operation.attempt + (1 if waits else 0),
        retry=operation.retry if operation.failed else "",
        support=profile.support if operation.failed else {},
        amazon_object_id=object_id if waits else "",
    )
    if operation.failed:
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
    """The code of a session's `data`: paid, authorized, agreed, pending, or why not."""
    if operation.phase is Phase.DONE and operation.kind is Kind.AGREEMENT:
        return "agreed"
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
    object_id: str = "",
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """The answer to a session event that became no operation: the next step, or a failure with its own reference."""
    word = "CHARGE" if kind is Kind.CHARGE else "AUTHORIZATION"
    waits = mendable(code) and requested is not None
    text = sentence(code, detail)
    support = profile.support if profile is not None else {}
    extra = extra or {}
    data = SessionAnswer(
        code=code,
        message=text,
        attempt=attempt,
        support=support,
        amazon_object_id=object_id if waits else "",
        amazon_pay_redirect_url=extra.get("amazonPayRedirectUrl", ""),
        amazon_pay_wallet_url=extra.get("amazonPayWalletUrl", ""),
    )
    return answers.session(
        EventType(f"{word}_{'ACTION_REQUIRED' if waits else 'FAILURE'}"),
        psp_reference=None if waits else psp_reference,
        requested=requested,
        data=data,
        message=with_support(text, support),
    )


def action_answer(
    operation: Operation, siblings: Sequence[Operation], page: str = "", profile: Profile | None = None
) -> bytes:
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
        message=_failure_for_staff(operation, profile) if failed else _outcome_for_staff(operation),
        actions=[Action(name) for name in available_actions(siblings)],
        external_url=page,
    )


def _failure_for_staff(operation: Operation, profile: Profile | None) -> str:
    return with_service(for_staff(operation.code, operation.message), profile.support if profile is not None else {})


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
        message=for_staff(code),
        actions=None if siblings is None else [Action(name) for name in available_actions(siblings)],
    )
