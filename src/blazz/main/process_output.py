"""Lines of supervised processes: readable for a person at a terminal, JSON for everything else."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

_COLOURS = (36, 32, 35, 33, 34, 96, 92, 95)
_LEVEL_COLOURS = {"warning": 33, "error": 31, "critical": 31}
_LONGEST_LINE_BYTES = 64 * 1024
# Shown in the line's own columns, or known from its prefix.
_SHOWN = frozenset({"timestamp", "level", "event", "process", "exception"})


@dataclass(slots=True)
class ProcessOutput:
    """Where the supervisor writes its own lines and those of its children."""

    stream: TextIO
    names: tuple[str, ...] = ()
    readable: bool | None = None

    def __post_init__(self) -> None:
        """Decide for people when the stream is a terminal, unless told."""
        if self.readable is None:
            self.readable = self.stream.isatty()

    def line(self, name: str, raw: bytes) -> None:
        """Write one line of a child."""
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            return
        entry = _parsed(text)
        if self.readable:
            self._write(self._for_people(name, entry or {"event": text}))
        elif entry is not None:
            self._write(text)
        else:
            self._write(json.dumps({"event": text, "level": "info", "process": name, "timestamp": _now()}))

    def say(self, event: str, *, level: str = "info", **fields: object) -> None:
        """Write one line of the supervisor itself."""
        entry = {"event": event, "level": level, "process": "supervisor", "timestamp": _now(), **fields}
        self._write(self._for_people("supervisor", entry) if self.readable else json.dumps(entry, default=str))

    def _for_people(self, name: str, entry: dict[str, object]) -> str:
        width = max([len("supervisor"), *map(len, self.names)])
        colour = _COLOURS[self.names.index(name) % len(_COLOURS)] if name in self.names else 90
        level = str(entry.get("level", "info"))
        words = str(entry.get("event", ""))
        if level in _LEVEL_COLOURS:
            words = f"\x1b[{_LEVEL_COLOURS[level]}m{level}: {words}\x1b[0m"
        extra = "".join(f" \x1b[2m{key}=\x1b[0m{value}" for key, value in entry.items() if key not in _SHOWN)
        trace = f"\n{entry['exception']}" if entry.get("exception") else ""
        moment = str(entry.get("timestamp") or _now())[11:19]
        return f"\x1b[2m{moment}\x1b[0m \x1b[{colour}m{name:<{width}}\x1b[0m │ {words}{extra}{trace}"

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text + "\n")
            self.stream.flush()
        except (BrokenPipeError, ValueError):
            # Nobody reads any more; the processes matter more than their log.
            return


async def lines_of(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield lines until the stream ends; an overlong line comes in pieces instead of stopping the process."""
    pending = b""
    while chunk := await reader.read(16 * 1024):
        pending += chunk
        *complete, pending = pending.split(b"\n")
        for line in complete:
            yield line
        while len(pending) > _LONGEST_LINE_BYTES:
            yield pending[:_LONGEST_LINE_BYTES]
            pending = pending[_LONGEST_LINE_BYTES:]
    if pending:
        yield pending


def _parsed(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "event" in entry else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
