"""``blazz recount``: compare every counter with a count from scratch."""

import asyncio
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from blazz.kernel.config import Settings
    from blazz.main.recount import RecountReport

app = App(name="recount")


@app.default
def recount(*, as_json: Annotated[bool, Parameter(name="--json")] = False) -> int:
    """Count campaigns, categories, groups, usage and events again and compare; exit 1 when anything differs.

    Nothing is changed, and the installation may go on working meanwhile: each comparison sees one state of the
    database. A difference is always a bug in Blazz; please report it.

    Parameters
    ----------
    as_json
        End with one JSON line on stdout.

    """
    import json

    from blazz.kernel.config import load_settings
    from blazz.kernel.logs import configure_logs

    configure_logs("recount", level="WARNING")
    report = asyncio.run(_run(load_settings()))
    fields = asdict(report)
    if as_json:
        sys.stdout.write(json.dumps(fields) + "\n")
    else:
        differences = fields.pop("differences")
        sys.stdout.write("".join(f"{name:22} {value}\n" for name, value in fields.items()))
        sys.stdout.write(f"{'differences':22} {len(differences)}\n")
        for one in report.differences:
            sys.stdout.write(f"  workspace {one.workspace_id}: {one.of} {one.counter}: ")
            sys.stdout.write(f"stored {one.stored}, counted {one.counted}\n")
    return 1 if report.differences else 0


async def _run(settings: "Settings") -> "RecountReport":
    from blazz.main.local_database import owner_url
    from blazz.main.recount import run_recount
    from blazz.main.wiring import open_runtime

    # Starts the embedded database for as long as it takes when the installation does not run.
    with owner_url(settings):
        runtime = await open_runtime(settings, "recount", pool_size=2)
        try:
            return await run_recount(runtime)
        finally:
            await runtime.database.close()
