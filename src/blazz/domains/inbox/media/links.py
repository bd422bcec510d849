"""Short-lived signed links to files: whoever holds one may read that one file until it runs out, and nothing else."""

import base64
import binascii
import hmac
import struct
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from blazz.kernel.security import SecretKey

LINK_PATH: Final = "/files/{token}"
LIFETIME: Final = timedelta(minutes=10)
_FORM: Final = struct.Struct(">q16sq")
_MAC_BYTES: Final = 16


def make_link(key: SecretKey, workspace_id: int, media_id: UUID, now: datetime) -> tuple[str, datetime]:
    """Make a link's path, and the instant until which it works."""
    until = (now + LIFETIME).replace(microsecond=0)
    packed = _FORM.pack(workspace_id, media_id.bytes, int(until.timestamp()))
    token = base64.urlsafe_b64encode(packed + _mac(key, packed)).rstrip(b"=").decode()
    return LINK_PATH.format(token=token), until.astimezone(UTC)


def read_link(key: SecretKey, token: str, now: datetime) -> tuple[int, UUID] | None:
    """Return whose and which file a token opens; None when it was not made by us or has run out."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    packed, mac = raw[: _FORM.size], raw[_FORM.size :]
    if len(raw) != _FORM.size + _MAC_BYTES or not hmac.compare_digest(mac, _mac(key, packed)):
        return None
    workspace_id, media_id, until = _FORM.unpack(packed)
    return (workspace_id, UUID(bytes=media_id)) if now.timestamp() < until else None


def _mac(key: SecretKey, packed: bytes) -> bytes:
    return hmac.digest(key.derive("links to files"), packed, "sha256")[:_MAC_BYTES]
