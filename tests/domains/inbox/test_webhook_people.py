"""News about people: what they want to receive, new numbers and ids, edits, deletions, and echoes of the phone app."""

import itertools
import json
import random

import pytest

from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.inbox.test_webhook_shapes import told
from tests.domains.inbox.webhooks import AT, NUMBER, PHONE, Told, body_of, messages_body, sample

__all__ = ["told"]
BUDI = "6281111111111"


def preference(value: str, at: int, wa_id: str = BUDI) -> bytes:
    """A choice made with WhatsApp's own control."""
    item = {"wa_id": wa_id, "category": "marketing_messages", "value": value, "timestamp": at}
    metadata = {"display_phone_number": PHONE, "phone_number_id": NUMBER}
    return body_of("user_preferences", {"metadata": metadata, "user_preferences": [item]})


def text(body: str, wamid: str, at: int = AT, sender: str = BUDI) -> bytes:
    """A text from a person."""
    message = {"from": sender, "id": wamid, "timestamp": str(at), "type": "text", "text": {"body": body}}
    return messages_body(messages=[message])


def changed(kind: str, original: str, at: int, body: str = "", wamid: str = "") -> bytes:
    """An edit or a deletion."""
    inner = {"original_message_id": original}
    if kind == "edit":
        inner |= {"message": {"type": "text", "text": {"body": body}}}  # type: ignore[dict-item]
    wamid = wamid or f"wamid.{kind}{at}"
    return messages_body(messages=[{"from": BUDI, "id": wamid, "timestamp": str(at), "type": kind, kind: inner}])


async def opted_out(told: Told) -> bool:
    """Tell whether the only contact wants no marketing."""
    return bool((await told.one("SELECT opted_out_at IS NOT NULL AS out FROM contacts"))["out"])


async def test_the_captured_preferences_end_with_the_last_choice(told: Told) -> None:
    await told.contact(BUDI)
    await told.tell(sample("preferences"), sample("preferences"))
    assert not await opted_out(told)
    states = await told.all("SELECT state FROM consents ORDER BY occurred_at")
    assert [row["state"] for row in states] == ["withdrawn", "granted", "granted"]


async def test_the_newest_choice_wins_in_every_order(told: Told) -> None:
    choices = [preference("stop", AT), preference("resume", AT + 10), preference("stop", AT + 20)]
    for order in itertools.permutations(choices):
        await told.run("DELETE FROM consents WHERE workspace_id = $1")
        await told.run("UPDATE contacts SET opted_out_at = NULL WHERE workspace_id = $1")
        for body in (*order, *order):
            await told.tell(body)
        assert await opted_out(told)
        assert len(await told.all("SELECT id FROM consents")) == 3
    await told.tell(preference("signup", AT + 30), preference("stop", AT + 25))
    assert not await opted_out(told)


async def test_a_late_yes_never_undoes_a_stop_recorded_here(told: Told) -> None:
    contact_id = await told.contact(BUDI)
    await told.run("UPDATE contacts SET opted_out_at = now() WHERE workspace_id = $1")
    await told.run(
        "INSERT INTO consents (workspace_id, id, contact_id, state, source) VALUES ($1, $2, $2, 'withdrawn', 'agent')",
        contact_id,
    )
    await told.tell(preference("resume", AT))
    assert await opted_out(told)


async def test_a_stop_takes_what_campaigns_still_had_waiting(told: Told) -> None:
    message_id = await told.outbound("wamid.OUT")
    await told.run(
        "INSERT INTO outbox (workspace_id, message_id, number_id, contact_id, lane, address)"
        " SELECT $1, id, number_id, contact_id, 1, '62' FROM messages WHERE id = $2",
        message_id,
    )
    await told.tell(preference("stop", AT))
    assert await told.all("SELECT message_id FROM outbox") == []


async def test_a_new_user_id_stays_the_same_contact(told: Told) -> None:
    await told.tell(sample("message_text"))
    before = await told.one("SELECT id FROM contacts")
    for _ in range(2):
        await told.tell(sample("user_id"))
    assert await told.all("SELECT id FROM contacts") == [before]
    known = await told.all("SELECT value FROM contact_identities WHERE kind = 'bsuid' ORDER BY value")
    assert [row["value"] for row in known] == ["ID.98abc", "ID.99new"]


async def test_a_new_user_id_of_a_stranger_makes_nobody(told: Told) -> None:
    await told.tell(sample("user_id"))
    assert await told.all("SELECT id FROM contacts") == []


async def test_a_new_number_moves_the_contact_and_lets_the_old_number_go(told: Told) -> None:
    await told.tell(text("Halo", "wamid.1"))
    await told.tell(sample("message_number_changed"), sample("message_number_changed"))
    assert (await told.one("SELECT phone FROM contacts"))["phone"] == "+6281222222222"
    known = await told.all("SELECT kind, value FROM contact_identities ORDER BY kind")
    assert [tuple(row.values()) for row in known] == [("phone", "+6281222222222"), ("wa_id", "6281222222222")]
    await told.tell(text("Ini nomor baru saya", "wamid.2", AT + 60, "6281222222222"))
    assert len(await told.all("SELECT id FROM contacts")) == 1
    await told.tell(text("Saya orang lain", "wamid.3", AT + 90, BUDI), sample("message_number_changed"))
    assert len(await told.all("SELECT id FROM contacts")) == 2


async def test_a_new_number_that_wrote_already_becomes_one_contact_with_one_conversation(told: Told) -> None:
    await told.tell(text("Nomor lama", "wamid.1"), text("Nomor baru", "wamid.2", AT + 5, "6281222222222"))
    assert len(await told.all("SELECT id FROM conversations")) == 2
    await told.tell(sample("message_number_changed"))
    thread = await told.one("SELECT id, contact_id, unread_count FROM conversations")
    assert thread["unread_count"] == 2
    rows = await told.all("SELECT DISTINCT contact_id, conversation_id FROM messages")
    assert rows == [{"contact_id": thread["contact_id"], "conversation_id": thread["id"]}]
    living = await told.one("SELECT id, phone FROM contacts WHERE deleted_at IS NULL")
    assert (living["id"], living["phone"]) == (thread["contact_id"], "+6281222222222")
    assert len(await told.events("conversations.moved")) == 1


async def test_a_merge_moves_conversations_of_every_number_and_what_still_waits(told: Told) -> None:
    await told.tell(sample("message_bsuid_only"))
    [lost] = await told.all("SELECT id FROM contacts")
    await told.run(
        "INSERT INTO outbox (workspace_id, message_id, number_id, contact_id, lane, address)"
        " SELECT $1, id, number_id, contact_id, 0, 'ID.77zzz' FROM messages"
    )
    kept = await told.contact(BUDI)
    both = {
        "from": BUDI,
        "from_user_id": "ID.77zzz",
        "id": "wamid.both",
        "timestamp": str(AT),
        "type": "text",
        "text": {"body": "Ini saya"},
    }
    await told.tell(messages_body(messages=[both]))
    assert lost["id"] != kept
    for table in ("conversations", "messages", "outbox"):
        rows = await told.all(f"SELECT DISTINCT contact_id FROM {table}")
        assert [row["contact_id"] for row in rows] == [kept]
    assert (await told.one("SELECT count(*) AS n, max(unread_count) AS unread FROM conversations"))["n"] == 1


async def test_an_edit_changes_the_message_and_the_newest_one_stands(told: Told) -> None:
    await told.tell(text("Helo", "wamid.1"))
    edits = [changed("edit", "wamid.1", AT + n, f"Halo {n}") for n in (1, 2, 3)]
    random.Random(3).shuffle(edits)
    await told.tell(*edits, *edits)
    row = await told.one("SELECT body, content::text FROM messages")
    assert row["body"] == "Halo 3"
    assert json.loads(str(row["content"]))["edited"]["content"] == {"body": "Halo 3"}
    assert (await told.one("SELECT preview FROM conversations"))["preview"] == "Halo 3"
    assert {event["change"] for event in await told.events("message.changed")} == {"edited"}


async def test_an_edit_that_comes_before_its_message_waits_for_it(told: Told) -> None:
    await told.tell(changed("edit", "wamid.1", AT + 5, "Halo"))
    assert await told.waiting() == 1
    await told.tell(text("Helo", "wamid.1"))
    await told.retry()
    assert (await told.one("SELECT body FROM messages"))["body"] == "Halo"
    assert await told.waiting() == 0


async def test_a_deleted_message_keeps_no_words_and_stays_deleted(told: Told) -> None:
    await told.tell(text("Rahasia", "wamid.1"))
    await told.tell(changed("revoke", "wamid.1", AT + 1), changed("edit", "wamid.1", AT + 2, "Rahasia lagi"))
    row = await told.one("SELECT body, content::text FROM messages")
    assert row["body"] == ""
    assert "Rahasia" not in str(row["content"])
    assert (await told.one("SELECT preview FROM conversations"))["preview"] == "[deleted]"


@pytest.mark.parametrize("name", ["message_edit", "message_revoke"])
async def test_the_captured_edit_and_deletion_reach_their_message(told: Told, name: str) -> None:
    await told.tell(text("Helo", "wamid.text"))
    await told.tell(sample(name))
    row = await told.one("SELECT body FROM messages")
    assert row["body"] == ("Halo lagi" if name == "message_edit" else "")


async def test_what_the_owner_sent_from_the_phone_app_is_stored_once_and_can_be_deleted(told: Told) -> None:
    await told.tell(text("Halo, masih ada?", "wamid.1"))
    await told.tell(sample("echo"))
    await told.tell(sample("echo"))
    row = await told.one("SELECT origin, status, kind, body FROM messages WHERE direction = 1")
    assert tuple(row.values()) == (5, 35, "text", "")
    assert len(await told.events("message.echoed")) == 1
    thread = await told.one("SELECT unread_count, waiting_since FROM conversations")
    assert thread == {"unread_count": 0, "waiting_since": None}
    status = {"id": "wamid.E", "status": "read", "timestamp": str(AT + 9), "recipient_id": BUDI}
    await told.tell(messages_body(statuses=[status]))
    assert (await told.one("SELECT status FROM messages WHERE direction = 1"))["status"] == 50


async def test_a_system_message_without_a_known_sender_harms_nobody(told: Told) -> None:
    system = {"id": "wamid.s", "timestamp": str(AT), "type": "system", "system": {"type": "customer_identity_changed"}}
    await told.tell(messages_body(messages=[system]), text("Halo", "wamid.1"))
    assert [row["body"] for row in await told.all("SELECT body FROM messages")] == ["Halo"]
    assert await told.waiting() == 0


async def test_nothing_of_this_is_seen_from_another_workspace(
    told: Told, runtime: Runtime, other_workspace: WorkspaceFixture
) -> None:
    await told.tell(text("Halo", "wamid.1"), preference("stop", AT))
    other = Told(runtime, other_workspace)
    assert await other.all("SELECT id FROM contacts") == []
