"""Honours what people want: no promotions any more, or promotions again."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from blazz.domains.contacts import opt_in, opt_out
from blazz.domains.inbox import store
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.queueing import cancel_bulk_for_contact
from blazz.domains.inbox.types import OutcomeDelta
from blazz.kernel.actor import Actor
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import first_uuid7

_STOP_WORDS = frozenset(
    {
        "stop", "berhenti", "unsub", "unsubscribe", "stop promo", "stop promosi", "stop promotions",
        "berhenti promosi", "berhenti langganan", "hentikan promosi", "jangan kirim lagi", "jangan kirim promo lagi",
    }
)  # fmt: skip
_START_WORDS = frozenset({"start", "mulai", "mulai lagi", "lanjut", "lanjutkan", "subscribe", "langganan", "unstop"})
_NOT_WORDS = re.compile(r"[\W_]+")
_REPLY_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One person's wish; ``campaign_id`` is the campaign they heard from last, where there is one."""

    contact_id: UUID
    stops: bool
    source: str
    at: datetime
    detail: str | None = None
    campaign_id: UUID | None = None


def is_stop_word(text: str) -> bool:
    """Tell whether the whole message asks to receive no more promotions."""
    return _plain(text) in _STOP_WORDS


def is_start_word(text: str) -> bool:
    """Tell whether the whole message asks to receive promotions again."""
    return _plain(text) in _START_WORDS


def _plain(text: str) -> str:
    """Reduce a message to its words: case, spaces, punctuation, emoji and WhatsApp's own marks say nothing here."""
    return _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


async def honour(tx: WorkspaceTx, actor: Actor, wish: Wish, sink: OutcomeSink) -> bool:
    """Record a wish and act on it at once; True when it changed what the person gets."""
    if not wish.stops:
        return await opt_in(tx, actor, wish.contact_id, source=wish.source, detail=wish.detail, at=wish.at)
    changed = await opt_out(tx, actor, wish.contact_id, source=wish.source, detail=wish.detail, at=wish.at)
    if changed:
        await cancel_bulk_for_contact(tx, wish.contact_id, sink)
        if wish.campaign_id is not None:
            await sink(tx, [OutcomeDelta(campaign_id=wish.campaign_id, opted_out_by=(wish.contact_id,))])
    return changed


async def last_campaigns(tx: WorkspaceTx, contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """Find the campaign each person heard from last within the days that a reply counts."""
    rows = await tx.fetch(
        store.SQL["answered_campaigns"], tx.workspace_id, list(contact_ids), first_uuid7(now - _REPLY_WINDOW)
    )
    return {row["contact_id"]: row["campaign_id"] for row in rows}
