"""The frozen audience: who is in, who is out and why."""

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from blazz.domains.campaigns import (
    Audience,
    CampaignStatus,
    Exclude,
    Include,
    VariableSource,
    create_campaign,
    feed_campaign,
    get_campaign,
    get_stats,
    list_recipients,
    preflight_campaign,
    start_campaign,
)
from blazz.domains.campaigns.jobs import run_prepare
from blazz.domains.campaigns.jobs_types import PrepareCampaign
from blazz.kernel.db import Database
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import (
    NOW,
    Wish,
    change_person,
    make_group,
    make_input,
    make_people,
    make_stage,
    settle,
)


async def start(runtime: Runtime, workspace: WorkspaceFixture, campaign_id: UUID) -> None:
    async with runtime.database.workspace(workspace.id) as tx:
        await start_campaign(tx, workspace.owner, campaign_id, now=datetime.now(UTC))
    await run_prepare(runtime, PrepareCampaign(workspace_id=workspace.id, campaign_id=str(campaign_id)))


async def test_everyone_gets_one_row_and_each_exclusion_its_reason(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        stage = await make_stage(tx)
        people = await make_people(tx, 10)
        await change_person(tx, people[1], "opted_out_at", NOW)
        await change_person(tx, people[2], "phone", None)
        await change_person(tx, people[3], "phone", "0812-bad")
        await change_person(tx, people[4], "unreachable_at", NOW)
        await change_person(tx, people[5], "phone", "+6281210000001")
        await change_person(tx, people[6], "deleted_at", NOW)
        outside = await make_group(tx, [people[7]])
        chosen = await make_group(tx, people[:7])
        audience = Audience(
            include=Include(groups=(chosen,), contacts=(people[7], people[8], people[0])),
            exclude=Exclude(groups=(outside,)),
        )
        campaign = await create_campaign(tx, workspace.owner, make_input(stage, Wish(audience=audience)), now=NOW)
        found = await preflight_campaign(tx, workspace.owner, campaign.id, now=NOW)
    assert found.audience.skipped == {
        "deleted": 1,
        "duplicate": 1,
        "excluded": 1,
        "invalid_phone": 1,
        "no_phone": 1,
        "opted_out": 1,
        "unreachable": 1,
    }
    assert (found.audience.chosen, found.audience.pending, found.blockers) == (9, 2, ())
    await start(runtime, workspace, campaign.id)
    async with database.workspace(workspace.id) as tx:
        rows = await list_recipients(tx, workspace.owner, campaign.id, limit=100)
        stats = await get_stats(tx, workspace.owner, campaign.id)
    reasons = {row.contact_id: row.skip_reason for row in rows}
    assert reasons[people[0]] is None
    assert reasons[people[5]] == "duplicate"
    assert people[9] not in reasons
    assert (stats.total, stats.skipped, stats.pending) == (9, 7, 2)


async def test_those_who_received_another_campaign_are_left_out_unless_it_failed_for_them(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        stage = await make_stage(tx)
        await make_people(tx, 4)
        first = await create_campaign(tx, workspace.owner, make_input(stage), now=NOW)
    await start(runtime, workspace, first.id)
    async with database.workspace(workspace.id) as tx:
        await feed_campaign(tx, first.id, 10)
        await settle(tx, first.id, 90, limit=1)
        await settle(tx, first.id, 40)
        audience = Audience(include=Include(all=True), exclude=Exclude(received_campaigns=(first.id,)))
        second = await create_campaign(tx, workspace.owner, make_input(stage, Wish(audience=audience)), now=NOW)
        found = await preflight_campaign(tx, workspace.owner, second.id, now=NOW)
    assert found.audience.skipped == {"already_received": 3}
    assert found.audience.pending == 1


@pytest.mark.parametrize("field", ["name", "first_name", "city", "attributes.kode"])
async def test_people_without_a_needed_field_are_counted_and_a_fallback_lets_them_in(
    database: Database, workspace: WorkspaceFixture, field: str
) -> None:
    async with database.workspace(workspace.id) as tx:
        stage = await make_stage(tx)
        people = await make_people(tx, 3)
        for person in people:
            await change_person(tx, person, "city", "Bandung")
            await change_person(tx, person, "attributes", '{"kode": 7}')
        await change_person(tx, people[0], "name", " ")
        await change_person(tx, people[0], "city", None)
        await change_person(tx, people[0], "attributes", "{}")
        fixed = VariableSource(text="Lebaran")
        bare = Wish(variables={"body.1": VariableSource(field=field), "body.2": fixed})
        soft = Wish(variables={"body.1": VariableSource(field=field, fallback="Kak"), "body.2": fixed})
        one = await create_campaign(tx, workspace.owner, make_input(stage, bare), now=NOW)
        two = await create_campaign(tx, workspace.owner, make_input(stage, soft), now=NOW)
        without = await preflight_campaign(tx, workspace.owner, one.id, now=NOW)
        with_fallback = await preflight_campaign(tx, workspace.owner, two.id, now=NOW)
    assert without.audience.missing_variables == 1
    assert [blocker.code for blocker in without.blockers] == ["variables_missing"]
    assert (with_fallback.audience.pending, with_fallback.blockers) == (3, ())


async def test_twenty_thousand_people_freeze_quickly_and_a_second_run_changes_nothing(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        stage = await make_stage(tx)
        await make_people(tx, 20_000)
        campaign = await create_campaign(tx, workspace.owner, make_input(stage), now=NOW)
        await start_campaign(tx, workspace.owner, campaign.id, now=datetime.now(UTC))
    job = PrepareCampaign(workspace_id=workspace.id, campaign_id=str(campaign.id))
    started = time.perf_counter()
    await run_prepare(runtime, job)
    seconds = time.perf_counter() - started
    await run_prepare(runtime, job)
    async with database.workspace(workspace.id) as tx:
        stats = await get_stats(tx, workspace.owner, campaign.id)
        after = await get_campaign(tx, workspace.owner, campaign.id)
    assert (stats.total, stats.pending) == (20_000, 20_000)
    assert after.status is CampaignStatus.RUNNING
    assert seconds < 8
