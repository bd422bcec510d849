"""``blazz up``: start the whole installation and keep it running."""

import asyncio

from cyclopts import App

app = App(name="up")


@app.default
def up() -> int:
    """Start the database, the web process and the worker; restart what crashes; stop everything on Ctrl-C.

    Stopping drains: what is being sent is finished within 25 seconds, and nothing is left running.
    """
    from blazz.kernel.config import load_settings
    from blazz.kernel.logs import configure_logs
    from blazz.main.installation import run_installation

    settings = load_settings()
    configure_logs("supervisor", level=settings.log_level)
    return asyncio.run(run_installation(settings))
