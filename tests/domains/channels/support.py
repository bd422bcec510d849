"""Helpers for tests of channels: a proxy that can go away, and small accounts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

from blazz.domains.channels.credentials import seal_credentials
from blazz.domains.channels.types import Credentials
from blazz.kernel.db import Database, PoolSizes
from blazz.kernel.ids import new_uuid7
from blazz.kernel.security import Envelope

APP_SECRET = "appsecret"
VERIFY_TOKEN = "a verify token"


class FailingDatabase(Database):
    """A database whose system connections can be made to fail or to hang."""

    away = False
    frozen = False

    @contextlib.asynccontextmanager
    async def system_connection(self) -> AsyncIterator[object]:
        """Lend a connection unless the server is away."""
        if self.away:
            raise ConnectionRefusedError
        if self.frozen:
            await asyncio.Event().wait()
        async with super().system_connection() as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def system(self) -> AsyncIterator[object]:  # type: ignore[override]
        """Open a transaction unless the server is away."""
        if self.away:
            raise ConnectionRefusedError
        if self.frozen:
            await asyncio.Event().wait()
        async with super().system() as tx:
            yield tx


async def failing_twin(database: Database) -> FailingDatabase:
    """Open the same database through pools that can fail."""
    twin = FailingDatabase(database.urls, PoolSizes(app=2, system=4), through_pooler=database.through_pooler)
    await twin.open()
    return twin


async def stored_bodies(database: Database) -> list[bytes]:
    """Read what the table holds, in the order of arrival."""
    async with database.system() as tx:
        return [row["body"] for row in await tx.fetch("SELECT body FROM webhook_deliveries ORDER BY id")]


async def make_account(
    database: Database, envelope: Envelope, workspace_id: int, *, provider_number_id: str = "1001"
) -> tuple[UUID, UUID]:
    """Insert an account with one routed number; returns both ids."""
    account_id, number_id = new_uuid7(), new_uuid7()
    sealed = seal_credentials(
        envelope,
        workspace_id,
        Credentials(access_token="token", app_secret=APP_SECRET, verify_token=VERIFY_TOKEN),
    )
    async with database.workspace(workspace_id) as tx:
        await tx.execute(
            "INSERT INTO channel_accounts (workspace_id, id, provider, provider_account_id, name, credentials)"
            " VALUES ($1, $2, 'meta_cloud', 'waba1', 'Toko', $3)",
            workspace_id,
            account_id,
            sealed,
        )
        await tx.execute(
            "INSERT INTO numbers (workspace_id, id, account_id, provider_number_id) VALUES ($1, $2, $3, $4)",
            workspace_id,
            number_id,
            account_id,
            provider_number_id,
        )
        await tx.execute(
            "INSERT INTO number_routes VALUES ('meta_cloud', $4, $1, $3, 'waba1', $2)",
            workspace_id,
            account_id,
            number_id,
            provider_number_id,
        )
    return account_id, number_id
