"""The half of the paper wire that moves no money: its names, buyers, pages, checks, and what notices name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from saleor_amazonpay.amazon.port import Account, Check, Dispute, Form, Notice, Page, Sighting, Simulation
from saleor_amazonpay.domain.errors import TokenRefusedError


@dataclass
class PaperDesk:
    """Everything is well unless a test says otherwise; `calls` names what was asked, in order."""

    name: str = "paper"
    draft_needs_token: bool = True
    successor: str = ""
    calls: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    form: Form = Form(("seller_id", "secret_key"), unused=("client_secret",))  # noqa: RUF009 - frozen
    simulations: tuple[Simulation, ...] = (
        Simulation("authorize", "hard_decline", "declined", "play:declined"),
        Simulation("refund", "amazon_rejected", "rejected", "play:rejected"),
    )
    checks: list[Check | Exception] = field(default_factory=list)  # instead of all being well
    checked: list[Account] = field(default_factory=list)
    sandbox_key: bool | None = None  # what the key says of its environment
    asks_elsewhere: bool = False
    sightings: dict[str, Sighting] = field(default_factory=dict)  # what somebody else made, by Amazon's id
    disputes: dict[str, Dispute] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)  # ids of objects whose notices hold

    def storefront(self, account: Account, page: Page | None = None) -> dict[str, object]:
        return {"sellerId": account.seller_id}

    def is_secret(self, agreement_id: str) -> bool:
        return not self.draft_needs_token

    async def buyer_of(self, account: Account, access_token: str) -> str:
        self.calls.append("buyer_of")
        if access_token not in self.tokens:
            raise TokenRefusedError("unknown token")
        return self.tokens[access_token]

    def wallet_of(self, account: Account, agreement_id: str) -> str:
        return f"https://amazon.example.com/wallet/{agreement_id}"

    def page_of(self, account: Account, object_id: str) -> str:
        return f"https://sellercentral.example.com/{object_id}"

    def environment_of(self, account: Account) -> bool | None:
        return self.sandbox_key

    def elsewhere(self, account: Account) -> Account | None:
        return replace(account, test_mode=not account.test_mode) if self.asks_elsewhere else None

    async def sight(self, account: Account, object_id: str, among: Sequence[str] = ()) -> Sighting | None:
        self.calls.append("sight")
        return self.sightings.get(object_id)

    async def dispute(self, account: Account, notice: Notice, among: Sequence[str] = ()) -> Dispute:
        self.calls.append("dispute")
        return self.disputes[notice.object_id]

    async def confirms(self, account: Account, notice: Notice) -> bool:
        self.calls.append("confirms")
        return notice.object_id in self.confirmed

    async def check(self, account: Account) -> list[Check]:
        self.checked.append(account)
        planned = self.checks.pop(0) if self.checks else Check("payments", ok=True)
        if isinstance(planned, Exception):
            raise planned
        return [planned]

    def notice(self, message: str) -> Notice:
        subject, object_id, seller = message.split()
        return Notice("n", seller, True, subject, object_id)
