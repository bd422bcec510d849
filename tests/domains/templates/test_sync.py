"""Readings of the provider's list bring what is new, change what changed, and remove what is gone."""

from typing import Any
from uuid import UUID

import pytest

from blazz.domains.channels import AccountNotFound, Number, PickProvider, ProviderAway
from blazz.domains.channels.failures import FailureCode
from blazz.domains.channels.inbound import (
    TemplateCategoryChanged,
    TemplateComponentsChanged,
    TemplateQualityChanged,
    TemplateStatusChanged,
)
from blazz.domains.templates import (
    SyncReport,
    SyncTemplates,
    Template,
    TemplateNotApproved,
    TemplateRefused,
    apply_template_status,
    list_templates,
    make_sync_handler,
    needs_reading,
    require_sendable,
    sync_templates,
)
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.channels.fakes import FakeProvider
from tests.domains.templates.conftest import listed


async def all_templates(runtime: Runtime, workspace: WorkspaceFixture) -> list[Template]:
    async with runtime.database.workspace(workspace.id) as tx:
        return await list_templates(tx, workspace.owner)


async def event_types(runtime: Runtime) -> list[str]:
    async with runtime.database.system() as tx:
        rows = await tx.fetch("SELECT type FROM events WHERE type LIKE 'template%' ORDER BY id")
        return [row["type"] for row in rows]


async def test_a_reading_adds_changes_and_removes(
    runtime: Runtime, workspace: WorkspaceFixture, number: Number, provider: FakeProvider, pick: PickProvider
) -> None:
    provider.templates = [listed("a", key="1"), listed("b", key="2"), listed("b", key="2")]
    assert await sync_templates(runtime, workspace.owner, pick) == SyncReport(seen=2, changed=2, removed=0)
    assert await sync_templates(runtime, workspace.owner, pick) == SyncReport(seen=2, changed=0, removed=0)
    first = (await all_templates(runtime, workspace))[0]
    provider.templates = [listed("a", key="1", status="PAUSED"), listed("c", key="3")]
    assert await sync_templates(runtime, workspace.owner, pick) == SyncReport(seen=2, changed=2, removed=1)
    now = await all_templates(runtime, workspace)
    assert [(item.name, item.status) for item in now] == [("a", "PAUSED"), ("c", "APPROVED")]
    assert now[0].id == first.id
    require_sendable(now[1])
    with pytest.raises(TemplateNotApproved):
        require_sendable(now[0])
    types = await event_types(runtime)
    assert types.count("template.changed") == 4
    assert types.count("template.removed") == 1
    assert types.count("templates.synced") == 3


async def test_a_template_made_again_comes_back_under_its_id(
    runtime: Runtime, workspace: WorkspaceFixture, number: Number, provider: FakeProvider, pick: PickProvider
) -> None:
    await sync_templates(runtime, workspace.owner, pick)
    (before,) = await all_templates(runtime, workspace)
    kept, provider.templates = provider.templates, []
    await sync_templates(runtime, workspace.owner, pick)
    assert await all_templates(runtime, workspace) == []
    provider.templates = kept
    assert (await sync_templates(runtime, workspace.owner, pick)).changed == 1
    assert [item.id for item in await all_templates(runtime, workspace)] == [before.id]


async def test_a_failed_reading_removes_nothing(
    runtime: Runtime, workspace: WorkspaceFixture, number: Number, provider: FakeProvider, pick: PickProvider
) -> None:
    await sync_templates(runtime, workspace.owner, pick)
    provider.fails = FailureCode.PROVIDER_UNAVAILABLE
    with pytest.raises(ProviderAway):
        await sync_templates(runtime, workspace.owner, pick)
    provider.fails = FailureCode.TOKEN_INVALID
    with pytest.raises(TemplateRefused):
        await sync_templates(runtime, workspace.owner, pick)
    assert len(await all_templates(runtime, workspace)) == 1
    with pytest.raises(AccountNotFound):
        await sync_templates(runtime, workspace.owner, pick, new_uuid7())


async def test_the_job_reads_one_account(
    runtime: Runtime, workspace: WorkspaceFixture, number: Number, pick: PickProvider
) -> None:
    job = SyncTemplates(workspace_id=workspace.id, account_id=str(number.account_id))
    assert SyncTemplates.decode(job.encode()) == job
    await make_sync_handler(pick)(runtime, job)
    assert len(await all_templates(runtime, workspace)) == 1


def status(event: str, *, key: str = "1", name: str = "promo", reason: str | None = None) -> TemplateStatusChanged:
    return TemplateStatusChanged(
        provider_account_id="waba1",
        provider_template_id=key,
        name=name,
        language="id",
        event=event,
        reason=reason,
        category=None,
        details={},
    )


async def test_news_moves_status_quality_and_category(
    runtime: Runtime, workspace: WorkspaceFixture, number: Number, pick: PickProvider
) -> None:
    await sync_templates(runtime, workspace.owner, pick)
    told: dict[str, Any] = {
        "provider_account_id": "waba1",
        "provider_template_id": "1",
        "name": "promo",
        "language": "id",
    }
    quality = TemplateQualityChanged(**told, previous="GREEN", current="RED")
    announced = TemplateCategoryChanged(**told, previous=None, current=None, correct="UTILITY")
    moved = TemplateCategoryChanged(**told, previous="MARKETING", current="UTILITY", correct=None)
    edited = TemplateComponentsChanged(**told, details={})

    async def apply(*news: object) -> tuple[UUID, ...]:
        async with runtime.database.workspace(workspace.id) as tx:
            return await apply_template_status(tx, number.account_id, news)  # type: ignore[arg-type]

    (template,) = await all_templates(runtime, workspace)
    assert await apply(status("REJECTED", reason="SCAM"), quality) == (template.id,)
    (now,) = await all_templates(runtime, workspace)
    assert (now.status, now.rejection_reason, now.quality, now.category) == ("REJECTED", "SCAM", "RED", "MARKETING")
    assert await apply(status("REJECTED", reason="SCAM"), announced) == ()
    await apply(status("REINSTATED", reason="NONE"), moved)
    (now,) = await all_templates(runtime, workspace)
    assert (now.status, now.rejection_reason, now.category) == ("APPROVED", None, "UTILITY")
    assert await apply(status("FLAGGED")) == ()
    assert await apply(status("PAUSED", key="77", name="unknown")) == ()
    assert await apply(edited) == ()
    assert needs_reading([edited])
    assert not needs_reading([quality])
    await apply(status("PAUSED", key="not read yet"))
    assert (await all_templates(runtime, workspace))[0].status == "PAUSED"
    assert await apply(status("DELETED")) == (template.id,)
    assert await all_templates(runtime, workspace) == []
