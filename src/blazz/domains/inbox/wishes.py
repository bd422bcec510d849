"""Honours what people want: no promotions any more, or promotions again."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from blazz.domains.billing import reserve_messages
from blazz.domains.channels.content import Text, to_json
from blazz.domains.contacts import opt_in, opt_out
from blazz.domains.inbox import store
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.queueing import cancel_bulk_for_contact, enqueue_messages
from blazz.domains.inbox.types import Lane, NewOutbound, Origin, OutcomeDelta
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import Locale, Message
from blazz.kernel.ids import first_uuid7, new_uuid7

_STOP_WORDS = frozenset(
    {
        "stop", "berhenti", "unsub", "unsubscribe", "stop promo", "stop promosi", "stop promotions",
        "berhenti promosi", "berhenti langganan", "hentikan promosi", "jangan kirim lagi", "jangan kirim promo lagi",
    }
)  # fmt: skip
_START_WORDS = frozenset({"start", "mulai", "mulai lagi", "lanjut", "lanjutkan", "subscribe", "langganan", "unstop"})
_NOT_WORDS = re.compile(r"[\W_]+")
_REPLY_WINDOW = timedelta(days=7)
# A wish that comes later than this finds the service window closed: it is honoured without an answer.
_ANSWER_WITHIN = timedelta(hours=23)
_STOPPED = Message(
    en="You will receive no more promotional messages from us. Reply START to receive them again.",
    id="Baik, Anda tidak akan menerima pesan promosi lagi dari kami. Balas MULAI untuk menerimanya kembali.",
)
_STARTED = Message(
    en="You will receive our promotional messages again. Reply STOP to end them.",
    id="Anda akan menerima pesan promosi kami lagi. Balas STOP untuk berhenti.",
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Where to answer a person who asked by a word."""

    contact_id: UUID
    number_id: UUID
    conversation_id: UUID
    address: str


async def answer(tx: WorkspaceTx, asker: Asker, wish: Wish, now: datetime) -> UUID | None:
    """Confirm a wish that changed something, in the workspace's language; answer the message's id.

    Quota never stands in the way of a confirmation, and it overtakes all campaigns.
    """
    if now - wish.at > _ANSWER_WITHIN:
        return None
    locale: Locale = await tx.fetchval(store.SQL["workspace_locale"], tx.workspace_id)
    words = (_STOPPED if wish.stops else _STARTED).render(locale, {})
    actor = Actor.system(tx.workspace_id, "confirming a wish", Permission.MESSAGES_SEND)
    await reserve_messages(tx, actor, 1, now, beyond_limit=True)
    message_id = new_uuid7()
    await enqueue_messages(
        tx,
        [
            NewOutbound(
                message_id=message_id,
                number_id=asker.number_id,
                contact_id=asker.contact_id,
                address=asker.address,
                kind="text",
                body=words,
                content_json=msgspec.json.encode(to_json(Text(body=words))).decode(),
                lane=Lane.INTERACTIVE,
                origin=Origin.AUTOMATION,
                conversation_id=asker.conversation_id,
            )
        ],
    )
    return message_id


async def last_campaigns(tx: WorkspaceTx, contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """Find the campaign each person heard from last within the days that a reply counts."""
    rows = await tx.fetch(
        store.SQL["answered_campaigns"], tx.workspace_id, list(contact_ids), first_uuid7(now - _REPLY_WINDOW)
    )
    return {row["contact_id"]: row["campaign_id"] for row in rows}
