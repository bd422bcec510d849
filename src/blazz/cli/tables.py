"""Prints rows and records so that they can be read on a narrow terminal and taken apart by programs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from blazz.cli.output import clean, console, print_line, when

# People copy these from a table.
_WHOLE = frozenset({"id", "contact", "phone", "number", "code", "status", "message", "why not", "begins with"})
_LEAST_WIDTH, _GAP = 8, 3


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = (), wrap: Sequence[str] = ()
) -> None:
    """Print rows under headings; columns in ``right`` hold figures, those in ``wrap`` hold sentences.

    On a narrow terminal sentences are wrapped and other texts shortened; ids, numbers, figures and times stay whole.
    Where that cannot fit, each row becomes a paragraph. Nothing is shortened for a program.
    """
    listed = [list(row) for row in rows]
    natural = {
        name: max(cell_len(text) for text in (name, *(_shown(row[place]) for row in listed)))
        for place, name in enumerate(columns)
    }
    whole = {
        name
        for place, name in enumerate(columns)
        if name in _WHOLE or name in right or any(isinstance(row[place], datetime) for row in listed)
    }
    widths = _share(natural, whole, console().width - _GAP * len(columns))
    if widths is None:
        _print_records(columns, listed)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        table.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name not in wrap,
            overflow="fold" if name in wrap else "ellipsis",
            width=widths[name],
        )
    for row in listed:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    _print(table)


def print_details(rows: Iterable[tuple[str, object]]) -> None:
    """Print names and values of one thing, leaving out what is empty."""
    shown = [(name, _shown(value)) for name, value in rows if value is not None and value != ""]
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("name", style="dim", no_wrap=True)
    table.add_column("value", overflow="fold")
    for name, value in shown:
        table.add_row(Text(name), Text(value))
    _print(table)


def _share(natural: Mapping[str, int], whole: set[str], room: int) -> dict[str, int] | None:
    """Give each column its width: whole ones all they need, the others a fair part; None when it is too tight."""
    widths = {name: natural[name] for name in whole}
    room -= sum(widths.values())
    others = sorted((name for name in natural if name not in whole), key=lambda name: natural[name])
    for place, name in enumerate(others):
        widths[name] = min(natural[name], room // (len(others) - place))
        if widths[name] < min(natural[name], _LEAST_WIDTH):
            return None
        room -= widths[name]
    return widths if room >= 0 else None


def _print_records(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    for place, row in enumerate(rows):
        if place:
            print_line("")
        print_details(zip(columns, row, strict=True))


def _print(table: Table) -> None:
    target = console()
    if target.is_terminal:
        target.print(table)
        return
    with target.capture() as captured:
        target.print(table)
    # Programs read this: no padding behind the last column, no empty lines around the table.
    lines = [line.rstrip() for line in captured.get().splitlines()]
    sys.stdout.write("".join(f"{line}\n" for line in lines if line))


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else clean(str(value))
