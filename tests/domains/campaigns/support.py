"""Makes what a campaign needs: a number, a template, people and groups, by direct statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from blazz.domains.campaigns import Audience, AutoPause, CampaignInput, Include, VariableSource, create_campaign
from blazz.kernel.actor import Actor
from blazz.kernel.db import Database, WorkspaceTx
from blazz.kernel.ids import new_uuid7

NOW = datetime.now(UTC)
BODY = "Halo {{1}}, promo {{2}} di kota Anda."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Ids of a connected number and an approved template."""

    account_id: UUID
    number_id: UUID
    template_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a test wants its campaign; only what it cares about."""

    audience: Audience = field(default_factory=lambda: Audience(include=Include(all=True)))
    variables: dict[str, VariableSource] = field(
        default_factory=lambda: {
            "body.1": VariableSource(field="name", fallback="Kak"),
            "body.2": VariableSource(text="Lebaran"),
        }
    )
    auto_pause: AutoPause = field(default_factory=AutoPause)


async def make_stage(tx: WorkspaceTx, *, template_status: str = "APPROVED", number_status: str = "connected") -> Stage:
    """Store an account, a number and a template."""
    account_id, number_id, template_id = new_uuid7(), new_uuid7(), new_uuid7()
    await tx.execute(
        "INSERT INTO channel_accounts (workspace_id, id, provider, provider_account_id, name, credentials,"
        " messaging_limit) VALUES ($1, $2, 'meta_cloud', $3, 'Toko', ''::bytea, 1000)",
        tx.workspace_id,
        account_id,
        account_id.hex,
    )
    await tx.execute(
        "INSERT INTO numbers (workspace_id, id, account_id, provider_number_id, phone, status)"
        " VALUES ($1, $2, $3, $4, '+628001', $5)",
        tx.workspace_id,
        number_id,
        account_id,
        number_id.hex,
        number_status,
    )
    components = msgspec.json.encode(
        [{"type": "BODY", "text": BODY}, {"type": "FOOTER", "text": "Balas STOP"}]
    ).decode()
    await tx.execute(
        "INSERT INTO templates (workspace_id, id, account_id, name, language, category, status, components)"
        " VALUES ($1, $2, $3, 'promo', 'id', 'MARKETING', $4, $5)",
        tx.workspace_id,
        template_id,
        account_id,
        template_status,
        components,
    )
    return Stage(account_id=account_id, number_id=number_id, template_id=template_id)


async def make_people(tx: WorkspaceTx, count: int, *, first: int = 1) -> list[UUID]:
    """Store people with distinct phones, named Orang 1, Orang 2, …."""
    ids = [new_uuid7() for _ in range(count)]
    await tx.execute(
        "INSERT INTO contacts (workspace_id, id, name, phone)"
        " SELECT $1, p.id, 'Orang ' || p.n, '+62812' || lpad((10000000 + p.n)::text, 8, '0')"
        "   FROM unnest($2::uuid[], $3::int[]) AS p (id, n)",
        tx.workspace_id,
        ids,
        list(range(first, first + count)),
    )
    return ids


async def change_person(tx: WorkspaceTx, contact_id: UUID, column: str, value: object) -> None:
    """Set one column of a contact."""
    await tx.execute(
        f"UPDATE contacts SET {column} = $3 WHERE workspace_id = $1 AND id = $2", tx.workspace_id, contact_id, value
    )


async def make_group(tx: WorkspaceTx, people: Sequence[UUID]) -> UUID:
    """Store a group with members."""
    group_id = new_uuid7()
    await tx.execute(
        "INSERT INTO contact_groups (workspace_id, id, name) VALUES ($1, $2, $3)",
        tx.workspace_id,
        group_id,
        group_id.hex,
    )
    await tx.execute(
        "INSERT INTO contact_group_members (workspace_id, group_id, contact_id) SELECT $1, $2, unnest($3::uuid[])",
        tx.workspace_id,
        group_id,
        list(people),
    )
    return group_id


def make_input(stage: Stage, wish: Wish | None = None) -> CampaignInput:
    """Fill in a campaign."""
    wish = wish or Wish()
    return CampaignInput(
        name="Promo Lebaran",
        number_id=stage.number_id,
        template_id=stage.template_id,
        audience=wish.audience,
        variables=wish.variables,
        auto_pause=wish.auto_pause,
    )


async def make_campaign(database: Database, actor: Actor, people: int = 3, wish: Wish | None = None) -> UUID:
    """Store a stage, people and a draft for all of them."""
    async with database.workspace(actor.workspace_id) as tx:
        stage = await make_stage(tx)
        await make_people(tx, people)
        return (await create_campaign(tx, actor, make_input(stage, wish), now=NOW)).id


async def settle(tx: WorkspaceTx, campaign_id: UUID, status: int, *, limit: int = 1_000_000) -> list[UUID]:
    """Give queued messages of a campaign a final status, as the sending side would; return their ids."""
    rows = await tx.fetch(
        "DELETE FROM outbox WHERE workspace_id = $1 AND message_id IN (SELECT message_id FROM outbox"
        " WHERE workspace_id = $1 AND campaign_id = $2 LIMIT $3) RETURNING message_id",
        tx.workspace_id,
        campaign_id,
        limit,
    )
    ids = [row["message_id"] for row in rows]
    await tx.execute(
        "UPDATE messages SET status = $3::smallint, sent_at = CASE WHEN $3::smallint < 90 THEN now() END,"
        " delivered_at = CASE WHEN $3::smallint BETWEEN 40 AND 55 THEN now() END, read_at = CASE WHEN $3::smallint = 50 THEN now() END,"
        " failed_at = CASE WHEN $3::smallint = 90 THEN now() END, error_code = CASE WHEN $3::smallint = 90 THEN 'not_on_whatsapp' END"
        " WHERE workspace_id = $1 AND id = ANY ($2::uuid[])",
        tx.workspace_id,
        ids,
        status,
    )
    return ids
