"""``blazz contacts import``: a list of people checked first, shown as it was understood, then stored."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from blazz.cli.api_client import ApiClient, read, segment
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.contacts_import_view import count_reasons, print_columns, print_outcome, print_reasons, watch_import
from blazz.cli.endings import FAILED, NOT_FOUND, USAGE, CommandRefused
from blazz.cli.finding import find_named
from blazz.cli.output import confirm, console, give, make_group, say
from blazz.cli.parsing import parse_pairs
from blazz.cli.tables import print_table
from blazz.cli.views import ImportView, Made

import_app = make_group("import")
imports_app = make_group("imports")
_LARGEST_UPLOAD = 50 * 1024 * 1024
Yes = Annotated[bool, Parameter(name=["--yes", "-y"])]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What to do with the rows.

    Parameters
    ----------
    group
        Put everyone into this group, by id or name; say it again for more.
    category
        Give everyone this category, by id or name.
    existing
        What to do with people who are known already: leave them, fill what is empty (when left out), or overwrite.
    column
        What a column is, as "heading=field" or "#2=phone"; say it again for more. Only where the guess is wrong.
    consent
        Where these people agreed to marketing; recorded for each of them.

    """

    group: list[str] | None = None
    category: str | None = None
    existing: Literal["skip", "fill_blanks", "overwrite"] = "fill_blanks"
    column: list[str] | None = None
    consent: str | None = None


_AS_THEY_ARE = Rows()


@import_app.default
def import_contacts(
    file: Path,
    /,
    *,
    dry_run: bool = False,
    rows: Rows = _AS_THEY_ARE,
    error_file: Path | None = None,
    local: bool = False,
    yes: Yes = False,
    api: Api = DEFAULT_API,
) -> None:
    """Import people from a CSV or XLSX file.

    The file is checked first: what each column was taken for, how many people are new, and which rows cannot be used and
    why. Then it asks, and stores them. `blazz contacts undo` takes an import back within seven days.

    Parameters
    ----------
    file
        CSV or XLSX, in any usual shape.
    dry_run
        Only check; store nothing.
    error_file
        Write the rows that were not stored, with reasons, to this file.
    local
        Hand the file over on this machine instead of sending it, for files above 50 MB; needs the server's data folder.
    yes
        Do not ask between the check and the import.

    """
    client = connect(api)
    options = _options(client, rows)
    uploaded = _upload(client, file, local=local)
    say(f"{uploaded.file_name}: {uploaded.kind or 'table'}, {uploaded.encoding or 'text'}.")
    if not api.as_json:
        print_columns(uploaded)
    checked = _run(client, uploaded.id, {**options, "dry_run": True}, "Checking")
    reasons = count_reasons(client, checked)
    if not api.as_json:
        print_outcome(checked)
        print_reasons(checked, reasons)
    if not dry_run:
        usable = sum(checked.counts.get(name, 0) for name in ("created", "updated", "unchanged"))
        if not usable:
            _save_errors(client, checked, error_file)
            raise CommandRefused("No row of this file can be used; nothing was imported.", FAILED)
        confirm(f"Import {usable:,} people?", yes=yes)
        checked = _run(client, uploaded.id, {**options, "dry_run": False}, "Importing")
    _save_errors(client, checked, error_file)
    done = read(client.get(f"/contact-imports/{uploaded.id}"), dict[str, object])

    def show() -> None:
        if dry_run:
            say("Nothing was stored, as asked.")
        else:
            print_outcome(checked)
            say(f"Done. `blazz contacts undo {checked.id}` takes it back.")

    give({**done, "reasons": msgspec.to_builtins(reasons)}, show, as_json=api.as_json)


@imports_app.default
def list_imports(*, limit: int = 20, api: Api = DEFAULT_API) -> None:
    """List imports, newest first.

    Parameters
    ----------
    limit
        How many to show; 20 when left out.

    """
    found = list(connect(api).pages("/contact-imports", limit=limit))

    def show() -> None:
        if not found:
            say("Nothing was imported yet.")
            return
        rows = [read(item, ImportView) for item in found]
        print_table(
            ["id", "file", "status", "rows", "new", "changed", "refused", "at", "undo until"],
            [
                (
                    row.id,
                    row.file_name,
                    row.status + (" (dry run)" if row.dry_run and row.status != "checked" else ""),
                    row.counts.get("rows", 0),
                    row.counts.get("created", 0),
                    row.counts.get("updated", 0),
                    row.counts.get("invalid", 0),
                    row.created_at,
                    row.undo_until if row.status == "completed" else None,
                )
                for row in rows
            ],
            right=["rows", "new", "changed", "refused"],
        )

    give(found, show, as_json=api.as_json)


def undo(import_id: str, /, *, yes: Yes = False, api: Api = DEFAULT_API) -> None:
    """Take an import back: people it made go to the bin, what it changed becomes as it was.

    Parameters
    ----------
    import_id
        The import's id; `blazz contacts imports` shows them.
    yes
        Do not ask.

    """
    client = connect(api)
    path = f"/contact-imports/{segment(import_id)}"
    before = read(client.get(path), ImportView)
    confirm(f"Take back the import of {before.file_name} ({before.counts.get('created', 0):,} new people)?", yes=yes)
    client.post(f"{path}/undo")
    after = watch_import(client, import_id, "Undoing")
    if after.status != "undone":
        raise CommandRefused(f"The import is {after.status}: {after.problem or 'no reason was given'}.", FAILED)
    give(client.get(path), lambda: say("Taken back."), as_json=api.as_json)


def _options(client: ApiClient, rows: Rows) -> dict[str, object]:
    return {
        "policy": rows.existing,
        "mapping": parse_pairs(rows.column or [], "--column"),
        "group_ids": [find_named(client, "groups", item) for item in rows.group or []],
        "category_id": find_named(client, "categories", rows.category) if rows.category else None,
        "consent": rows.consent,
    }


def _upload(client: ApiClient, file: Path, *, local: bool) -> ImportView:
    try:
        size = file.stat().st_size
        source = file.open("rb")
    except OSError as error:
        ending = NOT_FOUND if isinstance(error, FileNotFoundError) else USAGE
        raise CommandRefused(f"Cannot read {file} ({(error.strerror or 'unreadable').lower()}).", ending) from error
    with source:
        if local:
            from blazz.cli.contacts_local import hand_over

            workspace = read(client.get("/workspaces/current"), Made).id
            import_id = hand_over(workspace, file)
            return read(client.get(f"/contact-imports/{import_id}"), ImportView)
        if size > _LARGEST_UPLOAD:
            raise CommandRefused(
                f"{file.name} has {size / 1_048_576:,.0f} MB; at most 50 MB can be sent. Split it, or run this on the"
                " server with --local.",
                USAGE,
            )
        target = console(errors=True)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with Progress(*columns, console=target, transient=True, disable=not target.is_terminal) as progress:
            task = progress.add_task("Sending", total=size)
            made = client.upload(
                "/contact-imports", file.name, source, size, lambda count: progress.advance(task, count)
            )
    return read(made, ImportView)


def _run(client: ApiClient, import_id: str, options: dict[str, object], verb: str) -> ImportView:
    client.post(f"/contact-imports/{import_id}/start", options)
    job = watch_import(client, import_id, verb)
    if job.status not in {"checked", "completed"}:
        raise CommandRefused(f"The import is {job.status}: {job.problem or 'no reason was given'}.", FAILED)
    return job


def _save_errors(client: ApiClient, job: ImportView, file: Path | None) -> None:
    if file is None:
        return
    try:
        with file.open("wb") as target:
            client.download(f"/contact-imports/{job.id}/errors", target)
    except OSError as error:
        raise CommandRefused(f"Cannot write {file} ({error.strerror}).", FAILED) from error
    say(f"The rows that were not stored are in {file}.")
