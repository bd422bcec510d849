"""``blazz bench``: measure what this project claims to be fast at, on this machine, beside a baseline."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

if TYPE_CHECKING:
    from blazz.kernel.config import Settings

app = App(name="bench", help="Measure speeds on this machine, each beside a baseline run in the same minute.")
Json = Annotated[bool, Parameter(name="--json")]
Count = Annotated[int, Parameter(validator=Number(gt=0))]


@app.command
def send(*, messages: Count = 100_000, as_json: Json = False) -> int:
    """Send a campaign to a provider that accepts at once (nginx, or a built-in sink), with one worker process.

    The baseline is the bare HTTP client posting the same bytes to the same provider with nothing behind it.

    Parameters
    ----------
    messages
        Messages to send.
    as_json
        End with one JSON line on stdout.

    """
    from blazz.main.bench.send import bench_send

    return _run(lambda settings: bench_send(settings, messages, _say), as_json=as_json)


@app.command
def loop(*, messages: Count = 20_000, as_json: Json = False) -> int:
    """Send through the simulator and wait until three statuses per message are stored, counted and visible.

    Parameters
    ----------
    messages
        Messages to send.
    as_json
        End with one JSON line on stdout.

    """
    from blazz.main.bench.loop import bench_loop

    return _run(lambda settings: bench_loop(settings, messages, _say), as_json=as_json)


@app.command
def webhooks(*, seconds: Annotated[float, Parameter(validator=Number(gt=0))] = 60.0, as_json: Json = False) -> int:
    """Deliver signed webhooks over 64 connections as fast as they are answered; every answer means durable.

    The baseline is the bare HTTP client posting to nginx, or to a built-in sink.

    Parameters
    ----------
    seconds
        How long to deliver.
    as_json
        End with one JSON line on stdout.

    """
    from blazz.main.bench.webhooks import bench_webhooks

    return _run(lambda settings: bench_webhooks(settings, seconds, _say), as_json=as_json)


@app.command
def freeze(*, recipients: Count = 1_000_000, as_json: Json = False) -> int:
    """Start a campaign to very many people; the baseline is a bare INSERT..SELECT of the same rows.

    Parameters
    ----------
    recipients
        People in the audience.
    as_json
        End with one JSON line on stdout.

    """
    from blazz.main.bench.freeze import bench_freeze

    return _run(lambda settings: bench_freeze(settings, recipients, _say), as_json=as_json)


@app.command(name="import")
def import_(*, rows: Count = 200_000, as_json: Json = False) -> int:
    """Import a messy list through the worker; the baseline only parses the same file.

    Parameters
    ----------
    rows
        Rows of the list.
    as_json
        End with one JSON line on stdout.

    """
    from blazz.main.bench.imports import bench_import

    return _run(lambda settings: bench_import(settings, rows, _say), as_json=as_json)


def _run(bench: "Callable[[Settings], Coroutine[Any, Any, Any]]", *, as_json: bool) -> int:
    from blazz.kernel.config import load_settings
    from blazz.kernel.logs import configure_logs
    from blazz.main.bench.machine import describe_machine

    configure_logs("bench", level="WARNING")
    figures = asdict(asyncio.run(bench(load_settings()))) | {"machine": asdict(describe_machine())}
    if as_json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        sys.stdout.write("".join(f"{name:20} {value}\n" for name, value in figures.items()))
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
