"""Finding an authorization by our own reference: only looking, and never "none" out of a misunderstanding."""

from __future__ import annotations

import pytest

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    RefusedError,
    WireGoneError,
)
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome
from saleor_amazonpay.http import HttpResponse
from tests.amazon.fakes import (
    LOST,
    NO_HOST,
    NOW,
    ScriptedHttp,
    Step,
    account,
    answer,
    authorization_read,
    capture,
    error,
    id_list,
    status,
    throttled,
)

pytestmark = pytest.mark.anyio

LIST = "ListOrderReference"
NEXT = "ListOrderReferenceByNextToken"
ORDER = "P01-1234567-1234567"
OTHER_ORDER = "P01-7654321-7654321"
AUTHORIZATION_ID = f"{ORDER}-A000001"
CAPTURE_ID = f"{ORDER}-C000001"
PAID = authorization_read("Closed", "MaxCapturesProcessed", captures=(CAPTURE_ID,), captured="94.5")


def listed(*orders: str, token: str = "", action: str = LIST) -> HttpResponse:
    each = "".join(
        "<OrderReference><ReleaseEnvironment>Sandbox</ReleaseEnvironment>"
        + status("OrderReferenceStatus", "Closed", "SellerClosed")
        + f"<AmazonOrderReferenceId>{order}</AmazonOrderReferenceId>"
        "<SellerOrderAttributes><SellerOrderId>ref-1</SellerOrderId></SellerOrderAttributes></OrderReference>"
        for order in orders
    )
    more = f"<NextPageToken>{token}</NextPageToken>" if token else ""
    return answer(action, f"<OrderReferenceList>{each}</OrderReferenceList>{more}")


def order(order_id: str = ORDER, *authorizations: str) -> HttpResponse:
    return answer(
        "GetOrderReferenceDetails",
        "<OrderReferenceDetails>"
        + id_list(*authorizations)
        + f"<AmazonOrderReferenceId>{order_id}</AmazonOrderReferenceId></OrderReferenceDetails>",
    )


async def found(
    *script: Step, region: str = "us", capture_now: bool = True, reference: str = "ref-1"
) -> tuple[Outcome | None, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    mws = MwsWire(http, clock=lambda: NOW)
    outcome = await mws.find(account(region=region), reference, capture_now=capture_now)
    assert not http.script, "not all of the script was used"
    return outcome, http


async def test_a_charge_is_found_by_our_reference_without_repeating_it() -> None:
    outcome, http = await found(listed(ORDER), order(ORDER, AUTHORIZATION_ID), PAID)
    assert outcome is not None
    assert (outcome.phase, outcome.verdict.effect) == (Phase.DONE, Effect.CAPTURED)
    assert (outcome.object_id, outcome.settled_id, outcome.order_reference) == (AUTHORIZATION_ID, CAPTURE_ID, ORDER)
    assert outcome.amount == Money(9450, "USD")
    assert http.actions == [LIST, "GetOrderReferenceDetails", "GetAuthorizationDetails"]
    assert http.sent[1].form["AmazonOrderReferenceId"] == ORDER
    assert http.sent[2].form["AmazonAuthorizationId"] == AUTHORIZATION_ID


@pytest.mark.parametrize(
    ("region", "domain"), [("us", "NA_USD"), ("uk", "EU_GBP"), ("eu", "EU_EUR"), ("de", "EU_EUR"), ("jp", "FE_JPY")]
)
async def test_the_list_is_asked_for_as_the_contract_says(region: str, domain: str) -> None:
    _, http = await found(listed(), region=region)
    form = http.sent[0].form
    own = {"AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "Timestamp", "Version"}
    assert {name: value for name, value in form.items() if name not in own} == {
        "Action": LIST,
        "SellerId": "TEST_MERCHANT_ID",
        "QueryId": "ref-1",
        "QueryIdType": "SellerOrderId",
        "PaymentDomain": domain,
    }


async def test_what_amazon_has_no_order_for_was_not_made() -> None:
    outcome, http = await found(listed())
    assert outcome is None
    assert http.actions == [LIST]


async def test_an_order_without_an_authorization_is_no_charge() -> None:
    assert (await found(listed(ORDER), order()))[0] is None


async def test_an_authorization_of_another_reference_is_not_taken_for_ours() -> None:
    outcome, _ = await found(listed(ORDER), order(ORDER, AUTHORIZATION_ID), PAID, reference="ref-2")
    assert outcome is None


async def test_ours_is_picked_among_several_orders_and_authorizations() -> None:
    second, third = f"{ORDER}-A000002", f"{OTHER_ORDER}-A000001"
    outcome, http = await found(
        listed(OTHER_ORDER, ORDER),
        order(OTHER_ORDER, third),
        authorization_read("Open", object_id=third, reference="ref-3"),
        order(ORDER, AUTHORIZATION_ID, second),
        authorization_read("Declined", "AmazonRejected", object_id=second, reference="ref-2"),
        authorization_read("Open"),
        capture_now=False,
    )
    assert outcome is not None
    assert (outcome.object_id, outcome.verdict.effect) == (AUTHORIZATION_ID, Effect.AUTHORIZED)
    assert [each.form.get("AmazonAuthorizationId") for each in http.sent[4:]] == [second, AUTHORIZATION_ID]


async def test_a_declined_authorization_is_found_as_declined() -> None:
    declined = authorization_read("Declined", "AmazonRejected")
    outcome, _ = await found(listed(ORDER), order(ORDER, AUTHORIZATION_ID), declined)
    assert outcome is not None
    assert (outcome.phase, outcome.code) == (Phase.DECLINED, "amazon_rejected")


@pytest.mark.parametrize(("capture_now", "code"), [(True, "capture_failed"), (False, "ok")])
async def test_what_is_found_is_judged_by_what_was_asked_for(capture_now: bool, code: str) -> None:
    outcome, _ = await found(
        listed(ORDER), order(ORDER, AUTHORIZATION_ID), authorization_read("Open"), capture_now=capture_now
    )
    assert outcome is not None
    assert (outcome.code, outcome.verdict.effect) == (code, Effect.AUTHORIZED)


async def test_a_capture_on_its_way_decides_about_what_is_found() -> None:
    outcome, _ = await found(
        listed(ORDER),
        order(ORDER, AUTHORIZATION_ID),
        authorization_read("Open", captures=(CAPTURE_ID,)),
        capture("Pending"),
    )
    assert outcome is not None
    assert (outcome.phase, outcome.settled_id) == (Phase.PENDING, CAPTURE_ID)


async def test_a_list_is_read_on_until_the_authorization_is_found() -> None:
    outcome, http = await found(
        listed(OTHER_ORDER, token="more=="),
        order(OTHER_ORDER),
        listed(ORDER, token="even more", action=NEXT),
        order(ORDER, AUTHORIZATION_ID),
        PAID,
    )
    assert outcome is not None
    assert outcome.object_id == AUTHORIZATION_ID
    assert http.sent[2].form["NextPageToken"] == "more=="


@pytest.mark.parametrize("last", [listed(token="t", action=NEXT), listed(ORDER, token="t", action=NEXT)])
async def test_a_list_that_has_nothing_new_has_ended_whatever_its_token(last: Step) -> None:
    outcome, http = await found(listed(ORDER, token="t"), order(), last)
    assert outcome is None
    assert http.actions == [LIST, "GetOrderReferenceDetails", NEXT]


@pytest.mark.parametrize(
    "unread",
    [
        (answer(LIST, None),),
        (answer(LIST, ""),),
        (listed(""),),
        (HttpResponse(200, b"<html>"),) * 4,
        (listed(ORDER), answer("GetOrderReferenceDetails", "")),
        (listed(ORDER), order(ORDER, AUTHORIZATION_ID), answer("GetAuthorizationDetails", "<AuthorizationDetails/>")),
        (listed(ORDER, token="t"), order(), answer(NEXT, "")),
    ],
)
async def test_an_answer_that_cannot_be_read_is_never_none(unread: tuple[Step, ...]) -> None:
    with pytest.raises(OutcomeUnknownError):
        await found(*unread)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (error(403, "AccessDenied"), CredentialsRejectedError),
        (error(400, "InvalidParameterValue"), RefusedError),
        (throttled(), NotExecutedError),
        (LOST, OutcomeUnknownError),
        (NO_HOST, WireGoneError),
    ],
)
@pytest.mark.parametrize("before", [(), (listed(ORDER),), (listed(ORDER), order(ORDER, AUTHORIZATION_ID))])
async def test_what_goes_wrong_on_the_way_is_raised_and_never_none(
    before: tuple[Step, ...], step: Step, kind: type[AmazonError]
) -> None:
    with pytest.raises(kind) as caught:
        await found(*before, *[step] * 4)
    assert type(caught.value) is kind
