"""Measures sizes of source files; the limits stand here once and in CONTRIBUTING.md for people."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blazz.kernel.db.queries import parse_queries

ROOT = Path(__file__).resolve().parents[2]
EXCEPTIONS = Path(__file__).with_name("exceptions.toml")

# The words are those of the table in CONTRIBUTING.md.
LIMITS = {
    "Python module": 400,
    "Function": 60,
    "Parameters": 9,
    "Test module": 600,
    "SQL statement": 80,
    "SQL file": 600,
    "Vue component": 250,
    "TypeScript module": 300,
    "Domain door exports": 40,
}
_UI_FOLDERS = ("web", "widget")
_NOT_OURS = {"node_modules", "dist", "generated", ".venv"}


@dataclass(frozen=True, slots=True, order=True)
class Measured:
    """One thing and its size; ``where`` is a path, with a name after ``::`` for what lies inside a file."""

    kind: str
    where: str
    size: int


def measure_everything(root: Path = ROOT) -> Iterator[Measured]:
    """Measure every file below a source tree that has a limit."""
    for path in sorted((root / "src").rglob("*.py")):
        yield from measure_python(path.read_text(encoding="utf-8"), _name(path, root), "Python module")
    for path in sorted((root / "tests").rglob("*.py")):
        yield from measure_python(path.read_text(encoding="utf-8"), _name(path, root), "Test module")
    for path in sorted((root / "src").rglob("*.sql")):
        if path.parent.name != "migrations":
            yield from measure_sql(path.read_text(encoding="utf-8"), _name(path, root))
    for folder in _UI_FOLDERS:
        for pattern, kind in (("*.vue", "Vue component"), ("*.ts", "TypeScript module")):
            for path in sorted((root / folder).rglob(pattern)):
                if not _NOT_OURS & set(path.relative_to(root).parts):
                    yield Measured(kind, _name(path, root), len(path.read_text(encoding="utf-8").splitlines()))


def measure_python(text: str, where: str, kind: str) -> Iterator[Measured]:
    """Measure a module, its functions and their parameters, and a domain door's exports."""
    yield Measured(kind, where, len(text.splitlines()))
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = f"{where}::{node.name}"
            yield Measured("Function", inside, (node.end_lineno or node.lineno) - node.lineno + 1)
            yield Measured("Parameters", inside, _parameters(node))
    if re.fullmatch(r"src/blazz/domains/\w+/__init__\.py", where):
        yield Measured("Domain door exports", where, _exports(tree))


def measure_sql(text: str, where: str) -> Iterator[Measured]:
    """Measure a file of named statements and each statement."""
    yield Measured("SQL file", where, len(text.splitlines()))
    for name, statement in parse_queries(text, where).items():
        yield Measured("SQL statement", f"{where}::{name}", len(statement.splitlines()))


def granted() -> dict[tuple[str, str], int]:
    """Read the exception list: what is allowed to be larger, and exactly how large it is."""
    rows = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8")).get("exception", [])
    return {(row["kind"], row["where"]): row["size"] for row in rows if row["reason"].strip()}


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
    return len([name for name in names if name not in {"self", "cls"}])


def _exports(tree: ast.Module) -> int:
    for node in tree.body:
        names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
        if isinstance(node, ast.Assign) and names == ["__all__"] and isinstance(node.value, ast.List | ast.Tuple):
            return len(node.value.elts)
    return 0


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
