"""HTTP for files: upload, look at, and the signed links that hand the bytes out."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from blazz.domains.channels.content import MediaKind
from blazz.domains.inbox.failure_texts import failure_text
from blazz.domains.inbox.media import service, store
from blazz.domains.inbox.media.detection import SHOWN_IN_PLACE, UNKNOWN
from blazz.domains.inbox.media.links import LINK_PATH, make_link, read_link
from blazz.domains.inbox.media.references import PREFIX, public_id
from blazz.domains.inbox.media.types import Media, UploadTooLarge
from blazz.kernel.actor import Permission
from blazz.kernel.errors import FieldProblem, InvalidInput, Message
from blazz.kernel.http import WorkspaceRoute, WorkspaceScope, parse_id
from blazz.kernel.http.access import Access, WorkspaceAccess
from blazz.kernel.runtime import Runtime

router = APIRouter(route_class=WorkspaceRoute, tags=["inbox"])
# The file itself, and some room for the form around it.
_LARGEST_BODY: Final = service.LARGEST_BYTES + 64 * 1024
_CHUNK_BYTES: Final = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?")
_UPLOAD_KINDS: Final = frozenset({"image", "video", "audio", "document", "sticker"})
_FORM_SCHEMA: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "kind": {"type": "string", "enum": sorted(_UPLOAD_KINDS)},
                    },
                }
            }
        },
    }
}


class MediaOut(BaseModel):
    """A file; its type was found by its content. ``url`` works until ``url_expires_at`` and needs no key."""

    id: str
    kind: str
    state: str
    mime_type: str
    file_name: str
    size_bytes: int | None
    sha256: str | None
    failure: dict[str, str] | None
    url: str | None
    url_expires_at: datetime | None
    created_at: datetime


@router.post(
    "/media", operation_id="upload_media", status_code=201, summary="Upload a file", openapi_extra=_FORM_SCHEMA
)
async def upload_media(access: WorkspaceAccess, request: Request) -> MediaOut:
    """Take a file in, to be sent by its id."""
    access.actor.require(Permission.MESSAGES_SEND)
    form = await _read_form(request)
    try:
        file, kind = form.get("file"), form.get("kind")
        if not isinstance(file, UploadFile):
            raise _wrong(
                "/file", "field_missing", "Send the file in the field named file.", "Kirim berkas di isian file."
            )
        if kind is not None and kind not in _UPLOAD_KINDS:
            raise _wrong("/kind", "not_one_of", "This kind is unknown.", "Jenis ini tidak dikenal.")
        media = await service.upload(
            access.runtime,
            access.actor,
            _chunks(file),
            file_name=file.filename or "",
            kind=MediaKind(str(kind)) if kind is not None else None,
        )
    finally:
        await form.close()
    return _out(access, media)


@router.get("/media/{media}", operation_id="get_media", summary="A file with a link to it")
async def get_media(scope: WorkspaceScope, media: str) -> MediaOut:
    """Look at a file; the link in the answer works for ten minutes."""
    scope.actor.require(Permission.CONVERSATIONS_READ)
    found = await service.get_media(scope.tx, scope.actor, parse_id(PREFIX, media))
    return _out(Access(actor=scope.actor, runtime=scope.runtime, locale=scope.locale), found)


def file_routes(runtime: Runtime) -> list[Route]:
    """Build the plain route that hands out the bytes to whoever holds a signed link."""

    async def serve(request: Request) -> Response:
        opened = read_link(runtime.settings.key, request.path_params["token"], runtime.clock.now())
        if opened is None:
            return PlainTextResponse("this link is not valid any more", 404)
        workspace_id, media_id = opened
        async with runtime.database.workspace(workspace_id) as tx:
            media = await store.find_media(tx, media_id)
        if media is None or media.storage_key is None:
            return PlainTextResponse("this file is not here", 404)
        return await _file(runtime, media, media.storage_key, request)

    return [Route(LINK_PATH, serve, methods=["GET", "HEAD"])]


async def _file(runtime: Runtime, media: Media, key: str, request: Request) -> Response:
    span = _RANGE.fullmatch(request.headers.get("range", ""))
    first = int(span[1]) if span else 0
    last = int(span[2]) if span and span[2] else None
    size = media.size_bytes or 0
    if first and (first >= size or (last is not None and last < first)):
        return PlainTextResponse("there are no such bytes", 416, {"Content-Range": f"bytes */{size}"})
    try:
        file = await runtime.files.open(key, first=first, last=last)
    except FileNotFoundError:
        return PlainTextResponse("this file is not here", 404)
    headers = _headers(media) | {"Content-Length": str(file.last - file.first + 1)}
    if span:
        headers["Content-Range"] = f"bytes {file.first}-{file.last}/{file.size_bytes}"
    if request.method == "HEAD":
        return Response(None, 206 if span else 200, headers)
    return StreamingResponse(file.chunks, 206 if span else 200, headers)


def _headers(media: Media) -> dict[str, str]:
    """Say what a file is without ever letting a browser run it: only pictures, sound and video are shown in place."""
    in_place = media.mime_type in SHOWN_IN_PLACE
    name = media.file_name or f"{media.kind}-{public_id(media.id)[-8:]}"
    plain = "".join(char if char.isascii() and char not in '"\\%;' else "_" for char in name)
    how = "inline" if in_place else "attachment"
    return {
        "Content-Type": media.mime_type if in_place else UNKNOWN,
        "Content-Disposition": f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-site",
        "Cache-Control": "private, max-age=600",
        "Accept-Ranges": "bytes",
    }


async def _read_form(request: Request) -> FormData:
    """Parse the form while counting it: a body past the limit is cut off instead of filling the disk."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise _wrong(
            "", "not_multipart", "Send the file as multipart/form-data.", "Kirim berkas sebagai multipart/form-data."
        )
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:15]) > _LARGEST_BODY:
        raise UploadTooLarge(limit_mb=service.LARGEST_BYTES // 1_048_576)
    parser = MultiPartParser(Headers(raw=request.headers.raw), _counted(request.stream()), max_files=1, max_fields=4)
    try:
        return await parser.parse()
    except MultiPartException:
        raise _wrong("", "not_multipart", "The form cannot be read.", "Formulir tidak dapat dibaca.") from None


async def _counted(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    total = 0
    async for chunk in stream:
        total += len(chunk)
        if total > _LARGEST_BODY:
            raise UploadTooLarge(limit_mb=service.LARGEST_BYTES // 1_048_576)
        yield chunk


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk


def _wrong(pointer: str, code: str, en: str, indonesian: str) -> InvalidInput:
    return InvalidInput((FieldProblem(pointer=pointer, code=code, message=Message(en=en, id=indonesian)),))


def _out(access: Access, media: Media) -> MediaOut:
    settings = access.runtime.settings
    link = None
    if media.state == "stored":
        link = make_link(settings.key, access.actor.workspace_id, media.id, access.runtime.clock.now())
    failure = None
    if media.failure is not None:
        text = failure_text(media.failure)
        failure = {"code": media.failure, "en": text.en, "id": text.id}
    return MediaOut(
        id=public_id(media.id),
        kind=media.kind,
        state=media.state,
        mime_type=media.mime_type,
        file_name=media.file_name,
        size_bytes=media.size_bytes,
        sha256=None if media.sha256 is None else media.sha256.hex(),
        failure=failure,
        url=None if link is None else settings.base_url + link[0],
        url_expires_at=None if link is None else link[1],
        created_at=media.created_at,
    )
