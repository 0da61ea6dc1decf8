"""`make weigh`: what the pages weigh, how many requests they make, and when they can be used, in headless Chromium.

Each page is opened five times in a browser without a cache, on loopback; the median is printed. "Can be used" is when
its heading and data are there, counted from the moment the frame begins to load. A figure of this machine, to compare
one version with the next.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import structlog

from saleor_amazonpay.cli.stage import Ports, stage
from tests.browser.conftest import CHROMIUM, missing
from tests.browser.dashboard.staff import Staff

_TIMES = 5
_PAGES = {"settings": "", "profile": "/profiles/demo-us", "edit": "/profiles/demo-us/edit", "payments": "/payments"}
_READY = "() => document.querySelector('h1') && !document.querySelector('.loading') ? performance.now() : false"
_SIZES = """() => performance.getEntriesByType('resource').filter((each) => !each.name.startsWith('data:'))
    .concat(performance.getEntriesByType('navigation')).map((each) => each.encodedBodySize)"""


async def _once(browser: Any, staff: Staff, path: str) -> tuple[float, int, int]:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    staff.page = page = await context.new_page()
    await staff.open(path)
    shown = await staff.document()
    ready = await (await shown.wait_for_function(_READY, polling=5)).json_value()
    sizes = await shown.evaluate(_SIZES)
    await page.close()
    await context.close()
    return float(ready), len(sizes), int(sum(sizes))


async def main() -> int:
    """Print the table."""
    if why := missing():
        print(why)
        return 1
    from playwright.async_api import async_playwright

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    folder = Path(tempfile.mkdtemp(prefix="saleor-amazonpay-"))
    try:
        async with stage(folder, Ports(0, 0, 0, 0)) as played, async_playwright() as playwright:
            await played.saleor.install(f"{played.app_url}/api/manifest")
            await played.seed_profiles()
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            staff = Staff(played, None, "weigh")
            for number in range(3):
                await staff.sell(f"{number + 10}.00")
            print(f"{'page':<10} {'requests':>8} {'bytes*':>8} {'can be used after':>18}")
            for name, path in _PAGES.items():
                seen = [await _once(browser, staff, path) for _ in range(_TIMES)]
                ready, requests, size = (median(each[number] for each in seen) for number in range(3))
                print(f"{name:<10} {requests:>8.0f} {size:>8.0f} {ready:>15.0f} ms")
            await browser.close()
            print("* of scripts, styles, documents and answers as they are sent (files gzip)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
