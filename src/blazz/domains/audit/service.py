"""Records and lists actions; entries are never changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx, load_queries
from blazz.kernel.ids import new_uuid7

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One action; ``before`` and ``after`` are JSON texts."""

    id: UUID
    action: str
    actor_kind: str
    actor_id: UUID | None
    target: str
    before: str | None
    after: str | None
    created_at: datetime


async def record(
    tx: WorkspaceTx,
    actor: Actor,
    action: str,
    target: str = "",
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """Write down an action in the transaction that performs it. Exempt from a permission: the action had its own."""
    await tx.execute(
        SQL["insert_entry"],
        tx.workspace_id,
        new_uuid7(),
        action,
        actor.kind,
        actor.user_id or actor.key_id,
        target,
        msgspec.json.encode(before).decode() if before is not None else None,
        msgspec.json.encode(after).decode() if after is not None else None,
    )


async def list_entries(tx: WorkspaceTx, actor: Actor, before: UUID | None, limit: int) -> list[AuditEntry]:
    """One page of actions, newest first; ``limit + 1`` rows tell whether there are more."""
    actor.require(Permission.AUDIT_READ)
    rows = await tx.fetch(SQL["list_entries"], tx.workspace_id, before, limit + 1)
    return [AuditEntry(**dict(row)) for row in rows]
