"""The send path: lanes with one owner each, intents committed before the call, outcomes settled in batches."""

from blazz.domains.inbox.sending.dispatcher import Dispatcher
from blazz.domains.inbox.sending.recovery import recover_unknown_outcomes

__all__ = ["Dispatcher", "recover_unknown_outcomes"]
