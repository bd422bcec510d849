"""Background work of the inbox, bound to the providers of a process."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from blazz.domains.channels import PickProvider, get_sender, number_ref
from blazz.domains.channels.failures import RetryClass
from blazz.domains.channels.ports import ProviderCallFailed
from blazz.domains.inbox import store
from blazz.domains.inbox.media import FetchMedia, MarkRead, UploadMedia, work
from blazz.kernel.jobs import Job
from blazz.kernel.runtime import Runtime

# The provider takes no receipt for messages older than this.
_RECEIPT_WITHIN = timedelta(days=30)


def make_handlers(pick: PickProvider) -> Mapping[type[Job], Callable[[Runtime, Any], Awaitable[None]]]:
    """Bind the jobs to the providers of this process; the composition root registers what comes back."""

    async def run_fetch(runtime: Runtime, job: FetchMedia) -> None:
        await work.fetch(runtime, pick, job)

    async def run_upload(runtime: Runtime, job: UploadMedia) -> None:
        await work.hand_over(runtime, pick, job)

    async def run_mark_read(runtime: Runtime, job: MarkRead) -> None:
        await tell_read(runtime, pick, job)

    return {FetchMedia: run_fetch, UploadMedia: run_upload, MarkRead: run_mark_read}


async def tell_read(runtime: Runtime, pick: PickProvider, job: MarkRead) -> None:
    """Tell the provider that a message was read; what it plainly refuses is not asked again."""
    async with runtime.database.workspace(job.workspace_id) as tx:
        message = await store.find_message(tx, UUID(job.message_id))
        if message is None or message.provider_message_id is None:
            return
        if runtime.clock.now() - message.created_at > _RECEIPT_WITHIN:
            return
        sender = await get_sender(tx, runtime.envelope, message.number_id)
    try:
        provider = pick(sender.provider, sender.base_url)
        await provider.mark_read(number_ref(sender), message.provider_message_id, typing=job.typing)
    except ProviderCallFailed as error:
        if error.failure.retry not in {RetryClass.NO, RetryClass.FIX}:
            raise
