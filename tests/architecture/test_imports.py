"""Arrows point one way, and a domain is entered through its door."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.measures import ROOT

SOURCE = ROOT / "src" / "blazz"
# The composition root wires what a domain offers to the outside; everybody else sees the door only.
WIRED_BY_MAIN = {"routes", "jobs", "listeners", "ports", "schemas", "webhooks"}
# The contract between providers and everybody who sends: vocabulary in rooms of its own, because it is larger than a door.
PUBLISHED = {"channels": {"ports", "failures", "inbound", "pause_texts"}}
# Modules beside routes and schemas that speak HTTP, and why.
EDGES = {
    "channels/webhooks.py": "the hot webhook endpoints are plain Starlette routes",
    "identity/access.py": "finds the session of a request, and refuses what another site sent",
    "workspaces/access.py": "authenticates a request",
}


def imported_modules(text: str) -> list[str]:
    """List what a module imports from ``blazz``, as dotted names."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in found if name.startswith("blazz.")]


def broken_doors(module: str, text: str) -> list[str]:
    """Say which imports of one module go past the door of a domain that is not its own."""
    problems = []
    for name in imported_modules(text):
        parts = name.split(".")
        if parts[:2] != ["blazz", "domains"] or len(parts) < 4:
            continue
        domain, inside = parts[2], parts[3]
        if module.startswith(f"blazz.domains.{domain}.") or module == f"blazz.domains.{domain}":
            continue
        if module.startswith("blazz.main") and inside in WIRED_BY_MAIN:
            continue
        if inside in PUBLISHED.get(domain, set()):
            continue
        # A large domain may have rooms with doors of their own: an inner package, imported at its root.
        if (SOURCE / "domains" / domain / inside / "__init__.py").is_file() and not _is_module(domain, *parts[3:5]):
            continue
        if _is_module(domain, inside):
            problems.append(f"{module} imports {name}; import it from blazz.domains.{domain}")
    return problems


def _is_module(domain: str, *names: str) -> bool:
    base = (SOURCE / "domains" / domain).joinpath(*names)
    return base.is_dir() or base.with_suffix(".py").is_file()


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_a_domain_is_imported_only_through_its_package_root() -> None:
    problems = []
    for path in sorted(SOURCE.rglob("*.py")):
        problems += broken_doors(_module_name(path), path.read_text(encoding="utf-8"))
    assert not problems


@pytest.mark.parametrize(
    ("module", "statement", "allowed"),
    [
        ("blazz.domains.inbox.service", "from blazz.domains.contacts import get_contact", True),
        ("blazz.domains.contacts.service", "from blazz.domains.contacts.types import Contact", True),
        ("blazz.domains.inbox.service", "from blazz.domains.contacts.types import Contact", False),
        ("blazz.domains.inbox.service", "from blazz.domains.contacts import types", False),
        ("blazz.domains.inbox.service", "import blazz.domains.contacts.types", False),
        ("blazz.main.wiring", "from blazz.domains.contacts.errors import ContactNotFound", False),
        ("blazz.cli.contacts", "from blazz.domains.contacts.types import Contact", False),
    ],
)
def test_the_door_rule_tells_right_from_wrong(module: str, statement: str, *, allowed: bool) -> None:
    assert (not broken_doors(module, statement)) is allowed


def test_every_domain_has_a_place_in_the_layers() -> None:
    layers = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    domains = [path.name for path in (SOURCE / "domains").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert not [name for name in domains if f"(domains.{name})" not in layers]


def test_only_the_edges_of_a_domain_know_the_web_framework() -> None:
    problems = []
    for path in sorted((SOURCE / "domains").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        web = [name for name in names if name.split(".")[0] in {"fastapi", "starlette"}]
        edge = path.stem.startswith(("routes", "schemas")) or {"routes", "schemas", "webhooks"} & set(path.parts)
        if web and not edge and path.relative_to(SOURCE / "domains").as_posix() not in EDGES:
            problems.append(f"{path.relative_to(ROOT)} imports {web[0]}")
    assert not problems


def test_published_rooms_hold_vocabulary_and_reach_no_further() -> None:
    for domain, rooms in PUBLISHED.items():
        for room in rooms:
            text = (SOURCE / "domains" / domain / f"{room}.py").read_text(encoding="utf-8")
            inner = [
                name.split(".")[3] for name in imported_modules(text) if name.startswith(f"blazz.domains.{domain}.")
            ]
            assert not {"service", "store", "routes", "jobs", "listeners"} & set(inner)
