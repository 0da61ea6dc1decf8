"""Keys are changed without a secret lost: what an older key sealed is sealed again, and what does not open is named."""

from __future__ import annotations

import pytest

from saleor_amazonpay.store import profiles, tenants
from saleor_amazonpay.store.rotation import rotate
from saleor_amazonpay.store.sealed import Sealer, UnsealError
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.store import Store
from tests.samples import profile
from tests.store.conftest import KEYS

pytestmark = pytest.mark.anyio
SECRETS = {"secret_key": "top secret", "client_secret": "lwa secret"}
SHOP = "https://x/graphql/"
OLD, NEW = Sealer({"k1": KEYS["k1"]}), Sealer({"k2": KEYS["k2"]})


def filled(sealer: Sealer, tx: Tx) -> str:
    profiles.insert(tx, sealer, profile(), SECRETS, 1)
    return tenants.register(tx, sealer, "t", SHOP, "app", "token-1", "{}", 1)


def secrets(sealer: Sealer, tx: Tx) -> tuple[dict[str, str], str]:
    tenant = tenants.by_url(tx, sealer, SHOP)
    assert tenant is not None
    return profiles.secrets(tx, sealer, profile().id), tenant.token


async def test_afterwards_the_newest_key_alone_opens_everything(store: Store) -> None:
    await store.write(lambda tx: filled(OLD, tx))
    done = await store.write(lambda tx: rotate(tx, store.sealer))
    assert (done.sealed, done.fresh, done.unreadable) == (3, 0, ())
    assert await store.read(lambda tx: secrets(NEW, tx)) == (SECRETS, "token-1")
    with pytest.raises(UnsealError):
        await store.read(lambda tx: secrets(OLD, tx))


async def test_once_more_changes_nothing(store: Store) -> None:
    await store.write(lambda tx: filled(OLD, tx))
    await store.write(lambda tx: rotate(tx, store.sealer))
    done = await store.write(lambda tx: rotate(tx, store.sealer))
    assert (done.sealed, done.fresh, done.unreadable) == (0, 3, ())


async def test_what_does_not_open_is_named_and_left_as_it_is(store: Store) -> None:
    await store.write(lambda tx: filled(Sealer({"lost": b"0" * 32}), tx))
    done = await store.write(lambda tx: rotate(tx, store.sealer))
    assert (done.sealed, done.fresh, len(done.unreadable)) == (0, 0, 3)
    assert all("'lost'" in why and "secret" not in why.partition(":")[2] for why in done.unreadable)
    assert await store.read(lambda tx: secrets(Sealer({"lost": b"0" * 32}), tx)) == (SECRETS, "token-1")
