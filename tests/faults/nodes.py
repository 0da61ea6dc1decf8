"""The app's processes: one or several on one database, each of which can die at any step and be started again."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette

from saleor_amazonpay.app import Outside, announced, create_app, make_deps, make_doors
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.http import Http, HttpResponse, TransportError
from saleor_amazonpay.settings import Settings
from tests.asgi import call
from tests.faults.power import LIFE, Killed, Life, Power

Work = Callable[[Deps], Coroutine[Any, Any, object]]


class Elsewhere:
    """Amazon or Saleor as another machine: what has been sent to it is acted on, also when the sender dies."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def request(self, method: str, url: str, **more: Any) -> HttpResponse:
        asked = self._http.request(method, url, **more)
        task = asyncio.create_task(_whole(asked), context=contextvars.Context())
        answer = await asyncio.shield(task)
        if isinstance(answer, TransportError):
            raise answer
        return answer

    async def close(self) -> None:
        await self._http.close()


async def _whole(asked: Coroutine[Any, Any, HttpResponse]) -> HttpResponse | TransportError:
    try:
        return await asked
    except TransportError as error:
        return error  # looked at by whoever still waits, if anybody does


class Node:
    """A place where the app runs: one life after another."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.life = Life(number)
        self.app = Starlette()

    @property
    def deps(self) -> Deps:
        deps: Deps = self.app.state.doors.deps
        return deps


class Nodes:
    """All nodes behind one address; what Saleor and Amazon send reaches one that is alive.

    Args:
        patient: a node that died stays dead until it is said to start, as long as another one lives.
    """

    def __init__(self, settings: Settings, outside: Outside, power: Power, count: int, *, patient: bool) -> None:
        self._settings = settings
        self._outside = announced(outside)
        self._power = power
        self._patient = patient
        self._turn = itertools.count()
        self.all = [Node(number) for number in range(count)]
        self.deaths = 0
        self._reviving = asyncio.Lock()
        self.on_start: Callable[[Node], object] = lambda _node: None
        self.on_restart: Callable[[Deps], Coroutine[Any, Any, None]] | None = None  # for planted bugs

    @property
    def alive(self) -> list[Node]:
        return [node for node in self.all if not node.life.off]

    async def start(self, node: Node) -> None:
        """A new process: nothing but settings and the database. Nobody reaches it before it is ready."""
        life = Life(node.number)
        app = create_app(self._settings, self._outside, jobs=False)
        deps = await asyncio.to_thread(make_deps, self._settings, self._outside)
        self._power.threads_of(life, deps.store.threads)
        app.state.doors = make_doors(self._settings, self._outside, deps)
        node.app, node.life = app, life
        self.on_start(node)

    async def stop(self, node: Node) -> None:
        """End this life without a word."""
        await node.life.end()
        await asyncio.to_thread(node.deps.store.close)

    async def revive(self, *, now: bool = False) -> None:
        """Start what is dead again."""
        if self._patient and not now and self.alive:
            return
        async with self._reviving:  # whoever sees that it is dead asks for it, and it is started once
            for node in self.all:
                if node.life.off:
                    self.deaths += 1
                    await self.stop(node)
                    await self.start(node)
                    if self.on_restart is not None:
                        await self.on_restart(node.deps)

    async def inside(self, work: Work, nodes: Sequence[Node] | None = None) -> None:
        """Do something in every process at once, or in some; then start again what died of it."""
        chosen = self.alive if nodes is None else nodes
        await asyncio.gather(*(self._live(node, work(node.deps)) for node in chosen))
        await self.revive()

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", timeout: float = 30.0
    ) -> HttpResponse:
        """What Saleor and Amazon send to the app; the nodes take turns."""
        alive = self.alive
        if not alive:
            raise TransportError("connection refused", sent=False)
        node = alive[next(self._turn) % len(alive)]
        sent = call(_until_sent(node.app), method, url, headers=headers, body=body)
        answer: HttpResponse | None = await self._live(node, sent)
        if answer is None:
            raise TransportError("connection reset", sent=True)
        return answer

    async def close(self) -> None:
        """Nothing is held."""

    async def _live(self, node: Node, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in a node's present life; None if that ended before."""
        context = contextvars.copy_context()
        context.run(LIFE.set, node.life)
        task = asyncio.create_task(work, context=context)
        out = asyncio.create_task(node.life.out.wait())
        await asyncio.wait({task, out}, return_when=asyncio.FIRST_COMPLETED)
        out.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        if task.cancelled() or isinstance(task.exception(), Killed):
            return None
        return task.result()


def _until_sent(app: Starlette) -> Any:
    """An answer that has left has left, also if the app dies right after it."""

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        left = False

        async def note(message: Any) -> None:
            nonlocal left
            await send(message)
            left = message["type"] == "http.response.body" and not message.get("more_body")

        try:
            await app(scope, receive, note)
        except Killed:
            if not left:
                raise

    return guarded
