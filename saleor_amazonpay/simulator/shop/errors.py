"""How Saleor says no: in a mutation's own `errors`, or to the whole request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MutationError:
    """One entry of a mutation's `errors`; `code` is of that mutation's own enum."""

    field: str | None
    code: str
    message: str


class RefusedError(Exception):
    """A mutation that did nothing but say why."""

    def __init__(self, field: str | None, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.errors = (MutationError(field, code, message),)


class RequestError(Exception):
    """The whole request is refused with a top-level error; `code` is the class of Saleor's exception."""

    def __init__(self, message: str, code: str = "GraphQLError") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def permission_denied(*needed: str) -> RequestError:
    """The requestor may not do this."""
    need = ", ".join(needed)
    return RequestError(f"To access this path, you need one of the following permissions: {need}", "PermissionDenied")


def server_error(cause: str) -> RequestError:
    """Saleor itself broke; the API hides why, `cause` is for the reader of a test."""
    return RequestError(f"Internal Server Error ({cause})", "InternalServerError")
