"""`saleor-amazonpay support-bundle`: one archive that an operator can send to whoever helps.

It changes nothing, the schema included, and needs neither Saleor nor Amazon: what either does not say is said to be
missing. Without the database there is little to tell, but versions and settings are often what is wrong, so they are
written even then.
"""

from __future__ import annotations

import asyncio
import dataclasses
import platform
import time
from collections.abc import Collection, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console

from saleor_amazonpay import __version__
from saleor_amazonpay.app import make_deps, real_outside
from saleor_amazonpay.cli import bundle
from saleor_amazonpay.cli.profiles import fields_of, quiet_log
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows import support
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.doctor import examine
from saleor_amazonpay.http import Http, TransportError
from saleor_amazonpay.log import veil
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.store import tenants
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.migrate import revisions
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Shop

_DATABASE_SECONDS = 10.0
_AMAZON_SECONDS = 60.0
_METRICS_SECONDS = 3.0
_OK = 200
_OWN_METRICS = ("amazonpay_", "# HELP amazonpay_", "# TYPE amazonpay_")
_LIBRARIES = (
    "aiohttp", "alembic", "cryptography", "joserfc", "lxml", "msgspec", "psycopg", "pydantic", "sqlalchemy",
    "starlette", "strawberry-graphql", "uvicorn",
)  # fmt: skip
# Half of a pair of credentials, or somebody's address: that it is set, and how it ends, is enough.
_ENDS = ("access_key", "client_id", "public_key_id")
_ONLY_SET = ("customer_service_number", "customer_service_email", "customer_service_sender")
_SHOWN = 4
_READ = (
    "No secret and no buyer's data was put in. Before you send it, read what people typed and what Amazon wrote, "
    "which is in it as it is: aliases, reasons and messages in doctor.json, profiles.json, problems.json and the "
    "transactions. It also names your shops, your seller ids and the amounts of the payments you asked for."
)
_ABOUT = {
    "versions.json": "the app, Python, the database and its schema",
    "configuration.json": "what is set and where from; of secrets, whether they are set",
    "doctor.json": "what doctor found, and which secrets do not open",
    "shops.json": "the Saleors that installed the app",
    "profiles.json": "gateway profiles without their keys, and their monthly caps",
    "assignments.json": "which channel uses which profile",
    "queues.json": "what waits in each queue, since when, and how often it was tried",
    "problems.json": "App Problems that are open",
    "notices.json": "whether Amazon's notices arrive",
    "metrics.txt": "what the running app counts",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What the bundle is to hold, and where it goes; `shop` empty means all of them."""

    target: Path
    transactions: Sequence[str]
    shop: str
    metrics_url: str


class RefusedError(Exception):
    """Nothing was written: `code`, and a message that ends with what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")


class NoLedgerError(RefusedError):
    """Nothing can be read from the database; what is known without it is written."""


def default_target(now: float) -> Path:
    """A name in this folder that no earlier bundle has; `now` in epoch seconds."""
    return Path(f"amazonpay-support-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}.zip")


async def support_bundle(settings: Settings, asked: Asked) -> int:
    """Write it and say what is in it; 1 if nothing was written, or the database could not be read."""
    console, errors = Console(), Console(stderr=True)
    for key in settings.secret_keys.get_secret_value().split(","):
        veil(key.strip().partition(":")[2])
    parts: dict[str, Any] = {"versions.json": _versions(), "configuration.json": configuration(settings)}
    missing = ""
    try:
        _writable(asked.target)
        try:
            parts |= await _with_database(settings, asked, parts["versions.json"])
        except NoLedgerError as error:
            missing = str(error)
            parts["database.txt"] = f"{missing}\n"
        files = {"README.txt": _readme(parts), **bundle.texts(parts)}
        size = await asyncio.to_thread(_write, asked.target, files)
    except RefusedError as refused:
        errors.print(str(refused), markup=False, highlight=False, soft_wrap=True)
        return 1
    for line in (
        f"{asked.target}, {max(1, round(size / 1024))} kB:",
        *(f"  {name}  {_about(name)}" for name in files if name != "README.txt"),
        _READ,
    ):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if missing:
        errors.print(missing, markup=False, highlight=False, soft_wrap=True)
    return 1 if missing else 0


def configuration(settings: Settings) -> dict[str, Any]:
    """Every setting: from where it comes, and what it is unless it is a secret."""
    found: dict[str, Any] = {}
    for name in type(settings).model_fields:
        variable = f"AMAZONPAY_{name.upper()}"
        value: Any = getattr(settings, name)
        if name == "secret_keys":
            value = {"keys": list(settings.sealing_keys)}
        elif name == "database_url":
            url = _address(settings)
            # The user is half of a pair of credentials, and a parameter may be one.
            value = url and {"kind": url.drivername, "host": url.host, "port": url.port, "database": url.database}
        found[variable] = {"from": "environment" if name in settings.model_fields_set else "default", "value": value}
    return found


def _address(settings: Settings) -> sa.URL | None:
    """Where the database is; None if that cannot be read, of which nothing is told: it holds a password."""
    try:
        return sa.engine.make_url(settings.database_url)
    except (sa.exc.ArgumentError, ValueError):
        return None


def _versions() -> dict[str, Any]:
    return {
        "saleor-amazonpay": __version__, "python": platform.python_version(), "system": platform.platform(),
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
    }  # fmt: skip


async def _with_database(settings: Settings, asked: Asked, versions: dict[str, Any]) -> dict[str, Any]:
    """All that has to be read. Raises NoLedgerError and RefusedError."""
    _there(settings)
    outside = real_outside(settings)
    deps = dataclasses.replace(await asyncio.to_thread(make_deps, settings, outside, migrate=False), log=quiet_log())
    connected = False
    try:
        async with asyncio.timeout(_DATABASE_SECONDS):
            kind, present, wanted = await deps.store.read(_database)
        connected = True
        versions["database"] = {"server": kind, "schema": present or None, "schema of this version": wanted}
        _same_schema(present, wanted)
        return await _sections(deps, settings, asked, outside.amazon)
    except (TimeoutError, StoreUnavailableError) as error:
        raise NoLedgerError(
            "store_unavailable",
            f"{str(error) or 'the database does not answer'}. Bring it back or mend AMAZONPAY_DATABASE_URL, then make "
            "the bundle again: without it only versions and settings are in it.",
        ) from error
    finally:
        await outside.amazon.close()
        await outside.saleor.close()
        if connected:  # else its threads may still be trying, and nobody has to wait for them
            await asyncio.to_thread(deps.store.close)


def _there(settings: Settings) -> None:
    """An SQLite file that is missing would be made by whoever opens it."""
    url = _address(settings)
    if url is None:
        raise NoLedgerError(
            "database_url_invalid",
            "AMAZONPAY_DATABASE_URL cannot be read. Write postgresql://user:password@host:port/database, with special "
            "characters of the password percent-encoded.",
        )
    file = Path(url.database or "")
    if settings.database_url.startswith("sqlite") and not file.is_file():
        raise NoLedgerError(
            "database_missing",
            f"There is no file {file}. Start this where the app runs, with its AMAZONPAY_DATABASE_URL.",
        )


async def _sections(deps: Deps, settings: Settings, asked: Asked, http: Http) -> dict[str, Any]:
    shops = _wanted(await deps.store.read(tenants.shops), asked.shop)
    ids = {shop.id: shop.api_url for shop in shops}
    snapshot = await deps.directory.current()
    own = [profile for profile in snapshot.profiles.values() if profile.tenant_id in ids]
    closed = await support.veil_everything(deps, shops, own)
    payments = {
        f"transactions/{number}.json": await _transaction(deps, shops, each)
        for number, each in enumerate(asked.transactions, 1)
    }
    return {
        "doctor.json": {"found": await _doctor(deps, ids), "secrets that do not open": closed},
        "shops.json": [_shop(shop) for shop in shops],
        "profiles.json": [
            {"shop": ids[profile.tenant_id], **await _profile(deps, settings.public_url, profile)} for profile in own
        ],
        "assignments.json": [
            {
                "shop": ids[row.tenant_id],
                "channel": row.channel,
                "profile": row.profile_id,
                "priority": row.priority,
                "weight": row.weight,
            }
            for rows in snapshot.assignments.values()
            for row in rows
            if row.tenant_id in ids
        ],
        "queues.json": await support.queues(deps),
        "problems.json": await support.open_problems(deps, shops),
        "notices.json": await support.notices(deps, own),
        "metrics.txt": await _metrics(http, asked.metrics_url),
        **payments,
    }


def _database(tx: Tx) -> tuple[str, str, str]:
    dialect = tx.connection.dialect
    number = ".".join(map(str, dialect.server_version_info or ()))
    return f"{dialect.name} {number}", *revisions(tx.connection)


def _same_schema(present: str, wanted: str) -> None:
    if present != wanted:
        raise NoLedgerError(
            "schema_outdated",
            f"The database has the schema {present or '(none)'}, this version is written for {wanted}. Make the bundle "
            "with the version that serves, or run `saleor-amazonpay migrate`.",
        )


def _wanted(shops: Sequence[Shop], api_url: str) -> list[Shop]:
    found = [shop for shop in shops if api_url in {"", shop.api_url}]
    if api_url and not found:
        known = ", ".join(shop.api_url for shop in shops) or "none yet"
        raise RefusedError("unknown_shop", f"The app was never installed in {api_url}. Name one of: {known}.")
    return found


async def _transaction(deps: Deps, shops: Sequence[Shop], transaction_id: str) -> dict[str, Any]:
    found = await support.whole_payment(deps, shops, transaction_id)
    if found is None:
        raise RefusedError(
            "unknown_transaction",
            f"The ledger has no payment {transaction_id!r}, and nothing was written. Give the transaction's id as "
            "Saleor's API and the payment's page show it, or leave it out.",
        )
    return found


async def _doctor(deps: Deps, tenant_ids: Collection[str]) -> list[dict[str, Any]]:
    try:
        async with asyncio.timeout(_AMAZON_SECONDS):
            found = await examine(deps, tenant_ids)
    except TimeoutError:
        return [{"subject": "doctor", "ok": False, "message": f"Not finished within {_AMAZON_SECONDS:.0f} s."}]
    return [
        {"subject": subject, "check": check.name, "ok": check.ok, "message": check.message} for subject, check in found
    ]


def _shop(shop: Shop) -> dict[str, Any]:
    return {
        "api_url": shop.api_url, "app_id": shop.app_id, "installed": support.moment(shop.registered_at),
        "removed": support.moment(shop.removed_at),
    }  # fmt: skip


async def _profile(deps: Deps, public_url: str, profile: Profile) -> dict[str, Any]:
    fields = await fields_of(deps, public_url, profile)
    for name in _ENDS:
        fields[name] = _end(fields[name])
    for name in _ONLY_SET:
        fields[name] = "set" if fields[name] else None
    return {**fields, "cap": await support.cap_of(deps, profile)}


def _end(text: str) -> str | None:
    return f"…{text[-_SHOWN:]}" if len(text) > 2 * _SHOWN else "…" if text else None


async def _metrics(http: Http, url: str) -> str:
    """The app's own counts, if it serves where it is asked; of whatever else may answer there, nothing."""
    try:
        answer = await http.request("GET", url, headers={}, timeout=_METRICS_SECONDS)
    except TransportError:
        return f"Nothing answers at {bundle.clean(url)}. Name the app's /metrics with --metrics if it runs elsewhere.\n"
    text = answer.body.decode("utf-8", "replace") if answer.status == _OK else ""
    own = [line for line in text.splitlines() if line.startswith(_OWN_METRICS)]
    return "\n".join([*own, ""]) if own else f"What answers at {bundle.clean(url)} is not this app.\n"


def _writable(target: Path) -> None:
    if target.exists():
        raise _taken(target)
    if not target.parent.is_dir():
        raise RefusedError("folder_missing", f"There is no folder {target.parent}. Make it, or name another with --to.")


def _taken(target: Path) -> RefusedError:
    return RefusedError("file_exists", f"{target} is there already and stays as it is. Name another with --to.")


def _write(target: Path, files: dict[str, bytes]) -> int:
    try:
        return bundle.write(target, files)
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        raise RefusedError(
            "not_writable", f"{target} cannot be written ({error.strerror}). Name another place with --to."
        ) from None


def _about(name: str) -> str:
    if name.startswith("transactions/"):
        return "one payment: its operations, and all that Saleor, Amazon and this app said of it"
    return _ABOUT.get(name, "why nothing was read from the database")


def _readme(parts: dict[str, Any]) -> bytes:
    lines = [f"{name}: {_about(name)}." for name in parts]
    head = f"What saleor-amazonpay {__version__} says of itself. Times are UTC.\n\n"
    return (head + "\n".join(lines) + f"\n\n{_READ}\n").encode()
