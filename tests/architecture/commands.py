"""Reads the source for two rules: permission first, and who may open a transaction across workspaces."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.measures import ROOT

SOURCE = ROOT / "src" / "blazz"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def commands() -> Iterator[tuple[str, _Function]]:
    """Every public function of a domain that takes an actor, as ``contacts/service.py::create_contact``."""
    for path in sorted((SOURCE / "domains").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, _Function) and not node.name.startswith("_") and takes_actor(node):
                yield f"{path.relative_to(SOURCE / 'domains').as_posix()}::{node.name}", node


def takes_actor(node: _Function) -> bool:
    """Tell whether a function is told who acts."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return any(one.annotation is not None and ast.unparse(one.annotation).strip("'\"") == "Actor" for one in arguments)


def checks_permission_first(node: _Function) -> bool:
    """Tell whether the first statement after the docstring is ``actor.require(…)``."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    first = body[0] if body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Call)
        and ast.unparse(first.value.func) == "actor.require"
    )


def opens_system_transactions(path: Path) -> bool:
    """Tell whether a module opens a transaction, or borrows a connection, across workspaces."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "system_connection":
                return True
            # ``Actor.system(…)`` makes an actor; a transaction takes no argument.
            if node.func.attr == "system" and not node.args:
                return True
    return False


def modules_with_system_transactions() -> set[str]:
    """Every such module, as a path below the package."""
    return {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if path != SOURCE / "kernel" / "db" / "database.py" and opens_system_transactions(path)
    }
