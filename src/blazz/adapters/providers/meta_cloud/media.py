"""Files at Meta: upload, download and delete."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from blazz.domains.channels.content import MediaKind
from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.ports import (
    MediaDownload,
    MediaInfo,
    MediaTooLarge,
    MediaUpload,
    NumberRef,
    ProviderCallFailed,
)

from .client import GraphClient, bearer
from .transport import NotSent, Unknown


class MetaMedia:
    """Media calls of one account; downloads never follow a redirect and never carry the token to a stranger."""

    def __init__(self, client: GraphClient) -> None:
        """Keep the client."""
        self._client = client

    async def upload(self, number: NumberRef, upload: MediaUpload) -> str:
        """Upload a file and give its id, which lives 30 days."""
        boundary = "blazz" + secrets.token_hex(16)
        head = _multipart_head(boundary, upload)
        tail = f"\r\n--{boundary}--\r\n".encode()
        answer = await self._client.call(
            "POST",
            self._client.url(number.provider_number_id, "media"),
            number.credentials,
            raw_body=_exactly(head, upload, tail),
            headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": str(len(head) + upload.size_bytes + len(tail)),
            },
            timeout_seconds=self._client.settings.media_timeout_seconds,
        )
        media_id = answer.get("id")
        if not isinstance(media_id, str) or not media_id:
            raise _unreadable("upload without an id")
        return media_id

    @asynccontextmanager
    async def fetch(self, number: NumberRef, media_id: str, max_bytes: int) -> AsyncIterator[MediaDownload]:
        """Open a file for reading; the address Meta gives works five minutes, so it is used at once."""
        client = self._client
        answer = await client.call(
            "GET",
            client.url(media_id, query={"phone_number_id": number.provider_number_id}),
            number.credentials,
        )
        url = answer.get("url")
        if not isinstance(url, str) or not client.may_hand_token_to(url):
            raise _unreadable("the download address is missing or not Meta's")
        info = MediaInfo(
            media_id=media_id,
            mime_type=_text(answer.get("mime_type")) or "application/octet-stream",
            size_bytes=_size(answer.get("file_size")),
            sha256=_text(answer.get("sha256")),
        )
        if info.size_bytes is not None and info.size_bytes > max_bytes:
            raise MediaTooLarge(limit_bytes=max_bytes, size_bytes=info.size_bytes)
        transport = client.stream_transport()
        seconds = client.settings.media_timeout_seconds
        try:
            async with transport.stream(url, headers=bearer(number.credentials), timeout_seconds=seconds) as stream:
                if stream.status != 200:
                    failure = SendFailure(code=FailureCode.MEDIA_NOT_FETCHED, detail=f"HTTP {stream.status}")
                    raise ProviderCallFailed(failure, certain=True)
                if stream.content_length is not None and stream.content_length > max_bytes:
                    raise MediaTooLarge(limit_bytes=max_bytes, size_bytes=stream.content_length)
                yield MediaDownload(info=info, chunks=_capped(stream.chunks, max_bytes))
        except (NotSent, Unknown) as error:
            failure = SendFailure(code=FailureCode.PROVIDER_UNREACHABLE, detail=str(error))
            raise ProviderCallFailed(failure, certain=True) from None

    async def delete(self, number: NumberRef, media_id: str) -> None:
        """Delete a file."""
        await self._client.call("DELETE", self._client.url(media_id), number.credentials)


def _multipart_head(boundary: str, upload: MediaUpload) -> bytes:
    # Names come from people: quotes, backslashes and line breaks would let them write headers of their own.
    name = "".join(
        "_" if character in '"\\' or not character.isprintable() else character for character in upload.filename
    )
    mime = upload.mime_type
    if not mime.isascii() or not mime.isprintable():
        raise _unreadable("the MIME type holds characters no header can carry")
    kind = "video" if upload.kind is MediaKind.GIF else upload.kind.value
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in (("messaging_product", "whatsapp"), ("type", mime or kind))
    )
    return (
        f"{fields}--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name or kind}"\r\n'
        f"Content-Type: {mime}\r\n\r\n"
    ).encode()


async def _exactly(head: bytes, upload: MediaUpload, tail: bytes) -> AsyncIterator[bytes]:
    yield head
    left = upload.size_bytes
    async for chunk in upload.chunks:
        left -= len(chunk)
        if left < 0:
            raise ValueError("the file is longer than its size_bytes")
        yield chunk
    if left:
        raise ValueError("the file is shorter than its size_bytes")
    yield tail


async def _capped(chunks: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    total = 0
    async for chunk in chunks:
        total += len(chunk)
        if total > max_bytes:
            raise MediaTooLarge(limit_bytes=max_bytes, size_bytes=None)
        yield chunk


def _unreadable(detail: str) -> ProviderCallFailed:
    return ProviderCallFailed(SendFailure(code=FailureCode.PROVIDER_UNREADABLE, detail=detail), certain=False)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _size(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
