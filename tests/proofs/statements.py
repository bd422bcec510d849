"""Lists every statement of every query file, who runs it and where, by reading the source."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from blazz.kernel.db.queries import parse_queries
from tests.architecture.measures import ROOT

SOURCE = ROOT / "src" / "blazz"
RUN = frozenset({"fetch", "fetchrow", "fetchval", "execute", "executemany", "savepoint"})
# Names of statements that are composed at run time: each placeholder and every word it may stand for.
FRAGMENTS = {"blazz.domains.contacts.taxonomy": {"kind": ("groups", "categories")}}
_ROLE_OF_PARAMETER = {"WorkspaceTx": {"app"}, "SystemTx": {"system"}, "Tx": {"app", "system"}}
_ROLE_OF_OPENER = {"workspace": {"app"}, "system": {"system"}, "system_connection": {"system"}}
_VERB = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\s", re.IGNORECASE)


@dataclass(slots=True)
class Statement:
    """One statement: where it stands, its text, and the roles that the code runs it as."""

    name: str
    text: str
    roles: set[str] = field(default_factory=set)


def stored_statements() -> dict[str, Statement]:
    """Every named statement of every query file, as ``domains/contacts/queries.sql::get_contact``."""
    found = {}
    for path in sorted(SOURCE.rglob("*.sql")):
        if path.parent.name != "migrations":
            where = path.relative_to(SOURCE).as_posix()
            for name, text in parse_queries(path.read_text(encoding="utf-8"), where).items():
                found[f"{where}::{name}"] = Statement(f"{where}::{name}", text)
    return found


def all_statements() -> dict[str, Statement]:
    """Every statement that the source runs, from query files and written in place, with its roles."""
    found = stored_statements()
    for path in sorted(SOURCE.rglob("*.py")):
        # Benchmarks compare with tables of their own, which no migration makes.
        if path.parent.name not in {"migrations", "bench"}:
            for use in _Reader(path).uses():
                statement = found.setdefault(use.name, Statement(use.name, use.text))
                statement.roles |= use.roles
    return found


class _Reader:
    """Reads one module: which statements it runs, and as whom."""

    def __init__(self, path: Path) -> None:
        self._module = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
        self._where = path.relative_to(SOURCE).as_posix()
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self._parents = {child: node for node in ast.walk(self._tree) for child in ast.iter_child_nodes(node)}
        self._imported = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in self._tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self._constants = {
            target.id: node.value.value
            for node in self._tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value.value, str)
        }

    def uses(self) -> Iterator[Statement]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Subscript) and _is_queries(node.value):
                for name in self._names(node.slice):
                    yield Statement(f"{self._file(node.value)}::{name}", "", self._roles(node))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUN:
                text, label = self._written(node.args[0]) if node.args else ("", "")
                if _VERB.match(text):
                    yield Statement(f"{self._where}::{label}", text, self._roles(node))

    def _written(self, node: ast.expr) -> tuple[str, str]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value, " ".join(node.value.split())[:60]
        if isinstance(node, ast.Name):
            return self._constants.get(node.id, ""), node.id
        return "", ""

    def _names(self, node: ast.expr) -> Iterator[str]:
        if isinstance(node, ast.Constant):
            yield str(node.value)
        elif isinstance(node, ast.IfExp):
            yield from self._names(node.body)
            yield from self._names(node.orelse)
        else:
            where = f"{self._where}:{node.lineno}"
            assert isinstance(node, ast.JoinedStr), f"{where}: name a statement in words, or compose it of fragments"
            yield from self._composed(node)

    def _composed(self, node: ast.JoinedStr) -> Iterator[str]:
        names = [""]
        for part in node.values:
            words: tuple[str, ...]
            if isinstance(part, ast.Constant):
                words = (str(part.value),)
            else:
                assert isinstance(part, ast.FormattedValue)
                words = FRAGMENTS[self._module][ast.unparse(part.value)]
            names = [name + word for name in names for word in words]
        yield from names

    def _file(self, queries: ast.expr) -> str:
        """Find the file that ``SQL`` was loaded from, through the import that brought it here."""
        path = SOURCE / self._where
        assert isinstance(queries, ast.Attribute | ast.Name)
        if isinstance(queries, ast.Attribute):
            path = self._source_of(ast.unparse(queries.value))
        elif queries.id in self._imported:
            path = self._source_of(queries.id).parent.with_suffix(".py")
        loads = re.search(
            r'^SQL = load_queries\([^,)]+(?:, "([a-z_.]+)")?\)', path.read_text(encoding="utf-8"), re.MULTILINE
        )
        assert loads, f"{self._where} uses statements of {path}, which loads none"
        return (path.parent / (loads.group(1) or "queries.sql")).relative_to(SOURCE).as_posix()

    def _source_of(self, name: str) -> Path:
        return SOURCE.parent.joinpath(*self._imported[name].split(".")).with_suffix(".py")

    def _roles(self, node: ast.AST) -> set[str]:
        """Tell as whom a statement runs: by the transaction opened around it, else by the parameter it got."""
        at = self._parents.get(node)
        while at is not None:
            if isinstance(at, ast.AsyncWith):
                for item in at.items:
                    call = item.context_expr
                    opener = (
                        call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""
                    )
                    if opener in _ROLE_OF_OPENER:
                        return set(_ROLE_OF_OPENER[opener])
            if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
                for argument in [*at.args.args, *at.args.kwonlyargs]:
                    kind = ast.unparse(argument.annotation) if argument.annotation else ""
                    if kind in _ROLE_OF_PARAMETER:
                        return set(_ROLE_OF_PARAMETER[kind])
            at = self._parents.get(at)
        # A raw connection: inside either kind of transaction when the kernel is handed it, else the system role's.
        return {"app", "system"} if self._where.startswith("kernel/") else {"system"}


def _is_queries(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id.endswith("SQL")) or (
        isinstance(node, ast.Attribute) and node.attr == "SQL"
    )
