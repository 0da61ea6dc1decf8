"""`saleor-amazonpay profile setup|test-ipn|simulate`: what is left to do for a profile, and trying it out."""

from __future__ import annotations

import dataclasses

from saleor_amazonpay.cli.profiles import Action, Shell
from saleor_amazonpay.flows import ipn_health, setup_list, simulate

_WORDS = {"done": "done", "todo": "TO DO", "by_hand": "by hand"}


def setup(name: str) -> Action:
    """What has to be done before the first sale."""

    async def action(shell: Shell) -> None:
        items = await setup_list.of_profile(shell.deps, shell.public_url, await shell.find(name))
        lines = []
        for item in items:
            lines.append(f"{_WORDS[item.state]:7} {item.title}: {item.message}")
            lines += [f"        {value}" for value in item.values]
        shell.show([dataclasses.asdict(item) for item in items], lambda: lines)

    return action


def test_ipn(name: str) -> Action:
    """Whether a profile's IPN URL is usable and leads to this app."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        checks = await ipn_health.self_test(shell.deps, shell.http, shell.public_url, found.id)
        said = [{"name": each.name, "ok": each.ok, "message": each.message} for each in checks]
        lines = [f"{'ok  ' if each.ok else 'mend'} {each.name} {each.message}".rstrip() for each in checks]
        shell.show({"checks": said}, lambda: lines)

    return action


def simulate_next(name: str, call: str, code: str) -> Action:
    """Let Amazon's sandbox play a result with the next call of a kind; without a code, say what it can play."""

    async def action(shell: Shell) -> None:
        found = await shell.find(name)
        if call:
            await simulate.choose(shell.deps, shell.tenant.id, found.id, call, code)
        waiting = await simulate.waiting(shell.deps, found)
        offered = simulate.offered(shell.deps, found)
        lines = [
            f"{'next ' if each in waiting else '     '}{each.call:9} {each.code}: {each.title}" for each in offered
        ]
        shell.show([dataclasses.asdict(each) | {"next": each in waiting} for each in offered],
                   lambda: lines or ["Live payments are never simulated."])  # fmt: skip

    return action
