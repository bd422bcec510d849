"""Stores one chunk of an import with a handful of statements, all in the chunk's own transaction."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from blazz.domains.contacts import store as contacts
from blazz.domains.contacts import taxonomy
from blazz.domains.contacts.capacity import remaining_contacts
from blazz.domains.contacts.consent import record_consents
from blazz.domains.contacts.imports.changes import Change, change_of
from blazz.domains.contacts.imports.rows import duplicate_of
from blazz.domains.contacts.imports.store import SQL, as_json, insert_rejects
from blazz.domains.contacts.imports.types import Before, Candidate, Chunk, Import, Reject
from blazz.domains.contacts.types import Contact
from blazz.kernel.db import WorkspaceTx


class _Sorted(msgspec.Struct):
    """The rows of a chunk by what they mean."""

    new: list[Candidate]
    known: list[tuple[Candidate, Contact]]
    rejects: list[Reject]


async def check_chunk(tx: WorkspaceTx, job: Import, chunk: Chunk) -> Counter[str]:
    """Count what storing a chunk would do; only the import's own rows are written."""
    phones = [row.phone for row in chunk.candidates]
    fresh = {row["phone"] for row in await tx.fetch(SQL["remember_keys"], tx.workspace_id, job.id, phones)}
    repeated = [duplicate_of(row) for row in chunk.candidates if row.phone not in fresh]
    chunk = msgspec.structs.replace(
        chunk,
        candidates=[row for row in chunk.candidates if row.phone in fresh],
        rejects=chunk.rejects + repeated,
    )
    found = await _sort(tx, job, chunk)
    # Nothing was stored: what earlier chunks would have made counts against the plan, too.
    await _keep_within_plan(tx, found, spoken_for=job.counts.get("created", 0))
    names = {row.category for row in chunk.candidates if row.category}
    known_names = await _existing_categories(tx, names)
    updated = 0
    for row, contact in found.known:
        # A category that is still to be made differs from every category there is.
        wanted = known_names.get(row.category.lower(), UUID(int=0)) if row.category else job.options.category_id
        updated += change_of(contact, row, wanted, job.options.policy) is not None
    await insert_rejects(tx, job.id, found.rejects)
    counts: Counter[str] = Counter(row.outcome for row in found.rejects)
    counts.update(created=len(found.new), updated=updated, unchanged=len(found.known) - updated)
    return counts


async def store_chunk(tx: WorkspaceTx, job: Import, chunk: Chunk) -> Counter[str]:
    """Store a chunk: contacts, identities, changes, groups, categories, consent, counts and the rows to report."""
    found = await _sort(tx, job, chunk)
    await _keep_within_plan(tx, found)
    categories = await taxonomy.ensure_named(tx, {r.category for r in chunk.candidates if r.category}, groups=False)
    groups = await taxonomy.ensure_named(tx, {name for r in chunk.candidates for name in r.groups}, groups=True)

    def category(row: Candidate) -> UUID | None:
        return categories[row.category.lower()] if row.category else job.options.category_id

    made = [row.new_id for row in found.new]
    placed = [category(row) for row in found.new]
    await _insert(tx, job, made, found.new, placed)
    changes = [change_of(contact, row, category(row), job.options.policy) for row, contact in found.known]
    await write_changes(tx, [change for change in changes if change is not None])
    deltas = Counter(placed)
    await contacts.count_categories(tx, deltas)
    added = await _join_groups(
        tx,
        [
            (group_id, contact_id)
            for contact_id, row in _people(made, found)
            for group_id in {*job.options.group_ids, *(groups[name.lower()] for name in row.groups)}
        ],
    )
    if job.options.consent:
        ids = made + [contact.id for _, contact in found.known]
        await record_consents(tx, ids, "granted", "import", job.options.consent, job.created_by)
    await _insert_known(tx, job, found.known, changes, added)
    await insert_rejects(tx, job.id, found.rejects)
    updated = sum(change is not None for change in changes)
    counts: Counter[str] = Counter(row.outcome for row in found.rejects)
    counts.update(created=len(made), updated=updated, unchanged=len(changes) - updated)
    return counts


async def _sort(tx: WorkspaceTx, job: Import, chunk: Chunk) -> _Sorted:
    phones = [row.phone for row in chunk.candidates]
    rows = await tx.fetch(SQL["known_contacts"], tx.workspace_id, phones, job.id)
    by_phone = {row["matched"]: (contacts.contact_of(row), row["repeated"]) for row in rows}
    found = _Sorted(new=[], known=[], rejects=list(chunk.rejects))
    met: set[UUID] = set()
    for row in chunk.candidates:
        known = by_phone.get(row.phone)
        if known is None:
            found.new.append(row)
        elif known[1] or known[0].id in met:
            found.rejects.append(duplicate_of(row))
        else:
            met.add(known[0].id)
            found.known.append((row, known[0]))
    return found


async def _keep_within_plan(tx: WorkspaceTx, found: _Sorted, *, spoken_for: int = 0) -> None:
    """Turn down new people beyond what the plan allows; those who are known already are changed in any case."""
    remaining = await remaining_contacts(tx) if found.new else None
    if remaining is None:
        return
    room = max(0, remaining - spoken_for)
    found.rejects += [
        Reject(row_number=row.row_number, outcome="invalid", code="contact_limit_reached", cells=row.cells)
        for row in found.new[room:]
    ]
    del found.new[room:]


async def _existing_categories(tx: WorkspaceTx, names: set[str]) -> dict[str, UUID]:
    if not names:
        return {}
    rows = await tx.fetch(taxonomy.SQL["categories_by_name"], tx.workspace_id, list(names))
    return {row["name"].lower(): row["id"] for row in rows}


async def _insert(
    tx: WorkspaceTx, job: Import, ids: Sequence[UUID], rows: Sequence[Candidate], categories: Sequence[UUID | None]
) -> None:
    if not rows:
        return
    await tx.execute(
        SQL["insert_contacts"],
        tx.workspace_id,
        ids,
        [row.phone for row in rows],
        [row.original for row in rows],
        [row.fields.get("name", "") for row in rows],
        *([row.fields.get(name) for row in rows] for name in ("email", "city", "company", "external_id", "notes")),
        [as_json(row.attributes) if row.attributes else "{}" for row in rows],
        categories,
        job.id,
        job.created_by,
    )


async def write_changes(tx: WorkspaceTx, changes: Sequence[Change]) -> None:
    """Write changed contacts, bring back those in the bin, and move the category counts along."""
    if not changes:
        return
    back = [change.contact_id for change in changes if change.before.restored]
    if back:
        await contacts.set_deleted(tx, back, deleted=False)
    ordered = sorted(changes, key=lambda change: change.contact_id)
    await tx.execute(
        SQL["update_contacts"],
        tx.workspace_id,
        [change.contact_id for change in ordered],
        [change.fields["name"] or "" for change in ordered],
        *([change.fields[name] for change in ordered] for name in ("email", "city", "company", "external_id", "notes")),
        [as_json(change.attributes) for change in ordered],
        [change.category_id for change in ordered],
    )
    deltas: Counter[UUID | None] = Counter()
    for change in changes:
        deltas[change.category_id] += 1
        deltas[change.old_category_id] -= 1
    await contacts.count_categories(tx, deltas)


def _people(made: Sequence[UUID], found: _Sorted) -> list[tuple[UUID, Candidate]]:
    return [*zip(made, found.new, strict=True), *((contact.id, row) for row, contact in found.known)]


async def _join_groups(tx: WorkspaceTx, pairs: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    if not pairs:
        return {}
    rows = await tx.fetch(
        SQL["add_memberships"], tx.workspace_id, [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    )
    added: dict[UUID, list[UUID]] = {}
    for row in rows:
        added.setdefault(row["contact_id"], []).append(row["group_id"])
    await contacts.count_groups(tx, Counter(row["group_id"] for row in rows))
    return added


async def _insert_known(
    tx: WorkspaceTx,
    job: Import,
    known: Sequence[tuple[Candidate, Contact]],
    changes: Sequence[Change | None],
    added: dict[UUID, list[UUID]],
) -> None:
    """Keep for undo what was changed, and for finding repeats which contacts were met."""
    if not known:
        return
    before = [
        msgspec.structs.replace(change.before if change else Before(), groups=tuple(added.get(contact.id, ())))
        for (_, contact), change in zip(known, changes, strict=True)
    ]
    await tx.execute(
        SQL["insert_rows"],
        tx.workspace_id,
        job.id,
        [row.row_number for row, _ in known],
        ["unchanged" if change is None else "updated" for change in changes],
        ["restored" if change is not None and change.before.restored else None for change in changes],
        [None] * len(known),
        [contact.id for _, contact in known],
        [None if item == Before() else as_json(item) for item in before],
    )
