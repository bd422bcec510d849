"""``blazz templates``: the message templates that WhatsApp has approved, or not yet."""

import json
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from blazz.cli.api_client import read, segment
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.endings import USAGE, CommandRefused
from blazz.cli.finding import find_number, find_template
from blazz.cli.output import clean, confirm, give, make_group, print_line, say
from blazz.cli.parsing import parse_values
from blazz.cli.tables import print_details, print_table
from blazz.cli.views import PreviewView, TemplateView

app = make_group("templates", "List, synchronise, preview and create message templates.")
Language = Annotated[str | None, Parameter(name=["--language", "-l"])]


class SyncView(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading of WhatsApp's list changed."""

    seen: int
    changed: int
    removed: int


@app.command(name="list")
def list_templates(
    *,
    name: str | None = None,
    status: str | None = None,
    category: str | None = None,
    language: Language = None,
    limit: int = 100,
    api: Api = DEFAULT_API,
) -> None:
    """List templates by name, with the variables each one needs.

    Parameters
    ----------
    name
        Only names that hold this.
    status
        Only this state, such as approved, pending or rejected.
    category
        Only marketing, utility or authentication.
    language
        Only this language, such as id or en_US.
    limit
        How many to show; 100 when left out.

    """
    query = {"name": name, "status": status, "category": category, "language": language}
    found = list(connect(api).pages("/templates", query, limit=limit))

    def show() -> None:
        if not found:
            say("No template is found. `blazz templates sync` reads them from WhatsApp.")
            return
        rows = [read(item, TemplateView) for item in found]
        print_table(
            ["name", "language", "category", "status", "quality", "variables"],
            [
                (
                    row.name,
                    row.language,
                    row.category.lower(),
                    row.status.lower(),
                    row.quality.lower(),
                    ", ".join(variable.key for variable in row.variables if variable.required),
                )
                for row in rows
            ],
            wrap=["variables"],
        )

    give(found, show, as_json=api.as_json)


@app.command
def sync(*, number: str | None = None, api: Api = DEFAULT_API) -> None:
    """Read the templates from WhatsApp now.

    Parameters
    ----------
    number
        Only the account of this number: id, phone, Meta's id or name. Every account when left out.

    """
    client = connect(api)
    body = {"account_id": find_number(client, number).account_id} if number else None
    done = client.post("/templates/sync", body)
    report = read(done, SyncView)
    text = f"{report.seen} templates were read: {report.changed} new or changed, {report.removed} gone."
    give(done, lambda: say(text), as_json=api.as_json)


@app.command
def show(template: str, /, *, language: Language = None, api: Api = DEFAULT_API) -> None:
    """Show one template: its text, its state, and the variables it needs.

    Parameters
    ----------
    template
        Name or id.
    language
        The language, when there are several.

    """
    client = connect(api)
    found = client.get(f"/templates/{segment(find_template(client, template, language).id)}")
    give(found, lambda: print_template(read(found, TemplateView)), as_json=api.as_json)


@app.command
def preview(
    template: str,
    /,
    *,
    language: Language = None,
    var: list[str] | None = None,
    api: Api = DEFAULT_API,
) -> None:
    """Show a template as somebody would receive it; variables without a value show their example.

    Parameters
    ----------
    template
        Name or id.
    language
        The language, when there are several.
    var
        A value as variable=text, such as body.1=Sari or 1=Sari; say it again for more.

    """
    client = connect(api)
    held = find_template(client, template, language)
    values = parse_values(var or [], held)
    found = client.post(f"/templates/{segment(held.id)}/preview", {"values": values})

    def show_it() -> None:
        filled = read(found, PreviewView)
        print_preview(filled)
        if filled.missing:
            say(f"Shown with examples, for want of values: {', '.join(filled.missing)}.")

    give(found, show_it, as_json=api.as_json)


@app.command
def create(file: Path, /, *, number: str | None = None, api: Api = DEFAULT_API) -> None:
    """Submit a template to WhatsApp for review. What WhatsApp would refuse is told before anything is sent.

    Parameters
    ----------
    file
        JSON with name, language, category and components, as Meta's documentation describes them.
    number
        Submit it to the account of this number; may be left out when there is only one account.

    """
    try:
        wish = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandRefused(f"Cannot read {file} ({(error.strerror or '').lower()}).", USAGE) from error
    except ValueError as error:
        raise CommandRefused(f"{file} is not JSON: {error}.", USAGE) from error
    if not isinstance(wish, dict):
        raise CommandRefused(f"{file} must hold one JSON object with name, language, category and components.", USAGE)
    client = connect(api)
    if number is not None:
        wish["account_id"] = find_number(client, number).account_id
    made = client.post("/templates", wish)

    def show_it() -> None:
        print_template(read(made, TemplateView))
        say("Submitted. WhatsApp reviews it; `blazz templates sync` brings the outcome.")

    give(made, show_it, as_json=api.as_json)


@app.command
def delete(
    template: str,
    /,
    *,
    language: Language = None,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False,
    api: Api = DEFAULT_API,
) -> None:
    """Delete one language of a template, at WhatsApp too.

    Parameters
    ----------
    template
        Name or id.
    language
        The language, when there are several.
    yes
        Do not ask.

    """
    client = connect(api)
    held = find_template(client, template, language)
    confirm(f"Delete {held.name} ({held.language}) here and at WhatsApp? Its name stays blocked for 30 days.", yes=yes)
    client.delete(f"/templates/{segment(held.id)}")
    give({"id": held.id, "deleted": True}, lambda: say(f"{held.name} is deleted."), as_json=api.as_json)


def print_template(template: TemplateView) -> None:
    """Print one template."""
    print_details(
        [
            ("id", template.id),
            ("name", template.name),
            ("language", template.language),
            ("category", template.category.lower()),
            ("status", template.status.lower()),
            ("quality", template.quality.lower()),
            ("rejected for", None if template.rejection_reason == "NONE" else template.rejection_reason),
            ("read", template.synced_at),
        ]
    )
    for component in template.components:
        kind, text = str(component.get("type", "")).lower(), component.get("text")
        if isinstance(text, str):
            print_line(f"\n{kind}:")
            _print_text(text)
    if template.variables:
        print_line("")
        print_table(
            ["variable", "kind", "needed", "example"],
            [(item.key, item.kind, item.required, item.example) for item in template.variables],
        )


def print_preview(filled: PreviewView) -> None:
    """Print a filled template as a message."""
    if filled.header or filled.header_format not in {None, "TEXT"}:
        print_line(clean(filled.header or f"[{(filled.header_format or '').lower()}]"))
        print_line("")
    _print_text(filled.body)
    if filled.footer:
        print_line("")
        _print_text(filled.footer)
    for button in filled.buttons:
        target = button.url or button.phone_number
        print_line(f"[ {clean(button.text)} ]" + (f" {clean(target)}" if target else ""))


def _print_text(text: str) -> None:
    for line in text.split("\n"):
        print_line(clean(line))
