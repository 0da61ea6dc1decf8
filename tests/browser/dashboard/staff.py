"""Somebody at the Dashboard, and a witness: no script fails, no policy refuses, and axe finds nothing on what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from saleor_amazonpay.cli.journey import Journey
from saleor_amazonpay.cli.stage import CUSTOMER, Stage
from saleor_amazonpay.simulator.shop.people import InstalledApp
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
SCREENSHOTS = ROOT / "build" / "screenshots" / "dashboard"
AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
_WITNESS = """
document.addEventListener("securitypolicyviolation", (event) => witnessRefusal(event.blockedURI + " " + event.violatedDirective));
"""
_AXE_RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .map((each) => `${each.id}: ${each.nodes.map((node) => node.target + " " + node.failureSummary).join(" | ")}`)"""


class Staff:
    """One browser context with one page; `frame` is what the app shows in it."""

    def __init__(self, played: Stage, context: Any, name: str) -> None:
        self.played = played
        self.context = context
        self.name = re.sub(r"\W+", "-", name).strip("-")
        self.page: Any = None
        self.wrong: list[str] = []
        self.requests: list[str] = []
        self._shots = 0
        self._journey: Journey | None = None

    async def begin(self) -> None:
        await self.context.expose_function("witnessRefusal", lambda what: self.wrong.append(f"refused: {what}"))
        await self.context.add_init_script(_WITNESS)
        self.page = await self.context.new_page()
        self.page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.wrong.append(f"console: {message.text}")

    def check(self) -> None:
        assert self.wrong == []

    # --- where

    @property
    def app(self) -> InstalledApp:
        return next(app for app in self.played.saleor.world.apps if app.alive)

    @property
    def dashboard(self) -> str:
        return self.played.saleor.api_url.removesuffix("/graphql/") + "/dashboard"

    async def open(self, path: str = "", **query: str) -> Any:
        """A page of the app, in the Dashboard."""
        asked = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        await self.page.goto(f"{self.dashboard}/extensions/app/{quote(self.app.id, safe='')}{path}?{asked}")
        return self.frame

    async def open_order(self, order_id: str, **query: str) -> Any:
        asked = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        await self.page.goto(f"{self.dashboard}/orders/{quote(order_id, safe='')}?{asked}")
        return self.frame

    async def open_home(self, **query: str) -> Any:
        asked = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        await self.page.goto(f"{self.dashboard}/?{asked}")
        return self.frame

    @property
    def frame(self) -> Any:
        return self.page.frame_locator("iframe")

    async def document(self) -> Any:
        """The frame itself, for scripts."""
        element = await self.page.wait_for_selector("iframe")
        return await element.content_frame()

    async def told(self, kind: str) -> list[dict[str, Any]]:
        """What the app told the Dashboard."""
        log = await self.page.evaluate("dashboard.state.log")
        return [each["payload"] for each in log if each["type"] == kind]

    # --- looking

    async def shoot(self, what: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self._shots += 1
        await self.page.screenshot(path=SCREENSHOTS / f"{self.name}-{self._shots}-{what}.png")

    async def axe(self) -> None:
        """Nothing that the accessibility rules of axe-core find, in either theme."""
        shown = await self.document()
        await shown.evaluate(AXE.read_text(encoding="utf-8"))  # as the test's own script, not as the page's
        for theme in ("dark", "light"):
            await self.page.evaluate("(theme) => dashboard.setTheme(theme)", theme)
            await shown.wait_for_function("(theme) => document.documentElement.dataset.theme === theme", arg=theme)
            found = await shown.evaluate(_AXE_RUN)
            assert not found, (theme, found)

    # --- doing

    async def fill(self, label: str, text: str) -> None:
        await self.frame.get_by_label(label).fill(text)

    async def press(self, name: str) -> None:
        await self.frame.get_by_role("button", name=name, exact=True).click()

    async def sees(self, text: str) -> None:
        await self.frame.get_by_text(text).first.wait_for()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait for something behind the page's back; TimeoutError after a minute."""
        await until(reached, pause=0.05)

    async def until_page(self, expression: str) -> None:
        """Wait for something in the Dashboard around the app."""
        await self.page.wait_for_function(expression)

    # --- what the shop does meanwhile

    @property
    def journey(self) -> Journey:
        if self._journey is None:
            self._journey = Journey(self.played)
        return self._journey

    async def sell(self, total: str = "40.00") -> tuple[str, str]:
        """A sale on a new agreement: Saleor's transaction, and its order."""
        self.played.amazon.merchant.monthly_limit = Decimal(100_000)  # of Amazon's own, on one agreement
        agreement, token = self.played.amazon.open_agreement(consent=True)
        shop = self.played.saleor
        user = next((user for user in shop.world.users if user.email == CUSTOMER), None) or shop.customer_create(
            CUSTOMER
        )
        checkout = shop.checkout_create(total=total, user=user)
        data = {
            "amazonBillingAgreementId": agreement.agreement_id, "accessToken": token.token,
            "recurring": {"frequency": {"unit": "Month", "value": "1"}},
        }  # fmt: skip
        begun = await shop.transaction_initialize(
            checkout.id, self.played.gateway_id, data=data, action="CHARGE", requestor=user
        )
        assert begun.transaction is not None, begun
        completed = shop.checkout_complete(checkout.id, user)
        assert completed.order is not None, completed
        return begun.transaction.id, completed.order.id

    async def refund(self, transaction_id: str, amount: str) -> None:
        self.played.saleor.transaction_request_action(transaction_id, "REFUND", Decimal(amount), "one shirt too many")
        await self.played.saleor.settled()
