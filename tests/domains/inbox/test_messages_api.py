"""Sending over the API: every content type, every refusal with its code, and nothing half-written."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import msgspec
import pytest

from blazz.kernel.actor import Permission
from blazz.kernel.ids import decode_id, encode_id, new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.factories import make_contacts, make_key, make_number, make_template

PATH = "/api/v1/messages"


class Desk:
    """A workspace with a number, a person whose window is open, and an approved template."""

    def __init__(self, api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture) -> None:
        self.api, self.runtime, self.workspace = api, runtime, workspace
        self.number_id = self.contact_id = self.account_id = self.template_id = UUID(int=0)
        self._sent = 0

    async def open(self) -> "Desk":
        """Make everything."""
        self.number_id = await make_number(self.runtime, self.workspace)
        [self.contact_id] = await make_contacts(self.runtime, self.workspace, 1)
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            self.account_id = await tx.fetchval("SELECT id FROM channel_accounts")
        self.template_id = await make_template(self.runtime, self.workspace, self.account_id)
        await self.window(hours=5)
        return self

    async def window(self, hours: float) -> None:
        """Let the person's service window close in so many hours."""
        await self.change(
            "INSERT INTO conversations (workspace_id, id, contact_id, number_id, window_closes_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace_id, number_id, contact_id)"
            " DO UPDATE SET window_closes_at = excluded.window_closes_at",
            new_uuid7(),
            self.contact_id,
            self.number_id,
            datetime.now(UTC) + timedelta(hours=hours),
        )

    async def change(self, statement: str, *args: object) -> None:
        """Run a statement in the workspace; ``$1`` is its id."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            await tx.execute(statement, self.workspace.id, *args)

    async def send(self, headers: Mapping[str, str] | None = None, /, **body: object) -> httpx.Response:
        """Post a message to the person, with a fresh key unless headers are given."""
        self._sent += 1
        wanted = {"contact_id": encode_id("con", self.contact_id)} | body
        if wanted["contact_id"] is None:
            del wanted["contact_id"]
        return await self.api.post(PATH, json=wanted, headers=headers or {"Idempotency-Key": f"key-{self._sent}"})

    async def counts(self) -> tuple[int, int, int, int]:
        """Count messages, the outbox, reserved quota and remembered requests."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            row = await tx.fetchrow(
                "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM outbox),"
                " (SELECT coalesce(sum(reserved), 0)::int FROM usage_counters), (SELECT count(*) FROM message_ledger)"
            )
        assert row is not None
        return (row[0], row[1], row[2], row[3])


@pytest.fixture
async def desk(api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture) -> Desk:
    """A desk that is ready."""
    return await Desk(api, runtime, workspace).open()


FILE = {"id": "1234567890"}
CONTENTS: dict[str, tuple[dict[str, object], str]] = {
    "text": ({"type": "text", "body": "Halo", "preview_url": True}, "Halo"),
    "image": ({"type": "media", "kind": "image", "link": "https://toko.example/a.jpg", "caption": "Baru"}, "Baru"),
    "video": ({"type": "media", "kind": "video", **FILE}, ""),
    "audio": ({"type": "media", "kind": "audio", "voice": True, **FILE}, ""),
    "document": ({"type": "media", "kind": "document", "filename": "nota.pdf", **FILE}, "nota.pdf"),
    "sticker": ({"type": "media", "kind": "sticker", **FILE}, ""),
    "location": ({"type": "location", "latitude": -6.2, "longitude": 106.8, "name": "Monas"}, "Monas"),
    "contacts": (
        {"type": "contacts", "cards": [{"name": {"formatted_name": "Siti A", "first_name": "Siti"}}]},
        "Siti A",
    ),
    "reaction": ({"type": "reaction", "message_id": "wamid.IN", "emoji": "👍"}, "👍"),
    "buttons": (
        {
            "type": "interactive",
            "body": "Mau?",
            "footer": "Toko",
            "action": {"type": "button", "buttons": [{"id": "y", "title": "Ya"}, {"id": "n", "title": "Tidak"}]},
        },
        "Mau?\n\nToko\n\n[Ya] [Tidak]",
    ),
    "list": (
        {
            "type": "interactive",
            "header": {"type": "text", "text": "Kurir"},
            "body": "Pilih",
            "action": {"type": "list", "button": "Lihat", "sections": [{"rows": [{"id": "1", "title": "JNE"}]}]},
        },
        "Kurir\n\nPilih\n\n[Lihat]",
    ),
    "cta_url": (
        {
            "type": "interactive",
            "body": "Buka",
            "action": {"type": "cta_url", "display_text": "Toko", "url": "https://toko.example"},
        },
        "Buka",
    ),
    "flow": (
        {
            "type": "interactive",
            "body": "Isi",
            "action": {"type": "flow", "flow_cta": "Mulai", "flow_token": "t", "flow_id": "1", "screen": "A"},
        },
        "Isi",
    ),
    "location request": ({"type": "interactive", "body": "Di mana?", "action": {"type": "location_request_message"}}, "Di mana?"),
    "product": ({"type": "interactive", "action": {"type": "product", "catalog_id": "7", "product_retailer_id": "s"}}, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENTS)
async def test_each_kind_of_content_is_queued_with_the_words_people_read(desk: Desk, name: str) -> None:
    content, words = CONTENTS[name]
    answer = await desk.send(content=content)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    read = (await desk.api.get(f"{PATH}/{answer.json()['id']}")).json()
    assert (read["body"], read["content"]["type"], read["status"]) == (words, content["type"], "queued")
    assert await desk.counts() == (1, 1, 2, 1)


async def test_a_template_is_filled_and_its_words_are_stored(desk: Desk) -> None:
    await desk.window(hours=-1)
    by_id = {"id": encode_id("tpl", desk.template_id), "values": {"body.1": "Sari"}}
    by_name = {"name": "sapa_pelanggan", "language": "id", "values": {"body.1": "Sari"}}
    written_out = {
        "type": "template",
        "name": "sapa_pelanggan",
        "language": "id",
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "Sari"}]}],
    }
    answers = [
        await desk.send(template=by_id),
        await desk.send(template=by_name),
        await desk.send(content=written_out),
    ]
    assert [one.status_code for one in answers] == [202, 202, 202]
    for one in answers:
        read = (await desk.api.get(f"{PATH}/{one.json()['id']}")).json()
        assert (read["body"], read["kind"]) == ("Halo Sari, apa kabar?", "template")
        assert read["content"]["components"] == [{"type": "body", "parameters": [{"type": "text", "text": "Sari"}]}]


async def test_every_component_of_a_template_takes_its_value(desk: Desk) -> None:
    components = [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Kode {{1}} untukmu."},
        {"type": "FOOTER", "text": "Toko Sinar"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Stop promo"},
                {"type": "URL", "text": "Buka", "url": "https://toko.example/{{1}}"},
                {"type": "COPY_CODE", "example": "X"},
            ],
        },
    ]
    stored = msgspec.json.encode(components).decode()
    await desk.change("UPDATE templates SET components = $2 WHERE workspace_id = $1", stored)
    values = {
        "header.media": {"type": "media", "kind": "image", "link": "https://toko.example/a.jpg"},
        "body.1": "HEMAT",
        "button.0": {"type": "payload", "payload": "stop"},
        "button.1": "promo",
        "button.2": "HEMAT10",
    }
    answer = await desk.send(template={"name": "sapa_pelanggan", "language": "id", "values": values})
    assert answer.status_code == 202
    read = (await desk.api.get(f"{PATH}/{answer.json()['id']}")).json()
    assert read["body"] == "Kode HEMAT untukmu.\n\nToko Sinar"
    assert [part["type"] for part in read["content"]["components"]] == ["header", "body", "button", "button", "button"]


def _problem(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    body = answer.json()
    return answer.status_code, body["code"], [(item["pointer"], item["code"]) for item in body.get("errors", [])]


REFUSED: dict[str, tuple[dict[str, object], tuple[int, str, list[tuple[str, str]]]]] = {
    "long text": ({"text": "x" * 4097}, (422, "content_invalid", [("/text", "too_long")])),
    "no such type": (
        {"content": {"type": "hologram"}},
        (422, "content_invalid", [("/content/type", "not_one_of")]),
    ),
    "field of another kind": (
        {"content": {"type": "text", "body": 7}},
        (422, "content_invalid", [("/content/body", "wrong_type")]),
    ),
    "four buttons": (
        {
            "content": {
                "type": "interactive",
                "body": "x",
                "action": {"type": "button", "buttons": [{"id": str(n), "title": str(n)} for n in range(4)]},
            }
        },
        (422, "content_invalid", [("/content/action/buttons", "count_out_of_range")]),
    ),
    "caption on a voice note": (
        {"content": {"type": "media", "kind": "audio", "id": "1", "caption": "x"}},
        (422, "content_invalid", [("/content/caption", "caption_not_allowed")]),
    ),
    "missing variable": (
        {"template": {"name": "sapa_pelanggan", "language": "id"}},
        (422, "variables_missing", [("/template/values/body.1", "variable_missing")]),
    ),
    "unknown variable": (
        {"template": {"name": "sapa_pelanggan", "language": "id", "values": {"body.1": "A", "body.2": "B"}}},
        (422, "template_values_invalid", [("/template/values/body.2", "variable_unknown")]),
    ),
    "no such template": ({"template": {"name": "lain", "language": "id"}}, (404, "template_not_found", [])),
    "reply to nothing": (
        {"text": "x", "reply_to": encode_id("msg", new_uuid7())},
        (422, "reference_unknown", [("/reply_to", "reference_unknown")]),
    ),
    "nobody": ({"text": "x", "contact_id": encode_id("con", new_uuid7())}, (404, "contact_not_found", [])),
    "no number": ({"text": "x", "number_id": encode_id("num", new_uuid7())}, (404, "number_not_found", [])),
    "no phone number": ({"text": "x", "contact_id": None, "to": "abc"}, (422, "invalid_phone", [])),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_sent_is_refused_naming_field_and_rule(desk: Desk, name: str) -> None:
    body, wanted = REFUSED[name]
    answer = await desk.send(**body)
    assert _problem(answer) == wanted
    assert await desk.counts() == (0, 0, 0, 0)


async def test_a_broken_limit_is_told_with_its_figure_in_the_language_asked_for(desk: Desk) -> None:
    headers = {"Idempotency-Key": "one", "Accept-Language": "id"}
    answer = await desk.send(headers, text="x" * 5000)
    [item] = answer.json()["errors"]
    assert item["data"] == {"limit": 4096, "length": 5000}
    assert item["message"] == "Bagian ini maksimal 4096 karakter; sekarang 5000."


STATES: dict[str, tuple[str, dict[str, object], tuple[int, str]]] = {
    "closed window": (
        "UPDATE conversations SET window_closes_at = now() WHERE workspace_id = $1",
        {"text": "Halo"},
        (409, "window_closed"),
    ),
    "unapproved template": (
        "UPDATE templates SET status = 'PAUSED' WHERE workspace_id = $1",
        {"template": {"name": "sapa_pelanggan", "language": "id", "values": {"body.1": "A"}}},
        (409, "template_not_approved"),
    ),
    "marketing to somebody who opted out": (
        "UPDATE contacts SET opted_out_at = now() WHERE workspace_id = $1",
        {"template": {"name": "sapa_pelanggan", "language": "id", "values": {"body.1": "A"}}},
        (409, "recipient_opted_out"),
    ),
    "disconnected number": (
        "UPDATE numbers SET status = 'disconnected' WHERE workspace_id = $1",
        {"text": "Halo"},
        (409, "number_disconnected"),
    ),
    "paused account": (
        "UPDATE channel_accounts SET paused_reason = 'account_disabled' WHERE workspace_id = $1",
        {"text": "Halo"},
        (409, "number_disconnected"),
    ),
    "no address": (
        "WITH gone AS (DELETE FROM contact_identities WHERE workspace_id = $1) UPDATE contacts SET phone = NULL",
        {"text": "Halo"},
        (409, "recipient_invalid"),
    ),
}


@pytest.mark.parametrize("name", STATES)
async def test_a_state_that_forbids_sending_has_its_code_and_nothing_is_written(desk: Desk, name: str) -> None:
    statement, body, wanted = STATES[name]
    await desk.change(statement)
    answer = await desk.send(**body)
    assert (answer.status_code, answer.json()["code"]) == wanted
    assert await desk.counts() == (0, 0, 0, 0)


async def test_a_used_up_quota_refuses_and_takes_nothing(desk: Desk) -> None:
    async with desk.runtime.database.system() as tx:
        await tx.execute("UPDATE workspaces SET plan_id = 'trial' WHERE id = $1", desk.workspace.id)
    await desk.change(
        "INSERT INTO usage_counters (workspace_id, kind, period, starts_on, used) SELECT $1, 'message', 'day',"
        " (now() AT TIME ZONE 'Asia/Jakarta')::date, 1000"
    )
    answer = await desk.send(text="Halo")
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
    assert await desk.counts() == (0, 0, 0, 0)


async def test_the_same_request_never_sends_twice_even_when_its_answer_was_lost(desk: Desk) -> None:
    headers = {"Idempotency-Key": "order-17"}
    first = await desk.send(headers, text="Halo")
    # The process died before the answer was stored: the key is free again, and a client repeats.
    await desk.change("DELETE FROM idempotency_keys WHERE workspace_id = $1")
    again = await desk.send(headers, text="Halo")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    other = await desk.send({"Idempotency-Key": "order-18"}, text="Halo")
    assert other.json()["id"] != first.json()["id"]
    assert (await desk.counts())[:2] == (2, 2)


async def test_a_key_must_name_its_request(desk: Desk) -> None:
    answer = await desk.send({"Accept": "*/*"}, text="Halo")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_required")


async def test_exactly_one_recipient_and_one_content_are_wanted(desk: Desk) -> None:
    both = await desk.send(to="0812", text="Halo")
    neither = await desk.send()
    assert {both.status_code, neither.status_code} == {422}
    assert {both.json()["code"], neither.json()["code"]} == {"validation_failed"}


async def test_a_number_nobody_knows_becomes_a_contact_and_gets_a_template(desk: Desk) -> None:
    template = {"name": "sapa_pelanggan", "language": "id", "values": {"body.1": "Baru"}}
    answer = await desk.send(contact_id=None, to="0813-9999-8888", template=template)
    assert answer.status_code == 202
    async with desk.runtime.database.workspace(desk.workspace.id) as tx:
        phone = await tx.fetchval(
            "SELECT contacts.phone FROM messages JOIN contacts ON contacts.id = messages.contact_id WHERE messages.id = $1",
            decode_id("msg", answer.json()["id"]),
        )
        address = await tx.fetchval("SELECT address FROM outbox")
    assert (phone, address) == ("+6281399998888", "6281399998888")


async def test_a_person_without_a_phone_is_written_to_by_user_id_but_gets_no_code(desk: Desk) -> None:
    await desk.change(
        "WITH known AS (UPDATE contact_identities SET kind = 'bsuid', value = 'ID.77zzz' WHERE workspace_id = $1)"
        " UPDATE contacts SET phone = NULL WHERE workspace_id = $1"
    )
    assert (await desk.send(text="Halo")).status_code == 202
    async with desk.runtime.database.workspace(desk.workspace.id) as tx:
        assert await tx.fetchval("SELECT address FROM outbox") == "ID.77zzz"
    await desk.change("UPDATE templates SET category = 'AUTHENTICATION' WHERE workspace_id = $1")
    template = {"name": "sapa_pelanggan", "language": "id", "values": {"body.1": "1"}}
    answer = await desk.send(template=template)
    assert (answer.status_code, answer.json()["code"]) == (409, "phone_number_required")


async def test_a_failed_message_says_why_in_both_languages_and_what_happened_before(desk: Desk) -> None:
    sent = (await desk.send(text="Halo")).json()["id"]
    await desk.change(
        "UPDATE messages SET status = 90, sent_at = now(), failed_at = now(), error_code = 'window_closed',"
        " provider_error = 131047 WHERE workspace_id = $1"
    )
    read = (await desk.api.get(f"{PATH}/{sent}")).json()
    assert [step["status"] for step in read["history"]] == ["queued", "sent", "failed"]
    assert read["failure"]["code"] == "window_closed"
    assert read["failure"]["provider_code"] == 131047
    assert read["failure"]["message"]["en"].startswith("More than 24 hours")
    assert read["failure"]["message"]["id"].startswith("Sudah lebih dari 24 jam")
    assert (await desk.api.get(f"{PATH}/{encode_id('msg', new_uuid7())}")).status_code == 404


async def test_messages_are_listed_page_by_page_and_by_filter(desk: Desk, other_workspace: WorkspaceFixture) -> None:
    sent = [(await desk.send(text=f"Pesan {number}")).json()["id"] for number in range(5)]
    await desk.change("UPDATE messages SET status = 90 WHERE workspace_id = $1 AND body = 'Pesan 3'")
    first = (await desk.api.get(PATH, params={"limit": 3})).json()
    rest = (await desk.api.get(PATH, params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in first["data"] + rest["data"]] == sent[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    person = {"contact_id": encode_id("con", desk.contact_id), "direction": "outbound", "origin": "api"}
    failed = (await desk.api.get(PATH, params={**person, "status": ["failed", "cancelled"]})).json()
    assert [one["body"] for one in failed["data"]] == ["Pesan 3"]
    later = datetime.now(UTC) + timedelta(hours=1)
    for params in ({"direction": "inbound"}, {"since": later.isoformat()}, {"origin": "campaign"}):
        assert (await desk.api.get(PATH, params=params)).json()["data"] == []
    assert other_workspace.id != desk.workspace.id


async def test_a_key_for_sending_alone_may_send_and_one_without_it_learns_nothing(desk: Desk) -> None:
    sender = await make_key(desk.runtime, desk.workspace, Permission.MESSAGES_SEND)
    reader = await make_key(desk.runtime, desk.workspace, Permission.CONTACTS_READ)
    body = {"contact_id": encode_id("con", desk.contact_id), "text": "Halo"}
    keyed = {"Authorization": f"Bearer {sender}", "Idempotency-Key": "a"}
    assert (await desk.api.post(PATH, json=body, headers=keyed)).status_code == 202
    for wanted in (body, body | {"contact_id": "con_nonsense"}):
        refused = await desk.api.post(PATH, json=wanted, headers={"Authorization": f"Bearer {reader}"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    for path in (PATH, f"{PATH}/nonsense", "/api/v1/media/nonsense"):
        answer = await desk.api.get(path, headers={"Authorization": f"Bearer {reader}"})
        assert answer.status_code == 403
