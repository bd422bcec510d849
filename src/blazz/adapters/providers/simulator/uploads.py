"""Resumable uploads: the door for template samples and profile pictures."""

import base64
import secrets
from dataclasses import dataclass, field

from blazz.adapters.providers.simulator.errors import bad, unknown_object

_TYPES = frozenset({"application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"})
_MOST_BYTES = 100 * 1024 * 1024


@dataclass(slots=True)
class Upload:
    """One upload session."""

    size: int
    kind: str
    data: bytearray = field(default_factory=bytearray)
    handle: str = ""


@dataclass(slots=True)
class Uploads:
    """All sessions and the handles they ended with."""

    sessions: dict[str, Upload] = field(default_factory=dict)
    handles: set[str] = field(default_factory=set)

    def start(self, size: str, kind: str) -> str:
        """Open a session; answer its id."""
        if not size.isdigit() or not 1 <= int(size) <= _MOST_BYTES:
            raise bad("file_length takes the size in bytes, up to 100 MB")
        if kind not in _TYPES:
            raise bad(f"file_type must be one of {', '.join(sorted(_TYPES))}")
        made = f"upload:{secrets.token_urlsafe(24)}"
        self.sessions[made] = Upload(int(size), kind)
        return made

    def offset(self, session_id: str) -> int:
        """Tell where to resume."""
        return len(self._find(session_id).data)

    def write(self, session_id: str, offset: str, data: bytes) -> str | None:
        """Take bytes from an offset on; answer the handle once the file is whole."""
        upload = self._find(session_id)
        if not offset.isdigit() or int(offset) != len(upload.data):
            raise bad(f"file_offset must be {len(upload.data)}")
        if len(upload.data) + len(data) > upload.size:
            raise bad(f"the file is longer than the {upload.size} bytes announced")
        upload.data += data
        if len(upload.data) < upload.size:
            return None
        if not upload.handle:
            words = base64.b64encode(session_id.encode()).decode()
            upload.handle = f"4:{words}:{base64.b64encode(upload.kind.encode()).decode()}:{secrets.token_urlsafe(16)}"
            self.handles.add(upload.handle)
        return upload.handle

    def _find(self, session_id: str) -> Upload:
        if session_id not in self.sessions:
            raise unknown_object(session_id)
        return self.sessions[session_id]
