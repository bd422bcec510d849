"""``blazz send``: one message to one person, watched until it is clear what became of it."""

import sys
import time
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from blazz.cli.api_client import ApiClient, read, segment
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.endings import CONFLICT, FAILED, NOT_FOUND, OK, TRY_AGAIN, USAGE, CommandRefused
from blazz.cli.failure_words import reason_in_words
from blazz.cli.finding import contact_path, find_number, find_template, is_id
from blazz.cli.output import give, make_group, say
from blazz.cli.parsing import parse_values, require_values
from blazz.cli.problems import ServerRefused
from blazz.cli.tables import print_details
from blazz.cli.views import ContactView, Made, MessageView, TemplateView
from blazz.cli.waiting import look

app = make_group("send")
_LOOK_SECONDS = 0.4
_ARRIVED = frozenset({"delivered", "read", "played"})
_LOST = frozenset({"failed", "cancelled"})
_ON_ITS_WAY = frozenset({"accepted", "sent"})


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """What to send.

    Parameters
    ----------
    text
        What to write.
    text_stdin
        Read what to write from stdin.
    template
        Template by name or id.
    language
        The template's language, when there are several.
    var
        A value for the template as variable=text, such as body.1=Sari or 1=Sari; say it again for more.

    """

    text: str | None = None
    text_stdin: bool = False
    template: str | None = None
    language: Annotated[str | None, Parameter(name=["--language", "-l"])] = None
    var: list[str] | None = None


_NOTHING = What()


@app.default
def send(
    *,
    to: str,
    what: What = _NOTHING,
    number: str | None = None,
    add: bool = False,
    name: str = "",
    wait: float = 30.0,
    api: Api = DEFAULT_API,
) -> int:
    """Send one message and wait for what becomes of it.

    A text reaches people who wrote within the last 24 hours; everyone else gets a template. Exit code 0 when the
    message was delivered, or sent and still on its way when the wait is over; 1 when it failed; 75 when it is still
    queued.

    Parameters
    ----------
    to
        Contact by id, or phone number in any form.
    number
        Sending number: id, phone, Meta's id or name; the default number when left out.
    add
        Add the person as a contact when the number is not known yet.
    name
        Name of the person who is added.
    wait
        Seconds to wait for the outcome, 30 when left out; 0 does not wait.

    """
    client = connect(api)
    wish = _wish(client, what)
    sender = find_number(client, number).id
    person = _person(client, to, name, add=add)
    queued = read(client.post("/messages", {"contact_id": person.id, "number_id": sender, **wish}), Made)
    message, found = _wait(client, queued.id, wait, is_told=not api.as_json)
    give(found, lambda: _print(message, person, wait), as_json=api.as_json)
    if message.status in _LOST:
        return FAILED
    return OK if message.status in _ARRIVED | _ON_ITS_WAY or wait <= 0 else TRY_AGAIN


def _wish(client: ApiClient, what: What) -> dict[str, object]:
    if sum((what.text is not None, what.text_stdin, what.template is not None)) != 1:
        raise CommandRefused("Say one of --text, --text-stdin and --template.", USAGE)
    if what.template is not None:
        return _filled(find_template(client, what.template, what.language), what.var or [])
    if what.var or what.language:
        raise CommandRefused("--var and --language belong to --template.", USAGE)
    return {"text": sys.stdin.read().rstrip("\n") if what.text_stdin else what.text}


def _print(message: MessageView, person: ContactView, waited_seconds: float) -> None:
    print_details(
        [
            ("message", message.id),
            ("to", person.phone or person.id),
            ("status", message.status),
            ("why", _why(message)),
            ("sent", message.sent_at),
            ("delivered", message.delivered_at),
            ("read", message.read_at),
        ]
    )
    if message.status in _ON_ITS_WAY and waited_seconds > 0:
        say(f"Sent; it was not delivered within {waited_seconds:.0f} s, which happens when a phone is off.")


def _why(message: MessageView) -> str | None:
    if message.failure is not None:
        return f"{message.failure.message.get('en', '')} [{message.failure.code}]"
    return None if message.error_code is None else f"{reason_in_words(message.error_code)} [{message.error_code}]"


def _filled(template: TemplateView, pairs: list[str]) -> dict[str, object]:
    """Shape the wish for a template; what is wrong is told before anything is asked of the server."""
    if template.status != "APPROVED":
        raise CommandRefused(f"The template {template.name} is {template.status.lower()}, not approved.", CONFLICT)
    values = parse_values(pairs, template)
    require_values(values, template, "give each with --var")
    return {"template": {"name": template.name, "language": template.language, "values": values}}


def _person(client: ApiClient, to: str, name: str, *, add: bool) -> ContactView:
    try:
        return read(client.get(contact_path(to)), ContactView)
    except ServerRefused as refused:
        if refused.status != 404 or is_id("con", to):
            raise
        if not add:
            text = f"{to} is not a contact. --add adds the person, or use `blazz contacts add`."
            raise CommandRefused(text, NOT_FOUND) from None
    return read(client.post("/contacts", {"phone": to, "name": name}), ContactView)


def _wait(client: ApiClient, message_id: str, seconds: float, *, is_told: bool) -> tuple[MessageView, object]:
    path, deadline, told = f"/messages/{segment(message_id)}", time.monotonic() + seconds, ""
    while True:
        found = look(client, path)
        message = read(found, MessageView)
        if is_told and message.status != told and seconds > 0:
            say(f"{message.status}…" if message.status not in _ARRIVED | _LOST else message.status)
            told = message.status
        if message.status in _ARRIVED | _LOST or time.monotonic() >= deadline:
            return message, found
        time.sleep(_LOOK_SECONDS)
