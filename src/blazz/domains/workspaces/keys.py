"""API keys: shown once, stored as a digest, never with more rights than their maker has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from blazz.domains.audit import record
from blazz.domains.workspaces.store import SQL
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.clock import SystemClock
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import FieldProblem, InvalidInput, Message, NotFound, PermissionDenied
from blazz.kernel.ids import new_uuid7
from blazz.kernel.security import digest_token, new_token


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as lists show it; ``hint`` is its beginning."""

    id: UUID
    name: str
    hint: str
    is_test: bool
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A fresh key with its secret, which is never shown again."""

    id: UUID
    secret: str = field(repr=False)


async def create_key(
    tx: WorkspaceTx,
    actor: Actor,
    name: str,
    scopes: Sequence[Permission],
    *,
    is_test: bool = False,
    expires_at: datetime | None = None,
) -> NewApiKey:
    """Create a key.

    Raises:
        InvalidInput: no name, no scope, or an end that has passed.
        PermissionDenied: a scope that the maker does not hold.

    """
    actor.require(Permission.KEYS_MANAGE)
    if not 1 <= len(name.strip()) <= 100 or not scopes:
        message = Message(
            en="A key needs a name and at least one scope.", id="Kunci perlu nama dan minimal satu cakupan."
        )
        raise InvalidInput((FieldProblem(pointer="/scopes", code="incomplete_key", message=message),))
    if expires_at is not None and expires_at <= SystemClock().now():
        past = Message(en="This moment has passed already.", id="Waktu ini sudah lewat.")
        raise InvalidInput((FieldProblem(pointer="/expires_at", code="in_the_past", message=past),))
    for scope in scopes:
        if scope not in actor.permissions:
            raise PermissionDenied(permission=scope.value)
    secret = new_token("blz_test_" if is_test else "blz_live_")
    key_id = new_uuid7()
    await tx.execute(
        SQL["insert_key"],
        tx.workspace_id,
        key_id,
        name.strip(),
        secret[:13],
        is_test,
        sorted({scope.value for scope in scopes}),
        actor.user_id,
        expires_at,
    )
    await tx.execute(SQL["insert_key_lookup"], digest_token(secret), tx.workspace_id, key_id)
    await record(
        tx, actor, "key.created", str(key_id), after={"name": name, "scopes": [scope.value for scope in scopes]}
    )
    return NewApiKey(id=key_id, secret=secret)


async def list_keys(tx: WorkspaceTx, actor: Actor) -> list[ApiKey]:
    """List keys, newest first."""
    actor.require(Permission.KEYS_READ)
    return [ApiKey(**dict(row)) for row in await tx.fetch(SQL["list_keys"], tx.workspace_id)]


async def revoke_key(tx: WorkspaceTx, actor: Actor, key_id: UUID) -> None:
    """Revoke a key; the next request with it is refused.

    Raises:
        NotFound: unknown or revoked before.

    """
    actor.require(Permission.KEYS_MANAGE)
    if await tx.fetchval(SQL["revoke_key"], tx.workspace_id, key_id) is None:
        raise NotFound
    await tx.execute(SQL["delete_key_lookup"], tx.workspace_id, key_id)
    await record(tx, actor, "key.revoked", str(key_id))
