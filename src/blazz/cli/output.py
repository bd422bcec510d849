"""What commands print: data as tables or JSON on stdout, talk on stderr, nothing that steers a terminal."""

import sys
import unicodedata
from collections.abc import Callable
from datetime import datetime

import msgspec
from cyclopts import App, Parameter
from rich.console import Console

from blazz.cli.endings import FAILED, USAGE, CommandRefused

# Pipes have no width; what goes into them must not be cut.
_PIPE_WIDTH = 2000
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset({"\u200d", "\u200c"})


def make_group(name: str, description: str = "") -> App:
    """Make the app of a verb with the manners that all verbs share."""
    manners = Parameter(negative=(), show_default=False)
    if description:
        return App(name=name, help=description, help_format="markdown", default_parameter=manners, version_flags=[])
    return App(name=name, help_format="markdown", default_parameter=manners, version_flags=[])


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
