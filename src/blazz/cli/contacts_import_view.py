"""How an import looks in a terminal: columns, progress, counts and reasons."""

import time
from collections import Counter

from rich.progress import Progress, SpinnerColumn, TextColumn

from blazz.cli.api_client import ApiClient, read, segment
from blazz.cli.output import console, print_table, say
from blazz.cli.views import ImportRowView, ImportView

_OVER = frozenset({"checked", "completed", "cancelled", "failed", "undone"})
_LOOK_SECONDS = 0.3
# Reasons are counted over this many refused rows; the error file has all of them.
_MOST_ROWS = 5_000
_SHOWN_CELLS = 4


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
    )


def watch_import(client: ApiClient, import_id: str, verb: str) -> ImportView:
    """Wait until an import has come to rest, showing how far it is."""
    target = console(errors=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=target, transient=True, disable=not target.is_terminal) as progress:
        task = progress.add_task(f"{verb}…", total=None)
        while True:
            job = read(client.get(f"/contact-imports/{segment(import_id)}"), ImportView)
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


def print_reasons(client: ApiClient, job: ImportView) -> None:
    """Print why rows were refused or passed over, most frequent first, each with an example."""
    if not job.counts.get("invalid", 0) + job.counts.get("duplicate", 0):
        return
    counts: Counter[str] = Counter()
    first: dict[str, ImportRowView] = {}
    for outcome in ("invalid", "duplicate"):
        path = f"/contact-imports/{segment(job.id)}/rows"
        for item in client.pages(path, {"outcome": outcome}, limit=_MOST_ROWS):
            row = read(item, ImportRowView)
            counts[row.reason] += 1
            first.setdefault(row.reason, row)
    print_table(
        ["count", "why", "for example"],
        [
            (count, reason, f"row {first[reason].row:,}: {_example(first[reason])}")
            for reason, count in counts.most_common()
        ],
        right=["count"],
    )
    if max(job.counts.get("invalid", 0), job.counts.get("duplicate", 0)) > _MOST_ROWS:
        say(f"Counted over the first {_MOST_ROWS:,} rows of each kind; --error-file has all of them.")


def _example(row: ImportRowView) -> str:
    return " | ".join(cell[:40] for cell in row.cells[:_SHOWN_CELLS])


def _done(job: ImportView) -> int:
    return sum(job.counts.get(name, 0) for name in ("created", "updated", "unchanged", "duplicate", "invalid"))
