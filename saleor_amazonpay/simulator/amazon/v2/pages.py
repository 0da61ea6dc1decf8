"""Amazon's own pages in a browser: choosing who pays, and confirming (contracts §5.3, §5.5), and report storage.

In come a button's configuration or a session's address, out come plain pages without script whose forms lead back to
the shop. They stand in for what a buyer sees at Amazon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from saleor_amazonpay.simulator.amazon.browser import pages
from saleor_amazonpay.simulator.amazon.browser.frames import CARDS, addresses, line_of
from saleor_amazonpay.simulator.amazon.page_html import Markup, tag
from saleor_amazonpay.simulator.amazon.v2.entities import Decision, Session
from saleor_amazonpay.simulator.amazon.v2.errors import PayError
from saleor_amazonpay.simulator.amazon.v2.params import money

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.v2.pay import Pay


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages' routes."""

    pay: Pay

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/checkout/start", self._start, methods=["POST"]),
            Route("/checkout/{session}", self._show, methods=["GET"]),
            Route("/checkout/{session}", self._leave, methods=["POST"]),
            Route("/checkout.js", self._script, methods=["GET"]),
            Route("/report-storage/{document}", self._document, methods=["GET"]),
        ]

    async def _start(self, request: Request) -> Response:
        """The button was clicked: sign in (here: by choosing), and come back to the shop's review page."""
        form = await _form(request)
        merchant_id = form.get("merchantId", "")
        merchant = next(
            (
                each
                for each in self.pay.world.books.merchants
                if each.seller_id == merchant_id and form.get("publicKeyId", "") in each.public_keys
            ),
            None,
        )
        product = "PayOnly" if form.get("productType") == "PayOnly" else "PayAndShip"
        try:
            if merchant is None:
                raise ValueError("the merchant or its key is not known")  # noqa: TRY301 - one page for every refusal
            session, back = self.pay.open_session(form, merchant=merchant, product=product)  # type: ignore[arg-type]
        except (ValueError, PayError) as error:
            return _page("Amazon Pay", tag("p", f"This button does not work: {error}"), status=400)
        return self._chooser(session, "Continue to the shop", back)

    async def _show(self, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            return _page("Amazon Pay", tag("p", "This checkout does not exist."), status=404)
        if session.state.name != "Open":
            return _page("Amazon Pay", tag("p", f"This checkout is {session.state.name} {session.state.reason}."))
        if "change" in request.query_params:  # she came by bindChangeAction, and goes back to the shop's review page
            return self._chooser(session, "Continue to the shop", session.review_url)
        return self._chooser(session, "Pay", "")

    async def _leave(self, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            return _page("Amazon Pay", tag("p", "This checkout does not exist."), status=404)
        form = await _form(request)
        if form.get("buyer") and session.state.name == "Open":
            self.pay.choose(session.session_id, buyer_id=form["buyer"])
            return self._chooser(session, form.get("label", "Pay"), form.get("back", ""))
        if form.get("card_id"):
            self.pay.choose(session.session_id, card_id=form["card_id"])
        if form.get("address") and session.buyer is not None and session.state.name == "Open":
            session.address = addresses(session.buyer)[form["address"]]
        if form.get("back") and form.get("decision") != "cancel":
            return RedirectResponse(form["back"], 303)
        decision: Decision = "cancel" if form.get("decision") == "cancel" else "complete"
        try:
            return RedirectResponse(self.pay.finish(session.session_id, decision), 303)
        except PayError as error:
            return _page("Amazon Pay", tag("p", error.message), status=409)

    async def _document(self, request: Request) -> Response:
        wanted = request.path_params["document"]
        for each in self.pay.books.reports.values():
            if each.document_id == wanted:
                return PlainTextResponse(each.text, media_type="text/csv")
        return PlainTextResponse("no such document", 404)

    async def _script(self, _request: Request) -> Response:
        return Response(_CHECKOUT_JS, media_type="text/javascript")

    def _session(self, request: Request) -> Session | None:
        self.pay.world.tick()
        return self.pay.books.sessions.get(request.path_params["session"])

    def _chooser(self, session: Session, label: str, back: str) -> Response:
        buyer = session.buyer or self.pay.world.buyer
        amount = money(session.payment, "chargeAmount")
        says = f"{session.merchant.name}: {amount.text} {amount.currency}" if amount else session.merchant.name
        where = addresses(buyer) if session.product == "PayAndShip" else {}
        there = next((key for key, address in where.items() if address == session.address), "home")
        card = session.card.card_id if session.card else ""
        body = pages.checkout(
            f"/checkout/{session.session_id}",
            says,
            pages.Choice(label, back, session.kind == "Recurring"),
            pages.options("address", {key: line_of(each) for key, each in where.items()}, there),
            pages.options(
                "card_id", {key: " ".join(CARDS[c.behaviour]).strip() for key, c in buyer.cards.items()}, card
            ),
            {each.buyer_id: each.name for each in self.pay.world.books.buyers.values() if each is not buyer},
            buyer.name,
        )
        return HTMLResponse(body)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def _page(title: str, *content: Markup, status: int = 200) -> Response:
    return HTMLResponse(pages.page(title, *content), status)


# What the shop's page loads: renderButton and initCheckout post the signed payload to the page above.
_CHECKOUT_JS = """\
(function () {
  "use strict";
  const origin = new URL(document.currentScript.src).origin;
  function start(config, session) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = origin + "/checkout/start";
    const fields = Object.assign({ merchantId: config.merchantId, productType: config.productType,
      publicKeyId: config.publicKeyId }, session);
    for (const name of Object.keys(fields)) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = fields[name] == null ? "" : fields[name];
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }
  function renderButton(selector, config) {
    const place = typeof selector === "string" ? document.querySelector(selector) : selector;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Amazon Pay";
    button.style.cssText = "font:600 17px Arial,sans-serif;padding:12px 36px;border:0;border-radius:6px;" +
      "background:#ffd814;color:#111;cursor:pointer";
    place.replaceChildren(button);
    let clicked = null;
    button.addEventListener("click", function () {
      if (clicked) clicked();
      else if (config.createCheckoutSessionConfig) start(config, config.createCheckoutSessionConfig);
    });
    return {
      onClick: function (handler) { clicked = handler; },
      initCheckout: function (more) { start(config, more.createCheckoutSessionConfig); },
      updateButtonInfo: function () {},
    };
  }
  window.amazon = window.amazon || {};
  window.amazon.Pay = {
    renderButton: renderButton,
    initCheckout: function (config) { start(config, config.createCheckoutSessionConfig); },
    bindChangeAction: function (selector, options) {
      const place = document.querySelector(selector);
      place.addEventListener("click", function () {
        window.location.assign(origin + "/checkout/" + options.amazonCheckoutSessionId +
          "?change=" + options.changeAction);
      });
    },
  };
  if (typeof window.onAmazonPayReady === "function") window.onAmazonPayReady();
})();
"""
