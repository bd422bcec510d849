"""Two furnished workspaces behind one application, and what must not change in one while the other is probed."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from blazz.domains.campaigns import feed_once, start_campaign
from blazz.domains.campaigns.jobs import run_prepare
from blazz.domains.campaigns.jobs_types import PrepareCampaign
from blazz.domains.contacts import ContactFields, create_contact
from blazz.domains.contacts.imports.jobs_types import RunImport
from blazz.domains.contacts.jobs import run_import
from blazz.domains.contacts.merging import merge_contacts
from blazz.domains.contacts.taxonomy import add_to_group
from blazz.domains.identity.service import open_session
from blazz.kernel.actor import Permission
from blazz.kernel.clock import SystemClock
from blazz.kernel.config import load_settings
from blazz.kernel.db import Database, PoolSizes
from blazz.kernel.ids import decode_id, encode_id, new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.kernel.security import Envelope, SecretKey
from blazz.main.api import make_app
from blazz.migrations import TABLES
from blazz.migrations.runner import role_urls
from tests.conftest import SECRET, WorkspaceFixture, make_workspace, on_database, run_as_owner
from tests.factories import make_key, make_number, make_template
from tests.proofs.routes import PNG, Ids

# Nobody listens there: a probe must never reach a provider.
NOWHERE = "http://127.0.0.1:9"
MARK = "Rahasia"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A signed-in person: the cookie and the header that their changes need."""

    cookie: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        """What their browser sends."""
        return {"Cookie": f"blazz_session={self.cookie}", "X-CSRF-Token": self.csrf}


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A workspace with one object of every kind, and its owner's ways in."""

    workspace: WorkspaceFixture
    ids: Ids
    owner: Person
    key: str

    @property
    def slug(self) -> str:
        """The id as it stands in URLs."""
        return self.workspace.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An application with two homes that must not know of each other."""

    runtime: Runtime
    app: FastAPI
    client: httpx.AsyncClient
    mine: Home
    foreign: Home


def ghost_ids() -> Ids:
    """Ids that look right and that no workspace has."""

    def made(prefix: str) -> str:
        return encode_id(prefix, new_uuid7())

    return Ids(
        account=made("acc"),
        campaign=made("cmp"),
        category=made("cat"),
        contact=made("con"),
        conversation=made("cnv"),
        draft=made("cmp"),
        group=made("grp"),
        import_=made("imp"),
        invite=made("inv"),
        key=made("key"),
        media=made("med"),
        member=made("usr"),
        merge=made("mrg"),
        message=made("msg"),
        number=made("num"),
        other_category=made("cat"),
        phone="phone:+6281277777777",
        template=made("tpl"),
        upload=made("imp"),
    )


@asynccontextmanager
async def open_world(server_url: str, folder: Path, name: str, *, provider_url: str = NOWHERE) -> AsyncIterator[World]:
    """Clone the template database, furnish two workspaces and serve them."""
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    await run_as_owner(server_url, drop, f"CREATE DATABASE {name} TEMPLATE blazz_template STRATEGY FILE_COPY")
    secret = SecretKey(SECRET.encode())
    database = Database(role_urls(on_database(server_url, name), secret), PoolSizes(app=4, system=4))
    await database.open()
    settings = load_settings({}, home=folder, secret_key=SECRET, environment="test", meta_base_url=provider_url)
    runtime = Runtime(settings=settings, database=database, clock=SystemClock(), envelope=Envelope(secret))
    app = make_app(runtime)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://blazz.test") as client:
        mine = await _furnish(runtime, client, "Warung Lain", "081211110001", 1)
        foreign = await _furnish(runtime, client, f"Toko {MARK}", "081222220001", 2)
        yield World(runtime=runtime, app=app, client=client, mine=mine, foreign=foreign)
    await database.close()
    await run_as_owner(server_url, drop)


async def sign_in(runtime: Runtime, workspace: WorkspaceFixture) -> Person:
    """Open a session of the workspace's owner."""
    async with runtime.database.system() as tx:
        cookie, csrf = await open_session(tx, workspace.user_id, runtime.clock.now())
    return Person(cookie=cookie, csrf=csrf)


async def _furnish(runtime: Runtime, client: httpx.AsyncClient, name: str, phone: str, index: int) -> Home:
    workspace = await make_workspace(runtime.database, name)
    key = await make_key(runtime, workspace, *Permission)
    number_id = await make_number(
        runtime,
        workspace,
        base_url=runtime.settings.meta_base_url,
        provider_number_id=f"20000000000000{index}",
        messages_per_second=80,
    )
    async with runtime.database.workspace(workspace.id) as tx:
        account_id = await tx.fetchval("SELECT id FROM channel_accounts WHERE workspace_id = $1", workspace.id)
    template_id = await make_template(runtime, workspace, account_id)

    async def made(path: str, **options: Any) -> str:  # noqa: ANN401 - httpx names and types each option itself
        url, headers = f"/api/v1/workspaces/{workspace.slug}{path}", {"Authorization": f"Bearer {key}"}
        answer = await client.post(url, headers=headers, **options)
        return str(answer.raise_for_status().json()["id"])

    category, group = await made("/categories", json={"name": name}), await made("/groups", json={"name": name})
    person = {"name": f"{name} Budi", "phone": phone, "email": f"{phone}@x.example", "category_id": category}
    contact = await made("/contacts", json=person)
    async with runtime.database.workspace(workspace.id) as tx:
        await add_to_group(tx, workspace.owner, decode_id("grp", group), [decode_id("con", contact)])
    plan = {
        "name": f"Promo {name}",
        "number_id": encode_id("num", number_id),
        "template_id": encode_id("tpl", template_id),
        "audience": {"include": {"contacts": [contact]}},
        "variables": {"body.1": {"field": "name", "fallback": "Kak"}},
    }
    draft, campaign = await made("/campaigns", json=plan), await made("/campaigns", json=plan)
    message_id = await _run_campaign(runtime, workspace, decode_id("cmp", campaign))
    file = {"file": (f"{name}.csv", f"nama,no wa\n{name},{phone[:-1]}2\n{name},abc\n".encode(), "text/csv")}
    upload, import_id = await made("/contact-imports", files=file), await made("/contact-imports", files=file)
    await made(f"/contact-imports/{import_id}/start", json={"policy": "skip"})
    await run_import(runtime, RunImport(workspace_id=workspace.id, import_id=str(decode_id("imp", import_id))))
    conversation_id = await _open_conversation(runtime, workspace, decode_id("con", contact), number_id, name)
    ids = Ids(
        account=encode_id("acc", account_id),
        campaign=campaign,
        category=category,
        contact=contact,
        conversation=encode_id("cnv", conversation_id),
        draft=draft,
        group=group,
        import_=import_id,
        invite=await made("/invites", json={"email": f"{phone}@tamu.example", "role": "agent"}),
        key=await made("/keys", json={"name": f"Kunci {name}", "scopes": ["contacts:read"]}),
        media=await made("/media", files={"file": ("foto.png", PNG, "image/png")}),
        member=encode_id("usr", await _add_colleague(runtime, workspace, name)),
        merge=encode_id("mrg", await _merge_twin(runtime, workspace, decode_id("con", contact), name)),
        message=encode_id("msg", message_id),
        number=encode_id("num", number_id),
        other_category=await made("/categories", json={"name": f"Lain {name}"}),
        phone=f"phone:+62{phone[1:]}",
        template=encode_id("tpl", template_id),
        upload=upload,
    )
    return Home(workspace=workspace, ids=ids, owner=await sign_in(runtime, workspace), key=key)


async def _run_campaign(runtime: Runtime, workspace: WorkspaceFixture, campaign_id: UUID) -> UUID:
    """Start, freeze and feed a campaign; answer the id of its message."""
    async with runtime.database.workspace(workspace.id) as tx:
        await start_campaign(tx, workspace.owner, campaign_id, now=runtime.clock.now())
    await run_prepare(runtime, PrepareCampaign(workspace_id=workspace.id, campaign_id=str(campaign_id)))
    assert await feed_once(runtime) == 1
    async with runtime.database.workspace(workspace.id) as tx:
        found: UUID = await tx.fetchval("SELECT id FROM messages WHERE workspace_id = $1", workspace.id)
    return found


async def _merge_twin(runtime: Runtime, workspace: WorkspaceFixture, contact_id: UUID, name: str) -> UUID:
    """Merge a second contact into the first; answer the id of the merge."""
    async with runtime.database.workspace(workspace.id) as tx:
        twin = await create_contact(tx, workspace.owner, ContactFields(name=f"{name} Kembar"))
        await merge_contacts(tx, contact_id, twin.id)
        found: UUID = await tx.fetchval("SELECT id FROM contact_merges WHERE workspace_id = $1", workspace.id)
    return found


async def _add_colleague(runtime: Runtime, workspace: WorkspaceFixture, name: str) -> UUID:
    colleague = new_uuid7()
    async with runtime.database.system() as tx:
        await tx.execute(
            "INSERT INTO users (id, email, name) VALUES ($1, $2, $3)", colleague, f"{colleague.hex}@x.example", name
        )
        await tx.execute(
            "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'agent')", workspace.id, colleague
        )
    return colleague


async def _open_conversation(
    runtime: Runtime, workspace: WorkspaceFixture, contact_id: UUID, number_id: UUID, preview: str
) -> UUID:
    conversation_id = new_uuid7()
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute(
            "INSERT INTO conversations (workspace_id, id, contact_id, number_id, preview, window_closes_at)"
            " VALUES ($1, $2, $3, $4, $5, now() + interval '1 day')",
            workspace.id,
            conversation_id,
            contact_id,
            number_id,
            preview,
        )
    return conversation_id


async def fingerprint(world: World, home: Home) -> dict[str, str]:
    """Count and hash every row and every stored file of a workspace."""
    found = {}
    walled = [table.name for table in TABLES if table.kind == "tenant"]
    async with world.runtime.database.system() as tx:
        for table in [*walled, "number_routes", "api_key_lookup", "send_lanes"]:
            found[table] = await tx.fetchval(
                "SELECT count(*) || ' ' || coalesce(md5(string_agg(row.text, '' ORDER BY row.text)), '')"
                f" FROM (SELECT t::text AS text FROM {table} AS t WHERE workspace_id = $1) AS row",
                home.workspace.id,
            )
        found["workspaces"] = await tx.fetchval("SELECT w::text FROM workspaces AS w WHERE id = $1", home.workspace.id)
        found["jobs"] = await tx.fetchval(
            "SELECT count(*)::text FROM pgqueuer WHERE strpos(convert_from(payload, 'UTF8'), $1) > 0",
            f'"workspace_id":{home.workspace.id},',
        )
    upload = world.runtime.storage_dir / "imports" / str(decode_id("imp", home.ids.import_))
    found["files"] = hashlib.sha256(upload.read_bytes()).hexdigest()
    return found
