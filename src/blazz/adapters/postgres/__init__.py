"""The embedded PostgreSQL: a complete server under the data folder, for installs that bring no database."""

from blazz.adapters.postgres.embedded import DATABASE_NAME, SUPERUSER, EmbeddedPostgres
from blazz.adapters.postgres.errors import (
    DatabaseFolderInUse,
    DatabaseFolderUnusable,
    DatabaseNotStarted,
    DatabaseVersionMismatch,
)
from blazz.adapters.postgres.records import recorded_cluster, recorded_url
from blazz.adapters.postgres.tuning import machine_memory_mb, tuned_settings

__all__ = [
    "DATABASE_NAME",
    "SUPERUSER",
    "DatabaseFolderInUse",
    "DatabaseFolderUnusable",
    "DatabaseNotStarted",
    "DatabaseVersionMismatch",
    "EmbeddedPostgres",
    "machine_memory_mb",
    "recorded_cluster",
    "recorded_url",
    "tuned_settings",
]
