"""Imports against a real database: counts, policies, crashes, cancelling, undo, the error file and speed."""

import csv
import io
import resource
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from blazz.domains.contacts import (
    ContactFields,
    ContactFilter,
    create_contact,
    create_group,
    delete_contact,
    find_contact,
    get_contact,
    list_contacts,
    list_groups,
    update_contact,
)
from blazz.domains.contacts.errors import (
    FileTooLarge,
    GroupNotFound,
    ImportNotFound,
    ImportStateConflict,
    InvalidMapping,
    UndoExpired,
)
from blazz.domains.contacts.imports import service
from blazz.domains.contacts.imports.indexing import index_import
from blazz.domains.contacts.imports.report import error_file
from blazz.domains.contacts.imports.run import run
from blazz.domains.contacts.imports.types import Import, ImportOptions
from blazz.domains.contacts.imports.undo import undo
from blazz.kernel.actor import Permission
from blazz.kernel.clock import FixedClock
from blazz.kernel.errors import PermissionDenied
from blazz.kernel.runtime import Runtime
from blazz.kernel.tabular import EmptyFile
from tests.conftest import WorkspaceFixture

LAST = UUID(int=(1 << 128) - 1)
MESSY = (
    "Nama;No WA;Kota;Grup;Kategori;Ukuran\r\n"
    "Budi;0812-3456-7890;Depok;VIP, Jakarta;Lead;XL\r\n"
    "Siti;+62 813 0000 1111;;Jakarta;;\r\n"
    "Budi lagi;6281234567890;;;;\r\n"
    "=cmd|x;abc;;;;\r\n"
    "Rina;6,28E+12;;;;\r\n"
)


class CrashError(Exception):
    """The process dies here."""


async def blocks(text: str | bytes) -> AsyncIterator[bytes]:
    """A body in pieces."""
    raw = text.encode() if isinstance(text, str) else text
    for start in range(0, len(raw), 65_536):
        yield raw[start : start + 65_536]


class Bench:
    """Uploads and runs files for a workspace."""

    def __init__(self, runtime: Runtime, workspace: WorkspaceFixture) -> None:
        self.runtime, self.workspace, self.owner = runtime, workspace, workspace.owner

    async def upload(self, text: str) -> Import:
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            return await service.upload(tx, self.owner, self.runtime, "kontak.csv", blocks(text))

    async def start(self, import_id: UUID, options: ImportOptions, *, dry_run: bool = False) -> None:
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            await service.start_import(tx, self.owner, self.runtime, import_id, options, dry_run=dry_run)

    async def get(self, import_id: UUID) -> Import:
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            return await service.get_import(tx, self.owner, import_id)

    async def go(
        self, text: str, options: ImportOptions | None = None, *, dry_run: bool = False, **how: object
    ) -> Import:
        made = await self.upload(text)
        await self.start(made.id, options or ImportOptions(), dry_run=dry_run)
        await run(self.runtime, self.workspace.id, made.id, **how)  # type: ignore[arg-type]
        return await self.get(made.id)

    async def undo(self, import_id: UUID) -> Import:
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            await service.undo_import(tx, self.owner, self.runtime, import_id)
        await undo(self.runtime, self.workspace.id, import_id)
        return await self.get(import_id)

    async def value(self, query: str) -> object:
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            return await tx.fetchval(query)

    async def assert_counts_exact(self) -> None:
        wrong = """
        SELECT (SELECT count(*) FROM categories k WHERE contact_count <> (SELECT count(*) FROM contacts c
                 WHERE c.category_id = k.id AND c.deleted_at IS NULL))
             + (SELECT count(*) FROM contact_groups g WHERE contact_count <> (SELECT count(*)
                  FROM contact_group_members m JOIN contacts c ON c.id = m.contact_id
                 WHERE m.group_id = g.id AND c.deleted_at IS NULL))"""
        assert await self.value(wrong) == 0


@pytest.fixture
def bench(runtime: Runtime, workspace: WorkspaceFixture) -> Bench:
    return Bench(runtime, workspace)


def outcome(job: Import) -> tuple[int, ...]:
    """Rows, created, updated, unchanged, duplicate, invalid; and the sum must be right."""
    counts = job.counts
    names = ("created", "updated", "unchanged", "duplicate", "invalid")
    assert sum(counts[name] for name in names) == counts["rows"]
    return (counts["rows"], *(counts[name] for name in names))


async def test_a_dry_run_counts_exactly_and_writes_no_contact(bench: Bench) -> None:
    checked = await bench.go(MESSY, dry_run=True, chunk_rows=2)
    assert checked.status == "checked"
    assert outcome(checked) == (5, 2, 0, 0, 1, 2)
    assert await bench.value("SELECT count(*) FROM contacts") == 0
    assert await bench.value("SELECT count(*) FROM contact_groups") == 0
    assert await bench.value("SELECT count(*) FROM contact_import_keys") == 0
    await bench.start(checked.id, ImportOptions())
    await run(bench.runtime, bench.workspace.id, checked.id)
    assert (await bench.get(checked.id)).counts == checked.counts


async def test_a_run_stores_contacts_with_groups_categories_attributes_and_consent(bench: Bench) -> None:
    done = await bench.go(MESSY, ImportOptions(consent="Formulir toko"), chunk_rows=2)
    assert done.status == "completed"
    assert outcome(done) == (5, 2, 0, 0, 1, 2)
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        budi = await find_contact(tx, bench.owner, "081234567890")
        assert (budi.name, budi.original_number, budi.city) == ("Budi", "0812-3456-7890", "Depok")
        assert budi.attributes == {"ukuran": "XL"}
        groups = await list_groups(tx, bench.owner, after=UUID(int=0), limit=10)
        assert {g.name: g.contact_count for g in groups} == {"VIP": 1, "Jakarta": 2}
        assert await tx.fetchval("SELECT count(*) FROM consents WHERE detail = 'Formulir toko'") == 2
        assert await tx.fetchval("SELECT count(*) FROM events WHERE type = 'contact_import.progressed'") == 3
    await index_import(bench.runtime, bench.workspace.id, done.id)
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        for text in ("budi", "0813000", "siti"):
            assert len(await list_contacts(tx, bench.owner, ContactFilter(), search=text, before=LAST, limit=9)) == 1
    await bench.assert_counts_exact()


@pytest.mark.parametrize(
    ("policy", "expected", "name", "city"),
    [
        ("skip", (1, 0, 0, 1, 0, 0), "Lama", None),
        ("fill_blanks", (1, 0, 1, 0, 0, 0), "Lama", "Depok"),
        ("overwrite", (1, 0, 1, 0, 0, 0), "Budi", "Depok"),
    ],
)
async def test_the_policy_decides_about_existing_contacts_and_undo_puts_them_back(
    bench: Bench, policy: str, expected: tuple[int, ...], name: str, city: str | None
) -> None:
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        old = await create_contact(tx, bench.owner, ContactFields(name="Lama", phone="081234567890"))
        group = await create_group(tx, bench.owner, "G", None)
    text = "nama,no wa,kota,kategori\nBudi,081234567890,Depok,Lead\n"
    options = ImportOptions(policy=policy, group_ids=(group.id,))  # type: ignore[arg-type]
    assert outcome(await bench.go(text, options, dry_run=True)) == expected
    done = await bench.go(text, options)
    assert outcome(done) == expected
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        now = await get_contact(tx, bench.owner, old.id)
        assert (now.name, now.city) == (name, city)
        assert await tx.fetchval("SELECT contact_count FROM contact_groups") == 1
    await bench.assert_counts_exact()
    assert (await bench.undo(done.id)).status == "undone"
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        now = await get_contact(tx, bench.owner, old.id)
        assert (now.name, now.city, now.category_id) == ("Lama", None, None)
        assert await tx.fetchval("SELECT contact_count FROM contact_groups") == 0
    await bench.assert_counts_exact()


async def test_a_killed_import_goes_on_without_doubles(bench: Bench) -> None:
    text = "nama,no wa\n" + "".join(f"P{i},0812{i % 900:08d}\n" for i in range(1000))
    made = await bench.upload(text)
    await bench.start(made.id, ImportOptions())
    stored = 0

    def crash() -> None:
        nonlocal stored
        stored += 1
        if stored % 2 == 0:
            raise CrashError

    for _ in range(20):
        try:
            await run(bench.runtime, bench.workspace.id, made.id, chunk_rows=100, between=crash)
            break
        except CrashError:
            continue
    done = await bench.get(made.id)
    assert done.status == "completed"
    assert outcome(done)[0] == 1000
    assert (done.counts["created"], done.counts["duplicate"]) == (900, 100)
    assert await bench.value("SELECT count(*) FROM contacts") == 900


async def test_cancelling_keeps_or_rolls_back(bench: Bench) -> None:
    text = "nama,no wa\n" + "".join(f"P{i},0812{i:08d}\n" for i in range(300))
    for rollback, left in ((True, 0), (False, 100)):
        made = await bench.upload(text)
        await bench.start(made.id, ImportOptions())
        with pytest.raises(CrashError):
            await run(bench.runtime, bench.workspace.id, made.id, chunk_rows=100, between=_die)
        async with bench.runtime.database.workspace(bench.workspace.id) as tx:
            await service.cancel_import(tx, bench.owner, made.id, rollback=rollback)
        await run(bench.runtime, bench.workspace.id, made.id, chunk_rows=100)
        await undo(bench.runtime, bench.workspace.id, made.id)
        assert (await bench.get(made.id)).status == "cancelled"
        assert await bench.value("SELECT count(*) FROM contacts") == left
        with pytest.raises(ImportStateConflict):
            async with bench.runtime.database.workspace(bench.workspace.id) as tx:
                await service.cancel_import(tx, bench.owner, made.id, rollback=False)


def _die() -> None:
    raise CrashError


async def test_undo_spares_contacts_that_were_used_and_edits_made_since(bench: Bench) -> None:
    done = await bench.go("nama,no wa\nA,081200000001\nB,081200000002\nC,081200000003\n")
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        edited = await find_contact(tx, bench.owner, "081200000001")
        await update_contact(tx, bench.owner, edited.id, ContactFields(name="A baru", phone=edited.phone))
        used = await find_contact(tx, bench.owner, "081200000002")
        await tx.execute("UPDATE contacts SET last_message_at = now() WHERE id = $1", used.id)
    await bench.undo(done.id)
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        names = {row["name"] for row in await tx.fetch("SELECT name FROM contacts")}
    assert names == {"A baru", "B"}
    with pytest.raises(ImportStateConflict):
        await bench.undo(done.id)


async def test_undo_ends_after_seven_days(bench: Bench) -> None:
    clock = FixedClock(datetime(2026, 5, 1, tzinfo=UTC))
    bench.runtime = replace(bench.runtime, clock=clock)
    done = await bench.go("nama,no wa\nA,081200000001\n")
    clock.advance(timedelta(days=7, seconds=1))
    with pytest.raises(UndoExpired):
        await bench.undo(done.id)


async def test_a_contact_in_the_bin_comes_back_and_undo_bins_it_again(bench: Bench) -> None:
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        old = await create_contact(tx, bench.owner, ContactFields(name="Lama", phone="081234567890"))
        await delete_contact(tx, bench.owner, old.id)
    done = await bench.go("nama,no wa,kategori\nBaru,081234567890,Lead\n")
    assert outcome(done) == (1, 0, 1, 0, 0, 0)
    assert await bench.value("SELECT count(*) FROM contacts WHERE deleted_at IS NULL") == 1
    await bench.assert_counts_exact()
    await bench.undo(done.id)
    assert await bench.value("SELECT count(*) FROM contacts WHERE deleted_at IS NULL") == 0
    await bench.assert_counts_exact()


async def test_the_error_file_is_guarded_and_can_be_imported_again(bench: Bench) -> None:
    done = await bench.go(MESSY)
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        pieces = await error_file(bench.runtime, tx, bench.owner, done.id, "id")
    text = b"".join([piece async for piece in pieces]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["_row"], row["_status"], row["_code"]) for row in rows] == [
        ("4", "duplicate", "duplicate_in_file"),
        ("5", "invalid", rows[1]["_code"]),
        ("6", "invalid", "digits_lost"),
    ]
    assert rows[1]["Nama"] == "'=cmd|x"
    assert all(row["_reason"] and row["_reason"] != row["_code"] for row in rows)
    again = await bench.go(text)
    assert outcome(again) == (3, 0, 0, 1, 0, 2)
    assert await bench.value("SELECT count(*) FROM contacts WHERE attributes ? '_row'") == 0


async def test_wrong_files_options_and_people_are_refused(bench: Bench, other_workspace: WorkspaceFixture) -> None:
    runtime, owner = bench.runtime, bench.owner
    with pytest.raises(EmptyFile):
        await bench.upload("")
    async with runtime.database.workspace(bench.workspace.id) as tx:
        with pytest.raises(FileTooLarge):
            await service.upload(tx, owner, runtime, "x.csv", blocks("nama,no wa\n" * 99), limit_bytes=100)
        nobody = replace(owner, permissions=frozenset({Permission.CONTACTS_READ}))
        with pytest.raises(PermissionDenied):
            await service.upload(tx, nobody, runtime, "x.csv", blocks("a,b\n"))
    assert list((runtime.storage_dir / "imports").iterdir()) == []
    made = await bench.upload("nama,kota\nBudi,Depok\n")
    with pytest.raises(InvalidMapping):
        await bench.start(made.id, ImportOptions())
    with pytest.raises(GroupNotFound):
        await bench.start(made.id, ImportOptions(mapping={"kota": "phone"}, group_ids=(made.id,)))
    async with runtime.database.workspace(other_workspace.id) as tx:
        with pytest.raises(ImportNotFound):
            await service.get_import(tx, other_workspace.owner, made.id)
    done = await bench.go("nama,no wa\nA,081200000001\n")
    with pytest.raises(ImportStateConflict):
        await bench.start(done.id, ImportOptions())


async def test_sixty_thousand_rows_are_stored_and_the_speed_is_printed(bench: Bench) -> None:
    lines = [f"Pelanggan {i},0812{i:08d},orang{i}@toko.example,Depok,Jakarta\n" for i in range(60_000)]
    made = await bench.upload("nama,no wa,email,kota,grup\n" + "".join(lines))
    await bench.start(made.id, ImportOptions())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    await run(bench.runtime, bench.workspace.id, made.id)
    took = time.perf_counter() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    done = await bench.get(made.id)
    assert outcome(done) == (60_000, 60_000, 0, 0, 0, 0)
    print(f"\nimport: {60_000 / took:,.0f} rows/s, memory grew {grown:.0f} MB")
