"""What fits where: providers, jobs, routers and the sink of outcomes, listed explicitly."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg
import structlog
from pydantic import SecretStr

from blazz.adapters.providers.meta_cloud import MetaCloudProvider, MetaCloudSettings
from blazz.domains import campaigns, contacts, inbox
from blazz.domains.channels import UnknownProvider, WebhookSecrets
from blazz.domains.channels.ports import Provider
from blazz.domains.inbox.jobs import make_handlers as make_inbox_handlers
from blazz.domains.templates import SyncTemplates, make_sync_handler
from blazz.kernel.clock import SystemClock
from blazz.kernel.clock_sync import follow_database_clock
from blazz.kernel.config import Settings
from blazz.kernel.db import Database, Listeners, MakePartitions, PoolSizes
from blazz.kernel.jobs import Job
from blazz.kernel.runtime import Runtime
from blazz.kernel.security import Envelope
from blazz.main.local_database import running_url
from blazz.migrations import ensure_partitions
from blazz.migrations.runner import role_urls

_log = structlog.get_logger()
JobHandler = Callable[..., Awaitable[None]]


class Providers:
    """One adapter per provider and address, made when first needed."""

    def __init__(self, settings: Settings) -> None:
        """Remember how adapters are set up."""
        self._settings = settings
        self._made: dict[tuple[str, str], MetaCloudProvider] = {}

    def pick(self, provider: str, base_url: str | None) -> Provider:
        """Find the adapter of a provider at an address; None is the usual address.

        Raises:
            UnknownProvider: this installation does not speak to it.

        """
        if provider != "meta_cloud":
            raise UnknownProvider(provider=provider)
        address = base_url or self._settings.meta_base_url
        key = (provider, address)
        if key not in self._made:
            self._made[key] = MetaCloudProvider(
                MetaCloudSettings(
                    base_url=address, api_version=self._settings.meta_version, http=self._settings.send_client
                )
            )
        return self._made[key]

    async def aclose(self) -> None:
        """Close every connection."""
        for provider in self._made.values():
            await provider.aclose()


def job_handlers(providers: Providers) -> dict[type[Job], JobHandler]:
    """List every job with the function that runs it."""
    return {
        **campaigns.JOBS,
        **contacts.JOBS,
        **make_inbox_handlers(providers.pick),
        SyncTemplates: make_sync_handler(providers.pick),
    }


def event_listeners() -> Listeners:
    """List who follows which event in the very transaction that publishes it."""
    return {contacts.ContactsMerged: (inbox.follow_merge,)}


def webhook_secrets(runtime: Runtime) -> WebhookSecrets:
    """Make what knows the secrets that webhooks are verified with."""
    settings = runtime.settings
    return WebhookSecrets(
        runtime.database,
        runtime.envelope,
        app_secret=_reveal(settings.meta_app_secret) or "",
        verify_token=_reveal(settings.meta_verify_token) or "",
    )


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def partition_maker(owner_url: str) -> MakePartitions:
    """Make what looks after partitions on a connection of the owner, because the working roles own nothing."""

    async def make(at: datetime) -> None:
        connection = await asyncpg.connect(owner_url, timeout=10)
        try:
            made = await ensure_partitions(connection, at, months_behind=1, ahead=1)
        finally:
            await connection.close()
        if made:
            _log.warning("partitions were missing and have been made", partitions=made)

    return make


async def open_runtime(
    settings: Settings, name: str, *, pool_size: int | None = None, batches: bool = False
) -> Runtime:
    """Open the database pools of a process; the database itself must run already. See ``Database`` for ``batches``."""
    size = pool_size or settings.database_pool_size
    urls = role_urls(
        running_url(settings),
        settings.key,
        app=_reveal(settings.database_app_url),
        system=_reveal(settings.database_system_url),
    )
    database = Database(
        urls,
        PoolSizes(app=size, system=max(4, size // 2)),
        through_pooler=settings.database_pooler,
        batches=batches,
        application_name=f"blazz {name}",
        listeners=event_listeners(),
        make_partitions=partition_maker(urls.owner),
    )
    await database.open()
    await follow_database_clock(database)
    return Runtime(settings=settings, database=database, clock=SystemClock(), envelope=Envelope(settings.key))
