"""Campaigns through the API: the whole path and what bad input gets."""

from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from blazz.domains.campaigns import feed_once
from blazz.domains.campaigns.jobs import run_prepare
from blazz.domains.campaigns.jobs_types import PrepareCampaign
from blazz.kernel.db import Database
from blazz.kernel.ids import decode_id, encode_id, new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import Stage, make_people, make_stage


def body_of(stage: Stage, **changes: object) -> dict[str, object]:
    return {
        "name": "Promo",
        "number_id": encode_id("num", stage.number_id),
        "template_id": encode_id("tpl", stage.template_id),
        "audience": {"include": {"all": True}},
        "variables": {"body.1": {"field": "name", "fallback": "Kak"}, "body.2": {"text": "Lebaran"}},
    } | changes


async def stage_of(database: Database, workspace: WorkspaceFixture, people: int = 3) -> tuple[Stage, list[UUID]]:
    async with database.workspace(workspace.id) as tx:
        return await make_stage(tx), await make_people(tx, people)


async def test_a_campaign_goes_from_draft_to_export_over_http(
    api: httpx.AsyncClient, runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    stage, _ = await stage_of(database, workspace)
    base = f"/api/v1/workspaces/{workspace.slug}/campaigns"
    made = await api.post(base, json=body_of(stage))
    assert made.status_code == 201, made.text
    one = f"{base}/{made.json()['id']}"
    found = (await api.post(f"{one}/preflight")).json()
    assert (found["recipients"], found["blockers"], found["messages_per_second"]) == (3, [], 80)
    started = await api.post(f"{one}/start")
    assert (started.status_code, started.json()["status"]) == (200, "preparing")
    again = await api.post(f"{one}/start")
    assert (again.status_code, again.json()["code"]) == (409, "campaign_not_startable")
    edited = await api.put(one, json=body_of(stage))
    assert (edited.status_code, edited.json()["code"]) == (409, "campaign_not_editable")
    campaign_id = decode_id("cmp", made.json()["id"])
    await run_prepare(runtime, PrepareCampaign(workspace_id=workspace.id, campaign_id=str(campaign_id)))
    await feed_once(runtime)
    assert (await api.get(f"{one}/stats")).json()["queued"] == 3
    page = (await api.get(f"{one}/recipients", params={"limit": 2})).json()
    rest = (await api.get(f"{one}/recipients", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert (len(page["data"]), len(rest["data"]), rest["has_more"]) == (2, 1, False)
    assert page["data"][0]["message_status"] == "queued"
    none = (await api.get(f"{one}/recipients", params={"message_status": "failed"})).json()
    assert none["data"] == []
    lines = (await api.get(f"{one}/recipients.csv")).text.splitlines()
    assert len(lines) == 4
    assert lines[0].lstrip("\ufeff").startswith("contact_id,name,address,state")
    assert [item["id"] for item in (await api.get(base)).json()["data"]] == [made.json()["id"]]
    assert (await api.post(f"{one}/pause")).json()["status"] == "paused"
    assert (await api.post(f"{one}/resume")).json()["status"] == "running"
    assert (await api.post(f"{one}/cancel")).json()["stats"]["cancelled"] == 3
    assert (await api.get(f"{one}/log")).json()["data"][0]["action"] == "cancelled"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"name": ""}, 422, "validation_failed"),
        ({"surprise": 1}, 422, "validation_failed"),
        ({"number_id": "num_x"}, 422, "invalid_request"),
        ({"number_id": encode_id("num", new_uuid7())}, 422, "number_unusable"),
        ({"template_id": encode_id("tpl", new_uuid7())}, 422, "template_unusable"),
        ({"audience": {"include": {}}}, 422, "audience_empty"),
        ({"audience": {"include": {"groups": [encode_id("grp", new_uuid7())]}}}, 422, "audience_unknown"),
        ({"variables": {"body.1": {"field": "password"}}}, 422, "variable_invalid"),
        ({"variables": {"body.1": {"field": "name", "text": "both"}}}, 422, "validation_failed"),
    ],
)
async def test_bad_input_is_refused_with_its_code(
    api: httpx.AsyncClient,
    database: Database,
    workspace: WorkspaceFixture,
    changes: dict[str, object],
    status: int,
    code: str,
) -> None:
    stage, _ = await stage_of(database, workspace, people=1)
    base = f"/api/v1/workspaces/{workspace.slug}/campaigns"
    answer = await api.post(base, json=body_of(stage, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await api.get(base)).json()["data"] == []


async def test_a_test_goes_to_contacts_only_and_does_not_count(
    api: httpx.AsyncClient, database: Database, workspace: WorkspaceFixture
) -> None:
    stage, people = await stage_of(database, workspace)
    async with database.workspace(workspace.id) as tx:
        await tx.execute(
            "INSERT INTO contact_identities (workspace_id, kind, value, contact_id) VALUES ($1, 'phone', $2, $3)",
            workspace.id,
            "+6281210000001",
            people[0],
        )
    base = f"/api/v1/workspaces/{workspace.slug}/campaigns"
    one = f"{base}/{(await api.post(base, json=body_of(stage))).json()['id']}"
    sent = await api.post(f"{one}/test", json={"numbers": ["0812-1000-0001"]})
    assert sent.status_code == 202, sent.text
    async with database.workspace(workspace.id) as tx:
        row = await tx.fetchrow("SELECT lane, campaign_id, address FROM outbox WHERE workspace_id = $1", workspace.id)
    assert row is not None
    assert tuple(row) == (0, None, "+6281210000001")
    stranger = await api.post(f"{one}/test", json={"numbers": ["081299999999"]})
    assert (stranger.status_code, stranger.json()["code"]) == (422, "test_numbers_invalid")
    many = await api.post(f"{one}/test", json={"numbers": ["1"] * 6})
    assert many.status_code == 422


async def test_times_that_passed_are_refused_and_null_makes_a_draft(
    api: httpx.AsyncClient, database: Database, workspace: WorkspaceFixture
) -> None:
    stage, _ = await stage_of(database, workspace)
    base = f"/api/v1/workspaces/{workspace.slug}/campaigns"
    one = f"{base}/{(await api.post(base, json=body_of(stage))).json()['id']}"
    late = await api.post(f"{one}/schedule", json={"at": "2020-01-01T10:00:00"})
    assert (late.status_code, late.json()["code"]) == (422, "schedule_invalid")
    year = datetime.now(UTC).year + 1
    planned = await api.post(f"{one}/schedule", json={"at": f"{year}-03-01T08:00:00"})
    assert planned.json()["status"] == "scheduled"
    assert planned.json()["scheduled_at"] == f"{year}-03-01T01:00:00Z"
    assert (await api.post(f"{one}/schedule", json={"at": None})).json()["status"] == "draft"
    assert (await api.delete(one)).status_code == 204
    assert (await api.get(one)).status_code == 404
