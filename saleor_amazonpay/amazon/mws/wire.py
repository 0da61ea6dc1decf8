"""The v1 wire: everything `port.Wire` asks for, done with MWS and Login with Amazon.

This file only says who does what; the rules stand in `agreements`, `payments` and `outcomes`. It holds no
state about payments. Every call may find that Amazon has switched v1 off: `WireGoneError`, permanent and
never a decline.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

import msgspec

from saleor_amazonpay.amazon.mws.agreements import Agreements
from saleor_amazonpay.amazon.mws.calls import Clock, MwsCalls
from saleor_amazonpay.amazon.mws.login import Login
from saleor_amazonpay.amazon.mws.objects import PATIENCE, Objects
from saleor_amazonpay.amazon.mws.orders import Orders
from saleor_amazonpay.amazon.mws.payments import Payments
from saleor_amazonpay.amazon.mws.sandbox import SIMULATIONS
from saleor_amazonpay.amazon.mws.shapes import order_reference_of
from saleor_amazonpay.amazon.mws.sights import Sights
from saleor_amazonpay.amazon.notices import notice_of
from saleor_amazonpay.amazon.port import (
    Account,
    AuthorizeCall,
    BuyerStep,
    CaptureCall,
    Check,
    Dispute,
    Form,
    Notice,
    Page,
    Ready,
    RefundCall,
    Sighting,
    Simulation,
    Step,
    Terms,
)
from saleor_amazonpay.amazon.regions import based, region, wallet_url
from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.agreement import AgreementView
from saleor_amazonpay.domain.errors import CredentialsRejectedError, RefusedError
from saleor_amazonpay.domain.outcome import Outcome
from saleor_amazonpay.http import Http

# For the widgets: the buyer's id, the widgets themselves, and the full address before confirmation.
_SCOPES = "profile payments:widget payments:shipping_address"

_AGREEMENT_PREFIXES = ("B", "C")
_ORDER_REFERENCE = re.compile(r"[A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}\Z")


class Widgets(msgspec.Struct, frozen=True, rename="camel"):
    """What a shop page needs for Login and the widgets. All of it is public."""

    seller_id: str
    client_id: Annotated[str, msgspec.Meta(description="for amazon.Login.setClientId")]
    region: Annotated[str, msgspec.Meta(description="of the merchant's account, not of the buyer")]
    environment: Literal["live", "sandbox"]
    widgets_url: Annotated[str, msgspec.Meta(description="Widgets.js")]
    scopes: Annotated[str, msgspec.Meta(description="for amazon.Login.authorize")]
    confirmation_flow: Annotated[
        bool, msgspec.Meta(description="whether buyers confirm on Amazon's page: initConfirmationFlow, and return URLs")
    ]


class MwsWire:
    """Amazon Pay v1.

    Args:
        http: the door out.
        endpoint: stands in for all of Amazon's hosts, for test-mode accounts only.
        clock: epoch seconds, for timestamps that are signed.
    """

    name = "mws"
    draft_needs_token = True
    successor = "v2"
    # The implicit grant of Login with Amazon needs no client secret (contracts §1.11).
    form = Form(
        ("seller_id", "access_key", "secret_key", "client_id"), unused=("client_secret",), ending=True,
        steps=(
            Step("login_client", "Login with Amazon client", "Seller Central, Login with Amazon: register an "
                 "application for the shop; its Client ID belongs into this profile.", "client_id"),
            Step("allowed_origins", "Allowed JavaScript origins", "In the application's web settings, list every "
                 "address at which the shop shows Amazon's widgets."),
            Step("return_urls", "Allowed return URLs", "In the same place, list the pages that Amazon may send buyers "
                 "back to, if the shop does not use the pop-up."),
        ),
    )  # fmt: skip
    simulations: tuple[Simulation, ...] = SIMULATIONS

    def __init__(self, http: Http, endpoint: str = "", clock: Clock = time.time) -> None:
        self._endpoint = endpoint
        self._calls = MwsCalls(http, clock, endpoint)
        self._login = Login(http, endpoint)
        self._agreements = Agreements(self._calls)
        self._orders = Orders(self._calls, self._agreements)
        self._payments = Payments(self._calls, self._agreements, self._orders)
        self._sights = Sights(Objects(self._calls))

    def storefront(self, account: Account, page: Page | None = None) -> dict[str, object]:  # noqa: ARG002 - v2's
        """What a shop page needs to show the widgets, the same on every page. All of it is public."""
        place = region(account.region)
        widgets = Widgets(
            seller_id=account.seller_id,
            client_id=account.credentials.get("client_id", ""),
            region=place.name,
            environment="sandbox" if account.test_mode else "live",
            widgets_url=based(
                place.widgets_url(test_mode=account.test_mode), self._endpoint, test_mode=account.test_mode
            ),
            scopes=_SCOPES,
            confirmation_flow=place.sca,
        )
        settings: dict[str, object] = msgspec.to_builtins(widgets)
        return settings

    def page_of(self, account: Account, object_id: str) -> str:
        """Seller Central's page of an object's order; it has none for agreements (contracts §8 no. 34)."""
        order_reference = order_reference_of(object_id)
        if object_id.startswith(_AGREEMENT_PREFIXES) or not _ORDER_REFERENCE.match(order_reference):
            return ""
        host = region(account.region).seller_central
        return f"https://{host}/hz/me/pmd/payment-details?orderReferenceId={order_reference}"

    def is_secret(self, agreement_id: str) -> bool:  # noqa: ARG002 - the port's
        """Never: it stands in buyers' mails."""
        return False

    async def buyer_of(self, account: Account, access_token: str) -> str:
        """The buyer's `user_id` at this login client."""
        return await self._login.buyer_of(account, access_token)

    async def read_agreement(
        self, account: Account, agreement_id: str, access_token: str = "", *, purchase_id: str = ""
    ) -> AgreementView | None:
        """GetBillingAgreementDetails; the state is the order reference's where that is what is charged."""
        if purchase_id:
            return AgreementView(agreement_id, await self._orders.read(account, purchase_id))
        return await self._agreements.read(account, agreement_id, access_token)

    async def shipping_address(self, account: Account, agreement_id: str, access_token: str) -> PostalAddress | None:
        """GetBillingAgreementDetails with the buyer's token, which alone opens the whole address before Confirm."""
        return await self._agreements.shipping_address(account, agreement_id, access_token)

    async def prepare(self, account: Account, agreement_id: str, terms: Terms) -> Ready | BuyerStep:
        """Set and confirm the agreement, or the order reference of a one-time sale on it.

        Raises RefusedError for an agreement Amazon does not know.
        """
        prepare = self._agreements.prepare if terms.recurring else self._orders.prepare
        return await prepare(account, agreement_id, terms)

    async def validate(self, account: Account, agreement_id: str, patience: float) -> Outcome:
        """ValidateBillingAgreement."""
        return await self._agreements.validate(account, agreement_id, patience)

    async def close(
        self, account: Account, agreement_id: str, reason: str, patience: float, *, purchase_id: str = ""
    ) -> AgreementView:
        """CloseBillingAgreement, or CloseOrderReference for a one-time sale; and a read."""
        if purchase_id:
            return AgreementView(agreement_id, await self._orders.close(account, purchase_id, reason, patience))
        return await self._agreements.close(account, agreement_id, reason, patience)

    def wallet_of(self, account: Account, agreement_id: str) -> str:
        """The buyer's own page at Amazon."""
        return wallet_url(agreement_id, self._endpoint, test_mode=account.test_mode)

    async def authorize(self, account: Account, call: AuthorizeCall, patience: float) -> Outcome:
        """AuthorizeOnBillingAgreement, or Authorize on an order reference."""
        return await self._payments.authorize(account, call, patience)

    async def capture(self, account: Account, call: CaptureCall, patience: float) -> Outcome:
        """Capture."""
        return await self._payments.capture(account, call, patience)

    async def refund(self, account: Account, call: RefundCall, patience: float) -> Outcome:
        """Refund."""
        return await self._payments.refund(account, call, patience)

    async def release(self, account: Account, authorization_id: str, reason: str, patience: float) -> Outcome:
        """CloseAuthorization and a read."""
        return await self._payments.release(account, authorization_id, reason, patience)

    async def read_authorization(self, account: Account, object_id: str, *, capture_now: bool) -> Outcome:
        """GetAuthorizationDetails."""
        return await self._payments.read_authorization(account, object_id, capture_now=capture_now)

    async def find(
        self, account: Account, reference_id: str, *, capture_now: bool, purchase_id: str = ""
    ) -> Outcome | None:
        """The order reference, or those ListOrderReference has by our reference id; then GetAuthorizationDetails."""
        return await self._payments.find(account, reference_id, purchase_id, capture_now=capture_now)

    async def read_capture(self, account: Account, object_id: str) -> Outcome:
        """GetCaptureDetails."""
        return await self._payments.read_capture(account, object_id)

    async def read_refund(self, account: Account, object_id: str) -> Outcome:
        """GetRefundDetails."""
        return await self._payments.read_refund(account, object_id)

    def environment_of(self, account: Account) -> bool | None:  # noqa: ARG002 - v2's key ids tell
        """The same keys may serve both environments, and say nothing of it."""
        return None

    async def sight(self, account: Account, object_id: str, among: Sequence[str] = ()) -> Sighting | None:
        """Get*Details by the id's own form, and its parent's."""
        return await self._sights.sight(account, object_id, among)

    async def dispute(self, account: Account, notice: Notice, among: Sequence[str] = ()) -> Dispute:
        """The notice itself, and GetCaptureDetails for which capture it means."""
        return await self._sights.dispute(account, notice, among)

    async def confirms(self, account: Account, notice: Notice) -> bool:
        """Get*Details, compared with the notice."""
        return await self._sights.confirms(account, notice)

    def elsewhere(self, account: Account) -> Account | None:
        """Live and sandbox differ in the path alone. With an endpoint in Amazon's place there is no other one."""
        return None if self._endpoint else replace(account, test_mode=not account.test_mode)

    async def check(self, account: Account) -> list[Check]:
        """Try what the keys may do. Raises AmazonError where Amazon gave no answer, which says nothing about them."""
        payments = await self._try_payments(account)
        status = None if payments.rejected else await self._try_status(account)
        return [payments] if status is None else [payments, status]

    async def _try_payments(self, account: Account) -> Check:
        """Ask for an order that cannot exist: being told so proves the keys (contracts §1.4)."""
        nowhere = f"{'S' if account.test_mode else 'P'}00-0000000-0000000"
        try:
            await self._calls.call(account, "GetOrderReferenceDetails", {"AmazonOrderReferenceId": nowhere}, PATIENCE)
        except RefusedError as error:
            if error.code == "InvalidOrderReferenceId":
                return Check("payments", ok=True)
            rejected = isinstance(error, CredentialsRejectedError)
            return Check("payments", ok=False, message=f"{error.code}: {error.message}", rejected=rejected)
        return Check("payments", ok=True)

    async def _try_status(self, account: Account) -> Check | None:
        """Whether the account may take money at all; None where this API does not tell."""
        try:
            answer = await self._calls.call(account, "GetMerchantAccountStatus", {}, PATIENCE)
        except RefusedError as error:
            known = error.code != "InvalidAction"
            return Check("account", ok=False, message=f"{error.code}: {error.message}") if known else None
        status = answer.result.text("AccountStatus")
        active = status.upper() == "ACTIVE"
        return Check("account", active, "" if active else f"Amazon says the account is {status or 'unknown'}")

    def notice(self, message: str) -> Notice:
        """The inner message of a notification, of this format or v2's."""
        return notice_of(message)
