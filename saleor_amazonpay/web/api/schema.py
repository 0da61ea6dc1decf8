"""The schema: a Federation v2 subgraph with limits on what one request may ask for.

The rules of the limits are made once: a rule class made for each request would defeat the cache of validated
documents.
"""

from __future__ import annotations

from graphql import GraphQLError
from graphql.validation import ASTValidationRule
from strawberry import federation
from strawberry.extensions import (
    AddValidationRules,
    MaskErrors,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    ParserCache,
    QueryDepthLimiter,
    SchemaExtension,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from saleor_amazonpay.web.api.common import SCALARS
from saleor_amazonpay.web.api.context import Context
from saleor_amazonpay.web.api.mutations import Mutation
from saleor_amazonpay.web.api.payment_types import OrderType, UserType
from saleor_amazonpay.web.api.queries import Query

MAX_DEPTH = 12  # the standard introspection query has 11 levels
MAX_ALIASES = 20
MAX_TOKENS = 2000
_CACHED = 256  # documents; each is at most MAX_TOKENS long

_LIMITS: list[type[ASTValidationRule]] = [
    *QueryDepthLimiter(max_depth=MAX_DEPTH).validation_rules,
    *MaxAliasesLimiter(max_alias_count=MAX_ALIASES).validation_rules,
]


class _Schema(federation.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log what went wrong here; what was refused is the caller's affair."""
        context = execution_context.context if execution_context is not None else None
        for error in errors:
            if is_internal(error) and isinstance(context, Context):
                path = ".".join(str(part) for part in error.path or ())
                context.deps.log.error("graphql failed", path=path, exc_info=error.original_error)


def is_internal(error: GraphQLError) -> bool:
    """Whether an error is ours and must not be shown: everything but what was raised as a GraphQL error."""
    original = error.original_error
    return original is not None and not isinstance(original, GraphQLError)


def _mask() -> SchemaExtension:
    return MaskErrors(
        should_mask_error=is_internal, error_message="Something went wrong in the payment app; nothing is shown of it."
    )


def make_schema() -> federation.Schema:
    """The schema, with its caches. One per process."""
    return _Schema(
        Query,
        mutation=Mutation,
        types=[OrderType, UserType],
        federation_version="2.3",  # the oldest with all that is used: every gateway takes it
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[
            lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
            lambda: ParserCache(maxsize=_CACHED),
            lambda: ValidationCache(maxsize=_CACHED),
            lambda: AddValidationRules(_LIMITS),
            _mask,
        ],
    )


def sdl() -> str:
    """The schema as it is published in `graphql/app.graphql`."""
    return make_schema().as_str() + "\n"
