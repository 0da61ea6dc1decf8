"""A wire made of paper: Amazon in a dictionary, to test flows without any wire's habits.

It keeps Amazon's promise that an identical repeat gives the first result, counts what it made, and plays what a test
scripts: outcomes, errors, and calls that wait for `gate` before they act or after.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from saleor_amazonpay.amazon.port import Account, AuthorizeCall, BuyerStep, CaptureCall, Ready, RefundCall, Terms
from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.agreement import ENDED, AgreementState, AgreementView
from saleor_amazonpay.domain.errors import OutcomeUnknownError, RefusedError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Verdict
from tests.amazon.paper_desk import PaperDesk
from tests.amazon.verdicts import AGREED, AUTHORIZED, CAPTURED, PENDING, RELEASED

Call = AuthorizeCall | CaptureCall | RefundCall


@dataclass
class PaperWire(PaperDesk):
    agreements: dict[str, AgreementView] = field(default_factory=dict)
    made: dict[str, Outcome] = field(default_factory=dict)  # by reference id: one object each
    objects: dict[str, Outcome] = field(default_factory=dict)  # by Amazon's id, as it is now
    moved: list[tuple[str, str, Money]] = field(default_factory=list)
    addresses: dict[str, PostalAddress] = field(default_factory=dict)
    script: list[Verdict | Exception] = field(default_factory=list)
    looks: list[Exception] = field(default_factory=list)  # what the next looks at an agreement end in
    lost: int = 0  # so many answers get lost after Amazon has acted
    order: str = "ORDER-1"  # what the order of the next payment is called
    step: str = ""  # a buyer step that prepare asks for
    gate: asyncio.Event | None = None
    terms: list[Terms] = field(default_factory=list)  # what was prepared, in order

    def draft(self, agreement_id: str, buyer: str = "buyer-1", token: str = "token-1") -> None:
        self.agreements[agreement_id] = AgreementView(agreement_id, AgreementState.DRAFT, consent=True)
        self.tokens[token] = buyer

    async def read_agreement(
        self, account: Account, agreement_id: str, access_token: str = "", *, purchase_id: str = ""
    ) -> AgreementView | None:
        self.calls.append("read_agreement")
        if self.looks:
            raise self.looks.pop(0)
        return self.agreements.get(purchase_id or agreement_id)

    async def shipping_address(self, account: Account, agreement_id: str, access_token: str) -> PostalAddress | None:
        self.calls.append("shipping_address")
        if agreement_id not in self.agreements:
            raise RefusedError("shipping_address", "unknown")
        return self.addresses.get(agreement_id)

    async def prepare(self, account: Account, agreement_id: str, terms: Terms) -> Ready | BuyerStep:
        self.calls.append("prepare")
        self.terms.append(terms)
        view = self.agreements[agreement_id]
        purchase_id = "" if terms.recurring else f"purchase-{agreement_id}"
        if self.step or view.state in ENDED:
            return BuyerStep(self.step or "agreement_ended", view, purchase_id=purchase_id)
        view = self.agreements[purchase_id or agreement_id] = replace(view, state=AgreementState.OPEN)
        return Ready(view, purchase_id)

    async def validate(self, account: Account, agreement_id: str, patience: float) -> Outcome:
        self.calls.append("validate")
        planned = self.script.pop(0) if self.script else AGREED
        if isinstance(planned, Exception):
            raise planned
        if self.lost:
            self.lost -= 1
            raise OutcomeUnknownError("validate", "lost", "the answer was lost")
        return Outcome(planned, agreement_id)

    async def close(
        self, account: Account, agreement_id: str, reason: str, patience: float, *, purchase_id: str = ""
    ) -> AgreementView:
        self.calls.append("close")
        if self.script and isinstance(self.script[0], Exception):
            raise self.script.pop(0)  # type: ignore[misc]
        key = purchase_id or agreement_id
        closed = self.agreements[key] = replace(self.agreements[key], state=AgreementState.CLOSED)
        return closed

    async def _act(self, call: Call, done: Verdict, kind: str) -> Outcome:
        self.calls.append(kind)
        if self.gate is not None:
            await self.gate.wait()
        known = self.made.get(call.reference_id)
        if known is None:
            planned = self.script.pop(0) if self.script else done
            if isinstance(planned, Exception):
                raise planned
            number = len(self.made) + 1
            captured = planned.effect is Effect.CAPTURED and kind == "authorize"
            known = Outcome(
                planned, f"{kind[0].upper()}-{number}", f"C-{number}" if captured else "", self.order, call.amount
            )
            self.made[call.reference_id] = self.objects[known.object_id] = known
            if planned.phase is Phase.DONE:
                self.moved.append((kind, known.object_id, call.amount))
        if self.lost:
            self.lost -= 1
            raise OutcomeUnknownError(kind, "lost", "the answer was lost")
        return self.objects[known.object_id]

    async def authorize(self, account: Account, call: AuthorizeCall, patience: float) -> Outcome:
        return await self._act(call, CAPTURED if call.capture_now else AUTHORIZED, "authorize")

    async def capture(self, account: Account, call: CaptureCall, patience: float) -> Outcome:
        return await self._act(call, CAPTURED, "capture")

    async def refund(self, account: Account, call: RefundCall, patience: float) -> Outcome:
        return await self._act(call, PENDING, "refund")

    async def release(self, account: Account, authorization_id: str, reason: str, patience: float) -> Outcome:
        self.calls.append("release")
        return Outcome(self.script.pop(0) if self.script else RELEASED, authorization_id)  # type: ignore[arg-type]

    async def _read(self, object_id: str) -> Outcome:
        self.calls.append("read")
        return self.objects[object_id]

    async def read_authorization(self, account: Account, object_id: str, *, capture_now: bool) -> Outcome:
        return await self._read(object_id)

    async def find(
        self, account: Account, reference_id: str, *, capture_now: bool, purchase_id: str = ""
    ) -> Outcome | None:
        self.calls.append("find")
        made = self.made.get(reference_id)
        return None if made is None else self.objects[made.object_id]

    async def read_capture(self, account: Account, object_id: str) -> Outcome:
        return await self._read(object_id)

    async def read_refund(self, account: Account, object_id: str) -> Outcome:
        return await self._read(object_id)

    def decide(self, object_id: str, verdict: Verdict) -> None:
        self.objects[object_id] = replace(self.objects[object_id], verdict=verdict)
