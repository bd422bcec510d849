"""Every command checks its permission first, and few modules look across workspaces."""

import ast
from pathlib import Path

import pytest

from tests.architecture.commands import (
    checks_permission_first,
    commands,
    modules_with_system_transactions,
    opens_system_transactions,
)

# Functions that take an actor and check nothing themselves, and why that is right. The list may only shrink.
REVIEWED = {
    "audit/service.py::record": "writes who did what; the command that calls it has checked, or acts as the system",
    "campaigns/exporting.py::export_recipients": "pages through list_recipients, which checks for each page",
    "channels/service.py::disconnect_number": "is record_health with a fixed answer, which checks first",
    "contacts/imports/report.py::error_file": "reads the import through get_import, which checks first",
    "workspaces/service.py::require_may_grant": "is a check itself, which commands make after their own",
    "inbox/wishes.py::honour": "acts for the system on what a person wrote; opt_out and opt_in check first",
}
# Modules that open transactions across workspaces, and why they must. The list may only shrink.
SYSTEM = {
    "cli/direct.py": "the operator's own verbs work on the database of every workspace",
    "cli/users.py": "people stand above workspaces; for the operator at the machine",
    "domains/campaigns/worker.py": "finds the campaigns of all workspaces that are due",
    "domains/channels/intake.py": "stores webhooks before it is known whose they are",
    "domains/channels/webhook_secrets.py": "finds the account a webhook names, to check its signature",
    "domains/contacts/bin.py": "finds the workspaces whose bin holds something older than thirty days",
    "domains/contacts/imports/cleaning.py": "finds the uploads of all workspaces that nobody needs any more",
    "domains/identity/access.py": "finds the session of a request before its workspace is known",
    "domains/identity/routes.py": "people and sessions stand above workspaces",
    "domains/identity/routes_account.py": "a person's own account stands above workspaces",
    "domains/inbox/processing.py": "claims stored webhooks and sorts them by workspace",
    "domains/inbox/sending/dispatcher.py": "shares the lanes of all workspaces between workers",
    "domains/inbox/sending/recovery.py": "finds sends of unknown outcome in all workspaces",
    "domains/workspaces/access.py": "finds the workspace of a key or a session before there is one",
    "domains/workspaces/routes.py": "lists the workspaces of a person",
    "domains/workspaces/routes_people.py": "sets an instance up, and finds whose invite a link is",
    "kernel/clock_sync.py": "asks the database what time it is",
    "kernel/guarded_jobs.py": "counts and parks jobs of all workspaces in one queue",
    "kernel/housekeeping.py": "forgets the old idempotency keys of all workspaces",
    "main/api.py": "asks the catalog for readiness",
    "main/bench/place.py": "makes the workspace of a benchmark",
    "main/bench/webhooks.py": "counts the webhooks that were stored",
    "main/demo.py": "asks whether all webhooks are applied",
    "main/demo_setup.py": "makes the demo's workspace",
    "main/disk.py": "notes for all processes how much room is left",
    "main/recount.py": "lists the workspaces to recount",
}


def test_every_command_checks_its_permission_first() -> None:
    late = {name for name, node in commands() if not checks_permission_first(node)}
    assert late - set(REVIEWED) == set(), "check the permission in the first statement"
    assert set(REVIEWED) - late == set(), "these check first now, or are gone: take them off the list"
    assert len(list(commands())) > 60, "the reader of the source no longer finds the commands"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("async def f(tx, actor: Actor):\n    '''Do.'''\n    actor.require(P.X)\n", True),
        ("async def f(tx, actor: Actor):\n    actor.require(P.X)\n", True),
        ("async def f(tx, actor: Actor):\n    x = 1\n    actor.require(P.X)\n", False),
        ("async def f(tx, actor: Actor):\n    other.require(P.X)\n", False),
        ("async def f(tx, actor: Actor):\n    '''Do.'''\n", False),
    ],
)
def test_the_permission_rule_tells_right_from_wrong(text: str, *, first: bool) -> None:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.AsyncFunctionDef)
    assert checks_permission_first(node) is first


def test_only_reviewed_modules_look_across_workspaces() -> None:
    found = modules_with_system_transactions()
    assert found - set(SYSTEM) == set(), "use a WorkspaceTx, or say here why it cannot be one"
    assert set(SYSTEM) - found == set(), "these open none any more: take them off the list"


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("async with database.system() as tx: pass", True),
        ("async with self.runtime.database.system() as tx, other(): pass", True),
        ("async with database.system_connection() as connection: pass", True),
        ("async with database.workspace(1) as tx: pass", False),
        ("actor = Actor.system(1, 'why')", False),
    ],
)
def test_the_system_rule_tells_right_from_wrong(tmp_path: Path, text: str, *, opens: bool) -> None:
    path = tmp_path / "module.py"
    path.write_text(f"async def f():\n    {text}\n", encoding="utf-8")
    assert opens_system_transactions(path) is opens


def test_every_reason_says_something() -> None:
    assert all(len(reason) > 20 for reason in [*REVIEWED.values(), *SYSTEM.values()])
