"""Edits and deletions of messages by the people who sent them, and what the owner sent from the phone app."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.channels.inbound import InboundContent, InboundEdit, InboundRevoke, MessageEcho
from blazz.domains.contacts import Sender, Touch, identify_senders, touch_contacts
from blazz.domains.inbox import store
from blazz.domains.inbox.events import MessageChanged, MessageEchoed
from blazz.domains.inbox.inbound_text import content_json, kind_of, text_of
from blazz.domains.inbox.media import expect_files
from blazz.domains.inbox.outgoing_text import preview_of
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7

_DELETED_PREVIEW = "[deleted]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Echoed:
    """A message sent from the phone app, with the number it left from."""

    number_id: UUID
    echo: MessageEcho


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An edit or a deletion, and when it happened by the provider's clock."""

    content: InboundEdit | InboundRevoke
    at: datetime


def change_of(content: InboundContent, at: datetime) -> Change | None:
    """Return the change that some content stands for; None for content of its own."""
    return Change(content=content, at=at) if isinstance(content, InboundEdit | InboundRevoke) else None


async def apply_changes(tx: WorkspaceTx, changes: Sequence[Change]) -> int:
    """Apply edits and deletions, the newest edit last; answer how many concern messages nobody knows (yet)."""
    if not changes:
        return 0
    known = await store.resolve_provider_ids(tx, [one.content.original_message_id for one in changes])
    unknown = 0
    for change in sorted(changes, key=lambda item: item.at):
        message_id = known.get(change.content.original_message_id)
        if message_id is None:
            unknown += 1
        else:
            await _apply(tx, message_id, change)
    return unknown


async def _apply(tx: WorkspaceTx, message_id: UUID, change: Change) -> None:
    content = change.content
    if isinstance(content, InboundEdit):
        words = text_of(content.content)
        row = await tx.fetchrow(
            store.SQL["edit_message"], tx.workspace_id, message_id, words, change.at, content_json(content.content)
        )
        preview = preview_of(kind_of(content.content), words)
    else:
        row = await tx.fetchrow(store.SQL["revoke_message"], tx.workspace_id, message_id, change.at)
        preview = _DELETED_PREVIEW
    if row is None:
        return
    await tx.execute(store.SQL["refresh_preview"], tx.workspace_id, row["conversation_id"], message_id, preview)
    tx.publish(
        MessageChanged(
            workspace_id=tx.workspace_id,
            message_id=message_id,
            contact_id=row["contact_id"],
            change="edited" if isinstance(content, InboundEdit) else "revoked",
        )
    )


async def receive_echoes(tx: WorkspaceTx, echoes: Sequence[Echoed]) -> int:
    """Store what the owner sent from the phone app, each once; answer how many were new."""
    usable = [item for item in echoes if item.echo.recipient_wa_id or item.echo.recipient_bsuid]
    by_id = {item.echo.provider_message_id: (new_uuid7(), item) for item in usable}
    ordered = sorted(by_id.values(), key=lambda pair: store.provider_key(pair[1].echo.provider_message_id))
    new = await store.remember_provider_ids(tx, [(item.echo.provider_message_id, key) for key, item in ordered])
    fresh = [pair for pair in ordered if store.provider_key(pair[1].echo.provider_message_id) in new]
    fresh.sort(key=lambda pair: pair[1].echo.at)
    if not fresh:
        return 0
    people = await identify_senders(
        tx, [Sender(wa_id=item.echo.recipient_wa_id, bsuid=item.echo.recipient_bsuid) for _, item in fresh]
    )
    threads = [await _thread(tx, contact_id, item) for contact_id, (_, item) in zip(people, fresh, strict=True)]
    files = await expect_files(tx, [(key, item.number_id, item.echo.content) for key, item in fresh])
    await tx.execute(
        store.SQL["insert_echoes"],
        tx.workspace_id,
        [message_id for message_id, _ in fresh],
        people,
        [item.number_id for _, item in fresh],
        threads,
        [kind_of(item.echo.content) for _, item in fresh],
        [text_of(item.echo.content) for _, item in fresh],
        [content_json(item.echo.content, files.get(key)) for key, item in fresh],
        [item.echo.provider_message_id for _, item in fresh],
        [item.echo.at for _, item in fresh],
    )
    for (message_id, item), contact_id, conversation_id in zip(fresh, people, threads, strict=True):
        tx.publish(
            MessageEchoed(
                workspace_id=tx.workspace_id,
                message_id=message_id,
                conversation_id=conversation_id,
                contact_id=contact_id,
                number_id=item.number_id,
                kind=kind_of(item.echo.content),
            )
        )
    return len(fresh)


async def _thread(tx: WorkspaceTx, contact_id: UUID, item: Echoed) -> UUID:
    preview = preview_of(kind_of(item.echo.content), text_of(item.echo.content))
    await touch_contacts(
        tx, [Touch(contact_id=contact_id, last_message_at=item.echo.at, inbound=False, preview=preview)]
    )
    found: UUID = await tx.fetchval(
        store.SQL["answer_conversation"],
        tx.workspace_id,
        new_uuid7(),
        contact_id,
        item.number_id,
        item.echo.at,
        preview,
    )
    return found
