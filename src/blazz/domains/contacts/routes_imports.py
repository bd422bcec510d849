"""The HTTP API of imports."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from blazz.domains.contacts.imports import service
from blazz.domains.contacts.imports.report import error_file, reason_of
from blazz.domains.contacts.imports.rows import mapping_of
from blazz.domains.contacts.imports.types import OUTCOMES, Import, ImportOptions, Outcome, Policy, Reject
from blazz.domains.contacts.schemas import AttributeValue, IdText
from blazz.domains.contacts.search import LAST_ID
from blazz.kernel.http import Page, WorkspaceRoute, WorkspaceScope, decode_cursor, page_of, parse_id
from blazz.kernel.http.pages import cursor_uuid
from blazz.kernel.ids import encode_id

router = APIRouter(route_class=WorkspaceRoute, prefix="/contact-imports", tags=["imports"])
Limit = Annotated[int, Query(ge=1, le=200)]
_BLOCK = 262_144


class StartIn(BaseModel):
    """What to do with the rows; `dry_run` only counts."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = False
    policy: Policy = "fill_blanks"
    mapping: dict[str, str] = Field(default_factory=dict, max_length=512)
    group_ids: list[IdText] = Field(default_factory=list, max_length=100)
    category_id: IdText | None = None
    consent: AttributeValue | None = None


class CancelIn(BaseModel):
    """What happens with the rows that are stored."""

    model_config = ConfigDict(extra="forbid")

    stored_rows: Literal["keep", "roll_back"] = "keep"


class ColumnOut(BaseModel):
    """A column and the field it goes to."""

    column: str
    header: str
    field: str
    key: str


class ImportOut(BaseModel):
    """An import with its mapping, the first rows and the counts so far."""

    id: str
    file_name: str
    file_bytes: int
    status: str
    dry_run: bool
    kind: str
    encoding: str
    delimiter: str
    columns: list[ColumnOut]
    preview: list[list[str]]
    counts: dict[str, int]
    problem: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    undo_until: datetime | None


class ImportRowOut(BaseModel):
    """A row and why it was not stored, or what it met."""

    row: int
    outcome: str
    code: str
    reason: str
    cells: list[str]


def _out(job: Import) -> ImportOut:
    fmt = job.file_format
    columns = mapping_of(fmt, job.options).columns
    return ImportOut(
        id=encode_id("imp", job.id),
        file_name=job.file_name,
        file_bytes=job.file_bytes,
        status=job.status,
        dry_run=job.dry_run,
        kind=fmt.kind,
        encoding=fmt.encoding,
        delimiter=fmt.delimiter,
        columns=[
            ColumnOut(column=f"#{item.index + 1}", header=item.header, field=item.field.value, key=item.key)
            for item in columns
        ],
        preview=[list(row) for row in fmt.preview],
        counts={name: job.counts.get(name, 0) for name in ("rows", *OUTCOMES)},
        problem=job.problem,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        undo_until=job.undo_until,
    )


@router.post("", status_code=201, operation_id="upload_contact_import")
async def upload(scope: WorkspaceScope, file: Annotated[UploadFile, File()]) -> ImportOut:
    """Upload a CSV or XLSX file of at most 50 MB; the answer shows how its columns were understood."""

    async def blocks() -> AsyncIterator[bytes]:
        while block := await file.read(_BLOCK):
            yield block

    return _out(await service.upload(scope.tx, scope.actor, scope.runtime, file.filename or "contacts", blocks()))


@router.get("", operation_id="list_contact_imports")
async def list_imports(scope: WorkspaceScope, limit: Limit = 50, cursor: str | None = None) -> Page[ImportOut]:
    """List imports, newest first."""
    start = decode_cursor(cursor, 1)
    before = cursor_uuid(start[0]) if start else LAST_ID
    rows = await service.list_imports(scope.tx, scope.actor, before=before, limit=limit + 1)
    return page_of(rows, limit, key=lambda job: (str(job.id),), shape=_out)


@router.get("/{import_id}", operation_id="get_contact_import")
async def get_import(scope: WorkspaceScope, import_id: str) -> ImportOut:
    """Read an import with its counts."""
    return _out(await service.get_import(scope.tx, scope.actor, parse_id("imp", import_id)))


@router.post("/{import_id}/start", status_code=202, operation_id="start_contact_import")
async def start(scope: WorkspaceScope, import_id: str, body: StartIn) -> ImportOut:
    """Queue the import or a dry run of it."""
    options = ImportOptions(
        policy=body.policy,
        mapping=body.mapping,
        group_ids=tuple(parse_id("grp", text) for text in body.group_ids),
        category_id=parse_id("cat", body.category_id) if body.category_id is not None else None,
        consent=body.consent,
    )
    job = await service.start_import(
        scope.tx, scope.actor, scope.runtime, parse_id("imp", import_id), options, dry_run=body.dry_run
    )
    return _out(job)


@router.post("/{import_id}/cancel", status_code=202, operation_id="cancel_contact_import")
async def cancel(scope: WorkspaceScope, import_id: str, body: CancelIn) -> ImportOut:
    """Stop an import and keep or take back what is stored."""
    rollback = body.stored_rows == "roll_back"
    return _out(await service.cancel_import(scope.tx, scope.actor, parse_id("imp", import_id), rollback=rollback))


@router.post("/{import_id}/undo", status_code=202, operation_id="undo_contact_import")
async def undo(scope: WorkspaceScope, import_id: str) -> ImportOut:
    """Take an import back, within seven days."""
    return _out(await service.undo_import(scope.tx, scope.actor, scope.runtime, parse_id("imp", import_id)))


@router.get("/{import_id}/rows", operation_id="list_contact_import_rows")
async def list_rows(
    scope: WorkspaceScope,
    import_id: str,
    limit: Limit = 50,
    cursor: str | None = None,
    outcome: Outcome | None = None,
) -> Page[ImportRowOut]:
    """List rows that were rejected, with the reason, and rows that met a contact that existed."""
    start_text = decode_cursor(cursor, 1)
    digits = start_text[0] if start_text else "-1"
    rows = await service.list_import_rows(
        scope.tx,
        scope.actor,
        parse_id("imp", import_id),
        after=int(digits[:15]) if digits.lstrip("-").isascii() and digits.lstrip("-").isdigit() else -1,
        limit=limit + 1,
        outcomes=(outcome,) if outcome else OUTCOMES,
    )

    def shape(row: Reject) -> ImportRowOut:
        reason = reason_of(row.code, scope.locale)
        return ImportRowOut(
            row=row.row_number, outcome=row.outcome, code=row.code, reason=reason, cells=list(row.cells)
        )

    return page_of(rows, limit, key=lambda row: (row.row_number,), shape=shape)


@router.get(
    "/{import_id}/errors",
    operation_id="download_contact_import_errors",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def errors(scope: WorkspaceScope, import_id: str) -> StreamingResponse:
    """Download the rows that were not stored as CSV, with row, status, code and reason."""
    pieces = await error_file(scope.runtime, scope.tx, scope.actor, parse_id("imp", import_id), scope.locale)
    headers = {
        "Content-Disposition": f'attachment; filename="{import_id}-errors.csv"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)
