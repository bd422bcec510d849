"""The append-only log of accepted messages: on disk before the answer leaves, with one fsync for many requests."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec


class Acceptance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One accepted message; ``at`` is Unix seconds, ``opaque`` is its biz_opaque_callback_data.

    ``buttons`` are what the receiver can press (kind, id, title); ``withheld`` is the code it will fail with by a
    limit. Both are kept so that a restart goes on as the run before would have.
    """

    at: float
    phone_number_id: str
    to: str
    wamid: str
    opaque: str | None = None
    type: str
    template: str | None = None
    category: str = "service"
    buttons: tuple[tuple[str, str, str], ...] = ()
    withheld: int | None = None


class AcceptanceLog:
    """Appends acceptances; concurrent callers share an fsync."""

    def __init__(self, path: Path) -> None:
        """Continue the log at ``path``; a torn last line of a killed process is cut off."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._cut_torn_line()
        self._file = path.open("ab", buffering=0)
        self._pending: list[bytes] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._writer: asyncio.Task[None] | None = None
        self.count = sum(1 for _ in self.read())

    def _cut_torn_line(self) -> None:
        if not self._path.exists():
            return
        data = self._path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            with self._path.open("r+b") as file:
                file.truncate(whole)

    def read(self) -> Iterator[Acceptance]:
        """Iterate over all acceptances, oldest first."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for line in file:
                with contextlib.suppress(msgspec.DecodeError):
                    yield msgspec.json.decode(line, type=Acceptance)

    async def append(self, entry: Acceptance) -> None:
        """Write one acceptance; returns when it is on disk."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._pending.append(msgspec.json.encode(entry) + b"\n")
        self._waiters.append(waiter)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_out())
        await waiter

    async def _write_out(self) -> None:
        while self._pending:
            lines, waiters = self._pending, self._waiters
            self._pending, self._waiters = [], []
            try:
                await asyncio.get_running_loop().run_in_executor(None, self._write_and_sync, b"".join(lines))
            except OSError as error:
                for waiter in waiters:
                    waiter.set_exception(error)
                continue
            self.count += len(lines)
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _write_and_sync(self, data: bytes) -> None:
        os.write(self._file.fileno(), data)
        os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()
