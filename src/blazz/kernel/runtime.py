"""What a process carries: handed down explicitly, imported from nowhere."""

from dataclasses import dataclass
from pathlib import Path

from blazz.kernel.clock import Clock
from blazz.kernel.config import Settings
from blazz.kernel.db import Database
from blazz.kernel.files import FileStore, open_files
from blazz.kernel.security import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The database, the clock, the settings and the secrets of one process."""

    settings: Settings
    database: Database
    clock: Clock
    envelope: Envelope

    @property
    def storage_dir(self) -> Path:
        """Where uploads, error files and media lie on this machine."""
        return self.settings.home / "storage"

    @property
    def files(self) -> FileStore:
        """Where files people send and receive lie, on this machine or in a bucket."""
        return open_files(self.settings.storage_url, self.storage_dir / "files")

    @property
    def spool_dir(self) -> Path:
        """Where webhooks wait when the database is away."""
        return self.settings.home / "spool"
