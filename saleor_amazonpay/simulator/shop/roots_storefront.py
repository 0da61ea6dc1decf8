"""The root fields that only a storefront asks: products, baskets, signing in, and a customer's own things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from saleor_amazonpay.simulator.shop import baskets, methods
from saleor_amazonpay.simulator.shop.arguments import Arguments
from saleor_amazonpay.simulator.shop.baskets import Wanted
from saleor_amazonpay.simulator.shop.errors import RefusedError, RequestError
from saleor_amazonpay.simulator.shop.people import User
from saleor_amazonpay.simulator.shop.purchases import Checkout
from saleor_amazonpay.simulator.shop.resolve import Record
from saleor_amazonpay.simulator.shop.roots import Caller, Root, record, root


@dataclass(frozen=True, slots=True)
class Me:
    """A signed-in user with what only she may see of herself; everything else is the user's own."""

    typename: ClassVar[str] = "User"
    user: User
    orders: Record
    stored_payment_methods: list[Record] | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.user, name)


async def _me(caller: Caller, _arguments: Arguments) -> Any:
    user = caller.requestor
    if not isinstance(user, User):
        return None
    own = [order for order in caller.shop.world.orders.values() if order.user is user]
    edges = [Record("OrderCountableEdge", {"node": order}) for order in reversed(own)]
    stored = None
    if "storedPaymentMethods" in caller.nested:
        channel = str(caller.nested["storedPaymentMethods"].get("channel", ""))
        stored = [_stored(each) for each in await _listed(caller, user, channel)]
    return Me(user, Record("OrderCountableConnection", {"edges": edges}), stored)


async def _listed(caller: Caller, user: User, channel: str) -> list[methods.StoredMethod]:
    if channel not in caller.shop.world.channels:
        return []
    return await caller.shop.stored_payment_methods(user, channel)


def _stored(method: methods.StoredMethod) -> Record:
    identifier = method.id.split(":")[1]
    card = method.credit_card_info
    return Record(
        "StoredPaymentMethod",
        {
            "id": method.id,
            "paymentMethodId": method.payment_method_id,
            "type": method.type,
            "name": method.name,
            "data": method.data,
            "supportedPaymentFlows": list(method.flows),
            "gateway": Record("PaymentGateway", {"id": identifier, "name": "Amazon Pay"}),
            "creditCardInfo": None if card is None else Record("CreditCard", card),
        },
    )


async def _products(caller: Caller, arguments: Arguments) -> Any:
    channel = caller.shop.world.channels.get(arguments.text("channel") or "")
    found = () if channel is None else caller.shop.world.catalogue.products(channel.currency_code).values()
    edges = [Record("ProductCountableEdge", {"node": product}) for product in found]
    return Record("ProductCountableConnection", {"edges": edges[: arguments.whole("first") or 100]})


async def _product(caller: Caller, arguments: Arguments) -> Any:
    channel = caller.shop.world.channels.get(arguments.text("channel") or "")
    products = {} if channel is None else caller.shop.world.catalogue.products(channel.currency_code)
    wanted = arguments.text("id")
    if wanted is not None:
        return next((each for each in products.values() if each.id == wanted), None)
    return products.get(arguments.required("slug"))


async def _sign_in(caller: Caller, arguments: Arguments) -> Any:
    email, password = arguments.required("email"), arguments.required("password")
    user = next((each for each in caller.shop.world.users if each.email == email and each.password == password), None)
    if user is None or user.is_staff:
        message = "Please, enter valid credentials"
        refused = RefusedError("email", "INVALID_CREDENTIALS", message)
        return record("CreateToken", refused.errors, "AccountError", token=None, refreshToken=None, user=None)
    return record("CreateToken", (), "AccountError", token=user.token, refreshToken=user.token, user=user)


async def _create(caller: Caller, arguments: Arguments) -> Any:
    given = arguments.inner("input", ("channel", "lines", "email", "languageCode"))
    lines = _wanted(given.inners("lines", ("variantId", "quantity")))
    user = caller.requestor if isinstance(caller.requestor, User) else None
    return _changed(
        "CheckoutCreate",
        lambda: baskets.create(caller.shop.world, given.text("channel") or "", lines, user, given.text("email")),
    )


def _lines(typename: str, *, add: bool) -> Callable[[Caller, Arguments], Any]:
    async def handler(caller: Caller, arguments: Arguments) -> Any:
        listed = arguments.inners("lines", ("variantId", "quantity", "lineId"))
        return _change(
            caller,
            arguments,
            typename,
            lambda checkout: baskets.change_lines(caller.shop.world, checkout, _wanted(listed), add=add),
        )

    return handler


def _wanted(listed: list[Arguments] | None) -> list[Wanted]:
    return [Wanted(each.required("variantId"), each.whole("quantity") or 0) for each in listed or ()]


async def _email(caller: Caller, arguments: Arguments) -> Any:
    def change(checkout: Checkout) -> None:
        checkout.email = arguments.required("email")

    return _change(caller, arguments, "CheckoutEmailUpdate", change)


async def _shipping_address(caller: Caller, arguments: Arguments) -> Any:
    given = arguments.inner("shippingAddress", baskets.ADDRESS_FIELDS)
    return _change(
        caller,
        arguments,
        "CheckoutShippingAddressUpdate",
        lambda checkout: baskets.ship_to(caller.shop.world, checkout, baskets.address_of(given)),
    )


async def _billing_address(caller: Caller, arguments: Arguments) -> Any:
    given = arguments.inner("billingAddress", baskets.ADDRESS_FIELDS)

    def change(checkout: Checkout) -> None:
        checkout.billing_address = baskets.address_of(given)

    return _change(caller, arguments, "CheckoutBillingAddressUpdate", change)


async def _delivery(caller: Caller, arguments: Arguments) -> Any:
    return _change(
        caller,
        arguments,
        "CheckoutDeliveryMethodUpdate",
        lambda checkout: baskets.deliver_by(caller.shop.world, checkout, arguments.required("deliveryMethodId")),
    )


def _change(caller: Caller, arguments: Arguments, typename: str, change: Callable[[Checkout], None]) -> Record:
    def changed() -> Checkout:
        checkout = caller.shop.world.checkout(arguments.required("id"))
        change(checkout)
        return checkout

    return _changed(typename, changed)


def _changed(typename: str, work: Callable[[], Checkout]) -> Record:
    try:
        return record(typename, (), "CheckoutError", checkout=work())
    except RefusedError as refused:
        return record(typename, refused.errors, "CheckoutError", checkout=None)


async def _remove(caller: Caller, arguments: Arguments) -> Any:
    user, place = caller.customer(), arguments.required("channel")
    return await _method(
        "StoredPaymentMethodRequestDelete",
        "PaymentMethodRequestDeleteError",
        lambda: caller.shop.stored_payment_method_delete(user, arguments.required("id"), place),
    )


async def _prepare_saving(caller: Caller, arguments: Arguments) -> Any:
    user, place = caller.customer(), arguments.required("channel")
    return await _method(
        "PaymentGatewayInitializeTokenization",
        "PaymentGatewayInitializeTokenizationError",
        lambda: caller.shop.payment_gateway_initialize_tokenization(
            user, arguments.required("id"), arguments.any("data"), place
        ),
    )


async def _save(caller: Caller, arguments: Arguments) -> Any:
    user, place = caller.customer(), arguments.required("channel")
    if arguments.required("paymentFlowToSupport") != "INTERACTIVE":
        raise RequestError("TokenizedPaymentFlowEnum has only INTERACTIVE.")
    return await _method(
        "PaymentMethodInitializeTokenization",
        "PaymentMethodInitializeTokenizationError",
        lambda: caller.shop.payment_method_initialize_tokenization(
            user, arguments.required("id"), arguments.any("data"), place
        ),
    )


async def _go_on_saving(caller: Caller, arguments: Arguments) -> Any:
    user, place = caller.customer(), arguments.required("channel")
    return await _method(
        "PaymentMethodProcessTokenization",
        "PaymentMethodProcessTokenizationError",
        lambda: caller.shop.payment_method_process_tokenization(
            user, arguments.required("id"), arguments.any("data"), place
        ),
    )


async def _method(typename: str, error: str, ask: Callable[[], Any]) -> Record:
    try:
        found: methods.MethodResult = await ask()
    except RefusedError as refused:
        return record(typename, refused.errors, error, result="FAILED_TO_DELIVER", id=None, data=None)
    errors = RefusedError(None, "GATEWAY_ERROR", found.error).errors if found.error else ()
    return record(typename, errors, error, result=found.result, id=found.id, data=found.data)


QUERIES: Mapping[str, Root] = {
    "me": root(_me),
    "product": root(_product, "id slug channel"),
    "products": root(_products, "first channel"),
}
MUTATIONS: Mapping[str, Root] = {
    "tokenCreate": root(_sign_in, "email password"),
    "checkoutCreate": root(_create, "input"),
    "checkoutLinesAdd": root(_lines("CheckoutLinesAdd", add=True), "id lines"),
    "checkoutLinesUpdate": root(_lines("CheckoutLinesUpdate", add=False), "id lines"),
    "checkoutEmailUpdate": root(_email, "id email"),
    "checkoutShippingAddressUpdate": root(_shipping_address, "id shippingAddress"),
    "checkoutBillingAddressUpdate": root(_billing_address, "id billingAddress"),
    "checkoutDeliveryMethodUpdate": root(_delivery, "id deliveryMethodId"),
    "storedPaymentMethodRequestDelete": root(_remove, "id channel"),
    "paymentGatewayInitializeTokenization": root(_prepare_saving, "id channel data"),
    "paymentMethodInitializeTokenization": root(_save, "id channel data paymentFlowToSupport"),
    "paymentMethodProcessTokenization": root(_go_on_saving, "id channel data"),
}
