"""Channels: the numbers a workspace sends from, what can be sent and received, and the port every provider implements.

The words live in four modules, which other layers may import directly because a door of this many names helps nobody:
``content`` (what can be sent, its limits and templates), ``failures`` (the closed set of reasons why sending fails),
``inbound`` (what providers tell us) and ``ports`` (what every provider must do).

Owns the tables ``channel_accounts``, ``numbers``, ``number_routes``, ``webhook_deliveries`` and ``unmatched_statuses``.
A number is connecting, connected, restricted, banned or disconnected; it may be held until an instant, and its account
may be paused. Events: ``number.added``, ``number.changed``, ``number.held``, ``number.released``, ``number.removed``,
``account.changed``, ``account.noticed``, ``number.name_reviewed``. The web process mounts ``routes.router`` and ``webhooks.webhook_routes``, and runs one
``WebhookIntake``.
"""

from . import content, failures, inbound, ports
from .errors import AccountNotFound, NumberNotFound, ProviderAway, UnknownProvider
from .intake import WebhookIntake
from .providers import PickProvider, ask_health, make_ref, number_ref
from .senders import AccountAccess, get_sender, hold_number, list_account_access, release_number
from .service import (
    add_number,
    find_default_number,
    get_account,
    get_number,
    list_numbers,
    record_health,
)
from .store import (
    claim_deliveries,
    delete_deliveries,
    park_delivery,
    postpone_delivery,
    route_accounts,
    route_numbers,
)
from .types import (
    Credentials,
    NewAccount,
    NewNumber,
    Number,
    NumberRoute,
    NumberStatus,
    ObservedHealth,
    SenderNumber,
    WebhookDelivery,
)
from .webhook_secrets import WebhookSecrets

__all__ = [
    "AccountAccess",
    "AccountNotFound",
    "Credentials",
    "NewAccount",
    "NewNumber",
    "Number",
    "NumberNotFound",
    "NumberRoute",
    "NumberStatus",
    "ObservedHealth",
    "PickProvider",
    "ProviderAway",
    "SenderNumber",
    "UnknownProvider",
    "WebhookDelivery",
    "WebhookIntake",
    "WebhookSecrets",
    "add_number",
    "ask_health",
    "claim_deliveries",
    "content",
    "delete_deliveries",
    "failures",
    "find_default_number",
    "get_account",
    "get_number",
    "get_sender",
    "hold_number",
    "inbound",
    "list_account_access",
    "list_numbers",
    "make_ref",
    "number_ref",
    "park_delivery",
    "ports",
    "postpone_delivery",
    "record_health",
    "release_number",
    "route_accounts",
    "route_numbers",
]
