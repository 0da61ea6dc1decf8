"""The root fields with which an app looks after its own webhooks (contracts §1.7).

Before 3.23 a webhook had no identifier: an older shop refuses one, as it refuses any field it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from saleor_amazonpay.simulator.shop import webhooks
from saleor_amazonpay.simulator.shop.arguments import Arguments
from saleor_amazonpay.simulator.shop.errors import RefusedError
from saleor_amazonpay.simulator.shop.people import Webhook
from saleor_amazonpay.simulator.shop.roots import Caller, Root, record, root

_IDENTIFIERS_SINCE = (3, 23)


def _input(caller: Caller, arguments: Arguments) -> Arguments:
    knows_identifiers = caller.shop.schema_version >= _IDENTIFIERS_SINCE
    return arguments.inner("input", [name for name in webhooks.INPUT if name != "identifier" or knows_identifiers])


def _answer(typename: str, act: Callable[[], Webhook]) -> Any:
    try:
        return record(typename, (), "WebhookError", webhook=act())
    except RefusedError as refused:
        return record(typename, refused.errors, "WebhookError", webhook=None)


async def _create(caller: Caller, arguments: Arguments) -> Any:
    app, given = caller.app(), _input(caller, arguments)
    return _answer("WebhookCreate", lambda: webhooks.create(caller.shop.world, app, given))


async def _update(caller: Caller, arguments: Arguments) -> Any:
    app, given = caller.app(), _input(caller, arguments)
    return _answer("WebhookUpdate", lambda: webhooks.update(app, arguments.required("id"), given))


async def _delete(caller: Caller, arguments: Arguments) -> Any:
    app = caller.app()
    return _answer("WebhookDelete", lambda: webhooks.delete(app, arguments.required("id")))


MUTATIONS: Mapping[str, Root] = {
    "webhookCreate": root(_create, "input"),
    "webhookUpdate": root(_update, "id input"),
    "webhookDelete": root(_delete, "id"),
}
