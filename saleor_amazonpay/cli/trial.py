"""`saleor-amazonpay trial`: the app on a Saleor that exists, with Amazon simulated; both books are compared.

The app is installed from its manifest, gets its profiles as the settings page makes them, and takes payments on both of
Amazon's APIs through Saleor's own GraphQL API: by the buyer, without her, in parts, back, and cancelled with the order.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import structlog
from rich.console import Console

from saleor_amazonpay.cli.abroad import Abroad, Beside, beside
from saleor_amazonpay.cli.books import compare_books
from saleor_amazonpay.cli.demo import table
from saleor_amazonpay.cli.journey import Done
from saleor_amazonpay.cli.real_books import SaleorRefusedError
from saleor_amazonpay.cli.real_saleor import RealSaleor
from saleor_amazonpay.cli.stage import SUBSCRIPTIONS, Ports
from saleor_amazonpay.http import AioHttp
from saleor_amazonpay.saleor.guard import normal_form
from saleor_amazonpay.saleor.manifest import APP_ID, permissions
from saleor_amazonpay.simulator.amazon import Behaviour

_PATIENCE = 90.0  # seconds for what a Saleor does by its workers, and a report after it
_CENT = Decimal("0.01")
_HOUR = 3600
_NO_PERMISSION = "installation:permissions"
_MONTHLY = {"frequency": {"unit": "Month", "value": "1"}}


class TrialError(Exception):
    """A step did not end as it should."""


@dataclass(slots=True)
class Trial:
    """One run. `steps` plays it; `transactions` are the payments it made."""

    saleor: RealSaleor
    made: Beside
    currency: str
    transactions: list[str]
    app_id: str = ""
    strategy: str = ""  # the channel's own, before
    wire: str = "mws"
    _subscriptions: str = ""  # the charging app's token
    _failed: set[str] = field(default_factory=set)  # installations that had failed before

    async def steps(self, wires: tuple[str, ...]) -> AsyncIterator[Done]:
        """Play it."""
        yield await self._install()
        for wire in wires:
            self.wire = wire
            yield await self._profile()
            for part in (self._sale, self._in_parts, self._released, self._declined, self._without_buyer, self._saved):
                async for step in part():
                    yield step
        async for step in self._from_outside():
            yield step

    # --- the merchant

    async def _install(self) -> Done:
        if await self.saleor.app(APP_ID):
            raise TrialError(f"{APP_ID} is installed there already: use a Saleor without it, or delete it first")
        self._failed = set(await self.saleor.failed_installs())
        await self.saleor.install(f"{self.made.app_url}/api/manifest", sorted(permissions()))
        await self._until(self._installed)
        self.app_id, self.strategy = await self.saleor.app(APP_ID), await self.saleor.strategy()
        self._subscriptions = await self.saleor.create_app(SUBSCRIPTIONS)
        return Done("merchant", f"installs the app in Saleor {await self.saleor.version()}", self.app_id)

    async def _installed(self) -> bool:
        directory = self.made.doors.deps.directory
        directory.forget()
        known = await directory.tenant(normal_form(self.saleor.api_url))
        failed = [why for key, why in (await self.saleor.failed_installs()).items() if key not in self._failed]
        if failed:
            raise TrialError(f"the app was not installed: {failed[0]}")
        return known is not None and bool(await self.saleor.app(APP_ID))

    async def leave(self) -> None:
        """Leave the Saleor as it was: remove what was installed, put the channel's strategy back. Orders stay."""
        if self.strategy:
            await self.saleor.use_strategy(self.strategy)
        for identifier in (APP_ID, SUBSCRIPTIONS) if self.app_id else ():
            if mine := await self.saleor.app(identifier):
                await self.saleor.delete_app(mine)

    async def _profile(self) -> Done:
        merchant, new = self.made.amazon.merchant, self.wire == "v2"
        alias = f"Trial {self.wire}"
        fields: dict[str, Any] = {
            "alias": alias, "wire": self.wire.upper(), "region": "US", "testMode": True, "currency": self.currency,
            "ledgerCurrency": merchant.currency, "sellerId": merchant.seller_id, "clientId": merchant.client_id,
            "descriptor": "TRIAL SHOP", "customerServiceNumber": "+1 206 555 0100", "timeZone": "UTC",
            "unlimited": True, "shopOrigins": [self.made.shop_url], "chargingApps": [SUBSCRIPTIONS],
            "allowOneTime": True, "allowRecurring": True, "releaseWhenCancelled": True,
        }  # fmt: skip
        if new:
            keys = {"storeId": merchant.store_id, "publicKeyId": next(iter(merchant.public_keys)),
                    "privateKey": merchant.private_key}  # fmt: skip
        else:
            keys = {"accessKey": merchant.access_key, "secretKey": merchant.secret_key}
        created = await self._ours(
            "mutation($input: AmazonPayProfileInput!) { amazonPayProfileCreate(input: $input) "
            "{ profile { id } errors { field code message } } }",
            input=fields | keys,
        )
        result = created["amazonPayProfileCreate"]
        if result["errors"]:
            raise TrialError(f"the profile was refused: {result['errors']}")
        profile_id = result["profile"]["id"]
        assigned = await self._ours(
            "mutation($channel: String!, $id: ID!, $priority: Int!) "
            "{ amazonPayAssign(channel: $channel, profileId: $id, priority: $priority) { errors { code message } } }",
            channel=self.saleor.channel, id=profile_id, priority=2 if new else 1,
        )  # fmt: skip
        if assigned["amazonPayAssign"]["errors"]:
            raise TrialError(f"the channel was refused: {assigned}")
        merchant.ipn_url = f"{self.made.app_url}/api/ipn/{profile_id}"
        return Done("merchant", f"adds a profile on {self.wire}, assigns it to {self.saleor.channel}", alias)

    async def _ours(self, document: str, **variables: Any) -> dict[str, Any]:
        """Ask the app's own API as its page in the Dashboard does."""
        token = await self.saleor.dashboard_token(self.app_id)
        http = AioHttp()
        headers = {"Content-Type": "application/json", "Authorization-Bearer": token}
        body = msgspec.json.encode({"query": document, "variables": variables})
        try:
            answer = await http.request("POST", f"{self.made.app_url}/graphql/", headers=headers, body=body)
        finally:
            await http.close()
        told = msgspec.json.decode(answer.body)
        if told.get("errors"):
            raise TrialError(f"the app's API: {told['errors'][0]['message']}")
        data: dict[str, Any] = told["data"]
        return data

    # --- the buyer

    async def _sale(self) -> AsyncIterator[Done]:
        purchase = await self.saleor.checkout()
        told = await self.saleor.gateway(purchase.checkout_id, APP_ID)
        if not told["available"] or told["wire"] != self.wire:
            raise TrialError(f"the gateway is not available on {self.wire}: {told}")
        yield Done("shop page", "asks how to show Amazon Pay", f"{told['profile']}, {told['wire']}")
        transaction = await self._pay(purchase.checkout_id, "CHARGE", purchase.total)
        yield Done("buyer", f"pays {purchase.total}", "CHARGE_SUCCESS")
        order = await self.saleor.complete(purchase.checkout_id)
        yield Done("shop", "completes the checkout", await self._order(order, "FULL"))
        yield await self._shown(transaction)
        await self.saleor.act(transaction, "REFUND", Decimal(1), "one shirt too many")
        await self._event(transaction, "REFUND_SUCCESS", Decimal(1))
        yield Done("staff", "refunds 1.00", "pending, then refunded")
        await self.saleor.grant_refund(order, transaction, Decimal(2))
        await self._event(transaction, "REFUND_SUCCESS", Decimal(2))
        await self._until(lambda: self._granted(order, "SUCCESS"))
        yield Done("staff", "grants a refund of 2.00 and sends it", "the granted refund is SUCCESS")

    async def _in_parts(self) -> AsyncIterator[Done]:
        purchase = await self.saleor.checkout()
        transaction = await self._pay(purchase.checkout_id, "AUTHORIZATION", purchase.total)
        order = await self.saleor.complete(purchase.checkout_id)
        part = (purchase.total / 3).quantize(_CENT)
        await self.saleor.act(transaction, "CHARGE", part)
        await self._event(transaction, "CHARGE_SUCCESS", part)
        yield Done("staff", f"captures {part} of {purchase.total}", await self._order(order, "PARTIAL"))
        rest = purchase.total - part
        await self.saleor.act(transaction, "CHARGE", rest)
        await self._event(transaction, "CHARGE_SUCCESS", rest)
        yield Done("staff", f"captures the other {rest}", await self._order(order, "FULL"))
        await self.saleor.act(transaction, "REFUND", purchase.total, "sent back")
        await self._event(transaction, "REFUND_SUCCESS", purchase.total)
        yield Done("staff", "refunds all of it", "split over both captures, reported once")

    async def _released(self) -> AsyncIterator[Done]:
        purchase = await self.saleor.checkout()
        transaction = await self._pay(purchase.checkout_id, "AUTHORIZATION", purchase.total)
        await self.saleor.act(transaction, "CANCEL", purchase.total)
        await self._event(transaction, "CANCEL_SUCCESS", purchase.total)
        yield Done("staff", f"cancels a reservation of {purchase.total}", "released")
        purchase = await self.saleor.checkout()
        transaction = await self._pay(purchase.checkout_id, "AUTHORIZATION", purchase.total)
        order = await self.saleor.complete(purchase.checkout_id)
        await self.saleor.cancel_order(order)
        await self._event(transaction, "CANCEL_SUCCESS", purchase.total)
        yield Done("staff", f"cancels an order of {purchase.total}", "its reservation is released")

    async def _declined(self) -> AsyncIterator[Done]:
        world = self.made.amazon
        card = world.add_card(world.buyer.buyer_id, Behaviour.DECLINE_SOFT)
        purchase = await self.saleor.checkout()
        data = self._choose(card_id=card.card_id)
        begun = await self._begin(purchase.checkout_id, data, "CHARGE")
        transaction = begun["transaction"]["id"]
        if self.wire == "v2":
            world.pay.finish(data["amazonCheckoutSessionId"])
            begun = await self.saleor.process(transaction, data)
        code = (begun["data"] or {}).get("code")
        if begun["transactionEvent"]["type"] != "CHARGE_ACTION_REQUIRED":
            raise TrialError(f"expected CHARGE_ACTION_REQUIRED: {begun['transactionEvent']}")
        yield Done("buyer", "pays with a card the bank declines softly", str(code))
        if self.wire == "v2":
            data = self._choose()
            await self.saleor.process(transaction, data)
            world.pay.finish(data["amazonCheckoutSessionId"])
        else:
            spare = world.add_card(world.buyer.buyer_id)
            world.change_payment_method(data["amazonBillingAgreementId"], spare.card_id)
        self._expect(await self.saleor.process(transaction, data), "CHARGE_SUCCESS")
        yield Done("buyer", "chooses another card and tries again", "charged, in the same transaction")

    async def _without_buyer(self) -> AsyncIterator[Done]:
        (method, *_) = await self.saleor.stored_methods()
        order = await self.saleor.draft_order()
        paid = await self._begin(order.checkout_id, method["data"]["session"], "CHARGE", token=self._subscriptions)
        self._expect(paid, "CHARGE_SUCCESS")
        yield Done(
            "subscription app", f"charges {order.total} without the buyer", await self._order(order.checkout_id, "FULL")
        )

    async def _saved(self) -> AsyncIterator[Done]:
        methods = await self.saleor.stored_methods()
        yield Done("buyer", "looks at her stored payment methods", f"{len(methods)}: {methods[0]['name']}")
        prepared = await self.saleor.prepare_tokenizing(APP_ID, {})
        if prepared["data"].get("wire") != self.wire:
            raise TrialError(f"nothing can be saved on {self.wire}: {prepared}")
        data = self._choose() | {"recurring": _MONTHLY | {"amount": 9.99}}
        saved = await self.saleor.tokenize(APP_ID, data)
        if saved["result"] == "ADDITIONAL_ACTION_REQUIRED":
            self.made.amazon.pay.finish(data["amazonCheckoutSessionId"])
            saved = await self.saleor.tokenize_on(saved["id"], data)
        if saved["result"] != "SUCCESSFULLY_TOKENIZED":
            raise TrialError(f"the agreement was not saved: {saved}")
        await self._until(lambda: self._listed(saved["id"], listed=True))
        yield Done("buyer", "saves one without buying", saved["id"])
        await self.saleor.delete_stored(saved["id"])
        await self._until(lambda: self._listed(saved["id"], listed=False))
        yield Done("buyer", "removes it again", "ended at Amazon")

    async def _listed(self, method: str, *, listed: bool) -> bool:
        return (method in [each["id"] for each in await self.saleor.stored_methods()]) == listed

    # --- from outside

    async def _from_outside(self) -> AsyncIterator[Done]:
        self.wire = "mws"
        first = self.transactions[0]
        capture = await self._last(first, "CHARGE_SUCCESS")
        if capture in self.made.amazon.books.captures:
            made = self.made.amazon.refund_in_seller_central(capture, Decimal(3))
            await self._until(lambda: self._noticed(made.refund_id))
            self.made.amazon.advance(_HOUR + 60)
            await self._event(first, "REFUND_SUCCESS", Decimal(3))
            yield Done(
                "merchant", "refunds 3.00 in Seller Central; an hour passes", "booked to the payment that owns it"
            )
            self.made.amazon.charge_back(capture, Decimal(4))
            await self._event(first, "CHARGE_BACK", Decimal(4))
            yield Done("buyer's bank", "takes 4.00 back", "CHARGE_BACK")
        needed = sorted(permissions())
        await self.saleor.grant(self.app_id, ["HANDLE_PAYMENTS"])
        await self._until(lambda: self._problems(_NO_PERMISSION))
        yield Done("staff", "takes a permission from the app", f"its problem in Saleor: {_NO_PERMISSION}")
        await self.saleor.grant(self.app_id, needed)
        await self._until(self._problems)
        yield Done("staff", "gives it back", "the problem is dismissed")

    async def _problems(self, *keys: str) -> bool:
        return await self.saleor.problems(self.app_id) == list(keys)

    async def _noticed(self, object_id: str) -> bool:
        log = self.made.amazon.notifications.log
        return any(each.state == "delivered" and each.inner.object_id == object_id for each in log)

    # --- helpers

    def _choose(self, **choice: Any) -> dict[str, Any]:
        """A buyer signs in at Amazon and chooses: what the storefront then sends."""
        if self.wire == "v2":
            session, _back = self.made.amazon.pay.open_session(**choice)
            urls = {"successUrl": f"{self.made.shop_url}/result", "failureUrl": f"{self.made.shop_url}/cart"}
            return {"amazonCheckoutSessionId": session.session_id, "recurring": _MONTHLY, **urls}
        agreement, token = self.made.amazon.open_agreement(**choice)
        return {
            "amazonBillingAgreementId": agreement.agreement_id, "accessToken": token.token, "recurring": _MONTHLY,
        }  # fmt: skip

    async def _begin(self, source: str, data: Any, action: str, token: str | None = None) -> dict[str, Any]:
        if token is None:
            await self.saleor.use_strategy(action)
        # Only an app may say it with the payment; for everybody else the channel does.
        asked = None if token is None else action
        begun = await self.saleor.initialize(source, APP_ID, data, action=asked, token=token)
        self.transactions.append(begun["transaction"]["id"])
        return begun

    async def _pay(self, source: str, action: str, amount: Decimal) -> str:
        data = self._choose()
        result = await self._begin(source, data, action)
        transaction = str(result["transaction"]["id"])
        if (result["data"] or {}).get("code") == "amazon_redirect":
            self.made.amazon.pay.finish(data["amazonCheckoutSessionId"])
            result = await self.saleor.process(transaction, data)
        self._expect(result, f"{action}_SUCCESS")
        if Decimal(str(result["transactionEvent"]["amount"]["amount"])) != amount:
            raise TrialError(f"{amount} was asked: {result['transactionEvent']}")
        return transaction

    @staticmethod
    def _expect(result: dict[str, Any], event: str) -> None:
        if result["transactionEvent"]["type"] != event:
            raise TrialError(f"expected {event}: {result['transactionEvent']} {result['data']}")

    async def _shown(self, transaction: str) -> Done:
        """What the transaction card has besides amounts; the name and link follow the answer."""

        async def named() -> bool:
            return bool((await self.saleor.transaction(transaction))["name"])

        await self._until(named)
        shown = await self.saleor.transaction(transaction)
        method = (shown["paymentMethodDetails"] or {}).get("name")
        outcome = f"{shown['name']} | {shown['externalUrl']} | {', '.join(shown['actions'])} | {method}"
        return Done("staff", "looks at the payment", outcome)

    async def _order(self, order_id: str, charge_status: str) -> str:
        async def reached() -> bool:
            return bool((await self.saleor.order(order_id))["chargeStatus"] == charge_status)

        await self._until(reached)
        found = await self.saleor.order(order_id)
        return f"order {found['number']}: charged {found['chargeStatus']}, authorized {found['authorizeStatus']}"

    async def _granted(self, order_id: str, status: str) -> bool:
        return [each["status"] for each in (await self.saleor.order(order_id))["grantedRefunds"]] == [status]

    async def _event(self, transaction: str, kind: str, amount: Decimal) -> None:
        async def there() -> bool:
            books = await self.saleor.books(transaction)
            return any(each.type == kind and each.value == amount for each in books.events)

        try:
            await self._until(there)
        except TimeoutError:
            events = [(each.type, each.value, each.message) for each in (await self.saleor.books(transaction)).events]
            raise TrialError(f"{kind} of {amount} did not come: {events}") from None

    async def _last(self, transaction: str, kind: str) -> str:
        events = (await self.saleor.books(transaction)).events
        return next((each.psp_reference for each in reversed(events) if each.type == kind), "")

    async def _until(self, reached: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(_PATIENCE):
            while not await reached():  # noqa: ASYNC110 - another system gets there, whenever it does
                await asyncio.sleep(0.5)


async def try_on(saleor: RealSaleor, place: Abroad, ports: Ports, wires: tuple[str, ...], console: Console) -> int:
    """Play it; returns the exit code: 0 only if every step went as it should and both books agree to the cent."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory(prefix="saleor-amazonpay-") as folder:
        async with beside(Path(folder), place, ports) as made:
            trial = Trial(saleor, made, place.currency, [])
            number, stopped = 0, ""
            try:
                async for step in trial.steps(wires):
                    number += 1
                    console.print(f" {number:2d}. [cyan]{step.who}[/cyan] {step.what} [green]→ {step.outcome}[/green]")
            except (TrialError, SaleorRefusedError, TimeoutError) as error:
                stopped = str(error) or "Saleor did not get there in time"
                console.print(f"[bold red]The trial stopped:[/bold red] {stopped}")
            books = [await saleor.books(each) for each in dict.fromkeys(trial.transactions)]
            lines = compare_books(books, made.amazon)
            console.print(table(lines, place.currency))
            await trial.leave()
    await saleor.close()
    agree = all(line.agree for line in lines)
    console.print(f"{sum(line.agree for line in lines)} of {len(lines)} payments agree to the cent.")
    return 0 if agree and lines and not stopped else 1
