"""Signed webhooks: scheduled, batched, repeated and shuffled as told, retried until the callback answers 200."""

import asyncio
import hmac
import itertools
import random
import time
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path

import aiohttp
import msgspec
import structlog

from blazz.adapters.providers.simulator.config import SimulatorConfig
from blazz.adapters.providers.simulator.customers import Plan, profile_name

_log = structlog.get_logger()
Json = dict[str, object]
_TITLES = {131026: "Message undeliverable", 131049: "This message was not delivered to maintain healthy engagement"}


@dataclass(order=True, slots=True)
class _Due:
    at: float
    order: int
    kind: str = field(compare=False)
    item: Json = field(compare=False)


@dataclass(slots=True)
class WebhookSender:
    """Keeps what is due and delivers it."""

    config: SimulatorConfig
    callback_url: str = ""
    sent: int = 0
    acknowledged: int = 0
    _heap: list[_Due] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)
    _in_flight: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - a simulation

    def __post_init__(self) -> None:
        """Take the callback that was set last, or the configured one."""
        remembered = self._remembered()
        self.callback_url = remembered.read_text() if remembered.exists() else self.config.callback_url

    def call_back(self, url: str) -> None:
        """Send webhooks to another address from now on, also after a restart."""
        self._remembered().write_text(url)
        self.callback_url = url

    def _remembered(self) -> Path:
        return self.config.data_dir / "callback-url"

    @property
    def pending(self) -> int:
        """Updates not yet acknowledged."""
        return len(self._heap) + self._in_flight

    def schedule(self, delay: float, kind: str, item: Json) -> None:
        """Have an update sent after a delay in seconds; ``kind`` is ``statuses``, ``messages`` or another field."""
        if not self.callback_url:
            return
        due = time.monotonic() + delay * self.config.time_scale
        heappush(self._heap, _Due(due, next(self._order), kind, item))
        if self._random.random() < self.config.faults.duplicate_webhooks:
            heappush(self._heap, _Due(due + self._random.random(), next(self._order), kind, item))

    def schedule_plan(self, to: str, wamid: str, opaque: str | None, plan: Plan, category: str) -> None:
        """Schedule everything one accepted message leads to."""
        if plan.failed_code is not None:
            self.schedule(plan.sent_after, "statuses", status(to, wamid, opaque, "failed", code=plan.failed_code))
            return
        self.schedule(plan.sent_after, "statuses", status(to, wamid, opaque, "sent", category=category))
        if plan.delivered_after is not None:
            self.schedule(plan.delivered_after, "statuses", status(to, wamid, opaque, "delivered", category=category))
        if plan.read_after is not None:
            self.schedule(plan.read_after, "statuses", status(to, wamid, opaque, "read"))
        if plan.reply_after is not None:
            self.schedule(plan.reply_after, "messages", text_message(to, f"wamid.IN{wamid[6:]}", plan.reply))

    async def run(self) -> None:
        """Deliver until cancelled."""
        connector = aiohttp.TCPConnector(limit=self.config.callback_concurrency)
        timeout = aiohttp.ClientTimeout(total=20)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            workers = [asyncio.create_task(self._work(session)) for _ in range(self.config.callback_concurrency)]
            await asyncio.gather(*workers)

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            batch = self._take()
            if not batch:
                await asyncio.sleep(self.config.batch_seconds)
                continue
            self._in_flight += len(batch)
            await self._deliver(session, batch)
            self._in_flight -= len(batch)
            self.acknowledged += len(batch)

    def _take(self) -> list[_Due]:
        now = time.monotonic()
        batch: list[_Due] = []
        while self._heap and self._heap[0].at <= now and len(batch) < self.config.batch_size:
            batch.append(heappop(self._heap))
        if self.config.faults.shuffle_webhooks:
            self._random.shuffle(batch)
        return batch

    async def _deliver(self, session: aiohttp.ClientSession, batch: list[_Due]) -> None:
        body = self._body(batch)
        signature = hmac.digest(self.config.app_secret.encode(), body, "sha256").hex()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
        wait = 0.2
        while True:
            try:
                async with session.post(self.callback_url, data=body, headers=headers) as answer:
                    await answer.read()
                    self.sent += 1
                    if answer.status == 200:
                        return
                    problem = str(answer.status)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                problem = type(error).__name__
            _log.info("webhook refused, trying again", problem=problem, updates=len(batch))
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5.0)

    def _body(self, batch: list[_Due]) -> bytes:
        messages = [due.item for due in batch if due.kind == "messages"]
        value: Json = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": self.config.display_phone.replace(" ", "").replace("-", "").lstrip("+"),
                "phone_number_id": self.config.number_id,
            },
        }
        statuses = [due.item for due in batch if due.kind == "statuses"]
        if statuses:
            value["statuses"] = statuses
        if messages:
            value["messages"] = messages
            value["contacts"] = [
                {"wa_id": item["from"], "profile": {"name": profile_name(str(item["from"]))}} for item in messages
            ]
        changes: list[Json] = [{"field": "messages", "value": value}] if statuses or messages else []
        changes += [{"field": due.kind, "value": due.item} for due in batch if due.kind not in {"statuses", "messages"}]
        return msgspec.json.encode(
            {"object": "whatsapp_business_account", "entry": [{"id": self.config.account_id, "changes": changes}]}
        )


def status(
    to: str, wamid: str, opaque: str | None, name: str, *, code: int | None = None, category: str = "utility"
) -> Json:
    """One status update in the provider's shape."""
    item: Json = {"id": wamid, "status": name, "timestamp": str(int(time.time())), "recipient_id": to}
    if opaque is not None:
        item["biz_opaque_callback_data"] = opaque
    if code is not None:
        title = _TITLES.get(code, "Message failed")
        item["errors"] = [{"code": code, "title": title, "message": title, "error_data": {"details": title}}]
    elif name in {"sent", "delivered"}:
        item["pricing"] = {"billable": True, "pricing_model": "PMP", "category": category, "type": "regular"}
    return item


def text_message(sender: str, wamid: str, body: str) -> Json:
    """One inbound text in the provider's shape."""
    return {
        "from": sender,
        "id": wamid,
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": body},
    }
