"""Uploaded media of the simulated account."""

import base64
import hashlib
import re
import secrets
from pathlib import Path

import msgspec

from blazz.adapters.providers.simulator.errors import GraphError

_ID = re.compile(r"^\d{15}$")


class MediaShelf:
    """Keeps files by a 15-digit id."""

    def __init__(self, folder: Path) -> None:
        """Keep files in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def put(self, data: bytes, kind: str) -> str:
        """Store a file; answer its id."""
        if not kind:
            raise GraphError(100, "Invalid parameter", "the file needs a type")
        made = str(10**14 + secrets.randbelow(9 * 10**14))
        (self._folder / made).write_bytes(data)
        (self._folder / f"{made}.json").write_bytes(msgspec.json.encode({"type": kind}))
        return made

    def get(self, media_id: str) -> tuple[str, bytes]:
        """Read a file: its type and its bytes."""
        path = self._path(media_id)
        kind = msgspec.json.decode(path.with_name(f"{media_id}.json").read_bytes(), type=dict[str, str])["type"]
        return kind, path.read_bytes()

    def describe(self, media_id: str, url: str) -> dict[str, object]:
        """Return what the media endpoint tells."""
        kind, data = self.get(media_id)
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        return {
            "id": media_id,
            "url": url,
            "mime_type": kind,
            "sha256": digest,
            "file_size": len(data),
            "messaging_product": "whatsapp",
        }

    def delete(self, media_id: str) -> None:
        """Remove a file."""
        path = self._path(media_id)
        path.unlink()
        path.with_name(f"{media_id}.json").unlink()

    def _path(self, media_id: str) -> Path:
        path = self._folder / media_id
        if not _ID.match(media_id) or not path.is_file():
            raise GraphError(100, "Invalid parameter", f"object with id {media_id[:40]!r} does not exist")
        return path
