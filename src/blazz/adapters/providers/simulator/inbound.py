"""What people send to the business, as messages of a number."""

import secrets
import time
from dataclasses import dataclass

from blazz.adapters.providers.simulator.acceptance_log import Acceptance
from blazz.adapters.providers.simulator.config import SimulatorConfig
from blazz.adapters.providers.simulator.customers import Plan
from blazz.adapters.providers.simulator.limits import Limits
from blazz.adapters.providers.simulator.media import MediaShelf
from blazz.adapters.providers.simulator.numbers import NumberBook
from blazz.adapters.providers.simulator.people import People, user_id
from blazz.adapters.providers.simulator.samples import TYPES, sample
from blazz.adapters.providers.simulator.shapes import Json, contact, inbound, tap_message
from blazz.adapters.providers.simulator.webhooks import WebhookSender


@dataclass(slots=True, kw_only=True)
class Inbox:
    """Writes inbound messages and hands them to the webhooks."""

    config: SimulatorConfig
    webhooks: WebhookSender
    people: People
    media: MediaShelf
    numbers: NumberBook
    limits: Limits

    def new_id(self) -> str:
        """Make the id of an inbound message."""
        return f"wamid.IN{secrets.token_urlsafe(18)}"

    def receive(
        self,
        person: str,
        kind: str,
        content: object,
        *,
        number_id: str = "",
        replied_to: str = "",
        more: Json | None = None,
        username: str = "",
        hide_phone: bool = False,
    ) -> str:
        """Have a person write now; answer the message's id. ``more`` is put beside the common keys.

        With ``hide_phone`` the webhook names the person by the business-scoped id alone.
        """
        number = self.numbers.find(number_id or self.config.number_id)
        shown = user_id(person) if hide_phone else person
        wamid = self.new_id()
        message = inbound(shown, wamid, kind, content, replied_to=replied_to, own_phone=number.digits)
        message |= more or {}
        self._opens(number.id, person, 0)
        self._send(0, message, person, shown, number.id, username=username, key=wamid)
        return wamid

    def reply(self, entry: Acceptance, plan: Plan, ordinal: int) -> None:
        """Schedule what a person answers to an accepted message."""
        assert plan.reply_after is not None
        number_id, own = entry.phone_number_id, self.webhooks.phones.get(entry.phone_number_id, "")
        wamid = f"wamid.IN{entry.wamid[6:]}"
        match plan.reply_kind:
            case "tap":
                message = tap_message(
                    entry.to, wamid, entry.buttons[plan.button], replied_to=entry.wamid, own_phone=own
                )
            case "react":
                message = inbound(entry.to, wamid, "reaction", {"message_id": entry.wamid, "emoji": plan.reply})
            case "image" | "document" | "audio":
                message = inbound(entry.to, wamid, plan.reply_kind, self.sample_file(plan.reply_kind))
            case _:
                message = inbound(entry.to, wamid, "text", {"body": plan.reply})
        after = plan.reply_after
        message["timestamp"] = str(int(entry.at + after * self.config.time_scale))
        self._opens(number_id, entry.to, after * self.config.time_scale)
        self._send(after, message, entry.to, entry.to, number_id, key=f"{entry.to}:{ordinal}:reply")

    def sample_file(self, kind: str) -> Json:
        """Store a small valid file of a kind and return it as a webhook carries it."""
        return self.file_of(self.media.put(sample(kind), TYPES[kind]), kind)

    def file_of(self, media_id: str, kind: str, *, caption: str = "", filename: str = "") -> Json:
        """Return a stored file as a webhook carries it."""
        file = self.media.in_webhook(media_id, self.config.own_url)
        if kind == "audio":
            file["voice"] = str(file["mime_type"]).startswith("audio/ogg")
        if kind == "document":
            file["filename"] = filename or "bukti-transfer.pdf"
        if kind == "sticker":
            file["animated"] = False
        if caption:
            file["caption"] = caption
        return file

    def _opens(self, number_id: str, person: str, seconds: float) -> None:
        self.people.open_window(number_id, person, time.time() + seconds)
        self.limits.forget_marketing(person)

    def _send(
        self, after: float, message: Json, person: str, shown: str, number_id: str, *, username: str = "", key: str
    ) -> None:
        bsuid = user_id(person) if self.config.user_ids or "." in shown else None
        if "." not in person:
            self.people.remember_phone(person)
        if bsuid is not None:
            message["from_user_id"] = bsuid
        identity = self.people.identity_hash(person) if self.config.user_ids else ""
        card = contact(shown, self.people.name(person), bsuid=bsuid, username=username, identity=identity)
        self.webhooks.schedule(after, "messages", message, number_id=number_id, contact=card, key=key)
