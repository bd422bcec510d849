"""An account with one number, a provider that remembers, and templates to list."""

import pytest

from blazz.domains.channels import Credentials, NewAccount, NewNumber, Number, PickProvider, add_number
from blazz.domains.channels.content import TemplateDefinition
from blazz.domains.channels.ports import Provider, StoredTemplate
from blazz.kernel.db import Database
from blazz.kernel.security import Envelope
from tests.conftest import WorkspaceFixture
from tests.domains.channels.fakes import FakeProvider


def listed(
    name: str = "promo", *, key: str = "1", status: str = "APPROVED", text: str = "Halo {{1}}, ada promo."
) -> StoredTemplate:
    """One template as the provider lists it."""
    return StoredTemplate(
        provider_template_id=key,
        definition=TemplateDefinition(
            name=name,
            language="id",
            category="MARKETING",
            components=({"type": "BODY", "text": text, "example": {"body_text": [["Budi"]]}},),
        ),
        status=status,
        quality="GREEN",
    )


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider(templates=[listed()])


@pytest.fixture
def pick(provider: FakeProvider) -> PickProvider:
    def choose(name: str, base_url: str | None) -> Provider:
        return provider  # type: ignore[return-value]

    return choose


@pytest.fixture
async def number(database: Database, envelope: Envelope, workspace: WorkspaceFixture) -> Number:
    """A connected number whose account owns the templates."""
    account = NewAccount(provider_account_id="waba1", name="Toko", credentials=Credentials(access_token="EAAtoken"))
    async with database.workspace(workspace.id) as tx:
        return await add_number(tx, workspace.owner, envelope, account, NewNumber(provider_number_id="1001"))
