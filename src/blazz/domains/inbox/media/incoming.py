"""A file on its way in: written to this machine while it is counted and hashed, then told by its content and stored."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from blazz.domains.inbox.media.detection import Detected, detect
from blazz.kernel.ids import instant_of
from blazz.kernel.runtime import Runtime


class FileTooLarge(Exception):
    """More bytes came than were allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A complete file that still lies on this machine."""

    path: Path
    size_bytes: int
    sha256: bytes
    detected: Detected


@asynccontextmanager
async def receive_file(runtime: Runtime, chunks: AsyncIterator[bytes], limit_bytes: int) -> AsyncIterator[Incoming]:
    """Write a file down and say what it is; nothing of it is left here afterwards.

    Raises:
        FileTooLarge: more than ``limit_bytes`` came; reading stops there.

    """
    folder = runtime.storage_dir / "incoming"
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    file = await asyncio.to_thread(_new_file, folder)
    path = Path(file.name)
    try:
        digest, size = hashlib.sha256(), 0
        with file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit_bytes:
                    raise FileTooLarge
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        detected = await asyncio.to_thread(detect, path)
        yield Incoming(path=path, size_bytes=size, sha256=digest.digest(), detected=detected)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _new_file(folder: Path) -> "tempfile._TemporaryFileWrapper[bytes]":
    return tempfile.NamedTemporaryFile(dir=folder, delete=False)


async def keep(runtime: Runtime, workspace_id: int, media_id: UUID, incoming: Incoming) -> str:
    """Put a file into the store; answer its key, which says whose it is and when it came."""
    key = f"media/{workspace_id}/{instant_of(media_id):%Y-%m}/{media_id}"
    await runtime.files.put(key, incoming.path)
    return key
