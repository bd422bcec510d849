"""Moves files between us and the provider; no transaction is open meanwhile."""

from datetime import timedelta
from uuid import UUID

import structlog

from blazz.domains.channels import PickProvider, get_sender, number_ref
from blazz.domains.channels.content import MEDIA_LIMITS, MediaKind
from blazz.domains.channels.failures import FailureCode, RetryClass, SendFailure
from blazz.domains.channels.ports import MediaTooLarge, MediaUpload, ProviderCallFailed
from blazz.domains.inbox.events import MediaArrived
from blazz.domains.inbox.media import store
from blazz.domains.inbox.media.incoming import FileTooLarge, Incoming, keep, receive_file
from blazz.domains.inbox.media.jobs_types import FetchMedia, UploadMedia
from blazz.domains.inbox.media.store import SQL
from blazz.domains.inbox.media.types import Media
from blazz.kernel.jobs import Job
from blazz.kernel.runtime import Runtime

_log = structlog.get_logger()
# Uploaded files live 30 days at the provider; a day less spares a send with an id that runs out on the way.
_UPLOAD_LIFETIME = timedelta(days=29)
_LEAST_LIMIT_BYTES = 16 * 1024 * 1024


class CutShort(Exception):
    """Fewer bytes came than the provider had announced; the next try may get all of them."""


async def fetch(runtime: Runtime, pick: PickProvider, job: FetchMedia) -> None:
    """Fetch a received file once, store it and tell its message; a last failure is kept with its reason."""
    media_id = UUID(job.media_id)
    async with runtime.database.workspace(job.workspace_id) as tx:
        media = await store.find_media(tx, media_id)
        if media is None or media.state != "waiting" or media.number_id is None or media.provider_media_id is None:
            return
        sender = await get_sender(tx, runtime.envelope, media.number_id)
    provider = pick(sender.provider, sender.base_url)
    limit = _limit(media)
    try:
        async with (
            provider.fetch_media(number_ref(sender), media.provider_media_id, max_bytes=limit) as download,
            receive_file(runtime, download.chunks, limit) as incoming,
        ):
            _require_whole(download.info.size_bytes, incoming)
            key = await keep(runtime, job.workspace_id, media_id, incoming)
            await _stored(runtime, job.workspace_id, media_id, incoming, key)
    except (MediaTooLarge, FileTooLarge):
        await _failed(runtime, job.workspace_id, media_id, FailureCode.MEDIA_TOO_LARGE)
    except (ProviderCallFailed, CutShort) as error:
        failure = error.failure if isinstance(error, ProviderCallFailed) else None
        if not _is_final(job, failure):
            raise
        await _failed(runtime, job.workspace_id, media_id, FailureCode.MEDIA_NOT_FETCHED)


async def hand_over(runtime: Runtime, pick: PickProvider, job: UploadMedia) -> None:
    """Upload a stored file for one number and remember what the provider calls it."""
    media_id, number_id = UUID(job.media_id), UUID(job.number_id)
    async with runtime.database.workspace(job.workspace_id) as tx:
        media = await store.find_media(tx, media_id)
        rows = await tx.fetch(SQL["uploads_of"], tx.workspace_id, [media_id], number_id)
        if media is None or media.storage_key is None or rows[0]["provider_media_id"] is not None:
            return
        sender = await get_sender(tx, runtime.envelope, number_id)
    provider = pick(sender.provider, sender.base_url)
    try:
        file = await runtime.files.open(media.storage_key)
        upload = MediaUpload(
            kind=MediaKind(media.kind),
            mime_type=media.mime_type,
            filename=media.file_name or media.kind,
            size_bytes=file.size_bytes,
            chunks=file.chunks,
        )
        provider_media_id = await provider.upload_media(number_ref(sender), upload)
    except (ProviderCallFailed, FileNotFoundError) as error:
        failure = error.failure if isinstance(error, ProviderCallFailed) else None
        if isinstance(error, ProviderCallFailed) and not _is_final(job, failure):
            raise
        _log.warning("a file could not be handed to the provider", media_id=job.media_id, problem=str(error))
        code = FailureCode.MEDIA_REFUSED if failure is None else failure.code
        async with runtime.database.workspace(job.workspace_id) as tx:
            await store.fail_upload(tx, media_id, number_id, code.value)
        return
    async with runtime.database.workspace(job.workspace_id) as tx:
        await store.remember_upload(tx, media_id, number_id, provider_media_id, _UPLOAD_LIFETIME)


def _require_whole(announced: int | None, incoming: Incoming) -> None:
    if announced not in {None, incoming.size_bytes}:
        raise CutShort


def _is_final(job: Job, failure: SendFailure | None) -> bool:
    """Tell whether another try is pointless: the provider's answer is a plain no, or this was the last one."""
    if job.attempt + 1 >= job.attempts:
        return True
    # An address that did not work is asked for anew with the next try.
    passing = failure is None or failure.code is FailureCode.MEDIA_NOT_FETCHED
    return not passing and failure is not None and failure.retry in {RetryClass.NO, RetryClass.FIX}


def _limit(media: Media) -> int:
    return max(_LEAST_LIMIT_BYTES, MEDIA_LIMITS[MediaKind(media.kind)].max_bytes)


async def _stored(runtime: Runtime, workspace_id: int, media_id: UUID, incoming: Incoming, key: str) -> None:
    async with runtime.database.workspace(workspace_id) as tx:
        mime_type = incoming.detected.mime_type
        row = await tx.fetchrow(
            SQL["store_fetched"], workspace_id, media_id, mime_type, incoming.size_bytes, incoming.sha256, key
        )
        if row is not None and row["message_id"] is not None:
            await tx.execute(SQL["note_media"], workspace_id, row["message_id"], "stored", mime_type)
            tx.publish(
                MediaArrived(workspace_id=workspace_id, media_id=media_id, message_id=row["message_id"], state="stored")
            )


async def _failed(runtime: Runtime, workspace_id: int, media_id: UUID, code: FailureCode) -> None:
    async with runtime.database.workspace(workspace_id) as tx:
        row = await tx.fetchrow(SQL["fail_fetch"], workspace_id, media_id, code.value)
        if row is not None and row["message_id"] is not None:
            await tx.execute(SQL["note_media"], workspace_id, row["message_id"], "failed", None)
            tx.publish(
                MediaArrived(workspace_id=workspace_id, media_id=media_id, message_id=row["message_id"], state="failed")
            )
