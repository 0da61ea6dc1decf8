"""What Amazon may say of a call, for wires that a test scripts."""

from __future__ import annotations

from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Retry, Verdict

AUTHORIZED = Verdict(Phase.DONE, "ok", effect=Effect.AUTHORIZED)
CAPTURED = Verdict(Phase.DONE, "ok", effect=Effect.CAPTURED)
REFUNDED = Verdict(Phase.DONE, "ok", effect=Effect.REFUNDED)
RELEASED = Verdict(Phase.DONE, "ok", effect=Effect.RELEASED)
AGREED = Verdict(Phase.DONE, "ok")
PENDING = Verdict(Phase.PENDING, "pending")
SOFT = Verdict(Phase.REPAIRABLE, "soft_decline", Retry.NEW_ATTEMPT)
HARD = Verdict(Phase.REPAIRABLE, "payment_method", Retry.CHANGE_METHOD)
TIMED_OUT = Verdict(Phase.REPAIRABLE, "timed_out", Retry.ASYNCHRONOUSLY)
PROCESSING_FAILURE = Verdict(Phase.DECLINED, "processing_failure", Retry.AFTER_PAUSE)
REJECTED = Verdict(Phase.DECLINED, "amazon_rejected")
