"""What a wire must be able to do, in neutral words. Flows know this file and no wire.

Money may move in exactly three calls: `authorize` (with `capture_now`), `capture` and `refund`. All three take a
reference id that is fixed before the call; repeating one with the same id and parameters never moves money twice.
Every call raises only the errors of `domain.errors`; a refusal that has a meaning for the operation (agreement
suspended, amount over Amazon's limit, nothing left to refund ...) is an `Outcome`, not an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.agreement import AgreementView, Constraint
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.outcome import Outcome
from saleor_amazonpay.domain.settlement import Settlement


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """One merchant account at Amazon in one environment, with opened credentials; lives in memory only."""

    seller_id: str
    region: str  # us, uk, eu, jp
    test_mode: bool
    credentials: Mapping[str, str]  # by profile field: access_key, secret_key, client_id, mws_auth_token ...
    version: int = 0  # grows with every change of the profile

    @property
    def key(self) -> str:
        """`<seller id>:live` or `<seller id>:sandbox`: what agreement ids and notices are unique within."""
        return f"{self.seller_id}:{'sandbox' if self.test_mode else 'live'}"

    def __repr__(self) -> str:
        return f"Account({self.key}, {self.region})"


@dataclass(frozen=True, slots=True)
class Plan:
    """How often later charges come, in Amazon's words, and how much they are if that is fixed."""

    unit: str  # Year, Month, Week, Day, Variable
    value: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the shop delivers to; nothing named is no restriction."""

    countries: tuple[str, ...] = ()  # ISO 3166 codes
    po_boxes: bool = True
    packstations: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """The shop page that shows Amazon's button or widgets. Its URLs lie on the profile's shop origins."""

    return_url: str = ""  # where the buyer comes back to after choosing at Amazon
    cancel_url: str = ""
    amount: Money | None = None  # an estimate, for the buyer
    shipping: bool = True
    plan: Plan | None = None  # the buyer is asked to agree to later charges
    delivery: Delivery = field(default_factory=Delivery)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the buyer confirms: the first amount and how the shop names it to the buyer.

    Amount 0 asks for the agreement alone. `payment_reference` is our reference id of the payment that is confirmed
    with it, where a wire confirms both in one step.
    """

    reference_id: str
    amount: Money
    recurring: bool  # an agreement for later charges; else this one purchase
    store_name: str = ""
    note: str = ""  # Amazon mails it to the buyer: carries the customer service number
    customer_initiated: bool = True  # EU/UK SCA: the buyer is present whenever this agreement is charged
    inherit_shipping: bool = True  # the goods are shipped to the agreement's address
    buyer_present: bool = True  # somebody can be sent to Amazon's confirmation page
    success_url: str = ""
    failure_url: str = ""
    payment_reference: str = ""
    capture_now: bool = False
    may_pend: bool = False  # the shop can wait up to a day for Amazon's decision
    buyer_returned: bool = False  # the shop says that the buyer is back from Amazon's confirmation page
    plan: Plan | None = None
    descriptor: str = ""
    purchase_id: str = ""  # what an earlier `prepare` found or made for this purchase
    confirming: bool = False  # the buyer was sent to Amazon's confirmation page before
    authentication: str = ""  # what the return URL said: Success, Failure, Abandoned; a hint, never the truth


@dataclass(frozen=True, slots=True)
class Ready:
    """What is to be charged may be charged. `agreement` says where that stands.

    `purchase_id` is what is charged instead of the agreement itself: v1 the order reference of a one-time sale, v2 the
    checkout session of a first payment.
    """

    agreement: AgreementView
    purchase_id: str = ""


@dataclass(frozen=True, slots=True)
class BuyerStep:
    """The buyer has to do something first; nothing was charged. `code` says what.

    `purchase_id` as in `Ready`, if it is known already: what Amazon's widgets have to be shown for.
    """

    code: str  # consent_missing, payment_method, address_missing, agreement_ended ...
    agreement: AgreementView
    constraints: tuple[Constraint, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    purchase_id: str = ""


@dataclass(frozen=True, slots=True)
class AuthorizeCall:
    """Reserve `amount` on an open agreement and, with `capture_now`, take it.

    With a `purchase_id` that is charged instead of the agreement itself; see `Ready`.
    """

    agreement_id: str
    reference_id: str
    amount: Money
    capture_now: bool
    synchronous: bool  # decide now (may end timed out), or take up to a day
    order_name: str = ""  # what Seller Central shows as the shop's order id; our reference id
    store_name: str = ""
    note: str = ""
    descriptor: str = ""  # on the buyer's statement, at most 16 characters
    inherit_shipping: bool = True
    simulation: str = ""  # test accounts only: the sandbox simulation to ask for
    purchase_id: str = ""


@dataclass(frozen=True, slots=True)
class CaptureCall:
    """Take `amount` of an open authorization; both wires allow one capture per authorization."""

    authorization_id: str
    reference_id: str
    amount: Money
    note: str = ""
    descriptor: str = ""
    simulation: str = ""


@dataclass(frozen=True, slots=True)
class RefundCall:
    """Give `amount` of a completed capture back to the buyer."""

    capture_id: str
    reference_id: str
    amount: Money
    note: str = ""  # the reason, shown to the buyer
    descriptor: str = ""
    simulation: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing tried with a profile's credentials."""

    name: str  # account, payments, store_id ...
    ok: bool
    message: str = ""
    rejected: bool = False  # Amazon does not take these keys for what every payment needs


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notification of Amazon says to read. Its amounts and states are hints; the object is the truth."""

    notice_id: str
    seller_id: str
    test_mode: bool | None  # None: the notice does not say, and the address it came to has to
    subject: str  # agreement, order, authorize, capture, refund, chargeback, other
    object_id: str
    order_reference: str = ""  # first 19 characters of v1 ids
    reference_id: str = ""  # ours, if Amazon repeats it
    amount: Money | None = None
    state: str = ""
    reason: str = ""
    is_sample: bool = False  # Seller Central's test button
    agreement_id: str = ""  # v2: the charge permission the object belongs to
    made_of_it: tuple[str, ...] = ()  # captures of an authorization, refunds of a capture, where they are named
    updated_at: int | None = None  # when Amazon last changed the object, milliseconds UTC


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves as PEM."""

    private: str = field(repr=False)
    public: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """A result that the sandbox plays on request: `value` goes into the call, `code` and `title` are for people."""

    call: str  # authorize, capture, refund
    code: str
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be entered in Seller Central by hand, which no API can read back."""

    code: str
    title: str
    message: str
    values: str = "shop_origins"  # the field of the profile, or `ipn_url`, whose values are entered there


@dataclass(frozen=True, slots=True)
class Form:
    """What a wire needs of a profile, by field name. `unused` are kept, although no call of this wire needs them."""

    required: tuple[str, ...]
    unused: tuple[str, ...] = ()
    ending: bool = False  # Amazon has announced this API's end
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """An object as Amazon has it, read for its own sake: no call of ours need have made it."""

    subject: str  # authorize, capture, refund
    outcome: Outcome  # its amount is what was captured or refunded, once that is so
    amount: Money | None  # what the object is for: an authorization keeps what was reserved
    reference_id: str = ""  # what the one who made it calls it; ours, if we did
    parent_id: str = ""  # the capture of a refund, the authorization of a capture; empty if Amazon does not say
    made_of_it: tuple[str, ...] = ()  # captures of an authorization, refunds of a capture, where the wire lists them
    agreement_id: str = ""  # Amazon's id of the agreement it was made on, where that had to be asked
    refunded: Money | None = None  # of a capture, where the wire does not list its refunds: their sum, if there is any


@dataclass(frozen=True, slots=True)
class Dispute:
    """Money that a buyer's bank took back."""

    object_id: str
    amount: Money | None  # None: Amazon does not say how much, or nobody may ask
    capture_id: str = ""  # Amazon's id of the capture it is about; empty if it is none of those that were offered
    reason: str = ""
    won: bool = False  # it has ended for the shop


class Wire(Protocol):
    """One of Amazon's APIs. Implementations hold no state about payments."""

    name: str
    draft_needs_token: bool  # the buyer of a draft can, and has to, prove by an access token that it is hers
    successor: str  # the wire that takes this one's profiles over; empty if there is none
    form: Form
    simulations: tuple[Simulation, ...]

    def storefront(self, account: Account, page: Page | None = None) -> dict[str, object]:
        """The public configuration a shop page needs to show Amazon's widgets or button; calls nobody.

        Raises CredentialsRejectedError for keys that cannot sign it.
        """

    def page_of(self, account: Account, object_id: str) -> str:
        """Seller Central's page of an object: absolute, at most 200 characters, or empty."""

    def is_secret(self, agreement_id: str) -> bool:
        """Whether only its buyer's browser was given a draft's id, which then proves as much as a token."""

    async def buyer_of(self, account: Account, access_token: str) -> str:
        """Amazon's id of the buyer who holds this access token. Raises TokenRefusedError, AmazonError."""

    async def read_agreement(
        self, account: Account, agreement_id: str, access_token: str = "", *, purchase_id: str = ""
    ) -> AgreementView | None:
        """The agreement as it is now; None if Amazon does not know it. Only looks.

        With the `purchase_id` of a one-time sale the state is that of what is charged.
        """

    async def shipping_address(self, account: Account, agreement_id: str, access_token: str) -> PostalAddress | None:
        """The address the buyer chose; None if none yet. Only looks. Raises TokenRefusedError, AmazonError."""

    async def prepare(self, account: Account, agreement_id: str, terms: Terms) -> Ready | BuyerStep:
        """Bring an agreement, or a one-time purchase on it, to where it may be charged (v1: set and confirm).

        Moves no money; may be repeated, and makes no second purchase however often it is.
        """

    async def validate(self, account: Account, agreement_id: str, patience: float) -> Outcome:
        """Whether an open agreement could be charged. Moves no money."""

    async def close(
        self, account: Account, agreement_id: str, reason: str, patience: float, *, purchase_id: str = ""
    ) -> AgreementView:
        """End an agreement, or with a `purchase_id` what a one-time purchase was charged on. Moves no money.

        Nothing new is charged on it; what is open can still be captured. May be repeated: returns where it stands
        then, also if it had ended before. Raises AmazonError.
        """

    def wallet_of(self, account: Account, agreement_id: str) -> str:
        """Amazon's page where the buyer changes the payment method of an agreement, or ends it."""

    async def authorize(self, account: Account, call: AuthorizeCall, patience: float) -> Outcome:
        """Reserve or take money. Repeats identically within `patience` seconds while the outcome is unknown."""

    async def capture(self, account: Account, call: CaptureCall, patience: float) -> Outcome:
        """Take money that is reserved."""

    async def refund(self, account: Account, call: RefundCall, patience: float) -> Outcome:
        """Give money back."""

    async def release(self, account: Account, authorization_id: str, reason: str, patience: float) -> Outcome:
        """Give a reservation up. Finding it captured is an outcome with effect `captured`."""

    async def read_authorization(self, account: Account, object_id: str, *, capture_now: bool) -> Outcome:
        """An authorization as it is now. Only looks."""

    async def find(
        self, account: Account, reference_id: str, *, capture_now: bool, purchase_id: str = ""
    ) -> Outcome | None:
        """The authorization that was made under our reference id, found without repeating the call.

        None if Amazon has none yet: a call still on its way may make it later. Only looks. Raises AmazonError; an
        answer that cannot be read is never taken for None.
        """

    async def read_capture(self, account: Account, object_id: str) -> Outcome:
        """A capture as it is now. Only looks."""

    async def read_refund(self, account: Account, object_id: str) -> Outcome:
        """A refund as it is now. Only looks."""

    def environment_of(self, account: Account) -> bool | None:
        """Whether the keys are a test account's, where they say so themselves; None if only Amazon can tell."""

    def elsewhere(self, account: Account) -> Account | None:
        """The same keys in the other environment, to be tried there; None if that would prove nothing."""

    async def sight(self, account: Account, object_id: str, among: Sequence[str] = ()) -> Sighting | None:
        """Whatever an id names, as it is now; None if it is no id of an object on this account. Only looks.

        `among` are ids of the same payment that are known: its parent is looked for there first. Raises AmazonError.
        """

    async def dispute(self, account: Account, notice: Notice, among: Sequence[str] = ()) -> Dispute:
        """What a chargeback notice is about. `among`: the captures it can mean. Only looks. Raises AmazonError."""

    async def confirms(self, account: Account, notice: Notice) -> bool:
        """Whether Amazon, when asked, says what a notice says, in details that no outsider can know.

        Only looks. A notice that Amazon cannot be asked about is not confirmed. Raises AmazonError.
        """

    async def check(self, account: Account) -> list[Check]:
        """Try the credentials without touching anything, each permission by itself.

        Raises AmazonError where Amazon gave no answer, which says nothing about the keys.
        """

    def notice(self, message: str) -> Notice:
        """Read the inner message of a verified notification. Raises ValueError if it is none of this wire's."""


@runtime_checkable
class Successor(Wire, Protocol):
    """A wire that takes over profiles of an older one: same merchant account, keys of its own, the old ids known."""

    def new_key_pair(self) -> KeyPair:
        """Keys as this wire wants them."""

    def pair_of(self, private_key: str) -> KeyPair:
        """The pair a private key belongs to. Raises CredentialsRejectedError."""

    async def exchange_key(self, account: Account, public_key: str) -> str:
        """The id under which this wire knows a public key, by the account's old credentials. Raises AmazonError."""


@runtime_checkable
class Settling(Wire, Protocol):
    """A wire that can read what Amazon paid out."""

    async def settlements(self, account: Account, since: int, known: frozenset[str]) -> list[Settlement]:
        """Settlement reports made since a moment (ms UTC) without the known ones. Only looks. Raises AmazonError."""
