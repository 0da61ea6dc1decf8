"""Whose notices are believed to be Amazon Pay's: those of its known AWS accounts, and of accounts that were learned.

Anybody can own an SNS topic and name it after a seller. A notice of an unknown AWS account is kept aside until Amazon,
asked about the object it names, confirms what it says in details that no outsider can know; then that AWS account is
known for this merchant account, and for no other (money.md §6).
"""

from __future__ import annotations

from saleor_amazonpay.amazon.sns import AMAZON_TOPIC_ACCOUNTS
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.problems import clear_problem, raise_problem
from saleor_amazonpay.store import notices, problems, topics
from saleor_amazonpay.store.notices import StoredNotice
from saleor_amazonpay.store.sql import Tx

# Anybody could send them: more than a few waiting are asked to come again.
_MAX_UNPROVEN = 20
_PREFIX = "topic:"  # of the problem's key: topic:<seller id>:<AWS account>


async def unproven_account(deps: Deps, profile: Profile, topic_account: str) -> str | None:
    """The AWS account of a topic, if nothing has shown yet that it is Amazon Pay's; "" if it is.

    None if no more notices of unknown accounts are kept for now. Raises StoreUnavailableError.
    """
    if topic_account in AMAZON_TOPIC_ACCOUNTS or topic_account in deps.topic_accounts:
        return ""

    def read(tx: Tx) -> tuple[bool, int]:
        return topics.known(tx, profile.account, topic_account), notices.unproven(tx, profile.account)

    known, waiting = await deps.store.read(read)
    if known:
        return ""
    return topic_account if waiting < _MAX_UNPROVEN else None


async def proven(deps: Deps, notice: StoredNotice) -> bool:
    """Whether a notice may be handled: its topic is Amazon Pay's, or was just shown to be. Raises AmazonError."""
    if not notice.topic_account or notice.topic_account in deps.topic_accounts:
        return True

    def known(tx: Tx) -> bool:
        return topics.known(tx, notice.account, notice.topic_account)

    if await deps.store.read(known):
        return True
    profile = (await deps.directory.current()).profiles[notice.profile_id]
    wire = deps.wires[profile.wire]
    confirmed = await wire.confirms(await deps.directory.account(profile), wire.notice(notice.message))

    def unit(tx: Tx) -> None:
        key = f"{_PREFIX}{profile.seller_id}:{notice.topic_account}"
        if confirmed:
            topics.learn(tx, notice.account, notice.topic_account, notice.message_id, deps.clock())
            clear_problem(tx, deps, profile.tenant_id, key)
        else:
            raise_problem(tx, deps, profile.tenant_id, key, _unknown_topic(profile, notice))

    await deps.store.write(unit)
    if confirmed:
        deps.log.warning("topic account learned", account=notice.account, topic_account=notice.topic_account)
    return confirmed


async def named_since(deps: Deps) -> int:
    """Clear what staff were told about accounts that the operator has named in the settings since; returns how many.

    Raises StoreUnavailableError.
    """

    def unit(tx: Tx) -> int:
        over = [one for one in problems.open_named(tx, _PREFIX) if one.key.rpartition(":")[2] in deps.topic_accounts]
        for one in over:
            clear_problem(tx, deps, one.tenant_id, one.key)
        return len(over)

    return await deps.store.write(unit) if deps.topic_accounts else 0


def _unknown_topic(profile: Profile, notice: StoredNotice) -> str:
    return (
        f"Notices for the profile {profile.alias!r} come from an AWS account ({notice.topic_account}) that is not "
        "known to be Amazon Pay's, and nothing is done for them. If Amazon Pay says it is theirs, add it to "
        "AMAZONPAY_TOPIC_ACCOUNTS; else ignore this."
    )
