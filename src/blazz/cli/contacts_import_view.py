"""How an import looks in a terminal: columns, progress, counts and reasons."""

import time
from collections import Counter

import msgspec
from rich.progress import Progress, SpinnerColumn, TextColumn

from blazz.cli.api_client import ApiClient, read, segment
from blazz.cli.output import console, say
from blazz.cli.tables import print_table
from blazz.cli.views import ImportRowView, ImportView
from blazz.cli.waiting import look

_OVER = frozenset({"checked", "completed", "cancelled", "failed", "undone"})
_LOOK_SECONDS = 0.3
# Reasons are counted over this many refused rows; the error file has all of them.
_MOST_ROWS = 5_000
_SHOWN_CELLS = 4


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why rows were not stored, how many, and the first of them."""

    code: str
    reason: str
    count: int
    row: int
    cells: list[str]


def print_columns(job: ImportView) -> None:
    """Print what each column was taken for, with the first values."""
    print_table(
        ["column", "heading", "taken as", "first values"],
        [
            (
                column.column,
                column.header,
                f"attribute {column.key}" if column.field == "attribute" else column.field,
                ", ".join(row[place] for row in job.preview[:3] if place < len(row) and row[place]),
            )
            for place, column in enumerate(job.columns)
        ],
        wrap=["first values"],
    )


def watch_import(client: ApiClient, import_id: str, verb: str) -> ImportView:
    """Wait until an import has come to rest, showing how far it is."""
    target = console(errors=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=target, transient=True, disable=not target.is_terminal) as progress:
        task = progress.add_task(f"{verb}…", total=None)
        while True:
            job = read(look(client, f"/contact-imports/{segment(import_id)}"), ImportView)
            if job.status in _OVER:
                return job
            progress.update(task, description=f"{verb}… {_done(job):,} rows")
            time.sleep(_LOOK_SECONDS)


def print_outcome(job: ImportView) -> None:
    """Print what became, or would become, of the rows."""
    words = {
        "created": "new people",
        "updated": "known, to be completed" if job.dry_run else "known, completed",
        "unchanged": "known, nothing to change",
        "duplicate": "twice in the file",
        "invalid": "cannot be used",
    }
    rows = [(word, job.counts.get(name, 0)) for name, word in words.items()]
    print_table(["rows", "count"], [*rows, ("all", job.counts.get("rows", 0))], right=["count"])


def count_reasons(client: ApiClient, job: ImportView) -> list[Reason]:
    """Count why rows were refused or passed over, most frequent first."""
    counts: Counter[str] = Counter()
    first: dict[str, ImportRowView] = {}
    for outcome in ("invalid", "duplicate"):
        if not job.counts.get(outcome, 0):
            continue
        path = f"/contact-imports/{segment(job.id)}/rows"
        for item in client.pages(path, {"outcome": outcome}, limit=_MOST_ROWS):
            row = read(item, ImportRowView)
            counts[row.code] += 1
            first.setdefault(row.code, row)
    return [
        Reason(code=code, reason=first[code].reason, count=count, row=first[code].row, cells=first[code].cells)
        for code, count in counts.most_common()
    ]


def print_reasons(job: ImportView, reasons: list[Reason]) -> None:
    """Print why rows were refused or passed over, each with an example."""
    if not reasons:
        return
    print_table(
        ["count", "why", "for example"],
        [(item.count, item.reason, f"row {item.row:,}: {_example(item.cells)}") for item in reasons],
        right=["count"],
        wrap=["why", "for example"],
    )
    if max(job.counts.get("invalid", 0), job.counts.get("duplicate", 0)) > _MOST_ROWS:
        say(f"Counted over the first {_MOST_ROWS:,} rows of each kind; --error-file has all of them.")


def _example(cells: list[str]) -> str:
    return " | ".join(cell[:40] for cell in cells[:_SHOWN_CELLS])


def _done(job: ImportView) -> int:
    return sum(job.counts.get(name, 0) for name in ("created", "updated", "unchanged", "duplicate", "invalid"))
