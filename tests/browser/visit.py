"""A visitor of the demo shop, and a witness: every success the page tells is held against Saleor at that moment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from saleor_amazonpay.cli.stage import CUSTOMER, Stage
from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.browser.frames import CARDS
from saleor_amazonpay.simulator.shop import Books
from tests.books import books_agree
from tests.waiting import until

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"

# Tells Python of every success, in the page's own words, and of everything the policy of the page refused; keeps what
# Amazon's widgets told the page last.
_WITNESS = """
document.addEventListener("amazonpay:success", (event) => witnessSuccess(event.detail));
document.addEventListener("securitypolicyviolation", (event) => witnessRefusal(event.blockedURI + " " + event.violatedDirective));
window.heard = {};
addEventListener("message", ({ data }) => (heard[data?.deed] = data?.data?.choice));
"""
_MOUNT = """(options) => {
    window.mounted?.unmount();
    window.mounted = SaleorAmazonPay.mount({
        saleorApiUrl: JSON.parse(document.getElementById("config").textContent).saleorApiUrl,
        checkoutId: JSON.parse(localStorage["shop:basket"]).id,
        element: "#amazon-pay",
        ...options,
    });
}"""
_ASK = """async (body) => {
    const session = JSON.parse(localStorage["shop:session"] ?? "null");
    const headers = { "Content-Type": "application/json" };
    if (session) headers.Authorization = `Bearer ${session.token}`;
    const { saleorApiUrl } = JSON.parse(document.getElementById("config").textContent);
    const response = await fetch(saleorApiUrl, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await response.json();
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
}"""
LATER = 600.0  # seconds: Amazon decides only when the clock is moved
MONTHLY = {"frequency": {"unit": "Month", "value": "1"}}


class Visit:
    """One browser context; `page` is its newest page."""

    def __init__(self, demo: Stage, context: Any, name: str) -> None:
        self.demo = demo
        self.context = context
        self.name = re.sub(r"\W+", "-", name).strip("-")
        self.page: Any = None
        self.told: list[dict[str, Any]] = []
        self.wrong: list[str] = []
        self._shots = 0

    async def begin(self) -> None:
        await self.context.expose_function("witnessSuccess", self._success)
        await self.context.expose_function("witnessRefusal", lambda what: self.wrong.append(f"refused: {what}"))
        await self.context.add_init_script(_WITNESS)
        await self.open()

    async def open(self) -> Any:
        """Another tab."""
        self.page = await self.context.new_page()
        self.page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        return self.page

    def _success(self, told: dict[str, Any]) -> None:
        self.told.append(told)
        if told["status"] == "saved":
            kept = told["transactionId"].rpartition(":")[2]
            amazon = self.demo.amazon
            if kept not in amazon.books.agreements and kept not in amazon.pay.books.permissions:
                self.wrong.append(f"told {told}, but Amazon has no such agreement")
            return
        books = self.demo.saleor.books().get(told["transactionId"])
        amounts = books.amounts if books is not None else None
        held = amounts and (amounts.charged if told["status"] == "paid" else amounts.authorized)
        if amounts is None or float(held or 0) != told["amount"]["amount"] or not held:
            self.wrong.append(f"told {told}, but Saleor had {amounts}")

    def check(self) -> None:
        """Nothing was told too early, no script failed, and the page's policy refused nothing."""
        assert self.wrong == []

    async def shoot(self, what: str) -> None:
        """Keep a picture."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self._shots += 1
        await self.page.screenshot(path=SCREENSHOTS / f"{self.name}-{self._shots}-{what}.png", full_page=True)

    # --- in the shop

    async def sign_in_to_shop(self) -> None:
        await self.page.goto(f"{self.demo.shop_url}/account")
        await self.page.fill("input[name=email]", CUSTOMER)
        await self.page.fill("input[name=password]", "coffee")
        await self.page.click("main button:has-text('Sign in')")
        await self.page.wait_for_selector("text=Saved with Amazon Pay")

    async def fill_cart(self, product: str = "yirgacheffe", *, monthly: bool = True) -> None:
        await self.page.goto(f"{self.demo.shop_url}/products/{product}")
        if monthly:
            await self.page.check("input[value=monthly]")
        await self.page.click("text=Add to cart")
        await self.page.wait_for_selector(".lines")

    async def go_to_payment(self, email: str = "sam@example.com") -> None:
        await self.page.click("text=Go to checkout")
        form = self.page.locator("input[name=email]")
        await self.page.wait_for_selector("input[name=email], #amazon-pay .amazonpay")
        if await form.count():
            await form.fill(email)
            await self.page.click("text=Continue to payment")
        await self.page.wait_for_selector("#amazon-pay .amazonpay[aria-busy=false]")

    async def buy(self, product: str = "yirgacheffe", *, monthly: bool = True) -> None:
        """From the shelf to Amazon's button."""
        await self.fill_cart(product, monthly=monthly)
        await self.go_to_payment()

    async def mount(self, **options: Any) -> None:
        """The drop-in with options of a test's own, in place of the shop's."""
        await self.page.evaluate(_MOUNT, options)
        await self.page.wait_for_selector("#amazon-pay .amazonpay[aria-busy=false]")

    async def result(self) -> Any:
        """What `mount`'s promise gave."""
        return await self.page.evaluate("mounted.result")

    async def graphql(self, query: str, **variables: Any) -> Any:
        """What the page could ask Saleor itself, as the shop's visitor: anything."""
        return await self.page.evaluate(_ASK, {"query": query, "variables": variables})

    async def checkout_id(self) -> str:
        return str(await self.page.evaluate("JSON.parse(localStorage['shop:basket']).id"))

    # --- at Amazon

    async def sign_in_at_amazon(self, buyer: str = "Jane Doe") -> None:
        await self.page.click("button:has-text('Pay with Amazon')")
        await self.page.click(f"button:has-text('{buyer}')")
        await self.page.wait_for_selector(".amazonpay-widget iframe")

    async def sign_in_in_popup(self, buyer: str = "Jane Doe") -> None:
        async with self.page.expect_popup() as opened:
            await self.page.click("button:has-text('Pay with Amazon')")
        await (await opened.value).click(f"button:has-text('{buyer}')")

    def frame(self, kind: str) -> Any:
        return self.page.frame_locator(f".amazonpay-{kind} iframe")

    async def choose(self, behaviour: Behaviour) -> None:
        """A card in the Wallet."""
        await self._tick("wallet", self.frame("wallet").get_by_label(CARDS[behaviour][0]))

    async def agree(self) -> None:
        await self._tick("consent", self.frame("consent").locator("input"))

    async def _tick(self, widget: str, box: Any) -> None:
        """Tick a box in a widget, and wait until the page was told: no buyer is so quick that she presses before."""
        await box.check()
        choice = True if widget == "consent" else await box.get_attribute("value")
        await self.page.wait_for_function("([widget, choice]) => heard[widget] === choice", arg=[widget, choice])

    async def at_wallet(self) -> None:
        await self.frame("wallet").locator("input:checked").wait_for()

    async def prepare(self, behaviour: Behaviour = Behaviour.OK, *, consent: bool = True) -> None:
        """Sign in and choose, up to the button."""
        await self.sign_in_at_amazon()
        await self.at_wallet()
        if behaviour is not Behaviour.OK:
            await self.choose(behaviour)
        if consent:
            await self.agree()
        await self.page.wait_for_selector(".amazonpay-pay:enabled")

    # --- at Amazon, Checkout v2

    async def choose_at_amazon(self, behaviour: Behaviour = Behaviour.OK) -> None:
        """Press Amazon's button, choose a card on its page, and come back to the shop."""
        await self.page.click(".amazonpay-login button")
        await self.page.get_by_text(" ".join(CARDS[behaviour]).strip(), exact=True).click()
        await self.page.click("button:has-text('Continue to the shop')")
        await self.page.wait_for_selector(".amazonpay[aria-busy=false]")

    async def confirm_at_amazon(self) -> None:
        await self.page.wait_for_selector("button.go:has-text('Pay')")
        await self.shoot("amazon")
        await self.page.click("button.go:has-text('Pay')")

    # --- paying

    async def pay(self) -> None:
        await self.page.click(".amazonpay-pay")

    async def ordered(self) -> None:
        await self.page.wait_for_url("**/orders/**")
        await self.page.wait_for_selector(".timeline")

    async def says(self, text: str) -> None:
        """What the drop-in tells the buyer."""
        await self.page.wait_for_selector(f".amazonpay-message:has-text({json.dumps(text, ensure_ascii=False)})")

    # --- what came of it

    @property
    def payments(self) -> list[Books]:
        return list(self.demo.saleor.books().values())

    def events(self, number: int = 0) -> list[str]:
        """The types of a payment's events, in the order they were written."""
        return [event.type for event in self.payments[number].events]

    def charges_at_amazon(self) -> int:
        return len(self.demo.amazon.books.captures)

    def declines_at_amazon(self) -> int:
        made = self.demo.amazon.books.authorizations.values()
        return sum(1 for each in made if each.status.state == "Declined")

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait for something behind the page's back; TimeoutError after a minute."""
        await until(reached, pause=0.05)

    async def agree_on_the_books(self, payments: int) -> None:
        assert await books_agree(self.demo.saleor, self.demo.amazon, self.demo.doors.deps) == payments
