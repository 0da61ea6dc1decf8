"""The v2 wire: everything `port.Wire` asks for, done with Checkout v2.

This file only says who does what; the rules stand in `agreements`, `payments` and `outcomes`. It holds no state about
payments. Ids of v1 are taken everywhere: what was begun there goes on here (contracts §0).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from saleor_amazonpay.amazon.notices import notice_of
from saleor_amazonpay.amazon.port import (
    Account,
    AuthorizeCall,
    BuyerStep,
    CaptureCall,
    Check,
    Dispute,
    Form,
    KeyPair,
    Notice,
    Page,
    Ready,
    RefundCall,
    Sighting,
    Simulation,
    Step,
    Terms,
)
from saleor_amazonpay.amazon.regions import region, wallet_url
from saleor_amazonpay.amazon.v2 import button, ids, settlements
from saleor_amazonpay.amazon.v2.agreements import Agreements
from saleor_amazonpay.amazon.v2.calls import Clock, V2Calls
from saleor_amazonpay.amazon.v2.objects import Objects
from saleor_amazonpay.amazon.v2.pacing import Pacer
from saleor_amazonpay.amazon.v2.payments import Payments
from saleor_amazonpay.amazon.v2.reports import ReportReader
from saleor_amazonpay.amazon.v2.sandbox import SIMULATIONS
from saleor_amazonpay.amazon.v2.shapes import BuyerShape
from saleor_amazonpay.amazon.v2.sights import Sights
from saleor_amazonpay.amazon.v2.signing import environment_of, public_pem
from saleor_amazonpay.amazon.v2.upgrade import KeyUpgrade, new_key_pair
from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.agreement import AgreementView
from saleor_amazonpay.domain.errors import CredentialsRejectedError, RefusedError, TokenRefusedError
from saleor_amazonpay.domain.outcome import Outcome
from saleor_amazonpay.domain.settlement import Settlement
from saleor_amazonpay.http import Http

_NOTHING = Page()


class V2Wire:
    """Amazon Pay Checkout v2.

    Args:
        http: the door out.
        endpoint: stands in for all of Amazon's hosts, for test-mode accounts only.
        clock: epoch seconds, for dates that are signed.
        pacer: keeps to Amazon's pace once it has throttled us.
    """

    name = "v2"
    # A session's id is handed to its buyer's browser alone, and the session says who that is.
    draft_needs_token = False
    successor = ""
    form = Form(
        ("seller_id", "store_id", "public_key_id", "private_key"),
        steps=(
            Step("store", "Store", "Seller Central, Integration Central: the store's Client ID/Store ID belongs into "
                 "this profile.", "store_id"),
            Step("allowed_origins", "JavaScript origins", "In the store's settings, list every address at which the "
                 "shop shows Amazon's button."),
            Step("return_urls", "Return URLs", "Amazon sends buyers back only to pages that the profile's shop origins "
                 "cover; list the same addresses in the store's settings."),
        ),
    )  # fmt: skip
    simulations: tuple[Simulation, ...] = SIMULATIONS

    def __init__(self, http: Http, endpoint: str = "", clock: Clock = time.time, pacer: Pacer | None = None) -> None:
        self._endpoint = endpoint
        self._calls = V2Calls(http, clock, endpoint, pacer)
        self._agreements = Agreements(self._calls)
        self._payments = Payments(self._calls, self._agreements)
        self._sights = Sights(Objects(self._calls))
        self.reports = ReportReader(self._calls)
        self._upgrade = KeyUpgrade(http, clock, endpoint)

    def storefront(self, account: Account, page: Page | None = None) -> dict[str, object]:
        """The button's configuration, signed for this page. Raises CredentialsRejectedError."""
        return button.configuration(account, page or _NOTHING, self._calls.signer(account), self._endpoint)

    async def settlements(self, account: Account, since: int, known: frozenset[str]) -> list[Settlement]:
        """GetReports and GetReportDocument."""
        return await settlements.settlements(self.reports, account, since, known)

    def page_of(self, account: Account, object_id: str) -> str:
        """Seller Central's page of a charge's order, or nothing."""
        order = ids.order_of(object_id)
        host = region(account.region).seller_central
        return f"https://{host}/hz/me/pmd/payment-details?orderReferenceId={order}" if order else ""

    def is_secret(self, agreement_id: str) -> bool:
        """A session's is; a permission's stands in buyers' mails, and v1's drafts go on here under theirs."""
        return ids.is_session(agreement_id)

    async def buyer_of(self, account: Account, access_token: str) -> str:
        """The buyer's id, by the buyer token of Amazon's sign-in."""
        try:
            answer = await self._calls.call(account, "GetBuyer", access_token)
        except CredentialsRejectedError:
            raise
        except RefusedError as error:
            raise TokenRefusedError(error.message or error.code) from error
        buyer_id = answer.read(BuyerShape).buyer_id
        if not buyer_id:
            raise TokenRefusedError("the buyer token names no buyer")
        return buyer_id

    async def read_agreement(
        self,
        account: Account,
        agreement_id: str,
        access_token: str = "",  # noqa: ARG002 - v1's
        *,
        purchase_id: str = "",
    ) -> AgreementView | None:
        """GetCheckoutSession or GetChargePermission."""
        return await self._agreements.read(account, ids.charged_on(agreement_id, purchase_id))

    async def shipping_address(
        self,
        account: Account,
        agreement_id: str,
        access_token: str,  # noqa: ARG002 - v1's
    ) -> PostalAddress | None:
        """GetCheckoutSession."""
        return await self._agreements.shipping_address(account, agreement_id)

    async def prepare(self, account: Account, agreement_id: str, terms: Terms) -> Ready | BuyerStep:
        """UpdateCheckoutSession where still to be done. Raises RefusedError for an id Amazon does not know."""
        return await self._agreements.prepare(account, agreement_id, terms)

    async def validate(self, account: Account, agreement_id: str, patience: float) -> Outcome:
        """GetChargePermission."""
        return await self._agreements.validate(account, agreement_id, patience)

    async def close(
        self,
        account: Account,
        agreement_id: str,
        reason: str,
        patience: float,
        *,
        purchase_id: str = "",
    ) -> AgreementView:
        """CloseChargePermission: nothing new is charged on it. Raises AmazonError."""
        return await self._agreements.close(account, ids.charged_on(agreement_id, purchase_id), reason, patience)

    def wallet_of(self, account: Account, agreement_id: str) -> str:
        """The buyer's own page at Amazon."""
        return wallet_url(agreement_id, self._endpoint, test_mode=account.test_mode)

    async def authorize(self, account: Account, call: AuthorizeCall, patience: float) -> Outcome:
        """CompleteCheckoutSession for a first payment, CreateCharge for a later one."""
        permission_id, session_id = (
            ids.charged_on(call.agreement_id, call.purchase_id),
            ids.session_of(call.purchase_id),
        )
        return await self._payments.authorize(
            account, replace(call, agreement_id=permission_id, purchase_id=session_id), patience
        )

    async def capture(self, account: Account, call: CaptureCall, patience: float) -> Outcome:
        """CaptureCharge."""
        return await self._payments.capture(account, call, patience)

    async def refund(self, account: Account, call: RefundCall, patience: float) -> Outcome:
        """CreateRefund."""
        return await self._payments.refund(account, call, patience)

    async def release(self, account: Account, authorization_id: str, reason: str, patience: float) -> Outcome:
        """CancelCharge and a read."""
        return await self._payments.release(account, authorization_id, reason, patience)

    async def read_authorization(self, account: Account, object_id: str, *, capture_now: bool) -> Outcome:
        """GetCharge."""
        return await self._payments.read_authorization(account, object_id, capture_now=capture_now)

    async def find(
        self, account: Account, reference_id: str, *, capture_now: bool, purchase_id: str = ""
    ) -> Outcome | None:
        """GetCheckoutSession of a first payment; a later one cannot be looked for."""
        session_id = ids.session_of(purchase_id)
        return await self._payments.find(account, reference_id, capture_now=capture_now, purchase_id=session_id)

    async def read_capture(self, account: Account, object_id: str) -> Outcome:
        """GetCharge."""
        return await self._payments.read_capture(account, object_id)

    async def read_refund(self, account: Account, object_id: str) -> Outcome:
        """GetRefund."""
        return await self._payments.read_refund(account, object_id)

    def environment_of(self, account: Account) -> bool | None:
        """By the prefix of the public key's id; older keys have none and serve both."""
        return environment_of(account.credentials.get("public_key_id", ""))

    def elsewhere(self, account: Account) -> Account | None:
        """For older keys, whose id does not tell. With an endpoint in Amazon's place there is no other environment."""
        if self._endpoint or self.environment_of(account) is not None:
            return None
        return replace(account, test_mode=not account.test_mode)

    async def sight(self, account: Account, object_id: str, among: Sequence[str] = ()) -> Sighting | None:
        """GetCharge or GetRefund by the id's own form."""
        return await self._sights.sight(account, object_id, among)

    async def dispute(self, account: Account, notice: Notice, among: Sequence[str] = ()) -> Dispute:
        """GetDispute."""
        return await self._sights.dispute(account, notice, among)

    async def confirms(self, account: Account, notice: Notice) -> bool:
        """Never."""
        return await self._sights.confirms(account, notice)

    async def check(self, account: Account) -> list[Check]:
        """Ask for a permission that cannot exist: being told so proves the keys. Raises AmazonError."""
        nowhere = f"{'S' if account.test_mode else 'P'}00-0000000-0000000"
        missing = (
            [] if account.credentials.get("store_id") else [Check("store_id", False, "the profile has no store id")]
        )
        try:
            await self._calls.call(account, "GetChargePermission", nowhere)
        except RefusedError as error:
            right = error.code in {"ResourceNotFound", "InvalidParameterValue"}
            rejected = isinstance(error, CredentialsRejectedError)
            words = "" if right else f"{error.code}: {error.message}"
            return [Check("payments", right, words, rejected=rejected), *missing]
        return [Check("payments", ok=True), *missing]

    def new_key_pair(self) -> KeyPair:
        """An RSA pair."""
        return new_key_pair()

    def pair_of(self, private_key: str) -> KeyPair:
        """The pair a private key belongs to. Raises CredentialsRejectedError."""
        return KeyPair(private_key, public_pem(private_key))

    async def exchange_key(self, account: Account, public_key: str) -> str:
        """GetPublicKeyId, with the MWS credentials. Raises AmazonError."""
        return await self._upgrade.exchange(account, public_key)

    def notice(self, message: str) -> Notice:
        """The inner message of a notification, of this format or v1's."""
        return notice_of(message)
