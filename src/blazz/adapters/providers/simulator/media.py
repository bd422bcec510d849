"""Uploaded media of the simulated account, with the kinds and sizes the real service takes."""

import base64
import hashlib
import re
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec

from blazz.adapters.providers.simulator.errors import GraphError, bad, unknown_object

_ID = re.compile(r"^\d{15}$")
_MB = 1024 * 1024
LONGEST: Final = {"image": 5 * _MB, "video": 16 * _MB, "audio": 16 * _MB, "sticker": 500 * 1024, "document": 100 * _MB}
_KINDS: Final = {
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
    "video/3gpp": "video",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
    "image/webp": "sticker",
}


def kind_of(mime_type: str) -> str:
    """Return what a MIME type is sent as; everything unknown is a document."""
    return _KINDS.get(mime_type.partition(";")[0].strip().lower(), "document")


class MediaShelf:
    """Keeps files by a 15-digit id."""

    def __init__(self, folder: Path, url_seconds: float = 300.0) -> None:
        """Keep files in ``folder``; download addresses work for so many seconds."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._url_seconds = folder, url_seconds
        self._key = secrets.token_bytes(16)

    def put(self, data: bytes, kind: str) -> str:
        """Store a file; answer its id.

        Raises:
            GraphError: 100 no type, 131053 empty or too large for its kind.

        """
        if "/" not in kind:
            raise bad("the file needs a MIME type")
        most = LONGEST[kind_of(kind)]
        if not data or len(data) > most:
            raise GraphError(131053, f"a file of type {kind} takes 1 to {most} bytes, got {len(data)}")
        made = str(10**14 + secrets.randbelow(9 * 10**14))
        (self._folder / made).write_bytes(data)
        (self._folder / f"{made}.json").write_bytes(msgspec.json.encode({"type": kind}))
        return made

    def get(self, media_id: str) -> tuple[str, bytes]:
        """Read a file: its type and its bytes."""
        path = self._path(media_id)
        kind = msgspec.json.decode(path.with_name(f"{media_id}.json").read_bytes(), type=dict[str, str])["type"]
        return kind, path.read_bytes()

    def has(self, media_id: str) -> bool:
        """Tell whether there is a file of that id."""
        return bool(_ID.match(media_id)) and (self._folder / media_id).is_file()

    def describe(self, media_id: str, base_url: str) -> dict[str, object]:
        """Return what the media endpoint tells, with an address that works for a while."""
        kind, data = self.get(media_id)
        return {
            "id": media_id,
            "url": self.address(media_id, base_url),
            "mime_type": kind,
            "sha256": hashlib.sha256(data).hexdigest(),
            "file_size": len(data),
            "messaging_product": "whatsapp",
        }

    def in_webhook(self, media_id: str, base_url: str) -> dict[str, object]:
        """Return a file as a webhook carries it; its digest is base64 there."""
        kind, data = self.get(media_id)
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        return {"id": media_id, "mime_type": kind, "sha256": digest, "url": self.address(media_id, base_url)}

    def address(self, media_id: str, base_url: str) -> str:
        """Write a download address."""
        until = int(time.time() + self._url_seconds)
        return f"{base_url}/media/{media_id}/file?oe={until}&oh={self._proof(media_id, str(until))}"

    def open_address(self, media_id: str, until: str, proof: str) -> tuple[str, bytes] | None:
        """Read the file behind a download address; None when it is over or was never given."""
        if not until.isdigit() or int(until) < time.time() or proof != self._proof(media_id, until):
            return None
        return self.get(media_id) if self.has(media_id) else None

    def _proof(self, media_id: str, until: str) -> str:
        return hashlib.sha256(self._key + f"{media_id}:{until}".encode()).hexdigest()[:24]

    def delete(self, media_id: str) -> None:
        """Remove a file."""
        path = self._path(media_id)
        path.unlink()
        path.with_name(f"{media_id}.json").unlink()

    def _path(self, media_id: str) -> Path:
        if not self.has(media_id):
            raise unknown_object(media_id)
        return self._folder / media_id
