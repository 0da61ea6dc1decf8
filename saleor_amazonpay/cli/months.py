"""`saleor-amazonpay caps` and `fees`: what profiles took and cost, month by month."""

from __future__ import annotations

import dataclasses
import sys

from saleor_amazonpay.cli.profiles import Action, Shell, shown
from saleor_amazonpay.flows import caps, fees
from saleor_amazonpay.store import profiles as stored


def show_caps(months: int) -> Action:
    """The monthly caps, and what the months before attempted."""

    async def action(shell: Shell) -> None:
        own = await shell.deps.store.read(lambda tx: stored.of_tenant(tx, shell.tenant.id))
        described, lines = [], []
        for profile in own:
            status = await caps.cap_status(shell.deps, profile.id)
            history = await caps.cap_history(shell.deps, profile.id, months)
            cap = shown(profile, status.cap)
            booked = shown(profile, status.booked)
            described.append(
                {
                    "profile": profile.id, "alias": profile.alias, "currency": profile.currency, "month": status.month,
                    "time_zone": status.time_zone, "cap": cap, "booked": booked,
                    "remaining": None if status.remaining is None else shown(profile, status.remaining),
                    "percent": None if status.percent is None else str(status.percent),
                    "history": [{"month": each.month, "booked": shown(profile, each.booked)} for each in history],
                }
            )  # fmt: skip
            share = f" ({status.percent} %)" if status.percent is not None else ""
            lines.append(f"{profile.alias}: {status.month} {booked} of {cap} {profile.currency}{share}")
            lines += [f"  {each.month} {shown(profile, each.booked)}" for each in history[1:]]
        shell.show(described, lambda: lines or [_NOTHING])

    return action


def show_fees(name: str, months: int, *, as_csv: bool) -> Action:
    """Fees of one profile or all, expected and actual."""

    async def action(shell: Shell) -> None:
        if name:
            wanted = [(await shell.find(name)).id]
        else:
            own = await shell.deps.store.read(lambda tx: stored.of_tenant(tx, shell.tenant.id))
            wanted = [profile.id for profile in own]
        rows = await fees.fee_months(shell.deps, shell.tenant.id, wanted, months)
        if as_csv:
            sys.stdout.write(fees.as_csv(rows))
            return
        shell.show([dataclasses.asdict(row) for row in rows], lambda: [_fees(row) for row in rows] or [_NOTHING])

    return action


_NOTHING = "There is no profile yet."


def _fees(row: fees.FeeMonth) -> str:
    def text(minor: int) -> str:
        return fees.amount(minor, row.currency)

    expected = (
        f"{row.month} {row.alias}: {row.sales} sales, gross {text(row.gross)} {row.currency}, refunds "
        f"{text(row.refunds)}, chargebacks {text(row.chargebacks)}; expected fee {text(row.expected_fee)}, reserve "
        f"{text(row.expected_reserve)}, net {text(row.expected_net)}"
    )
    if row.actual_fee is None or row.difference is None:
        return expected
    kept, gap = text(row.actual_fee), text(row.difference)
    return f"{expected}; Amazon kept {kept} of {text(row.settled_gross)}, difference {gap}"
