"""A shop that is told things by webhooks, from the bytes the provider posts to what the database holds then."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from blazz.adapters.providers.meta_cloud import MetaCloudProvider, MetaCloudSettings
from blazz.domains.inbox import OutcomeDelta, WebhookProcessor
from blazz.domains.inbox.store import provider_key
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.factories import make_number

SAMPLES = Path(__file__).parents[2] / "providers" / "meta_cloud" / "testdata"
WABA, NUMBER, PHONE = "9001", "1001", "6281200000001"
AT = 1_750_000_000
Row = Mapping[str, object]


def sample(name: str) -> bytes:
    """Read a captured webhook."""
    return (SAMPLES / f"{name}.json").read_bytes()


def body_of(field: str, value: Mapping[str, object], at: int | None = AT) -> bytes:
    """Write one change as the provider posts it."""
    entry: dict[str, object] = {"id": WABA, "changes": [{"field": field, "value": value}]}
    if at is not None:
        entry["time"] = at
    return msgspec.json.encode({"object": "whatsapp_business_account", "entry": [entry]})


def messages_body(**parts: Sequence[Mapping[str, object]]) -> bytes:
    """Write a ``messages`` change with statuses or messages."""
    metadata = {"display_phone_number": PHONE, "phone_number_id": NUMBER}
    return body_of("messages", {"messaging_product": "whatsapp", "metadata": metadata, **parts}, None)


class Told:
    """The workspace that owns the number of the samples."""

    def __init__(self, runtime: Runtime, workspace: WorkspaceFixture) -> None:
        self.runtime, self.workspace = runtime, workspace
        self.deltas: list[OutcomeDelta] = []
        self.number_id = self.account_id = UUID(int=0)
        self.processor = WebhookProcessor(
            runtime=runtime, providers={"meta_cloud": MetaCloudProvider(MetaCloudSettings())}, sink=self._sink
        )

    async def _sink(self, _tx: WorkspaceTx, deltas: Sequence[OutcomeDelta]) -> None:
        self.deltas.extend(deltas)

    async def open(self) -> "Told":
        """Connect the number."""
        self.number_id = await make_number(
            self.runtime,
            self.workspace,
            provider_number_id=NUMBER,
            provider_account_id=WABA,
            phone=f"+{PHONE}",
        )
        self.account_id = UUID(str((await self.one("SELECT id FROM channel_accounts"))["id"]))
        return self

    async def tell(self, *bodies: bytes) -> None:
        """Deliver bodies and work until nothing is due any more."""
        for body in bodies:
            async with self.runtime.database.system() as tx:
                await tx.execute(
                    "INSERT INTO webhook_deliveries (id, provider, body) VALUES ($1, 'meta_cloud', $2)",
                    new_uuid7(),
                    body,
                )
        while await self.processor.run_once():
            pass

    async def retry(self) -> None:
        """Let postponed deliveries be due now."""
        async with self.runtime.database.system() as tx:
            await tx.execute("UPDATE webhook_deliveries SET not_before = now()")
        await self.processor.run_once()

    async def waiting(self) -> int:
        """Count deliveries that wait for another try."""
        async with self.runtime.database.system() as tx:
            return int(await tx.fetchval("SELECT count(*) FROM webhook_deliveries"))

    async def all(self, query: str, *args: object) -> list[Row]:
        """Read rows of the workspace."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            return [dict(row) for row in await tx.fetch(query, *args)]

    async def one(self, query: str, *args: object) -> Row:
        """Read the only row."""
        [row] = await self.all(query, *args)
        return row

    async def run(self, statement: str, *args: object) -> None:
        """Change rows of the workspace; ``$1`` is its id."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            await tx.execute(statement, self.workspace.id, *args)

    async def events(self, kind: str) -> list[dict[str, object]]:
        """Read the payloads of one kind of event."""
        rows = await self.all("SELECT payload::text AS payload FROM events WHERE type = $1 ORDER BY id", kind)
        return [json.loads(str(row["payload"])) for row in rows]

    async def contact(self, wa_id: str) -> UUID:
        """Make a contact known by a number."""
        contact_id = new_uuid7()
        await self.run(
            "INSERT INTO contacts (workspace_id, id, name, phone) VALUES ($1, $2, 'Budi', $3)", contact_id, f"+{wa_id}"
        )
        await self.run(
            "INSERT INTO contact_identities (workspace_id, kind, value, contact_id)"
            " VALUES ($1, 'wa_id', $3, $2), ($1, 'phone', '+' || $3, $2)",
            contact_id,
            wa_id,
        )
        return contact_id

    async def outbound(self, provider_id: str, wa_id: str = "6281111111111") -> UUID:
        """Store a message that left, known to the provider by an id."""
        contact_id, message_id = await self.contact(wa_id), new_uuid7()
        await self.run(
            "INSERT INTO messages (workspace_id, id, contact_id, number_id, direction, origin, status, kind, body,"
            " sent_at) VALUES ($1, $2, $3, $4, 1, 3, 30, 'text', 'Halo', now())",
            message_id,
            contact_id,
            self.number_id,
        )
        await self.run("INSERT INTO message_ledger VALUES ($1, $2, $3)", provider_key(provider_id), message_id)
        return message_id

    async def template(self, name: str = "order_update", provider_id: str = "594425479261596") -> UUID:
        """Store an approved template."""
        template_id = new_uuid7()
        await self.run(
            "INSERT INTO templates (workspace_id, id, account_id, provider_template_id, name, language, category,"
            " status, quality, components) VALUES ($1, $2, $3, $4, $5, 'id', 'UTILITY', 'APPROVED', 'GREEN', '[]')",
            template_id,
            self.account_id,
            provider_id,
            name,
        )
        return template_id
