"""Where a benchmark runs: a fresh embedded database, one workspace with one number, and processes on demand."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import msgspec

from blazz.domains.campaigns import (
    Audience,
    AutoPause,
    Campaign,
    CampaignInput,
    Include,
    Stats,
    VariableSource,
    create_campaign,
    get_campaign,
    get_stats,
)
from blazz.domains.channels import Credentials, NewAccount, NewNumber, add_number
from blazz.domains.identity import create_user
from blazz.domains.workspaces import create_workspace
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.config import Settings
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.main.demo import forget_database, free_port, make_environment
from blazz.main.local_database import embedded_postgres, running_url
from blazz.main.process_output import ProcessOutput
from blazz.main.supervisor import ProcessSpec, Supervisor
from blazz.main.wiring import open_runtime
from blazz.migrations import migrate

Say = Callable[[str], None]
# A small campaign may be over before anybody looks.
UNDER_WAY = frozenset({"running", "completing", "completed"})
APP_SECRET = "bench-app-secret"  # noqa: S105 - a made-up secret of a made-up account
_INSERT_PEOPLE = """
INSERT INTO contacts (workspace_id, id, name, phone, city)
SELECT $1, row.id, 'Orang ' || (row.number + $3::bigint), '+6281' || (200000000 + $3::bigint + row.number), 'Bandung'
  FROM unnest($2::uuid[]) WITH ORDINALITY AS row (id, number)
"""
_PEOPLE_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An open runtime on a fresh database, with a workspace whose number may send as fast as it can."""

    runtime: Runtime
    workspace_id: int
    owner: Actor
    number_id: UUID
    account_id: UUID
    env: Mapping[str, str]
    database_pid: int

    async def add_people(self, count: int) -> None:
        """Store people with a name, a city and a mobile number each."""
        for start in range(0, count, _PEOPLE_AT_ONCE):
            ids = [new_uuid7() for _ in range(min(_PEOPLE_AT_ONCE, count - start))]
            async with self.runtime.database.workspace(self.workspace_id) as tx:
                await tx.execute(_INSERT_PEOPLE, self.workspace_id, ids, start)
        async with self.runtime.database.system() as tx:
            # Vacuuming and analysing is what the server's own maintenance does within a minute of an import.
            await tx.execute("ANALYZE")

    async def draft_campaign(self) -> Campaign:
        """Store an approved template with one variable and draft a campaign with it to everybody."""
        template_id = new_uuid7()
        body = {"type": "BODY", "text": "Halo {{1}}, promo gajian hari ini!", "example": {"body_text": [["Budi"]]}}
        async with self.runtime.database.workspace(self.workspace_id) as tx:
            await tx.execute(
                "INSERT INTO templates (workspace_id, id, account_id, name, language, category, status, components)"
                " VALUES ($1, $2, $3, 'promo_gajian', 'id', 'MARKETING', 'APPROVED', $4)",
                self.workspace_id,
                template_id,
                self.account_id,
                msgspec.json.encode([body]).decode(),
            )
            given = CampaignInput(
                name="Bench",
                number_id=self.number_id,
                template_id=template_id,
                audience=Audience(include=Include(all=True)),
                variables={"body.1": VariableSource(field="name", fallback="Kak")},
                auto_pause=AutoPause(enabled=False),
            )
            return await create_campaign(tx, self.owner, given, now=self.runtime.clock.now())

    async def watch(self, campaign_id: UUID) -> tuple[str, Stats]:
        """Return a campaign's state and counters."""
        async with self.runtime.database.workspace(self.workspace_id) as tx:
            campaign = await get_campaign(tx, self.owner, campaign_id)
            return campaign.status.value, await get_stats(tx, self.owner, campaign_id)


@asynccontextmanager
async def open_place(settings: Settings, *, provider_url: str = "") -> AsyncIterator[Place]:
    """Make a place from nothing in a folder of its own; everything in it ends with the block."""
    home = settings.home / "bench"
    settings = settings.model_copy(
        update={"home": home, "port": free_port(settings.port), "public_url": "", "database_url": None}
    )
    await asyncio.to_thread(forget_database, home)
    server = embedded_postgres(settings)
    assert server is not None
    try:
        await asyncio.to_thread(server.start)
        await migrate(running_url(settings), settings.key)
        runtime = await open_runtime(settings, "bench", pool_size=4)
        try:
            yield await _furnish(runtime, provider_url, make_environment(settings), server.pid)
        finally:
            await runtime.database.close()
    finally:
        await asyncio.to_thread(server.destroy)


@asynccontextmanager
async def running(*specs: ProcessSpec) -> AsyncIterator[Supervisor]:
    """Run processes beside the benchmark until the block ends."""
    output = ProcessOutput(sys.stderr, tuple(spec.name for spec in specs))
    supervisor = Supervisor(list(specs), output=output)
    await supervisor.start()
    try:
        await supervisor.wait_ready(60)
        yield supervisor
    finally:
        await supervisor.stop()


def process(place: Place, name: str, **options: str) -> ProcessSpec:
    """Describe one of Blazz's own processes, such as ``worker``; options are settings of the same name."""
    env = {**place.env, "BLAZZ_LOG_LEVEL": "WARNING"}
    env |= {f"BLAZZ_{key.upper()}": value for key, value in options.items()}
    return ProcessSpec(name=name, command=(sys.executable, "-m", "blazz", "run", name), env=env)


async def wait_for(what: str, is_done: Callable[[], object], *, seconds: float) -> float:
    """Poll an async condition ten times a second; return the seconds it took.

    Raises:
        TimeoutError: it did not come true in time; names what was waited for.

    """
    started = time.monotonic()
    while True:
        answer = is_done()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return time.monotonic() - started
        if time.monotonic() - started > seconds:
            msg = f"{what} took longer than {seconds:.0f} s"
            raise TimeoutError(msg)
        await asyncio.sleep(0.1)


async def _furnish(runtime: Runtime, provider_url: str, env: Mapping[str, str], database_pid: int) -> Place:
    async with runtime.database.system() as tx:
        user_id = await create_user(tx, email="bench@blazz.example", name="Bench", password=None)
        workspace = await create_workspace(tx, user_id, "Bench")
    owner = Actor(
        kind="user", workspace_id=workspace.id, permissions=frozenset(Permission), user_id=user_id, role="owner"
    )
    account = NewAccount(
        provider_account_id="100000000000001",
        name="Bench",
        credentials=Credentials(
            access_token="simulator-token",  # noqa: S106 - the simulator's own made-up credentials
            app_secret=APP_SECRET,
            verify_token="bench-verify-token",  # noqa: S106 - made up, too
        ),
        base_url=provider_url or None,
    )
    number = NewNumber(
        provider_number_id="200000000000001", phone="+628111000001", messages_per_second=100_000, is_default=True
    )
    async with runtime.database.workspace(workspace.id) as tx:
        added = await add_number(tx, owner, runtime.envelope, account, number)
    return Place(
        runtime=runtime,
        workspace_id=workspace.id,
        owner=owner,
        number_id=added.id,
        account_id=added.account_id,
        env=env,
        database_pid=database_pid,
    )
