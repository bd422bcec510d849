"""The demo's live view in a terminal."""

import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table

from blazz.domains.campaigns import Stats
from blazz.domains.contacts import Import
from blazz.main.demo import Watching
from blazz.main.demo_report import DemoReport


@dataclass(slots=True)
class DemoView:
    """Shows progress while it happens; falls back to plain lines where no one watches."""

    console: Console
    _live: Live | None = None
    _started: float = field(default_factory=time.monotonic)
    _first_sent: float | None = None

    def watching(self) -> Watching:
        """Return the callbacks of the demo."""
        return Watching(say=self._say, importing=self._importing, sending=self._sending)

    def close(self) -> None:
        """End the live view."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def summary(self, report: DemoReport) -> None:
        """Print the reconciled figures."""
        table = Table(title="Reconciled with the provider's own log", title_justify="left")
        table.add_column("what")
        table.add_column("count", justify="right")
        for name in report.__dataclass_fields__:
            table.add_row(name.replace("_", " "), f"{getattr(report, name):,}")
        self.console.print(table)

    def _say(self, text: str) -> None:
        self.close()
        self.console.print(text)

    def _importing(self, job: Import) -> None:
        if self.console.is_terminal:
            done = sum(job.counts.get(name, 0) for name in ("created", "updated", "unchanged", "duplicate", "invalid"))
            self._show_table("import", {"state": job.status, "rows": str(done)})

    def _sending(self, stats: Stats, status: str) -> None:
        if not self.console.is_terminal:
            return
        if self._first_sent is None and stats.accepted:
            self._first_sent = time.monotonic()
        elapsed = time.monotonic() - (self._first_sent or time.monotonic())
        rate = stats.accepted / elapsed if elapsed > 0 else 0.0
        left = max(0, stats.total - stats.skipped - stats.accepted - stats.failed)
        rows = {
            "state": status,
            "queued": f"{stats.queued:,}",
            "sent": f"{stats.accepted:,}",
            "delivered": f"{stats.delivered:,}",
            "read": f"{stats.read:,}",
            "replied": f"{stats.replied:,}",
            "failed": f"{stats.failed:,}  {dict(stats.failures) or ''}",
            "rate": f"{rate:,.0f} messages/s",
            "left": f"{left:,}" + (f"  about {left / rate:,.0f} s" if rate else ""),
        }
        self._show_table("campaign", rows)

    def _show_table(self, title: str, rows: dict[str, str]) -> None:
        table = Table(title=title, title_justify="left", show_header=False)
        for name, value in rows.items():
            table.add_row(name, value)
        if self._live is None:
            self._live = Live(table, console=self.console, refresh_per_second=8)
            self._live.start()
        self._live.update(table)
