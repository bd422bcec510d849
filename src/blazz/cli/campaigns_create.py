"""``blazz campaigns create``: a draft, its audience and where each variable's value comes from."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from blazz.cli.api_client import ApiClient, read
from blazz.cli.campaigns_view import print_campaign, print_preflight
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.endings import USAGE, CommandRefused
from blazz.cli.finding import contact_path, find_campaign, find_named, find_number, find_template
from blazz.cli.output import give, say
from blazz.cli.parsing import parse_values, require_values
from blazz.cli.views import CampaignView, Made, PreflightView, TemplateView


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who gets it.

    Parameters
    ----------
    everyone
        Send to every contact.
    group
        Send to this group, by id or name; say it again for more.
    category
        Send to this category, by id or name; say it again for more.
    contact
        Send to this contact, by id or phone number; say it again for more.
    except_group
        Leave out this group.
    except_campaign
        Leave out who got this campaign, by id or name.

    """

    everyone: bool = False
    group: list[str] | None = None
    category: list[str] | None = None
    contact: list[str] | None = None
    except_group: list[str] | None = None
    except_campaign: list[str] | None = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Where the values of a template's variables come from.

    Parameters
    ----------
    var
        A fixed text for a variable, as body.1=20% or 1=20%; say it again for more.
    field
        A contact field for a variable, as 1=name, 2=city or 3=attributes.size; say it again for more.
    fallback
        What stands in when a person lacks that field, as 1=Kak; say it again for more.

    """

    var: list[str] | None = None
    field: list[str] | None = None
    fallback: list[str] | None = None


_NOBODY, _NOTHING = Audience(), Values()


def create(
    name: str,
    /,
    *,
    template: str,
    language: Annotated[str | None, Parameter(name=["--language", "-l"])] = None,
    number: str | None = None,
    audience: Audience = _NOBODY,
    values: Values = _NOTHING,
    no_auto_pause: bool = False,
    api: Api = DEFAULT_API,
) -> None:
    """Draft a campaign and show what starting it would do. Nothing is sent yet.

    Parameters
    ----------
    name
        What people call it.
    template
        Template by name or id.
    language
        Its language, when there are several.
    number
        Sending number: id, phone, Meta's id or name; the default number when left out.
    no_auto_pause
        Go on even when many messages fail.

    """
    client = connect(api)
    held = find_template(client, template, language)
    variables = _sources(values, held)
    made = client.post(
        "/campaigns",
        {
            "name": name,
            "template_id": held.id,
            "variables": variables,
            "audience": _audience(client, audience),
            "number_id": find_number(client, number).id,
            "auto_pause": {"enabled": not no_auto_pause},
        },
    )
    campaign = read(made, CampaignView)
    checked = read(client.post(f"/campaigns/{campaign.id}/preflight"), PreflightView)

    def show() -> None:
        print_campaign(campaign)
        print_preflight(checked)
        say(f"Drafted. `blazz campaigns start {campaign.id}` sends it.")

    give(made, show, as_json=api.as_json)


def _sources(values: Values, template: TemplateView) -> dict[str, dict[str, str | None]]:
    """Shape the sources of every variable, and refuse before the server must."""
    given = (values.var, values.field, values.fallback)
    texts, fields, stand_ins = (parse_values(pairs or [], template) for pairs in given)
    clash = sorted(texts.keys() & fields.keys())
    loose = sorted(stand_ins.keys() - fields.keys())
    if clash:
        raise CommandRefused(f"{clash[0]} has a text and a field; give one.", USAGE)
    if loose:
        raise CommandRefused(f"{loose[0]} has a fallback and no field.", USAGE)
    require_values({*texts, *fields}, template, "give each with --var or --field")
    fixed: dict[str, dict[str, str | None]] = {key: {"text": text} for key, text in texts.items()}
    return fixed | {key: {"field": path, "fallback": stand_ins.get(key)} for key, path in fields.items()}


def _audience(client: ApiClient, wanted: Audience) -> dict[str, object]:
    include = {
        "all": wanted.everyone,
        "groups": [find_named(client, "groups", item) for item in wanted.group or []],
        "categories": [find_named(client, "categories", item) for item in wanted.category or []],
        "contacts": [read(client.get(contact_path(item)), Made).id for item in wanted.contact or []],
    }
    if not any(include.values()):
        raise CommandRefused("Say who gets it: --everyone, --group, --category or --contact.", USAGE)
    exclude = {
        "groups": [find_named(client, "groups", item) for item in wanted.except_group or []],
        "received_campaigns": [find_campaign(client, item).id for item in wanted.except_campaign or []],
    }
    return {"include": include, "exclude": exclude}
