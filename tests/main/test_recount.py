"""The recount: silent when the books are right, and precise about the counter that is not."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from blazz.domains.billing import commit_messages
from blazz.domains.campaigns import apply_outcomes, feed_once
from blazz.domains.contacts import ContactFields, add_to_group, create_category, create_contact, create_group
from blazz.domains.inbox import OutcomeDelta
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from blazz.main.recount import run_recount
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import make_campaign, settle
from tests.domains.campaigns.test_freezing import start


async def keep_books(runtime: Runtime, workspace: WorkspaceFixture) -> dict[str, str]:
    """Do a little of everything that counts; return the public ids."""
    owner = workspace.owner
    campaign_id = await make_campaign(runtime.database, owner, people=5)
    await start(runtime, workspace, campaign_id)
    await feed_once(runtime)
    async with runtime.database.workspace(workspace.id) as tx:
        await settle(tx, campaign_id, 50)
        delta = OutcomeDelta(campaign_id=campaign_id, queued=-5, accepted=5, delivered=5, read=5)
        await apply_outcomes(tx, [delta])
        await commit_messages(tx, 5, datetime.now(UTC))
        category, group = await create_category(tx, owner, "K", None), await create_group(tx, owner, "G", None)
        made = await create_contact(tx, owner, ContactFields(name="Budi", category_id=category.id))
        await add_to_group(tx, owner, group.id, [made.id])
    return {
        "campaign": encode_id("cmp", campaign_id),
        "category": encode_id("cat", category.id),
        "group": encode_id("grp", group.id),
    }


async def test_books_that_are_right_show_no_difference(
    runtime: Runtime, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    await keep_books(runtime, workspace)
    await keep_books(runtime, other_workspace)
    report = await run_recount(runtime)
    assert report.differences == []
    assert (report.workspaces, report.campaigns, report.categories_and_groups, report.usage_periods) == (2, 2, 4, 4)


async def test_usage_stays_right_when_the_time_zone_moves(runtime: Runtime, workspace: WorkspaceFixture) -> None:
    await keep_books(runtime, workspace)
    async with runtime.database.system() as tx:
        await tx.execute("UPDATE workspaces SET timezone = 'Pacific/Kiritimati'")
    assert (await run_recount(runtime)).differences == []


async def test_every_kind_of_wrong_counter_is_named(
    runtime: Runtime, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    ids = await keep_books(runtime, workspace)
    await keep_books(runtime, other_workspace)
    async with runtime.database.workspace(workspace.id) as tx:
        for table in ("categories", "contact_groups"):
            await tx.execute(f"UPDATE {table} SET contact_count = contact_count + 1")
        await tx.execute("UPDATE campaign_stats SET delivered = delivered - 2")
        await tx.execute("UPDATE usage_counters SET used = 7 WHERE period = 'month'")
        await tx.execute("DELETE FROM events WHERE position = 2")
    found = {(one.of, one.counter): (one.stored, one.counted) for one in (await run_recount(runtime)).differences}
    month = next(of for of, counter in found if counter == "messages_used")
    assert month.startswith("month ")
    events = found.pop(("events", "events_without_gaps"))
    assert isinstance(events[0], int)
    assert events[1] == events[0] - 1
    assert found == {
        (ids["category"], "contact_count"): (2, 1),
        (ids["group"], "contact_count"): (2, 1),
        (ids["campaign"], "delivered"): (3, 5),
        (month, "messages_used"): (7, 5),
    }
    report = await run_recount(runtime)
    assert {one.workspace_id for one in report.differences} == {workspace.id}


async def test_the_verb_ends_with_one_line_and_a_code_that_scripts_understand(
    runtime: Runtime, workspace: WorkspaceFixture, owner_url: str, tmp_path: Path
) -> None:
    await keep_books(runtime, workspace)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLAZZ_")}
    environment |= {
        "BLAZZ_HOME": str(tmp_path / "home"),
        "BLAZZ_DATABASE_URL": owner_url,
        "BLAZZ_SECRET_KEY": runtime.settings.secret_key.get_secret_value(),
    }

    def recount(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "blazz", "recount", *options],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    right = recount("--json")
    assert right.returncode == 0, right.stderr
    assert json.loads(right.stdout)["differences"] == []
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute("UPDATE contact_groups SET contact_count = 9")
    wrong = recount()
    assert wrong.returncode == 1, wrong.stderr
    assert "stored 9, counted 1" in wrong.stdout
