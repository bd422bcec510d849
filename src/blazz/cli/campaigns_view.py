"""How campaigns look in a terminal: figures, what stands in the way, and the live view."""

import time
from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from blazz.cli.api_client import ApiClient, read
from blazz.cli.endings import FAILED, INTERRUPTED, OK
from blazz.cli.failure_words import reason_in_words
from blazz.cli.output import clean, console, print_json_line, print_line, say
from blazz.cli.tables import print_details, print_table
from blazz.cli.views import CampaignView, PreflightView, StatsView
from blazz.cli.waiting import look

_LOOK_SECONDS = 0.5
_OVER = frozenset({"completed", "cancelled", "failed"})
_RATE_MEMORY_SECONDS = 10.0


def print_campaign(campaign: CampaignView) -> None:
    """Print one campaign with its counters."""
    stats = campaign.stats
    print_details(
        [
            ("id", campaign.id),
            ("name", campaign.name),
            ("status", campaign.status),
            ("paused because", campaign.paused_reason),
            ("scheduled for", campaign.scheduled_at),
            ("started", campaign.started_at),
            ("completed", campaign.completed_at),
        ]
    )
    if campaign.started_at is not None:
        print_line("")
        print_details(_figures(stats))
        print_failures(stats.failures)


def print_failures(failures: Mapping[str, int]) -> None:
    """Print failures by reason, most frequent first."""
    if failures:
        print_line("")
        ordered = sorted(failures.items(), key=lambda item: -item[1])
        rows = [(count, code, reason_in_words(code)) for code, count in ordered]
        print_table(["failed", "code", "why"], rows, right=["failed"], wrap=["why"])


def print_preflight(checked: PreflightView) -> None:
    """Print what starting now would do."""
    limit = checked.messaging_limit
    print_details(
        [
            ("chosen", checked.chosen),
            ("will get it", checked.recipients),
            *((f"left out: {_skip(reason)}", count) for reason, count in checked.skipped.items() if count),
            ("takes about", _duration(checked.duration_seconds)),
            ("people a day", "unlimited" if limit == -1 else limit),
        ]
    )
    if checked.exceeds_messaging_limit:
        say("These are more people than WhatsApp lets this number write to in a day; it will take several.")
    for blocker in checked.blockers:
        print_line(f"in the way: {clean(blocker.message)} [{blocker.code}]")


def watch_campaign(client: ApiClient, campaign_id: str, *, as_json: bool) -> int:
    """Show how a campaign goes until it is over; return the exit code."""
    target = console()
    pace = Pace()
    last: object = None
    campaign: CampaignView | None = None
    is_stopped = False
    live = Live(console=target, auto_refresh=False) if target.is_terminal and not as_json else None
    try:
        if live is not None:
            live.start()
        while True:
            found = look(client, f"/campaigns/{campaign_id}")
            campaign = read(found, CampaignView)
            pace.note(campaign.stats.accepted, time.monotonic())
            if live is not None:
                live.update(_picture(campaign, pace), refresh=True)
            elif found != last:
                print_json_line(found) if as_json else print_line(_line(campaign))
            last = found
            if campaign.status in _OVER:
                break
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        is_stopped = True
    finally:
        if live is not None:
            live.stop()
    if is_stopped or campaign is None:
        say("No longer watching; the campaign goes on.")
        return INTERRUPTED
    if not as_json:
        print_failures(campaign.stats.failures)
    return OK if campaign.status == "completed" else FAILED


class Pace:
    """How fast messages went out during the last seconds."""

    def __init__(self) -> None:
        """Begin without knowledge."""
        self._seen: list[tuple[float, int]] = []

    def note(self, accepted: int, at: float) -> None:
        """Remember a count and when it was read."""
        self._seen.append((at, accepted))
        while len(self._seen) > 2 and at - self._seen[0][0] > _RATE_MEMORY_SECONDS:
            self._seen.pop(0)

    @property
    def messages_per_second(self) -> float:
        """The rate over what is remembered."""
        if len(self._seen) < 2:
            return 0.0
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - began) if ended > began else 0.0


def _picture(campaign: CampaignView, pace: Pace) -> RenderableType:
    stats = campaign.stats
    wanted = max(stats.total - stats.skipped - stats.cancelled, 0)
    done = stats.accepted + stats.failed
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    rate = pace.messages_per_second
    left = max(wanted - done, 0)
    rows = [
        ("status", campaign.status + (f": {campaign.paused_reason}" if campaign.paused_reason else "")),
        *((name, f"{value:,}") for name, value in _figures(stats) if value is not None),
        ("rate", f"{rate:,.0f} messages/s" if rate else ""),
        ("left", f"{left:,}" + (f", about {_duration(left / rate)}" if rate and left else "")),
    ]
    for name, value in rows:
        table.add_row(Text(name, style="dim"), Text(value))
    bar = ProgressBar(total=max(wanted, 1), completed=min(done, wanted), width=60)
    return Group(Text(campaign.name, style="bold"), bar, table)


def _line(campaign: CampaignView) -> str:
    stats = campaign.stats
    return (
        f"{campaign.status}: {stats.accepted:,} of {max(stats.total - stats.skipped, 0):,} sent,"
        f" {stats.delivered:,} delivered, {stats.read:,} read, {stats.replied:,} replied, {stats.failed:,} failed"
    )


def _figures(stats: StatsView) -> list[tuple[str, int | None]]:
    return [
        ("people", stats.total - stats.skipped),
        ("left out", stats.skipped or None),
        ("queued", stats.queued),
        ("sent", stats.accepted),
        ("delivered", stats.delivered),
        ("read", stats.read),
        ("replied", stats.replied),
        ("failed", stats.failed),
        ("in doubt", stats.in_doubt or None),
        ("cancelled", stats.cancelled or None),
        ("opted out", stats.opted_out or None),
    ]


def _skip(reason: str) -> str:
    return reason.replace("_", " ")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
