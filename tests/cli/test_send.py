"""One message from the shell, and an exit code that tells what became of it."""

import json
from pathlib import Path

import httpx
import pytest

from blazz.adapters.providers.simulator import Behaviour
from blazz.kernel.ids import decode_id
from blazz.kernel.runtime import Runtime
from blazz.main.simulator_number import SimulatorNumber, connect_simulator
from blazz.main.wiring import Providers
from tests.cli.conftest import Shell
from tests.cli.test_api_client import answering, ok
from tests.conftest import WorkspaceFixture
from tests.support_processes import simulator

PERSON = "+6281200000000"


@pytest.fixture
async def open_window(shell: Shell, connected: str, runtime: Runtime, workspace: WorkspaceFixture) -> str:
    """A person who has just written to us."""
    made = (await shell("contacts", "add", PERSON, "--json")).told
    contact = decode_id("con", str(made["id"]))
    async with runtime.database.workspace(workspace.id) as tx:
        number = await tx.fetchval("SELECT id FROM numbers WHERE workspace_id = $1", workspace.id)
        await tx.execute(
            "INSERT INTO conversations (workspace_id, id, contact_id, number_id, window_closes_at, last_message_at)"
            " VALUES ($1, gen_random_uuid(), $2, $3, now() + interval '1 hour', now())",
            workspace.id,
            contact,
            number,
        )
        address = await tx.fetchval("SELECT base_url FROM channel_accounts WHERE workspace_id = $1", workspace.id)
    # The simulator keeps the window, too.
    async with httpx.AsyncClient() as outside:
        await outside.post(f"{address}/_sim/customers", json={"from": PERSON[1:], "text": "Halo"})
    return str(made["id"])


async def test_a_text_is_watched_until_it_is_delivered(shell: Shell, open_window: str, worker: None) -> None:
    ended = await shell("send", "--to", "0812 0000 0000", "--text", "Halo")
    assert (ended.code, "delivered" in ended.out, PERSON in ended.out) == (0, True, True), ended
    by_id = await shell("send", "--to", open_window, "--text-stdin", "--json", stdin="Dari berkas\n")
    assert (by_id.code, by_id.told["status"], by_id.told["body"]) == (0, "delivered", "Dari berkas")


async def test_a_message_that_waits_for_a_worker_is_still_queued(shell: Shell, open_window: str) -> None:
    ended = await shell("send", "--to", PERSON, "--text", "Halo", "--wait", "0.2")
    assert (ended.code, "queued" in ended.out) == (75, True)
    at_once = await shell("send", "--to", PERSON, "--text", "Halo", "--wait", "0", "--json")
    assert (at_once.code, at_once.told["status"]) == (0, "queued")


async def test_a_message_that_fails_says_why(
    shell: Shell, served: str, worker: None, runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    async with simulator(tmp_path / "nobody", behaviour=Behaviour(not_on_whatsapp=1.0)) as address:
        providers = Providers(runtime.settings)
        wanted = SimulatorNumber(address=address, web_address=served, is_default=True)
        await connect_simulator(runtime, providers, workspace.owner, wanted)
        await providers.aclose()
        await shell("contacts", "add", PERSON)
        async with httpx.AsyncClient() as outside:
            await outside.post(f"{address}/_sim/customers", json={"from": PERSON[1:], "text": "Halo"})
        ended = await shell("send", "--to", PERSON, "--text", "Halo")
        while "window_closed" in ended.err:
            # The person's own message is still on its way in.
            ended = await shell("send", "--to", PERSON, "--text", "Halo")
    assert (ended.code, "failed" in ended.out, "[not_on_whatsapp]" in ended.out) == (1, True, True)


async def test_a_text_outside_the_service_window_is_refused(shell: Shell, connected: str) -> None:
    await shell("contacts", "add", PERSON)
    ended = await shell("send", "--to", PERSON, "--text", "Halo")
    assert (ended.code, "window_closed" in ended.err, "template" in ended.err) == (5, True, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--to", PERSON], 2, "Say one of --text"),
        (["--to", PERSON, "--text", "x", "--template", "sapa_pelanggan"], 2, "Say one of --text"),
        (["--to", PERSON, "--text", "x", "--var", "1=x"], 2, "belong to --template"),
        (["--to", "+6281299999999", "--text", "x"], 3, "--add adds the person"),
        (["--to", "0899", "--text", "x"], 2, "invalid_phone"),
        (["--to", "con_" + "0" * 26, "--text", "x"], 3, "contact_not_found"),
        (["--to", PERSON, "--text", "x", "--number", "+62811999"], 3, "no number"),
        (["--to", PERSON, "--template", "tidak_ada"], 3, "no template"),
        (["--to", PERSON, "--template", "sapa_pelanggan"], 2, "body.1, for example"),
        (["--to", PERSON, "--template", "sapa_pelanggan", "--var", "2=x"], 2, "no variable “2”"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_refused(
    shell: Shell, open_window: str, arguments: list[str], code: int, said: str
) -> None:
    ended = await shell("send", *arguments)
    assert (ended.code, said in ended.err, ended.out) == (code, True, "")


async def test_a_template_that_is_not_approved_is_refused(
    shell: Shell, open_window: str, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute("UPDATE templates SET status = 'REJECTED' WHERE workspace_id = $1", workspace.id)
    ended = await shell("send", "--to", PERSON, "--template", "sapa_pelanggan", "--var", "1=Sari")
    assert (ended.code, "is rejected, not approved" in ended.err) == (5, True)


async def test_somebody_new_can_be_added_on_the_way(shell: Shell, connected: str) -> None:
    ended = await shell("send", "--to", "081299990001", "--text", "Halo", "--add", "--name", "Budi")
    assert (ended.code, "window_closed" in ended.err) == (5, True)
    assert (await shell("contacts", "show", "081299990001", "--json")).told["name"] == "Budi"


async def test_a_template_goes_by_name_and_language_with_its_values(shell: Shell) -> None:
    template = {
        **dict.fromkeys(("account_id", "quality", "category"), "x"),
        "id": "tpl_" + "0" * 26,
        "name": "sapa_pelanggan",
        "language": "id",
        "status": "APPROVED",
        "rejection_reason": None,
        "components": [],
        "variables": [
            {"key": "body.1", "component": "body", "name": "1", "kind": "text", "required": True, "example": "Dewi"}
        ],
    }
    number = {
        **dict.fromkeys(("account_id", "phone_number_id", "display_name", "status", "quality"), "x"),
        "id": "num_1",
        "phone": PERSON,
        "messages_per_second": 1,
        "pair_interval_seconds": 6.0,
        "is_default": True,
        "is_test": False,
    }
    nothing = dict.fromkeys(
        (
            *("email", "city", "company", "external_id", "notes", "category_id", "original_number", "opted_out_at"),
            *("unreachable_at", "last_message_at", "last_inbound_at"),
        )
    )
    person = {**nothing, "id": "con_1", "name": "Sari", "phone": PERSON, "created_at": "2026-01-01T00:00:00Z"}
    failure = {"code": "not_on_whatsapp", "message": {"en": "Not on WhatsApp.", "id": "Tidak ada."}}
    failed = {"id": "msg_1", "status": "failed", "error_code": "not_on_whatsapp", "failure": failure}
    pages = [ok({"data": [item], "has_more": False}) for item in (template, number)]
    with answering(*pages, ok(person), ok({"id": "msg_1"}), ok(failed)) as server:
        ended = await shell(
            *("send", "--to", PERSON, "--template", "sapa_pelanggan", "--var", "1=Sari"),
            *("--server", server.address, "--key", "blz_live_x"),
        )
    sent = next(call for call in server.seen if call.method == "POST")
    assert json.loads(sent.body) == {
        "contact_id": "con_1",
        "number_id": "num_1",
        "template": {"name": "sapa_pelanggan", "language": "id", "values": {"body.1": "Sari"}},
    }
    assert "idempotency-key" in sent.headers
    assert (ended.code, "Not on WhatsApp. [not_on_whatsapp]" in ended.out) == (1, True)


async def test_a_template_reaches_somebody_who_never_wrote(shell: Shell, connected: str, worker: None) -> None:
    ended = await shell(
        *(
            "send",
            "--to",
            PERSON,
            "--template",
            "sapa_pelanggan",
            "--var",
            "1=Sari",
            "--add",
            "--name",
            "Sari",
            "--json",
        )
    )
    assert (ended.code, ended.told["status"], "Halo Sari" in str(ended.told["body"])) == (0, "delivered", True)
