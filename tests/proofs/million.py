"""Seeds a million rows with a few set-based statements: one large workspace among nineteen small ones."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from tests.proofs.hot import Sample

WORKSPACES = 20
# Rows per table; the first workspace holds nine tenths of each.
ROWS = {
    "contacts": 150_000,
    "contact_identities": 150_000,
    "contact_group_members": 100_000,
    "contact_search": 25_000,
    "conversations": 60_000,
    "messages": 200_000,
    "message_ledger": 100_000,
    "outbox": 60_000,
    "campaign_recipients": 150_000,
    "events": 100_000,
}
# An id made of a number, for an instant a few seconds to weeks ago, as UUIDv7 lays it out.
_ID = """
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(1000 * extract(epoch FROM date_trunc('day', timestamptz '{now}'))::bigint - n * 5), 12, '0') || '7'
            || substr(md5(kind || n), 1, 3) || '8' || substr(md5(kind || n), 4, 15))::uuid
$$;
CREATE FUNCTION pg_temp.home(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT first + CASE WHEN n % 10 > 0 THEN 0 ELSE 1 + (n / 10) % {others} END FROM (SELECT {first}::bigint AS first) AS one
$$;
"""
_SEED = """
INSERT INTO channel_accounts (workspace_id, id, provider, provider_account_id, name, credentials)
SELECT w, pg_temp.id('account', w), 'meta_cloud', 'a' || w, 'Toko', '' FROM unnest($1::bigint[]) AS w;
INSERT INTO numbers (workspace_id, id, account_id, provider_number_id)
SELECT w, pg_temp.id('number', w * 100 + k), pg_temp.id('account', w), 'n' || w || '-' || k
  FROM unnest($1::bigint[]) AS w, generate_series(0, 9) AS k;
INSERT INTO send_lanes (workspace_id, number_id) SELECT workspace_id, id FROM numbers;
INSERT INTO templates (workspace_id, id, account_id, name, language, category, status, components)
SELECT w, pg_temp.id('template', w), pg_temp.id('account', w), 't', 'id', 'MARKETING', 'APPROVED', '[]'
  FROM unnest($1::bigint[]) AS w;
INSERT INTO campaigns (workspace_id, id, name, number_id, template_id, status, audience)
SELECT w, pg_temp.id('campaign', w * 100 + c), 'c', pg_temp.id('number', w * 100 + c % 10), pg_temp.id('template', w),
       CASE c WHEN 0 THEN 'running' ELSE 'completed' END, '{}'
  FROM unnest($1::bigint[]) AS w, generate_series(0, 49) AS c;
INSERT INTO contact_groups (workspace_id, id, name)
SELECT w, pg_temp.id('group', w * 100 + g), 'g' || g FROM unnest($1::bigint[]) AS w, generate_series(0, 19) AS g;
INSERT INTO contacts (workspace_id, id, name, phone, city)
SELECT pg_temp.home(n), pg_temp.id('contact', n), 'Orang ' || n, '+62812' || lpad(n::text, 8, '0'), 'Bandung'
  FROM generate_series(0, {contacts} - 1) AS n;
INSERT INTO contact_identities (workspace_id, kind, value, contact_id)
SELECT pg_temp.home(n), 'phone', '+62812' || lpad(n::text, 8, '0'), pg_temp.id('contact', n)
  FROM generate_series(0, {contact_identities} - 1) AS n;
INSERT INTO contact_group_members (workspace_id, group_id, contact_id)
SELECT pg_temp.home(n), pg_temp.id('group', pg_temp.home(n) * 100 + n / 10 % 20), pg_temp.id('contact', n)
  FROM generate_series(0, {contact_group_members} - 1) AS n;
INSERT INTO contact_search (workspace_id, contact_id, body, grams)
SELECT pg_temp.home(n), pg_temp.id('contact', n), 'orang ' || n,
       ARRAY(SELECT hashint8(pg_temp.home(n) * 1000003 + (n * k) % 20011) FROM generate_series(1, 25) AS k)
  FROM generate_series(0, {contact_search} - 1) AS n;
INSERT INTO conversations (workspace_id, id, contact_id, number_id, last_message_at)
SELECT pg_temp.home(n), pg_temp.id('thread', n), pg_temp.id('contact', n), pg_temp.id('number', pg_temp.home(n) * 100 + n / 10 % 10),
       now() - n * interval '1 second'
  FROM generate_series(0, {conversations} - 1) AS n;
INSERT INTO messages (workspace_id, id, contact_id, number_id, campaign_id, direction, origin, status, kind, body)
SELECT pg_temp.home(n), pg_temp.id('message', n), pg_temp.id('contact', n % {contacts}),
       pg_temp.id('number', pg_temp.home(n) * 100 + n / 10 % 10), pg_temp.id('campaign', pg_temp.home(n) * 100 + n / 10 % 50),
       1, 2, 35, 'template', 'Halo'
  FROM generate_series(0, {messages} - 1) AS n;
INSERT INTO message_ledger (workspace_id, provider_key, message_id)
SELECT pg_temp.home(n), decode(md5('wamid' || n), 'hex'), pg_temp.id('message', n)
  FROM generate_series(0, {message_ledger} - 1) AS n;
INSERT INTO outbox (workspace_id, message_id, number_id, contact_id, campaign_id, lane, state, address, on_wire_at)
SELECT pg_temp.home(n), pg_temp.id('message', n), pg_temp.id('number', pg_temp.home(n) * 100 + n / 10 % 10), pg_temp.id('contact', n),
       pg_temp.id('campaign', pg_temp.home(n) * 100 + n / 10 % 50), 1, CASE WHEN n % 50 = 1 THEN 1 ELSE 0 END, '62812',
       CASE WHEN n % 50 = 1 THEN now() END
  FROM generate_series(0, {outbox} - 1) AS n;
INSERT INTO campaign_recipients (workspace_id, campaign_id, contact_id, state, address, message_id)
SELECT pg_temp.home(n), pg_temp.id('campaign', pg_temp.home(n) * 100 + n / 10 % 50), pg_temp.id('contact', n),
       CASE WHEN n % 3 = 0 THEN 0 ELSE 1 END, '+62812', CASE WHEN n % 3 > 0 THEN pg_temp.id('message', n) END
  FROM generate_series(0, {campaign_recipients} - 1) AS n;
INSERT INTO events (workspace_id, id, type, audience, payload)
SELECT pg_temp.home(n), pg_temp.id('event', n), 'message.queued', 'workspace', '{}'
  FROM generate_series(0, {events} - 1) AS n;
"""


async def seed_million(owner_url: str) -> Sample:
    """Fill a migrated database as its owner, who may leave row policies aside; answer values to ask for."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        rows = await connection.fetch(
            "INSERT INTO workspaces (public_id, name, plan_id)"
            " SELECT gen_random_uuid(), 'Toko', 'self_hosted' FROM generate_series(1, $1) RETURNING id",
            WORKSPACES,
        )
        homes = sorted(row["id"] for row in rows)
        now = datetime.now(UTC).isoformat()
        await connection.execute(_ID.format(now=now, others=WORKSPACES - 1, first=homes[0]))
        for statement in _SEED.split(";\n"):
            if statement.strip():
                text = statement
                for name, count in ROWS.items():
                    text = text.replace(f"{{{name}}}", str(count))
                await connection.execute(text.replace("$1::bigint[]", f"'{{{','.join(map(str, homes))}}}'::bigint[]"))
        await connection.execute("ANALYZE")
        return await _sample(connection, homes[0])
    finally:
        await connection.close()


async def _sample(connection: asyncpg.Connection, home: int) -> Sample:
    numbers = [n for n in range(1, 200) if n % 10]

    async def made(kind: str, values: list[int]) -> list[UUID]:
        rows = await connection.fetch("SELECT pg_temp.id($1, n) AS id FROM unnest($2::bigint[]) AS n", kind, values)
        return [row["id"] for row in rows]

    rows = await connection.fetch("SELECT decode(md5('wamid' || n), 'hex') AS key FROM unnest($1::int[]) AS n", numbers)
    return Sample(
        workspace_id=home,
        number_id=(await made("number", [home * 100]))[0],
        campaign_id=(await made("campaign", [home * 100]))[0],
        group_id=(await made("group", [home * 100]))[0],
        contact_ids=await made("contact", numbers),
        message_ids=await made("message", numbers),
        queued_ids=await made("message", numbers),
        phones=[f"+62812{n:08d}" for n in numbers],
        provider_keys=[row["key"] for row in rows],
        now=datetime.now(UTC),
    )
