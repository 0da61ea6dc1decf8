"""`POST /api/ipn/<profile id>`: Amazon's notices. Verified, kept, then answered 200; handled a moment later.

4xx stops Amazon's retries for good, so it is for what is forged or broken only; "try later" is 503 (contracts, amazon
§3.5). The profile in the URL says which account and environment to expect, nothing more (money.md §6).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from saleor_amazonpay.amazon.port import Notice
from saleor_amazonpay.amazon.sns import (
    Envelope,
    SnsForgedError,
    SnsMalformedError,
    SnsUnavailableError,
    topic_account,
    topic_belongs,
)
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.ipn_health import PROBE_HEADER, proof
from saleor_amazonpay.flows.notify import receive
from saleor_amazonpay.flows.topics import unproven_account
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.web.body import BodyTooLargeError, read_body
from saleor_amazonpay.web.errors import answer, error, leaving
from saleor_amazonpay.web.state import Doors

MAX_BODY = 256 * 1024
FORBIDDEN = 403
_NONCE = re.compile(r"[0-9a-f]{16,64}")


class _Said(msgspec.Struct):
    code: str
    message: str


class _Refused(msgspec.Struct):
    error: _Said


async def ipn(request: Request) -> Response:
    """Take one notice."""
    doors: Doors = request.app.state.doors
    try:
        result, response = await _take(doors, request)
    except ClientDisconnect:
        return error(400, "disconnected", "The request ended before it was read.")
    doors.metrics.notices.labels(result).inc()
    return leaving(response, "notice")


async def _take(doors: Doors, request: Request) -> tuple[str, Response]:
    nonce = request.headers.get(PROBE_HEADER, "")
    if _NONCE.fullmatch(nonce):  # our own self-test: answered before anything is read as a notice
        return "probe", Response(proof(doors.deps, request.path_params["profile"], nonce), media_type="text/plain")
    try:
        body = await read_body(request, MAX_BODY)
        profile = (await doors.deps.directory.current()).profiles.get(request.path_params["profile"])
    except BodyTooLargeError:
        return "too_large", error(413, "too_large", f"A notice is at most {MAX_BODY} bytes.")
    except StoreUnavailableError:
        return "later", error(503, "store_unavailable", "The database is away; try again.")
    if profile is None:
        return "foreign", error(403, "unknown_profile", "This URL belongs to no profile; copy it again.")
    result, response = await _verify(doors, profile, body)
    if response.status_code == FORBIDDEN:
        await _count(doors, profile, response)
    return result, response


async def _count(doors: Doors, profile: Profile, response: Response) -> None:
    """Let the profile's page show that something was refused; without a store it is only logged."""
    said = msgspec.json.decode(response.body, type=_Refused).error
    with suppress(StoreUnavailableError):
        await doors.refusals.note(doors.deps, profile.id, said.code, said.message)


async def _verify(doors: Doors, profile: Profile, body: bytes) -> tuple[str, Response]:
    try:
        envelope = await doors.sns.verify(body, test_mode=profile.test_mode)
    except (SnsMalformedError, SnsForgedError) as refused:
        doors.deps.log.warning("notice refused", profile=profile.id, why=str(refused))
        return "forged", error(403, "not_verified", str(refused))
    except SnsUnavailableError as unavailable:
        return "later", error(503, "certificate_unavailable", str(unavailable))
    if not topic_belongs(envelope.topic_arn, profile.seller_id):
        doors.deps.log.warning("notice of a foreign topic", profile=profile.id, topic=envelope.topic_arn)
        return "foreign", error(403, "foreign_topic", "The topic is not one for this seller.")
    return await _keep(doors, profile, envelope)


async def _keep(doors: Doors, profile: Profile, envelope: Envelope) -> tuple[str, Response]:
    if envelope.type != "Notification":
        doors.deps.log.info("subscription message", profile=profile.id, type=envelope.type)
        return "subscription", answer(b"{}")
    try:
        notice = doors.deps.wires[profile.wire].notice(envelope.message)
    except ValueError as unreadable:
        # Signed by Amazon, but nothing we can read: a retry would not change it.
        doors.deps.log.warning("notice not readable", profile=profile.id, why=str(unreadable))
        return "unreadable", answer(b"{}")
    if notice.seller_id != profile.seller_id:
        return "foreign", error(403, "foreign_notice", "The notice is for another merchant account.")
    if notice.test_mode is None:  # v2's notices name no environment: the address they came to does
        notice = replace(notice, test_mode=profile.test_mode)
    if notice.test_mode != profile.test_mode:
        # Seller Central may send both environments to one URL; each is read where its keys are.
        return "other_environment", answer(b"{}")
    return await _receive(doors, profile, envelope, notice)


async def _receive(doors: Doors, profile: Profile, envelope: Envelope, notice: Notice) -> tuple[str, Response]:
    try:
        unproven = await unproven_account(doors.deps, profile, topic_account(envelope.topic_arn))
        if unproven is None:
            return "later", error(503, "too_many_unproven", "Notices of unknown AWS accounts wait to be looked at.")
        new = await receive(doors.deps, profile, envelope.message_id, notice, envelope.message, unproven)
    except StoreUnavailableError:
        return "later", error(503, "store_unavailable", "The database is away; try again.")
    return ("kept" if new else "duplicate"), answer(b"{}")
