"""Audit: who did what, append-only. Owns ``audit_logs``; everything above calls ``record``."""

from blazz.domains.audit.service import AuditEntry, list_entries, record

__all__ = ["AuditEntry", "list_entries", "record"]
