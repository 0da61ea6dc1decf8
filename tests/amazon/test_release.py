"""Giving a reservation up: the authorization itself says what became of it."""

from __future__ import annotations

import pytest

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.domain.errors import CredentialsRejectedError, OutcomeUnknownError
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome
from tests.amazon.fakes import NO_HOST, NOW, ScriptedHttp, Step, account, answer, authorization_read, capture, error

pytestmark = pytest.mark.anyio

AUTHORIZATION_ID = "P01-1234567-1234567-A000001"
CAPTURE_ID = "P01-1234567-1234567-C000001"


def wire(*script: Step) -> tuple[MwsWire, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return MwsWire(http, clock=lambda: NOW), http


CLOSED = answer("CloseAuthorization", "")


async def released(*script: Step) -> Outcome:
    mws, http = wire(*script)
    outcome = await mws.release(account(), AUTHORIZATION_ID, "x" * 300, 5)
    assert len(http.sent[0].form["ClosureReason"]) == 255
    assert not http.script
    return outcome


async def test_a_release_is_what_the_authorization_says_afterwards() -> None:
    outcome = await released(CLOSED, authorization_read("Closed", "SellerClosed"))
    assert (outcome.phase, outcome.verdict.effect, outcome.code) == (Phase.DONE, Effect.RELEASED, "released")


@pytest.mark.parametrize("first", [CLOSED, error(400, "InvalidAuthorizationStatus")])
async def test_a_release_that_finds_it_captured_says_so(first: Step) -> None:
    outcome = await released(
        first, authorization_read("Closed", "MaxCapturesProcessed", captures=(CAPTURE_ID,), captured="94.5")
    )
    assert (outcome.verdict.effect, outcome.settled_id) == (Effect.CAPTURED, CAPTURE_ID)


async def test_a_release_that_finds_a_capture_pending_does_not_claim_success() -> None:
    outcome = await released(
        CLOSED, authorization_read("Closed", "SellerClosed", captures=(CAPTURE_ID,)), capture("Pending")
    )
    assert (outcome.phase, outcome.verdict.effect) == (Phase.PENDING, Effect.NONE)


async def test_a_release_of_what_expired_is_done() -> None:
    outcome = await released(error(400, "InvalidCloseAttempt"), authorization_read("Closed", "ExpiredUnused"))
    assert outcome.verdict.effect is Effect.RELEASED


async def test_a_release_amazon_refuses_while_it_still_reserves_is_declined() -> None:
    outcome = await released(error(400, "InvalidCloseAttempt", "words"), authorization_read("Open"))
    assert (outcome.phase, outcome.code, outcome.message) == (Phase.DECLINED, "refused", "words")


async def test_a_release_that_has_not_taken_effect_yet_is_pending() -> None:
    assert (await released(CLOSED, authorization_read("Open"))).phase is Phase.PENDING


@pytest.mark.parametrize("unread", [NO_HOST, error(403, "AccessDenied")])
async def test_a_release_whose_result_cannot_be_read_is_in_doubt(unread: Step) -> None:
    with pytest.raises(OutcomeUnknownError):
        await released(CLOSED, unread)


async def test_a_release_of_what_amazon_does_not_know_is_refused() -> None:
    outcome = await released(error(404, "InvalidTransactionId"), error(404, "InvalidTransactionId"))
    assert (outcome.phase, outcome.code) == (Phase.DECLINED, "unknown_object")


async def test_bad_keys_release_nothing() -> None:
    mws, _ = wire(error(403, "AccessDenied"))
    with pytest.raises(CredentialsRejectedError):
        await mws.release(account(), AUTHORIZATION_ID, "", 0)
