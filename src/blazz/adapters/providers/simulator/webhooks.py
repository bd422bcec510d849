"""Signed webhooks: scheduled, batched, repeated and shuffled as told, retried until the callback answers 200."""

import asyncio
import contextlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path

import aiohttp
import msgspec
import structlog

from blazz.adapters.providers.simulator.config import Faults, SimulatorConfig
from blazz.adapters.providers.simulator.people import chance
from blazz.adapters.providers.simulator.shapes import Json, status, text_message

__all__ = ["Update", "WebhookSender", "status", "text_message"]
_log = structlog.get_logger()
_IN_VALUE = {"statuses", "messages", "message_echoes"}
# These follow an address set for the account; everything else always goes to the app's own address.
_MESSAGE_LIKE = _IN_VALUE | {"user_preferences", "calls", "user_id_update"}


@dataclass(order=True, slots=True)
class Update:
    """One update that is due; ``kind`` is ``statuses``, ``messages``, ``message_echoes`` or the name of a field."""

    at: float
    order: int
    kind: str = field(compare=False)
    item: Json = field(compare=False)
    number_id: str = field(compare=False)
    contact: Json | None = field(compare=False, default=None)


@dataclass(slots=True)
class WebhookSender:
    """Keeps what is due and delivers it; ``phones`` are the display digits of each number."""

    config: SimulatorConfig
    phones: dict[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    callback_url: str = ""
    override_url: str = ""
    sent: int = 0
    acknowledged: int = 0
    given_up: int = 0
    last_problem: str = ""
    _heap: list[Update] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)
    _in_flight: int = 0

    def __post_init__(self) -> None:
        """Take the callbacks that were set last, or the configured one."""
        self.faults = self.config.faults
        remembered = self._remembered("callback-url")
        self.callback_url = remembered.read_text() if remembered.exists() else self.config.callback_url
        override = self._remembered("override-url")
        self.override_url = override.read_text() if override.exists() else ""

    def call_back(self, url: str) -> None:
        """Send webhooks to another address from now on, also after a restart."""
        self._remembered("callback-url").write_text(url)
        self.callback_url = url

    def override(self, url: str) -> None:
        """Send message-like webhooks to an address of the account; empty takes it back."""
        self._remembered("override-url").write_text(url)
        self.override_url = url

    def _remembered(self, name: str) -> Path:
        return self.config.data_dir / name

    @property
    def pending(self) -> int:
        """Updates not yet acknowledged."""
        return len(self._heap) + self._in_flight

    def schedule(
        self, delay: float, kind: str, item: Json, *, number_id: str = "", contact: Json | None = None, key: str = ""
    ) -> None:
        """Have an update sent after a delay in seconds.

        ``key`` names the update for the dice that repeat and delay it; without one its place in the order does.
        """
        if not (self.callback_url or (self.override_url and kind in _MESSAGE_LIKE)):
            return
        order = next(self._order)
        due = time.monotonic() + delay * self.config.time_scale
        number = number_id or self.config.number_id
        faults, again = self.faults, None
        if faults.duplicate_webhooks or faults.delay_webhooks:
            dice = chance(self.config.seed, "webhook", key or order)
            repeated, late, gap = dice.random(), dice.random(), dice.random()
            if late < faults.delay_webhooks:
                due += faults.delay_webhooks_seconds * self.config.time_scale
            again = due + gap if repeated < faults.duplicate_webhooks else None
        heappush(self._heap, Update(due, order, kind, item, number, contact))
        if again is not None:
            heappush(self._heap, Update(again, next(self._order), kind, item, number, contact))

    async def run(self) -> None:
        """Deliver until cancelled."""
        connector = aiohttp.TCPConnector(limit=self.config.callback_concurrency)
        timeout = aiohttp.ClientTimeout(total=self.config.callback_seconds)
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
            try:
                for url, part in self._by_address(batch):
                    if await self._deliver(session, url, part):
                        self.acknowledged += len(part)
                    else:
                        self.given_up += len(part)
            finally:
                self._in_flight -= len(batch)

    def _take(self) -> list[Update]:
        now = time.monotonic()
        batch: list[Update] = []
        while self._heap and self._heap[0].at <= now and len(batch) < self.config.batch_size:
            batch.append(heappop(self._heap))
        if self.faults.shuffle_webhooks and batch:
            chance(self.config.seed, "shuffle", batch[0].order).shuffle(batch)
        return batch

    def _by_address(self, batch: list[Update]) -> list[tuple[str, list[Update]]]:
        if not self.override_url:
            return [(self.callback_url, batch)]
        own = [update for update in batch if update.kind in _MESSAGE_LIKE]
        rest = [update for update in batch if update.kind not in _MESSAGE_LIKE]
        return [(url, part) for url, part in ((self.override_url, own), (self.callback_url, rest)) if part]

    async def _deliver(self, session: aiohttp.ClientSession, url: str, batch: list[Update]) -> bool:
        """Post until the callback answers 200; False when the time for trying is over."""
        body = self.body(batch)
        headers = sign(body, self.config.app_secret)
        wait, end = self.config.retry_first_seconds, time.monotonic() + self.config.give_up_seconds
        while True:
            try:
                async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                    await answer.read()
                    self.sent += 1
                    if answer.status == 200:
                        return True
                    self.last_problem = str(answer.status)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                self.last_problem = type(error).__name__
            if time.monotonic() + wait > end:
                _log.warning("webhook given up", problem=self.last_problem, updates=len(batch))
                return False
            _log.info("webhook refused, trying again", problem=self.last_problem, updates=len(batch))
            await asyncio.sleep(wait)
            wait = min(wait * 2, self.config.retry_longest_seconds)

    def body(self, batch: list[Update]) -> bytes:
        """Write one POST body: messages and statuses of a number in one change, every other field on its own."""
        values: dict[tuple[str, str], Json] = {}
        changes: list[Json] = []
        for update in batch:
            if update.kind not in _IN_VALUE:
                changes.append({"field": update.kind, "value": update.item})
                continue
            field_name = "smb_message_echoes" if update.kind == "message_echoes" else "messages"
            value = values.get((update.number_id, field_name))
            if value is None:
                value = values[(update.number_id, field_name)] = self.envelope(update.number_id)
            _append(value, update.kind, update.item)
            if update.contact is not None:
                _append(value, "contacts", update.contact)
        together: list[Json] = [{"field": name, "value": value} for (_, name), value in values.items()]
        entry: Json = {"id": self.config.account_id, "changes": together + changes}
        if changes:
            entry["time"] = int(time.time())
        document = {"object": "whatsapp_business_account", "entry": [entry]}
        body = msgspec.json.encode(document)
        # Everything outside ASCII is escaped, as the real service does; receivers must check the bytes as they came.
        return body if body.isascii() else json.dumps(document, separators=(",", ":")).encode()

    def envelope(self, number_id: str) -> Json:
        """Return what every message-like value opens with."""
        metadata = {"display_phone_number": self.phones.get(number_id, ""), "phone_number_id": number_id}
        return {"messaging_product": "whatsapp", "metadata": metadata}


def sign(body: bytes, app_secret: str) -> dict[str, str]:
    """Return the headers of a POST, signed over its raw bytes; the SHA-1 one is what old receivers look at."""
    secret = app_secret.encode()
    return {
        "Content-Type": "application/json",
        "X-Hub-Signature": f"sha1={hmac.digest(secret, body, 'sha1').hex()}",
        "X-Hub-Signature-256": f"sha256={hmac.digest(secret, body, 'sha256').hex()}",
    }


async def shake_hands(url: str, verify_token: str, seconds: float) -> str | None:
    """Ask a callback to prove that it knows the verify token; answer what went wrong, None when nothing did."""
    challenge = str(int(time.time() * 1000) % 1_000_000_000)
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    timeout = aiohttp.ClientTimeout(total=seconds)
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError, ValueError):
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, params=query) as answer:
            said = (await answer.content.read(4096)).decode("utf-8", "replace").strip()
            if answer.status != 200:
                return f"the callback answered HTTP {answer.status}, expected 200"
            return None if said == challenge else f"the callback answered {said[:40]!r}, expected the challenge"
    return "the callback did not answer"


def _append(value: Json, name: str, item: Json) -> None:
    found = value.setdefault(name, [])
    assert isinstance(found, list)
    found.append(item)
