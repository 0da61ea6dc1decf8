"""`rotate-keys` from a shell."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from typer.testing import CliRunner

from saleor_amazonpay.cli import app
from saleor_amazonpay.store import tenants
from saleor_amazonpay.store.migrate import upgrade
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.store import Store

OLD, NEW = b"1" * 32, b"2" * 32


async def kept(url: str) -> None:
    """A shop whose token was sealed when there was one key."""
    store = Store.open(url, Sealer({"k1": OLD}))
    upgrade(store.engine)
    register = lambda tx: tenants.register(tx, store.sealer, "t", "https://x/graphql/", "app", "token-1", "{}", 1)  # noqa: E731
    await store.write(register)
    store.close()


def written(**keys: bytes) -> str:
    return ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in keys.items())


def test_it_says_which_keys_may_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    asyncio.run(kept(url))
    monkeypatch.setenv("AMAZONPAY_DATABASE_URL", url)
    monkeypatch.setenv("AMAZONPAY_SECRET_KEYS", written(k2=NEW, k1=OLD))
    result = CliRunner().invoke(app, ["rotate-keys"])
    said = " ".join(result.output.split())
    assert result.exit_code == 0, said
    assert "1 secrets sealed again with the key 'k2', 0 were already." in said
    assert "'k1' may be removed" in said


def test_a_key_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    asyncio.run(kept(url))
    monkeypatch.setenv("AMAZONPAY_DATABASE_URL", url)
    monkeypatch.setenv("AMAZONPAY_SECRET_KEYS", written(k2=NEW))
    result = CliRunner().invoke(app, ["rotate-keys"])
    said = " ".join(result.output.split())
    assert result.exit_code == 1
    assert "tenants t, token: the key 'k1' is not in AMAZONPAY_SECRET_KEYS" in said
    assert "may be removed" not in said
