"""What the operator of an instance sees of its workspaces from a shell."""

from dataclasses import dataclass

from blazz.domains.workspaces.service import Workspace
from blazz.kernel.db import SystemTx, load_queries

SQL = load_queries(__package__, "operators.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedWorkspace:
    """A workspace with the e-mails of its owners."""

    workspace: Workspace
    owners: tuple[str, ...]


async def list_all_workspaces(tx: SystemTx) -> list[OwnedWorkspace]:
    """List every workspace of the instance, oldest first."""
    found = []
    for row in await tx.fetch(SQL["list_all_workspaces"]):
        fields = dict(row)
        owners = tuple(fields.pop("owners"))
        found.append(OwnedWorkspace(workspace=Workspace(**fields), owners=owners))
    return found
