"""`make weigh`, the buyer's half: what the drop-in weighs and when its button is there, on both wires.

The demo shop's payment page is opened five times in a browser without a cache, on loopback; the median is printed.
"Button" is the drop-in's `ready`: from the call of `mount`, and from the moment the page begins to load. A figure of
this machine, to compare one version with the next.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import structlog

from saleor_amazonpay import resources
from tests.browser.conftest import CHROMIUM, missing, opened
from tests.browser.visit import Visit

_TIMES = 5
_FILES = {"amazonpay.js": "script tag", "amazonpay.mjs": "ES module", "amazonpay-de.mjs": "German, when it is wanted"}
_LISTEN = """document.addEventListener("amazonpay:ready", (event) => {
    window.readyAfter ??= [event.detail.milliseconds, performance.now()];
});"""


async def _once(browser: Any, demo: Any) -> tuple[float, float]:
    context = await browser.new_context(viewport={"width": 1180, "height": 900}, locale="en-US")
    await context.add_init_script(_LISTEN)
    visit = Visit(demo, context, "weigh")
    await visit.begin()
    await visit.buy()
    await visit.page.reload()
    mounted, loaded = await (await visit.page.wait_for_function("() => window.readyAfter", polling=5)).json_value()
    await context.close()
    return float(mounted), float(loaded)


async def main() -> int:
    """Print the tables."""
    if why := missing():
        print(why)
        return 1
    from playwright.async_api import async_playwright

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(f"{'file':<18} {'bytes':>7} {'gzip':>7}  what for")
    for name, purpose in _FILES.items():
        body = resources.built(f"storefront/{name}")
        if body is not None:
            print(f"{name:<18} {len(body):>7} {len(gzip.compress(body, 9)):>7}  {purpose}")
    print(f"\n{'wire':<6} {'button after mount':>19} {'after the page began':>21}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for wire in ("mws", "v2"):
            folder = Path(tempfile.mkdtemp(prefix="saleor-amazonpay-"))
            try:
                async with opened(folder, wire) as demo:
                    seen = [await _once(browser, demo) for _ in range(_TIMES)]
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            mounted, loaded = (median(each[number] for each in seen) for number in range(2))
            print(f"{wire:<6} {mounted:>16.0f} ms {loaded:>18.0f} ms")
        await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
