"""Files as they cross the door of this room."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.channels.failures import SendFailure
from blazz.kernel.errors import InvalidInput, Message, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file; ``state`` is waiting (still to be fetched), stored or failed, and its type was found by its content."""

    id: UUID
    kind: str
    state: str
    mime_type: str
    file_name: str
    size_bytes: int | None
    sha256: bytes | None
    storage_key: str | None
    failure: str | None
    message_id: UUID | None
    number_id: UUID | None
    provider_media_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attached:
    """Content whose files the provider knows, or why it cannot leave; ``is_pending`` says that waiting helps."""

    content_json: str
    failure: SendFailure | None = None
    is_pending: bool = False


class MediaNotFound(NotFound):
    """There is no such file here."""

    code = "media_not_found"
    message = Message(en="This file does not exist.", id="Berkas ini tidak ada.")


class MediaRefused(InvalidInput):
    """WhatsApp would refuse the file; ``problems`` says why."""

    code = "media_invalid"
    message = Message(
        en="WhatsApp would refuse this file; see errors.", id="WhatsApp akan menolak berkas ini; lihat rinciannya."
    )


class UploadTooLarge(InvalidInput):
    """More came than any file may have."""

    code = "media_too_large"
    message = Message(en="A file may be at most {limit_mb} MB.", id="Berkas maksimal {limit_mb} MB.")
