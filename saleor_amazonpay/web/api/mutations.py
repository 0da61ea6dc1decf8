"""What can be changed. Each mutation calls one flow; what the flow refuses comes back as typed errors."""

from __future__ import annotations

from typing import Any

import strawberry

from saleor_amazonpay.domain.flaws import FlawedError
from saleor_amazonpay.flows import ipn_health, profiles, rebill, refresh, routing, simulate
from saleor_amazonpay.flows.move import Wanted
from saleor_amazonpay.flows.profiles import Saved
from saleor_amazonpay.web.api.common import Decimal, errors_of, warnings_of
from saleor_amazonpay.web.api.context import Context
from saleor_amazonpay.web.api.enums import ChargeResult, SimulatedCall, Wire
from saleor_amazonpay.web.api.guard import Need, guarded_mutation
from saleor_amazonpay.web.api.inputs import ProfileInput
from saleor_amazonpay.web.api.payment_types import PaymentType
from saleor_amazonpay.web.api.profile_types import AssignmentType, CheckType, ProfileType
from saleor_amazonpay.web.api.results import (
    AgreementCharge,
    AssignmentResult,
    Checks,
    MoveResult,
    PaymentResult,
    ProfileDeletion,
    ProfileResult,
    UnassignmentResult,
    Validation,
)

Info = strawberry.Info[Context, None]
Id = strawberry.ID


@strawberry.type
class Mutation:
    """The root."""

    @guarded_mutation(
        Need.CHANGE_SETTINGS,
        "Judge the fields of a new profile, or of one that exists, without saving. With `connect` they are tried at "
        "Amazon as well, if nothing else is wrong.",
    )
    async def amazon_pay_profile_validate(
        self,
        info: Info,
        input: ProfileInput,  # noqa: A002
        id: Id | None = None,  # noqa: A002
        connect: bool = False,
    ) -> Validation:
        """Judge fields."""
        context = info.context
        try:
            found, trial = await profiles.validate(
                context.deps, context.tenant.id, input.entered, id or "", connect=connect
            )
        except FlawedError as error:
            return Validation(errors=errors_of(error.flaws))
        return Validation(
            checks=[CheckType.of(check) for check in trial.checks],
            warnings=warnings_of(found.notes + trial.notes),
            errors=errors_of(found.flaws + trial.flaws),
        )

    @guarded_mutation(Need.CHANGE_SETTINGS, "Add a profile. Its keys are tried at Amazon first.")
    async def amazon_pay_profile_create(self, info: Info, input: ProfileInput) -> ProfileResult:  # noqa: A002
        """Add a profile."""
        context = info.context
        return await _profile(context, profiles.create(context.deps, context.tenant.id, input.entered))

    @guarded_mutation(Need.CHANGE_SETTINGS, "Change a profile. What is absent or null stays as it is.")
    async def amazon_pay_profile_update(
        self,
        info: Info,
        id: Id,  # noqa: A002
        version: int,
        input: ProfileInput,  # noqa: A002
    ) -> ProfileResult:
        """Change a profile."""
        context = info.context
        return await _profile(context, profiles.update(context.deps, context.tenant.id, id, version, input.entered))

    @guarded_mutation(Need.CHANGE_SETTINGS, "Copy a profile, secrets included. The copy is paused and on no channel.")
    async def amazon_pay_profile_duplicate(self, info: Info, id: Id, alias: str) -> ProfileResult:  # noqa: A002
        """Copy a profile."""
        context = info.context
        return await _profile(context, profiles.duplicate(context.deps, context.tenant.id, id, alias))

    @guarded_mutation(Need.CHANGE_SETTINGS, "Take no new checkouts. Everything that was begun goes on.")
    async def amazon_pay_profile_pause(
        self,
        info: Info,
        id: Id,  # noqa: A002
        version: int,
        reason: str = "",
    ) -> ProfileResult:
        """Pause a profile."""
        context = info.context
        return await _profile(context, profiles.pause(context.deps, context.tenant.id, id, version, reason))

    @guarded_mutation(Need.CHANGE_SETTINGS, "Take new checkouts again.")
    async def amazon_pay_profile_resume(self, info: Info, id: Id, version: int) -> ProfileResult:  # noqa: A002
        """Resume a profile."""
        context = info.context
        return await _profile(context, profiles.resume(context.deps, context.tenant.id, id, version))

    @guarded_mutation(
        Need.CHANGE_SETTINGS,
        "Take nothing new, also not on agreements: only captures of what is open, refunds, cancels.",
    )
    async def amazon_pay_profile_close(
        self,
        info: Info,
        id: Id,  # noqa: A002
        version: int,
        reason: str = "",
    ) -> ProfileResult:
        """Close a profile."""
        context = info.context
        return await _profile(context, profiles.close(context.deps, context.tenant.id, id, version, reason))

    @guarded_mutation(
        Need.CHANGE_SETTINGS,
        "Move a profile to the API that follows its own, with its agreements. Amazon is asked to exchange the keys; "
        "where it does not, enter `publicKey` in Seller Central and give the id it gets there. May be repeated.",
    )
    async def amazon_pay_profile_move(
        self,
        info: Info,
        id: Id,  # noqa: A002
        store_id: str = "",
        public_key_id: str = "",
        dry_run: bool = False,
        show_public_key: bool = False,
    ) -> MoveResult:
        """Move a profile."""
        context = info.context
        wanted = Wanted(public_key_id.strip(), store_id.strip())
        try:
            moved = await profiles.move(
                context.deps, context.tenant.id, id, wanted, dry_run=dry_run, show_key=show_public_key
            )
        except FlawedError as error:
            return MoveResult(errors=errors_of(error.flaws))
        context.changed()
        found = moved.inventory
        return MoveResult(
            profile=ProfileType.of((await context.profiles())[id]), to=Wire(found.to), agreements=len(found.agreements),
            reserved=len(found.reserved), under_way=len(found.unsettled), public_key=moved.public_key or None,
        )  # fmt: skip

    @guarded_mutation(Need.CHANGE_SETTINGS, "Delete a profile that was never used. Any other can only be closed.")
    async def amazon_pay_profile_delete(self, info: Info, id: Id, version: int) -> ProfileDeletion:  # noqa: A002
        """Delete a profile."""
        context = info.context
        try:
            await profiles.delete(context.deps, context.tenant.id, id, version)
        except FlawedError as error:
            return ProfileDeletion(errors=errors_of(error.flaws))
        context.changed()
        return ProfileDeletion(deleted_id=id)

    @guarded_mutation(Need.CHANGE_SETTINGS, "Try a profile's keys at Amazon now, each permission by itself.")
    async def amazon_pay_profile_check(self, info: Info, id: Id) -> Checks:  # noqa: A002
        """Try keys."""
        context = info.context
        try:
            trial = await profiles.check(context.deps, context.tenant.id, id)
        except FlawedError as error:
            return Checks(errors=errors_of(error.flaws))
        return Checks(
            checks=[CheckType.of(check) for check in trial.checks],
            warnings=warnings_of(trial.notes),
            errors=errors_of(trial.flaws),
        )

    @guarded_mutation(
        Need.CHANGE_SETTINGS, "Whether a profile's IPN URL is usable and leads to this app. No notification is sent."
    )
    async def amazon_pay_ipn_self_test(self, info: Info, profile_id: Id) -> Checks:
        """Try the IPN URL."""
        context = info.context
        if profile_id not in await context.profiles():
            return Checks(errors=errors_of([profiles.not_found()]))
        found = await ipn_health.self_test(context.deps, context.doors.http, context.public_url, profile_id)
        return Checks(checks=[CheckType.of(check) for check in found])

    @guarded_mutation(
        Need.CHANGE_SETTINGS,
        "Let a channel use a profile, or change priority and weight. Payments under way keep their profile.",
    )
    async def amazon_pay_assign(
        self,
        info: Info,
        channel: str,
        profile_id: Id,
        priority: int = 1,
        weight: int = 1,
        dry_run: bool = False,
    ) -> AssignmentResult:
        """Assign a profile."""
        context = info.context
        try:
            route, notes = await routing.assign(
                context.deps, context.tenant, channel, profile_id, priority, weight, dry_run=dry_run
            )
        except FlawedError as error:
            return AssignmentResult(errors=errors_of(error.flaws))
        return AssignmentResult(assignment=AssignmentType.of(route), warnings=warnings_of(notes))

    @guarded_mutation(Need.CHANGE_SETTINGS, "Take a profile from a channel. Its payments and agreements stay with it.")
    async def amazon_pay_unassign(
        self, info: Info, channel: str, profile_id: Id, dry_run: bool = False
    ) -> UnassignmentResult:
        """Take a profile away."""
        context = info.context
        try:
            removed, notes = await routing.unassign(context.deps, context.tenant, channel, profile_id, dry_run=dry_run)
        except FlawedError as error:
            return UnassignmentResult(errors=errors_of(error.flaws))
        return UnassignmentResult(removed=removed, warnings=warnings_of(notes))

    @guarded_mutation(
        Need.CHANGE_SETTINGS,
        "Let Amazon's sandbox play a result with the next call of a kind on a test profile; null takes it back.",
    )
    async def amazon_pay_simulate_next(
        self, info: Info, profile_id: Id, call: SimulatedCall, code: str | None = None
    ) -> ProfileResult:
        """Choose a simulation."""
        context = info.context
        try:
            profile = await simulate.choose(context.deps, context.tenant.id, profile_id, call.value, code or "")
        except FlawedError as error:
            return ProfileResult(errors=errors_of(error.flaws))
        return ProfileResult(profile=ProfileType.of(profile))

    @guarded_mutation(Need.ACT_ON_PAYMENTS, "Read at Amazon what is open of a payment, and move the books forward.")
    async def amazon_pay_payment_refresh(self, info: Info, transaction_id: Id) -> PaymentResult:
        """Look again."""
        context = info.context
        try:
            found = await refresh.refresh(context.deps, context.tenant.id, transaction_id)
        except FlawedError as error:
            return PaymentResult(errors=errors_of(error.flaws))
        return PaymentResult(payment=PaymentType.of(found))

    @guarded_mutation(
        Need.ACT_ON_PAYMENTS,
        "Book that a chargeback was won, as Amazon told you: the money is the shop's again. May be repeated.",
    )
    async def amazon_pay_chargeback_won(self, info: Info, operation_id: Id) -> PaymentResult:
        """End a dispute for the shop."""
        context = info.context
        try:
            found = await refresh.chargeback_won(context.deps, context.tenant, operation_id)
        except FlawedError as error:
            return PaymentResult(errors=errors_of(error.flaws))
        return PaymentResult(payment=None if found is None else PaymentType.of(found))

    @guarded_mutation(
        Need.ACT_ON_PAYMENTS,
        "Charge a recurring agreement for an order, without the buyer. Without an amount: what is left to pay. "
        "The same idempotency key is the same charge; without one, each request is a charge of its own.",
    )
    async def amazon_pay_agreement_charge(
        self,
        info: Info,
        id: Id,  # noqa: A002
        order_id: Id,
        amount: Decimal | None = None,
        idempotency_key: str | None = None,
    ) -> AgreementCharge:
        """Charge an agreement."""
        context = info.context
        try:
            made = await rebill.charge_agreement(
                context.deps, context.tenant, id, order_id, amount, (idempotency_key or "").strip()
            )
        except FlawedError as error:
            return AgreementCharge(errors=errors_of(error.flaws))
        return AgreementCharge(
            result=ChargeResult(made.result),
            transaction_id=Id(made.transaction_id),
            code=made.code,
            message=made.message,
            payment=None if made.payment is None else PaymentType.of(made.payment),
        )


async def _profile(context: Context, saving: Any) -> ProfileResult:
    """What came of saving a profile."""
    try:
        saved: Saved = await saving
    except FlawedError as error:
        return ProfileResult(errors=errors_of(error.flaws))
    context.changed()
    return ProfileResult(
        profile=ProfileType.of(saved.profile),
        checks=[CheckType.of(check) for check in saved.checks],
        warnings=warnings_of(saved.notes),
    )
