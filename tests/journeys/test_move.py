"""A profile moves from v1 to Checkout v2 with its customers and everything that is open; the books stay equal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from saleor_amazonpay.cli import app as cli
from saleor_amazonpay.cli import profile as profile_cli
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows import move as moving
from saleor_amazonpay.flows.move import MoveError, Wanted, move, survey
from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from tests.journeys.imported import problems
from tests.journeys.stage import APP, Stage

pytestmark = pytest.mark.anyio


@pytest.fixture
async def old(play: Stage) -> Stage:
    """A merchant who has never heard of Checkout v2."""
    play.amazon.merchant.public_keys.clear()
    return play


def wanted(play: Stage, public_key_id: str = "") -> Wanted:
    return Wanted(public_key_id, play.amazon.merchant.store_id)


async def profile(play: Stage) -> Profile:
    return (await play.deps.directory.current()).profiles[play.demo.profile_id]


async def test_an_old_agreement_is_charged_and_open_money_goes_on_after_the_move(old: Stage) -> None:
    data = old.buyer_data()
    paid = await old.pay(data=data)
    held = await old.pay(
        total="30", action="AUTHORIZATION", data={"amazonBillingAgreementId": data["amazonBillingAgreementId"]}
    )
    spare = await old.pay(
        total="20", action="AUTHORIZATION", data={"amazonBillingAgreementId": data["amazonBillingAgreementId"]}
    )
    await old.act(paid.transaction.id, "REFUND", "5")  # pending when the profile moves

    found = await survey(old.deps, old.demo.profile_id)
    assert (found.to, len(found.agreements), len(found.reserved), len(found.unsettled)) == ("v2", 1, 2, 1)
    assert (await profile(old)).wire == "mws"
    await move(old.deps, old.demo.profile_id, wanted(old))
    assert (await profile(old)).wire == "v2"
    assert (await profile(old)).public_key_id in old.amazon.merchant.public_keys

    before = dict(old.http.actions)
    order = old.saleor.order_create(total="15.50")
    later = await old.saleor.transaction_initialize(
        order.id, old.gateway, {"chargePermissionId": data["amazonBillingAgreementId"]}, action="CHARGE",
        requestor=old.subscriptions,
    )  # fmt: skip
    assert later.event.type == "CHARGE_SUCCESS"
    assert await old.act(held.transaction.id, "CHARGE", "30") == "CHARGE_SUCCESS"
    assert await old.act(spare.transaction.id, "CANCEL", "20") == "CANCEL_SUCCESS"
    assert await old.act(paid.transaction.id, "REFUND", "7") == "REFUND_REQUEST"
    await old.settle()
    await old.books_agree()
    assert old.saleor.books()[paid.transaction.id].amounts.refunded == Decimal(12)
    called = {name for name, count in old.http.actions.items() if count > before.get(name, 0)}
    assert not {name for name in called if " " not in name}, "v1 is not called any more"
    # The buyer's own name for the agreement goes on working.
    again = await old.pay(total="9", data={"amazonBillingAgreementId": data["amazonBillingAgreementId"]})
    assert again.event.type == "CHARGE_SUCCESS"
    await old.books_agree()


async def test_a_charge_that_v1_was_still_deciding_is_read_on_the_new_wire(old: Stage) -> None:
    slow = old.amazon.add_card(old.amazon.buyer.buyer_id, Behaviour.TIMED_OUT)
    begun = await old.pay(data=old.buyer_data(card_id=slow.card_id))
    assert begun.event.type == "CHARGE_REQUEST"
    await move(old.deps, old.demo.profile_id, wanted(old))
    old.amazon.faults.add(Fault("host_gone", action="GetAuthorizationDetails", times=0))
    await old.settle()
    await old.books_agree()
    assert old.saleor.books()[begun.transaction.id].amounts.charged == Decimal(40)


async def test_a_move_that_stopped_goes_on_with_the_same_key(old: Stage) -> None:
    old.amazon.faults.add(Fault("drop", action="GetPublicKeyId"))
    with pytest.raises(MoveError) as caught:
        await move(old.deps, old.demo.profile_id, wanted(old))
    assert caught.value.code == "key_not_exchanged"
    assert (await profile(old)).wire == "mws"
    assert (await survey(old.deps, old.demo.profile_id)).has_keys
    assert (await old.pay()).event.type == "CHARGE_SUCCESS"
    await move(old.deps, old.demo.profile_id, wanted(old))
    assert len(old.amazon.merchant.public_keys) == 1
    await old.books_agree()
    with pytest.raises(MoveError) as caught:
        await move(old.deps, old.demo.profile_id, wanted(old))
    assert caught.value.code == "nothing_to_move"


@pytest.mark.parametrize("kind", ["gone", "host_gone"])
async def test_where_the_key_upgrade_is_gone_the_key_is_entered_by_hand(old: Stage, kind: str) -> None:
    old.amazon.faults.add(Fault(kind, action="GetPublicKeyId", times=0))  # type: ignore[arg-type]
    with pytest.raises(MoveError, match="by hand"):
        await move(old.deps, old.demo.profile_id, wanted(old))
    pem = await moving.public_key(old.deps, old.demo.profile_id)
    old.amazon.merchant.public_keys["SANDBOX-BYHAND"] = pem
    await move(old.deps, old.demo.profile_id, wanted(old, "SANDBOX-BYHAND"))
    assert (await profile(old)).public_key_id == "SANDBOX-BYHAND"


async def test_wrong_keys_change_nothing(old: Stage) -> None:
    await old.pay()
    cases = {
        "store_missing": Wanted(),
        "keys_refused": wanted(old, "SANDBOX-UNKNOWN"),
    }
    for code, given in cases.items():
        with pytest.raises(MoveError) as caught:
            await move(old.deps, old.demo.profile_id, given)
        assert caught.value.code == code
        assert caught.value.remedy
    with pytest.raises(MoveError) as caught:
        await move(old.deps, old.demo.profile_id, wanted(old, "LIVE-KEY"))
    assert "WrongEnvironment" in str(caught.value)
    with pytest.raises(MoveError):
        await survey(old.deps, "nobody")
    assert (await profile(old)).wire == "mws"
    assert (await old.pay()).event.type == "CHARGE_SUCCESS"


async def test_keys_of_another_account_are_found_out_by_an_old_agreement(old: Stage) -> None:
    await old.pay()
    pem = await moving.public_key(old.deps, old.demo.profile_id)
    other = old.amazon.create_merchant(seller_id="A2OTHER")
    other.public_keys["SANDBOX-OTHERS"] = pem
    with pytest.raises(MoveError) as caught:
        await move(old.deps, old.demo.profile_id, wanted(old, "SANDBOX-OTHERS"))
    assert caught.value.code == "agreement_unknown"
    assert (await profile(old)).wire == "mws"


async def test_the_command_says_what_it_would_do_and_does_nothing(
    old: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await old.pay()
    code = await profile_cli._run(old.deps, old.demo.profile_id, Wanted(), dry_run=True, show_key=False)
    told = capsys.readouterr().out
    assert code == 0
    assert "would move from mws to v2" in told
    assert "agreements that go on under the same id: 1" in told
    assert (await profile(old)).wire == "mws"
    assert not (await survey(old.deps, old.demo.profile_id)).has_keys
    assert await profile_cli._run(old.deps, old.demo.profile_id, Wanted(), dry_run=False, show_key=True) == 0
    assert "BEGIN PUBLIC KEY" in capsys.readouterr().out
    assert await profile_cli._run(old.deps, old.demo.profile_id, wanted(old), dry_run=False, show_key=False) == 0
    assert "moved from mws to v2" in capsys.readouterr().out


def test_an_unknown_profile_is_named_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.sqlite3",
        "SECRET_KEYS": "k:" + "QUFB" * 10 + "QUE=",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "ALLOWED_SALEOR_URLS": "http://127.0.0.1:2/graphql/",
    }.items():
        monkeypatch.setenv(f"AMAZONPAY_{name}", value)
    done = CliRunner().invoke(cli, ["profile", "move", "nobody", "--dry-run"])
    assert done.exit_code == 1, done.output
    assert "unknown_profile" in done.output


async def test_the_rest_of_a_one_time_sale_is_collected_on_its_order_reference_after_the_move(old: Stage) -> None:
    data = {name: value for name, value in old.buyer_data(consent=False).items() if name != "recurring"}
    visitor = await old.pay(total="1", data=old.buyer_data(consent=False))
    assert visitor.data["code"] == "consent_missing", "a draft that nobody confirmed moves nothing and stops nothing"
    held = await old.pay(total="100", action="AUTHORIZATION", data=data)
    assert await old.act(held.transaction.id, "CHARGE", "30") == "CHARGE_SUCCESS"
    await move(old.deps, old.demo.profile_id, wanted(old))
    assert await old.act(held.transaction.id, "CHARGE", "70") == "CHARGE_SUCCESS"
    await old.settle()
    await old.books_agree()
    assert old.saleor.books()[held.transaction.id].amounts.charged == Decimal(100)


@pytest.mark.parametrize("gone", ["while it moves", "never"])
async def test_a_refund_whose_answer_v1_never_gave_is_settled_by_its_notice_on_the_new_wire(
    old: Stage, gone: str
) -> None:
    """Nothing on it says that it is ours, and v1 answers nobody any more: it is told once, under the reference it has."""
    play = old
    payment = (await play.pay()).transaction.id
    await play.settle()
    play.amazon.merchant.ipn_url = ""
    play.hands.fault("drop", "refund", times=9)
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    reference = play.saleor.books()[payment].events[-1].psp_reference
    play.amazon.faults.clear()
    await move(play.deps, play.demo.profile_id, wanted(play))
    if gone == "while it moves":
        for action in ("Refund", "GetRefundDetails"):
            play.amazon.faults.add(Fault("gone", action=action, times=0))
    await play.settle(3600, rounds=5)
    (made,) = play.hands.refunds()
    play.amazon.merchant.ipn_url = f"{APP}/api/ipn/{play.demo.profile_id}"
    pay = play.amazon.pay
    pay.core.announce(pay.find_refund(play.amazon.merchant, made))
    await play.settle(3600, rounds=3)
    play.amazon.faults.clear()
    await play.settle(12 * 3600, rounds=3)
    told = [event for event in play.saleor.books()[payment].events if event.type == "REFUND_SUCCESS"]
    assert [(event.psp_reference, event.value) for event in told] == [(reference, 15)]
    assert problems(play) == []
    await play.books_agree()


async def test_a_draft_that_v1_confirmed_without_telling_is_nobodys_after_the_move(old: Stage) -> None:
    """Checkout v2 asks no buyer for a token, since its sessions are secrets; an id of v1 stands in her mails."""
    data = old.buyer_data()
    old.amazon.faults.add(Fault("drop", action="ConfirmBillingAgreement", times=9))
    assert (await old.pay(data=data)).data["code"] == "retry"
    old.amazon.faults.clear()
    assert old.hands.is_open(data), "Amazon confirmed it, and the ledger has a draft"
    await move(old.deps, old.demo.profile_id, wanted(old))
    stranger = old.saleor.customer_create("eve@example.com")
    named = {"amazonBillingAgreementId": data["amazonBillingAgreementId"], "recurring": data["recurring"]}
    tried = await old.pay(data=named, by=stranger)
    assert (tried.event.type, tried.data["code"]) == ("CHARGE_ACTION_REQUIRED", "agreement_unknown")
    assert old.hands.charges() == 0
