"""Files: told by their content, kept, handed out by short links that run nothing, sent by id and fetched once."""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.ports import (
    MediaDownload,
    MediaInfo,
    MediaTooLarge,
    MediaUpload,
    NumberRef,
    ProviderCallFailed,
)
from blazz.domains.inbox.jobs import make_handlers
from blazz.domains.inbox.media import FetchMedia, MarkRead, UploadMedia, service
from blazz.domains.inbox.media.detection import detect_head
from blazz.domains.inbox.media.links import make_link, read_link
from blazz.kernel.files import open_files
from blazz.kernel.ids import decode_id, encode_id, new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.inbox.test_messages_api import Desk, desk
from tests.domains.inbox.test_webhook_shapes import told
from tests.domains.inbox.webhooks import Told, sample

__all__ = ["desk", "told"]

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 50
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(200)
MOVING_WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02" + bytes(200)
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(100)
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


def office() -> bytes:
    """A tiny word document."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("head", "mime_type"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a", "image/gif"),
        (WEBP, "image/webp"),
        (MP4, "video/mp4"),
        (b"\x00\x00\x00\x20ftyp3gp5", "video/3gpp"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"OggS" + bytes(24) + b"OpusHead", "audio/ogg"),
        (b"OggS" + bytes(60), "application/ogg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"#!AMR\n", "audio/amr"),
        (b"%PDF-1.7", "application/pdf"),
        (b"MZ\x90", "application/x-executable"),
        (b"\x7fELF\x02", "application/x-executable"),
        (b"#!/bin/sh\n", "application/x-executable"),
        (HTML, "application/octet-stream"),
        (b'  <svg onload="x">', "application/octet-stream"),
        ("Halo, ini teks é".encode()[:-1], "text/plain"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_file_is_told_by_its_first_bytes(head: bytes, mime_type: str) -> None:
    assert detect_head(head).mime_type == mime_type


async def upload(
    desk: Desk, content: bytes, name: str = "a.jpg", kind: str | None = None, declared: str = "image/jpeg"
) -> httpx.Response:
    """Upload a file over the API."""
    form = {} if kind is None else {"kind": kind}
    return await desk.api.post("/api/v1/media", files={"file": (name, content, declared)}, data=form)


async def test_an_uploaded_file_comes_back_through_a_link_without_a_key(desk: Desk) -> None:
    made = await upload(desk, JPEG, '../../foto "baru".jpg')
    assert made.status_code == 201
    body = made.json()
    assert (body["kind"], body["mime_type"], body["state"]) == ("image", "image/jpeg", "stored")
    assert (body["size_bytes"], body["sha256"]) == (len(JPEG), hashlib.sha256(JPEG).hexdigest())
    assert "/" not in body["file_name"]
    again = (await desk.api.get(f"/api/v1/media/{body['id']}")).json()
    path = httpx.URL(again["url"]).path
    read = await desk.api.get(path, headers={"Authorization": ""})
    assert (read.status_code, read.content) == (200, JPEG)
    assert read.headers["content-type"] == "image/jpeg"
    assert read.headers["x-content-type-options"] == "nosniff"
    assert read.headers["content-disposition"].startswith("inline; filename=")
    part = await desk.api.get(path, headers={"Range": "bytes=1-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, JPEG[1:5], f"bytes 1-4/{len(JPEG)}")
    assert (await desk.api.get(path, headers={"Range": "bytes=99999-"})).status_code == 416
    assert (await desk.api.head(path)).headers["content-length"] == str(len(JPEG))
    assert list((desk.runtime.storage_dir / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name", "mime_type"),
    [
        (HTML, "nota.jpg", "application/octet-stream"),
        (b"MZ" + bytes(50), "foto.png", "application/x-executable"),
        (office(), "surat.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
async def test_what_could_run_is_only_ever_a_download(desk: Desk, content: bytes, name: str, mime_type: str) -> None:
    body = (await upload(desk, content, name, declared="text/html")).json()
    assert (body["kind"], body["mime_type"]) == ("document", mime_type)
    read = await desk.api.get(httpx.URL(body["url"]).path)
    assert read.headers["content-type"] == "application/octet-stream"
    assert read.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in read.headers["content-security-policy"]
    assert read.content == content


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (HTML, "image", "media_type_refused"),
        (PNG, "sticker", "media_type_refused"),
        (JPEG + bytes(5 * 1024 * 1024), "image", "media_too_large"),
        (WEBP + bytes(101 * 1024), "sticker", "media_too_large"),
        (MOVING_WEBP + bytes(500 * 1024), None, "media_too_large"),
        (b"", "document", "media_empty"),
    ],
)
async def test_what_whatsapp_would_refuse_is_refused_here(
    desk: Desk, content: bytes, kind: str | None, code: str
) -> None:
    answer = await upload(desk, content, kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (422, "media_invalid")
    assert [item["code"] for item in answer.json()["errors"]] == [code]
    async with desk.runtime.database.workspace(desk.workspace.id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM media") == 0
    assert list((desk.runtime.storage_dir / "incoming").iterdir()) == []


async def test_a_moving_sticker_may_be_larger_than_a_still_one(desk: Desk) -> None:
    assert (await upload(desk, MOVING_WEBP + bytes(200 * 1024))).json()["kind"] == "sticker"


async def test_more_than_any_file_may_have_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LARGEST_BYTES", 1000)
    answer = await upload(desk, JPEG + bytes(2000))
    assert (answer.status_code, answer.json()["code"]) == (422, "media_too_large")
    assert list((desk.runtime.storage_dir / "incoming").iterdir()) == []


async def test_a_form_without_a_file_or_with_an_odd_kind_is_refused(desk: Desk) -> None:
    nothing = await desk.api.post("/api/v1/media", data={"kind": "image"}, files={"other": b"x"})
    text = await desk.api.post("/api/v1/media", json={"file": "x"})
    odd = await upload(desk, JPEG, kind="gif")
    assert {one.status_code for one in (nothing, text, odd)} == {422}


async def test_a_large_upload_streams_past_the_idempotency_check(desk: Desk) -> None:
    content = MP4 + bytes(2 * 1024 * 1024)
    for _ in range(2):
        answer = await desk.api.post(
            "/api/v1/media", files={"file": ("a.mp4", content)}, headers={"Idempotency-Key": "big"}
        )
        assert (answer.status_code, answer.json()["size_bytes"]) == (201, len(content))


def test_a_link_opens_one_file_for_ten_minutes_and_cannot_be_made_up(runtime: Runtime) -> None:
    now, media_id = datetime.now(UTC), new_uuid7()
    path, until = make_link(runtime.settings.key, 7, media_id, now)
    token = path.rpartition("/")[2]
    assert read_link(runtime.settings.key, token, now) == (7, media_id)
    assert read_link(runtime.settings.key, token, until) is None
    assert until - now <= timedelta(minutes=10)
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), token[:-4], "", "ä", "A" * len(token)):
        assert read_link(runtime.settings.key, wrong, now) is None


async def test_a_link_that_is_wrong_and_a_foreign_file_show_nothing(
    desk: Desk, other_workspace: WorkspaceFixture
) -> None:
    body = (await upload(desk, JPEG)).json()
    assert (await desk.api.get("/files/nonsense")).status_code == 404
    media_id = decode_id("med", body["id"])
    path, _ = make_link(desk.runtime.settings.key, other_workspace.id, media_id, datetime.now(UTC))
    assert (await desk.api.get(path)).status_code == 404
    assert (await desk.api.get(f"/api/v1/media/{encode_id('med', new_uuid7())}")).status_code == 404


@dataclass(slots=True)
class FileProvider:
    """Takes and gives files as the test says."""

    file: bytes = JPEG
    announced: int | None = None
    fails: FailureCode | None = None
    uploaded: list[bytes] = field(default_factory=list)
    read: list[tuple[str, bool]] = field(default_factory=list)

    def _answer(self) -> None:
        if self.fails is not None:
            raise ProviderCallFailed(SendFailure(code=self.fails), certain=True)

    async def upload_media(self, number: NumberRef, upload: MediaUpload) -> str:
        self._answer()
        self.uploaded.append(b"".join([chunk async for chunk in upload.chunks]))
        return f"provider-{len(self.uploaded)}"

    @asynccontextmanager
    async def fetch_media(self, number: NumberRef, media_id: str, *, max_bytes: int) -> AsyncIterator[MediaDownload]:
        self._answer()
        if len(self.file) > max_bytes:
            raise MediaTooLarge(limit_bytes=max_bytes, size_bytes=len(self.file))

        async def chunks() -> AsyncIterator[bytes]:
            yield self.file

        info = MediaInfo(media_id=media_id, mime_type="text/html", size_bytes=self.announced, sha256=None)
        yield MediaDownload(info=info, chunks=chunks())

    async def mark_read(self, number: NumberRef, provider_message_id: str, *, typing: bool = False) -> None:
        self._answer()
        self.read.append((provider_message_id, typing))


async def run(runtime: Runtime, provider: FileProvider, job: FetchMedia | UploadMedia | MarkRead) -> None:
    """Run a job as the worker would."""
    handlers = make_handlers(lambda _kind, _url: provider)  # type: ignore[arg-type, return-value] # only what jobs use
    await handlers[type(job)](runtime, job)


async def received(told: Told) -> FetchMedia:
    """Receive a picture; answer the job that fetches it."""
    await told.tell(sample("message_image"), sample("message_image"))
    row = await told.one("SELECT id, state FROM media")
    assert row["state"] == "waiting"
    assert len(await told.all("SELECT 1 FROM pgqueuer WHERE entrypoint = 'media.fetch'")) == 1
    return FetchMedia(workspace_id=told.workspace.id, media_id=str(row["id"]))


async def test_a_received_file_is_fetched_once_and_its_message_says_so(told: Told) -> None:
    job = await received(told)
    provider = FileProvider(announced=len(JPEG))
    await run(told.runtime, provider, job)
    provider.fails = FailureCode.PROVIDER_UNAVAILABLE
    await run(told.runtime, provider, job)
    media = await told.one("SELECT state, mime_type, size_bytes, storage_key FROM media")
    assert (media["state"], media["mime_type"], media["size_bytes"]) == ("stored", "image/jpeg", len(JPEG))
    file = await told.runtime.files.open(str(media["storage_key"]))
    assert b"".join([chunk async for chunk in file.chunks]) == JPEG
    content = await told.one("SELECT content ->> 'file' AS file, content ->> 'file_state' AS state FROM messages")
    assert (content["state"], decode_id("med", str(content["file"]))) == ("stored", UUID(job.media_id))
    assert [event["state"] for event in await told.events("message.media_arrived")] == ["stored"]


@pytest.mark.parametrize(
    ("provider", "reason"),
    [
        (FileProvider(file=bytes(17 * 1024 * 1024)), "media_too_large"),
        (FileProvider(fails=FailureCode.MESSAGE_INVALID), "media_not_fetched"),
    ],
)
async def test_a_file_that_cannot_be_had_is_told_with_its_reason(
    told: Told, provider: FileProvider, reason: str
) -> None:
    job = await received(told)
    await run(told.runtime, provider, job)
    assert await told.one("SELECT state, failure FROM media") == {"state": "failed", "failure": reason}
    assert (await told.one("SELECT content ->> 'file_state' AS state FROM messages"))["state"] == "failed"


@pytest.mark.parametrize("provider", [FileProvider(fails=FailureCode.PROVIDER_UNAVAILABLE), FileProvider(announced=5)])
async def test_a_passing_trouble_is_tried_again_until_the_last_time(told: Told, provider: FileProvider) -> None:
    job = await received(told)
    with pytest.raises(Exception, match=r".*"):
        await run(told.runtime, provider, job)
    assert (await told.one("SELECT state FROM media"))["state"] == "waiting"
    await run(told.runtime, provider, job.again(job.attempts - 1))
    assert (await told.one("SELECT state FROM media"))["state"] == "failed"


async def sent_file(desk: Desk, kind: str = "image") -> tuple[httpx.Response, UUID]:
    """Upload a picture and send it by its id."""
    made = (await upload(desk, JPEG)).json()
    answer = await desk.send(content={"type": "media", "kind": kind, "id": made["id"], "caption": "Baru"})
    return answer, decode_id("med", made["id"])


async def test_a_file_sent_by_id_is_handed_over_once_and_sent_with_the_provider_s_id(desk: Desk) -> None:
    answer, media_id = await sent_file(desk)
    assert answer.status_code == 202
    provider = FileProvider()
    job = UploadMedia(workspace_id=desk.workspace.id, media_id=str(media_id), number_id=str(desk.number_id))
    async with desk.runtime.database.workspace(desk.workspace.id) as tx:
        contents = {row["id"]: row["content"] for row in await tx.fetch("SELECT id, content::text FROM messages")}
        [waiting] = (await service.attach(tx, desk.number_id, contents)).values()
    assert (waiting.is_pending, waiting.failure and waiting.failure.code) == (True, FailureCode.MEDIA_PENDING)
    for _ in range(2):
        await run(desk.runtime, provider, job)
    assert provider.uploaded == [JPEG]
    async with desk.runtime.database.workspace(desk.workspace.id) as tx:
        [ready] = (await service.attach(tx, desk.number_id, contents)).values()
        assert '"id":"provider-1"' in ready.content_json
        await tx.execute("UPDATE media_uploads SET expires_at = now() WHERE workspace_id = $1", desk.workspace.id)
        [late] = (await service.attach(tx, desk.number_id, contents)).values()
    assert late.is_pending
    await run(desk.runtime, provider, job)
    assert len(provider.uploaded) == 2


async def test_a_file_the_provider_refuses_fails_its_message_and_a_new_message_tries_again(desk: Desk) -> None:
    _, media_id = await sent_file(desk)
    job = UploadMedia(workspace_id=desk.workspace.id, media_id=str(media_id), number_id=str(desk.number_id))
    await run(desk.runtime, FileProvider(fails=FailureCode.MESSAGE_INVALID), job)
    async with desk.runtime.database.workspace(desk.workspace.id) as tx:
        contents = {row["id"]: row["content"] for row in await tx.fetch("SELECT id, content::text FROM messages")}
        [refused] = (await service.attach(tx, desk.number_id, contents)).values()
    assert (refused.is_pending, refused.failure and refused.failure.code) == (False, FailureCode.MEDIA_REFUSED)
    again = {"type": "media", "kind": "image", "id": encode_id("med", media_id)}
    assert (await desk.send(content=again)).status_code == 202
    async with desk.runtime.database.workspace(desk.workspace.id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM media_uploads") == 0


async def test_a_file_that_is_not_here_or_of_another_kind_is_refused(desk: Desk) -> None:
    unknown = {"type": "media", "kind": "image", "id": encode_id("med", new_uuid7())}
    answer = await desk.send(content=unknown)
    assert [item["code"] for item in answer.json()["errors"]] == ["media_unknown"]
    answer, _ = await sent_file(desk, kind="video")
    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [("/content/id", "media_kind")]
    assert (await desk.counts())[:2] == (0, 0)


async def test_reading_a_message_counts_here_and_is_told_to_the_provider(told: Told) -> None:
    await told.tell(sample("message_text"), sample("message_image"))
    rows = await told.all("SELECT id, provider_message_id FROM messages ORDER BY id")
    provider = FileProvider()
    job = MarkRead(workspace_id=told.workspace.id, message_id=str(rows[0]["id"]), typing=True)
    await run(told.runtime, provider, job)
    assert provider.read == [(rows[0]["provider_message_id"], True)]
    provider.fails = FailureCode.PROVIDER_UNAVAILABLE
    with pytest.raises(ProviderCallFailed):
        await run(told.runtime, provider, job)
    provider.fails = FailureCode.MESSAGE_INVALID
    await run(told.runtime, provider, job)


async def test_marking_read_over_the_api(told: Told, api: httpx.AsyncClient) -> None:
    await told.tell(sample("message_text"), sample("message_image"))
    first, second = (
        encode_id("msg", UUID(str(row["id"]))) for row in await told.all("SELECT id FROM messages ORDER BY id")
    )
    answer = await api.post(f"/api/v1/messages/{first}/read", json={"typing": True})
    assert (answer.status_code, [step["status"] for step in answer.json()["history"]]) == (202, ["received", "read"])
    assert (await told.one("SELECT unread_count FROM conversations"))["unread_count"] == 1
    await api.post(f"/api/v1/messages/{second}/read")
    assert (await told.one("SELECT unread_count FROM conversations"))["unread_count"] == 0
    jobs = await told.all("SELECT 1 FROM pgqueuer WHERE entrypoint = 'messages.mark_read'")
    assert len(jobs) == 2
    await told.run("UPDATE messages SET direction = 1 WHERE workspace_id = $1")
    refused = await api.post(f"/api/v1/messages/{first}/read")
    assert (refused.status_code, refused.json()["code"]) == (409, "message_not_received")


async def test_files_lie_where_the_setting_says(tmp_path: Path) -> None:
    source = tmp_path / "a"
    await asyncio.to_thread(source.write_bytes, JPEG)
    for address in ("", f"file://{tmp_path}/bucket", "memory:///"):
        files = open_files(address, tmp_path / "files")
        await files.put("media/1/x", source)
        file = await files.open("media/1/x", first=1, last=2)
        assert (file.size_bytes, b"".join([chunk async for chunk in file.chunks])) == (len(JPEG), JPEG[1:3])
        await files.delete("media/1/x")
        await files.delete("media/1/x")
        with pytest.raises(FileNotFoundError):
            await files.open("media/1/x")
