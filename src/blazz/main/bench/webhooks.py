"""``bench webhooks``: signed deliveries at full speed from kept-alive connections; each answered only once durable."""

import asyncio
import hmac
import sys
import time
from dataclasses import dataclass
from typing import cast

import msgspec

from blazz.kernel.config import Settings
from blazz.kernel.ids import encode_id
from blazz.main.bench.client_loop import measure_client_loop
from blazz.main.bench.place import APP_SECRET, Place, Say, open_place, process, running
from blazz.main.bench.sink import running_sink
from blazz.main.installation import answers_ok
from blazz.main.supervisor import ProcessSpec

_CONNECTIONS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFigures:
    """Deliveries per second with the time to each answer; ``lost`` were answered 200 and are not in the database."""

    events: int
    events_per_second: float
    p50_ms: float
    p99_ms: float
    lost: int
    refused: int
    baseline_per_second: float
    ratio: float
    baseline: str


@dataclass(frozen=True, slots=True)
class _Load:
    """What the load generator saw: seconds it took, answers of 200, other answers, and latencies in milliseconds."""

    seconds: float
    accepted: int
    refused: int
    p50_ms: float
    p99_ms: float


async def bench_webhooks(settings: Settings, seconds: float, say: Say) -> WebhookFigures:
    """Measure the intake for some seconds; every delivery carries one status."""
    async with running_sink(settings.home / "bench-sink") as sink:
        say(f"baseline: the bare HTTP client against {sink.kind}")
        baseline = await measure_client_loop(f"{sink.url}/", max(1000, round(seconds * 1000)), _CONNECTIONS)
    async with open_place(settings) as place:
        web = process(place, "web")

        async def ready() -> bool:
            return await answers_ok("127.0.0.1", place.runtime.settings.port, "/readyz")

        spec = ProcessSpec(name=web.name, command=web.command, env=web.env, ready=ready)
        async with running(spec):
            say(f"sending signed webhooks for {seconds:.0f} s")
            load = await _drive(place, seconds)
        async with place.runtime.database.system() as tx:
            stored = await tx.fetchval("SELECT count(*) FROM webhook_deliveries")
    rate = load.accepted / load.seconds
    return WebhookFigures(
        events=load.accepted,
        events_per_second=round(rate, 1),
        p50_ms=round(load.p50_ms, 2),
        p99_ms=round(load.p99_ms, 2),
        lost=max(0, load.accepted - stored),
        refused=load.refused,
        baseline_per_second=round(baseline, 1),
        ratio=round(rate / baseline, 3),
        baseline=sink.kind,
    )


async def _drive(place: Place, seconds: float) -> _Load:
    """Run the load in a process of its own, so that it does not share our event loop."""
    path = f"/webhooks/meta/{encode_id('acc', place.account_id)}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(place.runtime.settings.port), path, str(seconds),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return msgspec.json.decode(out, type=_Load)


def make_delivery(number: int) -> bytes:
    """Write a delivery with one status, as the provider writes them; each is different."""
    return msgspec.json.encode(
        {
            "object": "whatsapp_business_account",
            "entry": [
                {
                    "id": "100000000000001",
                    "changes": [
                        {
                            "field": "messages",
                            "value": {
                                "messaging_product": "whatsapp",
                                "metadata": {
                                    "display_phone_number": "628111000001",
                                    "phone_number_id": "200000000000001",
                                },
                                "statuses": [
                                    {
                                        "id": f"wamid.{number:032d}",
                                        "status": "delivered",
                                        "timestamp": "1795000000",
                                        "recipient_id": "6281200000001",
                                    }
                                ],
                            },
                        }
                    ],
                }
            ],
        }
    )


class _Connection(asyncio.Protocol):
    """One kept-alive connection that sends the next delivery as soon as the last one is answered."""

    def __init__(self, load: "_LoadRun", first: int) -> None:
        self._load, self._number = load, first
        self._buffer = b""
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes, only of their shape.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if len(self._buffer) < end + 4 + length:
            return
        self._buffer = self._buffer[end + 4 + length :]
        self._load.note(b" 200 " in head[:20], time.perf_counter() - self._sent_at)
        if time.perf_counter() < self._load.ends_at:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(exc)

    def _send(self) -> None:
        body = make_delivery(self._number)
        self._number += _CONNECTIONS
        signature = hmac.digest(APP_SECRET.encode(), body, "sha256").hex()
        self._sent_at = time.perf_counter()
        self._transport.write(
            f"POST {self._load.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n".encode("ascii")
            + body
        )


class _LoadRun:
    def __init__(self, path: str, seconds: float) -> None:
        self.path = path
        self.ends_at = time.perf_counter() + seconds
        self.latencies: list[float] = []
        self.refused = 0

    def note(self, accepted: bool, seconds: float) -> None:  # noqa: FBT001 - one fact and its time, called in one place
        self.refused += not accepted
        if accepted:
            self.latencies.append(seconds * 1000)


async def _generate(port: int, path: str, seconds: float) -> _Load:
    loop = asyncio.get_running_loop()
    run = _LoadRun(path, seconds)
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda first=first: _Connection(run, first), "127.0.0.1", port)  # type: ignore[misc] # mypy cannot infer a lambda's defaults
        for first in range(_CONNECTIONS)
    ]
    await asyncio.gather(*(connection.ended for _, connection in made))
    ranked = sorted(run.latencies) or [0.0]
    return _Load(
        seconds=time.perf_counter() - started,
        accepted=len(run.latencies),
        refused=run.refused,
        p50_ms=ranked[len(ranked) // 2],
        p99_ms=ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)],
    )


if __name__ == "__main__":
    import uvloop

    load = uvloop.run(_generate(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
    sys.stdout.write(msgspec.json.encode(load).decode())
