"""Every table: whose it is, how it would be distributed, and how it is partitioned.

The runner gives row policies by it, the catalog tests hold the live schema against it, and the partition maintainer
takes its list from it.
"""

from dataclasses import dataclass
from typing import Literal

TableKind = Literal["tenant", "reference", "local"]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its owner among the domains, its kind, and ``month`` when it is split by UUIDv7 month bounds."""

    name: str
    domain: str
    kind: TableKind
    partition: Literal["none", "month", "hash"] = "none"
    app_writes: bool = True


TABLES: tuple[Table, ...] = (
    Table("users", "identity", "local"),
    Table("sessions", "identity", "local"),
    Table("one_time_tokens", "identity", "local"),
    Table("rate_limits", "kernel", "local"),
    Table("plans", "billing", "reference", app_writes=False),
    Table("workspaces", "workspaces", "reference"),
    Table("api_key_lookup", "workspaces", "local"),
    Table("number_routes", "channels", "local"),
    Table("webhook_deliveries", "channels", "local"),
    Table("send_lanes", "inbox", "local"),
    Table("processes", "kernel", "local"),
    Table("storage_levels", "kernel", "local"),
    Table("job_starts", "kernel", "local"),
    Table("parked_jobs", "kernel", "local"),
    Table("members", "workspaces", "tenant"),
    Table("api_keys", "workspaces", "tenant"),
    Table("invites", "workspaces", "tenant"),
    Table("idempotency_keys", "kernel", "tenant"),
    Table("usage_counters", "billing", "tenant"),
    Table("usage_logs", "billing", "tenant", "month"),
    Table("categories", "contacts", "tenant"),
    Table("contact_groups", "contacts", "tenant"),
    Table("contacts", "contacts", "tenant"),
    Table("contact_identities", "contacts", "tenant"),
    Table("contact_group_members", "contacts", "tenant"),
    Table("consents", "contacts", "tenant"),
    Table("contact_imports", "contacts", "tenant"),
    Table("contact_import_rows", "contacts", "tenant"),
    Table("contact_merges", "contacts", "tenant"),
    Table("contact_search", "contacts", "tenant"),
    Table("contact_import_keys", "contacts", "tenant"),
    Table("channel_accounts", "channels", "tenant"),
    Table("numbers", "channels", "tenant"),
    Table("unmatched_statuses", "channels", "tenant"),
    Table("templates", "templates", "tenant"),
    Table("conversations", "inbox", "tenant"),
    Table("messages", "inbox", "tenant", "month"),
    Table("message_ledger", "inbox", "tenant", "hash"),
    Table("outbox", "inbox", "tenant"),
    Table("media", "inbox", "tenant"),
    Table("media_uploads", "inbox", "tenant"),
    Table("campaigns", "campaigns", "tenant"),
    Table("campaign_recipients", "campaigns", "tenant", "month"),
    Table("campaign_stats", "campaigns", "tenant"),
    Table("campaign_log", "campaigns", "tenant"),
    Table("events", "realtime", "tenant", "month"),
    Table("event_positions", "realtime", "tenant"),
    Table("audit_logs", "audit", "tenant", "month"),
)

# Tables of PgQueuer; it owns their shape, we grant their use.
QUEUE_TABLES: tuple[str, ...] = ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics")
HASH_PARTITIONS = 16
