"""Inbox: messages, conversations, and the send path.

Owns ``messages``, ``message_ledger``, ``outbox``, ``send_lanes``, ``conversations``, ``media`` and ``media_uploads``. A
message is queued in the outbox, its intent is committed before the provider is called, and the provider's answer, or a
status webhook, settles it. Campaigns queue through ``enqueue_messages`` and keep their counters through an
``OutcomeSink``. Everything a provider tells comes through the ``WebhookProcessor``: receipts, messages, echoes, edits, and
news about templates, accounts, numbers and people. Files have a room of their own, ``media``.

Events: ``message.queued``, ``message.received``, ``message.echoed``, ``message.changed``, ``message.media_arrived``,
``message.read_here``, ``conversations.moved``. Jobs: ``media.fetch``, ``media.upload``, ``messages.mark_read``. Follows
``contact.merged`` in the transaction that merges.
"""

from blazz.domains.inbox.composer import Draft, send_message
from blazz.domains.inbox.composing import TemplateWish
from blazz.domains.inbox.errors import NoAddress, WindowClosed
from blazz.domains.inbox.listeners import follow_merge
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.processing import WebhookProcessor
from blazz.domains.inbox.queueing import (
    cancel_bulk_for_contact,
    cancel_campaign,
    count_unsettled,
    enqueue_messages,
    hold_campaign,
    lane_backlog,
    release_campaign,
)
from blazz.domains.inbox.sending import Dispatcher, recover_unknown_outcomes
from blazz.domains.inbox.service import get_message, list_conversations, list_messages, list_thread
from blazz.domains.inbox.types import (
    Conversation,
    Lane,
    MessageFilter,
    MessageStatus,
    NewOutbound,
    Origin,
    OutboxState,
    OutcomeDelta,
    StoredMessage,
)

__all__ = [
    "Conversation",
    "Dispatcher",
    "Draft",
    "Lane",
    "MessageFilter",
    "MessageStatus",
    "NewOutbound",
    "NoAddress",
    "Origin",
    "OutboxState",
    "OutcomeDelta",
    "OutcomeSink",
    "StoredMessage",
    "TemplateWish",
    "WebhookProcessor",
    "WindowClosed",
    "cancel_bulk_for_contact",
    "cancel_campaign",
    "count_unsettled",
    "enqueue_messages",
    "follow_merge",
    "get_message",
    "hold_campaign",
    "lane_backlog",
    "list_conversations",
    "list_messages",
    "list_thread",
    "recover_unknown_outcomes",
    "release_campaign",
    "send_message",
]
