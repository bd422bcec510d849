"""Takes files in, hands out links to them, and keeps them together with the messages they belong to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import PurePosixPath
from uuid import UUID

import msgspec

from blazz.domains.channels.content import (
    ContentProblem,
    JsonValue,
    MediaKind,
    check_upload,
)
from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.inbound import InboundContent, InboundMedia
from blazz.domains.inbox.media import store
from blazz.domains.inbox.media.detection import Detected, limit_of_sticker
from blazz.domains.inbox.media.incoming import FileTooLarge, Incoming, keep, receive_file
from blazz.domains.inbox.media.jobs_types import FetchMedia, UploadMedia
from blazz.domains.inbox.media.references import MARK, file_ids, with_provider_ids
from blazz.domains.inbox.media.store import SQL
from blazz.domains.inbox.media.types import Attached, Media, MediaNotFound, MediaRefused, UploadTooLarge
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import FieldProblem, Message
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime

LARGEST_BYTES = 100 * 1024 * 1024
_KINDS = frozenset({"image", "video", "audio", "document", "sticker"})
_UNKNOWN = Message(en="There is no such file here.", id="Berkas ini tidak ada.")
_OTHER_KIND = Message(en="This file is of another kind.", id="Berkas ini dari jenis lain.")


async def upload(
    runtime: Runtime, actor: Actor, chunks: AsyncIterator[bytes], *, file_name: str, kind: MediaKind | None = None
) -> Media:
    """Take a file in; its type is found by its content, and its kind too unless one is asked for.

    Raises:
        UploadTooLarge: it is larger than any file may be.
        MediaRefused: WhatsApp would refuse it as this kind.

    """
    actor.require(Permission.MESSAGES_SEND)
    try:
        async with receive_file(runtime, chunks, LARGEST_BYTES) as incoming:
            wanted = kind or incoming.detected.kind
            problems = _check(wanted, incoming)
            if problems:
                raise MediaRefused(problems)
            media_id = new_uuid7()
            key = await keep(runtime, actor.workspace_id, media_id, incoming)
    except FileTooLarge:
        raise UploadTooLarge(limit_mb=LARGEST_BYTES // 1_048_576) from None
    async with runtime.database.workspace(actor.workspace_id) as tx:
        await tx.execute(
            SQL["insert_media"],
            tx.workspace_id,
            media_id,
            wanted.value,
            incoming.detected.mime_type,
            clean_name(file_name),
            incoming.size_bytes,
            incoming.sha256,
            key,
            actor.user_id,
        )
        media = await store.find_media(tx, media_id)
    assert media is not None
    return media


def _check(kind: MediaKind, incoming: Incoming) -> tuple[FieldProblem, ...]:
    detected: Detected = incoming.detected
    found: list[ContentProblem] = check_upload(kind, detected.mime_type, incoming.size_bytes)
    problems = [
        FieldProblem(pointer="/file", code=item.code, message=Message(en=item.en, id=item.id), data=item.data)
        for item in found
    ]
    still = limit_of_sticker(detected) if kind is MediaKind.STICKER else None
    if still is not None and incoming.size_bytes > still:
        text = Message(
            en=f"A sticker that does not move may be at most {still:,} bytes.",
            id=f"Stiker diam maksimal {still:,} byte.",
        )
        problems.append(FieldProblem(pointer="/file", code="media_too_large", message=text, data={"limit": still}))
    return tuple(problems)


def clean_name(name: str) -> str:
    """Return a file's bare name, without folders and without what no screen can show."""
    bare = PurePosixPath(name.replace("\\", "/")).name
    return "".join(char for char in bare if char.isprintable())[:240]


async def get_media(tx: WorkspaceTx, actor: Actor, media_id: UUID) -> Media:
    """Return one file.

    Raises:
        MediaNotFound: there is none of this id here.

    """
    actor.require(Permission.CONVERSATIONS_READ)
    media = await store.find_media(tx, media_id)
    if media is None:
        raise MediaNotFound
    return media


async def expect_files(tx: WorkspaceTx, arrived: Sequence[tuple[UUID, UUID, InboundContent]]) -> dict[UUID, UUID]:
    """Note the files of received messages, given as (message, number, content), and have them fetched.

    Returns the file of each message that has one.
    """
    files = [
        (new_uuid7(), message_id, number_id, content)
        for message_id, number_id, content in arrived
        if isinstance(content, InboundMedia)
    ]
    if files:
        await tx.execute(
            SQL["expect_media"],
            tx.workspace_id,
            [media_id for media_id, *_ in files],
            [content.kind if content.kind in _KINDS else "document" for *_, content in files],
            [clean_name(content.filename or "") for *_, content in files],
            [message_id for _, message_id, _, _ in files],
            [number_id for _, _, number_id, _ in files],
            [content.media_id for *_, content in files],
        )
        tx.defer(*(FetchMedia(workspace_id=tx.workspace_id, media_id=str(media_id)) for media_id, *_ in files))
    return {message_id: media_id for media_id, message_id, _, _ in files}


async def require_files(tx: WorkspaceTx, number_id: UUID, content: JsonValue) -> tuple[FieldProblem, ...]:
    """Check that the files content names are here and of the right kind, and have them handed to the provider early.

    Returns what is wrong; empty means that the message may be queued.
    """
    named = list(file_ids(content))
    if not named:
        return ()
    known = await store.known_media(tx, [media_id for _, _, media_id in named])
    problems = []
    for pointer, kind, media_id in named:
        found = known.get(media_id)
        if found is None or found[1] != "stored":
            problems.append(FieldProblem(pointer=pointer, code="media_unknown", message=_UNKNOWN))
        elif found[0] != kind and not (kind == "gif" and found[0] == "video"):
            problems.append(
                FieldProblem(pointer=pointer, code="media_kind", message=_OTHER_KIND, data={"kind": found[0]})
            )
    if not problems:
        ids = sorted({media_id for _, _, media_id in named})
        await tx.execute(SQL["forgive_upload"], tx.workspace_id, ids, number_id)
        tx.defer(*(_upload_job(tx, media_id, number_id) for media_id in ids))
    return tuple(problems)


async def attach(tx: WorkspaceTx, number_id: UUID, contents: Mapping[UUID, str]) -> dict[UUID, Attached]:
    """Put the provider's ids into the content of messages that name files of ours; others are left out.

    A file the provider does not know (any more) is handed to it by a job, and its message waits.
    """
    decoded: dict[UUID, JsonValue] = {
        key: msgspec.json.decode(content) for key, content in contents.items() if MARK in content
    }
    wanted = {key: {media_id for _, _, media_id in file_ids(value)} for key, value in decoded.items()}
    ids = sorted(set().union(*wanted.values())) if wanted else []
    if not ids:
        return {}
    rows = {row["id"]: row for row in await tx.fetch(SQL["uploads_of"], tx.workspace_id, ids, number_id)}
    known = {key: row["provider_media_id"] for key, row in rows.items() if row["provider_media_id"] is not None}
    refused = {key for key in ids if key not in rows or rows[key]["failure"] or rows[key]["state"] != "stored"}
    pending = [key for key in ids if key not in known and key not in refused]
    tx.defer(*(_upload_job(tx, key, number_id) for key in pending))
    attached: dict[UUID, Attached] = {}
    for message_id, value in decoded.items():
        names = wanted[message_id]
        if names & refused:
            attached[message_id] = Attached("", SendFailure(code=FailureCode.MEDIA_REFUSED))
        elif names <= known.keys():
            attached[message_id] = Attached(msgspec.json.encode(with_provider_ids(value, known)).decode())
        else:
            attached[message_id] = Attached("", SendFailure(code=FailureCode.MEDIA_PENDING), is_pending=True)
    return attached


def _upload_job(tx: WorkspaceTx, media_id: UUID, number_id: UUID) -> UploadMedia:
    return UploadMedia(workspace_id=tx.workspace_id, media_id=str(media_id), number_id=str(number_id))
