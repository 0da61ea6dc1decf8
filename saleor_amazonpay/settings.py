"""Settings, read once at start from `AMAZONPAY_*` environment variables; a wrong one stops the start with a remedy."""

from __future__ import annotations

import base64
import binascii
import re
from functools import cached_property

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

KEY_BYTES = 32
_AWS_ACCOUNT = re.compile(r"[0-9]{12}")
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


class Settings(BaseSettings):
    """What an operator decides. Durations are seconds."""

    model_config = SettingsConfigDict(env_prefix="AMAZONPAY_", extra="ignore", frozen=True)

    database_url: str = Field(default="sqlite:///amazonpay.sqlite3", description="sqlite:///file or postgresql://…")
    secret_keys: SecretStr = Field(description="id:base64-of-32-bytes, comma separated, newest first")
    public_url: str = Field(default="", description="where Saleor and Amazon reach this app; empty: as requested")
    allowed_saleor_urls: str = Field(default="", description="Saleor API URLs or patterns, comma separated")
    dashboard_origins: str = Field(default="", description="Dashboards not on their Saleor's host, comma separated")
    amazon_endpoint: str = Field(default="", description="replaces Amazon's hosts for test-mode profiles only")
    topic_accounts: str = Field(default="", description="further AWS accounts of Amazon Pay's notices, comma separated")
    budget: float = Field(default=15.0, gt=0, le=17.0, description="seconds until a webhook must be answered")
    money_call_minimum: float = Field(default=9.0, ge=0, description="no money call begins with less budget left")
    writers: int = Field(default=2, ge=1, le=16, description="write connections on PostgreSQL (SQLite has one)")
    log_level: str = "info"
    graphiql: bool = Field(default=False, description="serve GraphiQL at /graphql/, for development only")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("use sqlite:///path or postgresql://user:password@host/database")
        return url

    @field_validator("secret_keys")
    @classmethod
    def _usable_keys(cls, keys: SecretStr) -> SecretStr:
        parse_keys(keys.get_secret_value())
        return keys

    @field_validator("public_url", "amazon_endpoint")
    @classmethod
    def _absolute(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("give an absolute http(s) URL")
        return url.rstrip("/")

    @field_validator("topic_accounts")
    @classmethod
    def _account_numbers(cls, accounts: str) -> str:
        if not all(_AWS_ACCOUNT.fullmatch(each.strip()) for each in accounts.split(",") if each.strip()):
            raise ValueError("an AWS account is 12 digits, as in the topic's ARN")
        return accounts

    @cached_property
    def trusted_topics(self) -> frozenset[str]:
        """AWS accounts whose notices the operator trusts."""
        return frozenset(each.strip() for each in self.topic_accounts.split(",") if each.strip())

    @field_validator("dashboard_origins")
    @classmethod
    def _origins(cls, text: str) -> str:
        for origin in _listed(text):
            if not _ORIGIN.fullmatch(origin):
                raise ValueError("give origins such as https://dashboard.example.com, without a path, comma separated")
        return text

    @cached_property
    def other_dashboards(self) -> tuple[str, ...]:
        """Origins that may show our pages in a frame, beside each Saleor's own."""
        return tuple(_listed(self.dashboard_origins))

    @cached_property
    def sealing_keys(self) -> dict[str, bytes]:
        """Key id → 32 bytes, newest first."""
        return parse_keys(self.secret_keys.get_secret_value())


def _listed(text: str) -> list[str]:
    return [part for part in (piece.strip().rstrip("/").lower() for piece in text.split(",")) if part]


def parse_keys(text: str) -> dict[str, bytes]:
    """Read `id:base64,id:base64`. Raises ValueError, which never repeats a key."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not name or len(key) != KEY_BYTES or name in keys:
            raise ValueError("each key is id:base64-of-32-bytes, ids differ; make one with `openssl rand -base64 32`")
        keys[name] = key
    if not keys:
        raise ValueError("at least one key is needed: AMAZONPAY_SECRET_KEYS=k1:$(openssl rand -base64 32)")
    return keys
