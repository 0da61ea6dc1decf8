"""Amazon's words without the account's secrets: an error document may repeat what was sent or was to be signed."""

from __future__ import annotations

from collections.abc import Mapping

from saleor_amazonpay.domain.errors import AmazonError

_SECRETS = ("secret_key", "client_secret", "private_key", "mws_auth_token")
_MIN = 4  # shorter texts would blacken words


def scrub(text: str, credentials: Mapping[str, str]) -> str:
    """The text with every secret of the account replaced."""
    for name in _SECRETS:
        secret = credentials.get(name, "")
        for part in (secret, *secret.split("\n")):
            if len(part) >= _MIN and part in text:
                text = text.replace(part, "***")
    return text


def scrubbed(error: AmazonError, credentials: Mapping[str, str]) -> AmazonError:
    """The error itself, if its words hold no secret; else the same without them."""
    message, code = scrub(error.message, credentials), scrub(error.code, credentials)
    if (message, code) == (error.message, error.code):
        return error
    return type(error)(error.operation, code, message, http_status=error.http_status, request_id=error.request_id)
