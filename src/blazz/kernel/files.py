"""Where files lie: a folder of this machine, or a bucket named by ``BLAZZ_STORAGE_URL``; one interface for all."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

STORAGE_SCHEMES = frozenset({"file", "s3", "gs", "az"})
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file being read: its whole size in bytes, the first and last byte that ``chunks`` yields, and the bytes."""

    size_bytes: int
    first: int
    last: int
    chunks: AsyncIterator[bytes]


class FileStore:
    """Keeps files by key; keys are made by us, never by people."""

    def __init__(self, store: ObjectStore) -> None:
        """Wrap an opened store."""
        self._store = store

    async def put(self, key: str, path: Path) -> None:
        """Store the bytes of a local file; storing the same key again replaces it."""
        await obstore.put_async(self._store, key, path)

    async def open(self, key: str, *, first: int = 0, last: int | None = None) -> StoredFile:
        """Open a file for reading, on request only the bytes from ``first`` to ``last``.

        Raises:
            FileNotFoundError: there is no such file.

        """
        if first or last is not None:
            size = (await obstore.head_async(self._store, key))["size"]
            last = size - 1 if last is None else min(last, size - 1)
            found = await obstore.get_async(self._store, key, options={"range": (first, last + 1)})
        else:
            found = await obstore.get_async(self._store, key)
            size = found.meta["size"]
            last = size - 1
        return StoredFile(size, first, last, _bytes_of(found))

    async def delete(self, key: str) -> None:
        """Delete a file; one that is gone already is fine."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return


async def _bytes_of(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=_CHUNK_BYTES):
        yield bytes(chunk)


@lru_cache(maxsize=8)
def open_files(url: str, folder: Path) -> FileStore:
    """Open the store of an installation; an empty address means ``folder`` on this machine.

    Credentials of buckets come from the usual environment variables of their makers.
    """
    if not url:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileStore(LocalStore(folder))
    parts = urlsplit(url)
    if parts.scheme == "file":
        Path(parts.path).mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileStore(from_url(url))
