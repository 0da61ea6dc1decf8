"""The types of Saleor's API that this shop can show, one line of `field:Type` pairs each.

In: nothing. Out: for every type its fields, each with the type it has in Saleor. Only what a payment app, a storefront
and the Dashboard's payment pages read is here; a field that is missing counts as unknown, as it would in an older
Saleor. The tests hold every line against Saleor's published schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_EVENT = "issuedAt:DateTime version:String issuingPrincipal:IssuingPrincipal recipient:App"
_SESSION = (
    f"{_EVENT} transaction:TransactionItem! sourceObject:OrderOrCheckout! data:JSON merchantReference:String! "
    "customerIpAddress:String action:TransactionProcessAction!"
)
_ACTION = f"{_EVENT} transaction:TransactionItem action:TransactionAction!"
_METADATA = "metadata:[MetadataItem!]! privateMetadata:[MetadataItem!]!"
_TOKENIZATION = f"{_EVENT} user:User! channel:Channel!"
_ERROR = "field:String message:String"

_LINES = {
    "Query": (
        "app:App transaction:TransactionItem order:Order checkout:Checkout shop:Shop! channels:[Channel!] me:User "
        "product:Product products:ProductCountableConnection"
    ),
    "Mutation": (
        "paymentGatewayInitialize:PaymentGatewayInitialize transactionInitialize:TransactionInitialize "
        "transactionProcess:TransactionProcess transactionRequestAction:TransactionRequestAction "
        "transactionRequestRefundForGrantedRefund:TransactionRequestRefundForGrantedRefund "
        "transactionEventReport:TransactionEventReport transactionUpdate:TransactionUpdate "
        "orderGrantRefundCreate:OrderGrantRefundCreate checkoutComplete:CheckoutComplete "
        "appProblemCreate:AppProblemCreate appProblemDismiss:AppProblemDismiss "
        "webhookCreate:WebhookCreate webhookUpdate:WebhookUpdate webhookDelete:WebhookDelete "
        "tokenCreate:CreateToken checkoutCreate:CheckoutCreate checkoutLinesAdd:CheckoutLinesAdd "
        "checkoutLinesUpdate:CheckoutLinesUpdate checkoutEmailUpdate:CheckoutEmailUpdate "
        "checkoutShippingAddressUpdate:CheckoutShippingAddressUpdate "
        "checkoutBillingAddressUpdate:CheckoutBillingAddressUpdate "
        "checkoutDeliveryMethodUpdate:CheckoutDeliveryMethodUpdate "
        "storedPaymentMethodRequestDelete:StoredPaymentMethodRequestDelete "
        "paymentGatewayInitializeTokenization:PaymentGatewayInitializeTokenization "
        "paymentMethodInitializeTokenization:PaymentMethodInitializeTokenization "
        "paymentMethodProcessTokenization:PaymentMethodProcessTokenization"
    ),
    "Subscription": "event:Event",
    "Event": _EVENT,
    "IssuingPrincipal": "",
    "OrderOrCheckout": "",
    "UserOrApp": "",
    "DeliveryMethod": "",
    "PaymentGatewayInitializeSession": (f"{_EVENT} sourceObject:OrderOrCheckout! data:JSON amount:PositiveDecimal"),
    "TransactionInitializeSession": f"{_SESSION} idempotencyKey:String!",
    "TransactionProcessSession": _SESSION,
    "TransactionChargeRequested": _ACTION,
    "TransactionCancelationRequested": _ACTION,
    "TransactionRefundRequested": f"{_ACTION} grantedRefund:OrderGrantedRefund",
    "ListStoredPaymentMethods": _TOKENIZATION,
    "StoredPaymentMethodDeleteRequested": f"{_TOKENIZATION} paymentMethodId:String!",
    "PaymentGatewayInitializeTokenizationSession": f"{_TOKENIZATION} data:JSON",
    "PaymentMethodInitializeTokenizationSession": (
        f"{_TOKENIZATION} data:JSON paymentFlowToSupport:TokenizedPaymentFlowEnum!"
    ),
    "PaymentMethodProcessTokenizationSession": f"{_TOKENIZATION} data:JSON id:String!",
    "CheckoutFullyAuthorized": f"{_EVENT} checkout:Checkout",
    "CheckoutFullyPaid": f"{_EVENT} checkout:Checkout",
    "OrderCreated": f"{_EVENT} order:Order",
    "OrderCancelled": f"{_EVENT} order:Order",
    "FulfillmentCreated": f"{_EVENT} fulfillment:Fulfillment order:Order",
    "FulfillmentApproved": f"{_EVENT} fulfillment:Fulfillment order:Order",
    "AppUpdated": f"{_EVENT} app:App",
    "AppDeleted": f"{_EVENT} app:App",
    "TransactionProcessAction": "amount:PositiveDecimal! currency:String! actionType:TransactionFlowStrategyEnum!",
    "TransactionAction": "amount:PositiveDecimal! currency:String! actionType:TransactionActionEnum!",
    "TransactionItem": (
        "id:ID! token:UUID! createdAt:DateTime! modifiedAt:DateTime! actions:[TransactionActionEnum!]! "
        "authorizedAmount:Money! authorizePendingAmount:Money! refundedAmount:Money! refundPendingAmount:Money! "
        "canceledAmount:Money! cancelPendingAmount:Money! chargedAmount:Money! chargePendingAmount:Money! "
        "name:String! message:String! pspReference:String! order:Order checkout:Checkout "
        "events:[TransactionEvent!]! createdBy:UserOrApp externalUrl:String! reason:String "
        f"paymentMethodDetails:PaymentMethodDetails {_METADATA}"
    ),
    "TransactionEvent": (
        "id:ID! createdAt:DateTime! pspReference:String! message:String! externalUrl:String! amount:Money! "
        "type:TransactionEventTypeEnum createdBy:UserOrApp idempotencyKey:String"
    ),
    "PaymentMethodDetails": "name:String!",
    "OtherPaymentMethodDetails": "name:String!",
    "CardPaymentMethodDetails": (
        "name:String! brand:String firstDigits:String lastDigits:String expMonth:Int expYear:Int"
    ),
    "GiftCardPaymentMethodDetails": "name:String! brand:String lastChars:String",
    "OrderGrantedRefund": (
        "id:ID! createdAt:DateTime! updatedAt:DateTime! amount:Money! reason:String user:User app:App "
        "shippingCostsIncluded:Boolean! lines:[OrderGrantedRefundLine!] status:OrderGrantedRefundStatusEnum! "
        "transactionEvents:[TransactionEvent!] transaction:TransactionItem"
    ),
    "OrderGrantedRefundLine": "id:ID! quantity:Int! reason:String",
    "Checkout": (
        "id:ID! token:UUID! created:DateTime! updatedAt:DateTime! languageCode:LanguageCodeEnum! email:String "
        "user:User channel:Channel! billingAddress:Address shippingAddress:Address isShippingRequired:Boolean! "
        "voucherCode:String discount:Money totalPrice:TaxedMoney! subtotalPrice:TaxedMoney! "
        "shippingPrice:TaxedMoney! totalBalance:Money! authorizeStatus:CheckoutAuthorizeStatusEnum! "
        "chargeStatus:CheckoutChargeStatusEnum! delivery:Delivery deliveryMethod:DeliveryMethod "
        "shippingMethods:[ShippingMethod!]! "
        "lines:[CheckoutLine!]! metadata:[MetadataItem!]! transactions:[TransactionItem!]"
    ),
    "Order": (
        "id:ID! token:String! number:String! created:DateTime! updatedAt:DateTime! status:OrderStatus! user:User "
        "userEmail:String channel:Channel! billingAddress:Address shippingAddress:Address checkoutId:ID "
        "isShippingRequired:Boolean! total:TaxedMoney! totalBalance:Money! totalAuthorized:Money! "
        "totalCharged:Money! lines:[OrderLine!]! fulfillments:[Fulfillment!]! "
        "authorizeStatus:OrderAuthorizeStatusEnum! chargeStatus:OrderChargeStatusEnum! "
        "voucherCode:String discount:Money metadata:[MetadataItem!]! transactions:[TransactionItem!]! "
        "grantedRefunds:[OrderGrantedRefund!]!"
    ),
    "Channel": (
        "id:ID! slug:String! name:String! currencyCode:String! isActive:Boolean! defaultCountry:CountryDisplay!"
    ),
    "User": (
        "id:ID! email:String! firstName:String! lastName:String! isStaff:Boolean! languageCode:LanguageCodeEnum! "
        f"externalReference:String defaultBillingAddress:Address {_METADATA} "
        "userPermissions:[UserPermission!] storedPaymentMethods:[StoredPaymentMethod!] orders:OrderCountableConnection"
    ),
    "StoredPaymentMethod": (
        "id:ID! gateway:PaymentGateway! paymentMethodId:String! creditCardInfo:CreditCard "
        "supportedPaymentFlows:[TokenizedPaymentFlowEnum!] type:String! name:String data:JSON"
    ),
    "CreditCard": "brand:String! firstDigits:String lastDigits:String! expMonth:Int expYear:Int",
    "PaymentGateway": "id:ID! name:String!",
    "UserPermission": "code:PermissionEnum! name:String!",
    "App": (
        "id:ID! identifier:String name:String version:String isActive:Boolean permissions:[Permission!] "
        f"problems:[AppProblem!] webhooks:[Webhook!] {_METADATA}"
    ),
    "Permission": "code:PermissionEnum! name:String!",
    "AppProblem": (
        "id:ID! createdAt:DateTime! updatedAt:DateTime! count:Int! isCritical:Boolean! "
        "dismissed:AppProblemDismissed message:String! key:String!"
    ),
    "AppProblemDismissed": "by:AppProblemDismissedByEnum!",
    "MetadataItem": "key:String! value:String!",
    "Money": "amount:Float! currency:String!",
    "TaxedMoney": "gross:Money! net:Money! tax:Money!",
    "CountryDisplay": "code:String! country:String!",
    "Address": (
        "id:ID! firstName:String! lastName:String! companyName:String! streetAddress1:String! "
        "streetAddress2:String! city:String! cityArea:String! postalCode:String! country:CountryDisplay! "
        "countryArea:String! phone:String"
    ),
    "Delivery": "id:ID! shippingMethod:ShippingMethod",
    "ShippingMethod": "id:ID! name:String! price:Money!",
    "CheckoutLine": (
        "id:ID! quantity:Int! isGift:Boolean requiresShipping:Boolean! unitPrice:TaxedMoney! "
        "totalPrice:TaxedMoney! undiscountedTotalPrice:Money! variant:ProductVariant!"
    ),
    "ProductVariant": "id:ID! sku:String name:String! product:Product! pricing:VariantPricingInfo",
    "VariantPricingInfo": "price:TaxedMoney",
    "Product": (
        "id:ID! name:String! slug:String! productType:ProductType! description:JSONString "
        "defaultVariant:ProductVariant thumbnail:Image"
    ),
    "Image": "url:String! alt:String",
    "Fulfillment": "id:ID! status:FulfillmentStatus! created:DateTime! lines:[FulfillmentLine!]",
    "FulfillmentLine": "id:ID! quantity:Int! orderLine:OrderLine",
    "Webhook": (
        "id:ID! name:String identifier:String isActive:Boolean! targetUrl:String! subscriptionQuery:String "
        "syncEvents:[WebhookEventSync!]! asyncEvents:[WebhookEventAsync!]!"
    ),
    "WebhookEventSync": "eventType:WebhookEventTypeSyncEnum!",
    "WebhookEventAsync": "eventType:WebhookEventTypeAsyncEnum!",
    "WebhookCreate": "webhook:Webhook errors:[WebhookError!]!",
    "WebhookUpdate": "webhook:Webhook errors:[WebhookError!]!",
    "WebhookDelete": "webhook:Webhook errors:[WebhookError!]!",
    "WebhookError": f"{_ERROR} code:WebhookErrorCode!",
    "OrderLine": "id:ID! productName:String! quantity:Int! totalPrice:TaxedMoney!",
    "ProductCountableConnection": "edges:[ProductCountableEdge!]!",
    "ProductCountableEdge": "node:Product!",
    "OrderCountableConnection": "edges:[OrderCountableEdge!]!",
    "OrderCountableEdge": "node:Order!",
    "ProductType": "name:String! isShippingRequired:Boolean!",
    "Shop": "version:String! schemaVersion:String! name:String!",
    "PaymentGatewayConfig": "id:String! data:JSON errors:[PaymentGatewayConfigError!]",
    "PaymentGatewayInitialize": ("gatewayConfigs:[PaymentGatewayConfig!] errors:[PaymentGatewayInitializeError!]!"),
    "TransactionInitialize": (
        "transaction:TransactionItem transactionEvent:TransactionEvent data:JSON errors:[TransactionInitializeError!]!"
    ),
    "TransactionProcess": (
        "transaction:TransactionItem transactionEvent:TransactionEvent data:JSON errors:[TransactionProcessError!]!"
    ),
    "TransactionRequestAction": "transaction:TransactionItem errors:[TransactionRequestActionError!]!",
    "TransactionRequestRefundForGrantedRefund": (
        "transaction:TransactionItem errors:[TransactionRequestRefundForGrantedRefundError!]!"
    ),
    "TransactionEventReport": (
        "alreadyProcessed:Boolean transaction:TransactionItem transactionEvent:TransactionEvent "
        "errors:[TransactionEventReportError!]!"
    ),
    "TransactionUpdate": "transaction:TransactionItem errors:[TransactionUpdateError!]!",
    "OrderGrantRefundCreate": ("order:Order grantedRefund:OrderGrantedRefund errors:[OrderGrantRefundCreateError!]!"),
    "CheckoutComplete": "order:Order confirmationNeeded:Boolean! errors:[CheckoutError!]!",
    "AppProblemCreate": "appProblem:AppProblem errors:[AppProblemCreateError!]!",
    "AppProblemDismiss": "errors:[AppProblemDismissError!]!",
    "CreateToken": "token:String refreshToken:String user:User errors:[AccountError!]!",
    **dict.fromkeys(
        (
            "CheckoutCreate",
            "CheckoutLinesAdd",
            "CheckoutLinesUpdate",
            "CheckoutEmailUpdate",
            "CheckoutShippingAddressUpdate",
            "CheckoutBillingAddressUpdate",
            "CheckoutDeliveryMethodUpdate",
        ),
        "checkout:Checkout errors:[CheckoutError!]!",
    ),
    "StoredPaymentMethodRequestDelete": (
        "result:StoredPaymentMethodRequestDeleteResult! errors:[PaymentMethodRequestDeleteError!]!"
    ),
    "PaymentGatewayInitializeTokenization": (
        "result:PaymentGatewayInitializeTokenizationResult! data:JSON "
        "errors:[PaymentGatewayInitializeTokenizationError!]!"
    ),
    "PaymentMethodInitializeTokenization": (
        "result:PaymentMethodTokenizationResult! id:String data:JSON "
        "errors:[PaymentMethodInitializeTokenizationError!]!"
    ),
    "PaymentMethodProcessTokenization": (
        "result:PaymentMethodTokenizationResult! id:String data:JSON errors:[PaymentMethodProcessTokenizationError!]!"
    ),
    "AccountError": f"{_ERROR} code:AccountErrorCode!",
    "PaymentMethodRequestDeleteError": f"{_ERROR} code:StoredPaymentMethodRequestDeleteErrorCode!",
    "PaymentGatewayInitializeTokenizationError": f"{_ERROR} code:PaymentGatewayInitializeTokenizationErrorCode!",
    "PaymentMethodInitializeTokenizationError": f"{_ERROR} code:PaymentMethodInitializeTokenizationErrorCode!",
    "PaymentMethodProcessTokenizationError": f"{_ERROR} code:PaymentMethodProcessTokenizationErrorCode!",
    "PaymentGatewayConfigError": f"{_ERROR} code:PaymentGatewayConfigErrorCode!",
    "PaymentGatewayInitializeError": f"{_ERROR} code:PaymentGatewayInitializeErrorCode!",
    "TransactionInitializeError": f"{_ERROR} code:TransactionInitializeErrorCode!",
    "TransactionProcessError": f"{_ERROR} code:TransactionProcessErrorCode!",
    "TransactionRequestActionError": f"{_ERROR} code:TransactionRequestActionErrorCode!",
    "TransactionRequestRefundForGrantedRefundError": (
        f"{_ERROR} code:TransactionRequestRefundForGrantedRefundErrorCode!"
    ),
    "TransactionEventReportError": f"{_ERROR} code:TransactionEventReportErrorCode!",
    "TransactionUpdateError": f"{_ERROR} code:TransactionUpdateErrorCode!",
    "OrderGrantRefundCreateError": f"{_ERROR} code:OrderGrantRefundCreateErrorCode!",
    "CheckoutError": f"{_ERROR} code:CheckoutErrorCode!",
    "AppProblemCreateError": f"{_ERROR} code:AppProblemCreateErrorCode!",
    "AppProblemDismissError": f"{_ERROR} code:AppProblemDismissErrorCode!",
}

# Fields that only these permissions open; a storefront has none of them.
GUARDED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Checkout", "transactions"): ("MANAGE_CHECKOUTS", "HANDLE_PAYMENTS"),
    ("Order", "transactions"): ("MANAGE_ORDERS", "HANDLE_PAYMENTS"),
}

# Which types a value of an abstract type may turn out to be; the events are added below.
_POSSIBLE = {
    "IssuingPrincipal": {"App", "User"},
    "UserOrApp": {"App", "User"},
    "OrderOrCheckout": {"Order", "Checkout"},
    "DeliveryMethod": {"ShippingMethod"},
    "PaymentMethodDetails": {
        "OtherPaymentMethodDetails",
        "CardPaymentMethodDetails",
        "GiftCardPaymentMethodDetails",
    },
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a type: `type` is the bare name, the flags say what its brackets and exclamation marks say."""

    name: str
    type: str
    is_list: bool
    required: bool

    @property
    def attribute(self) -> str:
        """The Python attribute that holds it: the name in snake case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()

    @property
    def written(self) -> str:
        """The type as GraphQL writes it."""
        return f"{f'[{self.type}!]' if self.is_list else self.type}{'!' if self.required else ''}"


def _fields(line: str) -> dict[str, Field]:
    found = {}
    for entry in line.split():
        name, _, written = entry.partition(":")
        found[name] = Field(name, written.strip("[]!"), written.startswith("["), written.endswith("!"))
    return found


TYPES: Mapping[str, Mapping[str, Field]] = {name: _fields(line) for name, line in _LINES.items()}
EVENTS = frozenset(name for name, line in _LINES.items() if line.startswith(_EVENT) and name != "Event")
POSSIBLE: Mapping[str, frozenset[str]] = {
    "Event": EVENTS,
    **{name: frozenset(types) for name, types in _POSSIBLE.items()},
}
