"""Reconciles the demo: what we believe against what the provider knows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blazz.adapters.providers.simulator.acceptance_log import AcceptanceLog
from blazz.domains.campaigns import Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """The figures of one demo; ``lost`` and ``duplicated`` come from the provider's own acceptance log."""

    rows: int
    imported: int
    rejected: int
    duplicates: int
    recipients: int
    accepted_by_provider: int
    delivered: int
    read: int
    replied: int
    failed: int
    lost: int
    duplicated: int
    seconds: float

    def reconciles(self, *, counters_ok: bool) -> bool:
        """Tell whether every row is accounted for and everyone got the campaign exactly once."""
        return (
            counters_ok
            and self.lost == 0
            and self.duplicated == 0
            and self.imported + self.rejected + self.duplicates == self.rows
            and self.accepted_by_provider == self.recipients
        )


def accepted_opaque_ids(log_path: Path, *, templates_only: bool = True) -> Counter[str]:
    """Count acceptances by the id we sent along: the campaign's templates, or confirmations of STOP words as well."""
    log = AcceptanceLog(log_path)
    try:
        return Counter(entry.opaque or "" for entry in log.read() if entry.template or not templates_only)
    finally:
        log.close()


def make_report(
    counts: Mapping[str, int], rows: int, stats: Stats, accepted: Counter[str], seconds: float
) -> DemoReport:
    """Put the import's counts, the campaign's counters and the acceptance log side by side."""
    recipients = stats.total - stats.skipped
    return DemoReport(
        rows=rows,
        imported=counts.get("created", 0) + counts.get("updated", 0) + counts.get("unchanged", 0),
        rejected=counts.get("invalid", 0),
        duplicates=counts.get("duplicate", 0),
        recipients=recipients,
        accepted_by_provider=sum(accepted.values()),
        delivered=stats.delivered,
        read=stats.read,
        replied=stats.replied,
        failed=stats.failed,
        lost=max(0, recipients - len(accepted)),
        duplicated=sum(count - 1 for count in accepted.values()),
        seconds=round(seconds, 1),
    )
