"""Campaigns over HTTP: parse, call one service function, shape the answer."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from blazz.domains.campaigns import service, shapes, store
from blazz.domains.campaigns.exporting import export_recipients
from blazz.domains.campaigns.schemas import (
    CampaignBody,
    CampaignView,
    LogView,
    PreflightView,
    RecipientView,
    RetryBody,
    RetryView,
    SampleBody,
    SampleView,
    ScheduleBody,
    StatsView,
)
from blazz.domains.campaigns.types import Campaign, CampaignStatus, RecipientState
from blazz.domains.inbox import MessageStatus
from blazz.kernel.actor import Permission
from blazz.kernel.http import Page, Scope, WorkspaceRoute, WorkspaceScope, decode_cursor, page_of, parse_id
from blazz.kernel.http.pages import cursor_uuid
from blazz.kernel.ids import encode_id

router = APIRouter(route_class=WorkspaceRoute, prefix="/campaigns", tags=["campaigns"])
Limit = Annotated[int, Query(ge=1, le=200)]
StateName = Literal["pending", "fed", "skipped", "cancelled"]
StatusName = Literal["queued", "in_doubt", "accepted", "sent", "delivered", "read", "failed", "cancelled"]


@router.get("", operation_id="list_campaigns")
async def list_campaigns(
    scope: WorkspaceScope, status: CampaignStatus | None = None, limit: Limit = 50, cursor: str | None = None
) -> Page[CampaignView]:
    """List campaigns, newest first."""
    before = _position(cursor)
    found = await service.list_campaigns(scope.tx, scope.actor, limit=limit + 1, before=before, status=status)
    stats = await service.list_stats(scope.tx, scope.actor, [item.id for item in found])
    return page_of(
        found,
        limit,
        key=lambda item: (str(item.id),),
        shape=lambda item: shapes.campaign_view(item, stats[item.id], scope.locale),
    )


@router.post("", operation_id="create_campaign", status_code=201)
async def create_campaign(scope: WorkspaceScope, body: CampaignBody) -> CampaignView:
    """Create a draft."""
    now = scope.runtime.clock.now()
    return await _view(scope, await service.create_campaign(scope.tx, scope.actor, shapes.input_of(body), now=now))


@router.get("/{campaign}", operation_id="get_campaign")
async def get_campaign(scope: WorkspaceScope, campaign: str) -> CampaignView:
    """Get one campaign with its counters."""
    return await _view(scope, await service.get_campaign(scope.tx, scope.actor, parse_id("cmp", campaign)))


@router.put("/{campaign}", operation_id="update_campaign")
async def update_campaign(scope: WorkspaceScope, campaign: str, body: CampaignBody) -> CampaignView:
    """Replace a draft or scheduled campaign."""
    scope.actor.require(Permission.CAMPAIGNS_WRITE)
    campaign_id, now = parse_id("cmp", campaign), scope.runtime.clock.now()
    given = shapes.input_of(body)
    return await _view(scope, await service.update_campaign(scope.tx, scope.actor, campaign_id, given, now=now))


@router.delete("/{campaign}", operation_id="delete_campaign", status_code=204)
async def delete_campaign(scope: WorkspaceScope, campaign: str) -> None:
    """Delete a draft or scheduled campaign."""
    now = scope.runtime.clock.now()
    await service.delete_campaign(scope.tx, scope.actor, parse_id("cmp", campaign), now=now)


@router.post("/{campaign}/preflight", operation_id="preflight_campaign")
async def preflight_campaign(scope: WorkspaceScope, campaign: str) -> PreflightView:
    """Count the audience exactly, estimate the duration and list the blockers, without changing anything."""
    now = scope.runtime.clock.now()
    found = await service.preflight_campaign(scope.tx, scope.actor, parse_id("cmp", campaign), now=now)
    return shapes.preflight_view(found, scope.locale)


@router.post("/{campaign}/schedule", operation_id="schedule_campaign")
async def schedule_campaign(scope: WorkspaceScope, campaign: str, body: ScheduleBody) -> CampaignView:
    """Let a campaign start by itself, or make it a draft again with a null time."""
    campaign_id, now = parse_id("cmp", campaign), scope.runtime.clock.now()
    if body.at is None:
        return await _view(scope, await service.unschedule_campaign(scope.tx, scope.actor, campaign_id, now=now))
    return await _view(scope, await service.schedule_campaign(scope.tx, scope.actor, campaign_id, body.at, now=now))


@router.post("/{campaign}/start", operation_id="start_campaign")
async def start_campaign(scope: WorkspaceScope, campaign: str) -> CampaignView:
    """Start now."""
    now = scope.runtime.clock.now()
    return await _view(scope, await service.start_campaign(scope.tx, scope.actor, parse_id("cmp", campaign), now=now))


@router.post("/{campaign}/pause", operation_id="pause_campaign")
async def pause_campaign(scope: WorkspaceScope, campaign: str) -> CampaignView:
    """Stop sending until resumed; what is on the wire finishes."""
    now = scope.runtime.clock.now()
    return await _view(scope, await service.pause_campaign(scope.tx, scope.actor, parse_id("cmp", campaign), now=now))


@router.post("/{campaign}/resume", operation_id="resume_campaign")
async def resume_campaign(scope: WorkspaceScope, campaign: str) -> CampaignView:
    """Go on after a pause."""
    now = scope.runtime.clock.now()
    return await _view(scope, await service.resume_campaign(scope.tx, scope.actor, parse_id("cmp", campaign), now=now))


@router.post("/{campaign}/cancel", operation_id="cancel_campaign")
async def cancel_campaign(scope: WorkspaceScope, campaign: str) -> CampaignView:
    """End the campaign for good."""
    now = scope.runtime.clock.now()
    return await _view(scope, await service.cancel_campaign(scope.tx, scope.actor, parse_id("cmp", campaign), now=now))


@router.post("/{campaign}/retry-failed", operation_id="retry_failed_recipients")
async def retry_failed(scope: WorkspaceScope, campaign: str, body: RetryBody | None = None) -> RetryView:
    """Send again to those whose message failed."""
    scope.actor.require(Permission.CAMPAIGNS_SEND)
    wanted = None
    if body is not None and body.contacts is not None:
        wanted = shapes.given_ids("con", body.contacts, "/contacts")
    campaign_id, now = parse_id("cmp", campaign), scope.runtime.clock.now()
    found, people = await service.retry_failed(scope.tx, scope.actor, campaign_id, now=now, contact_ids=wanted)
    return RetryView(campaign=await _view(scope, found), retried=people)


@router.post("/{campaign}/test", operation_id="test_campaign", status_code=202)
async def test_campaign(scope: WorkspaceScope, campaign: str, body: SampleBody) -> SampleView:
    """Send the campaign's message to one to five contacts to look at it."""
    campaign_id, now = parse_id("cmp", campaign), scope.runtime.clock.now()
    sent = await service.send_test(scope.tx, scope.actor, campaign_id, body.numbers, now=now)
    return SampleView(message_ids=[encode_id("msg", item) for item in sent])


@router.get("/{campaign}/stats", operation_id="get_campaign_stats")
async def get_stats(scope: WorkspaceScope, campaign: str) -> StatsView:
    """Get the counters."""
    return shapes.stats_view(await service.get_stats(scope.tx, scope.actor, parse_id("cmp", campaign)))


@router.get("/{campaign}/recipients", operation_id="list_campaign_recipients")
async def list_recipients(
    scope: WorkspaceScope,
    campaign: str,
    state: StateName | None = None,
    message_status: StatusName | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[RecipientView]:
    """List the frozen audience with what became of each message."""
    found = await service.list_recipients(
        scope.tx,
        scope.actor,
        parse_id("cmp", campaign),
        limit=limit + 1,
        after=_position(cursor),
        state=_state(state),
        statuses=None if message_status is None else [MessageStatus[message_status.upper()]],
    )
    return page_of(found, limit, key=lambda item: (str(item.contact_id),), shape=shapes.recipient_view)


@router.get(
    "/{campaign}/recipients.csv",
    operation_id="export_campaign_recipients",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export(scope: WorkspaceScope, campaign: str, state: StateName | None = None) -> StreamingResponse:
    """Download the frozen audience with its outcomes as CSV."""
    scope.actor.require(Permission.CONTACTS_EXPORT)
    campaign_id = parse_id("cmp", campaign)
    await service.get_campaign(scope.tx, scope.actor, campaign_id)
    pieces = export_recipients(scope.runtime, scope.actor, campaign_id, _state(state))
    headers = {"content-disposition": f'attachment; filename="{encode_id("cmp", campaign_id)}.csv"'}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{campaign}/log", operation_id="list_campaign_log")
async def list_log(scope: WorkspaceScope, campaign: str, limit: Limit = 50, cursor: str | None = None) -> Page[LogView]:
    """List who or what changed the campaign, newest first."""
    campaign_id, before = parse_id("cmp", campaign), _position(cursor)
    found = await service.list_log(scope.tx, scope.actor, campaign_id, limit=limit + 1, before=before)
    return page_of(found, limit, key=lambda item: (str(item.id),), shape=shapes.log_view)


async def _view(scope: Scope, campaign: Campaign) -> CampaignView:
    # Straight from the store: whoever may act on a campaign may see its counters, also without the right to read others.
    return shapes.campaign_view(campaign, await store.get_stats(scope.tx, campaign.id), scope.locale)


def _position(cursor: str | None) -> UUID | None:
    values = decode_cursor(cursor, 1)
    return None if values is None else cursor_uuid(values[0])


def _state(name: StateName | None) -> RecipientState | None:
    return None if name is None else RecipientState[name.upper()]
