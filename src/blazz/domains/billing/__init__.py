"""Billing: what a plan allows and how much of it is used. Owns ``plans``, ``usage_counters`` and ``usage_logs``.

Messages are reserved before a campaign starts, become used when the provider accepts them, and go back when they never
left. Days and months are those of the workspace's time zone.
"""

from blazz.domains.billing.service import (
    QuotaReached,
    Usage,
    commit_messages,
    get_limit,
    get_usage,
    release_messages,
    require_room,
    reserve_messages,
    verify_usage,
)

__all__ = [
    "QuotaReached",
    "Usage",
    "commit_messages",
    "get_limit",
    "get_usage",
    "release_messages",
    "require_room",
    "reserve_messages",
    "verify_usage",
]
