"""Makers of minimal valid objects; a test states only what it cares about."""

from uuid import UUID

import msgspec

from blazz.domains.channels import Credentials, NewAccount, NewNumber, add_number
from blazz.domains.workspaces import create_key
from blazz.kernel.actor import Permission
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture


async def make_key(runtime: Runtime, workspace: WorkspaceFixture, *scopes: Permission) -> str:
    """Create an API key with the given scopes, or every one; answer its secret."""
    async with runtime.database.workspace(workspace.id) as tx:
        made = await create_key(tx, workspace.owner, "test key", scopes or tuple(Permission))
    return made.secret


async def make_number(
    runtime: Runtime,
    workspace: WorkspaceFixture,
    *,
    base_url: str | None = None,
    provider_number_id: str = "200000000000001",
    provider_account_id: str = "100000000000001",
    phone: str = "+628111000001",
    messages_per_second: int = 1000,
) -> UUID:
    """Connect a number; answer its id."""
    async with runtime.database.workspace(workspace.id) as tx:
        number = await add_number(
            tx,
            workspace.owner,
            runtime.envelope,
            NewAccount(
                provider_account_id=provider_account_id,
                name="Toko",
                credentials=Credentials(
                    access_token="simulator-token",
                    app_secret="simulator-app-secret",
                    verify_token="simulator-verify-token",
                ),
                base_url=base_url,
            ),
            NewNumber(
                provider_number_id=provider_number_id,
                phone=phone,
                messages_per_second=messages_per_second,
                is_default=True,
            ),
        )
    return number.id


async def make_contacts(runtime: Runtime, workspace: WorkspaceFixture, count: int, start: int = 0) -> list[UUID]:
    """Insert contacts with numbers +6281200000000 and on, set-based; answer their ids."""
    ids = [new_uuid7() for _ in range(count)]
    phones = [f"+6281{200000000 + start + index}" for index in range(count)]
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute(
            "INSERT INTO contacts (workspace_id, id, name, phone, city)"
            " SELECT $1, row.id, row.name, row.phone, 'Bandung' FROM unnest($2::uuid[], $3::text[], $4::text[])"
            " AS row (id, name, phone)",
            workspace.id,
            ids,
            [f"Orang {index}" for index in range(count)],
            phones,
        )
        await tx.execute(
            "INSERT INTO contact_identities (workspace_id, kind, value, contact_id)"
            " SELECT $1, 'wa_id', row.value, row.id FROM unnest($2::uuid[], $3::text[]) AS row (id, value)",
            workspace.id,
            ids,
            [phone[1:] for phone in phones],
        )
    return ids


async def make_template(runtime: Runtime, workspace: WorkspaceFixture, account_id: UUID) -> UUID:
    """Store an approved template with one variable; answer its id."""
    template_id = new_uuid7()
    components = [{"type": "BODY", "text": "Halo {{1}}, apa kabar?", "example": {"body_text": [["Budi"]]}}]
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute(
            "INSERT INTO templates (workspace_id, id, account_id, name, language, category, status, components)"
            " VALUES ($1, $2, $3, 'sapa_pelanggan', 'id', 'MARKETING', 'APPROVED', $4)",
            workspace.id,
            template_id,
            account_id,
            msgspec.json.encode(components).decode(),
        )
    return template_id
