"""A Saleor that exists, driven by what its own users can do: staff, a buyer, and an app that charges without her.

For the trial (docs/trial.md). In: its API URL and the e-mail and password of a member of staff, who is the buyer as
well. Everything goes over Saleor's GraphQL API; what a call refuses raises `SaleorRefusedError` with its own words.
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import msgspec

from saleor_amazonpay.cli.real_books import SESSION, TRANSACTION, Purchase, SaleorRefusedError, books_of
from saleor_amazonpay.http import AioHttp, TransportError
from saleor_amazonpay.simulator.shop.ledger import Books

_TOKEN_LIFE = 120.0  # seconds; Saleor's live five minutes
_TIMEOUT = 60.0  # seconds; a mutation may wait for our app, which may wait for Amazon
_ADDRESS = {"firstName": "Jane", "lastName": "Doe", "streetAddress1": "410 Terry Ave N", "city": "Seattle",
            "countryArea": "WA", "postalCode": "98109", "country": "US", "phone": "+12065550100"}  # fmt: skip


class RealSaleor:
    """One Saleor. `close` lets go of its connections."""

    def __init__(self, api_url: str, channel: str, email: str, password: str) -> None:
        self.api_url = api_url
        self.channel = channel
        self._email, self._password = email, password
        self._http = AioHttp()
        self._token, self._until = "", 0.0
        self._sold = ""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def ask(self, document: str, *, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """Send one operation, as the member of staff unless another token is given; "" is nobody.

        Raises SaleorRefusedError for every error of the answer, for `errors` of its mutation, and without an answer.
        """
        headers = {"Content-Type": "application/json"}
        token = await self._staff_token() if token is None else token
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = msgspec.json.encode({"query": document, "variables": variables})
        try:
            answer = await self._http.request("POST", self.api_url, headers=headers, body=body, timeout=_TIMEOUT)
        except TransportError as error:
            raise SaleorRefusedError(f"{self.api_url}: {error}. Start that Saleor, or check the address.") from error
        try:
            told = msgspec.json.decode(answer.body)
        except msgspec.DecodeError as error:
            raise SaleorRefusedError(f"{self.api_url} is no Saleor's API: HTTP {answer.status}, no JSON") from error
        if told.get("errors"):
            raise SaleorRefusedError(f"{document[:60]}…: {told['errors'][0]['message']}")
        data: dict[str, Any] = told["data"]
        for name, part in data.items():
            if isinstance(part, dict) and part.get("errors"):
                raise SaleorRefusedError(f"{name}: {part['errors']}")
        return data

    async def _staff_token(self) -> str:
        if time.monotonic() > self._until:
            document = (
                "mutation($email: String!, $password: String!) "
                "{ tokenCreate(email: $email, password: $password) { token errors { field code message } } }"
            )
            made = await self.ask(document, token="", email=self._email, password=self._password)
            self._token, self._until = made["tokenCreate"]["token"], time.monotonic() + _TOKEN_LIFE
        return self._token

    async def version(self) -> str:
        """What it calls itself."""
        return str((await self.ask("{ shop { version } }"))["shop"]["version"])

    # --- apps

    async def app(self, identifier: str) -> str:
        """The id of an installed app, or nothing."""
        document = "{ apps(first: 100) { edges { node { id identifier } } } }"
        found = (await self.ask(document))["apps"]["edges"]
        return next((str(each["node"]["id"]) for each in found if each["node"]["identifier"] == identifier), "")

    async def install(self, manifest_url: str, permissions: list[str]) -> None:
        """Begin to install an app; Saleor goes on by itself."""
        await self.ask(
            "mutation($input: AppInstallInput!) { appInstall(input: $input) { errors { field code message } } }",
            input={"appName": "Amazon Pay", "manifestUrl": manifest_url, "permissions": permissions},
        )

    async def delete_app(self, app_id: str) -> None:
        """Remove an app."""
        await self.ask("mutation($id: ID!) { appDelete(id: $id) { errors { field code message } } }", id=app_id)

    async def create_app(self, identifier: str) -> str:
        """An app that may handle payments; returns its token."""
        made = await self.ask(
            "mutation($input: AppInput!) { appCreate(input: $input) { authToken errors { field code message } } }",
            input={"name": identifier, "identifier": identifier, "permissions": ["HANDLE_PAYMENTS"]},
        )
        return str(made["appCreate"]["authToken"])

    async def grant(self, app_id: str, permissions: list[str]) -> None:
        """Give an app these permissions, and no others."""
        await self.ask(
            "mutation($id: ID!, $input: AppInput!) { appUpdate(id: $id, input: $input) "
            "{ errors { field code message } } }",
            id=app_id,
            input={"permissions": permissions},
        )

    async def failed_installs(self) -> dict[str, str]:
        """Installations that failed and were not removed: why, in Saleor's words, by id."""
        found = (await self.ask("{ appsInstallations { id status message } }"))["appsInstallations"]
        return {str(each["id"]): str(each["message"]) for each in found if each["status"] == "FAILED"}

    async def dashboard_token(self, app_id: str) -> str:
        """What the Dashboard hands to an app's page."""
        return str(
            (await self.ask("query($id: ID!) { app(id: $id) { accessToken } }", id=app_id))["app"]["accessToken"]
        )

    async def problems(self, app_id: str) -> list[str]:
        """The keys of what the app says is wrong now."""
        document = "query($id: ID!) { app(id: $id) { problems { key dismissed { by } } } }"
        found = (await self.ask(document, id=app_id))["app"]["problems"]
        return [str(each["key"]) for each in found if each["dismissed"] is None]

    # --- the channel

    async def strategy(self) -> str:
        """Whether the channel's payments are charged or authorized: CHARGE, AUTHORIZATION."""
        return str((await self._channel())["paymentSettings"]["defaultTransactionFlowStrategy"])

    async def use_strategy(self, strategy: str) -> None:
        """Change that: only an app may say it with a payment."""
        await self.ask(
            "mutation($id: ID!, $input: ChannelUpdateInput!) { channelUpdate(id: $id, input: $input) "
            "{ errors { field code message } } }",
            id=(await self._channel())["id"],
            input={"paymentSettings": {"defaultTransactionFlowStrategy": strategy}},
        )

    async def _channel(self) -> dict[str, Any]:
        document = (
            "query($slug: String!) { channel(slug: $slug) { id paymentSettings { defaultTransactionFlowStrategy } } }"
        )
        found: dict[str, Any] | None = (await self.ask(document, slug=self.channel))["channel"]
        if found is None:
            raise SaleorRefusedError(f"there is no channel {self.channel}")
        return found

    # --- purchases

    async def checkout(self, *, quantity: int = 1) -> Purchase:
        """The buyer's checkout of something in stock, with addresses and a delivery method."""
        created = await self.ask(
            "mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) "
            "{ checkout { id isShippingRequired shippingMethods { id } totalPrice { gross { amount } } } "
            "errors { field code message } } }",
            input={
                "channel": self.channel, "email": self._email, "shippingAddress": _ADDRESS,
                "billingAddress": _ADDRESS, "lines": [{"variantId": await self._variant(), "quantity": quantity}],
            },
        )  # fmt: skip
        found = created["checkoutCreate"]["checkout"]
        if found["isShippingRequired"]:
            chosen = await self.ask(
                "mutation($id: ID!, $method: ID!) { checkoutDeliveryMethodUpdate(id: $id, deliveryMethodId: $method) "
                "{ checkout { totalPrice { gross { amount } } } errors { field code message } } }",
                id=found["id"],
                method=found["shippingMethods"][0]["id"],
            )
            found = {**found, **chosen["checkoutDeliveryMethodUpdate"]["checkout"]}
        return Purchase(found["id"], Decimal(str(found["totalPrice"]["gross"]["amount"])))

    async def _variant(self) -> str:
        if not self._sold:
            found = await self.ask(
                "query($channel: String!) "
                "{ products(first: 30, channel: $channel, filter: {stockAvailability: IN_STOCK}) "
                "{ edges { node { productType { isShippingRequired } "
                "variants { id quantityAvailable pricing { price { gross { amount } } } } } } } }",
                channel=self.channel,
            )
            prices = {
                str(variant["id"]): (
                    edge["node"]["productType"]["isShippingRequired"],
                    variant["pricing"]["price"]["gross"]["amount"],
                )
                for edge in found["products"]["edges"]
                for variant in edge["node"]["variants"] or []
                if variant["quantityAvailable"]
            }
            self._sold = max(prices, key=prices.__getitem__, default="")
            if not self._sold or not prices[self._sold][1]:
                raise SaleorRefusedError(f"channel {self.channel} has nothing in stock with a price")
        return self._sold

    async def complete(self, checkout_id: str) -> str:
        """Make the order; returns its id."""
        document = "mutation($id: ID!) { checkoutComplete(id: $id) { order { id } errors { field code message } } }"
        return str((await self.ask(document, id=checkout_id))["checkoutComplete"]["order"]["id"])

    async def draft_order(self, *, quantity: int = 1) -> Purchase:
        """An order that staff made, without a customer's account, not paid; `checkout_id` is the order's."""
        made = await self.ask(
            "mutation($input: DraftOrderCreateInput!) { draftOrderCreate(input: $input) "
            "{ order { id shippingMethods { id } } errors { field code message } } }",
            input={
                "channelId": (await self._channel())["id"], "userEmail": "guest@example.com",
                "shippingAddress": _ADDRESS,
                "billingAddress": _ADDRESS, "lines": [{"variantId": await self._variant(), "quantity": quantity}],
            },
        )  # fmt: skip
        order = made["draftOrderCreate"]["order"]
        if order["shippingMethods"]:
            await self.ask(
                "mutation($id: ID!, $method: ID!) { orderUpdateShipping(order: $id, input: {shippingMethod: $method}) "
                "{ errors { field code message } } }",
                id=order["id"],
                method=order["shippingMethods"][0]["id"],
            )
        done = await self.ask(
            "mutation($id: ID!) { draftOrderComplete(id: $id) { order { id total { gross { amount } } } "
            "errors { field code message } } }",
            id=order["id"],
        )
        final = done["draftOrderComplete"]["order"]
        return Purchase(final["id"], Decimal(str(final["total"]["gross"]["amount"])))

    async def cancel_order(self, order_id: str) -> None:
        """Staff cancels an order."""
        await self.ask("mutation($id: ID!) { orderCancel(id: $id) { errors { field code message } } }", id=order_id)

    async def order(self, order_id: str) -> dict[str, Any]:
        """An order's statuses and granted refunds."""
        document = (
            "query($id: ID!) { order(id: $id) { number status chargeStatus authorizeStatus paymentStatus "
            "grantedRefunds { id status amount { amount } } } }"
        )
        found: dict[str, Any] = (await self.ask(document, id=order_id))["order"]
        return found

    # --- payments

    async def gateway(self, source: str, gateway_id: str, data: Any = None) -> Any:
        """What the app says about itself before anything is paid."""
        told = await self.ask(
            "mutation($id: ID!, $gateways: [PaymentGatewayToInitialize!]) "
            "{ paymentGatewayInitialize(id: $id, paymentGateways: $gateways) "
            "{ gatewayConfigs { id data errors { field code message } } errors { field code message } } }",
            id=source,
            gateways=[{"id": gateway_id, "data": data}],
        )
        config = told["paymentGatewayInitialize"]["gatewayConfigs"][0]
        if config["errors"]:
            raise SaleorRefusedError(f"paymentGatewayInitialize: {config['errors']}")
        return config["data"]

    async def initialize(
        self,
        source: str,
        gateway_id: str,
        data: Any,
        *,
        action: str | None = None,
        amount: Decimal | None = None,
        token: str | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Begin a payment."""
        told = await self.ask(
            "mutation($id: ID!, $gateway: PaymentGatewayToInitialize!, $amount: PositiveDecimal, "
            "$action: TransactionFlowStrategyEnum, $key: String) { transactionInitialize(id: $id, "
            f"paymentGateway: $gateway, amount: $amount, action: $action, idempotencyKey: $key) {{ {SESSION} }} }}",
            token=token,
            id=source,
            gateway={"id": gateway_id, "data": data},
            amount=None if amount is None else str(amount),
            action=action,
            key=key,
        )
        result: dict[str, Any] = told["transactionInitialize"]
        return result

    async def process(self, transaction: str, data: Any, *, token: str | None = None) -> dict[str, Any]:
        """Go on with a payment."""
        document = f"mutation($id: ID!, $data: JSON) {{ transactionProcess(id: $id, data: $data) {{ {SESSION} }} }}"
        result: dict[str, Any] = (await self.ask(document, token=token, id=transaction, data=data))[
            "transactionProcess"
        ]
        return result

    async def act(self, transaction: str, action: str, amount: Decimal | None, reason: str | None = None) -> None:
        """Staff captures, refunds or cancels."""
        await self.ask(
            "mutation($id: ID!, $action: TransactionActionEnum!, $amount: PositiveDecimal, $reason: String, "
            "$reference: ID) { transactionRequestAction(id: $id, actionType: $action, amount: $amount, "
            "refundReason: $reason, refundReasonReference: $reference) { errors { field code message } } }",
            id=transaction,
            action=action,
            amount=None if amount is None else str(amount),
            reason=reason,
            reference=await self._reason() if action == "REFUND" else None,
        )

    async def _reason(self) -> str | None:
        """A reason of the list that the shop insists on, where it has one."""
        settings = (await self.ask("{ refundSettings { reasonReferenceType { id } } }"))["refundSettings"]
        if not settings["reasonReferenceType"]:
            return None
        found = await self.ask(
            "query($types: [ID!]) { pages(first: 1, filter: {pageTypes: $types}) { edges { node { id } } } }",
            types=[settings["reasonReferenceType"]["id"]],
        )
        return next((str(edge["node"]["id"]) for edge in found["pages"]["edges"]), None)

    async def grant_refund(self, order_id: str, transaction: str, amount: Decimal) -> None:
        """Staff grants a refund on an order and sends it."""
        made = await self.ask(
            "mutation($id: ID!, $input: OrderGrantRefundCreateInput!) { orderGrantRefundCreate(id: $id, input: $input) "
            "{ grantedRefund { id } errors { field code message } } }",
            id=order_id,
            input={
                "amount": str(amount), "reason": "wrong size", "reasonReference": await self._reason(),
                "transactionId": transaction,
            },
        )  # fmt: skip
        await self.ask(
            "mutation($id: ID!, $refund: ID!) { transactionRequestRefundForGrantedRefund(id: $id, "
            "grantedRefundId: $refund) { errors { field code message } } }",
            id=transaction,
            refund=made["orderGrantRefundCreate"]["grantedRefund"]["id"],
        )

    # --- stored payment methods

    async def stored_methods(self) -> list[dict[str, Any]]:
        """The buyer's saved agreements."""
        document = (
            "query($channel: String!) { me { storedPaymentMethods(channel: $channel) "
            "{ id paymentMethodId type name data gateway { id } } } }"
        )
        found: list[dict[str, Any]] = (await self.ask(document, channel=self.channel))["me"]["storedPaymentMethods"]
        return found

    async def prepare_tokenizing(self, gateway_id: str, data: Any) -> dict[str, Any]:
        """How to show Amazon Pay to a buyer who saves a payment method."""
        told = await self.ask(
            "mutation($id: String!, $channel: String!, $data: JSON) { paymentGatewayInitializeTokenization(id: $id, "
            "channel: $channel, data: $data) { result data errors { field code message } } }",
            id=gateway_id, channel=self.channel, data=data,
        )  # fmt: skip
        result: dict[str, Any] = told["paymentGatewayInitializeTokenization"]
        return result

    async def tokenize(self, gateway_id: str, data: Any) -> dict[str, Any]:
        """Begin to save a payment method without buying."""
        told = await self.ask(
            "mutation($id: String!, $channel: String!, $data: JSON) { paymentMethodInitializeTokenization(id: $id, "
            "channel: $channel, data: $data, paymentFlowToSupport: INTERACTIVE) "
            "{ result id data errors { field code message } } }",
            id=gateway_id, channel=self.channel, data=data,
        )  # fmt: skip
        result: dict[str, Any] = told["paymentMethodInitializeTokenization"]
        return result

    async def tokenize_on(self, method: str, data: Any) -> dict[str, Any]:
        """Go on with it."""
        told = await self.ask(
            "mutation($id: String!, $channel: String!, $data: JSON) { paymentMethodProcessTokenization(id: $id, "
            "channel: $channel, data: $data) { result id data errors { field code message } } }",
            id=method, channel=self.channel, data=data,
        )  # fmt: skip
        result: dict[str, Any] = told["paymentMethodProcessTokenization"]
        return result

    async def delete_stored(self, method: str) -> None:
        """Remove a stored payment method."""
        await self.ask(
            "mutation($id: ID!, $channel: String!) { storedPaymentMethodRequestDelete(id: $id, channel: $channel) "
            "{ result errors { field code message } } }",
            id=method, channel=self.channel,
        )  # fmt: skip

    async def transaction(self, transaction: str) -> dict[str, Any]:
        """A payment as Saleor shows it."""
        document = f"query($id: ID!) {{ transaction(id: $id) {{ {TRANSACTION} }} }}"
        found: dict[str, Any] = (await self.ask(document, id=transaction))["transaction"]
        return found

    async def books(self, transaction: str) -> Books:
        """The same, as the demo's comparison reads it."""
        return books_of(await self.transaction(transaction))
