"""The processes of the bench: started on a core of their own, watched through /proc, ended by their pid.

CPU time is utime + stime of /proc/PID/stat: all threads, in the kernel as well. A tick is 10 ms, so a run has to take
long enough; see measure.py.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 30.0
_STOP_SECONDS = 40.0
_STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Cores:
    """Where what is measured runs, and where everything else does; None where there is only one core."""

    measured: int | None
    others: int | None

    @classmethod
    def split(cls) -> Cores:
        """Two of the cores this process may use. This process, and what it starts from now on, takes the second."""
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) == 1:
            return cls(None, None)
        os.sched_setaffinity(0, {usable[1]})
        return cls(usable[0], usable[1])


@dataclass(frozen=True, slots=True)
class Server:
    """A running server on loopback."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """Seconds of CPU used since its start."""
        return sum(_used(Path(f"/proc/{self.process.pid}/stat")))

    def main_thread(self) -> tuple[float, float]:
        """Seconds the main thread used, in user space and in the kernel. The event loop runs there."""
        pid = self.process.pid
        return _used(Path(f"/proc/{pid}/task/{pid}/stat"))

    def whole(self) -> tuple[float, float]:
        """The same for all threads."""
        return _used(Path(f"/proc/{self.process.pid}/stat"))

    def ask(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """GET, or POST with a JSON body; the JSON answer."""
        content = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}{path}", content, timeout=60) as answer:  # noqa: S310 - loopback
            return json.load(answer)


def _used(stat: Path) -> tuple[float, float]:
    fields = stat.read_text().rpartition(")")[2].split()  # the name before it may contain anything
    return int(fields[11]) / _TICKS, int(fields[12]) / _TICKS


@contextmanager
def server(
    name: str, arguments: list[str], *, port: int, ready: str, folder: Path, core: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:  # fmt: skip
    """`python -m ARGUMENTS`, from when `ready` answers until SIGTERM; its output goes to a file in `folder`.

    Raises RuntimeError with the end of that output if it does not start.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
    try:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})  # before it has threads, which inherit it
        running = Server(name, port, process)
        _await(running, ready, log)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(running: Server, ready: str, log: Path) -> None:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends and running.process.poll() is None:
        try:
            running.ask(ready)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(_STEP_SECONDS)
        else:
            return
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"{running.name} did not start:\n{said}")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
