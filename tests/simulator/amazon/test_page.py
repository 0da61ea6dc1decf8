"""The page: what it shows, and that every button on it works without script."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from saleor_amazonpay.simulator.amazon import AmazonWorld, Behaviour, Fault, SimClock
from tests.simulator.amazon.demonstrations import account, agreement, note, open_order
from tests.simulator.amazon.mailbox import Mailbox
from tests.simulator.amazon.shop import FORM, START, Shop

pytestmark = pytest.mark.anyio
ORIGIN = "http://127.0.0.1"
BROWSER = {**FORM, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass
class Form:
    """A form as a browser would send it untouched."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The forms and the words of a page; scripts are counted."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.scripts = 0
        self._select = ""
        self._in_button = False
        self.feed(document)
        self.text = " ".join(self.words)

    def handle_starttag(self, name: str, given: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in given}
        self.scripts += name == "script" or any(key.startswith("on") for key in values)
        if name == "form":
            assert values["method"] == "post"
            self.forms.append(Form(values["action"]))
        elif name == "input" and (values.get("type") != "checkbox" or "checked" in values):
            self.forms[-1].fields[values["name"]] = values["value"]
        elif name == "select":
            self._select = values["name"]
        elif name == "option" and (self._select not in self.forms[-1].fields or "selected" in values):
            self.forms[-1].fields[self._select] = values["value"]
        self._in_button = name == "button"

    def handle_data(self, words: str) -> None:
        self.words.append(words)
        if self._in_button:
            self.forms[-1].buttons.append(words)

    def form(self, button: str, about: str = "") -> Form:
        return next(each for each in self.forms if button in each.buttons and about in each.action)


@dataclass
class Desk:
    """Somebody at the page."""

    shop: Shop

    async def look(self, query: str = "") -> Page:
        answer = await self.shop.http.request("GET", f"{ORIGIN}/{query}", headers={})
        assert answer.status == 200
        return Page(answer.body.decode())

    async def send(self, form: Form, **changed: str) -> Page:
        """Press the button, follow to the page."""
        body = urlencode({**form.fields, **changed}).encode()
        url = f"{ORIGIN}/{quote(form.action)}"
        answer = await self.shop.http.request("POST", url, headers=BROWSER, body=body)
        assert answer.status == 303, answer.body
        parts = urlsplit(answer.headers["location"])
        assert parts.path == "/"
        assert parse_qs(parts.query).keys() <= {"done", "refused"}
        return await self.look(f"?{parts.query}")

    async def press(self, button: str, about: str = "", **changed: str) -> Page:
        return await self.send((await self.look()).form(button, about), **changed)


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


async def _busy(shop: Shop) -> str:
    """Something in every table; the id of an agreement whose buyer is at Amazon's confirmation page."""
    world = shop.world
    Mailbox.of(world).answers = [500]
    capture_id = await shop.captured("25.00")
    await shop.ok("Refund", shop.refund_values(capture_id, "1.00"))
    world.charge_back(capture_id)
    authorization = await shop.charge(await shop.open_agreement())
    authorization_id = next(each.text or "" for each in authorization.iter("AmazonAuthorizationId"))
    await shop.ok("Capture", shop.capture_values(authorization_id, SellerCaptureNote=note('"State":"Pending"')))
    await open_order(shop)
    world.open_agreement(consent=False, card_id=None)
    world.faults.add(Fault("error", "Refund", times=0))
    europe = account(shop, region="uk")
    made, _token = world.open_agreement(merchant=europe.merchant)
    urls = {"SuccessUrl": "https://s.example/ok", "FailureUrl": "https://s.example/no"}
    await europe.ok("ConfirmBillingAgreement", agreement(made.agreement_id, **urls))
    await world.deliver_due()
    return made.agreement_id


async def test_an_empty_simulator_has_a_page_too() -> None:
    world = AmazonWorld(SimClock(START, frozen=True), seed=1)
    world.create_merchant()
    page = await Desk(Shop(world, world.merchant)).look()
    assert "None yet." in page.text
    assert "2026-11-10 15:30:00" in page.text


async def test_it_shows_every_object_its_state_and_the_answers_of_the_shop(desk: Desk) -> None:
    await _busy(desk.shop)
    books = desk.shop.world.books
    page = await desk.look()
    for objects in (books.agreements, books.orders, books.authorizations, books.captures, books.refunds):
        assert objects
        assert all(object_id in page.text for object_id in objects)
    assert all(each in page.text for each in books.chargebacks)
    assert "500" in page.text
    assert "delivered" in page.text
    assert desk.shop.merchant.secret_key in page.text
    assert page.scripts == 0


async def test_nothing_a_caller_wrote_is_markup(desk: Desk) -> None:
    world = desk.shop.world
    buyer = world.create_buyer(name="<script>alert(1)</script>", email='"><script>')
    agreement_id = await desk.shop.open_agreement(buyer_id=buyer.buyer_id)
    await desk.shop.charge(agreement_id, **{"SellerOrderAttributes.SellerOrderId": "<script>2</script>"})
    world.merchant.ipn_url = '"><script>3</script>'
    page = await desk.look("?" + urlencode({"done": "<script>4</script>", "refused": "<script>5</script>"}))
    assert page.scripts == 0
    assert "<script>alert(1)</script>" in page.text


async def test_every_form_works_as_it_stands(desk: Desk) -> None:
    """Each is sent to a world of its own; Amazon may refuse, but no button leads nowhere."""
    await _busy(desk.shop)
    count = len((await desk.look()).forms)
    assert count > 30
    for place in range(count):
        world = AmazonWorld.demo(clock=SimClock(START, frozen=True), seed=7)
        other = Desk(Shop(world, world.merchant))
        await _busy(other.shop)
        form = (await other.look()).forms[place]
        page = await other.send(form)
        fine = not any(word in page.text for word in ("invalid: ", "not_found: "))
        assert fine, (form, page.text[:300])


async def test_an_agreement_is_opened_and_consent_ticked_by_hand(desk: Desk) -> None:
    books = desk.shop.world.books
    page = await desk.press("Open agreement", consent="false")
    (made,) = books.agreements.values()
    (token,) = books.tokens
    assert made.agreement_id in page.text
    assert token in page.text  # a shop needs both
    assert made.consent is False
    await desk.press("Tick consent")
    assert made.consent is True
    await desk.press("Untick consent")
    assert made.consent is False


async def test_an_account_is_chosen_by_hand(desk: Desk) -> None:
    live = account(desk.shop, sandbox=False)
    await desk.press("Open agreement", account=live.merchant.key, card_id="null")
    (made,) = desk.shop.world.books.agreements.values()
    assert (made.merchant, made.card) == (live.merchant, None)


async def test_cards_are_added_chosen_and_spoiled_by_hand(desk: Desk) -> None:
    buyer = desk.shop.world.buyer
    agreement_id = await desk.shop.open_agreement()
    await desk.press("Add", behaviour="rejected")
    card = list(buyer.cards.values())[-1]
    assert card.behaviour is Behaviour.REJECTED
    await desk.press("Choose card", card_id=card.card_id)
    made = desk.shop.world.books.agreements[agreement_id]
    assert made.card is card
    page = await desk.press("Spoil", card_id=card.card_id)
    assert made.status.state == "Suspended"
    assert "rejected (PaymentMethodExpired)" in page.text
    await desk.press("Choose card", card_id=next(iter(buyer.cards)), on_amazon="true")
    assert made.status.state == "Open"


@pytest.mark.parametrize(
    ("button", "end"),
    [
        ("Buyer closes", ("Closed", "BuyerClosed")),
        ("Amazon closes", ("Closed", "AmazonClosed")),
        ("Amazon cancels", ("Canceled", "AmazonCanceled")),
    ],
)
async def test_agreements_are_ended_by_hand(desk: Desk, button: str, end: tuple[str, str]) -> None:
    agreement_id = await desk.shop.open_agreement()
    page = await desk.press(button, agreement_id)
    assert await desk.shop.state("BillingAgreement", agreement_id) == end
    assert not any(agreement_id in each.action for each in page.forms)


async def test_the_confirmation_page_is_left_by_hand(desk: Desk) -> None:
    agreement_id = await _busy(desk.shop)
    page = await desk.press("Leave Amazon's confirmation page")
    assert "https://s.example/ok?AuthenticationStatus=Success" in page.text
    assert desk.shop.world.books.agreements[agreement_id].status.state == "Open"


async def test_refunds_and_chargebacks_are_made_by_hand(desk: Desk) -> None:
    capture_id = await desk.shop.captured("25.00")
    world = desk.shop.world
    await desk.press("Refund in Seller Central", amount="5.00")
    (refund,) = world.books.refunds.values()
    assert (refund.amount.text, refund.status.state) == ("5.00", "Pending")
    await desk.press("Complete")
    assert refund.status.state == "Completed"
    await desk.press("Refund in Seller Central")
    second = list(world.books.refunds.values())[1]
    assert second.amount.text == "20.00"
    await desk.press("Decline: AmazonRejected")
    assert (second.status.state, second.status.reason) == ("Declined", "AmazonRejected")
    await desk.press("Charge back", amount="3.00")
    (chargeback,) = world.books.chargebacks.values()
    assert (chargeback.capture.capture_id, chargeback.amount.text) == (capture_id, "3.00")


async def test_time_is_moved_stopped_and_let_run_by_hand(desk: Desk) -> None:
    clock = desk.shop.world.clock
    page = await desk.press("+31 days")
    assert clock.now() == START + 31 * 86400
    assert "2026-12-11 15:30:00" in page.text
    await desk.press("Move", advance="90")
    assert clock.now() == START + 31 * 86400 + 90
    await desk.press("Let it run")
    assert not clock.frozen
    await desk.press("Freeze")
    assert clock.frozen
    page = await desk.press("Move", advance="-5")
    assert "time moves forward only" in page.text


async def test_faults_and_settings_are_set_by_hand(desk: Desk) -> None:
    world = desk.shop.world
    page = await desk.press("Order it", kind="refuse", action="Refund", times="0", code="InternalServerError")
    assert world.faults.rules == [Fault("refuse", "Refund", times=0, code="InternalServerError")]
    assert "always" in page.text
    page = await desk.press("Order it", kind="refuse")
    assert "no error code of Amazon's" in page.text
    await desk.press("Let everything pass again")
    assert world.faults.rules == []
    await desk.press("Set", "settings", throttling="true", refund_delay="60")
    assert (world.throttling, world.refund_delay) == (True, 60.0)
    await desk.press("Set", "options", hold="true", copies="2")
    assert (world.notifications.options.hold, world.notifications.options.copies) == (True, 2)
    await desk.press("Set", "ipn-url", url="https://shop.example/ipn")
    assert world.merchant.ipn_url == "https://shop.example/ipn"
    await desk.press("Set", "ipn-url", url="")
    assert world.merchant.ipn_url == ""


async def test_what_amazon_refuses_is_said_on_the_page(desk: Desk) -> None:
    agreement_id = await desk.shop.open_agreement()
    form = (await desk.look()).form("Buyer closes")
    desk.shop.world.cancel_agreement(agreement_id)
    page = await desk.send(form)
    assert "InvalidBillingAgreementStatus" in page.text
