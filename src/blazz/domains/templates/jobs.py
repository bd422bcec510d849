"""Background work of templates."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from blazz.domains.channels import PickProvider
from blazz.domains.templates.remote import sync_templates
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.jobs import Job
from blazz.kernel.runtime import Runtime


class SyncTemplates(Job, frozen=True, kw_only=True):
    """Read the provider's templates of one account, or of all when ``account_id`` is empty."""

    name = "templates.sync"
    timeout_seconds = 300.0
    account_id: str = ""

    def dedupe_key(self) -> str | None:
        """Let one reading per account wait at a time."""
        return f"templates.sync:{self.workspace_id}:{self.account_id}"


def make_sync_handler(pick: PickProvider) -> Callable[[Runtime, SyncTemplates], Awaitable[None]]:
    """Bind the job to the providers of this process; the composition root registers what comes back."""

    async def run_sync(runtime: Runtime, job: SyncTemplates) -> None:
        actor = Actor.system(job.workspace_id, "template sync", Permission.TEMPLATES_MANAGE, Permission.TEMPLATES_READ)
        await sync_templates(runtime, actor, pick, UUID(job.account_id) if job.account_id else None)

    return run_sync
