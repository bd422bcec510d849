"""The local spool: deliveries that wait on this machine's disk while the database is away.

A segment is a file of records ``length | crc32 | payload``, where the payload is ``id (16) | received at in microseconds
(8) | length of the provider's name (1) | provider | body``. The process that writes a segment holds a lock on it; one
that crashed leaves its lock free, so any process of the machine may drain what it left. A new process never appends to
an old segment: the last record of a killed writer may be torn, and nothing may stand behind it.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog

from blazz.domains.channels.types import WebhookDelivery
from blazz.kernel.ids import new_uuid7

_log = structlog.get_logger()
_FRAME = struct.Struct(">II")
_HEAD = struct.Struct(">16sqB")
_SUFFIX = ".spool"
DAMAGED_SUFFIX = ".damaged"
SEGMENT_BYTES = 16_000_000


class SpoolNotWritableError(Exception):
    """The spool directory cannot be written; webhooks would be lost while the database is away."""


def pack_delivery(delivery: WebhookDelivery) -> bytes:
    """Write one delivery as a framed record."""
    provider = delivery.provider.encode()
    micros = int(delivery.received_at.timestamp() * 1_000_000)
    payload = _HEAD.pack(delivery.id.bytes, micros, len(provider)) + provider + delivery.body
    return _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def unpack_segment(data: bytes) -> tuple[list[WebhookDelivery], bytes]:
    """Read a segment: its whole records, and the bytes that are none (a torn tail, a damaged record)."""
    found: list[WebhookDelivery] = []
    damaged = bytearray()
    offset = 0
    while offset < len(data):
        if len(data) - offset < _FRAME.size:
            return found, bytes(damaged + data[offset:])
        length, checksum = _FRAME.unpack_from(data, offset)
        end = offset + _FRAME.size + length
        if end > len(data) or length < _HEAD.size:
            return found, bytes(damaged + data[offset:])
        payload = data[offset + _FRAME.size : end]
        if zlib.crc32(payload) == checksum:
            found.append(_unpack(payload))
        else:
            damaged += data[offset:end]
        offset = end
    return found, bytes(damaged)


def _unpack(payload: bytes) -> WebhookDelivery:
    raw_id, micros, name_length = _HEAD.unpack_from(payload)
    start = _HEAD.size + name_length
    return WebhookDelivery(
        id=UUID(bytes=raw_id),
        provider=payload[_HEAD.size : start].decode(),
        body=payload[start:],
        received_at=datetime.fromtimestamp(micros / 1_000_000, UTC),
    )


class SealedSegment:
    """A segment no writer appends to any more, locked by this process while it is drained."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Take over an open and locked file."""
        self.path = path
        self._descriptor = descriptor

    def read(self) -> list[WebhookDelivery]:
        """Read its whole records; bytes that are no record are kept beside it and never deleted."""
        found, damaged = unpack_segment(self.path.read_bytes())
        if damaged:
            kept = self.path.with_suffix(DAMAGED_SUFFIX)
            kept.write_bytes(damaged)
            _sync_file(kept)
            _log.warning("webhook spool holds bytes that are no record", file=kept.name, bytes=len(damaged))
        return found

    def delete(self) -> None:
        """Remove the file durably and let go of it."""
        self.path.unlink(missing_ok=True)
        _sync_directory(self.path.parent)
        self.release()

    def release(self) -> None:
        """Let go of the file without removing it."""
        os.close(self._descriptor)


class Spool:
    """Appends deliveries durably to segments in one directory; not safe for two threads at once."""

    def __init__(self, directory: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Check that the directory can be written, making it when it is missing.

        Raises:
            SpoolNotWritableError: it cannot be made, written or synced.

        """
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._descriptor: int | None = None
        self._path: Path | None = None
        self._size = 0
        probe = directory / f".probe-{new_uuid7().hex}"
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe.write_bytes(b"x")
            _sync_file(probe)
            probe.unlink()
        except OSError as error:
            msg = f"webhooks cannot wait in {directory}: {error.strerror}"
            raise SpoolNotWritableError(msg) from error

    def append(self, deliveries: Sequence[WebhookDelivery]) -> None:
        """Write deliveries and sync them to the disk; either all are durable or an OSError is raised."""
        data = b"".join(map(pack_delivery, deliveries))
        if self._descriptor is None:
            self._open_segment()
        descriptor = self._descriptor
        assert descriptor is not None
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fdatasync(descriptor)
        except OSError:
            # What was written is of unknown state; cut it off so that later records stay readable, and start anew.
            os.ftruncate(descriptor, self._size)
            self.seal()
            raise
        self._size += len(data)
        if self._size >= self._segment_bytes:
            self.seal()

    def seal(self) -> None:
        """Close the segment in writing, so that it can be drained."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = self._path = None
        self._size = 0

    def next_sealed(self) -> SealedSegment | None:
        """Lock the oldest segment that nobody writes or drains, or return None."""
        for path in sorted(self._directory.glob(f"*{_SUFFIX}")):
            if path == self._path:
                continue
            try:
                descriptor = os.open(path, os.O_RDWR)
            except FileNotFoundError:
                continue
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            # Another process may have drained and removed the file between our open and our lock.
            if os.fstat(descriptor).st_nlink > 0:
                return SealedSegment(path, descriptor)
            os.close(descriptor)
        return None

    def is_empty(self) -> bool:
        """Tell whether no delivery waits here, in any segment of any process."""
        return not any(self._directory.glob(f"*{_SUFFIX}"))

    def count(self) -> int:
        """Count the whole records in all segments; reads them all, so only for the start of a process."""
        return sum(len(unpack_segment(path.read_bytes())[0]) for path in self._directory.glob(f"*{_SUFFIX}"))

    def _open_segment(self) -> None:
        path = self._directory / f"{new_uuid7().hex}{_SUFFIX}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _sync_directory(self._directory)
        self._descriptor, self._path, self._size = descriptor, path, 0


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
