"""One simulated account: what it holds, how it accepts messages, and what follows from them."""

import re
import secrets
import time
from dataclasses import dataclass

from blazz.adapters.providers.simulator.acceptance_log import Acceptance, AcceptanceLog
from blazz.adapters.providers.simulator.config import SimulatorConfig
from blazz.adapters.providers.simulator.customers import Plan, Received, plan_for
from blazz.adapters.providers.simulator.errors import GraphError
from blazz.adapters.providers.simulator.faults import FaultDesk
from blazz.adapters.providers.simulator.inbound import Inbox
from blazz.adapters.providers.simulator.interactive import Button
from blazz.adapters.providers.simulator.limits import Limits
from blazz.adapters.providers.simulator.media import MediaShelf
from blazz.adapters.providers.simulator.numbers import NumberBook, SimulatedNumber
from blazz.adapters.providers.simulator.people import People, chance, user_id
from blazz.adapters.providers.simulator.sends import Send
from blazz.adapters.providers.simulator.shapes import Json, status
from blazz.adapters.providers.simulator.template_sends import check_template_send, quick_replies
from blazz.adapters.providers.simulator.templates import TemplateBook
from blazz.adapters.providers.simulator.uploads import Uploads
from blazz.adapters.providers.simulator.webhooks import WebhookSender

_AMERICAN = re.compile(r"^1[2-9]\d{9}$")


@dataclass(slots=True, kw_only=True)
class Simulator:
    """Everything one simulated account holds."""

    config: SimulatorConfig
    log: AcceptanceLog
    templates: TemplateBook
    webhooks: WebhookSender
    limits: Limits
    media: MediaShelf
    uploads: Uploads
    numbers: NumberBook
    people: People
    faults: FaultDesk
    inbox: Inbox
    token_problem: int | None = None
    paced_templates: int = 0

    def resume(self) -> None:
        """After a restart, schedule again what earlier acceptances lead to: statuses are never lost with the process.

        Everything is sent again, because what the callback acknowledged before is not known; receivers must take
        repeated webhooks anyway.
        """
        for entry in self.log.read():
            self._follow_up(entry, self.people.next_message(entry.to))

    async def accept(self, send: Send, number: SimulatedNumber, *, status_first: bool = False) -> Json:
        """Accept a message: log it durably, schedule its consequences, answer.

        Raises:
            GraphError: the number may not send, a limit is reached, the template is not sendable, the window is
                closed, or a file is unknown.

        """
        number.require_sending()
        open_window = self.people.has_window(number.id, send.to, time.time())
        category, buttons = self._kind(send, number, open_window=open_window)
        if send.template is not None and category == "marketing" and send.to in self.people.stopped_marketing:
            raise GraphError(131050, "the recipient has stopped marketing messages from this business")
        self._require_media(send)
        self.limits.admit(send.to, number.id, opens=not open_window)
        entry = Acceptance(
            at=time.time(),
            phone_number_id=number.id,
            to=send.to,
            wamid=f"wamid.{secrets.token_urlsafe(24)}",
            opaque=send.opaque,
            type=send.type,
            template=str(send.template.get("name")) if send.template else None,
            category=category,
            buttons=buttons,
            withheld=self._withheld(send.to, category),
        )
        ordinal = self.people.next_message(send.to)
        if "." not in send.to:
            self.people.remember_phone(send.to)
        if status_first:
            self._follow_up(entry, ordinal)
        await self.log.append(entry)
        if not status_first:
            self._follow_up(entry, ordinal)
        return self._answer(send, entry)

    def _kind(self, send: Send, number: SimulatedNumber, *, open_window: bool) -> tuple[str, tuple[Button, ...]]:
        """Return the category a message is priced in and what its receiver can press."""
        if send.template is not None:
            template = check_template_send(self.templates, send.template)
            if template.category == "AUTHENTICATION" and "." in send.to:
                raise GraphError(131062, "authentication templates need the recipient's phone number")
            return template.category.lower(), quick_replies(template, send.template)
        if not open_window and send.type != "reaction":
            raise GraphError(131047, f"more than 24 hours since the customer last wrote to {number.digits}")
        return "service", send.buttons

    def _withheld(self, to: str, category: str) -> int | None:
        if category != "marketing":
            return None
        # Marketing is not delivered to numbers of the United States.
        return 131049 if _AMERICAN.match(to) or self.limits.withholds_marketing(to) else None

    def _require_media(self, send: Send) -> None:
        media_id = send.content.get("id") if send.type in {"image", "video", "audio", "document", "sticker"} else None
        if media_id is not None and not self.media.has(str(media_id)):
            raise GraphError(131009, f"{send.type}.id {str(media_id)[:40]!r} is unknown or was deleted")

    def _answer(self, send: Send, entry: Acceptance) -> Json:
        contact: Json = {"input": send.given}
        if "." not in send.to:
            contact["wa_id"] = send.to
        if self.config.user_ids or "." in send.to:
            contact["user_id"] = user_id(send.to)
        message: Json = {"id": entry.wamid}
        if send.template is not None:
            held = self.paced_templates > 0
            self.paced_templates -= held
            message["message_status"] = "held_for_quality_assessment" if held else "accepted"
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}

    def _follow_up(self, entry: Acceptance, ordinal: int) -> None:
        received = Received(
            person=entry.to,
            ordinal=ordinal,
            free_form=entry.template is None,
            marketing=entry.category == "marketing",
            buttons=len(entry.buttons),
            type=entry.type,
        )
        plan = plan_for(received, self.config)
        if entry.withheld is not None:
            plan = Plan(failed_code=entry.withheld, sent_after=plan.sent_after)
        if plan.delivered_after is not None and plan.read_after is not None and self.webhooks.faults.skip_delivered:
            skipped = chance(self.config.seed, "skip", entry.to, ordinal).random() < self.webhooks.faults.skip_delivered
            plan = plan if not skipped else _without_delivered(plan)
        self._statuses(entry, plan, f"{entry.to}:{ordinal}")
        if plan.reply_after is not None:
            self.inbox.reply(entry, plan, ordinal)

    def _statuses(self, entry: Acceptance, plan: Plan, key: str) -> None:
        steps = (
            ("failed" if plan.failed_code is not None else "sent", plan.sent_after),
            ("delivered", plan.delivered_after),
            ("read", plan.read_after),
            ("played", plan.read_after if entry.type == "audio" else None),
        )
        bsuid = user_id(entry.to) if self.config.user_ids or "." in entry.to else None
        for name, after in steps:
            if after is None:
                continue
            code = plan.failed_code if name == "failed" else None
            item = status(
                entry.to,
                entry.wamid,
                entry.opaque,
                name,
                code=code,
                category=entry.category,
                bsuid=bsuid,
                at=entry.at + after * self.config.time_scale,
            )
            self.webhooks.schedule(after, "statuses", item, number_id=entry.phone_number_id, key=f"{key}:{name}")


def _without_delivered(plan: Plan) -> Plan:
    return Plan(
        sent_after=plan.sent_after,
        read_after=plan.read_after,
        reply_after=plan.reply_after,
        reply_kind=plan.reply_kind,
        reply=plan.reply,
        button=plan.button,
    )


def make_simulator(config: SimulatorConfig) -> Simulator:
    """Build a simulator from its configuration."""
    log = AcceptanceLog(config.data_dir / "acceptances.jsonl")
    numbers, people = NumberBook.of(config), People()
    webhooks = WebhookSender(config, {one.id: one.digits for one in numbers.by_id.values()})
    media, limits = MediaShelf(config.data_dir / "media", config.media_url_seconds), Limits(config)
    return Simulator(
        config=config,
        log=log,
        templates=TemplateBook(config.template_review_seconds, config.templates_at_most),
        webhooks=webhooks,
        limits=limits,
        media=media,
        uploads=Uploads(),
        numbers=numbers,
        people=people,
        faults=FaultDesk(config.faults, config.seed),
        inbox=Inbox(config=config, webhooks=webhooks, people=people, media=media, numbers=numbers, limits=limits),
    )
