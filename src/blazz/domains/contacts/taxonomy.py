"""Categories, of which a contact has at most one, and groups, of which it may have many."""

from collections.abc import Sequence
from uuid import UUID

from blazz.domains.contacts.errors import CategoryMoveNeeded, CategoryNotFound, GroupNotFound, NameTaken
from blazz.domains.contacts.store import count_categories
from blazz.domains.contacts.types import Category, Group
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx, load_queries
from blazz.kernel.ids import new_uuid7

SQL = load_queries(__package__, "taxonomy.sql")
STARTER_CATEGORIES = ("Pelanggan VIP", "Pelanggan VIP 2", "Pelanggan Reguler", "Prospek", "Lead")
_COLUMNS = ("id", "name", "description", "contact_count", "created_at", "updated_at")


async def require_category(tx: WorkspaceTx, category_id: UUID) -> Category:
    """Read a category.

    Raises:
        CategoryNotFound: there is none.

    """
    row = await tx.fetchrow(SQL["get_category"], tx.workspace_id, category_id)
    if row is None:
        raise CategoryNotFound
    return Category(**{name: row[name] for name in _COLUMNS})


async def require_group(tx: WorkspaceTx, group_id: UUID) -> Group:
    """Read a group.

    Raises:
        GroupNotFound: there is none.

    """
    row = await tx.fetchrow(SQL["get_group"], tx.workspace_id, group_id)
    if row is None:
        raise GroupNotFound
    return Group(**{name: row[name] for name in _COLUMNS})


async def create_starter_categories(tx: WorkspaceTx, actor: Actor) -> None:
    """Make the five categories a new workspace begins with; those that exist stay."""
    actor.require(Permission.CONTACTS_WRITE)
    # Ids rise in the order of the names, which is the order the list shows.
    ids = [new_uuid7() for _ in STARTER_CATEGORIES]
    await tx.execute(SQL["ensure_categories"], tx.workspace_id, ids, list(STARTER_CATEGORIES))


async def get_category(tx: WorkspaceTx, actor: Actor, category_id: UUID) -> Category:
    """Read a category."""
    actor.require(Permission.CONTACTS_READ)
    return await require_category(tx, category_id)


async def get_group(tx: WorkspaceTx, actor: Actor, group_id: UUID) -> Group:
    """Read a group."""
    actor.require(Permission.CONTACTS_READ)
    return await require_group(tx, group_id)


async def create_category(tx: WorkspaceTx, actor: Actor, name: str, description: str | None) -> Category:
    """Make a category.

    Raises:
        NameTaken: another has the name, in any case of letters.

    """
    actor.require(Permission.CONTACTS_WRITE)
    row = await tx.fetchrow(SQL["insert_category"], tx.workspace_id, new_uuid7(), name, description)
    if row is None:
        raise NameTaken(name=name)
    return Category(**{column: row[column] for column in _COLUMNS})


async def create_group(tx: WorkspaceTx, actor: Actor, name: str, description: str | None) -> Group:
    """Make a group.

    Raises:
        NameTaken: another has the name, in any case of letters.

    """
    actor.require(Permission.CONTACTS_WRITE)
    row = await tx.fetchrow(SQL["insert_group"], tx.workspace_id, new_uuid7(), name, description)
    if row is None:
        raise NameTaken(name=name)
    return Group(**{column: row[column] for column in _COLUMNS})


async def update_category(
    tx: WorkspaceTx, actor: Actor, category_id: UUID, name: str, description: str | None
) -> Category:
    """Rename or describe a category."""
    actor.require(Permission.CONTACTS_WRITE)
    if await tx.fetchval(SQL["name_of_other_category"], tx.workspace_id, category_id, name):
        raise NameTaken(name=name)
    row = await tx.fetchrow(SQL["update_category"], tx.workspace_id, category_id, name, description)
    if row is None:
        raise CategoryNotFound
    return Category(**{column: row[column] for column in _COLUMNS})


async def update_group(tx: WorkspaceTx, actor: Actor, group_id: UUID, name: str, description: str | None) -> Group:
    """Rename or describe a group."""
    actor.require(Permission.CONTACTS_WRITE)
    if await tx.fetchval(SQL["name_of_other_group"], tx.workspace_id, group_id, name):
        raise NameTaken(name=name)
    row = await tx.fetchrow(SQL["update_group"], tx.workspace_id, group_id, name, description)
    if row is None:
        raise GroupNotFound
    return Group(**{column: row[column] for column in _COLUMNS})


async def delete_category(
    tx: WorkspaceTx, actor: Actor, category_id: UUID, *, move_to: UUID | None = None, uncategorise: bool = False
) -> int:
    """Delete a category and say where its contacts go; returns how many moved.

    Raises:
        CategoryNotFound: this category or the target does not exist.
        CategoryMoveNeeded: it has contacts and neither answer was given, or both were, or it would move to itself.

    """
    actor.require(Permission.CONTACTS_WRITE)
    row = await tx.fetchrow(SQL["lock_category"], tx.workspace_id, category_id)
    if row is None:
        raise CategoryNotFound
    answered = (move_to is not None) != uncategorise and move_to != category_id
    if not answered and (row["contact_count"] or move_to is not None):
        raise CategoryMoveNeeded(contact_count=row["contact_count"])
    if move_to is not None:
        await require_category(tx, move_to)
    moved: int = await tx.fetchval(SQL["move_category"], tx.workspace_id, category_id, move_to)
    await count_categories(tx, {move_to: moved})
    await tx.execute(SQL["delete_category"], tx.workspace_id, category_id)
    return moved


async def delete_group(tx: WorkspaceTx, actor: Actor, group_id: UUID) -> None:
    """Delete a group; its contacts stay."""
    actor.require(Permission.CONTACTS_WRITE)
    if await tx.execute(SQL["delete_group"], tx.workspace_id, group_id) == "DELETE 0":
        raise GroupNotFound


async def list_categories(tx: WorkspaceTx, actor: Actor, *, after: UUID, limit: int) -> list[Category]:
    """List categories in the order they were made."""
    actor.require(Permission.CONTACTS_READ)
    rows = await tx.fetch(SQL["list_categories"], tx.workspace_id, after, limit)
    return [Category(**{column: row[column] for column in _COLUMNS}) for row in rows]


async def list_groups(tx: WorkspaceTx, actor: Actor, *, after: UUID, limit: int) -> list[Group]:
    """List groups in the order they were made."""
    actor.require(Permission.CONTACTS_READ)
    rows = await tx.fetch(SQL["list_groups"], tx.workspace_id, after, limit)
    return [Group(**{column: row[column] for column in _COLUMNS}) for row in rows]


async def category_statistics(tx: WorkspaceTx, actor: Actor) -> list[Category]:
    """List categories with their counts, largest first, empty ones included."""
    actor.require(Permission.CONTACTS_READ)
    rows = await tx.fetch(SQL["category_statistics"], tx.workspace_id)
    return [Category(**{column: row[column] for column in _COLUMNS}) for row in rows]


async def add_to_group(tx: WorkspaceTx, actor: Actor, group_id: UUID, contact_ids: Sequence[UUID]) -> int:
    """Put contacts into a group; returns how many were not in it. Unknown contacts and those in the bin are left out.

    Raises:
        GroupNotFound: there is no such group.

    """
    actor.require(Permission.CONTACTS_WRITE)
    added: int | None = (
        await tx.fetchval(SQL["add_members"], tx.workspace_id, group_id, contact_ids)
        if (await tx.fetchrow(SQL["lock_group"], tx.workspace_id, group_id))
        else None
    )
    if added is None:
        raise GroupNotFound
    return added


async def remove_from_group(tx: WorkspaceTx, actor: Actor, group_id: UUID, contact_ids: Sequence[UUID]) -> int:
    """Take contacts out of a group; returns how many were in it.

    Raises:
        GroupNotFound: there is no such group.

    """
    actor.require(Permission.CONTACTS_WRITE)
    if not await tx.fetchrow(SQL["lock_group"], tx.workspace_id, group_id):
        raise GroupNotFound
    removed: int = await tx.fetchval(SQL["remove_members"], tx.workspace_id, group_id, contact_ids)
    return removed


async def ensure_named(tx: WorkspaceTx, names: set[str], *, groups: bool) -> dict[str, UUID]:
    """Find categories or groups by name and make those that are missing; keys are lower-cased names."""
    if not names:
        return {}
    wanted = list({name.lower(): name for name in sorted(names)}.values())
    kind = "groups" if groups else "categories"
    found = {row["name"].lower(): row["id"] for row in await tx.fetch(SQL[f"{kind}_by_name"], tx.workspace_id, wanted)}
    missing = [name for name in wanted if name.lower() not in found]
    if missing:
        await tx.execute(SQL[f"ensure_{kind}"], tx.workspace_id, [new_uuid7() for _ in missing], missing)
        rows = await tx.fetch(SQL[f"{kind}_by_name"], tx.workspace_id, wanted)
        found = {row["name"].lower(): row["id"] for row in rows}
    return found
