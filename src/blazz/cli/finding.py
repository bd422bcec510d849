"""Finds things by what people call them, where the API wants ids."""

from collections.abc import Sequence
from typing import TypeVar

from blazz.cli.api_client import ApiClient, read, segment
from blazz.cli.endings import NOT_FOUND, USAGE, CommandRefused
from blazz.cli.views import CampaignView, NamedView, NumberView, TemplateView

T = TypeVar("T")
_ID_LENGTH = 30


def is_id(prefix: str, text: str) -> bool:
    """Tell whether a text has the shape of an id of a kind."""
    return text.startswith(f"{prefix}_") and len(text) == _ID_LENGTH


def find_number(client: ApiClient, named: str | None) -> NumberView:
    """Find a number by id, phone, Meta's id or name; the default one when none is named.

    Raises:
        CommandRefused: there is none, or more than one fits.

    """
    if named is not None and is_id("num", named):
        return read(client.get(f"/numbers/{segment(named)}"), NumberView)
    known = [read(item, NumberView) for item in client.pages("/numbers")]
    if named is None:
        fitting = [number for number in known if number.is_default] or known[:1]
    else:
        digits, word = "".join(filter(str.isdecimal, named)), named.strip().casefold()
        fitting = [
            number
            for number in known
            if named == number.phone_number_id
            or word == number.display_name.casefold()
            or (digits and number.phone is not None and number.phone.lstrip("+") == digits)
        ]
    if not known:
        raise CommandRefused("This workspace has no number yet. `blazz numbers add meta` connects one.", NOT_FOUND)
    return _only(fitting, f"number “{named}”", [(number.id, number.label) for number in fitting or known])


def find_template(client: ApiClient, named: str, language: str | None) -> TemplateView:
    """Find a template by id, or by name and language.

    Raises:
        CommandRefused: there is none, or several languages and none was chosen.

    """
    if is_id("tpl", named):
        return read(client.get(f"/templates/{segment(named)}"), TemplateView)
    known = [read(item, TemplateView) for item in client.pages("/templates", {"name": named})]
    exact = [template for template in known if template.name == named]
    fitting = [template for template in exact if language in {None, template.language}]
    if not fitting and not known:
        text = f"There is no template “{named}” here. `blazz templates sync` reads them from WhatsApp."
        raise CommandRefused(text, NOT_FOUND)
    shown = [(template.id, f"{template.name} ({template.language})") for template in fitting or exact or known]
    wanted = f"template “{named}”" + (f" in the language “{language}”" if language else "")
    return _only(fitting, wanted, shown, hint="Say which with --language." if len(fitting) > 1 else "")


def find_named(client: ApiClient, kind: str, named: str) -> str:
    """Return the id of a group or category by id or name; ``kind`` is ``groups`` or ``categories``.

    Raises:
        CommandRefused: there is none of the name.

    """
    prefix, word = {"groups": ("grp", "group"), "categories": ("cat", "category")}[kind]
    if is_id(prefix, named):
        return named
    known = [read(item, NamedView) for item in client.pages(f"/{kind}")]
    fitting = [item for item in known if item.name.casefold() == named.strip().casefold()]
    return _only(fitting, f"{word} “{named}”", [(item.id, item.name) for item in fitting or known]).id


def find_campaign(client: ApiClient, named: str) -> CampaignView:
    """Find a campaign by id, or by name among the newest thousand.

    Raises:
        CommandRefused: there is none, or more than one has the name.

    """
    if is_id("cmp", named):
        return read(client.get(f"/campaigns/{segment(named)}"), CampaignView)
    known = [read(item, CampaignView) for item in client.pages("/campaigns", limit=1000)]
    fitting = [item for item in known if item.name.casefold() == named.strip().casefold()]
    shown = [(item.id, f"{item.name} ({item.status})") for item in fitting or known[:10]]
    return _only(fitting, f"campaign “{named}”", shown, hint="Name it by id." if len(fitting) > 1 else "")


def contact_path(named: str) -> str:
    """Write a contact, given by id or number in any form, as the API's path names it."""
    known = named if is_id("con", named) else f"phone:{named}"
    return f"/contacts/{segment(known)}"


def _only(fitting: Sequence[T], wanted: str, known: Sequence[tuple[str, str]], hint: str = "") -> T:
    if len(fitting) == 1:
        return fitting[0]
    listed = "".join(f"\n  {key}  {label}" for key, label in known[:10])
    if not fitting:
        raise CommandRefused(f"There is no {wanted}." + (f" There are:{listed}" if listed else ""), NOT_FOUND)
    raise CommandRefused(f"More than one {wanted}. {hint}{listed}", USAGE)
