"""F-02: a sender that is frozen between the commit of an intent and the call does not call when it wakes up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from blazz.kernel.db import Database, WorkspaceTx
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.inbox.test_sending import ScriptedProvider, Shop, dispatching, until
from tests.factories import make_contacts, make_number
from tests.failures.test_provider_trouble import pushed_back

FROZEN_SECONDS = 2.3


@dataclass(slots=True)
class FreezingDatabase(Database):
    """Commits the first intents and then holds the process still before it learns so."""

    freezes: int = 1

    @asynccontextmanager
    async def workspace(self, workspace_id: int) -> AsyncIterator[WorkspaceTx]:
        """Open a transaction inside one workspace."""
        async with Database.workspace(self, workspace_id) as tx:
            yield tx
            has_intents = await tx.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE state = 1 AND on_wire_at = now())")
        if has_intents and self.freezes:
            self.freezes -= 1
            await asyncio.sleep(FROZEN_SECONDS)


async def test_intents_that_a_frozen_sender_committed_are_given_back_and_sent_once(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    number_id = await make_number(runtime, workspace)
    shop = Shop(runtime, workspace, number_id, await make_contacts(runtime, workspace, 5))
    ids = await shop.queue()
    database = FreezingDatabase(runtime.database.urls, runtime.database.sizes)
    await database.open()
    # A lease that outlives the freeze: only the age of the intent can stop the call.
    patient = runtime.settings.model_copy(update={"lane_lease_seconds": 30.0})
    provider, given_back = ScriptedProvider(), pushed_back()
    try:
        async with dispatching(replace(runtime, database=database, settings=patient), provider):
            while database.freezes:  # noqa: ASYNC110 - the dispatcher decides when this happens
                await asyncio.sleep(0.01)
            assert provider.calls == []

            async def all_sent() -> bool:
                return set((await shop.statuses()).values()) == {30}

            await until(all_sent)
    finally:
        await database.close()
    assert pushed_back() - given_back == len(ids)
    assert sorted(provider.calls) == sorted(ids)
    assert await shop.outbox() == {}
