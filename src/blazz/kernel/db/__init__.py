"""PostgreSQL access: the pools, transactions bound to a workspace, and SQL kept in files."""

from blazz.kernel.db.database import Database, DatabaseUrls, Listeners, PoolSizes, SystemTx, Tx, WorkspaceTx
from blazz.kernel.db.months import MakePartitions
from blazz.kernel.db.queries import Queries, load_queries
from blazz.kernel.db.retry import is_retryable, retry_transaction

__all__ = [
    "Database",
    "DatabaseUrls",
    "Listeners",
    "MakePartitions",
    "PoolSizes",
    "Queries",
    "SystemTx",
    "Tx",
    "WorkspaceTx",
    "is_retryable",
    "load_queries",
    "retry_transaction",
]
