"""What a request carries through its resolvers: who asks, for which shop, and what was read already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from strawberry.dataloader import DataLoader

from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.saleor.staff import CallerRefusedError
from saleor_amazonpay.saleor.views import CallerView
from saleor_amazonpay.store import agreement_pages, profiles
from saleor_amazonpay.store.agreement_pages import Listed
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant
from saleor_amazonpay.web.state import Doors


@dataclass
class Context:
    """One request. Without a caller nothing but the schema itself can be read; `refusal` says why."""

    doors: Doors
    public_url: str
    tenant_: Tenant | None = None
    caller_: CallerView | None = None
    refusal: CallerRefusedError | None = None
    _profiles: dict[str, Profile] | None = None
    agreements: DataLoader[str, Listed | None] = field(init=False)

    def __post_init__(self) -> None:
        self.agreements = DataLoader(load_fn=self._load_agreements)

    @property
    def deps(self) -> Deps:
        """The flows' dependencies."""
        return self.doors.deps

    @property
    def tenant(self) -> Tenant:
        """The shop that asks. Guarded fields only: for them there always is one."""
        if self.tenant_ is None:
            raise LookupError("a field without a guard asked for the tenant")
        return self.tenant_

    @property
    def caller(self) -> CallerView:
        """Who asks. Guarded fields only."""
        if self.caller_ is None:
            raise LookupError("a field without a guard asked for the caller")
        return self.caller_

    async def profiles(self) -> dict[str, Profile]:
        """The shop's profiles by id, read once per request and never older."""
        if self._profiles is None:
            found = await self.deps.store.read(lambda tx: profiles.of_tenant(tx, self.tenant.id))
            self._profiles = {profile.id: profile for profile in found}
        return self._profiles

    def changed(self) -> None:
        """Read profiles again: a mutation has changed them."""
        self._profiles = None

    async def _load_agreements(self, ids: list[str]) -> list[Listed | None]:
        tenant_id = self.tenant.id

        def unit(tx: Tx) -> list[Listed | None]:
            return [agreement_pages.one(tx, tenant_id, key) for key in ids]

        return await self.deps.store.read(unit)


Info = Any  # strawberry.Info[Context, None]; resolvers name it so that the library passes it
