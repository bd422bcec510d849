"""The schema as numbered SQL files, the manifest of tables, and the runner that applies them."""

from blazz.migrations.manifest import TABLES, Table, TableKind
from blazz.migrations.partitions import ensure_partitions, months_ahead
from blazz.migrations.runner import MigrationError, SchemaState, migrate, schema_state

__all__ = [
    "TABLES",
    "MigrationError",
    "SchemaState",
    "Table",
    "TableKind",
    "ensure_partitions",
    "migrate",
    "months_ahead",
    "schema_state",
]
