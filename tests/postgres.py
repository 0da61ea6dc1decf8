"""A throw-away PostgreSQL cluster for the tests: made once per run, on a Unix socket and loopback, then removed.

Needs the server's binaries (Debian: postgresql). Without them the tests that want it are skipped with that reason;
with `CI` set they fail instead.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest


def _binaries() -> Path | None:
    debian = sorted((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")), reverse=True)
    on_path = shutil.which("pg_ctl")
    folders = [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """One running server. `url(database)` names a database on it; `create` makes an empty one."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="amazonpay-pg-"))
        self._port = _free_port()
        self._user: str | None = None
        if os.geteuid() == 0:  # the server refuses to run as root
            names = {entry.pw_name for entry in pwd.getpwall()}
            self._user = "postgres" if "postgres" in names else "nobody"
            shutil.chown(self._folder, user=self._user)
        self._run("initdb", "-D", "data", "-U", "amazonpay", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -k {self._folder} -c max_connections=200"
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")

    def _run(self, program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
        done = subprocess.run(
            [str(self._binaries / program), *arguments],
            cwd=self._folder, user=self._user, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    def url(self, database: str) -> str:
        return f"postgresql://amazonpay@127.0.0.1:{self._port}/{database}"

    def create(self, database: str, like: str = "template1") -> str:
        """A database like another one, which nobody may be connected to meanwhile; returns its URL."""
        server = ("-h", "127.0.0.1", "-p", str(self._port), "-U", "amazonpay")
        self._run("createdb", *server, "-T", like, database)
        return self.url(database)

    def drop(self, database: str) -> None:
        self._run("dropdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "amazonpay", "--force", database)

    def stop(self) -> None:
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)


def start_or_skip() -> Cluster:
    binaries = _binaries()
    if binaries is None:
        reason = "PostgreSQL's server binaries (initdb) are not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Cluster(binaries)
