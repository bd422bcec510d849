"""Background work about files and read receipts; ids only, each safe to run twice."""

from datetime import timedelta
from typing import ClassVar

from blazz.kernel.jobs import Job


class FetchMedia(Job, frozen=True, kw_only=True):
    """Fetch the file of a received message from the provider."""

    name = "media.fetch"
    timeout_seconds = 600.0
    retry_delay: ClassVar[timedelta] = timedelta(seconds=10)
    media_id: str

    def dedupe_key(self) -> str | None:
        """Fetch each file once."""
        return f"media.fetch:{self.workspace_id}:{self.media_id}"


class UploadMedia(Job, frozen=True, kw_only=True):
    """Hand a file to the provider for one number."""

    name = "media.upload"
    timeout_seconds = 600.0
    priority = 5
    media_id: str
    number_id: str

    def dedupe_key(self) -> str | None:
        """Hand a file over once at a time."""
        return f"media.upload:{self.workspace_id}:{self.media_id}:{self.number_id}"


class MarkRead(Job, frozen=True, kw_only=True):
    """Tell the provider that a message was read; ``typing`` shows that an answer is being written."""

    name = "messages.mark_read"
    timeout_seconds = 60.0
    priority = 5
    message_id: str
    typing: bool = False
