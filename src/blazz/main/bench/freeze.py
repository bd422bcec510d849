"""``bench freeze``: the start of a campaign to very many people, against a bare INSERT..SELECT of the same rows."""

import time
from dataclasses import dataclass

import asyncpg
import msgspec

from blazz.domains import campaigns
from blazz.domains.campaigns import start_campaign
from blazz.kernel.config import Settings
from blazz.main.bench.machine import peak_resident_mb
from blazz.main.bench.place import Place, Say, open_place
from blazz.main.local_database import running_url

# One text, because it makes what it writes to; both statements together are what a bare freeze would cost.
_BASELINE = """
CREATE TEMPORARY TABLE bare (
    workspace_id bigint NOT NULL, campaign_id uuid NOT NULL, contact_id uuid NOT NULL, state smallint NOT NULL,
    address text NOT NULL, skip_reason text, PRIMARY KEY (workspace_id, campaign_id, contact_id)
);
INSERT INTO bare SELECT workspace_id, id, id, 0, phone, NULL FROM contacts;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeFigures:
    """Seconds from the start command to the running campaign; the process must not grow with the audience."""

    recipients: int
    seconds: float
    rows_per_second: float
    rss_growth_mb: float
    baseline_seconds: float
    ratio: float


async def bench_freeze(settings: Settings, recipients: int, say: Say) -> FreezeFigures:
    """Measure the freeze, with everything it checks, and the bare insert in the same minute."""
    async with open_place(settings) as place:
        say(f"storing {recipients} people")
        await place.add_people(recipients)
        before = peak_resident_mb()
        say("starting the campaign")
        seconds = await _freeze(place)
        growth = peak_resident_mb() - before
        say("baseline: INSERT..SELECT of the same rows into a bare table with the same key")
        baseline = await _bare_insert(place)
    return FreezeFigures(
        recipients=recipients,
        seconds=round(seconds, 2),
        rows_per_second=round(recipients / seconds, 1),
        rss_growth_mb=round(growth, 1),
        baseline_seconds=round(baseline, 2),
        ratio=round(baseline / seconds, 3),
    )


async def _freeze(place: Place) -> float:
    campaign = await place.draft_campaign()
    database, now = place.runtime.database, place.runtime.clock.now()
    started = time.monotonic()
    async with database.workspace(place.workspace_id) as tx:
        await start_campaign(tx, place.owner, campaign.id, now=now)
    # Deferred by the start for the worker; here it runs in this process, whose memory is measured.
    prepare = next(kind for kind in campaigns.JOBS if kind.name == "campaigns.prepare")
    job = prepare.decode(msgspec.json.encode({"workspace_id": place.workspace_id, "campaign_id": str(campaign.id)}))
    await campaigns.JOBS[prepare](place.runtime, job)
    seconds = time.monotonic() - started
    status, _ = await place.watch(campaign.id)
    if status != "running":
        msg = f"the campaign is {status} instead of running"
        raise RuntimeError(msg)
    return seconds


async def _bare_insert(place: Place) -> float:
    connection = await asyncpg.connect(running_url(place.runtime.settings))
    try:
        started = time.monotonic()
        await connection.execute(_BASELINE)
        return time.monotonic() - started
    finally:
        await connection.close()
