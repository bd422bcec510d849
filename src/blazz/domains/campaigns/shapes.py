"""Translates between what HTTP carries and what campaigns work with."""

from collections.abc import Mapping
from uuid import UUID

from blazz.domains.campaigns.holding import REASONS
from blazz.domains.campaigns.schemas import (
    AudienceBody,
    AutoPauseBody,
    BlockerView,
    CampaignBody,
    CampaignView,
    ExcludeBody,
    HoldView,
    IncludeBody,
    LogView,
    PreflightView,
    RecipientView,
    StatsView,
    VariableBody,
)
from blazz.domains.campaigns.service import CampaignInput
from blazz.domains.campaigns.types import (
    Audience,
    AutoPause,
    Campaign,
    Exclude,
    Include,
    LogEntry,
    Preflight,
    Recipient,
    Stats,
    VariableSource,
)
from blazz.domains.inbox import MessageStatus
from blazz.kernel.errors import FieldProblem, InvalidInput, Locale, Message
from blazz.kernel.ids import InvalidIdError, decode_id, encode_id

_UNKNOWN_ID = Message(en="This is not an id of the right kind.", id="Ini bukan id dengan jenis yang benar.")


def given_ids(prefix: str, texts: list[str], pointer: str) -> tuple[UUID, ...]:
    """Read ids of a body.

    Raises:
        InvalidInput: names each text that is no id of the kind.

    """
    ids, problems = [], []
    for place, text in enumerate(texts):
        try:
            ids.append(decode_id(prefix, text))
        except InvalidIdError:
            problems.append(FieldProblem(pointer=f"{pointer}/{place}", code="invalid_id", message=_UNKNOWN_ID))
    if problems:
        raise InvalidInput(tuple(problems))
    return tuple(ids)


def given_id(prefix: str, text: str, pointer: str) -> UUID:
    """Read one id of a body.

    Raises:
        InvalidInput: the text is no id of the kind.

    """
    try:
        return decode_id(prefix, text)
    except InvalidIdError:
        raise InvalidInput((FieldProblem(pointer=pointer, code="invalid_id", message=_UNKNOWN_ID),)) from None


def input_of(body: CampaignBody) -> CampaignInput:
    """Read what an editor decided."""
    include, exclude = body.audience.include, body.audience.exclude
    audience = Audience(
        include=Include(
            all=include.all,
            groups=given_ids("grp", include.groups, "/audience/include/groups"),
            categories=given_ids("cat", include.categories, "/audience/include/categories"),
            contacts=given_ids("con", include.contacts, "/audience/include/contacts"),
        ),
        exclude=Exclude(
            received_campaigns=given_ids("cmp", exclude.received_campaigns, "/audience/exclude/received_campaigns"),
            groups=given_ids("grp", exclude.groups, "/audience/exclude/groups"),
        ),
    )
    return CampaignInput(
        name=body.name.strip(),
        number_id=given_id("num", body.number_id, "/number_id"),
        template_id=given_id("tpl", body.template_id, "/template_id"),
        audience=audience,
        variables={
            key: VariableSource(text=source.text, field=source.field, fallback=source.fallback)
            for key, source in body.variables.items()
        },
        auto_pause=AutoPause(
            enabled=body.auto_pause.enabled,
            failure_share=body.auto_pause.failure_share,
            minimum=body.auto_pause.minimum,
        ),
    )


def campaign_view(campaign: Campaign, stats: Stats, locale: Locale) -> CampaignView:
    """Shape a campaign with its counters, and why it waits in the reader's language."""
    include, exclude = campaign.audience.include, campaign.audience.exclude
    return CampaignView(
        id=encode_id("cmp", campaign.id),
        name=campaign.name,
        number_id=encode_id("num", campaign.number_id),
        template_id=encode_id("tpl", campaign.template_id),
        status=campaign.status,
        audience=AudienceBody(
            include=IncludeBody(
                all=include.all,
                groups=[encode_id("grp", item) for item in include.groups],
                categories=[encode_id("cat", item) for item in include.categories],
                contacts=[encode_id("con", item) for item in include.contacts],
            ),
            exclude=ExcludeBody(
                received_campaigns=[encode_id("cmp", item) for item in exclude.received_campaigns],
                groups=[encode_id("grp", item) for item in exclude.groups],
            ),
        ),
        variables={
            key: VariableBody(text=source.text, field=source.field, fallback=source.fallback)
            for key, source in campaign.variables.items()
        },
        auto_pause=AutoPauseBody(
            enabled=campaign.auto_pause.enabled,
            failure_share=campaign.auto_pause.failure_share,
            minimum=campaign.auto_pause.minimum,
        ),
        scheduled_at=campaign.scheduled_at,
        started_at=campaign.started_at,
        prepared_at=campaign.prepared_at,
        completed_at=campaign.completed_at,
        paused_reason=campaign.paused_reason,
        hold=hold_view(campaign.held_reason, locale),
        created_at=campaign.created_at,
        updated_at=campaign.updated_at,
        stats=stats_view(stats),
    )


def hold_view(reason: str | None, locale: Locale) -> HoldView | None:
    """Say why a campaign waits."""
    return None if reason is None else HoldView(code=reason, message=REASONS[reason].render(locale, {}))


def stats_view(stats: Stats) -> StatsView:
    """Shape the counters."""
    return StatsView.model_validate(stats.numbers() | {"failures": dict(stats.failures)})


def preflight_view(found: Preflight, locale: Locale) -> PreflightView:
    """Shape a pre-flight with its blockers in the reader's language."""
    return PreflightView(
        chosen=found.audience.chosen,
        recipients=found.audience.pending,
        skipped=dict(found.audience.skipped),
        missing_variables=found.audience.missing_variables,
        duration_seconds=round(found.duration_seconds, 1),
        messages_per_second=found.messages_per_second,
        messaging_limit=found.messaging_limit,
        exceeds_messaging_limit=found.exceeds_messaging_limit,
        blockers=[
            BlockerView(
                code=item.code, message=item.message.render(locale, dict(item.detail)), detail=_plain(item.detail)
            )
            for item in found.blockers
        ],
    )


def recipient_view(item: Recipient) -> RecipientView:
    """Shape one person of the audience."""
    return RecipientView(
        contact_id=encode_id("con", item.contact_id),
        name=item.name,
        address=item.address,
        state=item.state.name.lower(),
        skip_reason=item.skip_reason,
        message_id=None if item.message_id is None else encode_id("msg", item.message_id),
        message_status=status_word(item.message_status),
        error_code=item.error_code,
        sent_at=item.sent_at,
        delivered_at=item.delivered_at,
        read_at=item.read_at,
        failed_at=item.failed_at,
    )


def log_view(item: LogEntry) -> LogView:
    """Shape one line of the log."""
    return LogView(
        id=encode_id("evt", item.id),
        action=item.action,
        reason=item.reason,
        actor_id=None if item.actor_id is None else encode_id("usr", item.actor_id),
        created_at=item.created_at,
    )


def status_word(status: int | None) -> str | None:
    """Name a message status."""
    return None if status is None else MessageStatus(status).name.lower()


def _plain(detail: Mapping[str, object]) -> dict[str, str | int | float | None]:
    return {key: value if isinstance(value, str | int | float) else str(value) for key, value in detail.items()}
