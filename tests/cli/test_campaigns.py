"""Campaigns from the shell: nothing starts by accident, and every refusal says what is in the way."""

from pathlib import Path

import pytest

from blazz.kernel.runtime import Runtime
from tests.cli.conftest import Ended, Shell
from tests.conftest import WorkspaceFixture
from tests.factories import make_contacts

FILLED = ("--template", "sapa_pelanggan", "--field", "1=name", "--fallback", "1=Kak")


@pytest.fixture
async def audience(connected: str, runtime: Runtime, workspace: WorkspaceFixture) -> int:
    """Twenty people to write to."""
    return len(await make_contacts(runtime, workspace, 20))


async def draft(shell: Shell, name: str = "Gajian") -> str:
    """Draft a campaign to everyone; answer its id."""
    made = await shell("campaigns", "create", name, *FILLED, "--everyone", "--json")
    assert made.code == 0, made.err
    return str(made.told["id"])


async def set_status(runtime: Runtime, workspace: WorkspaceFixture, status: str) -> None:
    """Let the provider have changed its mind about a template."""
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute("UPDATE templates SET status = $2 WHERE workspace_id = $1", workspace.id, status)


async def test_a_draft_shows_what_starting_would_do(shell: Shell, audience: int) -> None:
    assert "blazz campaigns create" in (await shell("campaigns", "list")).err
    made = await shell("campaigns", "create", "Gajian", *FILLED, "--everyone")
    assert made.code == 0
    assert "will get it" in made.out
    assert "20" in made.out
    [listed] = (await shell("campaigns", "list", "--json")).items
    assert (listed["name"], listed["status"]) == ("Gajian", "draft")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--template", "sapa_pelanggan", "--everyone"], 2, "body.1, for example “Dewi”"),
        (["--template", "tidak_ada", "--everyone"], 3, "no template “tidak_ada”"),
        ([*FILLED], 2, "--everyone"),
        ([*FILLED, "--group", "Nobody"], 3, "no group “Nobody”"),
        ([*FILLED, "--everyone", "--number", "+62811999"], 3, "no number “+62811999”"),
        ([*FILLED, "--everyone", "--var", "1=Sari"], 2, "a text and a field"),
        ([*FILLED, "--everyone", "--var", "7=Sari"], 2, "no variable “7”"),
        (["--template", "sapa_pelanggan", "--var", "1=a", "--fallback", "1=b", "--everyone"], 2, "a fallback and no"),
        (["--template", "sapa_pelanggan", "--field", "1=nonsense", "--everyone"], 2, "variable_invalid"),
        ([*FILLED, "--contact", "081200009999"], 3, "contact_not_found"),
        ([*FILLED, "--everyone", "--except-campaign", "Dulu"], 3, "no campaign “Dulu”"),
    ],
)
async def test_a_campaign_that_cannot_be_is_not_drafted(
    shell: Shell, audience: int, arguments: list[str], code: int, said: str
) -> None:
    ended = await shell("campaigns", "create", "Gajian", *arguments)
    assert (ended.code, said in ended.err, ended.out) == (code, True, "")
    assert (await shell("campaigns", "list", "--json")).items == []


async def test_nothing_is_sent_without_a_yes(shell: Shell, audience: int) -> None:
    key = await draft(shell)
    asked = await shell("campaigns", "start", key)
    assert (asked.code, "to 20 people?" in asked.err, "--yes" in asked.err) == (2, True, True)
    assert (await shell("campaigns", "show", key, "--json")).told["status"] == "draft"


async def test_a_template_that_is_not_approved_blocks_the_start(
    shell: Shell, audience: int, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    key = await draft(shell)
    assert (await shell("campaigns", "preflight", key)).code == 0
    await set_status(runtime, workspace, "PAUSED")
    checked = await shell("campaigns", "preflight", key)
    assert (checked.code, "template_not_approved" in checked.out) == (5, True)
    started = await shell("campaigns", "start", key, "--yes")
    assert (started.code, "template_not_approved" in started.err) == (5, True)


async def test_people_who_lack_a_field_block_the_start(shell: Shell, audience: int) -> None:
    await shell("contacts", "add", "081299990001")
    made = await shell(
        "campaigns", "create", "Kota", "--template", "sapa_pelanggan", "--field", "1=city", "--everyone", "--json"
    )
    ended = await shell("campaigns", "start", made.told["id"], "--yes")
    assert (ended.code, "variables_missing" in ended.err) == (5, True)


async def test_a_campaign_is_watched_to_its_end(shell: Shell, audience: int, worker: None, tmp_path: Path) -> None:
    key = await draft(shell)
    watched = await shell("campaigns", "start", key, "--yes", "--watch")
    assert (watched.code, watched.out.splitlines()[-1].startswith("completed: 20 of 20 sent")) == (0, True)
    again = await shell("campaigns", "watch", "gajian", "--json")
    assert again.code == 0
    assert '"status":"completed"' in again.out.splitlines()[-1]
    shown = await shell("campaigns", "show", key)
    assert "completed" in shown.out
    people = (await shell("campaigns", "recipients", key, "--limit", "5", "--json")).items
    assert len(people) == 5
    assert "Orang" in (await shell("campaigns", "recipients", key)).out
    file = tmp_path / "people.csv"
    assert (await shell("campaigns", "recipients", key, "--csv", file)).code == 0
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 21
    lost = await shell("campaigns", "recipients", key, "--csv", tmp_path / "no" / "where.csv")
    assert (lost.code, "Cannot write" in lost.err) == (1, True)
    actions = [line["action"] for line in (await shell("campaigns", "log", key, "--json")).items]
    assert actions[0] == "completed"
    assert actions[-1] == "created"
    assert "started" in (await shell("campaigns", "log", key)).out
    over = await shell("campaigns", "pause", key)
    assert (over.code, "campaign_state_conflict" in over.err) == (5, True)
    none = await shell("campaigns", "retry-failed", key, "--yes")
    assert (none.code, "nothing_to_retry" in none.err) == (5, True)
    assert (await shell("campaigns", "retry-failed", key)).code == 2


async def test_a_campaign_pauses_resumes_and_ends_for_good(shell: Shell, audience: int) -> None:
    key = await draft(shell)
    assert (await shell("campaigns", "start", key, "--yes", "--json")).told["status"] in {"preparing", "running"}
    assert (await shell("campaigns", "pause", key, "--json")).told["status"] == "paused"
    assert (await shell("campaigns", "resume", key)).code == 0
    assert (await shell("campaigns", "cancel", key)).code == 2
    ended = await shell("campaigns", "cancel", key, "--yes")
    assert (ended.code, "“Gajian” is cancel" in ended.err) == (0, True)
    assert (await shell("campaigns", "watch", key)).code == 1
    assert (await shell("campaigns", "delete", key, "--yes")).code == 5


async def test_a_campaign_is_scheduled_in_the_workspaces_time_and_back(shell: Shell, audience: int) -> None:
    key = await draft(shell)
    done = await shell("campaigns", "schedule", key, "--at", "2031-01-31T09:00", "--json")
    assert (done.told["status"], done.told["scheduled_at"]) == ("scheduled", "2031-01-31T02:00:00Z")
    assert (await shell("campaigns", "schedule", key, "--cancel", "--json")).told["status"] == "draft"
    past = await shell("campaigns", "schedule", key, "--at", "2001-01-31T09:00")
    assert (past.code, "schedule_invalid" in past.err) == (2, True)
    for wrong in (["--at", "tomorrow"], [], ["--at", "2031-01-31T09:00", "--cancel"]):
        assert (await shell("campaigns", "schedule", key, *wrong)).code == 2
    assert (await shell("campaigns", "delete", key)).code == 2
    assert (await shell("campaigns", "delete", key, "--yes")).code == 0
    assert (await shell("campaigns", "show", key)).code == 3


async def test_a_test_goes_to_contacts_only(shell: Shell, audience: int) -> None:
    key = await draft(shell)
    people = ("081299990001", "081299990002")
    for phone in people:
        await shell("contacts", "add", phone, "--name", "Penguji")
    sent = await shell("campaigns", "test-send", key, *people, "--json")
    ids = sent.told["message_ids"]
    assert isinstance(ids, list)
    assert (sent.code, len(ids)) == (0, 2)
    unknown = await shell("campaigns", "test-send", key, "0811")
    assert (unknown.code, "test_numbers_invalid" in unknown.err) == (2, True)


async def test_a_name_that_is_used_twice_must_be_told_apart(shell: Shell, audience: int) -> None:
    first, second = await draft(shell), await draft(shell)
    ended = await shell("campaigns", "show", "gajian")
    assert (ended.code, first in ended.err, second in ended.err) == (2, True, True)
    missing: Ended = await shell("campaigns", "show", "Lebaran")
    assert (missing.code, "no campaign “Lebaran”" in missing.err) == (3, True)


async def test_groups_categories_and_earlier_campaigns_choose_the_audience(shell: Shell, audience: int) -> None:
    await shell("contacts", "groups", "create", "Reseller")
    for last in (2, 3, 4):
        await shell("contacts", "add", f"08129999000{last}", "--name", "Rekan")
    await shell("contacts", "groups", "add", "Reseller", "081299990002", "081299990003")
    await shell("contacts", "categories", "create", "VIP")
    await shell("contacts", "add", "081299990001", "--name", "Vi", "--category", "VIP")
    made = await shell(
        *("campaigns", "create", "Pilihan", *FILLED, "--group", "Reseller", "--category", "VIP"),
        *("--contact", "081299990004", "--except-campaign", await draft(shell, "Dulu"), "--json"),
    )
    checked = await shell("campaigns", "preflight", made.told["id"], "--json")
    assert (checked.told["chosen"], checked.told["recipients"]) == (4, 4)
    # The simulator sets no daily limit, which the provider writes as -1.
    assert (checked.told["messaging_limit"], checked.told["exceeds_messaging_limit"]) == (-1, False)


async def test_a_server_that_is_away_is_named(shell: Shell) -> None:
    ended = await shell("campaigns", "list", "--key", "blz_live_x")
    assert (ended.code, "No Blazz server answers at http://127.0.0.1:9" in ended.err) == (75, True)
