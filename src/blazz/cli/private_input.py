"""Reads secrets without putting them on a command line: from a file, from stdin, or typed unseen."""

import getpass
import sys
from pathlib import Path

from blazz.cli.endings import USAGE, CommandRefused

_LONGEST = 8192


def read_secret(name: str, *, file: Path | None = None, stdin: bool = False) -> str:
    """Read a secret from where it was put; ``name`` says what is asked for and which option would bring it.

    Raises:
        CommandRefused: the file cannot be read, nothing came, or nobody is there to type it.

    """
    found = find_secret(name, file=file, stdin=stdin)
    if not found:
        raise CommandRefused(f"{name} is needed: from a file, from stdin, or typed at a terminal.", USAGE)
    return found


def find_secret(name: str, *, file: Path | None = None, stdin: bool = False) -> str:
    """Read a secret that may be left out; empty when nothing was given.

    Raises:
        CommandRefused: the file cannot be read.

    """
    if file is not None and stdin:
        raise CommandRefused(f"{name}: give a file or stdin, not both.", USAGE)
    if file is not None:
        return _from_file(name, file)
    if stdin:
        return sys.stdin.readline(_LONGEST).strip()
    if sys.stdin.isatty():
        return getpass.getpass(f"{name}: ").strip()
    return ""


def _from_file(name: str, file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as source:
            text = source.read(_LONGEST).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise CommandRefused(f"{name}: cannot read {file} ({reason}).", USAGE) from error
    if not text:
        raise CommandRefused(f"{name}: {file} is empty.", USAGE)
    return text
