"""Connection pools and the two kinds of transaction.

``WorkspaceTx`` runs as the application role inside one workspace: row-level security shows nothing else.
``SystemTx`` runs as the system role across workspaces; only listed modules may open one.
Both are opened with one simple-protocol call, so that a transaction costs two round trips more than its statements,
and both work through PgBouncer in transaction mode.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg

from blazz.kernel.db.months import MakePartitions, Months
from blazz.kernel.db.retry import is_missing_partition
from blazz.kernel.events.outbox import write_events
from blazz.kernel.jobs.deferral import write_jobs

if TYPE_CHECKING:
    from blazz.kernel.events import Event
    from blazz.kernel.jobs import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrls:
    """Where to connect as the application role and as the system role; ``owner`` only for migrations.

    ``queue`` is the system role's way past a pooler: LISTEN and prepared statements need one server connection.
    """

    app: str
    system: str
    owner: str
    queue: str


# What lower domains announce, higher ones may follow in the same transaction: all of it commits, or none.
Listener = Callable[["WorkspaceTx", Any], Awaitable[None]]
Listeners = Mapping[type["Event"], Sequence[Listener]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSizes:
    """Most connections per pool of this process."""

    app: int = 8
    system: int = 4


class Tx:
    """A transaction: statements, and the events and jobs that commit with it."""

    __slots__ = ("_connection", "_events", "_jobs")

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - asyncpg's pool proxy has no public type
        """Wrap a connection inside an open transaction."""
        self._connection = connection
        self._events: list[Event] = []
        self._jobs: list[Job] = []

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        """Run a statement and return all rows."""
        rows: list[asyncpg.Record] = await self._connection.fetch(query, *args)
        return rows

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None:
        """Run a statement and return its first row, or None."""
        row: asyncpg.Record | None = await self._connection.fetchrow(query, *args)
        return row

    async def fetchval(self, query: str, *args: object) -> Any:  # noqa: ANN401 - a column of any type
        """Run a statement and return the first column of its first row."""
        return await self._connection.fetchval(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement and return its command tag, such as ``UPDATE 3``."""
        tag: str = await self._connection.execute(query, *args)
        return tag

    async def executemany(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once per row, pipelined."""
        await self._connection.executemany(query, rows)

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
        """COPY rows into a table. Row-level security forbids COPY into tenant tables; use it for local ones."""
        tag: str = await self._connection.copy_records_to_table(table, records=rows, columns=columns)
        return tag

    async def savepoint(self, query: str, *args: object) -> str:
        """Run a statement that may fail without ending the transaction."""
        # asyncpg's own savepoints refuse a transaction that was opened by hand, as ours are.
        await self._connection.execute("SAVEPOINT attempt")
        try:
            tag: str = await self._connection.execute(query, *args)
        except BaseException:
            if not self._connection.is_closed():
                await self._connection.execute("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt")
            raise
        await self._connection.execute("RELEASE SAVEPOINT attempt")
        return tag

    async def keep_plans(self) -> None:
        """Let this transaction use plans again and again, as outside of processes made for batches.

        Planning every statement anew also plans the check of each foreign key of each row, which costs more than
        storing the row: measured on an import, 29 of its 44 microseconds a row in the database.
        """
        await self._connection.execute("SET LOCAL plan_cache_mode = auto")

    def publish(self, *events: "Event") -> None:
        """Write events in this transaction; they are seen only if it commits."""
        self._events.extend(events)

    def defer(self, *jobs: "Job") -> None:
        """Queue jobs in this transaction; they run only if it commits."""
        self._jobs.extend(jobs)

    async def flush(self) -> None:
        """Write what was deferred and published; called before COMMIT."""
        if self._jobs:
            await write_jobs(self._connection, self._jobs)
            self._jobs.clear()
        # Events take the last lock of a transaction, so that nobody waits for anything while holding it.
        if self._events:
            await write_events(self._connection, self._events)
            self._events.clear()


class WorkspaceTx(Tx):
    """A transaction that sees one workspace and nothing else."""

    __slots__ = ("_listeners", "workspace_id")

    def __init__(
        self,
        connection: Any,  # noqa: ANN401 - see Tx
        workspace_id: int,
        listeners: "Listeners | None" = None,
    ) -> None:
        """Bind the transaction to a workspace."""
        super().__init__(connection)
        self.workspace_id = workspace_id
        self._listeners: Listeners = listeners or {}

    async def flush(self) -> None:
        """Let listeners follow what was published, whatever they publish included; then write all of it."""
        heard = 0
        while heard < len(self._events):
            event = self._events[heard]
            heard += 1
            for follow in self._listeners.get(type(event), ()):
                await follow(self, event)
        await super().flush()


class SystemTx(Tx):
    """A transaction across workspaces, as the system role."""

    __slots__ = ()


@dataclass(slots=True)
class Database:
    """The pools of one process.

    ``batches`` is for processes whose statements carry arrays of hundreds of rows: they are planned for the rows they
    carry. A plan made once for arrays of unknown length takes them for ten rows and compares all with all.
    """

    urls: DatabaseUrls
    sizes: PoolSizes = field(default_factory=PoolSizes)
    through_pooler: bool = False
    batches: bool = False
    application_name: str = "blazz"
    listeners: "Listeners" = field(default_factory=dict)
    make_partitions: MakePartitions | None = None
    _months: Months = field(init=False)
    _app: Any = None
    _system: Any = None

    def __post_init__(self) -> None:
        """Know of no month yet."""
        self._months = Months(self.make_partitions)

    async def open(self) -> "Database":
        """Create both pools; connections open when first needed."""
        self._app = await self._pool(self.urls.app, self.sizes.app)
        self._system = await self._pool(self.urls.system, self.sizes.system)
        return self

    async def close(self) -> None:
        """Close both pools, waiting for what runs."""
        for pool in (self._app, self._system):
            if pool is not None:
                await pool.close()
        self._app = self._system = None

    async def _pool(self, url: str, size: int) -> Any:  # noqa: ANN401 - asyncpg has no public generic type
        # PgBouncer before 1.21 does not follow prepared statements across server connections (rule B-06).
        cache = 0 if self.through_pooler else 512
        return await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=size,
            statement_cache_size=cache,
            max_inactive_connection_lifetime=120,
            command_timeout=65,
            timeout=10,
            server_settings=None if self.through_pooler else {"application_name": self.application_name},
            reset=_no_reset,
        )

    @asynccontextmanager
    async def workspace(self, workspace_id: int) -> AsyncIterator[WorkspaceTx]:
        """Open a transaction inside one workspace; commit on a normal exit, roll back on an error."""
        # One simple-protocol call: literal SET LOCAL also travels to Citus workers, set_config() does not.
        opening = f"{self._opening()}; SET LOCAL app.workspace_id = '{int(workspace_id)}'"
        async with (
            self._partitions(),
            self._app.acquire() as connection,
            _transaction(connection, opening),
        ):
            tx = WorkspaceTx(connection, workspace_id, self.listeners)
            yield tx
            await tx.flush()

    @asynccontextmanager
    async def system(self) -> AsyncIterator[SystemTx]:
        """Open a transaction across workspaces; only listed modules may (architecture test)."""
        async with (
            self._partitions(),
            self._system.acquire() as connection,
            _transaction(connection, self._opening()),
        ):
            tx = SystemTx(connection)
            yield tx
            await tx.flush()

    def _opening(self) -> str:
        return "BEGIN; SET LOCAL plan_cache_mode = force_custom_plan" if self.batches else "BEGIN"

    @asynccontextmanager
    async def _partitions(self) -> AsyncIterator[None]:
        """Have this month's partitions made before a transaction, and after one that missed them, so that it may retry."""
        await self._months.be_ready()
        try:
            yield
        except asyncpg.CheckViolationError as error:
            if is_missing_partition(error):
                await self._months.repair()
            raise

    @asynccontextmanager
    async def system_connection(self) -> AsyncIterator[Any]:
        """Lend a raw system connection, for single statements and COPY."""
        async with self._system.acquire() as connection:
            if not self.through_pooler:
                yield connection
                return
            # Behind a pooler the two halves of one statement, prepare and execute, may reach two servers (rule B-06).
            async with _transaction(connection, "BEGIN"):
                yield connection


async def _no_reset(_connection: object) -> None:
    """Skip asyncpg's RESET ALL round trip: every setting of ours is SET LOCAL and ends with its transaction."""


@asynccontextmanager
async def _transaction(connection: Any, opening: str) -> AsyncIterator[None]:  # noqa: ANN401 - see Tx
    await connection.execute(opening)
    try:
        yield
    except BaseException:
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise
    else:
        await connection.execute("COMMIT")
