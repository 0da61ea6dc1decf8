"""Profiles, tenants and secrets: what is stored comes back, and secrets open only at their place."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.store import agreements, profiles, routes, tenants
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sealed import Sealer, UnsealError
from saleor_amazonpay.store.store import Store
from tests.samples import profile

SECRETS = {"secret_key": "top secret", "client_secret": "lwa secret"}


@pytest.mark.anyio
async def test_a_profile_comes_back_whole_and_its_secrets_apart(store: Store) -> None:
    written = profile()
    await store.write(lambda tx: profiles.insert(tx, store.sealer, written, SECRETS, 1))
    assert await store.read(profiles.all_profiles) == [written]
    assert await store.read(lambda tx: profiles.secrets(tx, store.sealer, written.id)) == SECRETS


@pytest.mark.anyio
async def test_no_secret_stands_in_the_database_in_plain(store: Store) -> None:
    await store.write(lambda tx: profiles.insert(tx, store.sealer, profile(), SECRETS, 1))
    register = lambda tx: tenants.register(tx, store.sealer, "t", "https://x/graphql/", "app", "token-1", "{}", 1)  # noqa: E731
    await store.write(register)
    with store.engine.connect() as connection:
        dumped = repr(connection.execute(sa.text("SELECT * FROM profiles")).all())
        dumped += repr(connection.execute(sa.text("SELECT * FROM tenants")).all())
    for secret in (*SECRETS.values(), "token-1"):
        assert secret not in dumped


@pytest.mark.anyio
async def test_reinstalling_keeps_the_tenant_and_replaces_app_and_token(store: Store) -> None:
    def register(app: str, token: str, new_id: str) -> object:
        return lambda tx: tenants.register(tx, store.sealer, new_id, "https://x/graphql/", app, token, "{}", 1)

    first = await store.write(register("app-1", "token-1", "a"))
    assert await store.write(lambda tx: tenants.remove(tx, "a", "app-1", 2))
    removed = await store.read(lambda tx: tenants.by_url(tx, store.sealer, "https://x/graphql/"))
    assert removed is not None
    assert (removed.removed_at, removed.token) == (2, "")
    second = await store.write(register("app-2", "token-2", "b"))
    tenant = await store.read(lambda tx: tenants.by_url(tx, store.sealer, "https://x/graphql/"))
    assert (first, second) == ("a", "a")
    assert tenant is not None
    assert (tenant.app_id, tenant.token, tenant.removed_at) == ("app-2", "token-2", 0)
    assert not await store.write(lambda tx: tenants.remove(tx, "a", "app-1", 3)), "a late notice of the first app"


@pytest.mark.anyio
async def test_an_agreement_belongs_to_whoever_bound_it_first(store: Store) -> None:
    mine = Agreement("1", "t1", "p", "S:live", "B01", AgreementState.DRAFT, "", True, "buyer", "", "checkout")
    theirs = Agreement("2", "t2", "q", "S:live", "B01", AgreementState.DRAFT, "", True, "thief", "", "other")
    assert await store.write(lambda tx: agreements.bind(tx, mine, 1)) == mine
    assert await store.write(lambda tx: agreements.bind(tx, theirs, 2)) == mine
    assert await store.read(lambda tx: agreements.of_tenant(tx, "t2", "B01")) is None
    await store.write(lambda tx: agreements.update(tx, "1", AgreementState.OPEN, "", 3))
    found = await store.read(lambda tx: agreements.of_tenant(tx, "t1", "B01"))
    assert found is not None
    assert found.state is AgreementState.OPEN


@pytest.mark.anyio
async def test_a_route_is_remembered_for_a_day(store: Store) -> None:
    await store.write(lambda tx: routes.remember(tx, "t", "checkout", "p1", 1000))
    await store.write(lambda tx: routes.remember(tx, "t", "checkout", "p2", 2000))
    assert await store.read(lambda tx: routes.chosen(tx, "t", "checkout", 3000)) == "p2"
    assert await store.read(lambda tx: routes.chosen(tx, "t", "checkout", 2000 + routes.DAY_MS)) is None
    assert await store.read(lambda tx: routes.chosen(tx, "other", "checkout", 3000)) is None


@pytest.mark.anyio
async def test_assignments_come_highest_priority_first(store: Store) -> None:
    for name, priority in (("low", 1), ("high", 9)):
        assignment = Assignment("t", "default-channel", name, priority, 1)
        await store.write(lambda tx, a=assignment: profiles.assign(tx, a))
    assert [a.profile_id for a in await store.read(profiles.all_assignments)] == ["high", "low"]


def test_a_sealed_secret_opens_only_at_its_place() -> None:
    sealer = Sealer({"k1": b"1" * 32})
    sealed = sealer.seal("secret", "profiles", "p1", "secret_key")
    assert sealer.open(sealed, "profiles", "p1", "secret_key") == "secret"
    for place in (("profiles", "p2", "secret_key"), ("profiles", "p1", "client_secret")):
        with pytest.raises(UnsealError):
            sealer.open(sealed, *place)
    with pytest.raises(UnsealError):
        sealer.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "profiles", "p1", "secret_key")


def test_keys_rotate_without_losing_what_was_sealed() -> None:
    old = Sealer({"k1": b"1" * 32})
    sealed = old.seal("secret", "here")
    new = Sealer({"k2": b"2" * 32, "k1": b"1" * 32})
    assert new.open(sealed, "here") == "secret"
    assert new.stale(sealed)
    assert not new.stale(new.seal("secret", "here"))
    with pytest.raises(UnsealError, match="k1"):
        Sealer({"k2": b"2" * 32}).open(sealed, "here")


@pytest.mark.anyio
async def test_a_session_becomes_its_agreement_once_and_never_somebody_elses(store: Store) -> None:
    def bound(key: str, amazon_id: str) -> Agreement:
        return Agreement(key, "t", "p", "S:live", amazon_id, AgreementState.DRAFT, "", True, "buyer", "", "checkout")

    for key, amazon_id in (("1", "session-1"), ("2", "session-2")):
        made = bound(key, amazon_id)
        await store.write(lambda tx, made=made: agreements.bind(tx, made, 1))
    for _ in range(2):
        await store.write(lambda tx: agreements.becomes(tx, "1", "B01", 2))
    found = await store.read(lambda tx: agreements.of_tenant(tx, "t", "B01"))
    assert found is not None
    assert (found.id, found.state) == ("1", AgreementState.OPEN)
    await store.write(lambda tx: agreements.update(tx, "1", AgreementState.CLOSED, "gone", 3))
    await store.write(lambda tx: agreements.becomes(tx, "1", "B01", 4))
    again = await store.read(lambda tx: agreements.by_id(tx, "1"))
    assert again is not None
    assert again.state is AgreementState.CLOSED, "a later charge does not open it again"
    await store.write(lambda tx: agreements.becomes(tx, "2", "B01", 5))
    other = await store.read(lambda tx: agreements.by_id(tx, "2"))
    assert other is not None
    assert other.amazon_id == "session-2"
    assert {each.id for each in await store.read(lambda tx: agreements.of_profile(tx, "p"))} == {"1", "2"}


@pytest.mark.anyio
async def test_a_profile_is_switched_by_one_of_those_who_try(store: Store) -> None:
    old = profile(wire="mws")
    await store.write(lambda tx: profiles.insert(tx, store.sealer, old, SECRETS, 1))
    await store.write(lambda tx: profiles.keep_private_key(tx, store.sealer, old.id, "PEM", 2))
    won = [
        await store.write(lambda tx: profiles.switch(tx, old.id, "mws", "v2", "LIVE-1", "store-1", 3)) for _ in range(2)
    ]
    assert won == [True, False]
    (now,) = await store.read(profiles.all_profiles)
    assert (now.wire, now.public_key_id, now.store_id, now.version) == ("v2", "LIVE-1", "store-1", old.version + 2)
    secrets = await store.read(lambda tx: profiles.secrets(tx, store.sealer, old.id))
    assert secrets == {**SECRETS, "private_key": "PEM"}, "the old keys stay, to finish what is under way"
