"""The error file: the user's own columns of every row that was not stored, with row, status, code and reason."""

import io
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from blazz.domains.contacts.imports import store
from blazz.domains.contacts.imports.rows import REPORT_COLUMNS
from blazz.domains.contacts.imports.service import get_import, require_files
from blazz.kernel.actor import Actor
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import Locale, Message
from blazz.kernel.phone import PhoneRefusalCode
from blazz.kernel.runtime import Runtime
from blazz.kernel.tabular import CsvWriter, RowProblem
from blazz.kernel.tabular.types import MAX_COLUMNS

_BATCH: Final = 1_000
# A row that is far too long must not make the error file too wide to be imported again.
_MOST_OWN: Final = MAX_COLUMNS - len(REPORT_COLUMNS)
_REASONS: Final = {
    "duplicate_in_file": Message(
        en="The number stands in the file more than once; the first row was used.",
        id="Nomor ini muncul lebih dari sekali dalam berkas; baris pertama yang dipakai.",
    ),
    "contact_limit_reached": Message(
        en="Your plan allows no more contacts.", id="Paket Anda tidak mengizinkan kontak lebih banyak lagi."
    ),
    "restored": Message(en="The contact came back from the bin.", id="Kontak dikembalikan dari tempat sampah."),
}


def reason_of(code: str, locale: Locale) -> str:
    """Say why a row was not stored."""
    if code in _REASONS:
        return _REASONS[code].render(locale, {})
    if code in set(RowProblem):
        return RowProblem(code).message(locale)
    if code in set(PhoneRefusalCode):
        return PhoneRefusalCode(code).message(locale)
    return code


async def error_file(
    runtime: Runtime, tx: WorkspaceTx, actor: Actor, import_id: UUID, locale: Locale
) -> AsyncIterator[bytes]:
    """Check the permission in the caller's transaction, then give the file in pieces from short ones of its own."""
    job = await get_import(tx, actor, import_id)
    await require_files(tx, import_id)
    fmt = job.file_format
    header = [*(fmt.header or ()), *(f"column_{n + 1}" for n in range(len(fmt.header or ()), fmt.columns))]
    kept = [index for index, name in enumerate(header) if name.casefold() not in REPORT_COLUMNS][:_MOST_OWN]
    workspace_id = tx.workspace_id

    async def pieces() -> AsyncIterator[bytes]:
        buffer = io.BytesIO()
        writer = CsvWriter(buffer, bom=True)
        writer.write_row([*(header[index] for index in kept), *REPORT_COLUMNS])
        after = -1
        while True:
            async with runtime.database.workspace(workspace_id) as own:
                rows = await store.list_rows(
                    own, import_id, after=after, outcomes=("invalid", "duplicate"), limit=_BATCH
                )
            for row in rows:
                cells = [row.cells[index] if index < len(row.cells) else "" for index in kept]
                writer.write_row([*cells, str(row.row_number), row.outcome, row.code, reason_of(row.code, locale)])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
            if len(rows) < _BATCH:
                return
            after = rows[-1].row_number

    return pieces()
