"""``blazz workspaces``: the tenants of this instance, made and listed from the server's own shell."""

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from blazz.cli.output import give, make_group, plain, say
from blazz.cli.shell_options import DEFAULT_SHELL, Shell
from blazz.cli.tables import print_details, print_table

if TYPE_CHECKING:
    from blazz.domains.workspaces import OwnedWorkspace, Workspace

app = make_group("workspaces", "List and create workspaces. Works on the database of this machine.")


@app.command(name="list")
def list_workspaces(*, shell: Shell = DEFAULT_SHELL) -> None:
    """List every workspace with its owners."""
    from blazz.cli.direct import in_system
    from blazz.domains.workspaces import list_all_workspaces

    found = in_system(list_all_workspaces)

    def show() -> None:
        if not found:
            say("There is no workspace yet. `blazz workspaces create` makes one.")
            return
        print_table(
            ["id", "name", "owners", "country", "time zone", "plan", "since"],
            [
                (
                    _shape(one)["id"],
                    one.workspace.name,
                    ", ".join(one.owners),
                    one.workspace.country,
                    one.workspace.timezone,
                    one.workspace.plan_id,
                    one.workspace.created_at,
                )
                for one in found
            ],
        )

    give([_shape(one) for one in found], show, as_json=shell.as_json)


@app.command
def create(
    name: str,
    /,
    *,
    owner: Annotated[str, Parameter(name=["--owner", "-o"])],
    country: str = "ID",
    timezone: str = "Asia/Jakarta",
    locale: Literal["id", "en"] = "id",
    shell: Shell = DEFAULT_SHELL,
) -> None:
    """Create a workspace for a user who exists.

    Parameters
    ----------
    name
        What people call it.
    owner
        E-mail of the user who owns it.
    country
        Two letters, ID when left out; numbers typed without a country code belong to it.
    timezone
        The time zone that schedules mean; Asia/Jakarta when left out.
    locale
        The workspace's language; id when left out.

    """
    from blazz.cli.direct import find_workspace, in_system_of, on_database, operator_of
    from blazz.domains.contacts import create_starter_categories
    from blazz.domains.identity import get_user_by_email
    from blazz.domains.workspaces import create_workspace
    from blazz.kernel.db import SystemTx
    from blazz.kernel.ids import encode_id
    from blazz.kernel.runtime import Runtime

    async def make(tx: SystemTx) -> "Workspace":
        user = await get_user_by_email(tx, owner)
        return await create_workspace(tx, user.id, name, country=country.upper(), timezone=timezone, locale=locale)

    async def work(runtime: Runtime) -> "OwnedWorkspace":
        made = await in_system_of(runtime, make)
        one = await find_workspace(runtime, encode_id("wsp", made.public_id))
        async with runtime.database.workspace(made.id) as own:
            await create_starter_categories(own, operator_of(one))
        return one

    one = on_database(work)

    def show() -> None:
        print_details(
            [
                ("id", _shape(one)["id"]),
                ("name", one.workspace.name),
                ("owner", ", ".join(one.owners)),
                ("country", one.workspace.country),
                ("time zone", one.workspace.timezone),
            ]
        )
        say("Created. Next: `blazz keys create` makes a key for it.")

    give(_shape(one), show, as_json=shell.as_json)


def _shape(one: "OwnedWorkspace") -> dict[str, object]:
    from blazz.cli.direct import workspace_id

    workspace = one.workspace
    return {
        "id": workspace_id(one),
        "name": workspace.name,
        "owners": list(one.owners),
        "country": workspace.country,
        "timezone": workspace.timezone,
        "locale": workspace.locale,
        "plan": workspace.plan_id,
        "subscription_status": workspace.subscription_status,
        "created_at": plain(workspace.created_at),
    }
