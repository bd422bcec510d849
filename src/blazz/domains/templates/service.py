"""Reads, lists, previews and removes templates, and applies what the provider tells about them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from blazz.domains.channels.content import (
    ContentProblem,
    RenderedTemplate,
    TemplateDefinition,
    TemplateValue,
    TemplateValuesRefused,
    render_template,
    template_variables,
)
from blazz.domains.channels.inbound import (
    TemplateCategoryChanged,
    TemplateComponentsChanged,
    TemplateQualityChanged,
    TemplateStatusChanged,
)
from blazz.domains.channels.ports import StoredTemplate
from blazz.domains.templates import store
from blazz.domains.templates.errors import PreviewRefused, TemplateNotApproved, TemplateNotFound
from blazz.domains.templates.events import TemplateChanged, TemplateRemoved, TemplatesSynced
from blazz.domains.templates.types import SENDABLE_STATUS, SyncReport, Template, TemplateFilter
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import FieldProblem, Message

TemplateNews = TemplateStatusChanged | TemplateQualityChanged | TemplateCategoryChanged | TemplateComponentsChanged
# Words of news that are no status of their own: the template is again, or still, what it was when it was approved.
_APPROVED_WORDS = frozenset({"APPROVED", "REINSTATED", "UNARCHIVED"})
_NOT_A_STATUS = frozenset({"FLAGGED"})
_BATCH = 500


async def list_templates(
    tx: WorkspaceTx,
    actor: Actor,
    wanted: TemplateFilter | None = None,
    *,
    after: tuple[str, str, UUID] | None = None,
    limit: int = 50,
) -> list[Template]:
    """Return up to ``limit`` templates in the order of names, after a row (name, language, id)."""
    actor.require(Permission.TEMPLATES_READ)
    return await store.list_templates(tx, wanted or TemplateFilter(), after, limit)


async def get_template(tx: WorkspaceTx, actor: Actor, template_id: UUID) -> Template:
    """Return one template.

    Raises:
        TemplateNotFound: it does not exist in this workspace.

    """
    actor.require(Permission.TEMPLATES_READ)
    template = await store.find_template(tx, template_id)
    if template is None:
        raise TemplateNotFound
    return template


async def get_template_by_name(tx: WorkspaceTx, actor: Actor, account_id: UUID, name: str, language: str) -> Template:
    """Return a template of an account by its name and language.

    Raises:
        TemplateNotFound: the account has none of that name in that language.

    """
    actor.require(Permission.TEMPLATES_READ)
    key = await store.find_by_name(tx, account_id, name, language)
    template = None if key is None else await store.find_template(tx, key)
    if template is None:
        raise TemplateNotFound
    return template


def require_sendable(template: Template) -> None:
    """Refuse a template that WhatsApp does not let be sent.

    Raises:
        TemplateNotApproved: its status is another one than approved.

    """
    if template.status != SENDABLE_STATUS:
        raise TemplateNotApproved(name=template.name, status=template.status)


def preview_template(
    definition: TemplateDefinition, values: Mapping[str, TemplateValue]
) -> tuple[RenderedTemplate, tuple[str, ...]]:
    """Fill a template for reading; required variables without a value show their example or ``{{name}}``.

    Returns the filled template and the keys that had no value.

    Raises:
        PreviewRefused: a value is unknown, unfit, or cannot be stood in for.

    """
    filled = dict(values)
    missing: list[str] = []
    for variable in template_variables(definition):
        given = filled.get(variable.key)
        if not variable.required or not (given is None or (isinstance(given, str) and not given.strip())):
            continue
        missing.append(variable.key)
        if variable.kind in {"image", "video", "document", "gif"}:
            filled[variable.key] = "https://example.com/"
        elif variable.kind == "expiration":
            filled[variable.key] = "0"
        elif variable.kind in {"text", "url_suffix", "coupon_code"}:
            filled[variable.key] = variable.example or "{{" + variable.name + "}}"
    try:
        return render_template(definition, filled), tuple(missing)
    except TemplateValuesRefused as error:
        raise PreviewRefused(as_field_problems(error.problems)) from None


def as_field_problems(problems: Sequence[ContentProblem]) -> tuple[FieldProblem, ...]:
    """Put the problems of content into the form of answers."""
    return tuple(
        FieldProblem(pointer=item.pointer, code=item.code, message=Message(en=item.en, id=item.id), data=item.data)
        for item in problems
    )


async def store_listing(
    tx: WorkspaceTx, actor: Actor, account_id: UUID, listed: Sequence[StoredTemplate], began_at: datetime
) -> SyncReport:
    """Keep the provider's whole list of an account: new, changed and vanished templates.

    ``began_at`` is the database's time when the reading began; what was made here since then is left alone.
    """
    actor.require(Permission.TEMPLATES_MANAGE)
    unique = list({(item.definition.name, item.definition.language): item for item in listed}.values())
    changed = 0
    for start in range(0, len(unique), _BATCH):
        rows = await store.upsert_templates(tx, account_id, unique[start : start + _BATCH])
        changed += len(rows)
        tx.publish(*(_changed(tx, row) for row in rows))
    removed = await store.remove_unseen(tx, account_id, began_at)
    tx.publish(*(TemplateRemoved(workspace_id=tx.workspace_id, template_id=key) for key in removed))
    report = SyncReport(seen=len(unique), changed=changed, removed=len(removed))
    tx.publish(
        TemplatesSynced(
            workspace_id=tx.workspace_id,
            account_id=account_id,
            seen=report.seen,
            changed=report.changed,
            removed=report.removed,
        )
    )
    return report


async def store_created(tx: WorkspaceTx, actor: Actor, account_id: UUID, created: StoredTemplate) -> Template:
    """Keep a template the provider has just taken for review."""
    actor.require(Permission.TEMPLATES_MANAGE)
    rows = await store.upsert_templates(tx, account_id, [created])
    tx.publish(*(_changed(tx, row) for row in rows))
    key = await store.find_by_name(tx, account_id, created.definition.name, created.definition.language)
    template = None if key is None else await store.find_template(tx, key)
    if template is None:
        raise TemplateNotFound
    return template


async def remove_template(tx: WorkspaceTx, actor: Actor, template_id: UUID) -> None:
    """Mark a template deleted after the provider has deleted it; a second time changes nothing."""
    actor.require(Permission.TEMPLATES_MANAGE)
    if await store.remove_template(tx, template_id):
        tx.publish(TemplateRemoved(workspace_id=tx.workspace_id, template_id=template_id))


async def apply_template_status(tx: WorkspaceTx, account_id: UUID, news: Sequence[TemplateNews]) -> tuple[UUID, ...]:
    """Apply news about an account's templates in their order; returns the templates that changed.

    News may come late and twice: what the provider told last, by its own time, stays.

    News about templates that are not known here is skipped: the next reading of the list brings them.
    """
    changed: dict[UUID, None] = {}
    for item in news:
        key = await store.find_changed(tx, account_id, item.provider_template_id, item.name, item.language)
        if key is None:
            continue
        if isinstance(item, TemplateStatusChanged) and item.event.upper() == "DELETED":
            if await store.remove_told(tx, key, item.at, item.provider_template_id):
                tx.publish(TemplateRemoved(workspace_id=tx.workspace_id, template_id=key))
                changed[key] = None
            continue
        row = await _apply(tx, key, item)
        if row is not None:
            tx.publish(_changed(tx, row))
            changed[key] = None
    return tuple(changed)


async def _apply(tx: WorkspaceTx, key: UUID, item: TemplateNews) -> asyncpg.Record | None:
    match item:
        case TemplateStatusChanged():
            word = item.event.upper()
            status = SENDABLE_STATUS if word in _APPROVED_WORDS else None if word in _NOT_A_STATUS else word
            reason = None if status == SENDABLE_STATUS or (item.reason or "NONE").upper() == "NONE" else item.reason
            return await store.apply_change(tx, key, status=status, category=item.category, reason=reason, at=item.at)
        case TemplateQualityChanged():
            return await store.apply_change(tx, key, quality=item.current.upper(), at=item.at)
        case TemplateCategoryChanged():
            return await store.apply_change(tx, key, category=item.current, at=item.at)
        case TemplateComponentsChanged():
            # Only a reading of the list brings the new text; see needs_reading.
            return None


def needs_reading(news: Sequence[TemplateNews]) -> bool:
    """Tell whether news asks for a new reading of the account's list, because a text was edited."""
    return any(isinstance(item, TemplateComponentsChanged) for item in news)


def _changed(tx: WorkspaceTx, row: asyncpg.Record) -> TemplateChanged:
    return TemplateChanged(
        workspace_id=tx.workspace_id,
        template_id=row["id"],
        name=row["name"],
        language=row["language"],
        status=row["status"],
        quality=row["quality"],
        category=row["category"],
    )
