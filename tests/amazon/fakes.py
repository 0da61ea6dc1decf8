"""An `Http` with a script, and Amazon's answers written by hand in the shapes of contracts §1.7."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.http import HttpResponse, TransportError

NS = "http://mws.amazonservices.com/schema/OffAmazonPayments/2013-01-01"
NOW = 1_451_606_398.0  # 2015-12-31T23:59:58Z

KEYS = {
    "access_key": "TEST_ACCESS_KEY",
    "secret_key": "TEST_SECRET_KEY",
    "client_id": "amzn1.application-oa2-client.test",
}

Step = HttpResponse | TransportError


@dataclass(frozen=True)
class Sent:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout: float

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


@dataclass
class ScriptedHttp:
    """Answers each request with the next step; a request beyond the script fails the test."""

    script: list[Step] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,
    ) -> HttpResponse:
        self.sent.append(Sent(method, url, headers, body, timeout))
        assert self.script, f"nothing scripted for {self.sent[-1].body!r}"
        step = self.script.pop(0)
        if isinstance(step, TransportError):
            raise step
        return step

    async def close(self) -> None:
        return None

    @property
    def actions(self) -> list[str]:
        return [each.form["Action"] for each in self.sent]


def account(*, test_mode: bool = True, region: str = "us", **credentials: str) -> Account:
    return Account("TEST_MERCHANT_ID", region, test_mode, {**KEYS, **credentials})


def answer(action: str, result: str | None) -> HttpResponse:
    """A success; `None` leaves the result element out, as ConfirmOrderReference does."""
    inner = "" if result is None else f"<{action}Result>{result}</{action}Result>"
    body = (
        f'<{action}Response xmlns="{NS}">{inner}'
        f"<ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></{action}Response>"
    )
    return HttpResponse(200, body.encode())


def error(status: int, code: str, message: str = "because") -> HttpResponse:
    body = (
        f'<ErrorResponse xmlns="{NS}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{message}</Message></Error><RequestId>req-error</RequestId></ErrorResponse>"
    )
    return HttpResponse(status, body.encode())


def throttled() -> HttpResponse:
    """As Amazon throttles: an empty type and a RequestID with a capital D."""
    body = (
        f'<ErrorResponse xmlns="{NS}"><Error><Type/><Code>RequestThrottled</Code>'
        "<Message>Request is throttled</Message></Error><RequestID>req-throttled</RequestID></ErrorResponse>"
    )
    return HttpResponse(503, body.encode())


LOST = TransportError("no answer", sent=True)
UNREACHED = TransportError("cannot connect", sent=False)
NO_HOST = TransportError("cannot resolve the host", sent=False, unresolved=True)


def money(name: str, amount: str, currency: str = "USD") -> str:
    return f"<{name}><Amount>{amount}</Amount><CurrencyCode>{currency}</CurrencyCode></{name}>"


def status(name: str, state: str, reason: str = "", description: str = "") -> str:
    return (
        f"<{name}><LastUpdateTimestamp>2015-12-31T23:59:59.123Z</LastUpdateTimestamp>"
        f"<State>{state}</State>"
        + (f"<ReasonCode>{reason}</ReasonCode>" if reason else "")
        + (f"<ReasonDescription>{description}</ReasonDescription>" if description else "")
        + f"</{name}>"
    )


def id_list(*ids: str) -> str:
    return f"<IdList>{''.join(f'<member>{each}</member>' for each in ids)}</IdList>" if ids else ""


def authorization(
    state: str,
    reason: str = "",
    *,
    captures: tuple[str, ...] = (),
    captured: str = "0",
    soft: str = "",
    object_id: str = "P01-1234567-1234567-A000001",
    reference: str = "ref-1",
) -> str:
    return (
        "<AuthorizationDetails>"
        + money("AuthorizationAmount", "94.50")
        + money("CapturedAmount", captured)
        + (f"<SoftDecline>{soft}</SoftDecline>" if soft else "")
        + status("AuthorizationStatus", state, reason, "words of Amazon")
        + f"<AmazonAuthorizationId>{object_id}</AmazonAuthorizationId>"
        + id_list(*captures)
        + f"<AuthorizationReferenceId>{reference}</AuthorizationReferenceId>"
        "</AuthorizationDetails>"
    )


def authorized(
    state: str, reason: str = "", *, captures: tuple[str, ...] = (), captured: str = "0", soft: str = ""
) -> HttpResponse:
    """The answer to AuthorizeOnBillingAgreement."""
    details = authorization(state, reason, captures=captures, captured=captured, soft=soft)
    order = "<AmazonOrderReferenceId>P01-1234567-1234567</AmazonOrderReferenceId>"
    return answer("AuthorizeOnBillingAgreement", details + order)


def authorization_read(
    state: str,
    reason: str = "",
    *,
    captures: tuple[str, ...] = (),
    captured: str = "0",
    object_id: str = "P01-1234567-1234567-A000001",
    reference: str = "ref-1",
) -> HttpResponse:
    details = authorization(
        state, reason, captures=captures, captured=captured, object_id=object_id, reference=reference
    )
    return answer("GetAuthorizationDetails", details)


def capture(
    state: str,
    reason: str = "",
    *,
    action: str = "GetCaptureDetails",
    object_id: str = "P01-1234567-1234567-C000001",
    reference: str = "ref-c",
    refunds: tuple[str, ...] = (),
) -> HttpResponse:
    return answer(
        action,
        f"<CaptureDetails><AmazonCaptureId>{object_id}</AmazonCaptureId>"
        f"<CaptureReferenceId>{reference}</CaptureReferenceId>"
        + money("CaptureAmount", "94.50")
        + id_list(*refunds)
        + status("CaptureStatus", state, reason)
        + "</CaptureDetails>",
    )


def refund(
    state: str,
    reason: str = "",
    *,
    action: str = "GetRefundDetails",
    object_id: str = "P01-1234567-1234567-R000001",
    reference: str = "ref-r",
) -> HttpResponse:
    return answer(
        action,
        f"<RefundDetails><AmazonRefundId>{object_id}</AmazonRefundId><RefundReferenceId>{reference}</RefundReferenceId>"
        "<RefundType>SellerInitiated</RefundType>"
        + money("RefundAmount", "5.0")
        + status("RefundStatus", state, reason)
        + "</RefundDetails>",
    )


def order(
    state: str,
    *constraints: str,
    total: str = "10.00",
    action: str = "GetOrderReferenceDetails",
    reason: str = "",
    confirming: bool = False,
    authorizations: tuple[str, ...] = (),
) -> HttpResponse:
    listed = "".join(
        f"<Constraint><ConstraintID>{each}</ConstraintID><Description>{each} it is</Description></Constraint>"
        for each in constraints
    )
    return answer(
        action,
        "<OrderReferenceDetails>"
        + (money("OrderTotal", total) if total else "")
        + "<AmazonOrderReferenceId>S01-7654321-7654321</AmazonOrderReferenceId>"
        + id_list(*authorizations)
        + (f"<Constraints>{listed}</Constraints>" if constraints else "")
        + status("OrderReferenceStatus", state, reason)
        + ("<PaymentAuthenticationStatus><State>REQUIRED</State></PaymentAuthenticationStatus>" if confirming else "")
        + "</OrderReferenceDetails>",
    )


def agreement(
    state: str,
    *constraints: str,
    action: str = "GetBillingAgreementDetails",
    reason: str = "",
    tag: str = "ConstraintID",
) -> HttpResponse:
    listed = "".join(
        f"<Constraint><{tag}>{each}</{tag}><Description>{each} it is</Description></Constraint>" for each in constraints
    )
    reason_code = f"<ReasonCode>{reason}</ReasonCode>" if reason else ""
    return answer(
        action,
        "<BillingAgreementDetails>"
        "<BillingAgreementLimits>"
        + money("AmountLimitPerTimePeriod", "500.00")
        + money("CurrentRemainingBalance", "405.5")
        + "<TimePeriodStartDate>2015-12-01T00:00:00.000Z</TimePeriodStartDate>"
        "<TimePeriodEndDate>2016-01-01T00:00:00.000Z</TimePeriodEndDate></BillingAgreementLimits>"
        "<BillingAgreementConsent>true</BillingAgreementConsent>"
        f"<BillingAgreementStatus><State>{state}</State>{reason_code}"
        "<LastUpdatedTimestamp>2015-12-31T23:59:59Z</LastUpdatedTimestamp></BillingAgreementStatus>"
        "<AmazonBillingAgreementId>C01-1111111-1111111</AmazonBillingAgreementId>"
        "<SellerBillingAgreementAttributes/>"
        + (f"<Constraints>{listed}</Constraints>" if constraints else "")
        + "</BillingAgreementDetails>",
    )
