"""The key upgrade: Checkout v2 keys for a merchant who has MWS keys (contracts §0).

In come an account with its MWS credentials and a public key made here, out comes the id under which Checkout v2 knows
that key. The private key never leaves. Amazon may have closed this door; then the public key is entered in Seller
Central by hand.
"""

from __future__ import annotations

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from saleor_amazonpay.amazon.mws.signing import canonical, encoded, pairs, signature, timestamp
from saleor_amazonpay.amazon.port import Account, KeyPair
from saleor_amazonpay.amazon.regions import based, region
from saleor_amazonpay.amazon.v2.calls import Clock
from saleor_amazonpay.amazon.v2.failures import answer_of, unsent
from saleor_amazonpay.domain.errors import CredentialsRejectedError, OutcomeUnknownError
from saleor_amazonpay.http import Http, TransportError

_ACTION = "GetPublicKeyId"
_PATH = "/live/v2/publicKeyId"  # there is no other; the id serves both environments of the seller
_TIMEOUT = 15.0


class _Told(msgspec.Struct, rename="camel"):
    public_key_id: str = ""


def new_key_pair() -> KeyPair:
    """An RSA pair as Checkout v2 wants it."""
    key = rsa.generate_private_key(65537, 2048)
    return KeyPair(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    )


class KeyUpgrade:
    """Exchanges a public key for its id. `endpoint` replaces Amazon's hosts for test-mode accounts."""

    def __init__(self, http: Http, clock: Clock, endpoint: str = "") -> None:
        self._http = http
        self._clock = clock
        self._endpoint = endpoint

    async def exchange(self, account: Account, public_key: str) -> str:
        """The public key's id; the same one if it is asked again. Raises AmazonError, WireGoneError if it is closed."""
        keys = account.credentials
        if not (keys.get("access_key") and keys.get("secret_key")):
            raise CredentialsRejectedError(_ACTION, "MissingKeys", "the profile has no MWS access and secret key")
        url = region(account.region).pay_url(_PATH)
        host = url.split("/")[2]
        query = canonical(
            pairs(
                {
                    "AWSAccessKeyId": keys["access_key"],
                    "Action": _ACTION,
                    "SellerId": account.seller_id,
                    "SignatureMethod": "HmacSHA256",
                    "SignatureVersion": "2",
                    "Timestamp": timestamp(self._clock()),
                    "PublicKey": public_key.replace("\r", ""),
                }
            )
        )
        signed = signature(keys["secret_key"], f"GET\n{host}\n{_PATH}\n{query}")
        place = based(f"{url}?{query}&Signature={encoded(signed)}", self._endpoint, test_mode=account.test_mode)
        try:
            response = await self._http.request("GET", place, headers={"accept": "application/json"}, timeout=_TIMEOUT)
        except TransportError as error:
            raise unsent(_ACTION, error) from error
        answer = answer_of(_ACTION, response)
        told = answer.read(_Told)
        if not told.public_key_id:
            raise OutcomeUnknownError(_ACTION, "UnreadableAnswer", "no publicKeyId", request_id=answer.request_id)
        return told.public_key_id
