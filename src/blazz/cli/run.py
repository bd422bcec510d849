"""``blazz run``: one process alone, for systemd units and containers."""

import sys

from cyclopts import App

app = App(name="run", help="Run one process alone: web, worker or simulator.")
app.command("blazz.adapters.providers.simulator.cli:app", name="simulator", help="The WhatsApp simulator.")


@app.command
def web() -> None:
    """Serve the API and the webhooks until SIGTERM; the database must run already."""
    _without_terminal()
    import uvloop

    from blazz.kernel.config import load_settings
    from blazz.kernel.logs import configure_logs
    from blazz.main.web import run_web

    settings = load_settings()
    configure_logs("web", level=settings.log_level)
    uvloop.run(run_web(settings))


@app.command
def worker() -> None:
    """Send, process webhooks and run jobs until SIGTERM; the database must run already."""
    _without_terminal()
    import uvloop

    from blazz.kernel.config import load_settings
    from blazz.kernel.logs import configure_logs
    from blazz.main.worker import run_worker

    settings = load_settings()
    configure_logs("worker", level=settings.log_level)
    uvloop.run(run_worker(settings))


def _without_terminal() -> None:
    """Keep the logging library from loading its colours: these processes write JSON lines, and start sooner without."""
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type] # None is how an import is refused
