"""Loads ``queries.sql`` files: named statements that can be prepared, explained and budgeted one by one.

A statement starts with a line ``-- name --``; comment lines right after it explain it. Parameters are ``$1``, ``$2``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

_HEADER = re.compile(r"^-- ([a-z][a-z0-9_]*) --\s*$")


@dataclass(frozen=True, slots=True)
class Queries(Mapping[str, str]):
    """The statements of one package by name; asking for an unknown name fails at import, not at run time."""

    package: str
    statements: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return the SQL text of a statement."""
        try:
            return self.statements[name]
        except KeyError:
            msg = f"{self.package} has no statement named {name!r}"
            raise KeyError(msg) from None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names in the order of the file."""
        return iter(self.statements)

    def __len__(self) -> int:
        """Count the statements."""
        return len(self.statements)


def parse_queries(text: str, origin: str) -> dict[str, str]:
    """Split a file of named statements.

    Raises:
        ValueError: text before the first header, a name used twice, or a name without a statement.

    """
    statements: dict[str, str] = {}
    name: str | None = None
    lines: list[str] = []

    def close() -> None:
        if name is None:
            if any(line.strip() and not line.startswith("--") for line in lines):
                msg = f"{origin}: SQL before the first '-- name --' line"
                raise ValueError(msg)
            return
        body = "\n".join(lines).strip().rstrip(";").strip()
        if not any(line.strip() and not line.strip().startswith("--") for line in body.splitlines()):
            msg = f"{origin}: statement {name} is empty"
            raise ValueError(msg)
        if name in statements:
            msg = f"{origin}: statement {name} stands twice"
            raise ValueError(msg)
        statements[name] = body

    for line in text.splitlines():
        header = _HEADER.match(line)
        if header:
            close()
            name, lines = header.group(1), []
        else:
            lines.append(line)
    close()
    return statements


def load_queries(package: str, file: str = "queries.sql") -> Queries:
    """Load the statements that lie beside the modules of ``package``."""
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return Queries(package, parse_queries(text, f"{package}/{file}"))
