"""What commands print: data as tables or JSON on stdout, talk on stderr, nothing that steers a terminal."""

import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec
from cyclopts import App, Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from blazz.cli.endings import FAILED, USAGE, CommandRefused

# Pipes have no width; what goes into them must not be cut.
_PIPE_WIDTH = 240
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset({"\u200d", "\u200c"})


def make_group(name: str, description: str = "") -> App:
    """Make the app of a verb with the manners that all verbs share."""
    manners = Parameter(negative=(), show_default=lambda value: value not in {False, ""} and str(value))
    if description:
        return App(name=name, help=description, help_format="plaintext", default_parameter=manners, version_flags=[])
    return App(name=name, help_format="plaintext", default_parameter=manners, version_flags=[])


def clean(text: str) -> str:
    """Make foreign text safe to print: one line, without anything that could steer the terminal."""
    return "".join(
        char if unicodedata.category(char) not in _UNSEEN or char in _JOINERS else " " if char in "\n\t" else "·"
        for char in text
    )


def plain(value: object) -> object:
    """Turn structs and instants into what JSON knows."""
    return msgspec.to_builtins(value)


def print_json(value: object) -> None:
    """Print one value as JSON."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    sys.stdout.write(f"{text}\n")


def print_json_line(value: object) -> None:
    """Print one value as one line of JSON, at once."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def give(value: object, show: Callable[[], None], *, as_json: bool) -> None:
    """Print a result in the form that was asked for."""
    if as_json:
        print_json(value)
    else:
        show()


def say(text: str) -> None:
    """Say something to the person at the terminal."""
    sys.stderr.write(f"{text}\n")


def print_line(text: str) -> None:
    """Print one line of data."""
    sys.stdout.write(f"{text}\n")


def console(*, errors: bool = False) -> Console:
    """Return a console for data, or for talk; pipes are as wide as they need."""
    made = Console(stderr=errors, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.width = _PIPE_WIDTH
    return made


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = (), title: str = ""
) -> None:
    """Print rows under headings; the columns in ``right`` hold figures."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=title or None, title_justify="left", title_style="bold")
    for name in columns:
        # Ids and numbers are copied from here, so they are never broken or shortened.
        whole = name in {"id", "phone", "code", "status", "key"}
        table.add_column(name, justify="right" if name in right else "left", no_wrap=whole, overflow="fold")
    for row in rows:
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


def when(instant: datetime | None) -> str:
    """Write an instant in the time of this machine."""
    return "" if instant is None else f"{instant.astimezone():%Y-%m-%d %H:%M}"


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back.

    Raises:
        CommandRefused: the answer is no, or nobody is there to answer.

    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise CommandRefused(f"{question} Nobody is here to answer; say --yes to go on.", USAGE)
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CommandRefused("Nothing was done.", FAILED)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else clean(str(value))
