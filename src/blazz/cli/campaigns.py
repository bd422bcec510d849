"""``blazz campaigns``: one message to many people, from draft to the last status."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from blazz.cli.api_client import ApiClient, read, segment
from blazz.cli.campaigns_create import create
from blazz.cli.campaigns_view import print_campaign, print_preflight, watch_campaign
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.endings import CONFLICT, FAILED, OK, USAGE, CommandRefused
from blazz.cli.finding import find_campaign
from blazz.cli.output import confirm, give, make_group, say
from blazz.cli.tables import print_table
from blazz.cli.views import CampaignView, LogView, PreflightView, RecipientView, RetryView

app = make_group("campaigns", "Create, check, start, watch, pause and cancel campaigns.")
app.command(create, name="create")
Yes = Annotated[bool, Parameter(name=["--yes", "-y"])]


@app.command(name="list")
def list_campaigns(*, status: str | None = None, limit: int = 20, api: Api = DEFAULT_API) -> None:
    """List campaigns, newest first.

    Parameters
    ----------
    status
        Only this state: draft, scheduled, running, paused, completed, cancelled or failed.
    limit
        How many to show; 20 when left out.

    """
    found = list(connect(api).pages("/campaigns", {"status": status}, limit=limit))

    def show_it() -> None:
        if not found:
            say("There is no campaign. `blazz campaigns create` drafts one.")
            return
        rows = [read(item, CampaignView) for item in found]
        print_table(
            ["id", "name", "status", "people", "sent", "delivered", "read", "replied", "failed", "started"],
            [
                (
                    row.id,
                    row.name,
                    row.status,
                    row.stats.total - row.stats.skipped,
                    row.stats.accepted,
                    row.stats.delivered,
                    row.stats.read,
                    row.stats.replied,
                    row.stats.failed,
                    row.started_at or row.scheduled_at,
                )
                for row in rows
            ],
            right=["people", "sent", "delivered", "read", "replied", "failed"],
        )

    give(found, show_it, as_json=api.as_json)


@app.command
def preflight(campaign: str, /, *, api: Api = DEFAULT_API) -> int:
    """Show what starting now would do: how many people, how long, and what stands in the way. Exit code 5 for blockers.

    Parameters
    ----------
    campaign
        Id or name.

    """
    client = connect(api)
    found = client.post(f"/campaigns/{find_campaign(client, campaign).id}/preflight")
    checked = read(found, PreflightView)
    give(found, lambda: print_preflight(checked), as_json=api.as_json)
    return CONFLICT if checked.blockers else OK


@app.command
def start(campaign: str, /, *, yes: Yes = False, watch: bool = False, api: Api = DEFAULT_API) -> int:
    """Start sending now, after showing to how many people.

    Parameters
    ----------
    campaign
        Id or name.
    yes
        Do not ask.
    watch
        Stay and show how it goes.

    """
    client = connect(api)
    held = find_campaign(client, campaign)
    checked = read(client.post(f"/campaigns/{held.id}/preflight"), PreflightView)
    if checked.blockers:
        if not api.as_json:
            print_preflight(checked)
        reasons = "\n".join(f"  {item.message} [{item.code}]" for item in checked.blockers)
        raise CommandRefused(f"{held.name} cannot start:\n{reasons}", CONFLICT)
    confirm(f"Send “{held.name}” to {checked.recipients:,} people?", yes=yes)
    started = client.post(f"/campaigns/{held.id}/start")
    if watch:
        return watch_campaign(client, held.id, as_json=api.as_json)

    def show_it() -> None:
        say(f"Sending to {checked.recipients:,} people. `blazz campaigns watch {held.id}` shows how it goes.")

    give(started, show_it, as_json=api.as_json)
    return OK


@app.command
def schedule(campaign: str, /, *, at: str | None = None, cancel: bool = False, api: Api = DEFAULT_API) -> None:
    """Let a campaign start by itself, or take that back.

    Parameters
    ----------
    campaign
        Id or name.
    at
        When, as 2027-01-31T09:00; without an offset it is the workspace's own time.
    cancel
        Make it a draft again.

    """
    if (at is None) != cancel:
        raise CommandRefused("Say when with --at, or --cancel.", USAGE)
    if at is not None:
        try:
            datetime.fromisoformat(at)
        except ValueError:
            raise CommandRefused(f"“{at}” is no time; write it like 2027-01-31T09:00.", USAGE) from None
    client = connect(api)
    _move(client, f"{find_campaign(client, campaign).id}/schedule", api, {"at": at})


@app.command
def pause(campaign: str, /, *, api: Api = DEFAULT_API) -> None:
    """Stop sending until resumed; what is on its way arrives.

    Parameters
    ----------
    campaign
        Id or name.

    """
    client = connect(api)
    _move(client, f"{find_campaign(client, campaign).id}/pause", api)


@app.command
def resume(campaign: str, /, *, api: Api = DEFAULT_API) -> None:
    """Go on after a pause.

    Parameters
    ----------
    campaign
        Id or name.

    """
    client = connect(api)
    _move(client, f"{find_campaign(client, campaign).id}/resume", api)


@app.command
def cancel(campaign: str, /, *, yes: Yes = False, api: Api = DEFAULT_API) -> None:
    """End a campaign for good; who has not got it by now never will.

    Parameters
    ----------
    campaign
        Id or name.
    yes
        Do not ask.

    """
    client = connect(api)
    held = find_campaign(client, campaign)
    confirm(f"Cancel “{held.name}” for good?", yes=yes)
    _move(client, f"{held.id}/cancel", api)


@app.command
def delete(campaign: str, /, *, yes: Yes = False, api: Api = DEFAULT_API) -> None:
    """Delete a draft or scheduled campaign.

    Parameters
    ----------
    campaign
        Id or name.
    yes
        Do not ask.

    """
    client = connect(api)
    held = find_campaign(client, campaign)
    confirm(f"Delete “{held.name}”?", yes=yes)
    client.delete(f"/campaigns/{held.id}")
    give({"id": held.id, "deleted": True}, lambda: say("Deleted."), as_json=api.as_json)


@app.command
def retry_failed(campaign: str, /, *, yes: Yes = False, api: Api = DEFAULT_API) -> None:
    """Send again to those whose message failed, where that can help.

    Parameters
    ----------
    campaign
        Id or name.
    yes
        Do not ask.

    """
    client = connect(api)
    held = find_campaign(client, campaign)
    confirm(f"Send “{held.name}” again to those of {held.stats.failed:,} where it failed?", yes=yes)
    done = client.post(f"/campaigns/{held.id}/retry-failed")
    give(done, lambda: say(f"Sending again to {read(done, RetryView).retried:,} people."), as_json=api.as_json)


@app.command(name="test-send")
def send_test(
    campaign: str,
    to: Annotated[list[str], Parameter(consume_multiple=True)],
    /,
    *,
    api: Api = DEFAULT_API,
) -> None:
    """Send the campaign's message to one to five contacts, to look at it.

    Parameters
    ----------
    campaign
        Id or name.
    to
        Phone numbers of contacts.

    """
    client = connect(api)
    done = client.post(f"/campaigns/{find_campaign(client, campaign).id}/test", {"numbers": to})
    give(done, lambda: say(f"Sent to {len(to)}; look at the phone."), as_json=api.as_json)


@app.command
def show(campaign: str, /, *, api: Api = DEFAULT_API) -> None:
    """Show a campaign with its counters and its failures by reason.

    Parameters
    ----------
    campaign
        Id or name.

    """
    client = connect(api)
    found = client.get(f"/campaigns/{find_campaign(client, campaign).id}")
    give(found, lambda: print_campaign(read(found, CampaignView)), as_json=api.as_json)


@app.command
def watch(campaign: str, /, *, api: Api = DEFAULT_API) -> int:
    """Show live how a campaign goes, until it is over. Ctrl-C stops watching, not sending.

    With --json each change is one line. Exit code 1 when the campaign was cancelled or failed.

    Parameters
    ----------
    campaign
        Id or name.

    """
    client = connect(api)
    return watch_campaign(client, find_campaign(client, campaign).id, as_json=api.as_json)


@app.command
def recipients(
    campaign: str,
    /,
    *,
    status: str | None = None,
    limit: int = 50,
    csv: Path | None = None,
    api: Api = DEFAULT_API,
) -> None:
    """List who the campaign is for and what became of each message.

    Parameters
    ----------
    campaign
        Id or name.
    status
        Only this state of the message: queued, accepted, sent, delivered, read, failed, in_doubt or cancelled.
    limit
        How many to show; 50 when left out.
    csv
        Write everyone to this file instead.

    """
    client = connect(api)
    key = find_campaign(client, campaign).id
    if csv is not None:
        _save(client, key, csv)
        give({"id": key, "file": str(csv)}, lambda: say(f"Everyone is in {csv}."), as_json=api.as_json)
        return
    found = list(client.pages(f"/campaigns/{key}/recipients", {"message_status": status}, limit=limit))
    rows = [read(item, RecipientView) for item in found]

    def show_it() -> None:
        print_table(
            ["contact", "number", "name", "message", "why not", "sent", "delivered"],
            [
                (
                    row.contact_id,
                    row.address,
                    row.name,
                    row.message_status or row.state,
                    row.error_code or row.skip_reason,
                    row.sent_at,
                    row.delivered_at,
                )
                for row in rows
            ],
        )

    give(found, show_it, as_json=api.as_json)


@app.command
def log(campaign: str, /, *, limit: int = 50, api: Api = DEFAULT_API) -> None:
    """List who or what changed a campaign, newest first.

    Parameters
    ----------
    campaign
        Id or name.
    limit
        How many to show; 50 when left out.

    """
    client = connect(api)
    found = list(client.pages(f"/campaigns/{find_campaign(client, campaign).id}/log", limit=limit))
    rows = [read(item, LogView) for item in found]
    table = [(row.created_at, row.action, row.reason, row.actor_id) for row in rows]
    give(found, lambda: print_table(["when", "what", "why", "user"], table), as_json=api.as_json)


def _move(client: ApiClient, door: str, api: Api, body: object = None) -> None:
    done = client.post(f"/campaigns/{door}", body)
    campaign = read(done, CampaignView)
    at = f" for {campaign.scheduled_at.astimezone():%Y-%m-%d %H:%M %Z}" if campaign.scheduled_at else ""
    give(done, lambda: say(f"“{campaign.name}” is {campaign.status}{at}."), as_json=api.as_json)


def _save(client: ApiClient, campaign: str, file: Path) -> None:
    try:
        with file.open("wb") as target:
            client.download(f"/campaigns/{segment(campaign)}/recipients.csv", target)
    except OSError as error:
        raise CommandRefused(f"Cannot write {file} ({error.strerror}).", FAILED) from error
