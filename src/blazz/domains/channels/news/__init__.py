"""Applies what the provider tells about accounts and their numbers: quality, limits, names, bans and reinstatements.

News comes late, twice and in any order; the newest by the provider's own time wins, for each fact on its own.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from blazz.domains.channels import pause_texts as reasons
from blazz.domains.channels import store
from blazz.domains.channels.events import AccountNoticed, NumberNameReviewed
from blazz.domains.channels.inbound import AccountUpdated, CapabilityChanged, NumberNameChanged, NumberQualityChanged
from blazz.domains.channels.providers import parse_limit
from blazz.domains.channels.senders import hold_number
from blazz.domains.channels.service import pause_account, record_health
from blazz.domains.channels.types import ObservedHealth
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx

__all__ = ["AccountNews", "apply_account_news"]

AccountNews = NumberQualityChanged | NumberNameChanged | CapabilityChanged | AccountUpdated

# What stops an account, and what lets it go on again if this reason stopped it.
_STOPS: Final[Mapping[tuple[str, str], str]] = {
    ("account_update", "ACCOUNT_DELETED"): reasons.ACCOUNT_DELETED,
    ("account_update", "DISABLED_UPDATE:DISABLE"): reasons.ACCOUNT_DISABLED,
    ("account_update", "ACCOUNT_OFFBOARDED"): reasons.ACCOUNT_DISCONNECTED,
    ("account_update", "PARTNER_REMOVED"): reasons.ACCOUNT_DISCONNECTED,
    ("account_update", "APP_UNINSTALLED"): reasons.ACCOUNT_DISCONNECTED,
    ("account_review_update", "REJECTED"): reasons.ACCOUNT_REJECTED,
}
_GOES_ON: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("account_update", "DISABLED_UPDATE:REINSTATE"): frozenset({reasons.ACCOUNT_DISABLED}),
    ("account_update", "ACCOUNT_RECONNECTED"): frozenset({reasons.ACCOUNT_DISCONNECTED}),
    ("account_update", "PARTNER_ADDED"): frozenset({reasons.ACCOUNT_DISCONNECTED}),
    ("account_update", "APP_INSTALLED"): frozenset({reasons.ACCOUNT_DISCONNECTED}),
    ("account_review_update", "APPROVED"): frozenset({reasons.ACCOUNT_REJECTED}),
}
_QUALITIES: Final = {"FLAGGED": "red", "UNFLAGGED": "unknown"}
_LONGEST_DETAILS: Final = 4000


async def apply_account_news(tx: WorkspaceTx, account_id: UUID, news: Sequence[AccountNews]) -> tuple[UUID, ...]:
    """Apply news about one account in its order; returns the numbers that must stop sending at once."""
    actor = Actor.system(tx.workspace_id, "news from the provider", Permission.NUMBERS_MANAGE)
    stopped: dict[UUID, None] = {}
    for item in news:
        match item:
            case NumberQualityChanged():
                await _quality(tx, actor, account_id, item)
            case NumberNameChanged():
                await _name(tx, account_id, item)
            case CapabilityChanged():
                await _limit(tx, account_id, item.messaging_limit, item.at)
            case AccountUpdated():
                for number_id in await _account(tx, actor, account_id, item):
                    stopped[number_id] = None
    return tuple(stopped)


async def _quality(tx: WorkspaceTx, actor: Actor, account_id: UUID, item: NumberQualityChanged) -> None:
    await _limit(tx, account_id, item.current_limit, item.at)
    number_id = await _number(tx, account_id, item.display_phone_number)
    quality = _QUALITIES.get(item.event.upper())
    if number_id is None or quality is None:
        return
    if await tx.fetchval(store.SQL["note_quality_time"], tx.workspace_id, number_id, item.at) is not None:
        await record_health(tx, actor, number_id, ObservedHealth(quality=quality))


async def _limit(tx: WorkspaceTx, account_id: UUID, limit: str | None, at: datetime | None) -> None:
    known = parse_limit(limit)
    if known is None:
        return
    if await tx.fetchval(store.SQL["note_limit_time"], tx.workspace_id, account_id, at) is not None:
        await store.set_messaging_limit(tx, account_id, known)


async def _name(tx: WorkspaceTx, account_id: UUID, item: NumberNameChanged) -> None:
    number_id = await _number(tx, account_id, item.display_phone_number)
    if number_id is not None:
        tx.publish(
            NumberNameReviewed(
                workspace_id=tx.workspace_id,
                number_id=number_id,
                decision=item.decision,
                requested_name=item.requested_name,
                rejection_reason=item.rejection_reason,
            )
        )


async def _account(tx: WorkspaceTx, actor: Actor, account_id: UUID, item: AccountUpdated) -> list[UUID]:
    tx.publish(
        AccountNoticed(
            workspace_id=tx.workspace_id,
            account_id=account_id,
            field=item.field,
            word=item.event,
            details=msgspec.json.encode(item.details).decode()[:_LONGEST_DETAILS],
        )
    )
    key = (item.field, _word(item))
    stop, goes_on = _STOPS.get(key), _GOES_ON.get(key, frozenset())
    until = _restricted_until(item) if item.event == "ACCOUNT_RESTRICTION" else None
    if stop is None and not goes_on and until is None:
        return []
    row = await tx.fetchrow(store.SQL["note_state_time"], tx.workspace_id, account_id, item.at)
    if row is None:
        return []
    if goes_on:
        if row["paused_reason"] in goes_on:
            await pause_account(tx, actor, account_id, None)
        return []
    numbers = [found["id"] for found in await tx.fetch(store.SQL["account_numbers"], tx.workspace_id, account_id)]
    if stop is not None:
        await pause_account(tx, actor, account_id, stop)
    elif until is not None:
        for number_id in numbers:
            await hold_number(tx, number_id, reasons.ACCOUNT_RESTRICTED, until)
    return numbers


def _word(item: AccountUpdated) -> str:
    """Give the event's word, with the state of a ban where there is one."""
    info = item.details.get("ban_info")
    state = info.get("waba_ban_state") if isinstance(info, Mapping) else None
    return f"{item.event}:{state}" if item.event == "DISABLED_UPDATE" and isinstance(state, str) else item.event


def _restricted_until(item: AccountUpdated) -> datetime | None:
    """Find until when the account may not send; None when the restriction is about something else."""
    found = item.details.get("restriction_info")
    ends: list[float] = []
    for entry in found if isinstance(found, list) else []:
        kind = entry.get("restriction_type") if isinstance(entry, Mapping) else None
        if isinstance(kind, str) and "MESSAGING" in kind:
            end = entry.get("expiration")
            ends.append(float(end) if isinstance(end, int | float) else 4_102_444_799.0)
    return datetime.fromtimestamp(min(max(ends), 4_102_444_799.0), UTC) if ends else None


async def _number(tx: WorkspaceTx, account_id: UUID, display: str) -> UUID | None:
    digits = "".join(char for char in display if char.isdecimal())
    found: UUID | None = await tx.fetchval(store.SQL["find_number_by_phone"], tx.workspace_id, account_id, digits)
    return found
