"""Reads and checks the body of a send."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from blazz.adapters.providers.simulator.errors import GraphError, bad, missing, wrong
from blazz.adapters.providers.simulator.interactive import Button, check_interactive, tappable
from blazz.adapters.providers.simulator.people import BSUID, PHONE, People
from blazz.adapters.providers.simulator.values import Json, length, pointed, table, text

_MEDIA: Final = {"image": True, "video": True, "document": True, "audio": False, "sticker": False}
_LONGEST_TEXT, _LONGEST_OPAQUE, _LONGEST_CAPTION, _MOST_CONTACTS = 4096, 512, 1024, 257
_NAME_PARTS = ("first_name", "last_name", "middle_name", "prefix", "suffix")
_BIRTHDAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """A send that passed the checks; ``to`` is a phone, or a business-scoped id where no phone is known."""

    to: str
    given: str
    type: str
    opaque: str | None
    template: Json | None
    content: Json = {}
    buttons: tuple[Button, ...] = ()


def peek_recipient(body: Mapping[str, object], people: People) -> str:
    """Return the person a body is for before anything about it is checked; empty when it names nobody."""
    if body.get("to"):
        return str(body["to"]).lstrip("+")
    return people.person_of(str(body.get("recipient") or ""))


def read_send(body: Json, own_phone: str, people: People) -> Send:
    """Check a body.

    Raises:
        GraphError: with the code and details the real service uses for that mistake.

    """
    if body.get("messaging_product") != "whatsapp":
        raise bad("messaging_product must be whatsapp")
    if body.get("recipient_type", "individual") != "individual":
        raise bad("recipient_type must be individual; this simulator has no groups")
    to = _recipient(body, own_phone, people)
    kind = str(body.get("type") or "text")
    if kind not in _CHECKS:
        raise GraphError(131051, f"type {kind[:40]!r} is not supported")
    content = body.get(kind)
    if content is None:
        raise missing(f"{kind} is required")
    opaque = body.get("biz_opaque_callback_data")
    if opaque is not None and (not isinstance(opaque, str) or len(opaque) > _LONGEST_OPAQUE):
        raise wrong("biz_opaque_callback_data takes up to 512 characters")
    if body.get("context") is not None:
        text(table(body["context"], "context"), "message_id", "context.message_id")
    wanted = body.get("recipient_identity_key_hash")
    if wanted is not None and wanted != people.identity_hash(to):
        raise GraphError(137000, "recipient_identity_key_hash is not the one of the recipient's present identity")
    _CHECKS[kind](content)
    found = content if isinstance(content, dict) else {}
    return Send(
        to=to,
        given=str(body.get("to") or body.get("recipient")),
        type=kind,
        opaque=opaque,
        template=found if kind == "template" else None,
        content=found,
        buttons=tappable(found) if kind == "interactive" else (),
    )


def _recipient(body: Json, own_phone: str, people: People) -> str:
    if not body.get("to") and body.get("recipient"):
        given = str(body["recipient"])
        if not BSUID.match(given):
            raise wrong("recipient must be a business-scoped user id such as ID.1349")
        return people.person_of(given)
    to = re.sub(r"[\s()-]", "", str(body.get("to") or "")).lstrip("+")
    if not to:
        raise missing("to or recipient is required")
    if not PHONE.match(to):
        raise wrong("to must hold digits in international form")
    if to == re.sub(r"\D", "", own_phone):
        raise GraphError(131021, "sender and recipient are the same number")
    return to


def _text(content: object) -> None:
    body = table(content, "text")
    length(body, "body", _LONGEST_TEXT, "text.body")
    if not isinstance(body.get("preview_url", False), bool):
        raise wrong("text.preview_url takes true or false")


def _media(kind: str) -> Callable[[object], None]:
    def check(content: object) -> None:
        file = table(content, kind)
        media_reference(file, kind)
        caption = file.get("caption")
        if caption is not None and (not _MEDIA[kind] or not isinstance(caption, str)):
            raise bad(f"{kind}.caption is not allowed")
        if isinstance(caption, str) and len(caption) > _LONGEST_CAPTION:
            raise wrong(f"{kind}.caption takes up to 1024 characters")
        if file.get("filename") is not None and kind != "document":
            raise bad(f"{kind}.filename is not allowed")
        if file.get("voice") is not None and (kind != "audio" or not isinstance(file["voice"], bool)):
            raise bad(f"{kind}.voice is not allowed")

    return check


def media_reference(file: Json, name: str) -> None:
    """Check that a file is named by exactly one of id and link."""
    media_id, link = file.get("id"), file.get("link")
    if bool(media_id) == bool(link):
        raise (
            missing(f"{name} needs an id or a link, and not both")
            if not media_id
            else bad(f"{name} takes an id or a link, not both")
        )
    if link is not None and not str(link).startswith(("http://", "https://")):
        raise wrong(f"{name}.link must be an http or https address")


def _location(content: object) -> None:
    place = table(content, "location")
    for name, most in (("latitude", 90), ("longitude", 180)):
        if name not in place:
            raise missing(f"location.{name} is required")
        try:
            value = float(str(place[name]))
        except ValueError:
            raise wrong(f"location.{name} must be a number") from None
        if not -most <= value <= most:
            raise wrong(f"location.{name} must lie between -{most} and {most}")


def _contacts(content: object) -> None:
    if not isinstance(content, list) or not 1 <= len(content) <= _MOST_CONTACTS:
        raise wrong("contacts takes 1 to 257 cards")
    for index, card in enumerate(content):
        name = table(table(card, f"contacts[{index}]").get("name"), f"contacts[{index}].name")
        text(name, "formatted_name", f"contacts[{index}].name.formatted_name")
        if not any(name.get(part) for part in _NAME_PARTS):
            raise bad(f"contacts[{index}].name needs one of {', '.join(_NAME_PARTS)} besides formatted_name")
        birthday = card.get("birthday")
        if birthday is not None and not _BIRTHDAY.match(str(birthday)):
            raise wrong(f"contacts[{index}].birthday must be written YYYY-MM-DD")


def _reaction(content: object) -> None:
    reaction = table(content, "reaction")
    text(reaction, "message_id", "reaction.message_id")
    if not isinstance(reaction.get("emoji", ""), str) or len(str(reaction.get("emoji", ""))) > 16:
        raise wrong("reaction.emoji takes one emoji, or nothing to take the reaction back")


def _interactive(content: object) -> None:
    check_interactive(table(content, "interactive"))


def _template(content: object) -> None:
    template = table(content, "template")
    text(template, "name", "template.name")
    language = pointed(template, "language", "template.language")
    text(language, "code", "template.language.code")
    if language.get("policy", "deterministic") != "deterministic":
        raise bad("template.language.policy must be deterministic")


_CHECKS: Final[Mapping[str, Callable[[object], None]]] = {
    "text": _text,
    **{kind: _media(kind) for kind in _MEDIA},
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _interactive,
    "template": _template,
}
