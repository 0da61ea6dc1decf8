"""Who may see and change what. One table's worth of needs; `docs/api.md` prints it, and a test holds both together.

Every root field, and every field by which one area leads to another, is declared with `guarded`; a test walks the
schema and finds none without a need. What is not guarded is reached only through something that is.

Staff are judged by all their own permissions (`user_permissions`), apps by theirs. Saleor gives no app MANAGE_APPS any
more, so that settings are changed by people and on the command line, never by another app.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension

from saleor_amazonpay.saleor.views import CallerView
from saleor_amazonpay.web.api.context import Context

HANDLE_PAYMENTS = "HANDLE_PAYMENTS"
MANAGE_APPS = "MANAGE_APPS"


class Need(Enum):
    """What a caller must hold: one of these permissions. An empty list is any member of staff, or any app."""

    ANYBODY_INSIDE = ()
    SEE_SETTINGS = (HANDLE_PAYMENTS, MANAGE_APPS)
    CHANGE_SETTINGS = (MANAGE_APPS,)
    SEE_PAYMENTS = (HANDLE_PAYMENTS,)
    ACT_ON_PAYMENTS = (HANDLE_PAYMENTS, None)  # the same permission; another value, so that both keep their names

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions, of which one is enough."""
        return tuple(name for name in self.value if name)

    def met_by(self, caller: CallerView) -> bool:
        """Whether a caller holds what is needed."""
        return not self.permissions or any(name in caller.permissions for name in self.permissions)


class Guard(FieldExtension):
    """Lets a field be resolved only for callers who meet its need."""

    def __init__(self, need: Need) -> None:
        self.need = need

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any) -> Any:
        """Refuse, or go on."""
        require(info.context, self.need)
        result: Any = next_(source, info, **kwargs)
        return await result if isawaitable(result) else result


def require(context: Context, need: Need) -> None:
    """Raise GraphQLError unless the caller meets the need."""
    if context.caller_ is None:
        refusal = context.refusal
        code = refusal.code if refusal is not None else "unauthenticated"
        message = refusal.message if refusal is not None else "Send a token of the Dashboard's, or of Saleor's."
        raise GraphQLError(message, extensions={"code": code.upper()})
    if not need.met_by(context.caller_):
        names = " or ".join(need.permissions)
        raise GraphQLError(f"To access this, {names} is needed.", extensions={"code": "PERMISSION_DENIED"})


def shown(resolver: Callable[..., Any]) -> Any:
    """A field of a type that is reached through a guarded one; its docstring is its description."""
    return strawberry.field(resolver, description=resolver.__doc__)


def guarded(need: Need, description: str) -> Callable[[Callable[..., Any]], Any]:
    """A field with a need."""
    field: Callable[[Callable[..., Any]], Any] = strawberry.field(extensions=[Guard(need)], description=description)
    return field


def guarded_mutation(need: Need, description: str) -> Callable[[Callable[..., Any]], Any]:
    """A mutation with a need."""
    field: Callable[[Callable[..., Any]], Any] = strawberry.mutation(extensions=[Guard(need)], description=description)
    return field
