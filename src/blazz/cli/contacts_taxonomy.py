"""``blazz contacts groups`` and ``blazz contacts categories``: how contacts are sorted."""

from typing import Annotated

import msgspec
from cyclopts import Parameter

from blazz.cli.api_client import ApiClient, read
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.finding import contact_path, find_named
from blazz.cli.output import confirm, give, make_group, say
from blazz.cli.tables import print_details, print_table
from blazz.cli.views import Made, NamedView

groups_app = make_group("groups", "Groups of contacts; a contact may be in many.")
categories_app = make_group("categories", "Categories of contacts; a contact has one at most.")
Yes = Annotated[bool, Parameter(name=["--yes", "-y"])]


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """How many contacts were really moved."""

    changed: int


@groups_app.command(name="list")
def list_groups(*, api: Api = DEFAULT_API) -> None:
    """List groups with their number of contacts."""
    _list(api, "groups")


@groups_app.command(name="create")
def create_group(name: str, /, *, description: str | None = None, api: Api = DEFAULT_API) -> None:
    """Make a group.

    Parameters
    ----------
    name
        What people call it.
    description
        What it is for.

    """
    _create(api, "groups", name, description)


@groups_app.command(name="delete")
def delete_group(group: str, /, *, yes: Yes = False, api: Api = DEFAULT_API) -> None:
    """Delete a group; its contacts stay.

    Parameters
    ----------
    group
        Id or name.
    yes
        Do not ask.

    """
    client = connect(api)
    key = find_named(client, "groups", group)
    confirm(f"Delete the group {group}? Its contacts stay.", yes=yes)
    client.delete(f"/groups/{key}")
    give({"id": key, "deleted": True}, lambda: say("Deleted."), as_json=api.as_json)


@groups_app.command(name="add")
def add_members(
    group: str, contact: Annotated[list[str], Parameter(consume_multiple=True)], /, *, api: Api = DEFAULT_API
) -> None:
    """Put contacts into a group.

    Parameters
    ----------
    group
        Id or name.
    contact
        Contacts by id or phone number.

    """
    _move(api, group, contact, "members", "Added")


@groups_app.command(name="remove")
def remove_members(
    group: str, contact: Annotated[list[str], Parameter(consume_multiple=True)], /, *, api: Api = DEFAULT_API
) -> None:
    """Take contacts out of a group.

    Parameters
    ----------
    group
        Id or name.
    contact
        Contacts by id or phone number.

    """
    _move(api, group, contact, "members/remove", "Removed")


@categories_app.command(name="list")
def list_categories(*, api: Api = DEFAULT_API) -> None:
    """List categories with their number of contacts."""
    _list(api, "categories")


@categories_app.command(name="create")
def create_category(name: str, /, *, description: str | None = None, api: Api = DEFAULT_API) -> None:
    """Make a category.

    Parameters
    ----------
    name
        What people call it.
    description
        What it is for.

    """
    _create(api, "categories", name, description)


@categories_app.command(name="delete")
def delete_category(
    category: str,
    /,
    *,
    move_to: str | None = None,
    uncategorise: bool = False,
    yes: Yes = False,
    api: Api = DEFAULT_API,
) -> None:
    """Delete a category; when it has contacts, say where they go.

    Parameters
    ----------
    category
        Id or name.
    move_to
        Category, by id or name, that takes its contacts.
    uncategorise
        Leave its contacts without a category.
    yes
        Do not ask.

    """
    client = connect(api)
    key = find_named(client, "categories", category)
    query = {
        "move_to": find_named(client, "categories", move_to) if move_to else None,
        "uncategorise": uncategorise or None,
    }
    confirm(f"Delete the category {category}?", yes=yes)
    moved = read(client.delete(f"/categories/{key}", query), Changed).changed
    about = {"id": key, "deleted": True, "moved": moved}
    give(about, lambda: say(f"Deleted; {moved:,} contacts moved."), as_json=api.as_json)


def _list(api: Api, kind: str) -> None:
    found = list(connect(api).pages(f"/{kind}"))

    def show() -> None:
        if not found:
            say(f"There are no {kind} yet.")
            return
        rows = [read(item, NamedView) for item in found]
        print_table(
            ["id", "name", "contacts", "description"],
            [(row.id, row.name, row.contact_count, row.description) for row in rows],
            right=["contacts"],
            wrap=["description"],
        )

    give(found, show, as_json=api.as_json)


def _create(api: Api, kind: str, name: str, description: str | None) -> None:
    made = connect(api).post(f"/{kind}", {"name": name, "description": description})
    item = read(made, NamedView)
    give(made, lambda: print_details([("id", item.id), ("name", item.name)]), as_json=api.as_json)


def _move(api: Api, group: str, contacts: list[str], door: str, done: str) -> None:
    client = connect(api)
    key = find_named(client, "groups", group)
    ids = [_contact_id(client, contact) for contact in contacts]
    changed = read(client.post(f"/groups/{key}/{door}", {"contact_ids": ids}), Changed).changed
    give({"id": key, "changed": changed}, lambda: say(f"{done}: {changed:,}."), as_json=api.as_json)


def _contact_id(client: ApiClient, named: str) -> str:
    return read(client.get(contact_path(named)), Made).id
