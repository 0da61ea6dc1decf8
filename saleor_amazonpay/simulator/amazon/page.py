"""The simulator's page: what Amazon holds, and buttons for what buyers, Amazon, staff and time do to it.

In come the world and what the last button led to, out comes HTML without script. Its forms post to the control API
(`control_forms`), which sends the browser back here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saleor_amazonpay.simulator.amazon import page_books as books
from saleor_amazonpay.simulator.amazon import page_people as people
from saleor_amazonpay.simulator.amazon.page_html import Markup, join, show, tag
from saleor_amazonpay.simulator.amazon.v2 import page as pay

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

_STYLE = Markup(
    """
:root{color-scheme:light dark;--line:light-dark(#d9dce1,#3a3d42);--soft:light-dark(#f5f6f8,#202226);
--quiet:light-dark(#5b6270,#9aa1ad);--good:light-dark(#0b6b3a,#6fd39b);--wait:light-dark(#8a5a00,#e6b45c);
--bad:light-dark(#a61b1b,#ff9a92)}
*{box-sizing:border-box}
body{font:14px/1.45 system-ui,sans-serif;margin:0 auto;padding:1.25rem 1.5rem 4rem;max-width:96rem}
h1{font-size:1.35rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:.75rem 0 .4rem}
small,.quiet{color:var(--quiet);font-weight:normal}code{font:.92em ui-monospace,monospace;overflow-wrap:anywhere}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;justify-content:space-between}
.row,form{display:flex;flex-wrap:wrap;gap:.4rem .6rem;align-items:center}
section>form,section>.row{margin:.4rem 0}
label{display:inline-flex;gap:.35rem;align-items:center;color:var(--quiet)}
input,select,button{font:inherit;padding:.15rem .45rem;border:1px solid var(--line);border-radius:4px;
background:Field;color:FieldText}
input[type=checkbox]{padding:0;margin:0}
button{background:var(--soft);cursor:pointer}button:hover{border-color:var(--quiet)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .9rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:600;white-space:nowrap}td code{white-space:nowrap;overflow-wrap:normal}
td:first-child,td button{white-space:nowrap}
td>.row:not(:empty){min-width:24rem}.aloud{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}label{position:relative}
.state{font-weight:600}.Open,.Completed,.delivered{color:var(--good)}
.Draft,.Pending,.waiting{color:var(--wait)}.Suspended,.Declined,.refused,.lost,.dropped{color:var(--bad)}
.Closed,.Canceled{color:var(--quiet)}
.said{border:1px solid var(--line);border-left:4px solid var(--good);background:var(--soft);padding:.5rem .75rem;
overflow-wrap:anywhere}.said.no{border-left-color:var(--bad)}
"""
)


def render(world: AmazonWorld, *, done: str = "", refused: str = "") -> str:
    """The page as HTML; `done` or `refused` is what the last deed led to."""
    frozen = ", standing still" if world.clock.frozen else ""
    head = tag(
        "header",
        tag("h1", "Amazon Pay simulator"),
        tag("span", tag("strong", books.when(world.now())), f" UTC{frozen} · ", tag("a", "Reload", href="./")),
    )
    body = tag("body", head, _said(done, refused), people.clock(world), *_sections(world))
    meta = tag("meta", charset="utf-8")
    view = tag("meta", name="viewport", content="width=device-width")
    title = tag("title", "Amazon Pay simulator")
    return f"<!doctype html>{tag('html', meta, view, title, tag('style', _STYLE), body, lang='en')}"


def _said(done: str, refused: str) -> Markup:
    if refused:
        return tag("p", refused, class_="said no", role="alert")
    return tag("p", done, class_="said", role="status") if done else show(None)


def _sections(world: AmazonWorld) -> tuple[Markup, ...]:
    waiting = f" {world.notifications.waiting} waiting" if world.notifications.waiting else ""
    return (
        _section("Buyers", people.buyers(world)),
        _section("Agreements", books.agreements(world)),
        _section("Order references", books.orders(world)),
        _section("Authorizations", books.authorizations(world)),
        _section("Captures", books.captures(world)),
        _section("Refunds", books.refunds(world)),
        _section("Chargebacks", books.chargebacks(world)),
        *(_section(f"Checkout v2: {name.lower()}", content) for name, content in pay.sections(world.pay).items()),
        _section("Notifications", books.notifications(world), waiting),
        _section("Faults", people.faults(world)),
        _section("Settings", people.settings(world)),
        _section("Accounts", people.accounts(world)),
    )


def _section(name: str, content: Markup, more: str = "") -> Markup:
    return tag("section", tag("h2", name, tag("small", more) if more else ""), join(content))
