"""``blazz chaos``: prove that nothing is lost or doubled while everything is being broken."""

import asyncio
import sys
from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter

app = App(name="chaos")


@app.default
def chaos(
    *,
    messages: int = 20_000,
    kills: int = 40,
    db_restarts: int = 4,
    freezes: int = 10,
    seed: int = 1,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """Send a campaign while processes are killed and frozen and the database crashes; exit 1 unless all is right.

    The provider accepts 2 % of the messages without a usable answer, throttles 1 %, and repeats and shuffles its
    webhooks. Its own log, written before it answers, decides what was lost or doubled.

    Parameters
    ----------
    messages
        People in the campaign.
    kills
        SIGKILLs to random processes.
    db_restarts
        Crashes of the database, without a checkpoint.
    freezes
        SIGSTOPs of half a second to five seconds.
    seed
        Makes the plan repeatable.
    as_json
        End with one JSON line on stdout.

    """
    import json

    from blazz.kernel.config import load_settings
    from blazz.kernel.logs import configure_logs
    from blazz.main.chaos import ChaosPlan, run_chaos

    configure_logs("chaos", level="WARNING")
    plan = ChaosPlan(messages=messages, kills=kills, db_restarts=db_restarts, freezes=freezes, seed=seed)
    report = asyncio.run(run_chaos(load_settings(), plan, _say))
    fields = asdict(report)
    sys.stdout.write(
        json.dumps(fields) + "\n" if as_json else "".join(f"{name:14} {value}\n" for name, value in fields.items())
    )
    return 0 if report.passed else 1


def _say(text: str) -> None:
    sys.stderr.write(f"chaos: {text}\n")
