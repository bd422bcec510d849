"""``blazz contacts``: the people of a workspace."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from cyclopts import Parameter

from blazz.cli.api_client import read
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.contacts_import import import_app, imports_app
from blazz.cli.contacts_import import undo as undo_command
from blazz.cli.contacts_taxonomy import categories_app, groups_app
from blazz.cli.finding import contact_path, find_named
from blazz.cli.output import confirm, give, make_group, say
from blazz.cli.parsing import parse_pairs
from blazz.cli.tables import print_details, print_table
from blazz.cli.views import ContactView, NamedView

app = make_group("contacts", "Import, search and edit contacts, groups and categories.")
app.command(import_app, name="import")
app.command(imports_app, name="imports")
app.command(undo_command, name="undo")
app.command(groups_app, name="groups")
app.command(categories_app, name="categories")
Yes = Annotated[bool, Parameter(name=["--yes", "-y"])]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a person.

    Parameters
    ----------
    name
        The person's name.
    email
        E-mail address.
    city
        City.
    company
        Company.
    external_id
        The contact's id in another system.
    notes
        Anything worth knowing.

    """

    name: str = ""
    email: str | None = None
    city: str | None = None
    company: str | None = None
    external_id: str | None = None
    notes: str | None = None


_NOTHING_KNOWN = About()


@app.command(name="list")
def list_contacts(
    *,
    group: str | None = None,
    category: str | None = None,
    opted_out: bool = False,
    limit: int = 50,
    all_: Annotated[bool, Parameter(name="--all")] = False,
    api: Api = DEFAULT_API,
) -> None:
    """List contacts, newest first.

    Parameters
    ----------
    group
        Only members of this group, by id or name.
    category
        Only this category, by id or name, or none for those without one.
    opted_out
        Only people who want no marketing.
    limit
        How many to show; 50 when left out.
    all_
        Show every one.

    """
    _print_page(api, None, group, category, limit=None if all_ else limit, opted_out=opted_out)


@app.command
def search(
    words: str,
    /,
    *,
    group: str | None = None,
    category: str | None = None,
    limit: int = 50,
    api: Api = DEFAULT_API,
) -> None:
    """Find contacts by a part of their name, e-mail or number.

    Parameters
    ----------
    words
        At least two characters.
    group
        Only members of this group, by id or name.
    category
        Only this category, by id or name, or none for those without one.
    limit
        How many to show; 50 when left out.

    """
    _print_page(api, words, group, category, limit=limit, opted_out=False)


def _print_page(
    api: Api, words: str | None, group: str | None, category: str | None, *, limit: int | None, opted_out: bool
) -> None:
    client = connect(api)
    query = {
        "q": words,
        "group_id": find_named(client, "groups", group) if group else None,
        "category_id": find_named(client, "categories", category) if category not in {None, "", "none"} else category,
        "opted_out": True if opted_out else None,
    }
    # One more than wanted tells whether there are others.
    found = list(client.pages("/contacts", query, limit=None if limit is None else limit + 1))
    shown = found if limit is None else found[:limit]

    def show() -> None:
        if not shown:
            say("Nobody is found." if words or group or category else "There are no contacts yet.")
            return
        print_contacts([read(item, ContactView) for item in shown])
        if len(found) > len(shown):
            say(f"The first {len(shown)} are shown; --limit shows more.")

    give(shown, show, as_json=api.as_json)


@app.command
def show(contact: str, /, *, api: Api = DEFAULT_API) -> None:
    """Show one contact with everything known about it.

    Parameters
    ----------
    contact
        Id, or phone number in any form.

    """
    client = connect(api)
    found = client.get(contact_path(contact))

    def show_it() -> None:
        held = read(found, ContactView)
        path = f"/categories/{held.category_id}"
        print_contact(held, read(client.get(path), NamedView).name if held.category_id else None)

    give(found, show_it, as_json=api.as_json)


@app.command
def add(
    phone: str,
    /,
    *,
    about: About = _NOTHING_KNOWN,
    category: str | None = None,
    group: list[str] | None = None,
    attribute: list[str] | None = None,
    api: Api = DEFAULT_API,
) -> None:
    """Add one contact.

    Parameters
    ----------
    phone
        Number as people write it; without a country code it belongs to the workspace's country.
    category
        Category by id or name.
    group
        Group by id or name; say it again for more.
    attribute
        A further field as name=value; say it again for more.

    """
    client = connect(api)
    groups = [find_named(client, "groups", item) for item in group or []]
    wish: dict[str, object] = {
        **asdict(about),
        "phone": phone,
        "category_id": find_named(client, "categories", category) if category else None,
        "attributes": parse_pairs(attribute or [], "--attribute"),
    }
    made = client.post("/contacts", wish)
    contact = read(made, ContactView)
    for item in groups:
        client.post(f"/groups/{item}/members", {"contact_ids": [contact.id]})
    give(made, lambda: print_contact(contact), as_json=api.as_json)


@app.command
def delete(contact: str, /, *, yes: Yes = False, api: Api = DEFAULT_API) -> None:
    """Move a contact to the bin; `blazz contacts restore` brings it back.

    Parameters
    ----------
    contact
        Id, or phone number in any form.
    yes
        Do not ask.

    """
    client = connect(api)
    found = read(client.get(contact_path(contact)), ContactView)
    confirm(f"Delete {found.name or 'the contact'} ({found.phone or found.id})?", yes=yes)
    client.delete(contact_path(found.id))
    about = {"id": found.id, "deleted": True}
    give(about, lambda: say(f"Deleted. `blazz contacts restore {found.id}` brings it back."), as_json=api.as_json)


@app.command
def restore(contact: str, /, *, api: Api = DEFAULT_API) -> None:
    """Bring a contact back from the bin.

    Parameters
    ----------
    contact
        The contact's id.

    """
    found = connect(api).post(f"{contact_path(contact)}/restore")
    give(found, lambda: print_contact(read(found, ContactView)), as_json=api.as_json)


@app.command
def opt_out(contact: str, /, *, reason: str | None = None, api: Api = DEFAULT_API) -> None:
    """Record that somebody wants no marketing; campaigns leave them out from now on.

    Parameters
    ----------
    contact
        Id, or phone number in any form.
    reason
        Where or how they said so.

    """
    _consent(contact, "withdrawn", reason, api)


@app.command
def opt_in(contact: str, /, *, reason: str, api: Api = DEFAULT_API) -> None:
    """Record that somebody agreed to marketing.

    Parameters
    ----------
    contact
        Id, or phone number in any form.
    reason
        Where or how they said so; keep it, for you may have to prove it.

    """
    _consent(contact, "granted", reason, api)


def _consent(contact: str, state: str, reason: str | None, api: Api) -> None:
    body = {"state": state, "source": "command line", "detail": reason}
    found = connect(api).post(f"{contact_path(contact)}/consents", body)
    give(found, lambda: print_contact(read(found, ContactView)), as_json=api.as_json)


def print_contacts(contacts: Sequence[ContactView]) -> None:
    """Print contacts as a table."""
    print_table(
        ["id", "phone", "name", "city", "email", "state"],
        [(item.id, item.phone, item.name, item.city, item.email, _state(item)) for item in contacts],
    )


def print_contact(contact: ContactView, category: str | None = None) -> None:
    """Print one contact."""
    print_details(
        [
            ("id", contact.id),
            ("phone", contact.phone),
            ("was written", contact.original_number if contact.original_number != contact.phone else None),
            ("name", contact.name),
            ("email", contact.email),
            ("city", contact.city),
            ("company", contact.company),
            ("category", category),
            ("external id", contact.external_id),
            ("notes", contact.notes),
            *sorted(contact.attributes.items()),
            ("opted out", contact.opted_out_at),
            ("unreachable", contact.unreachable_at),
            ("last message", contact.last_message_at),
            ("last reply", contact.last_inbound_at),
            ("since", contact.created_at),
        ]
    )


def _state(contact: ContactView) -> str:
    if contact.opted_out_at is not None:
        return "opted out"
    return "unreachable" if contact.unreachable_at is not None else ""
