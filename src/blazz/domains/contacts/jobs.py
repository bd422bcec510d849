"""The jobs of the contacts domain and what runs them."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from blazz.domains.contacts.bin import purge_bins
from blazz.domains.contacts.imports.cleaning import clean_imports
from blazz.domains.contacts.imports.indexing import index_import as index
from blazz.domains.contacts.imports.jobs_types import IndexImport, RunImport, UndoImport
from blazz.domains.contacts.imports.run import run
from blazz.domains.contacts.imports.undo import undo
from blazz.domains.contacts.recounting import verify_counts
from blazz.kernel.jobs import Job
from blazz.kernel.runtime import Runtime


async def run_import(runtime: Runtime, job: RunImport) -> None:
    """Run an import or a dry run."""
    await run(runtime, job.workspace_id, UUID(job.import_id))


async def undo_import(runtime: Runtime, job: UndoImport) -> None:
    """Take an import back."""
    await undo(runtime, job.workspace_id, UUID(job.import_id))


async def index_import(runtime: Runtime, job: IndexImport) -> None:
    """Make the contacts of an import findable by fragments."""
    await index(runtime, job.workspace_id, UUID(job.import_id))


async def tidy_contacts(runtime: Runtime) -> int:
    """Empty bins and remove old uploads; return how many contacts and imports went."""
    return await purge_bins(runtime) + await clean_imports(runtime)


__all__ = ["JOBS", "index_import", "run_import", "tidy_contacts", "undo_import", "verify_counts"]

# The worker looks handlers up by the type of the job, so each gets exactly its own.
JOBS: Final[dict[type[Job], Callable[[Runtime, Any], Awaitable[None]]]] = {
    RunImport: run_import,
    UndoImport: undo_import,
    IndexImport: index_import,
}
