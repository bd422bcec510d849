"""``blazz demo``: the main job on this machine, with nothing but Blazz itself."""

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

app = App(name="demo")


@app.default
def demo(
    *,
    once: bool = False,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    file: Path | None = None,
) -> int:
    """Import a messy list, send a campaign to everyone on it through the simulator, and reconcile.

    The demo's data lies in a folder of its own and starts from nothing each time. Exit code 1 when anything does not
    reconcile: a row unaccounted for, a person without the message, or a person with two.

    Parameters
    ----------
    once
        End when the campaign is over instead of keeping everything running.
    as_json
        End with one JSON line on stdout.
    file
        Another list to import, CSV or XLSX.

    """
    import json

    from rich.console import Console

    from blazz.cli.demo_view import DemoView
    from blazz.kernel.config import load_settings
    from blazz.kernel.logs import configure_logs
    from blazz.main.demo import run_demo
    from blazz.main.demo_setup import DemoFailed

    settings = load_settings()
    configure_logs("demo", level="WARNING")
    view = DemoView(Console(stderr=True))
    try:
        report = asyncio.run(run_demo(settings, view.watching(), stay=not once, file=file))
    except DemoFailed as error:
        view.close()
        sys.stderr.write(f"{error}\n")
        return 1
    view.close()
    if as_json:
        sys.stdout.write(json.dumps(asdict(report)) + "\n")
    else:
        view.summary(report)
    return 0
